"""A dancer's folder: written, read, copied, damaged, listed, forgotten."""

import itertools
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from drawn_person import COLOURS, draw, pose_of, units, wall
from PIL import Image
from typer.testing import CliRunner

from dancing_utils import HEIGHT, WIDTH, InputError, cli, dancers, generate
from dancing_utils.data import media
from dancing_utils.evaluation import truth
from dancing_utils.images import filmed_person, key_frames, warp
from dancing_utils.pose.body import measure_body
from data_sample.studio import shipped

FILMS = [{"file": "IMG_1.mp4", "seconds": 12.5, "content": "0" * 64}]


@pytest.fixture(scope="module")
def person():
    """A drawn person who raises her arms, learned."""
    poses = np.stack([pose_of(left=(20 * k, 20 * k), right=(140 - 20 * k,) * 2) for k in range(8)])
    film = [draw(pose, wall()) for pose in poses]
    seen = np.ones(poses.shape[:2], np.float32)
    return filmed_person.learn(lambda size: iter(film), units(poses), seen, 0 * seen)


@pytest.fixture
def here(tmp_path, monkeypatch):
    """An empty folder to work in, with an empty user's data folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(dancers.platformdirs, "user_data_dir", lambda name: str(tmp_path / "user" / name))
    return tmp_path


def make(folder, person, **changes):
    folder.mkdir(parents=True)
    key_frames.save(folder / dancers.KEY_FRAMES, person.frames)
    dancers.write_plate(folder / dancers.PLATE, person.plate.picture)
    facts = {"name": folder.name, "films": FILMS, "quality": 0.9, "body": measure_body(person.poses), "floor": 540.0,
             "made": "2026-01-31", "settings": {}, "versions": {}} | changes  # fmt: skip
    dancers.write_about(folder, **facts)
    return folder


def test_a_copied_dancer_is_painted_as_the_one_that_was_learned(here, person):
    make(here / "dancers" / "me", person)
    shutil.move("dancers/me", "user/dancing-project/dancers/me")
    dancer = dancers.find("me")
    assert (dancer.name, dancer.films, dancer.seconds, dancer.made) == ("me", FILMS, 12.5, "2026-01-31")
    painted = list(dancers.open_painter(dancer.folder).paint(person.poses[:2]))
    loaded = key_frames.load(dancer.folder / dancers.KEY_FRAMES)
    assert (painted == np.stack(list(warp.Warper(loaded, person.plate.picture).paint(person.poses[:2])))).all()
    np.testing.assert_allclose(dancer.body.to_array(), measure_body(person.poses).to_array(), atol=1e-3)
    text = (dancer.folder / dancers.ABOUT).read_text("utf-8")
    assert str(here) not in text and set(json.loads(text)["files"]) == {"key_frames.npz", "plate.png"}


def test_one_in_the_current_folder_comes_before_one_of_the_users(here, person):
    make(here / "user/dancing-project/dancers/me", person, made="2025-01-01")
    make(here / "dancers" / "me", person)
    assert dancers.find("me").made == "2026-01-31"
    assert dancers.find("me", here / "user/dancing-project/dancers").made == "2025-01-01"


@pytest.mark.parametrize("name", ["../me", "a/b", "", "me!", "x" * 65, ".", "ada", "Ben", "con", "LPT1"])
def test_names_that_cannot_be_taken(here, name):
    for refuse in (dancers.check_name, dancers.forget):
        with pytest.raises(InputError, match="cannot be called|is a dancer of the sample|device on Windows"):
            refuse(name)


def test_an_unknown_dancer_is_said_with_those_there_are(here, person, monkeypatch):
    make(here / "dancers" / "me", person)
    with pytest.raises(InputError, match=r"there is no dancer you \(there are: ada, ben, me\)"):
        dancers.find("you")
    with pytest.raises(InputError, match="never called '../me'"):
        dancers.find("../me")
    monkeypatch.setattr(dancers, "SHIPPED_DANCERS", here / "sample")
    with pytest.raises(InputError, match="dance learn FILM --name ben --dancers .*sample`"):
        dancers.find("ben")  # whom `learn` makes nowhere else


def _change(folder, **changes):
    path = folder / dancers.ABOUT
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | changes))


@pytest.mark.parametrize(
    "damage, words",
    [
        (lambda f: (f / dancers.ABOUT).write_text("{"), "about.json is damaged"),
        (lambda f: (f / dancers.ABOUT).write_bytes(b"\xff\x00"), "about.json is damaged"),
        (lambda f: (f / dancers.ABOUT).write_text("[1]"), "damaged or of another kind"),
        (lambda f: (f / dancers.ABOUT).write_text(" " * (1 << 21)), "bytes, which is too much"),
        (lambda f: (f / dancers.ABOUT).unlink(), "holds no about.json"),
        (lambda f: _change(f, schema=2), "a later version of this course .schema 2."),
        (lambda f: _change(f, films=[{"file": 3}]), "damaged or of another kind"),
        (lambda f: (f / dancers.ABOUT).write_text('{"schema": 1}'), "damaged or of another kind"),
        (lambda f: _change(f, body=[1.0] * 23), "no measures of a body"),
        (lambda f: _change(f, body=[0.0] * 24), "no measures of a body"),
        (lambda f: _change(f, body=[None] * 24), "no measures of a body"),
        (lambda f: _change(f, body=[float("nan")] * 24), "no measures of a body"),
        (lambda f: (f / dancers.PLATE).unlink(), "plate.png is missing"),
        (lambda f: dancers.write_plate(f / dancers.PLATE, wall(seed=1)), "plate.png is not the file that was written"),
        (lambda f: (f / dancers.KEY_FRAMES).write_bytes(b"PK"), "key_frames.npz is not the file that was written"),
    ],
)  # fmt: skip
def test_a_damaged_folder_is_said_in_a_sentence(here, person, damage, words):
    folder = make(here / "dancers" / "me", person)
    damage(folder)
    with pytest.raises(InputError, match=words):
        dancers.open_painter(folder)


def test_a_plate_of_another_size_is_refused_though_it_is_the_one_written(here, person):
    folder = make(here / "dancers" / "me", person)
    Image.new("RGB", (WIDTH, HEIGHT + 1)).save(folder / dancers.PLATE)
    _change(folder, files={f: dancers._sha256(folder / f) for f in dancers.PAINTED_FROM})
    with pytest.raises(InputError, match="plate.png is no picture of 360 x 640"):
        dancers.open_painter(folder)


def test_a_foreign_folder_cannot_command_the_terminal(here, person):
    folder = make(here / "dancers" / "me", person)
    films = json.loads((folder / dancers.ABOUT).read_text())["films"]
    _change(folder, films=[films[0] | {"file": "\x1b[31mred.mp4"}])
    with pytest.raises(InputError, match="damaged or of another kind"):
        dancers.read(folder)


def test_what_is_half_made_or_damaged_is_not_listed(here, person):
    make(here / "dancers" / "me", person)
    make(here / "dancers" / ".you.learning", person)
    (make(here / "dancers" / "them", person) / dancers.ABOUT).write_text("")
    assert [dancer.name for dancer in dancers.list_dancers() if dancer.name not in dancers.RESERVED] == ["me"]


def test_a_damaged_dancer_hides_another_of_her_name_in_the_list_as_when_she_is_looked_for(here, person, monkeypatch):
    monkeypatch.setattr(dancers, "places", lambda _=None: [here / "near", here / "far"])
    (make(here / "near" / "me", person) / dancers.ABOUT).write_text("")
    make(here / "far" / "me", person)
    make(here / "far" / "you", person)
    assert [dancer.name for dancer in dancers.list_dancers()] == ["you"]
    with pytest.raises(InputError, match="me"):
        dancers.find("me")


def test_forgetting_takes_all_traces_and_leaves_the_videos(here, person):
    for name in ("me", ".me.learning", "meg", ".meg.learning"):
        make(here / "dancers" / name, person)
    for name in ("me", "meg"):
        write = media.VideoWriter(f"song_{name}.mp4", size=(64, 64), comment=generate.synthetic(name))
        with write as writer:
            writer.write(np.zeros((64, 64, 3), np.uint8))
    Path("not a video.mp4").write_text("me")
    said = CliRunner().invoke(cli.app, ["forget", "me"]).output
    assert "song_me.mp4" in said and "song_meg.mp4" not in said
    assert sorted(path.name for path in Path("dancers").iterdir()) == [".meg.learning", "meg"]
    assert Path("song_me.mp4").exists()
    with pytest.raises(InputError, match="there is no dancer me"):
        dancers.forget("me")


def test_the_list_tells_each_and_draws_all(here, person):
    folder = make(here / "dancers" / "me", person)
    dancers.write_jpeg(folder / dancers.PORTRAIT, Image.fromarray(person.plate.picture))
    make(here / "dancers" / "you", person)  # without a portrait
    result = CliRunner().invoke(cli.app, ["dancers"])
    assert "me           from IMG_1.mp4: 12 s; " in result.output and "quality 0.90 of 1; 2026-01-31" in result.output
    with Image.open("outputs/dancers.jpg") as image:
        n = len(dancers.list_dancers())
        assert image.size == (n * (WIDTH // 2 + 4), HEIGHT // 2 + 24)
        tiles = np.asarray(image)[:300].reshape(300, n, -1, 3)[:, -2:, :170].astype(int)
    assert tiles[:, 0].std() > 5 and np.ptp(tiles[:, 1]) < 8  # the wall, and a grey field


def test_a_dancers_size_is_that_of_her_files(here, person):
    folder = make(here / "dancers" / "me", person)
    assert dancers.find("me").megabytes == sum(path.stat().st_size for path in folder.iterdir()) / 1e6


def test_a_video_says_that_it_is_synthetic_and_a_mark_shows_it(here):
    with media.VideoWriter("a.mp4", size=(64, 64), comment=generate.synthetic("me")) as writer:
        writer.write(np.zeros((64, 64, 3), np.uint8))
    assert media.read_comment("a.mp4").startswith("Synthetic: dancer me, painted by dancing-project")
    assert media.read_comment("none.mp4") == "" and dancers.videos_of("me", [here]) == [here / "a.mp4"]
    grey = np.full((HEIGHT, WIDTH, 3), 128, np.uint8)
    changed = np.argwhere((generate.marked(grey) != grey).any(-1))
    assert (grey == 128).all() and changed[:, 0].min() > 610 and changed[:, 1].min() > 270 and len(changed) > 200


def test_a_portrait_shows_all_parts_and_none_before_another(here, person):
    """Of eight key frames, in some of which an arm hangs beside the trunk."""
    painter = dancers.open_painter(make(here / "dancers" / "me", person))
    portrait = painter.portrait()
    for name, colour in COLOURS.items():
        if "hand" in name or "lower_arm" in name:
            assert (np.abs(portrait.astype(int) - colour).max(-1) < 40).sum() > 100, name


@pytest.mark.parametrize("name, clip", [("ada", "clips/ada_01"), ("ben", "second_dancer/ben_1")])
def test_the_samples_dancers_can_be_painted_as_they_were_filmed(name, clip):
    dancer, film = dancers.find(name), cli.SAMPLE / f"{clip}.mp4"
    assert (dancer.films[0]["file"], dancer.films[0]["content"]) == (film.name, dancers._sha256(film))
    assert len(dancer.films) == len(shipped.FILMS[name]) and dancer.megabytes < 4
    known = truth.load(cli.SAMPLE / "truth" / f"{film.stem}.npz").landmarks[100]  # (33, 2)
    (painted,) = dancers.open_painter(dancer.folder).paint(known[None])
    filmed = next(itertools.islice(media.read_frames(film), 100, 101)).astype(int)
    with Image.open(dancer.folder / dancers.PLATE) as image:
        plate = np.asarray(image).astype(int)
    seen = np.abs(filmed - plate).max(-1) > 40
    assert seen.mean() > 0.04 and np.abs(painted - filmed)[seen].mean() < 0.5 * np.abs(plate - filmed)[seen].mean()


def test_a_folder_is_painted_from_key_frames_and_a_file_by_its_pose_gan(here, person, monkeypatch):
    folder = make(here / "dancers" / "me", person)
    assert isinstance(generate.open_painter(folder), dancers.WarpPainter) and generate.name_of(folder) == "me"
    opened = []
    monkeypatch.setattr(generate.painting, "FastPainter", opened.append)
    generate.open_painter(cli.SHIPPED["gan"])
    assert opened == [cli.SHIPPED["gan"]]
