"""What of a film a training needs beside the key frames, and the pairs it learns from.

``keep`` writes some hundred frames as the plate's camera sees them, cut to the person, with their poses and times. Only
where a training was asked for are they kept, beside the dancer's folder, and ``dance forget`` removes them.

A pair is a frame and what warping gives for its pose. Key frames less than 0.7 s away are left out of the warp, or it
would be the answer: the network must see what it will have to repair in poses that were never filmed. The film's last
tenth is for validation, and frames less than 0.7 s before it are not trained on.

Notebook: 07b_better_images.ipynb
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from tqdm.auto import tqdm

from dancing_utils import FPS, HEIGHT, WIDTH, InputError
from dancing_utils.files import read_npz, write_npz
from dancing_utils.images.boxes import boxed, corners_of
from dancing_utils.images.warp import Warper
from dancing_utils.pose.landmarks import N_LANDMARKS, to_pixels

FILE_NAME = "frames.npz"
MOST = 600  # frames that are kept; what more of them show is nearly the same
APART = round(0.7 * FPS)  # frames between a frame and what it may be made from
VALIDATION = 0.1  # share of the frames, the film's last ones
QUALITY = 95  # of their JPEG
FEWEST = 30
HINT = "learn the film again, with --again --train"


@dataclass(frozen=True)
class FilmFrames:
    """T frames of a film, or of several in a row.

    Attributes
    ----------
    pictures : (T, rows, columns, 3) uint8, boxes of the plate around the person, at ``corners`` (T, 2), row and column.
    poses : (T, 33, 2) in units of the picture; ``depth`` : (T, 33).
    numbers : (T,) of the frames, those of two films far apart; ``key_numbers`` : (K,) of the dancer's key frames.
    """

    pictures: np.ndarray
    corners: np.ndarray
    poses: np.ndarray
    depth: np.ndarray
    numbers: np.ndarray
    key_numbers: np.ndarray


def choose(good: np.ndarray, *, most: int = MOST) -> np.ndarray:
    """Numbers of at most ``most`` frames of those that are ``good`` (T,) bool, spread evenly."""
    usable = np.flatnonzero(good)
    return usable[np.unique(np.linspace(0, len(usable) - 1, min(most, len(usable))).astype(int))]


def cut(
    film: Iterable[np.ndarray], to_plate: np.ndarray, poses: np.ndarray, chosen: np.ndarray, shape: tuple[int, int],
    plate: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """Boxes (n, rows, columns, 3) of a film's frames and their corners (n, 2).

    Parameters
    ----------
    film : all its pictures (640, 360, 3).
    to_plate : (T, 2, 3); ``poses`` : (T, 33, 2) in units of the plate.
    chosen : (n,) numbers of the frames that are wanted; ``shape`` : rows and columns of a box.
    plate : (640, 360, 3) uint8, which shows where a moved picture does not reach.
    """
    corners, wanted, boxes = corners_of(to_pixels(poses[chosen]), shape), set(chosen.tolist()), []
    for k, picture in enumerate(film):
        if k in wanted:
            row, column = corners[len(boxes)]
            border = {"dst": plate.copy(), "borderMode": cv2.BORDER_TRANSPARENT}
            moved = cv2.warpAffine(picture, to_plate[k], (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR, **border)
            boxes.append(moved[row : row + shape[0], column : column + shape[1]])
    return np.stack(boxes), corners


def save(path: str | Path, frames: FilmFrames) -> None:
    """Write frames to an .npz file, whole or not at all."""
    rows = [cv2.imencode(".jpg", one[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1] for one in frames.pictures]
    arrays = {name: getattr(frames, name) for name in ("corners", "poses", "depth", "numbers", "key_numbers")}
    arrays |= {"pictures": np.concatenate(rows), "ends": np.cumsum([len(row) for row in rows])}
    write_npz(path, arrays, compressed=False)


def load(path: str | Path) -> FilmFrames:
    """Read what ``save`` wrote.

    Raises
    ------
    InputError
        If there is no such file, or it is damaged.
    """
    needs = ["pictures", "ends", "corners", "poses", "depth", "numbers", "key_numbers"]
    stored = read_npz(path, needs=needs, hint=HINT)
    n = len(stored["poses"])
    rows = np.split(stored.pop("pictures"), stored.pop("ends")[:-1])
    if n < 1 or len(rows) != n or stored["poses"].shape != (n, N_LANDMARKS, 2) or stored["corners"].shape != (n, 2):
        raise InputError(f"{path} has {len(rows)} pictures and {n} poses, so it is damaged: {HINT}")
    pictures = [cv2.imdecode(row, cv2.IMREAD_COLOR) for row in rows]
    if any(picture is None or picture.shape != pictures[0].shape for picture in pictures):
        raise InputError(f"{path} has a picture that cannot be read: {HINT}")
    return FilmFrames(np.stack(pictures)[..., ::-1].copy(), **stored)


# --- pairs ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Pairs:
    """What one or several dancers are trained on; boxes of one shape, at ``corners`` (N, 2).

    Attributes
    ----------
    warps : (N, rows, columns, 4) uint8, the warped picture over the plate, and what of it is covered.
    reals : (N, rows, columns, 3) uint8, the film's.
    points : (N, 33, 2) float32 poses in pixels of the box.
    plates : (D, 640, 360, 3) uint8; ``which`` : (N,) of them is behind a pair.
    held_out : (N,) bool, kept for validation; ``trained`` : (N,) bool, to be trained on.
    """

    warps: np.ndarray
    reals: np.ndarray
    corners: np.ndarray
    points: np.ndarray
    plates: np.ndarray
    which: np.ndarray
    held_out: np.ndarray
    trained: np.ndarray


def make_pairs(frames: FilmFrames, warper: Warper, *, progress: bool = True) -> Pairs:
    """The pairs of one dancer.

    Raises
    ------
    InputError
        If there are fewer than 30 frames.
    """
    if len(frames.poses) < FEWEST:
        raise InputError(f"{len(frames.poses)} frames show her well, {FEWEST} are needed: film longer, and all of her")
    near = np.abs(frames.numbers[:, None] - frames.key_numbers) < APART  # (T, K)
    layers = warper.layers(frames.poses, depth=frames.depth, left_out=near)
    layers = tqdm(layers, total=len(near), desc="warping", unit="frame", disable=not progress)
    shape = frames.pictures.shape[1:3]
    warps = np.stack([boxed(*one, shape, warper.plate) for one in zip(layers, frames.corners, strict=True)])
    points = to_pixels(frames.poses) - frames.corners[:, None, ::-1]
    border = frames.numbers[round(len(near) * (1 - VALIDATION))]
    held_out = frames.numbers >= border
    return Pairs(
        warps, frames.pictures, frames.corners, points.astype(np.float32), warper.plate[None],
        np.zeros(len(near), int), held_out, frames.numbers < border - APART,
    )  # fmt: skip


def together(pairs: list[Pairs]) -> Pairs:
    """Pairs of several dancers as one; the smaller boxes are filled up with the plate."""
    shape = np.max([one.reals.shape[1:3] for one in pairs], axis=0)
    pairs = [_larger(one, tuple(shape.tolist())) for one in pairs]
    names = ("warps", "reals", "corners", "points", "plates", "held_out", "trained")
    joined = {name: np.concatenate([getattr(one, name) for one in pairs]) for name in names}
    return Pairs(which=np.repeat(np.arange(len(pairs)), [len(one.which) for one in pairs]), **joined)


def _larger(pairs: Pairs, shape: tuple[int, int]) -> Pairs:
    corners = np.minimum(pairs.corners, np.array([HEIGHT, WIDTH]) - shape)
    n, (rows, columns) = len(corners), pairs.reals.shape[1:3]
    reals = np.stack([pairs.plates[0, r : r + shape[0], c : c + shape[1]] for r, c in corners])
    warps = np.concatenate([reals, np.zeros((n, *shape, 1), np.uint8)], -1)
    shifts = pairs.corners - corners
    for k, (r, c) in enumerate(shifts):
        reals[k, r : r + rows, c : c + columns] = pairs.reals[k]
        warps[k, r : r + rows, c : c + columns] = pairs.warps[k]
    points = pairs.points + shifts[:, None, ::-1].astype(np.float32)
    return Pairs(warps, reals, corners, points, pairs.plates, pairs.which, pairs.held_out, pairs.trained)
