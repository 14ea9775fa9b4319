"""What the spectrum of a sound says, one vector a video frame: 13 MFCC, and onset strength.

A waveform is mono float32 (n,) in [-1, 1] at 22,050 samples a second. Row k of a feature belongs to video frame k
and is centred on its time, k / 30 s: at 30 frames a second there are exactly 735 samples from one frame to the
next, so nothing drifts however long the song. librosa does the signal processing.

Notebook: 02_explore_mfcc_and_pose.ipynb
"""

import librosa
import numpy as np

from dancing_utils import FPS, N_MFCC, SAMPLE_RATE, InputError

N_FFT = 2048  # samples in one spectrum: 93 ms
FINE_HOP = 245  # samples between onset values, a third of a video frame: beats to 11 ms


def hop_length(sample_rate: int = SAMPLE_RATE, fps: int = FPS) -> int:
    """Samples from one video frame to the next; an error where that is no whole number."""
    if sample_rate % fps:
        raise InputError(f"sample_rate={sample_rate} is no multiple of fps={fps}: use 22050 or 44100 with 30")
    return sample_rate // fps


def count_frames(waveform: np.ndarray, *, sample_rate: int = SAMPLE_RATE, fps: int = FPS) -> int:
    """Whole video frames that the sound lasts, at least 1."""
    return max(1, len(_checked(waveform)) // hop_length(sample_rate, fps))


def mfcc(
    waveform: np.ndarray, *, n_frames: int | None = None, n_mfcc: int = N_MFCC, sample_rate: int = SAMPLE_RATE,
    fps: int = FPS,
) -> np.ndarray:  # fmt: skip
    """Mel-frequency cepstral coefficients: the shape of the spectrum in a few numbers, as the ear groups it.

    Parameters
    ----------
    n_frames : vectors wanted; silence is added or sound cut to fit. None: as many as the sound lasts.

    Returns
    -------
    (n_frames, n_mfcc) float32; coefficient 0 is loudness (about -600 to 200), the others timbre (about +-200).

    References
    ----------
    Davis and Mermelstein, Comparison of parametric representations for monosyllabic word recognition, 1980.
    """
    n_frames = n_frames or count_frames(waveform, sample_rate=sample_rate, fps=fps)
    hop = hop_length(sample_rate, fps)
    sound = librosa.util.fix_length(_checked(waveform), size=n_frames * hop)
    features = librosa.feature.mfcc(
        y=sound, sr=sample_rate, n_mfcc=n_mfcc, n_fft=N_FFT, hop_length=hop, center=True
    )  # (n_mfcc, n_frames + 1): column k is centred on sample k * hop
    return features.T[:n_frames].astype(np.float32)  # (n_frames, n_mfcc)


def onset_strength(waveform: np.ndarray, *, n_frames: int | None = None) -> np.ndarray:
    """How strongly something starts to sound around each frame: (n_frames,) float32, 0 or more.

    Spectral flux at a third of a frame; a frame keeps the strongest of the three values nearest to it.
    """
    n_frames = n_frames or count_frames(waveform)
    steps = hop_length() // FINE_HOP
    fine = fine_onset_strength(waveform)
    fine = np.pad(fine, (1, max(0, n_frames * steps - len(fine))))[: n_frames * steps]  # frame k: k*3-1 .. k*3+1
    return fine.reshape(n_frames, steps).max(1).astype(np.float32)


def fine_onset_strength(waveform: np.ndarray) -> np.ndarray:
    """Spectral flux, 0 or more, every third of a video frame: (n,)."""
    return librosa.onset.onset_strength(y=_checked(waveform), sr=SAMPLE_RATE, hop_length=FINE_HOP)


def _checked(waveform: np.ndarray) -> np.ndarray:
    waveform = np.asarray(waveform, np.float32)
    if waveform.ndim != 1 or waveform.size == 0:
        raise InputError(f"a waveform of shape {waveform.shape} is not mono sound (n,): mix the channels first")
    if not np.isfinite(waveform).all():
        raise InputError("the waveform holds values that are not numbers: decode the file again")
    return waveform
