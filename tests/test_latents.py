"""What an explorer's controls say, with answers known by hand."""

import numpy as np
import pytest

from dancing_utils import InputError
from dancing_utils.instruments import latents
from dancing_utils.instruments.latents import Choice, LatentMap, along, as_code, read_choice, steer

# Long along axis 2, then along axis 0; the rest says little.
DOTS = np.array([[0, 0.1, -4, 0], [0, -0.1, 4, 0], [2, 0, 0, 0.1], [-2, 0, 0, -0.1]], float)
MAP = LatentMap(DOTS, np.array([0, 0, 1, 1]), ("a", "b"))
TIMES = np.array([0.25, 1.25, 2.5, 5.0])
OWN = np.arange(16.0).reshape(4, 4)


def test_the_plane_is_that_of_the_greatest_spread():
    np.testing.assert_allclose(np.abs(MAP.directions).argmax(1), [2, 0])
    np.testing.assert_allclose(MAP.directions @ MAP.directions.T, np.eye(2), atol=1e-9)


def test_a_place_on_a_dot_is_its_z_and_beside_it_moves_in_the_plane_alone():
    np.testing.assert_allclose(MAP.at(MAP.dots), DOTS, atol=1e-9)
    (beside,) = MAP.at(MAP.dots[:1] + [[0.5, -0.25]])
    np.testing.assert_allclose(MAP.places(beside), MAP.dots[0] + [0.5, -0.25])
    np.testing.assert_allclose(beside - DOTS[0], [0.5, -0.25] @ MAP.directions, atol=1e-9)


def test_along_a_way_counts_length_not_places():
    way = [(0, 0), (3, 0), (3, 1)]
    np.testing.assert_allclose(along(way, np.array([0, 0.5, 0.75, 1])), [(0, 0), (2, 0), (3, 0), (3, 1)])
    np.testing.assert_allclose(along([(2, 5)], np.array([0, 1])), [(2, 5)] * 2)


def test_what_the_prior_chose_is_moved_by_the_sliders():
    choice = Choice(shift=(0, 1, 0, -2))
    np.testing.assert_allclose(steer(choice, OWN, TIMES, MAP), OWN + [0, 1, 0, -2])


def test_a_held_place_is_the_same_at_each_beat():
    choice = Choice(mode="held", place=tuple(MAP.dots[2]), shift=(0, 0, 0, 1))
    np.testing.assert_allclose(steer(choice, OWN, TIMES, MAP), [DOTS[2] + [0, 0, 0, 1]] * 4, atol=1e-6)


def test_a_way_is_followed_from_first_to_last_over_five_seconds():
    choice = Choice(mode="path", path=(tuple(MAP.dots[0]), tuple(MAP.dots[1])), shift=(0,) * 4)
    z = steer(choice, OWN, TIMES, MAP)
    np.testing.assert_allclose(z[[0, -1]], [DOTS[0] + (DOTS[1] - DOTS[0]) * [0.05, 0, 0.05, 0], DOTS[1]], atol=0.02)
    np.testing.assert_allclose(MAP.places(z), along(choice.path, TIMES / 5), atol=1e-6)


def test_a_curve_takes_the_place_of_its_axis_alone():
    choice = Choice(curves={1: (0.0, 10.0)}, shift=(0.0, 1.0, 0.0, 0.0))
    z = steer(choice, OWN, TIMES, MAP)
    np.testing.assert_allclose(z[:, 1], 2 * TIMES + 1)
    np.testing.assert_allclose(z[:, [0, 2, 3]], OWN[:, [0, 2, 3]])


def test_mixing_begins_and_ends_with_the_two():
    for share, expected in ((0, OWN), (1, -OWN), (0.25, OWN / 2)):
        np.testing.assert_allclose(latents.mixed(OWN, -OWN, share), expected)


def read(**message):
    return read_choice(message, n_songs=2, latent_dim=4)


def test_a_message_becomes_a_choice():
    choice = read(song=1, start="2.5", path=[[0, 1], [2, 3]], curves={"3": [0, 1]}, mode="path", strange=1)
    assert (choice.song, choice.start, choice.shift) == (1, 2.5, (0.0,) * 4)
    assert choice.path == ((0.0, 1.0), (2.0, 3.0)) and choice.curves == {3: (0.0, 1.0)}


@pytest.mark.parametrize("message, words", [
    ({"song": 2}, "below 2"), ({"song": -1}, "song=-1"), ({"start": -1}, "start=-1"), ({"seed": -1}, "seeds -1"),
    ({"mix": 1.5}, "between 0 and 1"), ({"temperature": float("nan")}, "temperature=nan"),
    ({"mode": "x"}, "one of own"), ({"place": [0]}, "two numbers"), ({"shift": [0]}, "4 numbers"),
    ({"curves": {"4": [0, 1]}}, "0 to 3"), ({"shift": [0, 0, 0, 99]}, "beyond 20"), ({"start": "x"}, "read"),
    ({"place": [float("nan"), 0]}, "beyond 20"), ({"path": [[0, 0]] * 401}, "too long"), ({"path": [1]}, "read"),
    ({"song": None}, "read"),
])  # fmt: skip
def test_what_the_controls_cannot_say_is_a_sentence(message, words):
    with pytest.raises(InputError, match=words):
        read(**message)


def test_code_of_what_the_prior_chose_names_its_seeds():
    code = as_code(Choice(seed=3, mix=0.25, start=1.5, shift=(0.0, 0.5)), OWN, "song.mp3")
    assert "z = 0.75 * model.choose(features, seed=3, temperature=0.5)" in code
    assert "z += 0.25 * model.choose(features, seed=1, temperature=0.5)" in code and "[0.0, 0.5]" in code
    assert "z = model.choose(features, seed=3" in as_code(Choice(seed=3, shift=(0.0,)), OWN, "song.mp3")
    assert "[4.0, 5.0, 6.0, 7.0]," in as_code(Choice(mode="held"), OWN, "song.mp3")
