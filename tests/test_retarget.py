"""A dance fitted to another body: bodies whose measures are known."""

from dataclasses import replace

import numpy as np
import pytest

from dancing_utils import InputError
from dancing_utils.pose.body import Body, differs, measure_body
from dancing_utils.pose.landmarks import INDEX, LIMBS, limb_lengths, to_pixels, to_units
from dancing_utils.pose.retarget import floor_of, keep_hands_inside, retarget, stand_on


@pytest.fixture
def dance():
    """A body that waves an arm and walks to the right: (60, 33, 2)."""
    rng = np.random.default_rng(0)
    rest = rng.uniform(150, 210, (33, 2)) + (0, 100)
    rest[[11, 12, 23, 24]] = (200, 200), (160, 200), (192, 300), (168, 300)
    pixels = np.tile(rest, (60, 1, 1))
    t = np.arange(60) / 30
    pixels[:, INDEX["left_wrist"]] += 30 * np.stack([np.cos(t), np.sin(t)], 1)
    pixels[..., 0] += np.arange(60)[:, None] * 0.5
    return to_units(pixels)


def test_a_body_is_measured(dance):
    body = measure_body(dance)
    assert body.torso == pytest.approx(100, rel=1e-3) and body.shoulders == pytest.approx(40, rel=1e-3)
    assert body.hips == pytest.approx((180 + 29.5 / 2, 300), rel=1e-3)
    assert np.array_equal(Body.from_array(body.to_array()).to_array(), body.to_array())
    broken = np.concatenate([dance, np.full((3, 33, 2), np.nan)])
    assert measure_body(broken).to_array() == pytest.approx(body.to_array())
    with pytest.raises(InputError, match="no pose is whole"):
        measure_body(broken[-3:])


def test_a_limb_is_as_long_as_it_is_seen_from_the_side(dance):
    """Towards the camera it looks shorter: one pose in twenty shows the arm's whole 50 pixels."""
    pixels = np.tile(to_pixels(dance[:1]), (200, 1, 1))
    pixels[:, 13] = pixels[:, 11] + (0, 30)
    pixels[::20, 13] = pixels[::20, 11] + (30, 40)
    pixels[:, 0] = (180, 140)  # the nose 60 above the middle of the shoulders
    pixels[7, 13] = np.nan  # a pose that is not whole
    body = measure_body(to_units(pixels))
    assert body.limbs[LIMBS.index((11, 13))] == pytest.approx(50, rel=1e-4)
    assert body.neck == pytest.approx(60, rel=1e-4) and body.hips_width == pytest.approx(24, rel=1e-4)


@pytest.mark.parametrize(
    "size, shift, unlike", [(1.04, 0, False), (1.06, 0, True), (0.9, 0, True), (1, 9, False), (1, 11, True)]
)
def test_bodies_differ_by_a_twentieth_or_by_ten_pixels(dance, size, shift, unlike):
    body = measure_body(dance)
    other = Body.from_array(np.concatenate([size * body.to_array()[:22], body.hips + (0, shift)]))
    assert differs(body, other) is unlike


def test_one_unlike_limb_is_no_other_body(dance):
    body = measure_body(dance)
    assert not differs(body, replace(body, limbs=body.limbs * np.r_[3, np.ones(17)]))


def test_a_body_of_longer_legs_travels_farther(dance):
    """The hips' path grows as torso and leg do together; arms do not matter."""
    body = measure_body(dance)
    legs, arms = np.r_[np.ones(10), 2 * np.ones(8)], np.r_[2 * np.ones(10), np.ones(8)]
    thighs_and_shins = body.limbs[[LIMBS.index(limb) for limb in ((23, 25), (25, 27), (24, 26), (26, 28))]]
    leg = thighs_and_shins.sum() / 2
    for limbs, size in ((legs, (body.torso + 2 * leg) / (body.torso + leg)), (arms, 1)):
        fitted = to_pixels(retarget(dance, body, replace(body, limbs=limbs * body.limbs)))
        hips = fitted[:, [23, 24], 0].mean(1)
        assert np.ptp(hips) == pytest.approx(size * 29.5, rel=1e-3)


def test_the_same_body_changes_nothing(dance):
    body = measure_body(dance)
    assert not differs(body, body)
    np.testing.assert_allclose(retarget(dance, body, body), dance, atol=1e-6)


def test_a_body_twice_as_large_elsewhere_is_the_dance_scaled_and_moved(dance):
    body = measure_body(dance)
    twice = Body.from_array(np.concatenate([2 * body.to_array()[:22], body.hips + (10, 20)]))
    assert differs(body, twice)
    fitted = to_pixels(retarget(dance, body, twice))
    expected = 2 * (to_pixels(dance) - body.hips) + body.hips + (10, 20)
    np.testing.assert_allclose(fitted, expected, atol=1e-3)
    assert measure_body(to_units(fitted)).to_array() == pytest.approx(twice.to_array(), rel=1e-3)


def test_one_longer_limb_keeps_its_direction_and_carries_the_hand(dance):
    body = measure_body(dance)
    longer = body.limbs.copy()
    upper_arm = LIMBS.index((11, 13))
    longer[upper_arm] *= 1.5
    fitted = retarget(dance, body, replace(body, limbs=longer))
    lengths, before = limb_lengths(fitted), limb_lengths(dance)
    np.testing.assert_allclose(lengths[:, upper_arm], 1.5 * before[:, upper_arm], rtol=1e-3)
    np.testing.assert_allclose(np.delete(lengths, upper_arm, 1), np.delete(before, upper_arm, 1), atol=1e-2)


def test_feet_stand_where_the_films_did():
    poses = np.full((20, 33, 2), 0.5)
    poses[:, [27, 28, 29, 30, 31, 32], 1] = np.linspace(0.9, 1.1, 20)[:, None]
    for floor in (600.0, 700.0):  # above and below where they stand
        moved = stand_on(poses, floor)
        assert floor_of(moved) == pytest.approx(floor, abs=0.1)
        np.testing.assert_allclose(np.diff(moved, axis=0), np.diff(poses, axis=0), atol=1e-6)


def test_hands_stay_in_the_picture_by_bending_the_elbow():
    """An arm of 80 + 70 pixels turns once around a shoulder that is 100 pixels from two edges."""
    turn = np.linspace(0, 2 * np.pi, 200)
    way = np.stack([np.cos(turn), np.sin(turn)], -1)
    lean = np.stack([np.cos(turn + 0.3), np.sin(turn + 0.3)], -1)
    pixels = np.full((200, 33, 2), 200.0)
    pixels[:, 11] = 260, 100
    pixels[:, 13] = pixels[:, 11] + 80 * lean
    pixels[:, 15] = pixels[:, 13] + 70 * way
    pixels[:, [17, 19, 21]] = pixels[:, 15][:, None] + 12 * way[:, None]
    poses = to_units(pixels)
    kept = to_pixels(keep_hands_inside(poses)).astype(float)
    hands = kept[:, [15, 17, 19, 21]]
    assert hands.min() >= 3.99 and hands[..., 0].max() <= 356.01 and (pixels[:, 17] < 0).any()
    free = ((pixels[:, [15, 17]] >= 4) & (pixels[:, [15, 17]] <= (356, 636))).all((1, 2))
    assert 20 < free.sum() < 180
    np.testing.assert_allclose(kept[free], pixels[free], atol=1e-3)
    np.testing.assert_allclose(np.linalg.norm(kept[:, 13] - kept[:, 11], axis=-1), 80, atol=1e-3)
    np.testing.assert_allclose(np.linalg.norm(kept[:, 15] - kept[:, 13], axis=-1), 70, atol=1e-3)
    steps, were = (np.linalg.norm(np.diff(one, axis=0), axis=-1).max() for one in (kept, pixels))
    assert steps < 3 * were  # nothing jumps
