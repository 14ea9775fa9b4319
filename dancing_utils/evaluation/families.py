"""Which family of moves is danced: a small classifier that sees two seconds of a dance.

Notebook: 04_better_motion.ipynb
"""

from collections.abc import Callable

import numpy as np

from dancing_utils import FPS
from dancing_utils.evaluation.held_out_songs import Song
from dancing_utils.motion import kinetics
from dancing_utils.motion.kinetics import WINDOW, WINDOW_HOP
from dancing_utils.pose.landmarks import HIPS, MAIN_JOINTS


def shape_features(poses: np.ndarray, *, window: int = WINDOW, hop: int = WINDOW_HOP) -> np.ndarray:
    """What a body does in each window of two seconds: mean, spread, extremes and speed of every joint, (N, 120)."""
    points = kinetics.in_torsos(poses)
    points = points[:, list(MAIN_JOINTS)] - points[:, HIPS].mean(1, keepdims=True)  # (T, 12, 2)
    rows = []
    for part in kinetics.split_windows(points.reshape(len(points), -1), window=window, hop=hop):  # (window, 24)
        speed = np.abs(np.diff(part, axis=0)).mean(0) * FPS
        rows.append(np.concatenate([part.mean(0), part.std(0), part.min(0), part.max(0), speed]))
    return np.array(rows).reshape(-1, 120)


def family_of_windows(song: Song, *, window: int = WINDOW, hop: int = WINDOW_HOP) -> np.ndarray:
    """The family that was danced for most of each window, (N,); NaN where nobody knows it."""
    if song.family is None:
        return np.full(len(shape_features(song.poses, window=window, hop=hop)), np.nan)
    parts = kinetics.split_windows(song.family, window=window, hop=hop)
    return np.array([np.bincount(part).argmax() for part in parts], int)


def families_known(songs: list[Song]) -> bool:
    """Is it known of every song which families are danced to it?"""
    return all(song.family is not None for song in songs)


def family_classifier(training: list[Song]) -> Callable[[np.ndarray], np.ndarray]:
    """A small network that sees which family is danced, trained on true dances: poses (T, 33, 2) -> (N,).

    If nobody knows the families of the training songs it gives NaN.
    """
    from dancing_utils.tf import keras

    if not families_known(training):
        return lambda poses: np.full(len(shape_features(poses)), np.nan)

    x = np.concatenate([shape_features(song.poses) for song in training])
    y = np.concatenate([family_of_windows(song) for song in training])
    mean, std = x.mean(0), x.std(0) + 1e-6
    keras.utils.set_random_seed(0)
    model = keras.Sequential([
        keras.Input((x.shape[1],)), keras.layers.Dense(128, activation="relu"), keras.layers.Dropout(0.2),
        keras.layers.Dense(int(y.max()) + 1, activation="softmax"),
    ])  # fmt: skip
    model.compile("adam", "sparse_categorical_crossentropy")
    model.fit((x - mean) / std, y, epochs=15, batch_size=128, verbose=0)
    return lambda poses: model.predict((shape_features(poses) - mean) / std, verbose=0).argmax(1)
