"""Open an HDF5 file that may come from anywhere: whatever is read from it lies in it.

HDF5 can put a link or a data set into a file that takes its content from another file, by any path, and readers follow
it without a word. A file made for that would bring a private file of the reader's into his data set, and from there to
others. The course's files need none of it, so a group holds plain arrays or is refused.

Notebook: 01_extract_data.ipynb
"""

import re
from pathlib import Path

import h5py

from dancing_utils import InputError

NUMBERED = re.compile(r"Dataset([1-9]\d*)$")


def open_file(path: str | Path, *, only: str | None = None) -> h5py.File:
    """Open for reading; ``only`` checks that one group alone, for who reads no other.

    Raises
    ------
    InputError
        If there is no such file or group, or it is not HDF5, holds no group ``DatasetN``, or leads to another file.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(f"{path} does not exist or is no file: make one with `dance extract VIDEO -o {path}`")
    try:
        file = h5py.File(path, "r")
    except OSError as error:
        raise InputError(f"{path} is not an HDF5 file, or is cut off: extract it again") from error
    try:
        _check(file, path, only)
    except InputError:
        file.close()
        raise
    return file


def group_names(file: h5py.File) -> list[str]:
    """The groups ``Dataset1``, ``Dataset2``, ... of an open file in the order of their numbers."""
    return sorted(filter(NUMBERED.match, file), key=lambda name: int(NUMBERED.match(name)[1]))


def _check(file: h5py.File, path: Path, only: str | None) -> None:
    names = group_names(file)
    if not names:
        raise InputError(f"{path} holds no group named Dataset1, Dataset2, ...: extract it again")
    if only is not None and only not in names:
        raise InputError(f"{path} has no group {only!r}: it has {', '.join(names)}")
    for name in names if only is None else [only]:
        _refuse(path, name, _link(file, name))
        if not isinstance(file[name], h5py.Group):
            raise InputError(f"{path} {name} is an array, not a group of arrays: extract it again")
        for key in file[name]:
            _refuse(path, f"{name}/{key}", _link(file[name], key) or _storage(file[name][key]))


def _refuse(path: Path, name: str, way_out: str | None) -> None:
    if way_out:
        raise InputError(f"{path} {name} {way_out}, not a plain array: do not use this file, extract the video anew")


def _link(group: h5py.Group, name: str) -> str | None:
    kind = group.id.links.get_info(name.encode()).type
    return None if kind == h5py.h5l.TYPE_HARD else "is a link that can lead to another file"


def _storage(array: h5py.Dataset | h5py.Group) -> str | None:
    if not isinstance(array, h5py.Dataset):
        return "is a group"
    storage = array.id.get_create_plist()
    elsewhere = storage.get_external_count() or storage.get_layout() == h5py.h5d.VIRTUAL
    return "takes its content from another file" if elsewhere else None
