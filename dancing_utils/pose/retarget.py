"""Fit a dance to another body: the song model learned one dancer and camera, the image model may have learned another.

Both model files keep the measures of the body they learned (``measure_body``). Each limb of a generated pose is
stretched by the ratio of the two bodies' limbs, from the hips outward, and the hips' path is moved and scaled to where
the image model's subject stood. Angles in the picture stay.

Notebook: 08_song_to_video.ipynb
"""

import numpy as np

from dancing_utils import HEIGHT, WIDTH
from dancing_utils.pose.body import Body
from dancing_utils.pose.landmarks import FACE, FEET, HANDS, HIPS, INDEX, LIMBS, SHOULDERS, to_pixels, to_units

LEGS = [  # thighs and shins among the limbs
    LIMBS.index((INDEX[f"{side}_{a}"], INDEX[f"{side}_{b}"]))
    for side in ("left", "right") for a, b in (("hip", "knee"), ("knee", "ankle"))
]  # fmt: skip
MARGIN = 4  # pixels between a hand and the picture's edge: fingertips go on where the landmarks end


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


def floor_of(poses: np.ndarray) -> float:
    """How far down, in pixels, the feet of a film stand: poses (T, 33, 2), those with NaN left out."""
    return float(np.nanpercentile(to_pixels(poses)[:, np.ravel(FEET), 1].max(1), 95))


def stand_on(poses: np.ndarray, floor: float) -> np.ndarray:
    """The same dance (T, 33, 2), moved up or down so far that its feet stand on ``floor`` (pixels)."""
    return poses + np.array([0, (floor - floor_of(poses)) / HEIGHT], np.float32)


def keep_hands_inside(poses: np.ndarray) -> np.ndarray:
    """The same dance (T, 33, 2) with elbows bent so far that no hand leaves the picture.

    A hand that would is moved to the edge; upper and lower arm keep the lengths that they have in the picture, and the
    elbow stays on its side (two-bone inverse kinematics in the plane).
    """
    pixels = to_pixels(poses).astype(float)
    for side, hand in zip(("left", "right"), HANDS, strict=True):
        shoulder, elbow, wrist = (pixels[:, INDEX[f"{side}_{joint}"]] for joint in ("shoulder", "elbow", "wrist"))
        points = pixels[:, hand]  # (T, 4, 2)
        last = np.array([WIDTH, HEIGHT]) - MARGIN
        over = np.maximum(0, MARGIN - points.min(1)) - np.maximum(0, points.max(1) - last)  # (T, 2)
        moved = np.abs(over).max(1) > 0
        bent = bend(shoulder, elbow, wrist, wrist + over)
        pixels[moved, INDEX[f"{side}_elbow"]] = bent[moved]
        pixels[:, hand] = points + over[:, None]
    return to_units(pixels)


def bend(shoulder: np.ndarray, elbow: np.ndarray, wrist: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Where the elbow (T, 2) is when the wrist is at ``target``: the nearest place, if the arm cannot reach."""
    upper, lower = np.linalg.norm(elbow - shoulder, axis=1), np.linalg.norm(wrist - elbow, axis=1)
    way = target - shoulder
    distance = np.maximum(np.linalg.norm(way, axis=1), 1e-6)
    along = np.clip((upper**2 - lower**2 + distance**2) / (2 * distance), -upper, upper)
    across = np.sqrt(upper**2 - along**2)
    was = (wrist - shoulder)[:, ::-1] * [-1, 1]  # the arm turned by a quarter
    across *= np.where((was * (elbow - shoulder)).sum(1) < 0, -1, 1)
    unit = way / distance[:, None]
    return shoulder + along[:, None] * unit + across[:, None] * unit[:, ::-1] * [-1, 1]
