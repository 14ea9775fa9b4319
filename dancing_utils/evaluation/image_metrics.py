"""Measures of generated pictures, each with its formula and source.

A number says nothing alone: give each beside the truth, the truth re-encoded, the empty background and the nearest
training frame (``evaluate_images`` does). Pictures are uint8 RGB (rows, columns, 3), poses (33, 2) in units of the
picture, lengths in pixels at 640 x 360. A still background is easy and fills most of a picture, so likeness is measured
in boxes, which are pairs of slices (``picture[box]``): around the dancer, and crops of the face and of each hand.

What is not independent: the VGG distance is the network and the formula that the image model was trained with. AKD and
MKR ask MediaPipe, whose landmarks the model learned from. SSIM and PSNR share nothing with the training.

Notebook: 07b_better_images.ipynb
"""

from collections.abc import Sequence

import numpy as np

from dancing_utils import HEIGHT, WIDTH, InputError
from dancing_utils.images.perceptual import perceptual_loss
from dancing_utils.images.pixels import from_bytes
from dancing_utils.pose.landmarks import FACE, HANDS, MAIN_JOINTS, N_LANDMARKS, to_pixels
from dancing_utils.tf import keras, tf

Box = tuple[slice, slice]  # rows, columns

BOX_MARGIN = 0.1  # of the box's own size, on each side: landmarks end at the eyes, wrists turn into fingers
CROP_SIDE = 48  # pixels of a crop: the sample's dancer has a head of 45 with its hair, and a hand of 30 with the wrist
SSIM_WINDOW = 11  # pixels a side; smaller pictures have no SSIM
MIN_VISIBILITY = 0.5  # from which MediaPipe counts as having found a joint


# --- boxes: where it is measured -----------------------------------------------------------------------------------


def dancer_box(pose: np.ndarray, *, margin: float = BOX_MARGIN) -> Box:
    """The box around all landmarks of a pose (33, 2), ``margin`` of its size wider on each side, cut to the picture.

    Never smaller than a crop (48 pixels), so that it can be measured when a dancer leaves the picture.
    """
    points = _pixels_of(pose)
    low, high = points.min(0), points.max(0)
    start = np.clip(np.floor(low - margin * (high - low)), 0, (WIDTH - CROP_SIDE, HEIGHT - CROP_SIDE)).astype(int)
    stop = np.clip(np.ceil(high + margin * (high - low)), start + CROP_SIDE, (WIDTH, HEIGHT)).astype(int)
    return slice(int(start[1]), int(stop[1])), slice(int(start[0]), int(stop[0]))


def crop_box(pose: np.ndarray, landmarks: Sequence[int], *, side: int = CROP_SIDE) -> Box:
    """A square of ``side`` pixels around the middle of some landmarks of a pose (33, 2), pushed into the picture."""
    points = _pixels_of(pose)[list(landmarks)]
    middle = (points.min(0) + points.max(0)) / 2
    x, y = np.clip(np.round(middle - side / 2), 0, (WIDTH - side, HEIGHT - side)).astype(int).tolist()
    return slice(y, y + side), slice(x, x + side)


def face_box(pose: np.ndarray) -> Box:
    """The square around the face of a pose (33, 2): landmarks 0 to 10."""
    return crop_box(pose, FACE)


def hand_boxes(pose: np.ndarray) -> list[Box]:
    """The squares around the left and the right hand of a pose (33, 2): wrist, little finger, index finger, thumb."""
    return [crop_box(pose, hand) for hand in HANDS]


def _pixels_of(pose: np.ndarray) -> np.ndarray:
    if np.shape(pose) != (N_LANDMARKS, 2) or not np.isfinite(pose).all():
        raise InputError(f"a pose of shape {np.shape(pose)}: (33, 2) without NaN is needed")
    return to_pixels(pose)


# --- likeness to the true picture ----------------------------------------------------------------------------------


def ssim(true: np.ndarray, generated: np.ndarray) -> float:
    """Structural similarity of two pictures, at most 1, for the same picture: mean over pixels and colours.

    Gaussian window of 11 pixels, s = 1.5, as in Wang, Bovik, Sheikh and Simoncelli, Image quality assessment, 2004.

    Parameters
    ----------
    true, generated : (rows, columns, 3) uint8, the same size, at least 11 x 11.

    Examples
    --------
    >>> grey = np.full((16, 16, 3), 100, np.uint8)
    >>> ssim(grey, grey)
    1.0
    >>> round(ssim(grey, grey + 50), 3)  # of flat pictures only the brightness differs: 2 * 100 * 150 / (100^2 + 150^2)
    0.923
    """
    _check(true, generated)
    return float(tf.image.ssim(true, generated, 255))


def psnr(true: np.ndarray, generated: np.ndarray) -> float:
    """Peak signal-to-noise ratio of two pictures in dB: 10 log10(255^2 / mean squared difference), inf for the same.

    Higher is better; 30 is a difference of 8 grey levels.
    """
    _check(true, generated)
    return float(tf.image.psnr(true, generated, 255))


def vgg_distance(vgg16: keras.Model, true: np.ndarray, generated: np.ndarray) -> float:
    """Distance of two pictures in VGG16's features, 0 for the same, about 1 for unrelated ones.

    ``perceptual.perceptual_loss`` of ``perceptual.build_vgg16`` (after Johnson, Alahi and Fei-Fei, Perceptual Losses,
    2016): the same network and formula that the image model was trained with, so NOT independent of its loss.
    """
    _check(true, generated)
    a, b = (from_bytes(one[None]) for one in (true, generated))  # (1, rows, columns, 3)
    return float(perceptual_loss(vgg16, a, b))


def _check(true: np.ndarray, generated: np.ndarray) -> None:
    if true.shape != generated.shape or true.ndim != 3 or true.shape[2] != 3 or min(true.shape[:2]) < SSIM_WINDOW:
        sizes = f"{true.shape} and {generated.shape}"
        raise InputError(f"pictures {sizes}: both must be (rows, columns, 3) of one size, at least 11 x 11")
    if true.dtype != np.uint8 or generated.dtype != np.uint8:
        raise InputError(f"pictures of {true.dtype} and {generated.dtype}: give uint8, 0 to 255")


def gradient_energy(picture: np.ndarray) -> float:
    """Mean squared difference of neighbouring pixels, down and across, of a picture or of a box of it: 0 if it is flat.

    Over the true picture's it says how sharp a picture is (our own definition): blur is below 1. Noise and seams count
    as detail, so look too.
    """
    _check(picture, picture)
    levels = picture.astype(np.float32)
    return float((np.diff(levels, axis=0) ** 2).mean() + (np.diff(levels, axis=1) ** 2).mean())


# --- does the dancer stand as asked? -------------------------------------------------------------------------------


def keypoint_distances(detected: tuple[np.ndarray, np.ndarray] | None, pose: np.ndarray) -> np.ndarray:
    """Distance (12,) in pixels of the main joints found in a picture from the pose (33, 2) asked for; NaN: missed.

    Parameters
    ----------
    detected : landmarks (33, 2) and visibility (33,) as ``detector.PoseDetector.detect`` gives them in image mode, or
        None for nobody. A joint with visibility under 0.5 is missed.
    """
    joints = list(MAIN_JOINTS)
    points = _pixels_of(pose)[joints]
    if detected is None:
        return np.full(len(joints), np.nan)
    distances = np.linalg.norm(to_pixels(detected[0])[joints] - points, axis=-1)
    return np.where(detected[1][joints] < MIN_VISIBILITY, np.nan, distances)


def akd(distances: np.ndarray) -> float:
    """Average keypoint distance in pixels over (N, 12) ``keypoint_distances``, missed joints left out.

    Siarohin et al., Animating Arbitrary Objects via Deep Motion Transfer, 2019, and First Order Motion Model, 2019.
    MediaPipe is some pixels off on true pictures too, so compare with the truth's. NaN if every joint was missed.
    """
    return float(np.nanmean(distances)) if np.isfinite(distances).any() else float("nan")


def mkr(distances: np.ndarray) -> float:
    """Missing keypoint rate, 0 to 1: share of NaN in (N, 12) ``keypoint_distances``; sources as ``akd``."""
    return float(np.isnan(distances).mean()) if np.size(distances) else float("nan")


# --- from picture to picture ---------------------------------------------------------------------------------------


def change(before: np.ndarray, after: np.ndarray) -> float:
    """Mean absolute difference in grey levels, 0 to 255, of two successive pictures or of the same box of them."""
    _check(before, after)
    return float(np.abs(before.astype(np.int16) - after).mean())


def flicker(changes: np.ndarray, true_changes: np.ndarray) -> float:
    """Sum of a film's ``change`` (N,) over that of the true film (N,): 1 is as lively as the truth, 0 stands still.

    Our own definition. Well above 1 the film shimmers; pictures that jump and blur at once can score 1, so look too.
    NaN if the true film stands still.
    """
    if np.shape(changes) != np.shape(true_changes):
        raise InputError(f"changes {np.shape(changes)} and true changes {np.shape(true_changes)} differ in number")
    total = float(np.sum(true_changes))
    return float(np.sum(changes)) / total if total else float("nan")
