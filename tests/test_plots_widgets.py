"""What is drawn is what was given, and dances moved in the latent space, with a real trained model."""

import matplotlib
import numpy as np
import pytest

matplotlib.use("Agg")

from dancing_utils import HEIGHT, WIDTH, InputError, cli
from dancing_utils.motion import lstm_vae
from dancing_utils.pose import landmarks
from dancing_utils.show import plots, widgets


@pytest.fixture(scope="module")
def model():
    return lstm_vae.load(cli.SHIPPED["vae"])


@pytest.fixture
def pose():
    return np.random.default_rng(0).uniform(0.2, 0.8, (33, 2)).astype(np.float32)


def test_a_skeleton_is_drawn_in_pixels_left_and_right_apart(pose):
    fig, ax = plots.plot_pose(pose, title="A pose")
    assert len(ax.lines) == len(plots.BONES) and len(ax.patches) == 1  # the head
    drawn = {tuple(map(tuple, np.round(line.get_xydata()).astype(int))): line for line in ax.lines}
    a, b = landmarks.INDEX["left_elbow"], landmarks.INDEX["left_wrist"]
    ends = tuple(tuple(int(v) for v in np.round(pose[i] * (WIDTH, HEIGHT))) for i in (a, b))
    assert drawn[ends].get_color() == plots.BLUE and drawn[ends].get_linestyle() == "-"
    assert plots.side_of(12, 14) == "right" and plots.side_of(11, 12) == "middle" and plots.side_of(0, 1) == "middle"
    assert ax.get_title() and ax.get_xlabel() and ax.get_ylabel() and ax.yaxis_inverted()
    plots.plt.close(fig)


def test_over_a_picture_the_face_has_its_landmarks_and_elsewhere_a_circle(pose):
    fig, ax = plots.plot_pose(pose, picture=np.zeros((640, 360, 3), np.uint8))
    assert len(ax.lines) == len(landmarks.CONNECTIONS) and not ax.patches
    plots.plt.close(fig)
    standing = np.zeros((33, 2))
    standing[[landmarks.INDEX["left_ear"], landmarks.INDEX["right_ear"]]] = (-6, 0), (6, 0)
    standing[landmarks.SHOULDERS] = (-20, 20), (20, 20)
    standing[landmarks.HIPS] = (-10, 70), (10, 70)
    middle, radius = plots.head_of(standing)
    assert middle.tolist() == [0, 0] and radius == pytest.approx(11)


def test_every_plot_has_labelled_axes_and_leaves_showing_to_the_caller(pose):
    sound = np.random.default_rng(0).normal(0, 0.1, 22050).astype(np.float32)
    made = [
        plots.plot_waveform(sound), plots.plot_mel(sound), plots.plot_mfcc(sound[:390].reshape(30, 13)),
        plots.plot_curves({"a": np.arange(3), "b": np.arange(3)}, title="t", xlabel="x (s)", ylabel="y (m)"),
    ]  # fmt: skip
    for fig, ax in made:
        assert ax.get_title() and ax.get_xlabel() and ax.get_ylabel()
        plots.plt.close(fig)
    fig, axes = plots.plot_dances({"one": np.tile(pose, (90, 1, 1)), "two": np.tile(pose, (90, 1, 1))}, seconds=3)
    assert len(axes) == 2 and len(axes[0].lines) == 6 * len(plots.BONES)
    plots.plt.close(fig)
    fig, axes = plots.plot_pictures({"real": np.zeros((3, 8, 4, 3), np.uint8)}, titles=["a", "b", "c"])
    assert axes.shape == (1, 3) and axes[0, 2].get_title() == "c"
    plots.plt.close(fig)


def test_speeds_by_hand():
    poses = np.full((10, 33, 2), 0.5, np.float32)
    poses[:, 15, 0] += np.arange(10) / WIDTH  # one pixel a frame to the right
    speeds = landmarks.speeds(poses)
    np.testing.assert_allclose(speeds[:, 15], 30, rtol=1e-3)
    assert np.delete(speeds, 15, axis=1).max() == 0


@pytest.fixture(scope="module")
def features():
    return np.random.default_rng(0).normal(0, 1, (60, 16)).astype(np.float32)


def test_dance_at_moves_z_along_its_axes(model, features):
    z = model.choose(features, temperature=0)
    z[:, [3, 1]] += 2.0, -1.0
    moved = widgets.dance_at(model, features, [3, 1], [2.0, -1.0])
    np.testing.assert_allclose(moved, model.dance(features, z=z), atol=1e-6)
    assert np.abs(moved - widgets.dance_at(model, features, [], [])).max() > 1e-3
    for axes, values, words in (([99], [0.0], "between 0 and"), ([0], [], "one value an axis")):
        with pytest.raises(InputError, match=words):
            widgets.dance_at(model, features, axes, values)


def test_between_two_dances_begins_and_ends_with_them(model, features):
    z = [model.choose(features, seed=seed) for seed in (0, 1)]
    for share, own in ((0, z[0]), (1, z[1])):
        np.testing.assert_allclose(
            widgets.between_dances(model, features, *z, share), model.dance(features, z=own), atol=1e-5
        )


def test_skeletons_of_a_video_lie_side_by_side(pose):
    (picture,) = plots.skeleton_pictures({"one": pose[None], "two": pose[None]})
    assert picture.shape == (320, 360, 3)
    drawn = (picture < 200).any(-1)
    drawn[:24] = False  # the names
    assert drawn[:, :180].sum() > 200 and np.array_equal(drawn[:, :180], drawn[:, 180:])


def test_films_stand_side_by_side_under_their_names():
    films = {"dark": np.zeros((3, 64, 64, 3), np.uint8), "grey": np.full((2, 64, 64, 3), 100, np.uint8)}
    pictures = list(plots.film_pictures(films, height=128))
    assert len(pictures) == 2 and pictures[0].shape == (152, 256, 3)
    assert (pictures[1][24:, :128] == 0).all() and (pictures[1][24:, 128:] == 100).all()
    assert pictures[0][:24].min() < 100 < pictures[0][:24].max() == 255
