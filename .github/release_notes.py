"""What the changelog says of a tag's version: python .github/release_notes.py v0.1.0. Plain Python.

It stops with a sentence if the version is not the one in pyproject.toml, or the changelog has not dated it.
"""

import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def notes(tag: str, changelog: str, fallback: str) -> str:
    """The section of ``changelog`` for a tag such as "v0.1.0"; ``fallback`` is pyproject.toml's version."""
    version = tag.removeprefix("v")
    if not re.fullmatch(r"v\d+\.\d+\.\d+", tag) or version != fallback:
        raise SystemExit(f"the tag {tag} is not v{fallback}, pyproject.toml's fallback-version: change one of them")
    section = re.search(rf"^## \[{re.escape(version)}\] - (\S+)\n(.*?)(?=^## |^\[\d|\Z)", changelog, flags=re.M | re.S)
    if section is None or not re.fullmatch(r"\d{4}-\d\d-\d\d", section[1]):
        raise SystemExit(f"CHANGELOG.md has no section '## [{version}] - YEAR-MONTH-DAY': write it")
    return section[2].strip() + "\n"


if __name__ == "__main__":
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    fallback = project["tool"]["hatch"]["version"]["fallback-version"]
    print(notes(sys.argv[1], (ROOT / "CHANGELOG.md").read_text("utf-8"), fallback), end="")
