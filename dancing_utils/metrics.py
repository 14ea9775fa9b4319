"""Measures of a dance, each with its formula and source.

A number says nothing alone: give each beside the same measure of the true dance and of chance.

Notebook: 02_explore_mfcc_and_pose.ipynb
"""

import numpy as np
from scipy.ndimage import gaussian_filter1d

from dancing_utils import FPS, InputError

SMOOTHING = 5 / 60  # seconds: the Gaussian over the speed before its valleys are looked for
NEAR = 3 / 60  # seconds: how near a beat counts as on it


def motion_beats(positions: np.ndarray, *, fps: float = FPS) -> np.ndarray:
    """Times (n,) in seconds at which the body is slowest: local minima of the mean speed of the points, smoothed.

    Parameters
    ----------
    positions : (T, points, 2 or 3) in any unit of length, T >= 3; frames with NaN are bridged.
    """
    positions = np.asarray(positions, float)
    if positions.ndim != 3 or len(positions) < 3:
        raise InputError(f"positions of shape {positions.shape}: (T, points, 2 or 3) with at least 3 frames is needed")
    speed = np.linalg.norm(np.gradient(positions, axis=0), axis=-1)  # (T, points)
    speed = np.array([np.nanmean(row) if np.isfinite(row).any() else np.nan for row in speed])
    known = np.isfinite(speed)
    if not known.any():
        return np.zeros(0)
    speed = np.interp(np.arange(len(speed)), np.flatnonzero(known), speed[known])
    speed = gaussian_filter1d(speed, SMOOTHING * fps)
    return (np.flatnonzero((speed[1:-1] < speed[:-2]) & (speed[1:-1] <= speed[2:])) + 1) / fps


def beat_alignment(times: np.ndarray, beats: np.ndarray) -> float:
    """How near each of ``times`` has one of ``beats``, 0 to 1: mean of exp(-d^2 / (2 s^2)), s = 50 ms.

    With music beats first it asks whether the dance answers every beat (Siyao et al., Bailando, 2022); with motion
    beats first, whether the dance moves to nothing else (Li et al., AI Choreographer, 2021). NaN without ``times``,
    0 without ``beats``. Unrelated regular motion scores 0.2 to 0.5: compare with another song's beats.
    """
    times, beats = np.asarray(times, float), np.asarray(beats, float)
    if not len(times):
        return float("nan")
    if not len(beats):
        return 0.0
    distance = np.abs(times[:, None] - beats).min(1)
    return float(np.exp(-(distance**2) / (2 * NEAR**2)).mean())
