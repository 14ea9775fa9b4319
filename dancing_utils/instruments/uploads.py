"""Songs that visitors upload: limited in size and kind, decoded in a process of their own, deleted at the end.

A decoder that meets a damaged or hostile file may take all memory, never end, or crash. So another process decodes,
with limits of time and memory; what it leaves is plain sound. As a program, which writes the sound as WAV:
python -m dancing_utils.instruments.uploads FILE TARGET SECONDS

Notebook: 08_song_to_video.ipynb
"""

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from dancing_utils import InputError
from dancing_utils.data import media
from dancing_utils.instruments.instrument import wav

KINDS = (".mp3", ".wav", ".m4a", ".aac", ".ogg", ".opus", ".flac", ".mp4", ".mov", ".webm")
LARGEST = 40 << 20  # bytes
LONGEST = 600.0  # seconds of sound that are kept
TIME = 60.0  # seconds that decoding may take
MEMORY = 3 << 30  # bytes of addresses that the decoder may have
SOUND_RATE = 44_100


class Upload:
    """A file that arrives in pieces, in a folder; ``done`` decodes it and deletes it."""

    def __init__(self, name: str, size: int, folder: Path):
        kind = Path(name).suffix.lower()
        if kind not in KINDS:
            raise InputError(f"{Path(name).name!r} is no kind of song that is taken: give {', '.join(KINDS)}")
        if not 0 < size <= LARGEST:
            raise InputError(f"{Path(name).name!r} has {size / 1e6:.1f} MB: at most {LARGEST / 1e6:.0f} MB are taken")
        self.name, self.size, self.got = re.sub(r"[^\w -]", "_", Path(name).stem)[:60] or "song", size, 0
        self.path = Path(tempfile.mkdtemp(dir=folder)) / f"upload{kind}"
        self.path.write_bytes(b"")

    def add(self, piece: bytes) -> None:
        """The next piece; more than was announced is refused."""
        self.got += len(piece)
        if self.got > self.size:
            raise InputError(f"{self.name!r} is longer than announced: upload it again")
        with self.path.open("ab") as file:
            file.write(piece)

    def drop(self) -> None:
        """Delete what has come, with its folder."""
        shutil.rmtree(self.path.parent, ignore_errors=True)

    def done(self, *, time: float = TIME) -> Path:
        """The sound as a WAV file beside it.

        Raises
        ------
        InputError
            If pieces are missing, or it cannot be decoded within the limits.
        """
        target = self.path.with_name(f"{self.name}.wav")
        try:
            if self.got != self.size:
                raise InputError(f"{self.name!r}: {self.got} of {self.size} bytes arrived: upload it again")
            decode_apart(self.path, target, time=time)
        finally:
            self.path.unlink(missing_ok=True)
        return target


def decode_apart(path: Path, target: Path, *, time: float = TIME) -> None:
    """Write a file's sound to a WAV file by another process.

    Raises
    ------
    InputError
        If it takes longer than ``time`` seconds, more than ``MEMORY``, or there is no sound to decode.
    """
    command = [sys.executable, "-m", __name__, str(path), str(target), str(LONGEST)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=time, errors="replace")
    except subprocess.TimeoutExpired as error:
        raise InputError(f"decoding took longer than {time:g} s: give a shorter song, or export it as MP3") from error
    if done.returncode:
        words = done.stderr.strip().splitlines()[-1:] if done.returncode == 1 else []
        raise InputError(words[0] if words else "the file cannot be decoded: export the song as MP3")


def _limit() -> None:
    """Bound this process. Windows knows no such limits, and macOS refuses that of memory: they bound the time alone."""
    try:
        import resource
    except ImportError:
        return
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (int(TIME), int(TIME)))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main(path: str, target: str, seconds: str) -> int:
    """What the other process does: 0 if it went well, 1 with a sentence on stderr if the file is to blame."""
    _limit()
    try:
        sound = media.read_audio(path, sample_rate=SOUND_RATE)
    except InputError as error:
        print(str(error).replace(path, "the file"), file=sys.stderr)
        return 1
    except MemoryError:
        print("the file takes too much memory to decode: export the song as MP3", file=sys.stderr)
        return 1
    Path(target).write_bytes(wav(sound[: round(float(seconds) * SOUND_RATE)], sample_rate=SOUND_RATE))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
