"""Video and sound in time: files written here with known flashes and clicks are read back."""

import errno
import struct
from fractions import Fraction

import av
import numpy as np
import pytest

from dancing_utils import InputError
from dancing_utils.data import media

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


def test_the_picture_nearest_in_time_is_taken(tmp_path):
    """Of 50 a second; FFmpeg's filter ``fps`` takes pictures 13 ms away where one 7 ms away is there."""
    with media.VideoWriter(tmp_path / "v.mp4", size=(32, 32), fps=50, crf=0) as writer:
        for k in range(50):
            writer.write(np.full((32, 32, 3), 20 + 4 * k, np.uint8))
    taken = [round((frame.mean() - 20) / 4) for frame in media.read_frames(tmp_path / "v.mp4", size=(32, 32))]
    np.testing.assert_array_equal(taken, [round(k * 50 / 30) for k in range(30)])


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


def write_packets(path, codec, edit, *, seconds=4, video_codec="libx264", rate=RATE):
    """A video with clicks at 0.5, 1.5, ... s; ``edit(stream, packet)`` may change a packet, or drop it by None."""
    sound = np.zeros(seconds * rate, np.float32)
    for k in range(seconds):
        sound[round((k + 0.5) * rate) :][:40] = 0.9
    with av.open(str(path), "w") as container:
        video = container.add_stream(video_codec, rate=30)
        video.height, video.width, video.pix_fmt = 48, 64, "yuv420p"
        audio = container.add_stream(codec, rate=rate, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.round(sound[None] * 32_767).astype(np.int16), format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = rate, 0, Fraction(1, rate)
        resampled = av.AudioResampler(audio.format, "mono", rate).resample(frame)
        black = av.VideoFrame.from_ndarray(np.zeros((48, 64, 3), np.uint8), format="rgb24")
        packets = [(audio, p) for f in [*resampled, None] for p in audio.encode(f)]
        for k in range(30 * seconds):
            black.pts, black.time_base = k, Fraction(1, 30)
            packets += [(video, p) for p in video.encode(black)]
        packets += [(video, p) for p in video.encode(None)]
        for stream, packet in sorted(packets, key=lambda pair: pair[1].dts * pair[1].time_base):
            packet = edit(stream, packet)
            if packet is not None:
                container.mux(packet)


def clicks(sound):
    """Seconds at which a click begins."""
    loud = np.flatnonzero(np.abs(sound) > 0.3) / RATE
    return loud[np.diff(loud, prepend=-1) > 0.1]


@pytest.mark.parametrize("kind, codec", [("mp4", "aac"), ("mkv", "aac"), ("mkv", "flac"), ("mkv", "libmp3lame")])
def test_a_hole_in_the_sound_is_silence_and_what_follows_stays_in_time(tmp_path, kind, codec):
    def lose(stream, packet):
        lost = stream.type == "audio" and 1 <= float(packet.pts * packet.time_base) < 2
        return None if lost else packet

    write_packets(tmp_path / f"v.{kind}", codec, lose)
    sound = media.read_audio(tmp_path / f"v.{kind}")
    np.testing.assert_allclose(clicks(sound), [0.5, 2.5, 3.5], atol=0.01)
    assert np.abs(sound[round(1.3 * RATE) : round(1.9 * RATE)]).max() < 1e-3 and abs(len(sound) / RATE - 4) < 0.1


def test_sound_that_overlaps_is_cut(tmp_path):
    """From 2 s on every packet says that it is heard half a second earlier than it should."""
    last = []

    def early(stream, packet):
        if stream.type == "audio":
            if float(packet.pts * packet.time_base) >= 2:
                packet.pts = packet.dts = max(packet.pts - round(0.5 / packet.time_base), last[-1] + 20)
            last.append(packet.pts)
        return packet

    write_packets(tmp_path / "v.mkv", "flac", early)
    sound = media.read_audio(tmp_path / "v.mkv")
    np.testing.assert_allclose(clicks(sound), [0.5, 1.5, 3.0], atol=0.01)
    assert abs(len(sound) / RATE - 3.5) < 0.01


def test_rounded_time_stamps_neither_click_nor_drift(tmp_path):
    """Matroska keeps milliseconds: the samples are those of the FLAC packets, one after the other."""
    for name in ("v.mkv", "v.mp4"):
        write_packets(tmp_path / name, "flac", lambda _, packet: packet)
    np.testing.assert_array_equal(media.read_audio(tmp_path / "v.mkv"), media.read_audio(tmp_path / "v.mp4"))
    assert len(media.read_audio(tmp_path / "v.mkv")) == 4 * RATE


def test_sound_without_time_stamps_is_one_piece(tmp_path, monkeypatch):
    write_packets(tmp_path / "v.mp4", "flac", lambda _, packet: packet)
    sound, decoded = media.read_audio(tmp_path / "v.mp4"), media.decoded_frames

    def without(*args):
        for frame in decoded(*args):
            frame.pts = None
            yield frame

    monkeypatch.setattr(media, "decoded_frames", without)
    np.testing.assert_array_equal(media.read_audio(tmp_path / "v.mp4"), sound)


def test_sound_that_changes_its_sample_rate_is_said(tmp_path):
    joined = b""
    for rate in (22_050, 44_100):
        with av.open(str(tmp_path / "one.aac"), "w", format="adts") as container:
            stream = container.add_stream("aac", rate=rate, layout="mono")
            frame = av.AudioFrame.from_ndarray(np.full((1, rate), 0.1, np.float32), format="fltp", layout="mono")
            frame.sample_rate = rate
            container.mux([*stream.encode(frame), *stream.encode(None)])
        joined += (tmp_path / "one.aac").read_bytes()
    (tmp_path / "two.aac").write_bytes(joined)
    with pytest.raises(InputError, match="changes after 1.1 s"):
        media.read_audio(tmp_path / "two.aac")


def test_a_time_stamp_far_beyond_the_end_is_not_believed(tmp_path):
    def jump(stream, packet):
        if stream.type == "audio" and float(packet.pts * packet.time_base) >= 2:
            packet.pts = packet.dts = packet.pts + round(7200 / packet.time_base)
        return packet

    write_packets(tmp_path / "v.mkv", "flac", jump)
    content = (tmp_path / "v.mkv").read_bytes()
    stated = content.index(b"\x44\x89\x88") + 3  # the header's Duration in milliseconds, a float64
    (tmp_path / "v.mkv").write_bytes(content[:stated] + struct.pack(">d", 4000.0) + content[stated + 8 :])
    np.testing.assert_allclose(clicks(media.read_audio(tmp_path / "v.mkv")), [0.5, 1.5, 2.5, 3.5], atol=0.01)


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


def write_held(path, *, options):
    """Two seconds of noise at 30 pictures a second, ever lighter; the last is shown for three seconds more."""
    noise = np.random.default_rng(0).integers(0, 16, (60, 48, 64, 3))
    with av.open(str(path), "w", options={"movflags": "+faststart"} if path.suffix == ".mp4" else {}) as container:
        stream = container.add_stream("libx264", rate=30, options={"crf": "1", **options})
        stream.height, stream.width, stream.pix_fmt = 48, 64, "yuv420p"
        packets = []
        for k in range(60):
            frame = av.VideoFrame.from_ndarray((4 * k + noise[k]).astype(np.uint8), format="rgb24")
            frame.pts = k
            packets += stream.encode(frame)
        packets += stream.encode(None)
        packets[-1].duration += round(3 / packets[-1].time_base)
        for packet in packets:
            container.mux(packet)


@pytest.mark.parametrize("name", ["v.mp4", "v.mov", "v.mkv"])
@pytest.mark.parametrize("options", [{}, {"bf": "0"}])
def test_a_last_picture_that_is_held_is_shown_so_long(tmp_path, name, options):
    write_held(tmp_path / name, options=options)
    levels = [frame.mean() for frame in media.read_frames(tmp_path / name, size=(48, 64))]
    assert abs(len(levels) - 150) <= 1 and abs(media.probe(tmp_path / name).n_frames - 150) <= 1
    np.testing.assert_allclose(levels, 4 * np.minimum(np.arange(len(levels)), 59) + 7.5, atol=4)


@pytest.mark.parametrize("name", ["v.mp4", "v.mkv", "v.webm"])
def test_a_file_cut_in_half_breaks_off_though_its_last_picture_was_held(tmp_path, name):
    write_held(tmp_path / name, options={}) if name != "v.webm" else write_packets(
        tmp_path / name, "libopus", lambda _, packet: packet, video_codec="libvpx", rate=48_000)  # fmt: skip
    content = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(content[: len(content) * 2 // 3])
    given = []
    with pytest.raises(InputError, match="breaks off at"):
        given.extend(media.read_frames(tmp_path / name, size=(48, 64)))
    assert 10 < len(given) < 110


def test_pictures_that_end_before_the_sound_are_not_held(tmp_path):
    """Matroska states the length of the whole file, here the sound's."""

    def shorter(stream, packet):
        return None if stream.type == "video" and packet.pts * packet.time_base >= 2 else packet

    write_packets(tmp_path / "v.mkv", "flac", shorter)
    n_frames = len(list(media.read_frames(tmp_path / "v.mkv", size=(48, 64))))
    assert abs(n_frames - 60) <= 2 and abs(media.probe(tmp_path / "v.mkv").n_frames - n_frames) <= 1


def test_a_damaged_packet_in_the_middle_is_passed_over(tmp_path):
    write_held(tmp_path / "v.mp4", options={"g": "10", "bf": "0"})
    with av.open(str(tmp_path / "v.mp4")) as container:
        packets = [packet for packet in container.demux(video=0) if packet.size]
    content = bytearray((tmp_path / "v.mp4").read_bytes())
    for packet in packets[20:23]:
        content[packet.pos : packet.pos + packet.size] = bytes(packet.size)
    (tmp_path / "v.mp4").write_bytes(content)
    assert abs(len(list(media.read_frames(tmp_path / "v.mp4", size=(48, 64)))) - 150) <= 1


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


def test_a_picture_is_written_whole_or_refused_in_words(tmp_path):
    picture = np.random.default_rng(0).integers(0, 256, (6, 8, 3), dtype=np.uint8)
    media.write_png(tmp_path / "Bild é.png", picture)
    with av.open(str(tmp_path / "Bild é.png")) as container:
        np.testing.assert_array_equal(next(container.decode(video=0)).to_ndarray(format="rgb24"), picture)
    (tmp_path / "folder.png").mkdir()
    for place in ("folder.png", "Bild é.png/a.png"):
        with pytest.raises(InputError, match="cannot write"):
            media.write_png(tmp_path / place, picture)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["Bild é.png", "folder.png"]


def test_full_disk_leaves_nothing(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OSError, match="No space"), media.VideoWriter(tmp_path / "v.mp4", size=(48, 64)) as writer:
        monkeypatch.setattr(media.VideoWriter, "_write_sound", full)
        writer.write(np.zeros((48, 64, 3), np.uint8))
    assert not list(tmp_path.iterdir())
