"""The table of landmarks and its small geometry."""

import numpy as np

from dancing_utils.pose import landmarks


def test_table():
    assert landmarks.N_LANDMARKS == 33 and len(landmarks.CONNECTIONS) == 35
    assert len(landmarks.LEFT_RIGHT_PAIRS) == 16
    names = [landmarks.LANDMARK_NAMES[i].split("_")[1] for i in landmarks.MAIN_JOINTS]
    assert names == [n for n in ("shoulder", "elbow", "wrist", "hip", "knee", "ankle") for _ in "LR"]
    assert [landmarks.LANDMARK_NAMES[i].split("_")[0] for i in landmarks.MAIN_JOINTS] == ["left", "right"] * 6


def test_limbs_are_connections_from_the_trunk_outward_the_same_on_both_sides():
    arms, legs = landmarks.LIMBS[:10], landmarks.LIMBS[10:]
    for left, right, trunk in ((arms[:5], arms[5:], 11), (legs[:4], legs[4:], 23)):
        assert right == tuple((a + 1, b + 1) for a, b in left)
        assert left[0][0] == trunk and all(a in [b for _, b in left[:i]] for i, (a, _) in enumerate(left) if i)
        assert set(left) < set(landmarks.CONNECTIONS)
    assert len({b for _, b in landmarks.LIMBS}) == 18  # each farther end hangs on one limb


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


def test_lengths_and_speeds_are_in_pixels():
    pose = np.full((33, 2), 0.5)
    pose[landmarks.INDEX["left_elbow"]] += 30 / 360, 40 / 640  # 50 pixels from the shoulder
    lengths = landmarks.limb_lengths(pose)
    assert np.isclose(lengths[landmarks.LIMBS.index((11, 13))], 50, rtol=1e-5)
    moving = np.full((4, 33, 2), 0.5) + 0.01 * np.arange(4)[:, None, None]
    np.testing.assert_allclose(landmarks.speeds(moving), 30 * np.hypot(3.6, 6.4), rtol=1e-5)
    np.testing.assert_allclose(landmarks.speeds(moving, fps=10, height=300, width=400), 10 * 5, rtol=1e-5)


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
    assert np.isfinite(landmarks.limit_limbs(pose, 0 * limit)).all()
