"""The README's pictures, from the video of `make demo` and one of ben:

dance generate data_sample/songs/held_out_2.mp3 --dancer ben -o outputs/ben.mp4
python docs/make_demo_pictures.py outputs/held_out_1.mp4 outputs/ben.mp4
"""

import sys
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from dancing_utils import FPS
from dancing_utils.data import media
from dancing_utils.files import SAMPLE

FOLDER = Path(__file__).parent
START, SECONDS, RATE = 4, 6, 15  # of the clip: from second 4, six seconds, 15 pictures a second
SIZE = (216, 384)  # columns, rows


def small_frames(video: str | Path) -> list[np.ndarray]:
    return [cv2.resize(frame, SIZE, interpolation=cv2.INTER_AREA) for frame in media.read_frames(video)]


def main(video: str, of_ben: str) -> None:
    frames = small_frames(video)
    clip = [Image.fromarray(frame) for frame in frames[START * FPS : (START + SECONDS) * FPS : FPS // RATE]]
    clip[0].save(
        FOLDER / "demo.webp", save_all=True, append_images=clip[1:], duration=1000 // RATE, loop=0, quality=70, method=6
    )
    moments = frames[FPS :: 2 * FPS][:10]
    rows = [np.concatenate(moments[i : i + 5], 1) for i in (0, 5)]
    Image.fromarray(np.concatenate(rows, 0)).save(FOLDER / "demo.jpg", quality=85)
    film = np.concatenate(small_frames(SAMPLE / "second_dancer" / "ben_1.mp4")[2 * FPS :: 4 * FPS][:4], 1)
    dance = np.concatenate(small_frames(of_ben)[2 * FPS :: 4 * FPS][:4], 1)
    gap = np.full((len(film), 16, 3), 255, np.uint8)
    Image.fromarray(np.concatenate([film, gap, dance], 1)).save(FOLDER / "learned.jpg", quality=85)


if __name__ == "__main__":
    main(*sys.argv[1:3])
