"""The version comes from tags, and without them every file names the same one; title, licences and keywords agree."""

import json
import re
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest

from dancing_utils import __version__

ROOT = Path(__file__).resolve().parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
FALLBACK = PYPROJECT["tool"]["hatch"]["version"]["fallback-version"]
CITATION = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
ZENODO, CODEMETA = (json.loads((ROOT / name).read_text(encoding="utf-8")) for name in (".zenodo.json", "codemeta.json"))


def cited(field):
    """A one-line value of CITATION.cff, or a list of them."""
    one = re.search(rf'^{field}: "?(.+?)"?$', CITATION, flags=re.M)
    items = re.search(rf"^{field}:\n((?:  - .+\n)+)", CITATION, flags=re.M)
    return one[1] if one else [line[4:] for line in items[1].splitlines()]


def test_the_version_is_named_alike_everywhere():
    newest = re.search(r"^## \[(\d+\.\d+\.\d+)\]", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), flags=re.M)[1]
    assert {newest, cited("version"), ZENODO["version"], CODEMETA["version"]} == {FALLBACK}


def test_what_is_cited_agrees():
    assert cited("title") == ZENODO["title"] == CODEMETA["name"]
    assert cited("keywords") == ZENODO["keywords"] == CODEMETA["keywords"]
    assert PYPROJECT["project"]["license"] == " AND ".join(cited("license"))
    assert [url.rsplit("/", 1)[1] for url in CODEMETA["license"]] == cited("license")
    assert cited("repository-code") == CODEMETA["codeRepository"] == PYPROJECT["project"]["urls"]["Repository"]


def test_every_release_stands_in_the_changelog_with_its_link():
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    releases = re.findall(r"^## \[(.+?)\] - (Unreleased|\d{4}-\d\d-\d\d)$", text, flags=re.M)
    assert releases and len(releases) == len(re.findall("^## ", text, flags=re.M))
    assert all(re.search(rf"^\[{re.escape(number)}\]: https://", text, flags=re.M) for number, _ in releases)


def test_the_program_says_the_installed_packages_version():
    assert __version__ == version("dancing-project")


def built_version(folder):
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "hatchling", "version"], cwd=folder, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def git(folder, *words):
    who = ["-c", "user.name=test", "-c", "user.email=test@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True)


@pytest.mark.slow
def test_the_version_in_a_zip_a_clone_with_tags_and_a_shallow_one(tmp_path):
    """Needs the build backend, which `python -m build` fetches by itself: pip install hatchling hatch-vcs."""
    pytest.importorskip("hatch_vcs")
    unpacked = tmp_path / "zip"
    unpacked.mkdir()
    shutil.copy(ROOT / "pyproject.toml", unpacked)
    assert built_version(unpacked) == FALLBACK
    git(unpacked, "init", "-q")
    git(unpacked, "add", "pyproject.toml")
    git(unpacked, "commit", "-qm", "first")
    assert built_version(unpacked).startswith(re.match(r"\d+\.\d+", FALLBACK)[0])
    git(unpacked, "tag", "v3.1.4")
    assert built_version(unpacked) == "3.1.4"
    git(unpacked, "commit", "-q", "--allow-empty", "-m", "second")
    assert built_version(unpacked).startswith("3.1.5.dev1+g")
    git(tmp_path, "clone", "-q", "--depth", "1", "--no-tags", unpacked.as_uri(), "shallow")
    assert built_version(tmp_path / "shallow").startswith(re.match(r"\d+\.\d+", FALLBACK)[0])
