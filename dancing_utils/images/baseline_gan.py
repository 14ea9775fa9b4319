"""The baseline GAN: pose -> picture of 64 x 64. What the better one is measured by; it hardly follows the pose.

    generator      pose -> Dense 256 -> Dense 65,536 -> 16 x 16 x 256 -> ConvT 128, 64 (stride 2) -> ConvT 3, tanh
                   (256 numbers cannot be reshaped to 16 x 16 x 256, so a second Dense stands between: 17 M parameters)
    discriminator  Conv 64, 128 (stride 2), LeakyReLU -> Dense 1, sigmoid
    losses         adversarial + perceptual

``FAIR`` is the same generator with what the drawing left out, so that it is beaten for what it cannot do and not for
what it was not given: a discriminator that sees the pose, and a loss on the pixels (Isola et al., pix2pix, 2016,
https://arxiv.org/abs/1611.07004). Without VGG16 its steps are shorter, so it takes more of them.

Pictures inside this module are float32 in [-1, 1], as tanh gives them; ``render`` gives uint8.

Reference: Goodfellow et al., Generative Adversarial Nets, 2014, https://arxiv.org/abs/1406.2661.

Notebook: 06_train_gan.ipynb
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dancing_utils import InputError
from dancing_utils.data.batches import load_pictures, shuffled_batches
from dancing_utils.data.dataset import read_clips
from dancing_utils.images.perceptual import build_vgg16, perceptual_loss
from dancing_utils.images.pixels import from_bytes, to_bytes
from dancing_utils.pose.landmarks import N_LANDMARKS
from dancing_utils.tf import keras, layers, tf
from dancing_utils.training import digest, load_weights, prepare, read_settings, run_epochs, save_weights

FILE_NAME = "baseline_gan.npz"
SIZE = (64, 64)  # rows and columns that two strides of 2 make of 16 x 16


@dataclass(frozen=True)
class BaselineGANSettings:
    """Settings, each with the reason for its value where it is a choice."""

    adversarial_weight: float = 1.0
    perceptual_weight: float = 1.0  # 0: VGG16 is not asked, which makes a step shorter
    l1_weight: float = 0.0  # of the mean absolute difference of pixels in [-1, 1]; 100 in pix2pix
    conditional: bool = False  # does the discriminator see the pose?
    vgg_weights: str = "packaged"
    learning_rate: float = 2e-4  # GANs: Adam with beta_1 = 0.5 (Radford et al., 2015)
    batch_size: int = 16
    frame_step: int = 10  # three pictures a second: neighbours in time are nearly the same
    epochs: int = 16
    seed: int = 0


FAIR = BaselineGANSettings(perceptual_weight=0.0, l1_weight=100.0, conditional=True, epochs=30)


def build_generator() -> keras.Model:
    """The generator: pose (B, 33, 2) -> picture (B, 64, 64, 3)."""
    pose = keras.Input((N_LANDMARKS, 2))
    x = layers.Dense(256, activation="relu")(layers.Flatten()(pose))
    x = layers.Reshape((16, 16, 256))(layers.Dense(16 * 16 * 256)(x))
    for filters in (128, 64):
        x = layers.Conv2DTranspose(filters, 3, strides=2, padding="same")(x)
        x = layers.ReLU()(layers.BatchNormalization(momentum=0.9)(x))  # 0.99 lags behind so short a training
    picture = layers.Conv2DTranspose(3, 3, padding="same", activation="tanh")(x)  # (B, 64, 64, 3)
    return keras.Model(pose, picture, name="baseline_generator")


def build_discriminator(*, conditional: bool = False) -> keras.Model:
    """The discriminator: picture (B, 64, 64, 3), if conditional with its pose (B, 33, 2) -> chance it is real (B, 1).

    The pose becomes a fourth channel. Joined only at the end, one number could not ask whether the two fit each other.
    """
    picture, pose = keras.Input((*SIZE, 3)), keras.Input((N_LANDMARKS, 2))
    x = picture
    if conditional:
        plane = layers.Reshape((*SIZE, 1))(layers.Dense(SIZE[0] * SIZE[1])(layers.Flatten()(pose)))
        x = layers.Concatenate()([picture, plane])  # (B, 64, 64, 4)
    x = layers.LeakyReLU(0.2)(layers.Conv2D(64, 3, strides=2, padding="same")(x))
    x = layers.LeakyReLU(0.2)(layers.Conv2D(128, 3, strides=2, padding="same")(x))
    real = layers.Dense(1, activation="sigmoid")(layers.Flatten()(x))
    return keras.Model([picture, pose] if conditional else picture, real, name="discriminator")


def cross_entropy(target: float, says: tf.Tensor) -> tf.Tensor:
    """Binary cross-entropy of probabilities (B, 1) against one target, 0 or more."""
    says = tf.clip_by_value(says, 1e-6, 1 - 1e-6)
    return -tf.reduce_mean(target * tf.math.log(says) + (1 - target) * tf.math.log(1 - says))


class BaselineGAN(keras.Model):
    """Generator and discriminator with their training step and one tracker a loss term."""

    def __init__(self, settings: BaselineGANSettings | None = None):
        super().__init__()
        self.settings, self.generator = settings or BaselineGANSettings(), build_generator()
        self.built = True

    def prepare_training(self) -> None:
        """Add what only training needs: discriminator, VGG16, optimizers, trackers."""
        settings = self.settings
        self.discriminator = build_discriminator(conditional=settings.conditional)
        self.vgg16 = build_vgg16(settings.vgg_weights) if settings.perceptual_weight else None
        used = [name for name in ("perceptual", "l1") if getattr(settings, f"{name}_weight")]
        terms = ("discriminator", "adversarial", *used)
        self.trackers = {name: keras.metrics.Mean(name=name) for name in terms}
        self.optimizers = [keras.optimizers.Adam(self.settings.learning_rate, beta_1=0.5) for _ in range(2)]
        for optimizer, model in zip(self.optimizers, (self.generator, self.discriminator), strict=True):
            optimizer.build(model.trainable_variables)
        self.compile()

    @property
    def metrics(self):
        return list(self.trackers.values())

    def call(self, poses):
        """Pictures (B, 64, 64, 3) in [-1, 1]."""
        return self.generator(poses, training=False)

    def judge(self, pictures, poses):
        """How likely pictures (B, 64, 64, 3) are real (B, 1): of poses (B, 33, 2), if the discriminator sees them."""
        return self.discriminator([pictures, poses] if self.settings.conditional else pictures)

    def picture_terms(self, real, fake) -> dict[str, tf.Tensor]:
        """The losses that compare a picture with the true one, unweighted, as far as they have a weight."""
        terms = {}
        if self.settings.perceptual_weight:
            terms["perceptual"] = perceptual_loss(self.vgg16, real, fake)
        if self.settings.l1_weight:
            terms["l1"] = tf.reduce_mean(tf.abs(real - fake))
        return terms

    def train_step(self, batch):
        poses, pictures = batch  # (B, 33, 2), (B, 64, 64, 3) uint8
        real = from_bytes(pictures)
        with tf.GradientTape() as g_tape, tf.GradientTape() as d_tape:
            fake = self.generator(poses, training=True)  # (B, 64, 64, 3)
            says_real, says_fake = self.judge(real, poses), self.judge(fake, poses)  # (B, 1)
            d_loss = 0.5 * (cross_entropy(1.0, says_real) + cross_entropy(0.0, says_fake))
            terms = {"adversarial": cross_entropy(1.0, says_fake), **self.picture_terms(real, fake)}
            g_loss = sum(getattr(self.settings, f"{name}_weight") * value for name, value in terms.items())
        for optimizer, model, tape, loss in zip(
            self.optimizers, (self.generator, self.discriminator), (g_tape, d_tape), (g_loss, d_loss), strict=True
        ):
            gradients = tape.gradient(loss, model.trainable_variables)
            optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
        for name, value in {"discriminator": d_loss, **terms}.items():
            self.trackers[name].update_state(value)
        return {name: tracker.result() for name, tracker in self.trackers.items()}


def train(
    data: str | Path, run_dir: str | Path, settings: BaselineGANSettings | None = None, *, resume: bool = True,
    progress: bool = True, after_epoch: Callable[[BaselineGAN, int], None] | None = None,
) -> tuple[BaselineGAN, list[dict[str, float]]]:  # fmt: skip
    """Train on all frames with a person and write the generator to ``run_dir``; returns the model and its history."""
    settings = settings or BaselineGANSettings()
    prepare(settings.seed)
    model = BaselineGAN(settings)
    model.prepare_training()
    poses, pictures = load_pictures(data, size=SIZE, step=settings.frame_step)
    seen = _films(data)

    def batches(epoch):
        return shuffled_batches(poses, pictures, batch_size=settings.batch_size, seed=settings.seed, epoch=epoch)

    def after(epoch, row):
        save_weights(model.generator, Path(run_dir) / FILE_NAME, settings, seen=seen)
        if after_epoch is not None:
            after_epoch(model, epoch)

    history = run_epochs(
        model, batches, epochs=settings.epochs, run_dir=run_dir, settings=settings,
        trained_on={"data": digest(poses, pictures), "pictures": len(pictures)}, resume=resume, progress=progress,
        after_epoch=after,
    )  # fmt: skip
    return model, history


def _films(data: str | Path) -> set[str]:
    """``content`` of all clips of a file; none where it holds single poses, of which it is not known."""
    with suppress(InputError):
        return {clip.content for clip in read_clips(data)}
    return set()


def load(path: str | Path) -> BaselineGAN:
    """A trained generator from the file that ``train`` wrote."""
    model = BaselineGAN(read_settings(path, BaselineGANSettings))
    load_weights(model.generator, path)
    return model


def render(model: BaselineGAN, poses: np.ndarray) -> np.ndarray:
    """Pictures (N, 64, 64, 3) uint8 of poses (N, 33, 2)."""
    return to_bytes(model.call(tf.constant(poses, tf.float32))).numpy()
