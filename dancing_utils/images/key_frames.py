"""Key frames: the few frames of a film from which a person is put together anew, and the file that keeps them.

They shall cover many poses and look good. Each frame gets a quality from 0 to 1: seen, sharp along the limbs, bones no
longer than this body's, and a mask that the pose explains. Then, one after the other, the frame is taken whose pose is
farthest from those taken already, its distance weighed by its quality (farthest point sampling: Gonzalez, Clustering to
minimize the maximum intercluster distance, 1985). By turns that is the whole pose, either arm, the head, or the legs;
an arm counts for less while it lies before the trunk, because it cannot be cut out of a shirt cleanly.

The file is an .npz of a few MB: pictures as JPEG and masks as PNG, cut to the person. It may come from another machine,
so everything in it is checked before it is believed, and nothing in it is ever run.

Notebook: 07a_new_pose.ipynb
"""

import io
import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from dancing_utils import InputError
from dancing_utils.files import read_npz, write_npz
from dancing_utils.images.body_parts import BONES, HIPS, PARTS, Figure, bone_lengths, points_of
from dancing_utils.pose.landmarks import MAIN_JOINTS, N_LANDMARKS

MOST = 64
LARGEST = (1280, 1280)  # rows and columns of a key frame, at most; a portrait film's are kept up to 1280 x 720
ROOM = 0.04  # share of the height that is kept around the person
JPEG_QUALITY = 93
GOOD = 35  # percentile of the film's qualities below which a frame is not chosen
TOO_LONG = 1.15  # a bone may look this much longer than its full length, or the pose is wrong
WIDE = 1.6  # radii around the bones within which a mask is explained by the pose
# What poses are told apart by, by turns: each list begins with the landmark from which the others are measured.
TURNS = {
    "whole": [23, *range(11, N_LANDMARKS)], "left arm": [11, 13, 15, 19, 17, 12], "right arm": [12, 14, 16, 20, 18, 11],
    "head": [11, 0, 7, 8, 12], "legs": [23, 24, 25, 26, 27, 28, 31, 32],
}  # fmt: skip
IN_FRONT = 0.8  # how much less an arm counts that lies wholly before the trunk
ARM_WIDTH = 0.1  # trunk lengths
HINT = "learn the film again"
KINDS = {  # array -> (type, shape after the first axis)
    "poses": ("f4", (N_LANDMARKS, 2)), "visibility": ("f4", (N_LANDMARKS,)), "depth": ("f4", (N_LANDMARKS,)),
    "sharpness": ("f4", (len(PARTS),)), "to_plate": ("f4", (2, 3)),
}  # fmt: skip


@dataclass(frozen=True)
class KeyFrames:
    """K frames of one person, cut to her, and her body. "Pixels" are the plate's, 640 x 360.

    Attributes
    ----------
    pictures, masks : K of (rows, columns, 3) and (rows, columns) uint8 each; 255 where the person is.
    to_plate : (K, 2, 3) from a key frame's own pixels to the plate's.
    poses : (K, 33, 2) in pixels.
    visibility, depth : (K, 33) MediaPipe's, 0 to 1 and metres, away from the camera, 0 at the hips.
    sharpness : (K, 15) of each part over the film's median; 1 is usual.
    figure : the body.
    """

    pictures: list[np.ndarray]
    masks: list[np.ndarray]
    to_plate: np.ndarray
    poses: np.ndarray
    visibility: np.ndarray
    depth: np.ndarray
    sharpness: np.ndarray
    figure: Figure


# --- quality -------------------------------------------------------------------------------------------------------


def part_detail(picture: np.ndarray, pose: np.ndarray, trunk: float) -> np.ndarray:
    """How much fine detail a picture has along each part's bone: (15,) mean absolute Laplacian in grey levels.

    ``pose`` (33, 2) in pixels of the picture; ``trunk``: the trunk's length in these pixels.
    """
    edges = np.abs(cv2.Laplacian(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), cv2.CV_32F))
    side = max(3, int(0.2 * trunk))
    around = cv2.blur(edges, (side, side))
    bones = (points_of(part, pose)[:2] for part in PARTS)
    places = np.array([[(1 - t) * a + t * b for t in (0.2, 0.5, 0.8)] for a, b in bones])
    x, y = np.nan_to_num(places).round().astype(int).transpose(2, 0, 1)  # (15, 3) each
    rows, columns = around.shape
    return around[np.clip(y, 0, rows - 1), np.clip(x, 0, columns - 1)].mean(1)


def mask_fit(mask: np.ndarray, pose: np.ndarray, figure: Figure) -> float:
    """0 to 1: how well a mask (uint8) and a pose (33, 2) in its pixels agree.

    The share of the main joints that lie in the mask, less what of the mask lies far from every bone: an arm overhead
    that was read as folded leaves one without the other.
    """
    drawn = np.zeros(mask.shape, np.uint8)
    for part, radii in zip(PARTS, figure.radii, strict=True):
        points = [tuple(point) for point in points_of(part, pose).round().astype(int).tolist()]
        width = max(1, int(2 * WIDE * radii.mean()))
        for end in points[1:]:
            cv2.line(drawn, points[0], end, 255, width)
    cv2.fillConvexPoly(drawn, cv2.convexHull(pose[[11, 12, 24, 23]].astype(np.float32)).round().astype(np.int32), 255)
    person = mask > 127
    x, y = pose[list(MAIN_JOINTS)].round().astype(int).T
    there = (x >= 0) & (y >= 0) & (x < mask.shape[1]) & (y < mask.shape[0])
    covered = person[y[there], x[there]].mean() if there.any() else 0.0
    astray = (person & (drawn == 0)).sum() / max(person.sum(), 1)
    return float(np.clip(covered - 2 * astray, 0, 1))


def frame_quality(
    poses: np.ndarray, visibility: np.ndarray, fits: np.ndarray, sharpness: np.ndarray, figure: Figure
) -> np.ndarray:
    """Quality (T,) of a film's frames, 0 to 1; 0 where there is no person.

    Parameters
    ----------
    poses, visibility : (T, 33, 2) in pixels and (T, 33).
    fits : (T,) by ``mask_fit``; ``sharpness`` : (T, 15), 1 is usual.
    """
    whole = np.isfinite(poses).all((1, 2))
    known = np.where(whole[:, None, None], poses, 0)
    sizes = np.maximum(figure.sizes(known), 1e-6)
    longer = (bone_lengths(known)[:, BONES] / sizes[:, None] / figure.lengths[BONES]).max(1)
    plausible = np.clip(1 - 2 * (longer - TOO_LONG), 0, 1)
    sharp = np.clip(sharpness, 0, 1).mean(1)
    seen = np.clip(visibility[:, list(MAIN_JOINTS)], 0, 1).mean(1)
    return np.where(whole, seen * sharp * plausible * fits, 0.0)


# --- choosing ------------------------------------------------------------------------------------------------------


def normalise(poses: np.ndarray, figure: Figure) -> np.ndarray:
    """Poses (T, 33, 2) in pixels without place and size: from the middle of the hips, in lengths of the trunk."""
    size = figure.trunk * np.maximum(figure.sizes(poses), 1e-6)
    return (poses - poses[:, list(HIPS)].mean(1, keepdims=True)) / size[:, None, None]


def choose(poses: np.ndarray, quality: np.ndarray, figure: Figure, *, most: int = MOST) -> np.ndarray:
    """Numbers of the key frames, in the order in which they were taken; the best frame of all comes first.

    Parameters
    ----------
    poses : (T, 33, 2) in pixels of the plate; ``quality`` : (T,), 0 is never taken.

    Raises
    ------
    InputError
        If no frame has any quality.
    """
    usable = np.flatnonzero((quality > 0) & np.isfinite(poses).all((1, 2)))
    if not len(usable):
        raise InputError("no frame shows the person whole and sharp: film with more light, and all of her")
    good = usable[quality[usable] >= np.percentile(quality[usable], GOOD)]
    good = good if len(good) >= most else usable
    normed, quality = normalise(poses[good], figure), quality[good]
    weights = {turn: quality * (_clear_arm(normed, turn) if turn.endswith("arm") else 1) for turn in TURNS}
    chosen, distances = [int(quality.argmax())], {turn: np.full(len(good), np.inf) for turn in TURNS}
    for turn in itertools.islice(itertools.cycle(TURNS), len(TURNS) * most):
        for name, landmarks in TURNS.items():
            points = normed[:, landmarks] - normed[:, landmarks[:1]]
            nearer = np.linalg.norm(points - points[chosen[-1]], axis=-1).mean(1)
            distances[name] = np.minimum(distances[name], nearer)
            distances[name][chosen] = 0
        gain = distances[turn] * weights[turn]
        if len(chosen) < most and gain.any():  # otherwise all poses that are left were taken already
            chosen.append(int(gain.argmax()))
    return good[chosen]


def _clear_arm(normed: np.ndarray, turn: str) -> np.ndarray:
    """How far an arm is clear of the trunk (T,), 1 - IN_FRONT to 1, in normalised poses (T, 33, 2)."""
    elbow, wrist, finger = TURNS[turn][1:4]
    out = np.empty(len(normed))
    for k, pose in enumerate(normed.astype(np.float32)):
        corners = cv2.convexHull(pose[[11, 12, 24, 23]])
        places = [(pose[elbow] + pose[wrist]) / 2, pose[wrist], pose[finger]]
        inside = [cv2.pointPolygonTest(corners, place.tolist(), True) > -ARM_WIDTH for place in places]
        out[k] = 1 - IN_FRONT * np.mean(inside)
    return out


def cut_out(
    picture: np.ndarray, mask: np.ndarray, pose: np.ndarray, to_plate: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Picture and mask of a frame, cut to the person with some room, and the cut's own way to the plate (2, 3).

    Parameters
    ----------
    picture, mask : (rows, columns, 3) and (rows, columns) uint8; ``pose`` : (33, 2) in pixels of that picture.
    to_plate : (2, 3) from the picture's pixels to the plate's.
    """
    rows, columns = mask.shape
    y, x = np.nonzero(mask > 64)
    places = np.concatenate([pose, np.stack([x, y], -1)]) if len(x) else pose
    room = ROOM * rows
    left, top = np.clip(np.floor(places.min(0) - room), 0, (columns - 2, rows - 2)).astype(int).tolist()
    right, bottom = np.clip(np.ceil(places.max(0) + room), (left + 2, top + 2), (columns, rows)).astype(int).tolist()
    box = slice(top, bottom), slice(left, right)
    moved = to_plate.astype(np.float32).copy()
    moved[:, 2] += moved[:, :2] @ (left, top)
    return picture[box].copy(), mask[box].copy(), moved


# --- the file ------------------------------------------------------------------------------------------------------


def save(path: str | Path, frames: KeyFrames) -> None:
    """Write key frames to an .npz file, whole or not at all."""
    pictures = [_encode(picture, "JPEG", quality=JPEG_QUALITY, subsampling=0) for picture in frames.pictures]
    masks = [_encode(mask, "PNG") for mask in frames.masks]
    arrays = {name: getattr(frames, name).astype(kind) for name, (kind, _) in KINDS.items()}
    arrays |= _in_a_row("pictures", pictures) | _in_a_row("masks", masks)
    arrays |= {"lengths": frames.figure.lengths.astype("f4"), "radii": frames.figure.radii.astype("f4")}
    write_npz(path, arrays, compressed=False)  # JPEG and PNG are compressed


def load(path: str | Path) -> KeyFrames:
    """Read key frames.

    Raises
    ------
    InputError
        If there is no such file, it is damaged, or an array or picture has another kind or size than it must.
    """
    names = [*KINDS, "pictures", "pictures_bytes", "masks", "masks_bytes", "lengths", "radii"]
    stored = read_npz(path, needs=names, hint=HINT)
    n = len(np.atleast_1d(stored["poses"]))
    if not 1 <= n <= MOST:
        raise InputError(f"{path} has {n} key frames, 1 to {MOST} are allowed: {HINT}")
    wanted = {name: (kind, (n, *shape)) for name, (kind, shape) in KINDS.items()}
    wanted |= {"lengths": ("f4", (len(PARTS),)), "radii": ("f4", (len(PARTS), 2))}
    for name, (kind, shape) in wanted.items():
        array = stored[name]
        if array.dtype != np.dtype(kind) or array.shape != shape or not np.isfinite(array).all():
            raise InputError(f"{path} has {name} of {array.shape} {array.dtype} instead of {shape}, finite: {HINT}")
    if min(stored["lengths"].min(), stored["radii"].min()) <= 0:
        raise InputError(f"{path} has a body with a bone or part of no size: {HINT}")
    pictures = [_decode(path, content, "JPEG", "RGB") for content in _apart(path, stored, "pictures", n)]
    masks = [_decode(path, content, "PNG", "L") for content in _apart(path, stored, "masks", n)]
    if any(picture.shape[:2] != mask.shape for picture, mask in zip(pictures, masks, strict=True)):
        raise InputError(f"{path} has a mask of another size than its picture: {HINT}")
    arrays = {name: stored[name] for name in KINDS}
    return KeyFrames(pictures=pictures, masks=masks, figure=Figure(stored["lengths"], stored["radii"]), **arrays)


def _encode(picture: np.ndarray, kind: str, **options) -> bytes:
    file = io.BytesIO()
    Image.fromarray(picture).save(file, kind, **options)
    return file.getvalue()


def _in_a_row(name: str, contents: Iterable[bytes]) -> dict[str, np.ndarray]:
    contents = list(contents)
    return {name: np.frombuffer(b"".join(contents), np.uint8), f"{name}_bytes": np.array(list(map(len, contents)))}


def _apart(path: str | Path, stored: dict, name: str, n: int) -> list[bytes]:
    row, lengths = stored[name], stored[f"{name}_bytes"]
    if row.dtype != np.uint8 or row.ndim != 1 or lengths.shape != (n,) or lengths.dtype.kind != "i":
        raise InputError(f"{path} has {name} of another kind: {HINT}")
    if (lengths < 1).any() or (lengths > len(row)).any() or lengths.sum() != len(row):
        raise InputError(f"{path} has {len(row)} bytes of {name} where {lengths.sum()} are announced: {HINT}")
    return [part.tobytes() for part in np.split(row, np.cumsum(lengths)[:-1])]


def _decode(path: str | Path, content: bytes, kind: str, mode: str) -> np.ndarray:
    """A picture whose size is checked before it is decoded."""
    try:
        with Image.open(io.BytesIO(content), formats=[kind]) as image:
            if image.mode != mode or image.width > LARGEST[1] or image.height > LARGEST[0]:
                raise InputError(f"{path} has a picture of {image.size} {image.mode}: {HINT}")
            return np.asarray(image)
    except InputError:
        raise
    except Exception as error:  # a damaged picture raises nearly anything
        raise InputError(f"{path} has a picture that cannot be read ({error}): {HINT}") from error
