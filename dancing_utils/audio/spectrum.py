"""What the spectrum of a sound says, one vector a video frame: 13 MFCC, and onset strength.

A waveform is mono float32 (n,) in [-1, 1] at 22,050 samples a second. Row k of a feature belongs to video frame k
and is centred on its time, k / 30 s: at 30 frames a second there are exactly 735 samples from one frame to the
next, so nothing drifts however long the song. librosa does the signal processing, a piece of the sound at a time: an
hour needs no more memory than a minute, beside the sound itself.

Notebook: 02_explore_mfcc_and_pose.ipynb
"""

from collections.abc import Iterator

import librosa
import numpy as np

from dancing_utils import FPS, N_MFCC, SAMPLE_RATE, InputError

N_FFT = 2048  # samples in one spectrum: 93 ms
FINE_HOP = 245  # samples between onset values, a third of a video frame
N_MELS = 128  # bands of the mel spectrogram
LATE = N_FFT // (2 * FINE_HOP)  # values by which librosa shifts onset strength, from a spectrum's start to its middle
PIECE = 2000  # spectra made at a time: those of an hour would take 3 GB


def hop_length(sample_rate: int = SAMPLE_RATE, fps: int = FPS) -> int:
    """Samples from one video frame to the next; an error where that is no whole number."""
    if sample_rate % fps:
        raise InputError(f"sample_rate={sample_rate} is no multiple of fps={fps}: use 22050 or 44100 with 30")
    return sample_rate // fps


def count_frames(waveform: np.ndarray, *, sample_rate: int = SAMPLE_RATE, fps: int = FPS) -> int:
    """Whole video frames that the sound lasts, at least 1."""
    return max(1, len(check_waveform(waveform)) // hop_length(sample_rate, fps))


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
    (n_frames, n_mfcc) float32; coefficient 0 is the mean level in dB times sqrt(128) (about -600 to 200), the
    others timbre (about +-200).

    References
    ----------
    Davis and Mermelstein, Comparison of parametric representations for monosyllabic word recognition, 1980.
    """
    n_frames = n_frames or count_frames(waveform, sample_rate=sample_rate, fps=fps)
    hop = hop_length(sample_rate, fps)
    sound = check_waveform(waveform)[: n_frames * hop]
    pieces = _mel_in_decibels(sound, n_frames=n_frames + 1, sample_rate=sample_rate, hop=hop)
    # a copy each: librosa gives a view of all 128 coefficients
    features = [librosa.feature.mfcc(S=mel, n_mfcc=n_mfcc).T.astype(np.float32) for mel in pieces]
    return np.concatenate(features)[:n_frames]  # (n_frames, n_mfcc)


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
    n = 1 + len(check_waveform(waveform)) // FINE_HOP
    pieces = _mel_in_decibels(check_waveform(waveform), n_frames=n, sample_rate=SAMPLE_RATE, hop=FINE_HOP, overlap=1)
    # librosa puts a 0 before what rises from a piece's first column to its second
    rises = [librosa.onset.onset_strength(S=mel, sr=SAMPLE_RATE, center=False)[1:] for mel in pieces]
    return np.pad(np.concatenate(rises), (1 + LATE, 0))[:n]


def _mel_in_decibels(waveform: np.ndarray, **settings) -> Iterator[np.ndarray]:
    """The pieces of ``_mel`` in decibels, at most 80 under the loudest of all; for that they are made twice."""
    loudest = max(mel.max() for mel in _mel(waveform, **settings))
    floor = librosa.power_to_db(loudest, top_db=None) - 80
    for mel in _mel(waveform, **settings):
        yield np.maximum(librosa.power_to_db(mel, top_db=None), floor)


def _mel(
    waveform: np.ndarray, *, n_frames: int, sample_rate: int, hop: int, overlap: int = 0
) -> Iterator[np.ndarray]:  # fmt: skip
    """Mel spectrogram (128, n_frames), column k centred on sample k * hop, in pieces of 2000 columns.

    Each but the first has before them the last ``overlap`` columns of the piece before.
    """
    for start in range(0, n_frames, PIECE):
        first, last = max(0, start - overlap), min(start + PIECE, n_frames) - 1
        sound = cut(waveform, first * hop - N_FFT // 2, last * hop + N_FFT // 2)
        yield librosa.feature.melspectrogram(
            y=sound, sr=sample_rate, n_fft=N_FFT, hop_length=hop, n_mels=N_MELS, center=False
        )


def cut(waveform: np.ndarray, start: int, end: int) -> np.ndarray:
    """Samples start to end; silence before the sound's first and after its last."""
    return np.pad(waveform[max(0, start) : end], (max(0, -start), max(0, end - len(waveform))))


def check_waveform(waveform: np.ndarray) -> np.ndarray:
    """The same as float32; an error where it is not mono sound or holds values that are no numbers."""
    waveform = np.asarray(waveform, np.float32)
    if waveform.ndim != 1 or waveform.size == 0:
        raise InputError(f"a waveform of shape {waveform.shape} is not mono sound (n,): mix the channels first")
    if not np.isfinite([waveform.min(), waveform.max()]).all():  # both are NaN if one value is
        raise InputError("the waveform holds values that are not numbers: decode the file again")
    return waveform
