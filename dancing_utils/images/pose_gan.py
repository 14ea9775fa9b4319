"""Pose -> picture: the generator of the Pose GAN, which paints a person over a still background.

    pose (33, 2) -> 25 limb maps (160, 96) -> U-Net of residual blocks, self-attention at its narrowest but one
                 -> colour and mask at 80 x 48, 160 x 96, 320 x 192 and 640 x 384, each adding detail to the one before
                 -> mask * colour + (1 - mask) * background, cut to 640 x 360

Four sizes because it is grown: ``gan_training`` trains the smallest first, then fades in the next. A mask, so that the
wall behind the dancer stays the wall that was filmed. Pictures inside this module are float32 in [-1, 1], as tanh gives
them; ``render`` gives uint8. Poses are in units of the picture.

References: Ronneberger et al., U-Net, 2015, https://arxiv.org/abs/1505.04597; He et al., residual learning, 2015,
https://arxiv.org/abs/1512.03385; Zhang et al., Self-Attention GAN, 2018, https://arxiv.org/abs/1805.08318; Karras et
al., Progressive Growing of GANs, 2017, https://arxiv.org/abs/1710.10196, and StyleGAN2, 2019 (the sum of pictures);
Shi et al., sub-pixel convolution, 2016, https://arxiv.org/abs/1609.05158.

Notebook: 07b_better_images.ipynb
"""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from dancing_utils import HEIGHT, WIDTH, InputError
from dancing_utils.images.pixels import from_bytes, to_bytes
from dancing_utils.pose.body import Body
from dancing_utils.pose.landmarks import HIPS, N_LANDMARKS, SHOULDERS
from dancing_utils.tf import keras, layers, ops, tf
from dancing_utils.training import load_weights, read_settings

FILE_NAME = "pose_gan.npz"
SIDE_COLUMNS = 12  # columns on either side of the 360, so that 640 x 384 halves six times
SIZES = ((80, 48), (160, 96), (320, 192), (640, 384))  # rows and columns of the four stages
MAPS = SIZES[1]  # rows and columns of the limb maps: lines this soft hold no more detail
PAINTED_AT_ONCE = 8  # pictures in a batch where many are painted
FULL_WIDTH = 8  # channels at 640 x 384, where a pixel costs most
LIMB_WIDTH = 2.0  # standard deviation of a limb's profile, in pixels of the limb maps
# Pairs of landmarks between which a line is drawn: head, trunk, arms, hands, legs, feet.
DRAWN_LIMBS = (
    (7, 8), (0, 7), (0, 8), (2, 5), (9, 10), (11, 12), (23, 24), (11, 23), (12, 24), (11, 13), (13, 15), (12, 14),
    (14, 16), (15, 17), (15, 19), (15, 21), (16, 18), (16, 20), (16, 22), (23, 25), (25, 27), (24, 26), (26, 28),
    (29, 31), (30, 32),
)  # fmt: skip


@dataclass(frozen=True)
class GANSettings:
    """Settings, each with the reason for its value where it is a choice; every idea can be switched off by one."""

    widths: tuple[int, ...] = (32, 64, 96, 128, 160)  # channels at 160 x 96, 80 x 48, ... 10 x 6
    half_width: int = 24  # channels at 320 x 192, where each costs four times as much
    residual: bool = True  # short cuts around each pair of convolutions
    attention: bool = True  # at 20 x 12
    mask: bool = True  # False: the generator adds to the background instead
    progressive: bool = True  # False: every epoch trains the last stage
    stages: tuple[tuple[int, int], ...] = ((6, 8), (12, 8), (10, 4), (52, 4))  # (epochs, batch size) of each size
    fade_epochs: int = 2  # in which a new size is partly in: 2 give 1/3, then 2/3
    adversarial_weight: float = 0.1  # 0 trains without discriminators
    feature_weight: float = 1.0  # feature matching (Wang et al., pix2pixHD, 2017)
    perceptual_weight: float = 1.0
    pixel_weight: float = 4.0
    person_weight: float = 4.0  # how much more a pixel counts where the person is
    detail_weight: float = 1.0  # of face and hands, seen on their own; 0 switches that off
    motion_weight: float = 4.0  # change between two successive frames
    pose_noise: float = 0.0005  # shakes the landmarks a little, since a song's poses will not be the film's
    correct_every: int = 30  # epochs after which the training pictures' landmarks are corrected; 0 leaves them
    smooth_hz: float = 8.0  # the landmarks' jitter above this frequency is not motion, and would be learned as blur
    vgg_weights: str = "packaged"
    learning_rate: float = 7e-4  # falls to a twentieth along a cosine
    discriminator_learning_rate: float = 2e-4
    pictures: int = 2600  # that are kept in memory (1.9 GB), as pairs of successive frames
    batches_an_epoch: int = 100
    validation_share: float = 0.025  # of the pairs, the last ones, is not trained on
    patience: int = 30  # epochs of the last stage without a better validation loss after which training stops
    precision: str = "float32"  # "mixed_bfloat16": faster where GPU or CPU compute in it
    seed: int = 0

    @property
    def epochs(self) -> int:
        """All epochs of all stages."""
        return sum(epochs for epochs, _ in self.stages)


QUICK = GANSettings(stages=((3, 8), (4, 8)))  # the first two sizes: a learner can watch it improve
# From another dancer's model, which knows what a body is: straight to the large sizes.
TRANSFER = GANSettings(stages=((0, 8), (0, 8), (4, 4), (6, 4)), fade_epochs=0, correct_every=5)


# --- what the generator is made of ---------------------------------------------------------------------------------


def soft_limbs(points, rows: int, columns: int):
    """Points (B, 33, 2) in pixels -> one picture a limb (B, rows, columns, 25): a soft line, 1 on it, 0 far off."""
    start = ops.take(points, [a for a, _ in DRAWN_LIMBS], axis=1)[:, None, None]  # (B, 1, 1, 25, 2)
    along = ops.take(points, [b for _, b in DRAWN_LIMBS], axis=1)[:, None, None] - start
    length = ops.sum(along * along, -1) + 1e-6  # (B, 1, 1, 25), squared
    y, x = np.mgrid[:rows, :columns].astype(np.float32)[..., None] + 0.5
    dx, dy = x - start[..., 0], y - start[..., 1]  # (B, rows, columns, 25)
    share = ops.clip((dx * along[..., 0] + dy * along[..., 1]) / length, 0.0, 1.0)  # place along the limb
    dx, dy = dx - share * along[..., 0], dy - share * along[..., 1]
    return ops.exp((dx * dx + dy * dy) * (-0.5 / LIMB_WIDTH**2))


class LimbMaps(layers.Layer):
    """Poses (B, 33, 2) -> one picture a limb (B, 160, 96, 25), the whole picture's, by ``soft_limbs``."""

    def call(self, poses):
        rows, columns = MAPS
        scale = np.array([columns * WIDTH / (WIDTH + 2 * SIDE_COLUMNS), rows], np.float32)
        return soft_limbs(poses * scale + np.array([SIDE_COLUMNS / 4, 0], np.float32), rows, columns)


def normed(filters: int, side: int, *, strides: int = 1, gain: str = "ones") -> keras.Sequential:
    """A convolution with batch normalisation, which folds into it once trained; 0.99 would lag in so short a one."""
    convolution = layers.Conv2D(filters, side, strides=strides, padding="same", use_bias=False)
    return keras.Sequential([convolution, layers.BatchNormalization(momentum=0.95, gamma_initializer=gain)])


class Block(layers.Layer):
    """Two convolutions, and a short cut around them."""

    def __init__(self, filters: int, residual: bool):
        super().__init__()
        self.residual = residual
        self.first = normed(filters, 3)
        self.second = normed(filters, 3, gain="zeros" if residual else "ones")  # starts as what it is given

    def call(self, x, training=False):
        y = self.second(ops.relu(self.first(x, training=training)), training=training)
        return ops.relu(x + y if self.residual else y)


class SelfAttention(layers.Layer):
    """Every place asks all others: x + gain * softmax(q k^T / sqrt d) v, gain 0 at the start (Zhang et al., 2018)."""

    def build(self, shape):
        channels = shape[-1]
        self.qkv = [layers.Conv2D(n, 1) for n in (channels // 4, channels // 4, channels)]
        for layer in self.qkv:
            layer.build(shape)
        self.gain = self.add_weight(shape=(), initializer="zeros", name="gain")

    def call(self, x):
        rows, columns, channels = x.shape[1:]
        q, k, v = (ops.reshape(layer(x), (-1, rows * columns, layer.filters)) for layer in self.qkv)  # (B, places, n)
        look = ops.softmax(ops.matmul(q, ops.transpose(k, (0, 2, 1))) / q.shape[-1] ** 0.5)
        return x + self.gain * ops.reshape(ops.matmul(look, v), (-1, rows, columns, channels))


class Background(layers.Layer):
    """The still background (640, 384, 3) in [-1, 1], kept as a weight."""

    def build(self, _):
        self.picture = self.add_weight(shape=(*SIZES[-1], 3), initializer="zeros", trainable=False, name="picture")

    def learn(self, pictures: np.ndarray, poses: np.ndarray) -> None:
        """Take the median of pictures (N, 640, 360, 3) uint8 over those in which the person is not near a pixel.

        A pixel must be seen in one picture of twenty; else, as between two feet, near is taken more narrowly. What
        the person hides even so is painted in from its surroundings (Telea, 2004).
        """
        still = np.full((HEIGHT, WIDTH, 3), np.nan, np.float32)
        for share in (2 / 3, 1 / 2):
            near = np.stack([_near_person(pose, share) for pose in poses])  # (N, 640, 360) bool
            new = np.isnan(still[..., 0]) & (near.mean(0) <= 0.95)  # (640, 360)
            shown = np.where(near[:, new, None], np.float32(np.nan), pictures[:, new])  # (N, pixels, 3)
            still[new] = np.nanmedian(shown, axis=0)
        hidden = np.isnan(still[..., 0]).astype(np.uint8)
        still = cv2.inpaint(np.nan_to_num(still).astype(np.uint8), hidden, 5, cv2.INPAINT_TELEA)
        self.picture.assign(from_bytes(widen(still[None])[0]))

    def at(self, stage: int):
        """The background at the size of a stage: (1, rows, columns, 3)."""
        return tf.image.resize(self.picture[None], SIZES[stage], method="area")


def _near_person(pose: np.ndarray, share: float) -> np.ndarray:
    """Where a person of this pose (33, 2) may be (640, 360) bool: limbs as thick as a share of the trunk's height."""
    points = (pose * (WIDTH, HEIGHT)).astype(np.int32)  # (33, 2) pixels
    trunk = points[[*SHOULDERS, *HIPS[::-1]]]
    height = np.linalg.norm(trunk[:2].mean(0) - trunk[2:].mean(0))
    near = np.zeros((HEIGHT, WIDTH), np.uint8)
    cv2.fillConvexPoly(near, trunk, 1)
    for a, b in DRAWN_LIMBS:
        cv2.line(near, points[a].tolist(), points[b].tolist(), 1, max(1, round(height * share)))
    return near.astype(bool)


def widen(pictures: np.ndarray) -> np.ndarray:
    """(N, 640, 360, 3) -> (N, 640, 384, 3): the outermost columns repeated."""
    return np.pad(pictures, ((0, 0), (0, 0), (SIDE_COLUMNS, SIDE_COLUMNS), (0, 0)), mode="edge")


def double(x):
    """(B, rows, columns, n) -> twice the rows and columns."""
    return ops.image.resize(x, (2 * x.shape[1], 2 * x.shape[2]), interpolation="bilinear")


# --- the generator -------------------------------------------------------------------------------------------------


class Generator(keras.Model):
    """Limb maps -> colour and mask before tanh and sigmoid, at the size of a stage.

    Level i = 0 ... 4 works at 160 x 96, 80 x 48, ... 10 x 6: ``enter`` on the way down, ``leave`` on the way up.
    """

    def __init__(self, settings: GANSettings):
        super().__init__(dtype="float32")  # whatever its layers compute in, colours are added up in float32
        w, half = settings.widths, settings.half_width
        self.stems = [normed(n, 3) for n in w[:2]]
        self.enter = [Block(n, settings.residual) for n in w]
        self.down = [normed(n, 3, strides=2) for n in w[1:]]
        self.attention = SelfAttention() if settings.attention else None
        self.merge = [normed(n, 1) for n in w[:-1]]
        self.leave = [Block(n, settings.residual) for n in w[:-1]]
        self.merge_half, self.leave_half = normed(half, 1), Block(half, settings.residual)
        self.to_full = layers.Conv2D(4 * FULL_WIDTH, 1, dtype="float32")
        self.paint = [layers.Conv2D(4, 3, padding="same", kernel_initializer="zeros", dtype="float32") for _ in SIZES]
        self.fade = self.add_weight(shape=(4,), initializer="ones", trainable=False, name="fade")

    def call(self, maps, stage: int = 3, training: bool = False):
        """Limb maps (B, 160, 96, 25) -> (B, rows, columns, 4), rows and columns those of ``SIZES[stage]``."""
        return self.add_up(self.features(maps, stage, training), stage)

    def features(self, maps, stage: int = 3, training: bool = False) -> list:
        """What is painted from: (B, 80, 48, 64), and up to the stage (B, 160, 96, 32) and (B, 320, 192, 24)."""
        mode = {"training": training}
        x = self.stems[1](ops.average_pool(maps, 2), **mode)  # (B, 80, 48, 64)
        if stage > 0:
            fine = self.enter[0](ops.relu(self.stems[0](maps, **mode)), **mode)  # (B, 160, 96, 32)
            x = x + ops.cast(self.fade[1], x.dtype) * self.down[0](fine, **mode)
        x, seen = ops.relu(x), []
        for i in (1, 2, 3):
            x = self.enter[i](x, **mode)
            if i == 3 and self.attention is not None:
                x = self.attention(x)  # at 20 x 12
            seen.append(x)
            x = ops.relu(self.down[i](x, **mode))
        x = self.enter[4](x, **mode)  # (B, 10, 6, 160)
        for i in (3, 2, 1):
            x = self.leave[i](self._merged(i, x, seen[i - 1], training), **mode)
        found = [x]
        if stage > 0:
            found.append(self.leave[0](self._merged(0, x, fine, training), **mode))  # (B, 160, 96, 32)
        if stage > 1:
            half = double(ops.relu(self.merge_half(found[1], **mode)))
            found.append(self.leave_half(half, **mode))  # (B, 320, 192, 24)
        return found

    def add_up(self, found: list, stage: int = 3):
        """Features -> the picture of the smallest size, and on it the detail of each larger one, up to the stage."""
        picture = self.paint[0](found[0])  # (B, 80, 48, 4)
        for i in range(1, stage + 1):
            picture = double(picture) + self.fade[i] * self.paint[i](found[i] if i < 3 else self._full(found[2]))
        return picture

    def _full(self, half):
        """(B, 320, 192, 24) -> (B, 640, 384, 8): a pixel becomes four, each by weights of its own.

        Left alone they learn a pattern of dots; means over 2 x 2 forbid it (Sugawara, Shiota and Kiya,
        Checkerboard artifacts free convolutional neural networks, 2019).
        """
        four = ops.relu(ops.depth_to_space(self.to_full(half), 2))
        return ops.average_pool(four, 2, strides=1, padding="same")

    def _merged(self, i: int, below, beside, training: bool):
        return ops.relu(self.merge[i](ops.concatenate([double(below), beside], -1), training=training))


class PoseGAN(keras.Model):
    """Limb maps, generator and background: all that painting needs; what training adds is in ``gan_training``."""

    make_generator = Generator  # another one to compare with takes its place

    def __init__(self, settings: GANSettings | None = None):
        super().__init__(dtype="float32")
        self.settings, self.limb_maps = settings or GANSettings(), LimbMaps(dtype="float32")
        self.body: Body | None = None  # measures of the dancer that was learned
        self.generator = self.make_generator(self.settings)
        self.background = Background(dtype="float32")
        self.background.build(None)
        self.generator(self.limb_maps(tf.zeros((1, N_LANDMARKS, 2))))  # makes its weights
        self.built = True

    def paint(self, maps, stage: int, training: bool = False):
        """Pictures (B, rows, columns, 3) in [-1, 1] of limb maps, at the size of a stage."""
        return self.compose(self.generator(maps, stage=stage, training=training), stage)

    def compose(self, made, stage: int):
        """Colour and mask (B, rows, columns, 4) as the generator gives them -> pictures over the background."""
        behind = self.background.at(stage)
        if not self.settings.mask:
            return ops.clip(behind + made[..., :3], -1, 1)
        # The mask starts at 0.73: one that starts closed lets no colour be learned behind it.
        colour, mask = ops.split(made, [3], axis=-1)
        return behind + ops.sigmoid(mask + 1) * (ops.tanh(colour) - behind)

    def importance(self, real, stage: int):
        """What a pixel counts (B, rows, columns, 1): 1 on the background, up to 1 + person_weight where a true picture
        differs from it."""
        difference = ops.max(ops.abs(real - self.background.at(stage)), -1, keepdims=True)
        return 1 + self.settings.person_weight * ops.minimum(1.0, 5 * difference)

    def call(self, poses):
        """Poses (B, 33, 2) -> pictures (B, 640, 360, 3) in [-1, 1]."""
        return self.paint(self.limb_maps(poses), 3)[:, :, SIDE_COLUMNS:-SIDE_COLUMNS]


def load(path: str | Path) -> PoseGAN:
    """A trained model from the file that ``gan_training.train`` wrote; its ``body`` is None where that keeps none."""
    return load_weights(PoseGAN(read_settings(path, GANSettings)), path)


def render(model: PoseGAN, poses: np.ndarray) -> np.ndarray:
    """Pictures (N, 640, 360, 3) uint8 of poses (N, 33, 2): one batch, so give a few at a time."""
    if poses.ndim != 3 or poses.shape[1:] != (N_LANDMARKS, 2):
        raise InputError(f"poses of shape {poses.shape} are not (N, {N_LANDMARKS}, 2)")
    return to_bytes(_fast(model)(tf.constant(poses, tf.float32))).numpy()


def _fast(model: PoseGAN):
    if not hasattr(model, "_compiled"):
        signature = [tf.TensorSpec((None, N_LANDMARKS, 2), tf.float32)]
        model._compiled = tf.function(model.call, input_signature=signature)
    return model._compiled
