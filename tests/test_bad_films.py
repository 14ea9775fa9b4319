"""What learn and extract make of films that are bad in every known way: a dancer, a sentence, and never a traceback.

What the check says of each is in ``test_film_check``.
"""

from pathlib import Path

import made_films as made
import numpy as np
import pytest
from typer.testing import CliRunner

from dancing_utils import InputError, cli, dancers, learn
from dancing_utils.data import dataset
from dancing_utils.pose.landmarks import MAIN_JOINTS, to_units

SHORT, THREE_SECONDS = 24, 100  # pictures
USABLE = [
    (made.rotated, ""), (made.variable_rate, ""), (made.eight_a_second, ""), (made.ten_bits, ""),
    (made.interlaced, ""), (made.odd_size, ""), (made.cut_off_mp4, "breaks off"), (made.bit_rot, ""),
    (made.silent, "has no sound"), (made.crossing, ""), (made.away, ""),
]  # fmt: skip
UNREADABLE = [
    (made.text, "not a video"), (made.zero_bytes, "0 bytes"), (made.sound_only, "no picture"),
    (made.cut_off_without_index, "is cut off"),
]  # fmt: skip
UNUSABLE = [
    (made.upside_down, "upside down"), (made.legs_only, ""), (made.drawing, ""), (made.photo, "one pose"),
]  # fmt: skip


@pytest.fixture
def make(tmp_path, monkeypatch, sample_clip):
    """``make(maker, n)``: a film of n pictures in a folder of its own."""
    monkeypatch.chdir(tmp_path)

    def make(maker, n=SHORT):
        monkeypatch.setattr(made, "N", n)
        folder = tmp_path / maker.__name__
        folder.mkdir()
        return maker(folder, sample_clip, sample_clip.parents[1] / "second_dancer" / "ben_1.mp4")

    return make


def dance(*words):
    """Exit code and what was said, of a command that either ends or refuses in a sentence."""
    result = CliRunner().invoke(cli.app, [str(word) for word in words])
    assert result.exception is None or isinstance(result.exception, SystemExit | InputError), result.exception
    return result.exit_code, f"{result.output} {result.exception or ''}"


@pytest.mark.slow
@pytest.mark.parametrize("maker, words", [*USABLE, *UNREADABLE])
def test_extract_takes_what_can_be_read_and_says_why_not(make, pose_model, maker, words):
    code, said = dance("extract", make(maker), "-o", "out.h5", "--quiet")
    assert words in said and "Traceback" not in said
    if (maker, words) in UNREADABLE:
        assert code == 1 and "1 failed" in said and not Path("out.h5").exists()
        return
    assert code == 0 and dataset.validate("out.h5") == []
    (clip,) = dataset.read_clips("out.h5")
    assert clip.detected.mean() > 0.5 and np.isfinite(clip.poses[clip.detected]).all()


@pytest.mark.slow
@pytest.mark.parametrize("maker, words", [*UNREADABLE, *UNUSABLE])
def test_learn_makes_no_dancer_of_what_the_check_refuses(make, pose_model, maker, words):
    code, said = dance("learn", make(maker, THREE_SECONDS), "--name", "me", "--quiet")
    assert code == 1 and "unusable" in said and words in said and "no film is usable" in said
    assert not Path("dancers/me").exists()


@pytest.mark.slow
def test_learn_makes_a_whole_dancer_of_the_others(make, pose_model, monkeypatch, capsys):
    """Of five that differ most, together: all show one person."""
    monkeypatch.setattr(learn, "_preview", lambda *_: None)
    films = [
        make(maker) for maker in (made.rotated, made.eight_a_second, made.odd_size, made.cut_off_mp4, made.bit_rot)
    ]
    dancer = learn.learn(films, "me", anyway=True, progress=False)
    assert "is left out" not in capsys.readouterr().out and len(dancer.films) == len(films)
    warper = dancers.open_painter(dancer.folder).warper
    assert len(warper.poses) >= 16
    covered = []
    for pose, layer in zip(warper.poses, warper.layers(to_units(warper.poses)), strict=True):
        x, y = pose[list(MAIN_JOINTS)].round().astype(int).T
        covered.append((layer[y, x, 3] > 127).mean())
    # She covers her own joints; of a picture with bit rot some may be missing.
    assert np.mean(covered) > 0.97 and np.quantile(covered, 0.05) > 0.9
