"""Exercises on the LSTM-VAE: a z that is drawn, and the KL term of the loss.

Notebook: 03_train_lstm_vae.ipynb
"""

from collections.abc import Callable

import numpy as np

from dancing_utils.show.exercises.answer import Slips, verdict


def _log(x: np.ndarray) -> np.ndarray:
    """The logarithm; NaN, without a warning, where there is none."""
    return np.log(x, where=x > 0, out=np.full_like(x, np.nan))


def check_kl_term(kl_term: Callable) -> None:
    """z_mean and z_log_var (B, d) -> KL divergence from a standard normal, (B,) nats."""

    def right(z_mean, z_log_var):
        return 0.5 * np.sum(z_mean**2 + np.exp(z_log_var) - z_log_var - 1, axis=-1)

    rng = np.random.default_rng(0)
    cases = [
        (np.zeros((1, 2)), np.zeros((1, 2))),  # the prior itself: 0
        (np.array([[1.0, 0.0]]), np.zeros((1, 2))),  # ½
        (rng.normal(size=(3, 16)), rng.normal(size=(3, 16))),
    ]
    slips: Slips = (
        (lambda mean, log_var: 0.5 * np.sum(mean**2 + np.exp(log_var) + log_var - 1, axis=-1),
         "A term has the wrong sign. For a very small variance the divergence must grow, and yours falls."),
        (lambda mean, log_var: 0.5 * np.mean(mean**2 + np.exp(log_var) - log_var - 1, axis=-1),
         "You took the mean over the axes of z. What each axis adds is added up."),
        (lambda mean, log_var: np.sum(mean**2 + np.exp(log_var) - log_var - 1, axis=-1),
         "For a mean of 1 and a variance of 1 the divergence is ½. Which factor of the formula is missing?"),
        (lambda mean, log_var: 0.5 * np.sum(mean**2 + np.exp(log_var) - log_var, axis=-1),
         "The prior itself (mean 0, variance 1) must score 0. Yours scores ½ for each axis."),
        (lambda mean, log_var: 0.5 * np.sum(mean**2 + np.exp(0.5 * log_var) - log_var - 1, axis=-1),
         "You wrote the standard deviation where the formula has the variance, its square."),
        (lambda mean, log_var: np.sum(right(mean, log_var)),
         "That is one number for the batch. Wanted is one for each window: over which axis do you sum?"),
    )  # fmt: skip
    praise = "0 for the prior itself, and more for whatever differs from it."
    print(verdict(kl_term, right, cases, slips, praise))


def check_draw_z(draw_z: Callable) -> None:
    """z_mean, z_log_var and standard normal noise (B, d) -> z (B, d), drawn by the reparameterisation trick."""

    def right(z_mean, z_log_var, noise):
        return z_mean + np.exp(z_log_var / 2) * noise

    rng = np.random.default_rng(0)
    known = (np.array([[2.0, 2.0]]), np.log([[9.0, 9.0]]), np.array([[1.0, -1.0]]))  # mean 2, variance 9: 5 and -1
    cases = [known, tuple(rng.normal(size=(3, 4)) for _ in range(3))]
    slips: Slips = (
        (lambda mean, log_var, noise: mean + np.exp(log_var) * noise,
         "You stretched the noise by the variance. It is to be stretched by the standard deviation, its root."),
        (lambda mean, log_var, noise: mean + np.exp(log_var) / 2 * noise,
         "You halved the variance. To take the root, halve its logarithm."),
        (lambda mean, log_var, noise: mean + log_var * noise,
         "z_log_var is a logarithm, and may be negative. What undoes a logarithm?"),
        (lambda mean, log_var, noise: mean + np.exp(_log(log_var) / 2) * noise,
         "You took the logarithm of z_log_var, and z_log_var is already the logarithm."),
        (lambda mean, log_var, noise: np.exp(log_var / 2) * noise, "Your z lie around 0. Around what are they to lie?"),
        (lambda mean, log_var, noise: mean + np.exp(-log_var / 2) * noise,
         "Where the variance is large, your z lie close together: a sign is wrong."),
        (lambda mean, log_var, noise: mean + noise, "Your z spread by 1 whatever the variance is."),
    )  # fmt: skip
    praise = "For fixed noise z is a smooth function of mean and variance, so the gradient finds its way through."
    print(verdict(draw_z, right, cases, slips, praise))
