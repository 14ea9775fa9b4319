"""The stage: wishes, cancelling, progress; uploads that are refused, decoded apart and deleted."""

import sys
from pathlib import Path
from threading import Event
from types import SimpleNamespace

import numpy as np
import pytest

from dancing_utils import InputError, cli, dancers
from dancing_utils.data import media
from dancing_utils.instruments import instrument, stage, uploads
from dancing_utils.motion import lstm_vae

WISH = {"song": 0, "dancer": "ben", "seed": 3, "temperature": 0.5, "seconds": 10}


def test_a_wish_is_read():
    assert stage.read_wish(WISH, n_songs=1, dancers=["ben"]) == stage.Wish(0, "ben", 3, 0.5, 10)


@pytest.mark.parametrize("part, words", [
    ({"song": 1}, "song number 1"), ({"dancer": "../x"}, "'../x'"), ({"seed": -1}, "seed=-1"), ({"seed": "x"}, "read"),
    ({"temperature": 3}, "temperature=3"), ({"seconds": 11}, "seconds=11"), ({"seconds": None}, "read"),
])  # fmt: skip
def test_a_wish_that_cannot_be_is_a_sentence(part, words):
    with pytest.raises(InputError, match=words):
        stage.read_wish({**WISH, **part}, n_songs=1, dancers=["ben"])


def test_pictures_are_counted_and_stop():
    told, stop = [], Event()
    assert list(stage.counted(range(25), told.append, stop)) == list(range(25)) and told == [0, 10, 20]
    pictures = stage.counted(iter(range(25)), told.append, stop)
    next(pictures)
    stop.set()
    with pytest.raises(stage.Cancelled):
        next(pictures)


@pytest.fixture(scope="module")
def song(tmp_path_factory):
    path = tmp_path_factory.mktemp("song") / "my song.wav"
    clicks = np.zeros(44_100, np.float32)
    clicks[::11_025] = 0.9
    path.write_bytes(instrument.wav(clicks, sample_rate=44_100))
    return path


def test_an_upload_comes_in_pieces_is_decoded_apart_and_deleted(song, tmp_path):
    content = song.read_bytes()
    upload = uploads.Upload("../my/sóng?.wav", len(content), tmp_path)
    for start in range(0, len(content), 10_000):
        upload.add(content[start : start + 10_000])
    done = upload.done()
    assert done.name == "sóng_.wav" and tmp_path in done.parents and not upload.path.exists()
    sounds = [media.read_audio(path, sample_rate=44_100) for path in (done, song)]
    np.testing.assert_allclose(*sounds, atol=1e-4)  # of 16 bits


def test_what_is_no_song_is_refused_with_a_sentence(tmp_path):
    for name, size, words in (("a.exe", 10, "no kind of song"), ("a.mp3", 1 << 30, "at most"), ("a.mp3", 0, "0.0 MB")):
        with pytest.raises(InputError, match=words):
            uploads.Upload(name, size, tmp_path)
    upload = uploads.Upload("a.mp3", 100, tmp_path)
    upload.add(b"x" * 100)
    with pytest.raises(InputError, match="longer than announced"):
        upload.add(b"x")
    short = uploads.Upload("b.mp3", 100, tmp_path)
    with pytest.raises(InputError, match="0 of 100 bytes"):
        short.done()
    noise = uploads.Upload("c.mp3", 1000, tmp_path)
    noise.add(np.random.default_rng(0).bytes(1000))
    with pytest.raises(InputError, match="the file"):
        noise.done()
    assert not noise.path.exists() and not list(tmp_path.rglob("*.wav"))


def test_decoding_that_takes_too_long_is_ended(song, tmp_path):
    with pytest.raises(InputError, match="longer than 0.01 s"):
        uploads.decode_apart(song, tmp_path / "x.wav", time=0.01)


@pytest.mark.parametrize("system, limited", [("linux", {"AS", "CPU", "CORE"}), ("darwin", {"CPU", "CORE"})])
def test_memory_is_limited_where_the_system_takes_such_a_limit(monkeypatch, system, limited):
    seen = set()
    names = {f"RLIMIT_{name}": name for name in ("AS", "CPU", "CORE")}
    monkeypatch.setitem(sys.modules, "resource", SimpleNamespace(**names, setrlimit=lambda name, _: seen.add(name)))
    monkeypatch.setattr(sys, "platform", system)
    uploads._limit()
    assert seen == limited


class Painter:
    """Paints grey, quickly."""

    body, floor = None, None

    def paint(self, poses, *, depth=None):
        for _ in poses:
            yield np.full((640, 360, 3), 128, np.uint8)


@pytest.fixture(scope="module")
def model():
    return lstm_vae.load(cli.SHIPPED["vae"])


@pytest.fixture
def one(model, song, monkeypatch):
    one = stage.Stage(model, [song], [dancers.find("ben")])
    monkeypatch.setattr(one, "_painter", lambda name: Painter())
    heard = SimpleNamespace(features=np.random.default_rng(0).normal(size=(60, 16)).astype(np.float32))
    monkeypatch.setattr(one, "_heard", lambda path, n: heard)
    return one


def asked(one, **what):
    message = {"kind": "make", "what": {**WISH, "seeds": [0, 1], "job": "j", **what}, "number": 1, "asker": "a"}
    return instrument.replies(one.answers, message, [])


def test_two_seeds_become_two_videos_and_progress_is_told(one, tmp_path):
    answers = list(asked(one))
    assert all(told["more"] for told, _ in answers[:-1]) and "more" not in answers[-1][0]
    assert {told["video"] for told, _ in answers[:-1]} == {0, 1}
    shares = [told["share"] for told, _ in answers[:-1] if told["video"] == 0]
    assert shares == sorted(shares) and shares[-1] == 1
    videos = [(told["name"], arrays[0]) for told, arrays in answers if "name" in told]
    assert [name for name, _ in videos] == ["my song_ben_0.mp4", "my song_ben_1.mp4"]
    (tmp_path / "x.mp4").write_bytes(videos[0][1])
    info = media.probe(tmp_path / "x.mp4")
    assert info.duration == pytest.approx(2, abs=0.1) and info.has_audio
    dances = [arrays[0] for told, arrays in answers if told.get("dance")]
    assert len(dances) == 2 and dances[0] != dances[1] and len(dances[0]) == 60 * 66 * 4


def test_cancel_ends_the_job(one):
    answers = asked(one)
    next(answers)
    one.cancel({"job": "j"}, [])
    rest = list(answers)
    assert rest[-1][0]["cancelled"] and not any("name" in told for told, _ in rest) and not one._stops


def test_a_job_that_is_cancelled_before_it_begins_never_does(one):
    one.cancel({"job": "j"}, [])
    assert [told.get("cancelled") for told, _ in asked(one)] == [None, True]


def test_a_session_takes_so_many_songs(one, song):
    content = song.read_bytes()
    for _ in range(stage.MOST_SONGS - 1):
        one.upload({"name": "a.wav", "size": len(content)}, [])
        one.songs.append(song)
    told, _ = one.piece({}, [content])
    assert told["name"] == "a" and one.songs[told["song"]].name == "a.wav"
    for act, words in ((one.upload, "16 songs|17 songs"), (one.piece, "no upload has begun")):
        with pytest.raises(InputError, match=words):
            act({"name": "a.wav", "size": 1}, [b"x"])


def test_an_upload_that_was_not_finished_is_deleted(one):
    kept = Path(one._folder.name)
    for _ in range(3):
        one.upload({"name": "song.mp3", "size": 100}, [])
        one.piece({}, [b"x" * 10])
    assert len(list(kept.rglob("upload.mp3"))) == 1
    with pytest.raises(InputError, match="longer than announced"):
        one.piece({}, [b"x" * 200])
    assert not list(kept.rglob("upload.mp3"))
    with pytest.raises(InputError, match="no upload has begun"):
        one.piece({}, [b"x"])


def test_a_wrong_wish_is_answered_by_a_sentence(one):
    (told, _), *rest = asked(one, dancer="eve")
    assert "'eve'" in told["error"] and not rest
    assert one.still().startswith(b"\x89PNG")
