"""Exercises of the notebooks: a check tries a learner's function on small cases and says in a sentence how it went.

Each ``check_NAME`` is given the function ``NAME`` that a learner wrote. It prints one line: that the function is right,
what a typical slip was (without giving the answer away), or what came and what was wanted. It never raises, so that
"Run all" goes through while exercises are still open. Solutions, with reasons, stand in ``notebooks/solutions``.

Notebook: 01_extract_data.ipynb
"""

from collections.abc import Callable
from copy import deepcopy

import numpy as np

from dancing_utils import FPS, TIME_STEPS

OPEN = "Nothing comes back yet. Write the function's body, let it return its result, and run that cell and this one."
Slips = tuple[tuple[Callable, str], ...]  # what a typical wrong answer computes, and what is said about it


def verdict(function: Callable, right: Callable, cases: list[tuple], slips: Slips, praise: str) -> str:
    """One sentence about a learner's function.

    Parameters
    ----------
    right : the function that gives the right answers.
    cases : the arguments of each call.
    slips : typical wrong answers, each with its own sentence; the first that agrees in every case is meant.
    praise : the sentence for a right function.
    """
    try:
        came = [function(*deepcopy(case)) for case in cases]
    except Exception as error:  # whatever a learner's code raises becomes a sentence
        return f"Your function stopped with {type(error).__name__}: {error or 'no more was said'}."
    if all(value is None for value in came):
        return OPEN
    wanted = [right(*case) for case in cases]
    if _agree(came, wanted):
        return f"Right. {praise}"
    for wrong, said in slips:
        if _agree(came, [wrong(*case) for case in cases]):
            return f"Not yet. {said}"
    n = next(n for n in range(len(cases)) if not _agree(came[n : n + 1], wanted[n : n + 1]))
    given = ", ".join(_shown(value) for value in cases[n])
    return f"Not yet. Given {given}, {_shown(came[n])} came back; wanted was {_shown(wanted[n])}."


def _agree(came: list, wanted: list) -> bool:
    """Are all of the same shape, and the same but for rounding?"""
    try:
        pairs = [(np.asarray(a, float), np.asarray(b, float)) for a, b in zip(came, wanted, strict=True)]
    except (TypeError, ValueError):  # no numbers
        return False
    return all(a.shape == b.shape and np.allclose(a, b, rtol=1e-4, atol=1e-6) for a, b in pairs)


def _shown(value) -> str:
    """A value as words: small ones whole, large arrays by their shape."""
    try:
        array = np.asarray(value, float)
    except (TypeError, ValueError):
        return f"{type(value).__name__} {str(value)[:40]}"
    if array.size > 12:
        return f"an array of shape {array.shape}"
    numbers = np.array2string(array, separator=", ", formatter={"float_kind": lambda x: f"{x:.4g}"})
    return numbers.replace("\n", "") + (f" of shape {array.shape}" if array.ndim > 1 else "")


# --- 01: films and windows ------------------------------------------------------------------------------------------


def check_frame_at(frame_at: Callable) -> None:
    """Stamps (n,) in seconds, rising, and k -> number of the picture nearest to k / 30 s after the first."""

    def after_first(stamps):
        return np.asarray(stamps) - stamps[0]  # (n,)

    def right(stamps, k):
        return np.argmin(np.abs(after_first(stamps) - k / FPS))

    steady = [round(0.5 + n / 25, 3) for n in range(10)]  # 25 pictures a second, from half a second on
    shaky = [2.0, 2.03, 2.05, 2.12, 2.14, 2.2]
    cases = [(np.array(stamps), k) for stamps in (steady, shaky) for k in (0, 1, 2, 4, 5)]
    slips: Slips = (
        (lambda stamps, k: np.argmin(np.abs(stamps - k / FPS)),
         "This film's first picture is stamped 0.5 s, not 0: from where is the time to be counted?"),
        (lambda stamps, k: np.searchsorted(after_first(stamps), k / FPS + 1e-9) - 1,
         "That is always the picture before the time. The one after it may be nearer."),
        (lambda stamps, k: np.searchsorted(after_first(stamps), k / FPS - 1e-9),
         "That is always the picture after the time, one too far where the one before it is nearer."),
        (lambda stamps, k: min(k, len(stamps) - 1),
         "That holds for 30 even pictures a second. This film has 25, so look at its stamps."),
        (lambda stamps, k: stamps[right(stamps, k)],
         "That is the stamp itself, in seconds. Wanted is the picture's number, counted from 0."),
    )  # fmt: skip
    praise = "A film of 25 pictures a second gives 30: some are taken twice, and none is more than half a step off."
    print(verdict(frame_at, right, cases, slips, praise))


def check_window_starts(window_starts: Callable) -> None:
    """Frames of a film, and of a window -> the frame at which each window starts; the last ends with the film."""

    def right(n_frames, steps):
        return [min(start, n_frames - steps) for start in range(0, n_frames, steps)]

    cases = [(595, TIME_STEPS), (2 * TIME_STEPS, TIME_STEPS), (10, 4), (4, 4)]
    slips: Slips = (
        (lambda n, steps: list(range(0, n - steps + 1, steps)),
         "The film's last frames are in no window. Let one more window end with the film."),
        (lambda n, steps: list(range(0, n, steps)),
         "The last window goes on after the film has ended. Let it begin earlier."),
        (lambda n, steps: [*range(0, n - steps + 1, steps), n - steps],
         "Where windows fill a film exactly, you give the last one twice."),
        (lambda n, steps: [min(start, n - steps) for start in range(0, n, steps - 1)],
         "Your second window begins with the first one's last frame: count how far apart two starts are."),
    )  # fmt: skip
    praise = "Every frame is in a window, and every window is whole: this is how `extract` cuts a film."
    print(verdict(window_starts, right, cases, slips, praise))


# --- 02: sound ------------------------------------------------------------------------------------------------------


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

    cases = [(pulses(25), 50), (pulses(20), 30), (pulses(30), 50)]
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


# --- 03: the LSTM-VAE -----------------------------------------------------------------------------------------------


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
        (lambda mean, log_var, noise: np.exp(log_var / 2) * noise, "Your z lie around 0. Around what are they to lie?"),
        (lambda mean, log_var, noise: mean + np.exp(-log_var / 2) * noise,
         "Where the variance is large, your z lie close together: a sign is wrong."),
        (lambda mean, log_var, noise: mean + noise, "Your z spread by 1 whatever the variance is."),
    )  # fmt: skip
    praise = "For fixed noise z is a smooth function of mean and variance, so the gradient finds its way through."
    print(verdict(draw_z, right, cases, slips, praise))
