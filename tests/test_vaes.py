"""The two song models: the baseline's windows and their blending, the better model's parts against known answers."""

import json
from dataclasses import replace
from itertools import cycle

import keras
import numpy as np
import pytest
import scipy.stats
import tensorflow as tf
from stopping import killed_after_an_epoch

from dancing_utils import InputError, training
from dancing_utils.audio import hearing
from dancing_utils.data.dataset import Clip
from dancing_utils.motion import baseline_vae, kinetics, lstm_vae, pose_vectors, song_data, vae_training
from dancing_utils.pose.landmarks import limb_lengths

TINY = lstm_vae.LSTMVAESettings(units=8, decoder_units=8, latent_dim=2, components=3, time_steps=64, batch_size=2,
                                batches_an_epoch=2, epochs=2)  # fmt: skip
SMALL = lstm_vae.LSTMVAESettings(units=4, decoder_units=4, latent_dim=3, components=2)


# --- baseline ------------------------------------------------------------------------------------------------------


class WindowNumbers:
    """Stands in for the baseline: every pose of a window shows the mean of its z."""

    settings = baseline_vae.BaselineSettings(latent_dim=1)

    def encode(self, mfcc):
        mean = mfcc.mean((1, 2))[:, None].astype(np.float32)
        return mean, np.zeros_like(mean)

    def decode(self, z):
        return tf.convert_to_tensor(np.tile(np.asarray(z)[:, :, None, None], (1, 149, 33, 2)).astype(np.float32))


@pytest.mark.parametrize("n", [1, 10, 148, 149, 150, 298, 1000])
def test_any_length_gives_a_pose_a_frame(n):
    assert baseline_vae.dance(WindowNumbers(), np.zeros((n, 13), np.float32)).shape == (n, 33, 2)


def test_blending_has_no_jump():
    """Windows at 0 and 1 by turns: the blend goes from one to the other in even steps, never in a leap."""
    windows = np.tile((np.arange(6) % 2).astype(np.float32)[:, None, None], (1, 149, 1))
    blended = baseline_vae.blend(windows, 74)[:, 0]
    assert len(blended) == 5 * 74 + 149
    assert blended.min() == 0 and blended.max() == 1 and np.abs(np.diff(blended)).max() < 0.03


def test_blending_what_agrees_changes_nothing():
    line = np.linspace(0, 1, 74 * 3 + 149, dtype=np.float32)[:, None]
    windows = np.stack([line[start : start + 149] for start in range(0, 74 * 3 + 1, 74)])
    np.testing.assert_allclose(baseline_vae.blend(windows, 74), line, atol=1e-6)


# --- what goes in and out ------------------------------------------------------------------------------------------


def clicks(n=300, period=15):
    onsets = np.zeros(n, np.float32)
    onsets[::period] = 1
    return onsets


def test_sound_features_are_the_same_for_a_darker_and_louder_recording():
    rng = np.random.default_rng(0)
    mfcc = rng.normal(size=(300, 13)).astype(np.float32)
    one = hearing.sound_features(mfcc, clicks())
    other = hearing.sound_features(3 * mfcc + rng.normal(size=13).astype(np.float32), 5 * clicks())
    assert one.shape == (300, 16)
    np.testing.assert_allclose(one, other, atol=0.05)


def test_the_phase_is_zero_on_the_clicks():
    features = hearing.sound_features(np.zeros((300, 13), np.float32), clicks())
    assert np.abs(features[30:270:15, 14]).max() < 0.25 and features[30:270:15, 15].min() > 0.95
    silent = hearing.sound_features(np.zeros((300, 13), np.float32), np.zeros(300, np.float32))
    assert not silent.any()
    with pytest.raises(InputError, match="300 frames of MFCC and 10"):
        hearing.sound_features(np.zeros((300, 13)), np.zeros(10))


def test_poses_to_vectors_and_back():
    poses = np.random.default_rng(0).uniform(0, 1, (7, 33, 2)).astype(np.float32)
    vectors = pose_vectors.poses_to_vectors(poses)
    assert vectors.shape == (7, 68)
    np.testing.assert_allclose(pose_vectors.vectors_to_poses(vectors), poses, atol=1e-5)
    np.testing.assert_allclose(vectors[:, 66:], (poses[:, 23] + poses[:, 24]) / 2 * [3.6, 6.4], rtol=1e-4)


def test_the_spline_passes_through_its_points_and_draws_a_line_straight():
    points = np.random.default_rng(0).normal(size=(2, 10, 3)).astype(np.float32)
    curve = lstm_vae.spline(tf.constant(points), 2).numpy()
    assert curve.shape == (2, 20, 3)
    np.testing.assert_allclose(curve[:, ::2], points, atol=1e-6)
    line = np.arange(10, dtype=np.float32)[None, :, None]
    np.testing.assert_allclose(lstm_vae.spline(tf.constant(line), 2)[0, 2:16, 0], np.arange(2, 16) / 2, atol=1e-5)


@pytest.mark.parametrize("frames", [1, 2, 3])
def test_spline_weights_give_a_parabola_exactly(frames):
    weights = lstm_vae.spline_weights(frames)
    assert weights.shape == (frames, 4)
    u = np.arange(frames) / frames
    for power in range(3):  # the points at -1, 0, 1, 2
        np.testing.assert_allclose(weights @ np.arange(-1.0, 3) ** power, u**power, atol=1e-6)


def test_between_goes_straight_from_middle_to_middle_and_stays_at_the_ends():
    z = np.array([0.0, 1.0, 3.0], np.float32)[None, :, None]
    steps = lstm_vae.between(tf.constant(z), 8).numpy()[0, :, 0]
    way = (np.arange(8) + 0.5) / 8  # the middle of 8 steps lies between the fourth and the fifth
    np.testing.assert_allclose(steps, np.concatenate([np.zeros(4), way, 1 + 2 * way, np.full(4, 3)]), atol=1e-6)


def test_densities_agree_with_scipy():
    rng = np.random.default_rng(0)
    z, means, log_vars, logits = (rng.normal(size=n).astype("f4") for n in ((5, 2), (5, 3, 2), (5, 3, 2), (5, 3)))
    each = scipy.stats.norm.pdf(z[:, None], means, np.exp(log_vars / 2)).prod(-1)  # (5, 3)
    weights = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
    np.testing.assert_allclose(
        lstm_vae.log_mixture(z, logits, means, log_vars), np.log((weights * each).sum(-1)), rtol=1e-4
    )
    np.testing.assert_allclose(lstm_vae.log_normal(z, means[:, 0], log_vars[:, 0]), np.log(each[:, 0]), rtol=1e-4)


# --- model and training --------------------------------------------------------------------------------------------


def clip(source, n=300, **attributes):
    rng = np.random.default_rng(len(source))
    t = np.arange(n)[:, None, None] / 30
    rest = rng.uniform(0.3, 0.7, (1, 33, 2))
    poses = (rest + 0.05 * np.sin(2 * np.pi * t)).astype(np.float32)
    mfcc = rng.normal(size=(n, 13)).astype(np.float32)
    depth = (0.1 * np.sin(2 * np.pi * t[..., 0] + np.arange(33))).astype(np.float32)
    return Clip(source, 0.0, mfcc, poses, np.ones(n, bool), clicks(n), [], attributes, depth=depth)


@pytest.fixture(scope="module")
def model():
    songs = song_data.to_songs([clip("a"), clip("bb")], depth=True)
    made = vae_training.build(TINY, songs)
    made.prior_head.bias.assign(np.random.default_rng(0).normal(size=made.prior_head.bias.shape))
    return made


@pytest.mark.parametrize("n", [1, 15, 16, 17, 149, 1000])
def test_a_song_of_any_length_gets_a_pose_a_frame(model, n):
    dance = model.dance(np.zeros((n, 16), np.float32))
    assert dance.shape == (n, 33, 2) and np.isfinite(dance).all()


def test_seed_and_temperature(model):
    features = np.random.default_rng(0).normal(size=(300, 16)).astype(np.float32)
    np.testing.assert_array_equal(model.dance(features, seed=1), model.dance(features, seed=1))
    assert np.abs(model.dance(features, seed=1) - model.dance(features, seed=2)).max() > 1e-4
    still = [model.dance(features, seed=seed, temperature=0) for seed in (1, 2)]
    np.testing.assert_array_equal(*still)
    with pytest.raises(InputError, match="temperature=-1"):
        model.dance(features, temperature=-1)
    with pytest.raises(InputError, match="need"):
        model.dance(features, z=np.zeros((999, 2)))


def test_encoding_gives_what_dance_takes(model):
    song = clip("a")
    features = hearing.sound_features(song.mfcc, song.onset_strength)
    z = model.encode(features, song.poses)
    assert z.shape == model.choose(features).shape == (*model.times_of(features).shape, 2)
    assert model.dance(features, z=z).shape == song.poses.shape


def test_steps_and_latents_of_other_lengths():
    """Three frames a step and five steps a latent: one z every 15 frames, or 15 sixteenths of a beat of 16 frames."""
    features, poses = np.zeros((64, 16), np.float32), np.full((64, 33, 2), 0.5, np.float32)
    for musical_time, n in ((False, 5), (True, 5)):
        model = lstm_vae.LSTMVAE(replace(TINY, frames_a_step=3, steps_a_latent=5, musical_time=musical_time))
        assert model.encode(features, poses).shape == model.choose(features).shape == (n, 2)
        assert model.dance(features).shape == (64, 33, 2)


def test_a_z_stands_in_the_middle_of_its_beat():
    model, rng = lstm_vae.LSTMVAE(TINY), np.random.default_rng(0)
    beats = np.arange(0.3, 10, 0.6)  # 100 a minute
    features = hearing.sound_features(rng.normal(size=(300, 13)), rng.uniform(size=300), beats)
    times = model.times_of(features)
    np.testing.assert_allclose(times[1:-1], (beats[:-1] + 0.3)[: len(times) - 2], atol=0.01)
    steady = lstm_vae.LSTMVAE(replace(TINY, musical_time=False)).times_of(features)
    np.testing.assert_allclose(steady[:-1], (np.arange(18) * 16 + 8) / 30)


@pytest.mark.slow
def test_inputs_that_are_switched_off_are_not_heard(model):
    """The same weights with and without ears for onsets and beat: which of the inputs change the dance?"""
    rng = np.random.default_rng(0)
    features = rng.normal(size=(96, 16)).astype(np.float32)
    inputs = {"MFCC": slice(0, 13), "onsets": slice(13, 14), "beat": slice(14, 16)}

    def heard(**switches):
        other = lstm_vae.LSTMVAE(replace(TINY, **switches))
        other.set_weights(model.get_weights())
        dance, changes = other.dance(features), {}
        for name, part in inputs.items():
            changed = features.copy()
            changed[:, part] = rng.normal(size=changed[:, part].shape)
            changes[name] = np.abs(other.dance(changed) - dance).max()
        return {name for name, change in changes.items() if change > 0}

    assert heard() == {"MFCC", "onsets", "beat"}
    assert heard(beat_phase=False) == {"MFCC", "onsets"}
    assert heard(onsets=False, beat_phase=False) == {"MFCC"}


def test_no_limb_is_longer_than_those_of_the_data(model):
    model.longest_limbs.assign(np.full(18, 5.0))
    dance = model.dance(np.random.default_rng(0).normal(size=(60, 16)).astype(np.float32))
    assert limb_lengths(dance).max() < 5.001


def test_missing_poses_split_a_song():
    broken = clip("a", 300)
    broken.poses[100:110] = np.nan
    songs = song_data.to_songs([broken])
    assert [len(poses) for _, poses in songs] == [100, 190]
    assert len(song_data.to_songs([broken], mirrored=True)) == 4
    with pytest.raises(InputError, match="no clip shows"):
        song_data.to_songs([clip("a", 30)])


def test_validation_is_by_song():
    train, validation = song_data.split_clips([clip(f"song {i}") for i in range(20)])
    assert len(train) == 18 and len(validation) == 2
    marked = [clip("a", split="train"), clip("b", split="validation"), clip("c", split="test"), clip("d")]
    train, validation = song_data.split_clips(marked)
    assert [c.source for c in train] == ["a", "d"] and [c.source for c in validation] == ["b"]
    assert song_data.split_clips([clip("a")])[1] == []


@pytest.fixture(scope="module")
def small_batch():
    """A model in the middle of its training, two windows of 2.1 s, and the noise of their z."""
    made, rng = lstm_vae.LSTMVAE(SMALL), np.random.default_rng(1)
    for weight in made.trainable_variables:
        weight.assign(rng.normal(0, 0.3, weight.shape))
    made.posterior.layers[-1].bias.assign([0, 1, -1, -9, 1, 5])  # log variances below, within and above the limits
    made.pose_scale.std.assign(rng.uniform(0.5, 2, 76))
    made.kl_weight.assign(0.013)
    features, vectors = (rng.normal(size=(2, 64, n)).astype(np.float32) for n in (16, 76))
    return made, features, vectors, rng.normal(size=(2, 4, 3)).astype(np.float32)


def loss_by_hand(model, features, vectors, noise):
    """The loss as the module's docstring says it, in NumPy from the outputs of the model's parts."""
    settings, std = model.settings, model.pose_scale.std.numpy()
    target = (vectors - model.pose_scale.mean.numpy()) / std
    local, context = model.hear(features)
    read = model.posterior([local, context, tf.constant(target.reshape(2, 32, 152))]).numpy()
    mean, log_var = read[..., :3], np.clip(read[..., 3:], -8, 4)
    z = (mean + np.exp(log_var / 2) * noise).astype(np.float32)
    logits, means, log_vars = (part.numpy() for part in model.expect(context, tf.constant(z)))
    posterior = scipy.stats.norm.logpdf(z, mean, np.exp(log_var / 2)).sum(-1)
    each = scipy.stats.norm.pdf(z[..., None, :], means, np.exp(log_vars / 2)).prod(-1)
    weights = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
    kl = (posterior - np.log((weights * each).sum(-1))).mean()
    made = model.decode(local, context, tf.constant(z)).numpy()
    feet = []
    for poses in (made * std, target * std):  # heels and toes in the picture: relative to the hips, and the hips
        feet.append(np.stack([poses[..., 2 * i : 2 * i + 2] + poses[..., 66:68] for i in (29, 30, 31, 32)], 2))
    terms = {
        "reconstruction": ((made - target) ** 2).mean(),
        "velocity": ((np.diff(made, axis=1) - np.diff(target, axis=1)) ** 2).mean(),
        "feet": ((np.diff(feet[0], axis=1) - np.diff(feet[1], axis=1)) ** 2).mean(),
        "kl": kl,
    }
    total = terms["reconstruction"] + settings.velocity_weight * terms["velocity"]
    total += settings.foot_weight * terms["feet"] + float(model.kl_weight) * max(kl, settings.free_nats)
    return terms | {"loss": total}


@pytest.mark.parametrize("free_nats", [0.5, 1000.0])  # less than the KL here, and more
def test_the_loss_written_out_by_hand(small_batch, free_nats):
    made, *batch = small_batch
    model = lstm_vae.LSTMVAE(replace(SMALL, free_nats=free_nats))
    model.set_weights(made.get_weights())
    expected, terms = loss_by_hand(model, *batch), model.terms_of(*batch)
    assert terms.keys() == expected.keys() and 0.5 < expected["kl"] < 1000
    for name, value in expected.items():
        np.testing.assert_allclose(terms[name], value, rtol=2e-4, err_msg=name)


def test_training_hides_mfcc_and_draws_noise(small_batch):
    model, features, vectors, _ = small_batch
    other = features.copy()
    other[..., :13] = 9.0

    def losses(share, sound):
        model.settings = replace(SMALL, mfcc_dropout=share)
        model.noise.state.assign([0, 5])
        return float(model.losses_of(sound, vectors)["loss"])

    model.noise.state.assign([0, 5])
    keras.random.uniform((2, 1, 1), seed=model.noise)  # which windows' MFCC are hidden
    noise = keras.random.normal((2, 4, 3), seed=model.noise)
    np.testing.assert_allclose(losses(0.0, features), model.terms_of(features, vectors, noise)["loss"], rtol=1e-5)
    hidden = np.where(np.arange(16) < 13, 0, features).astype(np.float32)
    np.testing.assert_allclose(losses(1.0, features), model.terms_of(hidden, vectors, noise)["loss"], rtol=1e-5)
    assert losses(1.0, other) == losses(1.0, features) != losses(0.0, features) != losses(0.0, other)
    model.settings = SMALL


def test_validation_is_the_same_whenever_it_is_asked(small_batch):
    """The epoch's noise and hidden MFCC do not show in it, and it leaves the epoch's noise as it was."""
    model, features, vectors, _ = small_batch
    held_out, found = [(features, vectors), (features[:, ::-1], vectors)], set()
    before = np.array(model.kl_weight)
    for state in ([0, 3], [0, 4], [7, 7]):
        model.noise.state.assign(state)
        model.kl_weight.assign(0.001 * state[1])  # rises in the warm-up; validation has it whole
        found.add(vae_training.validation_loss(model, held_out))
        np.testing.assert_array_equal(model.noise.state, state)
    model.kl_weight.assign(before)
    assert len(found) == 1
    terms = [
        loss_by_hand(model, *batch, tf.random.stateless_normal((2, 4, 3), seed=(SMALL.seed, i)).numpy())
        for i, batch in enumerate(held_out)
    ]
    weights = {"reconstruction": 1, "velocity": 30, "feet": 700, "kl": 0.02}
    expected = sum(weight * np.mean([term[name] for term in terms]) for name, weight in weights.items())
    np.testing.assert_allclose(found.pop(), expected, rtol=2e-4)


def test_learning_rate_and_kl_weight_by_the_epoch():
    model = lstm_vae.LSTMVAE(replace(SMALL, epochs=10, learning_rate=0.1, kl_weight=0.04, warm_up=0.4, seed=3))
    model.compile(optimizer=keras.optimizers.Adam(0.5))
    rates, weights = [], []
    for epoch in range(12):
        model.begin_epoch(epoch)
        rates.append(float(model.optimizer.learning_rate))
        weights.append(float(model.kl_weight))
        assert model.noise.state.numpy().tolist() == [3, epoch]
    half = np.sqrt(2) / 2  # cosine of an eighth of a turn
    np.testing.assert_allclose(np.array(rates)[[0, 5, 10, 11]], [0.1, 0.0525, 0.005, 0.005], rtol=1e-5)
    np.testing.assert_allclose(np.interp(2.5, [2, 3], rates[2:4]), 0.1 * (0.05 + 0.475 * (1 + half)), rtol=0.01)
    np.testing.assert_allclose(weights, [0, 0.01, 0.02, 0.03, *[0.04] * 8], rtol=1e-5)


@pytest.mark.slow
def test_a_learning_rate_that_is_too_high_says_so_and_keeps_nothing(tmp_path, monkeypatch):
    words = r"(diverged in epoch 1 .*no epoch before it|too large to be kept).*learning_rate"
    with pytest.raises(InputError, match=words):
        train(tmp_path, monkeypatch, learning_rate=1e12)
    assert not list(tmp_path.iterdir())


def train(folder, monkeypatch, *, stopped=False, **changes):
    """Train the tiny model on two songs; ``stopped``: killed after the first epoch, then the same call again."""
    monkeypatch.setattr(vae_training, "read_clips", lambda _: [clip(f"song {i}", 150 + 50 * i) for i in range(3)])
    call = (["file"], folder, replace(TINY, **changes))
    if stopped:
        with killed_after_an_epoch(monkeypatch):
            vae_training.train(*call, progress=False)
    return vae_training.train(*call, progress=False)


@pytest.mark.slow
def test_a_stopped_training_ends_as_an_unbroken_one(tmp_path, monkeypatch):
    unbroken, history = train(tmp_path / "a", monkeypatch)
    resumed, again = train(tmp_path / "b", monkeypatch, stopped=True)
    assert len(history) == len(again) == 2 and history[-1].keys() == again[-1].keys()
    for a, b in zip(unbroken.weights, resumed.weights, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-4)
    assert all(np.isfinite(value) and abs(value - again[-1][name]) < 1e-4 for name, value in history[-1].items())


@pytest.mark.slow
def test_training_stops_when_validation_does_not_get_better(tmp_path, monkeypatch):
    _, history = train(tmp_path, monkeypatch, epochs=30, patience=2, learning_rate=0.3)
    losses = [row["validation"] for row in history]
    assert len(history) < 30 and int(np.argmin(losses)) == len(losses) - 3


@pytest.mark.slow
def test_films_without_depth_teach_no_depth(tmp_path, monkeypatch):
    """The file says so, and dances; one that learned depth tells which limb is before the trunk."""
    flat = [replace(clip(f"song {i}", 150), depth=None) for i in range(2)]
    monkeypatch.setattr(vae_training, "read_clips", lambda _: flat)
    model, _ = vae_training.train("file", tmp_path / "a", replace(TINY, epochs=1), progress=False)
    assert not model.settings.limb_depth and model.pose_scale.mean.shape == (68,)
    assert model.dance_in_depth(np.zeros((20, 16), np.float32))[1] is None
    model, _ = train(tmp_path / "b", monkeypatch, epochs=1)
    poses, depth = lstm_vae.load(tmp_path / "b" / "lstm_vae.npz").dance_in_depth(np.zeros((20, 16), np.float32))
    assert model.settings.limb_depth and poses.shape == (20, 33, 2) and depth.shape == (20, 33) and depth.any()
    song = clip("song 0", 150)
    sound = hearing.sound_features(song.mfcc, song.onset_strength)
    assert np.abs(model.encode(sound, song.poses, song.depth) - model.encode(sound, song.poses)).max() > 1e-4


def test_a_file_from_before_depth_still_dances(tmp_path, model):
    """Such a file does not name the setting, and its pose vectors have 68 numbers."""
    old = lstm_vae.LSTMVAE(replace(TINY, limb_depth=False))
    training.save_weights(old, path := tmp_path / "old.npz", old.settings)
    stored = dict(np.load(path))
    settings = json.loads(str(stored["settings"]))
    del settings["limb_depth"]
    np.savez(path, **stored | {"settings": np.array(json.dumps(settings))})
    assert lstm_vae.load(path).dance(np.zeros((20, 16), np.float32)).shape == (20, 33, 2)


def test_drawn_dances_are_as_far_off_as_their_windows(model, monkeypatch):
    """The true dances themselves are 0 away, larger ones more: by the Fréchet distance of their kinetic features."""
    songs = song_data.to_songs([clip("a"), clip("bb")], depth=True)
    true = [pose_vectors.vectors_to_poses(vectors) for _, vectors in songs]

    def danced(dances):
        with monkeypatch.context() as patch:
            left = cycle(dances)  # once for each draw
            patch.setattr(model, "dance", lambda *_, **__: next(left))
            return vae_training.drawn_distance(model, songs)

    larger = [dance.mean((0, 1)) + 2 * (dance - dance.mean(0)) + (dance.mean(0) - dance.mean((0, 1))) for dance in true]
    assert danced(true) == pytest.approx(0, abs=1e-6)
    clouds = [np.concatenate([kinetics.kinetic_features(one) for one in some]) for some in (larger, true)]
    assert danced(larger) == pytest.approx(kinetics.frechet_distance(*clouds)) and danced(larger) > 1


@pytest.mark.slow
def test_enough_validation_songs_are_danced_to(tmp_path, monkeypatch):
    """With 50 s of them the epoch is judged by its dances, with less by the loss."""
    monkeypatch.setattr(vae_training, "drawn_distance", lambda *_: 7.25)
    monkeypatch.setattr(vae_training, "ENOUGH_WINDOWS", 5)
    assert train(tmp_path / "a", monkeypatch, epochs=1)[1][0]["validation"] == 7.25
    monkeypatch.setattr(vae_training, "ENOUGH_WINDOWS", 500)
    assert train(tmp_path / "b", monkeypatch, epochs=1)[1][0]["validation"] != 7.25


@pytest.mark.slow
def test_it_learns_to_move(tmp_path, monkeypatch):
    """One sine for every song: after some epochs the error is far below that of standing still."""
    model, history = train(tmp_path, monkeypatch, epochs=12, batches_an_epoch=12, learning_rate=1e-2)
    assert history[-1]["reconstruction"] < 0.5 * history[0]["reconstruction"]
