"""Measures of a dance, each with its formula and source.

A number says nothing alone: give each beside the same measure of the true dance and of chance. Dances are poses
(T, 33, 2) in units of the picture at 30 frames a second; lengths are counted in torso lengths (the dance's median
distance from the middle of the shoulders to the middle of the hips), so that near and far dancers compare.

Notebook: 02_explore_mfcc_and_pose.ipynb
"""

from itertools import pairwise

import numpy as np
from scipy.ndimage import gaussian_filter1d, maximum_filter1d

from dancing_utils import FPS, InputError
from dancing_utils.motion.kinetics import in_torsos
from dancing_utils.pose.landmarks import FEET, HIPS, MAIN_JOINTS, to_pixels, torso_length
from dancing_utils.pose.smoothing import runs

SPEED_SMOOTHING = 5 / 60  # seconds: the Gaussian over the speed before its valleys are looked for
BEAT_TOLERANCE = 3 / 60  # seconds: how near a beat counts as on it, the s of beat alignment
FLOOR_HEIGHT = 0.08  # torso lengths above the foot's ground: lower is on the floor
SLIDE_SPEED = 0.35  # torso lengths a second: a foot on the floor that is faster slides
PHRASE, ALIKE = 4, 0.15  # beats; torso lengths: phrases that are nearer to each other are the same
FREEZE_SPEED = 0.2  # torso lengths a second: true dances (0.9 on average) are slower for a quarter second at most


def motion_beats(positions: np.ndarray, *, fps: float = FPS) -> np.ndarray:
    """Motion beats: times (n,) in seconds at which the body is slowest, local minima of its mean speed, smoothed.

    AI Choreographer (2021) calls them kinematic beats.

    Parameters
    ----------
    positions : (T, points, 2 or 3) in any unit of length, T >= 3; frames with NaN are bridged.
    """
    positions = np.asarray(positions, float)
    if positions.ndim != 3 or len(positions) < 3:
        raise InputError(f"positions of shape {positions.shape}: (T, points, 2 or 3) with at least 3 frames is needed")
    speed = np.linalg.norm(np.gradient(positions, axis=0), axis=-1)  # (T, points)
    speed = np.array([np.nanmean(row) if np.isfinite(row).any() else np.nan for row in speed])
    known = np.isfinite(speed)
    if not known.any():
        return np.zeros(0)
    speed = np.interp(np.arange(len(speed)), np.flatnonzero(known), speed[known])
    speed = gaussian_filter1d(speed, SPEED_SMOOTHING * fps)
    return (np.flatnonzero((speed[1:-1] < speed[:-2]) & (speed[1:-1] <= speed[2:])) + 1) / fps


def beat_alignment(times: np.ndarray, beats: np.ndarray) -> float:
    """How near each of ``times`` has one of ``beats``, 0 to 1: mean of exp(-d^2 / (2 s^2)), s = 50 ms.

    With music beats first it asks whether the dance answers every beat (Siyao et al., Bailando, 2022); with motion
    beats first, whether the dance moves to nothing else (Li et al., AI Choreographer, 2021). Unrelated regular motion
    scores 0.2 to 0.5: compare with another song's beats.

    Parameters
    ----------
    times, beats : (n,), (m,) seconds, in any order.

    Returns
    -------
    0 (no beat is near) to 1 (each has one at its very time); NaN without ``times``, 0 without ``beats``.

    Examples
    --------
    Two times, one on a beat and one 50 ms beside another:

    >>> round(beat_alignment([0.5, 1.05], beats=[0.5, 1.0, 1.5]), 3)
    0.803
    >>> round(beat_alignment([0.5, 1.0, 1.5], beats=[0.5, 1.05]), 3)  # nothing answers the beat at 1.5 s
    0.536
    """
    times, beats = np.asarray(times, float), np.asarray(beats, float)
    if not len(times):
        return float("nan")
    if not len(beats):
        return 0.0
    distance = np.abs(times[:, None] - beats).min(1)
    return float(np.exp(-(distance**2) / (2 * BEAT_TOLERANCE**2)).mean())


def chance_alignment(
    beats: list[np.ndarray], moved: np.ndarray, seconds: float, *, draws: int = 200, seed: int = 0
) -> np.ndarray:
    """Beat alignment of a dance with music it was not made for: (draws, 2), music to motion and motion to music.

    Parameters
    ----------
    beats : beat times (m,) in seconds of other songs; each draw takes a song, from a random time on.
    moved : motion beats (n,) in seconds of the dance, which is ``seconds`` long.
    """
    rng = np.random.default_rng(seed)
    result = np.empty((draws, 2))
    for row in result:
        other = beats[rng.integers(len(beats))]
        start = rng.uniform(0, max(other[-1] - seconds, 0))
        shifted = other[other >= start] - start + rng.uniform(0, np.median(np.diff(other)))
        shifted = shifted[shifted < seconds]
        row[:] = beat_alignment(shifted, moved), beat_alignment(moved, shifted)
    return result


def mean_speed(poses: np.ndarray) -> float:
    """Mean speed of the 12 main joints of poses (T, 33, 2), torso lengths a second; T >= 2."""
    return float(np.linalg.norm(_derivative(poses, 1), axis=-1).mean())


def jitter(poses: np.ndarray) -> float:
    """Mean size of the third derivative (jerk) of the 12 main joints, torso lengths a second cubed: shaking; T >= 4."""
    return float(np.linalg.norm(_derivative(poses, 3), axis=-1).mean())


def _derivative(poses: np.ndarray, order: int) -> np.ndarray:
    """Finite differences (T - order, 12, 2) of the main joints; an error if the dance is too short."""
    if len(poses) <= order:
        raise InputError(f"{len(poses)} frames are too few: more than {order} are needed")
    return np.diff(in_torsos(poses)[:, list(MAIN_JOINTS)], n=order, axis=0) * FPS**order


def longest_freeze(poses: np.ndarray) -> float:
    """The longest time in seconds for which the 12 main joints together are slower than 0.2 torso lengths a second."""
    speed = np.linalg.norm(_derivative(poses, 1), axis=-1).mean(1)  # (T - 1,)
    return max((stop - start for start, stop in runs(speed < FREEZE_SPEED)), default=0) / FPS


def foot_slide(poses: np.ndarray) -> float:
    """Share (0 to 1) of the frames with a foot on the floor in which that foot moves.

    In a picture the floor is where a foot is lowest within a second and a half either way; on the floor is less than
    0.08 torso lengths above that, and moving is faster than 0.35 torso lengths a second. NaN if no foot is ever down.
    """
    points = in_torsos(poses)
    if len(points) < 2:
        raise InputError(f"{len(points)} frame is too few: at least 2 are needed")
    down = moving = 0
    for pair in FEET:
        foot = points[:, pair].mean(1)  # (T, 2)
        ground = maximum_filter1d(foot[:, 1], 3 * FPS // 2 * 2 + 1)
        low = foot[1:, 1] > ground[1:] - FLOOR_HEIGHT  # y grows downward
        fast = np.linalg.norm(np.diff(foot, axis=0), axis=1) * FPS > SLIDE_SPEED
        down += low.sum()
        moving += (low & fast).sum()
    return float(moving / down) if down else float("nan")


def repetition(poses: np.ndarray, beats: np.ndarray) -> float:
    """Share (0 to 1) of the phrases of four beats that were danced before: 1 for a loop.

    Phrases are brought to one length. Two are the same if their 12 main joints, seen from the middle of the hips, are
    less than 0.15 torso lengths apart in the mean. NaN with fewer than two phrases.

    Parameters
    ----------
    poses : (T, 33, 2) in units of the picture.
    beats : (n,) seconds, rising; those after the dance's end are left out.
    """
    points = in_torsos(poses)
    points = (points - points[:, HIPS].mean(1, keepdims=True))[:, list(MAIN_JOINTS)]  # (T, 12, 2)
    ends = (np.asarray(beats)[::PHRASE] * FPS).astype(int)
    ends = ends[ends <= len(points)]
    phrases = [points[np.linspace(a, b - 1, 15 * PHRASE).round().astype(int)] for a, b in pairwise(ends) if b > a]
    if len(phrases) < 2:
        return float("nan")
    nearest = [
        min(np.linalg.norm(phrase - earlier, axis=-1).mean() for earlier in phrases[:k])
        for k, phrase in enumerate(phrases)
        if k
    ]
    return float(np.mean(np.array(nearest) < ALIKE))


def pose_error(poses: np.ndarray, true_poses: np.ndarray, *, joints=MAIN_JOINTS) -> np.ndarray:
    """Distance of each joint from the truth, torso lengths of the truth's frame: (T, joints)."""
    if np.shape(poses) != np.shape(true_poses):
        raise InputError(f"poses {np.shape(poses)} and true poses {np.shape(true_poses)} differ in shape")
    distance = np.linalg.norm(to_pixels(poses) - to_pixels(true_poses), axis=-1)[:, list(joints)]
    return distance / torso_length(true_poses)[:, None]


def pck(poses: np.ndarray, true_poses: np.ndarray, *, threshold: float = 0.2, joints=MAIN_JOINTS) -> float:
    """Percentage of correct keypoints, 0 to 1: joints within ``threshold`` torso lengths of the truth.

    Yang and Ramanan, Articulated human detection with flexible mixtures of parts, 2013. Joints with NaN are left out.

    Parameters
    ----------
    poses, true_poses : (T, 33, 2) in units of the picture.
    threshold : torso lengths of the truth's frame; 0.2 is PCK@0.2.
    joints : the landmarks that are counted.

    Raises
    ------
    InputError
        If the two differ in shape.

    Examples
    --------
    >>> true = np.zeros((1, 33, 2))
    >>> true[:, [23, 24]] = 0, 0.25  # hips 160 pixels under the shoulders: the torso's length
    >>> poses = true.copy()
    >>> poses[:, 15] = 0.1, 0  # the left wrist 36 pixels beside the truth: 0.225 torso lengths
    >>> round(pck(poses, true), 3)  # 11 of 12 joints
    0.917
    >>> pck(poses, true, threshold=0.25)
    1.0
    """
    error = pose_error(poses, true_poses, joints=joints)
    return float((error[np.isfinite(error)] < threshold).mean())
