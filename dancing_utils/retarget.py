"""Fit a dance to another body: the song model learned one dancer and camera, the image model may have learned another.

Both model files keep the measures of the body they learned (``measure_body``). Each limb of a generated pose is
stretched by the ratio of the two bodies' limbs, from the hips outward, and the hips' path is moved and scaled to where
the image model's subject stood. Angles in the picture stay.

Notebook: 08_song_to_video.ipynb
"""

from dataclasses import dataclass

import numpy as np

from dancing_utils import InputError
from dancing_utils.landmarks import INDEX, LIMBS, limb_lengths, to_pixels, to_units

LONGEST = 99.5  # percentile that counts as a limb's full length: seen from the side, not towards the camera
SHOULDERS, HIPS = ([INDEX[f"{side}_{name}"] for side in ("left", "right")] for name in ("shoulder", "hip"))
HEAD = list(range(11))
LEGS = [LIMBS.index(limb) for limb in ((23, 25), (25, 27), (24, 26), (26, 28))]
ALIKE, NEAR = 0.05, 10.0  # bodies whose lengths differ by less, and hips nearer (pixels), are left as they are


@dataclass(frozen=True)
class Body:
    """Measures of a body in the picture, in pixels: ``limbs`` (18,); ``hips`` (2,), the mean place of their middle."""

    limbs: np.ndarray
    torso: float
    shoulders: float  # width
    hips_width: float
    neck: float  # from between the shoulders to the nose
    hips: np.ndarray

    def to_array(self) -> np.ndarray:
        """All measures in a row, (24,), as model files keep them."""
        return np.concatenate([self.limbs, [self.torso, self.shoulders, self.hips_width, self.neck], self.hips])

    @staticmethod
    def from_array(values: np.ndarray) -> "Body":
        """The inverse of ``to_array``."""
        return Body(values[:18], *(float(v) for v in values[18:22]), values[22:])


def measure_body(poses: np.ndarray) -> Body:
    """Measure the body in poses (N, 33, 2); those with NaN are left out.

    Raises
    ------
    InputError
        If no pose is whole.
    """
    poses = poses[np.isfinite(poses).all((1, 2))]
    if not len(poses):
        raise InputError("no pose is whole: a body cannot be measured")
    pixels = to_pixels(poses)
    shoulders, hips = pixels[:, SHOULDERS], pixels[:, HIPS]  # (N, 2, 2)
    lengths = {
        "torso": shoulders.mean(1) - hips.mean(1), "shoulders": shoulders[:, 0] - shoulders[:, 1],
        "hips_width": hips[:, 0] - hips[:, 1], "neck": pixels[:, 0] - shoulders.mean(1),
    }  # fmt: skip
    longest = {name: float(np.percentile(np.linalg.norm(v, axis=-1), LONGEST)) for name, v in lengths.items()}
    return Body(np.percentile(limb_lengths(poses), LONGEST, axis=0), hips=hips.mean((0, 1)), **longest)


def differs(source: Body, subject: Body) -> bool:
    """Are the two bodies so unlike that a dance has to be fitted?"""
    ratios = np.abs(subject.to_array()[:22] / source.to_array()[:22] - 1)
    return bool(np.median(ratios) > ALIKE or np.linalg.norm(subject.hips - source.hips) > NEAR)


def retarget(poses: np.ndarray, source: Body, subject: Body) -> np.ndarray:
    """Poses (T, 33, 2) of ``source``'s body -> the same dance by ``subject``'s body, where that one stood."""
    pixels = to_pixels(poses)
    size = (subject.torso + subject.limbs[LEGS].sum() / 2) / (source.torso + source.limbs[LEGS].sum() / 2)
    hips, shoulders = pixels[:, HIPS].mean(1), pixels[:, SHOULDERS].mean(1)  # (T, 2)
    new = np.empty_like(pixels)
    new_hips = subject.hips + size * (hips - source.hips)
    new_shoulders = new_hips + subject.torso / source.torso * (shoulders - hips)
    new[:, HIPS] = new_hips[:, None] + subject.hips_width / source.hips_width * (pixels[:, HIPS] - hips[:, None])
    wide = subject.shoulders / source.shoulders
    new[:, SHOULDERS] = new_shoulders[:, None] + wide * (pixels[:, SHOULDERS] - shoulders[:, None])
    new[:, HEAD] = new_shoulders[:, None] + subject.neck / source.neck * (pixels[:, HEAD] - shoulders[:, None])
    for (a, b), ratio in zip(LIMBS, subject.limbs / source.limbs, strict=True):
        new[:, b] = new[:, a] + ratio * (pixels[:, b] - pixels[:, a])
    return to_units(new)
