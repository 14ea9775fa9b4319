"""Films made for tests, of the sample's clips or of nothing, and made bad in every known way."""

import functools
import itertools
import wave
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np

from dancing_utils.data import media

RATE = 22_050
N = 300  # pictures of a film, where it is not said otherwise


def frames_of(path, *, start=0, n=None, step=1):
    """Pictures of a film; of ``n`` there are fewer where N was made smaller."""
    n = min(n or N, 2 * N)
    yield from itertools.islice(media.read_frames(path), start, start + n, step)


def write(path, frames, *, fps=30, times=None, pix_fmt="yuv420p", codec="libx264", sound=None, faststart=True,
          rotated=False, **options):  # fmt: skip
    """Write pictures as a film; ``times`` (s) for a variable rate, ``rotated`` for a quarter turn in the header."""
    mux = {"movflags": "+faststart"} if faststart and Path(path).suffix == ".mp4" else {}
    with av.open(str(path), "w", options=mux) as container:
        stream = container.add_stream(codec, rate=fps, options={"preset": "veryfast", "crf": "20", **options})
        audio = container.add_stream("aac", rate=RATE, layout="mono") if sound is not None else None
        stream.time_base = stream.codec_context.time_base = Fraction(1, 30_000)
        for k, picture in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
            if k == 0:
                stream.height, stream.width, stream.pix_fmt = frame.height, frame.width, pix_fmt
            frame.pts = round(30_000 * (times[k] if times is not None else k / fps))
            frame.time_base = Fraction(1, 30_000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
        if audio is not None:
            heard = av.AudioFrame.from_ndarray(sound[None].astype(np.float32), format="fltp", layout="mono")
            heard.sample_rate, heard.pts, heard.time_base = RATE, 0, Fraction(1, RATE)
            for part in (heard, None):
                container.mux(audio.encode(part))
    if rotated:
        content = bytearray(Path(path).read_bytes())
        matrix = content.index(b"tkhd") + 44
        for i, value in enumerate([0, 1 << 16, 0, -(1 << 16), 0, 0]):  # the header's matrix for 90 degrees
            content[matrix + 4 * i : matrix + 4 * i + 4] = value.to_bytes(4, "big", signed=True)
        Path(path).write_bytes(content)
    return path


def sound_alone(path, *, rate, layout, seconds):
    """A tone without a picture, as AAC in the container that the file's ending says."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=rate, layout=layout)
        tone = 0.5 * np.sin(2 * np.pi * 440 * np.arange(seconds * rate) / rate).astype(np.float32)
        for start in range(0, len(tone) - 1023, 1024):
            channels = np.tile(tone[start : start + 1024], (2 if layout == "stereo" else 1, 1))
            frame = av.AudioFrame.from_ndarray(channels, format="fltp", layout=layout)
            frame.rate, frame.pts = rate, start
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return Path(path)


def place(seed):
    """A picture (480, 360, 3) of some place."""
    rng = np.random.default_rng(seed)
    picture = np.full((480, 360, 3), rng.integers(60, 200, 3), np.uint8)
    for _ in range(60):
        corner, size = rng.integers(0, 400, 2), rng.integers(10, 80, 2)
        cv2.rectangle(picture, corner.tolist(), (corner + size).tolist(), rng.integers(0, 255, 3).tolist(), -1)
    return cv2.GaussianBlur(picture, (3, 3), 0)


@functools.cache
def plate_of(clip):
    """The room of a clip without who dances in its middle.

    The wall is lighter than most of the dancer; where she stands all the time, each row goes straight on.
    """
    plate = np.percentile(np.stack(list(itertools.islice(media.read_frames(clip), 0, 590, 25))), 85, axis=0)
    left, right = 125, 257
    plate[:, left:right] = np.linspace(plate[:, left], plate[:, right], right - left, axis=1)
    return plate.astype(np.uint8)


def cut_out(clip, detector_frames):
    """(picture, mask) of a clip's dancer: what differs from the background."""
    plate = plate_of(clip).astype(int)
    for picture in detector_frames:
        mask = (np.abs(picture - plate).max(-1) > 24).astype(np.uint8)
        yield picture, cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((3, 3))).astype(bool)


# Each of these makes a film of the sample's clips, ada and ben, and returns its path.


def rotated(folder, ada, ben):
    return write(folder / "f.mp4", (np.rot90(f) for f in frames_of(ada)), rotated=True)


def variable_rate(folder, ada, ben):
    keep = np.flatnonzero(np.random.default_rng(0).random(300) < 0.8)
    frames = (f for k, f in enumerate(frames_of(ada)) if k in set(keep))
    return write(folder / "f.mp4", frames, times=keep / 30)


def eight_a_second(folder, ada, ben):
    return write(folder / "f.mp4", frames_of(ada, n=590, step=4), fps=8)


def ten_bits(folder, ada, ben):
    return write(folder / "f.mp4", frames_of(ada), pix_fmt="yuv420p10le")


def interlaced(folder, ada, ben):
    options = {"x264-params": "interlaced=1"}
    return write(folder / "f.mp4", frames_of(ada), **options)


def odd_size(folder, ada, ben):
    return write(folder / "f.mkv", (f[:637, :355] for f in frames_of(ada)), pix_fmt="yuv444p")


def cut_off_mp4(folder, ada, ben):
    path = write(folder / "f.mp4", frames_of(ada, n=590), g="30")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    return path


def cut_off_mkv(folder, ada, ben):
    path = write(folder / "f.mkv", frames_of(ada, n=590), g="30")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    return path


def cut_off_without_index(folder, ada, ben):
    path = write(folder / "f.mp4", frames_of(ada, n=60), faststart=False)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    return path


def bit_rot(folder, ada, ben):
    path = write(folder / "f.mp4", frames_of(ada, n=400), g="30")
    content, rng = bytearray(path.read_bytes()), np.random.default_rng(0)
    for place in rng.integers(content.index(b"mdat") + 2000, len(content), 8):
        content[place] ^= 1 << int(rng.integers(8))
    path.write_bytes(content)
    return path


def text(folder, ada, ben):
    path = folder / "film.mp4"
    path.write_text("Dear diary, today I danced.\n" * 100)
    return path


def zero_bytes(folder, ada, ben):
    path = folder / "film.mov"
    path.touch()
    return path


def sound_only(folder, ada, ben):
    path = folder / "film.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes(np.zeros(RATE, np.int16).tobytes())
    return path


def silent(folder, ada, ben):
    return write(folder / "f.mp4", frames_of(ada), sound=np.zeros(10 * RATE))


def without_sound(folder, ada, ben):
    return write(folder / "f.mp4", frames_of(ada))


def with_music(folder, ada, ben):
    return write(folder / "f.mp4", frames_of(ada), sound=media.read_audio(ada)[: 10 * RATE])


def two_people(folder, ada, ben):
    both = zip(frames_of(ada), frames_of(ben), strict=True)
    return write(folder / "f.mp4", (np.hstack(pair) for pair in both))


def crossing(folder, ada, ben):
    """Ben walks from left to right and back behind ada's back."""
    wide = np.hstack([np.full((640, 200, 3), 128, np.uint8), plate_of(ada), np.full((640, 200, 3), 128, np.uint8)])

    def frames():
        cut = (cut_out(clip, frames_of(clip)) for clip in (ada, ben))
        for k, ((hers, her_mask), (his, his_mask)) in enumerate(zip(*cut, strict=True)):
            picture = wide.copy()
            left = round(200 - 200 * np.cos(2 * np.pi * k / N))
            picture[:, left : left + 360][his_mask] = his[his_mask]
            picture[:, 200:560][her_mask] = hers[her_mask]
            yield picture

    return write(folder / "f.mp4", frames())


def away(folder, ada, ben):
    plate = plate_of(ada)
    return write(folder / "f.mp4", (plate if 1 <= 3 * k / N < 2 else f for k, f in enumerate(frames_of(ada))))


def upside_down(folder, ada, ben):
    return write(folder / "f.mp4", (f[::-1, ::-1] for f in frames_of(ada)))


def lying(folder, ada, ben):
    return write(folder / "f.mp4", (np.rot90(f) for f in frames_of(ada)))


def legs_only(folder, ada, ben):
    return write(folder / "f.mp4", (cv2.resize(f[384:, 72:288], (432, 512)) for f in frames_of(ada)))


def no_feet(folder, ada, ben):
    return write(folder / "f.mp4", (f[:430] for f in frames_of(ada)))


def drawing(folder, ada, ben):
    picture = np.full((640, 360, 3), 255, np.uint8)
    cv2.circle(picture, (180, 170), 40, (0, 0, 0), 4)
    for a, b in (((180, 210), (180, 380)), ((180, 250), (90, 330)), ((180, 250), (270, 330)), ((180, 380), (120, 540)),
                 ((180, 380), (240, 540))):  # fmt: skip
        cv2.line(picture, a, b, (0, 0, 0), 6)
    return write(folder / "f.mp4", (picture for _ in range(N)))


def photo(folder, ada, ben):
    picture = next(frames_of(ada))
    return write(folder / "f.mp4", (picture for _ in range(N)))


def flamingo(folder, ada, ben):
    """A pink bird on one leg, seen from the side, who bows."""

    def bird(k):
        picture = np.full((640, 360, 3), (120, 150, 110), np.uint8)
        picture[480:] = (70, 110, 140)
        bow = round(20 * np.sin(k / 10))
        cv2.ellipse(picture, (180, 300), (80, 50), -20, 0, 360, (240, 140, 150), -1)
        neck = np.array([(245, 285), (275, 230), (250, 180), (262, 130 + bow), (285, 120 + bow)])
        cv2.polylines(picture, [neck], False, (245, 150, 160), 16)
        cv2.circle(picture, (288, 122 + bow), 18, (245, 150, 160), -1)
        cv2.line(picture, (300, 125 + bow), (318, 145 + bow), (40, 40, 40), 8)
        cv2.line(picture, (185, 345), (180, 560), (230, 120, 130), 7)
        cv2.polylines(picture, [np.array([(200, 345), (225, 430), (190, 450)])], False, (230, 120, 130), 7)
        return cv2.GaussianBlur(picture, (5, 5), 0)

    return write(folder / "f.mp4", (bird(k) for k in range(N)))


def moving_camera(folder, ada, ben):
    """A camera that pans, rolls and zooms over a picture with things in it."""

    def view(k, f):
        room = np.hstack([place(3)[:, :200], place(4)[:, :200]]).repeat(2, 0)[:640].repeat(2, 1)[:, 220:580]
        mask = np.abs(f.astype(int) - plate).max(-1) > 24
        room = np.where(mask[..., None], f, room)
        turn = cv2.getRotationMatrix2D((180, 320), 2 * np.sin(k / 17), 1.15 + 0.05 * np.sin(k / 29))
        turn[0, 2] += 18 * np.sin(k / 23)
        return cv2.warpAffine(room, turn, (360, 640))

    plate = plate_of(ada)
    return write(folder / "f.mp4", (view(k, f) for k, f in enumerate(frames_of(ada))))


def cut_together(folder, ada, ben):
    return write(folder / "f.mp4", itertools.chain(frames_of(ada, n=130), frames_of(ben, n=330)))


def dark(folder, ada, ben):
    return write(folder / "f.mp4", ((0.4 * f).astype(np.uint8) for f in frames_of(ada)))


def blurred(folder, ada, ben):
    return write(folder / "f.mp4", (cv2.GaussianBlur(f, (0, 0), 5) for f in frames_of(ada)))


def far_away(folder, ada, ben):
    plate = cv2.resize(plate_of(ada)[:40, :40], (720, 720))

    def small(f):
        picture = plate.copy()
        picture[200:520, 300:480] = cv2.resize(f, (180, 320), interpolation=cv2.INTER_AREA)
        return picture

    return write(folder / "f.mp4", (small(f) for f in frames_of(ada)))


def noise(folder, ada, ben):
    rng = np.random.default_rng(0)
    return write(folder / "f.mp4", (rng.integers(0, 255, (360, 640, 3), np.uint8) for _ in range(60)))


def an_hour(folder, ada, ben):
    """The clip's packets, again and again."""
    short = write(folder / "short.mp4", (cv2.resize(f, (180, 320)) for f in frames_of(ada, n=590)), crf="32", g="30")
    with av.open(str(short)) as source, av.open(str(folder / "f.mp4"), "w") as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        packets = [packet for packet in source.demux(video=0) if packet.pts is not None]
        length = round(590 / 30 / packets[0].time_base)
        for packet in packets:
            packet.stream = stream
        times = [(packet.pts, packet.dts) for packet in packets]
        for k in range(3600 * 30 // 590):
            for packet, (pts, dts) in zip(packets, times, strict=True):
                packet.pts, packet.dts = pts + k * length, dts + k * length
                target.mux(packet)
    return folder / "f.mp4"


def four_k(folder, ada, ben):
    large = (cv2.resize(f, (2160, 3840)) for f in frames_of(ada, n=270))
    return write(folder / "f.mp4", large, preset="ultrafast", g="30")
