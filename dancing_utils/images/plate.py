"""The plate: the empty room behind a filmed person, as film makers call it.

What shows outside the person's mask is kept, and a rather bright level of it over the film taken. Her shadow goes where
she goes and only darkens, so of the frames that show a place only those count in which she is farther from it than
usual, and of these not the median but a brighter one. What never shows, or so seldom that a hole in her mask may have
shown it, is painted in from around.

Notebook: 07a_new_pose.ipynb
"""

from dataclasses import dataclass

import cv2
import numpy as np

from dancing_utils import InputError

FRAMES = 96  # of which the plate is made: 66 MB
MARGIN = 0.02  # share of the picture's height by which a mask is widened: its edge, and motion blur
FARTHER = 0.5  # of the frames: those in which she is farthest from a place tell how it looks without her shadow
BRIGHT = 0.8  # quantile of the grey levels of these frames: a shadow may fall on most of them
ENOUGH = 0.04  # share of the frames that must show a place
HIDDEN = 999  # sorts behind every grey level
BAND = 40  # rows that are sorted at once
PAINTED_FROM = 5  # pixels around a hole that it is painted from


@dataclass(frozen=True)
class Plate:
    """``picture`` (rows, columns, 3) uint8; ``seen`` (rows, columns) bool: it showed, and was not painted in."""

    picture: np.ndarray
    seen: np.ndarray


def choose_frames(n: int, *, most: int = FRAMES) -> np.ndarray:
    """Numbers of at most ``most`` of ``n`` frames, spread evenly."""
    return np.unique(np.linspace(0, n - 1, min(n, most)).astype(int))


def build_plate(pictures: np.ndarray, masks: np.ndarray, *, inside: np.ndarray | None = None) -> Plate:
    """The empty room from some frames of a film.

    Parameters
    ----------
    pictures : (n, rows, columns, 3) uint8, brought to the plate's coordinates if the camera moved.
    masks : (n, rows, columns) uint8, 255 where the person is.
    inside : (n, rows, columns) bool, False where a moved picture does not reach; None: it reaches everywhere.

    Raises
    ------
    InputError
        If the shapes do not agree, there is no frame, or the person fills every frame.
    """
    if not len(pictures) or pictures.shape[:3] != masks.shape:
        raise InputError(f"pictures {pictures.shape} and masks {masks.shape}: give a mask for each of some pictures")
    distance = np.stack([_distance(mask) for mask in masks])  # (n, rows, columns)
    if inside is not None:
        distance[~inside] = 0
    rank = int(FARTHER * len(masks))
    usual = np.partition(distance, rank, axis=0)[rank]  # (rows, columns)
    shown = distance > MARGIN * masks.shape[1]
    seen = shown.sum(0) >= max(1, ENOUGH * len(masks))
    use = shown & (distance >= usual)
    if not seen.any():
        raise InputError("the person fills every picture: film from farther away, so that the room shows")
    picture = np.empty(pictures.shape[1:], np.uint8)
    for top in range(0, len(seen), BAND):
        band = slice(top, top + BAND)
        picture[band] = quantile(pictures[:, band], use[:, band], BRIGHT)
    return Plate(cv2.inpaint(picture, (~seen).astype(np.uint8), PAINTED_FROM, cv2.INPAINT_TELEA), seen)


def _distance(mask: np.ndarray) -> np.ndarray:
    """Pixels from the person; everything is far where there is none."""
    outside = (mask < 64).astype(np.uint8)
    return cv2.distanceTransform(outside, cv2.DIST_L2, 5) if not outside.all() else np.full(mask.shape, 1e6, np.float32)


def quantile(pictures: np.ndarray, use: np.ndarray, share: float) -> np.ndarray:
    """The level (rows, columns, c) uint8 below which lies a share of what is used of pictures (n, rows, columns, c).

    ``use`` : (n, rows, columns) bool; the level is 0 where nothing is used.
    """
    levels = np.sort(np.where(use[..., None], pictures, HIDDEN).astype(np.uint16), axis=0)
    rank = (share * (np.maximum(use.sum(0), 1) - 1)).astype(int)  # (rows, columns)
    found = np.take_along_axis(levels, rank[None, ..., None], axis=0)[0]
    return np.where(found == HIDDEN, 0, found).astype(np.uint8)
