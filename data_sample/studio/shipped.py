"""The dancers that come with the course, ada and ben, made into data_sample/dancers by the call that makes anybody's.

ada is learned from her ten clips, ben from his first: the second is left to measure on. What mends their pictures is
trained, too.
"""

import shutil
from pathlib import Path

from dancing_utils import dancers, learn

from .clips import CLIPS, SAMPLE

FILMS = {"ada": [f"ada_{k:02d}" for k in range(1, 11)], "ben": ["ben_1"]}


def write(name: str, folder: Path = dancers.SHIPPED_DANCERS) -> Path:
    """Learn a dancer anew; returns the folder, which has no preview: the sample is to stay small."""
    films = [SAMPLE / spec.folder / f"{spec.name}.mp4" for spec in CLIPS if spec.name in FILMS[name]]
    made = learn.learn(films, name, folder=folder, again=True, train=True).folder
    (made / dancers.PREVIEW).unlink(missing_ok=True)
    shutil.rmtree(dancers.film_folder(made))
    return made
