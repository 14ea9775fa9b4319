"""What is heard of a song, to see and to hear: wave, mel spectrogram, MFCC, beats; and a score for who taps along.

What the first n MFCC keep is the coarse shape of the spectrum. It becomes sound again when noise is filtered to have
that shape: so nothing is heard but what the coefficients say, beside the noise.

Notebook: 02_explore_mfcc_and_pose.ipynb
"""

import io
from functools import lru_cache

import librosa
import matplotlib.pyplot as plt
import numpy as np
from matplotlib import colormaps
from scipy.fft import idct

from dancing_utils import FPS, N_MFCC, SAMPLE_RATE, WIDTH, InputError
from dancing_utils.audio import spectrum
from dancing_utils.audio.hearing import Heard
from dancing_utils.instruments.instrument import Answer, Instrument, module, poses_bytes, style, wav
from dancing_utils.show.plots import ORANGE, draw_skeleton, plot_mel, plot_waveform

NEAR = 0.07  # seconds between a tap and a beat that count as one: the usual window
FEWEST = 4  # taps that make a score
PEAKS = 90  # a second, of the wave that is drawn
DECIBELS = 80.0  # below the loudest, down to which is drawn
ACROSS = 460  # pixels a second in the picture, so that the dancer keeps her shape


def shape_kept(coefficients: np.ndarray, n: int) -> np.ndarray:
    """The mel spectrogram (T, 128) in dB that the first n of all 128 MFCC (T, 128) describe.

    Raises
    ------
    InputError
        If there are not so many coefficients.
    """
    if not 1 <= n <= coefficients.shape[1]:
        raise InputError(f"{n} coefficients: give 1 to {coefficients.shape[1]}")
    kept = np.where(np.arange(coefficients.shape[1]) < n, coefficients, 0)
    return idct(kept, axis=1, norm="ortho")


@lru_cache(2)
def _noise(n: int) -> np.ndarray:
    """The spectra (1025, n + 1) of noise that lasts n video frames; their power is 1 in the mean."""
    hop = spectrum.hop_length()
    noise = np.random.default_rng(0).standard_normal(n * hop).astype(np.float32)
    usual = (librosa.filters.get_window("hann", spectrum.N_FFT) ** 2).sum()  # the power of such noise in a bin
    return librosa.stft(noise, n_fft=spectrum.N_FFT, hop_length=hop) / np.float32(np.sqrt(usual))


@lru_cache(1)
def _to_bins() -> np.ndarray:
    """Weights (128, 1025) that take the power in mel bands to that in the spectrum's bins; even noise stays even."""
    bands = librosa.filters.mel(sr=SAMPLE_RATE, n_fft=spectrum.N_FFT, n_mels=spectrum.N_MELS)  # (128, 1025)
    return (bands / np.maximum(bands.sum(0), 1e-9) / bands.sum(1, keepdims=True)).astype(np.float32)


def sound_of(decibels: np.ndarray) -> np.ndarray:
    """A mel spectrogram (T, 128) in dB, a row a video frame, as sound (T * 735,): noise with that spectrum."""
    hop, n = spectrum.hop_length(), len(decibels)
    power = 10 ** (np.asarray(decibels, np.float32) / 10) @ _to_bins()  # (T, 1025)
    loudness = np.sqrt(np.vstack([power, power[-1:]])).T  # (1025, T + 1): the last spectrum is at the sound's end
    sound = librosa.istft(_noise(n) * loudness, hop_length=hop, length=n * hop)
    return np.clip(sound, -1, 1).astype(np.float32)


def score_taps(taps: np.ndarray, beats: np.ndarray) -> dict:
    """Who tapped (n,) seconds is compared with the beats (m,) between the first and the last tap.

    Returns
    -------
    "f" : F-measure, the harmonic mean of two shares: of the taps that are within ``NEAR`` of a beat of their own, and
    of the beats that have such a tap. "own" : the same after ``late`` is taken off all taps. "late" : seconds, the
    median from the nearest beat. "hits" : whether each tap, in the order of time, has a beat.

    Raises
    ------
    InputError
        If there are too few taps or beats.

    References
    ----------
    Davies, Degara and Plumbley, Evaluation methods for musical audio beat tracking algorithms, 2009.
    """
    taps, beats = np.sort(np.asarray(taps, float)), np.asarray(beats, float)
    if len(taps) < FEWEST or not np.isfinite(taps).all():
        raise InputError(f"{len(taps)} taps: {FEWEST} make a score")
    if len(beats) < 2:
        raise InputError("no beat is heard in this song: there is nothing to tap to")
    late = float(np.median(taps - beats[np.abs(taps[:, None] - beats).argmin(1)]))
    hits, f = _matched(taps, beats)
    return {"f": f, "own": _matched(taps - late, beats)[1], "late": late, "hits": hits.tolist()}


def _matched(taps: np.ndarray, beats: np.ndarray) -> tuple[np.ndarray, float]:
    """Whether each tap has a beat of its own, and the F-measure."""
    beats = beats[(beats >= taps[0] - NEAR) & (beats <= taps[-1] + NEAR)]
    hits, k = np.zeros(len(taps), bool), 0
    for i, tap in enumerate(taps):
        while k < len(beats) and beats[k] < tap - NEAR - 1e-9:
            k += 1
        if k < len(beats) and beats[k] <= tap + NEAR + 1e-9:
            hits[i], k = True, k + 1
    return hits, 2 * hits.sum() / (len(taps) + len(beats))


def in_words(score: dict) -> str:
    """A score in a sentence or two."""
    late, own = 1000 * score["late"], score["own"]
    side = "late" if late > 0 else "early"
    words = f"{sum(score['hits'])} of {len(score['hits'])} taps within 70 ms of a beat: F {score['f']:.2f} of 1. "
    words += f"You are {abs(late):.0f} ms {side} on the whole"
    return words + (f"; without that, F {own:.2f}." if own > score["f"] + 0.01 else ".")


def as_bytes(values: np.ndarray, low: float, high: float) -> bytes:
    """An array as a byte each: 0 for ``low`` and less, 255 for ``high`` and more."""
    return np.round(255 * np.clip((values - low) / (high - low), 0, 1)).astype(np.uint8).tobytes()


class Ear(Instrument):
    """A song with a cursor over wave, mel spectrogram, MFCC and beats, and its dance in step; MFCC to hear; a tap game.

    Parameters
    ----------
    waveform : mono (n,) at 22,050 samples a second.
    heard : what is heard of it, by ``hear``.
    poses : (T, 33, 2), who dances to it, 30 a second.
    """

    _esm, _css = module("ear"), style()
    words = (
        "The ear, as a picture: from above the wave, the mel spectrogram with the beats as dotted lines, what 13 MFCC "
        "keep of it, which is blurred, and the dancer at the same times. With a running kernel the song plays, the "
        "dancer dances, the kept sound is heard, and one can tap along."
    )

    def __init__(self, waveform: np.ndarray, heard: Heard, poses: np.ndarray):
        n = min(len(poses), len(waveform) // spectrum.hop_length())
        self.waveform, self.heard, self.poses = waveform[: n * spectrum.hop_length()], heard, poses[:n]
        self.coefficients = spectrum.mfcc(self.waveform, n_mfcc=spectrum.N_MELS)  # (T, 128)
        self.loudest = float(shape_kept(self.coefficients, spectrum.N_MELS).max())
        super().__init__()

    @property
    def answers(self):
        """Questions of the browser: what there is, what n coefficients keep, a score."""
        return {"begin": self.begin, "keep": self.keep, "score": self.score}

    def begin(self, what: dict, buffers: list) -> Answer:
        """Beats, and as buffers the sound, the dance, the wave's peaks, mel, MFCC and the colours."""
        peaks = self.waveform[: len(self.waveform) // (SAMPLE_RATE // PEAKS) * (SAMPLE_RATE // PEAKS)]
        peaks = np.abs(peaks).reshape(-1, SAMPLE_RATE // PEAKS).max(1)
        mfcc = self.coefficients[:, :N_MFCC]
        scaled = (mfcc - mfcc.mean(0)) / (mfcc.std(0) + 1e-6)
        mel = shape_kept(self.coefficients, spectrum.N_MELS)
        colours = np.round(255 * colormaps["cividis"](np.arange(256))[:, :3]).astype(np.uint8)
        told = {"beats": self.heard.beats.tolist(), "tempo": self.heard.tempo, "frames": len(self.poses),
                "bands": spectrum.N_MELS, "usual": N_MFCC}  # fmt: skip
        return told, [
            wav(self.waveform), poses_bytes(self.poses), as_bytes(peaks, 0, peaks.max()), self._seen(mel),
            as_bytes(scaled, -2.5, 2.5), colours.tobytes(),
        ]  # fmt: skip

    def keep(self, what: dict, buffers: list) -> Answer:
        """What the first n coefficients keep, as sound and as picture."""
        shape = shape_kept(self.coefficients, int(what.get("n", 0)))
        return {"n": int(what["n"])}, [wav(sound_of(shape)), self._seen(shape)]

    def score(self, what: dict, buffers: list) -> Answer:
        """The score of taps, in words, too."""
        score = score_taps(np.array(what.get("taps", []), float), self.heard.beats)
        return {**score, "words": in_words(score)}, []

    def still(self) -> bytes:
        """Five seconds: wave, mel with beats, what 13 coefficients keep, the dancer."""
        n = min(len(self.poses), 5 * FPS)
        fig, axes = plt.subplots(4, 1, figsize=(10, 8.4), layout="constrained", height_ratios=(0.9, 1.3, 1.3, 2.2))
        some = self.waveform[: n * spectrum.hop_length()]
        plot_waveform(some, ax=axes[0], title="The ear: the wave")
        plot_mel(some, ax=axes[1], title="Mel spectrogram; dotted: the beats")
        for beat in self.heard.beats[self.heard.beats < n / FPS]:
            axes[1].axvline(beat, color="white", linewidth=2.2, alpha=0.7)
            axes[1].axvline(beat, color=ORANGE, linestyle=":", linewidth=1.6)
        shape = shape_kept(self.coefficients[:n], N_MFCC)
        image = axes[2].imshow(
            shape.T, origin="lower", aspect="auto", extent=(0, n / FPS, 0, spectrum.N_MELS), cmap="cividis",
            vmin=self.loudest - DECIBELS, vmax=self.loudest,
        )  # fmt: skip
        axes[2].set(title="What 13 MFCC keep of it", ylabel="mel band", xlabel="time (s)")
        fig.colorbar(image, ax=axes[2], label="dB", pad=0.01)
        for k in range(8, n - 8, 14):
            draw_skeleton(axes[3], self.poses[k], shift=k / FPS * ACROSS - WIDTH / 2, width=1.2)
        axes[3].set(xlim=(0, n / FPS * ACROSS), ylim=(620, 40), title="The dancer", xlabel="time (s)")
        axes[3].set_ylabel("y (pixels)")
        axes[3].set_xticks(np.arange(n // FPS) * ACROSS, range(n // FPS))
        buffer = io.BytesIO()
        fig.savefig(buffer, format="png", dpi=70)
        plt.close(fig)
        return buffer.getvalue()

    def _seen(self, decibels: np.ndarray) -> bytes:
        return as_bytes(decibels, self.loudest - DECIBELS, self.loudest)
