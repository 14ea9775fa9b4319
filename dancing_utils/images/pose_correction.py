"""Correct the landmarks of training pictures by what the generator paints of them.

MediaPipe is one to three pixels off, now to this side, now to that, and a generator that believes it must blur edges:
it learns the mean over all that a pose may mean. But the picture shows where the arm is. So, every so many epochs, the
generator's weights are held and the landmarks move down the gradient of the picture's error, through the limb maps;
then it trains on with the moved ones, and the sharper it gets, the better the next corrections will be. Cameras are
corrected like that in BARF (Lin et al., Bundle-Adjusting Neural Radiance Fields, 2021, https://arxiv.org/abs/2104.06405).

Notebook: 07b_better_images.ipynb
"""

import numpy as np
from tqdm.auto import tqdm

from dancing_utils import HEIGHT, WIDTH
from dancing_utils.images.pixels import from_bytes
from dancing_utils.images.pose_gan import PAINTED_AT_ONCE, PoseGAN
from dancing_utils.tf import tf

STAGE = 2  # 320 x 192, which takes less time than the full size
N_MOVES = 10  # that a landmark makes, each shorter than the one before
FIRST_MOVE = 0.3  # pixels
PULL = 2e-5  # to 0, for landmarks that do not show in the picture


def correct_poses(
    model: PoseGAN, poses: np.ndarray, pictures: np.ndarray, corrections: np.ndarray, *, progress: bool = False
) -> np.ndarray:
    """Go on from ``corrections`` by ten steps down the gradient.

    Parameters
    ----------
    poses : (N, 33, 2) in units of the picture.
    pictures : (N, 320, 192, 3) uint8, the true ones.
    corrections : (N, 33, 2) what is added to the poses, in pixels of 640 x 360.

    Returns
    -------
    The new corrections (N, 33, 2), float32. Their mean is 0: what all pictures share is no mistake but the way in
    which MediaPipe sees this dancer, and the poses of a song will be of that kind.
    """

    @tf.function(reduce_retracing=True)
    def gradient_of(moved, poses, real):
        with tf.GradientTape() as tape:
            tape.watch(moved)
            made = model.paint(model.limb_maps(poses + moved / np.array([WIDTH, HEIGHT], np.float32)), STAGE)
            errors = tf.reduce_mean(model.importance(real, STAGE) * tf.abs(made - real), [1, 2, 3])  # (B,)
            loss = tf.reduce_sum(errors) + PULL * tf.reduce_sum(moved**2)
        return tape.gradient(loss, moved)

    found = []
    starts = range(0, len(poses), PAINTED_AT_ONCE)
    for start in tqdm(starts, desc="correcting landmarks", unit="batch", leave=False, disable=not progress):
        some = slice(start, start + PAINTED_AT_ONCE)
        now, real = tf.constant(poses[some], tf.float32), from_bytes(pictures[some])
        moved, squares = tf.constant(corrections[some], tf.float32), 0.0
        for k in range(N_MOVES):  # each landmark by its gradient over the root of that one's mean square so far
            gradient = gradient_of(moved, now, real)
            squares += gradient**2
            moved -= FIRST_MOVE * (1 - k / N_MOVES) * gradient / (tf.sqrt(squares / (k + 1)) + 1e-6)
        found.append(moved.numpy())
    found = np.concatenate(found)
    return found - found.mean(0)
