"""A drawing as SVG text: boxes, words and arrows on a white sheet, which light and dark pages show alike.

Lengths are in CSS pixels; words are 14 pixels (10.5 points) high or more. How wide a word is depends on the reader's
fonts: room is left for the widest of the usual ones, DejaVu Sans, which matplotlib brings along.

Notebook: 03_train_lstm_vae.ipynb
"""

from functools import cache
from pathlib import Path
from xml.sax.saxutils import escape

import matplotlib
from matplotlib.ft2font import FT2Font, LoadFlags

SIZE, TITLE, LINE = 14, 16, 19  # font sizes, and from one line of words to the next
INK, QUIET, SHEET = "#1A1A1A", "#555555", "#FFFFFF"
FONT = "Helvetica, Arial, 'DejaVu Sans', sans-serif"


@cache
def width_of(words: str, *, size: int = SIZE, bold: bool = False) -> float:
    """Pixels that words take in DejaVu Sans."""
    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    font = FT2Font(str(Path(matplotlib.get_data_path()) / "fonts/ttf" / name))
    font.set_size(size, 72)
    font.set_text(words, 0.0, flags=LoadFlags.NO_HINTING)
    return font.get_width_height()[0] / 64


def wrap(words: str, width: float, *, size: int = SIZE, bold: bool = False) -> list[str]:
    """Words in lines that are no wider than ``width`` pixels, as long as no single word is; "3 × 3" is one word."""
    lines, words = [""], words.replace(" × ", "\u00a0×\u00a0")
    for word in words.split(" "):
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and width_of(longer, size=size, bold=bold) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def tint(colour: str, share: float) -> str:
    """A colour ("#0072B2") with so much of it (0 to 1), the rest white."""
    parts = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return "#" + "".join(f"{round(255 - share * (255 - part)):02X}" for part in parts)


class Canvas:
    """A sheet ``width`` pixels wide that boxes, words and arrows are put on."""

    def __init__(self, width: int):
        self.width, self.parts = width, []

    def box(self, x: float, y: float, width: float, height: float, *, fill: str, line: str, round: int = 5,
            dashed: bool = False) -> None:  # fmt: skip
        """A rectangle with round corners."""
        dash = ' stroke-dasharray="5 3"' if dashed else ""
        self.parts.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" rx="{round}" fill="{fill}" '
            f'stroke="{line}" stroke-width="1.4"{dash}/>'
        )

    def words(self, x: float, y: float, words: str, *, size: int = SIZE, bold: bool = False, anchor: str = "start",
              colour: str = INK) -> None:  # fmt: skip
        """A line of words; y is their base line, and x where they start, have their middle or end."""
        weight = ' font-weight="bold"' if bold else ""
        self.parts.append(
            f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" fill="{colour}"{weight}>'
            f"{escape(words)}</text>"
        )

    def arrow(self, *points: tuple[float, float], dashed: bool = False) -> None:
        """A line through points, with a head at its end."""
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        dash = ' stroke-dasharray="5 4"' if dashed else ""
        self.parts.append(
            f'<polyline points="{path}" fill="none" stroke="{INK}" stroke-width="1.4"{dash} marker-end="url(#head)"/>'
        )

    def finish(self, height: float, *, title: str, description: str) -> str:
        """The whole SVG, with a text alternative."""
        head = (
            '<defs><marker id="head" viewBox="0 0 8 8" refX="7.5" refY="4" markerWidth="8" markerHeight="8" '
            f'markerUnits="userSpaceOnUse" orient="auto"><path d="M0,0 L8,4 L0,8 z" fill="{INK}"/></marker></defs>'
        )
        return "\n".join([
            f'<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{self.width}" height="{height:.0f}" '
            f'viewBox="0 0 {self.width} {height:.0f}" style="max-width: 100%; height: auto" font-family="{FONT}">',
            f"<title>{escape(title)}</title>", f"<desc>{escape(description)}</desc>", head,
            f'<rect width="{self.width}" height="{height:.0f}" rx="8" fill="{SHEET}"/>',
            *self.parts, "</svg>", "",
        ])  # fmt: skip
