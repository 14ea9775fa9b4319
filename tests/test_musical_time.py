"""Frames and sixteenths of a beat: where ticks lie, what is heard and danced at them, and the way back."""

import numpy as np
import pytest

from dancing_utils.audio.beat_tracking import beat_phase
from dancing_utils.audio.hearing import sound_features
from dancing_utils.motion import musical_time


def heard(tempo, seconds=10.0, first=0.35):
    """Sound features (T, 16) of a song of one tempo, and its beats; the first MFCC counts the seconds."""
    n = round(seconds * 30)
    beats = np.arange(first, seconds, 60 / tempo)
    mfcc = np.tile(np.arange(n)[:, None] / 30, (1, 13))
    return sound_features(mfcc, np.ones(n), beats), beats


@pytest.mark.parametrize("tempo", [60, 112, 187])
def test_whole_numbers_of_beats_have_passed_on_the_beats(tempo):
    features, beats = heard(tempo)
    passed = musical_time.beats_passed(features)
    before = passed - beat_phase(beats, len(features))  # which beat is the first, is not said
    np.testing.assert_allclose(before, round(before[0]), atol=1e-5)


def test_without_a_beat_the_usual_tempo_is_counted():
    features = sound_features(np.random.default_rng(0).normal(size=(301, 13)), np.ones(301), np.zeros(0))
    passed = musical_time.beats_passed(features)
    assert passed[0] == 0 and passed[-1] == pytest.approx(10 * 112 / 60)
    heard_at = musical_time.features_at(features, musical_time.ticks_of(passed), passed)
    np.testing.assert_allclose(heard_at[:, -1], 0, atol=1e-5)


def test_the_beat_never_goes_back():
    features = np.random.default_rng(0).normal(size=(300, 16)).astype(np.float32)
    assert (np.diff(musical_time.beats_passed(features)) >= 0).all()


def test_ticks_cover_the_song_and_whole_beats_lie_within():
    passed = np.linspace(-0.4, 3.3, 60)
    ticks, whole = musical_time.ticks_of(passed), musical_time.whole_beats(passed)
    np.testing.assert_allclose(ticks, -1 + np.arange(5 * 16) / 16)
    np.testing.assert_allclose(whole, np.arange(3 * 16) / 16)
    assert len(musical_time.ticks_of(passed, multiple=30)) == 90
    assert len(musical_time.whole_beats(passed[:10])) == 0 and len(musical_time.ticks_of(passed[:1])) == 16
    on_beats = np.linspace(2, 4, 31)  # exactly
    assert len(musical_time.ticks_of(on_beats)) == len(musical_time.whole_beats(on_beats)) == 32


@pytest.mark.parametrize("tempo", [80, 112, 150])
def test_a_dance_is_the_same_at_every_tempo(tempo):
    """Its poses as a function of the beats: what is learned at the ticks does not know how fast the song was."""
    features, beats = heard(tempo, seconds=12)
    phase = beat_phase(beats, len(features))
    vectors = np.stack([np.sin(np.pi * phase / 2), np.cos(np.pi * phase / 4)], 1)
    sound, moved = musical_time.to_ticks(features, vectors)
    ticks = np.arange(len(moved)) / 16
    expected = np.stack([np.sin(np.pi * ticks / 2), np.cos(np.pi * ticks / 4)], 1)
    np.testing.assert_allclose(moved, expected, atol=5e-3)
    np.testing.assert_allclose(sound[:, -2], np.sin(2 * np.pi * ticks), atol=1e-5)
    np.testing.assert_allclose(sound[:, -1], 2 * np.log2(tempo / 112), atol=0.02)
    mfcc = np.interp(beats[0] + ticks * 60 / tempo, np.arange(len(features)) / 30, features[:, 0])
    np.testing.assert_allclose(sound[:, 0], mfcc, atol=1e-3)  # the sound of the same moment


def test_there_and_back():
    features, _ = heard(100)
    passed = musical_time.beats_passed(features)
    dance = np.sin(np.arange(len(features)) / 5)[:, None]
    ticks = musical_time.ticks_of(passed)
    moved = musical_time.values_at(dance, musical_time.frames_at(ticks, passed))
    back = musical_time.values_at(moved, (passed - ticks[0]) * 16)
    np.testing.assert_allclose(back[20:-20], dance[20:-20], atol=2e-3)


def test_values_between_rows_lie_on_a_smooth_curve_and_the_ends_are_held():
    line = np.arange(10.0)[:, None] ** 2
    np.testing.assert_allclose(musical_time.values_at(line, np.array([-3, 2.5, 99])), [[0], [6.25], [81]], atol=1e-5)
    assert (musical_time.values_at(np.ones((1, 3)), np.zeros(4)) == 1).all()
