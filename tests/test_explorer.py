"""The explorer answers what the browser asks, with the shipped model; the code that it gives makes the same dance."""

import numpy as np
import pytest

from dancing_utils import FPS, cli
from dancing_utils.instruments import explorer, instrument
from dancing_utils.instruments.latents import LatentMap
from dancing_utils.motion import lstm_vae
from dancing_utils.pose.landmarks import INDEX


@pytest.fixture(scope="module")
def model():
    return lstm_vae.load(cli.SHIPPED["vae"])


@pytest.fixture(scope="module")
def one(model, tmp_path_factory):
    """An explorer with a song of eight seconds, clicks at 120 a minute."""
    song = tmp_path_factory.mktemp("song") / "my song.wav"
    clicks = np.zeros(8 * 22_050, np.float32)
    clicks[::11_025] = 0.9
    song.write_bytes(instrument.wav(clicks))
    rng = np.random.default_rng(0)
    return explorer.Explorer(model, [song], LatentMap(rng.normal(size=(40, 8)), np.arange(40) % 3, ("a", "b", "c")))


def dance_of(one, **choice):
    told, (dance,) = one.dance(choice, [])
    return told, np.frombuffer(dance, np.float32).reshape(-1, 33, 2)


def test_what_there_is_is_told(one):
    told, (dots,) = one.begin({}, [])
    assert told["songs"] == [{"name": "my song", "seconds": 8.0}]
    assert told["latent_dim"] == 8 and len(dots) == 40 * 3 * 4
    _, (sound,) = one.song({"song": 0}, [])
    assert len(sound) == 44 + 2 * 8 * 22_050


def test_an_excerpt_has_five_seconds_wherever_it_begins():
    features = np.arange(240)[:, None] * np.ones(16)
    for start, first in ((0, 0), (2, 60), (3, 90), (7, 90), (99, 90)):
        assert explorer.excerpt(features, start)[:, 0].tolist() == list(range(first, first + 150))
    assert len(explorer.excerpt(features[:50], 1)) == 50


def test_seeds_sliders_and_places_are_danced(one, model):
    features = one.songs[0].features[30:180]
    told, dance = dance_of(one, start=1, seed=3)
    np.testing.assert_allclose(dance, model.dance(features, seed=3), atol=1e-5)
    assert len(told["z"]) == len(told["times"]) == len(told["places"]) and dance.shape == (150, 33, 2)
    told, held = dance_of(one, start=1, mode="held", place=one.latent_map.dots[5].tolist())
    np.testing.assert_allclose(told["z"], np.tile(one.latent_map.z[5], (len(told["z"]), 1)), atol=1e-5)
    assert np.abs(held - dance).max() > 0.01


def test_the_mixer_begins_and_ends_with_the_two_of_the_pair(one):
    _, pair = one.pair({"seed": 4, "other": 9}, [])
    ends = [dance_of(one, seed=4, other=9, mix=mix)[1].tobytes() for mix in (0, 1)]
    assert [bytes(dance) for dance in pair] == ends and ends[0] != ends[1]


@pytest.mark.parametrize("choice", [
    {"seed": 2, "start": 0.5}, {"seed": 2, "other": 5, "mix": 0.25, "shift": [1, 0, 0, 0, 0, 0, 0, -1]},
    {"mode": "path", "path": [[0, 0], [1, 1]], "curves": {"3": [0, 2]}},
])  # fmt: skip
def test_the_code_makes_the_same_dance(one, model, choice):
    told, dance = dance_of(one, **choice)
    names = {"model": model}
    exec(told["code"], names)
    np.testing.assert_allclose(names["dance"], dance, atol=2e-3)  # z is written with three digits


def test_which_foot_is_lifted_by_hand():
    dance = np.zeros((4, 33, 2), np.float32)
    dance[:, [INDEX["left_ankle"], INDEX["right_ankle"]], 1] = 0.8
    dance[1, INDEX["left_ankle"], 1] = dance[2, INDEX["right_ankle"], 1] = 0.7
    assert explorer.lifted_foot(dance, np.array([0, 1, 2])).tolist() == [1, 2, 0]


def test_a_map_of_what_the_prior_chooses(model, one):
    features = one.songs[0].features
    made = explorer.map_of_choices(model, features, seeds=2)
    each = len(model.times_of(features))
    np.testing.assert_allclose(made.z[each:], model.choose(features, seed=1, temperature=1.0), atol=1e-6)
    assert made.label.shape == (2 * each,) and set(made.label) <= {0, 1, 2} and FPS == 30


def test_a_wrong_question_is_answered_by_a_sentence(one):
    asked = {"kind": "dance", "what": {"song": 7}, "number": 1, "asker": "a"}
    ((told, arrays),) = instrument.replies(one.answers, asked, [])
    assert told == {"error": "song=7 must be below 1: press Reset", "kind": "dance", "number": 1, "asker": "a"}
    assert not arrays and one.still().startswith(b"\x89PNG")
