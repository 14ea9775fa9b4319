"""A person as a puppet: a hand, elbow, knee or foot is dragged, the limb keeps its length, the painted dancer follows.

Lengths are pixels in the picture, so a limb that points at the camera stays short.

Notebook: 07a_new_pose.ipynb
"""

import cv2
import numpy as np
from matplotlib import colormaps

from dancing_utils import HEIGHT, WIDTH, InputError
from dancing_utils.images.overlay import over
from dancing_utils.instruments.instrument import Answer, Instrument, module, poses_bytes, style
from dancing_utils.pose.landmarks import INDEX, N_LANDMARKS, to_pixels, to_units
from dancing_utils.pose.retarget import bend

QUALITY = 85  # of the JPEGs, 0 to 100
LOUD = 96  # grey levels of difference that are shown as the brightest colour
LAYERS = {
    "picture": "Picture", "mended": "Mended by the network", "warp": "The parts alone", "mask": "Mask",
    "plate": "Empty room", "true": "The filmed frame", "error": "Difference to it",
}  # fmt: skip
JOINTS = tuple(f"{side}_{joint}" for joint in ("wrist", "elbow", "knee", "ankle") for side in ("left", "right"))
BODY = "hips"  # dragging them moves all of her
LIMBS = {  # ends of a limb: root, middle, and what hangs on the end
    f"{side}_{end}": [INDEX[f"{side}_{name}"] for name in names]
    for side in ("left", "right")
    for end, names in {
        "wrist": ("shoulder", "elbow", "wrist", "pinky", "index", "thumb"),
        "ankle": ("hip", "knee", "ankle", "heel", "foot_index"),
    }.items()
}


def drag(pose: np.ndarray, joint: str, target: np.ndarray) -> np.ndarray:
    """The pose (33, 2) in pixels after a joint was dragged to a target (2,), as far as the limb reaches.

    A wrist or an ankle takes its limb along by two-bone inverse kinematics; the elbow or knee stays on its side. A hand
    turns with its forearm, a foot keeps its direction. An elbow or knee turns about shoulder or hip, and what hangs on
    it moves along. The hips take everything along.

    Raises
    ------
    InputError
        If there is no such joint, or the target is none.
    """
    target = np.asarray(target, float)
    if joint not in (*JOINTS, BODY):
        raise InputError(f"joint {joint!r}: give one of {', '.join((*JOINTS, BODY))}")
    if target.shape != (2,) or not np.isfinite(target).all():
        raise InputError(f"a joint is dragged to two numbers, not to {target}")
    moved = np.array(pose, float)
    if joint == BODY:
        return moved + target - moved[[INDEX["left_hip"], INDEX["right_hip"]]].mean(0)
    side, name = joint.split("_")
    root, middle, end, *rest = LIMBS[f"{side}_{'wrist' if name in ('wrist', 'elbow') else 'ankle'}"]
    if name in ("elbow", "knee"):
        reached = moved[root] + _as_long_as(moved[middle] - moved[root], target - moved[root])
        moved[[middle, end, *rest]] += reached - moved[middle]
        return moved
    before = moved[end] - moved[middle]
    if np.hypot(*(target - moved[root])) < 1:  # on the root itself there is no direction
        target = moved[root] + _as_long_as(np.array([1.0, 0]), moved[end] - moved[root])
    moved[middle] = bend(*(moved[i][None] for i in (root, middle, end)), target[None])[0]
    after = _as_long_as(before, target - moved[middle])
    hand = moved[rest] - moved[end]
    moved[end] = moved[middle] + after
    moved[rest] = moved[end] + (_turned(hand, before, after) if name == "wrist" else hand)
    return moved


def _as_long_as(bone: np.ndarray, way: np.ndarray) -> np.ndarray:
    """A vector as long as ``bone`` (2,) in the direction of ``way`` (2,); the bone itself where that has none."""
    length = np.hypot(*way)
    return bone if length < 1e-6 else way / length * np.hypot(*bone)


def _turned(points: np.ndarray, before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Vectors (n, 2) turned by the angle from one vector to another."""
    angle = np.arctan2(after[1], after[0]) - np.arctan2(before[1], before[0])
    c, s = np.cos(angle), np.sin(angle)
    return points @ np.array([[c, s], [-s, c]])


def seen(names: tuple[str, ...], painter, pose: np.ndarray, true: np.ndarray | None) -> list[np.ndarray]:
    """Some of ``LAYERS`` as pictures (640, 360, 3) uint8, the mask (640, 360); her parts are moved to the pose once.

    Parameters
    ----------
    painter : a ``Warper`` or what ``dancers.open_painter`` gives; only warped ones have mask, plate and parts,
        and only those that were trained to mend what warping gives have it mended.
    pose : (33, 2) in units of the picture.
    true : (640, 360, 3), the filmed frame of the pose before it was dragged, if there is one.

    Raises
    ------
    InputError
        If this painter or this pose has no such layer.
    """
    there = layers_of(painter, true is not None)
    for name in names:
        if name not in there:
            raise InputError(f"{name!r} cannot be shown of this dancer and pose: choose another layer")
    warper, found = getattr(painter, "warper", painter), {"true": true}
    if "plate" in there:
        rgba = next(warper.layers([pose]))  # premultiplied
        found |= {"plate": warper.plate, "mask": rgba[..., 3], "picture": warper.over_plate(rgba)}
    else:
        found["picture"] = next(painter.paint(pose[None].astype(np.float32)))
    if "warp" in names:
        found["warp"] = over(rgba, np.full((HEIGHT, WIDTH, 3), 128, np.uint8))
    if "mended" in names:
        found["mended"] = mended(painter, pose)
    if "error" in names:
        found["error"] = in_colours(found["picture"], true)
    return [found[name] for name in names]


def mended(painter, pose: np.ndarray) -> np.ndarray:
    """A pose (33, 2) in units of the picture as the painter's network mends it: (640, 360, 3) uint8.

    The network works in a box around the poses that it was made ready for, and takes seconds to begin with a larger
    one. So it is made ready for a pose that reaches from corner to corner; after the first time that takes none.
    """
    widest = pose.copy()
    widest[[INDEX["left_index"], INDEX["right_foot_index"]]] = (0, 0), (1, 1)
    painter.make_ready(widest[None])
    return next(painter.paint(pose[None].astype(np.float32)))


def layers_of(painter, has_true: bool) -> list[str]:
    """The ``LAYERS`` that there are of a painter, and of a pose with or without a filmed frame."""
    warped = hasattr(getattr(painter, "warper", painter), "plate")
    mends = getattr(painter, "mends", False)
    there = dict.fromkeys(LAYERS, warped) | {"picture": True, "mended": mends, "true": has_true, "error": has_true}
    return [name for name in LAYERS if there[name]]


def in_colours(picture: np.ndarray, true: np.ndarray) -> np.ndarray:
    """How far two pictures (640, 360, 3) uint8 are apart, from black, the same, over red to white."""
    off = np.abs(picture.astype(int) - true).mean(-1)
    return np.round(255 * colormaps["inferno"](np.clip(off / LOUD, 0, 1))[..., :3]).astype(np.uint8)


def jpeg(picture: np.ndarray) -> bytes:
    """A picture (rows, columns, 3) uint8 RGB, or (rows, columns) grey, as a JPEG."""
    in_order = picture if picture.ndim == 2 else picture[..., ::-1]
    return cv2.imencode(".jpg", in_order, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1].tobytes()


class Puppet(Instrument):
    """A painted dancer that is dragged by hands, elbows, knees and feet.

    Parameters
    ----------
    painters : name -> a ``Warper``, or what ``dancers.open_painter`` or ``generate.open_painter`` gives.
    poses : (n, 33, 2) in units of the picture, to begin with.
    pictures : (n, 640, 360, 3) uint8, the filmed frames of these poses; None where there are none.
    """

    _esm, _css = module("puppet"), style()
    words = (
        "The puppet, as a picture: at the left the dancer in a filmed pose, painted; then one arm raised, painted, "
        "too; then her mask. With a running kernel her hands, elbows, knees and feet can be dragged, and she follows."
    )

    def __init__(self, painters: dict[str, object], poses: np.ndarray, pictures: np.ndarray | None = None):
        self.painters, self.poses, self.pictures = painters, np.asarray(poses, np.float32), pictures
        if self.poses.ndim != 3 or self.poses.shape[1:] != (N_LANDMARKS, 2) or not len(painters):
            raise InputError(f"{len(painters)} painters, poses {self.poses.shape}: a painter and (n, 33, 2) are needed")
        super().__init__()

    @property
    def answers(self):
        """Questions of the browser: what there is, and the picture after a joint was dragged."""
        return {"begin": self.begin, "paint": self.paint}

    def begin(self, what: dict, buffers: list) -> Answer:
        """Dancers with their layers, the joints, the poses."""
        has_true = self.pictures is not None
        dancers = [{"name": name, "layers": layers_of(painter, has_true)} for name, painter in self.painters.items()]
        joints = {joint: INDEX[joint] for joint in JOINTS}
        return {"dancers": dancers, "layers": LAYERS, "joints": joints}, [poses_bytes(self.poses)]

    def paint(self, what: dict, buffers: list) -> Answer:
        """What comes of dragging ``joint`` of a pose, 66 float32, to ``target``: the pose, its picture, a ``layer``.

        All are in units of the picture.
        """
        pose = np.frombuffer(buffers[0], "<f4").astype(float).reshape(N_LANDMARKS, 2)
        if what.get("joint"):
            pose = to_units(drag(to_pixels(pose), what["joint"], np.array(what["target"], float) * (WIDTH, HEIGHT)))
        if what.get("dancer") not in self.painters:
            raise InputError(f"there is no dancer {what.get('dancer')!r} here: choose another")
        number = int(what.get("number", 0)) % len(self.poses)
        true = None if self.pictures is None else self.pictures[number]
        names = ("picture", what["layer"]) if what.get("layer") else ("picture",)
        pictures = seen(names, self.painters[what["dancer"]], pose, true)
        return {}, [poses_bytes(pose), *map(jpeg, pictures)]

    def still(self) -> bytes:
        """Pictures of the first dancer: the first pose, an arm raised; her mask, where there is one."""
        painter, pose = next(iter(self.painters.values())), self.poses[0]
        pixels = to_pixels(pose).astype(float)
        up = pixels[INDEX["left_shoulder"]] + [40, -300]
        raised = to_units(drag(pixels, "left_wrist", up))
        pictures = [*seen(("picture",), painter, pose, None), *seen(("picture",), painter, raised, None)]
        if "mask" in layers_of(painter, False):
            pictures.append(cv2.cvtColor(*seen(("mask",), painter, raised, None), cv2.COLOR_GRAY2RGB))
        return cv2.imencode(".png", np.hstack(pictures)[::2, ::2, ::-1])[1].tobytes()
