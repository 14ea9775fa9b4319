"""Time counted in beats: what is heard and danced, from video frames to ticks, sixteenths of a beat, and back.

A move takes so many beats, whatever the tempo. In ticks a fast song and a slow one have the same length a bar, a
latent lasts one beat, and a dance of one tempo teaches all others.

Notebook: 04_better_motion.ipynb
"""

import numpy as np
from scipy.interpolate import CubicSpline
from scipy.ndimage import uniform_filter1d

from dancing_utils import FPS
from dancing_utils.audio.hearing import knows_beat

TICKS = 16  # of a beat
USUAL_TEMPO = 112.0  # beats a minute: where no beat is heard, and the middle of the tempos that the model is told


def beats_passed(features: np.ndarray) -> np.ndarray:
    """How many beats have passed at each frame of sound features (T, 16): (T,), whole numbers on the beats.

    Where no beat is heard, as if there were one at the usual tempo.
    """
    if not knows_beat(features):
        return np.arange(len(features)) / FPS * USUAL_TEMPO / 60
    phase = np.arctan2(features[:, -2].astype(float), features[:, -1].astype(float))
    return np.maximum.accumulate(np.unwrap(phase) / (2 * np.pi))


def ticks_of(passed: np.ndarray, *, multiple: int = TICKS) -> np.ndarray:
    """The ticks (N,), counted in beats, that cover frames with so many ``beats_passed`` (T,), from a beat on.

    N is a ``multiple``, 1 or more of them.
    """
    first = np.floor(passed[0] + 1e-6)
    n = max(1, int(np.ceil((passed[-1] - first - 1e-6) * TICKS / multiple)))
    return first + np.arange(n * multiple) / TICKS


def whole_beats(passed: np.ndarray) -> np.ndarray:
    """The ticks (N,) of the beats that are whole among frames with so many ``beats_passed`` (T,); none if none is."""
    first, last = np.ceil(passed[0] - 1e-6), np.floor(passed[-1] + 1e-6)
    return first + np.arange(max(0, int(last - first)) * TICKS) / TICKS


def frames_at(ticks: np.ndarray, passed: np.ndarray) -> np.ndarray:
    """Where ticks (N,) lie among the frames, as fractions of a frame (N,); the ends for those before and after."""
    return np.interp(ticks, passed, np.arange(len(passed)))


def features_at(features: np.ndarray, ticks: np.ndarray, passed: np.ndarray) -> np.ndarray:
    """Sound features (T, 16) of frames -> of ticks: (N, 16).

    The last two, sine and cosine of the phase, become its sine and the tempo: octaves from the usual one, times two.
    """
    frames, at = np.arange(len(features)), frames_at(ticks, passed)
    heard = np.stack([np.interp(at, frames, one) for one in features.T], 1)
    tempo = 60 * FPS * np.gradient(passed) if len(passed) > 1 else np.full(1, USUAL_TEMPO)
    tempo = np.interp(at, frames, uniform_filter1d(tempo, FPS + 1, mode="nearest"))
    heard[:, -2] = np.sin(2 * np.pi * ticks)
    heard[:, -1] = np.clip(2 * np.log2(np.maximum(tempo, 1) / USUAL_TEMPO), -4, 4)
    return heard.astype(np.float32)


def values_at(values: np.ndarray, at: np.ndarray) -> np.ndarray:
    """An array (M, n) between its rows: a smooth curve through them, read at the places ``at`` (N,), 0 to M - 1."""
    if len(values) < 2:
        return np.repeat(values, len(at), 0)
    return CubicSpline(np.arange(len(values)), values)(np.clip(at, 0, len(values) - 1)).astype(np.float32)


def to_ticks(features: np.ndarray, vectors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A song to learn from, features (T, 16) and pose vectors (T, n) -> the same of the ticks of its whole beats."""
    passed = beats_passed(features)
    ticks = whole_beats(passed)
    return features_at(features, ticks, passed), values_at(vectors, frames_at(ticks, passed))
