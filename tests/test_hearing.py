"""What is heard of a sound, in one call, and what is told instead of heard."""

import subprocess
import sys

import numpy as np
import pytest
from test_beat_network import clicks

from dancing_utils import SAMPLE_RATE, InputError
from dancing_utils.audio import beat_network, hearing

METRONOME = clicks(np.arange(0.3, 12, 0.5), 12)


def test_one_call_hears_everything_for_as_many_frames_as_are_asked_for():
    heard = hearing.hear(METRONOME, n_frames=300)
    assert heard.mfcc.shape == (300, 13) and heard.onset_strength.shape == (300,)
    assert heard.beats[-1] < 10 and heard.tempo == pytest.approx(120, rel=0.01) and heard.regularity > 0.2
    assert heard.features.shape == (300, 16) and heard.has_beat and hearing.knows_beat(heard.features)
    on_beats = heard.features[np.round(heard.beats * 30).astype(int), 15]
    assert on_beats.min() > 0.9  # the cosine is 1 on a beat


def test_without_a_beat_sine_and_cosine_are_0():
    noise = np.random.default_rng(0).uniform(-0.1, 0.1, 12 * SAMPLE_RATE).astype(np.float32)
    heard = hearing.hear(noise)
    assert not heard.has_beat and not hearing.knows_beat(heard.features)
    assert heard.tempo == 0 and heard.regularity < beat_network.REGULAR
    assert heard.features[:, :13].any() and not heard.features[:, 14:].any()


def test_a_given_tempo_is_followed_even_where_no_beat_is_heard():
    noise = np.random.default_rng(0).uniform(-0.1, 0.1, 10 * SAMPLE_RATE).astype(np.float32)
    for sound in (METRONOME, noise):
        assert hearing.hear(sound, tempo=60).tempo == pytest.approx(60, rel=0.08)


def test_given_beats_are_taken_and_the_network_is_not_asked(monkeypatch):
    monkeypatch.setattr(beat_network, "activations", lambda _: pytest.fail("the network was asked"))
    heard = hearing.hear(METRONOME, beats=np.array([1.0, 1.75, 2.5, 100]))
    np.testing.assert_array_equal(heard.beats, [1, 1.75, 2.5])  # the song ends before the last
    assert heard.tempo == 80 and np.isnan(heard.regularity)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"beats": [1.0, 1.0]}, "later than the one before"), ({"beats": [-1.0, 1.0]}, "from the song's start"),
        ({"tempo": 1000}, "tempo=1000"), ({"tempo": 100, "beats": [1.0, 2.0]}, "give one of them"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(given, words):
    with pytest.raises(InputError, match=words):
        hearing.hear(METRONOME, **given)


def test_beats_in_milliseconds_are_not_taken_for_a_song_without_a_beat():
    silence = np.zeros(10 * SAMPLE_RATE, np.float32)
    with pytest.raises(InputError, match=r"lasts 10\.0 s, and 0 of the 19 beats .* the first at 500: give"):
        hearing.hear(silence, beats=np.arange(500, 10000, 500.0))


def test_beats_are_read_from_a_text(tmp_path):
    (tmp_path / "beats.txt").write_text("0.5\n\n 1\n1.5e0\n")
    np.testing.assert_array_equal(hearing.read_beats(tmp_path / "beats.txt"), [0.5, 1, 1.5])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("0.5\nhalf past\n", "line 2, 'half past', is no time"), ("1\n\n0.5\n", "line 3, 0.5, is not later"),
        ("1\n1\n", "line 2, 1, is not later"), ("-1\n", "line 1, -1, is not"), ("nan\n", "line 1, nan, is not"),
        ("1\ninf", "line 2, inf, is not"), ("", "holds 0 beats"), ("3.5", "holds 1 beats"),
    ],
)  # fmt: skip
def test_the_line_that_is_wrong_is_named(tmp_path, text, words):
    (tmp_path / "beats.txt").write_text(text)
    with pytest.raises(InputError, match=words):
        hearing.read_beats(tmp_path / "beats.txt")


def test_a_file_that_is_no_text_is_refused(tmp_path):
    (tmp_path / "song.mp3").write_bytes(b"\xff\xfb\x90\x00")
    for name in ("song.mp3", "none.txt"):
        with pytest.raises(InputError, match=f"{name} cannot be read as a text of beats"):
            hearing.read_beats(tmp_path / name)


ALL_COMPILED = """
import sys
from pathlib import Path
from dancing_utils.audio import hearing
from dancing_utils.data import media
from dancing_utils.files import SAMPLE

def compiled():
    files = [getattr(sys.modules[name], "__file__", None) for name in list(sys.modules) if name.startswith("librosa")]
    return {file for file in files if file and "guvectorize(" in Path(file).read_text(encoding="utf-8")}

hearing.compile_librosa()
before = compiled()
assert hearing.hear(media.read_audio(SAMPLE / "songs" / "held_out_1.mp3")).has_beat
assert before and compiled() == before, compiled() - before
"""


def test_nothing_is_compiled_by_hearing_a_song_that_was_not_before():
    """Else processes that hear their first songs at once mix up numba's files."""
    subprocess.run([sys.executable, "-c", ALL_COMPILED], check=True)
