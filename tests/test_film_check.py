"""The check of real films, made bad in every known way (``made_films``), and of sounds."""

import subprocess
import sys
from pathlib import Path

import made_films as made
import numpy as np
import pytest
from made_films import RATE

from dancing_utils import SAMPLE_RATE
from dancing_utils.data import film_check
from dancing_utils.data.film_judging import Sound


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

FILMS = [
    (made.with_music, "good", "beats a minute"),
    (made.without_sound, "good", "no sound"),
    (made.silent, "good", "the sound is silent"),
    (made.rotated, "good", "360 x 640"),
    (made.variable_rate, "good", ""),
    (made.eight_a_second, "usable", "8 pictures a second"),
    (made.ten_bits, "good", ""),
    (made.interlaced, "usable", "interlaced"),
    (made.odd_size, "good", "355 x 637"),
    (made.an_hour, "usable", "3599 s of 180 x 320"),
    (made.cut_off_mp4, "usable", "breaks off after about"),
    (made.cut_off_mkv, "usable", "breaks off after about"),
    (made.bit_rot, "usable", "damaged"),
    (made.two_people, "usable", "other people in"),
    (made.away, "usable", "out of the picture"),
    (made.upside_down, "unusable", "upside down"),
    (made.lying, "unusable", "on the side"),
    (made.legs_only, "unusable", ""),
    (made.no_feet, "usable", "feet in"),
    (made.drawing, "unusable", ""),
    (made.photo, "unusable", "one pose"),
    (made.flamingo, "unusable", "nobody"),
    (made.noise, "unusable", "nobody"),
    (made.moving_camera, "usable", "the camera moves"),
    (made.cut_together, "usable", "2 scenes; the longest is used"),
    (made.dark, "usable", "dark"),
    (made.blurred, "usable", "blurred"),
    (made.far_away, "usable", "pixels tall"),
]


@pytest.mark.parametrize(
    "make, words",
    [(made.text, "not a video"), (made.zero_bytes, "0 bytes"), (made.sound_only, "no picture"),
     (made.cut_off_without_index, "is cut off"), (lambda *_: Path("none.mp4"), "does not exist"),
     (lambda folder, *_: folder, "is a folder")],
)  # fmt: skip
def test_what_cannot_be_read_gets_a_verdict(tmp_path, sample_clip, make, words):
    found = film_check.check_film(make(tmp_path, sample_clip, None))
    said = film_check.describe(found)
    assert found.verdict == "unusable" and words in said and "copy" in found.advice
    assert film_check.draw(found).shape == (52, 640, 3)


def test_sound_that_changes_in_joined_films_is_heard_until_there(tmp_path):
    """A broadcast's pieces, one after the other: two channels at 44,100 Hz, then one at 48,000."""
    with open(tmp_path / "joined.ts", "wb") as joined:
        for rate, layout in ((44_100, "stereo"), (48_000, "mono")):
            joined.write(made.sound_alone(tmp_path / "piece.ts", rate=rate, layout=layout, seconds=2).read_bytes())
    heard = film_check.read_sound(tmp_path / "joined.ts", start=0.0)
    assert len(heard) / SAMPLE_RATE == pytest.approx(2, abs=0.1) and np.abs(heard).max() > 0.1


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
    side_by_side = made.two_people(tmp_path, sample_clip, ben)
    assert film_check.check_film(side_by_side, at=(0.75, 0.5)).facts.place[0] > 0.5
    assert film_check.check_film(side_by_side, at=(0.2, 0.5)).facts.place[0] < 0.5
    followed = film_check.check_film(made.crossing(tmp_path, sample_clip, ben), at=(0.5, 0.5)).followed
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

    small = measure(made.without_sound(tmp_path, sample_clip, None))
    large = measure(made.four_k(tmp_path, sample_clip, None))
    long = measure(made.an_hour(tmp_path, sample_clip, None))
    assert large[0] >= 20 and long[0] == 120
    assert large[1] < small[1] + 500 and long[1] < small[1] + 100, (small, large, long)
