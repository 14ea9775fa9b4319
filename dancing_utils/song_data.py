"""A song as the LSTM-VAE sees it: what it hears, what it dances, and which songs it learns from.

    sound features  (T, 16): 13 MFCC, onset strength, sine and cosine of the beat's phase
    pose vectors    (T, 68): 33 landmarks relative to the middle of the hips, and that middle apart, in pixels / 100

Notebook: 04_better_motion.ipynb
"""

import numpy as np

from dancing_utils import N_MFCC, InputError, audio
from dancing_utils.dataset import Clip, split_sources
from dancing_utils.landmarks import INDEX, N_LANDMARKS, mirror, to_pixels, to_units

N_FEATURES = N_MFCC + 3
N_POSE = 2 * N_LANDMARKS + 2
HIPS = [INDEX["left_hip"], INDEX["right_hip"]]


def sound_features(mfcc: np.ndarray, onset_strength: np.ndarray, beats: np.ndarray | None = None) -> np.ndarray:
    """What the model hears: (T, 16) float32, each song by its own scale, clipped to +-4.

    13 MFCC standardised over the song, so that a dark and a bright recording look alike; onset strength in standard
    deviations; sine and cosine of the beat's phase, tracked in the onset strength (or from ``beats`` in seconds).
    """
    if len(mfcc) != len(onset_strength):
        raise InputError(f"{len(mfcc)} frames of MFCC and {len(onset_strength)} of onset strength: they must agree")
    beats = audio.beats_from_onsets(onset_strength) if beats is None else beats
    phase = 2 * np.pi * audio.beat_phase(beats, len(mfcc))
    standardised = (mfcc - mfcc.mean(0)) / (mfcc.std(0) + 1e-3)
    onsets = onset_strength / (onset_strength.std() + 1e-3)
    known = np.isfinite(phase)[:, None]  # without a beat both are 0
    circle = np.where(known, np.stack([np.sin(phase), np.cos(phase)], 1), 0)
    return np.clip(np.concatenate([standardised, onsets[:, None], circle], 1), -4, 4).astype(np.float32)


def poses_to_vectors(poses: np.ndarray) -> np.ndarray:
    """Poses (T, 33, 2) in units of the picture -> (T, 68) in pixels / 100: relative to the hips, then the hips."""
    pixels = to_pixels(poses) / 100  # (T, 33, 2)
    hips = pixels[:, HIPS].mean(1)  # (T, 2)
    return np.concatenate([(pixels - hips[:, None]).reshape(len(pixels), -1), hips], 1).astype(np.float32)


def vectors_to_poses(vectors: np.ndarray) -> np.ndarray:
    """The inverse of ``poses_to_vectors``: (T, 68) -> (T, 33, 2)."""
    relative = vectors[:, :-2].reshape(-1, N_LANDMARKS, 2)
    return to_units((relative + vectors[:, None, -2:]) * 100)


def to_songs(clips: list[Clip], *, mirrored: bool = False, shortest: int = 60) -> list[tuple[np.ndarray, np.ndarray]]:
    """Sound features (T, 16), pose vectors (T, 68) of each stretch without a missing pose; ``mirrored``: both ways."""
    songs = []
    for clip in clips:
        onsets = clip.onset_strength if clip.onset_strength is not None else np.zeros(len(clip.mfcc), np.float32)
        features = sound_features(clip.mfcc, onsets)
        known = np.isfinite(clip.poses).all((1, 2))
        edges = np.flatnonzero(np.diff(np.r_[False, known, False].astype(int))).reshape(-1, 2)
        for poses in (clip.poses, mirror(clip.poses)) if mirrored else (clip.poses,):
            songs += [(features[a:b], poses_to_vectors(poses[a:b])) for a, b in edges if b - a >= shortest]
    if not songs:
        raise InputError(f"no clip shows a person for {shortest} frames on end: film longer, or whole-body")
    return songs


def split_clips(clips: list[Clip]) -> tuple[list[Clip], list[Clip]]:
    """Clips to train on and clips to validate on, by film: as their attribute ``split`` says, else one in ten.

    Films marked "test" are in neither; with a single unmarked film nothing is left to validate on. A film that is
    there twice (other settings, another corpus) is on one side alone: held out, if any of its clips is.
    """
    parts = ("train", "validation")
    train, validation = ({c.film for c in clips if c.attributes.get("split") == part} for part in parts)
    test = {c.film for c in clips if c.attributes.get("split", "train") not in parts}
    unmarked = {c.film for c in clips} - train - validation - test
    if not validation and len(unmarked) > 1:
        unmarked, validation = map(set, split_sources(list(unmarked), validation=0.1))
    train, validation = (train | unmarked) - validation - test, validation - test
    return [c for c in clips if c.film in train], [c for c in clips if c.film in validation]
