"""Pages are easy to read: no sentence is long. Older pages have their own limit, until they are as good."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGES = [page for pattern in ("*.md", "docs/**/*.md", "data_sample/*.md") for page in sorted(ROOT.glob(pattern))]
LONGEST = 36  # words in a sentence, or in what stands before a colon or a semicolon
OLDER = {"docs/what_ideas_buy.md": 44, "docs/what_is_heard.md": 39}


def prose(text):
    """The running text of a page: no headings, tables, pictures or code; of links their words, of code one word."""
    kept = [line for line in text.splitlines() if not re.match(r"\s*[#|!]|    ", line)]
    text = re.sub(r"`[^`]*`", "code", "\n".join(kept))
    return re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)


def sentences(text):
    for paragraph in re.split(r"\n\s*\n|\n(?=\s*[-*] )", prose(text)):
        yield from filter(None, re.split(r"(?<=[.!?:;])[*_)]*\s+", " ".join(paragraph.split())))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_no_sentence_needs_a_second_reading(page):
    limit = OLDER.get(page.relative_to(ROOT).as_posix(), LONGEST)
    long = [sentence for sentence in sentences(page.read_text("utf-8")) if len(sentence.split()) > limit]
    assert not long, f"over {limit} words: make two sentences of it"


def test_older_pages_limits_go_when_they_can():
    for name, limit in OLDER.items():
        longest = max(len(sentence.split()) for sentence in sentences((ROOT / name).read_text("utf-8")))
        assert LONGEST < longest <= limit, f"{name} is as good as the others now: leave it out"


def test_what_counts_as_a_sentence():
    left_out = "# Heading\n\n    code\n\n| a table |\n\n"
    text = left_out + "One two [three four](x.md) `five six`. Seven: eight\nnine.\n- ten\n- eleven\n"
    assert [len(one.split()) for one in sentences(text)] == [5, 1, 2, 2, 2]  # an item's mark is a word, too
