"""How a dancer moves, in figures that were also measured on motion capture of real dancers, to lay side by side.

``REAL`` holds a salsa couple (CMU Graphics Lab Motion Capture Database, subjects 60 and 61, 28 takes; a couple
travels, turns and keeps its elbows bent in the hold) and one solo take (Rokoko, among AnimatedDrawings' examples).
"""

import numpy as np

FPS = 30
REAL = {  # figure: (man, woman, solo)
    "pelvis up and down (cm)": ("5.7", "5.0", "17.7"),
    "pelvis tilt (degrees)": ("11", "23", "25"),
    "shoulder tilt (degrees)": ("13", "13", "22"),
    "twist of chest against pelvis (degrees)": ("31", "31", "20"),
    "lean of the spine (degrees)": ("8", "9", "19"),
    "knee flexion, 5 / 50 / 95 % (degrees)": ("19 / 41 / 77", "32 / 46 / 77", "15 / 56 / 115"),
    "elbow flexion, 5 / 50 / 95 % (degrees)": ("50 / 101 / 133", "48 / 102 / 139", "15 / 48 / 85"),
    "wrist speed, 50 / 99 % (m/s)": ("1.2 / 3.4", "1.4 / 4.6", "1.3 / 3.0"),
    "time nearly still (%)": ("6", "10", "9"),
    "foot travel while planted, median (cm)": ("1.2", "1.2", ""),
    "contact of a foot, median (s)": ("0.28", "0.28", ""),
}
_SPEED_POINTS = ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")


def measure(points: np.ndarray, names, contact: np.ndarray, sliding: np.ndarray) -> dict[str, str]:
    """The figures of one dance, as text under the keys of ``REAL``.

    Parameters
    ----------
    points : (T, K, 3) metres, z up; names : the K names; contact, sliding : (T, 2) bool, left and right foot.
    """
    at = {name: points[:, i] for i, name in enumerate(names)}
    hips, shoulders = (at[f"left_{p}"] - at[f"right_{p}"] for p in ("hip", "shoulder"))  # (T, 3), to the left
    spine = 0.5 * (at["left_shoulder"] + at["right_shoulder"] - at["left_hip"] - at["right_hip"])
    twist = heading(shoulders) - heading(hips)
    knees = np.concatenate([flexion(at, side, "hip", "knee", "ankle") for side in ("left", "right")])
    elbows = np.concatenate([flexion(at, side, "shoulder", "elbow", "wrist") for side in ("left", "right")])
    speed = {n: np.linalg.norm(np.gradient(at[n], axis=0), axis=1) * FPS for n in at}
    wrists = np.concatenate([speed["left_wrist"], speed["right_wrist"]])
    mean = np.mean([speed[f"{side}_{p}"] for side in ("left", "right") for p in _SPEED_POINTS], axis=0)
    pelvis = 0.5 * (at["left_hip"] + at["right_hip"])[:, 2]
    lean = np.degrees(np.arctan2(np.linalg.norm(spine[:, :2], axis=1), spine[:, 2]))
    values = (
        f"{_range(pelvis) * 100:.1f}", f"{_range(_tilt(hips)):.0f}", f"{_range(_tilt(shoulders)):.0f}",
        f"{_range(np.degrees((twist + np.pi) % (2 * np.pi) - np.pi)):.0f}", f"{_range(lean):.0f}",
        _percentiles(knees), _percentiles(elbows),
        f"{np.median(wrists):.1f} / {np.percentile(wrists, 99):.1f}", f"{100 * (mean < mean.mean() / 4).mean():.0f}",
        f"{np.median(planted_travel(points, names, contact, sliding)) * 100:.1f}",
        f"{np.median([len(run) for run in _runs(contact, sliding)]) / FPS:.2f}",
    )  # fmt: skip
    return dict(zip(REAL, values, strict=True))


def planted_travel(points, names, contact, sliding) -> np.ndarray:
    """How far the ball of the foot travels in each contact that is not meant to slide: (n_contacts,) metres."""
    balls = [np.mean([points[:, names.index(f"{side}_{toe}_toe")] for toe in ("big", "small")], 0)
             for side in ("left", "right")]  # fmt: skip
    feet = [0] * len(_runs(contact[:, :1], sliding[:, :1])) + [1] * len(_runs(contact[:, 1:], sliding[:, 1:]))
    return np.array([np.linalg.norm(np.ptp(balls[f][run], axis=0)) for f, run in
                     zip(feet, _runs(contact, sliding), strict=True)])  # fmt: skip


def _runs(contact, sliding) -> list[np.ndarray]:
    """Frames of each unbroken contact, first of the left foot, then of the right."""
    runs = []
    for still in (contact & ~sliding).T:
        frames = np.flatnonzero(still)
        runs += [run for run in np.split(frames, np.flatnonzero(np.diff(frames) > 1) + 1) if len(run)]
    return runs


def flexion(at, side, *joints) -> np.ndarray:
    """Degrees from straight (0) at the middle joint."""
    a, b, c = (at[f"{side}_{joint}"] for joint in joints)
    cosine = ((b - a) * (c - b)).sum(1) / np.linalg.norm(b - a, axis=1) / np.linalg.norm(c - b, axis=1)
    return np.degrees(np.arccos(np.clip(cosine, -1, 1)))


def heading(across) -> np.ndarray:
    return np.arctan2(across[:, 1], across[:, 0])


def _tilt(across) -> np.ndarray:
    return np.degrees(np.arctan2(across[:, 2], np.linalg.norm(across[:, :2], axis=1)))


def _range(values) -> float:
    return float(np.diff(np.percentile(values, [5, 95]))[0])


def _percentiles(values) -> str:
    return " / ".join(f"{v:.0f}" for v in np.percentile(values, [5, 50, 95]))
