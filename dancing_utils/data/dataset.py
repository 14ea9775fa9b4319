"""The HDF5 file of the course: write it, check it, read it back.

One file holds groups ``Dataset1``, ``Dataset2``, ...; a group is one window of 149 frames (4.97 s) of one video:

    audio_mfcc_sequences     (149, 13)            float32
    pose_landmark_sequences  (149, 33, 2)         float32  x, y in units of the picture's width and height; NaN: nobody
    frames                   (149, 640, 360, 3)   uint8    RGB; left out of motion-only files

and, where ``extract`` wrote it:

    pose_detected            (149,)               bool
    pose_visibility          (149, 33)            float32  0 to 1
    pose_depth               (149, 33)            float32  metres behind the hips; negative is nearer to the camera
    person_mask              (149, 640, 360)      uint8    255 where the person is, soft at the edge
    audio_onset_strength     (149,)               float32
    audio_beat_times         (n,)                 float64  seconds from the window's start, rising, from 0 to under
                                                           149 / 30; none where no beat is heard

Attributes of a group: ``source`` (the video's file name, for people), ``content`` (SHA-256 of its file: which film),
``identity`` (of content and settings: which windows belong together), ``start_time`` (s), ``fps``, ``n_mfcc``,
``beat_regularity`` (how sure the film's beat is, 0 to 1), ``versions``, and what became of the film's pictures:
``fit``, ``film_size`` (width, height in pixels, as shown) and ``window`` (left, top, width, height: the part of the
film, in its pixels, that became 640 x 360).

No frame of a film is dropped. Its last window begins earlier where it would not be whole: the first ``overlap`` of its
frames are the window's before, too. A film shorter than a window is padded: frames from ``n_valid`` on are none.
Without music to hear (``has_sound`` false) MFCC and onsets are 0: such films teach how somebody looks, not how to move.
``Group.fresh`` are the steps that count, so each frame of a film counts once, and ``read_clips`` joins them: by
``identity``; in files without one by ``source``, if that tells them apart.
The reader also takes the literal reading of these shapes: one pose (33, 2) and one frame (640, 360, 3) a group, beside
149 steps of sound. A frame is one compressed chunk: reading poses never touches pictures.

Notebook: 01_extract_data.ipynb
"""

import hashlib
import zlib
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import h5py
import numpy as np

from dancing_utils import FPS, HEIGHT, N_MFCC, TIME_STEPS, WIDTH, InputError
from dancing_utils.data.hdf5_file import group_names, open_file
from dancing_utils.pose.landmarks import N_LANDMARKS

MFCC, POSES, FRAMES = "audio_mfcc_sequences", "pose_landmark_sequences", "frames"
DETECTED, VISIBILITY, ONSETS = "pose_detected", "pose_visibility", "audio_onset_strength"
DEPTH, MASKS = "pose_depth", "person_mask"
BEATS = "audio_beat_times"
OPTIONAL = {"visibility": VISIBILITY, "depth": DEPTH, "onset_strength": ONSETS, "beats": BEATS}
GZIP_LEVEL = 1  # higher levels take several times as long for a few per cent
BYTES_A_MINUTE = 6e8  # of a dancer before a still background, compressed
WINDOW = TIME_STEPS / FPS  # seconds
SAME_BEAT = 1e-3  # seconds
FAR_OUTSIDE = 3.0  # landmarks further out than this many pictures are no landmarks


@dataclass
class Group:
    """One group without its pictures. T is 149, or 1 pose in the literal form."""

    name: str
    mfcc: np.ndarray  # (149, 13) float32
    poses: np.ndarray  # (T, 33, 2) float32, NaN where there is no person
    detected: np.ndarray  # (T,) bool, False also for poses that were filled in
    visibility: np.ndarray | None  # (T, 33) float32
    depth: np.ndarray | None  # (T, 33) float32, metres
    onset_strength: np.ndarray | None  # (149,) float32
    beats: np.ndarray | None  # (n,) seconds from the group's start; None in files that keep none
    source: str
    start_time: float  # seconds into the source
    fps: float
    has_frames: bool
    attributes: dict  # all attributes of the group

    @property
    def fresh(self) -> slice:
        """The steps that are frames of the film, and not the window's before."""
        return slice(int(self.attributes.get("overlap", 0)), int(self.attributes.get("n_valid", len(self.poses))))

    @property
    def shows_person(self) -> np.ndarray:
        """(T,) bool: fresh steps with a person who was detected."""
        shown = np.zeros(len(self.poses), bool)
        shown[self.fresh] = (np.isfinite(self.poses).all((1, 2)) & self.detected)[self.fresh]
        return shown


@dataclass
class Clip:
    """The groups of one video that follow on, joined: T frames, each once."""

    source: str
    start_time: float
    mfcc: np.ndarray  # (T, 13) float32
    poses: np.ndarray  # (T, 33, 2) float32
    detected: np.ndarray  # (T,) bool
    onset_strength: np.ndarray | None  # (T,) float32
    groups: list[str]
    attributes: dict  # of the first group; those with one value a frame, joined, (T,)
    beats: np.ndarray | None = None  # (n,) seconds from the clip's start, as heard; None in files that keep none
    visibility: np.ndarray | None = None  # (T, 33) float32
    depth: np.ndarray | None = None  # (T, 33) float32, metres
    places: list[tuple[str, int]] = field(default_factory=list)  # T (group, step in it)

    @property
    def has_sound(self) -> bool:
        """Is there music to learn motion from?"""
        return bool(self.attributes.get("has_sound", True))

    @property
    def content(self) -> str:
        """What tells this film from others, whatever it is called: SHA-256 of its file.

        Where the HDF5 file does not keep that it is SHA-256 of the clip's MFCC.
        """
        return str(self.attributes.get("content") or hashlib.sha256(np.ascontiguousarray(self.mfcc)).hexdigest())

    @property
    def film(self) -> str:
        """What a split goes by: ``content``, or the source's name in files that keep neither content nor identity.

        There two clips of one name may be parts of one film, and parts of a film must not be on both sides.
        """
        return self.content if {"content", "identity"} & self.attributes.keys() else self.source


# --- write ---------------------------------------------------------------------------------------------------------


def create_group(file: h5py.File, name: str, *, with_frames: bool = True, with_masks: bool = False) -> h5py.Group:
    """An empty group in the file, ready for ``write_frame``, ``write_mask`` and ``write_sequences``."""
    group = file.create_group(name)
    for key, wanted, shape in ((FRAMES, with_frames, (HEIGHT, WIDTH, 3)), (MASKS, with_masks, (HEIGHT, WIDTH))):
        if wanted:
            group.create_dataset(
                key, (TIME_STEPS, *shape), np.uint8, chunks=(1, *shape), compression="gzip", compression_opts=GZIP_LEVEL
            )
    return group


def compress_frame(frame: np.ndarray) -> bytes:
    """A picture (640, 360, 3) or a mask (640, 360), uint8, as the bytes of its HDF5 chunk.

    The GIL is released, so threads can share the work.
    """
    return zlib.compress(np.ascontiguousarray(frame).data, GZIP_LEVEL)


def write_frame(group: h5py.Group, k: int, compressed: bytes) -> None:
    """Store picture k, compressed before by ``compress_frame``."""
    group[FRAMES].id.write_direct_chunk((k, 0, 0, 0), compressed)


def write_mask(group: h5py.Group, k: int, compressed: bytes) -> None:
    """Store mask k, compressed before by ``compress_frame``."""
    group[MASKS].id.write_direct_chunk((k, 0, 0), compressed)


def copy_frame(group: h5py.Group, k: int, target: h5py.Group, to: int) -> None:
    """Store picture k of a group as picture ``to`` of another; it is not decompressed."""
    write_frame(target, to, group[FRAMES].id.read_direct_chunk((k, 0, 0, 0))[1])


def write_sequences(
    group: h5py.Group, *, mfcc: np.ndarray, poses: np.ndarray, source: str, start_time: float,
    detected: np.ndarray | None = None, visibility: np.ndarray | None = None,
    depth: np.ndarray | None = None, onset_strength: np.ndarray | None = None, beats: np.ndarray | None = None,
    **attributes,
) -> None:  # fmt: skip
    """Store what changes with time, (149, ...) each, the beats (n,) of the window, and the attributes of the group."""
    group[MFCC] = np.asarray(mfcc, np.float32)
    group[POSES] = np.asarray(poses, np.float32)
    extras = (
        (DETECTED, detected, bool), (VISIBILITY, visibility, "f4"), (DEPTH, depth, "f4"),
        (ONSETS, onset_strength, "f4"), (BEATS, beats, "f8"),
    )  # fmt: skip
    for key, values, kind in extras:
        if values is not None:
            group[key] = np.asarray(values, kind)
    group.attrs.update({"source": source, "start_time": start_time, "fps": FPS, "n_mfcc": group[MFCC].shape[-1]})
    group.attrs.update(attributes)


# --- read ----------------------------------------------------------------------------------------------------------


def beats_of_window(beats: np.ndarray, first: int) -> np.ndarray:
    """Of beats in seconds from the film's start those of the window from frame ``first`` on, in seconds from there."""
    frames = beats * FPS
    inside = (frames >= first) & (frames < first + TIME_STEPS)
    return (beats[inside] - first / FPS).clip(0, np.nextafter(WINDOW, 0))  # rounding does not lead out of it


def list_groups(path: str | Path) -> list[str]:
    """Names of the groups in the order of their numbers."""
    with open_file(path) as file:
        return group_names(file)


def read_group(path: str | Path, name: str) -> Group:
    """One group without its pictures, which are not touched."""
    with open_file(path, only=name) as file:
        return _read_group(file[name])


def read_frames(path: str | Path, name: str, *, start: int = 0, stop: int | None = None) -> np.ndarray:
    """Pictures start..stop of one group, (n, 640, 360, 3) uint8.

    Raises
    ------
    InputError
        If the file has no pictures (a motion-only file).
    """
    with open_file(path, only=name) as file:
        if FRAMES not in file[name]:
            raise InputError(f"{path} {name} holds no frames (motion only): pictures need a file from `dance extract`")
        frames = file[name][FRAMES]
        return frames[start:stop] if frames.ndim == 4 else frames[()][None][start:stop]


def read_masks(path: str | Path, name: str, *, start: int = 0, stop: int | None = None) -> np.ndarray:
    """Masks start..stop of one group, (n, 640, 360) uint8.

    Raises
    ------
    InputError
        If the file has no masks: older files have none.
    """
    with open_file(path, only=name) as file:
        if MASKS not in file[name]:
            raise InputError(f"{path} {name} holds no masks of the person: extract it again with `dance extract`")
        return file[name][MASKS][start:stop]


def read_clips(path: str | Path) -> list[Clip]:
    """All windows of 149 poses, those of one video that follow on joined; literal one-pose groups are left out.

    Clips are in the order of their sources' names. Windows that cannot be told apart (``validate`` names them) are not
    joined: each is a clip.
    """
    with open_file(path) as file:
        groups = [_read_group(file[name]) for name in group_names(file)]
    films = _films(groups)
    if not films:
        raise InputError(f"{path} holds single poses only: learning motion needs windows of {TIME_STEPS} poses")
    clips = [_join(run) for film in films for run in _runs(film)]
    return sorted(clips, key=lambda clip: (clip.source, clip.start_time))


def with_music(clips: list[Clip]) -> list[Clip]:
    """The clips that motion can be learned from.

    Raises
    ------
    InputError
        If none has music.
    """
    heard = [clip for clip in clips if clip.has_sound]
    if not heard:
        raise InputError(f"none of {len(clips)} films has sound: motion is learned from music, so film while it plays")
    return heard


def _films(groups: list[Group]) -> list[list[Group]]:
    """The windows of each film in time, by identity, or by source where there is none; single poses are left out."""
    films = defaultdict(list)
    for group in groups:
        if len(group.poses) == len(group.mfcc):
            films["identity" in group.attributes, group.attributes.get("identity", group.source)].append(group)
    return [sorted(film, key=lambda group: group.start_time) for film in films.values()]


def _runs(film: list[Group]) -> list[list[Group]]:
    """Windows that follow on; without an identity and at the same time they are of different films, each by itself."""
    mixed = "identity" not in film[0].attributes and _overlapping(film)
    runs = [film[:1]]
    for before, group in pairwise(film):
        if not mixed and abs(_end_time(before) - _begin_time(group)) < 0.5 / group.fps:
            runs[-1].append(group)
        else:
            runs.append([group])
    return runs


def _overlapping(film: list[Group]) -> list[tuple[str, str]]:
    """Names of windows of which the second begins before the first has ended."""
    return [(a.name, b.name) for a, b in pairwise(film) if _begin_time(b) < _end_time(a) - 0.5 / a.fps]


def motion_windows(
    clips: list[Clip], *, time_steps: int = TIME_STEPS, hop: int = TIME_STEPS
) -> tuple[np.ndarray, np.ndarray]:
    """All windows of ``time_steps`` frames, one every ``hop`` frames; those with a missing pose are left out.

    Returns
    -------
    mfcc (N, time_steps, 13) and poses (N, time_steps, 33, 2), float32.

    Raises
    ------
    InputError
        If there is not one whole window.
    """
    mfcc, poses = [], []
    for clip in clips:
        for start in range(0, len(clip.poses) - time_steps + 1, hop):
            window = clip.poses[start : start + time_steps]  # (time_steps, 33, 2)
            if np.isfinite(window).all():
                mfcc.append(clip.mfcc[start : start + time_steps])
                poses.append(window)
    if not poses:
        raise InputError(f"no window of {time_steps} frames has a person in every frame: film longer, or whole-body")
    return np.stack(mfcc), np.stack(poses)


def split_sources(sources: list[str], *, validation: float = 0.2, seed: int = 0) -> tuple[list[str], list[str]]:
    """Split videos (their ``Clip.film``), never windows of one, into (train, validation), at least one in each.

    Raises
    ------
    InputError
        With fewer than two videos: windows of one video are too alike to test anything.
    """
    unique = sorted(set(sources))
    if len(unique) < 2:
        raise InputError(f"{len(unique)} video cannot be split into training and validation: extract at least two")
    n_validation = min(len(unique) - 1, max(1, round(validation * len(unique))))
    shuffled = np.random.default_rng(seed).permutation(unique).tolist()
    return sorted(shuffled[n_validation:]), sorted(shuffled[:n_validation])


def validate(path: str | Path) -> list[str]:
    """What is wrong with a file, one sentence a fault; an empty list when all is well."""
    try:
        file = open_file(path)
    except InputError as error:
        return [str(error)]
    with file:
        names = group_names(file)
        found = {name: _group_problems(file[name]) for name in names}
        groups = [_read_group(file[name]) for name in names if not found[name]]
    problems = [] if names == [f"Dataset{i + 1}" for i in range(len(names))] else [
        f"the groups are not numbered Dataset1 to Dataset{len(names)} without a gap"
    ]  # fmt: skip
    problems += [f"{name}: {problem}" for name in names for problem in found[name]]
    return problems + [_said(film) for film in _films(groups) if _overlapping(film)]


def _said(film: list[Group]) -> str:
    """What is wrong with windows of one film that are at the same time."""
    first, second = _overlapping(film)[0]
    if "identity" in film[0].attributes:
        return f"{first} and {second} show the same time of one film ({film[0].source}): extract it again"
    return (
        f"{first} and {second} are both called {film[0].source!r}, show the same time and cannot be told apart, so the "
        f"{len(film)} windows of that name are not joined: extract the videos again, which keeps each film's identity"
    )


def _group_problems(group: h5py.Group) -> list[str]:
    single = POSES in group and group[POSES].ndim == 2
    steps = () if single else (TIME_STEPS,)
    expected = {
        MFCC: ((TIME_STEPS, N_MFCC), "f4", True), POSES: ((*steps, N_LANDMARKS, 2), "f4", True),
        FRAMES: ((*steps, HEIGHT, WIDTH, 3), "u1", False), DETECTED: (steps, "?", False),
        VISIBILITY: ((*steps, N_LANDMARKS), "f4", False), ONSETS: ((TIME_STEPS,), "f4", False),
        DEPTH: ((*steps, N_LANDMARKS), "f4", False), MASKS: ((*steps, HEIGHT, WIDTH), "u1", False),
    }  # fmt: skip
    problems = []
    for key, (shape, kind, required) in expected.items():
        if key not in group:
            problems += [f"{key} is missing"] if required else []
        elif group[key].shape != shape or group[key].dtype != np.dtype(kind):
            problems.append(f"{key} is {group[key].shape} {group[key].dtype}, not {shape} {np.dtype(kind)}")
    if not problems and not np.isfinite(group[MFCC][()]).all():
        problems.append(f"{MFCC} holds values that are not numbers")
    if not problems and BEATS in group:
        problems += _beat_problems(group[BEATS])
    overlap, n_valid = (int(group.attrs.get(key, usual)) for key, usual in (("overlap", 0), ("n_valid", TIME_STEPS)))
    if not 0 <= overlap < n_valid <= TIME_STEPS:
        problems.append(f"overlap={overlap} and n_valid={n_valid} leave no frames of a window of {TIME_STEPS}")
    if not problems and np.nanmax(np.abs(np.nan_to_num(group[POSES][()]))) > FAR_OUTSIDE:
        problems.append(f"{POSES} goes beyond {FAR_OUTSIDE:g} pictures: are these pixels?")
    return problems


def _beat_problems(beats: h5py.Dataset) -> list[str]:
    if beats.ndim != 1 or beats.dtype != np.float64:
        return [f"{BEATS} is {beats.shape} {beats.dtype}, not (n,) float64"]
    times = beats[()]
    if not ((times >= 0) & (times < WINDOW)).all():
        return [f"{BEATS} holds times outside the window, 0 to {WINDOW:.3f} s"]
    return [] if (np.diff(times) > 0).all() else [f"{BEATS} does not rise"]


def _read_group(group: h5py.Group) -> Group:
    missing = [key for key in (MFCC, POSES) if key not in group]
    if missing:
        raise InputError(f"{group.file.filename} {group.name[1:]} lacks {missing[0]}: extract it again")
    poses = group[POSES][()]
    poses = poses if poses.ndim == 3 else poses[None]  # (T, 33, 2)
    detected = np.atleast_1d(group[DETECTED][()]) if DETECTED in group else np.isfinite(poses).all((1, 2))
    return Group(
        name=group.name[1:], mfcc=group[MFCC][()], poses=poses, detected=detected,
        **{name: group[key][()] if key in group else None for name, key in OPTIONAL.items()},
        source=str(group.attrs.get("source", group.name[1:])), start_time=float(group.attrs.get("start_time", 0.0)),
        fps=float(group.attrs.get("fps", FPS)), has_frames=FRAMES in group,
        attributes=dict(group.attrs),
    )  # fmt: skip


def _begin_time(group: Group) -> float:
    return group.start_time + group.fresh.start / group.fps


def _end_time(group: Group) -> float:
    return group.start_time + group.fresh.stop / group.fps


def _join(run: list[Group]) -> Clip:
    def join(arrays):
        return np.concatenate([array[group.fresh] for array, group in zip(arrays, run, strict=True)])

    names = ("mfcc", "poses", "detected", "visibility", "depth", "onset_strength")
    parts = {name: [getattr(group, name) for group in run] for name in names}
    attributes = {
        key: join([group.attributes[key] for group in run]) if np.shape(value)[:1] == (TIME_STEPS,) else value
        for key, value in run[0].attributes.items()
    }
    return Clip(
        run[0].source, run[0].start_time, groups=[group.name for group in run], attributes=attributes,
        beats=_join_beats(run), places=[(group.name, k) for group in run for k in range(TIME_STEPS)[group.fresh]],
        **{name: None if any(part is None for part in arrays) else join(arrays) for name, arrays in parts.items()},
    )  # fmt: skip


def _join_beats(run: list[Group]) -> np.ndarray | None:
    """Beats (n,) in seconds from the first group's start; those that two groups have, once."""
    if any(group.beats is None for group in run):
        return None
    beats = np.zeros(0)
    for group in run:
        times = group.beats + (group.start_time - run[0].start_time)
        beats = np.concatenate([beats, times[times > beats.max(initial=-1.0) + SAME_BEAT]])
    return beats
