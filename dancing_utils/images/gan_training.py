"""Train the Pose GAN: discriminators, losses, and the growing from 80 x 48 to 640 x 384.

    discriminators  two mark patches of the picture with its limb maps, one at full and one at half size (at most
                    320 x 192); a third looks at face and hands alone, cut out at full size
    adversarial     over all their patches, and
    features        their inner features, as ``adversarial`` has both
    perceptual      VGG16's features: of the whole picture while it is small, then of a window around a random landmark
    pixel           mean absolute difference, the person counting more
    detail          pixel and perceptual loss of face and hands
    motion          mean absolute difference of the changes between two successive frames

At the two larger sizes ``pose_correction`` moves the landmarks of the training pictures every ``correct_every`` epochs.

Every epoch has a stage: the size it trains. A new size is faded in (Karras et al., 2017). Once the last size gets no
better on pairs kept for validation, training stops.

Notebook: 07b_better_images.ipynb
"""

from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import cv2
import numpy as np
from tqdm.auto import tqdm

from dancing_utils import HEIGHT, WIDTH, InputError
from dancing_utils.data.batches import load_pairs, shuffled_batches
from dancing_utils.data.dataset import read_clips
from dancing_utils.data.media import write_png
from dancing_utils.images import pose_correction
from dancing_utils.images.adversarial import AdversarialTrainer, computing_in, cut
from dancing_utils.images.perceptual import perceptual_loss
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
from dancing_utils.tf import keras, tf
from dancing_utils.training import (
    digest,
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


def to_stage(poses, stage: int):
    """Poses (..., 33, 2) in units of the picture -> pixels of a stage's picture, side columns included."""
    scale = SIZES[stage][0] / SIZES[-1][0]
    return scale * (poses * np.array([WIDTH, HEIGHT], np.float32) + np.array([SIDE_COLUMNS, 0], np.float32))


def centres_of_details(poses, stage: int):
    """Poses (B, 33, 2) -> middles of face, left and right hand in the pixels of a stage (B, 3, 2)."""
    points = to_stage(poses, stage)
    return tf.stack([tf.reduce_mean(tf.gather(points, part, axis=1), 1) for part in (FACE, *HANDS)], 1)


class GANTrainer(AdversarialTrainer):
    """A PoseGAN in training: three discriminators, and the landmarks' corrections."""

    def __init__(self, model: PoseGAN, n_pairs: int):
        super().__init__(model, [3 + len(DRAWN_LIMBS), 3 + len(DRAWN_LIMBS), 3], TERMS)
        shape = (n_pairs, N_LANDMARKS, 2)  # pixels that are added to each pair's landmarks
        self.corrections = self.add_weight(shape=shape, initializer="zeros", trainable=False, name="corrections")
        self.stage = -1

    def begin_epoch(self, epoch: int) -> None:
        """Set what an epoch's number decides: stage, fade, learning rate, noise; so a resumed run repeats."""
        super().begin_epoch(epoch)
        stage = stage_of(epoch, self.settings)
        if stage != self.stage:
            self.stage = stage
            self.make_train_function(force=True)
        self.painter.generator.fade.assign(fade_of(epoch, self.settings))

    def losses_of(self, *batch, training: bool = False):
        poses, real, maps = self._prepare(*batch)
        fake = self.painter.paint(maps, self.stage, training=training)  # (B, rows, columns, 3)
        return self.picture_terms(poses, real, fake), lambda: [self._views(poses, maps, one) for one in (real, fake)]

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

    ``pose_gan.npz`` is written after every epoch that is the best so far (before the last size: after every epoch).
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
    shown = np.linspace(0, len(poses) - 1, 6).astype(int)

    def keep():
        save_weights(model, path, settings, body=model.body, seen=seen)

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
    return load(path), history  # in float32


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
