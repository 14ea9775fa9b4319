"""Every word of the glossary is used in the notebook that it names, and every link into it has its target."""

import re
import unicodedata
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[1]
GLOSSARY = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
ENTRIES = dict(re.findall(r"^## (.+)\n\n((?:.+\n)+)", GLOSSARY, flags=re.M))  # word -> what it says
PAGES = {
    path.stem: "\n".join(c.source for c in nbformat.read(path, as_version=4).cells if c.cell_type == "markdown")
    for path in sorted((ROOT / "notebooks").glob("*.ipynb"))
}  # fmt: skip
LINK = re.compile(r"\]\(\.\./docs/glossary\.md#([^)]+)\)")


def anchor(word):
    """How GitHub and Jupyter name a heading in a link: small letters, hyphens for blanks."""
    return re.sub(r"[^\w\- ]", "", word.lower()).replace(" ", "-")


def test_words_stand_in_order_and_none_is_there_twice():
    words = re.findall(r"^## (.+)$", GLOSSARY, flags=re.M)
    assert len(words) == len(ENTRIES) >= 40
    plain = [unicodedata.normalize("NFD", anchor(word)).replace("\u0301", "") for word in words]  # é as e
    assert plain == sorted(set(plain))


@pytest.mark.parametrize("word", ENTRIES)
def test_a_word_is_linked_from_where_it_is_first_used(word):
    places = re.findall(r"First\s+in\s+\[(\w+)\]\(\.\./notebooks/(\w+)\.ipynb\)", ENTRIES[word])
    linking = [name for name, text in PAGES.items() if anchor(word) in LINK.findall(text)]
    assert len(places) == 1 and linking and places[0] == (linking[0], linking[0]), linking


@pytest.mark.parametrize("page", PAGES)
def test_links_into_the_glossary_have_their_target(page):
    found = LINK.findall(PAGES[page])
    assert set(found) <= {anchor(word) for word in ENTRIES}
    assert len(found) == len(set(found)), "a word is linked where it first appears, once a notebook"


def test_an_entry_is_short():
    for word, text in ENTRIES.items():
        said = re.sub(r"First\s+in\s.*", "", text, flags=re.S)
        assert 1 <= len(re.findall(r"[.:;]\s", said + " ")) <= 5 and len(said) < 420, word
