"""Held-out songs: which they are, what stands for their truth, and what is left out."""

import h5py
import numpy as np
import pytest

from dancing_utils import InputError
from dancing_utils.data import dataset
from dancing_utils.evaluation import evaluate_motion, families, held_out_songs, motion_metrics

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
    return held_out_songs.Song(f"song {number}", features[:, :13], features, poses, beats, beats + 0.03, labels)


def write(path, clips):
    """An HDF5 file of clips: (name, dance of ``song``, onsets?, attributes); a clip is so many whole windows."""
    with h5py.File(path, "w") as file:
        for name, dance, onsets, attributes in clips:
            for start in range(0, len(dance.poses) - 148, 149):
                part = slice(start, start + 149)
                strength = (np.arange(start, start + 149) % 15 == 0) + 0.01
                given = {key: value[part] if np.ndim(value) else value for key, value in attributes.items()}
                dataset.write_sequences(
                    dataset.create_group(file, f"Dataset{len(file) + 1}", with_frames=False),
                    mfcc=dance.mfcc[part], poses=dance.poses[part], source=name, start_time=start / 30,
                    onset_strength=strength if onsets else None, **given,
                )  # fmt: skip
    return path


def corpus(path, splits, *, seconds=20, **more):
    """A song for each of the splits: films without an attribute for None, else of the rig."""
    clips = []
    for i, split in enumerate(splits):
        dance = song(i, i % 2, seconds=seconds)
        rig = {"split": split, "tempo": 120.0, "family": dance.family} if split else {}
        clips.append((f"song {i}", dance, True, {"content": f"c{i}", **rig, **more}))
    return write(path, clips)


def test_songs_of_the_rig_have_its_beats_and_families(tmp_path):
    """Beat 0 is at the song's 0 s, also where the dancer comes in a second later."""
    dance = song(1, 1, 100)
    dance.poses[:30] = np.nan
    attributes = {"tempo": 100.0, "family": np.arange(600, dtype=np.int16), "split": "test"}
    path = write(tmp_path / "c.h5", [("late", dance, True, attributes), ("a", song(2, 0), True, {"split": "train"})])
    chosen = held_out_songs.read_songs(path)
    (late,) = chosen.held_out
    assert len(late.poses) == len(late.features) == len(late.mfcc) == 596 - 30 and late.family[0] == 30 and late.rig
    np.testing.assert_allclose(late.beats[:3], [0.2, 0.8, 1.4])
    assert late.beats[-1] < len(late.poses) / 30 <= late.beats[-1] + 0.6
    np.testing.assert_array_equal(late.poses, dance.poses[30:596].astype(np.float32))
    assert [s.name for s in chosen.training] == ["a"] and chosen.notes == ()


def test_songs_that_the_model_has_seen_are_left_out_by_content(tmp_path):
    path = corpus(tmp_path / "c.h5", ["train", "train", "test", "test", "test"])
    chosen = held_out_songs.read_songs(path, seen=frozenset({"c0", "c2", "c4", "elsewhere"}))
    assert [s.name for s in chosen.held_out] == ["song 3"] and len(chosen.training) == 2
    assert chosen.notes == ("2 of 3 songs were trained on and are left out: song 2, song 4",)
    with pytest.raises(InputError, match="the model was trained on all 3 held-out songs: give songs new to it"):
        held_out_songs.read_songs(path, seen=frozenset({"c2", "c3", "c4"}))


def test_baselines_do_not_learn_from_a_held_out_song_under_another_name(tmp_path):
    dances = [song(i, i % 2) for i in range(3)]
    clips = [("copy.mp4", dances[0], True, {"split": "train", "content": "same"}),
             ("other.mp4", dances[1], True, {"split": "train", "content": "other"}),
             ("song.mp4", dances[0], True, {"split": "test", "content": "same"})]  # fmt: skip
    chosen = held_out_songs.read_songs(write(tmp_path / "c.h5", clips))
    assert [s.name for s in chosen.training] == ["other.mp4"] and [s.name for s in chosen.held_out] == ["song.mp4"]


def test_of_films_those_are_held_out_that_the_model_has_not_seen(tmp_path):
    path = corpus(tmp_path / "c.h5", [None] * 5)
    chosen = held_out_songs.read_songs(path, seen=frozenset({"c0", "c1", "c3"}))
    assert [s.name for s in chosen.held_out] == ["song 2", "song 4"] and chosen.notes == ()
    assert [s.name for s in chosen.training] == ["song 0", "song 1", "song 3"]
    assert len(held_out_songs.read_songs(path).held_out) == 1
    with pytest.raises(InputError, match="trained on all"):
        held_out_songs.read_songs(path, seen=frozenset(f"c{i}" for i in range(5)))


def test_songs_too_short_to_be_measured_are_left_out_or_said(tmp_path):
    dances = {name: song(i, 0, seconds=5) for i, name in enumerate(("whole", "two seconds", "less", "nobody", "old"))}
    dances["two seconds"].poses[60:] = dances["less"].poses[59:] = dances["nobody"].poses[:] = np.nan
    dances["whole"].poses[40] = np.nan  # 40 frames, and 108
    clips = [(name, dance, name != "old", {"split": "test", "content": name}) for name, dance in dances.items()]
    train = ("train", song(9, 0), True, {"split": "train"})
    chosen = held_out_songs.read_songs(write(tmp_path / "c.h5", [train, *clips]))
    assert sorted(s.name for s in chosen.held_out) == ["old", "two seconds", "whole"]
    assert chosen.notes == (
        "left out, since no person is seen for 2 s on end: less, nobody",
        "without onset strength, so that no beat is heard (extract again): old",
    )
    by_name = {one.name: one for one in chosen.held_out}
    old = by_name["old"]
    assert len(by_name["whole"].poses) == 108 and len(by_name["two seconds"].poses) == 60
    assert len(old.tracked) == len(old.beats) == 0 and not old.features[:, 13:].any()
    with pytest.raises(InputError, match="1 songs to train on and 0 held out .* for 2 s on end"):
        held_out_songs.read_songs(write(tmp_path / "short.h5", [train, clips[2], clips[3]]))


def test_a_file_without_held_out_songs_is_said(tmp_path):
    with pytest.raises(InputError, match="1 songs to train on and 0 held out .split 'test'."):
        held_out_songs.read_songs(corpus(tmp_path / "c.h5", [None]))


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
    training, songs = (chosen := held_out_songs.read_songs(path)).training, chosen.held_out
    assert len(training) == len(songs) == 1 and not songs[0].rig and songs[0].family is None
    assert songs[0].beats is songs[0].tracked and len(songs[0].beats) > 20
    raw = np.concatenate([clip.poses for clip in dataset.read_clips(path) if clip.source == songs[0].name])
    assert motion_metrics.jitter(songs[0].poses) < 0.3 * motion_metrics.jitter(raw)
    row = evaluate_motion.measure(songs, [songs[0].poses], families.family_classifier(training))
    assert np.isnan(row["family"]) and np.isnan(row["percentile"]) and row["speed"] == 1
