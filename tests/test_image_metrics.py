"""Measures of pictures against answers known by hand, an independent formula, and a real frame with its true pose."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from dancing_utils import HEIGHT, WIDTH, InputError
from dancing_utils.data import media
from dancing_utils.evaluation import image_metrics, truth
from dancing_utils.evaluation.image_metrics import crop_box, dancer_box
from dancing_utils.images.perceptual import build_vgg16
from dancing_utils.pose.detector import PoseDetector
from dancing_utils.pose.landmarks import FACE, HANDS, INDEX, MAIN_JOINTS, to_units

RNG = np.random.default_rng(0)
NOISE = RNG.integers(20, 200, (60, 50, 3), np.uint8)


def flat(level, rows=40, columns=30):
    return np.full((rows, columns, 3), level, np.uint8)


def pose_within(left, top, right, bottom):
    """A pose whose landmarks span the given rectangle (pixels) exactly."""
    points = RNG.uniform((left, top), (right, bottom), (33, 2))
    points[0], points[1] = (left, top), (right, bottom)
    return to_units(points)


# --- boxes ---------------------------------------------------------------------------------------------------------


def test_the_box_is_ten_per_cent_wider_on_each_side():
    assert dancer_box(pose_within(100, 200, 200, 500)) == (slice(170, 530), slice(90, 210))
    assert dancer_box(pose_within(100, 200, 200, 500), margin=0) == (slice(200, 500), slice(100, 200))
    assert dancer_box(pose_within(100.6, 200.6, 200.4, 500.4), margin=0) == (slice(200, 501), slice(100, 201))


def test_the_box_is_cut_at_the_pictures_edge_and_never_empty():
    assert dancer_box(pose_within(-50, -40, 400, 700)) == (slice(0, HEIGHT), slice(0, WIDTH))
    for pose in (pose_within(500, 100, 600, 400), pose_within(-300, -300, -100, -200), pose_within(10, 10, 11, 11)):
        rows, columns = dancer_box(pose)
        assert min(np.zeros((HEIGHT, WIDTH))[rows, columns].shape) >= 48


def test_crops_are_squares_around_face_and_hands():
    points = np.tile([180.0, 320.0], (33, 1))
    points[list(FACE)] = [100, 150]
    points[8], points[10] = [120, 160], [110, 170]  # an ear, half of the mouth: the middle is (110, 160)
    points[list(HANDS[1])] = [300, 400]
    pose = to_units(points)
    assert image_metrics.face_box(pose) == (slice(136, 184), slice(86, 134))
    assert image_metrics.hand_boxes(pose)[1] == (slice(376, 424), slice(276, 324))
    assert {INDEX["right_wrist"], INDEX["right_thumb"]} < set(HANDS[1]) and len(HANDS[0]) == 4


@pytest.mark.parametrize("x, y, corner", [(-80, -5, (0, 0)), (359, 639, (592, 312)), (2000, 300, (276, 312))])
def test_crops_at_the_edge_are_pushed_in(x, y, corner):
    rows, columns = crop_box(np.tile(to_units([x, y]), (33, 1)), FACE)
    assert (rows.start, columns.start) == corner
    assert (rows.stop - rows.start, columns.stop - columns.start) == (48, 48)


# --- likeness ------------------------------------------------------------------------------------------------------


def test_psnr_of_ten_grey_levels():
    assert image_metrics.psnr(flat(100), flat(110)) == pytest.approx(28.13, abs=0.005)  # 20 log10(255 / 10)
    assert image_metrics.psnr(NOISE, NOISE + 8) == pytest.approx(30.07, abs=0.005)
    assert image_metrics.psnr(NOISE, NOISE) == np.inf


def test_ssim_of_flat_pictures_is_the_term_of_their_means():
    """Without variance it is (2 a b + c) / (a^2 + b^2 + c), c = (0.01 * 255)^2."""
    c = (0.01 * 255) ** 2
    expected = (2 * 100 * 150 + c) / (100**2 + 150**2 + c)
    assert image_metrics.ssim(flat(100), flat(150)) == pytest.approx(expected, abs=1e-4)
    assert image_metrics.ssim(NOISE, NOISE) == pytest.approx(1)
    assert image_metrics.ssim(flat(100, 11, 11), flat(150, 11, 11)) == pytest.approx(expected, abs=1e-4)  # the smallest


def test_ssim_against_scipys_gaussian():
    made = np.clip(NOISE + RNG.normal(0, 25, NOISE.shape), 0, 255).astype(np.uint8)
    a, b = NOISE.astype(float), made.astype(float)

    def mean(x):  # a window of 11 x 11, only where it fits
        return gaussian_filter(x, (1.5, 1.5, 0), truncate=3.4)[5:-5, 5:-5]

    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    covariance, variances = mean(a * b) - mean(a) * mean(b), mean(a**2 + b**2) - mean(a) ** 2 - mean(b) ** 2
    light = (2 * mean(a) * mean(b) + c1) / (mean(a) ** 2 + mean(b) ** 2 + c1)
    values = light * (2 * covariance + c2) / (variances + c2)
    assert image_metrics.ssim(NOISE, made) == pytest.approx(values.mean(), abs=2e-4)
    assert 0.5 < values.mean() < 0.99


def test_vgg_distance_grows_with_damage(sample_clip):
    vgg16 = build_vgg16()
    picture = next(media.read_frames(sample_clip))[200:360, 100:260]
    soft = gaussian_filter(picture, (3, 3, 0))
    other = RNG.integers(0, 255, picture.shape, np.uint8)
    nothing, little, much = (image_metrics.vgg_distance(vgg16, picture, made) for made in (picture, soft, other))
    assert nothing == 0 < little < much


# --- where the dancer stands ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def true_frame(sample_clip):
    """Frame 60 of the sample clip, and the rig's pose in it."""
    frames = media.read_frames(sample_clip)
    return [next(frames) for _ in range(61)][60], truth.landmarks_of(sample_clip)[60]


def test_true_landmarks_are_the_studios(sample_clip):
    from data_sample.studio import landmark_map

    known = truth.load(sample_clip.parents[1] / "truth" / "ada_01.npz")
    expected = landmark_map.apply(known.points_2d, landmark_map.load(known.point_names))
    np.testing.assert_array_equal(truth.landmarks_of(sample_clip), expected)
    with pytest.raises(InputError, match="knows no left_tail"):
        landmark_map.load(["left_tail"])


def test_akd_of_a_real_frame(true_frame, pose_model):
    picture, pose = true_frame
    with PoseDetector(model=pose_model) as detector:
        found = detector.detect(picture)
    near = image_metrics.keypoint_distances(found, pose)
    far = image_metrics.keypoint_distances(found, pose + np.float32([20 / WIDTH, 0]))
    assert near.shape == (12,) and image_metrics.akd(near) < 8 and image_metrics.mkr(near) == 0
    assert 14 < image_metrics.akd(far) < 26


def test_nobody_on_an_empty_wall(true_frame, pose_model):
    with PoseDetector(model=pose_model) as detector:
        found = detector.detect(np.full((HEIGHT, WIDTH, 3), 170, np.uint8))
    distances = image_metrics.keypoint_distances(found, true_frame[1])
    assert image_metrics.mkr(distances) == 1 and np.isnan(image_metrics.akd(distances))


def test_akd_and_mkr_by_hand():
    pose = to_units(np.tile([100.0, 100.0], (33, 1)))
    found, visibility = to_units(np.tile([103.0, 104.0], (33, 1))), np.ones(33)
    visibility[list(MAIN_JOINTS[:3])] = 0.49
    distances = image_metrics.keypoint_distances((found, visibility), pose)
    assert np.isnan(distances[:3]).all() and distances[3:] == pytest.approx(5, abs=1e-3)
    visibility[list(MAIN_JOINTS[:2])] = 0.5, 0.55  # these count as found
    missed = np.isnan(image_metrics.keypoint_distances((found, visibility), pose))
    assert np.flatnonzero(missed).tolist() == [2]
    assert image_metrics.akd(np.array([[1.0, 2.0, 9.0, np.nan]])) == 4
    both = np.stack([distances, np.full(12, np.nan)])
    assert image_metrics.mkr(both) == 15 / 24 and image_metrics.akd(both) == pytest.approx(5, abs=1e-3)
    assert np.isnan(image_metrics.mkr(np.zeros((0, 12))))


# --- flicker -------------------------------------------------------------------------------------------------------


def test_flicker_of_half_the_change_is_a_half():
    true = [flat(level) for level in (100, 120, 90, 130)]
    made = [flat(level) for level in (100, 110, 95, 115)]
    changes = [[image_metrics.change(*two) for two in zip(film[:-1], film[1:], strict=True)] for film in (made, true)]
    assert changes[1] == [20, 30, 40] and image_metrics.flicker(*changes) == 0.5
    assert image_metrics.flicker(changes[1], changes[1]) == 1 and image_metrics.flicker([0, 0, 0], changes[1]) == 0
    assert np.isnan(image_metrics.flicker([1.0], [0.0])) and image_metrics.flicker([0.5], [2.0]) == 0.25


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda: image_metrics.ssim(flat(1), flat(1)[:20]), r"\(40, 30, 3\) and \(20, 30, 3\)"),
        (lambda: image_metrics.psnr(flat(1).astype(float), flat(1)), "float64 and uint8"),
        (lambda: image_metrics.ssim(flat(1)[:5], flat(1)[:5]), "at least 11"),
        (lambda: image_metrics.change(flat(1)[..., 0], flat(1)[..., 0]), "3"),
        (lambda: dancer_box(np.zeros((17, 2))), r"\(17, 2\)"),
        (lambda: image_metrics.face_box(np.full((33, 2), np.nan)), "without NaN"),
        (lambda: image_metrics.flicker([1, 2], [1]), "differ in number"),
    ],
)
def test_what_cannot_be_measured_is_said(call, words):
    with pytest.raises(InputError, match=words):
        call()
