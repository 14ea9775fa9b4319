"""Exercises on a person in a new pose: a pixel of a limb map, and where a moved pixel comes from.

Notebook: 07a_new_pose.ipynb
"""

from collections.abc import Callable

import numpy as np

from dancing_utils.show.exercises.answer import Slips, verdict


def check_limb_value(limb_value: Callable) -> None:
    """Joints a and b and a place, (2,) pixels each -> the limb map's value there, with a sigma of 2 pixels."""

    def share(a, b, place):
        return (place - a) @ (b - a) / ((b - a) @ (b - a))  # 0 beside a, 1 beside b

    def soft(difference, factor=2.0):
        return np.exp(-(difference @ difference) / (factor * 2.0**2))

    def nearest(a, b, place):
        return a + np.clip(share(a, b, place), 0, 1) * (b - a)

    a, b = np.array([10.0, 10.0]), np.array([20.0, 10.0])
    places = ([15.0, 10.0], [15.0, 13.0], [8.0, 11.0], [21.0, 12.0], [12.0, 9.0])
    cases = [(a, b, np.array(place)) for place in places]
    cases += [(np.array([3.0, 4.0]), np.array([6.0, 8.0]), np.array([2.0, 8.0]))]
    slips: Slips = (
        (lambda a, b, place: soft(place - a - share(a, b, place) * (b - a)),
         "Your line goes on beyond the joints. Past an end, the nearest point is the joint itself."),
        (lambda a, b, place: soft(place - (a + b) / 2),
         "That is a spot in the middle of the limb. The nearest point of the line may lie anywhere on it."),
        (lambda a, b, place: max(soft(place - a), soft(place - b)),
         "Those are two spots, one on each joint. Between them the line is missing."),
        (lambda a, b, place: soft(place - nearest(a, b, place), factor=1.0),
         "The line is too thin: at a distance of 2 pixels it is to be 0.61. A factor is missing below."),
        (lambda a, b, place: np.exp(-np.sqrt((place - nearest(a, b, place)) @ (place - nearest(a, b, place))) / 8),
         "The distance is to be squared. Without that, the line has a sharp ridge, and reaches far."),
    )  # fmt: skip
    praise = "1 on the limb, 0.61 two pixels beside it, nearly 0 six pixels off."
    print(verdict(limb_value, right=lambda a, b, place: soft(place - nearest(a, b, place)), cases=cases, slips=slips,
                  praise=praise))  # fmt: skip


def check_where_from(where_from: Callable) -> None:
    """A place (2,) of the new picture, elbow and wrist (2, 2) as filmed and as wanted -> its place (2,) in the film."""

    def carried(place, start, end):
        """Where a similarity that brings the points ``start`` to ``end`` carries a place."""
        (p, q), (u, v) = start @ [1, 1j], end @ [1, 1j]  # complex: length is scale, angle is turn
        to = u + (place @ [1, 1j] - p) * (v - u) / (q - p)
        return np.array([to.real, to.imag])

    def right(place, filmed, wanted):
        return carried(place, wanted, filmed)

    def only_turned(place, filmed, wanted):
        (p, q), (u, v) = wanted @ [1, 1j], filmed @ [1, 1j]
        turn = (v - u) / (q - p)
        to = u + (place @ [1, 1j] - p) * turn / abs(turn)
        return np.array([to.real, to.imag])

    filmed = np.array([[100.0, 200.0], [100.0, 240.0]])  # hanging, 40 pixels long
    wanted = np.array([[150.0, 180.0], [170.0, 180.0]])  # stretched out sideways, and half as long
    cases = [(np.array(place), filmed, wanted) for place in ([150.0, 180.0], [170.0, 180.0], [160.0, 185.0])]
    cases += [(np.array([12.0, 7.0]), np.array([[0.0, 0.0], [3.0, 4.0]]), np.array([[10.0, 5.0], [14.0, 8.0]]))]
    slips: Slips = (
        (lambda place, filmed, wanted: carried(place, filmed, wanted),
         "You sent the place forward. Each pixel of the new picture asks where it comes from: the other way."),
        (lambda place, filmed, wanted: place - wanted[0] + filmed[0],
         "The elbow lies right, the wrist does not: the arm is moved, but not turned."),
        (only_turned, "Moved and turned, but not stretched: both ends are to fit, and the lengths differ."),
        (lambda place, filmed, wanted: filmed[0] + (place - wanted[0]) * np.linalg.norm(filmed[1] - filmed[0])
         / np.linalg.norm(wanted[1] - wanted[0]), "Moved and stretched, but not turned."),
        (lambda place, filmed, wanted: right(place, filmed, wanted) - filmed[0],
         "Measured from the elbow that is right. Wanted is the place in the picture."),
    )  # fmt: skip
    praise = "The elbow comes from the elbow, the wrist from the wrist, and all between from between."
    print(verdict(where_from, right, cases, slips, praise))
