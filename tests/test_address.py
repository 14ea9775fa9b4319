"""The repository's address stands in pyproject.toml, and every other file that names one agrees."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
URLS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["urls"]
ADDRESS = URLS["Repository"]
OWNER, NAME = ADDRESS.removeprefix("https://github.com/").split("/")
ENDINGS = {".md", ".py", ".toml", ".cff", ".json", ".yml", ".yaml", ".ipynb", ".txt", ".cfg"}
BUILT = {
    ".venv", ".venv-site", ".git", "outputs", "runs", "dancers", "build", "dist", "__pycache__", "jupyter_execute",
    "site",
}  # fmt: skip

# Somebody else's repositories and pages that the course names: sources and tools.
OTHERS = {"mjhydri/BeatNet", "numba/numba", "poloclub"}
HOSTS = (
    r"github\.com[/:]", r"codespaces\.new/", r"mybinder\.org/v2/gh/", r"colab\.research\.google\.com/github/",
)  # fmt: skip
REPOSITORY = re.compile(rf"(?:{'|'.join(HOSTS)})(?P<name>[\w.-]+/[\w.-]*\w)")
PAGES = re.compile(r"(?<![\w-])([\w-]+)\.github\.io")
PLACEHOLDER = re.compile("THIS_" + r"REPOSITORY|\b(?:YOUR_NAME|OWNER|ORG)/[\w-]+\b")


def files():
    """Every text file of the project that a person wrote."""
    for folder in sorted(ROOT.iterdir()):
        found = sorted(folder.rglob("*")) if folder.is_dir() and folder.name not in BUILT else [folder]
        for path in found:
            if path.is_file() and path.suffix in ENDINGS and not BUILT & set(path.relative_to(ROOT).parts):
                yield path


def wrong_addresses(text):
    """Repositories, pages and placeholders in a text that are neither ours nor another project's."""
    named = [found["name"].removesuffix(".git") for found in REPOSITORY.finditer(text)]
    strange = [name for name in named if name != f"{OWNER}/{NAME}" and name not in OTHERS]
    strange += [owner for owner in PAGES.findall(text) if owner not in {OWNER, *OTHERS}]
    return strange + PLACEHOLDER.findall(text)


def test_every_file_names_the_one_address():
    wrong = {path.relative_to(ROOT).as_posix(): wrong_addresses(path.read_text(encoding="utf-8")) for path in files()}
    wrong.pop("tests/test_address.py")  # it shows what is wrong
    assert not {path: names for path, names in wrong.items() if names}, f"the address is {ADDRESS}"


def test_all_addresses_of_pyproject_begin_with_the_repositorys():
    assert re.fullmatch(r"https://github\.com/[\w-]+/[\w-]+", ADDRESS)
    assert all(url.startswith(ADDRESS) or url.startswith(f"https://{OWNER}.github.io/") for url in URLS.values()), URLS


def test_the_readme_clones_it():
    assert f"git clone --depth 1 {ADDRESS} " in (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("text", [
    "https://github.com/somebody/dancing-project",
    "git@github.com:somebody/fork.git",
    "[![](https://mybinder.org/badge.svg)](https://mybinder.org/v2/gh/somebody/dancing-project/main)",
    "https://colab.research.google.com/github/somebody/dancing-project/blob/main/a.ipynb",
    "https://somebody.github.io/dancing-project",
    "git clone THIS_" + "REPOSITORY dancing",
    "git clone YOUR_NAME/dancing",
])  # fmt: skip
def test_another_address_is_found(text):
    assert len(wrong_addresses(text)) == 1


@pytest.mark.parametrize("text", [f"{ADDRESS}.git", f"{ADDRESS}/issues/new", f"https://{OWNER}.github.io/{NAME}/"])
def test_our_own_address_is_not(text):
    assert not wrong_addresses(text)
