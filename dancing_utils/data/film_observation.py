"""What one sampled picture of a film shows: its people, where they are, their light and their sharpness.

A picture becomes an ``Observation``: a few numbers, so that a film is judged without its pictures (``film_judging``).

Notebook: 01_extract_data.ipynb
"""

from dataclasses import dataclass, field, replace

import cv2
import numpy as np

from dancing_utils.data.camera_motion import Link, Surroundings, describe_surroundings, shrink
from dancing_utils.data.film_sampling import Sample
from dancing_utils.pose.detector import Detection, PoseDetector
from dancing_utils.pose.landmarks import CONNECTIONS, to_pixels

DETECTED_AT, SHOWN_AT = 640, 320  # pixels of a picture's longest side
SHARP_ROWS = 256  # a person's box is brought to so many rows before its sharpness is measured
BONES = tuple((a, b) for a, b in CONNECTIONS if min(a, b) > 10)  # without the face's


@dataclass(frozen=True)
class Person:
    """A person in one picture."""

    landmarks: np.ndarray  # (33, 2) in units of the picture
    visibility: np.ndarray  # (33,) 0 to 1
    box: tuple[float, float, float, float]  # left, top, right, bottom of the mask in units of the picture
    fit: float = 1.0  # share of the bones' points inside the picture that lie on the mask
    colour: tuple[float, float, float] = (128.0, 128.0, 128.0)  # median of the trunk, Lab, 0 to 255
    light: float = 128.0  # median of the grey values on the mask, 0 to 255
    glare: float = 0.0  # share of the mask that is overexposed
    sharpness: float = 1.0  # 0 (blurred) to 1
    mask: np.ndarray | None = None  # (rows, columns) bool, the size of the observation's picture: for drawing only


@dataclass(frozen=True)
class Observation:
    """One sampled picture, as far as it matters."""

    time: float  # seconds
    people: tuple[Person, ...] = ()
    light: float = 128.0  # median grey value outside the people, 0 to 255
    damaged: bool = False
    link: Link = field(default_factory=Link)  # to the observation before
    picture: np.ndarray | None = None  # (rows, columns, 3) uint8, longest side 320: for drawing only


# --- people --------------------------------------------------------------------------------------------------------


def recognise(picture: np.ndarray, person: Detection) -> Person:
    """What tells a person found in a picture (rows, columns, 3) from others; the rest of ``Person`` stays open."""
    mask = person.mask > 127
    box = _box(mask, person.landmarks)
    return Person(person.landmarks, person.visibility, box, _fit(person.landmarks, mask),
                  _trunk_colour(picture, person.landmarks))  # fmt: skip


def describe_person(picture: np.ndarray, person: Detection) -> Person:
    """The facts of one person found in a picture (rows, columns, 3); the mask may be smaller than the picture."""
    mask = person.mask > 127
    small = cv2.resize(picture, mask.shape[::-1], interpolation=cv2.INTER_AREA)
    there = mask if mask.any() else np.ones_like(mask)
    grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)[there]
    shown = shrink(picture, SHOWN_AT).shape[1::-1]
    found = recognise(small, person)
    return replace(
        found, light=float(np.median(grey)), glare=float((grey > 250).mean()),
        sharpness=sharpness(_cut(picture, found.box)),
        mask=cv2.resize(mask.astype(np.uint8), shown, interpolation=cv2.INTER_NEAREST).astype(bool),
    )  # fmt: skip


def _box(mask: np.ndarray, landmarks: np.ndarray) -> tuple[float, float, float, float]:
    """Left, top, right, bottom of the mask; of the landmarks where the mask is empty."""
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    if not len(rows):
        return (*landmarks.min(0).clip(0, 1).tolist(), *landmarks.max(0).clip(0, 1).tolist())
    height, width = mask.shape
    sides = columns[0] / width, rows[0] / height, (columns[-1] + 1) / width, (rows[-1] + 1) / height
    return tuple(map(float, sides))


def _cut(picture: np.ndarray, box: tuple[float, float, float, float]) -> np.ndarray:
    height, width = picture.shape[:2]
    left, top, right, bottom = (int(value * side) for value, side in zip(box, (width, height) * 2, strict=True))
    return picture[top : max(bottom, top + 8), left : max(right, left + 8)]


def _fit(landmarks: np.ndarray, mask: np.ndarray) -> float:
    share = np.linspace(0, 1, 5)[:, None]
    points = np.concatenate([(1 - share) * landmarks[a] + share * landmarks[b] for a, b in BONES])  # (n, 2)
    inside = points[((points >= 0) & (points < 1)).all(1)]
    columns, rows = to_pixels(inside, height=mask.shape[0], width=mask.shape[1]).astype(int).T
    return float(mask[rows, columns].mean()) if len(inside) else 0.0


def _trunk_colour(picture: np.ndarray, landmarks: np.ndarray) -> tuple[float, float, float]:
    """Median Lab of the quadrilateral between shoulders and hips: clothes tell people apart."""
    corners = to_pixels(landmarks[[11, 12, 24, 23]], height=picture.shape[0], width=picture.shape[1]).round()
    picture, corners = _around(picture, corners.astype(np.int32))
    trunk = np.zeros(picture.shape[:2], np.uint8)
    if trunk.size:
        cv2.fillConvexPoly(trunk, corners, 1)
    if not trunk.any():
        return 128.0, 128.0, 128.0
    return tuple(np.median(cv2.cvtColor(picture, cv2.COLOR_RGB2LAB)[trunk > 0], axis=0).tolist())


def _around(picture: np.ndarray, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The part of a picture that holds points (n, 2), and the points in it; what is outside has no part."""
    (left, top), (right, bottom) = points.min(0).clip(0), points.max(0).clip(-1) + 1
    return picture[top:bottom, left:right], points - [left, top]


def sharpness(picture: np.ndarray) -> float:
    """How much of a picture's detail blurring takes away, 0 (it was blurred already) to 1, whatever the picture shows.

    References
    ----------
    Crete, Dolmiere, Ladret, Nicolas, The blur effect: perception and estimation with a new no-reference perceptual
    blur metric, 2007.
    """
    columns = max(8, round(picture.shape[1] * SHARP_ROWS / max(1, picture.shape[0])))
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32)
    grey = cv2.resize(grey, (min(columns, 4 * SHARP_ROWS), SHARP_ROWS), interpolation=cv2.INTER_AREA)
    left = []
    for axis, kernel in ((0, (1, 9)), (1, (9, 1))):
        before = np.abs(np.diff(grey, axis=axis))
        after = np.abs(np.diff(cv2.blur(grey, kernel), axis=axis))
        lost = (before - after).clip(0).sum()
        left.append(1 - lost / max(before.sum(), 1e-6))
    return float(1 - max(left))


# --- the whole picture ------------------------------------------------------------------------------------------------


def observe(sample: Sample, detector: PoseDetector) -> tuple[Observation, Surroundings]:
    """A sampled picture's observation, not yet linked, and its surroundings, to link it by."""
    picture, found = sample.picture, detector.find_people(shrink(sample.picture, DETECTED_AT))
    people = tuple(describe_person(picture, one) for one in found)
    shown = shrink(picture, SHOWN_AT)
    nobody = ~np.any([np.zeros(shown.shape[:2], bool), *(person.mask for person in people)], axis=0)
    grey = cv2.cvtColor(shown, cv2.COLOR_RGB2GRAY)
    light = float(np.median(grey[nobody] if nobody.any() else grey))
    observation = Observation(sample.time, people, light, sample.damaged, picture=shown)
    return observation, describe_surroundings(picture, [one.mask > 127 for one in found])
