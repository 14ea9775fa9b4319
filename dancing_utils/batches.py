"""From the HDF5 file to shuffled batches: tf.data pipelines for the two models.

An epoch's order depends only on the seed and the number of the epoch, so a stopped training goes on with the same
batches that it would have seen.

Notebook: 03_train_lstm_vae.ipynb
"""

from pathlib import Path

import cv2
import numpy as np

from dancing_utils import quiet  # noqa: F401  isort: skip  (before TensorFlow)
import tensorflow as tf  # isort: skip
from dancing_utils import HEIGHT, WIDTH
from dancing_utils.dataset import list_groups, read_frames, read_group


def shuffled_batches(*arrays: np.ndarray, batch_size: int, seed: int, epoch: int) -> tf.data.Dataset:
    """One epoch over arrays of equal length N in an order drawn from (seed, epoch): batches of up to batch_size."""
    order = np.random.default_rng([seed, epoch]).permutation(len(arrays[0]))
    batches = tf.data.Dataset.from_tensor_slices(order).batch(batch_size)
    kinds = [tf.as_dtype(array.dtype) for array in arrays]

    def gather(rows):
        picked = tf.numpy_function(lambda index: [array[index] for array in arrays], [rows], kinds)
        for tensor, array in zip(picked, arrays, strict=True):
            tensor.set_shape((None, *array.shape[1:]))
        return tuple(picked)

    return batches.map(gather).prefetch(2)


def load_pictures(
    path: str | Path, *, sources: list[str] | None = None, size: tuple[int, int] = (HEIGHT, WIDTH), step: int = 1
) -> tuple[np.ndarray, np.ndarray]:
    """Poses (N, 33, 2) float32 and their pictures (N, rows, columns, 3) uint8, frames without a person left out.

    Parameters
    ----------
    sources : names of the videos to take; None for all.
    size : (rows, columns) to shrink to by area averaging; at half size a minute takes 0.3 GB of memory.
    step : take every step-th frame; neighbours in time are nearly the same picture.
    """
    poses, pictures = [], []
    for name in list_groups(path):
        group = read_group(path, name)
        if sources is not None and group.source not in sources:
            continue
        good = np.isfinite(group.poses).all((1, 2)) & group.detected  # (T,)
        for k in np.flatnonzero(good)[::step]:
            frame = read_frames(path, name, start=k, stop=k + 1)[0]
            poses.append(group.poses[k])
            if size != frame.shape[:2]:
                frame = cv2.resize(frame, size[::-1], interpolation=cv2.INTER_AREA)
            pictures.append(frame)
    return np.stack(poses), np.stack(pictures)
