"""A film read for the person in it, given back whole: pictures at any size, her masks, poses and depth.

``find_person`` looks for her in every picture of a film that was checked (``film_check``), in one window around her
whole track. What was found is in the film's HDF5 file (``extract_film``). Pictures come from there, or, where larger
ones are wanted, from the film itself; one at a time is in memory.

Notebook: 01_extract_data.ipynb
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from tqdm.auto import tqdm

from dancing_utils import FPS, HEIGHT, WIDTH
from dancing_utils.data import dataset, media
from dancing_utils.data.dataset import FRAMES, MASKS, Clip, read_clips
from dancing_utils.data.extract_film import extract_film, while_it_lasts
from dancing_utils.data.film_judging import FilmReport
from dancing_utils.data.films import Film
from dancing_utils.data.framing import window_around
from dancing_utils.data.hdf5_file import open_file
from dancing_utils.pose.model_file import find_model
from dancing_utils.stderr import shown_stderr


@dataclass(frozen=True)
class Footage:
    """A stretch of a film, 30 pictures a second: frames ``start`` to ``stop`` of the clip in ``part``."""

    film: Path
    part: Path
    clip: Clip
    start: int
    stop: int

    def __len__(self) -> int:
        return self.stop - self.start

    @property
    def poses(self) -> np.ndarray:
        """(T, 33, 2) float32 in units of the picture, NaN where the person is not seen."""
        return self.clip.poses[self.start : self.stop]

    @property
    def visibility(self) -> np.ndarray:
        """(T, 33) float32, 0 to 1."""
        return self.clip.visibility[self.start : self.stop]

    @property
    def depth(self) -> np.ndarray:
        """(T, 33) float32, metres behind the hips."""
        return self.clip.depth[self.start : self.stop]

    def pictures(self, size: tuple[int, int] = (HEIGHT, WIDTH)) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Each picture (rows, columns, 3) and her mask (640, 360), uint8."""
        places = self.clip.places[self.start : self.stop]
        with open_file(self.part) as file:
            if size == (HEIGHT, WIDTH):
                yield from ((file[name][FRAMES][k], file[name][MASKS][k]) for name, k in places)
                return
            window = media.Window(*self.clip.attributes["window"])
            frames = media.read_frames(self.film, size=size, fit=window)
            large = islice(while_it_lasts(frames, []), self.start, self.stop)
            for frame, (name, k) in zip(large, places, strict=True):
                yield frame, file[name][MASKS][k]


def open_footage(film: str | Path, part: str | Path, *, scene: tuple[float, float] = (0.0, np.inf)) -> Footage:
    """The footage of a film that ``extract_film`` wrote to ``part``; of it the seconds of ``scene``."""
    (clip,) = read_clips(part)
    start, stop = (int(np.clip(round(min(second, 1e6) * FPS), 0, len(clip.poses))) for second in scene)
    return Footage(Path(film), Path(part), clip, start, stop)


def find_person(film: Film, report: FilmReport, part: Path, settings: dict, *, progress: bool = True) -> Footage:
    """Look for the person whom the check followed, in every picture of the film's longest scene.

    Parameters
    ----------
    report : of ``film_check.check_film``, with facts.
    part : the HDF5 file for what is found; a whole one of this film with these settings is used again.
    settings : as ``extract_film`` takes them.
    """
    damaged = bool(dataset.validate(part))  # or not there
    if damaged or read_clips(part)[0].attributes.get("identity") != film.identity:
        info, words = media.probe(film.path), f"finding her in {film.path.name}"[:40]
        with tqdm(total=info.n_frames, desc=words, unit="frame", disable=not progress, file=shown_stderr) as bar:
            tools = {"model": find_model(), "tick": bar.update}
            extract_film(film, info, part, settings, window=window_around(report), track=report.track, **tools)
    return open_footage(film.path, part, scene=report.facts.scene)
