"""Extraction of the real sample clip, and of everything that can be wrong with a file."""

import errno

import numpy as np
import pytest

from dancing_utils import InputError, dataset, extract, media


def write_video(path, *, seconds=6.0, sound=True):
    """A grey video in which nobody is."""
    audio = np.zeros(round(seconds * 22_050), np.float32) if sound else None
    with media.VideoWriter(path, size=(64, 36), audio=audio) as writer:
        for _ in range(round(seconds * 30)):
            writer.write(np.full((64, 36, 3), 90, np.uint8))


def test_the_sample_clip(sample_data, sample_clip):
    assert dataset.validate(sample_data) == []
    clip = dataset.read_clips(sample_data)[0]
    assert clip.source == sample_clip.name and clip.poses.shape == (447, 33, 2)  # 595 frames: three whole windows
    assert clip.detected.all()
    stored = dataset.read_frames(sample_data, "Dataset2", start=0, stop=1)[0]
    frames = media.read_frames(sample_clip)
    assert np.array_equal(stored, [frame for frame, _ in zip(frames, range(150), strict=False)][149])
    group = dataset.read_group(sample_data, "Dataset1")
    assert group.visibility.mean() > 0.9 and group.onset_strength.max() > 1


def test_again_skips_and_a_new_video_is_added(tmp_path, sample_clip, pose_model, monkeypatch):
    first, second = sample_clip, sample_clip.with_name("ada_02.mp4")
    detections = []
    monkeypatch.setattr(extract.pose.PoseDetector, "detect", lambda self, frame: detections.append(1) or (
        np.full((33, 2), 0.5, np.float32), np.ones(33, np.float32)))  # fmt: skip
    output = tmp_path / "two words.h5"
    extract.extract([first], output, progress=False)
    report = extract.extract([first, second], output, progress=False)
    assert (report.done, report.skipped, report.n_groups) == ([second], [first], 6)
    assert len(detections) == 595 + 594  # frames of the two clips
    assert extract.extract([first, second], output, progress=False).skipped == [first, second]
    assert list(tmp_path.iterdir()) == [output] and dataset.validate(output) == []


def test_a_stopped_run_goes_on(tmp_path, sample_clip, monkeypatch):
    """Stopped in the second video: the first is kept, nothing carries a final name, the next run does the rest."""
    seen = []

    def detect(self, frame):
        seen.append(1)
        if len(seen) == 700:
            raise KeyboardInterrupt
        return np.full((33, 2), 0.5, np.float32), np.ones(33, np.float32)

    monkeypatch.setattr(extract.pose.PoseDetector, "detect", detect)
    output = tmp_path / "out.h5"
    videos = [sample_clip, sample_clip.with_name("ada_02.mp4")]
    with pytest.raises(KeyboardInterrupt):
        extract.extract(videos, output, progress=False)
    assert not output.exists() and len(list((tmp_path / "out.h5.parts").iterdir())) == 1
    seen.clear()
    seen += [1] * 700
    assert extract.extract(videos, output, progress=False).done == videos
    assert len(seen) == 700 + 594  # the first video's 595 frames were not looked at again


def test_bad_videos_are_reported_and_the_rest_goes_on(tmp_path, sample_clip, monkeypatch):
    def detect(self, frame):
        return None if frame.std() < 1 else (np.full((33, 2), 0.5, np.float32), np.ones(33, np.float32))

    monkeypatch.setattr(extract.pose.PoseDetector, "detect", detect)
    write_video(tmp_path / "nobody.mp4")
    write_video(tmp_path / "silent.mp4", sound=False)
    write_video(tmp_path / "short.mp4", seconds=2)
    (tmp_path / "text.mp4").write_text("no video")
    content = sample_clip.read_bytes()
    (tmp_path / "cut.mp4").write_bytes(content[: len(content) // 2])
    words = {
        "nobody.mp4": "no person", "silent.mp4": "no sound", "short.mp4": "2.0 s", "text.mp4": "not a video",
        "cut.mp4": "breaks off", "missing.mp4": "does not exist",
    }  # fmt: skip
    report = extract.extract([*(tmp_path / name for name in words), sample_clip], tmp_path / "out.h5", progress=False)
    assert report.done == [sample_clip] and report.n_groups == 3
    reasons = {path.name: reason for path, reason in report.failed}
    assert reasons.keys() == words.keys()
    for name, part in words.items():
        assert part in reasons[name], reasons[name]
    assert not list(tmp_path.glob("*.parts"))


def test_outputs_that_cannot_be(tmp_path, sample_clip):
    (tmp_path / "file").touch()
    (tmp_path / "mine.h5").write_text("something else")
    for output, words in (("file/out.h5", "cannot write"), ("mine.h5", "not an HDF5"), (".", "is a folder")):
        with pytest.raises(InputError, match=words):
            extract.extract([sample_clip], tmp_path / output, progress=False)
    assert (tmp_path / "mine.h5").read_text() == "something else"
    with pytest.raises(InputError, match="holds no video"):
        (tmp_path / "none").mkdir()
        extract.extract([tmp_path / "none"], tmp_path / "out.h5")


def test_disk_that_is_or_becomes_full(tmp_path, sample_clip, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(extract.dataset, "write_frame", full)
    report = extract.extract([sample_clip], tmp_path / "out.h5", progress=False)
    assert "No space left" in report.failed[0][1] and not list(tmp_path.iterdir())
    monkeypatch.setattr(extract.shutil, "disk_usage", lambda _: type("Usage", (), {"free": 1e6}))
    with pytest.raises(InputError, match="free some space"):
        extract.extract([sample_clip], tmp_path / "out.h5", progress=False)
