"""The song as the song model hears it: sound features (T, 16), one row a video frame.

Notebook: 04_better_motion.ipynb
"""

import numpy as np

from dancing_utils import N_MFCC, InputError
from dancing_utils.audio import beat_tracking

N_FEATURES = N_MFCC + 3


def sound_features(mfcc: np.ndarray, onset_strength: np.ndarray, beats: np.ndarray | None = None) -> np.ndarray:
    """What the model hears: (T, 16) float32, each song by its own scale, clipped to +-4.

    13 MFCC standardised over the song, so that a dark and a bright recording look alike; onset strength in standard
    deviations; sine and cosine of the beat's phase, tracked in the onset strength (or from ``beats`` in seconds).
    """
    if len(mfcc) != len(onset_strength):
        raise InputError(f"{len(mfcc)} frames of MFCC and {len(onset_strength)} of onset strength: they must agree")
    beats = beat_tracking.beats_from_onsets(onset_strength) if beats is None else beats
    phase = 2 * np.pi * beat_tracking.beat_phase(beats, len(mfcc))
    standardised = (mfcc - mfcc.mean(0)) / (mfcc.std(0) + 1e-3)
    onsets = onset_strength / (onset_strength.std() + 1e-3)
    known = np.isfinite(phase)[:, None]  # without a beat both are 0
    circle = np.where(known, np.stack([np.sin(phase), np.cos(phase)], 1), 0)
    return np.clip(np.concatenate([standardised, onsets[:, None], circle], 1), -4, 4).astype(np.float32)
