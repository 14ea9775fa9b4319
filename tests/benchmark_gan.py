"""What each idea of the Pose GAN buys: python tests/benchmark_gan.py TRAINING.h5

Trains the model anew for each line below, 600 steps up to 160 x 96 (some minutes on 2 cores), and measures its
enlarged pictures on the sample's held-out clips. The second line shows what chance does. Results go to
outputs/benchmark_gan/images.csv; a line that is there is not done again, and a stopped training goes on.
"""

import argparse
import csv
from dataclasses import replace
from pathlib import Path

from dancing_utils import cli, evaluate_images, gan_training, painters, pose_gan

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


def done() -> set[str]:
    """Names of the lines measured so far."""
    path = OUTPUT / "images.csv"
    return {row["run"] for row in csv.DictReader(path.open())} if path.exists() else set()


def run(name: str, data: Path, step: int, precision: str, changes: dict) -> None:
    """Train and measure one line, and add it to the table."""
    folder = OUTPUT / name.replace(" ", "_")
    gan_training.train(data, folder, replace(pose_gan.GANSettings(stages=STAGES, precision=precision), **changes))
    paint = painters.gan_paint(pose_gan, folder / pose_gan.FILE_NAME)
    named = {"truth": lambda shots: shots.pictures, "model": painters.from_poses(paint)}
    clips = sorted((cli.SAMPLE / "held_out").glob("*.mp4"))
    table = evaluate_images.measure(clips, named, step=step).table["model"]
    row = {"run": name} | {measure: f"{value:.3f}" for measure, value in table.items()}
    new = not (OUTPUT / "images.csv").exists()
    with open(OUTPUT / "images.csv", "a", newline="") as file:
        writer = csv.DictWriter(file, row)
        if new:
            writer.writeheader()
        writer.writerow(row)
    print(row)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="the file that `dance extract data_sample/clips` makes")
    parser.add_argument("--step", type=int, default=15, help="measure every so many frames")
    parser.add_argument("--precision", default="float32", help="mixed_bfloat16 is faster on newer processors")
    options = parser.parse_args()
    OUTPUT.mkdir(parents=True, exist_ok=True)
    for name, changes in IDEAS.items():
        if name not in done():
            run(name, options.data, options.step, options.precision, changes)


if __name__ == "__main__":
    main()
