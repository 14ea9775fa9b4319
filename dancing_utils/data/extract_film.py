"""One film -> its groups of the HDF5 file: pictures, one person's poses, depth and masks, and what is heard.

Reading, looking for people and compressing overlap: MediaPipe and zlib both let other Python threads run. Who is
followed is known when the whole film has been seen, so the masks of all people wait in a temporary file, and memory
does not grow with the film but for some numbers a frame.

Notebook: 01_extract_data.ipynb
"""

import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO

import h5py
import numpy as np

from dancing_utils import FPS, N_MFCC, TIME_STEPS, InputError
from dancing_utils.audio.hearing import hear
from dancing_utils.data import dataset, media
from dancing_utils.data.film_facts import follow
from dancing_utils.data.film_observation import Observation, recognise
from dancing_utils.data.films import Film
from dancing_utils.files import whole_file
from dancing_utils.pose import smoothing
from dancing_utils.pose.detector import MOST_PEOPLE, PoseDetector
from dancing_utils.pose.landmarks import N_LANDMARKS

LEAST_SEEN = 0.5  # share of the pictures with a person, below which it is remarked
THREADS = 3  # that look for poses and compress; one more reads


@dataclass
class _Seen:
    """The people of each frame. Their compressed masks lie one after the other in a file."""

    observations: list[Observation]
    depths: list[list[np.ndarray]]  # (33,) each
    masks: list[list[tuple[int, int]]]  # first byte in the file, and bytes
    file: BinaryIO

    def add(self, people: list, depths: list[np.ndarray], masks: list[bytes]) -> None:
        self.observations.append(Observation(len(self.observations) / FPS, tuple(people)))
        self.depths.append(depths)
        self.masks.append([(self.file.tell(), self.file.write(mask)) for mask in masks])

    def mask(self, k: int, who: int) -> bytes:
        start, length = self.masks[k][who]
        self.file.seek(start)
        return self.file.read(length)


def extract_film(
    film: Film, info: media.VideoInfo, part: Path, settings: dict, *, model: Path, threads: int = THREADS,
    tick: Callable[[int], object] = lambda n: None, window: media.Window | None = None,
    track: np.ndarray | None = None,
) -> list[str]:  # fmt: skip
    """Extract one video into one part file, under a temporary name until it is whole.

    Parameters
    ----------
    settings : fit, smooth_hz (-1: none) and, if somebody is chosen, at; kept as attributes.
    threads : so many look for people and compress; one more reads.
    tick : called with 1 after each frame.
    window : what is taken of the pictures; None: as fit says.
    track : (n, 3) seconds, x and y in units of the film's picture: where the person to follow was seen, as
        ``FilmReport.track`` tells; it goes before ``at``.

    Returns
    -------
    What to know of the film: that it breaks off, shows a person now and then only, or has no sound.

    Raises
    ------
    InputError
        If nobody is found, or nothing can be decoded.
    """
    remarks: list[str] = []
    window, fit = window or media.window_of(settings["fit"], info.width, info.height), window or settings["fit"]
    with whole_file(part) as temporary, h5py.File(temporary, "w") as file, TemporaryFile(dir=part.parent) as spool:
        seen = _Seen([], [], [], spool)
        frames = while_it_lasts(media.read_frames(film.path, fit=fit), remarks)
        _write_frames(file, frames, seen, threads, model, tick)
        who = _choose(film, info, seen, settings, window, track)
        if (share := np.mean([one is not None for one in who])) < LEAST_SEEN:
            remarks.append(f"shows a person in {share:.0%} of its pictures only: `dance check` says what would help")
        starts = _complete_last_window(file, len(who))
        _write_masks(file, starts, seen, who)
        sequences = _sequences(film, info, seen, who, settings, remarks)
        _write_sequences(file, starts, sequences, film, info, settings, window)
    return remarks


def while_it_lasts(frames: Iterator[np.ndarray], remarks: list[str]) -> Iterator[np.ndarray]:
    """The pictures up to where a broken file ends, which is remarked."""
    try:
        yield from frames
    except media.BreaksOffError as error:
        remarks.append(f"is used as far as it goes: {error}")


# --- pictures and people -------------------------------------------------------------------------------------------


def _write_frames(file: h5py.File, frames: Iterator[np.ndarray], seen: _Seen, threads: int, model: Path, tick) -> None:
    """Compressed pictures into the groups of the file; the people in them into ``seen``."""
    for k, (compressed, people, depths, masks) in enumerate(_worked_on(frames, threads, model)):
        number, step = divmod(k, TIME_STEPS)
        if step == 0:
            group = dataset.create_group(file, f"Dataset{number + 1}", with_masks=True)
        dataset.write_frame(group, step, compressed)
        seen.add(people, depths, masks)
        tick(1)


def _worked_on(frames: Iterator[np.ndarray], threads: int, model: Path) -> Iterator[tuple]:
    """``_look`` at each frame in order, by threads; few frames wait at a time."""
    local, detectors = threading.local(), []

    def work(frame):
        if not hasattr(local, "detector"):
            local.detector = PoseDetector(model=model, most=MOST_PEOPLE, masks=True)
            detectors.append(local.detector)
        return _look(frame, local.detector)

    with ThreadPoolExecutor(threads) as pool:
        try:
            waiting: deque = deque()
            for frame in frames:
                waiting.append(pool.submit(work, frame))
                if len(waiting) > 4 * threads:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            pool.shutdown(cancel_futures=True)
            for detector in detectors:
                detector.close()


def _look(frame: np.ndarray, detector: PoseDetector) -> tuple:
    """The compressed picture, and of each person in it what tells her from others, depth, and the compressed mask."""
    found = detector.find_people(frame)
    people = [recognise(frame, one) for one in found]
    return (dataset.compress_frame(frame), people, [one.depth for one in found],
            [dataset.compress_frame(one.mask) for one in found])  # fmt: skip


def _choose(
    film: Film, info: media.VideoInfo, seen: _Seen, settings: dict, window: media.Window, track: np.ndarray | None
) -> list[int | None]:  # fmt: skip
    """The number of the person who is followed among the people of each frame; None where she is not seen."""
    at = settings.get("at")
    if at is not None:
        at = window.to_units(np.array(at), info).clip(0, 1)
    if track is not None:
        track = np.column_stack([track[:, 0], window.to_units(track[:, 1:], info)])
    followed = follow(seen.observations, at=at, known=track)
    if not any(followed):
        raise InputError(f"{film.path} shows no person that could be found: film the whole body in good light")
    return [None if person is None else [one is person for one in observation.people].index(True)
            for observation, person in zip(seen.observations, followed, strict=True)]  # fmt: skip


def _complete_last_window(file: h5py.File, n: int) -> list[int]:
    """Let the last of a film's windows begin so early that it is whole; returns the first frames of all."""
    number, rest = divmod(n, TIME_STEPS)
    if rest and number:
        before, last = (file[f"Dataset{number + i}"] for i in (0, 1))
        for step in reversed(range(rest)):
            dataset.copy_frame(last, step, last, step + TIME_STEPS - rest)
        for step in range(TIME_STEPS - rest):
            dataset.copy_frame(before, step + rest, last, step)
    return [max(0, min(start, n - TIME_STEPS)) for start in range(0, n, TIME_STEPS)]


def _write_masks(file: h5py.File, starts: list[int], seen: _Seen, who: list[int | None]) -> None:
    for number, start in enumerate(starts, 1):
        for step, one in enumerate(who[start : start + TIME_STEPS]):
            if one is not None:
                dataset.write_mask(file[f"Dataset{number}"], step, seen.mask(start + step, one))


# --- what changes with time ----------------------------------------------------------------------------------------


def _sequences(
    film: Film, info: media.VideoInfo, seen: _Seen, who: list[int | None], settings: dict, remarks: list[str]
) -> dict:  # fmt: skip
    """What ``write_sequences`` takes, of the whole film (T, ...); beats in seconds; and what is said of the sound."""
    people = [None if one is None else seen.observations[k].people[one] for k, one in enumerate(who)]
    found = [None if person is None else (person.landmarks, person.visibility) for person in people]
    track = smoothing.finish_track(found, smooth_hz=settings["smooth_hz"] if settings["smooth_hz"] > 0 else None)
    nowhere = np.zeros(N_LANDMARKS, np.float32)
    depth = np.stack([nowhere if one is None else seen.depths[k][one] for k, one in enumerate(who)])  # (T, 33)
    return {"poses": track.landmarks, "visibility": track.visibility, "detected": track.detected, "depth": depth,
            **_heard(film, info, len(who), remarks)}  # fmt: skip


def _heard(film: Film, info: media.VideoInfo, n_frames: int, remarks: list[str]) -> dict:
    """Features of the whole sound; zeros where there is none, which is remarked."""
    try:
        waveform = media.read_audio(film.path) if info.has_audio else np.zeros(0, np.float32)
    except InputError as error:
        waveform, problem = np.zeros(0, np.float32), f" ({error})"
    else:
        problem = ""
    if np.abs(waveform).max(initial=0) < media.SILENT:
        remarks.append(f"has no sound{problem}: it shows how somebody looks, and no motion is learned from it")
        return {"mfcc": np.zeros((n_frames, N_MFCC)), "onset_strength": np.zeros(n_frames), "beats": np.zeros(0),
                "beat_regularity": 0.0, "has_sound": False}  # fmt: skip
    heard = hear(waveform, n_frames=n_frames)
    return {"mfcc": heard.mfcc, "onset_strength": heard.onset_strength, "beats": heard.beats,
            "beat_regularity": heard.regularity, "has_sound": True}  # fmt: skip


def _write_sequences(
    file: h5py.File, starts: list[int], sequences: dict, film: Film, info: media.VideoInfo, settings: dict,
    window: media.Window,
) -> None:  # fmt: skip
    """Cut what is known of the film into its groups; one that is shorter than a window is padded."""
    n_frames, beats = len(sequences["poses"]), sequences.pop("beats")
    for number, start in enumerate(starts, 1):
        cut = {key: _cut(values, start) if np.ndim(values) else values for key, values in sequences.items()}
        dataset.write_sequences(
            file[f"Dataset{number}"], **cut, source=film.path.name, start_time=start / FPS, content=film.content,
            identity=film.identity, **settings, beats=dataset.beats_of_window(beats, start),
            overlap=(number - 1) * TIME_STEPS - start, n_valid=min(n_frames, TIME_STEPS),
            film_size=(info.width, info.height), window=window,
            versions=", ".join(f"{name} {version(name)}" for name in ("mediapipe", "librosa", "av")),
        )  # fmt: skip


def _cut(values: np.ndarray, start: int) -> np.ndarray:
    """149 steps of values (T, ...), padded with 0; poses with NaN, nobody."""
    part = values[start : start + TIME_STEPS]
    padding = np.nan if values.ndim == 3 else 0
    return np.pad(part, [(0, TIME_STEPS - len(part)), *[(0, 0)] * (part.ndim - 1)], constant_values=padding)
