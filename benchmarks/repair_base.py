"""Train the base model of mending: python benchmarks/repair_base.py NAME ... -o FOLDER [--dancers FOLDER]

From several dancers that were learned by `dance learn FILM --name NAME --train`, 200 frames of each. Colours are
changed at random, so that no clothes are learned by heart. Writes FOLDER/repair.npz; a stopped training goes on.
`benchmarks/repair.py` measures it on a dancer who is not among them.
"""

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np

from dancing_utils import dancers
from dancing_utils.images import film_frames, repair_training
from dancing_utils.images.repair_gan import FILE_NAME, RepairSettings
from dancing_utils.training import save_weights

SETTINGS = RepairSettings(recolour=0.3, epochs=20, batches_an_epoch=60, patience=20)
FRAMES = 200  # of each dancer


def pairs_of(dancer: dancers.Dancer) -> film_frames.Pairs:
    """Pairs of ``FRAMES`` frames of a dancer, spread evenly."""
    frames = film_frames.load(dancers.film_folder(dancer.folder) / film_frames.FILE_NAME)
    some = film_frames.choose(np.ones(len(frames.poses), bool), most=FRAMES)
    arrays = {name: getattr(frames, name)[some] for name in ("pictures", "corners", "poses", "depth", "numbers")}
    warper = dancers.open_painter(dancer.folder, repair=False).warper
    return film_frames.make_pairs(replace(frames, **arrays), warper)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="+")
    parser.add_argument("-o", "--output", type=Path, required=True, help="folder for checkpoints and the model")
    parser.add_argument("--dancers", type=Path, help="folder of dancers")
    parser.add_argument("--precision", default="float32", help="mixed_bfloat16 is faster on newer processors")
    chosen = parser.parse_args()
    found = [dancers.find(name, chosen.dancers) for name in chosen.names]
    settings = replace(SETTINGS, precision=chosen.precision)
    pairs = film_frames.together([pairs_of(dancer) for dancer in found])
    model, history = repair_training.train(pairs, chosen.output, settings)
    seen = {film["content"] for dancer in found for film in dancer.films}
    save_weights(model, chosen.output / FILE_NAME, settings, seen=seen)
    print(f"{chosen.output / FILE_NAME}: {history[-1]}")


if __name__ == "__main__":
    main()
