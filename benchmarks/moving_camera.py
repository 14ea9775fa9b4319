"""A camera whose path is known, laid over a still film, to measure how well it is found: warp.py --moving runs it."""

import time

import cv2
import numpy as np

from dancing_utils import HEIGHT, WIDTH
from dancing_utils.images.camera import EVERY, find_path, move_picture, move_points

ROLL, ZOOM, PAN = 0.03, 0.05, (25, 12)  # radians, share, pixels: together 45 pixels at the picture's corners


def known_path(n: int) -> np.ndarray:
    """A pan, roll and zoom (n, 2, 3) there and back around the picture's middle, from a still camera's pixels."""
    swing = np.sin(np.linspace(0, 2 * np.pi, n))
    middle = np.array([WIDTH / 2, HEIGHT / 2])
    path = []
    for t in swing:
        c, s = (1.1 + ZOOM * t) * np.array([np.cos(ROLL * t), np.sin(ROLL * t)])  # nearer: nothing outside is seen
        turn = np.array([[c, -s], [s, c]])
        path.append(np.column_stack([turn, middle + np.multiply(PAN, t) - turn @ middle]))
    return np.stack(path)


def path_errors(found: np.ndarray, known: np.ndarray, middle: int) -> np.ndarray:
    """Pixels (T, 9) by which nine places of each frame are off, in the middle frame's view."""
    places = np.array([[x, y] for x in (0, WIDTH / 2, WIDTH - 1) for y in (0, HEIGHT / 2, HEIGHT - 1)])
    wanted = np.stack([compose(known[middle], cv2.invertAffineTransform(matrix)) for matrix in known])
    return np.linalg.norm(move_points(places, found) - move_points(places, wanted), axis=-1)


def room_psnr(frames: np.ndarray, masks: np.ndarray, to_plate: np.ndarray, middle: int) -> float:
    """Mean PSNR in dB of the frames' rooms, moved by matrices (T, 2, 3), against the middle one, outside the masks."""
    full, values = np.full((HEIGHT, WIDTH), 255, np.uint8), []
    around = np.ones((25, 25), np.uint8)
    for frame, mask, matrix in zip(frames, masks, to_plate, strict=True):
        moved, covered, inside = (move_picture(one, matrix, (HEIGHT, WIDTH)) for one in (frame, mask, full))
        room = (cv2.dilate(np.maximum(covered, masks[middle]), around) < 64) & (inside == 255)
        error = np.square(moved[room].astype(float) - frames[middle][room]).mean()
        values.append(10 * np.log10(255**2 / max(error, 1e-3)))
    return float(np.mean(values))


def measure(frames: np.ndarray, masks: np.ndarray) -> tuple[float, float, float]:
    """Prints how well a known camera over a still film is found; gives median error (pixels), PSNR before and after."""
    known = known_path(len(frames))
    frames, masks = (np.stack([move_picture(*one, (HEIGHT, WIDTH)) for one in zip(some, known, strict=True)])
                     for some in (frames, masks))  # fmt: skip
    start, middle = time.perf_counter(), EVERY * (len(range(0, len(frames), EVERY)) // 2)
    path = find_path(zip(frames, masks, strict=True))
    print(f"camera found in {1e3 * (time.perf_counter() - start) / len(frames):.1f} ms each of {len(frames)} frames")
    errors = path_errors(path.to_plate, known, middle)
    print(f"camera {path.verdict}, moved {path.moved:.1f} pixels, {path.agreeing:.2f} agree")
    print(f"off by {np.median(errors):.2f} pixels in the median, {np.percentile(errors, 95):.2f} in 95 %")
    still = np.tile(np.eye(2, 3), (len(frames), 1, 1))
    before, after = (room_psnr(frames, masks, one, middle) for one in (still, path.to_plate))
    print(f"PSNR of the room {before:.1f} dB as filmed, {after:.1f} dB undone")
    return float(np.median(errors)), before, after


def compose(second: np.ndarray, first: np.ndarray) -> np.ndarray:
    """The matrix (2, 3) that does the first, then the second."""
    return np.column_stack([second[:, :2] @ first[:, :2], second[:, :2] @ first[:, 2] + second[:, 2]])
