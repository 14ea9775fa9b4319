"""Measures of a body in the picture, by which a dance is fitted to it.

Model files keep the measures of the body that they learned.

Notebook: 08_song_to_video.ipynb
"""

from dataclasses import dataclass

import numpy as np

from dancing_utils import InputError
from dancing_utils.pose.landmarks import HIPS, SHOULDERS, limb_lengths, to_pixels

LONGEST = 99.5  # percentile that counts as a limb's full length: seen from the side, not towards the camera
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
