"""What mending buys: python benchmarks/repair.py NAME TEST [MODEL ...] [--train FILM] [--dancers FOLDER]

Paints the poses of TEST, a film of the same person in the same room from which nothing was learned, by the dancer
NAME: nearest kept frame, warp alone, and mended by each MODEL (repair.npz files, say the base model's and later ones);
without any by the dancer's own. Prints the measures of `dance evaluate images`, all in the plate's coordinates, and
pictures a second. With --train, the film that was learned from, TEST's camera is brought to that film's where it moved.

`dance learn FILM --name NAME --train` makes such a dancer. Poses are MediaPipe's, smoothed as `dance learn` does.
"""

import argparse
import time
from pathlib import Path

import numpy as np
from warp import look, print_scores, processor, unseen, write_sheet

from dancing_utils import dancers
from dancing_utils.data import media
from dancing_utils.images import film_frames, repair_gan
from dancing_utils.images.repair_painting import RepairPainter
from dancing_utils.images.warp import Warper
from dancing_utils.pose.landmarks import to_pixels


def nearest(folder: Path, plate: np.ndarray, poses: np.ndarray) -> np.ndarray:
    """For each pose the kept frame whose pose is nearest, over the plate."""
    frames = film_frames.load(dancers.film_folder(folder) / film_frames.FILE_NAME)
    known, (rows, columns) = to_pixels(frames.poses), frames.pictures.shape[1:3]
    film = []
    for pose in to_pixels(poses):
        k = np.linalg.norm(known - pose, axis=-1).mean(1).argmin()
        picture, (row, column) = plate.copy(), frames.corners[k]
        picture[row : row + rows, column : column + columns] = frames.pictures[k]
        film.append(picture)
    return np.stack(film)


def scored_frames(poses: np.ndarray, step: int) -> np.ndarray:
    """Numbers of every ``step``-th frame and of the one after it, where both show a person."""
    good = np.isfinite(poses).all((1, 2))
    first = np.arange(0, len(poses) - 1, step)
    first = first[good[first] & good[first + 1]]
    return np.stack([first, first + 1], axis=1).reshape(-1)


def painted(warper: Warper, poses: np.ndarray, depth: np.ndarray, wanted: np.ndarray, models: dict) -> dict:
    """What warping gives, and what each model makes of it: name -> the ``wanted`` of all pictures."""
    good, numbers = np.flatnonzero(np.isfinite(poses).all((1, 2))), set(wanted.tolist())
    layers = warper.layers(poses[good], depth=depth[good])  # of all, since a source stays for a while
    layers = [layer for k, layer in zip(good, layers, strict=True) if k in numbers]
    films = {}
    for name, model in models.items():
        painter = RepairPainter(model, warper)
        painter.make_ready(poses[wanted])
        start = time.perf_counter()
        films[name] = np.stack(list(painter.mend(layers, poses[wanted])))
        print(f"{name}: {len(layers) / (time.perf_counter() - start):.1f} warped pictures mended a second")
    return {"warp": np.stack([warper.over_plate(layer) for layer in layers]), **films}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name")
    parser.add_argument("test")
    parser.add_argument("models", nargs="*", type=Path)
    parser.add_argument("--train", help="the film that was learned from, if the camera moved")
    parser.add_argument("--dancers", type=Path, help="folder of dancers")
    parser.add_argument("--step", type=int, default=6, help="of the test frames, one in so many is scored")
    parser.add_argument("--sheet", help="a PNG: truth, then what each painter made")
    chosen = parser.parse_args()
    folder = dancers.find(chosen.name, chosen.dancers).folder
    frames = np.stack(list(media.read_frames(chosen.test)))
    poses, _, depth, masks = look(frames)
    if chosen.train:
        film = np.stack(list(media.read_frames(chosen.train)))
        frames, poses = unseen([film, frames], [look(film)[3], masks], poses)
    warper, wanted = dancers.open_painter(folder, repair=False).warper, scored_frames(poses, chosen.step)
    print(processor())
    paths = chosen.models or [folder / repair_gan.FILE_NAME]
    made = painted(warper, poses, depth, wanted, {path.parent.name: repair_gan.load(path) for path in paths})
    films = {"truth": frames[wanted], "nearest": nearest(folder, warper.plate, poses[wanted]), **made}
    print_scores(poses[wanted], films, 2)
    if chosen.sheet:
        write_sheet(chosen.sheet, *films.values())


if __name__ == "__main__":
    main()
