"""Read any video at a constant frame rate together with its sound; write H.264 + AAC that plays in a browser.

Time zero is the first picture of a file. Frame k is the picture shown at k / fps seconds, chosen by time stamps,
so 25, 29.97 and 60 frames a second and variable rates all stay in time with the sound. Pictures are uint8 RGB
arrays (rows, columns, 3); sound is mono float32 in [-1, 1]. PyAV (FFmpeg in a wheel) does the decoding.

Notebook: 01_extract_data.ipynb
"""

import math
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import av
import cv2
import numpy as np

from dancing_utils import FPS, HEIGHT, SAMPLE_RATE, WIDTH, InputError
from dancing_utils.data import cut_off
from dancing_utils.files import whole_file

FITS = ("letterbox", "crop")
SAME_TIME = 0.015  # seconds; time stamps are rounded, to 1 ms and worse, and a lost packet is 20 ms or more
SILENT = 1e-3  # largest sample, of 1, of what counts as silence
AAC_RATES = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)


class BreaksOffError(InputError):
    """A video ends before the time that it says it lasts."""


@dataclass(frozen=True)
class VideoInfo:
    """What a media file holds. Sizes are as shown, after rotation; 0 where there is no video."""

    path: Path
    width: int
    height: int
    fps: float  # the file's own average
    duration: float  # seconds
    rotation: int  # degrees counter-clockwise that the player turns the stored picture
    has_video: bool
    has_audio: bool
    codec: str

    @property
    def n_frames(self) -> int:
        """Frames that ``read_frames`` gives, to within one."""
        return round(self.duration * FPS) if self.has_video else 0


def probe(path: str | Path) -> VideoInfo:
    """Look into a media file without decoding it whole.

    Raises
    ------
    InputError
        If the path is missing, a directory, empty, or not a media file.
    """
    with open_media(path) as container:
        video, audio = first_streams(container)
        if video is None:
            seconds = (container.duration or 0) / av.time_base
            return VideoInfo(Path(path), 0, 0, 0.0, seconds, 0, False, audio is not None, "")
        first = next(decoded_frames(container, video), None)
        if first is None:
            raise InputError(f"{path} has a video track but not one picture in it: export the video again")
        width, height = _shown_size(first)
        return VideoInfo(
            Path(path), width, height, float(video.average_rate or 0), _duration(container, video),
            int(first.rotation), True, audio is not None, video.codec_context.name,
        )  # fmt: skip


class Window(NamedTuple):
    """A part of a film's pictures, in their pixels as shown; what is outside of them is black."""

    left: float
    top: float
    width: float
    height: float

    def to_units(self, place: np.ndarray, info: VideoInfo) -> np.ndarray:
        """Places (..., 2) in units of the film's picture in units of the window."""
        return (place * [info.width, info.height] - [self.left, self.top]) / [self.width, self.height]


def window_of(fit: str, width: int, height: int, size: tuple[int, int] = (HEIGHT, WIDTH)) -> Window:
    """What ``read_frames`` gives of pictures of this width and height with "letterbox" or "crop", to within a pixel."""
    rows, columns = fit_scale(width, height, size, fit)
    across, down = width * size[1] / columns, height * size[0] / rows
    return Window((width - across) / 2, (height - down) / 2, across, down)


def read_frames(
    path: str | Path, *, fps: int = FPS, size: tuple[int, int] = (HEIGHT, WIDTH), fit: str | Window = "letterbox"
) -> Iterator[np.ndarray]:
    """Yield the pictures (rows, columns, 3) uint8 of a video at a constant rate; one at a time is in memory.

    Parameters
    ----------
    fps : pictures a second to give, whatever the file has.
    size : (rows, columns) of the pictures given.
    fit : "letterbox" scales the whole picture in and fills up with black; "crop" fills the frame and cuts off
        what hangs over; a window, shaped like ``size``, is what is given.

    Raises
    ------
    InputError
        If there is no video; a ``BreaksOffError`` if the file ends before the time that it says it lasts (a broken
        download): the pictures up to there have been given by then.
    """
    if not isinstance(fit, Window) and fit not in FITS:
        raise InputError(f"fit={fit!r} must be one of {', '.join(FITS)}")
    with open_media(path) as container:
        video, _ = first_streams(container)
        if video is None:
            raise InputError(f"{path} has no video track: give a video file")
        yield from (fitted_picture(frame, size, fit) for frame in _at_constant_rate(container, video, fps))


def read_audio(path: str | Path, *, sample_rate: int = SAMPLE_RATE) -> np.ndarray:
    """The sound of a video or audio file as mono float32 (n,) in [-1, 1].

    Sample 0 is heard with the first picture (without video, it is the file's first sample): where the sound track
    starts later it is preceded by silence, where it starts earlier it is cut. AAC's priming samples are dropped. A
    hole in the time stamps (a lost packet) is silence, and of sound that overlaps the first is kept.

    Raises
    ------
    InputError
        If there is no sound, or none that can be decoded.
    """
    with open_media(path) as container:
        video, audio = first_streams(container)
        if audio is None:
            raise InputError(f"{path} has no sound: give a file with music in it")
        zero = float(video.start_time * video.time_base) if video is not None and video.start_time else 0.0
        pieces = _pieces(container, audio, sample_rate)
    if not pieces:
        raise InputError(f"{path} has a sound track but nothing in it could be decoded: export it again")
    zero = pieces[0][0] if video is None else zero
    sound = np.zeros(0, np.float32)
    for start, samples in pieces:
        gap = round((start - zero) * sample_rate) - len(sound)  # negative: heard already, or before the picture
        sound = np.concatenate([sound, np.zeros(max(gap, 0), np.float32), samples[max(-gap, 0) :]])
    return np.clip(sound, -1, 1).astype(np.float32)  # (n,)


def _pieces(container, audio, sample_rate: int) -> list[tuple[float, np.ndarray]]:
    """(start in seconds, mono float32 (n,)) of each piece of sound without a hole or an overlap.

    A time stamp behind the end that the file states is not believed.
    """
    stated = (container.duration or math.inf) / av.time_base + max(container.start_time or 0, 0) / av.time_base
    pieces, end, form = [], 0.0, None
    for frame in decoded_frames(container, audio):
        time = end if frame.time is None else float(frame.time)
        before, form = form, form_of(frame)
        if before not in (None, form):
            raise InputError(f"the sound changes after {end:.1f} s from {before} to {form}: export it again")
        if not pieces or (abs(time - end) > SAME_TIME and time < stated + 1):
            pieces.append((time, av.AudioResampler(format="flt", layout="mono", rate=sample_rate), []))
            end = time
        _, resampler, parts = pieces[-1]
        parts += resampler.resample(frame)
        end += frame.samples / frame.sample_rate
    for _, resampler, parts in pieces:
        parts += resampler.resample(None)
    silence = np.zeros(0, np.float32)  # a piece can be too short for one sample
    return [(start, np.concatenate([silence, *(part.to_ndarray()[0] for part in parts)])) for start, _, parts in pieces]


def form_of(frame: av.AudioFrame) -> tuple[str, str, int]:
    """What must not change within a sound: the samples' kind, the channels, and the samples a second."""
    return frame.format.name, frame.layout.name, frame.sample_rate


def write_png(path: str | Path, picture: np.ndarray) -> None:
    """Write a picture (rows, columns, 3) uint8 RGB as a PNG, whole or not at all.

    Raises
    ------
    InputError
        If it cannot be written there.
    """
    try:
        with whole_file(path) as temporary:
            temporary.write_bytes(cv2.imencode(".png", picture[..., ::-1])[1].tobytes())
    except OSError as error:
        raise InputError(f"cannot write {path} ({error.strerror}): choose another place or free some space") from error


class VideoWriter:
    """Write pictures, and sound with them, as H.264 (yuv420p, index in front) + AAC.

    Use as a context manager. The file appears under its name only when all went well; until then, and after an
    error, there is only a temporary file beside it, which is removed. The sound is cut or padded with silence to
    the length of the pictures.

    Parameters
    ----------
    size : (rows, columns), both even (H.264 halves the colour planes).
    audio : (n,) float32 mono in [-1, 1], or None for a silent video.
    crf : H.264 quality, 0 (lossless) to 51; 20 looks like the original.
    comment : what the file says of itself in its metadata.
    """

    def __init__(
        self, path: str | Path, *, size: tuple[int, int] = (HEIGHT, WIDTH), fps: int = FPS,
        audio: np.ndarray | None = None, sample_rate: int = SAMPLE_RATE, crf: int = 20, comment: str = "",
    ):  # fmt: skip
        if size[0] % 2 or size[1] % 2:
            raise InputError(f"size={size}: H.264 needs an even number of rows and of columns")
        if sample_rate not in AAC_RATES:
            raise InputError(f"sample_rate={sample_rate} must be one of {AAC_RATES}")
        self.path, self.size, self.fps = Path(path), tuple(size), fps
        self.audio, self.sample_rate, self.crf, self.comment = audio, sample_rate, crf, comment
        self.n_frames = self.n_samples = 0  # written so far

    def __enter__(self) -> "VideoWriter":
        with ExitStack() as stack:
            self.container = stack.enter_context(self.open_media(stack.enter_context(whole_file(self.path))))
            self._add_streams()
            self.open = stack.pop_all()  # until the end
        return self

    def open_media(self, temporary: Path):
        try:
            return av.open(str(temporary), "w", format="mp4", options={"movflags": "+faststart"})
        except OSError as error:
            raise InputError(f"cannot write {self.path} ({error.strerror}): choose another place") from error

    def _add_streams(self) -> None:
        if self.comment:
            self.container.metadata["comment"] = self.comment
        self.video = self.container.add_stream("libx264", rate=self.fps, options={"crf": str(self.crf)})
        self.video.height, self.video.width = self.size
        self.video.pix_fmt = "yuv420p"
        self.sound = None
        if self.audio is not None:
            self.sound = self.container.add_stream("aac", rate=self.sample_rate, layout="mono")
            self.sound.bit_rate = 128_000

    def write(self, frame: np.ndarray) -> None:
        """Add one picture (rows, columns, 3) uint8 RGB, and the sound that is heard while it shows."""
        if frame.shape != (*self.size, 3) or frame.dtype != np.uint8:
            raise InputError(f"a frame is {frame.shape} {frame.dtype}, not {(*self.size, 3)} uint8")
        picture = av.VideoFrame.from_ndarray(frame, format="rgb24")
        picture.pts, picture.time_base = self.n_frames, Fraction(1, self.fps)
        self.container.mux(self.video.encode(picture))
        self.n_frames += 1
        self._write_sound(round(self.n_frames * self.sample_rate / self.fps))

    def _write_sound(self, until: int) -> None:
        if self.sound is None or until <= self.n_samples:
            return
        samples = np.zeros(until - self.n_samples, np.float32)  # silence where the sound has ended
        part = self.audio[self.n_samples : until]
        samples[: len(part)] = part
        frame = av.AudioFrame.from_ndarray(samples[None], format="fltp", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = self.sample_rate, self.n_samples, Fraction(1, self.sample_rate)
        self.container.mux(self.sound.encode(frame))
        self.n_samples = until

    def __exit__(self, kind, error, trace) -> None:
        with self.open:
            if error is not None:
                raise error
            if not self.n_frames:
                raise InputError(f"nothing was written to {self.path}: there was no picture")
            for stream in filter(None, (self.video, self.sound)):
                self.container.mux(stream.encode(None))


def open_media(path: str | Path):
    """PyAV's container of a media file; an ``InputError`` says why it cannot be opened."""
    path = Path(path)
    if not path.exists():
        raise InputError(f"{path} does not exist: check the spelling")
    if path.is_dir():
        raise InputError(f"{path} is a folder: give a file in it")
    if path.stat().st_size == 0:
        raise InputError(f"{path} is empty (0 bytes): copy or download it again")
    try:
        return av.open(str(path), metadata_errors="ignore")
    except av.error.FFmpegError as error:
        raise InputError(f"{path} is not a video or sound file, or is cut off: {error.strerror}") from error


def first_streams(container):
    """The first video stream that is not cover art, and the first audio stream; None for what is missing."""
    videos = [s for s in container.streams.video if not s.disposition & av.stream.Disposition.attached_pic]
    audios = container.streams.audio
    return (videos[0] if videos else None), (audios[0] if audios else None)


def read_comment(path: str | Path) -> str:
    """What a media file says of itself in its metadata; "" where it says nothing, or is none."""
    try:
        with open_media(path) as container:
            return container.metadata.get("comment", "")
    except InputError:
        return ""


def decoded_frames(container, stream) -> Iterator:
    """Decoded frames of one stream; a damaged packet is left out, since time stamps keep the rest in time."""
    if stream.type == "video":
        stream.thread_type = "AUTO"
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets, None)
            if packet is None:
                return
            yield from packet.decode()
        except av.error.EOFError:
            return
        except av.error.FFmpegError:
            continue


def _duration(container, video) -> float:
    promised = cut_off.promised_seconds(container, video)
    return (container.duration or 0) / av.time_base if promised is None else promised


def _at_constant_rate(container, video, fps: int) -> Iterator:
    """For each k the decoded frame whose time stamp is nearest to k / fps seconds after the first one's."""
    usual = 1 / float(video.average_rate or fps)  # how long one picture shows
    first = before = before_time = None
    k = 0
    for frame in decoded_frames(container, video):
        time = float(frame.time) if frame.time is not None else (before_time + usual if before else 0.0)
        if first is None:
            first = time
        time -= first
        while before is not None and k / fps < (before_time + time) / 2:
            yield before
            k += 1
        before, before_time = frame, time
    if before is None:
        raise InputError("the video track holds no picture: export the video again")
    end, promised = before_time + usual, cut_off.promised_seconds(container, video)
    broken = cut_off.breaks_off(container, video, end, promised)
    if not broken and promised is not None and promised > end + 0.5 / fps:
        end = promised  # the last picture is held
    while k / fps < end - 1e-6:
        yield before
        k += 1
    if broken:
        expected = _duration(container, video)
        raise BreaksOffError(f"the video breaks off at {end:.1f} of {expected:.1f} seconds: copy or download it again")


def _shown_size(frame) -> tuple[int, int]:
    """(width, height) as a player shows a decoded frame: pixel shape and rotation obeyed."""
    aspect = frame.sample_aspect_ratio if getattr(frame, "sample_aspect_ratio", None) else 1
    width, height = round(frame.width * float(aspect)), frame.height
    return (height, width) if round(frame.rotation / 90) % 2 else (width, height)


def fit_scale(width: int, height: int, size: tuple[int, int], fit: str) -> tuple[int, int]:
    """(rows, columns) to which a shown picture is scaled before it is padded or cut to ``size``."""
    ratios = size[0] / height, size[1] / width
    scale = min(ratios) if fit == "letterbox" else max(ratios)
    return max(1, round(height * scale)), max(1, round(width * scale))


def _placed(shown: tuple[int, int], size: tuple[int, int], fit: str | Window) -> tuple[int, int, int, int]:
    """To how many rows and columns a picture shown so (width, height) is scaled, and where its first ones then lie."""
    if isinstance(fit, Window):
        scale = size[0] / fit.height
        return round(shown[1] * scale), round(shown[0] * scale), -round(fit.top * scale), -round(fit.left * scale)
    rows, columns = fit_scale(*shown, size, fit)
    return rows, columns, (size[0] - rows) // 2, (size[1] - columns) // 2  # negative where the picture hangs over


def fitted_picture(frame, size: tuple[int, int], fit: str | Window) -> np.ndarray:
    """A decoded frame, upright, fitted into ``size`` (rows, columns) as ``read_frames`` says: uint8 RGB."""
    turns = round(frame.rotation / 90) % 4
    rows, columns, top, left = _placed(_shown_size(frame), size, fit)
    width, height = (rows, columns) if turns % 2 else (columns, rows)
    picture = frame.reformat(width=width, height=height, format="rgb24", interpolation="AREA").to_ndarray()
    picture = np.rot90(picture, turns)  # (rows, columns, 3)
    out = np.zeros((*size, 3), np.uint8)
    down, across = max(top, 0), max(left, 0)
    inside = picture[max(-top, 0) : size[0] - top, max(-left, 0) : size[1] - left]
    out[down : down + inside.shape[0], across : across + inside.shape[1]] = inside
    return out
