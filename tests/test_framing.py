"""Which part of a film's pictures is taken for a person whose track is known."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from dancing_utils.data import media
from dancing_utils.data.framing import window_around


def report(width, height, boxes, *, scene=(0.0, 100.0)):
    """A film's report: the person's boxes (left, top, right, bottom in pixels) second by second."""
    people = [box and SimpleNamespace(box=tuple(np.array(box) / (width, height, width, height))) for box in boxes]
    return SimpleNamespace(
        file=SimpleNamespace(width=width, height=height), facts=SimpleNamespace(scene=scene), followed=people,
        observations=[SimpleNamespace(time=float(k)) for k in range(len(boxes))],
    )  # fmt: skip


def test_a_person_in_a_level_film_fills_the_window():
    """800 pixels tall in 1920 x 1080: with room over the head, 720 rows x 405 columns would cut arms held out."""
    window = window_around(report(1920, 1080, [(900, 200, 1100, 1000)] * 3 + [None]))
    assert window.height == pytest.approx(window.width * 640 / 360)
    assert window.width == pytest.approx(1.2 * 800) and window.left + window.width / 2 == pytest.approx(1000)


def test_room_ends_where_the_picture_does():
    near_the_edge = window_around(report(1920, 1080, [(1700, 400, 1800, 700)]))
    assert near_the_edge.left + near_the_edge.width <= 1920 and near_the_edge.top >= 0
    assert near_the_edge.top + near_the_edge.height <= 1080 and near_the_edge.height < 700


def test_who_walks_is_in_it_all_the_way():
    walk = window_around(report(1920, 1080, [(100 + 300 * k, 300, 300 + 300 * k, 900) for k in range(5)]))
    assert walk.left <= 100.1 and walk.left + walk.width >= 1499.9


@pytest.mark.parametrize("size", [(1080, 1920), (360, 640), (540, 720)])
def test_an_upright_film_that_she_fills_is_taken_as_letterboxing_does(size):
    width, height = size
    window = window_around(report(width, height, [(0, 0.02 * height, width, 0.98 * height)]))
    np.testing.assert_allclose(window, media.window_of("letterbox", width, height), atol=1)


def test_legs_that_the_film_cuts_are_cut_by_the_window_not_lost_in_a_black_bar():
    window = window_around(report(360, 430, [(90, 60, 270, 430), (80, 70, 280, 429), (90, 60, 270, 430)]))
    assert window.top + window.height == pytest.approx(430) and window.height == pytest.approx(640)
    whole = window_around(report(360, 430, [(90, 60, 270, 400)] * 3))
    assert whole.top == pytest.approx(-105)  # bars above and below alike


def test_where_nobody_is_followed_all_is_taken():
    window = window_around(report(1920, 1080, [None, None]))
    np.testing.assert_allclose(window, media.window_of("letterbox", 1920, 1080))


def test_only_the_scene_that_is_used_counts():
    boxes = [(10, 100, 60, 300), (900, 200, 1000, 500), (905, 200, 1005, 500)]
    assert window_around(report(1920, 1080, boxes, scene=(1.0, 2.0))).left > 700


def test_a_window_is_read_at_any_size(tmp_path):
    """Each pixel of the film tells its place: red across, green down."""
    down, across = np.mgrid[:360, :640]
    picture = np.stack([across * 255 / 639, down * 255 / 359, 0 * down], -1).astype(np.uint8)
    path = Path(tmp_path) / "a.mp4"
    with media.VideoWriter(path, size=(360, 640), crf=1) as writer:
        for _ in range(3):
            writer.write(picture)
    window = media.Window(200.0, 40.0, 180.0, 320.0)
    for rows, columns in ((640, 360), (320, 180)):
        frame = next(iter(media.read_frames(path, size=(rows, columns), fit=window)))
        assert frame.shape == (rows, columns, 3)
        for y, x in ((0.25, 0.25), (0.5, 0.75), (0.9, 0.1)):
            found = frame[int(y * rows), int(x * columns)].astype(int)[:2]
            np.testing.assert_allclose(found, [(200 + 180 * x) * 255 / 639, (40 + 320 * y) * 255 / 359], atol=6)
    outside = next(iter(media.read_frames(path, fit=media.Window(-90.0, 0.0, 180.0, 320.0))))
    assert outside[:, :170].max() < 10 and outside[:, 190:, 1].max() > 100
