"""The puppet: limbs that are dragged keep their lengths, by hand-made poses; layers of a painted figure."""

import cv2
import numpy as np
import pytest

from dancing_utils import HEIGHT, WIDTH, InputError
from dancing_utils.instruments import puppet
from dancing_utils.pose.landmarks import INDEX, to_units

LENGTHS = [(11, 13), (13, 15), (15, 19), (23, 25), (25, 27), (27, 31), (12, 14), (24, 26)]


@pytest.fixture
def pose():
    """A body in pixels: left arm to the side, elbow bent downward by 90 degrees; legs straight down."""
    pose = np.full((33, 2), 180.0)
    for name, at in {
        "left_shoulder": (200, 200), "left_elbow": (260, 200), "left_wrist": (260, 250), "left_index": (260, 260),
        "right_shoulder": (160, 200), "right_elbow": (150, 260), "right_wrist": (150, 310), "left_hip": (195, 330),
        "right_hip": (165, 330), "left_knee": (200, 430), "left_ankle": (200, 520), "left_foot_index": (215, 530),
        "left_heel": (195, 528), "right_knee": (160, 430), "right_ankle": (160, 520),
    }.items():  # fmt: skip
        pose[INDEX[name]] = at
    return pose


def lengths(pose):
    return np.array([np.hypot(*(pose[b] - pose[a])) for a, b in LENGTHS])


@pytest.mark.parametrize("joint", [*puppet.JOINTS, "hips"])
def test_limbs_keep_their_lengths(pose, joint):
    for target in ([30, 90], [300, 610], [180, 300], pose[INDEX["left_shoulder"]]):
        moved = puppet.drag(pose, joint, target)
        np.testing.assert_allclose(lengths(moved), lengths(pose), rtol=1e-6)


def test_a_wrist_within_reach_gets_where_it_is_dragged_and_the_rest_stays(pose):
    moved = puppet.drag(pose, "left_wrist", [270, 180])
    np.testing.assert_allclose(moved[INDEX["left_wrist"]], [270, 180], atol=1e-6)
    same = [i for i in range(33) if i not in puppet.LIMBS["left_wrist"][1:]]
    np.testing.assert_array_equal(moved[same], pose[same])
    assert puppet.drag(pose, "left_wrist", pose[INDEX["left_wrist"]]) == pytest.approx(pose)


def test_out_of_reach_the_arm_is_straight_and_the_hand_goes_on_in_its_line(pose):
    moved = puppet.drag(pose, "left_wrist", [200, -900])
    np.testing.assert_allclose(moved[[INDEX["left_elbow"], INDEX["left_wrist"]]], [(200, 140), (200, 90)], atol=1e-6)
    np.testing.assert_allclose(moved[INDEX["left_index"]], [200, 80], atol=1e-6)


def test_an_elbow_stays_on_its_side(pose):
    side = [np.cross(p[15] - p[11], p[13] - p[11]) for p in (pose, puppet.drag(pose, "left_wrist", [250, 170]))]
    assert np.sign(side[0]) == np.sign(side[1]) != 0


def test_an_elbow_and_a_knee_take_what_hangs_on_them_along(pose):
    moved = puppet.drag(pose, "left_elbow", [200, 10])
    np.testing.assert_allclose(moved[[13, 15]], [(200, 140), (200, 190)], atol=1e-6)
    moved = puppet.drag(pose, "left_ankle", [180, 480])
    np.testing.assert_allclose(moved[31] - moved[27], pose[31] - pose[27])  # the foot keeps its direction


def test_hips_take_everything_along(pose):
    np.testing.assert_allclose(puppet.drag(pose, "hips", [190, 320]), pose + [10, -10])


@pytest.mark.parametrize("joint, target, words", [("tail", [0, 0], "'tail'"), ("left_wrist", [1], "two numbers"),
                                                  ("left_wrist", [np.nan, 0], "two numbers")])  # fmt: skip
def test_what_cannot_be_dragged_is_a_sentence(pose, joint, target, words):
    with pytest.raises(InputError, match=words):
        puppet.drag(pose, joint, target)


class Warped:
    """A painter as a Warper is one: she is a red box, half transparent, on a blue room."""

    plate = np.full((HEIGHT, WIDTH, 3), (0, 0, 200), np.uint8)

    def layers(self, poses):
        for _ in poses:
            layer = np.zeros((HEIGHT, WIDTH, 4), np.uint8)
            layer[100:200, 100:200] = (100, 0, 0, 128)
            yield layer

    def over_plate(self, layer):
        return np.uint8(layer[..., :3] + self.plate * (1 - layer[..., 3:] / 255))

    def paint(self, poses):
        return map(self.over_plate, self.layers(poses))


class Mended:
    """A painter as ``dancers.open_painter`` gives one where mending was trained: what it mends is green."""

    warper, mends, ready = Warped(), True, None

    def make_ready(self, poses):
        self.ready = poses

    def paint(self, poses):
        return iter(np.full((len(poses), HEIGHT, WIDTH, 3), (0, 200, 0), np.uint8))


class Drawn:
    """A painter that has nothing but pictures."""

    def paint(self, poses):
        return iter(np.full((len(poses), HEIGHT, WIDTH, 3), 10, np.uint8))


def test_layers_of_a_warped_dancer(pose):
    units, true = to_units(pose), np.full((HEIGHT, WIDTH, 3), (0, 0, 200), np.uint8)
    names = tuple(name for name in puppet.LAYERS if name != "mended")
    seen = dict(zip(names, puppet.seen(names, Warped(), units, true), strict=True))
    painted = next(Warped().paint([units]))
    assert np.abs(seen["picture"].astype(int) - painted).max() <= 1
    assert seen["mask"][150, 150] == 128 and seen["mask"][0, 0] == 0
    assert seen["warp"][150, 150].tolist() == [164, 64, 64] and seen["warp"][0, 0].tolist() == [128] * 3
    assert (seen["plate"] == Warped.plate).all() and (seen["true"] == true).all()
    assert seen["error"][0, 0].max() < 5 and seen["error"][150, 150].sum() > 200
    assert puppet.layers_of(Drawn(), False) == ["picture"]
    for painter, name, frame in ((Drawn(), "mask", true), (Warped(), "error", None), (Warped(), "x", true)):
        with pytest.raises(InputError, match="choose another layer"):
            puppet.seen((name,), painter, units, frame)


def test_what_was_trained_to_mend_is_a_layer_beside_the_picture_that_is_not_mended(pose):
    units = to_units(pose)
    assert puppet.layers_of(Mended(), False) == ["picture", "mended", "warp", "mask", "plate"]
    painter = Mended()
    picture, mended = puppet.seen(("picture", "mended"), painter, units, None)
    assert mended[150, 150].tolist() == [0, 200, 0]
    assert np.ptp(painter.ready, axis=1).tolist() == [[1, 1]]  # for a box that holds every pose
    assert (picture == next(Warped().paint([units]))).all()
    with pytest.raises(InputError, match="choose another layer"):
        puppet.seen(("mended",), Warped(), units, None)


def test_the_widget_answers_with_a_jpeg_and_the_pose(pose):
    units = to_units(pose).astype(np.float32)
    one = puppet.Puppet({"ann": Warped(), "bob": Drawn()}, units[None])
    told, (poses,) = one.begin({}, [])
    assert [dancer["layers"] for dancer in told["dancers"]] == [["picture", "warp", "mask", "plate"], ["picture"]]
    asked = {"dancer": "ann", "joint": "hips", "target": [0.5, 0.5], "layer": "mask"}
    _, (moved, picture, mask) = one.paint(asked, [memoryview(poses)])
    shown = cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_COLOR)
    assert shown.shape == (HEIGHT, WIDTH, 3) and shown[0, 0, 0] > 190
    assert cv2.imdecode(np.frombuffer(mask, np.uint8), cv2.IMREAD_COLOR)[0, 0].tolist() == [0, 0, 0]
    assert len(one.paint({**asked, "layer": None}, [memoryview(poses)])[1]) == 2
    moved = np.frombuffer(moved, np.float32).reshape(33, 2)
    np.testing.assert_allclose(moved[[23, 24]].mean(0), [0.5, 0.5], atol=1e-5)
    for wrong in ({**asked, "dancer": "eve"}, {**asked, "joint": "tail"}):
        with pytest.raises(InputError):
            one.paint(wrong, [memoryview(poses)])
    assert one.still().startswith(b"\x89PNG")
    with pytest.raises(InputError, match="0 painters"):
        puppet.Puppet({}, units[None])
