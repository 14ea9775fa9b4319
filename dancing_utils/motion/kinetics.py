"""How a dance moves, as numbers: kinetic features of its windows, and how far apart two clouds of them are.

The song model's training stops by them (``vae_training``), and ``evaluation.evaluate_motion`` measures with them.
Dances are poses (T, 33, 2) in units of the picture at 30 frames a second; lengths are counted in torso lengths (the
dance's median distance from the middle of the shoulders to the middle of the hips), so near and far dancers compare.

Notebook: 04_better_motion.ipynb
"""

import numpy as np

from dancing_utils import FPS, InputError
from dancing_utils.pose.landmarks import MAIN_JOINTS, N_LANDMARKS, to_pixels, torso_length

WINDOW, WINDOW_HOP = 60, 15  # frames: kinetic features are taken over two seconds, every half second


def in_torsos(poses: np.ndarray) -> np.ndarray:
    """Poses (T, 33, 2) in units of the picture -> the same in torso lengths, one scale for the whole dance."""
    poses = np.asarray(poses, float)
    if poses.ndim != 3 or poses.shape[1:] != (N_LANDMARKS, 2):
        raise InputError(f"poses of shape {poses.shape}: (T, 33, 2) is needed")
    torso = np.nanmedian(torso_length(poses)) if len(poses) else np.nan
    if not torso > 0:
        raise InputError(f"a torso of {torso} pixels: shoulders and hips must be known and apart")
    return to_pixels(poses) / torso


def split_windows(values: np.ndarray, *, window: int = WINDOW, hop: int = WINDOW_HOP) -> list[np.ndarray]:
    """Windows (window, ...) of an array (T, ...), one every ``hop`` frames; none if it is shorter than a window."""
    return [values[start : start + window] for start in range(0, len(values) - window + 1, hop)]


def kinetic_features(poses: np.ndarray, *, window: int = WINDOW, hop: int = WINDOW_HOP) -> np.ndarray:
    """How the 12 main joints move in each window: (N, 36), mean squared velocity in x and y, mean size of acceleration.

    After Onuma, Faloutsos and Hodgins, FMDistance, 2008, as AI Choreographer (2021) uses it, in two dimensions.
    (0, 36) if the dance is shorter than a window.
    """
    rows = []
    for part in split_windows(in_torsos(poses)[:, list(MAIN_JOINTS)], window=window, hop=hop):  # (window, 12, 2)
        velocity = np.diff(part, axis=0) * FPS
        acceleration = np.linalg.norm(np.diff(velocity, axis=0), axis=-1) * FPS
        rows.append(np.concatenate([(velocity**2).mean(0).ravel(), acceleration.mean(0)]))
    return np.array(rows).reshape(-1, 36)


def frechet_distance(features: np.ndarray, true_features: np.ndarray) -> float:
    """Fréchet distance between two clouds (N, D), (M, D), as Gaussians with diagonal covariance, by the truth's scale.

    sum (m - m')^2 + (s - s')^2 over the dimensions, each divided by the true standard deviation first
    (Heusel et al., GANs trained by a two time-scale update rule, 2017, for diagonal covariances). 0 for the same cloud.

    Raises
    ------
    InputError
        If one of the clouds has fewer than two points.

    Examples
    --------
    >>> true = np.array([[0.0], [2.0]])  # mean 1, standard deviation 1
    >>> round(frechet_distance(true + 3, true), 6)  # three deviations away, spread alike
    9.0
    >>> round(frechet_distance([[1.0], [1.0]], true), 6)  # the same mean, no spread
    1.0
    """
    a, b = _scaled(features, true_features)
    return float(((a.mean(0) - b.mean(0)) ** 2 + (a.std(0) - b.std(0)) ** 2).sum())


def diversity(features: np.ndarray, true_features: np.ndarray, *, pairs: int = 5000, seed: int = 0) -> float:
    """Mean distance between two windows drawn from ``features`` (N, D), by the truth's scale; 0 if all are alike."""
    a, _ = _scaled(features, true_features)
    i, j = np.random.default_rng(seed).integers(len(a), size=(2, pairs))
    return float(np.linalg.norm(a[i] - a[j], axis=1)[i != j].mean()) if len(a) > 1 else 0.0


def _scaled(features, true_features) -> tuple[np.ndarray, np.ndarray]:
    if len(features) < 2 or len(true_features) < 2:
        raise InputError(f"{len(features)} and {len(true_features)} windows: at least 2 of each are needed")
    mean, std = true_features.mean(0), true_features.std(0) + 1e-9
    return (features - mean) / std, (true_features - mean) / std
