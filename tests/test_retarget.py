"""A dance fitted to another body: bodies whose measures are known."""

from dataclasses import replace

import numpy as np
import pytest

from dancing_utils import InputError
from dancing_utils.landmarks import INDEX, LIMBS, limb_lengths, to_pixels, to_units
from dancing_utils.retarget import Body, differs, measure_body, retarget


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
