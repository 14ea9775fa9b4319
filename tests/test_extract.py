"""Extraction of the real sample clip, and of everything that can be wrong with a file."""

import errno
import hashlib
import re

import h5py
import made_films
import numpy as np
import pytest
from typer.testing import CliRunner

from dancing_utils import InputError, cli
from dancing_utils.data import dataset, extract, extract_film, films, media
from dancing_utils.evaluation import truth
from dancing_utils.pose.detector import Detection, PoseDetector


def write_video(path, *, seconds=6.0, sound=True, level=90):
    """A grey video in which nobody is, with a tone."""
    path.parent.mkdir(exist_ok=True)
    tone = 0.1 * np.sin(np.arange(round(seconds * 22_050)) / 8).astype(np.float32)
    audio = tone if sound else None
    with media.VideoWriter(path, size=(64, 36), audio=audio) as writer:
        for _ in range(round(seconds * 30)):
            writer.write(np.full((64, 36, 3), level, np.uint8))


def person_at(place, *, shape=(640, 360), columns=slice(None)):
    """A person with all landmarks at one place, whose mask is all of these columns."""
    mask = np.zeros(shape, np.uint8)
    mask[:, columns] = 255
    return Detection(np.full((33, 2), place, np.float32), np.ones(33, np.float32), np.full(33, place, np.float32), mask)


@pytest.fixture
def grey_person(monkeypatch):
    """A detector that finds a person in every picture, all landmarks at its grey level; counts the pictures."""
    seen = []
    monkeypatch.setattr(PoseDetector, "__init__", lambda self, **_: None)
    monkeypatch.setattr(PoseDetector, "close", lambda self: None)
    monkeypatch.setattr(
        PoseDetector, "find_people", lambda self, frame: seen.append(1) or [person_at(frame.mean() / 255)]
    )
    return seen


def test_the_sample_clip(sample_data, sample_clip):
    assert dataset.validate(sample_data) == []
    clip = dataset.read_clips(sample_data)[0]
    assert clip.source == sample_clip.name and clip.poses.shape == (595, 33, 2)
    assert clip.groups == [f"Dataset{i}" for i in range(1, 5)]
    assert clip.detected.all()
    stored = dataset.read_frames(sample_data, "Dataset2", start=0, stop=1)[0]
    frames = media.read_frames(sample_clip)
    assert np.array_equal(stored, [frame for frame, _ in zip(frames, range(150), strict=False)][149])
    last = dataset.read_frames(sample_data, "Dataset4", start=148)[0]
    assert np.array_equal(last, list(media.read_frames(sample_clip))[-1])
    group = dataset.read_group(sample_data, "Dataset1")
    assert np.abs(group.depth).max() < 1.5 and np.ptp(group.depth[:, 15]) > 0.1  # metres; a wrist comes and goes
    column, row = (group.poses[70, 23] * (360, 640)).astype(int)  # left hip
    assert dataset.read_masks(sample_data, "Dataset1", start=70, stop=71)[0, row, column] == 255
    assert group.visibility.mean() > 0.9 and group.onset_strength.max() > 1
    true = truth.load(sample_clip.parents[1] / "truth" / f"{sample_clip.stem}.npz").beats
    off = np.abs(clip.beats[:, None] - true).min(1)
    assert len(clip.beats) > 20 and np.median(off) < 0.02 and clip.attributes["beat_regularity"] > 0.2


@pytest.mark.slow
def test_again_skips_and_a_new_video_is_added(tmp_path, sample_clip, pose_model, monkeypatch):
    first, second = sample_clip, sample_clip.with_name("ada_02.mp4")
    detections = []
    monkeypatch.setattr(PoseDetector, "find_people", lambda self, frame: detections.append(1) or [person_at(0.5)])
    output = tmp_path / "two words.h5"
    extract.extract([first], output, progress=False)
    report = extract.extract([first, second], output, progress=False)
    assert (report.done, report.skipped, report.n_groups) == ([second], [first], 8)
    assert len(detections) == 595 + 594  # frames of the two clips
    assert extract.extract([first, second], output, progress=False).skipped == [first, second]
    assert list(tmp_path.iterdir()) == [output] and dataset.validate(output) == []


@pytest.mark.slow
def test_a_stopped_run_goes_on(tmp_path, sample_clip, monkeypatch):
    """Stopped in the second video: the first is kept, nothing carries a final name, the next run does the rest."""
    seen = []

    def detect(self, frame):
        seen.append(1)
        if len(seen) == 700:
            raise KeyboardInterrupt
        return [person_at(0.5)]

    monkeypatch.setattr(PoseDetector, "find_people", detect)
    output = tmp_path / "out.h5"
    videos = [sample_clip, sample_clip.with_name("ada_02.mp4")]
    with pytest.raises(KeyboardInterrupt):
        extract.extract(videos, output, progress=False)
    assert not output.exists() and len(list((tmp_path / "out.h5.parts").iterdir())) == 1
    seen.clear()
    seen += [1] * 700
    assert extract.extract(videos, output, progress=False).done == videos
    assert len(seen) == 700 + 594  # the first video's 595 frames were not looked at again


@pytest.mark.slow
def test_films_of_one_name_stay_two(tmp_path, grey_person):
    films = [tmp_path / "a" / "IMG_1.mp4", tmp_path / "b" / "IMG_1.mp4"]
    for film, level in zip(films, (60, 180), strict=True):
        write_video(film, seconds=10, level=level)
    output = tmp_path / "out.h5"
    assert extract.extract(films, output, progress=False).done == films
    clips = dataset.read_clips(output)
    assert [len(clip.poses) for clip in clips] == [300, 300] and dataset.validate(output) == []
    assert all(np.ptp(clip.poses) < 0.01 for clip in clips), "one clip shows two films"
    assert [clip.content for clip in clips] == [hashlib.sha256(film.read_bytes()).hexdigest() for film in films]


def test_the_same_film_counts_once(tmp_path, grey_person):
    film, copy, link = (tmp_path / name for name in ("film.mp4", "copy.mp4", "link.mp4"))
    write_video(film)
    copy.write_bytes(film.read_bytes())
    try:
        link.symlink_to(film)
    except OSError:  # Windows lets only some people make links
        link.write_bytes(film.read_bytes())
    first, second = tmp_path / "one.h5", tmp_path / "two.h5"
    report = extract.extract([film, film, copy, link], first, progress=False)
    assert (report.done, report.skipped, report.n_groups) == ([film], [copy, link], 2)
    assert [(path, f"is the same film as {film}" in words) for path, words in report.remarks] == [
        (copy, True), (link, True),
    ]  # fmt: skip
    extract.extract([film], second, progress=False)
    report = extract.extract([copy], second, progress=False)
    assert (report.done, report.skipped, report.n_groups) == ([], [copy], 2)
    assert "is the same film as film.mp4" in report.remarks[0][1]
    report = extract.extract([film], second, progress=False)
    assert report.skipped == [film] and not report.remarks


@pytest.mark.slow
def test_one_film_with_two_settings_is_not_spliced(tmp_path, grey_person):
    write_video(tmp_path / "film.mp4", seconds=10)
    output = tmp_path / "out.h5"
    extract.extract([tmp_path / "film.mp4"], output, progress=False)
    report = extract.extract([tmp_path / "film.mp4"], output, smooth_hz=6, progress=False)
    assert report.n_groups == 6 and "other settings" in report.remarks[0][1]
    clips = dataset.read_clips(output)
    assert [(len(clip.poses), clip.attributes["smooth_hz"]) for clip in clips] == [(300, -1), (300, 6)]
    assert clips[0].content == clips[1].content
    assert extract.extract([tmp_path / "film.mp4"], output, smooth_hz=6.0, progress=False).n_groups == 6


def test_a_film_in_a_file_made_before_contents_were_kept_is_known(tmp_path, grey_person):
    film, output = tmp_path / "film.mp4", tmp_path / "out.h5"
    write_video(film)
    extract.extract([film], output, progress=False)
    old = hashlib.sha256(b"film.mp4 [('fit', 'letterbox'), ('smooth_hz', -1.0)]")
    old.update(str(film.stat().st_size).encode() + film.read_bytes())
    with h5py.File(output, "r+") as file:
        for group in file.values():
            del group.attrs["content"]
            group.attrs["identity"] = old.hexdigest()[:16]
    report = extract.extract([film], output, progress=False)
    assert report.skipped == [film] and report.n_groups == 2


@pytest.mark.slow
def test_parts_of_other_films_stay(tmp_path, grey_person, monkeypatch):
    """A run with other settings is stopped; another run finishes; the first one goes on where it was."""
    one, two = tmp_path / "one.mp4", tmp_path / "two.mp4"
    write_video(one)
    write_video(two, level=180)
    output = tmp_path / "out.h5"
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(extract, "_assemble", lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt))
        extract.extract([one], output, fit="crop", progress=False)
    extract.extract([two], output, progress=False)
    assert len(list((tmp_path / "out.h5.parts").iterdir())) == 1
    grey_person.clear()
    assert extract.extract([one], output, fit="crop", progress=False).done == [one]
    assert not grey_person and not (tmp_path / "out.h5.parts").exists()
    assert len(dataset.read_clips(output)) == 2


def test_a_damaged_part_is_made_again(tmp_path, grey_person, monkeypatch):
    write_video(tmp_path / "film.mp4")
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(extract, "_assemble", lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt))
        extract.extract([tmp_path / "film.mp4"], tmp_path / "out.h5", progress=False)
    (part,) = (tmp_path / "out.h5.parts").iterdir()
    part.write_bytes(bytes(1000))
    assert extract.extract([tmp_path / "film.mp4"], tmp_path / "out.h5", progress=False).n_groups == 2


@pytest.mark.parametrize(
    "name, setting, words",
    [
        ("out.h5", {"smooth_hz": 20}, "smooth_hz=20"), ("out.h5", {"smooth_hz": -3}, "smooth_hz=-3"),
        ("out.h5", {"smooth_hz": float("nan")}, "smooth_hz=nan"), ("out.h5", {"smooth_hz": 0}, "smooth_hz=0"),
        ("out.h5", {"fit": "squeeze"}, "fit='squeeze'"), ("out.h5", {"workers": 0}, "workers=0"),
        ("out.h5", {"at": (0.5, 2)}, "at="),
        ("notes.txt", {}, "notes.txt must end in .h5"), ("out", {}, "must end in .h5"),
    ],
)  # fmt: skip
def test_settings_are_checked_before_any_work(tmp_path, grey_person, name, setting, words):
    write_video(tmp_path / "film.mp4")
    with pytest.raises(InputError, match=words):
        extract.extract([tmp_path / "film.mp4"], tmp_path / name, progress=False, **setting)
    assert not grey_person and [path.name for path in tmp_path.iterdir()] == ["film.mp4"]


def test_every_frame_is_there_once(tmp_path, monkeypatch):
    """A film of 200 frames that get brighter, 30 without anybody: the last window begins at frame 51."""
    levels = np.arange(200)
    monkeypatch.setattr(PoseDetector, "find_people", lambda self, frame: (
        [] if 100 <= round(frame.mean()) < 130 else [person_at(frame.mean() / 255)]))  # fmt: skip
    with media.VideoWriter(tmp_path / "film.mp4", size=(640, 360), crf=0, audio=np.ones(147_000, np.float32)) as writer:
        for level in levels:
            writer.write(np.full((640, 360, 3), level, np.uint8))
    output = tmp_path / "out.h5"
    assert extract.extract([tmp_path / "film.mp4"], output, progress=False).n_groups == 2
    assert dataset.validate(output) == []
    first, second = (dataset.read_group(output, f"Dataset{i}") for i in (1, 2))
    assert (first.fresh, second.fresh, second.start_time) == (slice(0, 149), slice(98, 149), 51 / 30)
    (clip,) = dataset.read_clips(output)
    assert len(clip.poses) == len(clip.depth) == len(clip.visibility) == len(clip.mfcc) == 200
    there = np.isfinite(clip.poses[:, 0, 0])
    assert np.flatnonzero(~there).tolist() == list(range(100, 130))
    np.testing.assert_allclose(clip.poses[there, 0, 0], levels[there] / 255, atol=0.01)
    np.testing.assert_allclose(clip.depth[there, 0], levels[there] / 255, atol=0.01)
    masks, pictures = ([read(output, name, start=k, stop=k + 1).mean() for name, k in clip.places]
                       for read in (dataset.read_masks, dataset.read_frames))  # fmt: skip
    np.testing.assert_allclose(pictures, levels, atol=2)
    np.testing.assert_array_equal(masks, 255 * there)
    whole = dataset.read_frames(output, "Dataset2").mean((1, 2, 3))  # what is there twice is the same
    np.testing.assert_allclose(whole, levels[51:], atol=2)


def test_a_short_silent_film_shows_a_person_and_teaches_no_motion(tmp_path, grey_person):
    write_video(tmp_path / "film.mp4", seconds=1, sound=False)
    output = tmp_path / "out.h5"
    report = extract.extract([tmp_path / "film.mp4"], output, progress=False)
    assert report.n_groups == 1 and "has no sound" in report.remarks[0][1] and dataset.validate(output) == []
    group = dataset.read_group(output, "Dataset1")
    assert group.shows_person.tolist() == [True] * 30 + [False] * 119 and np.isnan(group.poses[30:]).all()
    (clip,) = dataset.read_clips(output)
    assert len(clip.poses) == 30 and not clip.has_sound and clip.beats.shape == (0,)
    with pytest.raises(InputError, match="none of 1 films has sound"):
        dataset.with_music([clip])


@pytest.mark.parametrize("sound", [np.zeros(22_050, np.float32), 0.1 * np.ones(22_050, np.float32)])
def test_a_silent_track_is_no_sound(tmp_path, grey_person, sound):
    with media.VideoWriter(tmp_path / "film.mp4", size=(64, 36), audio=sound) as writer:
        for _ in range(15):
            writer.write(np.full((64, 36, 3), 90, np.uint8))
    extract.extract([tmp_path / "film.mp4"], tmp_path / "out.h5", progress=False)
    assert dataset.read_clips(tmp_path / "out.h5")[0].has_sound == bool(sound.any())


def test_a_film_that_breaks_off_is_used_as_far_as_it_goes(tmp_path, sample_clip, monkeypatch):
    monkeypatch.setattr(PoseDetector, "find_people", lambda self, frame: [person_at(0.5)])
    content = sample_clip.read_bytes()
    (tmp_path / "cut.mp4").write_bytes(content[: len(content) // 5])
    report = extract.extract([tmp_path / "cut.mp4"], tmp_path / "out.h5", progress=False)
    assert not report.failed and "breaks off at" in report.remarks[0][1]
    assert 0 < len(dataset.read_clips(tmp_path / "out.h5")[0].poses) < 300


@pytest.mark.parametrize("n_seen", [9, 20])
def test_it_is_said_when_a_person_is_seen_now_and_then_only(tmp_path, monkeypatch, n_seen):
    """As in a film of a bird, which is taken for a person in some pictures."""
    monkeypatch.setattr(PoseDetector, "find_people", lambda self, frame: [person_at(0.5)] if frame.mean() < 100 else [])
    with media.VideoWriter(tmp_path / "film.mp4", size=(640, 360), crf=0) as writer:
        for k in range(30):
            writer.write(np.full((640, 360, 3), 90 if k < n_seen else 110, np.uint8))
    report = extract.extract([tmp_path / "film.mp4"], tmp_path / "out.h5", progress=False)
    said = [words for _, words in report.remarks if "shows a person in 30% of its pictures only" in words]
    assert len(said) == (n_seen == 9) and report.done


def two_people(self, frame):
    """One fills the left third, the other, found first, the right half of a picture; now and then one is missed."""
    people = [person_at(0.8, columns=slice(180, 360)), person_at(0.1, columns=slice(0, 120))]
    return people[1:] if frame.mean() > 95 else people


@pytest.mark.parametrize("at, place, n_seen", [(None, 0.1, 30), ((0.9, 0.5), 0.8, 20)])
def test_one_person_is_followed_throughout(tmp_path, monkeypatch, at, place, n_seen):
    """Both are as tall as the picture: who is seen longer is followed, or who stands at the place."""
    monkeypatch.setattr(PoseDetector, "find_people", two_people)
    with media.VideoWriter(tmp_path / "film.mp4", size=(640, 360), crf=0) as writer:
        for level in [90] * 10 + [110] * 10 + [90] * 10:
            writer.write(np.full((640, 360, 3), level, np.uint8))
    extract.extract([tmp_path / "film.mp4"], tmp_path / "out.h5", at=at, progress=False)
    (clip,) = dataset.read_clips(tmp_path / "out.h5")
    assert clip.detected.sum() == n_seen and np.allclose(clip.poses[clip.detected], place)
    mask = dataset.read_masks(tmp_path / "out.h5", "Dataset1", start=0, stop=1)[0]
    assert mask[:, round(place * 360)].all() and not mask[:, round((0.9 - place) * 360)].any()


@pytest.mark.slow
def test_of_a_wide_film_the_person_who_is_chosen_is_taken(tmp_path, sample_clip, pose_model):
    """Ada on the left, ben on the right, walls beside them."""
    ben = sample_clip.parents[1] / "second_dancer" / "ben_1.mp4"
    pairs = zip(*(made_films.frames_of(film, n=60) for film in (sample_clip, ben)), strict=True)
    wide = made_films.write(tmp_path / "wide.mp4", (np.pad(np.hstack(p), [(0, 0), (200, 200), (0, 0)]) for p in pairs))
    for at, middle in (("0.32,0.5", 380), ("0.68,0.5", 740)):
        output = tmp_path / f"{middle}.h5"
        command = ["extract", str(wide), "-o", str(output), "--fit", "person", "--at", at, "--quiet"]
        assert CliRunner().invoke(cli.app, command).exit_code == 0
        (clip,) = dataset.read_clips(output)
        left, _, width, height = clip.attributes["window"]
        assert clip.attributes["fit"] == "person" and height == pytest.approx(width * 640 / 360) and width < 0.5 * 1120
        assert abs(left + width / 2 - middle) < 80
        found = left + width * clip.poses[:, [23, 24], 0].mean(1)  # hips, in columns of the film
        assert clip.detected.mean() > 0.9 and np.abs(found[clip.detected] - middle).max() < 120


def test_a_place_that_is_none_is_said(tmp_path, sample_clip):
    for at, words in (("left", "--at left"), ("2,0.5", r"at=\(2")):
        result = CliRunner().invoke(cli.app, ["extract", str(sample_clip), "-o", str(tmp_path / "o.h5"), "--at", at])
        assert result.exit_code == 1 and re.search(words, str(result.exception))


def test_hidden_and_unfinished_files_in_a_folder_are_no_films(tmp_path):
    (tmp_path / ".trash").mkdir()
    (tmp_path / "folder.mp4").mkdir()
    for name in ("b.mp4", "a.MOV", "._b.mp4", ".b.123.part.mp4", "b.part.mp4", ".trash/c.mp4", "notes.txt"):
        (tmp_path / name).touch()
    assert [path.name for path in films.find_videos([tmp_path])] == ["a.MOV", "b.mp4"]
    assert films.find_videos([tmp_path / "b.part.mp4"]) == [tmp_path / "b.part.mp4"]  # named, so meant
    (tmp_path / "b.mp4").unlink()
    (tmp_path / "a.MOV").unlink()
    with pytest.raises(InputError, match="holds no video"):
        films.find_videos([tmp_path])


@pytest.mark.slow
def test_room_is_asked_for_the_old_file_too(tmp_path, grey_person, monkeypatch):
    output = tmp_path / "out.h5"
    for name, level in (("one.mp4", 90), ("two.mp4", 180)):
        write_video(tmp_path / name, level=level)
    extract.extract([tmp_path / "one.mp4"], output, progress=False)
    with open(output, "r+b") as file:
        file.truncate(3_000_000_000)  # a large file, for those who ask; sparse on the disk
    needed = 2 * 6 / 60 * dataset.BYTES_A_MINUTE
    monkeypatch.setattr(extract.shutil, "disk_usage", lambda _: type("Usage", (), {"free": needed + 2e9}))
    with pytest.raises(InputError, match="free some space"):
        extract.extract([tmp_path / "two.mp4"], output, progress=False)
    assert extract.extract([tmp_path / "one.mp4"], output, progress=False).skipped
    assert extract.extract([tmp_path / "two.mp4"], output, overwrite=True, progress=False).n_groups == 2


@pytest.mark.slow
def test_bad_videos_are_reported_and_the_rest_goes_on(tmp_path, sample_clip, monkeypatch):
    def detect(self, frame):
        return [] if frame.std() < 1 else [person_at(0.5)]

    monkeypatch.setattr(PoseDetector, "find_people", detect)
    write_video(tmp_path / "nobody.mp4")
    (tmp_path / "text.mp4").write_text("no video")
    words = {
        "nobody.mp4": "no person", "text.mp4": "not a video", "missing.mp4": "does not exist",
    }  # fmt: skip
    report = extract.extract([*(tmp_path / name for name in words), sample_clip], tmp_path / "out.h5", progress=False)
    assert report.done == [sample_clip] and report.n_groups == 4
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

    monkeypatch.setattr(extract_film.dataset, "write_frame", full)
    report = extract.extract([sample_clip], tmp_path / "out.h5", progress=False)
    assert "No space left" in report.failed[0][1] and not list(tmp_path.iterdir())
    monkeypatch.setattr(extract.shutil, "disk_usage", lambda _: type("Usage", (), {"free": 1e6}))
    with pytest.raises(InputError, match="free some space"):
        extract.extract([sample_clip], tmp_path / "out.h5", progress=False)
