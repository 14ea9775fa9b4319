"""The check of a film: judging by observations with known answers, and real films, made bad in every known way."""

import itertools
import subprocess
import sys
import wave
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from dancing_utils import InputError
from dancing_utils.data import camera_motion, film_check, film_facts, film_sampling, media
from dancing_utils.data.camera_motion import Link
from dancing_utils.data.film_facts import FilmFile
from dancing_utils.data.film_judging import Sound, judge
from dancing_utils.data.film_observation import Observation, Person, sharpness
from dancing_utils.data.film_sampling import FilmSampler, Sample
from dancing_utils.pose.landmarks import INDEX

RATE = 22_050


# --- observations with known answers -------------------------------------------------------------------------------


def standing():
    """A pose (33, 2) that faces us, arms hanging, in the middle of a picture of 360 x 640."""
    pose = np.full((33, 2), (0.5, 0.2))  # the head
    for name, x, y in (
        ("shoulder", 0.08, 0.30), ("elbow", 0.11, 0.40), ("wrist", 0.12, 0.50), ("hip", 0.05, 0.52),
        ("knee", 0.05, 0.68), ("ankle", 0.05, 0.85), ("heel", 0.05, 0.87), ("foot_index", 0.06, 0.88),
        ("index", 0.12, 0.53), ("pinky", 0.12, 0.53), ("thumb", 0.12, 0.52),
    ):  # fmt: skip
        pose[INDEX[f"left_{name}"]], pose[INDEX[f"right_{name}"]] = (0.5 + x, y), (0.5 - x, y)
    return pose


def person(pose=None, **facts):
    pose = standing() if pose is None else pose
    left, top, right, bottom = *(pose.min(0) - 0.03), *(pose.max(0) + 0.03)
    box = tuple(np.clip((left, top, right, bottom), 0, 1).tolist())
    return Person(pose, np.ones(33), box, **facts)


def moved(pose, dx=0.0, dy=0.0):
    return pose + np.array([dx, dy])


def dancing(k):
    """A pose of a dance that shows everything, another one for each k."""
    rng, pose = np.random.default_rng(k), standing()
    if k % 4 == 0:  # from behind
        pose[:, 0] = 1 - pose[:, 0]
    if k % 4 == 1:  # from the side
        pose[:, 0] = 0.5 + 0.1 * (pose[:, 0] - 0.5)
    for side in ("left", "right"):
        shoulder = pose[INDEX[f"{side}_shoulder"]]
        angle = rng.uniform(-np.pi, np.pi) if k % 4 > 1 else [np.pi / 2, -np.pi / 2][k % 3 % 2]
        for name, length in (("elbow", 0.11), ("wrist", 0.22), ("index", 0.25), ("pinky", 0.25), ("thumb", 0.24)):
            pose[INDEX[f"{side}_{name}"]] = shoulder + length * np.array([1.6 * np.cos(angle), np.sin(angle)])
    if k % 3 == 0:
        for name in ("ankle", "heel", "foot_index", "knee"):
            pose[INDEX[f"left_{name}"]] -= (0, 0.18)
    if k % 5 == 0:
        pose[:25, 1] += 0.12
    if k % 7 == 0:
        pose[[INDEX[f"{side}_wrist"] for side in ("left", "right")]] = (0.8, 0.3), (0.2, 0.3)
    return pose.clip(0.02, 0.98)


def film(change=lambda k, one: one, n=40, **facts):
    """Observations of 20 s with one dancer before a camera that stands still; ``change`` changes each."""
    return [change(k, Observation(k / 2, (person(dancing(k), **facts),))) for k in range(n)]


FILE = FilmFile(Path("film.mp4"), 20.0, 720, 1280, 30.0)


def report(observations, file=FILE, sound=Sound("beat", 120.0), **options):  # noqa: B008
    return judge(file, observations, sound, **options)


def people(*some):
    return lambda k, one: replace(one, people=tuple(some) + one.people)


def test_a_good_film_is_good():
    found = report(film())
    assert (found.verdict, found.faults, found.advice) == ("good", (), "")
    facts = found.facts
    assert facts.seen == 1 and facts.seconds_seen == 20 and facts.scene == (0, 20) and facts.n_scenes == 1
    assert facts.camera == "still" and not facts.cut_off and not facts.missing and facts.n_poses > 20
    assert "good. 20 s of 720 x 1280; whole body" in film_check.describe(found)


STRANGER = person(moved(standing(), 0.3), colour=(200.0, 90.0, 90.0))
SMALL = person(0.1 * standing() + (0.45, 0.4))
BIRD = replace(person(), visibility=np.full(33, 0.3), fit=0.4)


def gone(k, one):
    return replace(one, people=()) if 10 <= k < 20 else one


def posed(change):
    return lambda k, one: replace(one, people=(person(change(one.people[0].landmarks)),))


def link(linked):
    return lambda k, one: replace(one, link=linked(k) or Link())


@pytest.mark.parametrize(
    "change, verdict, words",
    [
        (lambda k, one: replace(one, people=()), "unusable", "nobody is recognised"),
        (lambda k, one: replace(one, people=(BIRD,)), "unusable", "taken for a person in 100%"),
        (lambda k, one: one if k % 8 == 0 else replace(one, people=()), "unusable", "taken for a person in 12%"),
        (people(STRANGER), "usable", "other people in 100% of the pictures"),
        (people(BIRD), "good", ""),
        (gone, "usable", "out of the picture, or not recognised, 25% of the time"),
        (lambda k, one: one if k < 8 else replace(one, people=()), "usable", "only 4 s"),
        (lambda k, one: one if k < 5 else replace(one, people=()), "unusable", "2.5 s"),
        (posed(lambda pose: 1 - pose), "unusable", "upside down"),
        (posed(lambda pose: pose[:, ::-1].copy()), "unusable", "lies on the side"),
        (posed(lambda pose: moved(pose, dy=0.2)), "usable", "feet in 100%"),
        (posed(lambda pose: moved(pose, dy=-0.6)), "unusable", "cut off: head in 100%"),
        (posed(lambda pose: moved(pose, dy=0.5)), "unusable", "hips in 100%"),
        (posed(lambda pose: 0.2 * pose + 0.4), "usable", "pixels tall"),
        (posed(lambda pose: 0.02 * pose + 0.4), "unusable", "pixels tall"),
        (posed(lambda pose: standing()), "unusable", "hardly shows more than one pose"),
        (link(lambda k: Link(True, 0.02)), "usable", "the camera moves"),
        (link(lambda k: k == 10 and Link(False)), "usable", "2 scenes; the longest is used, 5.0 to 20.0 s"),
        (lambda k, one: replace(one, damaged=k % 4 == 0), "usable", "25% of the pictures are damaged"),
        (lambda k, one: replace(one, damaged=k % 4 > 0), "unusable", "75% of the pictures are damaged"),
        (lambda k, one: replace(one, people=(replace(one.people[0], light=10),)), "unusable", "nearly black"),
        (lambda k, one: replace(one, people=(replace(one.people[0], light=40),)), "usable", "is dark"),
        (lambda k, one: replace(one, light=220, people=(replace(one.people[0], light=70),)), "usable", "from behind"),
        (lambda k, one: replace(one, people=(replace(one.people[0], glare=0.4),)), "usable", "too bright"),
        (lambda k, one: replace(one, people=(replace(one.people[0], sharpness=0.1),)), "usable", "blurred"),
    ],
)
def test_what_is_wrong_with_the_pictures(change, verdict, words):
    found = report(film(change))
    assert found.verdict == verdict and words in film_check.describe(found)
    assert (found.advice == "") == (verdict == "good") and found.advice in film_check.describe(found)


@pytest.mark.parametrize(
    "file, verdict, words",
    [
        ({"fps": 8.0}, "usable", "8 pictures a second"), ({"fps": 25.0}, "good", ""),
        ({"interlaced": True}, "usable", "interlaced"), ({"hdr": True}, "good", "HDR"),
        ({"whole_until": 12.0}, "usable", "breaks off after about 12 of 20 s; what is whole is used"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_the_file(file, verdict, words):
    found = report(film(), replace(FILE, **file))
    assert found.verdict == verdict and words in film_check.describe(found)


@pytest.mark.parametrize("kind, words", [("none", "no sound"), ("silent", "is silent"), ("no beat", "no beat is")])
def test_sound_is_no_fault_for_pictures(kind, words):
    found = report(film(), sound=Sound(kind))
    assert found.verdict == "good" and words in film_check.describe(found) and "music" in found.advice


def test_the_heaviest_fault_gives_verdict_and_advice():
    found = report(film(posed(lambda pose: 1 - pose)), replace(FILE, interlaced=True), Sound("none"))
    assert [fault.weight for fault in found.faults] == sorted((fault.weight for fault in found.faults), reverse=True)
    assert found.verdict == "unusable" and "half a turn" in found.advice


def test_what_is_never_shown_is_named():
    poses = [standing() for _ in range(20)]
    facts = report([Observation(k / 2, (person(pose),)) for k, pose in enumerate(poses)]).facts
    assert set(facts.missing) == {
        "arms never above the head", "arms never stretched out to the sides", "never seen from the side",
        "never seen from behind", "knees never bent", "no foot ever lifted",
    }  # fmt: skip
    for k in (1, 2):
        poses[k][INDEX["left_wrist"]] = (0.6, 0.1)
        poses[k + 2][:, 0] = 0.5 + 0.1 * (poses[k + 2][:, 0] - 0.5)
        poses[k + 4][:, 0] = 1 - poses[k + 4][:, 0]
        poses[k + 6][INDEX["right_ankle"], 1] -= 0.2
        poses[k + 8][:25, 1] += 0.1
        poses[k + 10][INDEX["right_wrist"]] = poses[k + 10][INDEX["right_shoulder"]] - (0.4, 0)
    assert report([Observation(k / 2, (person(pose),)) for k, pose in enumerate(poses)]).facts.missing == ()


def test_a_hand_outside_the_picture_shows_nothing():
    pose = standing()
    pose[INDEX["left_wrist"]] = (0.6, -0.1)
    facts = report([Observation(k / 2, (person(pose),)) for k in range(20)]).facts
    assert "arms never above the head" in facts.missing and facts.cut_off == {"hands": 1.0}


def test_two_people_who_cross_are_told_apart_by_their_clothes():
    def both(k):
        red = person(moved(standing(), -0.3 + 0.02 * k), colour=(120.0, 180.0, 150.0))
        blue = person(0.9 * moved(standing(), 0.3 - 0.02 * k), colour=(90.0, 120.0, 60.0))
        return Observation(k / 2, (red, blue) if k % 2 else (blue, red))

    observations = [both(k) for k in range(31)]
    colours = [one.colour for one in film_facts.follow(observations)]
    assert set(colours) == {(120.0, 180.0, 150.0)}  # the larger one
    chosen = film_facts.follow(observations, at=(0.8, 0.5))
    assert {one.colour for one in chosen} == {(90.0, 120.0, 60.0)}


def test_the_same_one_is_followed_after_an_absence_and_a_passer_by_is_not():
    def street(k, one):
        dancer = () if 10 <= k < 16 else one.people
        passer = (person(moved(standing(), -0.1), colour=(30.0, 128.0, 128.0)),) if 8 <= k < 18 else ()
        return replace(one, people=passer + dancer)

    followed = film_facts.follow(film(street))
    assert [k for k, one in enumerate(followed) if one is None] == list(range(10, 16))
    assert {one.colour for one in followed if one} == {(128.0, 128.0, 128.0)}


@pytest.mark.parametrize("at", [(2, 0.5), (-0.1, 0.5), (0.5,), (0.1, 0.2, 0.3), (np.nan, 0.5)])
def test_a_place_outside_the_picture_is_refused(at):
    with pytest.raises(InputError, match="at="):
        film_check.check_film("none.mp4", at=at)


def test_the_scene_with_the_person_in_it_is_used():
    def title(k, one):
        cut = Link(False) if k == 25 else Link()
        return replace(one, link=cut, people=() if k < 25 else one.people)

    facts = report(film(title)).facts
    assert facts.scene == (12.5, 20) and facts.seen == 1 and facts.seconds_seen == 7.5


# --- films written here -------------------------------------------------------------------------------------------


def frames_of(path, *, start=0, n=300, step=1):
    yield from itertools.islice(media.read_frames(path), start, start + n, step)


def write(path, frames, *, fps=30, times=None, pix_fmt="yuv420p", codec="libx264", sound=None, faststart=True,
          rotated=False, **options):  # fmt: skip
    """Write pictures as a film; ``times`` (s) for a variable rate, ``rotated`` for a quarter turn in the header."""
    mux = {"movflags": "+faststart"} if faststart and Path(path).suffix == ".mp4" else {}
    with av.open(str(path), "w", options=mux) as container:
        stream = container.add_stream(codec, rate=fps, options={"preset": "veryfast", "crf": "20", **options})
        audio = container.add_stream("aac", rate=RATE, layout="mono") if sound is not None else None
        stream.time_base = stream.codec_context.time_base = Fraction(1, 30_000)
        for k, picture in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
            if k == 0:
                stream.height, stream.width, stream.pix_fmt = frame.height, frame.width, pix_fmt
            frame.pts = round(30_000 * (times[k] if times is not None else k / fps))
            frame.time_base = Fraction(1, 30_000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
        if audio is not None:
            heard = av.AudioFrame.from_ndarray(sound[None].astype(np.float32), format="fltp", layout="mono")
            heard.sample_rate, heard.pts, heard.time_base = RATE, 0, Fraction(1, RATE)
            for part in (heard, None):
                container.mux(audio.encode(part))
    if rotated:
        content = bytearray(Path(path).read_bytes())
        matrix = content.index(b"tkhd") + 44
        for i, value in enumerate([0, 1 << 16, 0, -(1 << 16), 0, 0]):  # the header's matrix for 90 degrees
            content[matrix + 4 * i : matrix + 4 * i + 4] = value.to_bytes(4, "big", signed=True)
        Path(path).write_bytes(content)
    return path


# --- sampling ------------------------------------------------------------------------------------------------------


def counting(folder, *, seconds, gop, name="f.mp4", **options):
    """A film of ten pictures a second, each of its own grey value."""
    levels = 20 + np.arange(10 * seconds) % 200
    frames = (np.full((48, 64, 3), level, np.uint8) for level in levels)
    return write(folder / name, frames, fps=10, g=str(gop), sc_threshold="0", **options)


def level_at(time):
    return 20 + round(10 * time) % 200


@pytest.mark.parametrize("name", ["f.mp4", "f.mkv", "f.ts", "f.avi"])
@pytest.mark.parametrize("gop", [5, 10, 250])
def test_samples_are_the_pictures_of_their_times(tmp_path, name, gop):
    with FilmSampler(counting(tmp_path, seconds=20, gop=gop, name=name, bf="0" if name == "f.avi" else "2")) as sampler:
        samples = list(sampler.spread())
        assert not sampler.breaks_off and not any(sample.damaged for sample in samples)
    times = [sample.time for sample in samples]
    assert 36 <= len(times) <= 40 and np.diff([0, *times, 20]).max() < 1.2 and np.diff(times).min() > 0
    for sample in samples:
        assert sample.picture.shape == (48, 64, 3) and abs(sample.picture.mean() - level_at(sample.time)) < 2


def test_a_long_film_is_sampled_by_its_key_frames(tmp_path):
    with FilmSampler(counting(tmp_path, seconds=600, gop=10)) as sampler:
        samples = list(sampler.spread())
        pictures = sampler.decoded / (48 * 64)
    assert len(samples) == 120 and all(abs(s.time - round(s.time)) < 0.01 for s in samples)  # a key frame each second
    assert pictures < 120 * 6  # of 6000


def test_a_film_that_repeats_itself_as_often_as_it_is_sampled_shows_more_than_one_of_its_pictures(tmp_path):
    with FilmSampler(counting(tmp_path, seconds=600, gop=10)) as sampler:  # a stretch is 5 s
        assert len({round(time) % 5 for time in sampler.plan()}) == 5


def test_key_frames_far_apart_in_large_pictures_are_looked_at_near_them(tmp_path, monkeypatch):
    monkeypatch.setattr(film_sampling, "DECODED", 200 * 48 * 64)
    with FilmSampler(counting(tmp_path, seconds=60, gop=200)) as sampler:
        times = sampler.plan()
    assert {0, 20, 40} <= {round(time, 2) for time in times} and all(time % 20 < 7 for time in times)


def test_a_film_shorter_than_the_samples_wanted(tmp_path):
    with FilmSampler(counting(tmp_path, seconds=1, gop=5)) as sampler:
        times = [round(sample.time, 1) for sample in sampler.spread()]
    assert len(times) >= 7 and times == sorted(set(times))


@pytest.mark.parametrize("name", ["f.mp4", "f.mkv"])
def test_where_a_film_breaks_off(tmp_path, name):
    path = counting(tmp_path, seconds=40, gop=10, name=name)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
    with FilmSampler(path) as sampler:
        samples = list(sampler.spread())
        assert sampler.breaks_off and 5 < samples[-1].time < 35 and abs(sampler.end - samples[-1].time) < 1


# --- the camera, sharpness, sound ----------------------------------------------------------------------------------


def place(seed):
    """A picture (480, 360, 3) of some place."""
    rng = np.random.default_rng(seed)
    picture = np.full((480, 360, 3), rng.integers(60, 200, 3), np.uint8)
    for _ in range(60):
        corner, size = rng.integers(0, 400, 2), rng.integers(10, 80, 2)
        cv2.rectangle(picture, corner.tolist(), (corner + size).tolist(), rng.integers(0, 255, 3).tolist(), -1)
    return cv2.GaussianBlur(picture, (3, 3), 0)


def around(picture, mask=None):
    return camera_motion.describe_surroundings(picture, [] if mask is None else [mask])


def test_a_movement_of_the_camera_is_measured():
    moved_by = cv2.warpAffine(place(0), np.float32([[1, 0, 12], [0, 1, 16]]), (360, 480), borderMode=cv2.BORDER_REFLECT)
    linked = camera_motion.link(around(place(0)), around(moved_by))
    assert linked.same_scene and abs(linked.shift - 20 / 600) < 0.002
    assert camera_motion.link(around(place(0)), around(place(0))) == Link(True, 0.0)


def test_a_person_who_moves_moves_no_camera():
    mask, picture = np.zeros((480, 360), bool), place(0)
    mask[100:400, 100:300] = True
    picture[mask] = place(1)[mask]
    linked = camera_motion.link(around(place(0)), around(picture, mask))
    assert linked.same_scene and linked.shift < 0.001


def test_another_place_is_told_and_a_plain_wall_tells_nothing():
    assert not camera_motion.link(around(place(0)), around(place(1))).same_scene
    wall = np.full((480, 360, 3), 150, np.uint8)
    linked = camera_motion.link(around(wall), around(wall))
    assert linked.same_scene and np.isnan(linked.shift)
    assert not camera_motion.link(around(wall), around(wall // 3)).same_scene
    assert report(film(link(lambda k: Link(True, np.nan)))).facts.camera == "unknown"


class Window:
    """In place of a film: a window that slides fast over a wide view, or jumps at 0.3 s to another one."""

    decoded = 0

    def __init__(self, jumps):
        self.jumps, self.near = jumps, np.hstack([place(k) for k in range(5)])  # (480, 1800, 3)
        self.far = np.hstack([place(k) for k in range(5, 10)])

    def read(self, time):
        time = round(time * 30) / 30
        view, left = (self.far if time > 0.3 else self.near, 0) if self.jumps else (self.near, round(1440 * time))
        return Sample(time, view[:, left : left + 360])


@pytest.mark.parametrize("jumps", [False, True])
def test_a_fast_movement_is_no_cut(monkeypatch, jumps):
    monkeypatch.setattr(film_check, "observe", lambda sample, _: (None, around(sample.picture)))
    window = Window(jumps)
    ends = tuple(around(window.read(time).picture) for time in (0, 1))
    assert not camera_motion.link(*ends).same_scene
    linked = film_check._link(window, None, ends, (0, 1))
    assert not linked.same_scene if jumps else linked == Link(True, 1.0)


def test_sharpness_falls_with_blur_and_enlarging():
    picture = place(0)
    soft = [sharpness(cv2.GaussianBlur(picture, (0, 0), sigma)) for sigma in (1, 2, 4, 8)]
    assert sorted(soft, reverse=True) == soft and soft[0] > 2 * soft[-1]
    assert sharpness(cv2.resize(picture[:100, :75], (360, 480))) < sharpness(picture)


def song(tempo, seconds=12):
    """Drum strokes on the beat."""
    sound, rng = np.zeros(seconds * RATE, np.float32), np.random.default_rng(0)
    for beat in np.arange(0.3, seconds - 0.2, 60 / tempo):
        start = int(beat * RATE)
        sound[start : start + 3000] += (rng.normal(size=3000) * np.exp(-np.arange(3000) / 600) * 0.4).astype(np.float32)
    return sound


def test_sounds():
    assert film_check.listen(np.zeros(0, np.float32)) == Sound("none")
    assert film_check.listen(np.zeros(5 * RATE, np.float32)) == Sound("silent")
    rng = np.random.default_rng(0)
    assert film_check.listen(rng.normal(0, 0.1, 12 * RATE).astype(np.float32)).kind == "no beat"
    drone = 0.3 * np.sin(2 * np.pi * 110 * np.arange(12 * RATE) / RATE)
    assert film_check.listen(drone.astype(np.float32)).kind == "no beat"
    heard = film_check.listen(song(120))
    assert heard.kind == "beat" and abs(heard.tempo - 120) < 3


# --- real films, made bad ------------------------------------------------------------------------------------------


def plate_of(clip):
    """The room of a clip without who dances in its middle.

    The wall is lighter than most of the dancer; where she stands all the time, each row goes straight on.
    """
    plate = np.percentile(np.stack(list(frames_of(clip, n=590, step=25))), 85, axis=0)
    left, right = 125, 257
    plate[:, left:right] = np.linspace(plate[:, left], plate[:, right], right - left, axis=1)
    return plate.astype(np.uint8)


def cut_out(clip, detector_frames):
    """(picture, mask) of a clip's dancer: what differs from the background."""
    plate = plate_of(clip).astype(int)
    for picture in detector_frames:
        mask = (np.abs(picture - plate).max(-1) > 24).astype(np.uint8)
        yield picture, cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((3, 3))).astype(bool)


# Each of these makes a film of the sample's clips, ada and ben, and returns its path.


def rotated(folder, ada, ben):
    return write(folder / "f.mp4", (np.rot90(f) for f in frames_of(ada)), rotated=True)


def variable_rate(folder, ada, ben):
    keep = np.flatnonzero(np.random.default_rng(0).random(300) < 0.8)
    frames = (f for k, f in enumerate(frames_of(ada)) if k in set(keep))
    return write(folder / "f.mp4", frames, times=keep / 30)


def eight_a_second(folder, ada, ben):
    return write(folder / "f.mp4", frames_of(ada, n=590, step=4), fps=8)


def ten_bits(folder, ada, ben):
    return write(folder / "f.mp4", frames_of(ada), pix_fmt="yuv420p10le")


def interlaced(folder, ada, ben):
    options = {"x264-params": "interlaced=1"}
    return write(folder / "f.mp4", frames_of(ada), **options)


def odd_size(folder, ada, ben):
    return write(folder / "f.mkv", (f[:637, :355] for f in frames_of(ada)), pix_fmt="yuv444p")


def cut_off_mp4(folder, ada, ben):
    path = write(folder / "f.mp4", frames_of(ada, n=590), g="30")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    return path


def cut_off_mkv(folder, ada, ben):
    path = write(folder / "f.mkv", frames_of(ada, n=590), g="30")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    return path


def cut_off_without_index(folder, ada, ben):
    path = write(folder / "f.mp4", frames_of(ada, n=60), faststart=False)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    return path


def bit_rot(folder, ada, ben):
    path = write(folder / "f.mp4", frames_of(ada, n=400), g="30")
    content, rng = bytearray(path.read_bytes()), np.random.default_rng(0)
    for place in rng.integers(content.index(b"mdat") + 2000, len(content), 8):
        content[place] ^= 1 << int(rng.integers(8))
    path.write_bytes(content)
    return path


def text(folder, ada, ben):
    path = folder / "film.mp4"
    path.write_text("Dear diary, today I danced.\n" * 100)
    return path


def zero_bytes(folder, ada, ben):
    path = folder / "film.mov"
    path.touch()
    return path


def sound_only(folder, ada, ben):
    path = folder / "film.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes(np.zeros(RATE, np.int16).tobytes())
    return path


def silent(folder, ada, ben):
    return write(folder / "f.mp4", frames_of(ada), sound=np.zeros(10 * RATE))


def without_sound(folder, ada, ben):
    return write(folder / "f.mp4", frames_of(ada))


def with_music(folder, ada, ben):
    return write(folder / "f.mp4", frames_of(ada), sound=media.read_audio(ada)[: 10 * RATE])


def two_people(folder, ada, ben):
    both = zip(frames_of(ada), frames_of(ben), strict=True)
    return write(folder / "f.mp4", (np.hstack(pair) for pair in both))


def crossing(folder, ada, ben):
    """Ben walks from left to right and back behind ada's back."""
    wide = np.hstack([np.full((640, 200, 3), 128, np.uint8), plate_of(ada), np.full((640, 200, 3), 128, np.uint8)])

    def frames():
        cut = (cut_out(clip, frames_of(clip)) for clip in (ada, ben))
        for k, ((hers, her_mask), (his, his_mask)) in enumerate(zip(*cut, strict=True)):
            picture = wide.copy()
            left = round(200 - 200 * np.cos(2 * np.pi * k / 300))
            picture[:, left : left + 360][his_mask] = his[his_mask]
            picture[:, 200:560][her_mask] = hers[her_mask]
            yield picture

    return write(folder / "f.mp4", frames())


def away(folder, ada, ben):
    plate = plate_of(ada)
    return write(folder / "f.mp4", (plate if 100 <= k < 220 else f for k, f in enumerate(frames_of(ada, n=360))))


def upside_down(folder, ada, ben):
    return write(folder / "f.mp4", (f[::-1, ::-1] for f in frames_of(ada)))


def lying(folder, ada, ben):
    return write(folder / "f.mp4", (np.rot90(f) for f in frames_of(ada)))


def legs_only(folder, ada, ben):
    return write(folder / "f.mp4", (cv2.resize(f[384:, 72:288], (432, 512)) for f in frames_of(ada)))


def no_feet(folder, ada, ben):
    return write(folder / "f.mp4", (f[:430] for f in frames_of(ada)))


def drawing(folder, ada, ben):
    picture = np.full((640, 360, 3), 255, np.uint8)
    cv2.circle(picture, (180, 170), 40, (0, 0, 0), 4)
    for a, b in (((180, 210), (180, 380)), ((180, 250), (90, 330)), ((180, 250), (270, 330)), ((180, 380), (120, 540)),
                 ((180, 380), (240, 540))):  # fmt: skip
        cv2.line(picture, a, b, (0, 0, 0), 6)
    return write(folder / "f.mp4", (picture for _ in range(300)))


def photo(folder, ada, ben):
    picture = next(frames_of(ada))
    return write(folder / "f.mp4", (picture for _ in range(300)))


def flamingo(folder, ada, ben):
    """A pink bird on one leg, seen from the side, who bows."""

    def bird(k):
        picture = np.full((640, 360, 3), (120, 150, 110), np.uint8)
        picture[480:] = (70, 110, 140)
        bow = round(20 * np.sin(k / 10))
        cv2.ellipse(picture, (180, 300), (80, 50), -20, 0, 360, (240, 140, 150), -1)
        neck = np.array([(245, 285), (275, 230), (250, 180), (262, 130 + bow), (285, 120 + bow)])
        cv2.polylines(picture, [neck], False, (245, 150, 160), 16)
        cv2.circle(picture, (288, 122 + bow), 18, (245, 150, 160), -1)
        cv2.line(picture, (300, 125 + bow), (318, 145 + bow), (40, 40, 40), 8)
        cv2.line(picture, (185, 345), (180, 560), (230, 120, 130), 7)
        cv2.polylines(picture, [np.array([(200, 345), (225, 430), (190, 450)])], False, (230, 120, 130), 7)
        return cv2.GaussianBlur(picture, (5, 5), 0)

    return write(folder / "f.mp4", (bird(k) for k in range(300)))


def moving_camera(folder, ada, ben):
    """A camera that pans, rolls and zooms over a picture with things in it."""

    def view(k, f):
        room = np.hstack([place(3)[:, :200], place(4)[:, :200]]).repeat(2, 0)[:640].repeat(2, 1)[:, 220:580]
        mask = np.abs(f.astype(int) - plate).max(-1) > 24
        room = np.where(mask[..., None], f, room)
        turn = cv2.getRotationMatrix2D((180, 320), 2 * np.sin(k / 17), 1.15 + 0.05 * np.sin(k / 29))
        turn[0, 2] += 18 * np.sin(k / 23)
        return cv2.warpAffine(room, turn, (360, 640))

    plate = plate_of(ada)
    return write(folder / "f.mp4", (view(k, f) for k, f in enumerate(frames_of(ada))))


def cut_together(folder, ada, ben):
    other_room = (f[:, ::-1] for f in frames_of(ben, n=330))  # the two rooms have their furniture in the same places
    parts = itertools.chain(frames_of(ada, n=130), other_room)
    return write(folder / "f.mp4", parts)


def dark(folder, ada, ben):
    return write(folder / "f.mp4", ((0.4 * f).astype(np.uint8) for f in frames_of(ada)))


def blurred(folder, ada, ben):
    return write(folder / "f.mp4", (cv2.GaussianBlur(f, (0, 0), 5) for f in frames_of(ada)))


def far_away(folder, ada, ben):
    plate = cv2.resize(plate_of(ada)[:40, :40], (720, 720))

    def small(f):
        picture = plate.copy()
        picture[200:520, 300:480] = cv2.resize(f, (180, 320), interpolation=cv2.INTER_AREA)
        return picture

    return write(folder / "f.mp4", (small(f) for f in frames_of(ada)))


def noise(folder, ada, ben):
    rng = np.random.default_rng(0)
    return write(folder / "f.mp4", (rng.integers(0, 255, (360, 640, 3), np.uint8) for _ in range(60)))


def an_hour(folder, ada, ben):
    """The clip's packets, again and again."""
    short = write(folder / "short.mp4", (cv2.resize(f, (180, 320)) for f in frames_of(ada, n=590)), crf="32", g="30")
    with av.open(str(short)) as source, av.open(str(folder / "f.mp4"), "w") as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        packets = [packet for packet in source.demux(video=0) if packet.pts is not None]
        length = round(590 / 30 / packets[0].time_base)
        for packet in packets:
            packet.stream = stream
        times = [(packet.pts, packet.dts) for packet in packets]
        for k in range(3600 * 30 // 590):
            for packet, (pts, dts) in zip(packets, times, strict=True):
                packet.pts, packet.dts = pts + k * length, dts + k * length
                target.mux(packet)
    return folder / "f.mp4"


def four_k(folder, ada, ben):
    large = (cv2.resize(f, (2160, 3840)) for f in frames_of(ada, n=270))
    return write(folder / "f.mp4", large, preset="ultrafast", g="30")


FILMS = [
    (with_music, "good", "beats a minute"),
    (without_sound, "good", "no sound"),
    (silent, "good", "the sound is silent"),
    (rotated, "good", "360 x 640"),
    (variable_rate, "good", ""),
    (eight_a_second, "usable", "8 pictures a second"),
    (ten_bits, "good", ""),
    (interlaced, "usable", "interlaced"),
    (odd_size, "good", "355 x 637"),
    (an_hour, "usable", "3599 s of 180 x 320"),
    (cut_off_mp4, "usable", "breaks off after about"),
    (cut_off_mkv, "usable", "breaks off after about"),
    (bit_rot, "usable", "damaged"),
    (two_people, "usable", "other people in"),
    (away, "usable", "out of the picture"),
    (upside_down, "unusable", "upside down"),
    (lying, "unusable", "on the side"),
    (legs_only, "unusable", ""),
    (no_feet, "usable", "feet in"),
    (drawing, "unusable", ""),
    (photo, "unusable", "one pose"),
    (flamingo, "unusable", "nobody"),
    (noise, "unusable", "nobody"),
    (moving_camera, "usable", "the camera moves"),
    (cut_together, "usable", "2 scenes; the longest is used"),
    (dark, "usable", "dark"),
    (blurred, "usable", "blurred"),
    (far_away, "usable", "pixels tall"),
]


@pytest.mark.parametrize(
    "make, words",
    [(text, "not a video"), (zero_bytes, "0 bytes"), (sound_only, "no picture"),
     (cut_off_without_index, "is cut off"), (lambda *_: Path("none.mp4"), "does not exist"),
     (lambda folder, *_: folder, "is a folder")],
)  # fmt: skip
def test_what_cannot_be_read_gets_a_verdict(tmp_path, sample_clip, make, words):
    found = film_check.check_film(make(tmp_path, sample_clip, None))
    said = film_check.describe(found)
    assert found.verdict == "unusable" and words in said and "copy" in found.advice
    assert film_check.draw(found).shape == (52, 640, 3)


@pytest.mark.slow
@pytest.mark.parametrize("make, verdict, words", FILMS)
def test_every_film_gets_a_verdict(tmp_path, sample_clip, make, verdict, words):
    ben = sample_clip.parents[1] / "second_dancer" / "ben_1.mp4"
    found = film_check.check_film(make(tmp_path, sample_clip, ben))
    said = film_check.describe(found)
    assert (found.verdict, words in said) == (verdict, True), said
    assert film_check.draw(found).dtype == np.uint8 and bool(found.advice) == (verdict != "good" or bool(found.faults))


@pytest.mark.slow
def test_the_one_who_is_chosen_is_followed_and_a_crossing_does_not_swap_them(tmp_path, sample_clip):
    ben = sample_clip.parents[1] / "second_dancer" / "ben_1.mp4"
    side_by_side = two_people(tmp_path, sample_clip, ben)
    assert film_check.check_film(side_by_side, at=(0.75, 0.5)).facts.place[0] > 0.5
    assert film_check.check_film(side_by_side, at=(0.2, 0.5)).facts.place[0] < 0.5
    followed = film_check.check_film(crossing(tmp_path, sample_clip, ben), at=(0.5, 0.5)).followed
    greens = [person.colour[1] for person in followed if person is not None]  # Lab: ada's shirt is green, ben's is not
    assert len(greens) > 0.8 * len(followed) and max(greens) < 115


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="Linux tells what memory a program needed at most")
def test_large_pictures_and_long_films_need_no_more_memory(tmp_path, sample_clip):
    """Most memory of a process of its own that reads the samples of a film, in MB."""
    program = """
import re, sys
from dancing_utils.data.film_sampling import FilmSampler, Sample
with FilmSampler(sys.argv[1]) as sampler:
    n = sum(1 for _ in sampler.spread())
print(n, int(re.search(r"VmHWM:\\s+(\\d+) kB", open("/proc/self/status").read())[1]) // 1024)
"""

    def measure(path):
        done = subprocess.run([sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=True)
        return tuple(map(int, done.stdout.split()))

    small = measure(without_sound(tmp_path, sample_clip, None))
    large = measure(four_k(tmp_path, sample_clip, None))
    long = measure(an_hour(tmp_path, sample_clip, None))
    assert large[0] >= 20 and long[0] == 120
    assert large[1] < small[1] + 500 and long[1] < small[1] + 100, (small, large, long)
