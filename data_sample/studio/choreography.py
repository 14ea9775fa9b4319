"""A dance for a song: the section and the style choose a family of moves, chance one of its moves, the beat the time.

Layers, from below: a groove that never stops (bounce, sway, hips against chest); the moves' key poses, one a beat,
with time eased so that the body is slowest on the beat and yet never holds; accents where the song has them; feet
that stay where they stand until they step; hands and head that follow a little late, as through a spring.
"""

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter1d
from scipy.signal import bilinear, lfilter

from .moves import MOVES, Move, key_pose
from .skeleton import COLUMN, CONTROLS, mirror
from .songs import Song

FPS = 30
FAMILIES = {
    "steps": ("two-step", "grapevine", "march", "heel dig"),
    "groove": ("hip sway", "shoulder shimmy", "body roll", "twist"),
    "arms": ("raise the roof", "arm wave", "arms swaying overhead", "clap overhead"),
    "party": ("YMCA", "swim", "monkey", "chicken wings"),
    "pointing": ("disco point", "sprinkler", "lasso", "walk like an Egyptian"),
    "street": ("running man", "cabbage patch", "floss", "robot"),
    "power": ("jumping jack", "side kick", "punch", "squat drop"),
    "swing": ("Charleston", "clap", "dab", "two-step"),
}
PROGRAMME = {  # style -> the family of intro, verse, chorus, break
    "house": ("steps", "groove", "power", "arms"),
    "hip hop": ("groove", "street", "swing", "pointing"),
    "funk": ("steps", "pointing", "street", "groove"),
    "disco": ("groove", "party", "pointing", "arms"),
    "synth pop": ("steps", "street", "party", "power"),
    "ballad": ("groove", "arms", "steps", "swing"),
}
KINDS = ("intro", "verse", "chorus", "break")
CHUNK = 8  # beats for which a move is kept
EASE_WHOLE, EASE_HALF = 0.7, 0.45  # how much of the speed is gone on the beat, and on a half beat
STEP_FROM, STEP_TO = 0.22, 0.88  # of the time between two keys, when a foot travels
_COLUMNS = {part: np.array([COLUMN[f"{s}_{part}_{a}"] for s in ("left", "right") for a in "xyz"])
            for part in ("hand", "elbow", "foot")}  # fmt: skip
_FOOT = {s: np.array([COLUMN[f"{s}_foot_{a}"] for a in ("x", "y", "z", "yaw", "pitch")]) for s in ("left", "right")}
_HEAD = np.array([COLUMN[f"head_{a}"] for a in ("yaw", "pitch", "roll")])
_TRUNK = np.array([COLUMN[n] for n in CONTROLS if n.startswith(("chest", "pelvis_yaw", "pelvis_pitch", "pelvis_roll"))])


@dataclass(frozen=True)
class Step:
    """One move of a dance, from beat ``start`` to beat ``end``."""

    name: str
    family: str
    start: float
    end: float
    mirrored: bool


@dataclass(frozen=True)
class Dance:
    """Controls (T, N_CONTROLS) at 30 frames a second, the moves, and what each foot does.

    ``contact`` (T, 2) bool: left, right foot stands; ``sliding`` (T, 2) bool: it slides or swivels and means to.
    """

    controls: np.ndarray
    steps: tuple[Step, ...]
    contact: np.ndarray
    sliding: np.ndarray


def family_of(style: str, kind: str) -> str:
    """The family of moves that a style dances in a kind of section; KeyError where there is none."""
    return PROGRAMME[style][KINDS.index(kind)]


def choreograph(song: Song, seed: int | None = None) -> Dance:
    """A dance to a song, another one for another seed (None: the song's own)."""
    rng = np.random.default_rng([song.seed, 7 if seed is None else seed])
    steps = _choose(song, rng)
    times, poses, moves = _keys(song, steps, rng)
    beat = np.arange(round(song.seconds * FPS)) / FPS * song.tempo / 60 + _drift(round(song.seconds * FPS), rng, 0.02)
    energy = gaussian_filter1d(np.array([song.energy_at(min(b, song.n_beats - 1e-3)) for b in np.maximum(beat, 0)]), 8)
    controls = _between_keys(beat, times, poses)
    contact, sliding = _feet(controls, beat, times, poses, moves)
    _groove(controls, beat, energy, song.style, rng)
    _accents(controls, beat, song.accents)
    _keep_hands_out(controls)
    _follow_through(controls)
    return Dance(controls, tuple(steps), contact, sliding)


def _choose(song: Song, rng) -> list[Step]:
    """Moves for the whole song: each section's family, a move of it for two bars, never the same twice running."""
    steps: list[Step] = []
    for section in song.sections:
        family = family_of(song.style, section.kind)
        beat, end = 4 * section.start_bar, 4 * (section.start_bar + section.n_bars)
        while beat < end:
            last = steps[-1].name if steps else None
            name = rng.choice([move for move in FAMILIES[family] if move != last])
            stop = min(beat + CHUNK, end)
            steps.append(Step(str(name), family, beat, stop, bool(rng.random() < 0.5)))
            beat = stop
    return steps


def _keys(song: Song, steps: list[Step], rng) -> tuple[np.ndarray, np.ndarray, list[Move]]:
    """Times (beats) and key poses (n, N_CONTROLS) of all moves, and the move of each; a last key closes the song."""
    times, poses, moves = [], [], []
    for step in steps:
        move = MOVES[step.name]
        keys = mirror(move.keys) if step.mirrored else move.keys
        middle = keys.mean(0)
        n = round((step.end - step.start) / move.beats)
        for i in range(n - (move.beats < 1)):  # the way to the next move takes a whole beat
            beat = step.start + i * move.beats
            size = (0.82 + 0.30 * song.energy_at(beat)) * rng.uniform(0.93, 1.07)
            pose = _resize(keys[i % len(keys)], middle, size)
            pose[_COLUMNS["hand"]] += rng.normal(0, 0.025, 6)
            pose[_TRUNK] += rng.normal(0, np.radians(1.2), len(_TRUNK))
            times.append(beat)
            poses.append(pose)
            moves.append(move)
    for beat in (song.n_beats, song.n_beats + 1):
        times.append(beat)
        poses.append(key_pose())
        moves.append(MOVES["hip sway"])
    return np.array(times, float), _plant(np.array(poses)), moves


def _resize(pose: np.ndarray, middle: np.ndarray, size: float) -> np.ndarray:
    """A key pose made larger or smaller: hands and trunk move away from the move's own middle; feet stay."""
    scaled = middle + size * (pose - middle)
    keep = np.concatenate([_FOOT["left"], _FOOT["right"], _COLUMNS["elbow"]])
    scaled[keep] = pose[keep]
    return scaled


def _plant(poses: np.ndarray, near: float = 0.05) -> np.ndarray:
    """Feet that would move by less than ``near`` metres stay where they stand."""
    for foot in _FOOT.values():
        xyz = foot[:3]
        for before, after in zip(poses[:-1], poses[1:], strict=True):
            if np.linalg.norm(after[xyz] - before[xyz]) < near and after[xyz[2]] == before[xyz[2]] == 0:
                after[xyz] = before[xyz]
    return poses


def _segments(beat, times):
    """For each frame the key before it and the share (0..1) of the way to the next."""
    i = np.clip(np.searchsorted(times, beat, side="right") - 1, 0, len(times) - 2)
    return i, np.clip((beat - times[i]) / (times[i + 1] - times[i]), 0, 1)


def _between_keys(beat, times, poses) -> np.ndarray:
    """A Catmull-Rom spline through the key poses, time eased within each beat: t - a sin(2 pi t) / (2 pi)."""
    i, share = _segments(beat, times)
    strength = np.where(times[i + 1] - times[i] > 0.75, EASE_WHOLE, EASE_HALF)
    t = (share - strength * np.sin(2 * np.pi * share) / (2 * np.pi))[:, None]
    tangents = 0.45 * (np.roll(poses, -1, 0) - np.roll(poses, 1, 0))
    tangents[[0, -1]] = 0
    a, b, ma, mb = poses[i], poses[i + 1], tangents[i], tangents[i + 1]
    return (2 * t**3 - 3 * t**2 + 1) * a + (t**3 - 2 * t**2 + t) * ma + (3 * t**2 - 2 * t**3) * b + (t**3 - t**2) * mb


def _smooth_step(t) -> np.ndarray:
    """Minimum-jerk way from 0 to 1."""
    t = np.clip(t, 0, 1)
    return t**3 * (10 + t * (6 * t - 15))


def _feet(controls, beat, times, poses, moves) -> tuple[np.ndarray, np.ndarray]:
    """Put the feet: planted between steps, lifted while they travel; returns contact and sliding, (T, 2) bool each."""
    i, share = _segments(beat, times)
    contact = np.zeros((len(beat), 2), bool)
    sliding = np.zeros((len(beat), 2), bool)
    slides, hops = (np.array([getattr(m, flag) for m in moves]) for flag in ("slides", "hops"))
    travel = {s: np.linalg.norm(np.diff(poses[:, foot[:2]], axis=0), axis=1) for s, foot in _FOOT.items()}
    raised = {s: np.maximum(poses[:-1, foot[2]], poses[1:, foot[2]]) for s, foot in _FOOT.items()}
    grounded = [(travel[s] > 0.02) & (raised[s] < 0.05) for s in _FOOT]
    both = grounded[0] & grounded[1] & ~hops[:-1]
    for n, (side, foot) in enumerate(_FOOT.items()):
        first = poses[:-1, COLUMN["pelvis_x"]] - poses[1:, COLUMN["pelvis_x"]]
        leads = (first < 0) == (side == "left")
        start = np.where(both, np.where(leads, 0.05, 0.5), STEP_FROM)[i]
        stop = np.where(both, np.where(leads, 0.5, 0.95), STEP_TO)[i]
        way = _smooth_step((share - start) / (stop - start))
        path = poses[i][:, foot] + way[:, None] * (poses[i + 1] - poses[i])[:, foot]
        slide = slides[i] & slides[np.minimum(i + 1, len(moves) - 1)]
        hop = hops[i] & hops[np.minimum(i + 1, len(moves) - 1)]
        lift = np.where(slide, 0, np.minimum(0.09, 0.02 + 0.25 * travel[side][i])) * (travel[side][i] > 0.02)
        path[:, 2] += np.where(hop, 0.05, lift) * np.sin(np.pi * way) ** 2
        path[:, 4] += 0.35 * np.sin(np.pi * way) ** 2 * (travel[side][i] > 0.02) * ~slide
        controls[:, foot] = path
        moving = (way > 0.001) & (way < 0.999) & (travel[side][i] > 0.02)
        contact[:, n] = (path[:, 2] < 0.005) & ~(moving & ~slide)
        turning = np.abs((poses[i + 1] - poses[i])[:, foot[3]]) > 0.1
        sliding[:, n] = (slide & moving) | turning
        if n == 0:
            controls[:, COLUMN["pelvis_z"]] += np.where(hop, 0.06 * np.sin(np.pi * way) ** 2, 0)
    return contact, sliding


def _drift(n: int, rng, size: float) -> np.ndarray:
    """Slow random wandering (n,) of about ``size``: no bar is exactly like the one before."""
    noise = gaussian_filter1d(rng.normal(size=n + 240), 45)[120 : 120 + n]
    return size * noise / max(noise.std(), 1e-9) if n > 1 else np.zeros(n)


def _groove(controls, beat, energy, style, rng):
    """Bounce from the knees on each beat, sway and hips over two, chest against the hips, a nodding head."""
    sway = 4 if style == "ballad" else 2
    size = (0.6 + 0.7 * energy) * (1 + _drift(len(beat), rng, 0.12))

    def wave(beats, lag=0.0):
        return np.cos(2 * np.pi * (beat - lag) / beats)

    def add(name, value):
        controls[:, COLUMN[name]] += value

    add("pelvis_z", -0.026 * size * (1 + wave(1, 0.03)))
    add("pelvis_x", 0.018 * size * wave(sway, 0.02))
    add("pelvis_roll", np.radians(4.5) * size * wave(sway, 0.05))
    add("chest_lean", -np.radians(3.5) * size * wave(sway, 0.12))
    add("pelvis_yaw", np.radians(4.0) * size * wave(sway, 0.10))
    add("chest_twist", -np.radians(7.0) * size * wave(sway, 0.16))
    add("chest_bend", np.radians(2.5) * size * wave(1, 0.12))
    add("head_pitch", np.radians(5.0) * size * wave(1, 0.18))
    add("head_roll", np.radians(3.0) * size * wave(sway, 0.2))
    add("head_yaw", _drift(len(beat), rng, np.radians(6)) - 0.5 * controls[:, COLUMN["pelvis_yaw"]])
    for side, sign in (("left", 1), ("right", -1)):
        add(f"{side}_hand_y", 0.05 * sign * size * wave(sway, 0.2) + _drift(len(beat), rng, 0.015))
        add(f"{side}_hand_z", -0.03 * size * wave(1, 0.14))
        add(f"{side}_shoulder_up", np.radians(2.5) * size * wave(1, 0.1))


def _accents(controls, beat, accents):
    """On an accent the arms are thrown open and the body drops."""
    target = key_pose(H=(0.95, 0.30, 0.85))
    for accent in accents:
        weight = 0.8 * np.exp(-(((beat - accent) / 0.38) ** 2))
        hands = _COLUMNS["hand"]
        controls[:, hands] += weight[:, None] * (target[hands] - controls[:, hands])
        controls[:, COLUMN["pelvis_z"]] -= 0.05 * weight
        controls[:, COLUMN["chest_bend"]] -= np.radians(8) * weight


def _keep_hands_out(controls, wide=0.40, deep=0.34, head=0.36):
    """Push hands out of the trunk (an ellipse below the shoulders) and of the head (a ball); lengths in arms."""
    for side in ("left", "right"):
        x, y, z = (controls[:, COLUMN[f"{side}_hand_{a}"]] for a in "xyz")
        inside = np.hypot(x / wide, (y - 0.02) / deep)
        push = np.where(z < 0.1, np.maximum(1 / np.maximum(inside, 0.15), 1), 1)
        controls[:, COLUMN[f"{side}_hand_x"]] = x * push
        controls[:, COLUMN[f"{side}_hand_y"]] = 0.02 + (y - 0.02) * push
        offset = np.stack([x, y - 0.08, z - 0.48], 1)
        away = np.linalg.norm(offset, axis=1, keepdims=True)
        offset *= np.maximum(head / np.maximum(away, 0.1), 1) - 1
        for n, a in enumerate("xyz"):
            controls[:, COLUMN[f"{side}_hand_{a}"]] += np.where(z > 0.1, offset[:, n], 0)


def _follow_through(controls, hertz=5.5, damping=0.6):
    """Hands and head trail behind the body and overshoot a little: a damped spring of second order.

    x'' + 2 d w x' + w^2 x = w^2 u, by the bilinear transform; its delay of 2 d / w is given back by starting earlier.
    """
    omega = 2 * np.pi * hertz
    b, a = bilinear([omega**2], [1, 2 * damping * omega, omega**2], fs=FPS)
    early = round(0.5 * 2 * damping / omega * FPS)  # half of the delay stays: limbs lag
    columns = np.concatenate([_COLUMNS["hand"], _HEAD])
    padded = np.concatenate([np.repeat(controls[:1, columns], 30, 0), controls[:, columns]])
    padded = np.concatenate([padded, np.repeat(padded[-1:], early, 0)])
    controls[:, columns] = lfilter(b, a, padded - padded[0], axis=0)[30 + early :] + padded[0]
