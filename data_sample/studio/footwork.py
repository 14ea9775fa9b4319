"""What the feet do: patterns of steps, each a few keys on beats, that arms are danced over.

A key says which foot arrives on that beat, and where; the other foot stays. ``L`` and ``R`` are (outward, forward, up
(m), toes out, heel up (degrees)), the last three may be left out, as in ``moves``; a foot that arrives where it stood
steps in place; one that arrives above the floor kicks. ``w`` is the weight (-1 right foot, 1 left), ``at`` the beat
(else one after the key before), ``turn`` the pelvis' turn to the left (degrees), ``z`` its height (m).

Real dancers' feet stand for 0.28 s in the median (``figures.REAL``), so hardly a beat goes by without a step.
"""

from dataclasses import dataclass

import numpy as np

from .moves import key_pose
from .skeleton import COLUMN, mirror

FOOT = {s: np.array([COLUMN[f"{s}_foot_{a}"] for a in ("x", "y", "z", "yaw", "pitch")]) for s in ("left", "right")}
PELVIS = np.array([COLUMN[f"pelvis_{a}"] for a in ("x", "y", "z", "yaw")])
TAP = 28  # degrees that the heel is up when a toe taps


@dataclass(frozen=True)
class Footwork:
    """A pattern of steps.

    Attributes
    ----------
    at : (n,) beats of the keys from the pattern's start; ``length`` in beats, then it begins again.
    keys : (n, N_CONTROLS), of which the feet and the pelvis count.
    steps : (n, 2) bool, left and right: the foot travels on the way to this key.
    slides, hops : the feet slide on the floor and mean to; both leave the floor together.
    """

    name: str
    length: float
    at: np.ndarray
    keys: np.ndarray
    steps: np.ndarray
    slides: bool = False
    hops: bool = False

    def mirrored(self) -> "Footwork":
        return Footwork(self.name, self.length, self.at, mirror(self.keys), self.steps[:, ::-1], self.slides, self.hops)


def _pattern(name: str, *keys: dict, both: bool = True, **flags) -> Footwork:
    """A pattern from its keys, followed by the same with left and right changed (``both``)."""
    keys = [dict(key) for key in keys]
    at, beat = [], 0.0
    for key in keys:
        beat = key.pop("at", beat)
        at.append(beat)
        beat += 1
    length = float(np.ceil(at[-1] + 0.5))
    if both:
        keys += [_other_side(key) for key in keys]
        at += [a + length for a in at]
        length *= 2
    feet = {side: next(key[side] for key in reversed(keys) if side in key) for side in "LR"}  # after the last key
    poses = []
    for key in keys:
        feet.update({side: key[side] for side in "LR" if side in key})
        words = {word: value for word, value in key.items() if word in ("w", "x", "z")}
        poses.append(key_pose(fL=feet["L"], fR=feet["R"], yaw=key.get("turn", 0), **words))
    steps = np.array([[side in key for side in "LR"] for key in keys])
    return Footwork(name, length, np.array(at, float), np.array(poses), steps, **flags)


def _other_side(key: dict) -> dict:
    swapped = {"L": "R", "R": "L"}
    flipped = {swapped.get(word, word): value for word, value in key.items()}
    return flipped | {word: -key[word] for word in ("w", "turn", "x") if word in key}


def _tap(x: float, y: float = 0.0, out: float = 0.0) -> tuple:
    return (x, y, 0.0, out, TAP)


_PATTERNS = (
    _pattern("step touch", dict(L=(0.27, 0.0), w=0.5), dict(R=_tap(-0.09), w=0.95)),
    _pattern("small step touch", dict(L=(0.19, 0.0), w=0.6), dict(R=_tap(0.02), w=0.95)),
    _pattern("side tap", dict(L=(0.12, 0.0), w=0.5), dict(R=_tap(0.34, 0.02, 15), w=0.75, z=-0.03)),
    _pattern("two-step", dict(L=(0.02, 0.0), w=0.3), dict(R=(0.12, 0.0), w=-0.3), dict(L=(0.32, 0.0), w=0.4),
             dict(R=_tap(-0.13), w=0.95)),
    _pattern("grapevine", dict(L=(0.0, 0.0), w=0.4), dict(R=(-0.10, -0.16, 0, 0, 12), w=-0.4, turn=-12, z=-0.03),
             dict(L=(0.33, 0.0), w=0.4), dict(R=_tap(-0.15), w=0.9, z=-0.02)),
    _pattern("march", dict(L=(0.13, 0.0), w=0.55), dict(R=(0.13, 0.0), w=-0.55), both=False),
    _pattern("knees up", dict(L=(0.12, 0.11, 0.32, 0, 15), w=-0.85), dict(L=(0.13, 0.0), w=0.1, z=-0.02)),
    _pattern("jog", dict(L=(0.12, 0.0, 0, 0, 6), w=0.5), dict(at=0.5, R=(0.12, 0.0, 0, 0, 6), w=-0.5),
             dict(at=1, L=(0.15, 0.0, 0, 0, 6), w=0.5), dict(at=1.5, R=(0.15, 0.0, 0, 0, 6), w=-0.5), both=False),
    _pattern("heel dig", dict(L=(0.17, 0.32, 0.08, 10, -30), w=-0.8, z=-0.05), dict(L=(0.13, 0.0), w=0.1, z=-0.02)),
    _pattern("heel taps", dict(L=(0.26, 0.16, 0.07, 25, -28), w=-0.75, z=-0.05),
             dict(at=0.5, L=(0.15, 0.0), w=-0.2, z=-0.02), dict(at=1, R=(0.26, 0.16, 0.07, 25, -28), w=0.75, z=-0.05),
             dict(at=1.5, R=(0.15, 0.0), w=0.2, z=-0.02), both=False),
    _pattern("toe taps", dict(L=_tap(0.16, 0.14), w=-0.7, z=-0.02), dict(L=(0.15, 0.0), w=0.2)),
    _pattern("box step", dict(R=(-0.05, 0.16), w=-0.5, turn=14), dict(L=(0.10, -0.14), w=0.5),
             dict(R=(0.27, -0.10), w=-0.6), dict(L=(0.13, 0.12), w=0.5), both=False),
    _pattern("rock step", dict(L=(0.12, 0.22), w=0.6, z=-0.03), dict(R=(0.13, 0.0), w=-0.4), dict(L=(0.13, 0.0), w=0.4),
             dict(R=_tap(0.15), w=0.8), dict(R=(0.12, -0.20), w=-0.6, z=-0.03), dict(L=(0.13, 0.0), w=0.4),
             dict(R=(0.13, 0.0), w=-0.4), dict(L=_tap(0.15), w=-0.8), both=False),
    _pattern("triple step", dict(L=(0.11, 0.0), w=0.5), dict(at=0.5, R=(0.04, 0.0), w=-0.3),
             dict(at=1, L=(0.30, 0.0), w=0.6), dict(at=2, R=(-0.12, -0.15, 0, 10, 22), w=-0.3, turn=-14),
             dict(at=3, L=(0.30, 0.0), w=0.5)),
    _pattern("kick-ball-change", dict(L=(0.17, 0.27, 0.17, 5, -5), w=-0.8, z=-0.02),
             dict(at=0.5, L=(0.12, -0.05, 0, 0, 20), w=0.1), dict(at=1, R=(0.14, 0.02), w=-0.6),
             dict(at=2, L=(0.24, 0.0), w=0.5), dict(at=3, R=_tap(0.02), w=0.85)),
    _pattern("pivot", dict(L=(0.06, 0.24), w=0.5, turn=-26), dict(R=(0.16, -0.02), w=-0.5, turn=24),
             dict(L=(0.15, 0.0), w=0.4, turn=34), dict(R=_tap(0.10, 0.05), w=0.8, turn=18)),
    _pattern("running man", dict(L=(0.11, 0.16), R=(0.11, -0.22, 0, 0, 28), w=0.35, z=-0.07, turn=24),
             dict(L=(0.11, 0.02), R=(0.09, 0.22, 0.36, 0, 25), w=0.85, turn=24),
             dict(R=(0.11, 0.16), L=(0.11, -0.22, 0, 0, 28), w=-0.35, z=-0.07, turn=24),
             dict(R=(0.11, 0.02), L=(0.09, 0.22, 0.36, 0, 25), w=-0.85, turn=24), both=False, slides=True),
    _pattern("Charleston", dict(L=(0.13, 0.10), w=0.7, z=-0.05), dict(R=(0.20, 0.38, 0.24, 15, 0), w=0.9),
             dict(R=(0.14, -0.06), w=-0.7, z=-0.05), dict(L=(0.18, -0.28, 0.0, 20, 40), w=-0.9, z=-0.04), both=False),
    _pattern("jumping jack", dict(L=(0.33, 0, 0, 10), R=(0.33, 0, 0, 10), z=-0.02),
             dict(L=(0.08, 0), R=(0.08, 0), z=-0.03), both=False, hops=True),
    _pattern("side kick", dict(L=(0.44, 0.06, 0.30, 25, 20), w=-1.0), dict(L=(0.10, 0.0), w=0.2, z=-0.06)),
    _pattern("squat", dict(L=(0.36, 0, 0, 20), w=0.0, z=-0.24), dict(L=(0.12, 0.0), w=0.3, z=0.0)),
    _pattern("twist", dict(L=(0.15, 0, 0, 30, 22), R=(0.15, 0, 0, -40, 22), turn=26, z=-0.10),
             dict(L=(0.15, 0, 0, -40, 22), R=(0.15, 0, 0, 30, 22), turn=-26, z=-0.06), both=False, slides=True),
)  # fmt: skip
FOOTWORK = {pattern.name: pattern for pattern in _PATTERNS}


# --- a plan for a dance, and the feet that follow it ---------------------------------------------------------------

# When a foot travels, as shares of the time between two keys: one foot; of two the first, the second; both at once.
ALONE, LEADS, FOLLOWS, HOPS = (0.06, 0.92), (0.0, 0.56), (0.40, 0.99), (0.15, 0.75)
LIFT, HIGHEST = 0.07, 0.13  # metres that a foot is lifted: in a step on the spot, in a long one
_AT_EASE = np.array([0.13, 0.0, 0.0])
HEEL_UP = np.radians(20)  # of the foot that bears no weight


@dataclass(frozen=True)
class Plan:
    """Keys of the feet for a whole dance: times (n,) in beats, poses (n, N_CONTROLS), and flags of the way to each."""

    times: np.ndarray
    poses: np.ndarray
    steps: np.ndarray  # (n, 2) left, right
    slides: np.ndarray  # (n,)
    hops: np.ndarray  # (n,)


def plan(spans, n_beats: float) -> Plan:
    """Patterns one after the other: ``spans`` of (Footwork, size, first beat, end beat); feet together at the end."""
    times, poses, steps, slides, hops = [], [], [], [], []
    for pattern, size, start, end in spans:
        for turn in range(int(np.ceil((end - start) / pattern.length))):
            for beat, pose, step in zip(pattern.at, pattern.keys, pattern.steps, strict=True):
                time = start + turn * pattern.length + beat
                if time <= end - 1 + 1e-6:  # the way to the next pattern takes a whole beat
                    times.append(time)
                    poses.append(_resized(pose, size))
                    steps.append(step)
                    slides.append(pattern.slides and time > start)
                    hops.append(pattern.hops and time > start)
    for beat in (n_beats, n_beats + 1):
        times, poses, steps = [*times, beat], [*poses, key_pose()], [*steps, (False, False)]
        slides, hops = [*slides, False], [*hops, False]
    poses, steps = np.array(poses), np.array(steps)
    for n, foot in enumerate(FOOT.values()):  # a new pattern starts elsewhere: walk there
        steps[1:, n] |= (np.abs(np.diff(poses[:, foot], axis=0)) > 1e-3).any(1)
    return Plan(np.array(times, float), poses, steps, np.array(slides), np.array(hops))


def _resized(pose: np.ndarray, size: float) -> np.ndarray:
    """Longer or shorter steps, about where the feet stand at ease."""
    pose = pose.copy()
    for foot in FOOT.values():
        pose[foot[:3]] = _AT_EASE + size * (pose[foot[:3]] - _AT_EASE)
    pose[PELVIS[:2]] *= size
    return pose


def segments(beat, times):
    """For each frame the key before it and the share (0..1) of the way to the next."""
    i = np.clip(np.searchsorted(times, beat, side="right") - 1, 0, len(times) - 2)
    return i, np.clip((beat - times[i]) / (times[i + 1] - times[i]), 0, 1)


def put_feet(controls: np.ndarray, beat: np.ndarray, plan: Plan) -> tuple[np.ndarray, np.ndarray]:
    """Write the feet into ``controls``: planted between steps, lifted while they travel; hops lift the pelvis, too.

    Returns
    -------
    contact, sliding : (T, 2) bool, left and right: the ball of the foot stands; it slides or swivels and means to.
    """
    i, share = segments(beat, plan.times)
    before, after = plan.poses[i], plan.poses[i + 1]
    slides, hops, span = plan.slides[i + 1], plan.hops[i + 1], np.diff(plan.times)[i]
    contact, sliding = np.zeros((len(beat), 2), bool), np.zeros((len(beat), 2), bool)
    windows = _windows(plan)
    for n, (side, foot) in enumerate(FOOT.items()):
        start, stop = windows[i, n].T
        steps = plan.steps[i + 1, n]
        way = _minimum_jerk((share - start) / (stop - start)) * steps
        a, b = before[:, foot], after[:, foot]
        path = a + way[:, None] * (b - a)
        up = np.sin(np.pi * way) ** 2 * steps
        travel = np.linalg.norm((b - a)[:, :2], axis=1)
        kicks = np.maximum(a[:, 2], b[:, 2]) > 0.03
        lift = np.where(slides, 0, np.where(kicks, 0.03, np.minimum(HIGHEST, LIFT + 0.12 * travel)))
        path[:, 2] += np.where(hops, 0.05, lift * np.minimum(span, 1)) * up
        path[:, 4] += 0.35 * up * ~slides
        moving = steps & (way > 0.001) & (way < 0.999)
        contact[:, n] = (path[:, 2] < 0.005) & ~(moving & ~slides)
        sliding[:, n] = slides & moving
        path[:, 4] += _free_heel(controls, path, sign=1 if side == "left" else -1) * contact[:, n]
        controls[:, foot] = path
        if n == 0:
            controls[:, COLUMN["pelvis_z"]] += np.where(hops, 0.06 * up, 0)
    return contact, sliding


def _windows(plan: Plan) -> np.ndarray:
    """When each foot travels on the way from key to key: (n - 1, 2, 2), start and end as shares of the way.

    Of two feet that step one after the other the one that lands leads, else the one on whose side the pelvis goes.
    """
    both = plan.steps[1:].all(1) & ~plan.slides[1:] & ~plan.hops[1:]
    heights = np.stack([plan.poses[:, foot[2]] for foot in FOOT.values()], 1)
    rises = np.diff(heights, axis=0)
    to_left = np.diff(plan.poses[:, COLUMN["pelvis_x"]]) > 0
    left_leads = np.where(np.abs(rises[:, 0] - rises[:, 1]) > 0.03, rises[:, 0] < rises[:, 1], to_left)
    leads = np.stack([left_leads, ~left_leads], 1)[..., None]
    alone = np.where(plan.hops[1:, None, None], HOPS, ALONE)
    return np.where(both[:, None, None], np.where(leads, LEADS, FOLLOWS), alone)


def _free_heel(controls, path, sign: int) -> np.ndarray:
    """Angle (T,) by which a standing foot's heel comes up when the pelvis is over the other foot."""
    aside = sign * controls[:, COLUMN["pelvis_x"]] - path[:, 0]  # metres that the pelvis is beyond the foot, outward
    return HEEL_UP * _minimum_jerk((-aside - 0.14) / 0.18) * (np.abs(path[:, 4]) < 0.2)


def _minimum_jerk(t) -> np.ndarray:
    """Minimum-jerk way from 0 to 1."""
    t = np.clip(t, 0, 1)
    return t**3 * (10 + t * (6 * t - 15))
