"""Pictures laid over each other: RGBA with colours multiplied by their alpha.

Reference: Porter and Duff, Compositing Digital Images, 1984.

Notebook: 07a_new_pose.ipynb
"""

import cv2
import numpy as np

SHARPER = 0.5  # of what a blur of one pixel takes away: gradients are then as strong as filmed ones, give or take 15 %


def lay_over(layer: np.ndarray, sprite: np.ndarray, matrix: np.ndarray) -> None:
    """Move a premultiplied RGBA sprite by a matrix (2, 3) and lay it over a layer (rows, columns, 4), in its box."""
    rows, columns = sprite.shape[:2]
    corners = matrix[:, :2] @ np.array([[0, columns, 0, columns], [0, 0, rows, rows]]) + matrix[:, 2:]
    low = np.maximum(np.floor(corners.min(1)), 0).astype(int)
    high = np.minimum(np.ceil(corners.max(1)) + 1, layer.shape[1::-1]).astype(int)
    if (high - low < 1).any():
        return
    moved = cv2.warpAffine(sprite, matrix - np.array([[0, 0, low[0]], [0, 0, low[1]]]), tuple((high - low).tolist()))
    box = layer[low[1] : high[1], low[0] : high[0]]
    box[:] = over(moved, box)


def over(front: np.ndarray, back: np.ndarray) -> np.ndarray:
    """Premultiplied RGBA over RGBA, or over RGB: front + back (1 - alpha)."""
    n = back.shape[2]
    through = cv2.merge([255 - front[..., 3]] * n)
    return cv2.add(front[..., :n], cv2.multiply(back, through, scale=1 / 255))


def sharpened(sprite: np.ndarray) -> np.ndarray:
    """A premultiplied RGBA sprite, as much sharper as ``lay_over`` will blur it, by an unsharp mask."""
    out = cv2.addWeighted(sprite, 1 + SHARPER, cv2.GaussianBlur(sprite, (0, 0), 1), -SHARPER, 0)
    out[..., 3] = sprite[..., 3]
    out[..., :3] = np.minimum(out[..., :3], sprite[..., 3:])
    return out


def covered_box(alpha: np.ndarray) -> tuple[slice, slice]:
    """The smallest box (rows, columns) around all that is not 0."""
    x, y, width, height = cv2.boundingRect(alpha)
    return slice(y, y + height), slice(x, x + width)
