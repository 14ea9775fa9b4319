"""The table of motion measures on a small synthetic corpus whose answers are known."""

import h5py
import numpy as np
import pytest

from dancing_utils import InputError, dataset, evaluate, metrics

RNG = np.random.default_rng(0)
REST = RNG.uniform(0.35, 0.65, (33, 2))
REST[[11, 12]], REST[[23, 24]] = [(0.55, 0.3), (0.45, 0.3)], [(0.53, 0.5), (0.47, 0.5)]


def song(number, family, tempo=120.0, seconds=20):
    """A body that turns round on every beat: family 0 swings its arms, family 1 its legs."""
    t = np.arange(seconds * 30) / 30
    beats = np.arange(0, seconds, 60 / tempo)
    swing = 0.04 * np.cos(np.pi * t * tempo / 60)
    poses = np.tile(REST, (len(t), 1, 1))
    poses[:, [[13, 14, 15, 16], [25, 26, 27, 28]][family], 0] += swing[:, None]
    rng = np.random.default_rng(number)
    features = rng.normal(size=(len(t), 16)).astype(np.float32) + 3 * family
    labels = np.full(len(t), family, np.int8)
    return evaluate.Song(f"song {number}", features[:, :13], features, poses, beats, beats + 0.03, labels)


@pytest.fixture(scope="module")
def songs():
    return [song(i, i % 2, tempo) for i, tempo in enumerate((100, 120, 90, 110, 126, 96))]


@pytest.fixture(scope="module")
def classify(songs):
    return evaluate.family_classifier(songs * 4)


def test_the_truth_scores_as_the_truth(songs, classify):
    row = evaluate.measure(songs, [s.poses for s in songs], classify)
    assert row.keys() == evaluate.MEASURES.keys()
    assert row["music to motion"] > 0.9 and row["motion to music"] > 0.9 and row["percentile"] > 99
    for name in ("speed", "jitter", "diversity"):
        assert row[name] == pytest.approx(1)
    assert row["Fréchet"] == 0 and row["family"] == 1


def test_the_mean_pose_scores_nothing(songs, classify):
    dancer = evaluate.mean_pose(songs)
    row = evaluate.measure(songs, [dancer(s) for s in songs], classify)
    assert row["speed"] == row["jitter"] == row["diversity"] == row["music to motion"] == row["percentile"] == 0
    assert np.isnan(row["motion to music"]) and row["family"] < 0.8


def test_the_groove_keeps_to_the_tracked_beats(songs):
    dance = evaluate.constant_groove(songs)(songs[3])
    moved = evaluate.motion_beats_of(dance)
    inner = moved[(moved > 1) & (moved < 19)]
    assert np.abs(inner[:, None] - songs[3].beats).min(1).max() < 0.07


def test_the_nearest_window_is_found_again(songs):
    dance = evaluate.nearest_window(songs)(songs[1])
    np.testing.assert_allclose(dance, songs[1].poses)


def test_a_table_is_written_printed_and_plotted(tmp_path, songs, classify, capsys):
    row = evaluate.measure(songs, [s.poses for s in songs], classify)
    table = {"truth": row, "again": row}
    evaluate.write_table(table, tmp_path / "t.csv")
    lines = (tmp_path / "t.csv").read_text().splitlines()
    assert lines[0].split(",") == ["dancer", *evaluate.MEASURES] and lines[1].startswith("truth,") and len(lines) == 3
    evaluate.print_table(table)
    assert "again" in capsys.readouterr().out
    fig, axes = evaluate.plot_table(table)
    assert len(axes.flat) == len(evaluate.MEASURES)
    evaluate.plt.close(fig)


def test_a_file_without_held_out_songs_is_said(sample_data):
    with pytest.raises(InputError, match="split 'test'"):
        evaluate.read_songs(sample_data, "test")


def test_filmed_songs_have_mediapipes_poses_and_tracked_beats(tmp_path):
    """Two videos without a rig: one is held out, its poses are smoothed, nobody knows its families."""
    rng, path = np.random.default_rng(0), tmp_path / "filmed.h5"
    with h5py.File(path, "w") as file:
        for i in range(8):
            poses = np.tile(REST, (149, 1, 1)) + 0.05 * np.sin(np.arange(149) / 9)[:, None, None]
            onsets = (np.arange(149) % 15 == 0) + 0.01 * rng.uniform(size=149)
            dataset.write_sequences(
                dataset.create_group(file, f"Dataset{i + 1}", with_frames=False), mfcc=rng.normal(size=(149, 13)),
                poses=poses + rng.normal(0, 0.01, poses.shape), source=f"film {i // 4}.mp4",
                start_time=i % 4 * 149 / 30, onset_strength=onsets,
            )  # fmt: skip
    training, songs = evaluate.read_songs(path, "train"), evaluate.read_songs(path, "test")
    assert len(training) == len(songs) == 1 and not songs[0].rig and songs[0].family is None
    assert songs[0].beats is songs[0].tracked and len(songs[0].beats) > 20
    raw = np.concatenate([clip.poses for clip in dataset.read_clips(path) if clip.source == songs[0].name])
    assert metrics.jitter(songs[0].poses) < 0.3 * metrics.jitter(raw)
    row = evaluate.measure(songs, [songs[0].poses], evaluate.family_classifier(training))
    assert np.isnan(row["family"]) and np.isnan(row["percentile"]) and row["speed"] == 1
