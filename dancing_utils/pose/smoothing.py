"""A track of poses: gaps filled by straight lines, jitter taken out by looking both ways in time, so nothing lags.

Notebook: 01_extract_data.ipynb
"""

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import find_objects, label
from scipy.signal import butter, sosfiltfilt

from dancing_utils import FPS, InputError
from dancing_utils.pose.landmarks import N_LANDMARKS

MAX_GAP = 0.5  # seconds without a person that may be filled in by straight lines


@dataclass
class PoseTrack:
    """The poses of a whole video. A pose that was filled in is finite but not detected."""

    landmarks: np.ndarray  # (T, 33, 2) float32, x and y in units of the picture; NaN where there is no person
    visibility: np.ndarray  # (T, 33) float32, 0 to 1; 0 where there is no person
    detected: np.ndarray  # (T,) bool


def finish_track(
    found: list[tuple[np.ndarray, np.ndarray] | None], *, max_gap: float = MAX_GAP, smooth_hz: float | None = None,
    fps: int = FPS,
) -> PoseTrack:  # fmt: skip
    """Put the detector's answers of a whole video together, fill short gaps, and smooth if asked to."""
    nobody = np.full((N_LANDMARKS, 2), np.nan, np.float32), np.zeros(N_LANDMARKS, np.float32)
    landmarks = np.stack([(one or nobody)[0] for one in found])  # (T, 33, 2)
    visibility = np.stack([(one or nobody)[1] for one in found])  # (T, 33)
    landmarks = fill_gaps(landmarks, max_gap=max_gap, fps=fps)
    if smooth_hz is not None:
        landmarks = smooth(landmarks, cutoff_hz=smooth_hz, fps=fps)
    return PoseTrack(landmarks, visibility, np.array([one is not None for one in found]))


def fill_gaps(landmarks: np.ndarray, *, max_gap: float = MAX_GAP, fps: int = FPS) -> np.ndarray:
    """Straight lines (T, 33, 2) over gaps of NaN up to ``max_gap`` seconds; longer ones, and the ends, stay."""
    filled = landmarks.copy()
    there = np.flatnonzero(np.isfinite(landmarks).all((1, 2)))
    for before, after in zip(there[:-1], there[1:], strict=True):
        gap = after - before - 1
        if 0 < gap <= round(max_gap * fps):
            share = (np.arange(1, gap + 1) / (gap + 1))[:, None, None]  # (gap, 1, 1)
            filled[before + 1 : after] = (1 - share) * landmarks[before] + share * landmarks[after]
    return filled


def smooth(landmarks: np.ndarray, *, cutoff_hz: float, fps: int = FPS) -> np.ndarray:
    """Take out what is faster than ``cutoff_hz``, forwards and backwards, so that nothing is delayed.

    Butterworth, order 2, in each run of frames with a person (at least 13 frames). 6 Hz keeps a dance.
    """
    check_cutoff(cutoff_hz, fps=fps)
    filter_ = butter(2, cutoff_hz, fs=fps, output="sos")
    out = landmarks.copy()
    for start, stop in finite_runs(landmarks):
        if stop - start > 12:
            out[start:stop] = sosfiltfilt(filter_, landmarks[start:stop], axis=0)
    return out


def check_cutoff(cutoff_hz: float, *, fps: int = FPS) -> None:
    """Raise InputError where ``smooth`` could not use this frequency."""
    if not 0 < cutoff_hz < fps / 2:
        raise InputError(f"smooth_hz={cutoff_hz} must lie between 0 and {fps / 2:g}, half the frame rate")


def finite_runs(landmarks: np.ndarray) -> list[tuple[int, int]]:
    """(start, stop) of each run of frames that all have a person."""
    return runs(np.isfinite(landmarks).all((1, 2)))


def runs(mask: np.ndarray) -> list[tuple[int, int]]:
    """(start, stop) of each run of frames for which ``mask`` (T,) is true."""
    return [(run.start, run.stop) for (run,) in find_objects(label(mask)[0])]


def measure_lag(later: np.ndarray, earlier: np.ndarray, *, fps: int = FPS, longest: float = 0.5) -> float:
    """By how many seconds one signal (T, ...) runs behind another: the shift with the least squared difference.

    Found to a fraction of a frame by a parabola through the three best whole-frame shifts.
    """
    most = round(longest * fps)
    middle = earlier[most:-most]
    errors = [np.mean((later[most + k : len(later) - most + k] - middle) ** 2) for k in range(-most, most + 1)]
    best = int(np.clip(np.argmin(errors), 1, 2 * most - 1))
    left, low, right = errors[best - 1 : best + 2]
    bend = left - 2 * low + right
    return (best - most + (0.5 * (left - right) / bend if bend > 0 else 0.0)) / fps
