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


def random_windows(
    songs: list[tuple[np.ndarray, ...]], *, time_steps: int, batch_size: int, n_batches: int, seed: int, epoch: int
) -> tf.data.Dataset:
    """One epoch of windows that begin anywhere in songs of any length, long songs more often.

    Parameters
    ----------
    songs : for each song its arrays (T, ...), equally long. A song shorter than a window is repeated from its start,
        forth and back.

    Returns
    -------
    ``n_batches`` batches, a tuple of (batch_size, time_steps, ...), drawn from (seed, epoch).
    """
    rng = np.random.default_rng([seed, epoch])
    lengths = np.array([len(song[0]) for song in songs])
    which = rng.choice(len(songs), size=n_batches * batch_size, p=lengths / lengths.sum())
    starts = rng.integers(0, np.maximum(lengths[which] - time_steps, 0) + 1)
    longer = [tuple(_at_least(array, time_steps) for array in song) for song in songs]
    kinds = [tf.as_dtype(array.dtype) for array in songs[0]]

    def cut(rows):
        windows = [[array[starts[i] : starts[i] + time_steps] for array in longer[which[i]]] for i in rows]
        return [np.stack(part) for part in zip(*windows, strict=True)]

    def gather(rows):
        tensors = tf.numpy_function(cut, [rows], kinds)
        for tensor, array in zip(tensors, songs[0], strict=True):
            tensor.set_shape((batch_size, time_steps, *array.shape[1:]))
        return tuple(tensors)

    return tf.data.Dataset.range(n_batches * batch_size).batch(batch_size).map(gather).prefetch(2)


def _at_least(array: np.ndarray, n: int) -> np.ndarray:
    extra = max(0, n - len(array))
    return np.pad(array, ((0, extra), *[(0, 0)] * (array.ndim - 1)), mode="symmetric") if extra else array


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
