"""The trained Pose GAN at full speed: its generator in 8 bits (``eight_bits``), on two cores.

It is rounded up to the features from which it paints. The limb maps before and the last convolutions after them stay
in float32: 8 bits of a colour before tanh would be seen as bands. The plain Keras model remains what the notebooks read
and train; ``dance evaluate images`` measures what the rounding costs.

Notebook: 07b_better_images.ipynb
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from dancing_utils.images.eight_bits import Network, quantise
from dancing_utils.images.pixels import to_bytes
from dancing_utils.images.pose_gan import DRAWN_LIMBS, MAPS, PAINTED_AT_ONCE, SIDE_COLUMNS, PoseGAN, load
from dancing_utils.pose.landmarks import N_LANDMARKS
from dancing_utils.tf import tf

EXAMPLES = 50  # poses on which the ranges of the activations are measured


def rounded(model: PoseGAN, poses: np.ndarray) -> bytes:
    """The generator's features as the content of a TFLite file; ranges are measured on some of ``poses`` (N, 33, 2)."""

    @tf.function(input_signature=[tf.TensorSpec((1, *MAPS, len(DRAWN_LIMBS)), tf.float32)])
    def features(maps):
        return {f"size_{i}": x for i, x in enumerate(model.generator.features(maps))}

    some = poses[np.linspace(0, len(poses) - 1, min(EXAMPLES, len(poses))).astype(int)]
    return quantise(features, lambda: ([model.limb_maps(pose[None]).numpy()] for pose in some))


class FastPainter:
    """Poses -> pictures in 8 bits; ``body`` are the measures of the dancer whom it paints, if it knows them.

    The first poses that it is given are those on which ranges are measured; that takes some seconds.
    """

    def __init__(self, gan: str | Path):
        """``gan`` : the file of a trained model."""
        self._model, self._features = load(gan), None
        self.body = self._model.body
        self._draw = tf.function(self._model.limb_maps.call, input_signature=[tf.TensorSpec((None, N_LANDMARKS, 2))])

    def paint(self, poses: np.ndarray, *, depth: np.ndarray | None = None) -> Iterator[np.ndarray]:
        """One picture (640, 360, 3) uint8 a pose of (T, 33, 2); a Pose GAN has not learned to ask for the depth."""
        if self._features is None and len(poses):
            self._features = Network(rounded(self._model, poses))
        for start in range(0, len(poses), PAINTED_AT_ONCE):
            maps = self._draw(tf.constant(poses[start : start + PAINTED_AT_ONCE], tf.float32)).numpy()
            found = zip(*(self._features(one[None]) for one in maps), strict=True)
            yield from self._finish([tf.constant(np.concatenate(size)) for size in found]).numpy()

    @tf.function(reduce_retracing=True)
    def _finish(self, found: list) -> tf.Tensor:
        """Features -> pictures (B, 640, 360, 3) uint8."""
        picture = self._model.compose(self._model.generator.add_up(found), 3)
        return to_bytes(picture[:, :, SIDE_COLUMNS:-SIDE_COLUMNS])
