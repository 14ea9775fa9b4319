"""How the song model's prior draws, and how it learns on: against known answers."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from stopping import killed_after_an_epoch

from dancing_utils import InputError, training
from dancing_utils.data.dataset import Clip
from dancing_utils.motion import lstm_vae, prior_training
from dancing_utils.motion.prior_training import PriorLearner, PriorSettings

SMALL = lstm_vae.LSTMVAESettings(units=4, decoder_units=4, latent_dim=2, components=2)
FEW = PriorSettings(time_steps=6, batch_size=4, batches_an_epoch=3, epochs=2)
CALM = replace(FEW, strange=0.0, hidden_z=0.0, hidden_context=0.0, hidden_mfcc=0.0)


@pytest.fixture
def model():
    return lstm_vae.LSTMVAE(SMALL)


def clip(source, n=400):
    rng = np.random.default_rng(len(source))
    wave = np.sin(2 * np.pi * np.arange(n)[:, None, None] / 30)
    poses = (rng.uniform(0.3, 0.7, (1, 33, 2)) + 0.05 * wave).astype(np.float32)
    return Clip(
        source, 0.0, rng.normal(size=(n, 13)).astype(np.float32), poses, np.ones(n, bool), np.ones(n, np.float32), [],
        {"content": source}, np.arange(0, n / 30, 0.5), depth=np.zeros((n, 33), np.float32),
    )  # fmt: skip


# --- draw ----------------------------------------------------------------------------------------------------------


def draw(model, heard, deaf, guidance, *, several=400, seed=0):
    """How often a z beside the first bell curve, at 0, is drawn, and not one beside the second, at 10.

    ``heard`` and ``deaf`` are the weights of the first with MFCC and without: the prior's head looks at nothing else.
    """
    rng, rows = np.random.default_rng(seed), []
    for weight in (heard, deaf):
        first, second = [0, 0, 0, 0], [10, 10, 0, 0]  # two means, two log variances
        rows.append([np.log(weight), np.log(1 - weight), *first, *second])
    answers = tf.constant(np.array(rows), tf.float32)  # (2, 10)

    def mixture(x):
        means, log_vars = tf.split(tf.reshape(answers[:, 2:], (2, 2, 4)), 2, -1)
        return answers[:, :2], means, log_vars

    model._mixture = mixture
    numbers = rng.gumbel(size=(several, 8, 2)), rng.standard_normal((several, 8, 2)), rng.gumbel(size=(several, 8))
    numbers = (tf.constant(part, tf.float32) for part in numbers)
    z = model.draw(tf.zeros((2, several, 8)), *numbers, tf.constant(guidance, tf.float32)).numpy()
    return (z[:, 0] < 5).mean()


def test_without_guidance_a_move_is_drawn_as_often_as_the_prior_says(model):
    assert draw(model, 0.7, 0.1, 0.0) == pytest.approx(0.7, abs=0.06)


def test_guidance_draws_more_of_what_the_mfcc_make_likelier(model):
    """By Bayes: 0.5 (0.5 / 0.2) ^ g beside 0.5 (0.5 / 0.8) ^ g; of eight draws nearly as often."""
    first, second = 0.5 * (0.5 / 0.2), 0.5 * (0.5 / 0.8)
    assert draw(model, 0.5, 0.2, 1.0) == pytest.approx(first / (first + second), abs=0.08)
    assert draw(lstm_vae.LSTMVAE(SMALL), 0.5, 0.2, 20.0) > 0.95


def test_what_mfcc_do_not_change_is_not_guided(model):
    assert draw(model, 0.6, 0.6, 5.0) == draw(lstm_vae.LSTMVAE(SMALL), 0.6, 0.6, 0.0)


def test_a_model_that_never_missed_the_mfcc_is_not_guided():
    features = np.random.default_rng(0).normal(size=(300, 16)).astype(np.float32)
    model = lstm_vae.LSTMVAE(replace(SMALL, mfcc_dropout=0.0))
    np.testing.assert_array_equal(model.choose(features, guidance=9.0), model.choose(features, guidance=0.0))
    assert (model.choose(features, seed=1) != model.choose(features, seed=2)).any()


def test_without_mfcc_onsets_and_beat_stay():
    left = lstm_vae.without_mfcc(np.ones((2, 5, 16), np.float32))
    assert left.dtype == np.float32 and left[..., :13].sum() == 0 and (left[..., 13:] == 1).all()


# --- learn on ------------------------------------------------------------------------------------------------------


def test_strange_z_are_another_windows_for_so_many_beats_on_end(model):
    before = np.broadcast_to(np.arange(64, dtype=np.float32)[:, None, None], (64, 40, 2))
    calm = PriorLearner(model, CALM).disturb(before, 40)
    np.testing.assert_array_equal(calm, before)
    every = PriorLearner(model, replace(CALM, strange=1.0)).disturb(before, 40)
    np.testing.assert_array_equal(every, (before - 1) % 64)
    some = PriorLearner(model, replace(CALM, strange=0.25)).disturb(before, 40).numpy()
    changed = (some != before)[..., 0].reshape(64, 10, 4)
    assert (changed.all(2) == changed.any(2)).all() and changed.mean() == pytest.approx(0.25, abs=0.06)
    hidden = PriorLearner(model, replace(CALM, hidden_z=0.3)).disturb(before + 1, 40).numpy()
    assert (hidden[..., 0] == 0).mean() == pytest.approx(0.3, abs=0.03) and (hidden[..., 0] == hidden[..., 1]).all()


def test_the_loss_is_that_of_the_mixture_at_the_true_z(model):
    """Nothing disturbed, and no spread of z: -log p(z), each z given the one before."""
    rng = np.random.default_rng(0)
    heard, mean = rng.normal(size=(4, 6, 8)).astype(np.float32), rng.normal(size=(4, 6, 2)).astype(np.float32)
    log_var = np.full_like(mean, -40)
    found = PriorLearner(model, CALM).losses_of(heard, 0 * heard, mean, log_var)["loss"]
    likely = lstm_vae.log_mixture(mean, *model.expect(tf.constant(heard), tf.constant(mean)))
    assert float(found) == pytest.approx(-float(tf.reduce_mean(likely)), rel=1e-4)
    deaf = PriorLearner(model, replace(CALM, hidden_mfcc=1.0)).losses_of(heard, 0 * heard, mean, log_var)["loss"]
    likely = lstm_vae.log_mixture(mean, *model.expect(tf.constant(0 * heard), tf.constant(mean)))
    assert float(deaf) == pytest.approx(-float(tf.reduce_mean(likely)), rel=1e-4)


def learn_on(folder, start, monkeypatch, *, stopped=False, **changes):
    """Let the model file's prior learn on from two songs; ``stopped``: killed after an epoch, then called again."""
    monkeypatch.setattr(prior_training, "read_clips", lambda _: [clip("a"), clip("bb", 500), clip("ccc")])
    call = ("file", start, folder, replace(FEW, **changes))
    if stopped:
        with killed_after_an_epoch(monkeypatch):
            prior_training.train(*call, progress=False)
    return prior_training.train(*call, progress=False)


@pytest.fixture
def start(tmp_path, model) -> Path:
    model.longest_limbs.assign(np.ones(18))
    model.posterior.layers[-1].bias.assign([0, 0, -4, -4])  # z of little spread, so that there is something to learn
    training.save_weights(model, path := tmp_path / "start.npz", SMALL, seen={"before"})
    return path


@pytest.mark.slow
def test_the_prior_learns_and_nothing_else_changes(tmp_path, start, monkeypatch):
    learned, history = learn_on(tmp_path / "run", start, monkeypatch, epochs=6, learning_rate=0.03)
    assert history[-1]["loss"] < history[0]["loss"] - 0.1
    before = lstm_vae.load(start)
    for part in ("ear", "posterior", "decoder", "prior", "prior_head"):
        pairs = zip(getattr(before, part).weights, getattr(learned, part).weights, strict=True)
        same = all(np.array_equal(a, b) for a, b in pairs)
        assert same == (part not in ("prior", "prior_head")), part
    assert training.read_seen(tmp_path / "run" / lstm_vae.FILE_NAME) > {"before"}


def test_a_film_without_depth_is_refused_by_its_name(tmp_path, start, monkeypatch):
    monkeypatch.setattr(prior_training, "read_clips", lambda _: [replace(clip("flat"), depth=None), clip("bb")])
    with pytest.raises(InputError, match="flat has no depth"):
        prior_training.train("file", start, tmp_path / "run", FEW, progress=False)


@pytest.mark.slow
def test_stopped_it_ends_as_unbroken(tmp_path, start, monkeypatch):
    unbroken, _ = learn_on(tmp_path / "a", start, monkeypatch)
    resumed, _ = learn_on(tmp_path / "b", start, monkeypatch, stopped=True)
    for a, b in zip(unbroken.weights, resumed.weights, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-3)
