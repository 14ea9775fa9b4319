"""An LSTM cell as a drawing: one step from left to right, memory above, what is said below.

Notebook: 00b_primer.ipynb
"""

from dancing_utils.show.drawings import Drawing
from dancing_utils.show.svg import TITLE, Canvas, tint

BLUE, ORANGE, GREEN, PURPLE, GREY = "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#555555"
WORDS = """An LSTM cell, one step
  in: x, the input of this step; h, what was said a step before; c, the memory
  four layers read x and h: forget gate f, input gate i, candidate g, output gate o
  memory: new c = f × c + i × g
  said: new h = o × tanh(new c)
  out: new c and new h, to the next step; h is also the layer's output"""


def draw_lstm() -> Drawing:
    """One step of an LSTM, its gates named as in Keras."""
    canvas, memory, gates, said = Canvas(900), 90, 250, 340
    columns = {"f": 195, "i": 325, "g": 465, "o": 600}
    canvas.box(120, 44, 630, 330, fill="#FAFAFA", line=GREY, round=14)
    canvas.arrow((60, memory), (columns["f"] - 15, memory))
    canvas.arrow((columns["f"] + 15, memory), (380, memory))
    canvas.arrow((410, memory), (815, memory))
    _signal(canvas, said, columns, gates)
    for name, (words, function, colour) in {
        "f": ("forget", "sigmoid", ORANGE), "i": ("input", "sigmoid", BLUE), "g": ("candidate", "tanh", GREEN),
        "o": ("output", "sigmoid", PURPLE),
    }.items():  # fmt: skip
        _gate(canvas, columns[name], gates, f"{words} {name}", function, colour)
    canvas.arrow((columns["f"], gates - 24), (columns["f"], memory + 15))
    canvas.arrow((columns["i"], gates - 24), (columns["i"], 170), (380, 170))
    canvas.arrow((columns["g"], gates - 24), (columns["g"], 170), (410, 170))
    canvas.arrow((395, 155), (395, memory + 15))
    canvas.arrow((690, memory), (690, 118))
    canvas.box(655, 120, 70, 30, fill=tint(GREEN, 0.18), line=GREEN)
    canvas.words(690, 140, "tanh", anchor="middle")
    canvas.arrow((690, 150), (690, 185))
    canvas.arrow((columns["o"], gates - 24), (columns["o"], 200), (675, 200))
    canvas.arrow((690, 215), (690, said), (815, said))
    for x, y, sign in ((columns["f"], memory, "×"), (395, memory, "+"), (395, 170, "×"), (690, 200, "×")):
        canvas.box(x - 15, y - 15, 30, 30, fill="#FFFFFF", line="#1A1A1A", round=15)
        canvas.words(x, y + 5, sign, anchor="middle", bold=True)
    for x, anchor, name in ((55, "end", "c"), (822, "start", "new c")):
        canvas.words(x, memory + 5, name, anchor=anchor, bold=True)
    canvas.words(822, said + 5, "new h", bold=True)
    canvas.words(225, memory - 8, "memory")
    canvas.words(120, 28, "An LSTM cell, one step", size=TITLE, bold=True)
    return Drawing(canvas.finish(430, title="An LSTM cell, one step", description=WORDS), WORDS)


def _signal(canvas: Canvas, said: float, columns: dict[str, int], gates: float) -> None:
    """x and the last h, on their way to the four layers."""
    canvas.words(55, said + 5, "h", anchor="end", bold=True)
    canvas.arrow((60, said), (columns["o"], said), (columns["o"], gates + 26))
    for name in "fig":
        canvas.arrow((columns[name], said), (columns[name], gates + 26))
    canvas.arrow((150, 400), (150, said + 2))
    canvas.words(150, 418, "x", anchor="middle", bold=True)


def _gate(canvas: Canvas, x: float, y: float, name: str, function: str, colour: str) -> None:
    canvas.box(x - 58, y - 24, 116, 48, fill=tint(colour, 0.18), line=colour)
    canvas.words(x, y - 4, name, anchor="middle", bold=True)
    canvas.words(x, y + 14, function, anchor="middle")
