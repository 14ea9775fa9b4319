"""What the song model hears and dances, against numbers known by hand."""

import numpy as np
import pytest

from dancing_utils import InputError
from dancing_utils.audio import hearing
from dancing_utils.data.dataset import Clip
from dancing_utils.motion import pose_vectors, song_data
from dancing_utils.pose.landmarks import mirror


def clip(poses, *, onsets=True):
    """A clip whose first MFCC counts its frames, with a click every half second."""
    n = len(poses)
    mfcc = np.arange(n, dtype=np.float32)[:, None] * np.ones(13, np.float32)
    strength = (np.arange(n) % 15 == 0).astype(np.float32) if onsets else None
    return Clip("a", 0.0, mfcc, poses, np.isfinite(poses).all((1, 2)), strength, ["Dataset1"], {})


def still(n):
    return np.random.default_rng(0).uniform(0.3, 0.7, (1, 33, 2)).astype(np.float32).repeat(n, 0)


def test_each_coefficient_is_standardised_by_itself_and_clipped():
    mfcc = np.random.default_rng(0).normal(size=(300, 13)) * np.arange(1, 14) + 50
    mfcc[7, 2] = 1000
    features = hearing.sound_features(mfcc, np.zeros(300), np.zeros(0))
    assert features.shape == (300, hearing.N_FEATURES) == (300, 16) and features.dtype == np.float32
    expected = (mfcc - mfcc.mean(0)) / mfcc.std(0)
    np.testing.assert_allclose(features[:, :13], np.clip(expected, -4, 4), atol=5e-3)
    assert features[7, 2] == 4 and np.abs(features[:, 12]).max() > 2.2
    assert not features[:, 13:].any()  # no onsets, no beat


def test_onsets_are_in_standard_deviations_and_stay_0_or_more():
    onsets = np.r_[np.zeros(150), np.full(150, 6.0)]  # standard deviation 3
    features = hearing.sound_features(np.zeros((300, 13)), onsets, np.zeros(0))
    np.testing.assert_allclose(features[:, 13], onsets / 3, rtol=1e-3)


def test_the_beat_is_a_circle():
    """On a beat the sine is 0 and the cosine 1; a quarter of a beat later the sine is 1."""
    features = hearing.sound_features(np.zeros((60, 13)), np.zeros(60), np.array([0.0, 4 / 3, 8 / 3]))
    np.testing.assert_allclose(features[[0, 10, 20, 30, 40], 14], [0, 1, 0, -1, 0], atol=1e-5)
    np.testing.assert_allclose(features[[0, 10, 20, 30, 40], 15], [1, 0, -1, 0, 1], atol=1e-5)


def test_pose_vectors_are_relative_to_the_middle_of_the_hips():
    poses = np.full((2, 33, 2), 0.5)
    poses[:, 23], poses[:, 24] = (0.5, 0.5), (0.6, 0.7)
    poses[:, 0] = 0.55 + 100 / 360, 0.6 - 50 / 640
    vectors = pose_vectors.poses_to_vectors(poses)
    assert vectors.shape == (2, pose_vectors.N_FLAT) == (2, 68)
    np.testing.assert_allclose(vectors[0, -2:], [0.55 * 3.6, 0.6 * 6.4], rtol=1e-5)  # pixels / 100
    np.testing.assert_allclose(vectors[0, :2], [1, -0.5], atol=1e-5)
    np.testing.assert_allclose(pose_vectors.vectors_to_poses(vectors), poses, atol=1e-5)


def test_limbs_lie_before_or_behind_what_they_hang_on():
    """The left wrist 0.3 m before the shoulders, which are 0.1 m behind the hips; a knee 0.2 m before the hips."""
    depth = np.zeros((2, 33), np.float32)
    depth[:, [11, 12]], depth[:, 15], depth[:, 25] = 0.1, -0.2, -0.2
    vectors = pose_vectors.poses_to_vectors(still(2), depth)
    assert vectors.shape == (2, pose_vectors.N_POSE) == (2, 76)
    np.testing.assert_allclose(vectors[0, 68:], [-0.1, -0.1, -0.3, -0.1, -0.2, 0, 0, 0], atol=1e-6)
    back = pose_vectors.vectors_to_depth(vectors)
    for landmark, expected in {15: -0.3, 17: -0.3, 19: -0.3, 21: -0.3, 16: -0.1, 25: -0.2, 31: 0, 0: 0, 11: 0}.items():
        np.testing.assert_allclose(back[:, landmark], expected, atol=1e-6)
    np.testing.assert_allclose(pose_vectors.vectors_to_poses(vectors), still(2), atol=1e-5)
    assert pose_vectors.vectors_to_depth(vectors[:, :68]) is None


def test_in_the_mirror_the_other_arm_is_near():
    one = clip(still(60))
    one.depth = np.zeros((60, 33), np.float32)
    one.depth[:, 15] = -0.4
    plain, mirrored = song_data.to_songs([one], mirrored=True, depth=True)
    assert plain[1][0, 70:72] == pytest.approx([-0.4, 0]) and mirrored[1][0, 70:72] == pytest.approx([0, -0.4])


def test_stretches_keep_sound_and_poses_together():
    """70 frames, a hole, 60 frames, a hole of one landmark, 59 frames: two songs, at their own sound."""
    poses = still(200)
    poses[70], poses[131, 5] = np.nan, np.nan
    first, second = song_data.to_songs([clip(poses[:191])])
    assert [len(part) for part in (*first, *second)] == [70, 70, 60, 60]
    features = hearing.sound_features(clip(poses).mfcc[:191], clip(poses).onset_strength[:191])
    np.testing.assert_array_equal(second[0], features[71:131])
    np.testing.assert_array_equal(second[1], pose_vectors.poses_to_vectors(poses[71:131]))
    mirrored = song_data.to_songs([clip(poses[:191])], mirrored=True)
    np.testing.assert_array_equal(mirrored[2][1], pose_vectors.poses_to_vectors(mirror(poses[:70])))
    assert len(mirrored) == 4
    with pytest.raises(InputError, match="for 60 frames on end"):
        song_data.to_songs([clip(poses[132:191])])


def test_a_clip_without_onsets_is_heard_without_a_beat():
    ((features, _),) = song_data.to_songs([clip(still(60), onsets=False)])
    assert not features[:, 13:].any() and features[:, 0].std() > 0.9


def test_kept_beats_are_heard_and_old_files_are_tracked():
    one = clip(still(300))
    one.beats = np.arange(0.2, 10, 0.4)
    ((features, _),) = song_data.to_songs([one])
    np.testing.assert_allclose(features, hearing.sound_features(one.mfcc, one.onset_strength, one.beats))
    ((tracked, _),) = song_data.to_songs([clip(still(300))])
    assert np.abs(tracked[:, 14:] - features[:, 14:]).max() > 1  # 120 clicks a minute, not 150
    one.beats = np.zeros(0)
    ((silent, _),) = song_data.to_songs([one])
    assert not silent[:, 14:].any()
