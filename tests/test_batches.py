"""Batches and small pictures for training."""

import cv2
import numpy as np
from test_trained_on import a_file

from dancing_utils.data import batches
from dancing_utils.images import baseline_gan


def test_small_pictures_are_those_of_shrinking_the_whole(tmp_path):
    data = a_file(tmp_path / "a.h5", films=1)
    _, large = batches.load_pictures(data)
    _, small = batches.load_pictures(data, size=baseline_gan.SIZE)
    for a, b in zip(large, small, strict=True):
        np.testing.assert_array_equal(cv2.resize(a, (64, 64), interpolation=cv2.INTER_AREA), b)


def windows_of(songs, *, epoch=0, n_batches=40, time_steps=10):
    options = {"time_steps": time_steps, "batch_size": 8, "n_batches": n_batches, "seed": 1, "epoch": epoch}
    return np.concatenate([batch[0].numpy() for batch in batches.random_windows(songs, **options)])


def test_windows_begin_anywhere_and_never_leave_their_song():
    songs = [(np.arange(100), np.arange(100)), (np.arange(1000, 1013), np.arange(1000, 1013))]
    windows = windows_of(songs, n_batches=200)  # (1600, 10)
    assert windows.shape == (1600, 10) and (np.diff(windows, axis=1) == 1).all()
    starts = windows[:, 0]
    assert set(starts[starts < 500]) == set(range(91)) and set(starts[starts > 500]) == {1000, 1001, 1002, 1003}
    assert abs((starts > 500).mean() - 13 / 113) < 0.03  # as often as the song is long


def test_windows_are_drawn_from_seed_and_epoch():
    songs = [(np.arange(100), np.arange(100) / 2)]
    np.testing.assert_array_equal(windows_of(songs), windows_of(songs))
    assert (windows_of(songs) != windows_of(songs, epoch=1)).any()
    both = next(iter(batches.random_windows(songs, time_steps=5, batch_size=3, n_batches=1, seed=0, epoch=0)))
    np.testing.assert_array_equal(both[0] / 2, both[1])


def test_a_song_that_is_too_short_goes_forth_and_back():
    windows = windows_of([(np.arange(4),)], n_batches=1)
    np.testing.assert_array_equal(windows, np.tile([0, 1, 2, 3, 3, 2, 1, 0, 0, 1], (8, 1)))


def test_an_epoch_has_every_row_once_in_an_order_of_its_own():
    rows, twice = np.arange(10), 2 * np.arange(10)

    def epoch(number, seed=0):
        parts = list(batches.shuffled_batches(rows, twice, batch_size=4, seed=seed, epoch=number))
        assert [len(part[0]) for part in parts] == [4, 4, 2]
        assert all((2 * a == b).numpy().all() for a, b in parts)
        return np.concatenate([part[0] for part in parts]).tolist()

    orders = [epoch(0), epoch(1), epoch(0, seed=1), list(range(10))]
    assert all(sorted(order) == list(range(10)) for order in orders)
    assert len({tuple(order) for order in orders}) == 4 and epoch(0) == orders[0]
