"""Repair what warping gives: a small network that paints over seams, ragged edges and what was never filmed.

    warped picture and what of it is covered, in a box around the person --+
    limb maps of the pose --------------------------------------------------+-> U-Net at half size
        -> her own picture: colours and mask over the plate ("own")
        -> how much of the warped picture stays ("keep")
        -> keep * warp + (1 - keep) * own, at full size

Four neighbouring pixels are channels at half size and become pixels again at the end (sub-pixel convolution: Shi et
al., 2016, https://arxiv.org/abs/1609.05158), so no convolution runs at full size. The four have weights of their own,
and would be seen as a pattern of dots; so colours, mask and keep are evened by a filter that passes nothing of what
changes with every second pixel (Sugawara, Shiota and Kiya, Checkerboard artifacts free convolutional neural networks,
2019). Mask and keep reach 0 and 1 exactly: where the warp is kept it stays bit for bit, and the room stays the plate.
Pictures inside are float32 in [-1, 1]. Colours are cut off there, without a tanh: in 8 bits its steps would be seen as
bands. The file that is kept says which dancer's key frames it was trained for.

References: Balakrishnan et al., Synthesizing Images of Humans in Unseen Poses, 2018, https://arxiv.org/abs/1804.07739
(warp, then repair by a GAN); Ronneberger et al., U-Net, 2015, https://arxiv.org/abs/1505.04597.

Notebook: 07b_better_images.ipynb
"""

from dataclasses import dataclass
from pathlib import Path

from dancing_utils.images.boxes import MULTIPLE
from dancing_utils.images.pose_gan import Block, SelfAttention, double, normed, soft_limbs
from dancing_utils.tf import keras, layers, ops, tf
from dancing_utils.training import load_weights, read_settings

FILE_NAME = "repair.npz"
MAPS_AT = 4  # pixels of the picture that are one of the limb maps
STEEP = 2.0  # keep is steeper than a sigmoid, so that a pixel is the one or the other, not a ghost of both
KEPT = 0.7  # before that: a network that has learned nothing keeps most of the warp


@dataclass(frozen=True)
class RepairSettings:
    """Settings, each with the reason for its value where it is a choice; every idea can be switched off by one."""

    widths: tuple[int, ...] = (16, 32, 48, 64, 80)  # channels at half size, a quarter, ... 1/32
    residual: bool = False  # short cuts around each pair of convolutions: they bought nothing in so short a training
    attention: bool = False  # at 1/16
    adversarial_weight: float = 0.05  # 0 trains without a discriminator
    feature_weight: float = 0.5
    perceptual_weight: float = 1.0
    pixel_weight: float = 1.0  # with 4 the picture is a blur, which differs least from a truth that lies beside it
    texture_weight: float = 4.0
    own_weight: float = 2.0  # of the loss on her own picture alone
    person_weight: float = 4.0  # how much more a pixel counts where the person is
    recolour: float = 0.0  # how far colours are changed at random: for the base model, which must not know any clothes
    vgg_weights: str = "packaged"
    learning_rate: float = 1e-3  # falls to a twentieth along a cosine
    discriminator_learning_rate: float = 2e-4
    crop: tuple[int, int] = (256, 224)  # rows and columns that are trained on
    batch: int = 4
    epochs: int = 12
    batches_an_epoch: int = 60
    patience: int = 6
    precision: str = "float32"
    seed: int = 0


# --- the network ---------------------------------------------------------------------------------------------------


class Network(keras.Model):
    """Warp and limb maps -> features at half size. Level i = 0 ... 4 works at 1/2, 1/4, ... 1/32."""

    def __init__(self, settings: RepairSettings):
        super().__init__()
        w = settings.widths
        self.near, self.limbs = normed(w[0], 3), normed(w[1], 3)
        self.down = [normed(n, 3, strides=2) for n in w[1:]]
        self.enter = [Block(n, settings.residual) for n in w[1:]]
        self.attention = SelfAttention() if settings.attention else None
        self.merge = [normed(n, 1) for n in w[:-1]]
        self.leave = [Block(n, settings.residual) for n in w[1:-1]]
        self.last = normed(w[0], 3)

    def call(self, near, maps, training: bool = False):
        """``near`` (B, rows / 2, columns / 2, 16), ``maps`` (B, rows / 4, columns / 4, 25) -> shaped as ``near``."""
        mode = {"training": training}
        seen = [ops.relu(self.near(near, **mode))]
        x = self.enter[0](ops.relu(self.down[0](seen[0], **mode) + self.limbs(maps, **mode)), **mode)
        for down, enter in zip(self.down[1:], self.enter[1:], strict=True):
            if self.attention is not None and len(seen) == 3:
                x = self.attention(x)  # at 1/16
            seen.append(x)
            x = enter(ops.relu(down(x, **mode)), **mode)
        for i in reversed(range(len(seen))):
            x = ops.relu(self.merge[i](ops.concatenate([double(x), seen[i]], -1), **mode))
            x = self.leave[i - 1](x, **mode) if i else ops.relu(self.last(x, **mode))
        return x


class RepairGAN(keras.Model):
    """The network and its last convolution: all that painting needs; what training adds is in ``repair_training``."""

    def __init__(self, settings: RepairSettings | None = None):
        super().__init__(dtype="float32")
        self.settings = settings or RepairSettings()
        self.network = Network(self.settings)
        zeros = {"padding": "same", "kernel_initializer": "zeros", "dtype": "float32"}
        start = keras.initializers.Constant(4 * [0.0, KEPT])
        self.colours = layers.Conv2D(4 * 3, 3, **zeros)
        self.masks = layers.Conv2D(4 * 2, 3, bias_initializer=start, **zeros)
        side = MULTIPLE
        self.look(*(tf.zeros((1, side, side, n)) for n in (3, 1)), tf.zeros((1, 33, 2)))  # makes its weights
        self.built = True

    def look(self, warp, cover, points, training: bool = False):
        """Boxes (B, rows, columns, 3) and (B, rows, columns, 1), poses (B, 33, 2) in their pixels -> what is painted.

        That is colours (B, rows, columns, 3), mask and keep (B, rows, columns, 1), these two before the sigmoid.
        """
        maps = soft_limbs(points / MAPS_AT, warp.shape[1] // MAPS_AT, warp.shape[2] // MAPS_AT)
        colours, masks = self.paint(tf.concat([warp, 2 * cover - 1], -1), maps, training)
        return colours, masks[..., :1], masks[..., 1:]

    def paint(self, near, maps, training: bool = False):
        """Warp and cover (B, rows, columns, 4) and limb maps (B, rows / 4, columns / 4, 25), all in [-1, 1] -> colours
        (B, rows, columns, 3), mask and keep before the sigmoid (B, rows, columns, 2)."""
        x = self.network(tf.nn.space_to_depth(near, 2), maps, training=training)
        return tuple(tf.nn.depth_to_space(head(x), 2) for head in (self.colours, self.masks))


def own_picture(made, plate):
    """Colours over the plate, by a mask that is never quite 0, so that colours are learned behind it, too."""
    colours, mask, _ = made
    return plate + ops.sigmoid(mask + 1) * (smoothed(colours) - plate)


def solid(x):
    """A sigmoid that reaches 0 and 1, at -2.4 and 2.4."""
    return ops.clip(1.2 * ops.sigmoid(x) - 0.1, 0.0, 1.0)


def smoothed(x):
    """Means over 3 x 3 pixels of (B, rows, columns, n), weighed by 1, 2, 1 both ways: of what changes with every second
    pixel nothing is left."""
    x = ops.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)), "reflect")
    return ops.average_pool(ops.average_pool(x, 2, strides=1), 2, strides=1)


def compose(made, warp, plate, *, more: float = 0.0):
    """What ``RepairGAN.look`` gave, the warped picture and the plate -> the repaired picture (B, rows, columns, 3).

    ``more`` : how much more of the warp is kept than the network says.
    """
    colours, mask, keep = made
    own = plate + smoothed(solid(mask + 1)) * (smoothed(colours) - plate)
    return warp + (1 - smoothed(solid(STEEP * (keep + more)))) * (own - warp)


# --- the file ------------------------------------------------------------------------------------------------------


def load(path: str | Path) -> RepairGAN:
    """A trained model from the file that ``repair_training.train`` wrote; ``read_made_for`` says for which dancer."""
    return load_weights(RepairGAN(read_settings(path, RepairSettings)), path)
