"""What bars would tell the song model about the dance: python benchmarks/bars.py CORPUS.h5

Half a minute. Ridge regressions read the true dances of the corpus off what is heard within a second: 13 MFCC, onset
strength, the beat's phase and its double. The same again with the true phase in the bar of four beats, which no network
could hear better. Printed is the share of variance explained on the held-out songs, of the poses and of their
velocities, and beside it the share with the bars of another song. A network could use more than what is linear.
"""

import argparse
from pathlib import Path

import numpy as np

from dancing_utils import FPS
from dancing_utils.evaluation import held_out_songs
from dancing_utils.motion.pose_vectors import poses_to_vectors

LAGS = range(-FPS, FPS + 1, 6)  # frames
BEATS_A_BAR = 4


def heard(song: held_out_songs.Song) -> np.ndarray:
    """Sound features around each frame: (T, 11 * 18)."""
    sine, cosine = song.features[:, -2:].T
    double = np.stack([2 * sine * cosine, cosine**2 - sine**2], 1)
    return np.concatenate([np.roll(np.concatenate([song.features, double], 1), lag, 0) for lag in LAGS], 1)


def bar_phase(song: held_out_songs.Song, n_frames: int) -> np.ndarray:
    """Where in the true bar each frame is: sine and cosine of the phase, its double and its triple, (T, 6)."""
    beat = np.interp(np.arange(n_frames) / FPS, song.beats, np.arange(len(song.beats)))
    angles = 2 * np.pi * beat[:, None] * np.arange(1, BEATS_A_BAR) / BEATS_A_BAR
    return np.concatenate([np.sin(angles), np.cos(angles)], 1)


def rows(songs: list[held_out_songs.Song], kind: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What is heard, poses and velocities of every second frame, away from the ends."""
    parts = []
    for song, other in zip(songs, songs[1:] + songs[:1], strict=True):
        sound, vectors = heard(song), poses_to_vectors(song.poses, None)
        if kind != "no bars":
            sound = np.concatenate([sound, bar_phase(song if kind == "true bars" else other, len(sound))], 1)
        inner = slice(2 * FPS, -2 * FPS, 2)
        parts.append([array[inner] for array in (sound, vectors, np.gradient(vectors, axis=0))])
    return tuple(np.concatenate(arrays) for arrays in zip(*parts, strict=True))


def explained(sound, target, new_sound, new_target, ridge: float = 1000.0) -> float:
    """Share of the variance of new targets that a ridge regression explains."""
    sound, new_sound = standardised(sound, new_sound)
    target, new_target = standardised(target, new_target)
    weights = np.linalg.solve(sound.T @ sound + ridge * np.eye(sound.shape[1]), sound.T @ target)
    return float(1 - ((new_target - new_sound @ weights) ** 2).mean() / (new_target**2).mean())


def standardised(known: np.ndarray, new: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    mean, std = known.mean(0), known.std(0) + 1e-6
    return (known - mean) / std, (new - mean) / std


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    songs = held_out_songs.read_songs(parser.parse_args().corpus)
    print(f"{'':20}poses  velocities")
    for kind in ("no bars", "true bars", "another song's bars"):
        training, new = rows(songs.training, kind), rows(songs.held_out, kind)
        shares = [explained(training[0], training[i], new[0], new[i]) for i in (1, 2)]
        print(f"{kind:20}{shares[0]:.3f}  {shares[1]:10.3f}", flush=True)


if __name__ == "__main__":
    main()
