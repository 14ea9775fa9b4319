"""What is said about a learner's function: right, a typical slip, or what came and what was wanted.

Notebook: 01_extract_data.ipynb
"""

from collections.abc import Callable
from copy import deepcopy

import numpy as np

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
    """Are all words the same, and all numbers of the same shape, and the same but for rounding?"""
    if all(isinstance(value, str) for value in (*came, *wanted)):
        return came == wanted
    try:
        pairs = [(np.asarray(a, float), np.asarray(b, float)) for a, b in zip(came, wanted, strict=True)]
    except (TypeError, ValueError):  # no numbers
        return False
    return all(a.shape == b.shape and np.allclose(a, b, rtol=1e-4, atol=1e-6, equal_nan=True) for a, b in pairs)


def _shown(value) -> str:
    """A value as words: small ones whole, large arrays by their shape, functions by their name."""
    if callable(value):
        return value.__name__
    if isinstance(value, bool | str):
        return f"{value!r:.40}"
    try:
        array = np.asarray(value, float)
    except (TypeError, ValueError):
        return f"{type(value).__name__} {str(value)[:40]}"
    if array.size > 12:
        return f"an array of shape {array.shape}"
    numbers = np.array2string(array, separator=", ", formatter={"float_kind": lambda x: f"{x:.4g}"})
    return numbers.replace("\n", "") + (f" of shape {array.shape}" if array.ndim > 1 else "")
