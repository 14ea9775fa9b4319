"""What each idea of the LSTM-VAE buys, and more songs: python benchmarks/motion.py CORPUS.h5 [--song FILE]

Trains the model anew for each of ten lines, all with the same number of steps (8 epochs: about four minutes on 2
cores), and measures its dances, seed 0, to the corpus' held-out songs. The shipped model trains for 40 epochs, so read
the ranking of the lines and not their level. With --song the dance to that recording is measured as well, as
recording.py does it: a file tempo.csv beside it says its tempo.

With --weights the lines are others: each term of the loss with the weight 0, and with ten times its weight.

Results go to OUTPUT/motion.csv; a line that is there is not done again, and a stopped training goes on. Two plots of
the ideas lie beside it. "80 songs" is "all of it": the corpus has 80 songs to train on.
"""

import argparse
import csv
import textwrap
from dataclasses import replace
from pathlib import Path

import matplotlib.pyplot as plt
import stated
from recording import MEASURES as OF_A_RECORDING
from recording import Measured

from dancing_utils import generate
from dancing_utils.evaluation import evaluate_motion, families, held_out_songs
from dancing_utils.files import make_folder, whole_file
from dancing_utils.motion import lstm_vae, vae_training

IDEAS = {
    "all of it": {},
    "counting frames": {"musical_time": False},
    "one normal distribution in the prior": {"components": 1},
    "no loss on the feet": {"foot_weight": 0.0},
    "no loss on velocities": {"velocity_weight": 0.0},
    "MFCC and onsets": {"beat_phase": False},
    "MFCC alone": {"onsets": False, "beat_phase": False},
}
USUAL = lstm_vae.LSTMVAESettings()
WEIGHTS = {"as it is": {}} | {  # of the loss' terms
    f"{words} x {factor}": {name: factor * getattr(USUAL, name)}
    for name, words in (("velocity_weight", "velocities"), ("foot_weight", "feet"), ("kl_weight", "KL"))
    for factor in (0, 10)
}
SONGS = {"10 songs": 10, "20 songs": 20, "40 songs": 40, "all of it": 80}


def read_rows(path: Path) -> dict[str, dict[str, str]]:
    """The lines measured so far."""
    return {row["run"]: row for row in csv.DictReader(path.open(encoding="utf-8"))} if path.exists() else {}


def add_row(path: Path, row: dict[str, str]) -> None:
    """Add or replace a line of the table; a column that the table did not have is empty in the others."""
    rows = list((read_rows(path) | {row["run"]: row}).values())
    columns = {name: None for each in rows for name in each}
    with whole_file(path) as temporary, open(temporary, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns, restval="")
        writer.writeheader()
        writer.writerows(rows)


def run(name: str, options, changes: dict, n_songs: int | None, songs, classify, recording) -> dict[str, str]:
    """Train one line, measure it, and give its row of the table."""
    settings = replace(lstm_vae.LSTMVAESettings(), epochs=options.epochs, **changes)
    folder = options.output / name.replace(" ", "_")
    model, history = vae_training.train(options.corpus, folder, settings, n_songs=n_songs)
    measured = {"validation": min(row["validation"] for row in history)}
    dances = [generate.song_to_dance(model, song.features).poses for song in songs]
    measured |= evaluate_motion.measure(songs, dances, classify)
    if recording is not None:
        dance = generate.song_to_dance(model, recording.heard.features).poses
        measured |= {f"song: {m}": value for m, value in recording.measure(dance).items()}
    return {"run": name, **{measure: f"{value:.3f}" for measure, value in measured.items()}}


def print_rows(rows: dict[str, dict[str, str]]) -> None:
    """Print the table, measures down and lines across."""
    heads = [textwrap.wrap(name, 12) for name in rows]
    for i in range(max(map(len, heads))):
        print(" " * 24 + "".join(f"{head[i] if i < len(head) else '':>13}" for head in heads))
    for measure in [name for name in next(iter(rows.values())) if name != "run"]:
        print(f"{measure:24}" + "".join(f"{row[measure]:>13}" for row in rows.values()))


def plot(rows: dict[str, dict[str, str]], output: Path) -> None:
    """The songs' curve, and a bar an idea."""
    counts = {n: rows[name] for name, n in SONGS.items() if name in rows}
    fig, axes = plt.subplots(1, 3, figsize=(11, 3), layout="constrained")
    for ax, measure in zip(axes, ("Fréchet", "family", "diversity"), strict=True):
        ax.plot(list(counts), [float(row[measure]) for row in counts.values()], "o-")
        ax.set(title=measure, xlabel="training songs", ylabel=measure, xscale="log")
        ax.set_xticks(list(counts), [str(n) for n in counts])
        ax.minorticks_off()
    fig.savefig(output / "songs.png", dpi=100)
    plt.close(fig)
    names = [name for name in IDEAS if name in rows]
    columns = ["Fréchet", "family", "foot slide"]
    columns += [f"song: {measure}" for measure in ("music to motion", "speed") if f"song: {measure}" in rows[names[0]]]
    fig, axes = plt.subplots(1, len(columns), figsize=(3.2 * len(columns) + 2, 3), layout="constrained", sharey=True)
    for ax, measure in zip(axes, columns, strict=True):
        ax.barh(names, [float(rows[name][measure] or "nan") for name in names])
        ax.set(title=measure, xlabel=measure)
    axes[0].invert_yaxis()
    fig.savefig(output / "ideas.png", dpi=100)
    plt.close(fig)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--song", type=Path, help="a recording that each line dances to as well, in further columns")
    parser.add_argument("--weights", action="store_true", help="the weights of the loss in place of the ideas")
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--output", type=Path, default=Path("outputs/benchmark_motion"))
    options = parser.parse_args()
    table = make_folder(options.output) / "motion.csv"
    songs = held_out_songs.read_songs(options.corpus)
    classify = families.family_classifier(songs.training)
    recording = Measured(stated.find(options.song), songs) if options.song else None
    wanted = {name: (changes, None) for name, changes in IDEAS.items()}
    wanted |= {name: ({}, n) for name, n in SONGS.items() if name not in IDEAS}
    if options.weights:
        wanted = {name: (changes, None) for name, changes in WEIGHTS.items()}
    last = f"song: {list(OF_A_RECORDING)[-1]}" if options.song else "family"  # there if the line is whole
    for name, (changes, n_songs) in wanted.items():
        if not read_rows(table).get(name, {}).get(last):
            add_row(table, run(name, options, changes, n_songs, songs.held_out, classify, recording))
    print_rows(read_rows(table))
    if not options.weights:
        plot(read_rows(table), options.output)


if __name__ == "__main__":
    main()
