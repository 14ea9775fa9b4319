"""A dance by itself: poses, which limb is before the trunk, and whose body it was; and the file that keeps one.

The file is NumPy's .npz with

    poses   (T, 33, 2)  x and y in units of the picture, MediaPipe's order
    fps     ()          poses a second, 5 to 240
    depth   (T, 33)     optional: metres away from the camera; in a pose only the differences count
    body    (24,)       optional: ``Body.to_array`` of who danced; else it is measured in the poses

Notebook: 08_song_to_video.ipynb
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dancing_utils import FPS, InputError
from dancing_utils.files import read_npz, write_npz
from dancing_utils.pose.body import Body, measure_body
from dancing_utils.pose.landmarks import N_LANDMARKS, torso_length

FAR_OUTSIDE = 3.0  # poses further out than this many pictures are in pixels, or none
RATES = (5, 240)  # poses a second
LONGEST = 4 * 3600 * FPS  # frames
HINT = "give a file of `dance generate --save-poses`, or one as docs/your_own_videos.md describes it"


@dataclass(frozen=True)
class Dance:
    """Poses of a dance, 30 a second, and what is known of them."""

    poses: np.ndarray  # (T, 33, 2) float32, units of the picture
    depth: np.ndarray | None = None  # (T, 33) float32, metres, larger is farther away; None: nobody knows
    body: Body | None = None  # of who danced; None: nobody knows

    def __len__(self) -> int:
        return len(self.poses)

    def __getitem__(self, part: slice) -> "Dance":
        return Dance(self.poses[part], None if self.depth is None else self.depth[part], self.body)


def save(path: str | Path, dance: Dance) -> None:
    """Write a dance to a file, whole or not at all."""
    arrays = {"poses": dance.poses.astype(np.float32), "fps": np.float32(FPS)}
    if dance.depth is not None:
        arrays["depth"] = dance.depth.astype(np.float32)
    if dance.body is not None:
        arrays["body"] = dance.body.to_array()
    write_npz(path, arrays)


def load(path: str | Path) -> Dance:
    """Read a dance from a file; another rate is brought to 30 poses a second by straight lines.

    Raises
    ------
    InputError
        If the file is damaged, or what it holds is no dance.
    """
    stored = read_npz(path, needs=["poses", "fps"], hint=HINT)
    poses, fps = _numbers(path, stored, "poses"), _numbers(path, stored, "fps")
    if poses.ndim != 3 or poses.shape[1:] != (N_LANDMARKS, 2) or not 2 <= len(poses) <= LONGEST:
        raise InputError(f"{path}: poses have shape {poses.shape}, not (T, 33, 2) with T from 2 to {LONGEST}: {HINT}")
    if fps.shape != () or not RATES[0] <= fps <= RATES[1]:
        raise InputError(f"{path}: fps is {fps}, not one number from {RATES[0]} to {RATES[1]}: {HINT}")
    if (largest := np.abs(poses - 0.5).max()) > FAR_OUTSIDE:
        raise InputError(f"{path}: a landmark lies {largest:.0f} pictures outside: poses are in units of the picture")
    if not np.median(torso_length(poses)) > 1:
        raise InputError(f"{path}: shoulders and hips fall together, so this is no body: {HINT}")
    depth = _numbers(path, stored, "depth") if "depth" in stored else None
    if depth is not None and depth.shape != poses.shape[:2]:
        raise InputError(f"{path}: depth has shape {depth.shape}, and poses {poses.shape}: they must agree")
    body = _numbers(path, stored, "body") if "body" in stored else measure_body(poses).to_array()
    if body.shape != (24,) or (body[:22] <= 0).any():
        raise InputError(f"{path}: body is no 24 measures, of which the first 22 are lengths in pixels: {HINT}")
    poses, depth = (one if one is None else _at_30(one, float(fps)) for one in (poses, depth))
    return Dance(poses, depth, Body.from_array(body.astype(float)))


def _numbers(path: str | Path, stored: dict, name: str) -> np.ndarray:
    values = stored[name]
    if values.dtype.kind not in "fiu" or not np.isfinite(values).all():
        raise InputError(f"{path}: {name} holds what is no finite number: {HINT}")
    return values.astype(float) if values.dtype.kind != "f" else values


def _at_30(values: np.ndarray, fps: float) -> np.ndarray:
    """Values (T, ...) at ``fps`` a second -> at 30, as float32."""
    if fps == FPS:
        return values.astype(np.float32)
    place = np.arange(int((len(values) - 1) * FPS / fps) + 1) * fps / FPS
    before = np.minimum(place.astype(int), len(values) - 2)
    share = (place - before).reshape(-1, *[1] * (values.ndim - 1))
    return (values[before] * (1 - share) + values[before + 1] * share).astype(np.float32)
