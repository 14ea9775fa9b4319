"""Was a video file cut off (a broken download), or is its last picture shown for a while?

Both end long before the time that the file states. Screen recorders and phones write no new picture while nothing
moves, so what tells the two apart is not the time but the bytes: an index or a header that names more than there are.

Notebook: 01_extract_data.ipynb
"""

import math
import re
from pathlib import Path

import av


def promised_seconds(container, video) -> float | None:
    """Seconds that the pictures last by the file's index or header, the last one held; None where it does not say."""
    if video.duration:
        return float(video.duration * video.time_base)
    start = float((video.start_time or 0) * video.time_base)
    whole = container.duration / av.time_base - start if container.duration else None  # the sound's, if that is longer
    if re.fullmatch(r"\d+:\d+:[\d.]+", stated := video.metadata.get("DURATION", "")):  # Matroska, where the last ends
        hours, minutes, seconds = map(float, stated.split(":"))
        return min(3600 * hours + 60 * minutes + seconds - start, whole or math.inf)
    return whole if len(container.streams) == 1 else None


def breaks_off(container, video, end: float, promised: float | None) -> bool:
    """Whether a file of which the last picture ends too early was cut off; if not, that picture is held.

    What tells: MP4 and MOV index the place of each picture in the file, Matroska and WebM begin with their own size.
    """
    if promised is not None and end > promised - 0.5:
        return False
    path, kind = Path(container.name), container.format.name
    if "mp4" in kind:
        return any(entry.pos + entry.size > path.stat().st_size for entry in video.index_entries)
    if "matroska" in kind:
        return matroska_size(path) > path.stat().st_size
    return promised is not None


def matroska_size(path: Path) -> int:
    """Bytes that a Matroska file should have: where its segment ends; 0 where it does not say (a live recording).

    The size follows the segment's identifier; its first set bit tells how many bytes it has, all ones are "unknown".
    """
    with open(path, "rb") as file:
        head = file.read(4096)
    start = head.find(b"\x18\x53\x80\x67") + 4
    n_bytes = 9 - head[start].bit_length()
    largest = (1 << 7 * n_bytes) - 1
    size = int.from_bytes(head[start : start + n_bytes]) & largest
    return 0 if size == largest else start + n_bytes + size
