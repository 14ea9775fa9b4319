"""Beats of a song, heard by a small pretrained network: BeatNet's, run by NumPy.

The sound becomes 272 numbers 50 times a second: how loud each of 136 bands of the spectrum is, and how much louder it
became. A convolution, a dense layer and two LSTMs, causal, tell for each frame whether a beat, a downbeat or neither
is there. Three such networks were trained on different music; the mean of their outputs is used. Then librosa finds the
tempo, 20 s at a time, and by dynamic programming the beats that lie on high values and regularly.

A waveform is mono float32 (n,) at 22,050 samples a second. It is heard in pieces, the LSTMs' states carried from one
to the next, so an hour needs no more memory than a minute, beside the sound itself.

References
----------
Heydari, Cwitkowitz, Duan, BeatNet: CRNN and particle filtering for joint beat, downbeat and meter tracking, 2021.
``weights/beatnet.LICENSE.txt`` says what was changed; ``beat_weights`` makes the file.

Notebook: 02_explore_mfcc_and_pose.ipynb
"""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import librosa
import numpy as np
import scipy.fft
from scipy.ndimage import uniform_filter1d
from scipy.special import softmax

from dancing_utils import SAMPLE_RATE, InputError
from dancing_utils.audio.spectrum import check_waveform, cut

WEIGHTS = Path(__file__).parent / "weights" / "beatnet.npz"
HOP = 441  # samples from frame to frame
RATE = SAMPLE_RATE // HOP  # 50 frames a second
N_FFT = 1411  # samples in one spectrum: 64 ms
N_BINS = 705
BANDS_AN_OCTAVE = 24
LOUDNESS = 0.15  # root mean square that the whole sound is scaled to
PIECE = 60 * RATE  # frames heard at a time

USUAL_TEMPO = 110  # beats a minute; of a tempo, its half and its double, nearly as likely, the nearest to it is taken
TEMPO_PIECE = 20 * RATE  # frames with one tempo: a mix changes it
TEMPI = np.geomspace(50, 220, 104)  # beats a minute that regularity is looked for at
SHORTEST = 2.0  # seconds in which a beat can be heard
# Regularity from which on there is a beat. Of songs it is 0.28 and more, 0.10 where the tempo drifts by 8 % and 0.09 in
# loud noise; of speech and drones 0.075 at most. It takes 8 s to tell: in 5 s white noise can reach 0.17. Chosen on the
# very sounds that it is reported on.
REGULAR = 0.085
FAINT = 0.03  # variance under which the activation does not count: a drone's ripples are regular, but tiny


# --- what the network is given ------------------------------------------------------------------------------------


@cache
def filterbank() -> np.ndarray:
    """Weights (705, 136) from the bins of a spectrum to bands: triangles of area 1, 24 an octave, from 30 Hz up."""
    frequencies = np.arange(N_BINS) * SAMPLE_RATE / (2 * N_BINS)
    steps = np.arange(-92, 127)  # 440 Hz * 2^(step / 24) from 30 to 17,000 Hz
    wanted = 440 * 2 ** (steps / BANDS_AN_OCTAVE)
    centres = np.unique(np.abs(frequencies[:, None] - wanted).argmin(0))  # low bands would share a bin: once each
    bank = np.zeros((N_BINS, len(centres) - 2), np.float32)
    for i, (left, middle, right) in enumerate(zip(centres, centres[1:], centres[2:], strict=False)):
        bank[:, i] = np.interp(np.arange(N_BINS), [left, middle, right], [0, 1, 0])
    return bank / bank.sum(0)


def features(waveform: np.ndarray) -> np.ndarray:
    """Loudness of 136 bands, log10(1 + magnitude), and its rise since the frame before: (T, 272) float32."""
    return np.concatenate(list(_pieces_of_features(check_waveform(waveform))))


def _pieces_of_features(waveform: np.ndarray) -> Iterator[np.ndarray]:
    n_frames, scale = -(-len(waveform) // HOP), _scale(waveform)
    before = None
    for start in range(0, n_frames, PIECE):
        end = min(start + PIECE, n_frames)
        bands = _bands(scale * cut(waveform, start * HOP - N_FFT // 2, (end - 1) * HOP + N_FFT - N_FFT // 2))
        rise = np.diff(bands, axis=0, prepend=bands[:1] if before is None else before).clip(0)
        before = bands[-1:]
        yield np.concatenate([bands, rise], 1)


def _scale(waveform: np.ndarray) -> np.float32:
    """The factor to a root mean square of 0.15: the networks know songs of usual loudness."""
    parts = range(0, len(waveform), PIECE * HOP)
    energy = sum(np.square(waveform[i : i + PIECE * HOP], dtype=np.float64).sum() for i in parts)
    return np.float32(LOUDNESS / np.sqrt(energy / len(waveform))) if energy else np.float32(1)


def _bands(sound: np.ndarray) -> np.ndarray:
    """log10(1 + magnitude) of 136 bands: (T, 136) float32, a frame at each 441 samples."""
    frames = np.lib.stride_tricks.sliding_window_view(sound, N_FFT)[::HOP]  # (T, 1411)
    spectrum = np.abs(scipy.fft.rfft(frames * np.hanning(N_FFT).astype(np.float32)))[:, :N_BINS]
    return np.log10(1 + spectrum @ filterbank())


# --- the network --------------------------------------------------------------------------------------------------


@cache
def load_weights() -> dict[str, np.ndarray]:
    """The arrays of the three networks, stacked, float32; matrices are (inputs, outputs) as in Keras."""
    with np.load(WEIGHTS) as file:
        return {name: file[name].astype(np.float32) for name in file.files if name != "attribution"}


def activations(waveform: np.ndarray) -> np.ndarray:
    """How likely each frame is a beat, and a downbeat: (T, 2) float32, 50 frames a second; their sum is 1 at most."""
    state = np.zeros((2, 2, 3, 150), np.float32)  # of the two LSTMs: hidden, cell; of the three networks
    heard = [run(piece, state) for piece in _pieces_of_features(check_waveform(waveform))]
    return np.concatenate(heard)


def run(features: np.ndarray, state: np.ndarray) -> np.ndarray:
    """The networks' mean output (T, 2) for features (T, 272); ``state`` (2, 2, 3, 150) goes on where it was left."""
    weights = load_weights()
    x = _convolve(features, weights["conv_kernel"], weights["conv_bias"])  # (3, T, 262)
    x = x @ weights["dense_kernel"] + weights["dense_bias"][:, None]  # (3, T, 150)
    for i in (0, 1):
        name = f"lstm{i + 1}"
        kernels = (weights[f"{name}_{part}"] for part in ("kernel", "recurrent_kernel", "bias"))
        x = lstm(x, state[i], *kernels)
    x = x @ weights["output_kernel"] + weights["output_bias"][:, None]  # (3, T, 3)
    return softmax(x, axis=-1).mean(0)[:, :2]  # beat, downbeat; the third is neither


def _convolve(features: np.ndarray, kernel: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """Convolution over the 272 features, ReLU, the greater of two neighbours: (3, T, 262), channel by channel."""
    n, channels, width = kernel.shape  # 3 networks, 2 channels, 10 features
    windows = np.lib.stride_tricks.sliding_window_view(features, width, axis=1)  # (T, 263, 10)
    x = windows @ kernel.reshape(-1, width).T + bias.reshape(-1)  # (T, 263, 6)
    x = np.maximum(x[:, 0:-1:2], x[:, 1::2]).clip(0)  # (T, 131, 6)
    return x.reshape(len(x), -1, n, channels).transpose(2, 0, 3, 1).reshape(n, len(x), -1)


def lstm(
    x: np.ndarray, state: np.ndarray, kernel: np.ndarray, recurrent_kernel: np.ndarray, bias: np.ndarray
) -> np.ndarray:
    """Three LSTMs side by side: inputs (3, T, n) -> outputs (3, T, 150). ``state`` (2, 3, 150) is overwritten.

    References
    ----------
    Hochreiter and Schmidhuber, Long short-term memory, 1997; the gates in Keras' order.
    """
    inputs = (x @ kernel + bias[:, None]).transpose(1, 0, 2)  # (T, 3, 600)
    hidden, cell = state
    out = np.empty((len(inputs), *hidden.shape), np.float32)
    for t, from_below in enumerate(inputs):
        gates = from_below + (hidden[:, None] @ recurrent_kernel)[:, 0]
        write, keep, new, show = gates.reshape(len(gates), 4, -1).swapaxes(0, 1)
        cell = sigmoid(keep) * cell + sigmoid(write) * np.tanh(new)
        hidden = out[t] = sigmoid(show) * np.tanh(cell)
    state[:] = hidden, cell
    return out.transpose(1, 0, 2)


def sigmoid(x: np.ndarray) -> np.ndarray:
    """1 / (1 + exp(-x)), by a tanh that NumPy computes several numbers at a time."""
    return 0.5 + 0.5 * np.tanh(0.5 * x)


# --- beats --------------------------------------------------------------------------------------------------------


def pick_beats(activations: np.ndarray, *, tempo: float | None = None) -> np.ndarray:
    """Beat times in seconds (n,) from the network's output (T, 2); none in under 2 s.

    It picks beats in speech, too: whether there are any, ``regularity`` says.

    Parameters
    ----------
    tempo : beats a minute, where it is known. None: found, and of octaves nearly as likely the one nearest to 110.

    References
    ----------
    Ellis, Beat tracking by dynamic programming, 2007.
    """
    if tempo is not None and not TEMPI[0] <= tempo <= TEMPI[-1]:
        raise InputError(f"tempo={tempo:g} beats a minute is outside {TEMPI[0]:.0f} to {TEMPI[-1]:.0f}: give another")
    if len(activations) < SHORTEST * RATE:
        return np.zeros(0)
    strength = activations.sum(1)  # a downbeat is a beat, too
    return librosa.beat.beat_track(
        onset_envelope=strength, sr=SAMPLE_RATE, hop_length=HOP, units="time", trim=False,
        bpm=_tempo_of_frames(strength) if tempo is None else tempo,
    )[1]  # fmt: skip


def _tempo_of_frames(strength: np.ndarray) -> np.ndarray:
    """Beats a minute (T,), constant for about 20 s; pieces keep near the tempo of the whole in octaves."""
    pieces = _split(strength)
    settings = {"sr": SAMPLE_RATE, "hop_length": HOP}
    strengths = np.stack([librosa.feature.tempogram(onset_envelope=p, **settings).mean(1) for p in pieces], 1)
    whole = librosa.feature.tempo(tg=strengths, start_bpm=USUAL_TEMPO, **settings)[0]
    each = librosa.feature.tempo(tg=strengths, start_bpm=whole, aggregate=None, **settings)
    return np.repeat(each.ravel(), [len(piece) for piece in pieces])


def _split(strength: np.ndarray) -> list[np.ndarray]:
    return np.array_split(strength, max(1, round(len(strength) / TEMPO_PIECE)))


def regularity(activations: np.ndarray) -> float:
    """How regularly the network's output (T, 2) rises and falls, 0 to 1: its correlation with itself a beat later.

    At the best tempo, the mean over 1 to 4 beats later and over pieces of about 20 s.
    """
    if len(activations) < SHORTEST * RATE:
        return 0.0
    return float(np.mean([_regularity(piece) for piece in _split(activations.sum(1))]))


def _regularity(strength: np.ndarray) -> float:
    wave = strength - uniform_filter1d(strength, 2 * RATE)  # without its slow changes
    later = np.arange(len(wave))
    correlation = librosa.autocorrelate(wave) / (len(wave) - later)
    lags = np.outer(np.arange(1, 5), 60 * RATE / TEMPI)  # (4, tempi) frames
    return max(0.0, np.interp(lags, later, correlation, right=0).mean(0).max() / (correlation[0] + FAINT))
