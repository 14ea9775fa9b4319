"""Arrays in one file, NumPy's .npz: written whole or not at all, and checked byte by byte when read.

Notebook: 03_train_lstm_vae.ipynb
"""

import io
import json
import os
import zipfile
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from dancing_utils import InputError


def write_npz(path: str | Path, arrays: dict[str, np.ndarray], *, compressed: bool = True) -> None:
    """Write named arrays to a file beside ``path``, which then takes its name."""
    temporary = Path(path).with_suffix(".writing.npz")
    try:
        (np.savez_compressed if compressed else np.savez)(temporary, **arrays)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


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
        If there is no such file, it is damaged, or it lacks an array.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            arrays = {name.removesuffix(".npy"): _to_array(archive.read(name)) for name in archive.namelist()}
        arrays |= {name: json.loads(str(arrays[name])) for name in texts if name in arrays}
    except FileNotFoundError as error:
        raise InputError(f"{path} does not exist: {hint}") from error
    except Exception as error:  # a damaged zip raises nearly anything, zlib.error and struct.error too
        raise InputError(f"{path} is damaged or of another kind ({error}): {hint}") from error
    if missing := [name for name in needs if name not in arrays]:
        raise InputError(f"{path} lacks {', '.join(missing)}, so it is damaged or of another kind: {hint}")
    return arrays


def _to_array(content: bytes) -> np.ndarray:
    return np.lib.format.read_array(io.BytesIO(content), allow_pickle=False)
