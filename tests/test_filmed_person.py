"""From a drawn film to key frames, plate and camera, and from these to new pictures of the person."""

import cv2
import numpy as np
import pytest
from drawn_person import draw, pose_of, units, wall

from dancing_utils import HEIGHT, WIDTH, InputError
from dancing_utils.images import filmed_person, warp


def _film(n=24, *, scale=1):
    """A person who walks and raises both arms: pictures, masks (``scale`` times as large), and her poses in pixels."""
    arms = [((10 + 6 * k,) * 2, (150 - 6 * k,) * 2) for k in range(n)]
    poses = np.stack([pose_of(left=left, right=right, x=60 + 10 * k) for k, (left, right) in enumerate(arms)])
    made = [draw(pose, wall()) for pose in poses]
    size = WIDTH * scale, HEIGHT * scale
    return [tuple(cv2.resize(one, size, interpolation=cv2.INTER_NEAREST) for one in both) for both in made], poses


def _learn(frames, poses, **settings):
    seen = np.ones(poses.shape[:2], np.float32)
    return filmed_person.learn(lambda size: iter(frames), units(poses), seen, 0 * seen, **settings)


@pytest.fixture(scope="module")
def person():
    return _learn(*_film(), most=16)


def test_a_film_gives_key_frames_the_room_and_a_camera_that_stands(person):
    assert len(person.frames.pictures) == 16 and person.path.verdict == "still"
    np.testing.assert_array_equal(person.plate.picture, wall())
    np.testing.assert_allclose(person.poses, units(_film()[1]), atol=1e-6)


def test_the_person_is_painted_in_a_pose_between_those_filmed(person):
    pose = pose_of(left=(43, 43), right=(40, 40), x=190)
    (picture,) = warp.Warper(person.frames, person.plate.picture).paint([units(pose)])
    true, mask = draw(pose, wall())
    error = np.abs(picture.astype(int) - true).mean(-1)
    assert error[mask > 0].mean() < 12 and error[mask == 0].mean() < 2  # without the person: 95 and 0


@pytest.mark.slow
def test_a_film_of_twice_the_size_keeps_its_detail_and_gives_the_same_pictures(person):
    large = _learn(*_film(scale=2), most=16)
    assert large.frames.masks[0].shape[0] > 1.9 * person.frames.masks[0].shape[0]
    pose = units(pose_of(left=(43, 43), right=(40, 40), x=190))
    both = [next(warp.Warper(one.frames, one.plate.picture).paint([pose])).astype(int) for one in (person, large)]
    assert np.abs(both[0] - both[1]).mean() < 1


def test_frames_without_a_person_do_no_harm():
    frames, poses = _film()
    poses[5:9] = np.nan
    found = _learn([*frames[:5], *[(wall(), np.zeros((HEIGHT, WIDTH), np.uint8))] * 4, *frames[9:]], poses, most=16)
    assert not found.quality[5:9].any() and np.isfinite(found.frames.poses).all()


def test_what_cannot_be_learned_from_is_said():
    frames, poses = _film(4)
    with pytest.raises(InputError, match=r"poses \(4, 33, 2\), visibility \(3, 33\)"):
        filmed_person.learn(lambda size: iter(frames), units(poses), np.ones((3, 33)), np.ones((4, 33)))
    with pytest.raises(InputError, match="no frame shows a whole pose"):
        _learn(frames, poses * np.nan)
