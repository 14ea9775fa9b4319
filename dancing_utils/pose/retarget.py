"""Fit a dance to another body: the song model learned one dancer and camera, the image model may have learned another.

Both model files keep the measures of the body they learned (``measure_body``). Each limb of a generated pose is
stretched by the ratio of the two bodies' limbs, from the hips outward, and the hips' path is moved and scaled to where
the image model's subject stood. Angles in the picture stay.

Notebook: 08_song_to_video.ipynb
"""

import numpy as np

from dancing_utils.pose.body import Body
from dancing_utils.pose.landmarks import FACE, HIPS, INDEX, LIMBS, SHOULDERS, to_pixels, to_units

LEGS = [  # thighs and shins among the limbs
    LIMBS.index((INDEX[f"{side}_{a}"], INDEX[f"{side}_{b}"]))
    for side in ("left", "right") for a, b in (("hip", "knee"), ("knee", "ankle"))
]  # fmt: skip


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
    new[:, FACE] = new_shoulders[:, None] + subject.neck / source.neck * (pixels[:, FACE] - shoulders[:, None])
    for (a, b), ratio in zip(LIMBS, subject.limbs / source.limbs, strict=True):
        new[:, b] = new[:, a] + ratio * (pixels[:, b] - pixels[:, a])
    return to_units(new)
