"""The Pose GAN against a plain U-Net at 640 x 384: python benchmarks/unet.py TRAINING.h5

The plain U-Net gets the same limb maps, background, mask, losses and pictures; only the network between is plain: no
short cuts, no attention, not grown, painting at full size throughout. It trains for ``--epochs`` of 100 steps; a
training that was stopped goes on. Then both are measured on the sample's held-out clips, and their pictures a second
in one run.
"""

import argparse
import time
from pathlib import Path

import numpy as np
from images import rate

from dancing_utils.data.batches import load_pairs, shuffled_batches
from dancing_utils.evaluation import evaluate_images, painters, truth
from dancing_utils.evaluation.tables import print_table
from dancing_utils.files import SAMPLE, SHIPPED
from dancing_utils.images import painting, pose_gan
from dancing_utils.images.adversarial import computing_in
from dancing_utils.images.gan_training import GANTrainer
from dancing_utils.tf import keras, layers, tf
from dancing_utils.training import digest, load_weights, prepare, run_epochs, save_weights

WIDTHS = (8, 16, 32, 64, 96, 128)  # from 640 x 384 down
OUTPUT = Path("outputs/benchmark_unet")


class PlainUNet(keras.Model):
    """Limb maps -> colour and mask (B, 640, 384, 4) by a U-Net (Ronneberger et al., 2015) that works at full size."""

    def __init__(self, _: pose_gan.GANSettings):
        super().__init__(dtype="float32")
        self.fade = self.add_weight(shape=(4,), initializer="ones", trainable=False, name="fade")  # nothing is grown
        maps = x = keras.Input((*pose_gan.SIZES[-1], len(pose_gan.DRAWN_LIMBS)))
        seen = []
        for n in WIDTHS:
            x = _twice(x, n)
            seen.append(x)
            x = layers.MaxPooling2D(2)(x) if n != WIDTHS[-1] else x
        for n, beside in zip(WIDTHS[-2::-1], seen[-2::-1], strict=True):
            x = _twice(layers.Concatenate()([layers.UpSampling2D(2, interpolation="bilinear")(x), beside]), n)
        self.network = keras.Model(maps, layers.Conv2D(4, 3, padding="same", dtype="float32")(x))

    def call(self, maps, stage: int = 3, training: bool = False):
        return self.network(tf.image.resize(maps, pose_gan.SIZES[stage]), training=training)


def _twice(x, n: int):
    for _ in range(2):
        x = layers.ReLU()(layers.BatchNormalization(momentum=0.95)(layers.Conv2D(n, 3, padding="same")(x)))
    return x


class PlainPainter(pose_gan.PoseGAN):
    """Painted by the plain U-Net instead."""

    make_generator = PlainUNet


def train(data: Path, settings: pose_gan.GANSettings, path: Path) -> None:
    """``gan_training.train`` without what is grown, picked and exported."""
    prepare(settings.seed)
    poses, pictures = load_pairs(
        data, n=settings.pictures // 2, smooth_hz=settings.smooth_hz, prepare=pose_gan.widen
    )  # fmt: skip
    with computing_in(settings.precision):
        trainer = GANTrainer(PlainPainter(settings), len(poses))
    shipped = pose_gan.load(SHIPPED["gan"])
    trainer.painter.background.picture.assign(shipped.background.picture)

    def batches(epoch):
        size = {"batch_size": settings.stages[-1][1] // 2, "seed": settings.seed, "epoch": epoch}
        return shuffled_batches(np.arange(len(poses)), poses, pictures, **size).take(settings.batches_an_epoch)

    run_epochs(
        trainer, batches, epochs=settings.epochs, run_dir=path.parent, settings=settings,
        trained_on={"data": digest(poses, pictures)}, keep_best=lambda: save_weights(trainer.painter, path, settings),
    )  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="the file that `dance extract data_sample/clips` makes")
    parser.add_argument("--epochs", type=int, default=20, help="of 100 steps each")
    parser.add_argument("--step", type=int, default=10, help="measure every so many frames")
    parser.add_argument("--precision", default="float32", help="mixed_bfloat16 is faster on newer processors")
    options = parser.parse_args()

    stages = ((0, 8), (0, 8), (0, 4), (options.epochs, 4))
    settings = pose_gan.GANSettings(progressive=False, stages=stages, precision=options.precision)
    path, start = OUTPUT / pose_gan.FILE_NAME, time.perf_counter()
    train(options.data, settings, path)
    print(f"trained to {settings.epochs} epochs, {(time.perf_counter() - start) / 60:.0f} minutes of them now")

    plain = load_weights(PlainPainter(settings), path)
    grown, fast = pose_gan.load(SHIPPED["gan"]), painting.FastPainter(SHIPPED["gan"])
    poses = truth.landmarks_of(SAMPLE / "held_out" / "held_out_1.mp4")[:160]

    def by(model):
        return lambda poses: np.concatenate([pose_gan.render(model, poses[i : i + 8]) for i in range(0, len(poses), 8)])

    named = {"plain U-Net": by(plain), "Pose GAN": by(grown), "Pose GAN, int8": lambda p: np.stack(list(fast.paint(p)))}
    clips = sorted((SAMPLE / "held_out").glob("*.mp4"))
    scored = {"truth": lambda pairs: pairs.pictures} | {
        name: painters.from_poses(paint) for name, paint in named.items()
    }
    table = evaluate_images.measure(clips, scored, step=options.step).table
    for name, paint in named.items():
        table[name]["speed"] = rate(paint, poses)
    table["truth"]["speed"] = float("nan")
    measures = evaluate_images.MEASURES | {"speed": "pictures a second, pose to picture"}
    print_table(table, measures=measures, digits=3)


if __name__ == "__main__":
    main()
