"""What nbval cannot tell: checked cells were run, notebooks are small, and every library function they name exists.

nbval itself runs the notebooks (see conftest.py) in ``make test``.
"""

import ast
import importlib
import re
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
PACKAGE = ROOT / "dancing_utils"
MODULES = {  # name -> how it is imported
    path.stem: ".".join(path.relative_to(ROOT).with_suffix("").parts)
    for path in PACKAGE.rglob("[a-z]*.py") if path.stem != "tf"
}  # fmt: skip
INNER = [path.parent for path in PACKAGE.glob("*/*/__init__.py")]  # packages within rooms
MODULES |= {inner.name: f"dancing_utils.{inner.parent.name}.{inner.name}" for inner in INNER}


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def notebook(request):
    return nbformat.read(request.param, as_version=4)


def code(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def test_every_cell_was_run_in_order_and_none_failed(notebook):
    cells = [cell for cell in code(notebook) if cell.source.strip()]
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    assert not [o for cell in cells for o in cell.outputs if o.output_type == "error"]


def test_checked_cells_hold_what_they_are_checked_against(notebook):
    for cell in code(notebook):
        if "NBVAL_CHECK_OUTPUT" in cell.source:
            assert cell.execution_count and cell.outputs, cell.source


def test_there_are_checked_cells():
    checked = [path for path in NOTEBOOKS if "NBVAL_CHECK_OUTPUT" in path.read_text("utf-8")]
    assert len(NOTEBOOKS) >= 6 and len(checked) >= 5


def test_kernel_size_and_quiet(notebook, request):
    path = request.node.callspec.params["notebook"]
    assert notebook.metadata.kernelspec.name == "python3"
    assert path.stat().st_size < 2_000_000
    assert "stderr" not in {o.get("name") for cell in code(notebook) for o in cell.outputs}
    assert str(Path.home()) not in path.read_text("utf-8") and str(ROOT) not in path.read_text("utf-8")


def test_form(notebook):
    text = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    headings = re.findall(r"^# .+", "\n".join(text), flags=re.M)
    assert len(headings) == 1
    for part in ("**What you will learn:**", "**Time:**", "**You need:**", "## What could go wrong"):
        assert any(part in piece for piece in text), part
    assert sum("parameters" in cell.metadata.get("tags", []) for cell in code(notebook)) == 1


def test_no_strangers_face_is_stored_in_the_notebook_for_ones_own_films():
    """09 prints the start of the SHA-256 of the film that it was run on: one of the sample's."""
    notebook = nbformat.read(ROOT / "notebooks" / "09_your_own_videos.ipynb", as_version=4)
    printed = "".join(o.get("text", "") for cell in code(notebook) for o in cell.outputs)
    (digest,) = re.findall(r"ben_1.mp4 is ([0-9a-f]{16})", printed)
    known = dict(line.split()[::-1] for line in (ROOT / "data_sample" / "SHA256SUMS").read_text("utf-8").splitlines())
    assert known["second_dancer/ben_1.mp4"].startswith(digest)


def named_in(source):
    """(module, name) of everything of dancing_utils that some code names."""
    nodes = list(ast.walk(ast.parse(re.sub(r"^[%!].*$", "", source, flags=re.M))))
    found = {
        (node.module, alias.name) for node in nodes if isinstance(node, ast.ImportFrom)
        for alias in node.names if (node.module or "").startswith("dancing_utils.")
    }  # fmt: skip
    modules = {name: module for _, name in found for module in MODULES.values() if module.endswith(f".{name}")}
    of_modules = [node for node in nodes if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)]
    return found | {(modules[node.value.id], node.attr) for node in of_modules if node.value.id in modules}


def test_every_library_function_named_exists(notebook):
    in_code = named_in("\n".join(cell.source for cell in code(notebook)))
    prose = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    in_prose = {(MODULES[m], f) for m, f in re.findall(r"`(\w+)\.(\w+)[^`]*`", prose) if m in MODULES}
    assert in_code
    for module, name in in_code | in_prose:
        is_module = f"{module}.{name}" in MODULES.values()
        assert is_module or hasattr(importlib.import_module(module), name), f"{module}.{name}"


def test_modules_name_notebooks_that_exist():
    for path in PACKAGE.rglob("*.py"):
        for name in re.findall(r"^Notebook: (\S+)$", path.read_text("utf-8"), flags=re.M):
            assert (ROOT / "notebooks" / name).exists(), (path.name, name)
