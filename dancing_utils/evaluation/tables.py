"""Tables of measures: printed, drawn, and written as CSV. A table is {row: {measure: value}}.

Notebook: 04_better_motion.ipynb
"""

import csv
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from dancing_utils.files import whole_file


def write_table(
    table: dict[str, dict[str, float]], path: str | Path, *, measures: dict[str, str], who: str = "dancer"
) -> None:
    """Write a table as CSV, whole or not at all: a row a dancer, a column a measure, three decimals.

    Parameters
    ----------
    measures : name -> what it is; the columns, in this order.
    who : head of the first column, what the rows are.

    Raises
    ------
    InputError
        If the folder cannot be made or written to.
    """
    with whole_file(path) as temporary, open(temporary, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow([who, *measures])
        writer.writerows([name, *(f"{row[measure]:.3f}" for measure in measures)] for name, row in table.items())


def print_table(table: dict[str, dict[str, float]], *, measures: dict[str, str], digits: int = 2) -> None:
    """Print a table, measures down and dancers across; - where there is no value."""
    print(f"{'':16}" + "".join(f"{name:>11}" for name in table))
    for measure in measures:
        values = [row[measure] for row in table.values()]
        print(f"{measure:16}" + "".join(f"{_short(value, digits):>11}" for value in values))


def _short(value: float, digits: int) -> str:
    """A number in at most 10 characters."""
    if np.isnan(value):
        return "-"
    return f"{value:.{digits}f}" if abs(value) < 1e6 else f"{value:.1e}"


def save_table(
    table: dict[str, dict[str, float]], folder: str | Path, name: str, *, measures: dict[str, str],
    who: str = "dancer",
) -> list[Path]:  # fmt: skip
    """Write a table as NAME.csv and its plot as NAME.png into a folder, which is made; returns both paths.

    Parameters and errors are those of ``write_table``.
    """
    csv_path, plot_path = (Path(folder) / f"{name}.{kind}" for kind in ("csv", "png"))
    write_table(table, csv_path, measures=measures, who=who)
    fig, _ = plot_table(table, measures=measures)
    with whole_file(plot_path) as temporary:
        fig.savefig(temporary, dpi=100)
    plt.close(fig)
    return [csv_path, plot_path]


def plot_table(table: dict[str, dict[str, float]], *, measures: dict[str, str]):
    """A panel a measure, a bar a dancer; returns (figure, axes). What is infinite or missing has no bar."""
    n_rows = -(-len(measures) // 3)
    fig, axes = plt.subplots(n_rows, 3, figsize=(11, 8 / 3 * n_rows), layout="constrained", squeeze=False)
    for ax, measure in zip(axes.flat, measures, strict=False):
        values = [row[measure] if np.isfinite(row[measure]) else np.nan for row in table.values()]
        ax.barh(list(table), values, color=["#000000" if name == "truth" else "#0072B2" for name in table])
        if np.isfinite(table["truth"][measure]):
            ax.axvline(table["truth"][measure], color="#D55E00", linestyle=":")
        ax.set(title=measure, xlabel=measures[measure].split(",")[0], ylim=(len(table) - 0.5, -0.5))
        ax.xaxis.label.set_size(7)
    for ax in axes[:, 1:].flat:
        ax.set_yticklabels([])
    for ax in axes.flat[len(measures) :]:
        ax.set_axis_off()
    return fig, axes
