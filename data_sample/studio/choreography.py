"""A dance for a song: the section and the style choose a family of moves, chance one of its moves, the beat the time.

Layers, from below: a plan of steps, one a beat at least (``footwork``); a groove that never stops (bounce, sway, hips
against chest); the moves' key poses, one a beat, with time eased so that the body is slowest on the beat and yet never
holds; accents where the song has them; hands and head that follow a little late, as through a spring.
"""

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter1d
from scipy.signal import bilinear, lfilter

from .footwork import FOOTWORK, PELVIS, plan, put_feet, segments
from .moves import MOVES, key_pose
from .skeleton import COLUMN, CONTROLS, mirror, soft_minimum
from .songs import Song

FPS = 30
FAMILIES = {
    "steps": ("two-step", "grapevine", "march", "heel dig", "box step"),
    "groove": ("hip sway", "shoulder shimmy", "body roll", "twist"),
    "arms": ("raise the roof", "arm wave", "arms swaying overhead", "clap overhead"),
    "party": ("YMCA", "swim", "monkey", "chicken wings"),
    "pointing": ("disco point", "sprinkler", "lasso", "walk like an Egyptian"),
    "street": ("running man", "cabbage patch", "floss", "robot", "kick-ball-change"),
    "power": ("jumping jack", "side kick", "punch", "squat drop"),
    "swing": ("Charleston", "clap", "dab", "heel taps"),
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
ARM, SPINE_LENGTH, WIDEST = 0.5, 0.45, 0.68  # metres: of ada; how far off the middle a wrist may go
_COLUMNS = {part: np.array([COLUMN[f"{s}_{part}_{a}"] for s in ("left", "right") for a in "xyz"])
            for part in ("hand", "elbow")}  # fmt: skip
_HEAD = np.array([COLUMN[f"head_{a}"] for a in ("yaw", "pitch", "roll")])
_KEPT = np.array([i for i, n in enumerate(CONTROLS) if n.endswith(("fist", "point", "spread", "palm")) or "elbow" in n])
_TRUNK = np.array([COLUMN[n] for n in CONTROLS if n.startswith(("chest", "pelvis_yaw", "pelvis_pitch", "pelvis_roll"))])


@dataclass(frozen=True)
class Step:
    """One move of a dance, from beat ``start`` to beat ``end``, over a pattern of ``footwork``."""

    name: str
    family: str
    start: float
    end: float
    mirrored: bool
    footwork: str


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
    times, poses = _keys(song, steps, rng)
    feet = plan(_spans(song, steps), song.n_beats)
    beat = np.arange(round(song.seconds * FPS)) / FPS * song.tempo / 60 + _drift(round(song.seconds * FPS), rng, 0.02)
    energy = gaussian_filter1d(np.array([song.energy_at(min(b, song.n_beats - 1e-3)) for b in np.maximum(beat, 0)]), 8)
    controls = _between_keys(beat, times, poses)
    _swing_wide(controls, beat, times, poses)
    controls[:, PELVIS] += (_between_keys(beat, feet.times, feet.poses) - key_pose())[:, PELVIS]
    _groove(controls, beat, energy, song.style, rng)
    contact, sliding = put_feet(controls, beat, feet)
    _accents(controls, beat * 60 / song.tempo, np.array(song.accents) * 60 / song.tempo)
    _keep_hands_out(controls)
    _keep_in_the_picture(controls)
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
            stop, footwork = min(beat + CHUNK, end), str(rng.choice(MOVES[name].footwork))
            steps.append(Step(str(name), family, beat, stop, bool(rng.random() < 0.5), footwork))
            beat = stop
    return steps


def _spans(song: Song, steps: list[Step]) -> list[tuple]:
    """The footwork of each move, the steps longer where there is more energy."""
    patterns = [FOOTWORK[step.footwork].mirrored() if step.mirrored else FOOTWORK[step.footwork] for step in steps]
    tempo = min(1.08, (112 / song.tempo) ** 0.7)  # and shorter where there is less time
    return [(pattern, tempo * (0.85 + 0.25 * song.energy_at(step.start)), step.start, step.end)
            for pattern, step in zip(patterns, steps, strict=True)]  # fmt: skip


def _keys(song: Song, steps: list[Step], rng) -> tuple[np.ndarray, np.ndarray]:
    """Times (beats) and key poses (n, N_CONTROLS) of all moves; a last key closes the song."""
    times, poses = [], []
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
    for beat in (song.n_beats, song.n_beats + 1):
        times.append(beat)
        poses.append(key_pose())
    return np.array(times, float), np.array(poses)


def _resize(pose: np.ndarray, middle: np.ndarray, size: float) -> np.ndarray:
    """A key pose made larger or smaller: hands and trunk move away from the move's own middle."""
    scaled = middle + size * (pose - middle)
    scaled[_KEPT] = pose[_KEPT]
    return scaled


def _between_keys(beat, times, poses) -> np.ndarray:
    """A Catmull-Rom spline through the key poses, time eased within each beat: t - a sin(2 pi t) / (2 pi)."""
    i, share = segments(beat, times)
    strength = np.where(times[i + 1] - times[i] > 0.75, EASE_WHOLE, EASE_HALF)
    t = (share - strength * np.sin(2 * np.pi * share) / (2 * np.pi))[:, None]
    tangents = 0.45 * (np.roll(poses, -1, 0) - np.roll(poses, 1, 0))
    tangents[[0, -1]] = 0
    a, b, ma, mb = poses[i], poses[i + 1], tangents[i], tangents[i + 1]
    return (2 * t**3 - 3 * t**2 + 1) * a + (t**3 - 2 * t**2 + t) * ma + (3 * t**2 - 2 * t**3) * b + (t**3 - t**2) * mb


def _swing_wide(controls, beat, times, poses):
    """A hand that goes from over the head to the hip goes by the side, not through the shoulder."""
    i, share = segments(beat, times)
    for side in ("left", "right"):
        height = poses[:, COLUMN[f"{side}_hand_z"]]
        far = np.maximum(np.abs(np.diff(height)) - 0.7, 0)[i]  # arm lengths up or down, beyond what needs no room
        controls[:, COLUMN[f"{side}_hand_x"]] += 0.5 * far * np.sin(np.pi * share) ** 2


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


def _accents(controls, seconds, accents):
    """On an accent the arms are thrown open and the body drops."""
    target = key_pose(H=(0.95, 0.30, 0.85))
    for accent in accents:
        weight = 0.7 * np.exp(-(((seconds - accent) / 0.24) ** 2))
        hands = _COLUMNS["hand"]
        controls[:, hands] += weight[:, None] * (target[hands] - controls[:, hands])
        controls[:, COLUMN["pelvis_z"]] -= 0.05 * weight
        controls[:, COLUMN["chest_bend"]] -= np.radians(8) * weight


def _keep_hands_out(controls, wide=0.40, deep=0.34, head=0.36):
    """Push hands out of the trunk (an ellipse below the shoulders) and of the head (a ball); lengths in arms."""
    for side in ("left", "right"):
        columns = [COLUMN[f"{side}_hand_{a}"] for a in "xyz"]
        x, y, z = controls[:, columns].T
        low = np.clip((0.25 - z) / 0.3, 0, 1)
        inside = np.hypot(x / wide, (y - 0.02) / deep)
        push = 1 + low * (np.maximum(1 / np.maximum(inside, 0.15), 1) - 1)
        offset = np.stack([x, y - 0.08, z - 0.48], 1)
        away = np.linalg.norm(offset, axis=1, keepdims=True)
        off_head = offset * (np.maximum(head / np.maximum(away, 0.1), 1) - 1)
        controls[:, columns] = np.stack([x * push, 0.02 + (y - 0.02) * push, z], 1) + (1 - low)[:, None] * off_head


def _keep_in_the_picture(controls):
    """Arms reach less far where the dancer has travelled or leans to: all must fit into a narrow picture."""
    roll, lean = controls[:, COLUMN["pelvis_roll"]], controls[:, COLUMN["chest_lean"]]
    shoulders = controls[:, COLUMN["pelvis_x"]] + SPINE_LENGTH * np.sin(roll + 0.6 * lean)
    for side, sign in (("left", 1), ("right", -1)):
        column = COLUMN[f"{side}_hand_x"]
        over = ARM * controls[:, COLUMN[f"{side}_hand_z"]] * np.sin(roll + lean)
        room = (WIDEST - sign * (shoulders + over)) / ARM
        controls[:, column] = soft_minimum(controls[:, column], room, 0.1)


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
