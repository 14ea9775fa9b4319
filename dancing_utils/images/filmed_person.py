"""All that is taken from a film to show its person in new poses: the camera's path, the plate, the key frames.

The film is read three times, frame by frame, so memory does not grow with it: for the camera's path, for the quality of
every frame, and for the frames of which plate and key frames are made.

Notebook: 07a_new_pose.ipynb
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from dancing_utils import HEIGHT, WIDTH, InputError
from dancing_utils.images.body_parts import PARTS, Figure, measure_figure
from dancing_utils.images.camera import CameraPath, find_path, move_picture, move_points
from dancing_utils.images.key_frames import MOST, KeyFrames, choose, cut_out, frame_quality, mask_fit, part_detail
from dancing_utils.images.plate import Plate, build_plate, choose_frames
from dancing_utils.pose.landmarks import N_LANDMARKS, to_pixels, to_units

SHAPE = HEIGHT, WIDTH
Size = tuple[int, int]  # rows, columns
Film = Callable[[Size], Iterable[tuple[np.ndarray, np.ndarray]]]  # each call reads all (picture, mask) from the start


@dataclass(frozen=True)
class FilmedPerson:
    """What a film taught.

    Attributes
    ----------
    frames, plate, path : key frames, the empty room, and how the camera moved.
    poses : (T, 33, 2) in units of the picture, as the plate's camera, which stands still, sees them.
    quality : (T,) of the film's frames, 0 to 1.
    chosen : (K,) numbers of the film's frames that became key frames.
    """

    frames: KeyFrames
    plate: Plate
    path: CameraPath
    poses: np.ndarray
    quality: np.ndarray
    chosen: np.ndarray


def learn(
    film: Film, poses: np.ndarray, visibility: np.ndarray, depth: np.ndarray, *, most: int = MOST, size: Size = SHAPE
) -> FilmedPerson:
    """Take camera, plate and at most ``most`` key frames from a film.

    Parameters
    ----------
    film : called three times with the rows and columns that are enough; gives T pictures (rows, columns, 3) uint8,
        shaped like 640 x 360 and of any size, and their masks (rows, columns) uint8, 255 where the person is, of any
        size too.
    poses : (T, 33, 2) in units of the picture, NaN where there is no person.
    visibility, depth : (T, 33), MediaPipe's.
    size : rows and columns of the pictures of which key frames are cut.

    Raises
    ------
    InputError
        If the shapes do not agree, no frame shows the person well, or no room shows behind her.
    """
    if poses.shape[1:] != (N_LANDMARKS, 2) or not visibility.shape == depth.shape == poses.shape[:2]:
        shapes = f"poses {poses.shape}, visibility {visibility.shape}, depth {depth.shape}"
        raise InputError(f"{shapes}: (T, 33, 2) and twice (T, 33) are needed")
    path = find_path(_small(film))
    pixels = to_pixels(poses)
    there = move_points(pixels, path.to_plate).astype(np.float32)
    figure = measure_figure(there, [], there[:0])
    quality, sharpness = _judge(film, pixels, there, visibility, figure)
    chosen = choose(there, quality, figure, most=most)
    plate, figure, cuts = _collect(film(size), poses, there, path, chosen)
    pictures, masks, to_plate = zip(*(cuts[k] for k in chosen), strict=True)
    frames = KeyFrames(
        list(pictures), list(masks), np.stack(to_plate), there[chosen], visibility[chosen].astype(np.float32),
        depth[chosen].astype(np.float32), sharpness[chosen], figure,
    )  # fmt: skip
    return FilmedPerson(frames, plate, path, to_units(there), quality, chosen)


def _small(film: Film) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """The film's pictures and masks in the plate's size."""
    for picture, mask in film(SHAPE):
        yield (
            cv2.resize(picture, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA),
            cv2.resize(mask, (WIDTH, HEIGHT), interpolation=cv2.INTER_LINEAR),
        )


def _judge(
    film: Film, pixels: np.ndarray, there: np.ndarray, visibility: np.ndarray, figure: Figure
) -> tuple[np.ndarray, np.ndarray]:
    """Quality (T,) of the frames and sharpness (T, 15) of their parts, from poses in film and plate pixels."""
    detail, fits = np.full((len(pixels), len(PARTS)), np.nan), np.zeros(len(pixels))
    for k, (picture, mask) in enumerate(_small(film)):
        if np.isfinite(pixels[k]).all():
            detail[k] = part_detail(picture, pixels[k], figure.trunk)
            fits[k] = mask_fit(mask, pixels[k], figure)
    usual = np.maximum(np.nanmedian(detail, axis=0), 1e-3)
    sharpness = np.nan_to_num(detail / usual).astype(np.float32)
    return frame_quality(there, visibility, fits, sharpness, figure), sharpness


def _collect(
    film: Iterable[tuple[np.ndarray, np.ndarray]], poses: np.ndarray, there: np.ndarray, path: CameraPath,
    chosen: np.ndarray,
) -> tuple[Plate, Figure, dict]:  # fmt: skip
    """The plate, the body with the thickness of its parts, and frame -> its cut (picture, mask, way to the plate)."""
    room, cuts, wanted = [], {}, set(choose_frames(len(poses)).tolist())
    for k, (picture, mask) in enumerate(film):
        to_plate = _from_its_own_size(path.to_plate[k], picture.shape[:2])
        if k in wanted:
            room.append((k, *_as_the_plate_sees(picture, mask, path.to_plate[k])))
        if k in chosen:
            mask = cv2.resize(mask, picture.shape[1::-1], interpolation=cv2.INTER_LINEAR)
            own = to_pixels(poses[k], height=picture.shape[0], width=picture.shape[1])
            cuts[k] = cut_out(picture, mask, own, to_plate)
    numbers, pictures, masks, inside = zip(*room, strict=True)
    plate = build_plate(np.stack(pictures), np.stack(masks), inside=np.stack(inside))
    whole = [i for i, k in enumerate(numbers) if np.isfinite(there[k]).all()]
    figure = measure_figure(there, [masks[i] for i in whole], there[[numbers[i] for i in whole]])
    return plate, figure, cuts


def _as_the_plate_sees(picture: np.ndarray, mask: np.ndarray, to_plate: np.ndarray) -> tuple[np.ndarray, ...]:
    """Picture, mask, and where they reach (640, 360) bool, moved by a matrix that is for pictures of that size."""
    small = cv2.resize(picture, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
    mask = cv2.resize(mask, (WIDTH, HEIGHT), interpolation=cv2.INTER_LINEAR)
    if (to_plate == np.eye(2, 3)).all():
        return small, mask, np.ones(SHAPE, bool)
    whole = np.full(SHAPE, 255, np.uint8)
    return *(move_picture(one, to_plate, SHAPE) for one in (small, mask)), move_picture(whole, to_plate, SHAPE) == 255


def _from_its_own_size(to_plate: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """A matrix (2, 3) for pictures of 640 x 360 as one for the same picture in ``shape`` (rows, columns)."""
    ratio = np.array([WIDTH / shape[1], HEIGHT / shape[0]])
    # A pixel's middle is at its number and a half: number i of the large picture is (i + 0.5) ratio - 0.5 of the small.
    return np.column_stack([to_plate[:, :2] * ratio, to_plate[:, 2] + to_plate[:, :2] @ ((ratio - 1) / 2)])
