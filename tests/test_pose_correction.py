"""Corrections of training landmarks: against a painter of whose pictures the landmarks are known."""

from dataclasses import replace

import numpy as np
import pytest
import tensorflow as tf

from dancing_utils.images import gan_training, pose_gan
from dancing_utils.images.pixels import to_bytes
from dancing_utils.images.pose_correction import STAGE, correct_poses
from dancing_utils.images.pose_gan import SIZES, GANSettings

PIXELS = np.array([360, 640], np.float32)


class Lines(pose_gan.PoseGAN):
    """Paints a pose as grey lines, so that what a landmark does to the picture is known."""

    def paint(self, maps, stage, training=False):
        grey = tf.reduce_max(maps, -1, keepdims=True)
        return tf.image.resize(tf.repeat(grey, 3, axis=-1), SIZES[stage])


@pytest.mark.slow
def test_landmarks_come_back_to_where_the_picture_shows_them():
    """A left wrist said 4 pixels too far right in one picture, and 4 too far left in another; the third is right."""
    model = Lines(GANSettings(widths=(4, 4, 4, 4, 4), half_width=4))
    true = np.full((3, 33, 2), 0.5, np.float32)
    true[:, 13], true[:, 15] = (0.3, 0.5), (0.3, 0.3)  # left forearm, upright
    pictures = to_bytes(model.paint(model.limb_maps(true), STAGE)).numpy()
    said = true.copy()
    said[:2, 15, 0] += np.array([4, -4], np.float32) / PIXELS[0]
    found = np.zeros((3, 33, 2), np.float32)
    for _ in range(3):
        found = correct_poses(model, said, pictures, found)
    assert np.abs(found.mean(0)).max() < 1e-5
    before, after = (np.abs((poses - true) * PIXELS) for poses in (said, said + found / PIXELS))
    assert before.max() > 3.9 and after.max() < 1


@pytest.mark.slow
def test_what_all_pictures_share_is_no_mistake():
    model = Lines(GANSettings(widths=(4, 4, 4, 4, 4), half_width=4))
    true = np.full((2, 33, 2), 0.5, np.float32)
    true[:, 13], true[:, 15] = (0.3, 0.5), (0.3, 0.3)
    pictures = to_bytes(model.paint(model.limb_maps(true), STAGE)).numpy()
    found = correct_poses(model, true + 4 / PIXELS, pictures, np.zeros((2, 33, 2), np.float32))
    assert np.abs(found).max() < 0.2


def test_when_landmarks_are_corrected():
    settings = GANSettings(stages=((2, 8), (2, 8), (4, 4), (4, 4)), correct_every=3)
    assert [epoch for epoch in range(12) if gan_training.corrects(epoch, settings)] == [6, 9]
    assert not any(gan_training.corrects(epoch, replace(settings, correct_every=0)) for epoch in range(12))
    transfer = pose_gan.TRANSFER  # begins at the larger sizes, and must see some of the new dancer first
    assert [epoch for epoch in range(transfer.epochs) if gan_training.corrects(epoch, transfer)] == [5]
