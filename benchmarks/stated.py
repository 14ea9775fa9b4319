"""What is stated of recordings, for beats.py, recording.py and motion.py: a file tempo.csv in their folder.

Its lines are ``file,tempo``, in beats a minute, 0 where there is no beat. A third column, ``beats``, may name a text
file in the folder: beats that somebody tapped or wrote down, in seconds, one a line.
"""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dancing_utils import InputError
from dancing_utils.audio.hearing import read_beats


@dataclass(frozen=True)
class Recording:
    """A sound file, and what is known about it from elsewhere than a tracker."""

    path: Path
    tempo: float  # beats a minute; 0 without a beat
    beats: np.ndarray | None  # seconds (n,), where they were tapped


def read_folder(folder: Path) -> list[Recording]:
    """The recordings of a folder's tempo.csv."""
    try:
        with open(folder / "tempo.csv", newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        return [
            Recording(folder / row["file"], float(row["tempo"]), _tapped(folder, row.get("beats"))) for row in rows
        ]
    except (OSError, KeyError, TypeError, ValueError) as error:
        message = f"{folder / 'tempo.csv'} cannot be read ({error}): give a first line `file,tempo` and a line a song"
        raise InputError(message) from error


def _tapped(folder: Path, name: str | None) -> np.ndarray | None:
    return read_beats(folder / name) if name else None


def find(path: Path) -> Recording:
    """What the tempo.csv beside a sound file says about it."""
    found = [recording for recording in read_folder(path.parent) if recording.path.name == path.name]
    if not found:
        raise InputError(f"{path.parent / 'tempo.csv'} says nothing of {path.name}: add a line")
    return found[0]
