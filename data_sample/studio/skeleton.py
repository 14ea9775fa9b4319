"""From what a dancer does to where the joints are: forward and inverse kinematics of the rig, in numpy.

A dance is an array (T, N_CONTROLS): one row a video frame, one column a control of ``CONTROLS``. Angles are in radians
and lengths in metres. Axes: x to the dancer's left, y to the dancer's back (the camera stands at negative y), z up.
Hands and feet are placed (inverse kinematics finds elbow and knee); their x counts outward on their own side, so that
mirroring a dance swaps columns and flips the signs of the controls in ``FLIPPED``.

Only numpy and scipy are needed: the course makes dances without a renderer. Rows are frames one after the other: an
elbow keeps to the side on which it was (``_steady_pole``).
"""

from pathlib import Path

import numpy as np
from scipy.linalg import solveh_banded
from scipy.spatial.transform import Rotation

DANCERS = Path(__file__).parent / "dancers"
MIDDLE = (
    "pelvis_x", "pelvis_y", "pelvis_z", "pelvis_yaw", "pelvis_pitch", "pelvis_roll",  # 0, 0, 0: standing upright
    "chest_twist", "chest_lean", "chest_bend",  # of the spine: about z, to the side, forward
    "head_yaw", "head_pitch", "head_roll",  # against the chest
)  # fmt: skip
SIDE = (
    "shoulder_up", "shoulder_forward",  # of the collar bone
    "hand_x", "hand_y", "hand_z",  # from between the shoulders, in the chest's axes; y forward; in arm lengths
    "elbow_x", "elbow_y", "elbow_z",  # where the elbow points: outward, forward, up
    "palm", "fist", "point", "spread",  # fingers: curled (0 to 1), the index not, apart (0 to 1)
    "foot_x", "foot_y", "foot_z", "foot_yaw", "foot_pitch",  # ball of the foot; y forward; heel up by pitch
)  # fmt: skip
CONTROLS = MIDDLE + tuple(f"left_{c}" for c in SIDE) + tuple(f"right_{c}" for c in SIDE)
COLUMN = {name: i for i, name in enumerate(CONTROLS)}
FLIPPED = ("pelvis_x", "pelvis_yaw", "pelvis_roll", "chest_twist", "chest_lean", "head_yaw", "head_roll")
SPINE = ("spine04", "spine03", "spine02", "spine01")
TIGHTEST = np.radians(145)  # flexion of an elbow or a knee
LONGEST_LEG, LONGEST_ARM = 0.985, 0.985  # share of the bones' length: a knee or elbow is never locked
SURE, STIFFNESS = 0.08, 6.0  # of an elbow's direction: share across the reach that is trusted; against turning fast


def mirror(controls: np.ndarray) -> np.ndarray:
    """The same dance (..., N_CONTROLS) with left and right changed."""
    n, m = len(MIDDLE), len(SIDE)
    mirrored = np.concatenate([controls[..., :n], controls[..., n + m :], controls[..., n : n + m]], -1)
    mirrored[..., [COLUMN[name] for name in FLIPPED]] *= -1
    return mirrored


class Skeleton:
    """The rig of one dancer: B bones, each with a head (its joint) in the reference pose, and K named points.

    Parameters
    ----------
    name : a file of ``dancers/``, "ada" or "ben".
    """

    def __init__(self, name: str = "ada"):
        with np.load(DANCERS / f"{name}.npz") as file:
            self.bones, self.point_names = list(map(str, file["bones"])), tuple(map(str, file["point_names"]))
            self.parents, self.heads = file["parents"], file["heads"].astype(float)  # (B,), (B, 3)
            self.point_anchor = file["point_anchor"].astype(float)  # (K, B, 4)
            self.floor = float(file["floor_z"])  # height of the sole in the reference pose
        self.index = {bone: i for i, bone in enumerate(self.bones)}
        self.arm = self._length("upperarm01.L", "lowerarm01.L", "wrist.L")
        self.leg = self._length("upperleg01.L", "lowerleg01.L", "foot.L")

    def pose(self, controls: np.ndarray) -> np.ndarray:
        """Transforms (T, B, 4, 4) from the reference pose to the pose that each row of controls (T, N) describes."""
        c = {name: controls[:, i] for name, i in COLUMN.items()}
        rotations: dict[str, np.ndarray] = {}  # bone -> (T, 3, 3), against its parent, about the reference axes
        pelvis = _turn("z", c["pelvis_yaw"]) @ _turn("x", c["pelvis_pitch"]) @ _turn("y", c["pelvis_roll"])
        rotations["root"] = pelvis
        part = len(SPINE)
        for bone in SPINE:
            rotations[bone] = _rotvec(c["chest_bend"] / part, c["chest_lean"] / part, c["chest_twist"] / part)
        for bone, share in (("neck01", 0.3), ("neck03", 0.2), ("head", 0.5)):
            rotations[bone] = _rotvec(c["head_pitch"] * share, c["head_roll"] * share, c["head_yaw"] * share)
        root = np.stack([c["pelvis_x"], c["pelvis_y"], c["pelvis_z"]], 1)
        root[:, 2] = self._reachable_height(c, root, pelvis)
        for side, sign in (("L", 1), ("R", -1)):
            own = {name: c[("left_" if sign == 1 else "right_") + name] for name in SIDE}
            self._arm(rotations, own, side, sign)
            self._leg(rotations, own, side, sign, root, pelvis, c["pelvis_yaw"])
        return self._forward(rotations, root)

    def joints(self, transforms: np.ndarray) -> np.ndarray:
        """Heads of all bones, (T, B, 4, 4) -> (T, B, 3) in metres."""
        return np.einsum("tbij,bj->tbi", transforms[..., :3, :3], self.heads) + transforms[..., :3, 3]

    def points(self, transforms: np.ndarray) -> np.ndarray:
        """The named points of the body's surface, (T, B, 4, 4) -> (T, K, 3) in metres, as skinning moves them."""
        n = len(transforms)
        flat = transforms[:, :, :3].transpose(0, 2, 1, 3).reshape(n * 3, -1)  # (T * 3, B * 4)
        return (flat @ self.point_anchor.reshape(len(self.point_names), -1).T).reshape(n, 3, -1).transpose(0, 2, 1)

    def _length(self, *bones: str) -> float:
        at = self.heads[[self.index[b] for b in bones]]
        return float(np.linalg.norm(np.diff(at, axis=0), axis=1).sum())

    def _head(self, bone: str) -> np.ndarray:
        return self.heads[self.index[bone]]

    def _forward(self, rotations: dict, root: np.ndarray) -> np.ndarray:
        transforms = np.tile(np.eye(4), (len(root), len(self.bones), 1, 1))  # (T, B, 4, 4)
        for b, (bone, parent) in enumerate(zip(self.bones, self.parents, strict=True)):
            own = np.tile(np.eye(4), (len(root), 1, 1))
            if bone in rotations:
                own[:, :3, :3] = rotations[bone]
                own[:, :3, 3] = self.heads[b] - rotations[bone] @ self.heads[b]
            if parent < 0:
                own[:, :3, 3] += root
            transforms[:, b] = own if parent < 0 else transforms[:, parent] @ own
        return transforms

    def _ankle(self, own: dict, side: str, sign: int) -> tuple[np.ndarray, np.ndarray]:
        """Where the ankle must be (T, 3) for the ball of the foot to be in place, and the foot's turn (T, 3, 3)."""
        ball, ankle = self._head(f"toe2-1.{side}"), self._head(f"foot.{side}")
        turn = _turn("z", sign * own["foot_yaw"]) @ _turn("x", own["foot_pitch"])
        at = np.stack([sign * own["foot_x"], ball[1] - own["foot_y"], ball[2] + own["foot_z"]], 1)
        return at + turn @ (ankle - ball), turn

    def _reachable_height(self, c: dict, root: np.ndarray, pelvis: np.ndarray) -> np.ndarray:
        """The pelvis' height, lowered softly to where both legs reach the feet without locking the knees."""
        wanted = root[:, 2]
        for side, sign, name in (("L", 1, "left_"), ("R", -1, "right_")):
            ankle, _ = self._ankle({k: c[name + k] for k in SIDE}, side, sign)
            hip = root + pelvis @ self._head(f"upperleg01.{side}")
            apart = np.hypot(*(ankle - hip)[:, :2].T)
            reach = np.sqrt(np.maximum((LONGEST_LEG * self.leg) ** 2 - apart**2, 0.05))
            highest = root[:, 2] + ankle[:, 2] + reach - hip[:, 2]
            wanted = soft_minimum(wanted, highest)
        return wanted

    def _leg(self, rotations, own, side, sign, root, pelvis, pelvis_yaw):
        hip0, knee0, ankle0 = (self._head(f"{b}.{side}") for b in ("upperleg01", "lowerleg01", "foot"))
        ankle, turn = self._ankle(own, side, sign)
        hip = root + pelvis @ hip0
        heading = 0.6 * sign * own["foot_yaw"] + 0.4 * pelvis_yaw
        pole = _turn("z", heading) @ np.array([sign * 0.05, -1.0, 0.0])
        thigh, shin, normal = _two_bones(
            ankle - hip, pole, np.linalg.norm(knee0 - hip0), np.linalg.norm(ankle0 - knee0), LONGEST_LEG + 0.01
        )
        normal0 = np.cross(np.array([sign * 0.05, -1.0, 0.0]), ankle0 - hip0)
        upper = _frame(thigh, normal) @ _frame(knee0 - hip0, normal0).swapaxes(-1, -2)
        lower = _frame(shin, normal) @ _frame(ankle0 - knee0, normal0).swapaxes(-1, -2)
        rotations[f"upperleg01.{side}"] = pelvis.swapaxes(-1, -2) @ upper
        rotations[f"lowerleg01.{side}"] = upper.swapaxes(-1, -2) @ lower
        rotations[f"foot.{side}"] = lower.swapaxes(-1, -2) @ turn
        on_floor = np.clip(1 - own["foot_z"] / 0.03, 0, 1)
        flat_toes = _turn("x", -np.maximum(own["foot_pitch"], 0) * on_floor)
        for toe in "12345":
            rotations[f"toe{toe}-1.{side}"] = flat_toes

    def _arm(self, rotations, own, side, sign):
        clavicle, shoulder, upper0, elbow0, wrist0 = (
            self._head(f"{b}.{side}") for b in ("clavicle", "shoulder01", "upperarm01", "lowerarm01", "wrist")
        )
        out = np.array([sign, -1.0, 1.0])  # outward, forward, up -> x, y, z
        middle = np.array([0.0, upper0[1], upper0[2]])
        hand = middle + self.arm * out * np.stack([own["hand_x"], own["hand_y"], own["hand_z"]], 1)
        raised = (hand - upper0)[:, 2] / np.linalg.norm(hand - upper0, axis=1)
        lift = 0.35 * np.clip(np.arcsin(np.clip(raised, -1, 1)) + 0.35, 0, 1.9) + own["shoulder_up"]
        first = _turn("z", -sign * own["shoulder_forward"]) @ _turn("y", -sign * 0.75 * lift)
        second = _turn("y", -sign * 0.25 * lift)
        both = first @ second
        start = clavicle + first @ (shoulder - clavicle) + both @ (upper0 - shoulder)  # (T, 3)
        pole = _steady_pole(hand - start, out * np.stack([own["elbow_x"], own["elbow_y"], own["elbow_z"]], 1))
        long1, long2 = np.linalg.norm(elbow0 - upper0), np.linalg.norm(wrist0 - elbow0)
        upper, fore, normal = _two_bones(hand - start, pole, long1, long2, LONGEST_ARM, soft=0.06)
        u0, f0 = elbow0 - upper0, wrist0 - elbow0
        normal0 = np.cross(u0, f0)
        whole = _frame(upper, normal) @ _frame(u0, normal0).swapaxes(-1, -2)
        swing = _between(both @ u0, upper) @ both
        twist = Rotation.from_matrix(swing.swapaxes(-1, -2) @ whole).as_rotvec() @ (u0 / np.linalg.norm(u0))
        twist = np.unwrap(twist)
        twist -= 2 * np.pi * np.round(np.median(twist) / (2 * np.pi))
        axis = u0 / np.linalg.norm(u0)
        rotations[f"clavicle.{side}"], rotations[f"shoulder01.{side}"] = first, second
        rotations[f"upperarm01.{side}"] = both.swapaxes(-1, -2) @ swing @ _about(axis, 0.45 * twist)
        rotations[f"upperarm02.{side}"] = _about(axis, 0.55 * twist)
        lower = _frame(fore, normal) @ _frame(f0, normal0).swapaxes(-1, -2)
        rotations[f"lowerarm01.{side}"] = whole.swapaxes(-1, -2) @ lower
        axis = f0 / np.linalg.norm(f0)
        rotations[f"lowerarm02.{side}"] = _about(axis, 0.6 * sign * own["palm"])
        rotations[f"wrist.{side}"] = _about(axis, 0.4 * sign * own["palm"])
        self._curl_fingers(rotations, own, side)

    def _curl_fingers(self, rotations, own, side):
        """Fingers a little bent, as a hand at rest; curled into a fist, but for the index of a hand that points."""
        along = self._head(f"finger3-1.{side}") - self._head(f"wrist.{side}")
        across = self._head(f"finger2-1.{side}") - self._head(f"finger5-1.{side}")
        along = along / np.linalg.norm(along)
        across = across - (across @ along) * along
        across /= np.linalg.norm(across)
        palm = np.cross(across, along)
        fist, apart = np.clip(own["fist"], 0, 1), np.clip(own["spread"], 0, 1)  # (T,)
        for finger in "2345":
            bone = self._head(f"finger{finger}-2.{side}") - self._head(f"finger{finger}-1.{side}")
            spread = np.arctan2(bone @ across, bone @ along)
            together = _about(palm, (0.7 - 1.1 * apart) * spread)
            curled = fist * (1 - np.clip(own["point"], 0, 1)) if finger == "2" else fist
            for joint, rest, bent in (("1", 0.25, 1.45), ("2", 0.35, 1.6), ("3", 0.25, 1.1)):
                straight = np.maximum(apart, own["point"] if finger == "2" else 0)
                curl = _about(across, rest * (1 - 0.9 * straight) * (1 - curled) + bent * curled)
                rotations[f"finger{finger}-{joint}.{side}"] = curl @ together if joint == "1" else curl
        for joint, bent in (("2", 0.5), ("3", 0.8)):
            rotations[f"finger1-{joint}.{side}"] = _about(across, bent * fist)


def _steady_pole(reach, pole):
    """Where an elbow points, (T, 3), without jumps: across ``reach`` (T, 3), near ``pole`` (T, 3).

    Nearly parallel to the reach a pole says little and what it says turns over at once. So the elbow's turn about the
    reach is an angle against axes that are carried along (parallel transport), and it is smoothed (Whittaker, On a new
    method of graduation, 1922), each frame weighted by how far its pole stands off the reach.
    """
    along = reach / np.linalg.norm(reach, axis=1, keepdims=True)
    pole = pole / np.linalg.norm(pole, axis=1, keepdims=True)
    first = _carried(along, pole[0])
    second = np.cross(along, first)
    x, y = (pole * first).sum(1), (pole * second).sum(1)
    weight = x**2 + y**2
    sure = np.flatnonzero(weight > SURE) if (weight > SURE).any() else np.array([weight.argmax()])
    angle = np.interp(np.arange(len(x)), sure, np.unwrap(np.arctan2(y, x)[sure]))
    angle = _smooth_weighted(angle, np.where(weight > SURE, weight, 1e-3 * weight + 1e-6))[:, None]
    return np.cos(angle) * first + np.sin(angle) * second


def _carried(along, start):
    """Unit vectors (T, 3) across ``along`` (T, 3), each the one before turned as little as possible."""
    carried = np.empty_like(along)
    last = start
    for t, axis in enumerate(along):
        last = last - (last @ axis) * axis
        if np.linalg.norm(last) < 1e-3:  # only a first one can be parallel
            last = np.cross(axis, np.eye(3)[np.abs(axis).argmin()])
        last = last / np.linalg.norm(last)
        carried[t] = last
    return carried


def _smooth_weighted(values, weight):
    """The z (T,) that minimises sum w (v - z)^2 + STIFFNESS sum (second difference of z)^2."""
    n = len(values)
    if n < 3:
        return values
    bands = np.zeros((3, n))  # of D'D, upper form
    for k, terms in enumerate(((1.0, 4.0, 1.0), (-2.0, -2.0), (1.0,))):
        for j, term in enumerate(terms):
            bands[2 - k, j + k : n - 2 + j + k] += term
    bands *= STIFFNESS
    bands[2] += weight
    return solveh_banded(bands, weight * values)


def _two_bones(reach, pole, long1, long2, longest, soft=0.0):
    """Two bones from the origin to ``reach`` (T, 3), bent towards ``pole``: two unit vectors and the plane's normal.

    The law of cosines; a target out of reach is approached as far as ``longest`` times the bones' length, and more
    slowly from ``soft`` times that length before: else the middle joint would snap.
    """
    distance = np.linalg.norm(reach, axis=1)
    along = reach / distance[:, None]
    nearest = np.sqrt(long1**2 + long2**2 + 2 * long1 * long2 * np.cos(TIGHTEST))
    distance = np.maximum(soft_minimum(distance, longest * (long1 + long2), soft * (long1 + long2)), nearest)
    pole = pole - (pole * along).sum(1, keepdims=True) * along
    pole = pole / np.maximum(np.linalg.norm(pole, axis=1, keepdims=True), 1e-6)
    cosine = (long1**2 + distance**2 - long2**2) / (2 * long1 * distance)
    angle = np.arccos(np.clip(cosine, -1, 1))[:, None]
    first = np.cos(angle) * along + np.sin(angle) * pole
    second = (along * distance[:, None] - first * long1) / long2
    return first, second, np.cross(pole, along)


def soft_minimum(a, b, width=0.02):
    """Smooth minimum, never above either."""
    return 0.5 * (a + b - np.sqrt((a - b) ** 2 + width**2))


def _rotvec(x, y, z) -> np.ndarray:
    return Rotation.from_rotvec(np.stack([x, y, z], -1)).as_matrix()


def _about(axis, angle) -> np.ndarray:
    return Rotation.from_rotvec(np.asarray(angle)[:, None] * axis).as_matrix()


def _turn(axis: str, angle) -> np.ndarray:
    return Rotation.from_euler(axis, np.asarray(angle)[:, None]).as_matrix()


def _frame(along, normal) -> np.ndarray:
    """Orthonormal axes (..., 3, 3) in columns: along, the part of ``normal`` across it, and their product."""
    along = along / np.linalg.norm(along, axis=-1, keepdims=True)
    normal = normal - (normal * along).sum(-1, keepdims=True) * along
    normal = normal / np.linalg.norm(normal, axis=-1, keepdims=True)
    return np.stack([along, normal, np.cross(along, normal)], -1)


def _between(a, b) -> np.ndarray:
    """The smallest rotations (T, 3, 3) that turn directions a into b, both (T, 3)."""
    a = a / np.linalg.norm(a, axis=-1, keepdims=True)
    b = b / np.linalg.norm(b, axis=-1, keepdims=True)
    axis = np.cross(a, b)
    sine = np.linalg.norm(axis, axis=-1, keepdims=True)
    angle = np.arctan2(sine, (a * b).sum(-1, keepdims=True))
    return Rotation.from_rotvec(axis / np.maximum(sine, 1e-9) * angle).as_matrix()
