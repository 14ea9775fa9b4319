"""Facts of a film from what its sampled pictures show: who is in it, how much of her, how lit, in which poses.

Nothing here reads a file: ``follow`` finds the same person throughout the observations, ``measure`` the facts. Shares
are 0 to 1.

Notebook: 01_extract_data.ipynb
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.optimize import linear_sum_assignment

from dancing_utils import InputError
from dancing_utils.data.film_observation import Observation, Person
from dancing_utils.pose.landmarks import INDEX, MAIN_JOINTS, to_pixels

PARTS = {
    "head": ("nose", "left_ear", "right_ear"),
    "hands": ("left_wrist", "right_wrist", "left_index", "right_index"),
    "hips": ("left_hip", "right_hip"),
    "legs": ("left_knee", "right_knee"),
    "feet": ("left_ankle", "right_ankle", "left_foot_index", "right_foot_index"),
}
SHOULDERS = ("left_shoulder", "right_shoulder")
SEEN = 0.5  # visibility from which a landmark counts
OTHER = 1.1  # cost from which two people are not the same: 1 for a body's height apart, 1 for 40 levels of colour
DIFFERENT = 0.15  # torso lengths that the main joints are apart, in the mean, in two different poses


@dataclass(frozen=True)
class FilmFile:
    """What the file itself says."""

    path: Path
    seconds: float
    width: int  # as shown
    height: int
    fps: float
    interlaced: bool = False
    hdr: bool = False
    whole_until: float | None = None  # seconds; None where the film is whole


@dataclass(frozen=True)
class FilmFacts:
    """What the pictures show, all of it in the scene that is used."""

    n_pictures: int  # sampled
    scene: tuple[float, float]  # seconds
    n_scenes: int
    seen: float  # share of the pictures with the person that is followed
    seconds_seen: float
    longest_run: int  # pictures with the person, one after the other
    taken_for: float  # share of the pictures in which something was taken for a person, believed or not
    others: float  # share of the pictures with somebody else in them
    place: tuple[float, float]  # of the person where she is first seen, in units of the picture, as ``at`` takes it
    cut_off: dict[str, float]  # share of the person's pictures in which a part is outside
    lean: float  # degrees from upright, 0 to 180, in the median
    camera: str  # still, moving, or unknown where nothing tells
    light: float  # of the person, 0 to 255, in the median
    behind: float  # light of what is behind, 0 to 255
    glare: float  # share of the person that is overexposed
    sharpness: float  # 0 to 1
    pixels: float  # rows of the film's own pictures that the person takes, in the median
    n_poses: int  # different ones
    missing: tuple[str, ...]  # what was never seen, in words
    damaged: float  # share of the pictures


# --- who is followed -----------------------------------------------------------------------------------------------


def is_believed(person: Person) -> bool:
    """Does this look like a person, and not like a bird that was taken for one?

    A person's joints are seen or outside the picture, and the bones lie on the mask.
    """
    inside = ((person.landmarks >= 0) & (person.landmarks <= 1)).all(1)
    joints = [joint for joint in MAIN_JOINTS if inside[joint]]
    return len(joints) >= 4 and person.visibility[joints].mean() > 0.5 and person.fit > 0.75


def follow(
    observations: list[Observation], *, at: tuple[float, float] | None = None, known: np.ndarray | None = None
) -> list[Person | None]:
    """The same person in each observation: the largest one over all, or the one nearest to ``at`` at the beginning.

    Whoever is nearest to where somebody stood before, in clothes of the same colour, is the same.

    Parameters
    ----------
    at : (x, y) in units of the picture, 0 to 1, in the first picture with somebody in it.
    known : (n, 3) seconds, x and y in units of the picture: where she was seen before. It goes before ``at``; where
        nobody is near any of these places, nobody is followed.
    """
    check_place(at)
    tracks = _tracks(observations)
    if known is not None:
        times = np.array([one.time for one in observations])
        tracks = [track for track in tracks if _apart(track, known, times) < 1]
    if not tracks:
        return [None] * len(observations)
    if known is not None:
        chosen = min(tracks, key=lambda track: _apart(track, known, times))
    elif at is None:
        chosen = max(tracks, key=lambda track: sum(_height(person) for person in track.values()))
    else:
        first = min(min(track) for track in tracks)
        here = [track for track in tracks if first in track]
        chosen = min(here, key=lambda track: np.linalg.norm(middle_of(track[first]) - at))
    return [chosen.get(k) for k in range(len(observations))]


def check_place(at: tuple[float, float] | None) -> None:
    """Raise InputError where ``at`` is no place in a picture."""
    if at is not None and not (np.shape(at) == (2,) and 0 <= min(at) <= max(at) <= 1):
        raise InputError(f"at={at} must be two numbers from 0 to 1: from left to right, from top to bottom")


def _tracks(observations: list[Observation]) -> list[dict[int, Person]]:
    """People by the number of the observation, each in one dictionary."""
    tracks: list[dict[int, Person]] = []
    for k, observation in enumerate(observations):
        people = [person for person in observation.people if is_believed(person)]
        last = [track[max(track)] for track in tracks]
        costs = np.zeros((len(last), len(people)))
        for i, j in np.ndindex(costs.shape):
            costs[i, j] = _cost(last[i], people[j])
        same = {j: i for i, j in zip(*linear_sum_assignment(costs), strict=True) if costs[i, j] < OTHER}
        for j, person in enumerate(people):
            if j not in same:
                tracks.append({})
            tracks[same.get(j, -1)][k] = person
    return tracks


def _apart(track: dict[int, Person], known: np.ndarray, times: np.ndarray) -> float:
    """How far a track is from known places (n, 3), in the mean: 0 at them, 1 half a body's height away, or absent."""
    nearest = np.abs(known[:, :1] - times).argmin(1)  # (n,) numbers of observations
    apart = [np.linalg.norm(middle_of(track[k]) - place) / max(_height(track[k]) / 2, 1e-3) if k in track else 1.0
             for k, place in zip(nearest, known[:, 1:], strict=True)]  # fmt: skip
    return float(np.minimum(apart, 1.0).mean())


def _cost(before: Person, person: Person) -> float:
    apart = np.linalg.norm(middle_of(before) - middle_of(person)) / max(_height(before), 1e-3)
    lightness, a, b = np.subtract(before.colour, person.colour)  # who bends down is in her own shadow: it counts half
    return min(apart, 1.0) + min(np.linalg.norm((lightness / 2, a, b)) / 40, 1.0)


def middle_of(person: Person) -> np.ndarray:
    """Of a person's box (2,), x and y in units of the picture."""
    left, top, right, bottom = person.box
    return np.array([left + right, top + bottom]) / 2


def _height(person: Person) -> float:
    return person.box[3] - person.box[1]


# --- facts ---------------------------------------------------------------------------------------------------------


def find_scenes(observations: list[Observation]) -> list[range]:
    """The observations' numbers from cut to cut."""
    cuts = [k for k, observation in enumerate(observations) if k and not observation.link.same_scene]
    return [range(a, b) for a, b in zip([0, *cuts], [*cuts, len(observations)], strict=True)]


def measure(file: FilmFile, observations: list[Observation], followed: list[Person | None]) -> FilmFacts:
    """The facts of the scene in which the person is seen longest."""
    scenes = find_scenes(observations)
    used = max(scenes, key=lambda scene: (sum(followed[k] is not None for k in scene), len(scene)))
    scene, inside = [observations[k] for k in used], [followed[k] for k in used]
    people = [person for person in inside if person is not None]
    until = file.whole_until or file.seconds
    start = scene[0].time if scene and used.start else 0.0
    stop = scene[-1].time if scene and used.stop < len(observations) else max(until, start)
    poses = _comparable(people, file)
    seen = len(people) / max(1, len(scene))
    return FilmFacts(
        n_pictures=len(observations), scene=(start, stop), n_scenes=len(scenes), seen=seen,
        seconds_seen=seen * (stop - start), longest_run=_longest_run(inside),
        taken_for=_mean([bool(one.people) for one in scene]),
        place=tuple(middle_of(people[0]).tolist()) if people else (0.5, 0.5),
        others=_mean([_is_other_there(*pair) for pair in zip(scene, inside, strict=True)]), cut_off=_cut_off(people),
        lean=_median([_lean(pose) for pose in poses]), camera=_camera([one.link.shift for one in scene[1:]]),
        light=_median([one.light for one in people]), behind=_median([one.light for one in scene]),
        glare=_median([one.glare for one in people]), sharpness=_median([one.sharpness for one in people]),
        pixels=_median([_height(one) for one in people]) * file.height, n_poses=_count_poses(poses),
        missing=_missing(poses, people), damaged=_mean([one.damaged for one in observations]),
    )  # fmt: skip


def _mean(values: list) -> float:
    return float(np.mean(values)) if len(values) else 0.0


def _median(values: list) -> float:
    return float(np.median(values)) if len(values) else 0.0


def _longest_run(inside: list[Person | None]) -> int:
    best = run = 0
    for person in inside:
        run = run + 1 if person is not None else 0
        best = max(best, run)
    return best


def _indices(names: tuple[str, ...]) -> list[int]:
    return [INDEX[name] for name in names]


def _is_other_there(observation: Observation, followed: Person | None) -> bool:
    return any(is_believed(person) and person is not followed for person in observation.people)


def _cut_off(people: list[Person]) -> dict[str, float]:
    """Share of the pictures in which something of a part lies outside; parts that never do are left out."""
    shares = {}
    for part, names in PARTS.items():
        share = _mean([_is_outside(person, names) for person in people])
        if share > 0:
            shares[part] = share
    return shares


def _is_outside(person: Person, names: tuple[str, ...]) -> bool:
    points = person.landmarks[_indices(names)]
    return bool(((points < 0) | (points > 1)).any())


def _camera(shifts: list[float]) -> str:
    """Still, if it moves by less than half a hundredth of the picture from sample to sample; one knock is forgiven."""
    known = np.array(shifts)[np.isfinite(shifts)] if shifts else np.zeros(0)
    if len(known) < max(1, 0.2 * len(shifts)):
        return "unknown"
    return "still" if np.percentile(known, 90) < 0.005 else "moving"


def _comparable(people: list[Person], file: FilmFile) -> np.ndarray:
    """Poses (n, 33, 2) with the middle of the hips at 0, in torso lengths, x to the right and y down."""
    if not people:
        return np.zeros((0, 33, 2))
    pixels = to_pixels(np.stack([one.landmarks for one in people]), height=file.height, width=file.width)
    hips = pixels[:, _indices(PARTS["hips"])].mean(1, keepdims=True)  # (n, 1, 2)
    torso = np.linalg.norm(pixels[:, _indices(SHOULDERS)].mean(1) - hips[:, 0], axis=-1)  # (n,)
    torso = np.maximum(torso, max(0.6 * np.median(torso), 1e-3))  # who bends down is not larger
    return (pixels - hips) / torso[:, None, None]


def _lean(pose: np.ndarray) -> float:
    """Degrees between the trunk of a pose (33, 2) and upright."""
    x, y = pose[_indices(SHOULDERS)].mean(0)
    return float(abs(np.degrees(np.arctan2(x, -y))))


def _count_poses(poses: np.ndarray) -> int:
    """How many poses (n, 33, 2) one can pick so that each two of them differ."""
    picked: list[np.ndarray] = []
    for pose in poses[:, list(MAIN_JOINTS)]:
        if all(np.linalg.norm(pose - other, axis=-1).mean() > DIFFERENT for other in picked):
            picked.append(pose)
    return len(picked)


def _missing(poses: np.ndarray, people: list[Person]) -> tuple[str, ...]:
    """What a dancer does and this one never did, in words; joints that are not seen show nothing.

    One picture may be a mistake of the detector, so that two must show a thing.
    """
    if not people:
        return ()
    seen = np.stack([one.visibility for one in people]) > SEEN  # (n, 33)
    inside = np.stack([((one.landmarks >= 0) & (one.landmarks <= 1)).all(1) for one in people])
    joint = {name: np.where((seen & inside)[:, k, None], poses[:, k], np.nan) for name, k in INDEX.items()}
    wrists, ankles = ([joint[f"{side}_{part}"] for side in ("left", "right")] for part in ("wrist", "ankle"))
    shoulders = [joint[name] for name in SHOULDERS]
    head = joint["nose"][:, 1] - 0.35  # the top of it
    facing = shoulders[0][:, 0] - shoulders[1][:, 0]  # > 0: her left is on our right, so she faces us
    width = np.abs(facing)
    legs = np.nanmax(np.stack([ankle[:, 1] for ankle in ankles] + [np.zeros(len(poses))]), axis=0)
    outside = [abs(w[:, 0] - s[:, 0]) > 0.75 for w, s in zip(wrists, shoulders, strict=True)]
    level = [abs(w[:, 1] - s[:, 1]) < 0.5 for w, s in zip(wrists, shoulders, strict=True)]
    done = {
        "arms never above the head": (wrists[0][:, 1] < head) | (wrists[1][:, 1] < head),
        "arms never stretched out to the sides": (outside[0] & level[0]) | (outside[1] & level[1]),
        "arms never hanging down": (wrists[0][:, 1] > -0.15) | (wrists[1][:, 1] > -0.15),
        "never seen from the side": width < 0.45 * np.nanmax(width, initial=0.6),
        "never seen from behind": facing < -0.25,
        "knees never bent": (legs > 0) & (legs < 0.87 * np.percentile(legs, 95)),
        "no foot ever lifted": abs(ankles[0][:, 1] - ankles[1][:, 1]) > 0.4,
    }
    return tuple(words for words, when in done.items() if when.sum() < 2)
