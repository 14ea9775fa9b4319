"""How long a notebook takes to read: python benchmarks/reading.py

Words of its text at 200 a minute, and of its exercises' tasks and hints apart, at the same. Code, pictures and thinking
are not in it, so it is the least that a reader needs.
"""

import re
from pathlib import Path

import nbformat

NOTEBOOKS = Path(__file__).resolve().parents[1] / "notebooks"
A_MINUTE = 200  # words


def minutes_of(text: str) -> float:
    """Minutes to read Markdown: links count as their words, formulas as one word."""
    text = re.sub(r"\$\$?[^$]+\$\$?", "formula", re.sub(r"\]\([^)]*\)", "", text))
    return len(re.findall(r"\w+", re.sub(r"<[^>]+>", "", text))) / A_MINUTE


def read(path: Path) -> tuple[float, float, int]:
    """Minutes of text, minutes of exercises, number of exercises."""
    texts = [cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "markdown"]
    tasks = [text[text.index("### Exercise") :] for text in texts if "### Exercise" in text]
    whole, apart = minutes_of("\n".join(texts)), minutes_of("\n".join(tasks))
    return whole - apart, apart, len(tasks)


if __name__ == "__main__":
    print(f"{'notebook':26} {'text':>5} {'exercises':>10}   (minutes of reading)")
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        text, tasks, n = read(path)
        print(f"{path.stem:26} {text:5.0f} {tasks:10.1f} for {n}")
