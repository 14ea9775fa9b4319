"""How good are generated dances? The table of measures, beside the truth, baselines and chance.

Songs are the held-out ones of the motion corpus (split "test"): their true beats, moves and dances are known. In a file
of ``dance extract``, where nobody knows them, MediaPipe's poses, smoothed, stand for the true dance, tracked beats for
the true ones, one video in ten is held out, and the family of a move is not measured.

    truth               the choreographer's dances
    mean pose           the mean of all training poses, standing still
    groove              two bars of one training dance again and again, stretched to the tracked beats
    nearest             for every two seconds the training dance whose sound is nearest
    other song          the LSTM-VAE dances to the sound of another song: what it would score if it were deaf
    seed 0, 1, ...      the LSTM-VAE, once a seed

Notebook: 04_better_motion.ipynb
"""

import csv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from dancing_utils import FPS, InputError, audio, lstm_vae, metrics, song_data
from dancing_utils.dataset import Clip, read_clips
from dancing_utils.landmarks import MAIN_JOINTS, to_pixels
from dancing_utils.pose import finite_runs, smooth

GROOVE_BEATS = 8
MEASURES = {  # name -> what it is
    "music to motion": "beats of the music that the dance answers, 0 to 1",
    "motion to music": "beats of the dance that lie on the music's, 0 to 1",
    "percentile": "of these two among 200 dances to other songs (the lower)",
    "speed": "mean speed, as a share of the truth's",
    "jitter": "mean jerk, as a share of the truth's",
    "diversity": "distance between two windows, as a share of the truth's",
    "foot slide": "share of the frames on the floor that slide, over the truth's",
    "Fréchet": "Fréchet distance of kinetic features from the truth",
    "family": "windows in which a classifier of moves sees the family that was danced",
}


@dataclass(frozen=True)
class Song:
    """A song and its true dance, or what stands for it."""

    name: str
    mfcc: np.ndarray  # (T, 13)
    features: np.ndarray  # (T, 16)
    poses: np.ndarray  # (T, 33, 2)
    beats: np.ndarray  # seconds, the true ones
    tracked: np.ndarray  # seconds, those the beat tracker hears
    family: np.ndarray | None  # (T,) index of the family danced
    rig: bool = True  # poses and beats are the choreographer's, not MediaPipe's and the beat tracker's


def read_songs(path: str | Path, split: str) -> list[Song]:
    """The songs of one split of a corpus file; of a file of ``dance extract``, videos to train on or, "test", held out.

    Raises
    ------
    InputError
        If the file has no such songs.
    """
    clips = read_clips(path)
    if any("split" in clip.attributes for clip in clips):
        chosen = [clip for clip in clips if clip.attributes.get("split") == split]
    else:
        train, held_out = song_data.split_clips(clips)
        chosen = train if split == "train" else held_out
    if not chosen:
        raise InputError(
            f"{path} has no songs of the split {split!r}: at least two videos are needed, or the corpus that "
            "`python -m data_sample.studio corpus` makes"
        )
    return [_song(clip) if "tempo" in clip.attributes else _filmed_song(clip) for clip in chosen]


def _song(clip: Clip) -> Song:
    seconds, tracked = len(clip.poses) / FPS, audio.beats_from_onsets(clip.onset_strength)
    return Song(
        clip.source, clip.mfcc, song_data.sound_features(clip.mfcc, clip.onset_strength, tracked), clip.poses,
        np.arange(0, seconds, 60 / clip.attributes["tempo"]), tracked, clip.attributes["family"],
    )  # fmt: skip


def _filmed_song(clip: Clip) -> Song:
    """The longest stretch of a video in which a person is seen, smoothed below 6 Hz, and its tracked beats."""
    runs = finite_runs(clip.poses)
    if not runs:
        raise InputError(f"{clip.source} shows no person: leave it out")
    start, stop = max(runs, key=lambda run: run[1] - run[0])
    onsets, mfcc = clip.onset_strength[start:stop], clip.mfcc[start:stop]
    tracked = audio.beats_from_onsets(onsets)
    features = song_data.sound_features(mfcc, onsets, tracked)
    return Song(clip.source, mfcc, features, smooth(clip.poses[start:stop], cutoff_hz=6), tracked, tracked, None, False)


# --- baselines -----------------------------------------------------------------------------------------------------


def mean_pose(training: list[Song]) -> Callable[[Song], np.ndarray]:
    """Stand still in the mean of all training poses."""
    mean = np.concatenate([song.poses for song in training]).mean(0)
    return lambda song: np.tile(mean, (len(song.poses), 1, 1))


def constant_groove(training: list[Song]) -> Callable[[Song], np.ndarray]:
    """Two bars of the first training dance, again and again, stretched to the beats that are tracked in the song."""
    first = training[0]
    knots = np.linspace(GROOVE_BEATS, 2 * GROOVE_BEATS, 60 * GROOVE_BEATS + 1)  # beats: the second pair of bars
    frames = np.interp(knots, np.arange(len(first.tracked)), first.tracked) * FPS
    bars = np.stack([_between_frames(first.poses, frame) for frame in frames])  # (n, 33, 2)

    def dance(song):
        phase = np.nan_to_num(audio.beat_phase(song.tracked, len(song.poses))) / GROOVE_BEATS % 1
        return np.stack([_between_frames(bars, place) for place in phase * (len(bars) - 1)])

    return dance


def _between_frames(poses: np.ndarray, frame: float) -> np.ndarray:
    """The pose (33, 2) at a time between two frames, in a straight line from one to the other."""
    before = min(int(frame), len(poses) - 2)
    return poses[before] + (frame - before) * (poses[before + 1] - poses[before])


def nearest_window(training: list[Song], *, window: int = metrics.WINDOW) -> Callable[[Song], np.ndarray]:
    """For every two seconds the training dance whose sound (16 features a frame) is nearest, one after the other."""
    places = [(song, start) for song in training for start in range(0, len(song.poses) - window + 1, window // 4)]
    sounds = np.stack([song.features[start : start + window].ravel() for song, start in places])
    squares = (sounds**2).sum(1)

    def dance(song):
        poses = np.empty_like(song.poses)
        for start in range(0, len(poses), window):
            begin = min(start, len(poses) - window)
            sound = song.features[begin : begin + window].ravel()
            other, place = places[int(np.argmin(squares - 2 * sounds @ sound))]
            poses[begin : begin + window] = other.poses[place : place + window]
        return poses

    return dance


# --- the family of a move ------------------------------------------------------------------------------------------


def _shape_features(poses: np.ndarray, *, window: int = metrics.WINDOW, hop: int = metrics.WINDOW_HOP) -> np.ndarray:
    """What a body does in each window of two seconds: mean, spread, extremes and speed of every joint, (N, 120)."""
    points = metrics.in_torsos(poses)
    points = points[:, list(MAIN_JOINTS)] - points[:, song_data.HIPS].mean(1, keepdims=True)  # (T, 12, 2)
    rows = []
    for start in range(0, len(points) - window + 1, hop):
        part = points[start : start + window].reshape(window, -1)
        speed = np.abs(np.diff(part, axis=0)).mean(0) * FPS
        rows.append(np.concatenate([part.mean(0), part.std(0), part.min(0), part.max(0), speed]))
    return np.array(rows).reshape(-1, 120)


def family_of_windows(song: Song, *, window: int = metrics.WINDOW, hop: int = metrics.WINDOW_HOP) -> np.ndarray:
    """The family that was danced for most of each window, (N,); NaN where nobody knows it."""
    if song.family is None:
        return np.full(len(_shape_features(song.poses, window=window, hop=hop)), np.nan)
    starts = range(0, len(song.family) - window + 1, hop)
    return np.array([np.bincount(song.family[start : start + window]).argmax() for start in starts], int)


def family_classifier(training: list[Song]) -> Callable[[np.ndarray], np.ndarray]:
    """A small network that sees which family is danced, trained on true dances: poses (T, 33, 2) -> (N,).

    For songs without families it gives NaN.
    """
    import keras

    if any(song.family is None for song in training):
        return lambda poses: np.full(len(_shape_features(poses)), np.nan)

    x = np.concatenate([_shape_features(song.poses) for song in training])
    y = np.concatenate([family_of_windows(song) for song in training])
    mean, std = x.mean(0), x.std(0) + 1e-6
    keras.utils.set_random_seed(0)
    model = keras.Sequential([
        keras.Input((x.shape[1],)), keras.layers.Dense(128, activation="relu"), keras.layers.Dropout(0.2),
        keras.layers.Dense(int(y.max()) + 1, activation="softmax"),
    ])  # fmt: skip
    model.compile("adam", "sparse_categorical_crossentropy")
    model.fit((x - mean) / std, y, epochs=15, batch_size=128, verbose=0)
    return lambda poses: model.predict((_shape_features(poses) - mean) / std, verbose=0).argmax(1)


# --- the table -----------------------------------------------------------------------------------------------------


def motion_beats_of(poses: np.ndarray) -> np.ndarray:
    """Motion beats (n,) in seconds of the 12 main joints."""
    return metrics.motion_beats(to_pixels(poses)[:, list(MAIN_JOINTS)])


def measure(
    songs: list[Song], dances: list[np.ndarray], classify: Callable[[np.ndarray], np.ndarray], *, draws: int = 200
) -> dict[str, float]:
    """All measures of dances to songs, a number for each of ``MEASURES``; the songs' own dances are the truth."""
    true_features = np.concatenate([metrics.kinetic_features(song.poses) for song in songs])
    features = np.concatenate([metrics.kinetic_features(dance) for dance in dances])
    aligned = np.array([_alignment(song, dance) for song, dance in zip(songs, dances, strict=True)])
    true = [song.poses for song in songs]

    def share(measure_one):
        with np.errstate(invalid="ignore", divide="ignore"):  # NaN where the truth has none of it
            return float(np.mean([measure_one(d) for d in dances]) / np.mean([measure_one(d) for d in true]))

    wanted = np.concatenate([family_of_windows(song) for song in songs])
    right = np.where(np.isnan(wanted), np.nan, np.concatenate([classify(dance) for dance in dances]) == wanted)
    return {
        "music to motion": float(aligned[:, 0].mean()),
        "motion to music": float(aligned[:, 1].mean()),  # NaN for a dance that stands still
        "percentile": _percentile(songs, dances, aligned, draws),
        "speed": share(metrics.mean_speed),
        "jitter": share(metrics.jitter),
        "diversity": metrics.diversity(features, true_features) / metrics.diversity(true_features, true_features),
        "foot slide": share(metrics.foot_slide),
        "Fréchet": metrics.frechet_distance(features, true_features),
        "family": float(right.mean()),
    }


def _alignment(song: Song, dance: np.ndarray) -> tuple[float, float]:
    moved, seconds = motion_beats_of(dance), len(dance) / FPS
    beats = song.beats[(song.beats > 0.2) & (song.beats < seconds - 0.2)]
    return metrics.beat_alignment(beats, moved), metrics.beat_alignment(moved, beats)


def _percentile(songs, dances, aligned, draws) -> float:
    """Share (0 to 100) of the chance alignments below the dances' own, means over all songs, the worse direction.

    NaN with a single song, which has no other to be compared with.
    """
    if len(songs) < 2:
        return float("nan")
    chance = np.zeros((draws, 2))
    for i, (song, dance) in enumerate(zip(songs, dances, strict=True)):
        others = [other.beats for other in songs if other is not song]
        moved = motion_beats_of(dance)
        chance += np.nan_to_num(metrics.chance_alignment(others, moved, len(dance) / FPS, draws=draws, seed=i))
    own = np.nan_to_num(aligned).mean(0)
    return float(100 * (chance / len(songs) < own).mean(0).min())


def evaluate(
    corpus: str | Path, model: lstm_vae.LSTMVAE, *, seeds: tuple[int, ...] = (0, 1, 2), n_songs: int | None = None
) -> dict[str, dict[str, float]]:
    """The table: name of the dancer -> measure -> value; the model once a seed. Takes a few minutes."""
    training, songs = read_songs(corpus, "train")[:n_songs], read_songs(corpus, "test")[:n_songs]
    classify = family_classifier(training)
    dancers = {
        "truth": lambda song: song.poses,
        "mean pose": mean_pose(training),
        "groove": constant_groove(training),
        "nearest": nearest_window(training),
        **({"other song": _deaf_dancer(model, songs)} if len(songs) > 1 else {}),
        **{f"seed {seed}": _dancer(model, seed) for seed in seeds},
    }
    return {name: measure(songs, [dancer(song) for song in songs], classify) for name, dancer in dancers.items()}


def _dancer(model: lstm_vae.LSTMVAE, seed: int) -> Callable[[Song], np.ndarray]:
    return lambda song: model.dance(song.features, seed=seed)


def _deaf_dancer(model: lstm_vae.LSTMVAE, songs: list[Song]) -> Callable[[Song], np.ndarray]:
    """Dances to the next song's sound, repeated or cut to the length of its own."""
    names = [song.name for song in songs]

    def dance(song):
        other = songs[(names.index(song.name) + 1) % len(songs)]
        return model.dance(np.resize(other.features, song.features.shape))

    return dance


def half_frechet(songs: list[Song]) -> float:
    """Fréchet distance between the true dances of two halves of the songs: what another true dancer would score.

    The corpus goes through its six styles by turns, so songs are halved in sixes: each style is in both halves.
    """
    halves = [np.concatenate([metrics.kinetic_features(s.poses) for i, s in enumerate(songs) if i // 6 % 2 == half])
              for half in (0, 1)]  # fmt: skip
    return metrics.frechet_distance(*halves)


def write_table(
    table: dict[str, dict[str, float]], path: str | Path, *, measures: dict[str, str] = MEASURES, who: str = "dancer"
) -> None:
    """Write a table as CSV: a row a dancer (or whoever the rows are), a column a measure."""
    with open(path, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([who, *measures])
        writer.writerows([name, *(f"{row[measure]:.3f}" for measure in measures)] for name, row in table.items())


def print_table(table: dict[str, dict[str, float]], *, measures: dict[str, str] = MEASURES, digits: int = 2) -> None:
    """Print a table, measures down and dancers across; - where there is no value."""
    print(f"{'':16}" + "".join(f"{name:>11}" for name in table))
    for measure in measures:
        values = [row[measure] for row in table.values()]
        print(f"{measure:16}" + "".join(f"{'-':>11}" if np.isnan(v) else f"{v:11.{digits}f}" for v in values))


def plot_table(table: dict[str, dict[str, float]], *, measures: dict[str, str] = MEASURES):
    """A panel a measure, a bar a dancer; returns (figure, axes). What is infinite or missing has no bar."""
    n_rows = -(-len(measures) // 3)
    fig, axes = plt.subplots(n_rows, 3, figsize=(11, 8 / 3 * n_rows), layout="constrained", squeeze=False)
    for ax, measure in zip(axes.flat, measures, strict=False):
        values = [row[measure] if np.isfinite(row[measure]) else np.nan for row in table.values()]
        ax.barh(list(table), values, color=["#000000" if name == "truth" else "#0072B2" for name in table])
        if np.isfinite(table["truth"][measure]):
            ax.axvline(table["truth"][measure], color="#D55E00", linestyle=":")
        ax.set(title=measure, xlabel=measures[measure].split(",")[0], ylim=(len(table) - 0.5, -0.5))
        ax.xaxis.label.set_size(7)
    for ax in axes[:, 1:].flat:
        ax.set_yticklabels([])
    for ax in axes.flat[len(measures) :]:
        ax.set_axis_off()
    return fig, axes
