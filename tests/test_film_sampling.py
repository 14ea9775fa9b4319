"""Pictures sampled from a film, how they hang together, and how sharp they are."""

import cv2
import numpy as np
import pytest
from made_films import place, write

from dancing_utils.data import camera_motion, film_check, film_sampling
from dancing_utils.data.camera_motion import Link
from dancing_utils.data.film_observation import sharpness
from dancing_utils.data.film_sampling import FilmSampler, Sample

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


# --- the camera and sharpness --------------------------------------------------------------------------------------


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


def test_one_thing_in_two_rooms_makes_them_no_one_room():
    """Such as the same lamp, or the sign of a channel; in two pictures of one room it moves no camera."""
    rng = np.random.default_rng(0)
    sign = rng.integers(0, 256, (12, 9, 3), np.uint8).repeat(10, 0).repeat(10, 1)  # (120, 90, 3)
    rooms = [place(k) for k in range(2)]
    for room in rooms:
        room[20:140, 250:340] = sign
    one, other = map(around, rooms)
    assert not camera_motion.link(one, other).same_scene
    darker = around((rooms[0] * 0.7).astype(np.uint8))
    linked = camera_motion.link(one, darker)
    assert linked.same_scene and linked.shift < 0.001


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
