"""Held-out frames: what pictures are measured on, each with the frame after it.

Poses are the rig's where the clip has a truth file, else MediaPipe's.

Notebook: 07b_better_images.ipynb
"""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from dancing_utils.data import media
from dancing_utils.evaluation import truth
from dancing_utils.pose.detector import PoseDetector

CHUNK = 24  # frames at a time: with their next ones 33 MB a painter, however long the clip


@dataclass(frozen=True)
class FramePairs:
    """Some of a clip's frames to be scored, each with the frame after it (for the flicker)."""

    clip: str
    numbers: np.ndarray  # (n,) of the first frames, counted from 0
    poses: np.ndarray  # (n, 2, 33, 2) the true ones
    pictures: np.ndarray  # (n, 2, 640, 360, 3) uint8
    reencoded: np.ndarray  # the same after H.264


def read_frame_pairs(path: str | Path, *, step: int = 5) -> Iterator[FramePairs]:
    """Every ``step``-th frame of a clip with its next, ``CHUNK`` at a time; frames without a person are left out."""
    known, part = truth.landmarks_of(path), []
    with tempfile.TemporaryDirectory() as folder, PoseDetector() as detector:
        films = zip(media.read_frames(path), media.read_frames(reencode(path, folder)), strict=False)
        for k, (now, after) in enumerate(pairwise(films)):
            if k % step:
                continue
            poses = known[k : k + 2] if known is not None else _detect(detector, now[0], after[0])
            if len(poses) == 2 and np.isfinite(poses).all():
                part.append((k, poses, (now[0], after[0]), (now[1], after[1])))
            if len(part) == CHUNK:
                yield _to_pairs(path, part)
                part = []
        if part:
            yield _to_pairs(path, part)


def _to_pairs(path: str | Path, part: list[tuple]) -> FramePairs:
    return FramePairs(Path(path).name, *map(np.array, zip(*part, strict=True)))


def reencode(path: str | Path, folder: str | Path) -> Path:
    """A video's pictures written as ``generate`` writes them, to a file in ``folder``."""
    output = Path(folder) / "reencoded.mp4"
    with media.VideoWriter(output) as writer:
        for frame in media.read_frames(path):
            writer.write(frame)
    return output


def _detect(detector: PoseDetector, *pictures: np.ndarray) -> np.ndarray:
    detected = [detector.detect(picture) for picture in pictures]
    return np.stack([one[0] if one else np.full((33, 2), np.nan, np.float32) for one in detected])
