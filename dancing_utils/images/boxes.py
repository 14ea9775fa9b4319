"""Boxes around a person: where a network repairs a picture, and the rest stays as it is.

Notebook: 07b_better_images.ipynb
"""

import numpy as np

from dancing_utils import HEIGHT, WIDTH
from dancing_utils.images.overlay import over

MULTIPLE = 32  # pixels of which a box's sides are multiples, since the network halves five times
LARGEST = HEIGHT, WIDTH // MULTIPLE * MULTIPLE  # rows and columns of a box, at most
ROOM = 0.35  # trunk lengths of room around the landmarks: hair, fingers, loose clothes


def box_shape(poses: np.ndarray) -> tuple[int, int]:
    """Rows and columns of a box that holds the person in each of some poses (T, 33, 2) in pixels of the plate."""
    extent = np.ptp(poses, axis=1).max(0) + 2 * _room(poses).max()  # x, y
    sides = (np.ceil(extent[::-1] / MULTIPLE) * MULTIPLE).astype(int)
    return tuple(int(n) for n in np.minimum(sides, LARGEST))


def corners_of(poses: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Where boxes of a shape (rows, columns) lie around poses (T, 33, 2): (T, 2) int, row and column of the corner."""
    middle = (poses.min(1) + poses.max(1))[:, ::-1] / 2  # (T, 2) row, column
    return np.clip(np.round(middle - np.array(shape) / 2), 0, np.array([HEIGHT, WIDTH]) - shape).astype(int)


def boxed(layer: np.ndarray, corner: np.ndarray, shape: tuple[int, int], plate: np.ndarray) -> np.ndarray:
    """A layer (640, 360, 4) over the plate, within a box: (rows, columns, 4)."""
    box = slice(corner[0], corner[0] + shape[0]), slice(corner[1], corner[1] + shape[1])
    return np.dstack([over(layer[box], plate[box]), layer[box][..., 3]])


def _room(poses: np.ndarray) -> np.ndarray:
    """(T,) pixels of room around the landmarks of poses."""
    trunk = poses[:, [11, 12]].mean(1) - poses[:, [23, 24]].mean(1)
    return ROOM * np.linalg.norm(trunk, axis=-1)
