"""Programs that no test runs, in benchmarks/ and docs/, use only what the package has."""

import ast
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[1]
PROGRAMS = sorted([*ROOT.glob("benchmarks/*.py"), *ROOT.glob("docs/**/*.py"), ROOT / "notebooks" / "rerun.py"])
OURS = ("dancing_utils", "data_sample")


def imported(tree):
    """What a program imports from the project: its name there, and the thing or None."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in OURS:
            for alias in node.names:
                yield alias.asname or alias.name, find(node.module, alias.name)


def find(module, name):
    found = getattr(import_module(module), name, None)
    try:
        return found or import_module(f"{module}.{name}")
    except ModuleNotFoundError:
        return found


def missing(tree):
    """Names that the project does not have: imported, or asked of one of its modules."""
    things = dict(imported(tree))
    uses = [
        (node.value.id, node.attr) for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    ]  # fmt: skip
    modules = {name: thing for name, thing in things.items() if isinstance(thing, ModuleType)}
    asked = [f"{name}.{attr}" for name, attr in uses if name in modules and not hasattr(modules[name], attr)]
    return [name for name, thing in things.items() if thing is None] + asked


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_program_uses_what_there_is(program):
    assert not missing(ast.parse(program.read_text(encoding="utf-8")))


def test_what_is_not_there_is_found():
    text = "from dancing_utils import FPS, nowhere\nfrom dancing_utils.data import media\nmedia.read_frames(media.gone)"
    assert missing(ast.parse(text)) == ["nowhere", "media.gone"]
