"""A person in parts: trunk, neck, head, and of each arm and leg the upper, the lower and the outer part.

A part has points, made of landmarks, that carry it; around the lines between them lies its shape, as far as its radius
goes. Everything here is in pixels of one picture. ``Figure`` is the body of one film: how long its bones are when they
are seen from the side, and how thick its parts are; both are measured, so that wide trousers are wide.

Notebook: 07a_new_pose.ipynb
"""

import warnings
from dataclasses import dataclass

import cv2
import numpy as np

from dancing_utils import InputError
from dancing_utils.pose.landmarks import INDEX, LEFT_RIGHT_PAIRS, N_LANDMARKS

FULL = 97  # percentile of a bone's length over a film that counts as its full length
RATHER_LONG = 90  # percentile of a pose's bones, each over its full length, that tells how large the person is
NARROW = 45  # percentile of a part's half width over a film: at other times the part lies before another
THICKNESS = (0.5, 2.0)  # a measured radius stays within these times the usual one
FINGERS = 1.8  # a hand ends this much farther from the wrist than its first finger joints
REACH, FAR = 2.2, 9.0  # radii: up to where nearness is computed, and what stands for more
PROBES = (0.25, 0.75)  # places along a bone where its thickness is measured

Box = tuple[slice, slice]  # rows, columns


@dataclass(frozen=True)
class Part:
    """One part of the body.

    Attributes
    ----------
    points : each the mean of some landmarks; the first two are the ends of its bone.
    context : landmarks that tell how it is turned and what its neighbours do.
    radius : usual half width, as a share of the trunk's length.
    touches : parts that it hangs on, or that hang on it.
    """

    name: str
    points: tuple[tuple[int, ...], ...]
    context: tuple[int, ...]
    radius: float
    touches: tuple[str, ...]


def _landmarks(*names: str) -> tuple[int, ...]:
    return tuple(INDEX[name] for name in names)


def _limbs(side: str, other: str) -> list[Part]:
    """The six parts of an arm and a leg."""
    s, e, w, p, i, t = _landmarks(*(f"{side}_{n}" for n in ("shoulder", "elbow", "wrist", "pinky", "index", "thumb")))
    h, k, a, heel, toe = _landmarks(*(f"{side}_{name}" for name in ("hip", "knee", "ankle", "heel", "foot_index")))
    over, beside = _landmarks(f"{other}_shoulder", f"{other}_hip")
    upper_arm, lower_arm, hand, upper_leg, lower_leg, foot = (f"{side}_{name}" for name in LIMB_PARTS)
    return [
        Part(upper_arm, ((s,), (e,)), (s, e, w, over), 0.15, ("trunk", lower_arm)),
        Part(lower_arm, ((e,), (w,)), (e, w, s, i), 0.11, (upper_arm, hand)),
        Part(hand, ((w,), (p, i)), (w, i, p, t, e), 0.11, (lower_arm,)),
        Part(upper_leg, ((h,), (k,)), (h, k, a, beside), 0.19, ("trunk", lower_leg)),
        Part(lower_leg, ((k,), (a,)), (k, a, h, toe), 0.14, (upper_leg, foot)),
        Part(foot, ((a,), (toe,), (heel,)), (a, heel, toe, k), 0.11, (lower_leg,)),
    ]


LIMB_PARTS = ("upper_arm", "lower_arm", "hand", "upper_leg", "lower_leg", "foot")
SHOULDERS, HIPS, EARS = (_landmarks(f"left_{joint}", f"right_{joint}") for joint in ("shoulder", "hip", "ear"))
PARTS = (
    Part("trunk", (SHOULDERS, HIPS, (11,), (12,), (24,), (23,)), (11, 12, 23, 24, 13, 14, 25, 26), 0.14,
         ("neck", "left_upper_arm", "right_upper_arm", "left_upper_leg", "right_upper_leg")),
    Part("neck", (SHOULDERS, EARS), (7, 8, 9, 10, 11, 12), 0.16, ("trunk", "head")),
    Part("head", (EARS, (0,)), (0, 2, 5, 7, 8, 9, 10, 11, 12), 0.42, ("neck",)),
    *_limbs("left", "right"), *_limbs("right", "left"),
)  # fmt: skip
NUMBER = {part.name: i for i, part in enumerate(PARTS)}
OPPOSITE = np.array([NUMBER[_swap] for _swap in (
    part.name.replace("left", "*").replace("right", "left").replace("*", "right") for part in PARTS)])  # fmt: skip
BONES = [i for i, part in enumerate(PARTS) if part.name not in ("neck", "head", "left_hand", "right_hand")]
TOUCHES = np.array([[a.name in b.touches or b.name in a.touches for b in PARTS] for a in PARTS])  # (15, 15)
MIRRORED = np.arange(N_LANDMARKS)
for _left, _right in LEFT_RIGHT_PAIRS:
    MIRRORED[[_left, _right]] = _right, _left


def _weights(part: Part) -> np.ndarray:
    """A part's points as weighted sums (n, 33) of landmarks; a hand's second lies at its finger tips."""
    weights = np.zeros((len(part.points), N_LANDMARKS))
    for row, landmarks in zip(weights, part.points, strict=True):
        row[list(landmarks)] = 1 / len(landmarks)
    if part.name.endswith("hand"):
        weights[1] = weights[0] + FINGERS * (weights[1] - weights[0])
    return weights


WEIGHTS = {part.name: _weights(part) for part in PARTS}
_BONES = np.stack([weights[1] - weights[0] for weights in WEIGHTS.values()])  # (15, 33)


def points_of(part: Part, pose: np.ndarray) -> np.ndarray:
    """The points (n, 2) of a part in a pose (33, 2)."""
    return WEIGHTS[part.name] @ pose


def bone_lengths(poses: np.ndarray) -> np.ndarray:
    """Lengths (T, 15) in pixels of all parts' bones in poses (T, 33, 2)."""
    return np.linalg.norm(_BONES @ poses, axis=-1)


# --- the body of a film --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Figure:
    """The body of one film, in pixels: ``lengths`` (15,) of the bones, ``radii`` (15, 2) of the parts at both ends."""

    lengths: np.ndarray
    radii: np.ndarray

    @property
    def trunk(self) -> float:
        """Length of the trunk, by which distances in a pose are told."""
        return float(self.lengths[0])

    def sizes(self, poses: np.ndarray) -> np.ndarray:
        """How large the person is in poses (T, 33, 2), nearer to or farther from the camera: (T,), usually about 1.

        A bone that points at the camera is short, so what counts is the bones that are rather long.
        """
        return np.percentile(bone_lengths(poses)[:, BONES] / self.lengths[BONES], RATHER_LONG, axis=1)


def measure_figure(poses: np.ndarray, masks: list[np.ndarray], masked_poses: np.ndarray) -> Figure:
    """Measure the body in the poses (T, 33, 2) of a film, and in some masks of it (uint8) with their poses (n, 33, 2).

    Raises
    ------
    InputError
        If no pose is whole.
    """
    whole = poses[np.isfinite(poses).all((1, 2))]
    if not len(whole):
        raise InputError("no frame shows a whole pose: give a film in which the person can be seen")
    lengths = np.maximum(np.percentile(bone_lengths(whole), FULL, axis=0), 1)  # (15,)
    usual = np.array([[part.radius] * 2 for part in PARTS]) * lengths[0]  # (15, 2)
    figure = Figure(lengths, usual)
    if len(masks):
        widths = [_half_widths(mask, pose) for mask, pose in zip(masks, masked_poses, strict=True)]
        widths = np.stack(widths) / figure.sizes(masked_poses)[:, None, None]  # (n, 15, 2)
        with warnings.catch_warnings(action="ignore"):  # of parts that no frame shows
            measured = np.nanpercentile(np.where(widths > 1, widths, np.nan), NARROW, axis=0)
        figure = Figure(lengths, _believed(measured, usual))
    return figure


def _half_widths(mask: np.ndarray, pose: np.ndarray) -> np.ndarray:
    """Distance (15, 2) to the mask's edge from two places on each bone."""
    inside = cv2.distanceTransform((mask > 127).astype(np.uint8), cv2.DIST_L2, 3)
    places = np.array([[(1 - t) * a + t * b for t in PROBES] for a, b, *_ in (points_of(p, pose) for p in PARTS)])
    x, y = np.round(places).astype(int).transpose(2, 0, 1)  # (15, 2) each
    there = (x >= 0) & (y >= 0) & (x < mask.shape[1]) & (y < mask.shape[0])
    return np.where(there, inside[np.clip(y, 0, mask.shape[0] - 1), np.clip(x, 0, mask.shape[1] - 1)], np.nan)


def _believed(measured: np.ndarray, usual: np.ndarray) -> np.ndarray:
    """Radii (15, 2): both sides' limbs alike, within bounds; trunk, neck and head as usual, whose bones are inside."""
    with warnings.catch_warnings(action="ignore"):
        measured = np.nanmean([measured, measured[OPPOSITE]], axis=0)
    limbs = np.array([len(part.points[0]) == 1 for part in PARTS])[:, None]
    measured = np.where(limbs & np.isfinite(measured), 1.2 * measured, usual)  # the bone is not quite in the middle
    return np.clip(measured, THICKNESS[0] * usual, THICKNESS[1] * usual)


# --- where the parts lie -------------------------------------------------------------------------------------------


def nearness(pose: np.ndarray, radii: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """How far every pixel is from every part, in radii of that part: (15, rows, columns), 1 at the edge of its shape.

    Beyond ``REACH`` radii it may be ``FAR``.

    Parameters
    ----------
    pose : (33, 2) in pixels of a picture of ``shape`` (rows, columns).
    radii : (15, 2) of the parts at this person's size.
    """
    found = np.full((len(PARTS), *shape), FAR, np.float32)
    for near, part, r in zip(found, PARTS, radii, strict=True):
        box = box_of(part, pose, REACH * r.max(), shape)
        if box:
            near[box] = _nearness_in(box, part, pose, r)
    return found


def box_of(part: Part, pose: np.ndarray, margin: float, shape: tuple[int, int]) -> Box | None:
    """The box around a part, ``margin`` pixels wider, cut to a picture of ``shape``; None if it is outside."""
    points = points_of(part, pose)
    low = np.maximum(np.floor(points.min(0) - margin), 0).astype(int)
    high = np.minimum(np.ceil(points.max(0) + margin) + 1, shape[::-1]).astype(int)
    return (slice(low[1], high[1]), slice(low[0], high[0])) if (low < high).all() else None


def _nearness_in(box: Box, part: Part, pose: np.ndarray, radii: np.ndarray) -> np.ndarray:
    """``nearness`` of one part within a box."""
    pose = pose - [box[1].start, box[0].start]
    shape = box[0].stop - box[0].start, box[1].stop - box[1].start
    grid = np.mgrid[: shape[0], : shape[1]][::-1].astype(np.float32)  # x and y, (2, rows, columns)
    if part.name == "trunk":
        return _from_trunk(pose, radii.mean(), shape)
    if part.name == "head":
        return _from_head(grid, pose, radii.mean())
    return _from_polyline(grid, points_of(part, pose), radii)


def _from_polyline(grid: np.ndarray, points: np.ndarray, radii: np.ndarray) -> np.ndarray:
    """In radii of the line's two ends, which taper from one to the other."""
    return np.min([_from_line(grid, points[0], end, radii) for end in points[1:]], axis=0)


def _from_line(grid: np.ndarray, start: np.ndarray, end: np.ndarray, radii: np.ndarray) -> np.ndarray:
    along = (end - start).astype(np.float32)
    x, y = grid[0] - np.float32(start[0]), grid[1] - np.float32(start[1])
    share = np.clip((x * along[0] + y * along[1]) / max(float(along @ along), 1e-6), 0, 1)
    distance = np.hypot(x - share * along[0], y - share * along[1])
    return distance / (np.float32(radii[0]) + share * np.float32(radii[1] - radii[0]))


def _from_trunk(pose: np.ndarray, radius: float, shape: tuple[int, int]) -> np.ndarray:
    """0 within the four corners."""
    outside = np.ones(shape, np.uint8)
    corners = cv2.convexHull(pose[[11, 12, 24, 23]].astype(np.float32)).round().astype(np.int32)
    cv2.fillConvexPoly(outside, corners, 0)
    cv2.polylines(outside, [corners], True, 0)
    return cv2.distanceTransform(outside, cv2.DIST_L2, 5) / np.float32(radius)


def _from_head(grid: np.ndarray, pose: np.ndarray, radius: float) -> np.ndarray:
    """A circle around a point a little above the middle of the ears."""
    ears, shoulders = pose[list(EARS)].mean(0), pose[list(SHOULDERS)].mean(0)
    x, y = ears + 0.15 * (ears - shoulders)
    return np.hypot(grid[0] - np.float32(x), grid[1] - np.float32(y)) / np.float32(radius)
