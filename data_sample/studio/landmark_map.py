"""From the rig's points to the 33 landmarks as MediaPipe would place them: a linear map, fitted on rendered clips.

MediaPipe's hips, ears and fingers are not the rig's; they differ by a steady offset that turns with the body. Each
landmark is therefore a weighted sum of the rig's points, weights that sum to 1, the same for x and y, found by ridge
regression in pixels. So the map holds for any camera and place, and gives a dance that was never rendered landmarks
as if it had been filmed. ``landmark_map.npz`` holds it.
"""

from pathlib import Path

import numpy as np

from dancing_utils.evaluation import truth
from dancing_utils.files import write_npz
from dancing_utils.pose.landmarks import to_pixels

PATH = Path(__file__).parent / "landmark_map.npz"
RIDGE = 300.0  # pixels squared


def fit(points: np.ndarray, landmarks: np.ndarray) -> np.ndarray:
    """Weights (33, K) that give MediaPipe's ``landmarks`` (T, 33, 2) from the rig's ``points`` (T, K, 2).

    Both in units of the picture; frames with a landmark that is NaN are left out.
    """
    seen = np.isfinite(landmarks).all((1, 2))
    points, landmarks = to_pixels(points[seen]), to_pixels(landmarks[seen])
    origin = points.mean(1, keepdims=True)
    x = np.concatenate([*(points - origin).transpose(2, 0, 1)])  # (2 T, K)
    y = np.concatenate([*(landmarks - origin).transpose(2, 0, 1)])  # (2 T, 33)
    weights = np.linalg.solve(x.T @ x + RIDGE * np.eye(x.shape[1]), x.T @ y).T  # (33, K)
    return weights - weights.mean(1, keepdims=True) + 1 / weights.shape[1]  # sums to 1; the origin is the mean


apply = truth.apply_map  # points (T, K, 2), weights (33, K) -> landmarks (T, 33, 2)


def load(names) -> np.ndarray:
    """The fitted weights (33, K) for points in the order of ``names``; InputError if a name is not in the map."""
    return truth.load_map(PATH, names)


def save(weights: np.ndarray, names) -> None:
    write_npz(PATH, {"weights": weights.astype("f4"), "point_names": np.array(names)})
