"""Can moves be told by looking? Strips of stick figures without a name, for viewers who know nothing of the project.

``write`` draws each move once, from a dance of the corpus, in an order by chance, and beside the strips the
list of names to choose from: the moves and six that nobody dances. A viewer writes ``number,name`` lines; ``score``
says how many are right. The key lies in a file of its own that viewers do not get.
"""

import csv
from pathlib import Path

import cv2
import numpy as np

from dancing_utils import InputError
from dancing_utils.files import make_folder, whole_file

from . import corpus
from .camera import camera_for
from .choreography import FAMILIES, FPS, choreograph
from .skeleton import Skeleton

N_MOVES = sum(map(len, FAMILIES.values()))
OTHERS = ("moonwalk", "macarena", "air guitar", "pirouette", "hula hoop", "limbo")  # danced by nobody here
FIGURES, BEATS = 12, 4  # of a strip: so many figures in so many beats, from left to right
ASIDE = 60  # degrees by which the second row is turned
SCALE = 0.5  # of the pictures' 640 rows
LEFT, RIGHT, MIDDLE = (178, 114, 0), (0, 94, 213), (60, 60, 60)  # BGR, blue and orange of Okabe and Ito
BONES = (
    ("shoulder", "elbow"), ("elbow", "wrist"), ("wrist", "index"), ("wrist", "thumb"), ("hip", "knee"),
    ("knee", "ankle"), ("ankle", "heel"), ("heel", "big_toe"), ("ankle", "big_toe"),
)  # fmt: skip


def find_moves(n_songs: int = 120) -> dict[str, tuple[int, float]]:
    """For each move a song of the corpus and the beat on which it begins, the first that lasts its eight beats."""
    found: dict[str, tuple[int, float]] = {}
    for number in corpus.numbers_of(n_songs):
        for step in choreograph(corpus.compose_song(number)).steps:
            if step.end - step.start >= 8:
                found.setdefault(step.name, (number, step.start))
        if len(found) == N_MOVES:
            break
    return found


def draw_strip(number: int, start: float) -> np.ndarray:
    """Twelve stick figures from the front, and below from her right (rows, columns, 3) uint8 BGR.

    They are four beats of a move, from its third beat on.
    """
    song = corpus.compose_song(number)
    rig = Skeleton("ada")
    camera = camera_for("ada", rig.floor)
    beats = start + 2 + BEATS * np.arange(FIGURES) / FIGURES
    frames = np.round(beats * 60 / song.tempo * FPS).astype(int)
    points = rig.points(rig.pose(choreograph(song).controls))[frames]  # (12, K, 3)
    views = [camera.project(seen) * SCALE for seen in (points, points @ _turned(ASIDE))]
    return np.vstack([np.hstack([_figure(dict(zip(rig.point_names, one, strict=True))) for one in pixels])
                      for pixels in views])  # fmt: skip


def _turned(degrees: float) -> np.ndarray:
    """(3, 3) that turns row vectors about the upright axis."""
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return np.array([[c, s, 0], [-s, c, 0], [0, 0, 1]])


def _figure(at: dict[str, np.ndarray]) -> np.ndarray:
    """One stick figure: her left is blue, her right orange."""
    picture = np.full((int(640 * SCALE), int(360 * SCALE), 3), 255, np.uint8)

    def line(a, b, colour, width=3):
        ends = [tuple(int(16 * value) for value in at[name]) for name in (a, b)]
        cv2.line(picture, *ends, colour, width, cv2.LINE_AA, shift=4)

    at["neck"], at["hips"] = ((at[f"left_{part}"] + at[f"right_{part}"]) / 2 for part in ("shoulder", "hip"))
    at["head"] = (at["left_ear"] + at["right_ear"]) / 2
    for a, b in (("left_shoulder", "right_shoulder"), ("left_hip", "right_hip"), ("neck", "hips"), ("neck", "head")):
        line(a, b, MIDDLE)
    radius = 0.2 * np.linalg.norm(at["neck"] - at["hips"])
    cv2.circle(picture, at["head"].astype(int).tolist(), int(radius), MIDDLE, 2, cv2.LINE_AA)
    cv2.circle(picture, at["nose"].astype(int).tolist(), 3, MIDDLE, -1, cv2.LINE_AA)
    for side, colour in (("left", LEFT), ("right", RIGHT)):
        for a, b in BONES:
            line(f"{side}_{a}", f"{side}_{b}", colour)
    return picture


def write(folder: Path, *, seed: int = 0) -> Path:
    """Write ``01.png`` ... and ``names.txt`` for the viewers, and ``key.csv`` for who asks them."""
    moves = find_moves()
    names = sorted(moves)
    order = np.random.default_rng(seed).permutation(names)
    make_folder(folder)
    for i, name in enumerate(order, 1):
        with whole_file(folder / f"{i:02d}.png") as temporary:
            cv2.imwrite(str(temporary), draw_strip(*moves[name]))
    (folder / "names.txt").write_text("\n".join(sorted([*names, *OTHERS])) + "\n", encoding="utf-8")
    key = folder / "key.csv"
    key.write_text("".join(f"{i},{name}\n" for i, name in enumerate(order, 1)), encoding="utf-8")
    return key


def score(answers: Path, key: Path) -> list[tuple[str, str]]:
    """What was called otherwise: pairs of a move's name and what a viewer called it; none where all are right.

    Raises
    ------
    InputError
        If a number has no answer.
    """
    true, said = _read(key), _read(answers)
    if missing := sorted(true.keys() - said.keys()):
        raise InputError(f"{answers} has no line for {', '.join(map(str, missing))}: give `number,name` for each")
    return [(true[i], said[i]) for i in sorted(true) if said[i] != true[i]]


def _read(path: Path) -> dict[int, str]:
    with open(path, newline="", encoding="utf-8") as file:
        return {int(row[0]): row[1].strip() for row in csv.reader(file) if row and row[0].strip().isdigit()}
