"""Train the Pose GAN: discriminators, losses, and the growing from 80 x 48 to 640 x 384.

    discriminators  two mark patches of the picture with its limb maps, one at full and one at half size (at most
                    320 x 192); a third looks at face and hands alone, cut out at full size
    adversarial     least squares (Mao et al., 2016, https://arxiv.org/abs/1611.04076) over all their patches
    features        their inner features of the painted and the true picture should agree (Wang et al., pix2pixHD,
                    2017, https://arxiv.org/abs/1711.11585)
    perceptual      VGG16's features: of the whole picture while it is small, then of a window around a random landmark
    pixel           mean absolute difference, the person counting more
    detail          pixel and perceptual loss of face and hands
    motion          mean absolute difference of the changes between two successive frames

At the two larger sizes ``pose_correction`` moves the landmarks of the training pictures every ``correct_every`` epochs.

Every epoch has a stage: the size it trains. A new size is faded in (Karras et al., 2017). Once the last size gets no
better on pairs kept for validation, training stops.

Notebook: 07b_better_images.ipynb
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import cv2
import numpy as np
from tqdm.auto import tqdm

from dancing_utils import HEIGHT, WIDTH, InputError
from dancing_utils.data.batches import load_pairs, shuffled_batches
from dancing_utils.data.dataset import read_clips
from dancing_utils.data.media import write_png
from dancing_utils.images import painting, pose_correction
from dancing_utils.images.perceptual import build_vgg16, perceptual_loss
from dancing_utils.images.pixels import from_bytes, to_bytes
from dancing_utils.images.pose_gan import (
    DRAWN_LIMBS,
    FILE_NAME,
    SIDE_COLUMNS,
    SIZES,
    GANSettings,
    PoseGAN,
    load,
    widen,
)
from dancing_utils.pose.body import measure_body
from dancing_utils.pose.landmarks import FACE, HANDS, N_LANDMARKS
from dancing_utils.tf import keras, layers, tf
from dancing_utils.training import (
    digest,
    learning_rate_of,
    load_weights,
    prepare,
    read_seen,
    read_settings,
    run_epochs,
    save_weights,
    weights_digest,
)  # fmt: skip

TERMS = ("discriminator", "adversarial", "features", "perceptual", "pixel", "detail", "motion")
LARGEST_WHOLE = 2  # stage: discriminators see whole pictures at 320 x 192 at most, since the third sees the details
WINDOW = 96  # rows and columns of the windows in which VGG16 looks at large pictures
DETAIL = 48  # rows and columns of face and hands at full size: a head with hair, a hand with fingers spread
PRECISIONS = ("float32", "mixed_bfloat16")


def stage_of(epoch: int, settings: GANSettings) -> int:
    """The stage, 0 to 3, that an epoch trains."""
    last = len(settings.stages) - 1
    if not settings.progressive:
        return last
    return min(int(np.searchsorted(np.cumsum([n for n, _ in settings.stages]), epoch, side="right")), last)


def fade_of(epoch: int, settings: GANSettings) -> np.ndarray:
    """How far each size has come in, (4,) of 0 to 1: a new one in equal steps, whole after ``fade_epochs``."""
    fade, stage = np.ones(4, np.float32), stage_of(epoch, settings)
    if settings.progressive and stage > 0:
        since = epoch - sum(n for n, _ in settings.stages[:stage])
        fade[stage] = min(1.0, (since + 1) / (settings.fade_epochs + 1))
    return fade


def corrects(epoch: int, settings: GANSettings) -> bool:
    """Are landmarks corrected before this epoch? Every ``correct_every`` at the larger sizes, but not at once."""
    late = epoch > 0 and stage_of(epoch, settings) >= pose_correction.STAGE
    return bool(late and settings.correct_every and epoch % settings.correct_every == 0)


def build_discriminator(channels: int) -> keras.Model:
    """A patch discriminator: pictures (B, rows, columns, channels) -> [a mark a patch, features of each layer]."""
    picture = x = keras.Input((None, None, channels))
    features = []
    for filters in (32, 64, 128):
        x = layers.LeakyReLU(0.2)(layers.Conv2D(filters, 4, strides=2, padding="same")(x))
        features.append(x)
    return keras.Model(picture, [layers.Conv2D(1, 3, padding="same", dtype="float32")(x), *features])


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


def to_stage(poses, stage: int):
    """Poses (..., 33, 2) in units of the picture -> pixels of a stage's picture, side columns included."""
    scale = SIZES[stage][0] / SIZES[-1][0]
    return scale * (poses * np.array([WIDTH, HEIGHT], np.float32) + np.array([SIDE_COLUMNS, 0], np.float32))


def centres_of_details(poses, stage: int):
    """Poses (B, 33, 2) -> middles of face, left and right hand in the pixels of a stage (B, 3, 2)."""
    points = to_stage(poses, stage)
    return tf.stack([tf.reduce_mean(tf.gather(points, part, axis=1), 1) for part in (FACE, *HANDS)], 1)


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


def update(optimizer, variables: list, tape, loss) -> None:
    """One step of Adam. Its size is not the gradients', so their sum over devices is as good as the mean."""
    gradients = tape.gradient(loss, variables)
    gradients = [  # layers of larger sizes have none yet
        tf.zeros(variable.shape) if gradient is None else gradient
        for gradient, variable in zip(gradients, variables, strict=True)
    ]
    optimizer.apply_gradients(zip(gradients, variables, strict=True))


class GANTrainer(keras.Model):
    """A PoseGAN with all that only its training needs: discriminators, VGG16, optimizers, the training step."""

    def __init__(self, model: PoseGAN, n_pairs: int):
        super().__init__()
        settings = self.settings = model.settings
        self.painter, self.vgg16 = model, build_vgg16(settings.vgg_weights)
        self.discriminators = [build_discriminator(n) for n in (3 + len(DRAWN_LIMBS), 3 + len(DRAWN_LIMBS), 3)]
        self.noise = keras.random.SeedGenerator(settings.seed)
        shape = (n_pairs, N_LANDMARKS, 2)  # pixels that are added to each pair's landmarks
        self.corrections = self.add_weight(shape=shape, initializer="zeros", trainable=False, name="corrections")
        self.trackers = {name: keras.metrics.Mean(name=name) for name in TERMS}
        self.loss_tracker = keras.metrics.Mean(name="loss")
        self.g_optimizer = keras.optimizers.Adam(settings.learning_rate, beta_1=0.5)
        self.d_optimizer = keras.optimizers.Adam(settings.discriminator_learning_rate, beta_1=0.5)
        self.g_optimizer.build(self.painter.trainable_variables)
        self.d_optimizer.build(self._of_discriminators())
        self.stage = -1
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
        """Set what an epoch's number decides: stage, fade, learning rate, noise; so a resumed run repeats."""
        settings, stage = self.settings, stage_of(epoch, self.settings)
        if stage != self.stage:
            self.stage = stage
            self.make_train_function(force=True)
        self.painter.generator.fade.assign(fade_of(epoch, settings))
        self.noise.state.assign([settings.seed, epoch])
        self.g_optimizer.learning_rate = learning_rate_of(epoch, settings)

    def train_step(self, batch):
        poses, real, maps = self._prepare(*batch)
        with tf.GradientTape() as g_tape, tf.GradientTape() as d_tape:
            fake = self.painter.paint(maps, self.stage, training=True)  # (B, rows, columns, 3)
            terms = self.picture_terms(poses, real, fake)
            if self.settings.adversarial_weight:
                views = (self._views(poses, maps, picture) for picture in (real, fake))
                terms |= adversarial_terms(self.discriminators, *views)
            g_loss = self._weigh(terms)
        update(self.g_optimizer, self.painter.trainable_variables, g_tape, g_loss)
        if self.settings.adversarial_weight:
            update(self.d_optimizer, self._of_discriminators(), d_tape, terms["discriminator"])
        for name, value in terms.items():
            self.trackers[name].update_state(value)
        return {name: self.trackers[name].result() for name in terms}

    def test_step(self, batch):
        """The validation loss: the terms that compare with the true picture, as training weighs them."""
        poses, real, maps = self._prepare(*batch)
        terms = self.picture_terms(poses, real, self.painter.paint(maps, self.stage))
        self.loss_tracker.update_state(self._weigh(terms))
        return {"loss": self.loss_tracker.result()}

    def _weigh(self, terms: dict[str, tf.Tensor]):
        weights = {name: getattr(self.settings, f"{name}_weight", 0.0) for name in terms}
        weights["features"] = self.settings.feature_weight
        return sum(weights[name] * value for name, value in terms.items() if weights[name])

    def _prepare(self, which, poses, real):
        """A batch of pairs -> poses (B, 33, 2), pictures (B, rows, columns, 3) in [-1, 1], limb maps of shaken ones."""
        poses = poses + tf.gather(self.corrections, which)[:, None] / np.array([WIDTH, HEIGHT], np.float32)
        shape = (tf.shape(poses)[0], 1, N_LANDMARKS, 2)  # both frames of a pair are shaken alike
        shaken = poses + self.settings.pose_noise * keras.random.normal(shape, seed=self.noise)
        real = tf.reshape(from_bytes(real), (-1, *SIZES[self.stage], 3))
        poses, shaken = (tf.reshape(p, (-1, N_LANDMARKS, 2)) for p in (poses, shaken))
        return poses, real, self.painter.limb_maps(shaken)

    def picture_terms(self, poses, real, fake) -> dict[str, tf.Tensor]:
        """The losses that compare a picture with the true one, unweighted."""
        first, second = tf.unstack(tf.reshape(fake - real, (-1, 2, *fake.shape[1:])), axis=1)  # of each pair
        terms = {
            "pixel": tf.reduce_mean(self.painter.importance(real, self.stage) * tf.abs(real - fake)),
            "perceptual": perceptual_loss(self.vgg16, *self._windows(poses, real, fake)),
            "motion": tf.reduce_mean(tf.abs(second - first)),
        }
        if self.settings.detail_weight and self._has_details():
            a, b = (self._details(poses, picture) for picture in (real, fake))
            terms["detail"] = (
                self.settings.pixel_weight * tf.reduce_mean(tf.abs(a - b))
                + self.settings.perceptual_weight * perceptual_loss(self.vgg16, a, b)
            )  # fmt: skip
        return terms

    def _has_details(self) -> bool:
        return self.stage >= 2  # a face of 6 pixels has none

    def _details(self, poses, pictures):
        side = DETAIL * SIZES[self.stage][0] // SIZES[-1][0]
        return cut(pictures, centres_of_details(poses, self.stage), side)  # (3 B, side, side, 3)

    def _views(self, poses, maps, pictures) -> list:
        """What each discriminator sees of the pictures: (B, ...) with limb maps, twice; face and hands."""
        size = SIZES[min(self.stage, LARGEST_WHOLE)]
        both = tf.concat([tf.image.resize(x, size) for x in (pictures, maps)], -1)
        views = [both, tf.nn.avg_pool2d(both, 2, 2, "VALID")]
        details = self.settings.detail_weight and self._has_details()
        return [*views, self._details(poses, pictures)] if details else views

    def _windows(self, poses, *pictures) -> list:
        """Small pictures whole; of large ones the same window of 96 x 96 pixels around a random landmark."""
        if self.stage < 2:
            return list(pictures)
        which = keras.random.randint((tf.shape(poses)[0], 1), 0, N_LANDMARKS, seed=self.noise)
        centres = tf.gather(to_stage(poses, self.stage), which, axis=1, batch_dims=1)  # (B, 1, 2)
        return [cut(picture, centres, WINDOW) for picture in pictures]


def shrink(pictures: np.ndarray, stage: int) -> np.ndarray:
    """Pictures (N, frames, 640, 384, 3) uint8 -> the size of a stage, by area averaging."""
    if stage == len(SIZES) - 1:
        return pictures
    small = np.empty((*pictures.shape[:2], *SIZES[stage], 3), np.uint8)
    for i, j in np.ndindex(*pictures.shape[:2]):
        small[i, j] = cv2.resize(pictures[i, j], SIZES[stage][::-1], interpolation=cv2.INTER_AREA)
    return small


def train(
    data: str | Path, run_dir: str | Path, settings: GANSettings | None = None, *, resume: bool = True,
    progress: bool = True, start_from: str | Path | None = None, devices: list[str] | None = None,
    after_epoch: Callable[[PoseGAN, int], None] | None = None,
) -> tuple[PoseGAN, list[dict[str, float]]]:  # fmt: skip
    """Train on pairs of successive frames with a person; write the model and samples to ``run_dir``.

    Parameters
    ----------
    start_from : another dancer's ``pose_gan.npz`` whose generator is trained on; its background is learned anew.
    devices : that share each batch (``tf.distribute.MirroredStrategy``); None: all GPUs, or the CPU without any.

    ``pose_gan.npz`` is written after every epoch that is the best so far (before the last size: after every epoch),
    ``pose_gan.tflite``, its int8 form, at the end.
    ``samples_STAGE.png``, written after every epoch of that stage, shows six poses painted above their true pictures.
    What looks like a collapse is said. Returns the best model and the history, one entry an epoch. A stopped run goes
    on from its last whole epoch.
    """
    settings = settings or GANSettings()
    prepare(settings.seed)
    poses, pictures = load_pairs(data, n=settings.pictures // 2, smooth_hz=settings.smooth_hz, prepare=widen)
    n = len(poses) - int(settings.validation_share * len(poses))  # the film's last pairs are for validation
    with _shared_by(devices), computing_in(settings.precision):
        model = PoseGAN(settings)
        if start_from is not None:
            _start_from(model, start_from)
        model.body = measure_body(poses.reshape(-1, N_LANDMARKS, 2))
        some = slice(None, None, max(1, len(pictures) // 120))
        model.background.learn(pictures[some, 0, :, SIDE_COLUMNS:-SIDE_COLUMNS], poses[some, 0])
        trainer, small = GANTrainer(model, len(poses)), {}

    def correct(epoch):
        if corrects(epoch, settings):
            trainer.corrections.assign(corrected(np.asarray(trainer.corrections)))

    def batches(epoch):
        stage = stage_of(epoch, settings)
        if stage not in small:
            small.clear()
            small[stage] = shrink(pictures, stage)
        size = {"batch_size": settings.stages[stage][1] // 2, "seed": settings.seed, "epoch": epoch}
        return shuffled_batches(np.arange(n), poses[:n], small[stage][:n], **size).take(settings.batches_an_epoch)

    def corrected(now):
        medium = shrink(pictures[:, :1], pose_correction.STAGE)[:, 0]  # of each pair its first picture
        parts = [part for part in (slice(0, n), slice(n, None)) if len(poses[part])]  # to train on, to validate on
        return np.concatenate([
            pose_correction.correct_poses(model, poses[part, 0], medium[part], now[part], progress=progress)
            for part in parts
        ])  # fmt: skip

    def validate():
        if trainer.stage < len(SIZES) - 1 or n == len(poses):
            return None  # a loss at another size says nothing about this one
        trainer.noise.state.assign([settings.seed, settings.epochs])  # the same windows every time
        size = {"batch_size": settings.stages[trainer.stage][1] // 2, "seed": settings.seed, "epoch": 0}
        last = shuffled_batches(np.arange(n, len(poses)), poses[n:], small[trainer.stage][n:], **size)
        return float(trainer.evaluate(last, verbose=0, return_dict=True)["loss"])

    seen = {clip.content for clip in read_clips(data)}
    trained_on = {"data": digest(poses, pictures), "pairs": len(poses), "start_from": "nothing"}
    if start_from is not None:
        seen |= read_seen(start_from) or set()
        trained_on["start_from"] = weights_digest(start_from)
    path = Path(run_dir) / FILE_NAME
    int8 = path.with_suffix(".tflite")
    shown = np.linspace(0, len(poses) - 1, 6).astype(int)

    def keep():
        save_weights(model, path, settings, body=model.body, seen=seen)
        int8.unlink(missing_ok=True)  # of earlier weights

    def after(epoch, row):
        made = paint_samples(trainer, poses[shown, 0])
        write_samples(made, pictures[shown, 0], Path(run_dir) / f"samples_{trainer.stage}.png")
        if trouble := collapse_of(row, made):
            tqdm.write(f"epoch {epoch}: {trouble}")
        if after_epoch is not None:
            after_epoch(model, epoch)

    history = run_epochs(
        trainer, batches, epochs=settings.epochs, run_dir=run_dir, settings=settings, trained_on=trained_on,
        resume=resume, progress=progress, before_epoch=correct, after_epoch=after, validate=validate,
        patience=settings.patience, keep_best=keep,
    )  # fmt: skip
    painting.export(path, poses[:, 0])
    return load(path), history  # in float32


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


def _shared_by(devices: list[str] | None):
    """The scope in which a model is made that several devices train together."""
    devices = devices or [device.name for device in tf.config.list_logical_devices("GPU")]
    return tf.distribute.MirroredStrategy(devices).scope() if len(devices) > 1 else nullcontext()


def _start_from(model: PoseGAN, path: str | Path) -> None:
    theirs = read_settings(path, GANSettings)
    shape = ("widths", "half_width", "residual", "attention")
    if any(getattr(theirs, name) != getattr(model.settings, name) for name in shape):
        raise InputError(f"{path} has another generator: {', '.join(shape)} must be the same to go on from it")
    load_weights(model, path)


def collapse_of(row: dict[str, float], made: np.ndarray) -> str | None:
    """What looks like a collapse, in words, or None: an epoch's losses, its samples (n, rows, columns, 3) uint8."""
    marks = row.get("discriminator", 1.0)  # 0.25 where the discriminators can only guess
    if marks < 0.01:
        return (
            f"the discriminators are never wrong (discriminator loss {marks:.3f}) and teach nothing: "
            "lower discriminator_learning_rate, or raise pixel_weight"
        )
    spread = float(made.astype(np.float32).std(0).max())
    if spread < 8:
        return f"all poses look alike (grey levels differ by {spread:.1f} at most): lower adversarial_weight"
    return None


def paint_samples(trainer: GANTrainer, poses: np.ndarray) -> np.ndarray:
    """Pictures (n, rows, columns, 3) uint8 of poses (n, 33, 2) at the stage in training."""
    painter = trainer.painter
    return to_bytes(painter.paint(painter.limb_maps(tf.constant(poses)), trainer.stage)).numpy()


def write_samples(made: np.ndarray, pictures: np.ndarray, path: Path) -> None:
    """What was painted, enlarged, above the true pictures (n, 640, 384, 3), as one PNG."""
    large = [cv2.resize(picture, SIZES[-1][::-1], interpolation=cv2.INTER_NEAREST) for picture in made]
    grid = np.concatenate([np.concatenate(list(row), 1) for row in (large, pictures)], 0)
    write_png(path, grid)
