"""How the camera moved: what does not belong to the person tells it, and it is undone.

Points of the background (SIFT) are found again in the film's middle frame, whose view is the plate's. A similarity
(shift, turn, zoom) is fitted to the pairs by RANSAC, on every third frame, and the frames between lie between. The
camera of a generated video stands still, so this is needed only to learn from a film.

Where that cannot be known the camera counts as still, and ``CameraPath.verdict`` says why: "plain", a wall without
marks; "parallax", things near and far that move by each other, as when the camera is carried around.

Reference: Lowe, Distinctive Image Features from Scale-Invariant Keypoints, 2004.

Notebook: 07_better_images.ipynb
"""

from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np

EVERY = 3  # frames of which one is looked at
POINTS = 1500  # at most, in a frame
FAINTEST = 0.01  # contrast of a point; the usual 0.04 finds too few on the soft pictures of phones
RATIO = 0.8  # Lowe's: the best match must be this much nearer than the second
REACH = 2.0  # pixels at 640 rows that a point may be off the similarity
FEWEST = 24  # pairs of points, or nothing can be said
AGREEING = 0.5  # share of the pairs that must follow one similarity; measured: still .9, a similarity .8
STILL = 0.0025  # share of the height, 1.6 pixels of 640: corners that move less do not move
WIDER = 0.02  # share of the height by which the person's mask is widened
UNKNOWN = 0.3  # share of the frames without an answer from which the whole film counts as still


@dataclass(frozen=True)
class CameraPath:
    """The camera of T frames.

    Attributes
    ----------
    to_plate : (T, 2, 3) float32, from a frame's pixels to the plate's.
    verdict : "still", "moving", "plain" or "parallax"; only where it is "moving" the matrices do anything.
    moved : pixels, how far the picture's corners are from where they are in the plate: 95 % of them are nearer.
    agreeing : share of the pairs of points that follow the similarity, the median over the frames.
    """

    to_plate: np.ndarray
    verdict: str
    moved: float
    agreeing: float


def find_path(frames: Iterable[tuple[np.ndarray, np.ndarray]]) -> CameraPath:
    """Find the camera's path.

    Parameters
    ----------
    frames : T pictures (rows, columns, 3) with their masks (rows, columns), uint8, 255 where the person is. Of one in
        three its points are kept, none of the pictures.
    """
    numbers, points, n, shape = [], [], 0, (1, 1)
    for picture, mask in frames:
        if n % EVERY == 0:
            numbers.append(n)
            points.append(_points(picture, mask))
            shape = picture.shape[:2]
        n += 1
    if not numbers:
        return _standing(0, "plain", 0.0, 0.0)
    middle = points[len(points) // 2]
    found = [_similarity(one, middle, shape[0]) for one in points]
    return _path(np.array(numbers), found, n, shape)


def _points(picture: np.ndarray, mask: np.ndarray) -> tuple:
    """Places (n, 2) and descriptors (n, 128) of the background's points; a grey that is evened out shows more."""
    grey = cv2.createCLAHE(2.0, (8, 8)).apply(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY))
    wider = 2 * int(WIDER * mask.shape[0]) + 1
    outside = (cv2.dilate(mask, np.ones((wider, wider), np.uint8)) < 64).astype(np.uint8)
    places, descriptors = cv2.SIFT_create(POINTS, contrastThreshold=FAINTEST).detectAndCompute(grey, outside)
    return np.array([place.pt for place in places], np.float32).reshape(-1, 2), descriptors


def _similarity(frame: tuple, middle: tuple, rows: int) -> tuple[np.ndarray | None, float]:
    """The similarity (2, 3) that brings a frame's points to the middle one's, and the share that follows it."""
    (here, told), (there, known) = frame, middle
    if min(len(here), len(there)) < FEWEST:
        return None, 0.0
    matches = cv2.BFMatcher().knnMatch(told, known, k=2)
    pairs = [(one.queryIdx, one.trainIdx) for one, second in matches if one.distance < RATIO * second.distance]
    if len(pairs) < FEWEST:
        return None, 0.0
    a, b = np.array(pairs).T
    cv2.setRNGSeed(0)
    matrix, follows = cv2.estimateAffinePartial2D(here[a], there[b], ransacReprojThreshold=REACH * rows / 640)
    return matrix, float(follows.mean()) if matrix is not None else 0.0


def _path(numbers: np.ndarray, found: list[tuple], n: int, shape: tuple[int, int]) -> CameraPath:
    known = [i for i, (matrix, _) in enumerate(found) if matrix is not None]
    if len(known) < (1 - UNKNOWN) * len(found):
        return _standing(n, "plain", 0.0, 0.0)
    agreeing = float(np.median([found[i][1] for i in known]))
    believed = [i for i in known if found[i][1] >= min(AGREEING, agreeing)]
    matrices = np.stack([found[i][0] for i in believed])  # (m, 2, 3)
    # A similarity has four numbers: (a, -b, x), (b, a, y); frames between two lie on the line between theirs.
    times = numbers[believed]
    a, b, x, y = (np.interp(np.arange(n), times, matrices[:, i, j]) for i, j in ((0, 0), (1, 0), (0, 2), (1, 2)))
    path = np.stack([np.stack([a, -b, x], -1), np.stack([b, a, y], -1)], axis=1).astype(np.float32)  # (T, 2, 3)
    moved = _moved(path, shape)
    if moved < STILL * shape[0]:
        return _standing(n, "still", moved, agreeing)
    if agreeing < AGREEING:
        return _standing(n, "parallax", moved, agreeing)
    return CameraPath(path, "moving", moved, agreeing)


def _moved(path: np.ndarray, shape: tuple[int, int]) -> float:
    corners = np.array([[x, y, 1] for x in (0, shape[1]) for y in (0, shape[0])], np.float32)
    shifts = np.einsum("tij,cj->tci", path, corners) - corners[:, :2]
    return float(np.percentile(np.linalg.norm(shifts, axis=-1), 95))


def _standing(n: int, verdict: str, moved: float, agreeing: float) -> CameraPath:
    return CameraPath(np.tile(np.eye(2, 3, dtype=np.float32), (n, 1, 1)), verdict, moved, agreeing)


def move_points(points: np.ndarray, to_plate: np.ndarray) -> np.ndarray:
    """Points (..., n, 2) by matrices (..., 2, 3)."""
    return np.einsum("...ij,...nj->...ni", to_plate[..., :2], points) + to_plate[..., None, :, 2]


def move_picture(picture: np.ndarray, to_plate: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """A picture or a mask as the plate's camera sees it, ``shape`` (rows, columns); 0 where it does not reach."""
    return cv2.warpAffine(picture, to_plate, shape[::-1], flags=cv2.INTER_LINEAR)
