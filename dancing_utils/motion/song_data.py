"""The songs that the song model learns from: sound features and pose vectors of each dance, parted by film.

Notebook: 04_better_motion.ipynb
"""

import numpy as np

from dancing_utils import InputError
from dancing_utils.audio.hearing import sound_features
from dancing_utils.data.dataset import Clip, split_sources
from dancing_utils.motion.pose_vectors import poses_to_vectors
from dancing_utils.pose.landmarks import MIRRORED, mirror
from dancing_utils.pose.smoothing import finite_runs


def to_songs(
    clips: list[Clip], *, mirrored: bool = False, depth: bool = False, shortest: int = 60
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Sound features (T, 16) and pose vectors (T, 68) of each stretch without a missing pose.

    Parameters
    ----------
    mirrored : each stretch in the mirror, too.
    depth : the pose vectors tell the depth of the limbs: (T, 76). All clips must have it.
    shortest : frames; shorter stretches are left out.
    """
    songs = []
    for clip in clips:
        if depth and clip.depth is None:
            raise InputError(f"{clip.source} has no depth, in which this model dances: extract it again, or omit it")
        onsets = clip.onset_strength if clip.onset_strength is not None else np.zeros(len(clip.mfcc), np.float32)
        features = sound_features(clip.mfcc, onsets, clip.beats)
        stretches = [(a, b) for a, b in finite_runs(clip.poses) if b - a >= shortest]
        both = [(clip.poses, clip.depth if depth else None)]
        if mirrored:
            both.append((mirror(clip.poses), clip.depth[:, MIRRORED] if depth else None))
        for vectors in (poses_to_vectors(*one) for one in both):
            songs += [(features[a:b], vectors[a:b]) for a, b in stretches]
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
