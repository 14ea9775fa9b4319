"""Any song -> sound features -> poses -> pictures -> an MP4 with the song.

The LSTM-VAE dances a song of any length in one pass. Pictures are made a few at a time and written at once: memory does
not grow with the song.

Notebook: 08_song_to_video.ipynb
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm.auto import tqdm

from dancing_utils import FPS, InputError, audio, lstm_vae, media, pose_gan
from dancing_utils.retarget import differs, retarget
from dancing_utils.training import read_body

BATCH = 8  # pictures made at once
SOUND_RATE = 44_100  # of the video's sound; the features are taken at 22,050


@dataclass
class GenerateReport:
    """Facts of a generated video, and seconds spent in each stage."""

    path: Path
    n_frames: int
    seconds: dict[str, float]
    fitted: bool  # the dance was fitted to the image model's subject


def song_to_poses(
    model: lstm_vae.LSTMVAE, waveform: np.ndarray, *, seed: int = 0, temperature: float = lstm_vae.TEMPERATURE
) -> np.ndarray:
    """A dance for a whole song: mono sound (n,) at 22,050 samples a second -> poses (T, 33, 2), 30 a second.

    ``seed`` and ``temperature`` as in ``LSTMVAE.dance``.
    """
    features = lstm_vae.sound_features(audio.mfcc(waveform), audio.onset_strength(waveform))
    return model.dance(features, seed=seed, temperature=temperature)


def poses_to_pictures(model: pose_gan.PoseGAN, poses: np.ndarray) -> Iterator[np.ndarray]:
    """One picture (rows, columns, 3) uint8 a pose of (T, 33, 2), made in batches."""
    for start in range(0, len(poses), BATCH):
        yield from pose_gan.render(model, poses[start : start + BATCH])


def generate(
    song: str | Path, output: str | Path, *, vae: str | Path, gan: str | Path, seed: int = 0,
    temperature: float = lstm_vae.TEMPERATURE, progress: bool = True,
) -> GenerateReport:  # fmt: skip
    """Make a dance video for a song and write it to ``output`` (.mp4), which appears only when it is whole.

    Parameters
    ----------
    song : any file with sound that PyAV reads.
    vae, gan : model files that ``dance train`` wrote.

    Raises
    ------
    InputError
        If the song has no sound, a model file is none, or the output cannot be written.
    """
    if Path(output).is_dir():
        raise InputError(f"{output} is a folder: give the name of a file, such as {Path(output) / 'dance.mp4'}")
    if Path(output).suffix.lower() != ".mp4":
        raise InputError(f"{output} must end in .mp4: the video is written as H.264 in MP4")
    clock = _Clock()
    sound = media.read_audio(song, sample_rate=SOUND_RATE)
    waveform = media.read_audio(song)
    dancer, painter = lstm_vae.load(vae), pose_gan.load(gan)
    clock.lap("reading")
    poses = song_to_poses(dancer, waveform, seed=seed, temperature=temperature)
    source, subject = read_body(vae), read_body(gan)
    fitted = source is not None and subject is not None and differs(source, subject)
    if fitted:
        poses = retarget(poses, source, subject)
    clock.lap("sound to poses")
    pictures = poses_to_pictures(painter, poses)
    first = next(pictures)
    with media.VideoWriter(output, size=first.shape[:2], audio=sound, sample_rate=SOUND_RATE) as writer:
        writer.write(first)
        for picture in tqdm(pictures, total=len(poses), initial=1, unit="frame", disable=not progress):
            writer.write(picture)
    clock.lap("pictures and video")
    return GenerateReport(Path(output), len(poses), clock.laps, fitted)


class _Clock:
    def __init__(self):
        self.laps: dict[str, float] = {}
        self.last = time.perf_counter()

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self.laps[name], self.last = now - self.last, now


def describe(report: GenerateReport) -> str:
    """The report in words: where the video is, its length, size and frame rate, and the time of each stage."""
    info = media.probe(report.path)
    megabytes = report.path.stat().st_size / 1e6
    stages = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in report.seconds.items())
    size = f"{info.width} x {info.height}"
    fitted = "\n  The dance was fitted to the body of the image model's dancer." if report.fitted else ""
    return (
        f"{report.path}: {info.duration:.1f} s, {size}, {info.fps:g} frames/s, {megabytes:.1f} MB\n"
        f"  {report.n_frames / FPS:.1f} s of dance made in {sum(report.seconds.values()):.1f} s: {stages}{fitted}"
    )
