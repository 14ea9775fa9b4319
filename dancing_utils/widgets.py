"""Explorers with sliders: pure functions that take numbers and return poses, and thin shells that show them.

Notebook: 03_train_lstm_vae.ipynb
"""

import io

import ipywidgets
import matplotlib.pyplot as plt
import numpy as np

from dancing_utils import FPS, InputError
from dancing_utils.baseline_vae import BaselineVAE
from dancing_utils.plots import plot_pose

RANGE = 3.0  # standard deviations either way that a slider goes


def dance_at(model: BaselineVAE, axes: list[int], values: list[float]) -> np.ndarray:
    """The dance (T, 33, 2) of the z that is 0 but for ``values`` on the latent ``axes``.

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
    z = np.zeros((1, latent_dim), np.float32)
    z[0, list(axes)] = values
    return model.decode(z)[0].numpy()  # (T, 33, 2)


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
    axes : the latent axes that get a slider, say those with the most KL divergence.
    """

    def __init__(self, model: BaselineVAE, axes: list[int]):
        self.model, self.axes = model, [int(axis) for axis in axes]
        layout = ipywidgets.Layout(width="320px")
        self.sliders = [
            ipywidgets.FloatSlider(min=-RANGE, max=RANGE, step=0.1, description=f"z[{axis}]", layout=layout)
            for axis in self.axes
        ]
        length = model.settings.time_steps / FPS
        self.time = ipywidgets.FloatSlider(max=length, step=0.1, description="time (s)", layout=layout)
        self.picture = ipywidgets.Image(format="png", width=260)
        for slider in (*self.sliders, self.time):
            slider.observe(self.redraw, names="value")
        super().__init__([ipywidgets.VBox([*self.sliders, self.time]), self.picture])
        self.redraw()

    def redraw(self, _change=None) -> None:
        """Show the skeleton for what the sliders say."""
        dance = dance_at(self.model, self.axes, [slider.value for slider in self.sliders])
        self.picture.value = pose_png(dance, self.time.value)
