"""The song as the models hear it, in one call: the same in extraction, in training and when a video is made.

Notebook: 04_better_motion.ipynb
"""

from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from dancing_utils import FPS, N_MFCC, InputError
from dancing_utils.audio import beat_network, beat_tracking, spectrum

N_FEATURES = N_MFCC + 3


@dataclass(frozen=True)
class Heard:
    """What is heard of a sound, a row for each of T video frames, and its beats."""

    mfcc: np.ndarray  # (T, 13) float32
    onset_strength: np.ndarray  # (T,) float32
    beats: np.ndarray  # (n,) seconds, rising; none where no beat is heard
    tempo: float  # beats a minute; 0 without beats
    regularity: float  # 0 to 1, how sure the beat is; NaN where the beats were given

    @property
    def has_beat(self) -> bool:
        """Is there something to dance to?"""
        return len(self.beats) >= 2

    @property
    def features(self) -> np.ndarray:
        """What the song model is given: (T, 16), see ``sound_features``."""
        return sound_features(self.mfcc, self.onset_strength, self.beats)


def compile_librosa() -> None:
    """Have numba compile what librosa needs for hearing, and keep it on the disk, before other processes hear.

    Processes that do it at once mix up its files, and all that read them later crash
    (https://github.com/numba/numba/issues/10128).
    """
    import_module("librosa.beat")  # which needs all others that are compiled


@threadpool_limits.wrap(limits=1)  # the last digits of a matrix product depend on the number of threads
def hear(
    waveform: np.ndarray, *, n_frames: int | None = None, tempo: float | None = None, beats: np.ndarray | None = None
) -> Heard:
    """Hear a sound: MFCC, onset strength, and the beats that the network hears.

    Parameters
    ----------
    waveform : mono float32 (n,) in [-1, 1] at 22,050 samples a second.
    n_frames : video frames T. None: as many as the sound lasts.
    tempo : beats a minute, where it is known: then there is a beat, and the network says where.
    beats : seconds (n,), rising, where they are known; the network is not asked.

    Raises
    ------
    InputError
        If the waveform is no mono sound, the tempo is outside 50 to 220, the beats do not rise, or both are given.
    """
    if tempo is not None and beats is not None:
        raise InputError("the tempo and the beats are both given: give one of them")
    n_frames = n_frames or spectrum.count_frames(waveform)
    seconds, regularity = n_frames / FPS, float("nan")
    if beats is None:
        beats, regularity = _listen_for_beats(waveform, tempo)
    else:
        beats = _checked_beats(beats, seconds)
    beats = beats[beats < seconds]
    return Heard(
        spectrum.mfcc(waveform, n_frames=n_frames), spectrum.onset_strength(waveform, n_frames=n_frames), beats,
        beat_tracking.mean_tempo(beats), regularity,
    )  # fmt: skip


def _listen_for_beats(waveform: np.ndarray, tempo: float | None) -> tuple[np.ndarray, float]:
    heard = beat_network.activations(waveform)
    regularity = beat_network.regularity(heard)
    known = tempo is not None or regularity >= beat_network.REGULAR
    return beat_network.pick_beats(heard, tempo=tempo) if known else np.zeros(0), regularity


def _checked_beats(beats: np.ndarray, seconds: float) -> np.ndarray:
    beats = np.asarray(beats, float)
    if beats.ndim != 1 or not np.isfinite(beats).all() or (beats < 0).any() or (np.diff(beats) <= 0).any():
        raise InputError("the beats must be seconds from the song's start, each later than the one before")
    inside = int((beats < seconds).sum())
    if inside < 2 <= len(beats):
        raise InputError(
            f"the sound lasts {seconds:.1f} s, and {inside} of the {len(beats)} beats that were given lie in it, the "
            f"first at {beats[0]:g}: give them in seconds"
        )
    return beats


def read_beats(path: str | Path) -> np.ndarray:
    """Beats (n,) in seconds from a text file, one a line; lines without anything are left out.

    Raises
    ------
    InputError
        If there is no such text file, or a line is no time after the one before.
    """
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read as a text of beats ({error}): give seconds, one a line") from error
    beats: list[float] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            beats.append(float(line))
        except ValueError as error:
            raise InputError(f"{path} line {number}, {line.strip()!r}, is no time: give seconds, one a line") from error
        if not beats[-1] >= 0 or np.isinf(beats[-1]) or (len(beats) > 1 and beats[-1] <= beats[-2]):
            raise InputError(f"{path} line {number}, {line.strip()}, is not later than the one before: let them rise")
    if len(beats) < 2:
        raise InputError(f"{path} holds {len(beats)} beats, and a tempo takes two: give seconds, one a line")
    return np.array(beats)


def sound_features(mfcc: np.ndarray, onset_strength: np.ndarray, beats: np.ndarray | None = None) -> np.ndarray:
    """What the model hears: (T, 16) float32, each song by its own scale, clipped to +-4.

    13 MFCC standardised over the song, so that a dark and a bright recording look alike; onset strength in standard
    deviations; sine and cosine of the phase of the beats (n,) in seconds, both 0 with fewer than two of them. Beats
    that are None, as in files from before they were kept, are tracked in the onset strength.
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


def knows_beat(features: np.ndarray) -> bool:
    """Was there a beat when ``sound_features`` made these (T, 16)? Its sine and cosine are 0 where there was none."""
    return bool(features[:, -2:].any())
