"""The table of motion measures on a small synthetic corpus whose answers are known."""

from dataclasses import replace

import h5py
import numpy as np
import pytest
from typer.testing import CliRunner

from dancing_utils import InputError, cli, training
from dancing_utils.data import dataset
from dancing_utils.evaluation import evaluate_motion, families, held_out_songs, motion_baselines, motion_metrics, tables
from dancing_utils.motion import lstm_vae

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


@pytest.fixture(scope="module")
def songs():
    return [song(i, i % 2, tempo) for i, tempo in enumerate((100, 120, 90, 110, 126, 96))]


@pytest.fixture(scope="module")
def classify(songs):
    return families.family_classifier(songs * 4)


def test_the_truth_scores_as_the_truth(songs, classify):
    row = evaluate_motion.measure(songs, [s.poses for s in songs], classify)
    assert row.keys() == evaluate_motion.MEASURES.keys()
    assert row["music to motion"] > 0.9 and row["motion to music"] > 0.9 and row["percentile"] > 99
    for name in ("speed", "jitter", "diversity"):
        assert row[name] == pytest.approx(1)
    assert row["Fréchet"] == 0 and row["family"] == 1


def test_the_mean_pose_scores_nothing(songs, classify):
    dancer = motion_baselines.mean_pose(songs)
    row = evaluate_motion.measure(songs, [dancer(s) for s in songs], classify)
    assert row["speed"] == row["jitter"] == row["diversity"] == row["music to motion"] == row["percentile"] == 0
    assert np.isnan(row["motion to music"]) and row["family"] < 0.8


def test_the_groove_keeps_to_the_tracked_beats(songs):
    dance = motion_baselines.constant_groove(songs)(songs[3])
    moved = evaluate_motion.motion_beats_of(dance)
    inner = moved[(moved > 1) & (moved < 19)]
    assert np.abs(inner[:, None] - songs[3].beats).min(1).max() < 0.07


def test_the_nearest_window_is_found_again(songs):
    dance = motion_baselines.nearest_window(songs)(songs[1])
    np.testing.assert_allclose(dance, songs[1].poses)


def test_a_table_is_written_printed_and_plotted(tmp_path, songs, classify, capsys):
    row = evaluate_motion.measure(songs, [s.poses for s in songs], classify)
    table = {"truth": row, "again": row}
    tables.write_table(table, tmp_path / "t.csv", measures=evaluate_motion.MEASURES)
    lines = (tmp_path / "t.csv").read_text().splitlines()
    assert lines[0].split(",") == ["dancer", *evaluate_motion.MEASURES]
    assert lines[1].startswith("truth,") and len(lines) == 3
    tables.print_table(table, measures=evaluate_motion.MEASURES)
    assert "again" in capsys.readouterr().out
    fig, axes = tables.plot_table(table, measures=evaluate_motion.MEASURES)
    assert len(axes.flat) == len(evaluate_motion.MEASURES)
    tables.plt.close(fig)


# --- measures by hand ----------------------------------------------------------------------------------------------


def halved(one):
    """The same dance with half of every move, about its rest."""
    return REST + 0.5 * (one.poses - REST)


def test_half_of_every_move_is_half_the_speed_and_jitter(songs):
    row = evaluate_motion.measure(songs, [halved(s) for s in songs], lambda poses: np.zeros(37, int))
    assert row["speed"] == pytest.approx(0.5) and row["jitter"] == pytest.approx(0.5)
    assert row["diversity"] < 0.6 and row["Fréchet"] > 1
    assert row["family"] == 0.5  # every other song is of family 0


def test_beats_of_a_dance_by_hand(songs):
    """A dance that turns on every other beat answers half of them, and moves to nothing else."""
    slow = [song(i, 0, 60 * 30 / 15 / 2) for i in range(2)]  # turns once a second
    quick = [replace(one, beats=np.arange(0, 20, 0.5), name=f"quick {i}") for i, one in enumerate(slow)]
    row = evaluate_motion.measure(quick, [one.poses for one in slow], lambda poses: np.zeros(37, int))
    assert row["music to motion"] == pytest.approx(20 / 39, abs=0.03)  # beats 0.5 to 19.5 s, turns at 1 to 19 s
    assert row["motion to music"] == pytest.approx(1, abs=0.01)


def test_the_percentile_is_the_worse_of_both_directions(songs):
    """Of chance's draws none answers every beat, so the truth is above all; off the beat it is above none."""
    on, off = songs, [replace(one, beats=one.beats + 0.5 * np.diff(one.beats)[0]) for one in songs]
    percentiles = [evaluate_motion.measure(m, [s.poses for s in m], lambda poses: np.zeros(37), draws=50)["percentile"]
                   for m in (on, off)]  # fmt: skip
    assert percentiles == [100, 0]


def test_the_percentile_counts_chance_with_other_songs_below_the_dance(songs, monkeypatch):
    """Chance scores 0.4 and 0.6, or 0.5 each; the dances score 0.5 each."""
    heard = []

    def constant(*both):
        return lambda others, *rest, draws, seed: heard.append(others) or np.tile(both, (draws, 1))

    pairs, aligned = [(one, np.zeros(0)) for one in songs[:2]], np.full((2, 2), 0.5)
    for both, expected in (((0.4, 0.6), 0), ((0.6, 0.4), 0), ((0.4, 0.4), 100), ((0.5, 0.5), 0)):
        monkeypatch.setattr(motion_metrics, "chance_alignment", constant(*both))
        assert evaluate_motion._percentile(pairs, aligned, 10) == expected
    assert len(heard[0]) == len(heard[1]) == 1 and heard[0][0] is songs[1].beats and heard[1][0] is songs[0].beats


def test_only_beats_well_within_a_dance_count(songs):
    one = replace(songs[0], beats=np.array([0.0, 0.2, 0.3, 19.7, 19.8, 25.0]))
    assert evaluate_motion.has_beats(one)
    assert not evaluate_motion.has_beats(replace(one, beats=one.beats[[0, 1, 2, 4, 5]]))


def test_half_frechet_by_hand(songs):
    """Songs 1 to 6, 13 to 18, ... against 7 to 12: the same dances are no distance apart, others by the formula."""
    rng = np.random.default_rng(0)
    six = [replace(one, poses=one.poses + rng.normal(0, 0.01, one.poses.shape)) for one in songs]
    assert evaluate_motion.half_frechet(six + six) == 0
    larger = [replace(one, poses=REST + 1.5 * (one.poses - REST)) for one in six]
    a, b = (np.concatenate([motion_metrics.kinetic_features(one.poses) for one in half]) for half in (six, larger))
    expected = ((a.mean(0) - b.mean(0)) ** 2 / b.var(0) + (a.std(0) / b.std(0) - 1) ** 2).sum()
    assert evaluate_motion.half_frechet(six + larger) == pytest.approx(expected, rel=1e-3)
    assert evaluate_motion.half_frechet(six + larger + six) == pytest.approx(expected, rel=1e-3)
    brief = replace(six[0], poses=six[0].poses[:60])  # one window
    assert all(np.isnan(evaluate_motion.half_frechet(few)) for few in (six, six[:1], [*six, brief]))


def test_the_other_songs_dancer_hears_the_next_song_also_of_the_same_name():
    class Model:
        dance = staticmethod(lambda features: features)

    three = [replace(song(i, 0, seconds=5 + i), name="IMG_1.mp4") for i in range(3)]
    dance = motion_baselines.other_song_dancer(Model, three)
    np.testing.assert_array_equal(dance(three[1]), three[2].features[:180])
    np.testing.assert_array_equal(dance(three[2]), np.concatenate([three[0].features, three[0].features[:60]]))


def test_the_nearest_windows_follow_one_another(songs):
    """A song that begins like one and ends like another is danced like both; its last, short window overlaps."""
    mixed = replace(
        songs[0], features=np.concatenate([songs[2].features[:60], songs[4].features[30:120]]),
        poses=np.zeros((150, 33, 2)),
    )  # fmt: skip
    dance = motion_baselines.nearest_window(songs)(mixed)
    np.testing.assert_array_equal(dance[:60], songs[2].poses[:60])
    np.testing.assert_array_equal(dance[60:], songs[4].poses[30:120])


def test_the_groove_is_two_bars_stretched_to_the_tempo(songs):
    """Beat 8 to 16 of the first training dance, in eight beats of the song; it stands where no beat is heard."""
    first, other = songs[0], replace(song(9, 0, 60), tracked=np.arange(0.0, 20))
    dance = motion_baselines.constant_groove(songs)(other)
    for beat in (0, 3, 8, 11):
        frame = first.tracked[8 + beat % 8] * 30
        expected = motion_baselines._between_frames(first.poses, frame)
        np.testing.assert_allclose(dance[30 * beat], expected, atol=1e-9)
    silent = motion_baselines.constant_groove(songs)(replace(other, tracked=np.zeros(0)))
    assert np.ptp(silent, axis=0).max() == 0
    brief = [replace(one, tracked=one.tracked[:16]) for one in songs]
    with pytest.raises(InputError, match="none of 6 songs has 17 tracked beats"):
        motion_baselines.constant_groove(brief)
    np.testing.assert_array_equal(motion_baselines.constant_groove([brief[1], *songs])(other), dance)


# --- what can be measured, and what cannot ---------------------------------------------------------------------------


def test_a_song_without_beats_is_measured_without_them(songs):
    """Old code: IndexError in the draws by chance, NaN for all songs, or a groove without beats."""
    silent = replace(songs[0], beats=np.zeros(0), tracked=np.zeros(0))
    mixed = [silent, *songs[1:]]
    row = evaluate_motion.measure(mixed, [s.poses for s in mixed], lambda poses: np.zeros(37))
    without = evaluate_motion.measure(songs[1:], [s.poses for s in songs[1:]], lambda poses: np.zeros(37))
    for name in ("music to motion", "motion to music", "percentile"):
        assert row[name] == without[name]
    assert evaluate_motion.missing(songs, mixed) == ("no beats in song 0: left out where beats are compared",)
    alone = evaluate_motion.measure([silent], [silent.poses], lambda poses: np.zeros(37))
    assert all(np.isnan(alone[name]) for name in ("music to motion", "motion to music", "percentile"))
    assert alone["speed"] == alone["jitter"] == alone["diversity"] == 1 and alone["Fréchet"] == 0


def test_two_seconds_of_one_song_are_measured(songs):
    one = replace(
        songs[0], poses=songs[0].poses[:60], features=songs[0].features[:60], family=None, beats=np.array([0.6, 1.2])
    )
    row = evaluate_motion.measure([one], [one.poses], families.family_classifier([one]))
    assert row["speed"] == 1 and row["music to motion"] > 0.5
    assert all(np.isnan(row[name]) for name in ("percentile", "diversity", "Fréchet", "family"))
    said = evaluate_motion.missing([one], [one])
    assert [words.split(":")[0] for words in said] == [
        "no percentile", "no diversity and no Fréchet distance", "no family", "no other song"
    ]  # fmt: skip


def test_families_count_where_they_are_known(songs, classify):
    mixed = [replace(songs[0], family=None), songs[1]]
    row = evaluate_motion.measure(mixed, [songs[1].poses, songs[1].poses], classify)
    assert row["family"] == 1 and evaluate_motion.missing(songs, mixed) == ()
    said = ("no family: nobody knows which is danced",)
    assert evaluate_motion.missing(mixed * 3, songs) == said
    assert evaluate_motion.missing(songs, [replace(one, family=None) for one in songs]) == said


# --- files ---------------------------------------------------------------------------------------------------------


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


# --- the command -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def tiny_model(tmp_path_factory):
    settings = lstm_vae.LSTMVAESettings(units=4, decoder_units=4, latent_dim=2)
    model, path = lstm_vae.LSTMVAE(settings), tmp_path_factory.mktemp("model") / "vae.npz"
    model.longest_limbs.assign(np.full(18, 100.0))
    model.pose_scale.learn(np.random.default_rng(0).normal(0, 1, (50, 68)) + np.r_[np.tile([0, 1], 33), 0, 0])
    training.save_weights(model, path, settings)
    return path


def with_seen(model, path, contents):
    with np.load(model) as stored:
        np.savez(path, **{**stored, "seen": np.array(contents)})
    return path


def run(*arguments):
    return CliRunner().invoke(cli.app, ["evaluate", "motion", *map(str, arguments)])


@pytest.mark.slow
def test_the_command_measures_every_dancer(tmp_path, tiny_model):
    path = corpus(tmp_path / "c.h5", ["train"] * 3 + ["test"] * 3)
    model = with_seen(tiny_model, tmp_path / "vae.npz", ["c0", "c1", "c5"])
    result = run("--corpus", path, "--vae", model, "-o", tmp_path / "out")
    assert result.exit_code == 0, result.output
    lines = result.output.splitlines()
    who = ["truth", "mean pose", "groove", "nearest", "other song", "seed 0", "seed 1", "seed 2"]
    assert lines[0].split() == " ".join(who).split() and max(map(len, lines[1:10])) == 16 + 8 * 11
    rows = [line.split(",") for line in (tmp_path / "out" / "motion.csv").read_text().splitlines()]
    assert [row[0] for row in rows] == ["dancer", *who] and rows[0][1:] == list(evaluate_motion.MEASURES)
    assert [float(value) for value in rows[1][4:7]] == [1] * 3 and float(rows[1][8]) == 0
    assert all(float(value) > 0 for row in rows[6:] for value in (row[4], row[8]))
    assert (tmp_path / "out" / "motion.png").stat().st_size > 10_000
    assert "2 songs; Fréchet distance between two halves of the true dances: - (it takes more than six songs)" in lines
    assert "1 of 3 songs were trained on and are left out: song 5" in lines
    assert "does not say" not in result.output


@pytest.mark.slow
def test_the_command_on_one_film_that_is_old_and_silent(tmp_path, tiny_model):
    """No rig, no onsets, no families, one song held out, five seconds long, a model that does not say what it saw."""
    clips = [(f"film {i}.mp4", song(i, 0, seconds=5), False, {"content": f"c{i}"}) for i in range(2)]
    result = run("--corpus", write(tmp_path / "c.h5", clips), "--vae", tiny_model, "-o", tmp_path)
    assert result.exit_code == 0, result.output
    lines = result.output.splitlines()
    assert lines[0].split() == ["truth", "mean", "pose", "nearest", "seed", "0", "seed", "1", "seed", "2"]
    table = {line[:16].strip(): line[16:].split() for line in lines[1:10]}
    for name in ("music to motion", "motion to music", "percentile", "family"):
        assert set(table[name]) == {"-"}
    assert table["speed"][0] == "1.00" and table["Fréchet"][0] == "0.00"
    for words in ("does not say what it was trained on", "without onset strength", "no beats in film", "no groove",
                  "no percentile", "no family", "no other song", "truth: MediaPipe's poses"):  # fmt: skip
        assert words in result.output


def test_the_command_refuses_songs_that_were_trained_on(tmp_path, tiny_model):
    path = corpus(tmp_path / "c.h5", ["train", "test", "test"])
    model = with_seen(tiny_model, tmp_path / "vae.npz", ["c1", "c2"])
    result = run("--corpus", path, "--vae", model, "-o", tmp_path)
    assert isinstance(result.exception, InputError) and "trained on all 2 held-out songs" in str(result.exception)


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
