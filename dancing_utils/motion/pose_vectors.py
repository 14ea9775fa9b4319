"""Poses as the song model dances them: 33 landmarks relative to the middle of the hips, and that middle apart.

A pose vector has 68 numbers, in pixels / 100.

Notebook: 04_better_motion.ipynb
"""

import numpy as np

from dancing_utils.pose.landmarks import HIPS, N_LANDMARKS, to_pixels, to_units

N_POSE = 2 * N_LANDMARKS + 2


def poses_to_vectors(poses: np.ndarray) -> np.ndarray:
    """Poses (T, 33, 2) in units of the picture -> (T, 68) in pixels / 100: relative to the hips, then the hips."""
    pixels = to_pixels(poses) / 100  # (T, 33, 2)
    hips = pixels[:, HIPS].mean(1)  # (T, 2)
    return np.concatenate([(pixels - hips[:, None]).reshape(len(pixels), -1), hips], 1).astype(np.float32)


def vectors_to_poses(vectors: np.ndarray) -> np.ndarray:
    """The inverse of ``poses_to_vectors``: (T, 68) -> (T, 33, 2)."""
    relative = vectors[:, :-2].reshape(-1, N_LANDMARKS, 2)
    return to_units((relative + vectors[:, None, -2:]) * 100)
