"""Tempo, and where between two beats a frame lies; beats by librosa, for files that keep none.

Notebook: 02_explore_mfcc_and_pose.ipynb
"""

import librosa
import numpy as np
from scipy.stats import trim_mean

from dancing_utils import FPS, SAMPLE_RATE
from dancing_utils.audio.spectrum import hop_length


def beats_from_onsets(onset_strength: np.ndarray) -> np.ndarray:
    """Beat times in seconds (n,) from the onset strength of each frame (T,), to about half a frame; may be empty.

    References
    ----------
    Ellis, Beat tracking by dynamic programming, 2007.
    """
    if not np.any(onset_strength > 0):
        return np.zeros(0)
    return librosa.beat.beat_track(
        onset_envelope=np.asarray(onset_strength, float),
        sr=SAMPLE_RATE,
        hop_length=hop_length(),
        units="time",
        trim=False,
    )[1]


def mean_tempo(beats: np.ndarray) -> float:
    """Beats a minute of beat times in seconds (n,), the shortest and longest tenth left out; 0 with fewer than two."""
    return float(60 / trim_mean(np.diff(beats), 0.1)) if len(beats) > 1 else 0.0


def beat_phase(beats: np.ndarray, n_frames: int) -> np.ndarray:
    """Where each frame lies between two beats: (n_frames,), a whole number on a beat, rising by 1 from beat to beat.

    Before the first and after the last beat it goes on at the median tempo; NaN with fewer than two beats.
    """
    if len(beats) < 2:
        return np.full(n_frames, np.nan)
    times, period = np.arange(n_frames) / FPS, np.median(np.diff(beats))
    phase = np.interp(times, beats, np.arange(len(beats)))
    phase = np.where(times < beats[0], (times - beats[0]) / period, phase)
    return np.where(times > beats[-1], len(beats) - 1 + (times - beats[-1]) / period, phase)
