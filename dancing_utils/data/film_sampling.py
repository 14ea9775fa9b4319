"""Pictures spread over a film, reached by its key frames: an hour of 4K is sampled without decoding an hour of 4K.

A compressed film can only be entered at a key frame; every other picture is decoded from the key frame before it. So
each stretch of the film gives a key frame if it has one, and else some other picture, as far as a fixed number of
decoded pixels allows: what is sampled depends on the film alone, not on how fast the machine is. One picture is in
memory at a time. Times are seconds after the first picture of the file.

Notebook: 01_extract_data.ipynb
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np

from dancing_utils import FPS, InputError
from dancing_utils.data import cut_off, media

SPACING = 0.5  # seconds between two samples of a short film
GOLDEN = 0.618  # of a stretch: by so much the place of a sample in its stretch moves on
FEWEST, MOST = 24, 120  # samples of a film
DECODED = 2e9  # pixels that may be decoded between key frames: 1000 pictures of 1920 x 1080
BACK = (0, 2, 10, 60)  # seconds before a time at which its key frame is looked for
LONGEST_SIDE = 1280  # of a sampled picture: what a dancer's key frames keep


@dataclass(frozen=True)
class Sample:
    """One picture of a film."""

    time: float  # seconds
    picture: np.ndarray  # (rows, columns, 3) uint8 RGB, upright, its longest side at most 1280
    damaged: bool = False  # the decoder says that something in it is missing


class FilmSampler:
    """Sampled pictures of one film. Use as a context manager.

    Raises
    ------
    InputError
        If the path is missing, a directory, empty, not a media file, or has no picture in it.
    """

    def __init__(self, path: str | Path):
        self.info = media.probe(path)
        if not self.info.has_video:
            raise InputError(f"{path} has sound but no picture: give a video file")
        self._open()
        self._scout = media.open_media(path)  # looks for key frames while the other decodes
        self._scouted, _ = media.first_streams(self._scout)
        self.decoded = 0  # pixels, so far
        first = next(self._decoded())
        self._zero = first.time or 0.0
        self.usual = 1 / float(self._video.average_rate or FPS)  # seconds that one picture shows
        self.duration = self.info.duration or self._measure()
        self.interlaced = bool(first.interlaced_frame)
        self.transfer = int(first.color_trc)  # how light becomes numbers, as H.273 numbers it
        self.end = None  # where the pictures ended, if before the time that was asked for
        self._position, self._frames = -1.0, iter(())  # the time of the last picture decoded, and those after it
        self._latest = 0.0  # of all times

    def __enter__(self) -> "FilmSampler":
        return self

    def __exit__(self, *_) -> None:
        self._film.close()
        self._scout.close()

    @property
    def breaks_off(self) -> bool:
        """Whether the file was cut off (a broken download), as far as the samples read so far tell."""
        if self.end is None:
            return False
        return cut_off.breaks_off(self._film, self._video, self.end, cut_off.promised_seconds(self._film, self._video))

    def spread(self) -> Iterator[Sample]:
        """The planned samples in the order of time; none twice, and none where nothing could be decoded."""
        before = -1.0
        for time in self.plan():
            sample = self.read(time)
            if sample is not None and sample.time > before:
                before = sample.time
                yield sample

    def plan(self) -> list[float]:
        """Times in seconds at which to look, in each of 24 to 120 equal stretches: a key frame's if there is one.

        The place in the stretch changes from one to the next, since dances repeat themselves at even times.
        """
        n = int(np.clip(round(self.duration / SPACING), FEWEST, MOST))
        edges = np.linspace(0, self.duration, max(1, min(n, round(self.duration / self.usual))) + 1).tolist()
        chosen = [self._choose(begin, end, k * GOLDEN % 1)
                  for k, (begin, end) in enumerate(zip(edges, edges[1:], strict=False))]  # fmt: skip
        without = {key for time, key in chosen if time > key}
        pixels = max(1, len(without)) * self._video.width * self._video.height
        reach = DECODED / pixels * self.usual  # seconds behind a key frame
        return [time for time, key in chosen if time - key <= reach]

    def _choose(self, begin: float, end: float, share: float) -> tuple[float, float]:
        """A time in a stretch, and the key frame before it; the two are the same where the stretch has a key frame."""
        wanted = begin + share * (end - begin)
        for time in (wanted, end - self.usual / 2):
            key = self.key_time(time)
            if key >= begin:
                return key, key
        return wanted, key

    def key_time(self, time: float) -> float:
        """When the last key frame up to a time shows; 0 where the film can only be read from its beginning."""
        return self._way_in(time)[0]

    def _way_in(self, time: float) -> tuple[float, float]:
        """The time of the last key frame up to ``time``, and the time to seek for to get to it.

        Seeking leads to a key frame in most kinds of files; in some, such as a camcorder's, to anywhere before.
        """
        for back in BACK:
            keys = []
            for seconds, is_key in self._packets_from(time - back):
                if seconds > time + 1e-6:
                    break
                keys += [seconds] * is_key
                if keys and back == 0:
                    break
            if keys:
                return max(0.0, keys[-1]), time - back
        return 0.0, -math.inf

    def _packets_from(self, time: float) -> Iterator[tuple[float, bool]]:
        """Time and whether it is a key frame of each packet, not decoded; none where the film cannot be entered."""
        try:
            self._scout.seek(self._stamp(time), stream=self._scouted)
            for packet in self._scout.demux(self._scouted):
                stamp = packet.dts if packet.pts is None else packet.pts
                if stamp is not None:
                    yield float(stamp * packet.time_base) - self._zero, packet.is_keyframe
        except av.error.FFmpegError:
            return

    def read(self, time: float) -> Sample | None:
        """The picture that begins at a time or is the next to begin, or the last there is; None without any."""
        key, target = self._way_in(time)
        if time <= self._position or key > self._position + self.usual / 2:
            self._enter(target)
        frame = last = None
        for frame in self._frames:
            if (frame.time or 0.0) - self._zero < key - self.usual / 2:  # it leans on pictures before the key frame
                continue
            self._position, last = self._time(frame), frame
            self._latest = max(self._latest, self._position)
            if self._position >= time - self.usual / 2:
                return self._sample(frame)
        self.end = self._latest + self.usual
        return self._sample(last) if last is not None else None

    def _enter(self, time: float) -> None:
        self._position = -1.0
        if time > -math.inf:
            self._film.seek(self._stamp(time), stream=self._video)
        else:
            self._film.close()
            self._open()
        self._frames = self._decoded()

    def _open(self) -> None:
        self._film = media.open_media(self.info.path)
        self._video, _ = media.first_streams(self._film)
        self._video.thread_type = "AUTO"

    def _decoded(self) -> Iterator:
        """Decoded pictures from here on; a damaged packet is left out."""
        packets = self._film.demux(self._video)
        while True:
            try:
                packet = next(packets, None)
                if packet is None:
                    return
                for frame in packet.decode():
                    self.decoded += frame.width * frame.height
                    yield frame
            except av.error.EOFError:
                return
            except av.error.FFmpegError:
                continue

    def _time(self, frame) -> float:
        return self._position + self.usual if frame.time is None else float(frame.time) - self._zero

    def _stamp(self, time: float) -> int:
        return round((max(0.0, time) + self._zero) / self._video.time_base)

    def _sample(self, frame) -> Sample:
        scale = min(1.0, LONGEST_SIDE / max(self.info.width, self.info.height))
        size = max(1, round(self.info.height * scale)), max(1, round(self.info.width * scale))
        return Sample(self._position, media.fitted_picture(frame, size, "letterbox"), bool(frame.is_corrupt))

    def _measure(self) -> float:
        """Seconds of a film that does not say how long it is: the last time stamp, without decoding."""
        return max([0.0, *(seconds for seconds, _ in self._packets_from(0.0))]) + self.usual
