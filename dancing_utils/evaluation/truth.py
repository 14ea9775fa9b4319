"""What is known about a clip of the sample because a program made it: joints, beats, sections, moves, contacts.

``data_sample/truth/NAME.npz`` lies beside the clips. Metrics and tests hold what was found in the video against it. The
*rig* is the skeleton that the program animates; it has more points than MediaPipe, and other names for some.

Notebook: 02_explore_mfcc_and_pose.ipynb
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dancing_utils import InputError
from dancing_utils.files import read_npz
from dancing_utils.pose.landmarks import LANDMARK_NAMES, to_pixels, to_units

# Names that the rig has for MediaPipe's landmarks where they differ.
_RIG_NAMES = {
    "mouth_left": "left_mouth", "mouth_right": "right_mouth", "left_foot_index": "left_big_toe",
    "right_foot_index": "right_big_toe",
}  # fmt: skip
# What a file holds: T frames, K points.
_SHAPES = {
    "point_names": ("K",), "points_3d": ("T", "K", 3), "points_2d": ("T", "K", 2), "contact": ("T", 2),
    "sliding": ("T", 2), "floor": (),
}  # fmt: skip
_TIMES = ("beats", "downbeats", "accents")
_SCORE = ("sections", "moves", "dancer", "style", "tempo", "camera")
_HINT = "`python -m data_sample.studio clips` makes it again"


@dataclass(frozen=True)
class Truth:
    """The truth of one clip; T frames at 30 a second, K points of the rig.

    Attributes
    ----------
    landmarks : (T, 33, 2) the rig's joints and points under MediaPipe's names, in units of the picture; NaN where
        the rig has no such point.
    points_3d : (T, K, 3) metres, z up, the dancer faces -y; ``point_names`` (K,).
    contact, sliding : (T, 2) bool, left and right foot: it stands; it slides or swivels and means to.
    beats, downbeats, accents : times in seconds.
    sections : (kind, first bar, bars, energy); ``moves`` : (name, family, first beat, end beat, mirrored).
    """

    landmarks: np.ndarray
    points_3d: np.ndarray
    points_2d: np.ndarray  # (T, K, 2) in units of the picture
    point_names: tuple[str, ...]
    contact: np.ndarray
    sliding: np.ndarray
    beats: np.ndarray
    downbeats: np.ndarray
    accents: np.ndarray
    sections: tuple[tuple, ...]
    moves: tuple[tuple, ...]
    dancer: str
    style: str
    tempo: float
    floor: float  # height of the floor in points_3d
    camera: dict  # position and target in metres, view in degrees

    @property
    def depth(self) -> np.ndarray:
        """(T, 33) metres that the rig's points lie behind the hips' middle, seen from the camera, as MediaPipe's z.

        Less is nearer to the camera; NaN where the rig has no such point.
        """
        return _as_landmarks(self.depth_of_points[..., None], self.point_names)[..., 0]

    @property
    def depth_of_points(self) -> np.ndarray:
        """The same of all K points: (T, K)."""
        return depth_behind_hips(self.points_3d, self.point_names, self.camera["position"], self.camera["target"])


def load(path: str | Path) -> Truth:
    """Read a truth file.

    Raises
    ------
    InputError
        If there is no such file, or it is damaged or no truth file.
    """
    fields = read_npz(path, needs=[*_SHAPES, *_TIMES, "score"], texts=["score"], hint=_HINT)
    _check(path, fields)
    score, names = fields["score"], tuple(map(str, fields["point_names"]))
    return Truth(
        landmarks=_as_landmarks(fields["points_2d"], names), point_names=names, floor=float(fields["floor"]),
        sections=tuple(map(tuple, score["sections"])), moves=tuple(map(tuple, score["moves"])),
        **{key: score[key] for key in _SCORE[2:]},
        **{key: fields[key] for key in ("points_2d", "points_3d", "contact", "sliding", *_TIMES)},
    )  # fmt: skip


def _check(path: str | Path, fields: dict) -> None:
    sizes = {"T": len(np.atleast_1d(fields["contact"])), "K": fields["point_names"].size}
    for name, shape in _SHAPES.items():
        expected = tuple(sizes.get(n, n) for n in shape)
        if fields[name].shape != expected:
            raise InputError(f"{path} has {name} of shape {fields[name].shape}, not {expected}: {_HINT}")
    if missing := [name for name in _SCORE if name not in fields["score"]]:
        raise InputError(f"{path} lacks {', '.join(missing)} in its score: {_HINT}")


def depth_behind_hips(points: np.ndarray, names, position, target) -> np.ndarray:
    """(T, K) metres that points (T, K, 3) lie behind the middle of the hips, for a camera at ``position`` (x, y, z)
    that looks at ``target``; less is nearer to it."""
    axis = np.subtract(target, position)
    away = points @ (axis / np.linalg.norm(axis))  # (T, K)
    hips = [list(names).index(f"{side}_hip") for side in ("left", "right")]
    return away - away[:, hips].mean(1, keepdims=True)


def _as_landmarks(points: np.ndarray, names: tuple[str, ...]) -> np.ndarray:
    landmarks = np.full((len(points), len(LANDMARK_NAMES), points.shape[-1]), np.nan, np.float32)
    for i, name in enumerate(LANDMARK_NAMES):
        rig_name = _RIG_NAMES.get(name, name)
        if rig_name in names:
            landmarks[:, i] = points[:, names.index(rig_name)]
    return landmarks


# --- the rig's points as MediaPipe would place them ----------------------------------------------------------------


def landmarks_of(clip: str | Path) -> np.ndarray | None:
    """The true landmarks (T, 33, 2) of a clip of the sample, as MediaPipe would place them; None without a truth file.

    For FOLDER/clips/NAME.mp4 that is FOLDER/truth/NAME.npz, mapped by FOLDER/studio/landmark_map.npz. The rig's own
    joints under MediaPipe's names, unmapped, are ``Truth.landmarks``.
    """
    folder = Path(clip).resolve().parent.parent
    path = folder / "truth" / f"{Path(clip).stem}.npz"
    if not path.is_file():
        return None
    known = load(path)
    return apply_map(known.points_2d, load_map(folder / "studio" / "landmark_map.npz", known.point_names))


def load_map(path: str | Path, names, *, key: str = "weights") -> np.ndarray:
    """Weights (33, K) from the rig's points, in the order of ``names``, to MediaPipe's landmarks.

    Parameters
    ----------
    key : "weights" for x and y, "depth_weights" for the depth.

    Raises
    ------
    InputError
        If there is no such file, it is damaged, or it does not know a name.
    """
    hint = "`python -m data_sample.studio fit` makes it again"
    fields = read_npz(path, needs=["point_names", key], hint=hint)
    known = {str(name): i for i, name in enumerate(fields["point_names"].reshape(-1))}
    if fields[key].shape != (len(LANDMARK_NAMES), len(known)):
        raise InputError(f"{path} has {key} of shape {fields[key].shape}, not (33, {len(known)}): {hint}")
    if unknown := [str(name) for name in names if str(name) not in known]:
        raise InputError(f"{path} knows no {', '.join(unknown)}: {hint}")
    return fields[key][:, [known[str(name)] for name in names]]


def apply_map(points: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Points (T, K, 2) -> landmarks (T, 33, 2) float32, both in units of the picture; ``weights`` (33, K)."""
    return to_units(np.einsum("lk,tkc->tlc", weights, to_pixels(points))).astype(np.float32)
