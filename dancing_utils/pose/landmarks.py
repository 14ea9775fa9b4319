"""The 33 pose landmarks: names, connections, left and right, units, speeds.

A pose is an array (33, 2): x to the right and y down, in units of the picture's width and height, so a point
inside the picture lies between 0 and 1. The two units differ (360 and 640 pixels), so lengths, angles and speeds
are always taken in pixels: ``to_pixels`` first. "Left" is the dancer's own left. Arrays may have any leading
axes, (..., 33, 2). Source of names and order: MediaPipe Pose Landmarker.

Notebook: 01_extract_data.ipynb
"""

import numpy as np

from dancing_utils import FPS, HEIGHT, WIDTH

LANDMARK_NAMES = (
    "nose", "left_eye_inner", "left_eye", "left_eye_outer", "right_eye_inner", "right_eye", "right_eye_outer",
    "left_ear", "right_ear", "mouth_left", "mouth_right", "left_shoulder", "right_shoulder", "left_elbow",
    "right_elbow", "left_wrist", "right_wrist", "left_pinky", "right_pinky", "left_index", "right_index",
    "left_thumb", "right_thumb", "left_hip", "right_hip", "left_knee", "right_knee", "left_ankle", "right_ankle",
    "left_heel", "right_heel", "left_foot_index", "right_foot_index",
)  # fmt: skip
N_LANDMARKS = len(LANDMARK_NAMES)
INDEX = {name: i for i, name in enumerate(LANDMARK_NAMES)}
FACE = tuple(range(11))  # nose, eyes, ears, mouth
SHOULDERS, HIPS = ([INDEX[f"left_{joint}"], INDEX[f"right_{joint}"]] for joint in ("shoulder", "hip"))
HANDS = tuple(  # left and right
    [INDEX[f"{side}_{part}"] for part in ("wrist", "pinky", "index", "thumb")] for side in ("left", "right")
)
FEET = tuple([INDEX[f"{side}_heel"], INDEX[f"{side}_foot_index"]] for side in ("left", "right"))

CONNECTIONS = (
    (0, 1), (1, 2), (2, 3), (3, 7), (0, 4), (4, 5), (5, 6), (6, 8), (9, 10),  # face
    (11, 12), (11, 23), (12, 24), (23, 24),  # trunk
    (11, 13), (13, 15), (15, 17), (15, 19), (15, 21), (17, 19),  # left arm and hand
    (12, 14), (14, 16), (16, 18), (16, 20), (16, 22), (18, 20),  # right arm and hand
    (23, 25), (25, 27), (27, 29), (27, 31), (29, 31),  # left leg and foot
    (24, 26), (26, 28), (28, 30), (28, 32), (30, 32),  # right leg and foot
)  # fmt: skip

LEFT_RIGHT_PAIRS = tuple(
    (i, LANDMARK_NAMES.index(name.replace("left", "right"))) for i, name in enumerate(LANDMARK_NAMES) if "left" in name
)
MIRRORED = np.arange(N_LANDMARKS)  # each landmark's other side
for _left, _right in LEFT_RIGHT_PAIRS:
    MIRRORED[[_left, _right]] = _right, _left
# Both sides of shoulder, elbow, wrist, hip, knee and ankle: the joints that metrics are taken over.
MAIN_JOINTS = (11, 12, 13, 14, 15, 16, 23, 24, 25, 26, 27, 28)


# Limbs from the trunk outward: (nearer, farther) landmark.
LIMBS = (
    (11, 13), (13, 15), (15, 17), (15, 19), (15, 21), (12, 14), (14, 16), (16, 18), (16, 20), (16, 22),
    (23, 25), (25, 27), (27, 29), (27, 31), (24, 26), (26, 28), (28, 30), (28, 32),
)  # fmt: skip


def to_pixels(poses: np.ndarray, *, height: int = HEIGHT, width: int = WIDTH) -> np.ndarray:
    """Poses (..., 33, 2) in units of the picture -> pixels (x in 0..width, y in 0..height)."""
    return np.asarray(poses) * np.array([width, height], dtype=np.float32)


def to_units(pixels: np.ndarray, *, height: int = HEIGHT, width: int = WIDTH) -> np.ndarray:
    """Pixels (..., 33, 2) -> units of the picture's width and height, the inverse of ``to_pixels``."""
    return np.asarray(pixels) / np.array([width, height], dtype=np.float32)


def mirror(poses: np.ndarray) -> np.ndarray:
    """The same poses (..., 33, 2) seen in a mirror: x becomes 1 - x, and left and right change names."""
    mirrored = np.array(poses)[..., MIRRORED, :]  # (..., 33, 2)
    mirrored[..., 0] = 1 - mirrored[..., 0]
    return mirrored


def torso_length(poses: np.ndarray, *, height: int = HEIGHT, width: int = WIDTH) -> np.ndarray:
    """Distance in pixels (...,) from the middle of the shoulders to the middle of the hips."""
    pixels = to_pixels(poses, height=height, width=width)
    shoulders = pixels[..., [INDEX["left_shoulder"], INDEX["right_shoulder"]], :].mean(-2)  # (..., 2)
    hips = pixels[..., [INDEX["left_hip"], INDEX["right_hip"]], :].mean(-2)  # (..., 2)
    return np.linalg.norm(shoulders - hips, axis=-1)


def speeds(poses: np.ndarray, *, fps: float = FPS, height: int = HEIGHT, width: int = WIDTH) -> np.ndarray:
    """Speed of each landmark in pixels a second: poses (T, 33, 2) -> (T, 33), by central differences, T >= 2."""
    velocity = np.gradient(to_pixels(poses, height=height, width=width), axis=0) * fps  # (T, 33, 2)
    return np.linalg.norm(velocity, axis=-1)


def limb_lengths(poses: np.ndarray) -> np.ndarray:
    """Lengths in pixels of the ``LIMBS`` in the picture: poses (..., 33, 2) -> (..., 18)."""
    pixels = to_pixels(poses)
    return np.linalg.norm(pixels[..., [b for _, b in LIMBS], :] - pixels[..., [a for a, _ in LIMBS], :], axis=-1)


def limit_limbs(poses: np.ndarray, longest: np.ndarray) -> np.ndarray:
    """The same poses (..., 33, 2) with no limb longer than ``longest`` (18,) pixels; what hangs on it moves along.

    A limb that points at the camera looks shorter than it is, never longer: so a limit, not a length.
    """
    pixels = to_pixels(poses)
    limited = pixels.copy()
    for (a, b), most in zip(LIMBS, longest, strict=True):
        limb = pixels[..., b, :] - pixels[..., a, :]  # (..., 2)
        length = np.linalg.norm(limb, axis=-1, keepdims=True)
        limited[..., b, :] = limited[..., a, :] + limb * np.minimum(1, most / np.maximum(length, 1e-6))
    return to_units(limited)
