"""Video and sound in time: files written here with known flashes and clicks are read back."""

import errno
from fractions import Fraction

import av
import numpy as np
import pytest

from dancing_utils import InputError, media

RATE = 22_050


def write_flashes(path, times, seconds, size=(48, 64)):
    """A video (no sound) with pictures at the given times; white within 0.2 s after each whole second, else black."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=30, options={"crf": "10"})
        stream.height, stream.width, stream.pix_fmt = *size, "yuv420p"
        stream.time_base = stream.codec_context.time_base = Fraction(1, 30_000)
        for time in times:
            white = 255 if time % 1 < 0.2 - 1e-6 else 0
            frame = av.VideoFrame.from_ndarray(np.full((*size, 3), white, np.uint8), format="rgb24")
            frame.pts, frame.time_base = round(time * 30_000), Fraction(1, 30_000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def rising_edges(path):
    """Seconds at which the picture turns white."""
    light = np.array([frame.mean() > 128 for frame in media.read_frames(path, size=(48, 64))])
    return (np.flatnonzero(np.diff(light.astype(int)) > 0) + 1) / 30, len(light)


@pytest.mark.parametrize("rate", [25, 30_000 / 1001, 30, 50, 60, "variable"])
def test_every_frame_rate_stays_in_time(tmp_path, rate):
    if rate == "variable":
        steps = np.random.default_rng(0).choice([1 / 60, 1 / 30, 1 / 20], 400)
        times = np.cumsum(steps) - steps[0]
        times = times[times < 10]
        tolerance = 1 / 20 + 1 / 60
    else:
        times = np.arange(0, 10, 1 / rate)
        tolerance = 1 / rate + 1 / 60
    write_flashes(tmp_path / "v.mp4", times, 10)
    edges, n = rising_edges(tmp_path / "v.mp4")
    np.testing.assert_allclose(edges, np.arange(1, 10), atol=tolerance)
    assert abs(n - 300) <= 2


def test_thirty_frames_a_second_pass_one_to_one(tmp_path):
    levels = np.arange(20, 240, 4)
    with media.VideoWriter(tmp_path / "v.mp4", size=(48, 64), crf=1) as writer:
        for level in levels:
            writer.write(np.full((48, 64, 3), level, np.uint8))
    read = [frame.mean() for frame in media.read_frames(tmp_path / "v.mp4", size=(48, 64))]
    np.testing.assert_allclose(read, levels, atol=2)


def test_rotation_of_a_phone_is_obeyed(tmp_path):
    """A picture stored lying down with a quarter turn in its header is given upright."""
    path = tmp_path / "phone.mp4"
    with media.VideoWriter(path, size=(48, 64), crf=5) as writer:
        picture = np.zeros((48, 64, 3), np.uint8)
        picture[:, :32] = 255  # white on the left: on top after a quarter turn clockwise
        for _ in range(10):
            writer.write(picture)
    content = bytearray(path.read_bytes())
    matrix = content.index(b"tkhd") + 44
    for i, value in enumerate([0, 1 << 16, 0, -(1 << 16), 0, 0]):  # the header's matrix for 90 degrees
        content[matrix + 4 * i : matrix + 4 * i + 4] = value.to_bytes(4, "big", signed=True)
    path.write_bytes(content)
    info = media.probe(path)
    assert (info.width, info.height) == (48, 64)
    frame = next(media.read_frames(path, size=(64, 48)))
    assert frame[:24].mean() > 200 and frame[40:].mean() < 50


def test_letterbox_and_crop():
    assert media.fit_scale(1920, 1080, (640, 360), "letterbox") == (202, 360)
    assert media.fit_scale(1920, 1080, (640, 360), "crop") == (640, 1138)
    assert media.fit_scale(360, 640, (640, 360), "letterbox") == (640, 360)


def test_letterbox_keeps_all_and_crop_fills(tmp_path):
    with media.VideoWriter(tmp_path / "wide.mp4", size=(36, 64)) as writer:
        for _ in range(5):
            writer.write(np.full((36, 64, 3), 255, np.uint8))
    boxed = next(media.read_frames(tmp_path / "wide.mp4", size=(64, 36)))
    white_rows = (boxed.mean((1, 2)) > 128).sum()
    assert abs(white_rows - 36 * 36 / 64) <= 1 and boxed[0].max() < 30
    assert next(media.read_frames(tmp_path / "wide.mp4", size=(64, 36), fit="crop")).min() > 200


def test_writer_makes_what_a_browser_plays_in_step(tmp_path):
    path = tmp_path / "ein Tänzer 舞.mp4"
    sound = np.zeros(4 * RATE, np.float32)
    for second in (0.5, 1.5, 2.5, 3.5):
        sound[round(second * RATE) :][:40] = 0.9
    with media.VideoWriter(path, size=(48, 64), audio=sound) as writer:
        for k in range(120):
            writer.write(np.full((48, 64, 3), 255 if k % 30 == 15 else 0, np.uint8))
    with av.open(str(path)) as container:
        video, audio = container.streams.video[0], container.streams.audio[0]
        assert (video.codec_context.name, video.codec_context.pix_fmt) == ("h264", "yuv420p")
        assert audio.codec_context.name == "aac"
    content = path.read_bytes()
    assert content.index(b"moov") < content.index(b"mdat")
    light = [frame.mean() for frame in media.read_frames(path, size=(48, 64))]
    assert [k for k, level in enumerate(light) if level > 128] == [15, 45, 75, 105]
    read = np.abs(media.read_audio(path))
    assert abs(len(read) / RATE - 4) < 0.1
    for second in (0.5, 1.5, 2.5, 3.5):
        start = round((second - 0.3) * RATE)
        assert abs((start + read[start : start + round(0.6 * RATE)].argmax()) / RATE - second) < 1 / 60
    assert list(tmp_path.iterdir()) == [path]


def test_sound_that_starts_after_the_picture(tmp_path):
    path = tmp_path / "late.mkv"
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=30)
        video.height, video.width, video.pix_fmt = 48, 64, "yuv420p"
        sound = container.add_stream("flac", rate=RATE, layout="mono")
        for k in range(60):
            frame = av.VideoFrame.from_ndarray(np.zeros((48, 64, 3), np.uint8), format="rgb24")
            frame.pts = k
            container.mux(video.encode(frame))
        samples = np.full((1, RATE), 12_000, np.int16)
        frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = RATE, RATE // 2, Fraction(1, RATE)
        container.mux(sound.encode(frame))
        for stream in (video, sound):
            container.mux(stream.encode(None))
    read = media.read_audio(path)
    assert abs(np.argmax(np.abs(read) > 0.1) / RATE - 0.5) < 0.005


def test_sound_only_and_silent_files(tmp_path, sample_clip):
    with media.VideoWriter(tmp_path / "silent.mp4", size=(48, 64)) as writer:
        writer.write(np.zeros((48, 64, 3), np.uint8))
    assert not media.probe(tmp_path / "silent.mp4").has_audio
    with pytest.raises(InputError, match="no sound"):
        media.read_audio(tmp_path / "silent.mp4")
    song = sample_clip.parents[1] / "songs" / "held_out_1.mp3"
    assert not media.probe(song).has_video
    with pytest.raises(InputError, match="no video"):
        next(media.read_frames(song))


def bad_files(folder, clip):
    (folder / "empty.mp4").touch()
    (folder / "text.mp4").write_text("this is no video\n" * 50)
    content = clip.read_bytes()
    (folder / "cut.mp4").write_bytes(content[: len(content) // 2])
    return {
        "missing.mp4": "does not exist", "": "is a folder", "empty.mp4": "0 bytes", "text.mp4": "not a video",
        "cut.mp4": "breaks off",
    }  # fmt: skip


def test_bad_files_are_named_with_what_to_do(tmp_path, sample_clip):
    for name, words in bad_files(tmp_path, sample_clip).items():
        with pytest.raises(InputError, match=words) as error:
            list(media.read_frames(tmp_path / name))
        assert "\n" not in str(error.value)


def test_writer_refuses_what_cannot_be_written(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="cannot write"), media.VideoWriter(tmp_path / "file" / "v.mp4"):
        pass
    with pytest.raises(InputError, match="even"):
        media.VideoWriter(tmp_path / "v.mp4", size=(47, 64))
    with pytest.raises(InputError, match="a frame is"), media.VideoWriter(tmp_path / "v.mp4", size=(48, 64)) as writer:
        writer.write(np.zeros((10, 10, 3), np.uint8))
    with pytest.raises(InputError, match="no picture"), media.VideoWriter(tmp_path / "v.mp4"):
        pass
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


def test_full_disk_leaves_nothing(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OSError, match="No space"), media.VideoWriter(tmp_path / "v.mp4", size=(48, 64)) as writer:
        monkeypatch.setattr(media.VideoWriter, "_write_sound", full)
        writer.write(np.zeros((48, 64, 3), np.uint8))
    assert not list(tmp_path.iterdir())
