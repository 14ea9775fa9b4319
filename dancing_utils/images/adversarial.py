"""What training painters against discriminators has in common: their marks, their losses, and the training step.

    adversarial  least squares (Mao et al., 2016, https://arxiv.org/abs/1611.04076) over all patches of a discriminator
    features     its inner features of the painted and the true picture should agree (Wang et al., pix2pixHD, 2017,
                 https://arxiv.org/abs/1711.11585)

Notebook: 07b_better_images.ipynb
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from dancing_utils import InputError
from dancing_utils.images.perceptual import build_vgg16
from dancing_utils.tf import keras, layers, tf
from dancing_utils.training import learning_rate_of

PRECISIONS = ("float32", "mixed_bfloat16")


def build_discriminator(channels: int) -> keras.Model:
    """A patch discriminator: pictures (B, rows, columns, channels) -> [a mark a patch, features of each layer]."""
    picture = x = keras.Input((None, None, channels))
    features = []
    for filters in (32, 64, 128):
        x = layers.LeakyReLU(0.2)(layers.Conv2D(filters, 4, strides=2, padding="same")(x))
        features.append(x)
    return keras.Model(picture, [layers.Conv2D(1, 3, padding="same", dtype="float32")(x), *features])


def adversarial_terms(discriminators: list, real_views: list, fake_views: list) -> dict[str, tf.Tensor]:
    """Least-squares losses of discriminators and generator, and feature matching; means over the discriminators."""
    rows = []
    for discriminator, *views in zip(discriminators, real_views, fake_views, strict=False):
        made = ([tf.cast(x, tf.float32) for x in discriminator(view)] for view in views)
        (mark_real, *real), (mark_fake, *fake) = made
        seen = [tf.reduce_mean(tf.abs(tf.stop_gradient(r) - f)) / (tf.reduce_mean(tf.abs(r)) + 1e-6)
                for r, f in zip(real, fake, strict=True)]  # fmt: skip
        d_loss = 0.5 * (tf.reduce_mean((mark_real - 1) ** 2) + tf.reduce_mean(mark_fake**2))
        rows.append((d_loss, tf.reduce_mean((mark_fake - 1) ** 2), tf.reduce_mean(seen)))
    means = [tf.add_n(column) / len(rows) for column in zip(*rows, strict=True)]
    return dict(zip(("discriminator", "adversarial", "features"), means, strict=True))


def cut(pictures, centres, side: int):
    """Squares of ``side`` pixels: pictures (B, rows, columns, n), centres (B, parts, 2) as x, y in pixels.

    Returns (B * parts, side, side, n). A square that would leave the picture is moved inside it.
    """
    parts, size = centres.shape[1], tf.cast(tf.shape(pictures)[1:3], tf.float32)
    corner = tf.round(tf.reverse(centres, [-1]) - side / 2)  # (B, parts, 2) as row, column
    corner = tf.clip_by_value(corner, 0.0, size - side)
    boxes = tf.reshape(tf.concat([corner, corner + side - 1], -1) / tf.tile(size - 1, [2]), (-1, 4))
    which = tf.repeat(tf.range(tf.shape(pictures)[0]), parts)
    return tf.image.crop_and_resize(pictures, boxes, which, (side, side))


class AdversarialTrainer(keras.Model):
    """A painter with all that only its training needs: discriminators, VGG16, two optimizers, the training step.

    Parameters
    ----------
    painter : the model that paints, with ``settings``.
    channels : of what each discriminator sees.
    terms : names of the loss terms. Each counts as ``settings`` says: "pixel" by ``pixel_weight``, and so on.
    """

    def __init__(self, painter: keras.Model, channels: list[int], terms: tuple[str, ...]):
        super().__init__()
        settings = self.settings = painter.settings
        self.painter, self.vgg16 = painter, build_vgg16(settings.vgg_weights)
        self.discriminators = [build_discriminator(n) for n in channels]
        self.noise = keras.random.SeedGenerator(settings.seed)
        self.trackers = {name: keras.metrics.Mean(name=name) for name in terms}
        self.loss_tracker = keras.metrics.Mean(name="loss")
        self.g_optimizer = keras.optimizers.Adam(settings.learning_rate, beta_1=0.5)
        self.d_optimizer = keras.optimizers.Adam(settings.discriminator_learning_rate, beta_1=0.5)
        self.g_optimizer.build(self.painter.trainable_variables)
        self.d_optimizer.build(self._of_discriminators())
        self.built = True
        self.compile(optimizer=None)  # it has two of its own

    @property
    def metrics(self):
        return [*self.trackers.values(), self.loss_tracker]

    @property
    def optimizers(self):
        return [self.g_optimizer, self.d_optimizer]

    def _of_discriminators(self) -> list:
        return [variable for one in self.discriminators for variable in one.trainable_variables]

    def begin_epoch(self, epoch: int) -> None:
        """Set what an epoch's number decides, here learning rate and noise; so a resumed run repeats."""
        self.noise.state.assign([self.settings.seed, epoch])
        self.g_optimizer.learning_rate = learning_rate_of(epoch, self.settings)

    def losses_of(self, *batch, training: bool = False) -> tuple[dict[str, tf.Tensor], Callable[[], list]]:
        """Of a batch the terms that compare with the true pictures, unweighted, and a function that gives what the
        discriminators see of the true ones, and what of the painted ones."""
        raise NotImplementedError

    def train_step(self, batch):
        with tf.GradientTape() as g_tape, tf.GradientTape() as d_tape:
            terms, views = self.losses_of(*batch, training=True)
            if self.settings.adversarial_weight:
                terms |= adversarial_terms(self.discriminators, *views())
            loss = self._weigh(terms)
        _update(self.g_optimizer, self.painter.trainable_variables, g_tape, loss)
        if self.settings.adversarial_weight:
            _update(self.d_optimizer, self._of_discriminators(), d_tape, terms["discriminator"])
        for name, value in terms.items():
            self.trackers[name].update_state(value)
        return {name: self.trackers[name].result() for name in terms}

    def test_step(self, batch):
        """The validation loss: the terms that compare with the true picture, as training weighs them."""
        self.loss_tracker.update_state(self._weigh(self.losses_of(*batch)[0]))
        return {"loss": self.loss_tracker.result()}

    def _weigh(self, terms: dict[str, tf.Tensor]):
        weights = {name: getattr(self.settings, f"{name}_weight", 0.0) for name in terms}
        weights["features"] = self.settings.feature_weight
        return sum(weights[name] * value for name, value in terms.items() if weights[name])


def _update(optimizer, variables: list, tape, loss) -> None:
    """One step of Adam. Its size is not the gradients', so their sum over devices is as good as the mean."""
    gradients = tape.gradient(loss, variables)
    gradients = [  # layers of larger sizes have none yet
        tf.zeros(variable.shape) if gradient is None else gradient
        for gradient, variable in zip(gradients, variables, strict=True)
    ]
    optimizer.apply_gradients(zip(gradients, variables, strict=True))


@contextmanager
def computing_in(precision: str) -> Iterator[None]:
    """Layers that are made within compute in this precision: "float32", or "mixed_bfloat16", which keeps weights and
    losses in float32 and does the rest in half the bits (Kalamkar et al., A Study of BFLOAT16, 2019)."""
    if precision not in PRECISIONS:
        raise InputError(f"precision {precision!r} must be {' or '.join(PRECISIONS)}")
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(precision)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)
