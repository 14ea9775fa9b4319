"""Exercises on better motion: how well a dance keeps the beat, and one step of the prior.

Notebook: 04_better_motion.ipynb
"""

from collections.abc import Callable

import numpy as np

from dancing_utils.show.exercises.answer import Slips, verdict


def check_alignment(alignment: Callable) -> None:
    """Beats (n,) and motion beats (m,) in seconds -> how near each beat has a motion beat, 0 to 1."""
    s = 0.05  # seconds

    def near(beats, moved):
        return np.abs(beats[:, None] - moved).min(1)  # (n,) seconds

    def right(beats, moved):
        return np.mean(np.exp(-(near(beats, moved) ** 2) / (2 * s**2)))

    steady = np.arange(0.5, 4, 0.5)
    cases = [
        (np.array([0.5, 1.0]), np.array([0.5, 1.05])),
        (steady, steady[::2] + 0.03),  # half as many, and late
        (steady[:3], np.array([0.52, 0.7, 0.97, 1.3, 1.6])),
    ]
    slips: Slips = (
        (lambda beats, moved: right(moved, beats),
         "You asked each motion beat for the nearest beat of the music. Ask each beat for the nearest motion beat."),
        (lambda beats, moved: np.sum(np.exp(-(near(beats, moved) ** 2) / (2 * s**2))),
         "That is the sum over the beats. A song with twice as many beats would score twice as much."),
        (lambda beats, moved: np.mean(np.exp(-(near(beats, moved) ** 2) / s**2)),
         "A beat that is missed by 50 ms is to score 0.61. Yours scores less: which factor is missing below the line?"),
        (lambda beats, moved: np.mean(np.exp(-near(beats, moved) / (2 * s**2))),
         "The distance is to be squared."),
        (lambda beats, moved: np.mean(near(beats, moved)),
         "That is the mean distance, in seconds. Wanted is a score: 1 for a beat that is met, near 0 for one far off."),
    )  # fmt: skip
    praise = "1 where each beat is answered at its very time. What unrelated dances score, chance must tell."
    print(verdict(alignment, right, cases, slips, praise))


def check_draw_next(draw_next: Callable) -> None:
    """Logits (n,), means and log variances (n, d), Gumbel (n,) and Gaussian noise (d,), temperature -> z (d,)."""

    def right(logits, means, log_vars, gumbel, gaussian, temperature):
        i = np.argmax(logits + temperature * gumbel)
        return means[i] + temperature * np.exp(log_vars[i] / 2) * gaussian

    def at(i, means, log_vars, gaussian, temperature):
        return means[i] + temperature * np.exp(log_vars[i] / 2) * gaussian

    logits, gumbel = np.log([0.6, 0.3, 0.1]), np.array([0.0, 1.0, -0.5])  # 0 is likeliest, at 1 the noise takes 1
    means, log_vars = np.array([[0.0, 0.0], [2.0, 1.0], [-1.0, 3.0]]), np.log([[1.0, 4.0], [9.0, 0.25], [1.0, 1.0]])
    gaussian = np.array([1.0, -2.0])
    cases = [(logits, means, log_vars, gumbel, gaussian, t) for t in (0.0, 0.5, 1.0, 2.0)]
    slips: Slips = (
        (lambda lo, m, v, gu, ga, t: at(np.argmax(lo + gu), m, v, ga, t),
         "At temperature 0 chance still picks the bell curve: the Gumbel noise is to be scaled, too."),
        (lambda lo, m, v, gu, ga, t: at(np.argmax(lo + t * gu), m, v, ga, 1),
         "At temperature 0 two draws still differ: the Gaussian noise is to be scaled, too."),
        (lambda lo, m, v, gu, ga, t: at(np.argmax(lo), m, v, ga, t),
         "You always take the likeliest bell curve, whatever the temperature is. What is the Gumbel noise for?"),
        (lambda lo, m, v, gu, ga, t: m[np.argmax(lo + t * gu)] + t * np.exp(v[np.argmax(lo + t * gu)]) * ga,
         "You stretched the noise by the variance. It is to be stretched by the standard deviation, its root."),
        (lambda lo, m, v, gu, ga, t: np.exp(lo) @ m + t * (np.exp(lo) @ np.exp(v / 2)) * ga,
         "That is the mean of all bell curves, which is none of them. One of them is to be chosen."),
    )  # fmt: skip
    praise = "One bell curve is chosen, and a place in it. At temperature 0 both are what is likeliest."
    print(verdict(draw_next, right, cases, slips, praise))
