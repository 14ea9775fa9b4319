"""Did the camera move between two pictures, and do they show the same place at all?

Both are told outside the people, who move anyway: SIFT features of the two pictures are matched, and RANSAC finds the
similarity (shift, turn, zoom) that most of them agree on. Where no such movement exists, there was a cut. Two rooms may
have one thing in common, such as a lamp, or a sign that was laid over both: so where features agree in few places only,
the pictures have to look alike, too, once one is moved.

References
----------
Lowe, Distinctive image features from scale-invariant keypoints, 2004.

Notebook: 01_extract_data.ipynb
"""

from dataclasses import dataclass

import cv2
import numpy as np

COMPARED_AT = 480  # pixels of a picture's longest side
N_FEATURES, N_AGREE = 500, 12  # features looked for; matches that must agree on a movement
FAINT = 0.012  # contrast of the faintest feature: OpenCV usually asks for 0.04, which walls do not have
LOOK = (24, 24)  # pixels to which a picture is shrunk to see whether it looks like another one at all
PLACES, MANY_PLACES = 8, 0.3  # a picture has 8 x 8; the share of those with features that makes a movement believed
ALIKE = 8.0  # levels, of 255, that two such pictures of one place differ by at most (root mean square of Lab)


@dataclass(frozen=True)
class Link:
    """How a picture hangs together with the one before it."""

    same_scene: bool = True
    shift: float = 0.0  # of what stands still, as a share of the diagonal, in the median; NaN where nothing tells


def shrink(picture: np.ndarray, longest: int) -> np.ndarray:
    """A picture with its longest side at most so many pixels."""
    scale = min(1.0, longest / max(picture.shape[:2]))
    size = max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale))
    return cv2.resize(picture, size, interpolation=cv2.INTER_AREA)


@dataclass(frozen=True)
class Surroundings:
    """What of a picture does not dance: its features, and roughly how it looks."""

    points: np.ndarray  # (n, 2) pixels
    descriptors: np.ndarray  # (n, 128) uint8
    look: np.ndarray  # (24, 24, 3) Lab, 0 to 255; NaN where people are
    size: tuple[int, int]  # width and height, pixels


def describe_surroundings(picture: np.ndarray, masks: list[np.ndarray]) -> Surroundings:
    """Features and look of a picture outside the people's masks, which are widened by a twentieth of its size."""
    small = shrink(picture, COMPARED_AT)
    height, width = small.shape[:2]
    people = np.zeros((height, width), np.uint8)
    for mask in masks:
        people |= cv2.resize(mask.astype(np.uint8), (width, height), interpolation=cv2.INTER_NEAREST)
    outside = 255 * (1 - cv2.dilate(people, np.ones((max(height, width) // 20,) * 2, np.uint8)))
    grey = cv2.createCLAHE(2.0, (8, 8)).apply(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY))
    keys, descriptors = cv2.SIFT_create(N_FEATURES, contrastThreshold=FAINT).detectAndCompute(grey, outside)
    points = np.array([key.pt for key in keys], np.float32).reshape(-1, 2)
    descriptors = np.zeros((0, 128), np.uint8) if descriptors is None else descriptors.astype(np.uint8)
    look = cv2.resize(cv2.cvtColor(small, cv2.COLOR_RGB2LAB), LOOK, interpolation=cv2.INTER_AREA).astype(np.float32)
    look[cv2.resize(outside, LOOK, interpolation=cv2.INTER_AREA) < 255] = np.nan
    return Surroundings(points, descriptors, look, (width, height))


def link(before: Surroundings, after: Surroundings) -> Link:
    """Do two pictures show the same place, and by how much did the camera move between them?"""
    movement = _movement(before, after)
    if movement is not None:
        return Link(True, movement / float(np.hypot(*before.size)))
    return Link(_look_alike(before.look, after.look), np.nan)


def _look_alike(before: np.ndarray, after: np.ndarray) -> bool:
    """Are two looks (24, 24, 3) alike where both are known? Yes, if they nowhere are."""
    difference = (before - after)[np.isfinite(before + after)]
    return not len(difference) or bool(np.sqrt(np.mean(difference**2)) < ALIKE)


def _movement(before: Surroundings, after: Surroundings) -> float | None:
    """By how many pixels the features moved, in the median of those that one similarity moves; None without one."""
    if before.size != after.size or min(len(before.points), len(after.points)) < N_AGREE:
        return None
    pairs = cv2.BFMatcher().knnMatch(before.descriptors.astype(np.float32), after.descriptors.astype(np.float32), k=2)
    good = [first for first, second in pairs if first.distance < 0.8 * second.distance]
    if len(good) < N_AGREE:
        return None
    a, b = before.points[[match.queryIdx for match in good]], after.points[[match.trainIdx for match in good]]
    matrix, agree = cv2.estimateAffinePartial2D(a, b, ransacReprojThreshold=2, method=cv2.RANSAC)
    if matrix is None or agree.sum() < max(N_AGREE, 0.25 * len(good)) or not 0.4 < np.hypot(*matrix[:, 0]) < 2.5:
        return None
    widespread = _places(a[agree.ravel() > 0], before.size) >= MANY_PLACES * _places(before.points, before.size)
    if not widespread and not _look_alike(_moved_look(before, matrix), after.look):
        return None
    return float(np.median(np.linalg.norm(b - a, axis=1)[agree.ravel() > 0]))


def _places(points: np.ndarray, size: tuple[int, int]) -> int:
    """In how many of a picture's 8 x 8 places there is one of its points (n, 2)."""
    return len(np.unique((points / size * PLACES).astype(int), axis=0))


def _moved_look(place: Surroundings, matrix: np.ndarray) -> np.ndarray:
    """The look (24, 24, 3) that a place has once a matrix (2, 3) of its picture's pixels has moved it; NaN outside."""
    ratio = np.array(LOOK) / place.size  # of a look's cells to pixels
    matrix = np.column_stack([matrix[:, :2] * ratio[:, None] / ratio, matrix[:, 2] * ratio])
    return cv2.warpAffine(place.look, matrix, LOOK, borderValue=(np.nan,) * 3)
