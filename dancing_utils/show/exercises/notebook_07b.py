"""Exercises on a network that paints: the pixel shuffle, and the blend by the mask.

Notebook: 07b_better_images.ipynb
"""

from collections.abc import Callable

import numpy as np

from dancing_utils.show.exercises.answer import Slips, verdict


def check_pixel_shuffle(pixel_shuffle: Callable) -> None:
    """Numbers (rows, columns, 4) -> (2 rows, 2 columns): the four of a pixel as a square."""

    def right(numbers):
        rows, columns, _ = numbers.shape
        return numbers.reshape(rows, columns, 2, 2).transpose(0, 2, 1, 3).reshape(2 * rows, 2 * columns)

    def in_quarters(numbers):
        return np.block([[numbers[..., 0], numbers[..., 1]], [numbers[..., 2], numbers[..., 3]]])

    cases = [(np.arange(n).reshape(shape),) for n, shape in ((4, (1, 1, 4)), (8, (1, 2, 4)), (24, (3, 2, 4)))]
    slips: Slips = (
        (lambda x: x.reshape(2 * x.shape[0], 2 * x.shape[1]),
         "With one pixel that is right, with two not: a plain reshape lays the second pixel below, not beside."),
        (lambda x: right(x[..., [0, 2, 1, 3]]), "Your squares are filled down first. Fill the upper row first."),
        (in_quarters, "You made four small pictures side by side. The four numbers of a pixel stay together."),
        (lambda x: x[..., 0].repeat(2, 0).repeat(2, 1),
         "That is number 0 of each pixel, four times. The three others are to be seen, too."),
        (lambda x: x.mean(-1).repeat(2, 0).repeat(2, 1),
         "You took means. Nothing is to be computed: each number is only laid to its place."),
    )  # fmt: skip
    praise = "A quarter of the pixels were computed, and all of them are there."
    print(verdict(pixel_shuffle, right, cases, slips, praise))


def check_blend(blend: Callable) -> None:
    """What the generator gives (rows, columns, 4), and a plate (rows, columns, 3), -1 to 1 -> the picture."""

    def sigmoid(t):
        return 1 / (1 + np.exp(-t))

    def mixed(mask, colour, plate):
        return mask * colour + (1 - mask) * plate

    def right(made, plate):
        return mixed(sigmoid(made[..., 3:] + 1), np.tanh(made[..., :3]), plate)

    rng = np.random.default_rng(0)
    cases = [(np.zeros((1, 1, 4)), np.full((1, 1, 3), 1.0))]  # grey over white, mask 0.73
    for size in ((1, 1), (6, 5)):
        cases.append((rng.normal(0, 2, (*size, 4)).round(2), rng.uniform(-1, 1, (*size, 3)).round(2)))
    slips: Slips = (
        (lambda made, plate: mixed(sigmoid(made[..., 3:]), np.tanh(made[..., :3]), plate),
         "Where the mask's number is 0, the mask is to be 0.73, not a half: something is added before the sigmoid."),
        (lambda made, plate: mixed(1 - sigmoid(made[..., 3:] + 1), np.tanh(made[..., :3]), plate),
         "Inside out: where the mask is 1, the colour is to be seen, and the plate where it is 0."),
        (lambda made, plate: mixed(made[..., 3:] + 1, np.tanh(made[..., :3]), plate),
         "Your mask may be less than 0 and more than 1. What brings any number between the two?"),
        (lambda made, plate: mixed(sigmoid(made[..., 3:] + 1), made[..., :3], plate),
         "Your colours may be darker than black and brighter than white. What brings any number to -1 ... 1?"),
        (lambda made, plate: sigmoid(made[..., 3:] + 1) * np.tanh(made[..., :3]) + plate,
         "You added the colour to the whole plate. Where she stands, the wall is to go."),
    )  # fmt: skip
    praise = "The wall stays the wall that was filmed, and costs the generator nothing."
    print(verdict(blend, right, cases, slips, praise))
