"""How long a notebook takes to read: python benchmarks/reading.py

Words of its text at 200 a minute, and of its exercises' tasks and hints apart, at the same. Code, pictures and thinking
are not in it, so it is the least that a reader needs. Beside them the minutes that the notebook states. Then the plan
of three hours: what each notebook needs at least, and what the plan gives it.
"""

import re
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = ROOT / "notebooks"
A_MINUTE = 200  # words
A_GUESS = 2  # minutes for a Predict question: think, write it down
SHOWN = ("03",)  # notebooks of which the plan shows stored outputs, and runs nothing


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


def stated(path: Path) -> tuple[int, int, int]:
    """Minutes that a notebook's first cell states: all without exercises, computing among them, exercises."""
    first = nbformat.read(path, as_version=4).cells[0].source
    time = re.search(r"\*\*Time:\*\* (.+?)\*\*You need", first, flags=re.S)[1]
    patterns = r"(\d+) minutes", r"(\d+) of them computing", r"about (\d+) for two exercises"
    whole, computing, exercises = (re.search(pattern, time) for pattern in patterns)
    return int(whole[1]), int(computing[1]) if computing else 0, int(exercises[1]) if exercises else 0


def sections(path: Path) -> dict[int, float]:
    """Section's number -> minutes: its words without exercises, and its Predict questions. 0: what stands before 1."""
    texts = [cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "markdown"]
    texts = [text for text in texts if not text.startswith("### Exercise")]
    minutes, number = {}, 0
    for part in re.split(r"^(?=## )", "\n".join(texts), flags=re.M):
        numbered = re.match(r"## (\d+)\. ", part)
        number = int(numbered[1]) if numbered else number if number == 0 else 99  # 99: summary, what could go wrong
        minutes[number] = minutes.get(number, 0) + minutes_of(part) + A_GUESS * part.count("**Predict:")
    return minutes


def walk_plan(plan: str) -> dict[str, tuple[int, float]]:
    """Notebook's number -> minutes that a plan (Markdown) gives it, and minutes that it needs at least.

    A row of the plan names a notebook ("03" or "[03](...)") and its sections; without sections all of it is meant. What
    is needed: words, Predict questions, computing unless outputs are only shown, and named exercises, half of the
    minutes that the notebook states for two.
    """
    given, needed = {}, {}
    for minutes, what in re.findall(r"^\| \d:\d\d \| (\d+) \| (.+?) \|", plan, flags=re.M):
        named = re.match(r"\[?(\d\d)", what)
        if not named:
            continue
        (path,) = NOTEBOOKS.glob(f"{named[1]}_*.ipynb")
        if named[1] not in given:
            given[named[1]] = 0
            needed[named[1]] = sections(path)[0] + (named[1] not in SHOWN) * stated(path)[1]
        meant = re.search(r"sections? (\d)(?: (?:to|and) (\d))?", what)
        first, last = (int(meant[1]), int(meant[2] or meant[1])) if meant else (1, 98)
        given[named[1]] += int(minutes)
        needed[named[1]] += sum(m for number, m in sections(path).items() if first <= number <= last)
        needed[named[1]] += stated(path)[2] / 2 * what.count("exercise")
    return {number: (given[number], needed[number]) for number in given}


if __name__ == "__main__":
    print(f"{'notebook':26} {'text':>5} {'exercises':>10}   (minutes of reading); stated: all, computing, exercises")
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        text, tasks, n = read(path)
        print(f"{path.stem:26} {text:5.0f} {tasks:10.1f} for {n}; {', '.join(map(str, stated(path)))}")
    print("\nthree hours: notebook, minutes given, needed at least")
    for number, (given, needed) in walk_plan((ROOT / "docs/workshop/three_hours.md").read_text("utf-8")).items():
        print(f"{number:8} {given:5} {needed:5.1f}")
