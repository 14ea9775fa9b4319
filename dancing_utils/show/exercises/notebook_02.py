"""Exercises on sound: a coefficient from a spectrum, the tempo from an activation.

Notebook: 02_explore_mfcc_and_pose.ipynb
"""

from collections.abc import Callable

import numpy as np

from dancing_utils.show.exercises.answer import Slips, verdict


def check_one_mfcc(one_mfcc: Callable) -> None:
    """Levels (n,) in dB of the mel bands, and k of 1 or more -> coefficient k."""

    def wave(n, k, half=0.5, turns=np.pi):
        return np.cos(turns * k * (np.arange(n) + half) / n)  # (n,)

    def right(levels, k):
        return np.sqrt(2 / len(levels)) * np.sum(levels * wave(len(levels), k))

    bands = np.random.default_rng(0).normal(-40, 15, 128).round(1)
    cases = [(bands[:8], 1), (bands[:8], 2), (bands[:8], 3), (bands, 5)]
    slips: Slips = (
        (lambda levels, k: np.sqrt(2 / len(levels)) * np.sum(levels * wave(len(levels), k, half=0.0)),
         "The wave begins at the edge of the first band. It is to be taken at the middle of each band."),
        (lambda levels, k: np.sqrt(2 / len(levels)) * np.sum(levels * wave(len(levels), k, turns=2 * np.pi)),
         "Your wave k turns k times. Wave 1 is to fall once, from the lowest band to the highest: half a turn."),
        (lambda levels, k: np.sqrt(2 / len(levels)) * np.mean(levels * wave(len(levels), k)),
         "That is the mean of the products. The formula has their sum."),
        (lambda levels, k: np.mean(levels * wave(len(levels), k)),
         "That is the mean of the products. The formula has their sum, and a factor before it."),
        (lambda levels, k: np.sum(levels * wave(len(levels), k)),
         "The sum is right. What is missing is the factor before it."),
    )  # fmt: skip
    praise = "A dot product with a wave: the larger it is, the more of this wave is in the spectrum's shape."
    print(verdict(one_mfcc, right, cases, slips, praise))


def check_tempo_of(tempo_of: Callable) -> None:
    """Activation (T,), values a second -> beats a minute, by the shift from 70 to 180 beats a minute that fits best."""

    def shifts(rate):
        return np.arange(int(np.ceil(60 * rate / 180)), 60 * rate // 70 + 1)  # (n,) steps

    def fits(activation, rate):
        return [np.mean(activation[shift:] * activation[:-shift]) for shift in shifts(rate)]

    def best(activation, rate):
        return shifts(rate)[np.argmax(fits(activation, rate))]  # steps

    def pulses(period, n=300):
        """A bump every so many steps, some stronger than others (n,)."""
        beats = np.arange(0, n, period)
        strengths = np.random.default_rng(0).uniform(0.5, 1, len(beats))
        return np.exp(-(((np.arange(n)[:, None] - beats) / 4) ** 2)) @ strengths

    cases = [(pulses(25), 50), (pulses(20), 30), (pulses(30), 50), (pulses(42), 50)]  # 42: the longest shift of all
    slips: Slips = (
        (best, "That is the shift, in steps. Steps are 1 / rate seconds long, and a minute has 60."),
        (lambda activation, rate: best(activation, rate) / rate,
         "That is the time from beat to beat, in seconds. How many of those fit into a minute?"),
        (lambda activation, rate: rate / best(activation, rate),
         "Those are beats a second. Wanted are beats a minute."),
        (lambda activation, rate: 60 * rate,
         "A curve resembles itself most when it is hardly shifted. Try only shifts that a beat may last."),
        (lambda activation, rate: 60 * rate / max(1, np.argmax(fits(activation, rate))),
         "argmax gives a place in your list of fits, and the list does not begin at a shift of 0."),
    )  # fmt: skip
    praise = "The beat is the shift at which the curve resembles itself: that is how regularity is measured, too."
    print(verdict(tempo_of, lambda a, rate: 60 * rate / best(a, rate), cases, slips, praise))
