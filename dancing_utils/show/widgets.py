"""Explorers with sliders: pure functions that take numbers and return poses, and thin shells that show them.

Notebook: 05_latent_space.ipynb
"""

import io

import ipywidgets
import matplotlib.pyplot as plt
import numpy as np

from dancing_utils import FPS, InputError
from dancing_utils.motion.lstm_vae import LSTMVAE
from dancing_utils.show.plots import plot_pose

RANGE = 6.0  # how far either way a slider goes: two standard deviations of a z, about


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


def pose_png(dance: np.ndarray, time: float) -> bytes:
    """A PNG of the pose at ``time`` seconds of a dance (T, 33, 2), with its other moments faintly behind it."""
    k = min(len(dance) - 1, max(0, round(time * FPS)))
    fig, _ = plot_pose(dance[k], title=f"{k / FPS:.1f} s", ghosts=dance[::10])
    buffer = io.BytesIO()
    fig.savefig(buffer, format="png", dpi=80)
    plt.close(fig)
    return buffer.getvalue()


class LatentExplorer(ipywidgets.HBox):
    """One slider a latent axis and one for the time; moving any redraws the skeleton.

    Parameters
    ----------
    model : a trained LSTM-VAE.
    features : (T, 16), the sound that is danced to; a few seconds keep the sliders quick.
    axes : the latent axes that get a slider.
    """

    def __init__(self, model: LSTMVAE, features: np.ndarray, axes: list[int]):
        self.model, self.features, self.axes = model, features, [int(axis) for axis in axes]
        layout = ipywidgets.Layout(width="320px")
        self.sliders = [
            ipywidgets.FloatSlider(min=-RANGE, max=RANGE, step=0.1, description=f"z[{axis}]", layout=layout)
            for axis in self.axes
        ]
        self.time = ipywidgets.FloatSlider(max=len(features) / FPS, step=0.1, description="time (s)", layout=layout)
        self.picture = ipywidgets.Image(format="png", width=260)
        for slider in (*self.sliders, self.time):
            slider.observe(self.redraw, names="value")
        super().__init__([ipywidgets.VBox([*self.sliders, self.time]), self.picture])
        self.redraw()

    def redraw(self, _change=None) -> None:
        """Show the skeleton for what the sliders say."""
        dance = dance_at(self.model, self.features, self.axes, [slider.value for slider in self.sliders])
        self.picture.value = pose_png(dance, self.time.value)
