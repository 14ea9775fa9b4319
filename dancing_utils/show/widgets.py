"""Dances moved in the latent space: along its axes, and from one to another.

Notebook: 05_latent_space.ipynb
"""

import numpy as np

from dancing_utils import InputError
from dancing_utils.motion.lstm_vae import LSTMVAE


def dance_at(model: LSTMVAE, features: np.ndarray, axes: list[int], values: list[float]) -> np.ndarray:
    """The greedy dance (T, 33, 2) to sound features (T, 16), its z moved by ``values`` along the latent ``axes``.

    Raises
    ------
    InputError
        If an axis is not one of the model's, or axes and values differ in number.
    """
    latent_dim = model.settings.latent_dim
    if len(axes) != len(values):
        raise InputError(f"{len(axes)} axes and {len(values)} values: give one value an axis")
    if any(not 0 <= axis < latent_dim for axis in axes):
        raise InputError(f"axes={list(axes)} must lie between 0 and {latent_dim - 1}: this model has {latent_dim}")
    z = model.choose(features, temperature=0)  # (K, latent_dim)
    z[:, list(axes)] += np.asarray(values, np.float32)
    return model.dance(features, z=z)


def between_dances(model: LSTMVAE, features: np.ndarray, z: np.ndarray, other: np.ndarray, share: float) -> np.ndarray:
    """The dance (T, 33, 2) whose z lies between two others (K, latent_dim): ``share`` 0 is the first, 1 the other."""
    return model.dance(features, z=(1 - share) * z + share * other)
