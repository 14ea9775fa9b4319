"""A trained repair at work: warped pictures in, mended ones out.

The network works in a box that holds the person in every pose of a dance; around it the warped picture stays as it is.
It computes in 8 bits (``eight_bits``), with ranges measured on the key frames' own poses. The next pictures are warped
while it mends these.

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
from dancing_utils.images.eight_bits import Network, quantise
from dancing_utils.images.pixels import from_bytes
from dancing_utils.images.pose_gan import DRAWN_LIMBS, soft_limbs
from dancing_utils.images.repair_gan import MAPS_AT, STEEP, RepairGAN, load, solid
from dancing_utils.images.warp import Warper
from dancing_utils.pose.landmarks import to_pixels, to_units
from dancing_utils.tf import tf
from dancing_utils.training import read_made_for

REACH = 24  # pixels from what the warp covers beyond which the room stays as it is
FADING = 16  # of these pixels, the last: there what is painted goes over into the room, say a shadow
MORE = 0.7  # of the warp than the network says: its loss forgives a blur, and people do not
AT_ONCE = 4  # pictures whose limb maps are drawn in one call
EXAMPLES = 24  # poses on which the ranges of the network's activations are measured


class RepairPainter:
    """Poses -> warped pictures -> mended ones.

    Parameters
    ----------
    model : the trained network.
    warper : of the dancer for whom it was trained.
    """

    def __init__(self, model: RepairGAN, warper: Warper):
        self.model, self.warper = model, warper
        self.shape = (0, 0)  # rows and columns of the boxes that the network is made for

    def paint(self, poses: np.ndarray, *, depth: np.ndarray | None = None) -> Iterator[np.ndarray]:
        """One picture (640, 360, 3) uint8 a pose of (T, 33, 2); ``depth`` (T, 33) says which limb is in front."""
        if len(poses):
            self.make_ready(poses)
            yield from self.mend(self.warper.layers(poses, depth=depth), poses)

    def make_ready(self, poses: np.ndarray) -> None:
        """Round the network for boxes that hold the person in all these poses (T, 33, 2): some seconds, if it is not
        ready for such boxes yet."""
        before, shape = self.shape, np.maximum(box_shape(to_pixels(poses)), self.shape)
        if tuple(shape.tolist()) != before:
            try:
                self.shape = tuple(shape.tolist())
                self._network = Network(self._rounded())
                self._tables = self._levels()
            except BaseException:
                self.shape = before  # not ready: the next call tries again
                raise

    def mend(self, layers: Iterator[np.ndarray], poses: np.ndarray) -> Iterator[np.ndarray]:
        """Pictures (640, 360, 3) uint8 of what ``Warper.layers`` gives for poses (T, 33, 2), after ``make_ready``."""
        points, layers = to_pixels(poses), iter(layers)
        corners = corners_of(points, self.shape)
        inside = (points - corners[:, None, ::-1]).astype(np.float32)
        with ThreadPoolExecutor(1) as thread:
            coming = thread.submit(lambda: list(islice(layers, AT_ONCE)))
            for start in range(0, len(poses), AT_ONCE):
                now = coming.result()
                coming = thread.submit(lambda: list(islice(layers, AT_ONCE)))
                maps = self._limb_maps(inside[start : start + AT_ONCE])
                yield from map(self._mended, now, corners[start:], maps)

    def _mended(self, layer: np.ndarray, corner: np.ndarray, maps: np.ndarray) -> np.ndarray:
        """One layer (640, 360, 4) mended in its box, over the plate."""
        box = slice(corner[0], corner[0] + self.shape[0]), slice(corner[1], corner[1] + self.shape[1])
        near, plate = boxed(layer, corner, self.shape, self.warper.plate), self.warper.plate[box]
        masks, colours = (one[0] for one in self._network(near[None], maps[None]))
        levels, *shares = self._tables
        mask, keep = (_evened(table[masks[..., i]]) for i, table in enumerate(shares))
        own = cv2.blendLinear(_evened(cv2.LUT(colours, levels)), plate, mask, 1 - mask)
        mended = cv2.blendLinear(near[..., :3].copy(), own, keep, 1 - keep)
        picture = self.warper.over_plate(layer)  # which stays outside of the box, and far from her
        share = _nearness(layer[box])
        picture[box] = cv2.blendLinear(mended, picture[box].copy(), share, 1 - share)
        return picture

    def _limb_maps(self, points: np.ndarray) -> np.ndarray:
        """Limb maps of poses (n, 33, 2) in pixels of the box, in whole numbers 0 to 255."""
        filled = points[np.arange(AT_ONCE) % len(points)]  # a last few are made as many as the others: one graph
        return _draw(tf.constant(filled), *self.shape).numpy()[: len(points)]

    def _rounded(self) -> bytes:
        """The network for boxes of ``shape``, in 8 bits. Its ranges are those of key frames made from other ones."""
        rows, columns = self.shape
        maps = (rows // MAPS_AT, columns // MAPS_AT, len(DRAWN_LIMBS))
        signature = [tf.TensorSpec((1, rows, columns, 4)), tf.TensorSpec((1, *maps))]
        known = self.warper.poses
        some = np.unique(np.linspace(0, len(known) - 1, EXAMPLES).astype(int))
        corners, own = corners_of(known[some], self.shape), np.eye(len(known), dtype=bool)[some]
        layers = list(self.warper.layers(to_units(known[some]), left_out=own))
        nears = [boxed(*one, self.shape, self.warper.plate) for one in zip(layers, corners, strict=True)]
        points = (known[some] - corners[:, None, ::-1]).astype(np.float32)

        def examples():
            for near, one in zip(nears, points, strict=True):
                yield [from_bytes(near[None]).numpy(), soft_limbs(one[None] / MAPS_AT, *maps[:2]).numpy()]

        paint = tf.function(lambda near, maps: self.model.paint(near, maps), input_signature=signature)
        return quantise(paint, examples, bytes_at_ends=True)

    def _levels(self) -> list[np.ndarray]:
        """What the 256 whole numbers mean that the network gives: levels (256,) uint8 of colours; shares (256,) float32
        of the mask, and of how much of the warp is kept."""
        scales = self._network.scales
        colour, mask = (scale * (np.arange(256, dtype=np.float32) - zero)
                        for scale, zero in (scales[(1, *self.shape, 3)], scales[(1, *self.shape, 2)]))  # fmt: skip
        levels = np.clip((colour + 1) * 127.5 + 0.5, 0, 255).astype(np.uint8)
        return [levels, solid(mask + 1).numpy(), solid(STEEP * (mask + MORE)).numpy()]


@tf.function
def _draw(points, rows: int, columns: int):
    """Limb maps (n, rows / 4, columns / 4, 25) uint8, 0 to 255, of points (n, 33, 2)."""
    return tf.cast(soft_limbs(points / MAPS_AT, rows // MAPS_AT, columns // MAPS_AT) * 255 + 0.5, tf.uint8)


def _evened(values: np.ndarray) -> np.ndarray:
    """As ``repair_gan.smoothed``: without what four neighbours, that were channels, differ by."""
    return cv2.GaussianBlur(values, (3, 3), 0)  # which is 1, 2, 1 in both directions


def _nearness(layer: np.ndarray) -> np.ndarray:
    """(rows, columns) float32: 1 near to what a layer (rows, columns, 4) covers, 0 from ``REACH`` on."""
    distance = cv2.distanceTransform(np.uint8(layer[..., 3] == 0), cv2.DIST_L2, 3)
    return np.clip((REACH - distance) / FADING, 0, 1)


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
