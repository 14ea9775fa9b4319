"""How the camera moved: what does not belong to the person tells it, and it is undone.

Corners of the background in the film's middle frame, whose view is the plate's, are followed into every third frame
(Lucas and Kanade's optical flow), from there back, and only those that come home count. Each search begins where the
frame before was found, so that repeated marks, say the folds of a curtain, are not mixed up. A similarity (shift, turn,
zoom) is fitted to the pairs by RANSAC, and the frames between lie between. The camera of a generated video stands
still, so this is needed only to learn from a film.

Where that cannot be known the camera counts as still, and ``CameraPath.verdict`` says why: "plain", a wall without
marks; "parallax", things near and far that move by each other, as when the camera is carried around: then no similarity
makes the frames alike.

References: Lucas and Kanade, An Iterative Image Registration Technique, 1981; Shi and Tomasi, Good Features to Track,
1994.

Notebook: 07a_new_pose.ipynb
"""

from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np

EVERY = 3  # frames of which one is looked at
POINTS, APART = 600, 5  # corners at most, and pixels between two of them
FAINTEST = 0.005  # of the clearest corner's quality; the soft pictures of phones have many faint ones
PLAINEST = 1e-4  # the clearest corner's quality on a wall without marks is less
SEARCH = dict(winSize=(21, 21), maxLevel=2, flags=cv2.OPTFLOW_USE_INITIAL_FLOW)
HOME = 1.0  # pixels that a corner may be off after the way there and back
REACH = 2.0  # pixels at 640 rows that a point may be off the similarity
HELPS = 0.8  # undone, a movement leaves less than this share of the difference between frames, or it is none
FEWEST = 24  # pairs of points, or nothing can be said
STILL = 0.0025  # share of the height, 1.6 pixels of 640: corners that move less do not move
WIDER = 0.02  # share of the height by which the person's mask is widened
UNKNOWN = 0.3  # share of the frames without an answer from which the whole film counts as still
View = tuple[np.ndarray, np.ndarray]  # grey (rows, columns) uint8, and 1 where the background shows


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
        three the grey picture and the mask are kept, 0.46 MB at 640 x 360.
    """
    views, n = [], 0
    for picture, mask in frames:
        if n % EVERY == 0:
            views.append(_view(picture, mask))
        n += 1
    return _path(views, _follow(views), n) if views else _standing(0, "plain", 0.0, 0.0)


def _view(picture: np.ndarray, mask: np.ndarray) -> View:
    """A grey that is evened out shows more corners."""
    grey = cv2.createCLAHE(2.0, (8, 8)).apply(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY))
    wider = 2 * int(WIDER * mask.shape[0]) + 1
    return grey, (cv2.dilate(mask, np.ones((wider, wider), np.uint8)) < 64).astype(np.uint8)


def _follow(views: list[View]) -> list[tuple[np.ndarray | None, float]]:
    """For each view the similarity (2, 3) to the middle one, None if unknown, and the share of the points it fits."""
    middle = len(views) // 2
    found = [(None, 0.0)] * len(views)
    corners = _corners(*views[middle])
    if len(corners) < FEWEST:
        return found
    found[middle] = np.eye(2, 3), 1.0
    for way in (range(middle + 1, len(views)), range(middle - 1, -1, -1)):
        last = np.eye(2, 3)
        for k in way:
            found[k] = _similarity(corners, views[middle], views[k], last)
            last = last if found[k][0] is None else found[k][0]
    return found


def _corners(grey: np.ndarray, outside: np.ndarray) -> np.ndarray:
    """Corners (n, 2) float32 of the background."""
    if cv2.cornerMinEigenVal(grey, 3)[outside > 0].max(initial=0) < PLAINEST:
        return np.zeros((0, 2), np.float32)
    found = cv2.goodFeaturesToTrack(grey, POINTS, FAINTEST, APART, mask=outside)
    return np.zeros((0, 2), np.float32) if found is None else found[:, 0]


def _similarity(corners: np.ndarray, middle: View, view: View, last: np.ndarray) -> tuple[np.ndarray | None, float]:
    """The similarity (2, 3) that brings a view to the middle one, looked for around ``last``, and the share it fits."""
    guess = move_points(corners, cv2.invertAffineTransform(last)).astype(np.float32)
    there, found, _ = cv2.calcOpticalFlowPyrLK(middle[0], view[0], corners, guess, **SEARCH)
    back, found_back, _ = cv2.calcOpticalFlowPyrLK(view[0], middle[0], there, corners.copy(), **SEARCH)
    good = (found & found_back)[:, 0] > 0
    good &= (np.linalg.norm(back - corners, axis=1) < HOME) & _shows(there, view[1])
    if good.sum() < FEWEST:
        return None, 0.0
    here, there, reach = corners[good], there[good], REACH * len(view[0]) / 640
    cv2.setRNGSeed(0)
    matrix, follows = cv2.estimateAffinePartial2D(there, here, ransacReprojThreshold=reach)
    return matrix, float(follows.mean()) if matrix is not None else 0.0


def _shows(points: np.ndarray, outside: np.ndarray) -> np.ndarray:
    """(n,) bool: points (n, 2) that lie on the background, in the picture."""
    x, y = points.round().astype(int).T
    inside = (x >= 0) & (y >= 0) & (x < outside.shape[1]) & (y < outside.shape[0])
    return inside & (outside[np.clip(y, 0, outside.shape[0] - 1), np.clip(x, 0, outside.shape[1] - 1)] > 0)


def _path(views: list[View], found: list[tuple], n: int) -> CameraPath:
    shape = views[0][0].shape
    known = [i for i, (matrix, _) in enumerate(found) if matrix is not None]
    if len(known) < (1 - UNKNOWN) * len(found):
        return _standing(n, "plain", 0.0, 0.0)
    agreeing = float(np.median([found[i][1] for i in known]))
    matrices = np.stack([found[i][0] for i in known])  # (m, 2, 3)
    # A similarity has four numbers: (a, -b, x), (b, a, y); frames between two lie on the line between theirs.
    times = EVERY * np.array(known)
    a, b, x, y = (np.interp(np.arange(n), times, matrices[:, i, j]) for i, j in ((0, 0), (1, 0), (0, 2), (1, 2)))
    path = np.stack([np.stack([a, -b, x], -1), np.stack([b, a, y], -1)], axis=1).astype(np.float32)  # (T, 2, 3)
    moved = _moved(path, shape)
    if moved < STILL * shape[0]:
        return _standing(n, "still", moved, agreeing)
    if _difference(views, path[::EVERY]) > HELPS * _difference(views, None):
        return _standing(n, "parallax", moved, agreeing)
    return CameraPath(path, "moving", moved, agreeing)


def _difference(views: list[View], path: np.ndarray | None) -> float:
    """Mean grey levels between the background of views, moved by their matrices if given, and of the middle one."""
    grey, outside = views[len(views) // 2]
    differences = []
    for k, (other, shown) in enumerate(views):
        if path is not None:
            other, shown = (move_picture(one, path[k], grey.shape) for one in (other, shown))
        differences.append(cv2.mean(cv2.absdiff(other, grey), mask=shown & outside)[0])
    return float(np.mean(differences))


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
