"""The site holds every page, its settings agree with the rest, and its launch links lead to this repository.

Whether it builds without a warning, `make site` tells, and GitHub does so with every change (pages.yml).
"""

import ast
import base64
import re
import runpy
import sys
import tomllib
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[1]
BOOK = ROOT / "docs" / "book"
SETTINGS = {
    node.targets[0].id: node.value for node in ast.parse((BOOK / "conf.py").read_text("utf-8")).body
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
}  # fmt: skip
WANTED = [line for line in (BOOK / "requirements.in").read_text("utf-8").splitlines() if line[0] != "#"]
INDEX = (ROOT / "index.md").read_text("utf-8")
URLS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["urls"]
launch = runpy.run_path(ROOT / "notebooks" / "launch.py")


def setting(name):
    return ast.literal_eval(SETTINGS[name])


def matching(pattern):
    """A pattern of Sphinx, without the file's ending: * stays in a folder, ** does not."""
    return re.compile(re.escape(pattern).replace(r"\*\*", ".+").replace(r"\*", "[^/]+"))


def pages():
    """Every text that is written for readers, as Sphinx names it."""
    found = [path for pattern in ("*.md", "docs/**/*.md", "data_sample/*.md", "notebooks/**/*.ipynb")
             for path in ROOT.glob(pattern)]  # fmt: skip
    names = [path.relative_to(ROOT) for path in found]
    return [name for name in names if ".ipynb_checkpoints" not in name.parts]


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.as_posix())
def test_every_page_is_built_and_in_the_table_of_contents(page):
    assert any(matching(pattern).fullmatch(page.as_posix()) for pattern in setting("include_patterns"))
    lists = re.findall(r"```\{toctree\}\n(?::.*\n)*\n((?:.+\n)+)```", INDEX)
    entries = [re.sub(r".*<(.+)>", r"\1", line) for listed in lists for line in listed.splitlines()]
    name = page.with_suffix("").as_posix()
    beside = page.parent / "README.md"  # the parent of the pages beside it, see add_pages_of_folder
    parent = page.parent.parts[:1] == ("docs",) and len(page.parts) == 3 and (ROOT / beside).exists()
    assert name == "index" or parent or any(matching(entry).fullmatch(name) for entry in entries)


def test_every_room_of_the_code_is_listed():
    listed = re.findall(r"^   (\w+)$", (ROOT / "docs" / "api.md").read_text("utf-8"), flags=re.M)
    package = ROOT / "dancing_utils"
    rooms = [path.parent.name for path in package.glob("*/__init__.py")]
    assert sorted(listed) == sorted(rooms + [path.stem for path in package.glob("[a-z]*.py")])


def test_packages_that_the_code_imports_are_there_or_have_stand_ins():
    trees = [ast.parse(path.read_text("utf-8")) for path in (ROOT / "dancing_utils").rglob("*.py")]
    named = [name for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)
             for name in ([node.module] if isinstance(node, ast.ImportFrom) else [each.name for each in node.names])]
    imported = {name.split(".")[0] for name in named} - {"dancing_utils", "data_sample", *sys.stdlib_module_names}
    assert imported <= set(WANTED) | set(setting("autodoc_mock_imports"))


def test_exact_versions_are_those_of_make_lock():
    exact = dict(re.findall(r"^([\w.-]+)==(\S+)", (BOOK / "requirements.txt").read_text("utf-8"), flags=re.M))
    assert set(WANTED) <= set(exact)
    course = dict(re.findall(r"^([\w.-]+)==(\S+)", (ROOT / "requirements.lock").read_text("utf-8"), flags=re.M))
    assert {name: exact[name] for name in ("numpy", "h5py")} == {name: course[name] for name in ("numpy", "h5py")}


def test_no_notebook_is_run_and_nothing_is_fetched():
    assert setting("nb_execution_mode") == "off" and setting("nb_ipywidgets_js") == {}
    assert "://" not in setting("mathjax_path") and "sphinx-mathjax-offline" in WANTED
    assert "sphinx-build -q -W --keep-going -c docs/book" in (ROOT / "Makefile").read_text("utf-8")


def test_the_front_page_has_a_video_two_commands_and_three_doors():
    stored = re.search(r"data:video/mp4;base64,([\w+/=]+)", (ROOT / "notebooks/00_start_here.ipynb").read_text("utf-8"))
    assert len(base64.b64decode(stored[1])) < 1.1e6
    assert 'src="_static/demo.mp4"' in INDEX
    commands = re.search(r"```console\n((?:.+\n)+)```", INDEX)[1]
    assert commands == f"git clone --depth 1 {URLS['Repository']} dancing && cd dancing\nmake demo\n"
    assert len(re.findall(r"^- \*\*\[.+\]\(.+\)\*\*$", INDEX, flags=re.M)) == 3


def test_the_site_has_one_address():
    owner, name = URLS["Repository"].removeprefix("https://github.com/").split("/")
    assert URLS["Homepage"] == URLS["Documentation"] == f"https://{owner}.github.io/{name}/"
    assert URLS["Documentation"] in (ROOT / "README.md").read_text("utf-8")


def test_launch_links_name_the_notebook_and_are_written_once():
    path = "notebooks/05_latent_space.ipynb"
    places = launch["links"](path)
    assert list(places) == ["Colab", "Binder", "Codespaces"] and all(launch["NAME"] in a for a in places.values())
    assert places["Colab"].endswith(f"/blob/main/{path}") and places["Binder"].endswith(f"/tree/{path}")
    assert "Binder" not in launch["links"]("notebooks/06_train_gan.ipynb")
    once = launch["with_launch"](nbformat.read(ROOT / path, as_version=4), path)
    nbformat.validate(once)
    assert once.cells[0].source.splitlines()[2].startswith("Open it in [Colab](")
    assert launch["with_launch"](nbformat.from_dict(once), path).cells == once.cells


@pytest.mark.parametrize("notebook", sorted((ROOT / "notebooks").glob("*.ipynb")), ids=lambda path: path.stem)
def test_every_notebook_says_where_it_opens_and_sets_colab_up(notebook):
    stored = nbformat.read(notebook, as_version=4)
    path = notebook.relative_to(ROOT).as_posix()
    assert launch["with_launch"](nbformat.from_dict(stored), path).cells == stored.cells, "python notebooks/launch.py"


def test_colabs_cell_does_nothing_elsewhere():
    names = {}
    exec(launch["COLAB"], names)
    assert set(names) - {"__builtins__"} == {"sys"}
