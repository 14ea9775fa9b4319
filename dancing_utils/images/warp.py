"""A filmed person in a new pose, without training: parts of filmed frames, moved and laid over each other.

    key frames -> parts, cut out once (``cutting``) -> for each pose and part the likest source (``Sources``)
               -> moved along its bone (``part_transform``) -> far ones first, over each other -> over the plate

What another part covered is filled in from a frame in which it did not. A source costs what its pose differs by, and
more if it is blurred, hidden, stretched, or not the one of the picture before: so nothing flickers.

Pictures are uint8, lengths in pixels of the plate, 640 x 360.

References: Balakrishnan et al., Synthesizing Images of Humans in Unseen Poses, 2018, https://arxiv.org/abs/1804.07739
(parts moved by similarities).

Notebook: 07a_new_pose.ipynb
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

import cv2
import numpy as np

from dancing_utils import HEIGHT, WIDTH, InputError
from dancing_utils.images.bare_arms import BARE, UPPER_ARMS, PartColours, less_in_the_shade, without_what_is_under
from dancing_utils.images.body_parts import MIRRORED, NUMBER, OPPOSITE, PARTS, bone_lengths, points_of
from dancing_utils.images.camera import move_picture
from dancing_utils.images.cutting import (
    FEATHER,
    HEAD,
    NECK,
    TRUNK,
    Sprite,
    behind,
    covers,
    cut_parts,
    part_depths,
    without_rim,
    without_wall,
)
from dancing_utils.images.key_frames import KeyFrames
from dancing_utils.images.overlay import covered_box, lay_over, over, sharpened
from dancing_utils.images.sources import Sources
from dancing_utils.images.stains import without_stains
from dancing_utils.images.trunk_outline import TrunkOutline, down_the_trunk, with_whole_sides, without_flaps
from dancing_utils.pose.landmarks import N_LANDMARKS, to_pixels

STRETCH = (0.6, 1.6)  # a part is made shorter or longer along its bone at most by these
STIFFNESS = {"trunk": 0.3, "left_foot": 0.1, "right_foot": 0.1}  # trunk lengths; the others have a bone alone
NARROWEST = {"trunk": 0.55}  # seen from the side a trunk is about so wide, as a share of its width from the front
HEAD_SIZE = (0.9, 1.1)  # a head is made smaller or larger at most by these, since a pose's size is not quite certain
UNDER = [NUMBER[name] for name in ("left_upper_leg", "right_upper_leg", "trunk")]
DONORS = 6  # frames from which it is filled in
WALL_REACH = 0.2  # trunk lengths that wall reaches into a mask
FACE_SHOWS = 0.5  # worth of a head from which it is used
COLLAR = 0.1  # of the way from shoulders to hips: above, wall may show beside the neck
MEND = 0.02  # share of a part that may be covered before it is filled in


# --- moving --------------------------------------------------------------------------------------------------------


def part_transform(
    source: np.ndarray, target: np.ndarray, *, size: float, stiffness: float | None = None, narrowest: float = 0.0
) -> np.ndarray:
    """The affine transform (2, 3) that moves a part's points (n, 2) to where they are wanted.

    The bone is turned and stretched, its width is scaled by ``size``. With ``stiffness`` (pixels) all points are fitted
    by least squares, and that transform is what the fit is drawn to where the points, seen from the side, tell little,
    and at least ``narrowest`` of its own width is kept, times ``size``: shoulders seen from the side are in one place,
    but a body is not flat.
    """
    bone, wanted = source[1] - source[0], target[1] - target[0]
    length, new_length = max(np.hypot(*bone), 1e-3), max(np.hypot(*wanted), 1e-3)
    along = np.clip(new_length / length / size, *STRETCH) * size
    (c, s), (c2, s2) = bone / length, wanted / new_length
    turn_back, turn = np.array([[c, s], [-s, c]]), np.array([[c2, -s2], [s2, c2]])
    matrix = turn @ np.diag([along, size]) @ turn_back
    middle, new_middle = source[:2].mean(0), target[:2].mean(0)
    if stiffness is not None:
        middle, new_middle = source.mean(0), target.mean(0)
        a, b = source - middle, target - new_middle
        weight = stiffness**2 * np.eye(2)
        matrix = (b.T @ a + matrix @ weight) @ np.linalg.inv(a.T @ a + weight)
        local = turn.T @ matrix @ turn_back.T  # along and across the bones
        if abs(local[1, 1]) < narrowest * size:
            local[1, 1] = narrowest * size
            matrix = turn @ local @ turn_back
    return np.column_stack([matrix, new_middle - matrix @ middle])


def head_transform(source: np.ndarray, target: np.ndarray, *, size: float) -> np.ndarray:
    """The similarity (2, 3) of about the given size that moves a face's landmarks (n, 2) to where they are wanted."""
    a, b = source - source.mean(0), target - target.mean(0)
    turn = (b[:, 0] + 1j * b[:, 1]) @ np.conj(a[:, 0] + 1j * a[:, 1]) / max((a**2).sum(), 1e-9)  # least squares
    turn *= size * np.clip(abs(turn) / size, *HEAD_SIZE) / max(abs(turn), 1e-9)
    matrix = np.array([[turn.real, -turn.imag], [turn.imag, turn.real]])
    return np.column_stack([matrix, target.mean(0) - matrix @ source.mean(0)])


# --- painting ------------------------------------------------------------------------------------------------------


class Warper:
    """Paints the person of some key frames in new poses.

    Parameters
    ----------
    frames : the key frames.
    plate : (640, 360, 3) uint8, the empty room.
    """

    def __init__(self, frames: KeyFrames, plate: np.ndarray):
        if plate.shape != (HEIGHT, WIDTH, 3) or plate.dtype != np.uint8:
            raise InputError(f"the plate is {plate.shape} {plate.dtype}: (640, 360, 3) uint8 is needed")
        self.figure, self.plate, self.poses = frames.figure, plate, frames.poses.astype(float)
        self.depth, self.visibility = frames.depth, frames.visibility
        self.sizes = self.figure.sizes(self.poses)
        self.sprites = [self._cut(frames, k) for k in range(len(self.poses))]
        self._drop_covered_heads()
        outline = TrunkOutline(self.sprites, self.figure, self.sizes)
        surely = self._take_flaps_off_trunks(outline)
        trusted = _trusted(frames, self.sizes)
        self.worth = self._worth()
        self.sources = Sources(self.poses, self.figure, self.worth * trusted)
        self._mend()
        self._take_others_off()
        self._prefer_lit_arms()
        for sprites, here in zip(self.sprites, surely, strict=True):
            if here is not None:  # after that: what is painted in is not known to lie under an arm
                sprites[TRUNK] = with_whole_sides(sprites[TRUNK], here)
        self._take_stains_off_trunks(outline)
        self.sprites = [[one and replace(one, rgba=sharpened(one.rgba)) for one in row] for row in self.sprites]
        self.worth = self._worth()
        self.quality = self.worth * trusted
        self.sources = Sources(self.poses, self.figure, self.quality)

    def _worth(self) -> np.ndarray:
        """What the sprites are worth (K, 15), NaN where there is none."""
        return np.array([[np.nan if one is None else one.worth for one in row] for row in self.sprites])

    def _cut(self, frames: KeyFrames, k: int) -> list[Sprite | None]:
        """The parts of key frame k in the plate's pixels."""
        matrix = frames.to_plate[k].astype(float)
        rows, columns = frames.masks[k].shape
        corners = matrix[:, :2] @ np.array([[0, columns, 0, columns], [0, 0, rows, rows]]) + matrix[:, 2:]
        corner, shape = np.floor(corners.min(1)), tuple(np.ceil(np.ptp(corners, axis=1)).astype(int)[::-1] + 1)
        matrix[:, 2] -= corner
        picture, mask = (_shrunk_and_moved(one, matrix, shape) for one in (frames.pictures[k], frames.masks[k]))
        radii = self.figure.radii * self.sizes[k]
        here = np.array([[1, 0, -corner[0]], [0, 1, -corner[1]]])
        wall = cv2.warpAffine(self.plate, here, shape[::-1], borderMode=cv2.BORDER_REPLICATE)
        mask = without_wall(picture, mask, wall, reach=WALL_REACH * self.figure.trunk * self.sizes[k])
        picture, mask = without_rim(picture, mask, wall)
        hides = covers(frames.depth[k], frames.visibility[k])
        sprites = cut_parts(picture, mask, self.poses[k] - corner, radii, hides)
        return [s and Sprite(s.rgba, s.corner + corner, s.points + corner, s.worth, s.hole) for s in sprites]

    def _drop_covered_heads(self) -> None:
        """A head before which an arm lies is no source, as long as there is another: a face is what people look at."""
        worth = self._worth()[:, HEAD]
        if (worth >= FACE_SHOWS).any():
            for k in np.flatnonzero(worth < FACE_SHOWS):
                self.sprites[k][HEAD] = None

    def _take_flaps_off_trunks(self, outline: TrunkOutline) -> list[np.ndarray | None]:
        """Cut trunks to the outline that the frames agree on, which is returned for each that there is."""
        out = []
        for sprites, size in zip(self.sprites, self.sizes, strict=True):
            out.append(None if sprites[TRUNK] is None else outline.of(sprites[TRUNK], size))
            if out[-1] is not None:
                sprites[TRUNK] = without_flaps(sprites[TRUNK], out[-1])
        return out

    def _take_stains_off_trunks(self, outline: TrunkOutline) -> None:
        """Paint over shadows and the lines of hands; only trunks that face the camera can be compared."""
        trunks = [row[TRUNK] for row in self.sprites]
        some = [k for k, one in enumerate(trunks) if one is not None and outline.faces(one, self.sizes[k])]
        facing = [trunks[k] for k in some]
        clean = without_stains(facing, [outline.matrix(one) for one in facing], outline.agreed.shape)
        for k, trunk in zip(some, clean, strict=True):
            self.sprites[k][TRUNK] = trunk

    def _mend(self) -> None:
        """Fill in what is covered of trunks and upper legs by frames in which it shows."""
        for name in ("trunk", "left_upper_leg", "right_upper_leg"):
            i = NUMBER[name]
            mended = {k: self._mended(k, i) for k in range(len(self.poses)) if self._needs_mending(k, i)}
            for k, sprite in mended.items():
                self.sprites[k][i] = sprite

    def _take_others_off(self) -> None:
        """Make transparent what came along with arms, and hair and wall beside the neck."""
        wall, trunks, heads = [_as_sprite(self.plate)], self._all([TRUNK]), self._all([HEAD])
        bare = PartColours(self._all(BARE), [trunks, wall])
        upper = PartColours(self._all(UPPER_ARMS), [heads, wall])
        neck, trunk = PartColours(self._all([NECK]), [wall]), PartColours(trunks, [heads, wall])
        for sprites in self.sprites:
            for i in filter(lambda i: sprites[i] is not None, BARE):
                under = self._under(sprites[i], [sprites[j] for j in UNDER])
                sprites[i] = bare.alone(without_what_is_under(sprites[i], under))
            for i in UPPER_ARMS:
                sprites[i] = sprites[i] and upper.alone(sprites[i])
            sprites[NECK] = sprites[NECK] and neck.alone(sprites[NECK])
            sprites[TRUNK] = sprites[TRUNK] and trunk.alone(sprites[TRUNK], down_the_trunk(sprites[TRUNK]) < COLLAR)

    def _prefer_lit_arms(self) -> None:
        """Let arms and hands on which her own shadow fell be worth less."""
        for i in BARE:
            rows = [row for row in self.sprites if row[i] is not None]
            for row, sprite in zip(rows, less_in_the_shade(self._all([i])), strict=True):
                row[i] = sprite

    def _all(self, parts: Iterable[int]) -> list[Sprite]:
        """The sprites of some parts in all key frames."""
        return [row[i] for row in self.sprites for i in parts if row[i] is not None]

    @staticmethod
    def _under(sprite: Sprite, others: list[Sprite | None]) -> np.ndarray:
        """RGBA of the other sprites within the box of one."""
        under = np.zeros_like(sprite.rgba)
        for one in filter(None, others):
            lay_over(under, one.rgba, np.column_stack([np.eye(2), one.corner - sprite.corner]))
        return under

    def _needs_mending(self, k: int, i: int) -> bool:
        return self.sprites[k][i] is not None and self.sprites[k][i].worth < 1 - MEND

    def _mended(self, k: int, i: int) -> Sprite:
        sprite = self.sprites[k][i]
        n = len(self.poses)
        cost = self.sources.costs(self.poses[k])[:, i] + 1 - np.tile(np.nan_to_num(self.worth[:, i]), 2)
        cost[[k, k + n]] = np.inf
        under = np.zeros_like(sprite.rgba)
        for other in np.argsort(cost)[:DONORS][::-1]:  # the best one last, over the others
            if np.isfinite(cost[other]):
                donor = self.sprites[other % n][OPPOSITE[i] if other >= n else i]
                lay_over(under, donor.rgba, self._matrix(other, i, sprite.points - sprite.corner, self.sizes[k]))
        reach = cv2.GaussianBlur(cv2.dilate(sprite.hole.astype(np.float32), np.ones((5, 5))), (0, 0), FEATHER)
        under = (under * reach[..., None]).astype(np.uint8)
        return replace(sprite, rgba=over(sprite.rgba, under))

    def _matrix(
        self, source: int, i: int, target: np.ndarray, size: float, pose: np.ndarray | None = None
    ) -> np.ndarray:
        """From the pixels of a sprite of part i to where its points (n, 2), or the face of ``pose``, are wanted."""
        k, mirrored = source % len(self.poses), source >= len(self.poses)
        sprite = self.sprites[k][OPPOSITE[i] if mirrored else i]
        flip = np.array([-1.0, 1.0]) if mirrored else np.ones(2)
        ratio = size / self.sizes[k]
        if PARTS[i].name == "head" and pose is not None:
            face = (self.poses[k][MIRRORED] if mirrored else self.poses[k])[:11]
            matrix = head_transform(face * flip, pose[:11], size=ratio)
        else:
            stiffness = STIFFNESS.get(PARTS[i].name)
            stiffness = stiffness and stiffness * self.figure.trunk * self.sizes[k]
            narrowest = NARROWEST.get(PARTS[i].name, 0.0)
            matrix = part_transform(sprite.points * flip, target, size=ratio, stiffness=stiffness, narrowest=narrowest)
        matrix[:, :2] *= flip
        matrix[:, 2] += matrix[:, :2] @ sprite.corner
        return matrix

    def layers(
        self,
        poses: Iterable[np.ndarray],
        *,
        depth: np.ndarray | None = None,
        visibility: np.ndarray | None = None,
        left_out: np.ndarray | None = None,
    ) -> Iterator[np.ndarray]:
        """The person alone: for each pose premultiplied RGBA (640, 360, 4) uint8, whose alpha is what is covered.

        Parameters
        ----------
        poses : (T, 33, 2), or one (33, 2) after the other, in units of the picture.
        depth, visibility : (T, 33) of the poses, if they are known; otherwise the sources' tell what lies before what.
        left_out : (T, K) bool, key frames that a pose must not be taken from.

        Raises
        ------
        InputError
            If a pose has another shape or is not finite.
        """
        self.sources.before = [None] * len(PARTS)
        for t, pose in enumerate(poses):
            if np.shape(pose) != (N_LANDMARKS, 2) or not np.isfinite(pose).all():
                raise InputError(f"pose {t} has shape {np.shape(pose)}: (33, 2) without NaN is needed")
            known = [None if one is None else one[t] for one in (depth, visibility, left_out)]
            yield self._layer(to_pixels(pose).astype(float), *known)

    def paint(
        self, poses: Iterable[np.ndarray], *, depth: np.ndarray | None = None, visibility: np.ndarray | None = None
    ) -> Iterator[np.ndarray]:
        """One picture (640, 360, 3) uint8 a pose; as ``layers``, over the plate."""
        yield from map(self.over_plate, self.layers(poses, depth=depth, visibility=visibility))

    def over_plate(self, layer: np.ndarray) -> np.ndarray:
        """One of ``layers`` over the plate: (640, 360, 3) uint8."""
        picture, box = self.plate.copy(), covered_box(layer[..., 3])
        picture[box] = over(layer[box], picture[box])
        return picture

    def _layer(self, pose: np.ndarray, depth, visibility, left_out) -> np.ndarray:
        layer = np.zeros((HEIGHT, WIDTH, 4), np.uint8)
        chosen, size = self.sources.choose(pose, left_out=left_out), float(self.figure.sizes(pose[None])[0])
        for i in self._order(chosen, depth, visibility):
            source, target = chosen[i], points_of(PARTS[i], pose)
            matrix = self._matrix(source, i, target, size, pose)
            k, mirrored = source % len(self.poses), source >= len(self.poses)
            lay_over(layer, self.sprites[k][OPPOSITE[i] if mirrored else i].rgba, matrix)
        return layer

    def _order(self, chosen: list[int | None], depth, visibility) -> list[int]:
        """The parts that there are, the farthest first."""
        if visibility is None:  # where the pose's own depth is known it alone decides
            known = depth is not None
            visibility = np.full(N_LANDMARKS, 0.5) if known else self._of_sources(self.visibility, chosen)
        depth = self._of_sources(self.depth, chosen) if depth is None else depth
        far = behind(depth, visibility)
        reach = part_depths(depth)
        level = np.array([_level(part.name, hidden) for part, hidden in zip(PARTS, far, strict=True)])
        order = np.lexsort((-reach, level))
        return [int(i) for i in order if chosen[i] is not None]

    def _of_sources(self, values: np.ndarray, chosen: list[int | None]) -> np.ndarray:
        """Depth or visibility (33,) of a pose, each landmark's from the key frame that its part is taken from."""
        out = np.zeros(N_LANDMARKS)
        for part, source in zip(PARTS, chosen, strict=True):
            if source is not None:
                k, mirrored = source % len(values), source >= len(values)
                for landmark in {x for point in part.points for x in point}:
                    out[landmark] = values[k, MIRRORED[landmark] if mirrored else landmark]
        return out


def _level(name: str, hidden: bool) -> int:
    """Parts of a lower level are laid first; within one the farther ones."""
    if "arm" in name or "hand" in name:
        first = 0 if hidden else 20
        return first + ("upper_arm", "lower_arm", "hand").index(name.split("_", 1)[1])
    if name in ("neck", "trunk", "head"):
        return 16 + ("neck", "trunk", "head").index(name)
    return 10 + ("foot", "lower_leg", "upper_leg").index(name.split("_", 1)[1])


def _as_sprite(picture: np.ndarray) -> Sprite:
    """A picture (rows, columns, 3) as a part that fills it."""
    rgba = np.dstack([picture, np.full(picture.shape[:2], 255, np.uint8)])
    return Sprite(rgba, np.zeros(2), np.zeros((2, 2)), 1.0, np.zeros(picture.shape[:2], bool))


def _shrunk_and_moved(picture: np.ndarray, matrix: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """By a matrix (2, 3) that makes it smaller: averaged first, so that fine detail does not become noise."""
    scale = float(np.sqrt(abs(np.linalg.det(matrix[:, :2]))))
    if scale < 0.75:
        small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        ratio = np.array([picture.shape[1] / small.shape[1], picture.shape[0] / small.shape[0]])
        # A pixel's middle is at its number and a half, so number i of the small picture is (i + 0.5) ratio - 0.5.
        matrix = np.column_stack([matrix[:, :2] * ratio, matrix[:, 2] + matrix[:, :2] @ ((ratio - 1) / 2)])
        picture = small
    return move_picture(picture, matrix, shape)


def _trusted(frames: KeyFrames, sizes: np.ndarray) -> np.ndarray:
    """How far each part of each key frame can be trusted (K, 15): seen, sharp, and no longer than it can be."""
    landmarks = [sorted({x for point in part.points for x in point}) for part in PARTS]
    seen = np.stack([frames.visibility[:, some].mean(1) for some in landmarks], axis=1)
    longer = bone_lengths(frames.poses) / sizes[:, None] / frames.figure.lengths
    plausible = np.clip(1 - 3 * (longer - 1.1), 0, 1)
    return np.clip(seen, 0, 1) * np.clip(frames.sharpness, 0, 1) * plausible
