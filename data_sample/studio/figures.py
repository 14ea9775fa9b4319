"""How a dancer moves, in figures that were also measured on motion capture of real dancers, to lay side by side.

``REAL`` holds a salsa couple (CMU Graphics Lab Motion Capture Database, subjects 60 and 61, 28 takes; a couple
travels, turns and keeps its elbows bent in the hold) and one solo take (Rokoko, among AnimatedDrawings' examples).
Figures without a number there were not measured on them.
"""

import numpy as np

FPS = 30
REAL = {  # figure: (man, woman, solo)
    "pelvis up and down (cm)": ("5.7", "5.0", "17.7"),
    "hips from side to side (cm)": ("", "", ""),
    "pelvis tilt (degrees)": ("11", "23", "25"),
    "shoulder tilt (degrees)": ("13", "13", "22"),
    "twist of chest against pelvis (degrees)": ("31", "31", "20"),
    "lean of the spine (degrees)": ("8", "9", "19"),
    "knee flexion, 5 / 50 / 95 % (degrees)": ("19 / 41 / 77", "32 / 46 / 77", "15 / 56 / 115"),
    "elbow flexion, 5 / 50 / 95 % (degrees)": ("50 / 101 / 133", "48 / 102 / 139", "15 / 48 / 85"),
    "wrist speed, 50 / 99 % (m/s)": ("1.2 / 3.4", "1.4 / 4.6", "1.3 / 3.0"),
    "time nearly still (%)": ("6", "10", "9"),
    "both forearms before the chest (%)": ("", "", ""),
    "foot travel while planted, median / largest (cm)": ("1.2", "1.2", ""),
    "contact of a foot, median (s)": ("0.28", "0.28", ""),
    "beats with a step or a heel lift (%)": ("", "", ""),
    "largest joint speed (m/s)": ("", "", ""),
    "largest joint acceleration (m/s^2)": ("", "", ""),
    "frames with an elbow faster than 4.6 m/s (%)": ("", "", ""),
}
FASTEST_WRIST = 4.6  # m/s: 99 % of a real woman's wrist speeds are below
HEEL_LIFT = 0.02  # metres above where it stands: a heel that is up
_PARTS = ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")
JOINTS = tuple(f"{side}_{part}" for side in ("left", "right") for part in _PARTS)


def measure(points: np.ndarray, names, contact: np.ndarray, sliding: np.ndarray, beats: np.ndarray) -> dict:
    """The figures of one dance: for each key of ``REAL`` a tuple of numbers, as many as stand there.

    Parameters
    ----------
    points : (T, K, 3) metres, z up; names : the K names; contact, sliding : (T, 2) bool, left and right foot;
        beats : (n,) seconds.
    """
    at = {name: points[:, i] for i, name in enumerate(names)}
    hips, shoulders = (at[f"left_{p}"] - at[f"right_{p}"] for p in ("hip", "shoulder"))  # (T, 3), to the left
    spine = 0.5 * (at["left_shoulder"] + at["right_shoulder"] - at["left_hip"] - at["right_hip"])
    twist = heading(shoulders) - heading(hips)
    knees = np.concatenate([flexion(at, side, "hip", "knee", "ankle") for side in ("left", "right")])
    elbows = np.concatenate([flexion(at, side, "shoulder", "elbow", "wrist") for side in ("left", "right")])
    speed, acceleration = speeds(points, names)  # (T, joints)
    wrists, elbow_speed = (speed[:, [i for i, j in enumerate(JOINTS) if part in j]] for part in ("wrist", "elbow"))
    mean = speed.mean(1)
    pelvis = 0.5 * (at["left_hip"] + at["right_hip"])
    lean = np.degrees(np.arctan2(np.linalg.norm(spine[:, :2], axis=1), spine[:, 2]))
    travel = planted_travel(points, names, contact, sliding)
    values = (
        (_range(pelvis[:, 2]) * 100,), (_range(pelvis[:, 0]) * 100,), (_range(_tilt(hips)),),
        (_range(_tilt(shoulders)),), (_range(np.degrees((twist + np.pi) % (2 * np.pi) - np.pi)),), (_range(lean),),
        np.percentile(knees, [5, 50, 95]), np.percentile(elbows, [5, 50, 95]), np.percentile(wrists, [50, 99]),
        (100 * (mean < mean.mean() / 4).mean(),), (100 * arms_crossed(at).mean(),),
        (100 * np.median(travel), 100 * travel.max()),
        (np.median([len(run) for run in _runs(contact, sliding)]) / FPS,),
        (100 * stepped_beats(points, names, contact, beats).mean(),),
        (speed.max(),), (acceleration.max(),), (100 * (elbow_speed > FASTEST_WRIST).any(1).mean(),),
    )  # fmt: skip
    return dict(zip(REAL, values, strict=True))


def as_text(measured: list[dict]) -> dict[str, str]:
    """One or several dances' figures as text: the mean over the dances, of what is "largest" the largest."""
    texts = {}
    for figure in REAL:
        numbers = np.array([one[figure] for one in measured])
        mean = numbers.max(0) if figure.startswith("largest") else numbers.mean(0)
        if "largest (" in figure:
            mean[-1] = numbers[:, -1].max()
        digits = 2 if "(s)" in figure else 1 if any(unit in figure for unit in ("cm", "m/s)")) else 0
        texts[figure] = " / ".join(f"{value:.{digits}f}" for value in mean)
    return texts


def speeds(points: np.ndarray, names) -> tuple[np.ndarray, np.ndarray]:
    """Speed (T, 12) in m/s and size of the acceleration (T - 2, 12) in m/s^2 of ``JOINTS``, by differences."""
    joints = points[:, [list(names).index(joint) for joint in JOINTS]]
    speed = np.linalg.norm(np.gradient(joints, axis=0), axis=-1) * FPS
    return speed, np.linalg.norm(np.diff(joints, 2, axis=0), axis=-1) * FPS**2


def arms_crossed(at: dict) -> np.ndarray:
    """Frames (T,) in which both wrists are before the trunk, between shoulders and hips: arms that hide the chest."""
    middle = 0.5 * (at["left_shoulder"] + at["right_shoulder"])
    across = at["left_shoulder"] - at["right_shoulder"]
    half = 0.5 * np.linalg.norm(across, axis=1)
    hidden = []
    for side in ("left", "right"):
        wrist = at[f"{side}_wrist"] - middle
        aside = np.abs((wrist * across).sum(1)) / np.linalg.norm(across, axis=1)
        height = at[f"{side}_wrist"][:, 2]
        hidden.append((aside < half) & (height < middle[:, 2]) & (height > at[f"{side}_hip"][:, 2]))
    return hidden[0] & hidden[1]


def stepped_beats(points, names, contact, beats) -> np.ndarray:
    """For each beat (n - 1,) whether until the next one a foot is off the floor or a heel is lifted."""
    heels = np.stack([points[:, list(names).index(f"{side}_heel"), 2] for side in ("left", "right")], 1)
    active = (~contact | (heels > np.percentile(heels, 2, axis=0) + HEEL_LIFT)).any(1)
    edges = np.clip(np.round(np.asarray(beats) * FPS).astype(int), 0, len(points))
    return np.array([active[a:b].any() for a, b in zip(edges[:-1], edges[1:], strict=True)])


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
