"""The outline of a trunk beside which arms were filmed: what belongs to it, and what is a piece of a sleeve.

In one frame nobody can tell: an arm at the side leaves a flap of its sleeve there, and a hand on the hip covers the
waist. So the frames vote, all trunks laid over each other by their corners. A place votes where no arm is near, and
says whether the person is there. Where hardly any frame votes, the trunk is taken to be little wider than its corners.

Notebook: 07a_new_pose.ipynb
"""

from dataclasses import replace

import cv2
import numpy as np

from dancing_utils.images.body_parts import NUMBER, Figure
from dancing_utils.images.cutting import ARM, FEATHER, SOCKET, TRUNK, Sprite
from dancing_utils.images.overlay import over

NEAR_AN_ARM = 1.6  # radii of an arm: nearer, its sleeve may be there
FACING = 0.6  # of the usual width: a narrower trunk is seen from the side, and has another outline
USUAL_WIDTH = 0.7  # radii of the trunk that it is wider than its corners, where no frame votes
DOUBT = 1.5  # votes that this counts as
AGREED = (0.15, 0.4)  # share of votes: below the first a place is not the trunk's, above the second it is
SIDES = 0.35  # of the way from shoulders to hips: below, what arms cover of a trunk is its side, above it, a sleeve
PAINTED_FROM = 5  # pixels around a hole that it is painted from
ARMS = [int(i) for i in np.flatnonzero(ARM)]


class TrunkOutline:
    """Where a trunk is, agreed on by the frames' sprites (K of 15); ``sizes`` (K,) of the person in them."""

    def __init__(self, sprites: list[list[Sprite | None]], figure: Figure, sizes: np.ndarray):
        self.figure = figure
        trunks = [(row, size) for row, size in zip(sprites, sizes, strict=True) if row[TRUNK] is not None]
        corners = np.array([(row[TRUNK].points[2:] - row[TRUNK].points[1]) / size for row, size in trunks])
        self.width = float(np.median(_widths(corners))) if len(trunks) else 1.0
        room = 2 * figure.radii[TRUNK].mean()
        usual = np.median(corners, axis=0) if len(trunks) else np.zeros((4, 2))
        self.corners = (usual - usual.min(0) + room).astype(np.float32)  # (4, 2) in the picture that they vote on
        columns, rows = (np.ptp(usual, axis=0) + 2 * room).astype(int) + 1
        outside = np.full((rows, columns), 255, np.uint8)
        cv2.fillConvexPoly(outside, cv2.convexHull(self.corners).round().astype(np.int32), 0)
        near = cv2.distanceTransform(outside, cv2.DIST_L2, 5) / figure.radii[TRUNK].mean()
        there = DOUBT * (near <= USUAL_WIDTH).astype(np.float32)
        votes = np.full((rows, columns), DOUBT, np.float32)
        for row, size in trunks:
            if self.faces(row[TRUNK], size):
                matrix = self.matrix(row[TRUNK])
                voting = self._far_from_arms(row, matrix, (rows, columns))
                there += voting * cv2.warpAffine(row[TRUNK].rgba[..., 3], matrix, (columns, rows)) / np.float32(255)
                votes += voting
        self.agreed = np.clip((there / votes - AGREED[0]) / (AGREED[1] - AGREED[0]), 0, 1)

    def of(self, trunk: Sprite, size: float) -> np.ndarray:
        """How surely (rows, columns), 0 to 1, what is in a trunk's box is the trunk's; 1 around its shoulders."""
        if not self.faces(trunk, size):
            return np.ones(trunk.rgba.shape[:2], np.float32)
        back = cv2.invertAffineTransform(self.matrix(trunk))
        surely = cv2.warpAffine(self.agreed, back, trunk.rgba.shape[1::-1], flags=cv2.INTER_LINEAR)
        for name, shoulder in (("left_upper_arm", 2), ("right_upper_arm", 3)):
            radius = SOCKET * self.figure.radii[NUMBER[name], 0] * size
            place = (trunk.points[shoulder] - trunk.corner).round().astype(int).tolist()
            cv2.circle(surely, place, round(radius), 1.0, -1)
        up = down_the_trunk(trunk) < 0  # neck and collar
        return cv2.GaussianBlur(np.where(up, 1, surely), (0, 0), FEATHER / 2)

    def faces(self, trunk: Sprite, size: float) -> bool:
        """Whether a trunk of a person of that size is seen from the front or the back, not from the side."""
        corners = (trunk.points[2:] - trunk.points[1]) / size
        return bool(_widths(corners[None])[0] >= FACING * self.width)

    def matrix(self, trunk: Sprite) -> np.ndarray:
        """From a sprite's pixels to the picture on which is voted: (2, 3), by least squares."""
        places = np.column_stack([trunk.points[2:] - trunk.corner, np.ones(4)])
        return np.linalg.lstsq(places, self.corners, rcond=None)[0].T

    def _far_from_arms(self, row: list[Sprite | None], matrix: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
        """(rows, columns) float32, 1 where no arm is near in the picture on which is voted."""
        out = np.ones(shape, np.float32)
        for i in ARMS:
            if row[i] is not None:
                ends = (row[i].points[:2] - row[TRUNK].corner) @ matrix[:, :2].T + matrix[:, 2]
                width = max(1, round(2 * NEAR_AN_ARM * self.figure.radii[i].max()))
                cv2.line(out, *ends.round().astype(int).tolist(), 0, width)
        return out


def _widths(corners: np.ndarray) -> np.ndarray:
    """Widths (n,) of shoulders and hips, whichever is larger, of corners (n, 4, 2)."""
    return np.maximum(*(np.linalg.norm(corners[:, a] - corners[:, b], axis=-1) for a, b in ((0, 1), (2, 3))))


def down_the_trunk(trunk: Sprite) -> np.ndarray:
    """How far down pixels (rows, columns) of a trunk's box lie: 0 at the shoulders, 1 at the hips."""
    shoulders, hips = trunk.points[:2] - trunk.corner
    y, x = np.mgrid[: trunk.hole.shape[0], : trunk.hole.shape[1]]
    way = (hips - shoulders) / max((hips - shoulders) @ (hips - shoulders), 1e-6)
    return (x - shoulders[0]) * way[0] + (y - shoulders[1]) * way[1]


def without_flaps(trunk: Sprite, surely: np.ndarray) -> Sprite:
    """A trunk without what is not the trunk's by ``TrunkOutline.of``."""
    return replace(trunk, rgba=(trunk.rgba * surely[..., None]).round().astype(np.uint8))


def with_whole_sides(trunk: Sprite, surely: np.ndarray) -> Sprite:
    """A trunk whose sides are painted in from around where hands on the hips covered them in every frame."""
    rgba, known = trunk.rgba, trunk.rgba[..., 3] > 127
    hole = trunk.hole & (down_the_trunk(trunk) > SIDES) & (surely > 0.5) & ~known
    if not hole.any() or not known.any():
        return trunk
    colours = (rgba[..., :3] / np.maximum(rgba[..., 3:] / 255, 0.05)).clip(0, 255).astype(np.uint8)
    filled = cv2.inpaint(colours, np.uint8(~known), PAINTED_FROM, cv2.INPAINT_TELEA)
    alpha = cv2.GaussianBlur(np.float32(known | hole), (0, 0), FEATHER / 2)
    alpha *= np.minimum(2 * cv2.GaussianBlur(np.float32(hole), (0, 0), FEATHER), 1)
    under = np.dstack([filled * alpha[..., None], 255 * alpha]).astype(np.uint8)
    return replace(trunk, rgba=over(rgba, under))
