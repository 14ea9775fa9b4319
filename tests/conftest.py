"""Fixtures that several test files share: one pose model, the sample clip, and one extraction of it."""

from pathlib import Path

import pytest

from dancing_utils.extract import extract
from dancing_utils.pose_model import find_model

SAMPLE = Path(__file__).resolve().parents[1] / "data_sample"


@pytest.fixture(scope="session")
def sample_clip():
    return SAMPLE / "clips" / "ada_01.mp4"


@pytest.fixture(scope="session")
def pose_model():
    return find_model()


@pytest.fixture(scope="session")
def sample_data(tmp_path_factory, sample_clip, pose_model):
    """The sample clip extracted by the real thing: three groups. Read it, never write to it."""
    output = tmp_path_factory.mktemp("extracted") / "clip é.h5"
    report = extract([sample_clip], output, model=pose_model, progress=False)
    assert report.done == [sample_clip] and not report.failed
    return output
