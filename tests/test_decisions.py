"""The decision log: pages that answer the same questions, are in the list, are short, and repeat known numbers only."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
LOG = ROOT / "docs" / "decisions"
PAGES = sorted(path for path in LOG.glob("*.md") if path.name != "README.md")
PARTS = ["Question.", "Tried and measured.", "Decided.", "What it costs.", "What would change it."]
SOURCES = [ROOT / "README.md", ROOT / "data_sample" / "README.md", *(ROOT / "docs").glob("*.md")]


def numbers(text):
    """Decimal fractions; .5 is 0.5."""
    return {f"{float(number):g}" for number in re.findall(r"(?<![\w.])\d*\.\d+(?![\w.])", text)}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_answers_what_is_asked_and_is_no_longer(page):
    text = page.read_text("utf-8")
    assert re.findall(r"^\*\*(.+?)\*\*", text, flags=re.M) == PARTS
    assert len(text.splitlines()) < 50


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_pages_numbers_stand_where_they_are_explained(page):
    known = numbers(" ".join(path.read_text("utf-8") for path in SOURCES))
    assert not numbers(page.read_text("utf-8")) - known


def test_the_list_has_all_pages_by_their_titles():
    text = (LOG / "README.md").read_text("utf-8")
    titles = {page.name: page.read_text("utf-8").splitlines()[0].removeprefix("# ") for page in PAGES}
    listed = {name: title for title, name in re.findall(r"^\| \[(.+)\]\((.+)\) \|", text, flags=re.M)}
    assert listed == titles
    assert "](docs/decisions/README.md)" in (ROOT / "CONTRIBUTING.md").read_text("utf-8")
