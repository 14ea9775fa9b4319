"""Key frames: which are chosen, and a file that gives back what was put in and is believed in nothing unchecked."""

from dataclasses import replace

import numpy as np
import pytest
from drawn_person import FLAT, SEEN, draw, pose_of, wall

from dancing_utils import InputError
from dancing_utils.files import write_npz
from dancing_utils.images import body_parts, key_frames

ANGLES = [(20, 20), (60, 50), (90, 90), (120, 150), (150, 170), (70, 0)]


@pytest.fixture(scope="module")
def film():
    """Poses (6, 33, 2), pictures and masks of both arms moving alike."""
    poses = np.stack([pose_of(left=angles, right=angles) for angles in ANGLES])
    pictures, masks = zip(*(draw(pose, wall()) for pose in poses), strict=True)
    return poses, pictures, masks


@pytest.fixture(scope="module")
def figure(film):
    poses, _, masks = film
    return body_parts.measure_figure(poses, masks, poses)


@pytest.fixture
def frames(film, figure):
    """All of the film as key frames."""
    n = len(ANGLES)
    cuts = [key_frames.cut_out(*one, np.eye(2, 3)) for one in zip(film[1], film[2], film[0], strict=True)]
    pictures, masks, matrices = zip(*cuts, strict=True)
    return key_frames.KeyFrames(
        list(pictures), list(masks), np.stack(matrices), film[0].astype(np.float32), np.tile(SEEN, (n, 1)),
        np.tile(FLAT, (n, 1)), np.ones((n, 15), np.float32), figure,
    )  # fmt: skip


# --- the body ------------------------------------------------------------------------------------------------------


def test_a_body_is_measured_as_it_was_drawn(figure):
    lengths = dict(zip((part.name for part in body_parts.PARTS), figure.lengths, strict=True))
    assert lengths["trunk"] == pytest.approx(130) and lengths["left_upper_arm"] == pytest.approx(75)
    assert lengths["right_lower_arm"] == pytest.approx(65) and lengths["left_upper_leg"] == pytest.approx(100, abs=1)
    radii = dict(zip((part.name for part in body_parts.PARTS), figure.radii.mean(1), strict=True))
    for name, drawn in (("left_upper_arm", 11), ("left_lower_arm", 9), ("left_lower_leg", 12)):
        assert drawn <= radii[name] < 1.35 * drawn  # a margin of 1.2


def test_a_smaller_person_has_a_smaller_size_even_with_some_bones_towards_the_camera(figure):
    poses = np.stack([pose_of(), 0.5 * pose_of()])
    poses[:, 13] = poses[:, 11] + 3  # the left upper arm seen end on
    assert figure.sizes(poses) == pytest.approx([1, 0.5], rel=0.02)


def test_a_film_without_a_whole_pose_has_no_body():
    with pytest.raises(InputError, match="no frame shows a whole pose"):
        body_parts.measure_figure(np.full((3, 33, 2), np.nan), [], np.zeros((0, 33, 2)))


# --- choosing ------------------------------------------------------------------------------------------------------


def test_the_farthest_poses_are_chosen_first_and_copies_never():
    kinds = [(20, 20), (90, 90), (160, 160)]
    film = [kinds[0]] * 20 + [kinds[1]] * 5 + [kinds[2]] * 20
    poses = np.stack([pose_of(left=angles, right=angles, x=150 + k) for k, angles in enumerate(film)])
    figure = body_parts.measure_figure(poses, [], poses[:0])
    chosen = key_frames.choose(poses, np.ones(len(poses)), figure, most=16)
    assert {film[k] for k in chosen[:3]} == set(kinds)
    spread = np.linalg.norm(np.diff(key_frames.normalise(poses[chosen], figure), axis=0), axis=-1).mean(1)
    assert (spread[:2] > 0.1).all()


def test_of_two_like_frames_the_better_one_is_chosen():
    poses = np.stack([pose_of(left=(a + jitter, a)) for a in (20, 90, 160) for jitter in (0, 1)])
    quality = np.array([0.5, 1, 1, 0.5, 0.5, 1])
    figure = body_parts.measure_figure(poses, [], poses[:0])
    assert set(key_frames.choose(poses, quality, figure, most=3).tolist()) == {1, 2, 5}
    assert 0 not in key_frames.choose(poses, quality * [0, 1, 1, 1, 1, 1], figure, most=6)


def test_an_arm_beside_the_trunk_is_preferred_to_one_before_it():
    poses = np.stack([pose_of(left=(20, angle)) for angle in (-80, -40, 60, 130)])
    figure = body_parts.measure_figure(poses, [], poses[:0])
    clear = key_frames._clear_arm(key_frames.normalise(poses, figure), "left arm")
    assert clear[0] < 0.5 and clear[2] == clear[3] == 1


def test_no_usable_frame_is_said():
    poses = np.stack([pose_of()] * 3)
    figure = body_parts.measure_figure(poses, [], poses[:0])
    with pytest.raises(InputError, match="no frame shows the person whole and sharp"):
        key_frames.choose(poses, np.zeros(3), figure)


def test_quality_falls_with_blur_long_bones_hidden_joints_and_a_mask_that_does_not_fit(film, figure):
    poses, pictures, masks = film
    pose = poses[1]
    fit = key_frames.mask_fit(masks[1], pose, figure)
    overhead = key_frames.mask_fit(masks[4], pose, figure)  # the arms are overhead, the pose has them beside her
    assert fit > 0.9 > 0.8 > overhead
    longer = pose.copy()
    longer[15] = longer[13] + 2 * (longer[15] - longer[13])
    usual = np.ones((5, 15))
    usual[1] = 0.4
    seen = np.tile(SEEN, (5, 1))
    seen[2, 13:] = 0.2
    some = np.stack([pose, pose, pose, longer, np.full_like(pose, np.nan)])
    found = key_frames.frame_quality(some, seen, np.full(5, fit), usual, figure)
    assert found[0] > 0.9 and (found[1:4] < 0.75 * found[0]).all() and found[4] == 0


def test_detail_is_lost_where_a_limb_is_blurred(film):
    import cv2

    poses, pictures, _ = film
    striped = pictures[2].copy()
    striped[190:212, 220:290:4] = 255  # stripes on the left upper arm
    blurred = striped.copy()
    blurred[180:222, 210:300] = cv2.blur(striped, (15, 1))[180:222, 210:300]
    sharp, soft = (key_frames.part_detail(picture, poses[2], 130) for picture in (striped, blurred))
    arm = body_parts.NUMBER["left_upper_arm"]
    assert soft[arm] < 0.5 * sharp[arm]
    assert soft[body_parts.NUMBER["right_lower_leg"]] == sharp[body_parts.NUMBER["right_lower_leg"]]


# --- the file ------------------------------------------------------------------------------------------------------


def test_a_cut_keeps_the_person_and_its_place(film):
    poses, pictures, masks = film
    half = np.array([[0.5, 0, 0], [0, 0.5, 0]])
    picture, mask, matrix = key_frames.cut_out(pictures[0], masks[0], poses[0], half)
    assert mask.sum() == masks[0].sum() and picture.shape[:2] == mask.shape < masks[0].shape
    left, top = matrix[:, 2] * 2
    np.testing.assert_array_equal(picture, pictures[0][int(top) :, int(left) :][: mask.shape[0], : mask.shape[1]])


def test_what_was_saved_is_read_back(frames, tmp_path):
    path = tmp_path / "key_frames.npz"
    key_frames.save(path, frames)
    again = key_frames.load(path)
    for name in key_frames.KINDS:
        np.testing.assert_array_equal(getattr(again, name), getattr(frames, name).astype(np.float32))
    np.testing.assert_allclose(again.figure.radii, frames.figure.radii, rtol=1e-6)
    for k in range(len(frames.masks)):
        np.testing.assert_array_equal(again.masks[k], frames.masks[k])  # PNG keeps all
        assert np.abs(again.pictures[k].astype(int) - frames.pictures[k]).mean() < 3  # JPEG nearly
    assert [file.name for file in tmp_path.iterdir()] == ["key_frames.npz"]


def _spoil(path, **changes):
    with np.load(path) as stored:
        arrays = {name: stored[name] for name in stored.files}
    write_npz(path, arrays | {name: change(arrays[name]) for name, change in changes.items()}, compressed=False)


def _bomb(row):
    """A first picture that claims 60,000 x 60,000 pixels."""
    import struct
    import zlib

    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 0, 0, 0, 0)
    chunk = b"IHDR" + head
    start = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))
    out = row.copy()
    out[: len(start)] = np.frombuffer(start, np.uint8)
    return out


@pytest.mark.parametrize(
    "changes, words",
    [
        ({"poses": lambda a: a[:, :5]}, "poses of"),
        ({"depth": lambda a: a.astype("f8")}, "depth of"),
        ({"to_plate": lambda a: a * np.float32("nan")}, "to_plate of"),
        ({"radii": lambda a: a * 0}, "of no size"),
        ({"pictures": lambda a: a[:-9]}, "bytes of pictures"),
        ({"masks_bytes": lambda a: a.astype(float)}, "masks of another kind"),
        ({"pictures_bytes": lambda a: a * np.where(np.arange(len(a)), 1, -1)}, "bytes of pictures"),
        ({"pictures": lambda a: a * 0}, "cannot be read"),
        ({"masks": _bomb}, "a picture of|cannot be read"),
        ({"poses": lambda a: np.array([{"run": "me"}], object)}, "damaged or of another kind"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_a_file_from_elsewhere_is_believed_in_nothing_unchecked(frames, tmp_path, changes, words):
    path = tmp_path / "key_frames.npz"
    key_frames.save(path, frames)
    _spoil(path, **changes)
    with pytest.raises(InputError, match=words) as error:
        key_frames.load(path)
    assert str(path) in str(error.value) and "\n" not in str(error.value)


def test_a_mask_of_another_size_and_too_many_frames_are_refused(frames, tmp_path):
    path = tmp_path / "key_frames.npz"
    key_frames.save(path, replace(frames, masks=[frames.masks[0][:-1], *frames.masks[1:]]))
    with pytest.raises(InputError, match="another size than its picture"):
        key_frames.load(path)
    with pytest.raises(InputError, match="does not exist: learn the film again"):
        key_frames.load(tmp_path / "none.npz")
