"""Where the notebooks put what they make, and the quick profile in which the tests run them.

Usually results go to ``outputs/`` beside the notebooks' folder. When the environment variable ``DANCING_QUICK`` names
a folder, they go there instead, and ``profile`` picks the short settings: the same code with fewer steps, which never
touches what a full run made.

Notebook: 00_start_here.ipynb
"""

import os
from pathlib import Path

import av

from dancing_utils import InputError, files

# The folders of ``files``, relative: stored outputs name no one's folders.
ROOT, SAMPLE, CHECKPOINTS = (Path(os.path.relpath(folder)) for folder in (files.ROOT, files.SAMPLE, files.CHECKPOINTS))
MOST_WORKERS = 8  # processes of a notebook: each takes memory of its own, and the cores may be shared


def is_quick() -> bool:
    """Are the notebooks run in the quick profile?"""
    return bool(os.environ.get("DANCING_QUICK"))


def profile(full, quick):
    """The first value in a usual run, the second in the quick profile."""
    return quick if is_quick() else full


def outputs() -> Path:
    """The folder for results, made if it is not there; it lies in the repository, beside the sample."""
    if not is_quick():
        files.need_sample(SAMPLE / "studio")
    folder = Path(os.environ.get("DANCING_QUICK") or ROOT / "outputs")
    return files.make_folder(folder)


def brief(path: str | Path, seconds: float = 5) -> Path:
    """The film or song; in the quick profile a copy, among the results, that ends after so many seconds.

    Packets are copied in the order in which they are stored, so every picture of the copy can be decoded.
    """
    path = Path(path)
    if not is_quick():
        return path
    copy = outputs() / path.name
    with files.whole_file(copy) as temporary, av.open(str(path)) as whole, av.open(str(temporary), "w") as start:
        streams = {stream: start.add_stream_from_template(stream) for stream in whole.streams}
        for packet in whole.demux():
            if packet.dts is not None and packet.dts * packet.time_base < seconds:
                packet.stream = streams[packet.stream]
                start.mux(packet)
    return copy


def need(path: str | Path, notebook: str) -> Path:
    """The path, if it is there.

    Raises
    ------
    InputError
        If it is missing, with the notebook that makes it, and how to run that here: on Colab each notebook has a
        machine of its own.
    """
    if not Path(path).exists():
        how = f"run {notebook} first, or in a cell here: !jupyter execute {notebook}"
        raise InputError(f"{path} is not there yet: {how}")
    return Path(path)


def corpus() -> Path:
    """The motion corpus, songs and dances without pictures; made on first use, in four minutes (six songs if quick)."""
    path = outputs() / "corpus.h5"
    if not path.exists():
        files.need_sample(SAMPLE / "studio")  # its program is what makes the corpus
        from data_sample.studio.corpus import write

        write(path, profile(120, 6), workers=profile(min(MOST_WORKERS, os.cpu_count() or 1), 1))
    return path
