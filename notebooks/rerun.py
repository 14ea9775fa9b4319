"""Run notebooks whole and store their outputs, as they are committed: python notebooks/rerun.py [NAME.ipynb ...]

Progress bars are left out of the stored outputs (they are live widgets and say nothing afterwards), and so are
run times of cells, which would change with every run. Plots are stored with a palette, a third of the size. Of an
instrument its picture is kept, for readers without a kernel.
"""

import base64
import io
import sys
from pathlib import Path

import nbformat
import numpy as np
from nbclient import NotebookClient
from PIL import Image

HERE = Path(__file__).resolve().parent
KERNEL = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
WIDGET = "application/vnd.jupyter.widget-view+json"


def is_progress_bar(output) -> bool:
    """Is this output a tqdm widget? Its text form shows a percentage and a bar."""
    return WIDGET in output.get("data", {}) and "%|" in output["data"]["text/plain"]


def keep_the_picture(output) -> None:
    """Take the widget off an output that has a picture to stand for it: without a kernel it would hide the picture."""
    if "image/png" in output.get("data", {}):
        output["data"].pop(WIDGET, None)


def with_palette(png: str) -> str:
    """A picture in base64, with a palette of 256 colours if that can hardly be told from it: plots yes, photos no."""
    picture = Image.open(io.BytesIO(base64.b64decode(png))).convert("RGB")
    small = picture.quantize(256, dither=Image.Dither.NONE)
    if np.abs(np.asarray(picture, float) - np.asarray(small.convert("RGB"), float)).mean() > 1.1:  # of 255 grey levels
        return png
    stored = io.BytesIO()
    small.save(stored, "PNG", optimize=True)
    return min(png, base64.b64encode(stored.getvalue()).decode() + "\n", key=len)


def shrink_plots(cell) -> None:
    """Store a cell's plots with palettes."""
    for output in cell.outputs:
        if "image/png" in output.get("data", {}):
            output.data["image/png"] = with_palette(output.data["image/png"])


def rerun(path: Path) -> None:
    """Run one notebook from a fresh kernel and write it back with what its cells gave."""
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=3600, kernel_name="python3", resources={"metadata": {"path": HERE}}).execute()
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type == "code":
            cell.outputs = [output for output in cell.outputs if not is_progress_bar(output)]
            for output in cell.outputs:
                keep_the_picture(output)
            shrink_plots(cell)
    notebook.metadata = {**KERNEL, "language_info": {"name": "python"}}
    nbformat.write(notebook, path)
    print(f"{path.name}: {path.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    for name in sys.argv[1:] or [*sorted(HERE.glob("*.ipynb")), *sorted(HERE.glob("solutions/*.ipynb"))]:
        rerun(Path(name).resolve())
