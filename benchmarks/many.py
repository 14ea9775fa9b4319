"""How many films an hour `dance extract` takes, by how many processes, and what it costs. Run by hand:

python benchmarks/many.py --films 50 --workers 1 --workers 2

The films are different: each is 6 s of one of the sample's clips, from another second on, brighter or darker by a
little, so that no two have the same content. They are written to a temporary folder first; that is not timed.
"""

import os
import platform
import tempfile
import threading
import time
from itertools import islice
from pathlib import Path
from typing import Annotated

import numpy as np
import psutil
import typer
from tqdm.auto import tqdm

from dancing_utils import FPS, SAMPLE_RATE
from dancing_utils.data import media
from dancing_utils.data.extract import extract
from dancing_utils.files import SAMPLE

SECONDS = 6


class Watcher(threading.Thread):
    """The most memory that this process and those that it started have in use together, and the largest of those."""

    def __init__(self):
        super().__init__(daemon=True)
        self.together, self.largest, self.ended = 0, 0, threading.Event()
        self.start()

    def run(self):
        here = psutil.Process()
        while not self.ended.wait(0.5):
            sizes = [_memory(one) for one in (here, *here.children(recursive=True))]
            self.together, self.largest = max(self.together, sum(sizes)), max(self.largest, *sizes[1:], 0)


def _memory(process: psutil.Process) -> int:
    """Bytes; on Linux pages that processes share count once."""
    try:
        info = process.memory_full_info()
    except psutil.Error:  # it has just ended
        return 0
    return getattr(info, "pss", info.rss)


def write_films(folder: Path, n: int) -> None:
    """``n`` different films of six seconds."""
    clips = sorted((SAMPLE / "clips").glob("*.mp4"))
    bar = tqdm(total=n, desc="cutting films", unit="film")
    for number, clip in enumerate(clips):
        mine = range(number, n, len(clips))
        pictures, sound = (list(media.read_frames(clip)), media.read_audio(clip)) if len(mine) else ([], None)
        for k in mine:
            start, lighter = (k // len(clips)) % 14, k // (14 * len(clips)) * 6
            cut = sound[start * SAMPLE_RATE : (start + SECONDS) * SAMPLE_RATE]
            with media.VideoWriter(folder / f"film_{k:04d}.mp4", audio=cut) as writer:
                for picture in islice(pictures, start * FPS, (start + SECONDS) * FPS):
                    writer.write(np.minimum(picture, 255 - lighter) + np.uint8(lighter))
            bar.update()


def main(
    films: Annotated[int, typer.Option(min=1, help="So many films.")] = 50,
    workers: Annotated[list[int] | None, typer.Option(help="Processes; may be repeated.")] = None,
):
    """Extract the same films with each number of workers."""
    print(f"{platform.machine()}, {os.cpu_count()} cores, load {psutil.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as folder:
        (films_folder := Path(folder) / "films").mkdir()
        write_films(films_folder, films)
        made = []
        for number in workers or [1, 2]:
            made.append(Path(folder) / f"by_{number}.h5")
            measure(films_folder, films, made[-1], number)
        same = all(_same(made[0], other) for other in made[1:])
        print(f"the files are {'the same, byte for byte' if same else 'NOT the same'}")


def measure(folder: Path, n: int, output: Path, workers: int) -> None:
    """Extract the films, and print what it took."""
    watcher, start = Watcher(), time.perf_counter()
    report = extract([folder], output, workers=workers, progress=False)
    seconds = time.perf_counter() - start
    watcher.ended.set()
    print(
        f"{n} films of {SECONDS} s, {workers} workers: {seconds:.0f} s, {seconds / n:.1f} s a film, "
        f"{3600 * n / seconds:.0f} films an hour, {len(report.failed)} failed; memory {watcher.together / 1e9:.2f} GB "
        f"together, {watcher.largest / 1e9:.2f} GB the largest worker; {output.stat().st_size / n / 1e6:.1f} MB a "
        f"film; load {psutil.getloadavg()[0]:.1f}", flush=True,
    )  # fmt: skip


def _same(one: Path, other: Path) -> bool:
    with open(one, "rb") as a, open(other, "rb") as b:
        while (piece := a.read(1 << 24)) == b.read(1 << 24):
            if not piece:
                return True
    return False


if __name__ == "__main__":
    typer.run(main)
