"""A person drawn from coloured capsules, each part of its own colour, for the tests of plate, key frames and warp."""

import cv2
import numpy as np

from dancing_utils import HEIGHT, WIDTH
from dancing_utils.images.body_parts import PARTS, points_of
from dancing_utils.pose.landmarks import INDEX, to_units

SEEN = np.ones(33, np.float32)
FLAT = np.zeros(33, np.float32)  # depth
THICKNESS = {"head": 0, "neck": 20, "trunk": 0, "upper_arm": 22, "lower_arm": 18, "hand": 16, "upper_leg": 30,
             "lower_leg": 24, "foot": 16}  # fmt: skip
# One colour a part, far apart from each other and from the grey wall.
COLOURS = {part.name: colour for part, colour in zip(PARTS, [
    (200, 30, 30), (250, 200, 160), (250, 240, 40), (30, 200, 30), (40, 40, 220), (250, 250, 250), (120, 60, 10),
    (250, 20, 250), (10, 10, 10), (20, 220, 220), (250, 130, 10), (130, 20, 130), (90, 140, 20), (250, 120, 180),
    (20, 60, 90)], strict=True)}  # fmt: skip


def pose_of(
    *, left: tuple[float, float] = (20, 20), right: tuple[float, float] = (20, 20), x: float = 180
) -> np.ndarray:
    """A pose (33, 2) in pixels at column ``x``; angles of upper and lower arms in degrees from hanging, outwards."""
    pose = np.zeros((33, 2))

    def put(name, *place):
        pose[INDEX[name]] = place

    for side, way, (upper, lower) in (("left", 1, left), ("right", -1, right)):
        shoulder, hip = np.array([x + way * 40, 200]), np.array([x + way * 25, 330])
        elbow = shoulder + 75 * _turned(upper, way)
        wrist = elbow + 65 * _turned(lower, way)
        put(f"{side}_shoulder", *shoulder), put(f"{side}_elbow", *elbow), put(f"{side}_wrist", *wrist)
        for finger, out in (("pinky", 18), ("index", 18), ("thumb", 10)):
            put(f"{side}_{finger}", *(wrist + out * _turned(lower, way)))
        for name, out, down in (
            ("hip", 0, 0), ("knee", 5, 100), ("ankle", 8, 195), ("heel", 4, 205), ("foot_index", 26, 207),
        ):  # fmt: skip
            put(f"{side}_{name}", *(hip + (way * out, down)))
        put(f"{side}_ear", x + way * 20, 140), put(f"mouth_{side}", x + way * 8, 160)
        for k, eye in enumerate(("eye_inner", "eye", "eye_outer")):
            put(f"{side}_{eye}", x + way * (5 + 4 * k), 132)
    put("nose", x, 145)
    return pose


def _turned(degrees: float, way: int) -> np.ndarray:
    return np.array([way * np.sin(np.radians(degrees)), np.cos(np.radians(degrees))])


def wall(*, seed: int = 0) -> np.ndarray:
    """A grey wall with marks on it, (640, 360, 3) uint8."""
    rng = np.random.default_rng(seed)
    small = rng.integers(90, 160, (40, 24)).astype(np.uint8)
    return cv2.cvtColor(cv2.resize(small, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC), cv2.COLOR_GRAY2RGB)


def draw(pose: np.ndarray, background: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The person over a background: picture (640, 360, 3) and mask (640, 360), uint8."""
    picture, mask = background.copy(), np.zeros((HEIGHT, WIDTH), np.uint8)
    order = sorted(PARTS, key=lambda part: ("arm" in part.name) + 2 * ("hand" in part.name) + (part.name == "head"))
    for part in order:
        for canvas, colour in ((picture, COLOURS[part.name]), (mask, 255)):
            _draw_part(canvas, part, pose, colour)
    return picture, mask


def _draw_part(canvas: np.ndarray, part, pose: np.ndarray, colour) -> None:
    points = points_of(part, pose).round().astype(int)
    width = THICKNESS[part.name.replace("left_", "").replace("right_", "")]
    if part.name == "trunk":
        corners = pose[[11, 12, 24, 23]].round().astype(np.int32)
        cv2.fillConvexPoly(canvas, corners, colour)
        cv2.polylines(canvas, [corners], True, colour, 14)
    elif part.name == "head":
        cv2.circle(canvas, (points[0] - (0, 8)).tolist(), 32, colour, -1)
    else:
        for end in points[1:]:
            cv2.line(canvas, points[0].tolist(), end.tolist(), colour, width)


def units(pose: np.ndarray) -> np.ndarray:
    """Pixels -> units of the picture, float32."""
    return to_units(pose).astype(np.float32)
