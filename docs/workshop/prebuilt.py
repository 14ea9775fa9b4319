"""What takes long to make, for a room of learners, so that nobody waits.

    python docs/workshop/prebuilt.py pack STICK     outputs/ -> the folder STICK, with SHA256SUMS
    python docs/workshop/prebuilt.py take STICK     STICK -> outputs/, each file checked first

``pack`` takes what the notebooks have made and later ones read (WANTED). ``take`` leaves what is there and right.
"""

import hashlib
import shutil
import sys
from pathlib import Path

from dancing_utils import InputError, files

WANTED = {  # file in outputs/ -> the notebook that makes it
    "sample.h5": "01_extract_data.ipynb",
    "corpus.h5": "04_better_motion.ipynb",
    "baseline/baseline_vae.npz": "03_train_lstm_vae.ipynb",
    "07a_key_frames.npz": "07a_new_pose.ipynb",
    "07a_plate.png": "07a_new_pose.ipynb",
}
SUMS = "SHA256SUMS"


def digest(path: Path) -> str:
    """SHA-256 of a file, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def pack(stick: Path, outputs: Path) -> list[str]:
    """Copy what is wanted and there; returns a line a file, in the form of sha256sum."""
    stick.mkdir(parents=True, exist_ok=True)
    lines = []
    for name, notebook in WANTED.items():
        if not (outputs / name).is_file():
            print(f"{name} is not there yet: {notebook} makes it")
            continue
        _copy(outputs / name, stick / name)
        lines.append(f"{digest(stick / name)}  {name}")
        print(f"{name}: {(stick / name).stat().st_size / 1e6:.1f} MB")
    (stick / SUMS).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return lines


def take(stick: Path, outputs: Path) -> list[str]:
    """Copy what ``pack`` wrote, unless it is there already; returns the names that were copied.

    Raises
    ------
    InputError
        If there is no list of sums, it names a file that is none of WANTED, or a file is not as it was packed.
    """
    if not (stick / SUMS).is_file():
        raise InputError(f"{stick} has no {SUMS}: give the folder that `prebuilt.py pack` wrote")
    copied = []
    for line in (stick / SUMS).read_text("utf-8").splitlines():
        wanted, _, name = line.partition("  ")
        if name not in WANTED:
            raise InputError(f"{SUMS} names {name!r}, which the course does not read: pack again")
        if (outputs / name).is_file() and digest(outputs / name) == wanted:
            continue
        if not (stick / name).is_file() or digest(stick / name) != wanted:
            raise InputError(f"{stick / name} is not as it was packed: copy the folder again")
        _copy(stick / name, outputs / name)
        copied.append(name)
    return copied


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with files.whole_file(target) as temporary:
        shutil.copyfile(source, temporary)


def main(command: str, stick: str) -> None:
    outputs = files.ROOT / "outputs"
    if command == "pack":
        pack(Path(stick), outputs)
    else:
        print(f"copied: {', '.join(take(Path(stick), outputs)) or 'nothing, all of it is there'}")


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] not in ("pack", "take"):
        sys.exit(__doc__)
    try:
        main(*sys.argv[1:])
    except InputError as error:
        sys.exit(str(error))
