"""Pose -> picture: the baseline GAN, and the small limb-map U-Net that the demo uses.

Pictures inside this module are float32 in [-1, 1], as tanh gives them; ``render`` gives uint8. Poses (33, 2) are in
units of the picture. The losses are adversarial + perceptual; the U-Net adds a pixel loss.

    baseline  pose -> Dense 256 -> Dense 65,536 -> 16 x 16 x 256 -> ConvT 128, 64 (stride 2) -> ConvT 3, tanh: 64 x 64
              (256 numbers cannot be reshaped to 16 x 16 x 256, so a second Dense stands between: 17 M parameters)
    unet      pose -> 20 limb maps -> U-Net -> what differs from the still background, added to it: 640 x 360

References: Goodfellow et al., Generative Adversarial Nets, 2014, https://arxiv.org/abs/1406.2661; Ronneberger et al.,
U-Net, 2015, https://arxiv.org/abs/1505.04597; Shi et al., sub-pixel convolution, 2016,
https://arxiv.org/abs/1609.05158.

Notebook: 06_train_gan.ipynb
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from dancing_utils import HEIGHT, WIDTH, InputError

from dancing_utils import quiet  # noqa: F401  isort: skip  (before TensorFlow)
import keras
import tensorflow as tf
from keras import layers, ops

from dancing_utils.batches import load_pictures, shuffled_batches
from dancing_utils.landmarks import N_LANDMARKS
from dancing_utils.perceptual import build_vgg16, perceptual_loss
from dancing_utils.retarget import measure_body
from dancing_utils.training import load_weights, prepare, read_settings, run_epochs, save_weights

FILE_NAMES = {"unet": "pose_unet.npz", "baseline": "pose_gan.npz"}
CORE = (160, 96)  # rows and columns of the limb maps: a quarter of 640 x 384, which is 640 x 360 with a margin
MARGIN = 12  # columns on either side of the 360, so that sizes halve four times
# Twenty limbs, as pairs of landmarks: head, trunk, arms, hands, legs, feet.
LIMBS = (
    (7, 8), (0, 7), (0, 8), (9, 10), (11, 12), (23, 24), (11, 23), (12, 24), (11, 13), (13, 15), (12, 14), (14, 16),
    (15, 19), (16, 20), (23, 25), (25, 27), (24, 26), (26, 28), (29, 31), (30, 32),
)  # fmt: skip
STRIP = 64  # rows of a picture that VGG16 looks at in one step
LIMB_WIDTH = 2.0  # standard deviation of a limb's profile, in pixels of the core


@dataclass(frozen=True)
class GANSettings:
    """Settings of both GANs, each with the reason for its value."""

    generator: str = "unet"  # or "baseline"
    adversarial_weight: float = 0.02  # the baseline GAN's is 1; here it only sharpens what the other terms have placed
    perceptual_weight: float = 1.0
    pixel_weight: float = 4.0  # 0 for the baseline GAN
    person_weight: float = 4.0  # how much more a pixel counts where the person is
    widths: tuple[int, ...] = (24, 48, 64, 96, 128)  # U-Net channels, top to bottom
    pose_noise: float = 0.002  # shakes the landmarks a little, since a song's poses will not be the film's
    vgg_weights: str = "packaged"
    learning_rate: float = 5e-4
    decay: float = 0.88  # of the generator's learning rate, an epoch: what the last epochs learn stays
    discriminator_learning_rate: float = 2e-4  # GANs: Adam with beta_1 = 0.5 (Radford et al., 2015)
    batch_size: int = 8
    frame_step: int = 10  # three pictures a second: neighbours in time are nearly the same
    epochs: int = 16
    seed: int = 0


BASELINE = GANSettings(
    generator="baseline",
    adversarial_weight=1.0,
    pixel_weight=0.0,
    pose_noise=0.0,
    learning_rate=2e-4,
    decay=1.0,
    batch_size=16,
)


# --- generators and discriminator ----------------------------------------------------------------------------------


def build_baseline_generator() -> keras.Model:
    """The baseline generator: pose (B, 33, 2) -> picture (B, 64, 64, 3)."""
    pose = keras.Input((N_LANDMARKS, 2))
    x = layers.Dense(256, activation="relu")(layers.Flatten()(pose))
    x = layers.Reshape((16, 16, 256))(layers.Dense(16 * 16 * 256)(x))
    for filters in (128, 64):
        x = layers.Conv2DTranspose(filters, 3, strides=2, padding="same")(x)
        x = layers.ReLU()(layers.BatchNormalization(momentum=0.9)(x))  # 0.99 lags behind so short a training
    picture = layers.Conv2DTranspose(3, 3, padding="same", activation="tanh")(x)  # (B, 64, 64, 3)
    return keras.Model(pose, picture, name="baseline_generator")


def build_discriminator(rows: int, columns: int) -> keras.Model:
    """The baseline discriminator: picture -> chance that it is real (B, 1)."""
    picture = keras.Input((rows, columns, 3))
    x = layers.LeakyReLU(0.2)(layers.Conv2D(64, 3, strides=2, padding="same")(picture))
    x = layers.LeakyReLU(0.2)(layers.Conv2D(128, 3, strides=2, padding="same")(x))
    real = layers.Dense(1, activation="sigmoid")(layers.Flatten()(x))
    return keras.Model(picture, real, name="discriminator")


class LimbMaps(layers.Layer):
    """Poses (B, 33, 2) -> one picture a limb (B, 160, 96, 20): a soft line from joint to joint, 1 on it, 0 far off."""

    def call(self, poses):
        rows, columns = CORE
        scale = ops.array([columns * WIDTH / (WIDTH + 2 * MARGIN), rows], dtype="float32")
        points = poses * scale + ops.array([MARGIN / 4, 0.0])  # (B, 33, 2) in pixels of the core
        start = ops.take(points, [a for a, _ in LIMBS], axis=1)[:, None, None]  # (B, 1, 1, 20, 2)
        along = ops.take(points, [b for _, b in LIMBS], axis=1)[:, None, None] - start  # (B, 1, 1, 20, 2)
        y, x = np.mgrid[:rows, :columns].astype(np.float32) + 0.5
        offset = np.stack([x, y], -1)[None, :, :, None] - start  # (B, rows, columns, 20, 2)
        share = ops.sum(offset * along, -1) / (ops.sum(along * along, -1) + 1e-6)  # place along the limb
        nearest = offset - ops.clip(share, 0.0, 1.0)[..., None] * along
        return ops.exp(-ops.sum(nearest**2, -1) / (2 * LIMB_WIDTH**2))  # (B, rows, columns, 20)


class Background(layers.Layer):
    """The still background (640, 384, 3), kept as a weight; adds what differs from it and cuts to 640 x 360."""

    def build(self, _):
        self.picture = self.add_weight(shape=(HEIGHT, WIDTH + 2 * MARGIN, 3), initializer="zeros", trainable=False)

    def learn(self, pictures: np.ndarray, poses: np.ndarray) -> None:
        """Take the median of pictures (N, 640, 360, 3) uint8 over those in which the person is not near a pixel.

        What the person always hides is painted in from its surroundings (Telea, 2004).
        """
        near = np.stack([_near_person(pose) for pose in poses])  # (N, 640, 360) bool
        seen = np.where(near[..., None], np.nan, pictures.astype(np.float32))
        with warnings.catch_warnings(action="ignore", category=RuntimeWarning):  # pixels that are never seen
            still = np.nanmedian(seen, axis=0)  # (640, 360, 3)
        still = cv2.inpaint(np.nan_to_num(still).astype(np.uint8), near.all(0).astype(np.uint8), 5, cv2.INPAINT_TELEA)
        self.picture.assign(np.pad(still / 127.5 - 1, ((0, 0), (MARGIN, MARGIN), (0, 0)), mode="edge"))

    def at(self, rows: int, columns: int):
        """The background at another size: (1, rows, columns, 3)."""
        return tf.image.resize(self.picture[None], (rows, columns), method="area")

    def call(self, residual):
        residual = ops.image.resize(residual, (HEIGHT, WIDTH + 2 * MARGIN), interpolation="bilinear")
        return ops.clip(self.picture + residual, -1, 1)[:, :, MARGIN:-MARGIN]  # (B, 640, 360, 3)


def _near_person(pose: np.ndarray) -> np.ndarray:
    """Where a person of this pose (33, 2) may be (640, 360) bool: limbs drawn as thick as two thirds of the trunk."""
    points = (pose * (WIDTH, HEIGHT)).astype(np.int32)  # (33, 2) pixels
    trunk = points[[11, 12, 24, 23]]
    height = np.linalg.norm(trunk[:2].mean(0) - trunk[2:].mean(0))
    near = np.zeros((HEIGHT, WIDTH), np.uint8)
    cv2.fillConvexPoly(near, trunk, 1)
    for a, b in LIMBS:
        cv2.line(near, points[a].tolist(), points[b].tolist(), 1, max(1, round(height * 2 / 3)))
    return near.astype(bool)


def _block(x, filters: int):
    """Two convolutions with batch normalisation, and a short cut around them (He et al., 2016)."""
    short = layers.Conv2D(filters, 1)(x)
    for _ in range(2):
        x = layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
        x = layers.ReLU()(layers.BatchNormalization(momentum=0.9)(x))
    return layers.Add()([short, x])


def build_residual_unet(settings: GANSettings) -> keras.Model:
    """Pose (B, 33, 2) -> difference from the background (B, 320, 192, 3), 0 before training."""
    pose = keras.Input((N_LANDMARKS, 2))
    x, skips = LimbMaps()(pose), []
    for filters in settings.widths[:-1]:
        x = _block(x, filters)
        skips.append(x)
        x = layers.MaxPooling2D(2)(x)
    x = _block(x, settings.widths[-1])  # (B, 10, 6, 128)
    for filters, skip in zip(settings.widths[-2::-1], reversed(skips), strict=True):
        x = layers.Concatenate()([layers.UpSampling2D(2, interpolation="bilinear")(x), skip])
        x = _block(x, filters)
    x = layers.Conv2D(4 * 16, 3, padding="same", activation="relu")(x)  # (B, 160, 96, 64)
    x = layers.Lambda(lambda t: tf.nn.depth_to_space(t, 2), output_shape=(2 * CORE[0], 2 * CORE[1], 16))(x)
    residual = layers.Conv2D(3, 3, padding="same", kernel_initializer="zeros")(x)  # (B, 320, 192, 3)
    return keras.Model(pose, residual, name="residual_unet")


# --- the GAN -------------------------------------------------------------------------------------------------------


class PoseGAN(keras.Model):
    """Generator and discriminator with their training step and one tracker a loss term."""

    TERMS = ("discriminator", "adversarial", "perceptual", "pixel")

    def __init__(self, settings: GANSettings = GANSettings()):  # noqa: B008  (frozen)
        super().__init__()
        self.settings = settings
        self.size = (64, 64) if settings.generator == "baseline" else (2 * CORE[0], 2 * CORE[1])
        if settings.generator == "baseline":
            self.generator = build_baseline_generator()
        else:
            self.generator, self.background = build_residual_unet(settings), Background()
            self.background.build(None)
        self.built = True

    def prepare_training(self) -> None:
        """Add what only training needs: discriminator, VGG16, optimizers, trackers."""
        self.discriminator = build_discriminator(*(min(side, core) for side, core in zip(self.size, CORE, strict=True)))
        self.vgg16 = build_vgg16(self.settings.vgg_weights)
        self.noise = keras.random.SeedGenerator(self.settings.seed)
        self.trackers = {name: keras.metrics.Mean(name=name) for name in self.TERMS}
        self.g_optimizer = keras.optimizers.Adam(self.settings.learning_rate, beta_1=0.5)
        self.d_optimizer = keras.optimizers.Adam(self.settings.discriminator_learning_rate, beta_1=0.5)
        self.g_optimizer.build(self.generator.trainable_variables)
        self.d_optimizer.build(self.discriminator.trainable_variables)
        self.compile()

    @property
    def metrics(self):
        return list(self.trackers.values())

    @property
    def optimizers(self):
        return [self.g_optimizer, self.d_optimizer]

    def begin_epoch(self, epoch: int) -> None:
        """Make noise and learning rate of an epoch depend on its number alone, so that a resumed run repeats."""
        self.noise.state.assign([self.settings.seed, epoch])
        self.g_optimizer.learning_rate = self.settings.learning_rate * self.settings.decay**epoch

    def fake(self, poses, training: bool = False):
        """Pictures (B, rows, columns, 3) in [-1, 1] at the size that is trained."""
        made = self.generator(poses, training=training)
        return made if self.settings.generator == "baseline" else self.background.at(*self.size) + made

    def call(self, poses):
        """Pictures in [-1, 1] at full size: (B, 640, 360, 3), or (B, 64, 64, 3) from the baseline."""
        made = self.generator(poses, training=False)
        return made if self.settings.generator == "baseline" else self.background(made)

    def train_step(self, batch):
        poses, real = batch  # (B, 33, 2), (B, rows, columns, 3) uint8
        real = tf.cast(real, tf.float32) / 127.5 - 1
        poses += self.settings.pose_noise * keras.random.normal(tf.shape(poses), seed=self.noise)
        with tf.GradientTape() as g_tape, tf.GradientTape() as d_tape:
            fake = self.fake(poses, training=True)  # (B, rows, columns, 3)
            says_real, says_fake = self.judge(real), self.judge(fake)  # (B, 1)
            d_loss = 0.5 * (cross_entropy(1.0, says_real) + cross_entropy(0.0, says_fake))
            terms = self.generator_terms(real, fake, says_fake)
            weights = {name: getattr(self.settings, f"{name}_weight") for name in terms}
            g_loss = sum(weights[name] * value for name, value in terms.items() if weights[name])
        self._update(self.d_optimizer, self.discriminator, d_tape, d_loss)
        self._update(self.g_optimizer, self.generator, g_tape, g_loss)
        for name, value in {"discriminator": d_loss, **terms}.items():
            self.trackers[name].update_state(value)
        return {name: tracker.result() for name, tracker in self.trackers.items()}

    def judge(self, pictures):
        """The discriminator's chance (B, 1) that pictures are real; the U-Net's are halved first, to save time."""
        size = self.discriminator.input_shape[1:3]
        return self.discriminator(tf.image.resize(pictures, size))  # bilinear: at half size the mean of 2 x 2 pixels

    def generator_terms(self, real, fake, says_fake) -> dict[str, tf.Tensor]:
        """Adversarial, perceptual and pixel loss, unweighted."""
        return {
            "adversarial": cross_entropy(1.0, says_fake),
            "perceptual": perceptual_loss(self.vgg16, *self._crop(real, fake)),
            "pixel": tf.reduce_mean(self._person(real) * tf.abs(real - fake)),
        }

    def _person(self, real):
        """What a pixel counts: 1 on the background, up to 1 + person_weight where a picture differs from it."""
        if self.settings.generator == "baseline":
            return 1.0
        difference = tf.reduce_max(tf.abs(real - self.background.at(*self.size)), -1, keepdims=True)
        return 1 + self.settings.person_weight * tf.minimum(1.0, 5 * difference)

    def _crop(self, *pictures):
        """The same random horizontal strip of each: VGG16 on whole pictures would take most of the time."""
        rows = min(STRIP, self.size[0])
        top = keras.random.randint((), 0, self.size[0] - rows + 1, seed=self.noise)
        return [picture[:, top : top + rows] for picture in pictures]

    @staticmethod
    def _update(optimizer, model, tape, loss):
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))


def cross_entropy(target: float, says: tf.Tensor) -> tf.Tensor:
    """Binary cross-entropy of probabilities (B, 1) against one target, 0 or more."""
    says = tf.clip_by_value(says, 1e-6, 1 - 1e-6)
    return -tf.reduce_mean(target * tf.math.log(says) + (1 - target) * tf.math.log(1 - says))


# --- train and use -------------------------------------------------------------------------------------------------


def train(
    data: str | Path, run_dir: str | Path, settings: GANSettings = GANSettings(), *, resume: bool = True,  # noqa: B008
    progress: bool = True, after_epoch: Callable[[PoseGAN, int], None] | None = None,
) -> tuple[PoseGAN, list[dict[str, float]]]:  # fmt: skip
    """Train on all frames with a person and write the generator to ``run_dir``; returns the model and its history."""
    prepare(settings.seed)
    model = PoseGAN(settings)
    poses, pictures = load_pictures(data, step=settings.frame_step)
    if settings.generator == "unet":
        some = slice(None, None, max(1, len(pictures) // 60))
        model.background.learn(pictures[some], poses[some])
        pictures = np.pad(pictures, ((0, 0), (0, 0), (MARGIN, MARGIN), (0, 0)), mode="edge")
    pictures = np.stack([cv2.resize(p, model.size[::-1], interpolation=cv2.INTER_AREA) for p in pictures])
    model.prepare_training()

    def batches(epoch):
        return shuffled_batches(poses, pictures, batch_size=settings.batch_size, seed=settings.seed, epoch=epoch)

    body = measure_body(poses)

    def after(epoch):
        save_weights(_shipped(model), Path(run_dir) / FILE_NAMES[settings.generator], settings, body=body)
        if after_epoch is not None:
            after_epoch(model, epoch)

    history = run_epochs(
        model, batches, epochs=settings.epochs, run_dir=run_dir, settings=settings, resume=resume, progress=progress,
        after_epoch=after,
    )  # fmt: skip
    return model, history


def _shipped(model: PoseGAN) -> keras.Model:
    """The part that makes pictures, without discriminator and VGG16."""
    pose = keras.Input((N_LANDMARKS, 2))
    made = model.generator(pose)
    return keras.Model(pose, made if model.settings.generator == "baseline" else model.background(made))


def load(path: str | Path) -> PoseGAN:
    """A trained generator from the file that ``train`` wrote."""
    model = PoseGAN(read_settings(path, GANSettings))
    load_weights(_shipped(model), path)
    return model


def render(model: PoseGAN, poses: np.ndarray) -> np.ndarray:
    """Pictures (N, rows, columns, 3) uint8 of poses (N, 33, 2): one batch, so give a few at a time."""
    if poses.ndim != 3 or poses.shape[1:] != (N_LANDMARKS, 2):
        raise InputError(f"poses of shape {poses.shape} are not (N, {N_LANDMARKS}, 2)")
    made = _fast(model)(tf.constant(poses, tf.float32))
    return np.clip((made.numpy() + 1) * 127.5 + 0.5, 0, 255).astype(np.uint8)


def _fast(model: PoseGAN):
    if not hasattr(model, "_compiled"):
        signature = [tf.TensorSpec((None, N_LANDMARKS, 2), tf.float32)]
        model._compiled = tf.function(model.call, input_signature=signature)
    return model._compiled
