"""A key frame cut into the parts of the person: small pictures with soft edges, which ``warp`` moves to new poses.

A part is cut out by the person's mask, by its own shape, and by the shapes of the others: no sleeve takes shirt along.
Near a joint both parts have what lies around it, and the one that is laid over the other fades out there: so a joint
that bends shows neither a gap nor a seam. How much a part is worth is told by how much of it shows, and whether it lay
before or behind another, some of which may have come along.

Parts are RGBA with colours multiplied by their alpha, which makes moving and overlaying exact (Porter and Duff,
Compositing Digital Images, 1984). All lengths are in pixels.

Notebook: 07a_new_pose.ipynb
"""

from dataclasses import dataclass

import cv2
import numpy as np

from dancing_utils.images.body_parts import NUMBER, PARTS, REACH, SHOULDERS, TOUCHES, Box, box_of, nearness, points_of

EDGE = (0.3, 0.7)  # of the soft mask: outside and inside of the person
WIDE = 1.4  # radii: so far a part may reach where no other is nearer, say with a loose sleeve
WIDE_TRUNK = 1.3  # the same for trunk, neck and head, whose radii are generous
JOINT = 0.8  # radii around a joint that both its limbs have, so that no gap opens when it bends
SOCKET = 0.9  # radii of a limb around shoulder or hip that belong to the trunk, too
SHOULDER = 1.8  # radii around shoulder or hip in which a limb is no wider than its shape
CHIN, COLLAR = 0.75, 0.3  # of the way from shoulders to ears: a neck ends below the one, a head above the other
YOKE = (0.05, 0.2)  # trunk lengths that a trunk reaches above the line of its shoulders: at a shoulder, at the neck
WALL = 10  # grey levels by which wall may differ from the plate's
RIM = 2  # pixels inside a mask's edge in which a pixel may be partly wall
OWN_COLOUR = 2.0  # pixels, standard deviation of what the colour inside of the rim is averaged over
ENOUGH = 0.1  # share of that average that must be inside, or the part is too thin to have a colour of its own
UNLIKE = 40.0  # difference of that colour and the wall's, in grey levels, from which they can be told apart
MIXTURE = 30.0  # grey levels by which a mixture of the two may differ from what was filmed
COVER = 1.1  # radii around a part that lies before another, which are taken out of the other
FEATHER = 1.8  # pixels, standard deviation of the soft edge between parts
THIN = 0.4  # radii: what is thinner is a shred
MIDDLE, IN_THE_MIDDLE = 0.7, 0.3  # a piece of a part must have this share of it within so many radii, or it is a shred
SMALLEST = 20  # pixels of a part that are worth keeping
FADING = {"arm": 0, "hand": 0, "leg": 1}  # the end of its bone at which a limb lies over the next part
MIXED = 0.9  # how much less a limb is worth that lies wholly before or behind another part
BACK = 0.3  # metres behind the shoulders that count as much as visibility that is 0.4 lower
TRUNK, NECK, HEAD = (NUMBER[name] for name in ("trunk", "neck", "head"))
LIMB = np.array([len(part.points[0]) == 1 for part in PARTS])
ARM = np.array(["arm" in part.name or "hand" in part.name for part in PARTS])


@dataclass(frozen=True)
class Sprite:
    """A part of a key frame.

    Attributes
    ----------
    rgba : (rows, columns, 4) uint8, premultiplied; its corner lies at ``corner`` (2,), x and y.
    points : (n, 2) of the part.
    worth : 0 to 1, how much of it shows and is not mixed with others.
    hole : (rows, columns) bool, where another part covers it.
    """

    rgba: np.ndarray
    corner: np.ndarray
    points: np.ndarray
    worth: float
    hole: np.ndarray


@dataclass(frozen=True)
class _View:
    """What is known of a picture, or of a box of it."""

    near: np.ndarray  # (15, rows, columns) by ``nearness``
    person: np.ndarray  # (rows, columns) 0 to 1
    points: list[np.ndarray]
    radii: np.ndarray  # (15, 2)

    def inside(self, box: Box) -> "_View":
        corner = np.array([box[1].start, box[0].start])
        return _View(self.near[:, *box], self.person[box], [points - corner for points in self.points], self.radii)


# --- what lies before what -----------------------------------------------------------------------------------------


def behind(depth: np.ndarray, visibility: np.ndarray) -> np.ndarray:
    """Which parts (15,) bool lie behind the trunk, or the head: MediaPipe's depth and visibility (33,) as one score.

    Depth alone finds few hands behind a back, and visibility alone takes blurred ones for hidden: both have to agree.
    """
    trunk = depth[list(SHOULDERS)].mean()
    out = np.zeros(len(PARTS), bool)
    for side, (elbow, wrist) in {"left": (13, 15), "right": (14, 16)}.items():
        score = {joint: (depth[joint] - trunk) / BACK + 2.5 * (0.5 - visibility[joint]) for joint in (elbow, wrist)}
        out[NUMBER[f"{side}_upper_arm"]] = score[elbow] > 1
        out[NUMBER[f"{side}_lower_arm"]] = out[NUMBER[f"{side}_hand"]] = score[wrist] > 1
    return out


def part_depths(depth: np.ndarray) -> np.ndarray:
    """Depth (15,) of the outer ends of all parts, from the landmarks' (33,)."""
    return np.array([depth[list(part.points[1])].mean() for part in PARTS])


def covers(depth: np.ndarray, visibility: np.ndarray) -> np.ndarray:
    """(15, 15) bool: may part i lie before part j and hide it? Arms before all else; of two arms or legs the nearer."""
    before, depths = ARM & ~behind(depth, visibility), part_depths(depth)
    alike = (ARM[:, None] == ARM) & LIMB[:, None] & LIMB
    found = before[:, None] & ~ARM | alike & (depths[:, None] < depths)
    return found & ~TOUCHES & ~np.eye(len(PARTS), dtype=bool)


# --- cutting -------------------------------------------------------------------------------------------------------


def without_wall(picture: np.ndarray, mask: np.ndarray, wall: np.ndarray, *, reach: float) -> np.ndarray:
    """The mask (rows, columns) uint8 without what shows the empty room: MediaPipe's closes the gap beside a raised arm.

    Wall is what looks like it and hangs together with the outside of the mask, up to ``reach`` pixels into it; so
    clothes of its colour stay but for their edge.
    """
    differs = cv2.blur(np.abs(picture.astype(np.int16) - wall).max(-1).astype(np.float32), (3, 3))
    outside = mask < 255 * EDGE[0]
    alike = cv2.morphologyEx(np.uint8((differs < WALL) & ~outside), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)) > 0
    alike &= cv2.distanceTransform(np.uint8(~outside), cv2.DIST_L2, 3) <= reach
    n, labels = cv2.connectedComponents(np.uint8(alike | outside), connectivity=4)
    open_air = np.bincount(labels[outside], minlength=n) > 0
    open_air[0] = False
    gone = np.float32(open_air[labels] & ~outside)
    return np.uint8(mask * (1 - np.maximum(gone, cv2.GaussianBlur(gone, (0, 0), 1))))


def without_rim(picture: np.ndarray, mask: np.ndarray, wall: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Picture (rows, columns, 3) and mask (rows, columns) uint8 without the fringe of wall along the mask's edge.

    A pixel of the rim is a mixture, I = a F + (1 - a) B, of the person's colour F, as it is farther inside, and of the
    wall's B: its a is where I lies on the way from B to F (Wang and Cohen, Image and Video Matting, 2007, eq. 1). The
    mask falls to a there, and the colour becomes F.
    """
    inside = np.uint8(mask > 255 * EDGE[1])
    inner = np.float32(cv2.distanceTransform(inside, cv2.DIST_L2, 3) > RIM)
    weight = cv2.GaussianBlur(inner, (0, 0), OWN_COLOUR)
    own = cv2.GaussianBlur(picture * inner[..., None], (0, 0), OWN_COLOUR) / np.maximum(weight, 1e-3)[..., None]
    back = cv2.GaussianBlur(wall, (0, 0), 1).astype(np.float32)
    way = own - back  # (rows, columns, 3)
    length = (way**2).sum(-1)
    alpha = np.clip(((picture - back) * way).sum(-1) / np.maximum(length, 1), 0, 1)
    beside = np.linalg.norm(picture - back - alpha[..., None] * way, axis=-1)
    told = (inner == 0) & (weight > ENOUGH) & (length > UNLIKE**2) & (beside < MIXTURE)
    alpha = np.where(told, alpha, 1).astype(np.float32)
    cleaned = picture + (1 - alpha[..., None]) * way  # a F + (1 - a) B, its B replaced by F
    return np.clip(cleaned, 0, 255).round().astype(np.uint8), np.uint8(mask * alpha)


def cut_parts(
    picture: np.ndarray, mask: np.ndarray, pose: np.ndarray, radii: np.ndarray, hides: np.ndarray
) -> list[Sprite | None]:
    """Cut a picture (rows, columns, 3) into its 15 parts; None where nothing of one shows.

    Parameters
    ----------
    mask : (rows, columns) uint8; ``pose`` : (33, 2) in pixels of the picture; ``radii`` : (15, 2) at this size.
    hides : (15, 15) by ``covers``.
    """
    person = np.clip((mask / np.float32(255) - EDGE[0]) / (EDGE[1] - EDGE[0]), 0, 1)
    view = _View(nearness(pose, radii, mask.shape), person, [points_of(part, pose) for part in PARTS], radii)
    boxes = [box_of(part, pose, r.max() * REACH, mask.shape) for part, r in zip(PARTS, radii, strict=True)]
    return [box and _cut_part(i, picture[box], view.inside(box), hides[:, i], box) for i, box in enumerate(boxes)]


def _cut_part(i: int, picture: np.ndarray, view: _View, hides: np.ndarray, box: Box) -> Sprite | None:
    """Part i out of its box; ``hides`` (15,): what may lie before it."""
    near, hidden = view.near[i], _hidden(i, view, hides)
    own = _without_shreds(_own(i, view) & ~hidden & (view.person > 0), near, THIN * view.radii[i].mean())
    if own.sum() < SMALLEST:
        return None
    alpha = cv2.GaussianBlur(own.astype(np.float32), (0, 0), FEATHER) * view.person * _fade(i, view)
    rgba = np.dstack([picture * alpha[..., None], alpha * 255]).round().astype(np.uint8)
    hole = (near <= 1) & hidden
    small = cv2.boundingRect((rgba[..., 3] > 0).astype(np.uint8))
    inner = slice(small[1], small[1] + small[3]), slice(small[0], small[0] + small[2])
    corner = np.array([box[1].start + small[0], box[0].start + small[1]], float)
    points = view.points[i] + [box[1].start, box[0].start]
    return Sprite(rgba[inner].copy(), corner, points, _worth(i, view, own, hole), hole[inner].copy())


def _own(i: int, view: _View) -> np.ndarray:
    """Where part i may be (rows, columns): its shape, and more where no part is nearer that does not touch it."""
    if i in (NECK, HEAD):
        up = _along(view.points[NECK], view.person.shape)[0]
        return _shape(i, view) & (up <= CHIN if i == NECK else up >= COLLAR)
    return _shape(i, view) & _below_yoke(view) if i == TRUNK else _shape(i, view)


def _below_yoke(view: _View) -> np.ndarray:
    """(rows, columns) bool: no higher than shoulders slope up to a neck, where raised arms and hair may be."""
    middle, hips = view.points[TRUNK][:2]
    up, aside = _along((hips, middle), view.person.shape)  # trunk lengths
    half = np.linalg.norm(view.points[TRUNK][2] - view.points[TRUNK][3]) / 2 / max(np.linalg.norm(middle - hips), 1)
    low, high = YOKE
    return up <= 1 + low + (high - low) * np.clip(1 - np.abs(aside) / max(half, 1e-3), 0, 1)


def _along(bone, shape: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Where pixels (rows, columns) lie along a bone, 0 to 1 from its first end on, and beside it, in its lengths."""
    way = np.subtract(bone[1], bone[0])
    way = way / max(way @ way, 1e-6)
    x, y = _from(bone[0], shape)
    return x * way[0] + y * way[1], x * way[1] - y * way[0]


def _shape(i: int, view: _View) -> np.ndarray:
    near, rivals = view.near[i], _rivals(i)
    own = (near <= (WIDE if LIMB[i] else WIDE_TRUNK)) & (near <= view.near[rivals].min(0))
    if LIMB[i]:
        own |= near <= 1
        if TOUCHES[i, TRUNK]:  # at shoulder and hip what lies farther out stays with the trunk, or it would stick out
            own &= (near <= 1) | ~_in_socket(i, view, size=SHOULDER)
    for j in np.flatnonzero(TOUCHES[i] & LIMB):
        if LIMB[i]:
            own &= (near <= view.near[j]) | (near <= JOINT)
        elif i == TRUNK:
            own &= (near <= view.near[j]) | _in_socket(j, view)
    return own


def _rivals(i: int) -> np.ndarray:
    """Parts (15,) bool that do not touch part i; the trunk, which all limbs leave, is a rival to each of them."""
    rivals = ~TOUCHES[i]
    rivals[i] = False
    rivals[[TRUNK, NECK]] = i not in (TRUNK, NECK, HEAD)
    rivals[NECK] |= i == TRUNK
    return rivals


def _hidden(i: int, view: _View, hides: np.ndarray) -> np.ndarray:
    """Where part i is covered (rows, columns); an upper arm covers the trunk, but not at the shoulder."""
    hidden = (view.near[hides] < COVER).any(0)
    if i == TRUNK:
        for arm in (NUMBER["left_upper_arm"], NUMBER["right_upper_arm"]):
            hidden |= (view.near[arm] < COVER) & ~_in_socket(arm, view)
    return hidden


def _in_socket(limb: int, view: _View, *, size: float = SOCKET) -> np.ndarray:
    """(rows, columns) bool: near the upper end of a limb, where it goes over into the trunk."""
    x, y = _from(view.points[limb][0], view.person.shape)
    return x**2 + y**2 <= (size * view.radii[limb, 0]) ** 2


def _from(point: np.ndarray, shape: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Columns (1, columns) and rows (rows, 1) as distances from a point."""
    rows, columns = (np.arange(n, dtype=np.float32) for n in shape)
    return columns[None] - point[0], rows[:, None] - point[1]


def _fade(i: int, view: _View) -> np.ndarray | float:
    """How solid (rows, columns) a limb is: where it lies over the next part, it becomes round at the joint, fading."""
    end = next((end for kind, end in FADING.items() if PARTS[i].name.endswith(kind)), None)
    if end is None:
        return 1.0
    start, stop = view.points[i][:2]
    along = (stop - start) * (1 if end else -1)
    x, y = _from(view.points[i][end], view.person.shape)
    beyond = (x * along[0] + y * along[1]) / max(np.linalg.norm(along), 1e-3)  # pixels
    share = np.clip(1 + beyond / view.radii[i, end], 0, 1)  # 0 a radius before the joint, 1 at it and beyond
    return (1 - share * (1 - np.clip(2.5 * (1.1 - view.near[i]), 0, 1))).astype(np.float32)


def _without_shreds(own: np.ndarray, near: np.ndarray, thinnest: float) -> np.ndarray:
    """Without what is thinner than ``thinnest`` pixels, and without pieces that lie at the part's edge alone."""
    side = max(1, int(thinnest)) | 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    n, labels = cv2.connectedComponents(cv2.morphologyEx(own.astype(np.uint8), cv2.MORPH_OPEN, disc))
    middle = np.bincount(labels[near <= MIDDLE], minlength=n) > IN_THE_MIDDLE * np.bincount(labels.ravel(), minlength=n)
    middle[0] = False
    return middle[labels]


def _worth(i: int, view: _View, own: np.ndarray, hole: np.ndarray) -> float:
    """The share of part i that shows, times that of its bone that the mask has, less for what is mixed with others."""
    person, shape = view.person > 0.5, view.near[i] <= 1
    shows = 1 - (hole & person).sum() / max(((own | hole) & person).sum(), 1)
    can_mix = (LIMB[i] or i == HEAD) and shape.any()
    mixed = (view.near[_rivals(i)].min(0)[shape] < 1).mean() if can_mix else 0.0
    return float(shows * along_bone(view.person, view.points[i]).mean() * (1 - MIXED * mixed))


def along_bone(mask: np.ndarray, points: np.ndarray) -> np.ndarray:
    """What a mask or picture (rows, columns, ...) holds at five places of a bone: 0 outside of it, too."""
    x, y = (points[0] + np.linspace(0.1, 0.9, 5)[:, None] * (points[1] - points[0])).round().astype(int).T
    there = (x >= 0) & (y >= 0) & (x < mask.shape[1]) & (y < mask.shape[0])
    found = mask[np.clip(y, 0, mask.shape[0] - 1), np.clip(x, 0, mask.shape[1] - 1)]  # (5, ...)
    return np.where(there.reshape(-1, *[1] * (found.ndim - 1)), found, 0)
