"""What each idea of the Pose GAN buys: python benchmarks/gan.py TRAINING.h5; how long a step takes: --speed

Trains the model anew for each line below, 600 steps up to 160 x 96 (some minutes on 2 cores), and measures its
enlarged pictures on the sample's held-out clips. The second line shows what chance does. Results go to
outputs/benchmark_gan/images.csv; a line that is there is not done again, and a stopped training goes on.
"""

import argparse
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
from motion import add_row, read_rows

from dancing_utils.evaluation import evaluate_images, painters
from dancing_utils.files import SAMPLE
from dancing_utils.images import adversarial, gan_training, pose_gan
from dancing_utils.tf import tf

IDEAS = {
    "all of it": {},
    "all, another seed": {"seed": 1},
    "no attention": {"attention": False},
    "no short cuts": {"residual": False},
    "not grown": {"progressive": False},
    "no mask": {"mask": False},
    "no discriminators": {"adversarial_weight": 0.0},
    "no perceptual loss": {"perceptual_weight": 0.0},
    "no motion loss": {"motion_weight": 0.0},
    "poses shaken more": {"pose_noise": 0.002},
}
STAGES = ((3, 8), (3, 8))
OUTPUT = Path("outputs/benchmark_gan")
TABLE = OUTPUT / "images.csv"


def run(name: str, data: Path, step: int, precision: str, changes: dict) -> None:
    """Train and measure one line, and add it to the table."""
    folder = OUTPUT / name.replace(" ", "_")
    settings = replace(pose_gan.GANSettings(stages=STAGES, precision=precision), **changes)
    model, _ = gan_training.train(data, folder, settings)
    paint = painters.gan_paint(pose_gan, model)
    named = {"truth": lambda pairs: pairs.pictures, "model": painters.from_poses(paint)}
    clips = sorted((SAMPLE / "held_out").glob("*.mp4"))
    table = evaluate_images.measure(clips, named, step=step).table["model"]
    row = {"run": name} | {measure: f"{value:.3f}" for measure, value in table.items()}
    add_row(TABLE, row)
    print(row)


def speed(steps: int = 5) -> None:
    """Print the seconds of a training step, at each size and in each precision."""
    rng = np.random.default_rng(0)
    for stage, (rows, columns) in enumerate(pose_gan.SIZES):
        batch = pose_gan.GANSettings().stages[stage][1]
        poses = tf.constant(rng.uniform(size=(batch // 2, 2, 33, 2)), tf.float32)
        pictures = tf.constant(rng.integers(0, 256, (batch // 2, 2, rows, columns, 3)), tf.uint8)
        pairs = (tf.range(batch // 2), poses, pictures)
        times = {}
        for precision in adversarial.PRECISIONS:
            with adversarial.computing_in(precision):
                trainer = gan_training.GANTrainer(pose_gan.PoseGAN(), batch // 2)
            trainer.stage, step = stage, tf.function(trainer.train_step)
            step(pairs)  # compiles
            start = time.perf_counter()
            for _ in range(steps):
                step(pairs)
            times[precision] = (time.perf_counter() - start) / steps
        said = ", ".join(f"{precision} {seconds:.2f} s" for precision, seconds in times.items())
        print(f"{rows} x {columns}, batch of {batch}: {said}, ratio {times['mixed_bfloat16'] / times['float32']:.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, nargs="?", help="the file that `dance extract data_sample/clips` makes")
    parser.add_argument("--speed", action="store_true", help="only print how long a training step takes")
    parser.add_argument("--step", type=int, default=15, help="measure every so many frames")
    parser.add_argument("--precision", default="float32", help="mixed_bfloat16 is faster on newer processors")
    options = parser.parse_args()
    if options.speed:
        return speed()
    if options.data is None:
        parser.error("give TRAINING.h5, or --speed")
    for name, changes in IDEAS.items():
        if name not in read_rows(TABLE):
            run(name, options.data, options.step, options.precision, changes)


if __name__ == "__main__":
    main()
