"""One video or a folder of them -> the HDF5 file of the course, with progress and resume.

Each film is written to its own part file in ``<output>.parts/``, by this process or by many (``many_films``), and
renamed when whole; at the end the parts are put together into the output, which also appears by renaming. So a run
that was stopped goes on with the film it was in, and no file under a final name is ever half written.

Notebook: 01_extract_data.ipynb
"""

import shutil
import time
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import h5py
from tqdm.auto import tqdm

from dancing_utils import InputError
from dancing_utils.data import dataset, hdf5_file, media
from dancing_utils.data.film_facts import check_place
from dancing_utils.data.films import Film, find_videos, identify
from dancing_utils.data.many_films import Outcome, Task, extract_films
from dancing_utils.files import make_folder, whole_file
from dancing_utils.pose import smoothing
from dancing_utils.stderr import shown_stderr

ENDINGS = (".h5", ".hdf5")
FITS = (*media.FITS, "person")


@dataclass
class ExtractReport:
    """What became of each video, by path."""

    done: list[Path] = field(default_factory=list)
    skipped: list[Path] = field(default_factory=list)  # in the output already, or given twice
    failed: list[tuple[Path, str]] = field(default_factory=list)  # with the reason
    remarks: list[tuple[Path, str]] = field(default_factory=list)  # what to know of others: the same film as which
    n_groups: int = 0  # in the output now
    seconds: float = 0.0


def extract(
    paths: list[str | Path], output: str | Path, *, fit: str = "letterbox", smooth_hz: float | None = None,
    at: tuple[float, float] | None = None, workers: int = 1, scheduler: str | None = None, overwrite: bool = False,
    progress: bool = True, model: str | Path | None = None,
) -> ExtractReport:  # fmt: skip
    """Extract MFCC, frames, and one person's poses, depth and masks from videos, and from all in folders, into a file.

    Films that the output holds already are skipped and new ones added. A film is told by its content, so a copy under
    another name is the same film, and two films of one name are two; with other settings it is added beside the first.
    A video that cannot be used is reported and the rest go on. Films without sound or shorter than a window are taken,
    too: they show how somebody looks.

    Parameters
    ----------
    fit : how pictures become 640 x 360: "letterbox" (all of it, black bars), "crop" (the frame is filled), or "person"
        (one window a film around the person's whole track: see ``framing``), for which each film is checked first.
    at : (x, y) in units of the film's picture, 0 to 1: where the person to follow stands when somebody is first seen.
        None: the one who is largest over all (``film_facts.follow``). It goes for all the films.
    smooth_hz : see ``smoothing.smooth``; None leaves the landmarks as detected.
    workers, scheduler : processes that extract a film each: see ``many_films.extract_films``. The output is the same.
    overwrite : start the output anew.

    Raises
    ------
    InputError
        If a setting is wrong, there is no video at all, no room on the disk, or the output cannot be written or is
        some other file.
    """
    start = time.perf_counter()
    output, report = Path(output), ExtractReport()
    settings = _checked(output, fit, smooth_hz, at, workers)
    how = {"workers": workers, "scheduler": scheduler, "model": model}
    videos, keep = find_videos(paths), output.exists() and not overwrite
    parts = Path(f"{output}.parts")
    make_folder(parts)
    try:
        waiting = _sort_out(videos, settings, _Inside(output if keep else None), report)
        _check_disk(output, sum(info.duration for info in waiting.values()), keep=keep)
        finished = _extract_all(waiting, parts, output, settings, progress, report, how)
        if finished:
            _assemble(output, finished, keep=keep)
        report.n_groups = _remove_assembled(parts, output)
    finally:
        with suppress(OSError):  # a stopped run's parts are in it
            parts.rmdir()
    report.seconds = time.perf_counter() - start
    return report


def _checked(
    output: Path, fit: str, smooth_hz: float | None, at: tuple[float, float] | None, workers: int
) -> dict:  # fmt: skip
    """The settings as each group keeps them, all of them checked before any work."""
    if fit not in FITS:
        raise InputError(f"fit={fit!r} must be one of {', '.join(FITS)}")
    if smooth_hz is not None:
        smoothing.check_cutoff(smooth_hz)
    check_place(at)
    if workers < 1:
        raise InputError(f"workers={workers} must be at least 1")
    if output.is_dir():
        raise InputError(f"{output} is a folder: give the name of a file, such as {output / 'dance.h5'}")
    if output.suffix.lower() not in ENDINGS:
        raise InputError(f"{output} must end in {' or '.join(ENDINGS)}, as HDF5 files do: call it {output.stem}.h5")
    chosen = {} if at is None else {"at": tuple(map(float, at))}
    return {"fit": fit, "smooth_hz": -1.0 if smooth_hz is None else float(smooth_hz), **chosen}


class _Inside:
    """The films that an output holds; none when there is no such file yet."""

    def __init__(self, output: Path | None):
        self.sources, self.contents = {}, set()  # a film's name by its identity
        if output is not None:
            with hdf5_file.open_file(output) as file:
                groups = [dict(file[name].attrs) for name in hdf5_file.group_names(file)]
            self.sources = {str(group["identity"]): str(group.get("source")) for group in groups if "identity" in group}
            self.contents = {str(group["content"]) for group in groups if "content" in group}


def _sort_out(
    videos: list[Path], settings: dict, inside: _Inside, report: ExtractReport
) -> dict[Film, media.VideoInfo]:  # fmt: skip
    """Facts of the films that are to be extracted; what became of the other videos goes to the report at once."""
    waiting, given = {}, {}  # given: the path by content
    for video in videos:
        try:
            info, film = _look_into(video), identify(video, settings)
        except (InputError, OSError) as error:
            report.failed.append((video, str(error)))
            continue
        known = inside.sources.get(film.identity) or inside.sources.get(film.old_identity)
        same = given.setdefault(film.content, video)
        if same != video:
            report.remarks.append((video, f"is the same film as {same}, so it counts once"))
        elif known not in (None, video.name):
            report.remarks.append((video, f"is the same film as {known}, which the file holds already"))
        elif known is None and film.content in inside.contents:
            report.remarks.append((video, "is in the file with other settings, too: one film with two sets of groups"))
        if known or same != video:
            report.skipped.append(video)
        else:
            waiting[film] = info
    return waiting


def _look_into(video: Path) -> media.VideoInfo:
    """Facts of a video, if it can be used."""
    info = media.probe(video)
    if not info.has_video:
        raise InputError(f"{video} has sound but no picture: give a video file")
    return info


def _extract_all(
    waiting: dict[Film, media.VideoInfo], parts: Path, output: Path, settings: dict, progress: bool,
    report: ExtractReport, how: dict,
) -> list[Path]:  # fmt: skip
    """A part file for each film that is not there from a stopped run; returns them all in the films' order."""
    if not waiting:
        return []
    if progress:
        minutes = sum(info.duration for info in waiting.values()) / 60
        print(f"{minutes:.1f} minutes of video: up to {minutes * dataset.BYTES_A_MINUTE / 1e9:.1f} GB in {output}")
    tasks = [Task(film, info, parts / f"{film.identity}.h5", settings) for film, info in waiting.items()]
    there = {task.film: Outcome(task, []) for task in tasks if not dataset.validate(task.part)}
    tasks = [task for task in tasks if task.film not in there]  # no part file, or a damaged one
    n_frames = sum(task.info.n_frames for task in tasks)
    with tqdm(total=n_frames, unit="frame", disable=not progress, file=shown_stderr) as bar:
        bar.set_postfix_str("the first sound takes a while")
        for outcome in extract_films(tasks, tick=bar.update, **how):
            there[outcome.task.film] = outcome
            bar.set_postfix_str(f"{outcome.task.film.path.name[:24]} is done")
    for film in waiting:
        _report_on(there[film], report)
    return [there[film].task.part for film in waiting if there[film].error is None]


def _report_on(outcome: Outcome, report: ExtractReport) -> None:
    path = outcome.task.film.path
    if outcome.error is None:
        report.done.append(path)
        report.remarks += [(path, remark) for remark in outcome.remarks]
    else:
        report.failed.append((path, outcome.error))


def _remove_assembled(parts: Path, output: Path) -> int:
    """Remove the parts of films that the output holds, and no other's; returns how many groups it holds."""
    if not output.exists():
        return 0
    for identity in _Inside(output).sources:
        for part in parts.glob(f"*{identity}*"):  # one that a killed run was writing, too
            part.unlink()
    return len(dataset.list_groups(output))


def _assemble(output: Path, parts: list[Path], *, keep: bool) -> None:
    """All groups of the output (if kept) and of the parts, numbered from 1, into a new file that takes its place."""
    try:
        with whole_file(output) as temporary, h5py.File(temporary, "w") as file:
            numbers = count(1)
            for source in ([output] if keep else []) + parts:
                with hdf5_file.open_file(source) as old:
                    for name in hdf5_file.group_names(old):
                        old.copy(name, file, f"Dataset{next(numbers)}")
    except OSError as error:
        remedy = "free some space, or close what has it open, and run again"
        raise InputError(f"cannot write {output} ({error}): {remedy}") from error


def _check_disk(output: Path, seconds: float, *, keep: bool) -> None:
    """While working the parts are on the disk and the new file, into which what the old one holds is copied."""
    if not seconds:
        return
    needed = 2 * seconds / 60 * dataset.BYTES_A_MINUTE + (output.stat().st_size if keep else 0)
    free = shutil.disk_usage(Path(f"{output}.parts")).free
    if needed > free:
        raise InputError(
            f"{seconds / 60:.1f} minutes of video take about {needed / 1e9:.1f} GB while working, "
            f"and {free / 1e9:.1f} GB are free beside {output}: free some space or choose another place"
        )
