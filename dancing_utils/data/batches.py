"""From the HDF5 file to shuffled batches: tf.data pipelines for the two models.

An epoch's order depends only on the seed and the number of the epoch, so a stopped training goes on with the same
batches that it would have seen.

Notebook: 03_train_lstm_vae.ipynb
"""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from dancing_utils import HEIGHT, WIDTH, InputError
from dancing_utils.data.dataset import list_groups, read_clips, read_frames, read_group
from dancing_utils.pose.smoothing import smooth
from dancing_utils.tf import tf


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
    songs: list[tuple[np.ndarray, ...]], *, time_steps: int, batch_size: int, n_batches: int, seed: int, epoch: int,
    every: int = 1,
) -> tf.data.Dataset:  # fmt: skip
    """One epoch of windows that begin anywhere in songs of any length, long songs more often.

    Parameters
    ----------
    songs : for each song its arrays (T, ...), equally long. A song shorter than a window is repeated from its start,
        forth and back.
    every : windows begin at multiples of so many steps.

    Returns
    -------
    ``n_batches`` batches, a tuple of (batch_size, time_steps, ...), drawn from (seed, epoch).
    """
    rng = np.random.default_rng([seed, epoch])
    lengths = np.array([len(song[0]) for song in songs])
    places = np.maximum(lengths - time_steps, 0) // every + 1
    which = rng.choice(len(songs), size=n_batches * batch_size, p=lengths / lengths.sum())
    starts = rng.integers(0, places[which]) * every
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


def load_pairs(
    path: str | Path, *, n: int, smooth_hz: float | None = None,
    prepare: Callable[[np.ndarray], np.ndarray] = lambda frames: frames,
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """Pairs of successive frames with a person: poses (N, 2, 33, 2) float32, pictures (N, 2, rows, columns, 3) uint8.

    Parameters
    ----------
    n : N at most; the pairs are spread evenly over all videos. A pair of 640 x 360 takes 1.4 MB of memory.
    smooth_hz : smooth each video's landmarks below this frequency; None leaves them.
    prepare : pictures (2, 640, 360, 3) -> (2, rows, columns, 3), applied to each pair as it is read.

    Raises
    ------
    InputError
        If no two successive frames show a person.
    """
    found = []  # (group, frame in the group, poses (2, 33, 2))
    for clip in read_clips(path):
        poses = smooth(clip.poses, cutoff_hz=smooth_hz) if smooth_hz else clip.poses
        good = np.isfinite(poses).all((1, 2)) & clip.detected  # (T,)
        found += [
            (*clip.places[k], poses[k : k + 2])
            for k in range(len(poses) - 1) if good[k] and good[k + 1] and clip.places[k][0] == clip.places[k + 1][0]
        ]  # fmt: skip
    if not found:
        raise InputError(f"no two successive frames of {path} show a person: film the whole body")
    some = [found[i] for i in np.unique(np.linspace(0, len(found) - 1, min(n, len(found))).astype(int))]
    pictures = None
    for i, (group, k, _) in enumerate(some):
        pair = prepare(read_frames(path, group, start=k, stop=k + 2))
        pictures = np.empty((len(some), *pair.shape), np.uint8) if pictures is None else pictures
        pictures[i] = pair
    return np.stack([poses for _, _, poses in some]).astype(np.float32), pictures


def load_pictures(
    path: str | Path, *, sources: list[str] | None = None, size: tuple[int, int] = (HEIGHT, WIDTH), step: int = 1
) -> tuple[np.ndarray, np.ndarray]:
    """Poses (N, 33, 2) float32 and their pictures (N, rows, columns, 3) uint8, frames without a person left out.

    Parameters
    ----------
    sources : names of the videos to take, all films of that name; None for all.
    size : (rows, columns) to shrink to by area averaging; at half size a minute takes 0.3 GB of memory.
    step : take every step-th frame; neighbours in time are nearly the same picture.

    Raises
    ------
    InputError
        If no frame of these videos shows a person.
    """
    poses, pictures = [], []
    for name in list_groups(path):
        group = read_group(path, name)
        if sources is not None and group.source not in sources:
            continue
        for k in np.flatnonzero(group.shows_person)[::step]:
            frame = read_frames(path, name, start=k, stop=k + 1)[0]
            poses.append(group.poses[k])
            if size != frame.shape[:2]:
                frame = cv2.resize(frame, size[::-1], interpolation=cv2.INTER_AREA)
            pictures.append(frame)
    if not poses:
        named = "" if sources is None else f" named {', '.join(sources)}"
        raise InputError(f"no video{named} in {path} shows a person: check the names, or film the whole body")
    return np.stack(poses), np.stack(pictures)
