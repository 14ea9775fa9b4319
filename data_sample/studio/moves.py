"""The vocabulary: moves of social and street dance, each a few key poses of the trunk, head and arms, one a beat (or
half beat), over one of the patterns of ``footwork`` that go with it.

A key pose says only what differs from standing at ease:

| word | what | unit |
|---|---|---|
| ``w`` | weight: -1 on the right foot, 0 between, 1 on the left | |
| ``x``, ``z`` | pelvis to the left, up | m |
| ``yaw``, ``pitch``, ``roll`` | turn of the pelvis: left, forward, down to the right | degrees |
| ``twist``, ``lean``, ``bend`` | spine: chest to the left, to the left side, forward | degrees |
| ``look``, ``nod``, ``tilt`` | head: to the left, down, to the side | degrees |
| ``L``, ``R``, ``H`` | left, right, both hands: outward, forward, up from between the shoulders | arm lengths |
| ``eL``, ``eR``, ``E`` | where the elbows point: outward, forward, up | |
| ``fL``, ``fR`` | feet: outward, forward, up (m), toes out, heel up (degrees); the last three may be left out | |
| ``up``, ``forward`` | both shoulders; ``upL``, ``forwardR`` ... one | degrees |
| ``hand`` | both hands: "easy", "open", "fist" or "point"; ``handL``, ``handR`` one | |
| ``palm`` | both forearms: turn of the palm, ``palmL``, ``palmR`` one | degrees |

Arms are about half a metre long; a hand that hangs is near (0.45, 0.1, -0.95), one held straight out near (1.3, 0, 0).
"""

from dataclasses import dataclass

import numpy as np

from .skeleton import COLUMN, CONTROLS, mirror

EASE = {"H": (0.55, 0.28, -0.72), "F": (0.15, 0.0)}
_MIDDLE = {
    "yaw": "pelvis_yaw", "pitch": "pelvis_pitch", "roll": "pelvis_roll", "twist": "chest_twist", "lean": "chest_lean",
    "bend": "chest_bend", "look": "head_yaw", "nod": "head_pitch", "tilt": "head_roll",
}  # fmt: skip
_SIDES = {"L": "left_", "R": "right_"}
_HANDS = {"easy": (0, 0, 0), "open": (0, 0, 1), "fist": (1, 0, 0), "point": (1, 1, 0)}  # fist, point, spread


@dataclass(frozen=True)
class Move:
    """A move of the vocabulary.

    Attributes
    ----------
    keys : (n, N_CONTROLS), the pose on each key; the pose after the last key is the first. Feet do not count.
    beats : between one key and the next, 1 or 0.5.
    footwork : names of the patterns of steps that it is danced over; chance chooses.
    """

    name: str
    keys: np.ndarray
    footwork: tuple[str, ...]
    beats: float = 1.0

    @property
    def n_beats(self) -> int:
        return round(len(self.keys) * self.beats)


def key_pose(**words) -> np.ndarray:
    """One key pose (N_CONTROLS,) from the words above; ValueError on a word that is none of them."""
    pose = np.zeros(len(CONTROLS))

    def put(name, value):
        pose[COLUMN[name]] = value

    for side, name in _SIDES.items():
        hand = words.pop(side, words.get("H", EASE["H"]))
        elbow = words.pop(f"e{side}", words.get("E", _easy_elbow(hand)))
        shape = _HANDS[words.pop(f"hand{side}", words.get("hand", "easy"))]
        foot = (*words.pop(f"f{side}", EASE["F"]), 0, 0, 0)
        for axis, h, e in zip("xyz", hand, elbow, strict=True):
            put(f"{name}hand_{axis}", h)
            put(f"{name}elbow_{axis}", e)
        for axis, value in zip("xyz", foot[:3], strict=True):
            put(f"{name}foot_{axis}", value)
        for control, value in zip(("fist", "point", "spread"), shape, strict=True):
            put(f"{name}{control}", value)
        put(f"{name}palm", np.radians(words.pop(f"palm{side}", words.get("palm", 0))))
        put(f"{name}foot_yaw", np.radians(foot[3] + 12))
        put(f"{name}foot_pitch", np.radians(foot[4]))
        for word, control in (("up", "shoulder_up"), ("forward", "shoulder_forward")):
            put(f"{name}{control}", np.radians(words.pop(word + side, words.get(word, 0))))
    for word in ("H", "E", "up", "forward", "hand", "palm"):
        words.pop(word, None)
    left, right = pose[COLUMN["left_foot_x"]], -pose[COLUMN["right_foot_x"]]
    weight = words.pop("w", 0)
    put("pelvis_x", words.pop("x", 0.5 * (left + right) + 0.4 * weight * (left - right)))
    forward = np.array([pose[COLUMN["left_foot_y"]], pose[COLUMN["right_foot_y"]]])
    put("pelvis_y", -forward @ [0.5 + 0.4 * weight, 0.5 - 0.4 * weight] * 0.7)
    put("pelvis_z", words.pop("z", 0) - 0.02)
    for word, value in words.items():
        if word not in _MIDDLE:
            raise ValueError(f"{word}={value}: key poses know {sorted(_MIDDLE)}, w, x, z, hands, elbows and feet")
        put(_MIDDLE[word], np.radians(value))
    return pose


def _easy_elbow(hand) -> tuple:
    """Elbows hang below a low hand and point outward under a high one."""
    return (0.6, -0.7, -0.5) if hand[2] < 0.2 else (1.0, -0.1, -0.5)


def _move(name: str, footwork: str, *keys: dict, both: bool = True, beats: float = 1.0) -> Move:
    """A move from its keys, followed by the same with left and right changed (``both``)."""
    poses = np.array([key_pose(**key) for key in keys])
    steps = tuple(footwork.split(", "))
    return Move(name, np.concatenate([poses, mirror(poses)]) if both else poses, steps, beats)


def _floss() -> Move:
    """Both arms swing to one side, hips to the other; a hand passes in front, and the next time behind."""
    front = key_pose(L=(1.05, 0.30, -0.66), R=(-0.20, 0.62, -0.70), eL=(0.5, -1, 0), eR=(1, 0.6, 0.2), roll=9,
                     x=-0.08, lean=-3, hand="fist")  # fmt: skip
    behind = key_pose(L=(0.20, -0.48, -0.74), R=(1.05, 0.0, -0.66), eL=(1, -0.8, 0), eR=(0.5, -1, 0), roll=-9,
                      x=0.08, lean=3, hand="fist")  # fmt: skip
    return Move("floss", np.array([front, behind, mirror(behind), mirror(front)]), ("march", "small step touch"))


def _build() -> dict[str, Move]:
    on_hips = dict(H=(0.40, 0.10, -0.80), E=(1.0, -0.5, 0.0))
    hip_left = dict(L=(0.40, 0.10, -0.80), eL=(1, -0.5, 0))
    bent = dict(E=(0.6, -0.9, -0.3))
    moves = [
        # Steps: the feet lead, the arms swing against them
        _move("two-step", "two-step",
              dict(L=(0.52, 0.10, -0.80), R=(0.50, 0.52, -0.42), twist=8, roll=3),
              dict(L=(0.50, 0.52, -0.42), R=(0.52, 0.10, -0.80), twist=-8, roll=-3),
              dict(L=(0.62, 0.0, -0.75), R=(0.45, 0.58, -0.35), twist=10, roll=3),
              dict(H=(0.62, 0.42, -0.30), E=(1, -0.3, -0.5), lean=-4, roll=-4, hand="open")),
        _move("grapevine", "grapevine",
              dict(H=(1.05, 0.18, -0.45), E=(0.6, -0.6, -0.4), hand="open"),
              dict(H=(0.62, 0.35, -0.62), z=-0.02),
              dict(H=(1.12, 0.15, -0.30), E=(0.6, -0.6, -0.4), hand="open"),
              dict(H=(0.36, 0.55, -0.15), E=(1, -0.2, -0.5), nod=6, hand="fist")),
        _move("march", "knees up",
              dict(L=(0.46, -0.30, -0.78), R=(0.42, 0.60, -0.25), twist=-5, hand="fist", **bent),
              dict(L=(0.48, 0.10, -0.80), R=(0.48, 0.15, -0.80), hand="fist")),
        _move("heel dig", "heel dig",
              dict(H=(0.48, 0.56, -0.38), lean=-5, bend=-4, hand="open", palm=-40),
              dict(H=(0.56, 0.05, -0.75), z=-0.02, hand="fist", **bent)),
        _move("box step", "box step",
              dict(L=(0.55, 0.45, -0.42), R=(0.70, 0.05, -0.62), twist=10), dict(H=(0.62, 0.25, -0.66), lean=4),
              dict(L=(0.70, 0.05, -0.62), R=(0.55, 0.45, -0.42), twist=-10), dict(H=(0.80, 0.2, -0.52), lean=-3),
              both=False),
        # Hips, shoulders and trunk
        _move("hip sway", "small step touch, toe taps", dict(roll=-14, lean=10, x=0.05, **on_hips, tilt=-6)),
        _move("shoulder shimmy", "step touch, rock step",
              dict(twist=16, forwardR=22, upR=8, upL=-4, H=(0.88, 0.22, -0.60), bend=6, look=-14, hand="open"),
              beats=0.5),
        _move("body roll", "toe taps, pivot",
              dict(bend=-20, pitch=8, nod=-14, H=(0.55, 0.05, -0.85), z=-0.01),
              dict(bend=-4, pitch=-14, nod=6, H=(0.58, 0.12, -0.80), z=-0.05),
              dict(bend=28, pitch=14, nod=14, H=(0.50, 0.42, -0.70), z=-0.13, hand="open"),
              dict(bend=18, pitch=22, nod=-8, H=(0.56, 0.25, -0.76), z=-0.07), both=False),
        _move("twist", "twist",
              dict(twist=-40, L=(0.80, 0.35, -0.35), R=(0.60, 0.55, -0.30), bend=6, look=15, hand="fist")),
        # Arms
        _move("raise the roof", "step touch, march",
              dict(H=(0.55, 0.15, 0.35), E=(1, 0, -0.6), z=-0.05, bend=4, hand="open", palm=70),
              dict(H=(0.54, 0.12, 1.08), E=(1, 0, -0.2), z=0.02, bend=-5, nod=-8, up=8, hand="open", palm=70),
              both=False),
        _move("arm wave", "small step touch, toe taps",
              dict(L=(1.20, 0.1, -0.30), eL=(0.3, -0.5, -1), R=(1.24, 0.1, 0.1), eR=(0, -0.4, -1), lean=-4),
              dict(L=(1.10, 0.1, 0.12), eL=(0.2, -0.4, -1), R=(1.24, 0.1, 0.0), eR=(0, -0.4, -1), upL=16, lean=-6),
              dict(L=(1.24, 0.1, 0.05), eL=(0, -0.4, -1), R=(1.1, 0.1, 0.12), eR=(0.2, -0.4, -1), upR=16, lean=6),
              dict(L=(1.24, 0.1, 0.10), eL=(0, -0.4, -1), R=(1.20, 0.1, -0.30), eR=(0.3, -0.5, -1), lean=4),
              both=False),
        _move("arms swaying overhead", "step touch, small step touch",
              dict(L=(0.92, 0.05, 0.98), R=(-0.08, 0.05, 1.13), eL=(1, 0, 0), eR=(1, 0, 0), lean=12, roll=-6, x=0.04,
                   tilt=6, hand="open")),
        _move("clap overhead", "march, step touch",
              dict(H=(0.95, 0.1, 0.45), E=(1, 0, -1), z=-0.04, hand="open"),
              dict(H=(0.07, 0.12, 1.20), E=(1, 0, 0), z=0.02, nod=-10, hand="open"), both=False),
        # Party
        _move("swim", "step touch, march",
              dict(L=(0.42, 0.75, 0.40), R=(0.50, 0.0, -0.85), twist=-18, bend=14, eL=(1, 0, 0.3), lean=-5),
              dict(L=(0.50, 0.42, -0.58), R=(0.78, 0.10, 0.72), twist=4, bend=14, eR=(1, -0.2, 0.3))),
        _move("YMCA", "march, small step touch",
              dict(H=(0.85, 0.05, 1.05), E=(1, 0, -0.3), hand="open"),
              dict(H=(0.18, 0.12, 0.84), E=(1, 0.1, 0.2)),
              dict(L=(0.15, 0.10, 1.12), R=(1.0, 0.1, 0.75), eL=(1, 0, 0.4), eR=(0.5, 0, -1), lean=-12),
              dict(H=(0.07, 0.10, 1.20), E=(1, 0, 0)), both=False),
        _move("monkey", "march, heel dig",
              dict(L=(0.42, 0.55, 0.52), R=(0.45, 0.50, -0.66), eL=(0.8, 0, -0.8), bend=14, pitch=8, z=-0.06, lean=-5,
                   nod=-8, hand="fist")),
        _move("chicken wings", "march, heel taps",
              dict(H=(0.38, 0.20, -0.20), E=(1, -0.1, -0.75), z=-0.06, bend=8, hand="fist"),
              dict(H=(0.44, 0.18, -0.14), E=(1, -0.1, 0.7), z=-0.02, bend=8, up=6, hand="fist"),
              beats=0.5, both=False),
        # Pointing and characters
        _move("disco point", "side tap",
              dict(R=(0.55, 0.40, -0.75), **hip_left, eR=(1, 0.1, 0.2), lean=8, twist=12, bend=8, roll=-6, look=8,
                   nod=8, z=-0.04, handR="point"),
              dict(R=(1.0, 0.12, 1.0), **hip_left, eR=(1, 0, 0), lean=-10, roll=7, look=-20, nod=-10, handR="point")),
        _move("sprinkler", "march, toe taps",
              *(dict(R=(0.52, -0.14, 0.55), eR=(1, 0, 0.6), L=(0.38 + 0.90 * np.sin(a), 0.95 * np.cos(a), 0.02),
                     eL=(0.2, -0.2, -1), twist=20 * np.sin(a) - 8, look=36 * np.sin(a) - 10, z=-0.02 * (i % 2),
                     handL="point")
                for i, a in enumerate(np.radians([-20, 6, 34, 62, 88, 74, 40, 6]))), beats=0.5, both=False),
        _move("lasso", "step touch, pivot",
              dict(R=(0.62, 0.25, 1.06), **hip_left, eR=(1, 0, 0), lean=-4, handR="fist"),
              dict(R=(0.30, 0.02, 1.14), **hip_left, eR=(1, 0, 0), lean=2, z=-0.04, handR="fist"),
              dict(R=(0.60, -0.20, 1.08), **hip_left, eR=(1, 0, 0), lean=-4, handR="fist"),
              dict(R=(0.92, 0.02, 0.96), **hip_left, eR=(1, 0, 0), lean=-8, z=-0.04, handR="fist"),
              beats=0.5, both=False),
        _move("walk like an Egyptian", "step touch, small step touch",
              dict(L=(0.95, 0.05, 0.46), eL=(1, 0, -0.5), R=(0.98, 0.05, -0.50), eR=(1, 0, 0.6), look=45, lean=3,
                   palmL=60),
              dict(L=(0.88, 0.05, 0.48), eL=(1, 0, -0.5), R=(0.92, 0.05, -0.52), eR=(1, 0, 0.6), look=45, z=-0.03,
                   palmL=60)),
        # Street
        _move("running man", "running man",
              dict(L=(0.44, 0.50, -0.40), R=(0.48, -0.12, -0.74), bend=10, look=-12, hand="fist", **bent),
              dict(L=(0.46, -0.20, -0.72), R=(0.42, 0.58, -0.15), bend=6, look=-12, hand="fist", **bent), both=False),
        _move("cabbage patch", "small step touch, toe taps",
              *(dict(H=(0.34, 0.60 + 0.18 * np.cos(a), -0.34), E=(1, -0.2, -0.3), twist=24 * np.sin(a),
                     lean=10 * np.sin(a), x=0.05 * np.sin(a), bend=5 + 7 * np.cos(a), z=-0.04, hand="fist")
                for a in np.radians([0, 90, 180, 270])), both=False),
        _floss(),
        _move("robot", "toe taps, pivot",
              dict(L=(0.42, 0.45, 0.48), eL=(0.5, 0.2, -1), R=(0.84, 0.10, -0.46), eR=(1, 0, 0.2), twist=14, look=25),
              dict(L=(0.42, 0.52, -0.42), eL=(0.5, -0.4, -1), R=(0.84, 0.10, 0.44), eR=(1, 0, -0.3), twist=-8,
                   look=-25)),
        _move("kick-ball-change", "kick-ball-change",
              dict(L=(0.55, -0.15, -0.74), R=(0.48, 0.52, -0.32), twist=8, bend=4, hand="fist", **bent),
              dict(H=(0.66, 0.18, -0.66), bend=8, hand="fist", **bent),
              dict(H=(0.78, 0.22, -0.50), lean=4, hand="fist", **bent),
              dict(L=(0.70, 0.30, -0.30), R=(0.52, 0.10, -0.76), lean=-4, look=12, handL="open")),
        # Power
        _move("jumping jack", "jumping jack",
              dict(H=(0.70, 0.05, 0.95), E=(1, 0, -0.3), hand="open"), dict(H=(0.60, 0.10, -0.84), E=(1, -0.3, 0)),
              both=False),
        _move("side kick", "side kick",
              dict(L=(0.82, 0.2, -0.35), R=(0.95, 0.15, 0.30), lean=-10, roll=-4, hand="fist"),
              dict(H=(0.48, 0.50, -0.28), hand="fist")),
        _move("punch", "march, jog",
              dict(L=(0.66, 0.72, 0.20), eL=(1, 0, -0.4), R=(0.38, 0.30, -0.14), eR=(0.6, -0.3, -0.9), twist=-24,
                   yaw=-8, z=-0.05, bend=5, look=14, hand="fist")),
        _move("squat drop", "squat",
              dict(bend=18, pitch=14, H=(0.46, 0.70, -0.28), nod=-14, hand="open"),
              dict(bend=-3, H=(0.64, 0.05, -0.74), hand="fist")),
        # Swing
        _move("Charleston", "Charleston",
              dict(H=(0.62, 0.28, -0.55), hand="open"),
              dict(L=(0.52, 0.60, -0.22), R=(1.10, -0.05, -0.40), eR=(0.6, -0.6, -0.4), twist=-16, lean=4, hand="open"),
              dict(H=(0.62, 0.28, -0.55), hand="open"),
              dict(R=(0.52, 0.60, -0.22), L=(1.10, -0.05, -0.40), eL=(0.6, -0.6, -0.4), twist=16, bend=12, lean=-4,
                   hand="open"), both=False),
        _move("clap", "step touch, triple step",
              dict(H=(0.90, 0.30, -0.32), E=(1, -0.3, -0.6), lean=4, hand="open"),
              dict(H=(0.06, 0.68, 0.02), E=(1, 0, -0.5), nod=5, hand="open")),
        _move("dab", "small step touch, triple step",
              dict(L=(1.08, 0.10, 0.62), eL=(0.3, -0.2, -1), R=(-0.16, 0.44, 0.40), eR=(0.9, 0.4, 0.1), look=-25,
                   nod=30, lean=-8, bend=8),
              dict(H=(0.62, 0.25, -0.58))),
        _move("heel taps", "heel taps",
              dict(L=(0.80, 0.25, -0.50), R=(0.56, 0.15, -0.72), lean=-5, look=10, handL="open"),
              dict(L=(0.56, 0.15, -0.72), R=(0.80, 0.25, -0.50), lean=5, look=-10, handR="open"), both=False),
    ]  # fmt: skip
    return {move.name: move for move in moves}


MOVES = _build()
