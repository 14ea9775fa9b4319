"""Every link from a page of the project to a file of it leads somewhere, to the heading that it names."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("*.md", ".github/*.md", "docs/**/*.md", "data_sample/*.md", "notebooks/**/*.ipynb")
PAGES = [page for pattern in FOLDERS for page in ROOT.glob(pattern)]
LINK = re.compile(r"\]\((?!https?:|mailto:|attachment:)([^)#\s]*)(?:#([^)\s]*))?\)")


def words_of(page):
    text = page.read_text(encoding="utf-8")
    if page.suffix == ".md":
        return text
    return "\n".join("".join(cell["source"]) for cell in json.loads(text)["cells"] if cell["cell_type"] == "markdown")


def anchors(page):
    """How a page's headings are named in a link. GitHub: lower case, no signs, hyphens for spaces; Jupyter: hyphens."""
    headings = re.findall(r"^#+ (.+)$", words_of(page), flags=re.M)
    if page.suffix == ".ipynb":
        return {heading.strip().replace(" ", "-") for heading in headings}
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page):
    for path, anchor in LINK.findall(words_of(page)):
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{path} is not there"
        if anchor and target.suffix in (".md", ".ipynb"):
            assert anchor in anchors(target), f"{path}#{anchor}: no such heading"
