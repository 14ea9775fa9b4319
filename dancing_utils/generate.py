"""Any song -> sound features -> poses -> pictures -> an MP4 with the song.

The LSTM-VAE dances a song of any length in one pass. Pictures are warped from a dancer's key frames, or painted by a
Pose GAN, by its int8 model where that lies beside its file. They are written one by one while the next are painted:
memory does not grow with the song. The video says in its metadata that it is synthetic.

Notebook: 08_song_to_video.ipynb
"""

import filecmp
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from tqdm.auto import tqdm

from dancing_utils import FPS, HEIGHT, WIDTH, InputError, __version__, dancers
from dancing_utils.audio.hearing import Heard, hear, knows_beat
from dancing_utils.data import media
from dancing_utils.files import SHIPPED
from dancing_utils.images import painting
from dancing_utils.motion import lstm_vae, sway
from dancing_utils.pose.body import Body, differs
from dancing_utils.pose.retarget import keep_hands_inside, retarget, stand_on

UNMEASURED = 8  # first pictures, in whose time TensorFlow compiles what paints them
MEASURED = 16  # the pictures after them, by which the speed is told
SOUND_RATE = 44_100  # of the video's sound; the features are taken at 22,050


@dataclass
class GenerateReport:
    """Facts of a generated video, and seconds spent in each stage."""

    path: Path
    n_frames: int
    seconds: dict[str, float]
    fitted: bool  # the dance was fitted to the image model's subject
    heard: Heard
    told: bool  # tempo or beats were given


def song_to_poses(
    model: lstm_vae.LSTMVAE, features: np.ndarray, *, seed: int = 0, temperature: float = lstm_vae.TEMPERATURE
) -> np.ndarray:
    """A dance for a whole song as it is heard: ``Heard.features`` (T, 16) -> poses (T, 33, 2), 30 a second.

    Standing and swaying where no beat is heard. ``seed`` and ``temperature`` as in ``LSTMVAE.dance``.
    """
    poses = model.dance(features, seed=seed, temperature=temperature)
    return poses if knows_beat(features) else sway.stand_and_sway(poses)


def open_painter(path: str | Path):
    """What paints poses: of a dancer's folder or of a Pose GAN's file; it has ``body`` and ``paint(poses)``."""
    path = dancers.painter_of(path)
    return dancers.open_painter(path) if path.is_dir() else painting.open_painter(path)


def name_of(path: str | Path) -> str:
    """Whom a dancer's folder or a Pose GAN's file paints, as a word for a file's name.

    That is the folder's name; of a Pose GAN "ada" with the shipped one, else the name of its file, or of its folder
    where the file is called pose_gan.npz.
    """
    path, shipped = Path(path), SHIPPED["gan"]
    if path.is_dir():
        return path.resolve().name
    if path.is_file() and shipped.is_file() and filecmp.cmp(path, shipped, shallow=False):
        return "ada"
    return path.resolve().parent.name if path.name == shipped.name else path.stem


def fit_to_subject(poses: np.ndarray, source: Body | None, subject: Body | None) -> tuple[np.ndarray, bool]:
    """Poses (T, 33, 2) of the song model's body by the image model's body, and whether they had to be fitted."""
    if source is None or subject is None or not differs(source, subject):
        return poses, False
    return retarget(poses, source, subject), True


def fit_to_painter(poses: np.ndarray, source: Body | None, painter) -> tuple[np.ndarray, bool]:
    """Poses (T, 33, 2) as ``painter`` can show them, and whether they had to be fitted to another body.

    The feet stand where the film's did, and no hand leaves the picture.
    """
    poses, fitted = fit_to_subject(poses, source, painter.body)
    if (floor := getattr(painter, "floor", None)) is not None:
        poses = stand_on(poses, floor)
    return keep_hands_inside(poses), fitted


def generate(
    song: str | Path, output: str | Path, *, vae: str | Path, gan: str | Path, seed: int = 0,
    temperature: float = lstm_vae.TEMPERATURE, tempo: float | None = None, beats: np.ndarray | None = None,
    mark: bool = False, force: bool = False, progress: bool = True,
) -> GenerateReport:  # fmt: skip
    """Make a dance video for a song and write it to ``output`` (.mp4), which appears only when it is whole.

    With ``progress`` it says how long the painting will take, as soon as its speed is known.

    Parameters
    ----------
    song : any file with sound that PyAV reads.
    vae : model file that ``dance train vae`` wrote.
    gan : what paints: a dancer's folder, or a model file that ``dance train gan`` wrote.
    tempo, beats : beats a minute, or the beats in seconds, where they are known better than heard: see ``hear``.
    mark : write in each picture that it is synthetic; the file's metadata say so in any case.
    force : make an output anew that is there already.

    Raises
    ------
    InputError
        If the song has no sound, a model file is none, or the output is there already or cannot be written.
    """
    _check_output(Path(song), Path(output), force)
    clock = _Clock()
    sound = media.read_audio(song, sample_rate=SOUND_RATE)
    waveform = media.read_audio(song)
    dancer, painter = lstm_vae.load(vae), open_painter(gan)
    clock.lap("reading")
    if progress:
        print(f"Listening to {Path(song).name} (the first sound on a machine takes up to 40 s)", flush=True)
    heard = hear(waveform, tempo=tempo, beats=beats)
    poses = song_to_poses(dancer, heard.features, seed=seed, temperature=temperature)
    poses, fitted = fit_to_painter(poses, dancer.body, painter)
    clock.lap("sound to poses")
    pictures = map(marked, painter.paint(poses)) if mark else painter.paint(poses)
    pictures = saying_how_long(pictures, len(poses), tqdm.write if progress else lambda words: None)
    pictures = tqdm(pictures, total=len(poses), unit="frame", disable=not progress)
    write_video(output, pictures, sound, comment=synthetic(name_of(gan)))
    clock.lap("pictures and video")
    told = tempo is not None or beats is not None
    return GenerateReport(Path(output), len(poses), clock.laps, fitted, heard, told)


def write_video(output: str | Path, pictures: Iterable[np.ndarray], sound: np.ndarray, *, comment: str) -> None:
    """Write pictures (640, 360, 3) uint8 and sound (n,) of 44,100 samples a second as an MP4."""
    with (
        media.VideoWriter(
            output, size=(HEIGHT, WIDTH), audio=sound, sample_rate=SOUND_RATE, comment=comment
        ) as writer,
        ThreadPoolExecutor(1) as encoder,  # one picture is encoded while the next is painted
    ):  # fmt: skip
        written = encoder.submit(lambda: None)
        for picture in pictures:
            written.result()
            written = encoder.submit(writer.write, picture)
        written.result()


def synthetic(name: str) -> str:
    """What a video's metadata say of a dance that nobody danced."""
    return f"Synthetic: dancer {name}, painted by dancing-project {__version__}; nobody was filmed dancing this."


def marked(picture: np.ndarray) -> np.ndarray:
    """The picture (640, 360, 3) uint8 with the word "synthetic" in its lower right corner, white with a dark rim."""
    picture, font = picture.copy(), cv2.FONT_HERSHEY_SIMPLEX
    for colour, thickness in (((0, 0, 0), 3), ((255, 255, 255), 1)):
        cv2.putText(picture, "synthetic", (WIDTH - 84, HEIGHT - 10), font, 0.5, colour, thickness, cv2.LINE_AA)
    return picture


def _check_output(song: Path, output: Path, force: bool) -> None:
    """What would make the work vain, or lose a file, is refused before it."""
    if output.is_dir():
        raise InputError(f"{output} is a folder: give the name of a file, such as {output / 'dance.mp4'}")
    if output.suffix.lower() != ".mp4":
        raise InputError(f"{output} must end in .mp4: the video is written as H.264 in MP4")
    if output.exists() and song.exists() and output.samefile(song):
        raise InputError(f"{output} is the song itself and would be lost: give another name for the video")
    if output.exists() and not force:
        raise InputError(f"{output} is there already: give another name, or make it anew with --force")


def saying_how_long(pictures: Iterator, n: int, say: Callable[[str], object]) -> Iterator:
    """The same ``n`` pictures; as soon as their speed is known, ``say`` is called once with ``estimate`` of it."""
    for k, picture in enumerate(pictures):
        if k == UNMEASURED:
            start = time.perf_counter()
        if k == UNMEASURED + MEASURED:
            say(estimate(n, MEASURED / (time.perf_counter() - start)))
        yield picture


def estimate(n: int, rate: float) -> str:
    """How long ``n`` pictures take at ``rate`` pictures a second, in words: "painting 5400 pictures at 58 ..."."""
    digits = 0 if rate >= 9.95 else 1
    return f"painting {n} pictures at {rate:.{digits}f} a second: about {in_words(n / rate)}"


def in_words(seconds: float) -> str:
    """A length of time for a person: "45 s", "1 min 33 s", "3 h 25 min"."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s" if minutes else f"{rest} s"


class _Clock:
    def __init__(self):
        self.laps: dict[str, float] = {}
        self.last = time.perf_counter()

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self.laps[name], self.last = now - self.last, now


def describe(report: GenerateReport) -> str:
    """The report in words: where the video is, its length, size and rate, its tempo, and the time of each stage."""
    info = media.probe(report.path)
    megabytes = report.path.stat().st_size / 1e6
    stages = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in report.seconds.items())
    size = f"{info.width} x {info.height}"
    fitted = "\n  The dance was fitted to the body of the image model's dancer." if report.fitted else ""
    return (
        f"{report.path}: {info.duration:.1f} s, {size}, {info.fps:g} frames/s, {megabytes:.1f} MB\n"
        f"  {in_beats(report.heard, told=report.told)}\n"
        f"  {report.n_frames / FPS:.1f} s of dance made in {sum(report.seconds.values()):.1f} s: {stages}{fitted}"
    )


def in_beats(heard: Heard, *, told: bool) -> str:
    """The tempo that was danced to, in words."""
    if not heard.has_beat:
        return "No beat was heard, so the dancer stands and sways; if there is one, give --tempo or --beats."
    return f"{heard.tempo:.0f} beats a minute, {'as given' if told else 'as heard'}."
