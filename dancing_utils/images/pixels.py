"""Pictures as bytes, 0 to 255, and as the numbers in [-1, 1] that networks paint with tanh.

Arrays and tensors of any shape go in, tensors come out.

Notebook: 06_train_gan.ipynb
"""

from dancing_utils.tf import tf


def from_bytes(pictures) -> tf.Tensor:
    """Pictures uint8 -> float32 in [-1, 1]."""
    return tf.cast(pictures, tf.float32) / 127.5 - 1


def to_levels(pictures) -> tf.Tensor:
    """Pictures in [-1, 1] -> the same in levels of 0 to 255, not rounded."""
    return (pictures + 1) * 127.5


def to_bytes(pictures) -> tf.Tensor:
    """Pictures in [-1, 1] -> uint8, the nearest level; what lies outside is cut off."""
    return tf.cast(tf.clip_by_value(to_levels(pictures) + 0.5, 0, 255), tf.uint8)
