"""A trained repair at work: warped pictures in, mended ones out.

The network works in a box that holds the person in every pose of a dance; around it the warped picture stays as it is.
The next pictures are warped while the network mends these.

Notebook: 07b_better_images.ipynb
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path

import cv2
import numpy as np

from dancing_utils import InputError
from dancing_utils.images.boxes import box_shape, boxed, corners_of
from dancing_utils.images.pixels import from_bytes, to_bytes
from dancing_utils.images.repair_gan import RepairGAN, compose, load
from dancing_utils.images.warp import Warper
from dancing_utils.pose.landmarks import to_pixels
from dancing_utils.tf import tf
from dancing_utils.training import read_made_for

REACH = 24  # pixels from what the warp covers beyond which the room stays as it is
MORE = 0.7  # of the warp than the network says: its loss forgives a blur, and people do not
AT_ONCE = 4  # pictures that are mended in one call


class RepairPainter:
    """Poses -> warped pictures -> mended ones.

    Parameters
    ----------
    model : the trained network.
    warper : of the dancer for whom it was trained.
    """

    def __init__(self, model: RepairGAN, warper: Warper):
        self.model, self.warper = model, warper
        self._mend = tf.function(self._mended, reduce_retracing=True)

    def paint(self, poses: np.ndarray, *, depth: np.ndarray | None = None) -> Iterator[np.ndarray]:
        """One picture (640, 360, 3) uint8 a pose of (T, 33, 2); ``depth`` (T, 33) says which limb is in front."""
        if not len(poses):
            return
        points = to_pixels(poses)
        shape = box_shape(points)
        corners, layers = corners_of(points, shape), iter(self.warper.layers(poses, depth=depth))
        with ThreadPoolExecutor(1) as thread:
            coming = thread.submit(lambda: list(islice(layers, AT_ONCE)))
            for start in range(0, len(poses), AT_ONCE):
                some, now = slice(start, start + AT_ONCE), coming.result()
                coming = thread.submit(lambda: list(islice(layers, AT_ONCE)))
                yield from self.mend(now, points[some], corners[some], shape)

    def mend(
        self, layers: list[np.ndarray], points: np.ndarray, corners: np.ndarray, shape: tuple[int, int]
    ) -> Iterator[np.ndarray]:
        """Pictures (640, 360, 3) uint8 of what ``Warper.layers`` gives for poses (n, 33, 2) in pixels of the plate,
        mended in boxes of a shape (rows, columns) at corners (n, 2)."""
        n, plate = len(layers), self.warper.plate
        warps = np.stack([boxed(*one, shape, plate) for one in zip(layers, corners, strict=True)])
        plates = np.stack([plate[row : row + shape[0], column : column + shape[1]] for row, column in corners])
        inside = (points - corners[:, None, ::-1]).astype(np.float32)
        filled = np.arange(AT_ONCE) % n  # a last few are made as many as the others, or all would be compiled again
        mended = self._mend(warps[filled], plates[filled], inside[filled]).numpy()
        for layer, (row, column), box in zip(layers, corners, mended, strict=False):
            picture = self.warper.over_plate(layer)  # which stays outside of the box
            inside = picture[row : row + shape[0], column : column + shape[1]]
            inside[:] = np.where(_near(layer)[row : row + shape[0], column : column + shape[1], None], box, inside)
            yield picture

    def _mended(self, warps, plates, points):
        """Boxes as ``film_frames.Pairs`` has them -> (n, rows, columns, 3) uint8."""
        warp, plate = from_bytes(warps[..., :3]), from_bytes(plates)
        made = self.model.look(warp, tf.cast(warps[..., 3:], tf.float32) / 255, points)
        return to_bytes(compose(made, warp, plate, more=MORE))


def _near(layer: np.ndarray) -> np.ndarray:
    """(640, 360) bool: no farther than ``REACH`` from what a layer (640, 360, 4) covers."""
    return cv2.distanceTransform(np.uint8(layer[..., 3] == 0), cv2.DIST_L2, 3) <= REACH


def open_painter(path: str | Path, warper: Warper, *, made_for: str) -> RepairPainter:
    """What mends the pictures of a warper by a file of ``repair_training.train``.

    Parameters
    ----------
    made_for : the dancer's ``dancers.fingerprint``, which the file must name.

    Raises
    ------
    InputError
        If the file is damaged, or was trained for another dancer, or for this one as she was learned before.
    """
    if read_made_for(path) != made_for:
        raise InputError(
            f"{path} was trained for another dancer than the one beside it: train it anew with `dance train gan "
            "--dancer NAME`, delete it, or give --no-repair"
        )
    return RepairPainter(load(path), warper)
