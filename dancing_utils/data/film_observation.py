"""What one sampled picture of a film shows: its people, where they are, their light and their sharpness.

A picture becomes an ``Observation``: a few numbers, so that a film is judged without its pictures (``film_judging``).

Notebook: 01_extract_data.ipynb
"""

from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

from dancing_utils import InputError
from dancing_utils.data.camera_motion import Link, Surroundings, describe_surroundings, shrink
from dancing_utils.data.film_sampling import Sample
from dancing_utils.mp import BaseOptions, mp, vision
from dancing_utils.pose.landmarks import CONNECTIONS, to_pixels
from dancing_utils.pose.model_file import find_model
from dancing_utils.stderr import native_stderr_hidden

MOST_PEOPLE = 3
DETECTED_AT, SHOWN_AT = 640, 320  # pixels of a picture's longest side
SHARP_ROWS = 256  # a person's box is brought to so many rows before its sharpness is measured
SAME_PERSON = 0.25  # mean distance of two people's landmarks, in torso lengths, under which one was found twice
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


class PeopleDetector:
    """MediaPipe's PoseLandmarker for up to three people, with their masks. Use as a context manager."""

    def __init__(self, *, model: str | Path | None = None):
        options = vision.PoseLandmarkerOptions(
            base_options=BaseOptions(model_asset_buffer=find_model(model).read_bytes()),
            num_poses=MOST_PEOPLE, output_segmentation_masks=True,
        )  # fmt: skip
        try:
            with native_stderr_hidden():
                self._landmarker = vision.PoseLandmarker.create_from_options(options)
        except (RuntimeError, ValueError) as error:
            raise InputError(f"the pose model {model or ''} cannot be used: {str(error).splitlines()[0]}") from error

    def __enter__(self) -> "PeopleDetector":
        return self

    def __exit__(self, *_) -> None:
        self._landmarker.close()

    def detect(self, picture: np.ndarray) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """Landmarks (33, 2) in units, visibility (33,) and mask (rows, columns) bool of each person in a picture."""
        small = np.ascontiguousarray(shrink(picture, DETECTED_AT))
        with native_stderr_hidden():  # a note comes with the first person
            answer = self._landmarker.detect(mp.Image(image_format=mp.ImageFormat.SRGB, data=small))
        found = []
        for points, mask in zip(answer.pose_landmarks, answer.segmentation_masks or (), strict=True):
            pose = np.array([(point.x, point.y, point.visibility) for point in points], np.float32)  # (33, 3)
            if not any(_is_same(pose[:, :2], other) for other, _, _ in found):
                found.append((pose[:, :2], pose[:, 2], mask.numpy_view().squeeze() > 0.5))
        return found


def _is_same(pose: np.ndarray, other: np.ndarray) -> bool:
    torso = np.linalg.norm(pose[[11, 12]].mean(0) - pose[[23, 24]].mean(0))
    return bool(np.linalg.norm(pose - other, axis=1).mean() < SAME_PERSON * torso)


def describe_person(picture: np.ndarray, landmarks: np.ndarray, visibility: np.ndarray, mask: np.ndarray) -> Person:
    """The facts of one person found in a picture (rows, columns, 3); the mask may be smaller than the picture."""
    small = cv2.resize(picture, mask.shape[::-1], interpolation=cv2.INTER_AREA)
    box = _box(mask, landmarks)
    there = mask if mask.any() else np.ones_like(mask)
    grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)[there]
    shown = shrink(picture, SHOWN_AT).shape[1::-1]
    return Person(
        landmarks, visibility, box, _fit(landmarks, mask), _trunk_colour(small, landmarks), float(np.median(grey)),
        float((grey > 250).mean()), sharpness(_cut(picture, box)),
        cv2.resize(mask.astype(np.uint8), shown, interpolation=cv2.INTER_NEAREST).astype(bool),
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
    corners = to_pixels(landmarks[[11, 12, 24, 23]], height=picture.shape[0], width=picture.shape[1])
    trunk = np.zeros(picture.shape[:2], np.uint8)
    cv2.fillConvexPoly(trunk, corners.round().astype(np.int32), 1)
    if not trunk.any():
        return 128.0, 128.0, 128.0
    return tuple(np.median(cv2.cvtColor(picture, cv2.COLOR_RGB2LAB)[trunk > 0], axis=0).tolist())


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


def observe(sample: Sample, detector: PeopleDetector) -> tuple[Observation, Surroundings]:
    """A sampled picture's observation, not yet linked, and its surroundings, to link it by."""
    picture, found = sample.picture, detector.detect(sample.picture)
    people = tuple(describe_person(picture, *one) for one in found)
    shown = shrink(picture, SHOWN_AT)
    nobody = ~np.any([np.zeros(shown.shape[:2], bool), *(person.mask for person in people)], axis=0)
    grey = cv2.cvtColor(shown, cv2.COLOR_RGB2GRAY)
    light = float(np.median(grey[nobody] if nobody.any() else grey))
    observation = Observation(sample.time, people, light, sample.damaged, picture=shown)
    return observation, describe_surroundings(picture, [mask for _, _, mask in found])
