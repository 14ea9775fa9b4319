"""Each shipped model has a card: its SHA-256, what it is not for, and measures that are explained elsewhere, too."""

import hashlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
CARDS = sorted((ROOT / "docs" / "cards").glob("*.md"))
SHIPPED = ("data_sample/checkpoints/*.npz", "data_sample/dancers/*/repair.npz", "dancing_utils/audio/weights/*.npz")
WEIGHTS = [path for pattern in SHIPPED for path in sorted(ROOT.glob(pattern))]
ROW = re.compile(r"^\| `(\S+)` \| `([0-9a-f]{64})` \|$", flags=re.M)
NAMED = {name: (digest, card) for card in CARDS for name, digest in ROW.findall(card.read_text("utf-8"))}
MODELS = sorted({card for _, card in NAMED.values()})
OF_MEASURES = ("what_it_does", "what_ideas_buy", "what_is_heard")
SOURCES = ["README.md", "data_sample/README.md", *(f"docs/{name}.md" for name in OF_MEASURES)]


@pytest.mark.parametrize("path", WEIGHTS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_card_describes_these_very_weights(path):
    digest, card = NAMED[path.relative_to(ROOT).as_posix()]
    changed = f"{path.name} is not what {card.name} describes: measure it, write its numbers and SHA-256 into the card"
    assert hashlib.sha256(path.read_bytes()).hexdigest() == digest, changed


def test_no_card_describes_weights_that_are_gone():
    assert sorted(NAMED) == sorted(path.relative_to(ROOT).as_posix() for path in WEIGHTS)


@pytest.mark.parametrize("card", MODELS, ids=lambda card: card.stem)
def test_a_models_card_answers_what_is_asked_of_it(card):
    text = card.read_text("utf-8")
    for heading in ("What it is", "Trained on", "How good it is", "Use it", "Do not use it", "What goes wrong"):
        assert f"**{heading}" in text, heading


@pytest.mark.parametrize("card", MODELS, ids=lambda card: card.stem)
def test_measures_on_cards_stand_where_they_are_explained(card):
    """So that a new measure is not written into one of the two alone."""
    known = " ".join((ROOT / name).read_text("utf-8") for name in SOURCES)
    table = card.read_text("utf-8").split("**How good it is**")[1].split("**Use it**")[0]
    rows = [row.split("|")[2:-1] for row in table.splitlines() if row.startswith("|")][2:]
    numbers = {number for row in rows for cell in row for number in re.findall(r"\d+\.\d+", cell)}
    assert numbers and not [number for number in numbers if number not in known]


def test_all_cards_are_in_the_list():
    text = (ROOT / "docs" / "cards" / "README.md").read_text("utf-8")
    assert all(f"]({card.name})" in text for card in CARDS if card.name != "README.md")
