"""The instruments and the mixing desk of the songs: each makes one sound, mono float64 (n,), 44,100 samples a second.

Drums are falling sines and filtered noise, notes are saws, squares or frequency modulation under an envelope.
Every function takes a random generator last, for its noise. Pitches are MIDI numbers (69 is A at 440 Hz).
"""

import numpy as np
from scipy.signal import butter, fftconvolve, sawtooth, sosfilt

SAMPLE_RATE = 44_100
LOUDNESS = 0.15  # root mean square of a finished song


def _time(seconds: float) -> np.ndarray:
    return np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE


def _filter(sound, hertz, kind="low", order=2):
    hertz = np.clip(hertz, 20, SAMPLE_RATE * 0.45)
    return sosfilt(butter(order, hertz, kind, fs=SAMPLE_RATE, output="sos"), sound)


def _hertz(pitch: float) -> float:
    return 440 * 2 ** ((pitch - 69) / 12)


def _envelope(t, attack, release):
    """Rises within ``attack`` seconds and falls within the last ``release``."""
    return np.minimum(1, t / attack) * np.clip((t[-1] - t) / release, 0, 1)


def kick(hertz: float, decay: float, rng) -> np.ndarray:
    """A bass drum: a sine that falls to ``hertz``, with a click."""
    t = _time(0.45)
    phase = 2 * np.pi * (hertz * t + 4 * (1 - np.exp(-30 * t)))
    return np.sin(phase) * np.exp(-decay * t) + 0.25 * rng.normal(size=len(t)) * np.exp(-300 * t)


def snare(hertz: float, decay: float, brushed: bool, rng) -> np.ndarray:
    """A snare drum: noise over a short tone; brushed: softer, without the tone."""
    t = _time(0.4)
    noise = _filter(rng.normal(size=len(t)), (900, 9000 if not brushed else 6000), "band")
    attack = np.minimum(1, t / (0.02 if brushed else 0.001))
    return attack * 0.8 * noise * np.exp(-decay * t) + (not brushed) * 0.5 * np.sin(2 * np.pi * hertz * t) * np.exp(
        -28 * t
    )


def hat(opened: bool, bright: float, rng) -> np.ndarray:
    """A hi-hat: noise above 7 kHz, short or (``opened``) ringing."""
    t = _time(0.3)
    return _filter(rng.normal(size=len(t)), 7000 * bright, "high") * np.exp(-(14 if opened else 60) * t)


def crash(seconds: float, bright: float, rng) -> np.ndarray:
    """A cymbal: noise above 4 kHz that dies away."""
    t = _time(2.5 * seconds)
    return _filter(rng.normal(size=len(t)), 4000 * bright, "high") * np.exp(-3 * t / seconds)


def tom(hertz: float, rng) -> np.ndarray:
    """A tom-tom: a falling sine."""
    t = _time(0.35)
    return np.sin(2 * np.pi * hertz * (t + 0.02 * (1 - np.exp(-20 * t)))) * np.exp(-10 * t)


def bass(pitch: float, seconds: float, cutoff: float, rng) -> np.ndarray:
    """A bass note: a saw through a low-pass filter, and the sine below it."""
    t = _time(seconds)
    saw = _filter(sawtooth(2 * np.pi * _hertz(pitch) * t), cutoff)
    return (saw + 0.6 * np.sin(2 * np.pi * _hertz(pitch) * t)) * _envelope(t, 0.005, 0.05) * np.exp(-1.5 * t)


def chord(pitches: tuple, seconds: float, cutoff: float, rng) -> np.ndarray:
    """A chord of detuned saws, soft when it is long and struck when it is short."""
    t = _time(max(seconds, 0.15))
    total = np.zeros(len(t))
    for pitch in pitches:
        for detune in (-0.12, 0.12):
            total += sawtooth(2 * np.pi * _hertz(pitch + detune) * t + rng.uniform(0, 2 * np.pi))
    attack, decay = (0.06, 0.3) if seconds > 0.6 else (0.004, 4)
    return _filter(total, cutoff) / len(pitches) * _envelope(t, attack, 0.1) * np.exp(-decay * t)


def note(pitch: float, seconds: float, colour: int, bright: float, rng) -> np.ndarray:
    """A melody note; colour 0: square synthesiser, 1: organ, 2: electric piano (frequency modulation)."""
    t = _time(max(seconds, 0.12))
    phase = 2 * np.pi * _hertz(pitch) * t
    if colour == 0:
        tone = _filter(np.sign(np.sin(phase)), 2500 * bright) * 0.7
    elif colour == 1:
        tone = sum(np.sin(n * phase) / n for n in (1, 2, 3, 4)) * 0.6
    else:
        tone = np.sin(phase + 1.6 * bright * np.exp(-6 * t) * np.sin(2 * phase))
    return tone * _envelope(t, 0.006, 0.04) * np.exp(-3 * t)


def master(mix: np.ndarray, room: np.ndarray, n: int, rng, variation: bool) -> np.ndarray:
    """Reverb, equaliser, limiter: the finished song, float32 (n,) within 0.98.

    With ``variation`` the size of the room, a smooth equaliser and tilt, hiss, a low-pass at 8 to 16 kHz,
    saturation and the level (0 to -12 dB) are drawn, as recordings differ in them.
    """
    seconds = rng.uniform(0.4, 1.8) if variation else 0.9
    t = _time(seconds)
    left, right = (rng.normal(size=len(t)) * np.exp(-6.9 * t / seconds) for _ in range(2))
    tail = 0.5 * (left + right) / np.linalg.norm(left)  # a stereo room, heard in mono
    wet = fftconvolve(_filter(room, 250, "high", 1), tail)[: len(mix)]
    song = (mix + (rng.uniform(0.5, 1.8) if variation else 1.0) * wet)[:n]
    if variation:
        song = _equalise(song, rng)
        song += np.std(song) * 10 ** (rng.uniform(-70, -40) / 20) * rng.normal(size=n)
        song = _filter(song, rng.uniform(8000, 16000), order=4)
    drive = rng.uniform(0.4, 1.6) if variation else 1.0
    song = song - song.mean()
    for _ in range(3):  # the limiter takes a little of the loudness: set it again
        song = np.tanh(drive * song / (song.std() / LOUDNESS)) / drive
    song *= LOUDNESS / song.std()
    peak = np.abs(song).max()
    level = 10 ** (rng.uniform(-12, 0) / 20) if variation else 1.0
    return (song * min(1.0, 0.97 / peak) * level).astype(np.float32)


def _equalise(song: np.ndarray, rng) -> np.ndarray:
    """A random smooth equaliser: gains of about 4 dB at eight frequencies, and darker (or brighter) by the octave.

    Real recordings are darker than synthesisers: a jazz band in a room has 15 dB less above 2.4 kHz.
    """
    spectrum = np.fft.rfft(song)
    hertz = np.maximum(np.fft.rfftfreq(len(song), 1 / SAMPLE_RATE), 20)
    gains = np.interp(np.log(hertz), np.log(np.geomspace(40, 16000, 8)), rng.normal(0, 4, 8))
    gains += rng.uniform(-5, 1) * np.maximum(np.log2(hertz / 250), 0)
    return np.fft.irfft(spectrum * 10 ** (gains / 20), len(song))
