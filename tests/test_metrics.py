"""Measures against motion whose answer is known."""

import doctest

import numpy as np
import pytest
import scipy.linalg

from dancing_utils import InputError
from dancing_utils.evaluation import image_metrics, motion_metrics
from dancing_utils.evaluation.motion_metrics import beat_alignment, motion_beats
from dancing_utils.motion import kinetics
from dancing_utils.pose.landmarks import INDEX, to_pixels, to_units


def swinging(period, n=300, fps=30):
    """Points that swing to and fro: at rest twice a period, at multiples of period / 2."""
    t = np.arange(n) / fps
    return np.cos(2 * np.pi * t / period)[:, None, None] * np.ones((1, 5, 2))


def test_a_swing_is_slowest_where_it_turns():
    found = motion_beats(swinging(1.0))
    assert len(found) == 19 and np.abs(found - np.arange(1, 20) * 0.5).max() < 0.02


def test_missing_frames_are_bridged():
    points = swinging(1.0)
    points[40:44] = np.nan
    found = motion_beats(points)
    assert abs(len(found) - 19) <= 1 and np.isfinite(found).all()


def test_points_that_are_missing_alone_do_not_matter():
    points = swinging(1.0)
    points[100:160, :2] = np.nan  # of five
    assert motion_beats(points) == pytest.approx(motion_beats(swinging(1.0)))


def test_a_shake_faster_than_a_dance_is_no_beat():
    """A shake of 10 Hz, a quarter as fast as the swing: valleys of the speed that the smoothing takes out."""
    t = np.arange(300) / 30
    shaken = swinging(1.0) + 0.025 * np.sin(2 * np.pi * 10 * t)[:, None, None]
    assert motion_beats(shaken) == pytest.approx(np.arange(1, 20) * 0.5, abs=0.04)


def test_a_point_on_a_circle_is_never_slowest():
    """Only the other point's turns are beats, however the circle's x and y come and go."""
    t = np.arange(300) / 30
    circle = np.stack([np.cos(2 * np.pi * t / 0.7), np.sin(2 * np.pi * t / 0.7)], 1)
    points = np.stack([circle, swinging(1.0)[:, 0]], 1)
    assert motion_beats(points[5:-5]) == pytest.approx(np.arange(1, 20) * 0.5 - 5 / 30, abs=0.04)


def test_standing_still_is_one_beat_where_it_begins():
    x = np.r_[np.arange(60), np.full(60, 60), np.arange(61, 121)].astype(float)
    (beat,) = motion_beats(x[:, None, None] * np.ones((1, 3, 2)))
    assert 2.0 < beat < 2.5


def test_alignment_is_one_on_the_beat_and_by_the_formula_off_it():
    beats = np.arange(20) * 0.5
    assert beat_alignment(beats, beats) == 1
    assert beat_alignment(beats + 0.05, beats) == pytest.approx(np.exp(-0.5))
    assert beat_alignment(beats + 0.25, beats) < 1e-4


def test_alignment_of_a_dance_beats_chance():
    beats = np.arange(1, 19) * 0.5
    dance = motion_beats(swinging(1.0))
    strangers = [beat_alignment(np.arange(1, 19) * period, dance) for period in (0.43, 0.61, 0.57)]
    assert beat_alignment(beats, dance) > 0.9 > 0.5 > np.mean(strangers)


def test_nothing_to_compare():
    assert np.isnan(beat_alignment(np.zeros(0), np.ones(2))) and beat_alignment(np.ones(2), np.zeros(0)) == 0
    assert len(motion_beats(np.full((10, 5, 2), np.nan))) == 0
    with pytest.raises(InputError, match="2, 5, 2"):
        motion_beats(np.zeros((2, 5, 2)))


# --- dances: a stick figure of known size, moved in known ways -----------------------------------------------------

REST = np.zeros((33, 2))  # pixels; the torso is 100 long
for name, x, y in (("shoulder", 30, 200), ("elbow", 45, 260), ("wrist", 50, 310), ("hip", 20, 300), ("knee", 22, 400),
                   ("ankle", 22, 490), ("heel", 22, 500), ("foot_index", 26, 505)):  # fmt: skip
    for side, sign in (("left", 1), ("right", -1)):
        REST[INDEX[f"{side}_{name}"]] = 180 + sign * x, y


def figure(shift):
    """Poses (T, 33, 2) of the stick figure moved as a whole by ``shift`` (T, 2) pixels."""
    return to_units(REST + np.asarray(shift, float)[:, None])


def swaying(period=1.0, size=20.0, seconds=10.0, noise=0.0):
    t = np.arange(round(seconds * 30)) / 30
    shift = np.stack([size * np.sin(2 * np.pi * t / period), np.zeros_like(t)], 1)
    return figure(shift) + noise * np.random.default_rng(0).normal(size=(len(t), 33, 2))


def test_constant_speed_is_found_and_has_no_jitter():
    dance = figure(np.arange(100)[:, None] * [1.0, 0])  # a pixel a frame: 30 pixels, 0.3 torso lengths a second
    assert motion_metrics.mean_speed(dance) == pytest.approx(0.3, rel=1e-4)
    assert motion_metrics.jitter(dance) < 0.05
    assert motion_metrics.mean_speed(figure(np.zeros((10, 2)))) == 0


def test_jitter_of_a_sine_is_its_third_derivative():
    """The mean of |A w^3 cos(w t)| is 2 A w^3 / pi."""
    omega = 2 * np.pi
    assert motion_metrics.jitter(swaying()) == pytest.approx(2 * 0.2 * omega**3 / np.pi, rel=0.03)
    assert motion_metrics.jitter(swaying(noise=0.003)) > 3 * motion_metrics.jitter(swaying())


def test_the_longest_freeze_is_found():
    step = np.full((299, 2), [1.0, 0])  # 0.3 torso lengths a second
    step[30:45] = step[100:160] = 0  # half a second, and two
    assert motion_metrics.longest_freeze(figure(np.cumsum(step, axis=0))) == pytest.approx(2)
    assert motion_metrics.longest_freeze(figure(np.arange(100)[:, None] * [1.0, 0])) == 0
    assert motion_metrics.longest_freeze(figure(np.zeros((91, 2)))) == pytest.approx(3)


def test_feet_that_slide_and_feet_that_step():
    assert motion_metrics.foot_slide(figure(np.zeros((60, 2)))) == 0
    assert motion_metrics.foot_slide(figure(np.arange(60)[:, None] * [2.0, 0])) == 1  # 0.6 torso lengths a second
    steps = np.tile(REST, (120, 1, 1))
    lifted = np.arange(120) % 30 < 10  # one foot leaves the floor, and moves only then
    foot = [INDEX[f"left_{part}"] for part in ("ankle", "heel", "foot_index")]
    steps[lifted[:, None] & np.isin(np.arange(33), foot), 1] -= 30
    assert motion_metrics.foot_slide(to_units(steps)) < 0.05


def test_kinetic_features_of_a_sine():
    features = kinetics.kinetic_features(swaying())
    assert features.shape == ((300 - 60) // 15 + 1, 36)
    omega = 2 * np.pi
    assert features[:, 0:24:2] == pytest.approx((0.2 * omega) ** 2 / 2, rel=0.03)  # mean of cos^2 is a half
    assert np.abs(features[:, 1:24:2]).max() < 1e-6
    assert features[:, 24:] == pytest.approx(2 * 0.2 * omega**2 / np.pi, rel=0.05)
    assert kinetics.kinetic_features(swaying(seconds=1)).shape == (0, 36)


def test_frechet_distance_against_scipys_full_formula():
    """For independent dimensions the diagonal and the full formula agree: |m|^2 + Tr(C + C' - 2 sqrt(C C'))."""
    rng = np.random.default_rng(0)
    a, b = rng.normal(1.0, 2.0, (4000, 3)), rng.normal(0, 1, (4000, 3))
    ours = kinetics.frechet_distance(a, b)
    scale = b.std(0)
    covariances = [np.diag(((x - b.mean(0)) / scale).var(0)) for x in (a, b)]
    root = scipy.linalg.sqrtm(covariances[0] @ covariances[1]).real
    full = (((a - b).mean(0) / scale) ** 2).sum() + np.trace(covariances[0] + covariances[1] - 2 * root)
    assert ours == pytest.approx(full, rel=1e-6) and ours == pytest.approx(6, rel=0.15)
    assert kinetics.frechet_distance(b, b) == 0


def test_lengths_are_counted_in_the_median_torso():
    scale = np.r_[np.ones(7), 0.5, 0.5, 1.5]  # bent twice, near once
    dance = to_units(REST * scale[:, None, None])
    assert kinetics.in_torsos(dance)[0] == pytest.approx(REST / 100, rel=1e-5)
    assert kinetics.in_torsos(dance)[-1] == pytest.approx(REST * 1.5 / 100, rel=1e-5)


@pytest.mark.parametrize("pixels, frozen", [(0.8, 0), (0.5, 3)])
def test_a_freeze_is_slower_than_a_fifth_of_a_torso_a_second(pixels, frozen):
    assert motion_metrics.longest_freeze(figure(np.arange(91)[:, None] * [pixels, 0])) == pytest.approx(frozen)


def test_one_hand_that_moves_is_still_a_freeze():
    dance = np.tile(REST, (91, 1, 1))
    dance[:, INDEX["left_wrist"], 0] += 3 * np.arange(91)  # 0.9 torso lengths a second, 0.075 in the mean of 12 joints
    assert motion_metrics.longest_freeze(to_units(dance)) == pytest.approx(3)


LIFTED = np.arange(120) % 30 < 10


def stepping(height, pixels, parts=("heel", "foot_index"), lifted=LIFTED):
    """The left foot is ``height`` pixels up and moves by ``pixels`` a frame where it is ``lifted``, and only there."""
    steps = np.tile(REST, (len(lifted), 1, 1))
    for part in parts:
        steps[:, INDEX[f"left_{part}"], 1] -= height * lifted
        steps[:, INDEX[f"left_{part}"], 0] += pixels * np.cumsum(lifted)
    return motion_metrics.foot_slide(to_units(steps))


def test_foot_slide_counted_by_hand():
    """119 frames have one before them; the right foot stands in all, the left in 80 of them, and lands moving in 4."""
    assert stepping(10, 2) == pytest.approx(4 / (119 + 80))  # 0.1 torso lengths are off the floor
    assert stepping(6, 2) == pytest.approx((39 + 4) / (119 + 119))  # 0.06 are not: all 39 lifted frames slide, too
    assert stepping(0, 1.4) == pytest.approx(39 / (119 + 119))  # 0.42 torso lengths a second are a slide
    assert stepping(0, 1.0) == 0  # 0.3 are none
    assert stepping(20, 2, parts=["heel"]) == pytest.approx(4 / (119 + 80))  # on its toes: the foot's middle is 10 up


@pytest.mark.parametrize("n, taken_for_floor", [(60, 0), (120, 30)])
def test_the_floor_is_looked_for_a_second_and_a_half_either_way(n, taken_for_floor):
    """Of 120 raised frames the 30 in the middle are 46 frames or more from the floor on both sides."""
    lifted = np.r_[np.zeros(60, bool), np.ones(n, bool), np.zeros(60, bool)]
    down = 2 * (len(lifted) - 1) - n + taken_for_floor
    assert stepping(30, 2, lifted=lifted) == pytest.approx((taken_for_floor + 1) / down)  # and it lands once


def test_kinetic_features_grow_with_the_square_of_the_speed():
    large, small = kinetics.kinetic_features(swaying(size=40)), kinetics.kinetic_features(swaying(size=10))
    assert large[:, 0:24:2] == pytest.approx(16 * small[:, 0:24:2], rel=1e-3)
    assert large[:, 24:] == pytest.approx(4 * small[:, 24:], rel=1e-3)


def waving(size):
    """Two seconds in which the hands and elbows go ``size`` pixels to either side; the rest stands."""
    points = np.tile(REST, (60, 1, 1)).astype(float)
    points[:, [13, 14, 15, 16], 0] += size * np.sin(np.pi * np.arange(60) / 30)[:, None]
    return to_units(points)


def test_a_loop_repeats_itself_and_a_dance_of_new_moves_does_not():
    """Two seconds again and again, at 120 beats a minute; then moves of which every second one was there before."""
    beats = np.arange(0, 20.1, 0.5)
    phrases = [waving(size) for size in (30, 130, 230, 330, 430)]
    assert motion_metrics.repetition(np.concatenate([phrases[0]] * 10), beats) == 1
    assert motion_metrics.repetition(np.concatenate(phrases), beats) == 0
    half = np.concatenate([phrases[0], phrases[0], phrases[2], phrases[2], phrases[4]])
    assert motion_metrics.repetition(half, beats) == pytest.approx(2 / 4)
    assert np.isnan(motion_metrics.repetition(phrases[0], beats))


def test_diversity_of_two_windows_is_their_distance():
    """0 and 1 have the standard deviation 1/2, so they are 2 apart; a window is not compared with itself."""
    assert kinetics.diversity(np.array([[0.0], [1.0]]), np.array([[0.0], [1.0]])) == pytest.approx(2)
    assert kinetics.diversity(np.array([[0.0], [3.0]]), np.array([[0.0], [1.0]])) == pytest.approx(6)


def test_still_noise_and_a_shift_fail_frechet_clearly():
    rng = np.random.default_rng(0)

    def dances(n):
        return [swaying(rng.uniform(0.8, 2), rng.uniform(10, 30)) for _ in range(n)]  # fmt: skip

    def cloud(many):
        return np.concatenate([kinetics.kinetic_features(dance) for dance in many])

    true, half = cloud(dances(200)), cloud(dances(200))
    still = cloud([figure(np.zeros((300, 2)))] * 5)
    noise = cloud([swaying(noise=0.01) for _ in range(5)])
    good = kinetics.frechet_distance(half, true)
    for bad in (still, noise, true + true.std(0)):
        assert kinetics.frechet_distance(bad, true) > 5 * good
    assert kinetics.diversity(still, true) == 0
    assert 0.8 < kinetics.diversity(half, true) / kinetics.diversity(true, true) < 1.25


@pytest.mark.parametrize("module", [motion_metrics, image_metrics, kinetics])
def test_examples_in_docstrings_are_true(module):
    result = doctest.testmod(module)
    assert result.attempted and not result.failed


def test_pose_error_and_pck_of_a_known_offset():
    true = figure(np.zeros((5, 2)))
    off = figure(np.tile([6.0, 8.0], (5, 1)))  # 10 pixels: a tenth of the torso
    assert motion_metrics.pose_error(off, true) == pytest.approx(0.1, rel=1e-4) and motion_metrics.pck(off, true) == 1
    assert motion_metrics.pck(off, true, threshold=0.05) == 0
    half = np.where(np.arange(33)[:, None] % 2, off, true)
    assert motion_metrics.pck(half, true, threshold=0.05) == 0.5


def test_pose_error_counts_in_the_true_torso_and_leaves_missing_joints_out():
    true, large = figure(np.zeros((5, 2))), to_units(np.tile(2 * REST, (5, 1, 1)))
    expected = np.linalg.norm(REST[list(motion_metrics.MAIN_JOINTS)], axis=1) / 100  # each is off by its own place
    assert motion_metrics.pose_error(large, true)[0] == pytest.approx(expected, rel=1e-4)
    off = figure(np.tile([18.0, 24.0], (5, 1)))  # 30 pixels
    assert motion_metrics.pck(off, true) == 0 and motion_metrics.pck(off, true, threshold=0.31) == 1
    off[:, INDEX["left_wrist"]] = np.nan
    assert motion_metrics.pck(off, true, threshold=0.31) == 1


def test_chance_begins_anywhere_in_another_song_and_off_its_beat():
    """Uniformly off a beat every half second: the mean of exp(-d^2 / (2 s^2)) for d from 0 to 0.25 is 0.25."""
    moved = np.arange(1, 39) * 0.5
    for seconds in (20, 100):  # as long as the dance, so that nothing but the shift is by chance; and longer
        chance = motion_metrics.chance_alignment([np.arange(0, seconds, 0.5)], moved, 20.0, draws=1000)
        assert chance.mean(0) == pytest.approx([0.25, 0.25], abs=0.03)
    late = np.r_[np.arange(0, 10, 0.5), np.arange(10, 500, 0.02)]  # 50 beats a second, but for the first ten seconds
    chance = motion_metrics.chance_alignment([late], moved, 20.0)
    assert chance[:, 1].mean() > 0.9 and chance[:, 0].mean() == pytest.approx(0.25, abs=0.05)
    both = motion_metrics.chance_alignment([late[20:], np.array([0.0, 30.0])], moved, 20.0)
    assert 0.35 < (both[:, 1] > 0.9).mean() < 0.65  # half of the draws take the song with a beat in 30 s


def test_chance_is_below_a_dance_on_its_beats():
    dance = swaying(1.0, seconds=20)
    moved = motion_beats(to_pixels(dance))
    others = [np.arange(200) * period for period in (0.43, 0.61, 0.57)]
    chance = motion_metrics.chance_alignment(others, moved, 20.0)
    assert chance.shape == (200, 2)
    own = beat_alignment(0.25 + np.arange(39) * 0.5, moved)  # at rest a quarter period after the middle
    assert own > 0.9 > 1.2 * np.percentile(chance[:, 0], 95)
    assert np.array_equal(chance, motion_metrics.chance_alignment(others, moved, 20.0))


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda: motion_metrics.mean_speed(np.zeros((5, 20, 2))), "5, 20, 2"),
        (lambda: motion_metrics.jitter(figure(np.zeros((3, 2)))), "3 frames"),
        (lambda: motion_metrics.mean_speed(np.zeros((5, 33, 2))), "torso of 0"),
        (lambda: kinetics.frechet_distance(np.zeros((1, 3)), np.zeros((5, 3))), "at least 2"),
        (lambda: motion_metrics.pose_error(np.zeros((2, 33, 2)), np.zeros((3, 33, 2))), "differ in shape"),
    ],
)
def test_what_cannot_be_measured_is_said(call, words):
    with pytest.raises(InputError, match=words):
        call()
