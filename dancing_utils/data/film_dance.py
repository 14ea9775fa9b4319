"""What somebody danced in a film, as a dance for another dancer.

Notebook: 09_your_own_videos.ipynb
"""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from tqdm.auto import tqdm

from dancing_utils import InputError
from dancing_utils.data import film_check, media
from dancing_utils.data.extract_film import extract_film
from dancing_utils.data.films import identify
from dancing_utils.data.footage import open_footage
from dancing_utils.data.framing import window_around
from dancing_utils.pose.body import measure_body
from dancing_utils.pose.dances import Dance
from dancing_utils.pose.model_file import find_model
from dancing_utils.stderr import shown_stderr

SMOOTH_HZ = 6.0  # keeps a dance, and takes out the landmarks' jitter


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
    if report.facts is None or not report.observations:
        raise InputError(f"{film_check.describe(report)}")
    settings = {"fit": "person", "smooth_hz": SMOOTH_HZ, **({} if at is None else {"at": tuple(at)})}
    info = media.probe(film)
    with TemporaryDirectory() as folder, _bar(info.n_frames, Path(film).name, progress) as bar:
        part = Path(folder) / "film.h5"
        tools = {"model": find_model(), "tick": bar.update}
        extract_film(identify(Path(film), settings), info, part, settings, window=window_around(report), **tools)
        footage = open_footage(film, part, scene=report.facts.scene)
    seen = np.isfinite(footage.poses).all((1, 2))
    if seen.mean() < 0.5:
        raise InputError(f"{film} shows a person in {seen.mean():.0%} of its pictures only: too little of a dance")
    poses, depth = (bridged(values, seen) for values in (footage.poses, footage.depth))
    return Dance(poses, depth, measure_body(footage.poses))


def bridged(values: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """Values (T, ...) with straight lines over frames that were not ``seen`` (T,); at the ends the nearest is held."""
    flat = values.reshape(len(values), -1)
    known, frames = np.flatnonzero(seen), np.arange(len(values))
    columns = [np.interp(frames, known, flat[known, i]) for i in range(flat.shape[1])]
    return np.stack(columns, axis=1).reshape(values.shape).astype(np.float32)


def _bar(n: int, name: str, progress: bool) -> tqdm:
    return tqdm(total=n, desc=f"reading the dance of {name}"[:40], unit="frame", disable=not progress,
                file=shown_stderr)  # fmt: skip
