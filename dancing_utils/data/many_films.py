"""Films -> part files, one after the other or by many processes, of this machine or of a Dask cluster.

A worker has one film at a time and writes its part file by itself: paths go to it, never pictures. If it dies, its
film is tried once more. The part files are the same whatever the number of workers, and who puts them together is the
only writer of the output.

Notebook: 01_extract_data.ipynb
"""

import os
import secrets
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future, ProcessPoolExecutor, ThreadPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np

from dancing_utils import InputError
from dancing_utils.audio.hearing import compile_librosa
from dancing_utils.data import media
from dancing_utils.data.extract_film import THREADS, extract_film
from dancing_utils.data.films import Film
from dancing_utils.data.framing import look_for_person
from dancing_utils.pose.model_file import find_model

TRIES = 2  # of a film whose worker dies
SHARE = "films and output must lie in a folder that all machines have, under the same path"
CONNECTING = 30  # seconds in which a scheduler answers and has a worker


@dataclass(frozen=True)
class Task:
    """One film to extract, as a worker is given it: see ``extract_film``.

    Where ``fit`` is "person" and there is no window yet, the worker looks for her.
    """

    film: Film
    info: media.VideoInfo
    part: Path
    settings: dict
    window: media.Window | None = None
    track: np.ndarray | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Outcome:
    """What became of a film: remarks, or why it failed."""

    task: Task
    remarks: list[str]
    error: str | None = None


def extract_films(
    tasks: list[Task], *, model: str | Path | None = None, workers: int = 1, scheduler: str | None = None,
    tick: Callable[[int], object] = lambda n: None,
) -> Iterator[Outcome]:  # fmt: skip
    """Extract each film into its part file; outcomes come as films are done, in any order.

    When the caller stops, by Ctrl-C too, the processes of this machine end at once; a cluster goes on with the films
    that it has begun, and with no others.

    Parameters
    ----------
    workers : processes of this machine; 1: this one. They share its cores.
    scheduler : address of a Dask scheduler whose workers do it instead, such as "tcp://10.0.0.1:8786". They must see
        films and parts under the same paths.
    tick : called with the number of frames that are done.

    Raises
    ------
    InputError
        If ``workers`` is below 1, or the cluster cannot be reached or does not see the files.
    """
    if workers < 1:
        raise InputError(f"workers={workers} must be at least 1")
    if not tasks:
        return
    if scheduler is None:
        model = find_model(model)  # before many look for it at once
    if scheduler is None and min(workers, len(tasks)) <= 1:
        for task in tasks:
            yield _outcome(task, lambda task=task: _work(task, model, THREADS, tick))
        return
    pool = _processes(min(workers, len(tasks))) if scheduler is None else _cluster(scheduler, tasks)
    with pool as (submit, death):
        waiting = {submit(task, model): task for task in tasks}
        for future in as_completed(waiting):
            task = waiting[future]
            tick(task.info.n_frames)
            yield _outcome(task, future.result, death)


def _work(task: Task, model, threads: int, tick: Callable[[int], object] = lambda n: None) -> list[str]:
    model, window, track = find_model(model), task.window, task.track
    if window is None and task.settings["fit"] == "person":
        window, track = look_for_person(task.film.path, at=task.settings.get("at"), model=model)
    return extract_film(
        task.film, task.info, task.part, task.settings, model=model, threads=threads, tick=tick, window=window,
        track=track,
    )  # fmt: skip


def _outcome(task: Task, result: Callable[[], list[str]], death: type[Exception] | tuple = ()) -> Outcome:
    try:
        return Outcome(task, result())
    except (InputError, OSError) as error:
        return Outcome(task, [], str(error))
    except death:
        return Outcome(task, [], f"{task.film.path} ended {TRIES} workers: leave it out, or give fewer workers, or "
                                 "workers with more memory")  # fmt: skip
    finally:
        _clear(task.part)


def _clear(part: Path) -> None:
    """Remove what a worker that died left of a part file."""
    for left in part.parent.glob(f".{part.stem}.*.part{part.suffix}"):
        left.unlink()


# --- processes of this machine -------------------------------------------------------------------------------------


@contextmanager
def _processes(workers: int):
    """``submit(task, model) -> Future`` to so many processes, and the exception that means that two of them died.

    Each is a pool of its own, so that one that dies takes no other with it. All end when the pipe to this process does.
    """
    compile_librosa()
    lifeline, held = get_context("spawn").Pipe(duplex=False)
    own, pools = threading.local(), []
    threads = threads_of_each(workers)

    def run(task: Task, model: Path) -> list[str]:
        for _ in range(TRIES):
            if held.closed:
                raise CancelledError
            if not hasattr(own, "pool"):
                own.pool = ProcessPoolExecutor(1, get_context("spawn"), _live_with, (lifeline,))
                pools.append(own.pool)
            try:
                return own.pool.submit(_work, task, model, threads).result()
            except BrokenProcessPool as error:
                del own.pool
                died = error
        raise died

    tasks = []  # that were begun
    guards = ThreadPoolExecutor(workers)

    def submit(task: Task, model: Path) -> Future:
        tasks.append(task)
        return guards.submit(run, task, model)

    try:
        yield submit, BrokenProcessPool
    finally:
        held.close()
        guards.shutdown(cancel_futures=True)
        for pool in pools:
            pool.shutdown()
        lifeline.close()
        for task in tasks:
            _clear(task.part)


def threads_of_each(workers: int) -> int:
    """Threads that look for poses in each of so many processes: together as many as there are cores."""
    return max(1, min(THREADS, (os.cpu_count() or 1) // workers))


def _live_with(lifeline: Connection) -> None:
    """End this process as soon as the one at the other end of the pipe closes it or ends; Ctrl-C is for that one."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def wait():
        try:
            lifeline.recv()
        except EOFError:
            os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


# --- a cluster -----------------------------------------------------------------------------------------------------


@contextmanager
def _cluster(scheduler: str, tasks: list[Task]):
    """``submit(task, model) -> Future`` to a Dask cluster, and the exception that means that workers died of a film."""
    try:
        from distributed import Client
        from distributed.scheduler import KilledWorker
    except ImportError as error:
        raise InputError(f"--scheduler needs Dask ({error}): pip install 'dask[distributed]'") from error
    try:
        client = Client(scheduler, timeout=CONNECTING)
        client.wait_for_workers(1, timeout=CONNECTING)
    except (OSError, ValueError) as error:
        message = f"no scheduler with a worker answers at {scheduler} ({error}): start `dask scheduler`, `dask worker`"
        raise InputError(message) from error
    with client, client.get_executor(pure=False) as executor:
        _check_cluster(client, scheduler, tasks)
        for task in tasks:
            _tries_of(task).unlink(missing_ok=True)
        submitted = []

        def submit(task: Task, model) -> Future:
            submitted.append(executor.submit(_work_twice_at_most, _absolute(task), model))
            return submitted[-1]

        try:
            yield submit, KilledWorker
        finally:
            for future in submitted:
                future.cancel()
            for task in tasks:
                _tries_of(task).unlink(missing_ok=True)


def _work_twice_at_most(task: Task, model) -> list[str]:
    """``_work`` on a cluster, which gives the film of a worker that died to another; a file counts the tries."""
    tries = _tries_of(task)
    if tries.exists() and tries.stat().st_size >= TRIES:
        raise InputError(f"{task.film.path} ended {TRIES} workers: leave it out, or give workers with more memory")
    with open(tries, "ab") as file:
        file.write(b".")
    return _work(task, model, threads=1)  # a worker of a cluster has a film for each of its own threads


def _tries_of(task: Task) -> Path:
    return task.part.with_suffix(".tries")


def _absolute(task: Task) -> Task:
    """The same task for processes that stand in other folders."""
    return replace(task, film=replace(task.film, path=task.film.path.absolute()), part=task.part.absolute())


def _check_cluster(client, scheduler: str, tasks: list[Task]) -> None:
    """A worker of each machine, one after the other, must read what is written here, and see all films."""
    folder, text = tasks[0].part.parent.absolute(), secrets.token_hex()
    token = folder / f".{text[:16]}.token"
    films = [task.film.path.absolute() for task in tasks]
    machines = {one["host"]: address for address, one in client.scheduler_info(n_workers=-1)["workers"].items()}
    try:
        token.write_text(text)
        for host, address in machines.items():
            seen = client.submit(_look_around, token, films, workers=[address], pure=False)
            read, missing = _result_on(host, seen)
            if read != text:
                raise InputError(f"the worker at {host} does not see {folder}: {SHARE}")
            if missing:
                raise InputError(f"the worker at {host} does not see {missing[0]}: {SHARE}")
    finally:
        token.unlink(missing_ok=True)


def _result_on(host: str, future):
    try:
        return future.result()
    except ImportError as error:
        raise InputError(f"the worker at {host} lacks a package ({error}): install this project there") from error


def _look_around(token: Path, films: list[Path]) -> tuple[str | None, list[Path]]:
    """On a worker: what stands in the token, and which films are not there. What is compiled once is compiled."""
    compile_librosa()
    return token.read_text() if token.is_file() else None, [film for film in films if not film.is_file()]
