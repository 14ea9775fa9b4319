"""What somebody danced in a film, as a dance for another dancer.

Notebook: 09_your_own_videos.ipynb
"""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from dancing_utils import InputError
from dancing_utils.data import film_check
from dancing_utils.data.films import identify
from dancing_utils.data.footage import find_person
from dancing_utils.pose.body import measure_body
from dancing_utils.pose.dances import Dance

SMOOTH_HZ = 6.0  # keeps a dance, and takes out the landmarks' jitter
LEAST_SEEN = 0.5  # share of the pictures that must show somebody


def read_dance(film: str | Path, *, at: tuple[float, float] | None = None, progress: bool = True) -> Dance:
    """The dance of the person in a film, who is found and followed as in ``learn``; a moment unseen is bridged.

    Parameters
    ----------
    at : who is followed, as in ``film_check.check_film``.

    Raises
    ------
    InputError
        If the film cannot be read, or nobody is seen in it for most of the time.
    """
    report = film_check.check_film(film, at=at)
    if report.facts is None:
        raise InputError(film_check.describe(report))
    settings = {"fit": "person", "smooth_hz": SMOOTH_HZ, **({} if at is None else {"at": tuple(at)})}
    with TemporaryDirectory() as folder:
        part = Path(folder) / "film.h5"
        footage = find_person(identify(Path(film), settings), report, part, settings, progress=progress)
    seen = np.isfinite(footage.poses).all((1, 2))
    if seen.mean() < LEAST_SEEN:
        raise InputError(f"{film} shows a person in {seen.mean():.0%} of its pictures only: too little of a dance")
    poses, depth = (bridged(values, seen) for values in (footage.poses, footage.depth))
    return Dance(poses, depth, measure_body(footage.poses))


def bridged(values: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """Values (T, ...) with straight lines over frames that were not ``seen`` (T,); at the ends the nearest is held."""
    flat = values.reshape(len(values), -1)
    known, frames = np.flatnonzero(seen), np.arange(len(values))
    columns = [np.interp(frames, known, flat[known, i]) for i in range(flat.shape[1])]
    return np.stack(columns, axis=1).reshape(values.shape).astype(np.float32)
