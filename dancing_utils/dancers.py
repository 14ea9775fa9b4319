"""Dancers: a filmed person in a folder, from which she is painted in any pose.

    dancers/me/about.json        who it is and what it was made from; the only text
              /key_frames.npz    frames of her film, cut to her, with masks and poses (``images.key_frames``)
              /plate.png         the empty room, 640 x 360
              /portrait.jpg      what she looks like, for people
              /preview.mp4       a few seconds of a dance, for people
              /repair.npz        what mends her warped pictures, if it was trained

``about.json`` keeps the schema's version, the name, the date, the films' file names, lengths and SHA-256, the measures
of the body, the settings, the versions of the packages, and the SHA-256 of the other files. Nothing else of a film is
kept: no place, no device, no path. The folder can be copied to another machine, so whatever it holds is checked before
it is believed, and nothing in it is ever run.

Dancers are looked for in ``./dancers``, then in the user's data folder; ada and ben come with the sample, from whose
clips ``learn`` has made them.

Notebook: 08_song_to_video.ipynb
"""

import hashlib
import io
import json
import re
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import platformdirs
from PIL import Image, ImageDraw

from dancing_utils import HEIGHT, WIDTH, InputError
from dancing_utils.data.media import read_comment
from dancing_utils.files import SAMPLE, need_sample, whole_file
from dancing_utils.images import key_frames
from dancing_utils.images.warp import Warper
from dancing_utils.pose.body import Body
from dancing_utils.pose.landmarks import to_units

SCHEMA = 1
ABOUT, KEY_FRAMES, PLATE, PORTRAIT, PREVIEW = "about.json", "key_frames.npz", "plate.png", "portrait.jpg", "preview.mp4"
PAINTED_FROM = (KEY_FRAMES, PLATE)
SHIPPED_DANCERS = SAMPLE / "dancers"
RESERVED = ("ada", "ben")
DEVICES = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))}  # of Windows
NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
REPAIR = "repair.npz"  # what mends her pictures, where that was trained
LARGEST_ABOUT, LARGEST_FILE = 1 << 20, 1 << 28  # bytes that are read at most
BODY = 24  # numbers of a Body in a row
FIELDS = {"name": str, "made": str, "films": list, "quality": (int, float, type(None)), "body": list,
          "floor": (int, float, type(None)), "files": dict}  # fmt: skip
OF_A_FILM = {"file": str, "seconds": (int, float), "content": str}


@dataclass(frozen=True)
class Dancer:
    """A dancer's folder and what its about.json says.

    Attributes
    ----------
    films : of each film it was learned from "file", "seconds" and "content", the SHA-256.
    quality : of the key frames, 0 to 1, in the median: seen, sharp, whole.
    made : the day, such as "2026-11-26".
    floor : how far down her feet stand in the picture, in pixels.
    """

    folder: Path
    name: str
    films: list[dict]
    quality: float | None
    made: str
    body: Body
    floor: float | None

    @property
    def seconds(self) -> float:
        """Length of all films."""
        return sum(film["seconds"] for film in self.films)

    @property
    def megabytes(self) -> float:
        """Size of all files of the folder."""
        return sum(path.stat().st_size for path in self.folder.rglob("*") if path.is_file()) / 1e6


class WarpPainter:
    """Paints a dancer from key frames; ``body`` are her measures in the picture, her feet stand at row ``floor``.

    ``repair`` : the file of what mends what warping gives, or None; ``made_for``: the ``fingerprint`` it must name.
    """

    def __init__(
        self, frames: key_frames.KeyFrames, plate: np.ndarray, body: Body, floor: float | None, *,
        repair: Path | None = None, made_for: str = "",
    ):  # fmt: skip
        self.body, self.floor, self.warper = body, floor, Warper(frames, plate)
        self._painter = self.warper
        if repair is not None:
            from dancing_utils.images import repair_painting  # and with it TensorFlow, which takes seconds

            self._painter = repair_painting.open_painter(repair, self.warper, made_for=made_for)

    @property
    def mends(self) -> bool:
        """Whether a network was trained that mends what warping gives."""
        return self._painter is not self.warper

    def make_ready(self, poses: np.ndarray) -> None:
        """Make what mends ready for all these poses (T, 33, 2), so that none of them has to wait for it."""
        if self.mends:
            self._painter.make_ready(poses)

    def paint(self, poses: np.ndarray, *, depth: np.ndarray | None = None) -> Iterator[np.ndarray]:
        """One picture (640, 360, 3) uint8 a pose of (T, 33, 2); ``depth`` (T, 33) says which limb is in front."""
        return self._painter.paint(poses, depth=depth)

    def portrait(self) -> np.ndarray:
        """(640, 360, 3) uint8: her in the pose of the key frame whose parts show best, no hand on a hip."""
        best = np.nan_to_num(self.warper.quality).mean(1).argmax()
        return next(self.paint(to_units(self.warper.poses[best])[None]))


# --- where they are ------------------------------------------------------------------------------------------------


def check_name(name: str, place: Path | None = None) -> str:
    """The name, if a dancer may be called so, in the folder ``place``.

    Raises
    ------
    InputError
        If it has other characters than letters, digits, - and _, no folder can be called so on every system, or it is
        one of the sample's, whose place is there.
    """
    if not NAME.fullmatch(name):
        raise InputError(f"a dancer cannot be called {name!r}: take letters, digits, - and _, at most 64")
    if name.lower() in DEVICES:
        raise InputError(f"{name} is the name of a device on Windows, where no folder may have it: take another name")
    at_home = place is not None and place.resolve() == SHIPPED_DANCERS
    if name.lower() in RESERVED and not at_home:
        raise InputError(f"{name} is a dancer of the sample: take another name")
    return name


def places(folder: str | Path | None = None) -> list[Path]:
    """Folders in which dancers are looked for, the first is where new ones go: ``folder``, or the usual ones."""
    usual = [Path("dancers"), Path(platformdirs.user_data_dir("dancing-project")) / "dancers"]
    return [*(usual if folder is None else [Path(folder)]), SHIPPED_DANCERS]


def find(name: str, folder: str | Path | None = None) -> Dancer:
    """The dancer of a name.

    Raises
    ------
    InputError
        If there is none, or its about.json is damaged.
    """
    if not NAME.fullmatch(name):
        raise InputError(f"a dancer is never called {name!r}: `dance dancers` lists those there are")
    for place in places(folder):
        if (place / name / ABOUT).is_file():
            return read(place / name)
    if name in RESERVED:
        need_sample(remedy="clone the repository, or give --dancer or --gan")
    known = ", ".join(dancer.name for dancer in list_dancers(folder))
    home = f" --dancers {SHIPPED_DANCERS}" if name in RESERVED else ""
    remedy = f"make one with `dance learn FILM --name {name}{home}`"
    raise InputError(f"there is no dancer {name} (there are: {known}): {remedy}")


def list_dancers(folder: str | Path | None = None) -> list[Dancer]:
    """All dancers that can be read, the sample's first, each name once: as ``find`` finds it."""
    found: dict[str, Dancer | None] = {}
    for place in places(folder):
        for about in sorted(place.glob(f"*/{ABOUT}")):
            if NAME.fullmatch(about.parent.name) and about.parent.name not in found:
                found[about.parent.name] = None  # a damaged one hides those of her name that come later, as in ``find``
                with suppress(InputError):
                    found[about.parent.name] = read(about.parent)
    return sorted(filter(None, found.values()), key=lambda dancer: (dancer.name not in RESERVED, dancer.name))


# --- a folder ------------------------------------------------------------------------------------------------------


def write_about(
    folder: Path, *, name: str, films: list[dict], quality: float | None, body: Body, floor: float | None,
    made: str, settings: dict, versions: dict,
) -> None:  # fmt: skip
    """Write about.json, with the SHA-256 of the files that painting needs, which must be there."""
    facts = {
        "schema": SCHEMA, "name": name, "made": made, "films": films, "quality": quality and round(quality, 3),
        "body": [round(float(value), 3) for value in body.to_array()], "floor": floor and round(floor, 1),
        "settings": settings, "versions": versions,
        "files": {file: _sha256(folder / file) for file in PAINTED_FROM if (folder / file).is_file()},
    }  # fmt: skip
    with whole_file(folder / ABOUT) as temporary:
        temporary.write_text(json.dumps(facts, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def read(folder: str | Path) -> Dancer:
    """The dancer of a folder, as far as about.json goes; ``open_painter`` checks the rest.

    Raises
    ------
    InputError
        If about.json is missing, damaged, or of a later version of this course.
    """
    folder = Path(folder)
    path, again = folder / ABOUT, "learn the film again"
    if not path.is_file():
        raise InputError(f"{folder} is no dancer, it holds no {ABOUT}: {again}")
    if path.stat().st_size > LARGEST_ABOUT:
        raise InputError(f"{path} has {path.stat().st_size} bytes, which is too much: {again}")
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{path} is damaged: {again}") from error
    schema = facts.get("schema") if isinstance(facts, dict) else None
    if isinstance(schema, int) and schema > SCHEMA:
        raise InputError(f"{path} was written by a later version of this course (schema {schema}): update the course")
    whole = _has(facts, FIELDS) and all(_has(film, OF_A_FILM) for film in facts["films"])
    if schema != SCHEMA or not whole or not _is_plain([facts["made"], *(film["file"] for film in facts["films"])]):
        raise InputError(f"{path} is damaged or of another kind: {again}")
    body = np.array(facts["body"], float) if all(_is_number(x) for x in facts["body"]) else np.zeros(0)
    if body.shape != (BODY,) or not np.isfinite(body).all() or body[:-2].min() <= 0:
        raise InputError(f"{path} has no measures of a body: {again}")
    return Dancer(folder, folder.name, facts["films"], facts["quality"], facts["made"], Body.from_array(body),
                  facts["floor"])  # fmt: skip


def _has(facts: object, kinds: dict) -> bool:
    if not isinstance(facts, dict) or not kinds.keys() <= facts.keys():
        return False
    return all(isinstance(facts[key], kind) for key, kind in kinds.items())


def _is_plain(texts: list[str]) -> bool:
    """Can texts of a foreign folder be printed? A terminal obeys some characters."""
    return all(text.isprintable() for text in texts)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def open_painter(folder: str | Path, *, repair: bool = True) -> WarpPainter:
    """What paints the dancer of a folder: her key frames, warped, and mended where that was trained and is wanted.

    Raises
    ------
    InputError
        If a file is missing, or is not the one that was written, or what mends was trained for another dancer.
    """
    dancer = read(folder)
    written = json.loads((dancer.folder / ABOUT).read_text(encoding="utf-8"))["files"]
    for file in PAINTED_FROM:
        path = dancer.folder / file
        if not path.is_file():
            raise InputError(f"{path} is missing: learn the film again, or copy the folder again")
        if path.stat().st_size > LARGEST_FILE or _sha256(path) != written.get(file):
            raise InputError(f"{path} is not the file that was written: learn the film again, or copy the folder again")
    trained = dancer.folder / REPAIR
    mending = {"repair": trained, "made_for": fingerprint(dancer.folder)} if repair and trained.is_file() else {}
    return WarpPainter(key_frames.load(dancer.folder / KEY_FRAMES), _read_plate(dancer.folder / PLATE), dancer.body,
                       dancer.floor, **mending)  # fmt: skip


def fingerprint(folder: str | Path) -> str:
    """What a dancer is painted from, as SHA-256: what mends her pictures is of use to no other."""
    whole = hashlib.sha256()
    for file in PAINTED_FROM:
        whole.update((Path(folder) / file).read_bytes())
    return whole.hexdigest()


def film_folder(folder: Path) -> Path:
    """The hidden folder beside a dancer's in which frames of her films are kept for training, if they are."""
    return folder.with_name(f".{folder.name}.film")


def _read_plate(path: Path) -> np.ndarray:
    """A PNG of 640 x 360, whose size is checked before it is decoded."""
    try:
        with Image.open(path, formats=["PNG"]) as image:
            if (image.size, image.mode) == ((WIDTH, HEIGHT), "RGB"):
                return np.asarray(image)
    except (OSError, ValueError, SyntaxError) as error:
        raise InputError(f"{path} cannot be read ({error}): learn the film again") from error
    raise InputError(f"{path} is no picture of {WIDTH} x {HEIGHT}: learn the film again")


def write_plate(path: Path, picture: np.ndarray) -> None:
    """Write a plate (640, 360, 3) uint8 as PNG."""
    content = io.BytesIO()
    Image.fromarray(picture).save(content, "PNG")
    with whole_file(path) as temporary:
        temporary.write_bytes(content.getvalue())


def _sha256(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


# --- forgetting ----------------------------------------------------------------------------------------------------


def forget(name: str, folder: str | Path | None = None) -> list[Path]:
    """Remove a dancer and all that was kept on the way to her; returns what was removed.

    That is her folder, and beside it what begins with .NAME. (a stopped ``learn``), in each place but the sample's.

    Raises
    ------
    InputError
        If nothing is called so.
    """
    check_name(name)
    found = [path for place in places(folder) if place != SHIPPED_DANCERS for path in traces(place, name)]
    if not found:
        raise InputError(f"there is no dancer {name}: `dance dancers` lists those there are")
    for path in found:
        shutil.rmtree(path)
    return found


def traces(place: Path, name: str) -> list[Path]:
    """Folders of a place that belong to a dancer, whole or half-made."""
    return [path for path in (place / name, *sorted(place.glob(f".{name}.*"))) if path.is_dir()]


def videos_of(name: str, folders: list[Path]) -> list[Path]:
    """Finished videos of a dancer in some folders, told by what their metadata say."""
    videos = [path for folder in folders for path in sorted(folder.glob("*.mp4"))]
    return [path for path in videos if f"dancer {name}," in read_comment(path)]


# --- for people ----------------------------------------------------------------------------------------------------


def draw(found: list[Dancer], path: str | Path) -> None:
    """Their portraits side by side, each over its name, as a JPEG; a grey field for who has none."""
    tiles = []
    for dancer in found:
        tile = Image.new("RGB", (WIDTH // 2, HEIGHT // 2 + 24), "white")
        tile.paste(_portrait(dancer.folder / PORTRAIT), (0, 0))
        ImageDraw.Draw(tile).text((6, HEIGHT // 2 + 5), dancer.name, fill="black")
        tiles.append(tile)
    row = Image.new("RGB", (sum(tile.width + 4 for tile in tiles), tiles[0].height), "white")
    for k, tile in enumerate(tiles):
        row.paste(tile, (k * (tile.width + 4), 0))
    write_jpeg(path, row)


def _portrait(path: Path) -> Image.Image:
    size = WIDTH // 2, HEIGHT // 2
    try:
        with Image.open(path, formats=["JPEG"]) as image:
            if image.size == (WIDTH, HEIGHT):
                return image.convert("RGB").resize(size)
    except (OSError, ValueError, SyntaxError):
        pass
    return Image.new("RGB", size, "grey")


def write_jpeg(path: str | Path, image: Image.Image) -> None:
    """Write a picture as JPEG, whole or not at all."""
    with whole_file(path) as temporary:
        image.save(temporary, "JPEG", quality=90)
