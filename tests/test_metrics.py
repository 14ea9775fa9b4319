"""Measures against motion whose answer is known."""

import numpy as np
import pytest

from dancing_utils import InputError
from dancing_utils.metrics import beat_alignment, motion_beats


def swinging(period, n=300, fps=30):
    """Points that swing to and fro: at rest twice a period, at multiples of period / 2."""
    t = np.arange(n) / fps
    return np.cos(2 * np.pi * t / period)[:, None, None] * np.ones((1, 5, 2))


def test_a_swing_is_slowest_where_it_turns():
    found = motion_beats(swinging(1.0))
    assert len(found) == 19 and np.abs(found - np.arange(1, 20) * 0.5).max() < 0.02


def test_missing_frames_are_bridged():
    points = swinging(1.0)
    points[40:44] = np.nan
    found = motion_beats(points)
    assert abs(len(found) - 19) <= 1 and np.isfinite(found).all()


def test_alignment_is_one_on_the_beat_and_by_the_formula_off_it():
    beats = np.arange(20) * 0.5
    assert beat_alignment(beats, beats) == 1
    assert beat_alignment(beats + 0.05, beats) == pytest.approx(np.exp(-0.5))
    assert beat_alignment(beats + 0.25, beats) < 1e-4


def test_alignment_of_a_dance_beats_chance():
    beats = np.arange(1, 19) * 0.5
    dance = motion_beats(swinging(1.0))
    strangers = [beat_alignment(np.arange(1, 19) * period, dance) for period in (0.43, 0.61, 0.57)]
    assert beat_alignment(beats, dance) > 0.9 > 0.5 > np.mean(strangers)


def test_nothing_to_compare():
    assert np.isnan(beat_alignment(np.zeros(0), np.ones(2))) and beat_alignment(np.ones(2), np.zeros(0)) == 0
    assert len(motion_beats(np.full((10, 5, 2), np.nan))) == 0
    with pytest.raises(InputError, match="2, 5, 2"):
        motion_beats(np.zeros((2, 5, 2)))
