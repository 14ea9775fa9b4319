"""Exercises on a film of one's own: its verdict, and the level of the wall behind a person.

Notebook: 09_your_own_videos.ipynb
"""

from collections.abc import Callable

import numpy as np

from dancing_utils.show.exercises.answer import Slips, verdict


def check_film_verdict(film_verdict: Callable) -> None:
    """Seconds seen, height in pixels, share with head or hips cut off, does the camera move? -> the verdict, a word."""
    words = ("good", "usable", "unusable")

    def levels(seconds, pixels, cut_off, moving):
        """How bad each of the four is: 0, 1 or 2."""
        short, small = (seconds < 8) + (seconds < 3), (pixels < 300) + (pixels < 120)
        return [short, small, (cut_off > 0.2) + (cut_off > 0.5), int(moving)]

    def right(*facts):
        return words[max(levels(*facts))]

    def with_limits(seconds, pixels, cut_off, moving):
        slow = [(seconds <= 8) + (seconds <= 3), (pixels <= 300) + (pixels <= 120)]
        return words[max(*slow, (cut_off >= 0.2) + (cut_off >= 0.5), int(moving))]

    cases = [
        (20.0, 350.0, 0.0, False), (5.0, 350.0, 0.0, False), (20.0, 90.0, 0.0, False), (20.0, 350.0, 0.3, False),
        (20.0, 350.0, 0.0, True), (2.0, 350.0, 0.0, True), (8.0, 300.0, 0.2, False), (20.0, 250.0, 0.6, False),
        (3.0, 350.0, 0.0, False), (6.0, 250.0, 0.3, True),
    ]  # fmt: skip
    slips: Slips = (
        (lambda *facts: words[min(levels(*facts))],
         "Good as soon as one thing is good? The worst of the four decides."),
        (lambda *facts: words[min(1, max(levels(*facts)))],
         "No film is unusable to you. Do you ask for 'usable' first, and stop there?"),
        (lambda *facts: words[round(np.mean(levels(*facts)))],
         "You take the mean of the four. Three good things do not make up for a person whom nobody can see."),
        (with_limits, "Look at the limits: a person of just 300 pixels, seen for just 8 seconds, is good enough."),
        (lambda *facts: words[max(levels(*facts)[:3])], "A camera that moves makes a film no better than usable."),
        (lambda *facts: words[min(2, sum(levels(*facts)))],
         "You add up what is wrong. Two small faults are not yet an unusable film."),
    )  # fmt: skip
    praise = "The worst thing decides, and so the check can say what would help most."
    print(verdict(film_verdict, right, cases, slips, praise))


def check_wall_level(wall_level: Callable) -> None:
    """Grey levels (T,) of a pixel over time, and where the mask has it inside (T,) -> the wall's level; NaN: unseen."""

    def right(levels, inside):
        return np.median(levels[~inside]) if (~inside).any() else np.nan

    levels = np.array([200.0, 60.0, 70.0, 198.0, 65.0, 90.0, 199.0, 150.0, 80.0])
    inside = np.array([False, True, True, False, True, True, False, False, True])
    cases = [(levels, inside), (levels[:4], inside[:4]), (levels[1:3], np.array([True, True]))]
    slips: Slips = (
        (lambda levels, inside: np.median(levels),
         "He covers this pixel more than half of the time: the median of all is his shirt."),
        (lambda levels, inside: np.mean(levels), "The mean of all is neither him nor the wall."),
        (lambda levels, inside: np.mean(levels[~inside]) if (~inside).any() else np.nan,
         "A single wrong moment, as his shadow, moves the mean. What does it move less?"),
        (lambda levels, inside: np.median(levels[inside]) if inside.any() else np.nan,
         "That is what lies inside the mask: him. The wall is outside."),
        (lambda levels, inside: np.median(levels[~inside]) if (~inside).any() else 0.0,
         "A pixel that never showed the wall is not black. Say that you do not know: np.nan."),
    )  # fmt: skip
    praise = "So begins the plate, for each of 230,400 pixels and three colours; 07a names two cares more."
    print(verdict(wall_level, right, cases, slips, praise))
