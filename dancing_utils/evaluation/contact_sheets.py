"""Contact sheets: true and generated pictures side by side, made for looking.

Numbers miss what an eye sees at once: a sixth finger, a face without eyes. So ``dance evaluate images`` writes two
sheets beside its table: frames drawn at random, with face and hands enlarged, and the worst frames of all.

Notebook: 07b_better_images.ipynb
"""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from dancing_utils import FPS
from dancing_utils.evaluation.image_metrics import CROP_SIDE, dancer_box, face_box, hand_boxes

N_RANDOM, N_WORST = 12, 3
ZOOM = 4  # of face and hands
CAPTION, GAP = 24, 16  # rows of text over a pair; columns between two pairs


@dataclass(frozen=True)
class Example:
    """One frame, true and generated, that may get onto a sheet."""

    clip: str
    frame: int
    pose: np.ndarray  # (33, 2)
    true: np.ndarray  # (640, 360, 3) uint8
    generated: np.ndarray
    ssim: float  # in the dancer's box
    priority: float  # random, 0 to 1: the lowest are the random examples


def random_examples(examples: list[Example]) -> list[Example]:
    """The 12 of the lowest priority, in the order of the clips."""
    chosen = sorted(examples, key=lambda example: example.priority)[:N_RANDOM]
    return sorted(chosen, key=lambda example: (example.clip, example.frame))


def worst_examples(examples: list[Example]) -> list[Example]:
    """The 3 least like the truth, the worst first."""
    return sorted(examples, key=lambda example: example.ssim)[:N_WORST]


def candidates(examples: list[Example]) -> list[Example]:
    """Those that may still get onto a sheet, so that a long film need not be kept whole (a reservoir sample)."""
    wanted = {id(example) for example in (*random_examples(examples), *worst_examples(examples))}
    return [example for example in examples if id(example) in wanted]


def whole(picture: np.ndarray, pose: np.ndarray) -> np.ndarray:
    """The picture as it is."""
    return picture


def close_up(picture: np.ndarray, pose: np.ndarray) -> np.ndarray:
    """The dancer as large as fits (576, 384, 3), and right of it face, left and right hand, four times enlarged."""
    side = ZOOM * CROP_SIDE
    details = [_fit(picture[box], side, side) for box in (face_box(pose), *hand_boxes(pose))]  # 3 x (192, 192, 3)
    return np.hstack([_fit(picture[dancer_box(pose)], 3 * side, 2 * side), np.vstack(details)])


def _fit(picture: np.ndarray, rows: int, columns: int) -> np.ndarray:
    """Enlarged as far as (rows, columns) allow, on white."""
    scale = min(rows / picture.shape[0], columns / picture.shape[1])
    size = max(1, int(picture.shape[1] * scale)), max(1, int(picture.shape[0] * scale))
    large = cv2.resize(picture, size, interpolation=cv2.INTER_CUBIC)
    out = np.full((rows, columns, 3), 255, np.uint8)
    out[: large.shape[0], : large.shape[1]] = large
    return out


def contact_sheet(
    examples: list[Example], view: Callable[[np.ndarray, np.ndarray], np.ndarray], *, columns: int = 3
) -> np.ndarray:
    """Pairs of truth (left) and generated picture (right), each under its caption: (rows, columns, 3) uint8.

    Parameters
    ----------
    view : what is shown of a picture and its pose: ``whole`` or ``close_up``.
    """
    pairs = [_captioned(example, np.hstack([view(one, example.pose) for one in (example.true, example.generated)]))
             for example in examples]  # fmt: skip
    pairs += [np.full_like(pairs[0], 255)] * (-len(pairs) % columns)
    return np.vstack([np.hstack(pairs[i : i + columns]) for i in range(0, len(pairs), columns)])


def _captioned(example: Example, pair: np.ndarray) -> np.ndarray:
    half = pair.shape[1] // 2
    framed = np.pad(pair, ((CAPTION, 0), (0, GAP), (0, 0)), constant_values=255)
    framed[CAPTION:, half - 1 : half + 1] = 255
    text = f"truth: {example.clip}, {example.frame / FPS:.1f} s", f"model: SSIM {example.ssim:.3f}"
    for i, words in enumerate(text):
        place = (i * half + 6, CAPTION - 8)
        cv2.putText(framed, words, place, cv2.FONT_HERSHEY_SIMPLEX, 0.5, (0, 0, 0), 1, cv2.LINE_AA)
    return framed
