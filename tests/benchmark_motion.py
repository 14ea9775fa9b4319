"""What each idea of the LSTM-VAE buys, and what more songs buy: python tests/benchmark_motion.py CORPUS.h5

Trains the model anew for each line below, with the same number of steps (16 epochs: about eight minutes on 2 cores),
and measures its dances to the corpus' held-out songs. Results go to outputs/benchmark_motion/motion.csv; a line that is
there is not done again, and a stopped training goes on. Two plots of the results lie beside it.
"""

import argparse
import csv
from dataclasses import replace
from pathlib import Path

import matplotlib.pyplot as plt

from dancing_utils import evaluate, lstm_vae

IDEAS = {
    "all of it": {},
    "one normal distribution in the prior": {"components": 1},
    "no loss on the feet": {"foot_weight": 0.0},
    "no loss on velocities": {"velocity_weight": 0.0},
    "not mirrored": {"mirror": False},
    "MFCC never hidden": {"mfcc_dropout": 0.0},
}
SONGS = (10, 20, 40, 80)
OUTPUT = Path("outputs/benchmark_motion")


def done() -> dict[str, dict[str, str]]:
    """The lines measured so far."""
    path = OUTPUT / "motion.csv"
    return {row["run"]: row for row in csv.DictReader(path.open())} if path.exists() else {}


def run(name: str, corpus: Path, epochs: int, changes: dict, n_songs: int | None, songs, classify) -> None:
    """Train and measure one line, and add it to the table."""
    settings = replace(lstm_vae.LSTMVAESettings(), epochs=epochs, **changes)
    folder = OUTPUT / name.replace(" ", "_")
    model, history = lstm_vae.train(corpus, folder, settings, n_songs=n_songs)
    dances = [model.dance(song.features) for song in songs]
    row = {"run": name, "validation": f"{min(h['validation'] for h in history):.3f}"}
    row |= {measure: f"{value:.3f}" for measure, value in evaluate.measure(songs, dances, classify).items()}
    new = not (OUTPUT / "motion.csv").exists()
    with open(OUTPUT / "motion.csv", "a", newline="") as file:
        writer = csv.DictWriter(file, row)
        if new:
            writer.writeheader()
        writer.writerow(row)
    print(row)


def plot(rows: dict[str, dict[str, str]]) -> None:
    """The songs' curve, and a bar an idea."""
    counts = [n for n in SONGS if f"{n} songs" in rows]
    fig, axes = plt.subplots(1, 3, figsize=(11, 3), layout="constrained")
    for ax, measure in zip(axes, ("Fréchet", "family", "diversity"), strict=True):
        ax.plot(counts, [float(rows[f"{n} songs"][measure]) for n in counts], "o-")
        ax.set(title=measure, xlabel="training songs", ylabel=measure, xscale="log")
        ax.set_xticks(counts, [str(n) for n in counts])
    fig.savefig(OUTPUT / "songs.png", dpi=100)
    names = [name for name in IDEAS if name in rows]
    fig, axes = plt.subplots(1, 3, figsize=(11, 3), layout="constrained", sharey=True)
    for ax, measure in zip(axes, ("Fréchet", "family", "foot slide"), strict=True):
        ax.barh(names, [float(rows[name][measure]) for name in names])
        ax.set(title=measure, xlabel=measure)
    fig.savefig(OUTPUT / "ideas.png", dpi=100)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--epochs", type=int, default=16)
    options = parser.parse_args()
    OUTPUT.mkdir(parents=True, exist_ok=True)
    songs = evaluate.read_songs(options.corpus, "test")
    classify = evaluate.family_classifier(evaluate.read_songs(options.corpus, "train"))
    wanted = {name: (changes, None) for name, changes in IDEAS.items()} | {f"{n} songs": ({}, n) for n in SONGS}
    for name, (changes, n_songs) in wanted.items():
        if name not in done():
            run(name, options.corpus, options.epochs, changes, n_songs, songs, classify)
    plot(done())


if __name__ == "__main__":
    main()
