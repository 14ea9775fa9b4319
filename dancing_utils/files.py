"""Files that are whole or not there, and the folders of the project.

Notebook: 00_start_here.ipynb
"""

import io
import json
import os
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from dancing_utils import InputError

PACKAGE = Path(__file__).resolve().parent
ROOT = PACKAGE.parent


def find_sample(package: Path = PACKAGE) -> Path:
    """The sample's folder: beside the package in a clone, or within it in a wheel, which carries a part of it."""
    inside = package / "sample"
    return inside if inside.is_dir() else package.parent / "data_sample"


SAMPLE = find_sample()
CHECKPOINTS = SAMPLE / "checkpoints"
LARGEST = 2_000_000_000  # bytes of a file of arrays, unpacked: ten times the largest that the course writes
SHIPPED = {"vae": CHECKPOINTS / "lstm_vae.npz", "gan": CHECKPOINTS / "pose_gan.npz"}
REPAIR_BASE = CHECKPOINTS / "repair.npz"  # from which the repair of a dancer's warped pictures starts


@contextmanager
def whole_file(path: str | Path) -> Iterator[Path]:
    """Give a temporary path beside ``path``; what is written there takes its name when the block ends well.

    After an error nothing is left of it, and what stood under ``path`` before is still there. Folders are made.

    Raises
    ------
    InputError
        If the folder cannot be made or written to.
    """
    path = Path(path)
    temporary = path.with_name(f".{path.stem}.{os.getpid()}.part{path.suffix}")
    make_folder(path.parent)
    try:
        yield temporary
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def make_folder(folder: str | Path) -> Path:
    """The folder, made with its parents if it is not there."""
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"cannot write to {folder} ({error.strerror}): choose another place") from error
    return Path(folder)


def need_sample(folder: Path = SAMPLE, *, remedy: str = "clone the repository and work in it") -> Path:
    """The sample's folder, or one in it, if it is there.

    Raises
    ------
    InputError
        If it is missing: a wheel carries what demo, learn and generate need. ``remedy`` says what to do.
    """
    if not folder.is_dir():
        raise InputError(f"{folder} is not there, since an installed package has not all of the sample: {remedy}")
    return folder


def write_npz(path: str | Path, arrays: dict[str, np.ndarray], *, compressed: bool = True) -> None:
    """Write named arrays to one file, NumPy's .npz, whole or not at all."""
    with whole_file(path) as temporary:
        (np.savez_compressed if compressed else np.savez)(temporary, **arrays)


def read_npz(path: str | Path, *, needs: Iterable[str], hint: str, texts: Iterable[str] = ()) -> dict:
    """All arrays of a file by name; each is read to its end, so that its checksum is compared.

    Parameters
    ----------
    needs : names that must be there.
    hint : what to do where the file is missing or damaged, the end of a sentence.
    texts : names of JSON texts, which are given back as what they say.

    Raises
    ------
    InputError
        If there is no such file, it is damaged, it would take more than ``LARGEST`` bytes, or it lacks an array.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            if (size := sum(member.file_size for member in members)) > LARGEST:
                raise ValueError(f"unpacked it would take {size / 1e9:.1f} GB, more than {LARGEST / 1e9:.1f}")
            arrays = {one.filename.removesuffix(".npy"): _to_array(archive, one) for one in members}
        arrays |= {name: json.loads(str(arrays[name])) for name in texts if name in arrays}
    except FileNotFoundError as error:
        raise InputError(f"{path} does not exist: {hint}") from error
    except Exception as error:  # a damaged zip raises nearly anything, zlib.error and struct.error too
        raise InputError(f"{path} is damaged or of another kind ({error}): {hint}") from error
    if missing := [name for name in needs if name not in arrays]:
        raise InputError(f"{path} lacks {', '.join(missing)}, so it is damaged or of another kind: {hint}")
    return arrays


def _to_array(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> np.ndarray:
    """Unpacks no more than the zip's directory says, whatever the packed data hold."""
    with archive.open(member) as file:
        content = file.read(member.file_size + 1)  # to its end: the checksum is compared there
    return np.lib.format.read_array(io.BytesIO(content), allow_pickle=False)
