"""The dancers that come with the course: ada, whom her Pose GAN paints, and ben, who was learned from his first film.

His second film is left to measure on. Both are made into data_sample/dancers by the same calls as anybody's dancer.
"""

from datetime import date
from pathlib import Path

import numpy as np
from PIL import Image

from dancing_utils import __version__, dancers, learn
from dancing_utils.data import media
from dancing_utils.data.films import identify
from dancing_utils.evaluation import truth
from dancing_utils.files import SHIPPED
from dancing_utils.images.painting import open_painter
from dancing_utils.pose.landmarks import INDEX

from . import landmark_map
from .clips import CLIPS, SAMPLE

WRISTS = [INDEX["left_wrist"], INDEX["right_wrist"]]


def write_ada(folder: Path = dancers.SHIPPED_DANCERS) -> Path:
    """Write ada's about.json and portrait; returns her folder.

    To be run after her Pose GAN was trained: what is written as her films are the clips that are there now.
    """
    films = [SAMPLE / spec.folder / f"{spec.name}.mp4" for spec in CLIPS if spec.folder == "clips"]
    painter, her = open_painter(SHIPPED["gan"]), folder / "ada"
    dancers.write_about(
        her, name="ada", films=[_of_a_film(film) for film in films], quality=None, body=painter.body, floor=None,
        made=date.today().isoformat(), settings={}, versions={"dancing-project": __version__},
    )  # fmt: skip
    (portrait,) = painter.paint(_arms_raised(films[0])[None])
    dancers.write_jpeg(her / dancers.PORTRAIT, Image.fromarray(portrait))
    return her


def write_ben(folder: Path = dancers.SHIPPED_DANCERS) -> Path:
    """Learn ben anew from his first film; returns his folder."""
    film = next(spec for spec in CLIPS if spec.dancer == "ben")
    return learn.learn([SAMPLE / film.folder / f"{film.name}.mp4"], "ben", folder=folder, again=True).folder


def _of_a_film(path: Path) -> dict:
    seconds = round(media.probe(path).duration, 2)
    return {"file": path.name, "seconds": seconds, "content": identify(path, {}).content}


def _arms_raised(clip: Path) -> np.ndarray:
    """The landmarks (33, 2) of a clip's frame in which the lower of the two wrists is highest."""
    known = truth.load(SAMPLE / "truth" / f"{clip.stem}.npz")
    poses = landmark_map.apply(known.points_2d, landmark_map.load(known.point_names))
    return poses[poses[:, WRISTS, 1].max(1).argmin()].astype(np.float32)


WRITERS = {"ada": write_ada, "ben": write_ben}
