"""Onsets, beats and tempo in seconds, and where between two beats a frame lies. librosa does the tracking.

Notebook: 02_explore_mfcc_and_pose.ipynb
"""

import librosa
import numpy as np

from dancing_utils import FPS, SAMPLE_RATE
from dancing_utils.audio.spectrum import FINE_HOP, fine_onset_strength, hop_length


def track_onsets(waveform: np.ndarray) -> np.ndarray:
    """Times in seconds (n,) at which notes and drums start."""
    onsets = librosa.onset.onset_detect(
        onset_envelope=fine_onset_strength(waveform), sr=SAMPLE_RATE, hop_length=FINE_HOP, units="frames"
    )
    return onsets * FINE_HOP / SAMPLE_RATE


def track_beats(waveform: np.ndarray) -> tuple[np.ndarray, float]:
    """Beat times in seconds (n,) and the tempo in beats a minute (it may be half or double what a dancer counts).

    References
    ----------
    Ellis, Beat tracking by dynamic programming, 2007.
    """
    tempo, beats = librosa.beat.beat_track(
        onset_envelope=fine_onset_strength(waveform), sr=SAMPLE_RATE, hop_length=FINE_HOP, units="frames"
    )
    return beats * FINE_HOP / SAMPLE_RATE, float(np.atleast_1d(tempo)[0])


def beats_from_onsets(onset_strength: np.ndarray) -> np.ndarray:
    """Beat times in seconds (n,) from the onset strength of each frame (T,), to about half a frame; may be empty."""
    if not np.any(onset_strength > 0):
        return np.zeros(0)
    return librosa.beat.beat_track(
        onset_envelope=np.asarray(onset_strength, float),
        sr=SAMPLE_RATE,
        hop_length=hop_length(),
        units="time",
        trim=False,
    )[1]


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
