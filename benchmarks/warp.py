"""How good and how fast warped pictures are: python benchmarks/warp.py TRAIN.mp4 TEST.mp4 [--sheet OUT.png]
Or how well a moving camera is found and undone: python benchmarks/warp.py TRAIN.mp4 --moving

Learns a person from the first film (portrait, 640 x 360 or shaped like it) and paints her in the poses of the second.
Without TEST, the last fifth of TRAIN is kept out for it. Prints the camera's verdict, seconds of every stage, ms a
picture, and the measures of `dance evaluate images` beside the nearest frame and the empty room, all in the plate's
coordinates. Two to four minutes for 20 s of film on 2 cores. Poses are smoothed as `dance learn` does.

With --moving, a camera that pans, rolls and zooms by up to 45 pixels is laid over TRAIN, whose own must stand still.
Prints how far the path that is found is off, in pixels, and the PSNR of the room in all frames, before and after.
"""

import argparse
import os
import platform
import time
from pathlib import Path

import cv2
import moving_camera
import numpy as np
import psutil

from dancing_utils import HEIGHT, WIDTH
from dancing_utils.data import media
from dancing_utils.evaluation import evaluate_images
from dancing_utils.evaluation.held_out_frames import FramePairs
from dancing_utils.evaluation.tables import print_table
from dancing_utils.images import filmed_person, warp
from dancing_utils.images.camera import EVERY, find_path, move_picture, move_points
from dancing_utils.images.perceptual import build_vgg16
from dancing_utils.learn import SMOOTH_HZ
from dancing_utils.pose.detector import PoseDetector
from dancing_utils.pose.landmarks import to_pixels, to_units
from dancing_utils.pose.smoothing import smooth

TEST_SHARE = 0.2


def look(frames: np.ndarray) -> tuple[np.ndarray, ...]:
    """Poses (T, 33, 2), visibility and depth (T, 33), masks (T, 640, 360) uint8 of a film, by MediaPipe."""
    points, masks = np.full((len(frames), 33, 4), np.nan, np.float32), np.zeros((len(frames), HEIGHT, WIDTH), np.uint8)
    with PoseDetector(masks=True) as detector:
        for k, frame in enumerate(frames):
            for one in detector.find_people(frame):
                points[k] = np.column_stack([one.landmarks, one.visibility, one.depth])
                masks[k] = one.mask
    poses = smooth(points[..., :2], cutoff_hz=SMOOTH_HZ)
    return poses, np.nan_to_num(points[..., 2]), np.nan_to_num(points[..., 3]), masks


class Clock:
    """Prints how long each stage took."""

    def __init__(self):
        self.last = time.perf_counter()

    def lap(self, what: str, n: int = 0) -> None:
        now = time.perf_counter()
        each = f", {1e3 * (now - self.last) / n:.1f} ms each of {n}" if n else ""
        print(f"{what:24} {now - self.last:6.1f} s{each}")
        self.last = time.perf_counter()


def unseen(frames: list[np.ndarray], masks: list[np.ndarray], poses: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The test's pictures and poses as the camera saw them in the middle of what was learned from.

    Two films have two cameras, which are taken to be one where they stand still.
    """
    film = [one for pair in zip(frames, masks, strict=True) for one in zip(*pair, strict=True)]
    path, n = find_path(film).to_plate, len(frames[0])
    middle = EVERY * (len(range(0, n, EVERY)) // 2)
    to_plate = np.stack([moving_camera.compose(cv2.invertAffineTransform(path[middle]), matrix) for matrix in path[n:]])
    moved = [move_picture(*one, (HEIGHT, WIDTH)) for one in zip(frames[1], to_plate, strict=True)]
    return np.stack(moved), to_units(move_points(to_pixels(poses), to_plate))


def nearest(frames: np.ndarray, person: filmed_person.FilmedPerson, poses: np.ndarray) -> np.ndarray:
    """For each pose the frame whose pose is nearest, in the plate's coordinates."""
    known = np.nan_to_num(to_pixels(person.poses), nan=1e6)
    best = [np.linalg.norm(known - to_pixels(pose), axis=-1).mean(1).argmin() for pose in poses]
    return np.stack([move_picture(frames[k], person.path.to_plate[k], (HEIGHT, WIDTH)) for k in best])


def print_scores(poses: np.ndarray, films: dict[str, np.ndarray], step: int) -> None:
    """Score films (T, 640, 360, 3), the first of them the truth, on every ``step``-th frame and its next."""
    some = np.arange(0, len(poses) - 1, step)
    some = some[np.isfinite(poses[some]).all((1, 2)) & np.isfinite(poses[some + 1]).all((1, 2))]
    pairs = {name: np.stack([film[some], film[some + 1]], axis=1) for name, film in films.items()}
    truth = next(iter(pairs.values()))
    frame_pairs = FramePairs("", some, np.stack([poses[some], poses[some + 1]], axis=1), truth, truth)
    with PoseDetector() as detector:
        scorer = evaluate_images.Scorer(build_vgg16(), detector)
        for name, made in pairs.items():
            scorer.score(name, frame_pairs, made)
    table = {name: evaluate_images.summarise(scorer.scores[name]) for name in pairs}
    print_table(table, measures=evaluate_images.MEASURES, digits=3)
    print(f"{len(some)} frames, MediaPipe's poses")


def write_sheet(path: str, *films: np.ndarray, n: int = 10) -> None:
    """Films (T, 640, 360, 3) below each other, the truth first, ``n`` pictures of each, spread evenly."""
    some = np.linspace(0, len(films[0]) - 1, n).astype(int)
    media.write_png(path, np.vstack([np.hstack(list(film[some])) for film in films]))


def processor() -> str:
    """Its name, where the system tells it."""
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.processor())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("train")
    parser.add_argument("test", nargs="?")
    parser.add_argument("--most", type=int, default=64, help="key frames")
    parser.add_argument("--step", type=int, default=6, help="of the test frames, one in so many is scored")
    parser.add_argument("--moving", action="store_true", help="measure how a moving camera is found, and nothing else")
    parser.add_argument("--sheet", help="a PNG of truth over painted pictures")
    chosen = parser.parse_args()
    clock = Clock()
    frames = [np.stack(list(media.read_frames(path))) for path in (chosen.train, chosen.test) if path]
    if chosen.moving:
        moving_camera.measure(frames[0], look(frames[0])[3])
        return
    if len(frames) == 1:
        start = round(len(frames[0]) * (1 - TEST_SHARE))
        frames = [frames[0][:start], frames[0][start:]]
    clock.lap("reading", sum(map(len, frames)))
    (poses, visibility, depth, masks), (asked, _, _, other_masks) = map(look, frames)
    clock.lap("pose, mask, depth", sum(map(len, frames)))
    film = lambda size: zip(frames[0], masks, strict=True)  # noqa: E731
    person = filmed_person.learn(film, poses, visibility, depth, most=chosen.most)
    clock.lap("camera, plate, frames", len(poses))
    print(f"camera {person.path.verdict}, moved {person.path.moved:.1f} pixels, {person.path.agreeing:.2f} agree")
    painter = warp.Warper(person.frames, person.plate.picture)
    clock.lap("cutting out parts", len(person.frames.pictures))
    true, asked = unseen(frames, [masks, other_masks], asked)
    clock.lap("truth to the plate", len(true))
    good = np.isfinite(asked).all((1, 2))
    made = np.array(true)
    made[good] = list(painter.paint(asked[good]))
    clock.lap("painting", int(good.sum()))
    print(f"{processor()}, {os.cpu_count()} cores, load {psutil.getloadavg()[0]:.1f}")
    still = np.broadcast_to(person.plate.picture, true.shape)
    films = {"truth": true, "background": still, "nearest": nearest(frames[0], person, asked), "warp": made}
    print_scores(asked, films, chosen.step)
    if chosen.sheet:
        write_sheet(chosen.sheet, true, made)


if __name__ == "__main__":
    main()
