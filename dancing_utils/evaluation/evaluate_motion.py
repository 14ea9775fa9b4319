"""How good are generated dances? The table of measures, beside the truth, baselines and chance.

Songs are held-out ones, as ``held_out_songs.read_songs`` chooses them. What cannot be measured on them is - in the
table, and a sentence below it says why.

    truth               the choreographer's dances, or MediaPipe's poses
    mean pose           the mean of all training poses, standing still
    groove              two bars of one training dance again and again, stretched to the beats that are heard
    nearest             for every two seconds the training dance whose sound is nearest
    other song          the LSTM-VAE dances to the sound of another song: what it would score if it did not listen
    seed 0, 1, ...      the LSTM-VAE, once a seed

Notebook: 04_better_motion.ipynb
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm.auto import tqdm

from dancing_utils import FPS
from dancing_utils.evaluation import families, held_out_songs, motion_baselines, motion_metrics
from dancing_utils.evaluation.held_out_songs import Song
from dancing_utils.evaluation.tables import print_table
from dancing_utils.motion import kinetics, lstm_vae
from dancing_utils.pose.landmarks import MAIN_JOINTS, to_pixels
from dancing_utils.training import read_seen

MEASURES = {  # name -> what it is
    "music to motion": "beats of the music that the dance answers, 0 to 1",
    "motion to music": "beats of the dance that lie on the music's, 0 to 1",
    "percentile": "of these two among 200 alignments with other songs' beats (the lower)",
    "speed": "mean speed, as a share of the truth's",
    "jitter": "mean jerk, as a share of the truth's",
    "diversity": "distance between two windows, as a share of the truth's",
    "foot slide": "share of the frames on the floor that slide, over the truth's",
    "Fréchet": "Fréchet distance of kinetic features from the truth",
    "family": "windows in which a classifier of moves sees the family that was danced",
    "repetition": "share of the phrases of four beats that were danced before",
}


# --- the table -----------------------------------------------------------------------------------------------------


def motion_beats_of(poses: np.ndarray) -> np.ndarray:
    """Motion beats (n,) in seconds of the 12 main joints."""
    return motion_metrics.motion_beats(to_pixels(poses)[:, list(MAIN_JOINTS)])


def measure(
    songs: list[Song], dances: list[np.ndarray], classify: Callable[[np.ndarray], np.ndarray], *, draws: int = 200
) -> dict[str, float]:
    """All measures of dances to songs, a number for each of ``MEASURES``; the songs' own dances are the truth.

    NaN for what the songs do not tell (``missing``), and where a share is of nothing.
    """
    true_features = np.concatenate([kinetics.kinetic_features(song.poses) for song in songs])
    features = np.concatenate([kinetics.kinetic_features(dance) for dance in dances])
    true, several = [song.poses for song in songs], len(true_features) >= 2

    def share(measure_one):
        return _ratio(np.mean([measure_one(d) for d in dances]), np.mean([measure_one(d) for d in true]))

    def diversity(cloud):
        return kinetics.diversity(cloud, true_features) if several else np.nan

    pairs = [(dance, song) for song, dance in zip(songs, dances, strict=True) if has_beats(song)]
    danced = np.concatenate([families.family_of_windows(song) for song in songs])
    predicted = np.concatenate([classify(dance) for dance in dances])
    right = (predicted == danced)[np.isfinite(predicted) & np.isfinite(danced)]
    return {
        **_measure_beats(songs, dances, draws),
        "speed": share(motion_metrics.mean_speed),
        "jitter": share(motion_metrics.jitter),
        "diversity": _ratio(diversity(features), diversity(true_features)),
        "foot slide": share(motion_metrics.foot_slide),
        "Fréchet": kinetics.frechet_distance(features, true_features) if several else np.nan,
        "family": float(right.mean()) if len(right) else np.nan,
        "repetition": np.mean([motion_metrics.repetition(d, song.beats) for d, song in pairs]) if pairs else np.nan,
    }


def _ratio(value: float, of: float) -> float:
    with np.errstate(invalid="ignore", divide="ignore"):
        return float(np.divide(value, of))


def has_beats(song: Song) -> bool:
    """Does the song have two beats or more, away from the dance's ends?"""
    return len(_inner_beats(song)) >= 2


def _inner_beats(song: Song) -> np.ndarray:
    return song.beats[(song.beats > 0.2) & (song.beats < len(song.poses) / FPS - 0.2)]


def _measure_beats(songs: list[Song], dances: list[np.ndarray], draws: int) -> dict[str, float]:
    """Both alignments and their percentile, over the songs that have beats."""
    pairs = [(song, motion_beats_of(dance)) for song, dance in zip(songs, dances, strict=True) if has_beats(song)]
    beats = [_inner_beats(song) for song, _ in pairs]
    aligned = np.array([
        (motion_metrics.beat_alignment(inner, moved), motion_metrics.beat_alignment(moved, inner))
        for inner, (_, moved) in zip(beats, pairs, strict=True)
    ]).reshape(-1, 2)  # fmt: skip
    answered, kept = aligned.mean(0).tolist() if pairs else (np.nan, np.nan)  # NaN for a dance that stands still
    return {
        "music to motion": answered,
        "motion to music": kept,
        "percentile": _percentile(pairs, aligned, draws) if len(pairs) > 1 else np.nan,
    }


def _percentile(pairs: list[tuple[Song, np.ndarray]], aligned: np.ndarray, draws: int) -> float:
    """Share (0 to 100) of the chance alignments below the dances' own, means over all songs, the worse direction.

    Parameters
    ----------
    pairs : two songs or more, each with the motion beats of the dance to it.
    """
    chance = np.zeros((draws, 2))
    for i, (song, moved) in enumerate(pairs):
        others = [other.beats for other, _ in pairs if other is not song]
        seconds = len(song.poses) / FPS
        chance += np.nan_to_num(motion_metrics.chance_alignment(others, moved, seconds, draws=draws, seed=i))
    own = np.nan_to_num(aligned).mean(0)
    return float(100 * (chance / len(pairs) < own).mean(0).min())


@dataclass(frozen=True)
class Report:
    """The table (dancer -> measure -> value), the songs it was measured on, and what to know about it."""

    table: dict[str, dict[str, float]]
    songs: list[Song]
    notes: tuple[str, ...]


def evaluate(
    corpus: str | Path, vae: str | Path, *, seeds: tuple[int, ...] = (0, 1, 2), n_songs: int | None = None,
    progress: bool = True,
) -> Report:  # fmt: skip
    """Measure an LSTM-VAE's file on songs that it was not trained on, once a seed. Takes a few minutes.

    Raises
    ------
    InputError
        If one of the files is none, or ``held_out_songs.read_songs`` finds no songs.
    """
    model, seen = lstm_vae.load(vae), read_seen(vae)
    chosen = held_out_songs.read_songs(corpus, seen=seen or frozenset())
    training, songs = chosen.training[:n_songs], chosen.held_out[:n_songs]
    unknown = () if seen is not None else (f"{vae} does not say what it was trained on: songs may be known to it",)
    dancers = {
        "truth": lambda song: song.poses,
        "mean pose": motion_baselines.mean_pose(training),
        **({"groove": motion_baselines.constant_groove(training)} if _any_groove(training) else {}),
        "nearest": motion_baselines.nearest_window(training),
        **({"other song": motion_baselines.other_song_dancer(model, songs)} if len(songs) > 1 else {}),
        **{f"seed {seed}": motion_baselines.dancer(model, seed=seed) for seed in seeds},
    }
    classify = families.family_classifier(training)
    bar = tqdm(dancers.items(), unit="dancer", disable=not progress)
    table = {name: measure(songs, [dancer(song) for song in songs], classify) for name, dancer in bar}
    return Report(table, songs, (*unknown, *chosen.notes, *missing(training, songs)))


def _any_groove(training: list[Song]) -> bool:
    return any(map(motion_baselines.can_groove, training))


def missing(training: list[Song], songs: list[Song]) -> tuple[str, ...]:
    """What cannot be measured on these songs, and why; a sentence each."""
    silent = [song.name for song in songs if not has_beats(song)]
    n_windows = sum(len(kinetics.kinetic_features(song.poses)) for song in songs)
    unnamed = not families.families_known(training) or all(song.family is None for song in songs)
    reasons = {
        f"no beats in {', '.join(silent)}: left out where beats are compared": silent,
        "no percentile: it takes two songs with beats": len(songs) - len(silent) < 2,
        "no diversity and no Fréchet distance: they take two windows of 2 s": n_windows < 2,
        "no family: nobody knows which is danced": unnamed,
        "no groove: it takes a training song of 17 beats": not _any_groove(training),
        "no other song: there is one": len(songs) < 2,
    }
    return tuple(reason for reason, holds in reasons.items() if holds)


def half_frechet(songs: list[Song]) -> float:
    """Fréchet distance between the true dances of two halves of the songs: what another true dancer would score.

    The corpus goes through its six styles by turns, so songs are halved in sixes: each style is in both halves. NaN if
    a half has not two windows of two seconds, as with six songs or fewer.
    """
    clouds = [
        np.concatenate([np.zeros((0, 36)), *(kinetics.kinetic_features(song.poses) for song in half)])
        for half in ([song for i, song in enumerate(songs) if i // 6 % 2 == side] for side in (0, 1))
    ]
    return kinetics.frechet_distance(*clouds) if min(map(len, clouds)) >= 2 else float("nan")


def describe(report: Report) -> str:
    """How many songs, what stands for the truth, and what to know about the table; a line each."""
    if report.songs[0].rig:
        half = half_frechet(report.songs)
        value = "- (it takes more than six songs)" if np.isnan(half) else f"{half:.2f}"
        lines = [f"{len(report.songs)} songs; Fréchet distance between two halves of the true dances: {value}"]
    else:
        names = ", ".join(song.name for song in report.songs)
        lines = [f"held out: {names}; truth: MediaPipe's poses, smoothed, and tracked beats (no rig)"]
    return "\n".join([*lines, *report.notes])


def print_report(report: Report) -> None:
    """Print the table, measures down and dancers across, and what it was measured on."""
    print_table(report.table, measures=MEASURES)
    print(describe(report))
