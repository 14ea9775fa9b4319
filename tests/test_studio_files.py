"""The sample studio's files: the corpus, clips and what the command refuses."""

import os
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from unittest.mock import MagicMock

import numpy as np
import pytest

from dancing_utils import FPS, InputError
from dancing_utils.data import dataset, media
from data_sample.studio import choreography, clips, corpus, naming, render
from data_sample.studio.clips import CLIPS, render_clip

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize(
    "n_songs, counts",
    [(360, (320, 10, 30)), (120, (80, 10, 30)), (12, (8, 1, 3)), (3, (1, 1, 1)), (1, (1, 0, 0))],
)
def test_a_small_corpus_has_its_share_of_each_split(n_songs, counts):
    splits = [corpus.split_of(number) for number in corpus.numbers_of(n_songs)]
    assert len(splits) == n_songs and tuple(splits.count(s) for s in ("train", "validation", "test")) == counts


def test_a_song_is_of_one_split_in_a_corpus_of_any_size():
    """Else songs that a model of the large corpus was trained on would be held out in a small one."""
    assert len(set(corpus.numbers_of(120))) == 120 and set(corpus.numbers_of(12)) < set(corpus.numbers_of(24))
    assert set(corpus.numbers_of(120)) < set(corpus.numbers_of(360))
    for n_songs in (0, 401):
        with pytest.raises(InputError, match=f"n_songs={n_songs} must be 1 to 400"):
            corpus.numbers_of(n_songs)


def test_a_song_of_the_corpus_is_known_by_its_score_and_moves():
    """The digest is the same on every machine, so it stands here; another dance or another song has another."""
    song = corpus.compose_song(17)
    first, other = choreography.choreograph(song), choreography.choreograph(song, seed=1)
    assert corpus.content_of(song, first).startswith("8e9688123d82655b")
    contents = {corpus.content_of(song, first), corpus.content_of(song, other)}
    assert len(contents | {corpus.content_of(corpus.compose_song(18), first)}) == 3


@pytest.mark.slow
def test_a_song_of_the_corpus_is_written_in_the_seeds_form(tmp_path):
    path = corpus.write(tmp_path / "corpus.h5", 1)
    assert dataset.validate(path) == []
    (clip,) = dataset.read_clips(path)
    assert clip.mfcc.shape[1:] == (13,) and clip.poses.shape[1:] == (33, 2) and len(clip.mfcc) >= 40 * FPS
    inside = (clip.poses > 0) & (clip.poses < 1)
    assert inside.mean() > 0.99
    again = corpus.make_song(0)
    assert clip.content == clip.attributes["identity"] == again["content"]
    assert np.allclose(again["heard"].mfcc[: len(clip.mfcc)], clip.mfcc, atol=1e-3)
    beats = again["beats"]
    np.testing.assert_allclose(clip.beats, beats[beats < len(clip.mfcc) / FPS], atol=1e-6)  # the score's
    assert clip.attributes["beat_regularity"] > 0.2


@pytest.mark.slow
def test_two_processes_make_the_songs_that_one_makes(monkeypatch):
    """And they are fresh ones: a fork of a process in which TensorFlow runs its threads may hang."""
    contexts = []

    class Pool(ProcessPoolExecutor):
        def __init__(self, workers, context=None):
            super().__init__(workers, context)
            contexts.append(self._mp_context.get_start_method())

    monkeypatch.setattr(corpus, "ProcessPoolExecutor", Pool)
    alone, together = list(corpus._songs([0, 1], 1)), list(corpus._songs([0, 1], 2))
    assert contexts == ["spawn"]
    for one, other in zip(alone, together, strict=True):
        assert one.keys() == other.keys()
        assert one["heard"].tempo == other["heard"].tempo
        for name, value in (one | vars(one.pop("heard"))).items():
            np.testing.assert_array_equal((other | vars(other["heard"]))[name], value, err_msg=name)


def test_a_process_that_is_killed_is_said_in_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(corpus, "make_song", os._exit)
    with pytest.raises(InputError, match="a process that made songs was killed.*give fewer --workers than 2"):
        corpus.write(tmp_path / "corpus.h5", 1, workers=2)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "arguments, code, says",
    [
        (("corpus", "-o", "x.h5", "--songs", "0"), 2, "--songs: 0 must be 1 or more"),
        (("clips", "--workers", "-1"), 2, "--workers: -1 must be 1 or more"),
        (("corpus", "-o", ".", "--songs", "1"), 1, "studio: . is a folder"),
        (("fit", "--clips", "nowhere"), 1, "studio: nowhere holds no training clips of this edition"),
        (("clips", "--only", "polka"), 1, "no clip's name holds 'polka'"),
    ],
)
def test_wrong_arguments_are_refused_in_a_sentence(arguments, code, says, monkeypatch, capsys):
    from data_sample.studio.__main__ import main

    monkeypatch.setattr(sys, "argv", ["studio", *arguments])
    with pytest.raises(SystemExit) as ending:
        main()
    said = f"{ending.value} {capsys.readouterr().err}"  # Python prints an exit code that is a sentence
    assert says in said and (2 if ending.value.code == 2 else 1) == code


@pytest.fixture
def opengl(monkeypatch):
    """An OpenGL that draws black, and whose contexts can be looked at."""
    gl = MagicMock()
    drawn = gl.create_context.return_value.framebuffer.return_value.color_attachments.__getitem__.return_value.read
    drawn.return_value = bytes(4 * 2 * 640 * 2 * 360)
    monkeypatch.setattr(render, "_import_moderngl", lambda: gl)
    return gl


def test_a_clip_leaves_no_opengl_context_behind(tmp_path, opengl):
    """Each held 57 MB: whether the clip is whole or drawing failed, it is freed."""
    context = opengl.create_context.return_value
    clip = render_clip(CLIPS[0], tmp_path, max_frames=2)
    assert [frame.max() for frame in media.read_frames(clip)] == [0, 0]
    context.release.assert_called_once()
    context.enable.side_effect = MemoryError
    with pytest.raises(MemoryError):
        render_clip(CLIPS[1], tmp_path, max_frames=2)
    assert context.release.call_count == 2 == opengl.create_context.call_count


def test_a_clip_is_finished_when_its_truth_is_there_and_of_this_edition(tmp_path, opengl, monkeypatch):
    assert not clips.is_finished(CLIPS[0], tmp_path)
    opengl.create_context.return_value.enable.side_effect = MemoryError  # stopped in the middle
    with pytest.raises(MemoryError):
        render_clip(CLIPS[0], tmp_path, max_frames=1)
    assert not clips.is_finished(CLIPS[0], tmp_path)
    opengl.create_context.return_value.enable.side_effect = None
    render_clip(CLIPS[0], tmp_path, max_frames=1)
    assert clips.is_finished(CLIPS[0], tmp_path)
    monkeypatch.setattr(clips, "EDITION", clips.EDITION + 1)
    assert not clips.is_finished(CLIPS[0], tmp_path)


def test_a_machine_without_opengl_is_told_in_a_sentence(opengl):
    opengl.create_context.side_effect = Exception("libEGL not found")
    with pytest.raises(InputError, match="no OpenGL 3.3 without a window .libEGL not found.: .* apt install"):
        render.Renderer("ada")


RENDER = """
import hashlib, sys
from pathlib import Path
from data_sample.studio.clips import CLIPS, render_clip
clip = render_clip(CLIPS[0], Path(sys.argv[1]), max_frames=20)
print(hashlib.sha256(clip.read_bytes()).hexdigest())
"""


@pytest.mark.slow
def test_the_same_command_gives_the_same_clip(tmp_path):
    pytest.importorskip("moderngl", reason="rendering needs data_sample/studio/requirements.txt")
    hashes = []
    for name in ("one", "other"):
        run = subprocess.run([sys.executable, "-c", RENDER, tmp_path / name], cwd=ROOT, capture_output=True, text=True)
        if "no OpenGL 3.3 without a window" in run.stderr:
            pytest.skip("no OpenGL 3.3 without a window on this machine")
        assert run.returncode == 0, run.stderr
        hashes.append(run.stdout)
    assert hashes[0] == hashes[1]
    frames = list(media.read_frames(tmp_path / "one" / "clips" / "ada_01.mp4"))
    assert len(frames) == 20 and np.abs(frames[0].astype(int) - frames[19]).max() > 50  # the dancer moves


def test_a_strip_shows_her_left_on_our_right_and_her_side_below():
    strip = naming.draw_strip(0, 8).astype(int)
    rows, columns = strip.shape[0] // 2, strip.shape[1] // naming.FIGURES
    assert strip.shape == (2 * 320, 12 * 180, 3)

    def middles(colour):  # columns (12,) of the figures' pixels of a colour, in the upper row
        found = (strip[:rows] == colour).all(-1).reshape(rows, naming.FIGURES, columns)
        return np.array([np.nonzero(found[:, i])[1].mean() for i in range(naming.FIGURES)])

    assert (middles(naming.LEFT) > middles(naming.RIGHT)).all()
    assert (strip[rows:] != strip[:rows]).any()


def test_viewers_are_told_what_they_called_otherwise(tmp_path):
    key, answers = tmp_path / "key.csv", tmp_path / "answers.csv"
    key.write_text("1,floss\n2,swim\n3,march\n")
    answers.write_text("3, march\n1,swim\n\n2,floss\n")
    assert naming.score(answers, key) == [("floss", "swim"), ("swim", "floss")]
    answers.write_text("1,floss\nnumber,name\n")
    with pytest.raises(InputError, match="no line for 2, 3: give `number,name`"):
        naming.score(answers, key)


def test_every_move_is_found_in_the_corpus_where_it_lasts():
    moves = naming.find_moves()
    assert len(moves) == naming.N_MOVES == len(set(moves) - set(naming.OTHERS))
    for name, (number, start) in list(moves.items())[::10]:
        steps = choreography.choreograph(corpus.compose_song(number)).steps
        (step,) = [step for step in steps if step.start == start]
        assert step.name == name and step.end - start >= 8
