"""Run notebooks whole and store their outputs, as they are committed: python notebooks/rerun.py [NAME.ipynb ...]

Progress bars are left out of the stored outputs (they are live widgets and say nothing afterwards), and so are
run times of cells, which would change with every run.
"""

import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

HERE = Path(__file__).resolve().parent
KERNEL = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}


def is_progress_bar(output) -> bool:
    """Is this output a tqdm widget? Its text form shows a percentage and a bar."""
    return "application/vnd.jupyter.widget-view+json" in output.get("data", {}) and "%|" in output["data"]["text/plain"]


def rerun(path: Path) -> None:
    """Run one notebook from a fresh kernel and write it back with what its cells gave."""
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=3600, kernel_name="python3", resources={"metadata": {"path": HERE}}).execute()
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type == "code":
            cell.outputs = [output for output in cell.outputs if not is_progress_bar(output)]
    notebook.metadata = {**KERNEL, "language_info": {"name": "python"}}
    nbformat.write(notebook, path)
    print(f"{path.name}: {path.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    for name in sys.argv[1:] or [*sorted(HERE.glob("*.ipynb")), *sorted(HERE.glob("solutions/*.ipynb"))]:
        rerun(Path(name).resolve())
