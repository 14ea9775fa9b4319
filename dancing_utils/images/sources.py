"""Which key frame each part of a pose is taken from.

A source costs what its pose differs by, and more if it is blurred, hidden, stretched, or not the one of the picture
before: so nothing flickers.

Notebook: 07a_new_pose.ipynb
"""

import numpy as np

from dancing_utils.images.body_parts import MIRRORED, NUMBER, OPPOSITE, PARTS, TOUCHES, Figure, bone_lengths
from dancing_utils.images.key_frames import normalise

FACE = 10  # how much more a head's landmarks count, which lie close together: they tell where it looks
WHOLE_POSE, UNCLEAR, MIRROR, STRETCHED = 0.15, 0.25, 0.12, 0.3  # costs, in trunk lengths of difference
SAME_AS_NEIGHBOUR, SAME_AS_BEFORE = 0.04, 0.06  # what a source saves
MOST_AROUND = max(len(part.context) for part in PARTS)
CONTEXT = np.array([(part.context * MOST_AROUND)[:MOST_AROUND] for part in PARTS])  # (15, 9), filled up with repeats
CONTEXT_WEIGHTS = np.array([[k < len(part.context) for k in range(MOST_AROUND)] for part in PARTS], float)
CONTEXT_WEIGHTS /= CONTEXT_WEIGHTS.sum(1, keepdims=True)
CONTEXT_WEIGHTS[NUMBER["head"]] *= FACE


def _around(normed: np.ndarray) -> np.ndarray:
    """Where the landmarks around each part lie from the middle of its first two: poses (n, 33, 2) -> (n, 15, 9, 2)."""
    points = normed[:, CONTEXT]
    return points - points[:, :, :2].mean(2, keepdims=True)


def _distance(shifts: np.ndarray) -> np.ndarray:
    """Lengths of vectors (..., 2), faster than by numpy.linalg.norm."""
    return np.sqrt(np.einsum("...i,...i->...", shifts, shifts))


class Sources:
    """Which key frame each part is taken from. K frames give 2 K: each also in a mirror, its left for a right."""

    def __init__(self, poses: np.ndarray, figure: Figure, clear: np.ndarray):
        """``poses`` : (K, 33, 2) in pixels; ``clear`` : (K, 15), 0 to 1, NaN where there is no such part."""
        self.figure, self.n = figure, len(poses)
        both = np.concatenate([poses, poses[:, MIRRORED] * [-1, 1]])
        self.normed = normalise(both, figure)  # (2 K, 33, 2)
        self.lengths = bone_lengths(self.normed)  # (2 K, 15)
        self.around = _around(self.normed)  # (2 K, 15, 9, 2)
        clear = np.concatenate([clear, clear[:, OPPOSITE]])  # (2 K, 15)
        mirror = np.repeat([0, MIRROR], self.n)[:, None]
        self.own_cost = np.where(np.isnan(clear), np.inf, UNCLEAR * (1 - np.nan_to_num(clear)) + mirror)
        self.before: list[int | None] = [None] * len(PARTS)

    def costs(self, pose: np.ndarray) -> np.ndarray:
        """What each source (2 K, 15) costs for the parts of a pose (33, 2), in lengths of the trunk."""
        normed = normalise(pose[None], self.figure)  # (1, 33, 2)
        whole = _distance(self.normed - normed).mean(1, keepdims=True)  # (2 K, 1)
        differs = (_distance(self.around - _around(normed)) * CONTEXT_WEIGHTS).sum(2)  # (2 K, 15)
        stretch = np.abs(np.log((bone_lengths(normed) + 0.05) / (self.lengths + 0.05)))  # (2 K, 15)
        return differs + WHOLE_POSE * whole + STRETCHED * stretch + self.own_cost

    def choose(self, pose: np.ndarray, *, left_out: np.ndarray | None = None) -> list[int | None]:
        """A number below 2 K for each part of a pose (33, 2) in pixels, or None where the part was never seen.

        ``left_out`` : (K,) bool, key frames that must not be used.
        """
        costs = self.costs(pose)
        if left_out is not None:
            costs[np.tile(left_out, 2)] = np.inf
        chosen: list[int | None] = []
        for i in range(len(PARTS)):
            cost = costs[:, i]
            if self.before[i] is not None:
                cost[self.before[i]] -= SAME_AS_BEFORE
            for j in np.flatnonzero(TOUCHES[i, :i]):
                if chosen[j] is not None:
                    cost[chosen[j]] -= SAME_AS_NEIGHBOUR
            chosen.append(int(cost.argmin()) if np.isfinite(cost).any() else None)
        self.before = chosen
        return chosen
