"""The ear: what coefficients keep, noise that has a spectrum, taps against beats; all with known answers."""

import io
import wave

import numpy as np
import pytest

from dancing_utils import SAMPLE_RATE, InputError
from dancing_utils.audio import spectrum
from dancing_utils.audio.hearing import Heard
from dancing_utils.instruments import ear, instrument

BEATS = np.arange(1, 9) * 0.5


@pytest.fixture(scope="module")
def tone():
    """Two seconds: noise of which the second half is 20 dB louder, and a tone of 440 Hz."""
    rng, t = np.random.default_rng(0), np.arange(2 * SAMPLE_RATE) / SAMPLE_RATE
    sound = 0.01 * rng.standard_normal(len(t)) * np.where(t < 1, 1, 10) + 0.02 * np.sin(2 * np.pi * 440 * t)
    return sound.astype(np.float32)


def test_all_coefficients_keep_all_and_one_the_mean_level(tone):
    coefficients = spectrum.mfcc(tone, n_mfcc=128)
    whole = ear.shape_kept(coefficients, 128)
    np.testing.assert_allclose(ear.shape_kept(coefficients, 1), whole.mean(1, keepdims=True) * np.ones(128), atol=1e-3)
    errors = [np.abs(ear.shape_kept(coefficients, n) - whole).mean() for n in (1, 13, 40, 128)]
    assert errors == sorted(errors, reverse=True) and errors[-1] < 1e-3
    for n in (0, 129):
        with pytest.raises(InputError, match="1 to 128"):
            ear.shape_kept(coefficients, n)


def test_noise_is_given_the_spectrum_that_was_asked_for(tone):
    asked = ear.shape_kept(spectrum.mfcc(tone, n_mfcc=128), 13)
    sound = ear.sound_of(asked)
    assert sound.shape == (60 * 735,) and sound.dtype == np.float32
    got = ear.shape_kept(spectrum.mfcc(sound, n_mfcc=128), 13)
    off = (got - asked)[4:-4, 8:]
    assert abs(off.mean()) < 2 and np.abs(off).mean() < 3  # dB; noise itself is uneven
    assert 17 < (got[35:55].mean() - got[5:25].mean()) < 23


def test_taps_on_the_beat_score_1_and_between_them_0():
    assert ear.score_taps(BEATS, BEATS)["f"] == 1
    between = ear.score_taps(BEATS + 0.25, BEATS)
    assert between["f"] == 0 and not any(between["hits"])


def test_late_taps_are_told_apart_from_wrong_ones():
    score = ear.score_taps(BEATS + 0.1, BEATS)
    assert score["f"] == 0 and score["own"] == 1 and score["late"] == pytest.approx(0.1)
    assert "100 ms late" in ear.in_words(score) and "F 1.00" in ear.in_words(score)
    assert "50 ms early" in ear.in_words(ear.score_taps(BEATS - 0.05, BEATS))


def test_every_second_beat_by_hand():
    score = ear.score_taps(BEATS[::2], BEATS)  # 4 taps, all right; 7 beats from the first to the last
    assert score["f"] == pytest.approx(2 * 4 / (4 + 7))


def test_a_beat_is_hit_once_and_the_edge_counts():
    score = ear.score_taps([0.5, 0.52, 1.07, 1.571, 2.0], BEATS)
    assert score["hits"] == [True, False, True, False, True]
    assert score["f"] == pytest.approx(2 * 3 / (5 + 4))


def test_too_few_taps_or_no_beat_is_said():
    with pytest.raises(InputError, match="3 taps"):
        ear.score_taps([1, 2, 3], BEATS)
    with pytest.raises(InputError, match="no beat"):
        ear.score_taps(BEATS, [])


def test_the_widget_answers_what_the_browser_asks(tone):
    heard = Heard(spectrum.mfcc(tone), spectrum.onset_strength(tone), BEATS[BEATS < 2], 120.0, 1.0)
    one = ear.Ear(tone, heard, np.full((50, 33, 2), 0.5, np.float32))
    told, (sound, dance, peaks, mel, mfcc, colours) = one.begin({}, [])
    assert told["frames"] == 50 and len(dance) == 50 * 66 * 4 and len(mel) == 50 * 128 and len(mfcc) == 50 * 13
    assert len(colours) == 768 and max(mel) == 255 and max(peaks) == 255
    with wave.open(io.BytesIO(sound)) as file:
        assert (file.getnframes(), file.getframerate(), file.getnchannels()) == (50 * 735, SAMPLE_RATE, 1)
    asked = {"kind": "keep", "what": {"n": 13}, "number": 7, "asker": "a"}
    told, (kept, _) = next(instrument.replies(one.answers, asked, []))
    assert told == {"n": 13, "kind": "keep", "number": 7, "asker": "a"} and len(kept) == len(sound)
    told, _ = next(instrument.replies(one.answers, {**asked, "what": {"n": 0}, "number": 8}, []))
    assert told["error"].startswith("0 coefficients") and told["number"] == 8
    told, _ = next(instrument.replies(one.answers, {**asked, "kind": "score", "what": {"taps": "x"}}, []))
    assert "ValueError" in told["error"] and "try another setting" in told["error"]
    bundle, metadata = one._repr_mimebundle_()
    assert bundle["text/plain"] == metadata["image/png"]["alt"] == one.words and bundle["image/png"].startswith("iVBOR")
