"""One video or a folder of them -> the HDF5 file of the course, with progress and resume.

Each video is written to its own part file in ``<output>.parts/`` and renamed when whole; at the end the parts are put
together into the output, which also appears by renaming. So a run that was stopped goes on with the video it was in,
and no file under a final name is ever half written. Reading, looking for poses and compressing overlap: MediaPipe and
zlib both let other Python threads run.

Notebook: 01_extract_data.ipynb
"""

import hashlib
import shutil
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from importlib.metadata import version
from itertools import count
from pathlib import Path

import h5py
import numpy as np
from tqdm.auto import tqdm

from dancing_utils import TIME_STEPS, InputError, audio, dataset, media, pose
from dancing_utils.pose_model import find_model

VIDEO_ENDINGS = (".mp4", ".mov", ".mkv", ".webm", ".avi", ".m4v", ".mpg", ".mpeg", ".3gp", ".wmv", ".ts")
WORKERS = 3  # threads that look for poses and compress; one more reads


@dataclass
class ExtractReport:
    """What became of each video, by path."""

    done: list[Path] = field(default_factory=list)
    skipped: list[Path] = field(default_factory=list)  # in the output already
    failed: list[tuple[Path, str]] = field(default_factory=list)  # with the reason
    n_groups: int = 0  # in the output now
    seconds: float = 0.0


def extract(
    paths: list[str | Path], output: str | Path, *, fit: str = "letterbox", smooth_hz: float | None = None,
    workers: int = WORKERS, overwrite: bool = False, progress: bool = True, model: str | Path | None = None,
) -> ExtractReport:  # fmt: skip
    """Extract MFCC, poses and frames from videos, and from all videos in folders, into one HDF5 file.

    Videos that the output holds already are skipped and new ones added. A video that cannot be used is reported and
    the rest go on. What is left after the last whole window of 149 frames (at most 4.9 s) is dropped.

    Parameters
    ----------
    fit : "letterbox" or "crop", how pictures become 640 x 360.
    smooth_hz : see ``pose.smooth``; None leaves the landmarks as detected.
    overwrite : start the output anew.

    Raises
    ------
    InputError
        If there is no video at all, no room on the disk, or the output cannot be written or is some other file.
    """
    start = time.perf_counter()
    output, report = Path(output), ExtractReport()
    videos = find_videos(paths)
    settings = {"fit": fit, "smooth_hz": -1.0 if smooth_hz is None else smooth_hz}
    if fit not in media.FITS:
        raise InputError(f"fit={fit!r} must be one of {', '.join(media.FITS)}")
    if output.is_dir():
        raise InputError(f"{output} is a folder: give the name of a file, such as {output / 'dance.h5'}")
    inside = set() if overwrite else _identities(output)
    parts = Path(f"{output}.parts")
    _make_folder(parts, output)
    waiting = [video for video in videos if _identity(video, settings) not in inside]
    report.skipped = [video for video in videos if video not in waiting]
    infos = _look_into(waiting, report)
    _check_disk(output, sum(info.duration for info in infos.values()))
    model = find_model(model) if infos else None
    if progress and infos:
        minutes = sum(info.duration for info in infos.values()) / 60
        print(f"{minutes:.1f} minutes of video: up to {minutes * dataset.BYTES_A_MINUTE / 1e9:.1f} GB in {output}")
    with tqdm(total=sum(i.n_frames for i in infos.values()), unit="frame", disable=not progress or not infos) as bar:
        for video in infos:
            bar.set_description(video.name[:24])
            bar.set_postfix_str("the first sound takes a while" if video == next(iter(infos)) else "")
            try:
                part = parts / f"{_identity(video, settings)}.h5"
                if not part.exists():
                    _extract_one(video, part, settings, workers=workers, model=model, tick=bar.update)
                report.done.append(video)
            except (InputError, OSError) as error:
                report.failed.append((video, str(error)))
    if report.done:
        finished = [parts / f"{_identity(video, settings)}.h5" for video in report.done]
        _assemble(output, finished, keep=not overwrite and output.exists())
    shutil.rmtree(parts, ignore_errors=True)
    report.n_groups = len(dataset.list_groups(output)) if output.exists() else 0
    report.seconds = time.perf_counter() - start
    return report


def find_videos(paths: list[str | Path]) -> list[Path]:
    """The files given, and the videos in the folders given (by their ending, sorted), each once."""
    videos: list[Path] = []
    for path in map(Path, paths):
        inside = sorted(p for p in path.rglob("*") if p.suffix.lower() in VIDEO_ENDINGS) if path.is_dir() else [path]
        if not inside:
            raise InputError(f"the folder {path} holds no video ({', '.join(VIDEO_ENDINGS)})")
        videos += [video for video in inside if video not in videos]
    if not videos:
        raise InputError("no video was given: name a file or a folder")
    return videos


def _look_into(videos: list[Path], report: ExtractReport) -> dict[Path, media.VideoInfo]:
    """Facts of the videos that can be used; the others go to the report at once."""
    infos = {}
    for video in videos:
        try:
            info = media.probe(video)
            if not info.has_video:
                raise InputError(f"{video} has sound but no picture: give a video file")
            if not info.has_audio:
                raise InputError(f"{video} has no sound, and the course learns motion from sound: add its music")
            if info.n_frames and info.n_frames < TIME_STEPS:
                raise InputError(f"{video} lasts {info.duration:.1f} s: at least {TIME_STEPS / 30:.2f} s are needed")
            infos[video] = info
        except (InputError, OSError) as error:
            report.failed.append((video, str(error)))
    return infos


def _extract_one(
    video: Path, part: Path, settings: dict, *, workers: int, model: Path, tick: Callable[[int], object]
) -> None:  # fmt: skip
    """One video into one part file, under a temporary name until it is whole."""
    temporary = part.with_suffix(".writing")
    try:
        with h5py.File(temporary, "w") as file:
            found = _write_frames(file, media.read_frames(video, fit=settings["fit"]), workers, model, tick)
            _write_sequences(file, video, found, settings)
        temporary.replace(part)
    finally:
        temporary.unlink(missing_ok=True)


def _write_frames(file: h5py.File, frames: Iterator[np.ndarray], workers: int, model: Path, tick) -> list:
    """Compressed pictures into the groups of the file; returns the detector's answers for all frames."""
    found = []
    for k, (answer, compressed) in enumerate(_worked_on(frames, workers, model)):
        number, step = divmod(k, TIME_STEPS)
        if step == 0:
            group = dataset.create_group(file, f"Dataset{number + 1}")
        dataset.write_frame(group, step, compressed)
        found.append(answer)
        tick(1)
    if len(found) % TIME_STEPS:
        del file[group.name]  # the last window is not whole
    return found


def _worked_on(frames: Iterator[np.ndarray], workers: int, model: Path) -> Iterator[tuple]:
    """(detector's answer, compressed picture) of each frame in order, made by threads; few frames wait at a time."""
    local, detectors = threading.local(), []

    def work(frame):
        if not hasattr(local, "detector"):
            local.detector = pose.PoseDetector(model=model)
            detectors.append(local.detector)
        return local.detector.detect(frame), dataset.compress_frame(frame)

    with ThreadPoolExecutor(workers) as pool:
        try:
            waiting: deque = deque()
            for frame in frames:
                waiting.append(pool.submit(work, frame))
                if len(waiting) > 4 * workers:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            pool.shutdown(cancel_futures=True)
            for detector in detectors:
                detector.close()


def _write_sequences(file: h5py.File, video: Path, found: list, settings: dict) -> None:
    """Sound features, computed on the whole sound, and poses, of the whole video, cut into its groups."""
    n_frames = len(found)
    if n_frames < TIME_STEPS:
        raise InputError(f"{video} has {n_frames} frames at 30 a second: one window needs {TIME_STEPS}")
    if not any(found):
        raise InputError(f"{video} shows no person that could be found: film the whole body in good light")
    track = pose.finish_track(found, smooth_hz=settings["smooth_hz"] if settings["smooth_hz"] > 0 else None)
    sound = media.read_audio(video)
    sequences = {
        "mfcc": audio.mfcc(sound, n_frames=n_frames), "onset_strength": audio.onset_strength(sound, n_frames=n_frames),
        "poses": track.landmarks, "visibility": track.visibility, "detected": track.detected,
    }  # fmt: skip
    for number in range(n_frames // TIME_STEPS):
        start = number * TIME_STEPS
        dataset.write_sequences(
            file[f"Dataset{number + 1}"], source=video.name, start_time=start / 30, identity=_identity(video, settings),
            versions=", ".join(f"{name} {version(name)}" for name in ("mediapipe", "librosa", "av")), **settings,
            **{key: values[start : start + TIME_STEPS] for key, values in sequences.items()},
        )  # fmt: skip


def _assemble(output: Path, parts: list[Path], *, keep: bool) -> None:
    """All groups of the output (if kept) and of the parts, numbered from 1, into a new file that takes its place."""
    temporary = output.with_name(f".{output.name}.writing")
    try:
        with h5py.File(temporary, "w") as file:
            numbers = count(1)
            for source in ([output] if keep else []) + parts:
                with h5py.File(source, "r") as old:
                    for name in dataset.list_groups(source):
                        old.copy(name, file, f"Dataset{next(numbers)}")
        temporary.replace(output)
    except OSError as error:
        raise InputError(f"cannot write {output} ({error}): free some space and run again") from error
    finally:
        temporary.unlink(missing_ok=True)


def _identity(video: Path, settings: dict) -> str:
    """A short name for this video (its name and content) extracted with these settings."""
    digest = hashlib.sha256(f"{video.name} {sorted(settings.items())}".encode())
    if video.is_file():
        digest.update(str(video.stat().st_size).encode())
        with open(video, "rb") as file:
            digest.update(file.read(1 << 20))
    return digest.hexdigest()[:16]


def _identities(output: Path) -> set[str]:
    """Identities of the videos that the output holds; none when there is no such file yet."""
    if not output.exists():
        return set()
    with dataset.open_file(output) as file:
        return {str(file[name].attrs.get("identity", "")) for name in dataset.list_groups(output)}


def _make_folder(parts: Path, output: Path) -> None:
    try:
        parts.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"cannot write {output} ({error.strerror}): choose another place") from error


def _check_disk(output: Path, seconds: float) -> None:
    """Parts and the finished file are on the disk at the same time, so twice the size is asked for."""
    needed = 2 * seconds / 60 * dataset.BYTES_A_MINUTE
    free = shutil.disk_usage(Path(f"{output}.parts")).free
    if needed > free:
        raise InputError(
            f"{seconds / 60:.1f} minutes of video take about {needed / 1e9:.1f} GB while working, "
            f"and {free / 1e9:.1f} GB are free beside {output}: free some space or choose another place"
        )
