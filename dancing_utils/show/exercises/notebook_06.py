"""Exercises on a GAN: the discriminator's loss, and a generator's that sees the pose.

Notebook: 06_train_gan.ipynb
"""

from collections.abc import Callable

import numpy as np

from dancing_utils.show.exercises.answer import Slips, verdict


def check_discriminator_loss(discriminator_loss: Callable) -> None:
    """What D says of photographs and of paintings, (B, 1) each, 0 to 1 -> its loss, one number."""

    def right(real, fake):
        return -0.5 * (np.mean(np.log(real)) + np.mean(np.log(1 - fake)))

    rng = np.random.default_rng(0)
    half = np.full((4, 1), 0.5)
    cases = [(half, half), (np.array([[0.9], [0.8]]), np.array([[0.1], [0.3]]))]
    cases += [tuple(rng.uniform(0.1, 0.9, (2, 16, 1)))]
    slips: Slips = (
        (lambda real, fake: -right(real, fake), "A loss that falls as D gets worse: a sign is wrong."),
        (lambda real, fake: 2 * right(real, fake),
         "Where D always says one half, the loss is to be 0.69. Yours is twice that."),
        (lambda real, fake: -0.5 * (np.mean(np.log(real)) + np.mean(np.log(fake))),
         "You praise D for saying yes to paintings, too. For those it is to say no: 1 minus what it says."),
        (lambda real, fake: right(fake, real), "Photographs and paintings have changed places."),
        (lambda real, fake: -0.5 * (np.sum(np.log(real)) + np.sum(np.log(1 - fake))),
         "That is the sum over the batch. With a larger batch the loss would grow: take the mean."),
    )  # fmt: skip
    praise = "0.69, the logarithm of 2, where D can only guess, and near 0 where it is right and sure."
    print(verdict(discriminator_loss, right, cases, slips, praise))


def check_generator_loss(generator_loss: Callable) -> None:
    """D (a function of pictures and poses), poses, painted and true pictures -> the generator's loss, one number."""

    def discriminator(pictures, poses):
        """A stand-in: (B, rows, columns, 3) and (B, 33, 2) -> (B, 1), 0 to 1."""
        return 1 / (1 + np.exp(pictures.mean((1, 2, 3)) - 2 * poses.mean((1, 2))))[:, None]

    def pixel(painted, true):
        return np.mean(np.abs(true - painted))

    def right(d, poses, painted, true):
        return -np.mean(np.log(d(painted, poses))) + 100 * pixel(painted, true)

    rng = np.random.default_rng(0)
    cases = [
        (discriminator, rng.uniform(0, 1, (n, 33, 2)), *rng.uniform(-1, 1, (2, n, 4, 4, 3))) for n in (1, 3)
    ]
    slips: Slips = (
        (lambda d, poses, painted, true: -np.mean(np.log(d(painted, 0 * poses))) + 100 * pixel(painted, true),
         "Your discriminator is not shown the poses that were asked for."),
        (lambda d, poses, painted, true: -np.mean(np.log(d(true, poses))) + 100 * pixel(painted, true),
         "You asked the discriminator about the photographs. The generator answers for what it painted."),
        (lambda d, poses, painted, true: np.mean(np.log(d(painted, poses))) + 100 * pixel(painted, true),
         "The better the discriminator likes the paintings, the larger is your loss: a sign is wrong."),
        (lambda d, poses, painted, true: -np.mean(np.log(d(painted, poses))) + pixel(painted, true),
         "The pixels' difference is to count a hundred times."),
        (lambda d, poses, painted, true: -np.mean(np.log(d(painted, poses))) + 100 * np.mean((true - painted) ** 2),
         "You squared the differences of the pixels (L2). Wanted are their absolute values (L1)."),
        (lambda d, poses, painted, true: np.mean(np.log(1 - d(painted, poses))) + 100 * pixel(painted, true),
         "ln(1 - D) falls as it should, but hardly where D is sure that all is painted. Take minus ln D."),
    )  # fmt: skip
    praise = "A good picture of another pose no longer pays: the discriminator sees it, and so do the pixels."
    print(verdict(generator_loss, right, cases, slips, praise))
