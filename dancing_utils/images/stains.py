"""Stains on a trunk: a shadow, or the line of a hand, that one frame shows and the others do not.

All trunks are laid over each other, and where most frames agree on a colour, that is the shirt's. A frame that differs
there has a stain. It is painted in the shirt's colour, as light as the frame has it around the stain, and the trunk is
worth less. Stripes and folds that move leave the frames without agreement: there nothing is done, and nothing is where
a turned body lies in a light of its own.

Notebook: 07a_new_pose.ipynb
"""

from dataclasses import replace

import cv2
import numpy as np

from dancing_utils.images.cutting import Sprite
from dancing_utils.images.plate import quantile

FEWEST = 8  # frames that can agree
SOLID = 230  # alpha of pixels that are counted
FINE = 1.5  # pixels, standard deviation of what colours are averaged over: trunks fit each other by a pixel or two
MOST = 0.75  # of the frames differ no more than this from the usual colour ...
AGREED = 14  # ... and where that is more grey levels than this, they do not agree
STAINED = (6, 16)  # grey levels beyond it: a stain goes as far as the first, and somewhere reaches the second
AROUND = 6.0  # pixels, standard deviation of what tells how light it is around a stain
ANOTHER_LIGHT = 0.5  # share of a trunk from which that is no stain
EDGE = 2  # pixels that a stain is wider than it is seen to be


def without_stains(trunks: list[Sprite], matrices: list[np.ndarray], shape: tuple[int, int]) -> list[Sprite]:
    """The trunks painted clean.

    Parameters
    ----------
    matrices : (2, 3) each, from a trunk's pixels to a picture of ``shape`` (rows, columns) in which all trunks fit.
    """
    if len(trunks) < FEWEST:
        return trunks
    laid = np.stack([cv2.warpAffine(one.rgba, m, shape[::-1]) for one, m in zip(trunks, matrices, strict=True)])
    solid = laid[..., 3] >= SOLID  # (n, rows, columns)
    colours = np.stack([_averaged(rgba[..., :3], FINE, here) for rgba, here in zip(laid, solid, strict=True)])
    usual = quantile(colours, solid, 0.5).astype(np.float32)  # (rows, columns, 3)
    differs = np.abs(colours - usual).max(-1)
    spread = quantile(differs[..., None], solid, MOST)[..., 0].astype(np.float32)
    judged = solid & (spread < AGREED)
    return [
        _painted(trunk, matrix, one - usual, usual, *_stain(off - spread, here))
        for trunk, matrix, one, off, here in zip(trunks, matrices, colours, differs, judged, strict=True)
    ]


def _averaged(values: np.ndarray, sigma: float, where: np.ndarray) -> np.ndarray:
    """Means (rows, columns, n) around each pixel of those ``where`` (rows, columns) bool; 0 where none is near."""
    weight = cv2.GaussianBlur(np.float32(where), (0, 0), sigma)[..., None]
    return cv2.GaussianBlur(np.float32(values * where[..., None]), (0, 0), sigma) / np.maximum(weight, 1e-3)


def _stain(beyond: np.ndarray, judged: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where a trunk is stained, and clean, (rows, columns) bool; ``beyond``: grey levels beyond what agrees."""
    _, labels = cv2.connectedComponents(np.uint8((beyond > STAINED[0]) & judged))
    stained = np.isin(labels, np.unique(labels[(beyond > STAINED[1]) & judged])) & (labels > 0)
    return stained, judged & ~cv2.dilate(np.uint8(stained), np.ones((2 * EDGE + 1,) * 2)).astype(bool)


def _painted(
    trunk: Sprite, matrix: np.ndarray, shift: np.ndarray, usual: np.ndarray, stained: np.ndarray, clean: np.ndarray
) -> Sprite:
    """A trunk with its stain painted over; ``shift`` (rows, columns, 3): how its colours differ from the usual ones."""
    share = stained.sum() / max((stained | clean).sum(), 1)
    if not 0 < share < ANOTHER_LIGHT:
        return trunk
    paint = np.clip(usual + _averaged(shift, AROUND, clean), 0, 255)
    cover = cv2.dilate(np.float32(stained), np.ones((2 * EDGE + 1,) * 2))
    back = {"dsize": trunk.rgba.shape[1::-1], "flags": cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP}
    paint, cover = (cv2.warpAffine(one, matrix, **back) for one in (paint, cover))
    cover = cv2.GaussianBlur(cover, (0, 0), 1)[..., None]
    alpha = trunk.rgba[..., 3:] / np.float32(255)
    rgba = trunk.rgba.copy()
    rgba[..., :3] = (rgba[..., :3] * (1 - cover) + paint * alpha * cover).round()
    lost = (cover * alpha).sum() / max(alpha.sum(), 1)
    return replace(trunk, rgba=rgba, worth=trunk.worth * (1 - lost))
