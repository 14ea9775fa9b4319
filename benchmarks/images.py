"""How fast pictures come, and what a whole video takes: python benchmarks/images.py

Prints pictures a second of ada, moved and mended, and of the Pose GAN, in 8 bits and by Keras; then `dance generate`
for a song of 20 s and one of 3 minutes: seconds of each stage, and the peak of memory. About five minutes on 2 cores.
`unet.py` sets the Pose GAN beside a plain U-Net.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from dancing_utils import dancers
from dancing_utils.data import media
from dancing_utils.evaluation import truth
from dancing_utils.files import SAMPLE, SHIPPED
from dancing_utils.images import painting, pose_gan

SONG = SAMPLE / "songs" / "held_out_1.mp3"


def rate(paint: Callable[[np.ndarray], object], poses: np.ndarray) -> float:
    """Pictures a second, after a first call that compiles; the best of three."""
    paint(poses)
    times = []
    for _ in range(3):
        start = time.perf_counter()
        paint(poses)
        times.append(time.perf_counter() - start)
    return len(poses) / min(times)


def painters(poses: np.ndarray) -> dict[str, float]:
    """Pictures a second of each painter."""
    model, fast = pose_gan.load(SHIPPED["gan"]), painting.FastPainter(SHIPPED["gan"])
    batches = [poses[i : i + 8] for i in range(0, len(poses), 8)]
    ada = {repair: dancers.open_painter(dancers.find("ada").folder, repair=repair) for repair in (True, False)}
    return {
        "ada, moved and mended, as `dance generate` paints": rate(lambda p: list(ada[True].paint(p)), poses),
        "ada, moved alone": rate(lambda p: list(ada[False].paint(p)), poses),
        "Pose GAN, int8, as `dance generate --gan` paints": rate(lambda p: list(fast.paint(p)), poses),
        "Pose GAN, Keras, float32": rate(lambda p: [pose_gan.render(model, batch) for batch in batches], poses),
    }


def videos(folder: Path) -> None:
    """`dance generate` for 20 s and for 3 minutes, each in its own process."""
    sound = media.read_audio(SONG, sample_rate=44_100)
    dance = shutil.which("dance", path=Path(sys.executable).parent)  # dance.exe on Windows
    for seconds in (20, 180):
        song = folder / f"{seconds}.mp4"
        with media.VideoWriter(song, size=(64, 64), audio=np.resize(sound, 44_100 * seconds), sample_rate=44_100) as w:
            for _ in range(30 * seconds):
                w.write(np.zeros((64, 64, 3), np.uint8))
        start = time.perf_counter()
        command = [dance, "generate", song, "-o", folder / "out.mp4", "--force", "-q"]
        said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        took = time.perf_counter() - start
        print(f"song of {seconds} s: {took:.1f} s with the start of Python{peak_memory()}\n{said}")


def peak_memory() -> str:
    """What the largest of the commands needed so far, in words; nothing on Windows, which does not tell."""
    if sys.platform == "win32":
        return ""
    import resource

    unit = 1e9 if sys.platform == "darwin" else 1e6  # macOS tells bytes, Linux kB
    return f", peak memory so far {resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / unit:.2f} GB"


def main() -> None:
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    poses = truth.landmarks_of(SAMPLE / "held_out" / "held_out_1.mp4")[:160]
    rates = painters(poses)
    slowest = min(rates.values())
    for name, value in rates.items():
        print(f"{name:36} {value:6.1f} pictures a second, {value / slowest:4.1f} times the slowest")
    with tempfile.TemporaryDirectory() as folder:
        videos(Path(folder))


if __name__ == "__main__":
    main()
