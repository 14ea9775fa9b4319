"""The vocabulary: moves of social and street dance, each a few key poses, one a beat (or half beat).

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


@dataclass(frozen=True)
class Move:
    """A move of the vocabulary.

    Attributes
    ----------
    keys : (n, N_CONTROLS), the pose on each key; the pose after the last key is the first.
    beats : between one key and the next, 1 or 0.5.
    slides : the feet slide or swivel on the floor and mean to.
    hops : both feet leave the floor together.
    """

    name: str
    keys: np.ndarray
    beats: float = 1.0
    slides: bool = False
    hops: bool = False

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
        foot = (*words.pop(f"f{side}", EASE["F"]), 0, 0, 0)
        for axis, h, e in zip("xyz", hand, elbow, strict=True):
            put(f"{name}hand_{axis}", h)
            put(f"{name}elbow_{axis}", e)
        for axis, value in zip("xyz", foot[:3], strict=True):
            put(f"{name}foot_{axis}", value)
        put(f"{name}foot_yaw", np.radians(foot[3] + 12))
        put(f"{name}foot_pitch", np.radians(foot[4]))
        for word, control in (("up", "shoulder_up"), ("forward", "shoulder_forward")):
            put(f"{name}{control}", np.radians(words.pop(word + side, words.get(word, 0))))
    for word in ("H", "E", "up", "forward"):
        words.pop(word, None)
    left, right = pose[COLUMN["left_foot_x"]], -pose[COLUMN["right_foot_x"]]
    weight = words.pop("w", 0)
    put("pelvis_x", words.pop("x", 0.5 * (left + right) + 0.4 * weight * (left - right)))
    forward = np.array([pose[COLUMN["left_foot_y"]], pose[COLUMN["right_foot_y"]]])
    put("pelvis_y", -forward @ [0.5 + 0.4 * weight, 0.5 - 0.4 * weight] * 0.7)
    put("pelvis_z", words.pop("z", 0) - 0.035)
    for word, value in words.items():
        if word not in _MIDDLE:
            raise ValueError(f"{word}={value}: key poses know {sorted(_MIDDLE)}, w, x, z, hands, elbows and feet")
        put(_MIDDLE[word], np.radians(value))
    return pose


def _easy_elbow(hand) -> tuple:
    """Elbows hang below a low hand and point outward under a high one."""
    return (0.6, -0.7, -0.5) if hand[2] < 0.2 else (1.0, -0.1, -0.5)


def _move(name: str, *keys: dict, both: bool = True, **flags) -> Move:
    """A move from its keys, followed by the same with left and right changed (``both``)."""
    poses = np.array([key_pose(**key) for key in keys])
    return Move(name, np.concatenate([poses, mirror(poses)]) if both else poses, **flags)


def _floss() -> Move:
    """Both arms swing to one side, hips to the other; a hand passes in front, and the next time behind."""
    stance = dict(fL=(0.18, 0), fR=(0.18, 0))
    front = key_pose(L=(1.05, 0.30, -0.66), R=(-0.25, 0.62, -0.66), eL=(0.5, -1, 0), eR=(1, 0.6, 0.2), roll=9,
                     x=-0.10, lean=-3, **stance)  # fmt: skip
    behind = key_pose(L=(0.12, -0.50, -0.72), R=(1.05, 0.0, -0.66), eL=(1, -0.8, 0), eR=(0.5, -1, 0), roll=-9,
                      x=0.10, lean=3, **stance)  # fmt: skip
    return Move("floss", np.array([front, behind, mirror(behind), mirror(front)]))


def _build() -> dict[str, Move]:
    on_hips = dict(H=(0.40, 0.10, -0.80), E=(1.0, -0.5, 0.0))
    moves = [
        # Steps
        _move("two-step",
              dict(fL=(0.32, 0.0), fR=(0.15, 0.0), w=0.6, H=(0.62, 0.30, -0.6), roll=3),
              dict(fL=(0.32, 0.0), fR=(-0.12, 0.0, 0, 0, 25), w=0.9, L=(0.75, 0.35, -0.25), R=(0.05, 0.55, -0.35),
                   lean=-4, twist=10, roll=-4)),
        _move("grapevine",
              dict(fL=(0.08, 0.0), fR=(0.30, 0.0), w=0.5, H=(0.85, 0.15, -0.55)),
              dict(fL=(0.08, 0.0), fR=(-0.24, -0.20, 0, 0, 20), w=-0.5, H=(0.6, 0.35, -0.6), yaw=-12, z=-0.03),
              dict(fL=(0.34, 0.0), fR=(-0.20, -0.20, 0, 0, 10), w=0.6, H=(0.85, 0.15, -0.55)),
              dict(fL=(0.34, 0.0), fR=(-0.12, 0.02, 0, 0, 25), w=0.9, H=(0.18, 0.6, -0.2), z=-0.02)),
        _move("march",
              dict(fL=(0.11, 0.10, 0.34, 0, 15), fR=(0.11, 0.0), w=-0.85, L=(0.45, -0.35, -0.75),
                   R=(0.38, 0.62, -0.25), twist=-4)),
        _move("heel dig",
              dict(fL=(0.20, 0.34, 0.09, 10, -30), fR=(0.15, 0.0), w=-0.8, z=-0.05, H=(0.35, 0.55, -0.42), lean=-5,
                   bend=-4),
              dict(fL=(0.14, 0.0), fR=(0.14, 0.0), H=(0.55, 0.15, -0.75), z=-0.02)),
        # Hips, shoulders and trunk
        _move("hip sway", dict(roll=-14, lean=10, x=0.10, **on_hips, fL=(0.2, 0), fR=(0.2, 0), tilt=-6)),
        _move("shoulder shimmy",
              dict(twist=16, forwardR=22, upR=8, upL=-4, H=(0.85, 0.22, -0.62), fL=(0.2, 0), fR=(0.2, 0), bend=6,
                   look=-14), beats=0.5),
        _move("body roll",
              dict(yaw=38, bend=-22, pitch=8, nod=-14, H=(0.5, 0.05, -0.85), look=-15, z=-0.01),
              dict(yaw=38, bend=-4, pitch=-16, nod=6, H=(0.5, 0.12, -0.82), look=-15, z=-0.06),
              dict(yaw=38, bend=30, pitch=14, nod=14, H=(0.42, 0.42, -0.75), look=-15, z=-0.16),
              dict(yaw=38, bend=20, pitch=24, nod=-8, H=(0.5, 0.25, -0.78), look=-15, z=-0.08), both=False),
        _move("twist",
              dict(yaw=26, twist=-40, fL=(0.15, 0, 0, 30, 22), fR=(0.15, 0, 0, -40, 22), L=(0.75, 0.35, -0.35),
                   R=(0.55, 0.55, -0.30), z=-0.10, bend=6, look=15), slides=True),
        # Arms
        _move("raise the roof",
              dict(H=(0.55, 0.15, 0.35), E=(1, 0, -0.6), z=-0.06, bend=4, fL=(0.2, 0), fR=(0.2, 0)),
              dict(H=(0.52, 0.12, 1.10), E=(1, 0, -0.2), z=0.02, bend=-5, nod=-8, up=8, fL=(0.2, 0), fR=(0.2, 0)),
              both=False),
        _move("arm wave",
              dict(L=(1.22, 0.1, -0.30), eL=(0.3, 0, 1), R=(1.26, 0.1, 0.1), eR=(0, 0, -1), lean=-4),
              dict(L=(1.10, 0.1, 0.10), eL=(0.2, 0, 1.2), R=(1.26, 0.1, 0.0), eR=(0, 0, -1), upL=16, lean=-6),
              dict(L=(1.26, 0.1, 0.05), eL=(0, 0, -1), R=(1.1, 0.1, 0.10), eR=(0.2, 0, 1.2), upR=16, lean=6),
              dict(L=(1.26, 0.1, 0.10), eL=(0, 0, -1), R=(1.22, 0.1, -0.30), eR=(0.3, 0, 1), lean=4), both=False),
        _move("arms swaying overhead",
              dict(L=(0.95, 0.05, 1.0), R=(-0.12, 0.05, 1.15), eL=(1, 0, 0), eR=(1, 0, 0), lean=12, roll=-6, x=0.08,
                   tilt=6, fL=(0.22, 0), fR=(0.22, 0))),
        _move("clap overhead",
              dict(H=(0.95, 0.1, 0.45), E=(1, 0, -1), z=-0.04, fL=(0.2, 0), fR=(0.2, 0)),
              dict(H=(0.06, 0.12, 1.22), E=(1, 0, 0), z=0.02, nod=-10, fL=(0.2, 0), fR=(0.2, 0)), both=False),
        _move("clap",
              dict(H=(0.85, 0.35, -0.30), E=(1, -0.3, -0.6), fL=(0.30, 0), w=0.7, lean=4),
              dict(H=(0.05, 0.68, -0.12), E=(1, 0, -0.5), fL=(0.30, 0), fR=(0.02, 0.0, 0, 0, 20), w=0.8, nod=5)),
        _move("swim",
              dict(L=(0.40, 0.75, 0.42), R=(0.45, 0.05, -0.85), twist=-18, bend=16, eL=(1, 0, 0.3), lean=-5),
              dict(L=(0.45, 0.45, -0.55), R=(0.75, 0.10, 0.75), twist=4, bend=16, eR=(1, -0.2, 0.3))),
        _move("lasso",
              dict(R=(0.62, 0.25, 1.08), L=(0.40, 0.10, -0.80), eL=(1, -0.5, 0), eR=(1, 0, 0), lean=-4),
              dict(R=(0.25, 0.02, 1.16), L=(0.40, 0.10, -0.80), eL=(1, -0.5, 0), eR=(1, 0, 0), lean=2, z=-0.05),
              dict(R=(0.60, -0.20, 1.10), L=(0.40, 0.10, -0.80), eL=(1, -0.5, 0), eR=(1, 0, 0), lean=-4),
              dict(R=(0.95, 0.02, 0.98), L=(0.40, 0.10, -0.80), eL=(1, -0.5, 0), eR=(1, 0, 0), lean=-8, z=-0.05),
              beats=0.5, both=False),
        _move("YMCA",
              dict(H=(0.85, 0.05, 1.05), E=(1, 0, -0.3), fL=(0.2, 0), fR=(0.2, 0)),
              dict(H=(0.16, 0.12, 0.84), E=(1, 0.1, 0.2), fL=(0.2, 0), fR=(0.2, 0)),
              dict(L=(0.15, 0.10, 1.15), R=(1.0, 0.1, 0.75), eL=(1, 0, 0.4), eR=(0.3, 0, -1), lean=-12,
                   fL=(0.2, 0), fR=(0.2, 0)),
              dict(H=(0.05, 0.10, 1.22), E=(1, 0, 0), fL=(0.2, 0), fR=(0.2, 0)), both=False),
        # Pointing and characters
        _move("disco point",
              dict(R=(1.02, 0.12, 1.0), L=(0.40, 0.10, -0.80), eL=(1, -0.5, 0), eR=(1, 0, 0), lean=-10, roll=7,
                   look=-20, nod=-10, w=0.5, fL=(0.22, 0), fR=(0.24, 0, 0, 15, 20)),
              dict(R=(-0.42, 0.66, -0.72), L=(0.40, 0.10, -0.80), eL=(1, -0.5, 0), eR=(1.0, 0.9, 0.2), lean=10,
                   twist=16, bend=10, roll=-6, look=10, nod=8, z=-0.05, fL=(0.22, 0), fR=(0.24, 0)), both=False),
        _move("sprinkler",
              *(dict(R=(0.52, -0.14, 0.55), eR=(1, 0, 0.6), L=(0.33 + 0.95 * np.sin(a), 0.95 * np.cos(a), 0.02),
                     eL=(0, 0, -1), twist=20 * np.sin(a) - 8, look=50 * np.sin(a) - 15, z=-0.02 * (i % 2))
                for i, a in enumerate(np.radians([-40, 5, 48, 88]))), beats=0.5, both=False),
        _move("walk like an Egyptian",
              dict(L=(0.95, 0.05, 0.48), eL=(1, 0, -0.5), R=(0.98, 0.05, -0.50), eR=(1, 0, 0.6), look=45, tilt=0,
                   fL=(0.28, 0), w=0.4, lean=3),
              dict(L=(0.88, 0.05, 0.50), eL=(1, 0, -0.5), R=(0.92, 0.05, -0.52), eR=(1, 0, 0.6), look=45,
                   fL=(0.28, 0), fR=(0.02, 0, 0, 0, 15), w=0.8, z=-0.03)),
        _move("chicken wings",
              dict(H=(0.36, 0.18, -0.22), E=(1, -0.1, -0.75), z=-0.08, bend=8, fL=(0.17, 0), fR=(0.17, 0)),
              dict(H=(0.42, 0.16, -0.16), E=(1, -0.1, 0.9), z=-0.02, bend=8, fL=(0.17, 0), fR=(0.17, 0), up=6),
              beats=0.5, both=False),
        _move("monkey",
              dict(L=(0.36, 0.55, 0.55), R=(0.40, 0.55, -0.62), eL=(0.6, 0, -1), bend=16, pitch=8, z=-0.10, lean=-5,
                   fL=(0.18, 0), fR=(0.18, 0), nod=-8)),
        _floss(),
        _move("robot",
              dict(L=(0.36, 0.45, 0.52), eL=(0.2, 0.6, -1), R=(0.80, 0.10, -0.46), eR=(1, 0, 0.3), twist=14, look=25),
              dict(L=(0.36, 0.52, -0.42), eL=(0.3, -0.4, -1), R=(0.80, 0.10, 0.46), eR=(1, 0, -0.3), twist=-8,
                   look=-25)),
        # Power
        _move("running man",
              dict(yaw=30, fL=(0.09, 0.22, 0.40, 0, 25), fR=(0.11, 0.02), w=-0.85, L=(0.42, -0.30, -0.70),
                   R=(0.36, 0.60, -0.05), bend=8, look=-15),
              dict(yaw=30, fL=(0.11, 0.18), fR=(0.11, -0.24, 0, 0, 28), w=0.4, L=(0.42, 0.45, -0.45),
                   R=(0.42, -0.10, -0.72), z=-0.07, bend=12, look=-15), slides=True),
        _move("Charleston",
              dict(fL=(0.16, 0.02), fR=(0.14, 0.0), w=0.7, H=(0.62, 0.28, -0.50), z=-0.05),
              dict(fL=(0.16, 0.02), fR=(0.24, 0.34, 0.22, 20, 0), w=0.9, L=(-0.15, 0.60, -0.25), R=(1.15, 0.1, -0.20),
                   twist=18, lean=4),
              dict(fL=(0.16, 0.0), fR=(0.14, 0.0), w=-0.7, H=(0.62, 0.28, -0.50), z=-0.05),
              dict(fL=(0.24, -0.30, 0.12, 20, 55), fR=(0.14, 0.0), w=-0.9, R=(-0.15, 0.60, -0.25), L=(1.15, 0.1, -0.2),
                   twist=-18, bend=14, lean=-4), both=False),
        _move("cabbage patch",
              *(dict(H=(0.18, 0.62 + 0.18 * np.cos(a), -0.30), E=(1, -0.2, -0.3),
                     twist=26 * np.sin(a), lean=10 * np.sin(a), x=0.07 * np.sin(a), bend=6 + 8 * np.cos(a),
                     fL=(0.22, 0), fR=(0.22, 0), z=-0.05)
                for a in np.radians([0, 90, 180, 270])), both=False),
        _move("jumping jack",
              dict(fL=(0.34, 0, 0, 10), fR=(0.34, 0, 0, 10), H=(0.35, 0.05, 1.2), E=(1, 0, 0), z=-0.02),
              dict(fL=(0.08, 0), fR=(0.08, 0), H=(0.52, 0.10, -0.92), E=(1, -0.3, 0), z=-0.03), both=False, hops=True),
        _move("side kick",
              dict(fL=(0.46, 0.06, 0.30, 25, 20), fR=(0.06, 0.0), w=-1.0, L=(0.85, 0.2, -0.35), R=(1.0, 0.15, 0.30),
                   lean=-10, roll=-4),
              dict(fL=(0.10, 0.0), fR=(0.08, 0.0), H=(0.45, 0.50, -0.30), z=-0.06)),
        _move("punch",
              dict(L=(0.70, 0.70, 0.22), eL=(1, 0, -0.2), R=(0.34, 0.32, -0.12), eR=(0.6, -0.3, -0.9), twist=-24,
                   yaw=-8, fL=(0.2, 0.06), fR=(0.2, -0.06), z=-0.06, bend=5, look=14)),
        _move("squat drop",
              dict(z=-0.30, bend=20, pitch=14, H=(0.40, 0.70, -0.30), fL=(0.30, 0, 0, 20), fR=(0.30, 0, 0, 20),
                   nod=-14),
              dict(z=0.0, bend=-3, H=(0.60, 0.10, -0.72), fL=(0.30, 0, 0, 20), fR=(0.30, 0, 0, 20)), both=False),
        _move("dab",
              dict(L=(1.12, 0.10, 0.62), eL=(0.3, 0, -1), R=(-0.30, 0.40, 0.42), eR=(0.7, 0.4, 0.5), look=-25, nod=32,
                   lean=-8, bend=8, w=0.4, fL=(0.26, 0), fR=(0.2, 0)),
              dict(H=(0.55, 0.30, -0.55), z=-0.05, fL=(0.26, 0), fR=(0.2, 0))),
    ]  # fmt: skip
    return {move.name: move for move in moves}


MOVES = _build()
