"""From films to a dancer, with real detection: a run that is killed, films that cannot be used, several films."""

import json
import subprocess
import sys
import time
from pathlib import Path

import cv2
import made_films
import numpy as np
import pytest
from drawn_person import draw, pose_of, wall
from made_films import frames_of
from PIL import Image
from typer.testing import CliRunner

from dancing_utils import InputError, cli, dancers, learn
from dancing_utils.data import many_films, media
from dancing_utils.files import SAMPLE
from dancing_utils.images import filmed_person, key_frames

ADA, BEN = SAMPLE / "clips" / "ada_01.mp4", SAMPLE / "second_dancer" / "ben_1.mp4"


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def cut(path, *, start=0, stop=150, film=BEN):
    """Frames ``start`` to ``stop`` of a film, without sound."""
    with media.VideoWriter(path) as writer:
        for k, frame in enumerate(media.read_frames(film)):
            if k >= stop:
                break
            if k >= start:
                writer.write(frame)
    return path


@pytest.mark.slow
def test_a_killed_run_leaves_no_dancer_and_goes_on_where_it_was(here, pose_model, monkeypatch):
    film = cut("ben.mp4")
    command = [sys.executable, "-c", "import sys; sys.argv[0] = 'dance'; from dancing_utils.cli import main; main()"]
    process = subprocess.Popen([*command, "learn", film, "--name", "me", "--quiet"], stdout=subprocess.PIPE, text=True)
    work, until = Path("dancers/.me.learning"), time.monotonic() + 120
    while not list(work.glob("[!.]*.h5")) and time.monotonic() < until and process.poll() is None:
        time.sleep(0.02)
    process.kill()
    assert "Ask the person in the film" in process.communicate()[0]
    (part,) = work.glob("[!.]*.h5")
    assert [d.name for d in dancers.list_dancers() if d.name not in dancers.RESERVED] == []
    monkeypatch.setattr(many_films, "extract_film", lambda *_, **__: pytest.fail("the film is looked at once more"))
    dancer = learn.learn([film], "me", progress=False)
    assert not work.exists() and dancer.seconds == 5 and 0.5 < dancer.quality <= 1
    assert media.probe(dancer.folder / dancers.PREVIEW).duration == pytest.approx(8, abs=0.1)
    assert media.read_comment(dancer.folder / dancers.PREVIEW).startswith("Synthetic: dancer me,")
    # Painted in the pose of a frame she is like that frame, and unlike the empty room.
    frames = list(media.read_frames(film))
    (painted,) = dancers.open_painter(dancer.folder).paint(_pose(frames[75])[None])
    with Image.open(dancer.folder / dancers.PLATE) as image:
        plate = np.asarray(image).astype(int)
    box = np.abs(frames[75].astype(int) - plate).max(-1) > 40
    assert np.abs(painted.astype(int) - frames[75])[box].mean() < 0.5 * np.abs(plate - frames[75])[box].mean()
    with pytest.raises(InputError, match="me is there already"):
        learn.learn([film], "me", progress=False)


def _pose(frame):
    from dancing_utils.pose.detector import PoseDetector

    with PoseDetector() as detector:
        return detector.detect(frame)[0]


@pytest.mark.slow
def test_what_cannot_be_used_makes_no_dancer(here, pose_model, capsys):
    Path("words.mp4").write_text("not a film")
    Path("nothing.mp4").write_bytes(b"")
    with media.VideoWriter("wall.mp4") as writer:
        for _ in range(100):
            writer.write(wall())
    drawing, _ = draw(pose_of(), wall())
    with media.VideoWriter("drawing.mp4") as writer:
        for _ in range(100):
            writer.write(drawing)
    with pytest.raises(InputError, match="no film is usable"):
        learn.learn(["words.mp4", "nothing.mp4", "wall.mp4", "drawing.mp4"], "me", progress=False)
    said = capsys.readouterr().out
    assert said.count("unusable") == 4 and said.count("is left out") == 4
    assert not Path("dancers/me").exists()
    with pytest.raises(InputError, match="no film is usable|no person"):
        learn.learn(["words.mp4", "wall.mp4"], "me", anyway=True, progress=False)
    assert not Path("dancers/me").exists()


def test_a_film_that_is_not_there_is_left_out_and_named(here, capsys):
    with pytest.raises(InputError, match="no film is usable"):
        learn.learn(["missing.mp4"], "me", progress=False)
    assert "missing.mp4 cannot be read (No such file or directory) and is left out" in capsys.readouterr().out


@pytest.mark.slow
def test_two_films_give_one_dancer_and_a_copy_counts_once(here, pose_model):
    films = [cut("a.mp4", stop=120), cut("b.mp4", start=300, stop=420)]
    Path("c.mp4").write_bytes(Path("a.mp4").read_bytes())
    learn.learn([*films, "c.mp4"], "me", folder="mine", progress=False)
    facts = json.loads(Path("mine/me/about.json").read_text("utf-8"))
    assert [(film["file"], film["seconds"]) for film in facts["films"]] == [("a.mp4", 4.0), ("b.mp4", 4.0)]
    first = (Path("mine/me") / dancers.KEY_FRAMES).read_bytes()
    learn.learn([films[0]], "me", folder="mine", again=True, progress=False)
    assert (Path("mine/me") / dancers.KEY_FRAMES).read_bytes() != first
    assert [path.name for path in Path("mine").iterdir()] == ["me"]


@pytest.mark.slow
@pytest.mark.parametrize("at, green", [("0.25,0.5", True), ("0.75,0.5", False)])
def test_of_two_people_the_chosen_one_is_learned(here, pose_model, monkeypatch, at, green):
    """Ada, in a green shirt, and ben: a window around the one has a part of the other in it."""
    both = zip(*(frames_of(film, start=200, n=100) for film in (ADA, BEN)), strict=True)
    made_films.write("two.mp4", (np.hstack(pair) for pair in both))
    monkeypatch.setattr(learn, "_preview", lambda *_: None)
    said = CliRunner().invoke(cli.app, ["learn", "two.mp4", "--name", "me", "--at", at, "--quiet"])
    assert said.exit_code == 0 and "other people in" in said.output, said
    frames = key_frames.load(Path("dancers/me") / dancers.KEY_FRAMES)
    for picture, matrix, pose in zip(frames.pictures, frames.to_plate, frames.poses, strict=True):
        x, y = np.linalg.inv(matrix[:, :2]) @ (pose[[11, 12, 23, 24]].mean(0) - matrix[:, 2])  # the trunk's middle
        assert (cv2.cvtColor(picture, cv2.COLOR_RGB2LAB)[int(y), int(x), 1] < 110) == green


def test_names_are_refused_before_any_work(here):
    for name in ("ada", "../me"):
        with pytest.raises(InputError, match="cannot be called|of the sample"):
            learn.learn(["none.mp4"], name)


def test_key_frames_of_two_films_are_the_best_of_both():
    people = []
    for arms in ((0, 20, 40, 60), (80, 100, 120, 140)):
        poses = np.stack([pose_of(left=(a, a), right=(a, a)) for a in arms])
        film = [draw(pose, wall()) for pose in poses]
        seen = np.ones(poses.shape[:2], np.float32)
        people.append(filmed_person.learn(lambda size, film=film: iter(film), poses / (360, 640), seen, 0 * seen))
    frames, quality, places = learn.together(people, people[0])
    assert len(frames.pictures) == len(frames.masks) == len(quality) == 8
    for (film, k), pose in zip(places, frames.poses, strict=True):
        np.testing.assert_allclose(people[film].poses[k] * (360, 640), pose, atol=1e-3)
    poses = {tuple(np.round(pose[15], 1)) for pose in frames.poses}
    assert poses == {tuple(np.round(pose[15], 1)) for one in people for pose in one.frames.poses}
    for picture, mask, matrix, pose in zip(frames.pictures, frames.masks, frames.to_plate, frames.poses, strict=True):
        x, y = np.linalg.inv(matrix[:, :2]) @ (pose[15] - matrix[:, 2])  # her wrist lies on her mask in each
        assert mask[int(y), int(x)] > 0 and picture.shape[:2] == mask.shape
