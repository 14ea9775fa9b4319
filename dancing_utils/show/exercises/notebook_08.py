"""Exercises on a whole video: a metric of boredom of one's own, and how often chance does as well.

Notebook: 08_song_to_video.ipynb
"""

from collections.abc import Callable

import numpy as np

from dancing_utils.show.exercises.answer import OPEN, Slips, verdict

DANCE = 240  # frames, eight seconds


def _dances() -> dict[str, np.ndarray]:
    """Five dances (240, 33, 2) in units of the picture, to be told apart."""
    rng, t = np.random.default_rng(0), np.arange(DANCE) / 30  # seconds
    body = np.stack([0.5 + 0.1 * rng.normal(size=33), np.linspace(0.2, 0.85, 33)], -1)  # (33, 2)
    ways = rng.normal(0, 0.04, (5, 33, 2))

    def moved(waves):
        return body + np.einsum("tk,kjd->tjd", np.stack(waves, -1), ways[: len(waves)])

    rates = (0.5, 0.31, 0.83, 0.57, 0.21)  # turns a second that hardly ever meet
    varied = moved([np.sin(2 * np.pi * rate * t) * (0.6 + 0.4 * np.sin(0.9 * t + k)) for k, rate in enumerate(rates)])
    start = np.convolve(np.abs(np.diff(varied, axis=0)).mean((1, 2)), np.ones(60), "valid").argmax()
    looped = np.tile(varied[start : start + 60], (4, 1, 1))  # its two fastest seconds, four times
    still = np.tile(varied[:1], (DANCE, 1, 1))
    return {"still": still, "looped": looped, "varied": varied, "aside": varied + (0.1, 0.0), "far": varied * 0.5}


def check_boredom(boredom: Callable) -> None:
    """A dance (T, 33, 2) -> one number, the larger the more boring: standing still, then a loop, then what varies."""
    print(_about_boredom(boredom))


def _about_boredom(boredom: Callable) -> str:
    try:
        came = {name: boredom(dance.copy()) for name, dance in _dances().items()}
    except Exception as error:  # whatever a learner's code raises becomes a sentence
        return f"Your function stopped with {type(error).__name__}: {error or 'no more was said'}."
    if all(value is None for value in came.values()):
        return OPEN
    try:
        bored = {name: float(value) for name, value in came.items()}
    except (TypeError, ValueError):
        bored = {}
    if not np.isfinite(list(bored.values()) or [np.nan]).all():
        return f"Not yet. Given a dance, {str(came['varied'])[:40]} came back; wanted was one finite number."
    still, looped, varied = (bored[name] for name in ("still", "looped", "varied"))
    if still == varied:
        both = f"{still:.4g} and {varied:.4g} came back"
        return f"Not yet. Given a dance that stands still and one that varies, {both}; wanted was more for the first."
    if still < varied:
        return "Not yet. Your number grows with what happens. Boredom is the other way round."
    if abs(bored["aside"] - varied) > 0.01 * abs(still - varied):
        return "Not yet. The same dance a step aside bores you another time: measure poses from the hips, or changes."
    if not still > looped > varied:
        return (
            "Not yet. A loop of two seconds is to bore more than a dance that varies, and less than standing still. "
            "Speed does not tell them apart: compare each moment with those before it."
        )
    if abs(bored["far"] - varied) > 0.1 * abs(still - varied):
        return "Not yet. Seen from twice as far the same dance bores you another time: measure in torso lengths."
    return "Right. Standing still, then a loop, then a dance that varies. Now ask it of the dances above."


def check_chance_of(chance_of: Callable) -> None:
    """A score, and (n,) scores of chance -> how often chance does at least as well, itself counted as one of them."""

    def right(own, others):
        return (1 + np.sum(others >= own)) / (1 + len(others))

    others = np.array([0.2, 0.3, 0.3, 0.4, 0.1, 0.5, 0.25, 0.35, 0.15])
    cases = [(0.92, others), (0.3, others), (0.05, others), (0.4, others[:4])]
    slips: Slips = (
        (lambda own, others: np.mean(others >= own),
         "Nine draws of chance cannot show that something never happens. Count the score itself as a draw, too."),
        (lambda own, others: (1 + np.sum(others > own)) / (1 + len(others)),
         "A draw that does just as well counts, too."),
        (lambda own, others: (1 + np.sum(others <= own)) / (1 + len(others)),
         "That is how often chance does worse, or as well."),
        (lambda own, others: np.mean(others < own),
         "That is how often chance does worse. Wanted is how often it does not."),
        (lambda own, others: 100 * right(own, others), "That is in percent. Wanted is a share, 0 to 1."),
        (lambda own, others: 1 + np.sum(others >= own), "That is how many. Wanted is a share of all draws."),
    )  # fmt: skip
    praise = "The smaller it is, the less chance explains. With n draws it cannot be below 1 / (n + 1)."
    print(verdict(chance_of, right, cases, slips, praise))
