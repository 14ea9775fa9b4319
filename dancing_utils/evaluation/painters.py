"""Who paints held-out frames for ``evaluate_images``: image models, and the baselines that they must beat.

A painter gets some frames of a clip (``FramePairs``) and gives as many pictures; most look at the poses alone.

Notebook: 07b_better_images.ipynb
"""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from dancing_utils import HEIGHT, WIDTH, InputError, generate
from dancing_utils.audio.hearing import hear
from dancing_utils.data import media
from dancing_utils.data.dataset import list_groups, read_frames, read_group
from dancing_utils.evaluation.held_out_frames import FramePairs
from dancing_utils.images import painting
from dancing_utils.images.pose_gan import PAINTED_AT_ONCE
from dancing_utils.motion import lstm_vae
from dancing_utils.pose.body import Body
from dancing_utils.pose.landmarks import to_pixels

BACKGROUND_FRAMES = 48  # of which the median is taken: 33 MB


Paint = Callable[[np.ndarray], np.ndarray]  # a model: poses (N, 33, 2) -> pictures (N, 640, 360, 3) uint8
Painter = Callable[[FramePairs], np.ndarray]  # a row of the table: n pairs -> pictures (n, 2, 640, 360, 3) uint8


class TrainingFrames:
    """The frames with a person in a file of ``extract``; pictures are read when they are asked for.

    Attributes
    ----------
    points : (M, 33, 2) the poses in pixels.
    places : M (group, frame in it).
    contents : SHA-256 of the videos; ``unmarked``: names of those whose content the file does not keep.

    Raises
    ------
    InputError
        If there is no picture of a person in the file.
    """

    def __init__(self, path: str | Path):
        self.path, self.places, poses = path, [], []
        self.contents: set[str] = set()
        self.unmarked: set[str] = set()
        for name in list_groups(path):
            group = read_group(path, name)
            if "content" in group.attributes:
                self.contents.add(str(group.attributes["content"]))
            else:
                self.unmarked.add(group.source)
            good = group.shows_person & group.has_frames  # (T,)
            self.places += [(name, int(k)) for k in np.flatnonzero(good)]
            poses.append(to_pixels(group.poses[good]))
        if not self.places:
            raise InputError(f"{path} has no pictures of a person: give the file that the image model was trained on")
        self.points = np.concatenate(poses)

    def picture(self, i: int) -> np.ndarray:
        """Picture (640, 360, 3) of frame ``i``."""
        name, k = self.places[i]
        return read_frames(self.path, name, start=k, stop=k + 1)[0]

    def nearest(self, pose: np.ndarray) -> int:
        """The frame whose pose has the smallest mean distance in pixels from a pose (33, 2)."""
        return int(np.linalg.norm(self.points - to_pixels(pose), axis=-1).mean(1).argmin())

    def background(self) -> np.ndarray:
        """The median (640, 360, 3) of frames spread over the file; a dancer stays in it where she mostly stands."""
        chosen = np.linspace(0, len(self.places) - 1, BACKGROUND_FRAMES).astype(int)
        return np.median([self.picture(i) for i in chosen], axis=0).astype(np.uint8)


# --- the painters --------------------------------------------------------------------------------------------------


def gan_paint(module, model) -> Paint:
    """An image model by ``render`` of its module, ``pose_gan`` or ``baseline_gan``, whose 64 x 64 are enlarged."""

    def paint(poses):
        batches = [poses[i : i + PAINTED_AT_ONCE] for i in range(0, len(poses), PAINTED_AT_ONCE)]
        pictures = [_enlarge(picture) for batch in batches for picture in module.render(model, batch)]
        return np.array(pictures, np.uint8).reshape(-1, HEIGHT, WIDTH, 3)

    return paint


def _enlarge(picture: np.ndarray) -> np.ndarray:
    """The picture (rows, columns, 3) at the size of a frame (640, 360, 3)."""
    if picture.shape[:2] == (HEIGHT, WIDTH):
        return picture
    return cv2.resize(picture, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)


def int8_paint(path: str | Path) -> Paint:
    """The int8 form of a Pose GAN, as ``generate`` uses it."""
    painter = painting.FastPainter(path)
    return lambda poses: np.stack(list(painter.paint(poses)))


def from_poses(paint: Paint) -> Painter:
    """A painter that sees nothing but the poses."""
    return lambda pairs: paint(pairs.poses.reshape(-1, 33, 2)).reshape(pairs.pictures.shape)


def baselines(training: TrainingFrames) -> dict[str, Painter]:
    """Truth, re-encoded truth, median background, nearest training frame."""
    still = training.background()
    return {
        "truth": lambda pairs: pairs.pictures,
        "re-encoded": lambda pairs: pairs.reencoded,
        "background": lambda pairs: np.broadcast_to(still, pairs.pictures.shape),
        "nearest": from_poses(lambda poses: np.stack([training.picture(training.nearest(pose)) for pose in poses])),
    }


def song_dance(clip: str | Path, dancer: lstm_vae.LSTMVAE, subject: Body | None) -> np.ndarray | None:
    """The song model's dance (T, 33, 2) to a clip's own sound, fitted to the image model's body; None: no sound."""
    if not media.probe(clip).has_audio:
        return None
    dance = generate.song_to_dance(dancer, hear(media.read_audio(clip)).features)
    return generate.fit_to_subject(dance.poses, dance.body, subject)[0]
