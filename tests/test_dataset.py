"""The HDF5 file: written, checked and read back; and its literal reading."""

import re

import h5py
import numpy as np
import pytest

from dancing_utils import InputError
from dancing_utils.data import dataset
from dancing_utils.motion import song_data


@pytest.fixture
def batches():
    """Imported where it is used, since it brings TensorFlow."""
    from dancing_utils.data import batches

    return batches


def write_motion(path, groups, *, frames=False):
    """A file of random groups; ``groups`` lists (source, start frame, and attributes if there are any)."""
    rng = np.random.default_rng(0)
    with h5py.File(path, "w") as file:
        for i, (source, start, *attributes) in enumerate(groups, 1):
            group = dataset.create_group(file, f"Dataset{i}", with_frames=frames)
            steps = np.arange(start, start + 149, dtype=np.float32)
            dataset.write_sequences(
                group, mfcc=np.tile(steps[:, None], (1, 13)), poses=rng.random((149, 33, 2)), source=source,
                start_time=start / 30, detected=np.ones(149), **dict(*attributes),
            )  # fmt: skip
    return path


def test_frames_come_back_as_they_went(tmp_path):
    picture = np.random.default_rng(0).integers(0, 256, (640, 360, 3), dtype=np.uint8)
    with h5py.File(tmp_path / "f.h5", "w") as file:
        group = dataset.create_group(file, "Dataset1")
        dataset.write_frame(group, 7, dataset.compress_frame(picture))
        dataset.write_sequences(group, mfcc=np.zeros((149, 13)), poses=np.zeros((149, 33, 2)), source="a", start_time=0)
    np.testing.assert_array_equal(dataset.read_frames(tmp_path / "f.h5", "Dataset1", start=7, stop=8)[0], picture)
    assert dataset.validate(tmp_path / "f.h5") == []
    with h5py.File(tmp_path / "f.h5") as file:  # the seed's form, for any HDF5 reader
        assert file["Dataset1/frames"].shape == (149, 640, 360, 3) and file["Dataset1/frames"].dtype == np.uint8
        assert file["Dataset1/audio_mfcc_sequences"].shape == (149, 13)
        assert file["Dataset1/pose_landmark_sequences"].shape == (149, 33, 2)


def test_groups_of_a_video_are_joined_in_order(tmp_path):
    path = write_motion(tmp_path / "m.h5", [("b.mp4", 149), ("a.mp4", 0), ("b.mp4", 0), ("b.mp4", 447)])
    clips = dataset.read_clips(path)
    assert [(c.source, len(c.poses), c.groups) for c in clips] == [
        ("a.mp4", 149, ["Dataset2"]), ("b.mp4", 298, ["Dataset3", "Dataset1"]), ("b.mp4", 149, ["Dataset4"]),
    ]  # fmt: skip
    np.testing.assert_array_equal(clips[1].mfcc[:, 0], np.arange(298))


def test_beats_of_a_film_are_cut_into_its_windows_and_joined_again(tmp_path):
    """Each beat is in one window, those at its very edges too: 149 windows of 149 / 30 s end at 740 1/30 s."""
    beats = np.sort(np.r_[np.arange(0, 741, 0.37), np.arange(1, 149) * 149 / 30])
    windows = [dataset.beats_of_window(beats, 149 * number) for number in range(150)]
    assert sum(map(len, windows)) == len(beats)
    assert all(((window >= 0) & (window < 149 / 30)).all() for window in windows)
    names = [("a", 149 * number, {"beats": windows[number], "identity": "x"}) for number in range(3)]
    path = write_motion(tmp_path / "m.h5", names)
    assert dataset.validate(path) == []
    (clip,) = dataset.read_clips(path)
    np.testing.assert_allclose(clip.beats, beats[beats < 3 * 149 / 30 - 1e-9])


def test_no_beats_are_other_than_no_beats_kept(tmp_path):
    none = write_motion(tmp_path / "none.h5", [("a", 0, {"beats": []})])
    assert dataset.read_clips(none)[0].beats.shape == (0,) and dataset.validate(none) == []
    old = write_motion(tmp_path / "old.h5", [("a", 0, {"beats": [1.0]}), ("a", 149)])
    assert dataset.read_clips(old)[0].beats is None and dataset.validate(old) == []


@pytest.mark.parametrize(
    ("beats", "words"),
    [
        ([1.0, 0.5], "does not rise"), ([1.0, 1.0], "does not rise"), ([-0.1], "outside the window"),
        ([149 / 30], "outside the window, 0 to 4.967 s"), ([np.nan], "outside the window"),
        ([[1.0]], r"is \(1, 1\) float64, not \(n,\) float64"),
    ],
)  # fmt: skip
def test_wrong_beats_are_named(tmp_path, beats, words):
    path = write_motion(tmp_path / "m.h5", [("a", 0, {"beats": beats})])
    (problem,) = dataset.validate(path)
    assert re.search(words, problem)


def test_the_last_window_may_overlap_and_be_padded(tmp_path):
    """Beats, numbers a frame and attributes a frame are joined without what is there twice."""
    beats = np.arange(0.1, 8, 0.5)
    names = [("a", start, {"identity": "x", "overlap": overlap, "beats": dataset.beats_of_window(beats, start),
                           "family": np.arange(start, start + 149), "window": (0, 0, 1, 2)})
             for start, overlap in ((0, 0), (91, 58))] + [("b", 0, {"identity": "y", "n_valid": 40})]  # fmt: skip
    path = write_motion(tmp_path / "m.h5", names, frames=True)
    assert dataset.validate(path) == []
    long, short = dataset.read_clips(path)
    np.testing.assert_array_equal(long.mfcc[:, 0], np.arange(240))
    np.testing.assert_array_equal(long.attributes["family"], np.arange(240))
    np.testing.assert_allclose(long.beats, beats)
    assert long.places[148:150] == [("Dataset1", 148), ("Dataset2", 58)] and len(long.attributes["window"]) == 4
    assert len(short.poses) == len(short.places) == 40


@pytest.mark.parametrize("attributes", [{"n_valid": 0}, {"n_valid": 150}, {"overlap": -1}, {"overlap": 149}])
def test_windows_without_frames_are_named(tmp_path, attributes):
    (problem,) = dataset.validate(write_motion(tmp_path / "m.h5", [("a", 0, attributes)]))
    assert "leave no frames of a window of 149" in problem


def test_pictures_are_counted_once(tmp_path, batches):
    names = [("a", start, {"identity": "x", "overlap": overlap}) for start, overlap in ((0, 0), (1, 148))]
    path = write_motion(tmp_path / "m.h5", [*names, ("b", 0, {"n_valid": 2})], frames=True)
    assert len(batches.load_pictures(path, size=(64, 36))[0]) == 149 + 1 + 2
    assert len(batches.load_pairs(path, n=1000, prepare=lambda pair: pair[:, ::64, ::36])[0]) == 148 + 0 + 1
    with pytest.raises(InputError, match="no masks"):
        dataset.read_masks(path, "Dataset1")


def test_films_of_one_name_are_told_apart_by_identity(tmp_path):
    """Two phones' IMG_1.mp4, one window after the other by turns; an old file, in which identity has 16 digits."""
    names = [("IMG_1.mp4", start, {"identity": who}) for start in (0, 149, 298) for who in ("a" * 16, "b" * 16)]
    path = write_motion(tmp_path / "m.h5", names)
    assert [clip.groups for clip in dataset.read_clips(path)] == [
        ["Dataset1", "Dataset3", "Dataset5"], ["Dataset2", "Dataset4", "Dataset6"],
    ]  # fmt: skip
    assert dataset.validate(path) == []


def test_one_film_under_two_names_is_joined(tmp_path):
    path = write_motion(tmp_path / "m.h5", [("b", 149, {"identity": "x"}), ("a", 0, {"identity": "x"})])
    assert [clip.groups for clip in dataset.read_clips(path)] == [["Dataset2", "Dataset1"]]


def test_windows_that_cannot_be_told_apart_are_not_joined(tmp_path):
    path = write_motion(tmp_path / "m.h5", [("IMG_1.mp4", 0), ("IMG_1.mp4", 149), ("IMG_1.mp4", 0), ("b.mp4", 0)])
    assert [len(clip.groups) for clip in dataset.read_clips(path)] == [1, 1, 1, 1]
    (problem,) = dataset.validate(path)
    assert "Dataset1 and Dataset3" in problem and "'IMG_1.mp4'" in problem and "extract the videos again" in problem
    twice = write_motion(tmp_path / "t.h5", [("a.mp4", 0, {"identity": "x"})] * 2)
    (problem,) = dataset.validate(twice)
    assert "same time of one film (a.mp4)" in problem


def test_a_film_is_known_by_its_content_and_without_one_by_its_sound(tmp_path):
    path = write_motion(tmp_path / "m.h5", [("a", 0, {"content": "c0ffee"}), ("b", 0), ("c", 0), ("d", 149)])
    a, b, c, d = dataset.read_clips(path)
    assert a.content == "c0ffee" and b.content == c.content != d.content and len(b.content) == 64


def test_split_is_by_film_whatever_it_is_called(tmp_path):
    """Nine films of one name, each with two settings; and an old file without contents, one film in two pieces."""
    groups = [
        ("IMG_1.mp4", 0, {"content": f"{film}", "identity": f"{film} {fit}"}) for film in range(9) for fit in "ab"
    ]
    for clips in (
        dataset.read_clips(write_motion(tmp_path / "m.h5", groups)),
        dataset.read_clips(write_motion(tmp_path / "o.h5", [(name, at) for name in "abcdefghi" for at in (0, 298)])),
    ):
        train, validation = song_data.split_clips(clips)
        assert (len(train), len(validation)) == (16, 2)
        assert not {clip.film for clip in train} & {clip.film for clip in validation}


def test_a_film_that_is_held_out_anywhere_is_not_trained_on(tmp_path):
    """A song of two corpora of different sizes; a clip that is marked and, with other settings, is not."""
    marks = [("x", "train"), ("x", "test")]
    marks += [("y", "train"), ("y", "validation"), ("z", "train"), ("z", None), ("n", None)]
    groups = [
        (f"{i}", 0, {"content": film, "identity": f"{i}", **({"split": split} if split else {})})
        for i, (film, split) in enumerate(marks)
    ]
    train, validation = song_data.split_clips(dataset.read_clips(write_motion(tmp_path / "m.h5", groups)))
    assert [clip.content for clip in train] == ["z", "z", "n"] and [clip.content for clip in validation] == ["y", "y"]


def craft(file, how, secret):
    """Put into Dataset1 what would make a reader open another file."""
    group = file["Dataset1"]
    poses = group["pose_landmark_sequences"][()]
    if how == "a group in another file":
        del file["Dataset1"]
        file["Dataset1"] = h5py.ExternalLink(secret, "/Dataset1")
        return
    del group["pose_landmark_sequences"]
    if how == "an external link":
        group["pose_landmark_sequences"] = h5py.ExternalLink(secret, "/Dataset1/pose_landmark_sequences")
    elif how == "a soft link through an external one":
        file["elsewhere"] = h5py.ExternalLink(secret, "/Dataset1")
        group["pose_landmark_sequences"] = h5py.SoftLink("/elsewhere/pose_landmark_sequences")
    elif how == "external storage":
        external = [(str(secret), 0, poses.nbytes)]
        group.create_dataset("pose_landmark_sequences", poses.shape, "f4", external=external)
    elif how == "a virtual data set":
        layout = h5py.VirtualLayout(poses.shape, "f4")
        layout[:] = h5py.VirtualSource(secret, "/Dataset1/pose_landmark_sequences", poses.shape, "f4")
        group.create_virtual_dataset("pose_landmark_sequences", layout)
    elif how == "a link beside the arrays":
        group["pose_landmark_sequences"] = poses
        group["more"] = h5py.ExternalLink(secret, "/Dataset1")
    elif how == "a group in the group":
        group["pose_landmark_sequences"] = poses
        group.create_group("more")["x"] = h5py.ExternalLink(secret, "/Dataset1")


@pytest.mark.parametrize(
    "how",
    [
        "an external link", "a group in another file", "a soft link through an external one", "external storage",
        "a virtual data set", "a link beside the arrays", "a group in the group",
    ],
)  # fmt: skip
def test_a_crafted_file_does_not_make_the_reader_read_another(batches, tmp_path, how):
    secret = write_motion(tmp_path / "secret.h5", [("private", 0)])
    path = write_motion(tmp_path / "m.h5", [("a", 0)], frames=True)
    with h5py.File(path, "r+") as file:
        craft(file, how, secret)
    for read in (
        dataset.read_clips, dataset.list_groups, lambda p: dataset.read_group(p, "Dataset1"),
        lambda p: dataset.read_frames(p, "Dataset1"), batches.load_pictures,
    ):  # fmt: skip
        with pytest.raises(InputError, match="not a plain array"):
            read(path)
    (problem,) = dataset.validate(path)
    assert "Dataset1" in problem and "extract the video anew" in problem and "\n" not in problem


def test_an_array_in_the_place_of_a_group_is_said(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["Dataset1"] = np.zeros(3)
    assert "is an array" in dataset.validate(tmp_path / "a.h5")[0]


def test_pictures_of_nobody_are_said(batches, tmp_path):
    path = write_motion(tmp_path / "m.h5", [("a", 0)], frames=True)
    with pytest.raises(InputError, match="no video named b in .* shows a person"):
        batches.load_pictures(path, sources=["b"])
    with h5py.File(path, "r+") as file:
        file["Dataset1/pose_landmark_sequences"][:] = np.nan
    with pytest.raises(InputError, match="no video in .* shows a person"):
        batches.load_pictures(path)


def test_ten_groups_are_in_the_order_of_their_numbers(tmp_path):
    path = write_motion(tmp_path / "m.h5", [(f"{i}.mp4", 0) for i in range(11)])
    assert dataset.list_groups(path) == [f"Dataset{i}" for i in range(1, 12)]


def test_windows_leave_out_missing_poses(tmp_path):
    clip = dataset.read_clips(write_motion(tmp_path / "m.h5", [("a", 0), ("a", 149)]))[0]
    clip.poses[200] = np.nan
    mfcc, poses = dataset.motion_windows([clip], time_steps=50, hop=50)
    assert mfcc.shape == (4, 50, 13) and poses.shape == (4, 50, 33, 2)  # the fifth holds frame 200
    assert np.isfinite(poses).all()
    clip.poses[:] = np.nan
    with pytest.raises(InputError, match="no window"):
        dataset.motion_windows([clip])


def test_literal_reading_of_the_seed(tmp_path, batches):
    with h5py.File(tmp_path / "l.h5", "w") as file:
        for i in (1, 2):
            group = file.create_group(f"Dataset{i}")
            group["audio_mfcc_sequences"] = np.zeros((149, 13), np.float32)
            group["pose_landmark_sequences"] = np.full((33, 2), 0.5, np.float32)
            group["frames"] = np.full((640, 360, 3), i, np.uint8)
    assert dataset.validate(tmp_path / "l.h5") == []
    assert dataset.read_group(tmp_path / "l.h5", "Dataset1").poses.shape == (1, 33, 2)
    poses, pictures = batches.load_pictures(tmp_path / "l.h5", size=(64, 36))
    assert poses.shape == (2, 33, 2) and pictures[:, 0, 0, 0].tolist() == [1, 2]
    with pytest.raises(InputError, match="single poses"):
        dataset.read_clips(tmp_path / "l.h5")


def test_motion_only_file(tmp_path, batches):
    path = write_motion(tmp_path / "m.h5", [("a", 0)])
    assert dataset.validate(path) == [] and not dataset.read_group(path, "Dataset1").has_frames
    with pytest.raises(InputError, match="no frames"):
        dataset.read_frames(path, "Dataset1")
    with pytest.raises(InputError, match="no frames"):
        batches.load_pictures(path)


def test_poses_are_read_without_touching_pictures(tmp_path):
    path = write_motion(tmp_path / "m.h5", [("a", 0)], frames=True)
    with h5py.File(path, "r+") as file:  # a picture that cannot be decompressed
        file["Dataset1/frames"].id.write_direct_chunk((0, 0, 0, 0), b"garbage")
    assert len(dataset.read_clips(path)[0].poses) == 149
    with pytest.raises(OSError):
        dataset.read_frames(path, "Dataset1", stop=1)


def break_file(fault, file):
    group = file["Dataset1"]
    if fault == "missing":
        del group["audio_mfcc_sequences"]
    elif fault == "shape":
        del group["pose_landmark_sequences"]
        group["pose_landmark_sequences"] = np.zeros((149, 17, 2), np.float32)
    elif fault == "dtype":
        del group["audio_mfcc_sequences"]
        group["audio_mfcc_sequences"] = np.zeros((149, 13), np.float64)
    elif fault == "nan":
        group["audio_mfcc_sequences"][3] = np.nan
    elif fault == "pixels":
        group["pose_landmark_sequences"][:] = 300
    elif fault == "number":
        file.move("Dataset1", "Dataset3")
    elif fault == "no groups":
        del file["Dataset1"]


@pytest.mark.parametrize(
    "fault, words",
    [
        ("missing", "is missing"), ("shape", "17, 2"), ("dtype", "float64"), ("nan", "not numbers"),
        ("pixels", "are these pixels"), ("number", "numbered"), ("no groups", "holds no group"),
    ],
)  # fmt: skip
def test_validate_says_what_is_wrong(tmp_path, fault, words):
    path = write_motion(tmp_path / "m.h5", [("a", 0)])
    with h5py.File(path, "r+") as file:
        break_file(fault, file)
    problems = dataset.validate(path)
    assert len(problems) == 1 and words in problems[0]


def test_files_that_are_none(tmp_path):
    (tmp_path / "text.h5").write_text("no HDF5")
    for name, words in {"none.h5": "does not exist", "text.h5": "not an HDF5"}.items():
        with pytest.raises(InputError, match=words):
            dataset.list_groups(tmp_path / name)
        assert len(dataset.validate(tmp_path / name)) == 1


def test_split_is_by_video():
    train, validation = dataset.split_sources(["a", "b", "c", "d", "e", "a"], validation=0.4)
    assert sorted(train + validation) == list("abcde") and len(validation) == 2
    assert (train, validation) == dataset.split_sources(["e", "d", "c", "b", "a"], validation=0.4)
    with pytest.raises(InputError, match="at least two"):
        dataset.split_sources(["a", "a"])


def test_batches_depend_on_seed_and_epoch_alone(batches):
    numbers = np.arange(10, dtype=np.float32)

    def order(**key):
        return np.concatenate([b[0].numpy() for b in batches.shuffled_batches(numbers, batch_size=4, **key)]).tolist()

    assert order(seed=0, epoch=3) == order(seed=0, epoch=3) != order(seed=0, epoch=4)
    assert sorted(order(seed=1, epoch=0)) == numbers.tolist()
