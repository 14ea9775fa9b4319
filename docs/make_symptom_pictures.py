"""The pictures of docs/your_own_videos.md, "When something looks wrong": python docs/make_symptom_pictures.py

The second dancer's film is spoilt in five ways. Four are shown as `dance check` sees them; from the fifth, in which his
arms never go up, he is learned, and then painted where a dance has both hands highest, beside the same from the whole
film. It takes two minutes.
"""

import tempfile
from collections.abc import Iterable
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from dancing_utils import dancers, generate, learn
from dancing_utils.audio.hearing import hear
from dancing_utils.data import film_check, media
from dancing_utils.files import SAMPLE, SHIPPED
from dancing_utils.motion import lstm_vae
from dancing_utils.pose.landmarks import INDEX

BEN, ADA = SAMPLE / "second_dancer" / "ben_1.mp4", SAMPLE / "clips" / "ada_01.mp4"
SECONDS = 4
ARMS_LOW = 220  # of Ben's first film, so many frames at its start
TILE, GAP = (200, 356), 8  # columns and rows; white columns between two


def write_film(path: Path, pictures: Iterable[np.ndarray]) -> Path:
    """A film of pictures (rows, columns, 3)."""
    pictures = iter(pictures)
    first = next(pictures)
    with media.VideoWriter(path, size=first.shape[:2]) as writer:
        for picture in (first, *pictures):
            writer.write(picture)
    return path


def spoilt(film: list[np.ndarray], other: list[np.ndarray]) -> dict[str, list[np.ndarray]]:
    """Four films that ``dance check`` finds fault with."""
    rows = film[0].shape[0]
    return {
        "two people": [np.hstack(pair) for pair in zip(film, other, strict=False)],
        "feet outside the picture": [picture[: int(0.72 * rows)] for picture in film],
        "nearly black": [(0.07 * picture).astype(np.uint8) for picture in film],
        "lying": [np.rot90(picture).copy() for picture in film],
    }


def checked(path: Path) -> np.ndarray:
    """One of the pictures that ``dance check`` draws of a film: that in the lower left corner."""
    report = film_check.check_film(path)
    print(film_check.describe(report))
    drawn = film_check.draw(report)
    rows, columns = report.observations[0].picture.shape[:2]
    return drawn[-rows:, :columns]


def arms_up(film: Path, folder: Path) -> np.ndarray:
    """Ben as he is learned from a film, painted where the dance to a held-out song has both hands highest."""
    ben = learn.learn([film], "from_" + film.stem, folder=folder, anyway=True, progress=False)
    painter = dancers.open_painter(ben.folder)
    heard = hear(media.read_audio(SAMPLE / "songs" / "held_out_1.mp3"))
    dance, _ = generate.fit_to_painter(generate.song_to_dance(lstm_vae.load(SHIPPED["vae"]), heard.features), painter)
    k = dance.poses[:, [INDEX["left_wrist"], INDEX["right_wrist"]], 1].max(1).argmin()
    return next(iter(painter.paint(dance.poses[k : k + 1])))


def numbered(picture: np.ndarray, number: int) -> np.ndarray:
    """A picture on a white tile, under its number."""
    columns, rows = TILE
    scale = min(columns / picture.shape[1], rows / picture.shape[0])
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    tile = np.full((rows, columns, 3), 255, np.uint8)
    top, left = (rows - small.shape[0]) // 2, (columns - small.shape[1]) // 2
    tile[top : top + small.shape[0], left : left + small.shape[1]] = small
    cv2.putText(tile, str(number), (6, 24), cv2.FONT_HERSHEY_SIMPLEX, 0.7, (255, 255, 255), 4, cv2.LINE_AA)
    cv2.putText(tile, str(number), (6, 24), cv2.FONT_HERSHEY_SIMPLEX, 0.7, (0, 0, 0), 2, cv2.LINE_AA)
    return cv2.copyMakeBorder(tile, 0, 0, 0, GAP, cv2.BORDER_CONSTANT, value=(255, 255, 255))


def main() -> None:
    film, other = (list(islice(media.read_frames(path), SECONDS * 30)) for path in (BEN, ADA))
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        low = write_film(folder / "low.mp4", islice(media.read_frames(BEN), ARMS_LOW))
        tiles = [arms_up(low, folder), arms_up(BEN, folder)]
        tiles += [checked(write_film(folder / f"{name}.mp4", made)) for name, made in spoilt(film, other).items()]
    picture = np.hstack([numbered(tile, i + 1) for i, tile in enumerate(tiles)])
    Image.fromarray(picture).save(Path(__file__).with_name("symptoms.jpg"), quality=85)


if __name__ == "__main__":
    main()
