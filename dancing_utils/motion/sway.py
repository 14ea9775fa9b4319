"""What the dancer does where no beat is heard: she stands and sways, instead of dancing to nothing.

Notebook: 08_song_to_video.ipynb
"""

import numpy as np

from dancing_utils import FPS
from dancing_utils.pose.landmarks import INDEX, to_pixels, to_units, torso_length

PERIOD = 5.0  # seconds from left to right and back
WIDTH = 0.3  # torso lengths that the shoulders go to either side
STANDING = [INDEX[f"{side}_{part}"] for side in ("left", "right") for part in ("ankle", "heel", "foot_index")]


def stand_and_sway(dance: np.ndarray) -> np.ndarray:
    """The most usual pose of a dance (T, 33, 2), leaning slowly to one side and the other: (T, 33, 2).

    A landmark moves as far as it is above the feet, which stay where they are.
    """
    middle = np.median(dance, axis=0)
    usual = to_pixels(dance[((dance - middle) ** 2).sum((1, 2)).argmin()][None])[0].astype(float)  # (33, 2) pixels
    floor = usual[STANDING, 1].min()  # rows count downwards: the highest point of a foot
    height = np.maximum(floor - usual[:, 1], 0)  # (33,)
    shoulders = height[[INDEX["left_shoulder"], INDEX["right_shoulder"]]].mean()
    lean = WIDTH * torso_length(dance).mean() * height / max(shoulders, 1)  # (33,) pixels
    time = np.arange(len(dance)) / FPS
    poses = np.repeat(usual[None], len(dance), 0)
    poses[..., 0] += np.sin(2 * np.pi * time / PERIOD)[:, None] * lean
    return to_units(poses).astype(np.float32)
