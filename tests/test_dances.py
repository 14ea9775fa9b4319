"""A dance in a file: what goes in comes out, and what is no dance is refused in words."""

import numpy as np
import pytest

from dancing_utils import InputError
from dancing_utils.data.film_dance import bridged
from dancing_utils.pose import dances
from dancing_utils.pose.body import measure_body


def figure(n=31):
    """Somebody who goes to the right, a hundredth of the picture a frame: (n, 33, 2)."""
    pose = np.random.default_rng(0).uniform(0.3, 0.4, (33, 2))
    pose[[11, 12], 1], pose[[23, 24], 1] = 0.3, 0.5
    return (pose + np.arange(n)[:, None, None] * [0.01, 0]).astype(np.float32)


def test_a_file_gives_back_what_was_saved(tmp_path):
    depth = np.random.default_rng(1).normal(size=(31, 33)).astype(np.float32)
    dance = dances.Dance(figure(), depth, measure_body(figure() * 0.5))
    dances.save(tmp_path / "a.npz", dance)
    back = dances.load(tmp_path / "a.npz")
    np.testing.assert_array_equal(back.poses, dance.poses)
    np.testing.assert_array_equal(back.depth, depth)
    np.testing.assert_allclose(back.body.to_array(), dance.body.to_array())
    dances.save(tmp_path / "b.npz", dances.Dance(figure()))
    alone = dances.load(tmp_path / "b.npz")
    assert alone.depth is None and alone.body.torso == pytest.approx(measure_body(figure()).torso)


@pytest.mark.parametrize("fps, n", [(60, 16), (15, 61), (30, 31)])
def test_another_rate_is_brought_to_30_a_second(tmp_path, fps, n):
    """The figure goes on as fast: at 60 poses a second it covers two hundredths in one of ours."""
    np.savez(tmp_path / "a.npz", poses=figure(), fps=fps, depth=np.arange(31.0)[:, None].repeat(33, 1))
    dance = dances.load(tmp_path / "a.npz")
    assert len(dance) == len(dance.depth) == n
    np.testing.assert_allclose(np.diff(dance.poses[:, 0, 0]), 0.01 * fps / 30, rtol=1e-3)
    np.testing.assert_allclose(dance.depth[:, 5], np.arange(n) * fps / 30, rtol=1e-5)


def spoilt(**changes):
    return {"poses": figure(), "fps": 30.0} | changes


BODY = np.ones(24)
BAD = [
    ({"poses": figure()}, "lacks fps"),
    (spoilt(poses=figure()[:, :17]), r"shape \(31, 17, 2\)"),
    (spoilt(poses=figure()[:1]), r"shape \(1, 33, 2\)"),
    (spoilt(poses=figure() * [360, 640]), "pictures outside"),
    (spoilt(poses=np.where(np.arange(33)[:, None] == 3, np.nan, figure())), "no finite number"),
    (spoilt(poses=figure().astype(str)), "no finite number"),
    (spoilt(poses=np.full((5, 33, 2), 0.5)), "no body"),
    (spoilt(fps=0), "fps is 0"), (spoilt(fps=[30, 30]), "fps is"),
    (spoilt(depth=np.zeros((30, 33))), "must agree"),
    (spoilt(body=BODY[:20]), "24 measures"), (spoilt(body=-BODY), "24 measures"),
]  # fmt: skip


@pytest.mark.parametrize("arrays, words", BAD)
def test_what_is_no_dance_is_refused(tmp_path, arrays, words):
    np.savez(tmp_path / "a.npz", **arrays)
    with pytest.raises(InputError, match=words):
        dances.load(tmp_path / "a.npz")


def test_moments_unseen_are_bridged():
    values, seen = np.arange(6.0)[:, None] * [1, 10], np.array([0, 1, 0, 0, 1, 0], bool)
    values[~seen] = np.nan
    np.testing.assert_allclose(bridged(values, seen)[:, 1], [10, 10, 20, 30, 40, 40])
