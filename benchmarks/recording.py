"""How the LSTM-VAE dances to recordings: python benchmarks/recording.py CORPUS.h5 RECORDINGS [--vae FILE.npz]

RECORDINGS is a folder with a tempo.csv, or one sound file in such a folder (see stated.py). Dances are measured against
what is stated there, and not against the beats that were heard and danced to. The mean of seeds 0, 1 and 2; about half
a minute a recording.

Where beats were tapped, they are the music's. Where only a tempo is stated, the music's beats are a grid at that tempo,
its phase fitted to the beats of the dance anew every 10 s, since players drift. So it can tell whether the dance keeps
the tempo, but not whether it is on the beat or between two. Chance is the same dance against grids at 40 other tempi, a
tenth or more from the stated one, its half and its double: fitted likewise, or at random phases beside tapped beats.
"""

import argparse
from pathlib import Path

import numpy as np
import stated

from dancing_utils import FPS, generate
from dancing_utils.audio.hearing import hear
from dancing_utils.data import media
from dancing_utils.evaluation import evaluate_motion, held_out_songs, motion_metrics, tables
from dancing_utils.files import SHIPPED
from dancing_utils.motion import lstm_vae

MEASURES = {
    "music to motion": "stated beats that the dance answers, 0 to 1",
    "its chance": "95th percentile of chance",
    "motion to music": "beats of the dance that lie on stated ones, 0 to 1",
    "and its chance": "95th percentile of chance",
    "speed": "mean speed, as a share of the corpus' training dances'",
    "freeze": "seconds of the longest freeze",
    "inside": "share of the frames with all landmarks in the picture",
}
PIECE = 10  # seconds with one fitted phase
PHASES = np.arange(24) / 24  # of a beat
OTHER_TEMPI = np.geomspace(60, 200, 40)  # beats a minute, for chance


def fitted_grid(tempo: float, moved: np.ndarray, seconds: float) -> np.ndarray:
    """Beats (n,) in seconds at a tempo, every 10 s of the phase at which they agree best with the ``moved`` ones."""
    ends = np.linspace(0, seconds, max(1, round(seconds / PIECE)) + 1)
    return np.concatenate([_best_phase(tempo, moved, *piece) for piece in zip(ends, ends[1:], strict=False)])


def _best_phase(tempo: float, moved: np.ndarray, start: float, end: float) -> np.ndarray:
    inside = moved[(moved >= start) & (moved < end)]
    grids = [np.arange(start + phase * 60 / tempo, end, 60 / tempo) for phase in PHASES]
    return max(grids, key=lambda grid: sum(np.nan_to_num(_both_ways(grid, inside))))


def _both_ways(beats: np.ndarray, moved: np.ndarray) -> tuple[float, float]:
    return motion_metrics.beat_alignment(beats, moved), motion_metrics.beat_alignment(moved, beats)


def other_tempi(tempo: float) -> list[float]:
    """Of ``OTHER_TEMPI`` those that are a tenth or more from the tempo, its half and its double."""
    return [one for one in OTHER_TEMPI if all(abs(one / tempo / factor - 1) >= 0.1 for factor in (0.5, 1, 2))]


def alignment(moved: np.ndarray, recording: stated.Recording, seconds: float) -> tuple[np.ndarray, np.ndarray]:
    """Music to motion and motion to music (2,), and the 95th percentile of their chance (2,)."""
    if not recording.tempo:
        return np.full(2, np.nan), np.full(2, np.nan)
    others = other_tempi(recording.tempo)
    if recording.beats is None:
        chance = [_both_ways(fitted_grid(other, moved, seconds), moved) for other in others]
        beats = fitted_grid(recording.tempo, moved, seconds)
    else:
        grids = [np.arange(0, seconds + 30, 60 / other) for other in others]
        chance = motion_metrics.chance_alignment(grids, moved, seconds)
        beats = recording.beats[recording.beats < seconds]
    return np.array(_both_ways(beats, moved)), np.percentile(chance, 95, axis=0)


class Measured:
    """A recording as the model hears it, and what its dances are measured against."""

    def __init__(self, recording: stated.Recording, songs: held_out_songs.Songs):
        self.recording, self.heard = recording, hear(media.read_audio(recording.path))
        self.usual_speed = float(np.mean([motion_metrics.mean_speed(song.poses) for song in songs.training]))

    def measure(self, dance: np.ndarray) -> dict[str, float]:
        """``MEASURES`` of a dance (T, 33, 2)."""
        aligned, chance = alignment(evaluate_motion.motion_beats_of(dance), self.recording, len(dance) / FPS)
        return {
            "music to motion": float(aligned[0]), "its chance": float(chance[0]),
            "motion to music": float(aligned[1]), "and its chance": float(chance[1]),
            "speed": motion_metrics.mean_speed(dance) / self.usual_speed,
            "freeze": motion_metrics.longest_freeze(dance),
            "inside": float(((dance >= 0) & (dance <= 1)).all((1, 2)).mean()),
        }  # fmt: skip


def mean_of_seeds(model: lstm_vae.LSTMVAE, recording: Measured, seeds=(0, 1, 2)) -> dict[str, float]:
    features = recording.heard.features
    rows = [recording.measure(generate.song_to_dance(model, features, seed=seed).poses) for seed in seeds]
    return {name: float(np.mean([row[name] for row in rows])) for name in MEASURES}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("recordings", type=Path)
    parser.add_argument("--vae", type=Path, default=SHIPPED["vae"])
    options = parser.parse_args()
    path, songs = options.recordings, held_out_songs.read_songs(options.corpus)
    model, table = lstm_vae.load(options.vae), {}
    for recording in stated.read_folder(path) if path.is_dir() else [stated.find(path)]:
        measured = Measured(recording, songs)
        against = f"{recording.tempo:.0f} stated" if recording.beats is None else f"{len(recording.beats)} beats tapped"
        print(f"{recording.path.name}: {measured.heard.tempo:.0f} beats a minute heard, {against}", flush=True)
        table[recording.path.stem[:10]] = mean_of_seeds(model, measured)
    tables.print_table(table, measures=MEASURES)


if __name__ == "__main__":
    main()
