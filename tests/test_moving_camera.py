"""The benchmark of a moving camera, on a drawn film: what it measures is known."""

import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from drawn_person import draw, pose_of

from dancing_utils import HEIGHT, WIDTH

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))
import moving_camera


def _still_film(n):
    small = np.random.default_rng(5).integers(40, 220, (80, 45)).astype(np.uint8)
    wall = cv2.cvtColor(cv2.resize(small, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC), cv2.COLOR_GRAY2RGB)
    made = [draw(pose_of(x=150 + 2 * k), wall) for k in range(n)]
    return map(np.stack, zip(*made, strict=True))


def test_a_path_is_off_by_what_was_added_to_it():
    known = moving_camera.known_path(9)
    true = np.stack([moving_camera.compose(known[3], cv2.invertAffineTransform(matrix)) for matrix in known])
    np.testing.assert_allclose(moving_camera.path_errors(true, known, 3), 0, atol=1e-9)
    true[:, :, 2] += (3, 4)
    np.testing.assert_allclose(moving_camera.path_errors(true, known, 3), 5)
    np.testing.assert_allclose(true[3, :, :2], np.eye(2), atol=1e-12)


def test_the_corners_move_by_some_45_pixels():
    known = moving_camera.known_path(41)
    off = moving_camera.path_errors(np.tile(np.eye(2, 3), (41, 1, 1)), known, 0)
    assert 35 < off.max() < 55


def test_a_known_camera_is_found_and_undone(capsys):
    median, before, after = moving_camera.measure(*_still_film(46))
    assert "camera moving" in capsys.readouterr().out
    assert median < 0.5 and after > before + 10


def test_the_psnr_of_a_still_room_is_its_noise():
    frames, masks = _still_film(2)
    frames[1] = np.clip(frames[1].astype(int) + 10, 0, 255)  # 20 log10(255 / 10) = 28.1 dB; the middle one is exact
    still = np.tile(np.eye(2, 3), (2, 1, 1))
    assert moving_camera.room_psnr(frames[1:], masks[1:], still[1:], 0) > 60
    frames = np.stack([frames[0], frames[1]])
    one = moving_camera.room_psnr(frames, masks, still, 0)
    assert one == pytest.approx((28.13 + 10 * np.log10(255**2 / 1e-3)) / 2, abs=0.1)
