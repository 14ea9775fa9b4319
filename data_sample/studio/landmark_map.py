"""From the rig's points to the 33 landmarks as MediaPipe would place them: linear maps, fitted on rendered clips.

MediaPipe's hips, ears and fingers are not the rig's; they differ by a steady offset that turns with the body. Each
landmark is therefore a weighted sum of the rig's points, weights that sum to 1, the same for x and y, found by ridge
regression in pixels. So the map holds for any camera and place, and gives a dance that was never rendered landmarks
as if it had been filmed. Depth (the z of MediaPipe's world landmarks: metres behind the middle of the hips) has
weights of its own. ``landmark_map.npz`` holds both.
"""

from pathlib import Path

import numpy as np

from dancing_utils.evaluation import truth
from dancing_utils.files import write_npz
from dancing_utils.pose.landmarks import to_pixels

PATH = Path(__file__).parent / "landmark_map.npz"
RIDGE = 300.0  # pixels squared
DEPTH_RIDGE = RIDGE / 200**2  # the same in metres: 200 pixels are about a metre


def fit(points: np.ndarray, landmarks: np.ndarray) -> np.ndarray:
    """Weights (33, K) that give MediaPipe's ``landmarks`` (T, 33, 2) from the rig's ``points`` (T, K, 2).

    Both in units of the picture; frames with a landmark that is NaN are left out.
    """
    seen = np.isfinite(landmarks).all((1, 2))
    points, landmarks = to_pixels(points[seen]), to_pixels(landmarks[seen])
    origin = points.mean(1, keepdims=True)
    x = np.concatenate([*(points - origin).transpose(2, 0, 1)])  # (2 T, K)
    y = np.concatenate([*(landmarks - origin).transpose(2, 0, 1)])  # (2 T, 33)
    weights = _ridge(x, y, RIDGE)
    return weights - weights.mean(1, keepdims=True) + 1 / weights.shape[1]  # sums to 1; the origin is the mean


def fit_depth(depth: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """Weights (33, K) that give MediaPipe's depth ``seen`` (T, 33) from the rig's ``depth`` (T, K); NaN is left out."""
    known = np.isfinite(seen).all(1)
    return _ridge(depth[known], seen[known], DEPTH_RIDGE)


def _ridge(x, y, strength) -> np.ndarray:
    return np.linalg.solve(x.T @ x + strength * np.eye(x.shape[1]), x.T @ y).T


apply = truth.apply_map  # points (T, K, 2), weights (33, K) -> landmarks (T, 33, 2)


def load(names, *, key: str = "weights") -> np.ndarray:
    """The fitted weights (33, K) for points in the order of ``names``; InputError if a name is not in the map."""
    return truth.load_map(PATH, names, key=key)


def save(weights: np.ndarray, depth_weights: np.ndarray, names) -> None:
    write_npz(PATH, {"weights": weights.astype("f4"), "depth_weights": depth_weights.astype("f4"),
                     "point_names": np.array(names)})  # fmt: skip


def look(video: Path) -> tuple[np.ndarray, np.ndarray]:
    """What MediaPipe sees in each frame of a video: landmarks (T, 33, 2) and depth (T, 33), NaN where nobody is."""
    from dancing_utils.data.media import read_frames
    from dancing_utils.mp import BaseOptions, mp, vision
    from dancing_utils.pose.model_file import find_model
    from dancing_utils.stderr import native_stderr_hidden

    options = vision.PoseLandmarkerOptions(base_options=BaseOptions(model_asset_buffer=find_model().read_bytes()))
    rows = []
    with native_stderr_hidden(), vision.PoseLandmarker.create_from_options(options) as landmarker:
        for frame in read_frames(video):
            found = landmarker.detect(mp.Image(image_format=mp.ImageFormat.SRGB, data=np.ascontiguousarray(frame)))
            points = zip(*found.pose_landmarks, *found.pose_world_landmarks, strict=True)
            rows.append([(flat.x, flat.y, solid.z) for flat, solid in points] or np.full((33, 3), np.nan))
    seen = np.array(rows, np.float32)
    return seen[..., :2], seen[..., 2]
