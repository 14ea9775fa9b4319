"""The plate and the camera: a wall that is known, behind a person that was drawn, seen by a camera that was moved."""

import cv2
import numpy as np
import pytest
from drawn_person import draw, pose_of, wall

from dancing_utils import HEIGHT, WIDTH, InputError
from dancing_utils.images import camera, plate


def _film(places, background):
    """The person walking through columns ``places``: pictures and masks."""
    pictures, masks = zip(*(draw(pose_of(x=x), background) for x in places), strict=True)
    return np.stack(pictures), np.stack(masks)


def _textured(seed=3):
    """A wall with marks of all sizes, larger than the picture."""
    rng = np.random.default_rng(seed)
    sizes = [(16 * s, 12 * s) for s in (1, 4, 8)]
    layers = [cv2.resize(rng.normal(0, 1, size), (560, 840), interpolation=cv2.INTER_CUBIC) for size in sizes]
    grey = np.clip(128 + 40 * sum(layers), 0, 255).astype(np.uint8)
    return cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB)


def test_the_wall_behind_a_walking_person_is_found_exactly():
    known = wall()
    found = plate.build_plate(*_film(np.linspace(40, 320, 12), known))
    assert found.seen.all()
    np.testing.assert_array_equal(found.picture, known)


def test_a_place_that_never_shows_is_painted_in_from_around():
    background = np.full((HEIGHT, WIDTH, 3), 120, np.uint8)
    found = plate.build_plate(*_film([180, 182, 178], background))
    assert not found.seen[265, 180] and found.seen[20, 20]
    assert np.abs(found.picture.astype(int) - background).max() < 12  # no colour of the person, no black hole


def test_a_shadow_that_walks_along_leaves_no_ghost():
    known, places = wall(), np.linspace(60, 300, 18)
    pictures, masks = _film(places, known)
    shadow = np.zeros((HEIGHT, WIDTH), bool)
    shadow[545:575] = True  # under the feet
    for picture, mask, x in zip(pictures, masks, places, strict=True):
        near = np.abs(np.arange(WIDTH) - x) < 65
        dark = shadow & near & (mask == 0)
        picture[dark] = picture[dark] // 2
    found = plate.build_plate(pictures, masks)
    ghost = np.abs(found.picture.astype(int) - known)[shadow].mean()
    plain = np.nanmedian(np.where(masks[:, 545:575, :, None] == 0, pictures[:, 545:575], np.nan), axis=0)
    assert ghost == 0 < np.abs(plain - known[545:575]).mean()


def test_a_shadow_that_falls_on_a_place_in_most_frames_leaves_no_ghost():
    known, places = wall(), np.linspace(60, 300, 18)
    pictures, masks = _film(places, known)
    pictures[np.arange(18) % 3 > 0, 20:60, 20:60] //= 2  # two thirds of them, wherever she is
    np.testing.assert_array_equal(plate.build_plate(pictures, masks).picture, known)


def test_memory_stays_flat_and_frames_are_spread():
    numbers = plate.choose_frames(9000)
    assert len(numbers) == plate.FRAMES and numbers[0] == 0 and numbers[-1] == 8999
    assert plate.choose_frames(3).tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    "pictures, masks, words",
    [
        (np.zeros((0, 8, 8, 3), np.uint8), np.zeros((0, 8, 8), np.uint8), "give a mask for each"),
        (np.zeros((2, 8, 8, 3), np.uint8), np.zeros((3, 8, 8), np.uint8), "give a mask for each"),
        (np.zeros((2, 64, 64, 3), np.uint8), np.full((2, 64, 64), 255, np.uint8), "fills every picture"),
    ],
)
def test_what_gives_no_plate_is_refused_in_words(pictures, masks, words):
    with pytest.raises(InputError, match=words):
        plate.build_plate(pictures, masks)


# --- the camera ----------------------------------------------------------------------------------------------------


def _known_path(n):
    """A pan, roll and zoom (n, 2, 3): from the large wall's pixels to a frame's."""
    path = []
    for t in np.linspace(-1, 1, n):
        angle, zoom = 0.03 * t, 1 + 0.04 * t
        turn = zoom * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        middle = np.array([280.0, 420])
        path.append(np.column_stack([turn, np.array([180 + 30 * t, 320 - 12 * t]) - turn @ middle]))
    return np.stack(path)


def _moving_film(n=13):
    big, path = _textured(), _known_path(n)
    walls = [camera.move_picture(big, matrix, (HEIGHT, WIDTH)) for matrix in path]
    made = [draw(pose_of(x=140 + 5 * k), background) for k, background in enumerate(walls)]
    return *map(np.stack, zip(*made, strict=True)), path


def test_a_pan_roll_and_zoom_is_found_to_a_third_of_a_pixel():
    pictures, masks, known = _moving_film()
    found = camera.find_path(zip(pictures, masks, strict=True))
    assert found.verdict == "moving" and found.moved > 15 and found.agreeing > 0.5
    corners = np.array([[x, y] for x in (0, 180, 359) for y in (0, 320, 639)], float)
    for to_plate, frame in zip(found.to_plate, known, strict=True):
        inverse = cv2.invertAffineTransform(frame)
        wanted = camera.move_points(camera.move_points(corners, inverse), known[6])  # the middle frame's pixels
        error = np.linalg.norm(camera.move_points(corners, to_plate) - wanted, axis=-1)
        assert np.median(error) < 0.34 and error.max() < 2


def test_with_the_movement_undone_the_plate_is_the_middle_frames_wall():
    pictures, masks, known = _moving_film()
    to_plate = camera.find_path(zip(pictures, masks, strict=True)).to_plate
    shape = HEIGHT, WIDTH
    moved = np.stack([camera.move_picture(*one, shape) for one in zip(pictures, to_plate, strict=True)])
    moved_masks = np.stack([camera.move_picture(*one, shape) for one in zip(masks, to_plate, strict=True)])
    full = np.full(shape, 255, np.uint8)
    inside = np.stack([camera.move_picture(full, matrix, shape) == 255 for matrix in to_plate])
    found = plate.build_plate(moved, moved_masks, inside=inside)
    truth = camera.move_picture(_textured(), known[6], shape)
    undone = np.abs(found.picture.astype(int) - truth)[found.seen].mean()
    ignored = np.abs(plate.build_plate(pictures, masks).picture.astype(int) - truth).mean()
    assert 3 * undone < ignored


def test_a_camera_that_stands_is_told_still_and_left_alone():
    background = _textured()[:HEIGHT, :WIDTH]
    found = camera.find_path(zip(*_film([150, 160, 170, 180, 190, 200, 210], background), strict=True))
    assert found.verdict == "still" and found.moved < 0.5
    np.testing.assert_array_equal(found.to_plate, np.tile(np.eye(2, 3), (7, 1, 1)))


def test_a_wall_without_marks_is_told_plain():
    background = np.full((HEIGHT, WIDTH, 3), 150, np.uint8)
    found = camera.find_path(zip(*_film([150, 160, 170, 180], background), strict=True))
    assert found.verdict == "plain" and (found.to_plate == np.eye(2, 3)).all()


def test_near_and_far_things_that_move_by_each_other_are_told_parallax():
    far, near, pictures = _textured(1), _textured(2), []
    for k in range(7):  # stripes of four depths, each with its own speed
        picture = np.empty((HEIGHT, WIDTH, 3), np.uint8)
        for stripe in range(8):
            rows = slice(80 * stripe, 80 * stripe + 80)
            shift = 20 + k * (2, 9, 16, 23)[stripe % 4]
            picture[rows] = (far, near)[stripe % 2][rows, shift : shift + WIDTH]
        pictures.append(picture)
    found = camera.find_path((picture, np.zeros((HEIGHT, WIDTH), np.uint8)) for picture in pictures)
    assert found.verdict == "parallax" and found.moved > 5 and (found.to_plate == np.eye(2, 3)).all()


def test_a_film_without_a_frame_has_no_path():
    assert camera.find_path([]).to_plate.shape == (0, 2, 3)


def test_a_pan_over_a_curtain_whose_folds_are_alike_is_found():
    folds = 128 + 60 * np.sin(np.arange(480) / 4) + np.linspace(-40, 40, 900)[:, None]  # a fold every 25 pixels
    marks = cv2.resize(np.random.default_rng(0).normal(0, 12, (90, 48)), (480, 900), interpolation=cv2.INTER_CUBIC)
    curtain = cv2.cvtColor(np.clip(folds + marks, 0, 255).astype(np.uint8), cv2.COLOR_GRAY2RGB)
    shifts = np.arange(0, 91, 2)  # pixels; more than three folds in all
    pictures = [curtain[100:740, shift : shift + WIDTH] for shift in shifts]
    found = camera.find_path((picture, np.zeros((HEIGHT, WIDTH), np.uint8)) for picture in pictures)
    middle = camera.EVERY * (len(range(0, len(shifts), camera.EVERY)) // 2)
    assert found.verdict == "moving"
    np.testing.assert_allclose(found.to_plate[:, 0, 2], shifts - shifts[middle], atol=0.5)
