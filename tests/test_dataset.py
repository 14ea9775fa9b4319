"""The HDF5 file: written, checked and read back; and its literal reading."""

import h5py
import numpy as np
import pytest

from dancing_utils import InputError, batches, dataset


def write_motion(path, groups, *, frames=False):
    """A file of random groups; ``groups`` lists (source, start frame)."""
    rng = np.random.default_rng(0)
    with h5py.File(path, "w") as file:
        for i, (source, start) in enumerate(groups, 1):
            group = dataset.create_group(file, f"Dataset{i}", with_frames=frames)
            steps = np.arange(start, start + 149, dtype=np.float32)
            dataset.write_sequences(
                group, mfcc=np.tile(steps[:, None], (1, 13)), poses=rng.random((149, 33, 2)), source=source,
                start_time=start / 30, detected=np.ones(149),
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


def test_literal_reading_of_the_seed(tmp_path):
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


def test_motion_only_file(tmp_path):
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


def test_batches_depend_on_seed_and_epoch_alone():
    numbers = np.arange(10, dtype=np.float32)

    def order(**key):
        return np.concatenate([b[0].numpy() for b in batches.shuffled_batches(numbers, batch_size=4, **key)]).tolist()

    assert order(seed=0, epoch=3) == order(seed=0, epoch=3) != order(seed=0, epoch=4)
    assert sorted(order(seed=1, epoch=0)) == numbers.tolist()
