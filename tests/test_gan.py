"""The Pose GAN: limb maps, background, growing, losses by hand, resume, and its int8 form."""

from dataclasses import replace

import keras
import numpy as np
import pytest
import tensorflow as tf

from dancing_utils import InputError
from dancing_utils.data import batches, dataset
from dancing_utils.images import adversarial, gan_training, painting, pixels, pose_gan
from dancing_utils.images.pose_gan import SIDE_COLUMNS, SIZES
from dancing_utils.pose.landmarks import HANDS

TINY = pose_gan.GANSettings(
    widths=(4, 4, 4, 4, 4), half_width=4, pictures=8, batches_an_epoch=1, fade_epochs=1, correct_every=3,
    stages=((1, 2), (1, 2), (1, 2), (1, 2)),
)  # fmt: skip


def train(data, folder, settings=TINY, **more):
    """Train operation by operation: to compile a tiny model takes far longer than to train it."""
    tf.config.run_functions_eagerly(True)
    try:
        return gan_training.train(data, folder, settings, progress=False, **more)
    finally:
        tf.config.run_functions_eagerly(False)


@pytest.fixture(scope="module")
def trained(small_data, tmp_path_factory):
    """A tiny model after one epoch of each size, its run folder and its history."""
    folder = tmp_path_factory.mktemp("run é")
    model, history = train(small_data, folder)
    return model, folder, history


@pytest.fixture(scope="module")
def untrained():
    """A tiny model, for tests that leave its weights as they are."""
    return pose_gan.PoseGAN(TINY)


class Stop(Exception):
    pass


def stop(model, epoch):
    """Ends a training after its second epoch."""
    if epoch == 2:
        raise Stop


def a_pose(x=0.5, y=0.5):
    return np.full((1, 33, 2), (x, y), np.float32)


def test_bytes_and_the_numbers_that_networks_paint():
    assert pixels.from_bytes(np.array([0, 51, 255], np.uint8)).numpy() == pytest.approx([-1, -0.6, 1])
    levels = np.arange(256, dtype=np.uint8)
    np.testing.assert_array_equal(pixels.to_bytes(pixels.from_bytes(levels)), levels)
    assert pixels.to_bytes(np.float32([-1.5, -0.602, -0.598, 2])).numpy().tolist() == [0, 51, 51, 255]


def test_limb_map_is_one_on_the_limb_and_nothing_far_away():
    pose = np.full((1, 33, 2), 0.5, np.float32)
    pose[0, 13], pose[0, 15] = (0.2, 0.25), (0.8, 0.25)  # left forearm, level
    maps = np.asarray(pose_gan.LimbMaps()(pose))  # (1, 160, 96, 25)
    forearm = maps[0, :, :, pose_gan.DRAWN_LIMBS.index((13, 15))]
    assert forearm[39:41, 48].min() > 0.9 and forearm[60, 48] < 1e-3 and forearm[40, 3] < 1e-3
    assert forearm[40, 21:75].min() > 0.9  # from 0.2 to 0.8 of 360 columns, with the margin of 12


def test_background_is_learned_behind_the_person():
    """A person who nearly never moves is still not taken for the wall, because their pose says where they are."""
    model = pose_gan.PoseGAN(replace(TINY, mask=False))  # adds nothing to the background before training
    pictures = np.full((5, 640, 360, 3), 100, np.uint8)
    poses = np.full((5, 33, 2), 0.25, np.float32)
    poses[:, [23, 24], 1] = 0.3  # a trunk 32 pixels high
    poses[0] += 0.5
    for picture, (x, y) in zip(pictures, poses[:, 11], strict=True):
        picture[int(y * 640) : int(y * 640) + 32, int(x * 360)] = 250
    model.background.learn(pictures, poses)
    made = pose_gan.render(model, np.full((2, 33, 2), 0.5, np.float32))
    assert made.shape == (2, 640, 360, 3) and np.abs(made.astype(int) - 100).max() <= 1


def test_background_between_the_feet_is_what_was_filmed():
    """Where limbs drawn thick hide the wall in every picture, it is looked for beside limbs drawn thin."""
    model = pose_gan.PoseGAN(replace(TINY, mask=False))
    poses = np.full((2, 33, 2), 0.5, np.float32)
    poses[:, [23, 24], 1] = 0.75  # a trunk 160 pixels high: its thick limbs reach 53 pixels to each side
    poses[:, [27, 29, 31], 1] = poses[:, [28, 30, 32], 1] = 0.9
    poses[:, [23, 25, 27, 29, 31], 0], poses[:, [24, 26, 28, 30, 32], 0] = 0.36, 0.64
    pictures = np.full((2, 640, 360, 3), 100, np.uint8)
    pictures[:, 560:, 176:184] = 30  # a thin post between the feet, 46 pixels from each
    model.background.learn(pictures, poses)
    made = pose_gan.render(model, poses[:1])[0]
    assert np.abs(made[570, 178:182].astype(int) - 30).max() <= 1 and made[570, 170, 0] == 100


def test_a_flat_colour_stays_flat_whatever_the_four_pixels_have_learned():
    """A pixel becomes four, each by its own weights; they must not be seen as a pattern of dots."""
    model = pose_gan.PoseGAN(TINY)
    kernel = model.generator.to_full.kernel
    kernel.assign(np.random.default_rng(0).normal(size=kernel.shape))
    made = model.generator._full(tf.ones((1, 8, 6, 4)))
    assert made.shape == (1, 16, 12, pose_gan.FULL_WIDTH) and np.max(made) > 0.1
    np.testing.assert_allclose(made[:, :-1, :-1], np.broadcast_to(made[:, :1, :1], (1, 15, 11, 8)), atol=1e-5)


def test_pictures_have_the_size_of_the_stage(untrained):
    maps = untrained.limb_maps(a_pose())
    for stage, size in enumerate(SIZES):
        assert untrained.paint(maps, stage).shape == (1, *size, 3)
    assert pose_gan.render(untrained, a_pose()).shape == (1, 640, 360, 3)
    with pytest.raises(InputError, match=r"\(33, 2\)"):
        pose_gan.render(untrained, np.zeros((33, 2), np.float32))


def test_a_new_size_that_has_not_come_in_changes_nothing():
    model = pose_gan.PoseGAN(TINY)
    rng = np.random.default_rng(0)
    for kernel in (layer.kernel for layer in model.generator.paint):
        kernel.assign(rng.normal(size=kernel.shape))
    maps = model.limb_maps(a_pose(0.4, 0.6))
    model.generator.fade.assign([1, 1, 1, 0])
    smaller, larger = (model.generator(maps, stage=stage) for stage in (2, 3))
    np.testing.assert_allclose(larger, pose_gan.double(smaller), atol=1e-5)
    model.generator.fade.assign(np.ones(4))
    assert np.abs(model.generator(maps, stage=3) - larger).max() > 0.01


def test_stages_and_fade_of_epochs():
    settings = pose_gan.GANSettings(stages=((2, 8), (3, 8), (3, 4), (4, 4)), fade_epochs=2)
    assert settings.epochs == 12
    assert [gan_training.stage_of(e, settings) for e in range(13)] == [0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3]
    np.testing.assert_allclose([gan_training.fade_of(e, settings)[1] for e in (2, 3, 4, 5)], [1 / 3, 2 / 3, 1, 1])
    at_once = replace(settings, progressive=False)
    assert gan_training.stage_of(0, at_once) == 3 and (gan_training.fade_of(0, at_once) == 1).all()


@pytest.mark.slow
def test_each_idea_is_switched_off_by_one_setting():
    def layers_of(**changes):
        model = pose_gan.PoseGAN(replace(TINY, **changes))
        return {type(layer).__name__ for layer in model.generator._flatten_layers()}, model

    assert "SelfAttention" in layers_of()[0] and "SelfAttention" not in layers_of(attention=False)[0]
    block = pose_gan.Block(4, residual=True)
    x = np.random.default_rng(0).uniform(size=(1, 8, 8, 4)).astype(np.float32)
    np.testing.assert_allclose(block(x), x, atol=1e-6)  # with a short cut a block starts as what it is given
    assert np.abs(pose_gan.Block(4, residual=False)(x) - x).max() > 0.05
    # An untrained generator gives 0: with the mask grey shines through, without it the background stays.
    grey = layers_of(mask=True)[1].paint(tf.zeros((1, 160, 96, 25)), 0)
    assert np.abs(grey).max() == 0 and layers_of(mask=False)[1].paint(tf.zeros((1, 160, 96, 25)), 0).shape == grey.shape


def test_attention_by_hand():
    layer = pose_gan.SelfAttention()
    x = np.random.default_rng(0).normal(size=(1, 2, 3, 8)).astype(np.float32)
    np.testing.assert_allclose(layer(x), x)  # gain 0 at the start
    layer.gain.assign(2.0)
    flat = x.reshape(6, 8)
    q, k, v = (flat @ part.kernel.numpy()[0, 0] + part.bias.numpy() for part in layer.qkv)
    look = np.exp(q @ k.T / np.sqrt(q.shape[1]))
    expected = flat + 2 * look / look.sum(1, keepdims=True) @ v
    np.testing.assert_allclose(np.reshape(layer(x), (6, 8)), expected, rtol=1e-4, atol=1e-5)


def test_cut_takes_the_pixels_themselves_and_stays_inside():
    picture = np.random.default_rng(0).uniform(size=(1, 64, 48, 3)).astype(np.float32)
    middles = np.array([[[24, 32], [0, 0], [48, 64]]], np.float32)
    made = adversarial.cut(picture, middles, 16)
    for part, (top, left) in zip(made, ((24, 16), (0, 0), (48, 32)), strict=True):
        np.testing.assert_allclose(part, picture[0, top : top + 16, left : left + 16], atol=1e-5)


def test_details_lie_at_face_and_hands():
    pose = a_pose(0.5, 0.25)
    pose[0, HANDS[0]] = (0.75, 0.5)
    middles = gan_training.centres_of_details(tf.constant(pose), 3).numpy()[0]
    np.testing.assert_allclose(middles[:2], [(180 + SIDE_COLUMNS, 160), (270 + SIDE_COLUMNS, 320)], atol=1e-3)


def test_losses_by_hand(untrained):
    trainer = gan_training.GANTrainer(untrained, 1)
    trainer.stage = 0
    poses, real = tf.constant(np.tile(a_pose(), (2, 1, 1))), tf.zeros((2, 80, 48, 3))
    fake = tf.concat([real[:1] + 0.1, real[1:] + 0.3], 0)
    terms = trainer.picture_terms(poses, real, fake)
    assert abs(float(terms["pixel"]) - 0.2) < 1e-6  # on the background a pixel counts once
    assert abs(float(terms["motion"]) - 0.2) < 1e-6 and "detail" not in terms
    same = trainer.picture_terms(poses, real, real)
    assert all(abs(float(value)) < 1e-6 for value in same.values())
    maps = trainer.painter.limb_maps(poses)
    views = trainer._views(poses, maps, real)
    terms = adversarial.adversarial_terms(trainer.discriminators, views, views)
    assert float(terms["features"]) < 1e-6
    marks = [one(view)[0].numpy() for one, view in zip(trainer.discriminators, views, strict=False)]
    assert abs(float(terms["adversarial"]) - np.mean([((m - 1) ** 2).mean() for m in marks])) < 1e-5
    by_hand = np.mean([0.5 * (((m - 1) ** 2).mean() + (m**2).mean()) for m in marks])
    assert abs(float(terms["discriminator"]) - by_hand) < 1e-5


def test_a_pixel_counts_more_where_the_person_is(untrained):
    real = np.zeros((1, 80, 48, 3), np.float32)
    real[0, 0, 0], real[0, 0, 1, 2] = 1.0, -0.1
    counts = untrained.importance(tf.constant(real), 0)[0, 0, :3, 0]  # its background is grey: 0
    np.testing.assert_allclose(counts, [1 + TINY.person_weight, 1 + TINY.person_weight / 2, 1], rtol=1e-5)


def test_losses_are_weighed_by_the_settings():
    settings = replace(TINY, adversarial_weight=2.0, feature_weight=3.0, pixel_weight=5.0)
    trainer = gan_training.GANTrainer(pose_gan.PoseGAN(settings), 1)
    assert trainer._weigh({"adversarial": 1.0, "features": 10.0, "pixel": 100.0, "discriminator": 1e6}) == 532


def test_corrections_move_both_frames_of_a_pair():
    trainer = gan_training.GANTrainer(pose_gan.PoseGAN(replace(TINY, pose_noise=0.0)), 1)
    trainer.stage = 0
    pair, pictures = np.tile(a_pose(0.4, 0.5), (1, 2, 1, 1)), np.zeros((1, 2, 80, 48, 3), np.uint8)
    trainer.corrections.assign(np.full((1, 33, 2), (3.6, 6.4), np.float32))  # pixels
    poses, _, maps = trainer._prepare(np.array([0]), pair, pictures)
    np.testing.assert_allclose(poses, np.tile(a_pose(0.41, 0.51), (2, 1, 1)), atol=1e-6)
    np.testing.assert_allclose(maps, trainer.painter.limb_maps(poses), atol=1e-6)


@pytest.mark.slow
def test_a_training_corrects_what_it_learns_from_and_keeps_it_when_stopped(small_data, tmp_path):
    def corrections():  # (4, 33, 2)
        arrays = np.load(tmp_path / "checkpoint.npz").values()
        (found,) = [array for array in arrays if array.shape == (4, 33, 2)]
        return found

    settings = replace(
        TINY, stages=((0, 2), (0, 2), (3, 2)), fade_epochs=0, correct_every=1, validation_share=0.5,
        adversarial_weight=0.0, detail_weight=0.0,
    )  # fmt: skip
    with pytest.raises(Stop):
        train(small_data, tmp_path, settings, after_epoch=stop)
    once = corrections()
    assert all(0 < np.abs(part).max() < 5 for part in (once[:2], once[2:]))  # the last two are for validation
    assert all(np.abs(part.mean(0)).max() < 1e-5 for part in (once[:2], once[2:]))
    train(small_data, tmp_path, settings)
    assert not np.allclose(corrections(), once)


@pytest.mark.slow
def test_training_runs_through_all_sizes_and_writes_what_it_says(trained):
    _, folder, history = trained
    assert len(history) == 4 and set(history[3]) == set(gan_training.TERMS) and "detail" not in history[0]
    assert all(np.isfinite(value) for row in history for value in row.values())
    names = {path.name for path in folder.iterdir()}
    assert names == {"checkpoint.npz", "pose_gan.npz", *(f"samples_{i}.png" for i in range(4))}


@pytest.mark.slow
def test_compiled_it_trains_as_operation_by_operation(small_data, tmp_path, trained):
    settings = replace(TINY, stages=((1, 2), (0, 2), (0, 2), (0, 2)))
    _, (first,) = gan_training.train(small_data, tmp_path, settings, progress=False)
    assert all(first[name] == pytest.approx(value, rel=1e-3) for name, value in trained[2][0].items())


@pytest.mark.slow
def test_resumed_equals_unbroken(small_data, tmp_path):
    """Three sizes, stopped after the second: the third begins anew, with its fade."""
    settings = replace(TINY, stages=((1, 2), (1, 2), (1, 2), (0, 2)))
    unbroken, expected = train(small_data, tmp_path / "unbroken", settings)
    with pytest.raises(Stop):
        train(small_data, tmp_path / "stopped", settings, after_epoch=stop)
    model, history = train(small_data, tmp_path / "stopped", settings)
    for a, b in zip(unbroken.weights, model.weights, strict=True):
        np.testing.assert_allclose(a, b, atol=2e-3)  # float16
    for row, again in zip(expected, history, strict=True):
        assert all(abs(value - again[name]) < 1e-4 for name, value in row.items())


@pytest.mark.slow
def test_training_stops_when_validation_does_not_get_better(small_data, tmp_path):
    """Learning rate 0, so the second epoch of the last size is no better than the first: with patience 1 the last."""
    settings = replace(
        TINY, stages=((1, 2), (0, 2), (0, 2), (9, 2)), fade_epochs=0, learning_rate=0.0,
        validation_share=0.5, patience=1,
    )  # fmt: skip
    _, history = train(small_data, tmp_path, settings)
    assert [("validation" in row) for row in history] == [False] + [True] * (len(history) - 1)
    losses = [row["validation"] for row in history[1:]]
    assert len(losses) < 9 and int(np.argmin(losses)) == len(losses) - 2


@pytest.mark.slow
def test_bfloat16_trains_nearly_the_same_and_leaves_no_trace(small_data, tmp_path, trained):
    settings = replace(TINY, precision="mixed_bfloat16", stages=((1, 2), (1, 2), (0, 2), (0, 2)))
    model, history = train(small_data, tmp_path, settings)
    for row, other in zip(trained[2], history, strict=False):
        assert abs(row["pixel"] - other["pixel"]) < 0.1 * row["pixel"]
    assert keras.config.dtype_policy().name == "float32"
    assert model.generator.stems[0].compute_dtype == "float32"  # what is painted with
    with pytest.raises(InputError, match="float16"):
        train(small_data, tmp_path, replace(TINY, precision="float16"))


def test_collapse_is_said():
    alive = np.random.default_rng(0).integers(0, 256, (4, 8, 8, 3), np.uint8)
    assert gan_training.collapse_of({"discriminator": 0.24}, alive) is None
    assert "never wrong" in gan_training.collapse_of({"discriminator": 0.001}, alive)
    assert "look alike" in gan_training.collapse_of({}, np.repeat(alive[:1], 4, 0))


@pytest.mark.slow
def test_int8_model_paints_what_the_keras_model_paints(trained):
    model, folder, _ = trained
    poses = np.concatenate([a_pose(0.4, 0.5), a_pose(0.6, 0.5)])
    fast = list(painting.FastPainter(folder / "pose_gan.npz").paint(poses))
    for a, b in zip(fast, pose_gan.render(model, poses), strict=True):
        assert a.shape == b.shape == (640, 360, 3) and np.abs(a.astype(int) - b).mean() < 2


def test_pairs_are_successive_frames(small_data):
    poses, pictures = batches.load_pairs(small_data, n=5)
    assert poses.shape == (5, 2, 33, 2) and pictures.shape == (5, 2, 640, 360, 3) and pictures.dtype == np.uint8
    first = dataset.read_frames(small_data, "Dataset1", start=0, stop=2)
    np.testing.assert_array_equal(pictures[0], first)
    assert np.abs(poses[:, 0] - poses[:, 1]).max() < 0.1


@pytest.mark.slow
def test_a_second_dancer_starts_from_the_first(small_data, tmp_path, trained):
    first = trained[1] / "pose_gan.npz"
    settings = replace(TINY, stages=((0, 2), (0, 2), (1, 2)), fade_epochs=0, learning_rate=0.0)
    model, _ = train(small_data, tmp_path / "second", settings, start_from=first)
    pairs = zip(trained[0].trainable_variables, model.trainable_variables, strict=True)
    assert all(np.allclose(a, b, atol=1e-3) for a, b in pairs)  # learning rate 0: the first's
    with pytest.raises(InputError, match="another generator"):
        train(small_data, tmp_path / "x", replace(TINY, half_width=5), start_from=first)
