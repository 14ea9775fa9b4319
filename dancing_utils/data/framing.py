"""What to take of a film's pictures for the person in it: one window a film, shaped like 640 x 360.

A film taken with the phone held level shows a person in a tenth of its pictures; brought whole to 360 columns she would
be 100 pixels tall. The window is as small as her whole track and the room that a dance needs allow.

Notebook: 01_extract_data.ipynb
"""

from pathlib import Path

import numpy as np

from dancing_utils import HEIGHT, WIDTH, InputError
from dancing_utils.data import film_check
from dancing_utils.data.film_judging import FilmReport
from dancing_utils.data.media import Window, window_of

# Of her height: room over her head, from her middle to either side, and under her feet.
ABOVE, BESIDE, BELOW = 0.3, 0.6, 0.06
AT_EDGE = 0.005  # of the picture's height: who comes so near to its lower edge is cut by it


def look_for_person(
    path: str | Path, *, at: tuple[float, float] | None = None, model: str | Path | None = None
) -> tuple[Window, np.ndarray | None]:  # fmt: skip
    """The window for the person in a film and where she is seen, ``FilmReport.track``, by checking the film.

    Parameters
    ----------
    at, model : as in ``film_check.check_film``.

    Raises
    ------
    InputError
        If the film cannot be read.
    """
    report = film_check.check_film(path, at=at, model=model)
    if report.facts is None:
        raise InputError(film_check.describe(report))
    return window_around(report), report.track


def window_around(report: FilmReport) -> Window:
    """The window for the person that the check followed, in the film's pixels as shown.

    Never larger than what letterboxing shows, and outside the picture only where her track is too wide for it. All of
    that where nobody is followed. Where the film's lower edge cuts her legs, it is the window's lower edge, too: in a
    black bar below it legs would be found that nobody sees.
    """
    width, height = report.file.width, report.file.height
    whole = window_of("letterbox", width, height)
    start, stop = report.facts.scene
    seen = [(one.time, person.box) for one, person in zip(report.observations, report.followed, strict=True) if person]
    boxes = [box for time, box in seen if start <= time <= stop]
    if not boxes:
        return whole
    boxes = np.array(boxes) * (width, height, width, height)
    (left, top), (right, bottom) = boxes[:, :2].min(0), boxes[:, 2:].max(0)
    tall = np.median(boxes[:, 3] - boxes[:, 1])
    middle = np.median(boxes[:, [0, 2]].mean(1))
    left, right = min(left, middle - BESIDE * tall), max(right, middle + BESIDE * tall)
    top, bottom = min(top, np.median(boxes[:, 1]) - ABOVE * tall), bottom + BELOW * tall
    wanted = max(min(bottom, height) - max(top, 0), (min(right, width) - max(left, 0)) * HEIGHT / WIDTH)  # rows
    rows = min(wanted, whole.height)
    columns = rows * WIDTH / HEIGHT
    is_cut = np.median(boxes[:, 3]) > (1 - AT_EDGE) * height
    start = height - rows if is_cut else _inside((top + bottom) / 2, rows, height)
    return Window(_inside((left + right) / 2, columns, width), start, columns, rows)


def _inside(middle: float, length: float, whole: float) -> float:
    """Where a stretch begins: around the middle, pushed into 0 ... whole; around all of that if it is longer."""
    return float(np.clip(middle - length / 2, 0, whole - length)) if length <= whole else (whole - length) / 2
