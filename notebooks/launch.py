"""Where a notebook can be opened without installing anything: Colab, Binder, Codespaces.

The site shows these links on every notebook's page (docs/book/conf.py). `python notebooks/launch.py NAME.ipynb ...`
writes them into notebooks as well, with a cell that sets Colab up and that the site leaves out; given again it changes
nothing.
"""

import sys
import tomllib
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parents[1]
ADDRESS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["urls"]["Repository"]
NAME = ADDRESS.removeprefix("https://github.com/")
FIT_BINDER = "00_", "02_", "05_"  # Binder gives 2 GB; these are made to fit

COLAB = f"""# Only on Colab: the course and its packages, a few minutes. Elsewhere this cell does nothing.
import sys
if "google.colab" in sys.modules:
    import os, subprocess
    for command in ("git clone --depth 1 {ADDRESS} /content/dancing",
                    "pip install --quiet -r /content/dancing/requirements.lock",
                    "pip install --quiet --no-deps -e /content/dancing"):
        subprocess.run(command.split(), check=True)
    os.chdir("/content/dancing/notebooks")
    sys.path.insert(0, "/content/dancing")"""


def links(path: str) -> dict[str, str]:
    """Name -> address of each place that opens a notebook, such as "notebooks/00_start_here.ipynb"."""
    places = {"Colab": f"https://colab.research.google.com/github/{NAME}/blob/main/{path}"}
    if Path(path).name.startswith(FIT_BINDER):
        places["Binder"] = f"https://mybinder.org/v2/gh/{NAME}/main?urlpath=lab/tree/{path}"
    return places | {"Codespaces": f"https://codespaces.new/{NAME}"}


def with_launch(notebook, path: str):
    """The same notebook with the links under its heading and Colab's cell after them, once."""
    line = "Open it in " + ", ".join(f"[{name}]({address})" for name, address in links(path).items()) + "."
    first, rest = notebook.cells[0], notebook.cells[1:]
    if line not in first.source:
        heading, _, text = first.source.partition("\n")
        first.source = f"{heading}\n\n{line}\n{text}"
    if not rest or rest[0].source != COLAB:
        rest.insert(0, nbformat.v4.new_code_cell(COLAB, id="colab", metadata={"tags": ["colab", "remove-cell"]}))
    notebook.cells = [first, *rest]
    return notebook


if __name__ == "__main__":
    for name in sys.argv[1:]:
        file = Path(name).resolve()
        nbformat.write(with_launch(nbformat.read(file, as_version=4), file.relative_to(ROOT).as_posix()), file)
