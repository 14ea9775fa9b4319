"""Any song -> MFCC -> poses -> pictures -> an MP4 with the song.

The LSTM-VAE knows windows of 149 frames, so a song is cut into windows that overlap by half, each gets a dance, and
the dances are blended: a frame's pose is the mean of its two windows, weighted by how far it lies from their ends. So
no window starts or stops abruptly, whatever the length. Pictures are made a few at a time and written at once: memory
does not grow with the song.

Notebook: 08_song_to_video.ipynb
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm.auto import tqdm

from dancing_utils import FPS, InputError, audio, lstm_vae, media, pose_gan

BATCH = 8  # pictures made at once
SOUND_RATE = 44_100  # of the video's sound; the features are taken at 22,050


@dataclass
class GenerateReport:
    """Facts of a generated video, and seconds spent in each stage."""

    path: Path
    n_frames: int
    seconds: dict[str, float]


def song_to_poses(model: lstm_vae.LSTMVAE, mfcc: np.ndarray, *, seed: int = 0, temperature: float = 1.0) -> np.ndarray:
    """A dance for a whole song: MFCC (T, 13) of any length -> poses (T, 33, 2).

    Parameters
    ----------
    seed : the same seed gives the same dance.
    temperature : how far z strays from its mean, in standard deviations; 0 takes the mean, 1 draws as in training.
    """
    if temperature < 0:
        raise InputError(f"temperature={temperature} must be 0 or more")
    steps = model.settings.time_steps
    starts = range(0, max(1, len(mfcc) - steps // 2), steps // 2)
    padded = np.pad(mfcc, ((0, starts[-1] + steps - len(mfcc)), (0, 0)), mode="edge")  # the last frame goes on
    z_mean, z_log_var = model.encode(np.stack([padded[s : s + steps] for s in starts]))  # (N, latent_dim)
    noise = np.random.default_rng(seed).standard_normal(z_mean.shape).astype(np.float32)
    dances = model.decode(lstm_vae.reparameterize(z_mean, z_log_var, temperature * noise)).numpy()
    return blend(dances, steps // 2)[: len(mfcc)]


def blend(windows: np.ndarray, hop: int) -> np.ndarray:
    """Windows (N, T, ...) that start every ``hop`` frames -> one sequence ((N - 1) * hop + T, ...).

    Weights rise and fall linearly over a window, so where two overlap one fades into the other.
    """
    n, steps = windows.shape[:2]
    ramp = np.minimum(np.arange(1, steps + 1), np.arange(steps, 0, -1)).astype(np.float32)  # (T,)
    total = np.zeros(((n - 1) * hop + steps, *windows.shape[2:]), np.float32)
    weight = np.zeros((len(total), *[1] * (windows.ndim - 2)), np.float32)
    ramp = ramp.reshape(-1, *weight.shape[1:])
    for i, window in enumerate(windows):
        total[i * hop : i * hop + steps] += ramp * window
        weight[i * hop : i * hop + steps] += ramp
    return total / weight


def poses_to_pictures(model: pose_gan.PoseGAN, poses: np.ndarray) -> Iterator[np.ndarray]:
    """One picture (rows, columns, 3) uint8 a pose of (T, 33, 2), made in batches."""
    for start in range(0, len(poses), BATCH):
        yield from pose_gan.render(model, poses[start : start + BATCH])


def generate(
    song: str | Path, output: str | Path, *, vae: str | Path, gan: str | Path, seed: int = 0,
    temperature: float = 1.0, progress: bool = True,
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
    features = audio.mfcc(media.read_audio(song))
    clock.lap("sound features")
    poses = song_to_poses(lstm_vae.load(vae), features, seed=seed, temperature=temperature)
    clock.lap("poses")
    painter = pose_gan.load(gan)
    pictures = poses_to_pictures(painter, poses)
    first = next(pictures)
    with media.VideoWriter(output, size=first.shape[:2], audio=sound, sample_rate=SOUND_RATE) as writer:
        writer.write(first)
        for picture in tqdm(pictures, total=len(poses), initial=1, unit="frame", disable=not progress):
            writer.write(picture)
    clock.lap("pictures and video")
    return GenerateReport(Path(output), len(poses), clock.laps)


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
    return (
        f"{report.path}: {info.duration:.1f} s, {size}, {info.fps:g} frames/s, {megabytes:.1f} MB\n"
        f"  {report.n_frames / FPS:.1f} s of dance made in {sum(report.seconds.values()):.1f} s: {stages}"
    )
