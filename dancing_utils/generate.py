"""Any song -> sound features -> poses -> pictures -> an MP4 with the song.

The LSTM-VAE dances a song of any length in one pass. Pictures are warped from a dancer's key frames, and mended
if that was trained, or painted by a Pose GAN. They are written one by one while the next are painted:
memory does not grow with the song. The video says in its metadata that it is synthetic.

Notebook: 08_song_to_video.ipynb
"""

import filecmp
import time
import zipfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from tqdm.auto import tqdm

from dancing_utils import FPS, HEIGHT, TEMPERATURE, WIDTH, InputError, __version__, dancers
from dancing_utils.audio.hearing import Heard, hear, knows_beat
from dancing_utils.data import film_dance, media
from dancing_utils.files import SHIPPED
from dancing_utils.images import painting
from dancing_utils.motion import lstm_vae, sway
from dancing_utils.pose import dances
from dancing_utils.pose.body import Body, differs
from dancing_utils.pose.dances import Dance
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
    heard: Heard | None  # None: a dance was given
    told: bool  # tempo or beats were given
    remark: str = ""  # what to know of a given dance and its sound


def song_to_dance(
    model: lstm_vae.LSTMVAE, features: np.ndarray, *, seed: int = 0, temperature: float = TEMPERATURE
) -> Dance:
    """A dance for a whole song as it is heard, ``Heard.features`` (T, 16); standing and swaying without a beat.

    ``seed`` and ``temperature`` as in ``LSTMVAE.dance``.
    """
    poses, depth = model.dance_in_depth(features, seed=seed, temperature=temperature)
    if not knows_beat(features):
        return Dance(sway.stand_and_sway(poses), body=model.body)
    return Dance(poses, depth, model.body)


def open_painter(path: str | Path, *, repair: bool = True):
    """What paints poses: of a dancer's folder or of a Pose GAN's file; it has ``body`` and ``paint(poses)``.

    ``repair`` : mend a dancer's warped pictures, where that was trained.
    """
    path = Path(path)
    return dancers.open_painter(path, repair=repair) if path.is_dir() else painting.FastPainter(path)


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


def fit_to_painter(dance: Dance, painter) -> tuple[Dance, bool]:
    """A dance as ``painter`` can show it, and whether it had to be fitted to another body.

    The feet stand where the film's did, and no hand leaves the picture.
    """
    poses, fitted = fit_to_subject(dance.poses, dance.body, painter.body)
    if (floor := getattr(painter, "floor", None)) is not None:
        poses = stand_on(poses, floor)
    return Dance(keep_hands_inside(poses), dance.depth, painter.body or dance.body), fitted


def generate(
    song: str | Path | None, output: str | Path, *, vae: str | Path, gan: str | Path, seed: int = 0,
    temperature: float = TEMPERATURE, tempo: float | None = None, beats: np.ndarray | None = None,
    poses: str | Path | None = None, save_poses: str | Path | None = None, repair: bool = True, mark: bool = False,
    force: bool = False, progress: bool = True,
) -> GenerateReport:  # fmt: skip
    """Make a dance video for a song and write it to ``output`` (.mp4), which appears only when it is whole.

    With ``progress`` it says how long the painting will take, as soon as its speed is known.

    Parameters
    ----------
    song : any file with sound that PyAV reads. None, where ``poses`` are given: the sound of that film, if any.
    vae : model file that ``dance train vae`` wrote.
    gan : what paints: a dancer's folder, or a model file that ``dance train gan`` wrote.
    tempo, beats : beats a minute, or the beats in seconds, where they are known better than heard: see ``hear``.
    poses : dance this instead: a file of ``save_poses``, or a film of somebody who dances.
    save_poses : a file (.npz) for the dance, as it was before it was fitted to who is painted.
    repair : mend a dancer's warped pictures, where that was trained.
    mark : write in each picture that it is synthetic; the file's metadata say so in any case.
    force : make an output anew that is there already.

    Raises
    ------
    InputError
        If the song has no sound, a model file is none, or an output is there already or cannot be written.
    """
    _check_output({"song": song, "dance": poses}, Path(output), force)
    _check_poses(save_poses, force)
    clock, heard = _Clock(), None
    if poses is None:
        sound, waveform = _read_sound(song), media.read_audio(song)
        model, painter = lstm_vae.load(vae), open_painter(gan, repair=repair)
        clock.lap("reading")
        if progress:
            print(f"Listening to {Path(song).name} (the first sound on a machine takes up to 40 s)", flush=True)
        heard = hear(waveform, tempo=tempo, beats=beats)
        dance, remark = song_to_dance(model, heard.features, seed=seed, temperature=temperature), ""
    else:
        dance, painter = read_poses(poses, progress=progress), open_painter(gan, repair=repair)
        sound, dance, remark = _together(None if song is None else _read_sound(song), _sound_of(poses), dance)
    if save_poses is not None:
        dances.save(save_poses, dance)
    dance, fitted = fit_to_painter(dance, painter)
    clock.lap("sound to poses" if poses is None else "reading the dance")
    pictures = painter.paint(dance.poses, depth=dance.depth)
    pictures = map(marked, pictures) if mark else pictures
    pictures = saying_how_long(pictures, len(dance), tqdm.write if progress else lambda words: None)
    pictures = tqdm(pictures, total=len(dance), unit="frame", disable=not progress)
    write_video(output, pictures, sound, comment=synthetic(name_of(gan)))
    clock.lap("pictures and video")
    told = tempo is not None or beats is not None
    return GenerateReport(Path(output), len(dance), clock.laps, fitted, heard, told, remark)


def read_poses(path: str | Path, *, progress: bool = True) -> Dance:
    """A dance from a file of ``save_poses``, or out of a film; which of them it is, the content says."""
    path = Path(path)
    if path.is_file() and zipfile.is_zipfile(path):
        return dances.load(path)
    return film_dance.read_dance(path, progress=progress)


def _read_sound(song: str | Path) -> np.ndarray:
    return media.read_audio(song, sample_rate=SOUND_RATE)


def _sound_of(poses: str | Path) -> np.ndarray | None:
    """The sound of a film; None of a file of poses or a silent film."""
    if zipfile.is_zipfile(poses) or not media.probe(poses).has_audio:
        return None
    return _read_sound(poses)


def _together(song: np.ndarray | None, own: np.ndarray | None, dance: Dance) -> tuple[np.ndarray | None, Dance, str]:
    """The sound that is heard, the dance as long as it, and what to know: the longer of the two is cut."""
    sound = own if song is None else song
    if sound is None:
        return None, dance, "There is no sound: give a song, too, if there is to be one."
    seconds, danced = len(sound) / SOUND_RATE, len(dance) / FPS
    remark = ""
    if song is not None and abs(seconds - danced) > 0.5:
        cut = "the song ends with the dance" if seconds > danced else "the dance ends with the song"
        remark = f"The song has {seconds:.1f} s and the dance {danced:.1f} s: {cut}."
    dance = dance[: max(2, round(seconds * FPS))]
    return sound[: round(len(dance) / FPS * SOUND_RATE)], dance, remark


def write_video(
    output: str | Path, pictures: Iterable[np.ndarray], sound: np.ndarray | None, *, comment: str
) -> None:  # fmt: skip
    """Write pictures (640, 360, 3) uint8 and sound (n,) of 44,100 samples a second as an MP4; None: a silent one."""
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


def _check_output(given: dict[str, str | Path | None], output: Path, force: bool) -> None:
    """What would make the work vain, or lose a file that is ``given`` by what it is, is refused before it."""
    if output.is_dir():
        raise InputError(f"{output} is a folder: give the name of a file, such as {output / 'dance.mp4'}")
    if output.suffix.lower() != ".mp4":
        raise InputError(f"{output} must end in .mp4: the video is written as H.264 in MP4")
    for what, file in given.items():
        if file is not None and output.exists() and Path(file).exists() and output.samefile(file):
            raise InputError(f"{output} is the {what} itself and would be lost: give another name for the video")
    if output.exists() and not force:
        raise InputError(f"{output} is there already: give another name, or make it anew with --force")


def _check_poses(path: str | Path | None, force: bool) -> None:
    if path is not None and Path(path).suffix.lower() != ".npz":
        raise InputError(f"{path} must end in .npz: poses are written in NumPy's form")
    if path is not None and Path(path).exists() and not force:
        raise InputError(f"{path} is there already: give another name, or make it anew with --force")


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
        f"  {report.remark or in_beats(report.heard, told=report.told)}\n"
        f"  {report.n_frames / FPS:.1f} s of dance made in {sum(report.seconds.values()):.1f} s: {stages}{fitted}"
    )


def in_beats(heard: Heard | None, *, told: bool) -> str:
    """The tempo that was danced to, in words."""
    if heard is None:
        return "The dance was given."
    if not heard.has_beat:
        return "No beat was heard, so the dancer stands and sways; if there is one, give --tempo or --beats."
    return f"{heard.tempo:.0f} beats a minute, {'as given' if told else 'as heard'}."
