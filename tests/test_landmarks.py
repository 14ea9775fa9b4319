"""The table of landmarks and its small geometry."""

import numpy as np

from dancing_utils import landmarks


def test_table():
    assert landmarks.N_LANDMARKS == 33 and len(landmarks.CONNECTIONS) == 35
    assert len(landmarks.LEFT_RIGHT_PAIRS) == 16
    names = [landmarks.LANDMARK_NAMES[i].split("_")[1] for i in landmarks.MAIN_JOINTS]
    assert names == [n for n in ("shoulder", "elbow", "wrist", "hip", "knee", "ankle") for _ in "LR"]


def test_mirror():
    poses = np.random.default_rng(0).random((5, 33, 2))
    np.testing.assert_allclose(landmarks.mirror(landmarks.mirror(poses)), poses)
    left, right = landmarks.INDEX["left_wrist"], landmarks.INDEX["right_wrist"]
    np.testing.assert_allclose(landmarks.mirror(poses)[:, left, 0], 1 - poses[:, right, 0])
    np.testing.assert_allclose(landmarks.mirror(poses)[:, left, 1], poses[:, right, 1])


def test_units_and_torso():
    pose = np.full((33, 2), 0.5)
    for side, x in (("left", 0.6), ("right", 0.4)):
        pose[landmarks.INDEX[f"{side}_shoulder"]] = x, 0.25
        pose[landmarks.INDEX[f"{side}_hip"]] = x, 0.5
    np.testing.assert_allclose(landmarks.torso_length(pose), 160)
    np.testing.assert_allclose(landmarks.to_pixels([0.5, 0.5]), [180, 320])
    np.testing.assert_allclose(landmarks.to_units(landmarks.to_pixels(pose)), pose, rtol=1e-6)


def test_limbs_are_limited_and_what_hangs_on_them_moves_along():
    pose = np.full((33, 2), 0.5)
    elbow, wrist, finger = (landmarks.INDEX[f"left_{name}"] for name in ("elbow", "wrist", "index"))
    pose[elbow] += 50 / 360, 0  # 50 pixels to the right of the shoulder
    pose[wrist] = pose[elbow] + (0, 40 / 640)
    pose[finger] = pose[wrist] + (0, 10 / 640)
    limit = np.full(len(landmarks.LIMBS), 45.0)
    limited = landmarks.limit_limbs(pose, limit)
    pixels = landmarks.to_pixels(limited - 0.5)
    np.testing.assert_allclose(pixels[[elbow, wrist, finger]], [(45, 0), (45, 40), (45, 50)], atol=1e-3)
    assert landmarks.limb_lengths(limited).max() < 45.001
    np.testing.assert_allclose(landmarks.limit_limbs(pose, limit + 100), pose, atol=1e-6)
