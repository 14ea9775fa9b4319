"""Which files are films, and which of them are the same film: told by content, never by name.

Phones call different films alike, and a film may be given twice: by another path, as a copy, by a link.

Notebook: 01_extract_data.ipynb
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from dancing_utils import InputError

VIDEO_ENDINGS = (".mp4", ".mov", ".mkv", ".webm", ".avi", ".m4v", ".mpg", ".mpeg", ".3gp", ".wmv", ".ts")


@dataclass(frozen=True)
class Film:
    """A video file and the two digests, in hexadecimal, that the HDF5 file keeps as attributes."""

    path: Path
    content: str  # SHA-256 of the whole file
    identity: str  # SHA-256 of content and settings: which windows belong together
    old_identity: str  # what files made before ``content`` was kept have as identity


def find_videos(paths: list[str | Path]) -> list[Path]:
    """The files given, and the videos in the folders given (by their ending, sorted), each once.

    In a folder hidden files are left out, such as the ``._name.mp4`` that macOS puts beside films on other systems'
    disks, and ``name.part.mp4``, which something is still writing.
    """
    videos: list[Path] = []
    for path in map(Path, paths):
        inside = sorted(p for p in path.rglob("*") if p.is_file() and _is_film(p.relative_to(path)))
        inside = inside if path.is_dir() else [path]
        if not inside:
            raise InputError(f"the folder {path} holds no video ({', '.join(VIDEO_ENDINGS)})")
        videos += [video for video in inside if video not in videos]
    if not videos:
        raise InputError("no video was given: name a file or a folder")
    return videos


def _is_film(inside: Path) -> bool:
    hidden = any(part.startswith(".") for part in inside.parts)
    return inside.suffix.lower() in VIDEO_ENDINGS and not inside.stem.endswith(".part") and not hidden


def identify(video: Path, settings: dict) -> Film:
    """A video with what tells it, extracted with these settings, from others."""
    with open(video, "rb") as file:
        content = hashlib.file_digest(file, "sha256").hexdigest()
        file.seek(0)
        beginning = file.read(1 << 20)
    chosen, size = sorted(settings.items()), video.stat().st_size
    identity = hashlib.sha256(f"{content} {chosen}".encode()).hexdigest()
    old = hashlib.sha256(f"{video.name} {chosen}{size}".encode() + beginning).hexdigest()[:16]
    return Film(video, content, identity, old)
