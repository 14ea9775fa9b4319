"""The table of motion measures on a small synthetic corpus whose answers are known."""

from dataclasses import replace

import numpy as np
import pytest
from test_held_out_songs import REST, corpus, song, write
from typer.testing import CliRunner

from dancing_utils import InputError, cli, training
from dancing_utils.evaluation import evaluate_motion, families, motion_baselines, motion_metrics, tables
from dancing_utils.motion import kinetics, lstm_vae


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
    assert sum(ax.axison for ax in axes.flat) == len(evaluate_motion.MEASURES)
    tables.plt.close(fig)


def test_a_table_that_cannot_be_written_leaves_the_old_one(tmp_path):
    path = tmp_path / "new folder" / "t.csv"
    tables.write_table({"truth": {"speed": 1.0}}, path, measures={"speed": ""})
    with pytest.raises(KeyError):
        tables.write_table({"truth": {}}, path, measures={"speed": ""})
    assert path.read_text() == "dancer,speed\ntruth,1.000\n" and [*path.parent.iterdir()] == [path]


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
    a, b = (np.concatenate([kinetics.kinetic_features(one.poses) for one in half]) for half in (six, larger))
    expected = ((a.mean(0) - b.mean(0)) ** 2 / b.var(0) + (a.std(0) / b.std(0) - 1) ** 2).sum()
    assert evaluate_motion.half_frechet(six + larger) == pytest.approx(expected, rel=1e-3)
    assert evaluate_motion.half_frechet(six + larger + six) == pytest.approx(expected, rel=1e-3)
    brief = replace(six[0], poses=six[0].poses[:60])  # one window
    assert all(np.isnan(evaluate_motion.half_frechet(few)) for few in (six, six[:1], [*six, brief]))


def test_the_other_songs_dancer_hears_the_next_song_also_of_the_same_name():
    class Model:
        body = None
        dance_in_depth = staticmethod(lambda features, **_: (features, None))

    three = [replace(song(i, 0, seconds=5 + i), name="IMG_1.mp4") for i in range(3)]
    dance = motion_baselines.other_song_dancer(Model, three)
    np.testing.assert_array_equal(dance(three[1]), three[2].features[:180])
    np.testing.assert_array_equal(dance(three[2]), np.concatenate([three[0].features, three[0].features[:60]]))


def test_where_no_beat_is_heard_the_dances_measured_are_those_of_generate(songs):
    """The sway: quiet, though the model dances wildly."""

    class Model:
        body = None

        @staticmethod
        def dance_in_depth(features, **_):
            return np.random.default_rng(0).uniform(0, 1, (len(features), 33, 2)), None

    silent = replace(songs[0], features=songs[0].features * (np.arange(16) < 14))
    dancers = motion_baselines.dancer(Model, seed=0), motion_baselines.other_song_dancer(Model, [silent] * 2)
    for dance in dancers:
        assert motion_metrics.mean_speed(dance(silent)) < 1
    assert motion_metrics.mean_speed(dancers[0](songs[0])) > 20


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


# --- the command -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def tiny_model(tmp_path_factory):
    settings = lstm_vae.LSTMVAESettings(units=4, decoder_units=4, latent_dim=2)
    model, path = lstm_vae.LSTMVAE(settings), tmp_path_factory.mktemp("model") / "vae.npz"
    model.longest_limbs.assign(np.full(18, 100.0))
    model.pose_scale.learn(np.random.default_rng(0).normal(0, 1, (50, 76)) + np.r_[np.tile([0, 1], 33), np.zeros(10)])
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
    lines = result.stdout.splitlines()
    assert "8/8" in result.stderr  # the bar
    who = ["truth", "mean pose", "groove", "nearest", "other song", "seed 0", "seed 1", "seed 2"]
    assert lines[0].split() == " ".join(who).split() and max(map(len, lines[1:11])) == 16 + 8 * 11
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
    result = run("--corpus", write(tmp_path / "c.h5", clips), "--vae", tiny_model, "-o", tmp_path, "--quiet")
    assert result.exit_code == 0 and not result.stderr, result.output
    lines = result.output.splitlines()
    assert lines[0].split() == ["truth", "mean", "pose", "nearest", "seed", "0", "seed", "1", "seed", "2"]
    table = {line[:16].strip(): line[16:].split() for line in lines[1:11]}
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
