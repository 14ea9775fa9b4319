"""Poses as the song model dances them: 33 landmarks relative to the middle of the hips, that middle, and limbs' depth.

A pose vector has 68 numbers, in pixels / 100, and with depth 8 more, in metres: how far the left and right elbow and
wrist lie behind the middle of the shoulders, and knee and ankle behind that of the hips. So whoever paints knows
which arm is before the trunk.

Notebook: 04_better_motion.ipynb
"""

import numpy as np

from dancing_utils.pose.landmarks import FEET, HANDS, HIPS, INDEX, N_LANDMARKS, SHOULDERS, to_pixels, to_units

N_FLAT = 2 * N_LANDMARKS + 2
ARMS, LEGS = (
    [INDEX[f"{side}_{joint}"] for joint in joints for side in ("left", "right")]
    for joints in (("elbow", "wrist"), ("knee", "ankle"))
)
HANG_ON = ((ARMS, SHOULDERS), (LEGS, HIPS))
N_DEPTH = len(ARMS) + len(LEGS)
N_POSE = N_FLAT + N_DEPTH


def poses_to_vectors(poses: np.ndarray, depth: np.ndarray | None = None) -> np.ndarray:
    """Poses (T, 33, 2) in units of the picture -> (T, 68), or with their depth (T, 33) in metres -> (T, 76)."""
    pixels = to_pixels(poses) / 100  # (T, 33, 2)
    hips = pixels[:, HIPS].mean(1)  # (T, 2)
    parts = [(pixels - hips[:, None]).reshape(len(pixels), -1), hips]
    if depth is not None:
        parts += [depth[:, limbs] - depth[:, trunk].mean(1, keepdims=True) for limbs, trunk in HANG_ON]
    return np.concatenate(parts, 1).astype(np.float32)


def vectors_to_poses(vectors: np.ndarray) -> np.ndarray:
    """The inverse of ``poses_to_vectors``: (T, 68 or 76) -> (T, 33, 2)."""
    relative = vectors[:, : 2 * N_LANDMARKS].reshape(-1, N_LANDMARKS, 2)
    return to_units((relative + vectors[:, None, 2 * N_LANDMARKS : N_FLAT]) * 100)


def vectors_to_depth(vectors: np.ndarray) -> np.ndarray | None:
    """Depth (T, 33) against the trunk, metres: 0 for trunk and head, hands and feet as wrists and ankles.

    None for vectors without it, (T, 68).
    """
    if vectors.shape[1] == N_FLAT:
        return None
    depth = np.zeros((len(vectors), N_LANDMARKS), np.float32)
    depth[:, ARMS + LEGS] = vectors[:, N_FLAT:]
    for side, joint in enumerate(HANDS):
        depth[:, joint] = depth[:, [ARMS[2 + side]]]
    for side, joint in enumerate(FEET):
        depth[:, joint] = depth[:, [LEGS[2 + side]]]
    return depth
