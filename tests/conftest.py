"""Fixtures that several test files share: one pose model, the sample clip, one extraction of it, and a small file."""

from itertools import islice
from pathlib import Path

import h5py
import numpy as np
import pytest

from dancing_utils import FPS, SAMPLE_RATE, TIME_STEPS
from dancing_utils.data import dataset, media

SAMPLE = Path(__file__).resolve().parents[1] / "data_sample"


@pytest.fixture(scope="session")
def sample_clip():
    return SAMPLE / "clips" / "ada_01.mp4"


@pytest.fixture(scope="session")
def brief_clip(tmp_path_factory, sample_clip):
    """The sample clip's first five seconds, pictures and sound: two groups, of which the second holds one new frame."""
    path, sound = tmp_path_factory.mktemp("brief") / "brief.mp4", media.read_audio(sample_clip)
    with media.VideoWriter(path, audio=sound[: 5 * SAMPLE_RATE]) as writer:
        for frame in islice(media.read_frames(sample_clip), 5 * FPS):
            writer.write(frame)
    return path


@pytest.fixture(scope="session")
def pose_model():
    from dancing_utils.pose.model_file import find_model

    return find_model()


@pytest.fixture(scope="session")
def sample_data(tmp_path_factory, sample_clip, pose_model):
    """The sample clip extracted by the real thing, which takes a while: three groups. Read it, never write to it."""
    from dancing_utils.data.extract import extract

    output = tmp_path_factory.mktemp("extracted") / "clip é.h5"
    report = extract([sample_clip], output, model=pose_model, progress=False)
    assert report.done == [sample_clip] and not report.failed
    return output


@pytest.fixture(scope="session")
def small_data(tmp_path_factory):
    """Two groups of one film, in a second: a body that sways before a wall of stones. Read it, never write to it."""
    rng, path = np.random.default_rng(0), tmp_path_factory.mktemp("small") / "film é.h5"
    sway = 0.04 * np.sin(np.arange(2 * TIME_STEPS) / 5)[:, None, None]  # (298, 1, 1)
    rest = rng.uniform(0.35, 0.65, (33, 2))
    rest[[11, 12]], rest[[23, 24]] = [(0.55, 0.3), (0.45, 0.3)], [(0.53, 0.5), (0.47, 0.5)]  # shoulders, hips
    poses = (rest + sway * rng.uniform(0.5, 1, (33, 2))).astype(np.float32)  # (298, 33, 2)
    wall = rng.integers(0, 256, (20, 12, 3), np.uint8).repeat(32, 0).repeat(30, 1)  # (640, 360, 3)
    with h5py.File(path, "w") as file:
        for i in range(2):
            group, part = dataset.create_group(file, f"Dataset{i + 1}"), slice(i * TIME_STEPS, (i + 1) * TIME_STEPS)
            dataset.write_sequences(
                group, mfcc=rng.normal(size=(TIME_STEPS, 13)), poses=poses[part], source="film é.mp4",
                start_time=i * TIME_STEPS / FPS, onset_strength=np.arange(TIME_STEPS) % 15 == 0,
            )  # fmt: skip
            for k, pose in enumerate(poses[part]):
                dataset.write_frame(group, k, dataset.compress_frame(picture_of(pose, wall)))
    return path


def picture_of(pose, wall):
    """The wall (640, 360, 3) with a bright square around every landmark of a pose (33, 2)."""
    picture = wall.copy()
    for column, row in (pose * (360, 640)).astype(int):
        picture[row - 9 : row + 9, column - 9 : column + 9] = 250 - np.arange(3, dtype=np.uint8)
    return picture
