"""Exercises on the latent space: the way on a sphere, and the axis that raises the arms.

Notebook: 05_latent_space.ipynb
"""

from collections.abc import Callable

import numpy as np

from dancing_utils.show.exercises.answer import Slips, verdict


def check_on_sphere(on_sphere: Callable) -> None:
    """a and b (d,) of length 1, and a share 0 to 1 -> the point (d,) so far on the shortest way on the sphere."""

    def angle(a, b):
        return np.arccos(np.clip(a @ b, -1, 1))  # radians

    def right(a, b, share):
        w = angle(a, b)
        return (np.sin((1 - share) * w) * a + np.sin(share * w) * b) / np.sin(w)

    def straight(a, b, share):
        return (1 - share) * a + share * b

    def with_degrees(a, b, share):
        w = np.degrees(angle(a, b))
        return (np.sin((1 - share) * w) * a + np.sin(share * w) * b) / np.sin(w)

    rng = np.random.default_rng(0)
    a, b = (one / np.linalg.norm(one) for one in rng.normal(size=(2, 8)))
    cases = [(np.array([1.0, 0.0]), np.array([0.0, 1.0]), share) for share in (0.0, 1 / 3, 0.5, 1.0)] + [(a, b, 0.25)]
    slips: Slips = (
        (straight, "That is the straight way, through the inside of the sphere: half-way its length is below 1."),
        (lambda a, b, share: straight(a, b, share) / np.linalg.norm(straight(a, b, share)),
         "All your points lie on the sphere, but not evenly: a third of the way is to be a third of the angle."),
        (lambda a, b, share: right(b, a, share), "At a share of 0 you are at b. It is to be a."),
        (lambda a, b, share: right(a, b, share) * np.sin(angle(a, b)),
         "Right but for its length, which is not 1 everywhere. What is missing below the line?"),
        (with_degrees, "np.sin takes radians. Your angle is in degrees."),
    )  # fmt: skip
    praise = "Equal shares are equal angles, and the length stays 1 all the way."
    print(verdict(on_sphere, right, cases, slips, praise))


def check_arm_axis(arm_axis: Callable) -> None:
    """z (N, d) and how high the wrists are (N,) -> number of the axis that tells most about it, up or down."""

    def correlations(z, height):
        z, height = z - z.mean(0), height - height.mean()
        return z.T @ height / np.sqrt((z**2).sum(0) * (height**2).sum())  # (d,)

    def right(z, height):
        return np.argmax(np.abs(correlations(z, height)))

    def made(weights, spreads, seed):
        rng = np.random.default_rng(seed)
        height = rng.normal(size=400)
        noise = rng.normal(size=(400, len(weights)))
        return (height[:, None] * weights + noise * 0.5) * spreads + 1, height

    cases = [  # the third axis goes down as the arms go up; the last one varies most and says least
        made(np.array([0.1, 0.8, -1.5, 0.02]), np.array([1.0, 2.0, 0.2, 6.0]), seed=0),
        made(np.array([0.7, 0.0, 0.2, -0.2]), np.array([0.1, 2.0, 1.0, 9.0]), seed=1),
    ]
    slips: Slips = (
        (lambda z, height: np.argmax(correlations(z, height)),
         "An axis may raise the arms towards its minus end. Such a correlation is negative, and counts as much."),
        (lambda z, height: np.argmax(np.abs((z - z.mean(0)).T @ (height - height.mean()))),
         "That is the covariance, which is large for any axis that varies much. Divide by what each one varies."),
        (lambda z, height: right(z, height) + 1, "One too many: axes are counted from 0."),
        (lambda z, height: np.max(np.abs(correlations(z, height))),
         "That is how strong the best correlation is. Wanted is the number of its axis."),
        (lambda z, height: np.argmax(z.var(0)), "That is the axis that varies most, whatever the arms do."),
    )  # fmt: skip
    praise = "Move z along this axis and see whether the arms follow: a correlation is no cause yet."
    print(verdict(arm_axis, right, cases, slips, praise))
