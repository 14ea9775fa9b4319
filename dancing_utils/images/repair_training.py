"""Train the repair of what warping gives, for one dancer in minutes, from a base model that has seen others.

    pixel        mean absolute difference, the person counting more: of the repaired picture, and of her own one alone
    texture      how much detail there is in squares of 8 pixels, whatever it shows: else blur is the safest answer
    perceptual   VGG16's features of a window around a random landmark: half of them lie in face and hands
    adversarial  least squares over the patches of that window, by a discriminator that sees warp and limb maps, too;
                 and its inner features should agree (``adversarial`` has the papers)

Crops of a random place are trained on. Once the film's last tenth, which is not trained on, gets no better, training
stops. What is kept is the epoch that was best there.

Notebook: 07b_better_images.ipynb
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from dancing_utils import InputError
from dancing_utils.data.media import write_png
from dancing_utils.images.adversarial import AdversarialTrainer, computing_in, cut
from dancing_utils.images.film_frames import Pairs
from dancing_utils.images.perceptual import perceptual_loss
from dancing_utils.images.pixels import from_bytes, to_bytes
from dancing_utils.images.pose_gan import DRAWN_LIMBS, soft_limbs
from dancing_utils.images.repair_gan import FILE_NAME, RepairGAN, RepairSettings, compose, load, own_picture
from dancing_utils.pose.landmarks import N_LANDMARKS
from dancing_utils.tf import keras, tf
from dancing_utils.training import (
    digest,
    load_weights,
    prepare,
    read_settings,
    run_epochs,
    save_weights,
    weights_digest,
)  # fmt: skip

TERMS = ("discriminator", "adversarial", "features", "perceptual", "pixel", "own", "texture")
WINDOW = 64  # rows and columns of the windows in which VGG16 and the discriminator look
SQUARE = 8  # rows and columns of the squares in which detail is compared
SHOWN = 6  # held-out pictures in the sample


class RepairTrainer(AdversarialTrainer):
    """A RepairGAN in training, with one discriminator."""

    def __init__(self, model: RepairGAN):
        super().__init__(model, [6 + len(DRAWN_LIMBS)], TERMS)

    def losses_of(self, *batch, training: bool = False):
        warp, cover, real, plate, points = self._prepare(*batch)
        made = self.painter.look(warp, cover, points, training=training)
        picture, centres = compose(made, warp, plate), self._centres(points)

        def views():
            beside = [cut(one, centres, WINDOW) for one in (warp, self._limbs(points, warp.shape))]
            return [[tf.concat([cut(one, centres, WINDOW), *beside], -1)] for one in (real, picture)]

        return self.picture_terms(picture, own_picture(made, plate), real, plate, centres), views

    def _prepare(self, warps, reals, plates, points):
        """Bytes -> warp (B, rows, columns, 3), cover (..., 1), real and plate in [-1, 1], recoloured alike; points."""
        warp, real, plate = from_bytes(warps[..., :3]), from_bytes(reals), from_bytes(plates)
        if self.settings.recolour:
            warp, real, plate = self._recolour(warp, real, plate)
        return warp, tf.cast(warps[..., 3:], tf.float32) / 255, real, plate, points

    def _recolour(self, *pictures):
        """The same gain of each colour and the same exchange of colours for all pictures of a pair."""
        order = tf.argsort(keras.random.uniform((3,), seed=self.noise))
        shape = (tf.shape(pictures[0])[0], 1, 1, 3)
        gain = 1 + self.settings.recolour * keras.random.uniform(shape, -1.0, 0.5, seed=self.noise)
        return [tf.clip_by_value((tf.gather(one, order, axis=-1) + 1) * gain - 1, -1, 1) for one in pictures]

    def _centres(self, points):
        """A random landmark of each pose: (B, 1, 2)."""
        which = keras.random.randint((tf.shape(points)[0], 1), 0, N_LANDMARKS, seed=self.noise)
        return tf.gather(points, which, axis=1, batch_dims=1)

    @staticmethod
    def _limbs(points, shape):
        """Limb maps as large as the pictures."""
        return tf.image.resize(soft_limbs(points / 4, shape[1] // 4, shape[2] // 4), shape[1:3])

    def picture_terms(self, picture, own, real, plate, centres) -> dict[str, tf.Tensor]:
        """The losses that compare with the true picture, unweighted."""
        differs = tf.reduce_max(tf.abs(real - plate), -1, keepdims=True)
        importance = 1 + self.settings.person_weight * tf.minimum(1.0, 5 * differs)
        return {
            "pixel": tf.reduce_mean(importance * tf.abs(real - picture)),
            "own": tf.reduce_mean(importance * tf.abs(real - own)),
            "texture": tf.reduce_mean(importance * tf.abs(detail(real) - detail(picture))),
            "perceptual": perceptual_loss(self.vgg16, cut(real, centres, WINDOW), cut(picture, centres, WINDOW)),
        }


def detail(pictures):
    """How much neighbouring pixels differ around each pixel of (B, rows, columns, 3): (B, rows, columns, 1).

    The mean over colours and over squares of 8 pixels of ``|x - its left neighbour| + |x - the one above|``.
    """
    beside = tf.abs(pictures - tf.roll(pictures, 1, 1)) + tf.abs(pictures - tf.roll(pictures, 1, 2))
    return tf.nn.avg_pool2d(tf.reduce_mean(beside, -1, keepdims=True), SQUARE, 1, "SAME")


# --- batches -------------------------------------------------------------------------------------------------------


def crop_batch(pairs: Pairs, rows: np.ndarray, crop: tuple[int, int], rng: np.random.Generator | None) -> tuple:
    """Crops of some pairs: warp and cover, real, plate (n, h, w, ...) uint8, and points (n, 33, 2) in them.

    ``crop`` is (h, w), or as much of it as a picture has. ``rng`` draws the places; None takes the middle.
    """
    shape = np.minimum(crop, pairs.reals.shape[1:3])
    spare = np.array(pairs.reals.shape[1:3]) - shape
    at = spare // 2 * np.ones((len(rows), 1), int) if rng is None else rng.integers(0, spare + 1, (len(rows), 2))
    boxes = [(slice(r, r + shape[0]), slice(c, c + shape[1])) for r, c in at]
    places = pairs.corners[rows] + at
    plates = [pairs.plates[k, r : r + shape[0], c : c + shape[1]]
              for k, (r, c) in zip(pairs.which[rows], places, strict=True)]  # fmt: skip
    warps, reals = ([array[k][box] for k, box in zip(rows, boxes, strict=True)] for array in (pairs.warps, pairs.reals))
    points = pairs.points[rows] - at[:, None, ::-1].astype(np.float32)
    return np.stack(warps), np.stack(reals), np.stack(plates), points


def batches_of(pairs: Pairs, settings: RepairSettings, epoch: int) -> tf.data.Dataset:
    """One epoch: batches of random crops, drawn from the seed and the epoch's number."""
    rng, usable = np.random.default_rng([settings.seed, epoch]), np.flatnonzero(pairs.trained)
    order = np.concatenate([rng.permutation(usable) for _ in range(-(-_wanted(settings) // len(usable)))])

    def make():
        for k in range(settings.batches_an_epoch):
            yield crop_batch(pairs, order[k * settings.batch : (k + 1) * settings.batch], settings.crop, rng)

    return _dataset(make, pairs, settings, settings.batches_an_epoch)


def held_out_batches(pairs: Pairs, settings: RepairSettings) -> tf.data.Dataset:
    """The middles of the held-out pictures."""
    rows = np.flatnonzero(pairs.held_out)
    n = max(1, min(12, len(rows) // settings.batch))
    rows = rows[np.linspace(0, len(rows) - 1, n * settings.batch).astype(int)].reshape(n, -1)
    return _dataset(lambda: (crop_batch(pairs, some, settings.crop, None) for some in rows), pairs, settings, n)


def _wanted(settings: RepairSettings) -> int:
    return settings.batch * settings.batches_an_epoch


def _dataset(make: Callable, pairs: Pairs, settings: RepairSettings, n: int) -> tf.data.Dataset:
    rows, columns = np.minimum(settings.crop, pairs.reals.shape[1:3]).tolist()
    kinds = [((rows, columns, 4), tf.uint8), ((rows, columns, 3), tf.uint8), ((rows, columns, 3), tf.uint8),
             ((N_LANDMARKS, 2), tf.float32)]  # fmt: skip
    signature = tuple(tf.TensorSpec((settings.batch, *shape), kind) for shape, kind in kinds)
    made = tf.data.Dataset.from_generator(make, output_signature=signature)
    return made.apply(tf.data.experimental.assert_cardinality(n)).prefetch(2)


# --- training ------------------------------------------------------------------------------------------------------


def train(
    pairs: Pairs, run_dir: str | Path, settings: RepairSettings | None = None, *, made_for: str = "",
    start_from: str | Path | None = None, resume: bool = True, progress: bool = True,
) -> tuple[RepairGAN, list[dict[str, float]]]:  # fmt: skip
    """Train on pairs of warped and true pictures; write the best model, ``repair.npz``, to ``run_dir``.

    Parameters
    ----------
    made_for : of which dancer the warps are, ``dancers.fingerprint``; the file says so.
    start_from : a model that is trained on, say the base model of the sample.

    ``samples.png`` shows held-out pictures: warped, repaired, true. Returns the best model and the history, one entry
    an epoch. A stopped run goes on from its last whole epoch.

    Raises
    ------
    InputError
        If no pair is left to train on or to validate on, or ``start_from`` has another network.
    """
    settings = settings or RepairSettings()
    if not pairs.trained.any() or not pairs.held_out.any():
        raise InputError(f"{pairs.trained.sum()} frames to train on, {pairs.held_out.sum()} held out: film longer")
    prepare(settings.seed)
    with computing_in(settings.precision):
        model = RepairGAN(settings)
    if start_from is not None:
        theirs = read_settings(start_from, RepairSettings)
        shape = ("widths", "residual", "attention")
        if any(getattr(theirs, name) != getattr(settings, name) for name in shape):
            raise InputError(f"{start_from} has another network: {', '.join(shape)} must be the same to go on from it")
        load_weights(model, start_from)
    trainer, path = RepairTrainer(model), Path(run_dir) / FILE_NAME
    last = held_out_batches(pairs, settings)

    def validate():
        trainer.noise.state.assign([settings.seed, settings.epochs])  # the same windows every time
        return float(trainer.evaluate(last, verbose=0, return_dict=True)["loss"])

    def keep():
        save_weights(model, path, settings, made_for=made_for)

    def after(epoch, row):
        write_png(Path(run_dir) / "samples.png", sample(model, pairs))

    trained_on = {"data": digest(pairs.points, pairs.plates), "pairs": len(pairs.points), "start_from": "nothing"}
    if start_from is not None:
        trained_on["start_from"] = weights_digest(start_from)
    history = run_epochs(
        trainer, lambda epoch: batches_of(pairs, settings, epoch), epochs=settings.epochs, run_dir=run_dir,
        settings=settings, trained_on=trained_on, resume=resume, progress=progress, after_epoch=after,
        validate=validate, patience=settings.patience, keep_best=keep,
    )  # fmt: skip
    return load(path), history


def sample(model: RepairGAN, pairs: Pairs) -> np.ndarray:
    """Held-out pictures, warped above repaired above true: (3 rows, SHOWN columns, 3) uint8."""
    rows = np.flatnonzero(pairs.held_out)
    rows = rows[np.linspace(0, len(rows) - 1, min(SHOWN, len(rows))).astype(int)]
    warps, reals, plates, points = crop_batch(pairs, rows, pairs.reals.shape[1:3], None)
    warp, plate = from_bytes(warps[..., :3]), from_bytes(plates)
    made = model.look(warp, tf.cast(warps[..., 3:], tf.float32) / 255, tf.constant(points))
    repaired = to_bytes(compose(made, warp, plate)).numpy()
    return np.vstack([np.hstack(list(row)) for row in (warps[..., :3], repaired, reals)])
