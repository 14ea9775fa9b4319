"""Exercises on films and windows: which picture belongs to a time, where windows begin.

Notebook: 01_extract_data.ipynb
"""

from collections.abc import Callable

import numpy as np

from dancing_utils import FPS, TIME_STEPS
from dancing_utils.show.exercises.answer import Slips, verdict


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
