"""The rooms of the library: imports point one way only, and every file stands in its room's list."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "dancing_utils"
MODULES = {".".join(path.relative_to(PACKAGE).with_suffix("").parts): path for path in PACKAGE.rglob("*.py")}
MODULES |= {".".join(path.parts[-3:-1]): path for path in PACKAGE.glob("*/*/__init__.py")}  # packages within rooms
ROOMS = sorted(path.parent.name for path in PACKAGE.glob("*/__init__.py"))


def listed(docstring):
    """The names at the beginning of an indented list, in its order."""
    lines = re.findall(r"^    ([a-z_][\w/, ]*?)(?:  .*)?$", docstring, flags=re.M)
    return [name.strip("/ ") for line in lines for name in line.split(",")]


def docstring(path):
    return ast.get_docstring(ast.parse(path.read_text("utf-8")))


HOUSE = listed(docstring(PACKAGE / "__init__.py"))  # rooms and single files, in the order of the data


def imports(path):
    """Modules of the library that a file imports, also within functions."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "dancing_utils":
            for alias in node.names:
                parts = [*node.module.split(".")[1:], alias.name]
                found = [".".join(parts[:n]) for n in (2, 1) if ".".join(parts[:n]) in MODULES]
                yield from found[:1]


def room_of(module):
    return module.split(".")[0]


def test_the_house_lists_its_rooms_and_single_files():
    single = {name for name in MODULES if "." not in name and name != "__init__"}
    assert sorted(HOUSE) == sorted({*ROOMS, *single})


def test_the_map_for_contributors_shows_the_house():
    text = (PACKAGE.parent / "CONTRIBUTING.md").read_text("utf-8")
    rows = re.findall(r"^\| (`.+?`) \| \S.+ \| \S.+ \|$", text[text.index("## The map") :], flags=re.M)
    assert [name.rstrip("/") for row in rows for name in re.findall(r"`(.+?)`", row)] == HOUSE


def test_imports_point_to_rooms_before_ones_own():
    for module, path in MODULES.items():
        if module != "__init__":
            own = HOUSE.index(room_of(module))
            later = [used for used in imports(path) if HOUSE.index(room_of(used)) > own]
            assert not later, f"{module} imports {later}"


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_lists_its_files_in_the_order_of_their_imports(room):
    files, folder = listed(docstring(PACKAGE / room / "__init__.py")), PACKAGE / room
    inner = {path.parent.name: [*path.parent.glob("*.py")] for path in folder.glob("*/__init__.py")}
    sources = {path.stem: [path] for path in folder.glob("[a-z]*.py")} | inner
    assert sorted(files) == sorted(sources)
    for name in files:
        found = [other for path in sources[name] for other in imports(path)]
        used = [other.split(".")[1] for other in found if room_of(other) == room and "." in other]
        later = [other for other in used if files.index(other) > files.index(name)]
        assert not later, f"{room}.{name} imports {later}"


def test_loud_packages_are_imported_in_one_place_each():
    """They chatter, and there they do it quietly."""
    for module, path in MODULES.items():
        text = path.read_text("utf-8")
        assert module == "tf" or not re.findall(r"^\s*(?:import|from) (?:keras|tensorflow)\b(?!\.python)", text, re.M)
        assert module == "mp" or not re.findall(r"^\s*(?:import|from) mediapipe\b", text, re.M), module
        loud = re.findall(r"^(?:import|from) (?:tensorflow|mediapipe)\b", text, re.M)
        assert not loud, f"{module} imports {loud} before it could be silenced"


def test_who_looks_for_poses_does_not_wait_for_tensorflow():
    """MediaPipe loads it, if it is let, only to mark its own documentation."""
    code = "import sys; import dancing_utils.data.film_check, dancing_utils.data.extract; " \
        "sys.exit('tensorflow' in sys.modules)"  # fmt: skip
    subprocess.run([sys.executable, "-c", code], cwd=PACKAGE.parent, check=True)


@pytest.mark.slow
def test_importing_says_nothing():
    names = [path.relative_to(PACKAGE.parent).with_suffix("") for path in sorted(PACKAGE.rglob("[a-z]*.py"))]
    code = "import importlib\n" + "".join(f"importlib.import_module('{'.'.join(name.parts)}')\n" for name in names)
    done = subprocess.run([sys.executable, "-c", code], cwd=PACKAGE.parent, capture_output=True, text=True)
    assert done.returncode == 0 and not done.stderr and not done.stdout, done.stderr[-2000:]
