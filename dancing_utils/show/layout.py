"""Where the boxes of a drawing lie: parts as columns that are read from above, or a U-Net as a U.

Every arrow of a column is upright. What is needed again further down passes the boxes between at their right, which are
narrower there.

Notebook: 03_train_lstm_vae.ipynb
"""

from dataclasses import dataclass

from dancing_utils.show.blocks import KINDS, Block, Flow, Part
from dancing_utils.show.plots import BLACK, BLUE, GREEN, ORANGE, PURPLE
from dancing_utils.show.svg import INK, LINE, QUIET, SHEET, SIZE, TITLE, Canvas, tint, width_of, wrap

COLOURS = dict(zip(KINDS, (BLUE, ORANGE, GREEN, PURPLE, BLACK), strict=True))
IN_WORDS = dict(zip(KINDS, ("recurrent", "convolution", "dense", "attention", "nothing is trained"), strict=True))
WIDTH, MARGIN, PAD = 840, 20, 9  # of a sheet; around all; inside a box
GAP = 22  # between boxes: an arrow's length
LANE = 22  # that a box gives up for an arrow that passes it
BAR = 6  # the coloured edge of a box
KEY = "In a box: what happens; → what comes out (of each example); right: parameters that are trained."


# --- boxes ----------------------------------------------------------------------------------------------------------


def _lines(block: Block, width: float) -> list[str]:
    return [line for words in block.lines for line in wrap(words, width - 2 * PAD - BAR, bold=True)]


def _told(block: Block, width: float, known: bool = True) -> list[tuple[str, str]]:
    """The lower lines of a box: (left, right)."""
    out, n = f"→ {block.shape}", f"{block.parameters:,}" if block.parameters and known else ""
    if width_of(out) + width_of(n) + 12 > width - 2 * PAD - BAR:
        return [(out, ""), ("", n)]  # too wide for one line
    return [(out, n)]


def height_of(item: Block | Flow, width: float) -> float:
    """Height of a box so wide."""
    lines = _lines(item, width) + _told(item, width) if isinstance(item, Block) else _of_flow(item, width)
    return 2 * PAD + len(lines) * LINE - 3


def _of_flow(flow: Flow, width: float) -> list[tuple[str, bool]]:
    """Lines and whether they are bold."""
    room = width - 2 * PAD
    names, shapes = wrap(flow.name, room, bold=True), wrap(flow.shape, room)
    return [(line, True) for line in names] + [(line, False) for line in shapes]


def put(canvas: Canvas, item: Block | Flow, x: float, y: float, width: float, *, known: bool = True) -> None:
    """Draw a block, or what flows in or out as a box with round ends."""
    height, middle = height_of(item, width), x + width / 2
    if isinstance(item, Flow):
        canvas.box(x, y, width, height, fill=SHEET, line=INK, round=16)
        for i, (words, bold) in enumerate(_of_flow(item, width)):
            canvas.words(middle, y + PAD + SIZE - 2 + LINE * i, words, bold=bold, anchor="middle")
        return
    colour, plain = COLOURS[item.kind], item.kind == "plain"
    canvas.box(x, y, width, height, fill=SHEET if plain else tint(colour, 0.13), line=INK, dashed=plain)
    if not plain:
        canvas.box(x, y, BAR, height, fill=colour, line=colour, round=2)
    base = y + PAD + SIZE - 2
    for words in _lines(item, width):
        canvas.words(x + BAR + PAD, base, words, bold=True)
        base += LINE
    for left, right in _told(item, width, known):
        if left:
            canvas.words(x + BAR + PAD, base, left)
        if right:
            canvas.words(x + width - PAD, base, right, anchor="end", colour=QUIET)
        base += LINE


def put_key(canvas: Canvas, kinds: set[str], y: float, key: str = KEY) -> float:
    """Draw what colours and words of the boxes mean; returns where it ends."""
    x = MARGIN
    for kind in (kind for kind in KINDS if kind in kinds):
        plain = kind == "plain"
        canvas.box(x, y, 22, 15, fill=SHEET if plain else tint(COLOURS[kind], 0.13), line=INK, dashed=plain, round=3)
        if not plain:
            canvas.box(x, y, BAR, 15, fill=COLOURS[kind], line=COLOURS[kind], round=2)
        canvas.words(x + 29, y + 12.5, IN_WORDS[kind], colour=QUIET)
        x += 29 + width_of(IN_WORDS[kind]) + 20
    y += 15
    for line in wrap(key, canvas.width - 2 * MARGIN):
        y += LINE
        canvas.words(MARGIN, y, line, colour=QUIET)
    return y


def put_title(canvas: Canvas, title: str, remark: str = "") -> float:
    """Draw a sheet's title and what is said under it; returns where they end."""
    room, size, y = canvas.width - 2 * MARGIN, TITLE + 2, MARGIN + TITLE
    for i, line in enumerate(wrap(title, room, size=size, bold=True)):
        y += (LINE + 5) * (i > 0)
        canvas.words(MARGIN, y, line, size=size, bold=True)
    for i, line in enumerate(wrap(remark, room) if remark else []):
        y += LINE + 8 * (i == 0)
        canvas.words(MARGIN, y, line, colour=QUIET)
    return y


# --- a column -------------------------------------------------------------------------------------------------------


@dataclass
class Place:
    """Where a box lies."""

    row: int
    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> float:
        """Half-way across."""
        return self.x + self.width / 2


def rows_of(part: Part) -> list[list[Block | Flow]]:
    """Inputs above the block that first takes them, blocks that end side by side in one row, outputs at the foot."""
    rows, shown = [], set()
    for block in part.blocks:
        new = [flow for flow in block.given if isinstance(flow, Flow) and flow not in shown]
        shown.update(new)
        if new:  # what is needed again comes last, at the right
            rows.append(sorted(new, key=lambda flow: sum(flow in other.given for other in part.blocks)))
        beside = rows and isinstance(rows[-1][0], Block) and rows[-1][0].given == block.given
        rows[-1].append(block) if beside else rows.append([block])
    last = rows[-1]
    return [*rows, sorted(part.outputs, key=lambda flow: flow.given not in last)]


def edges_of(part: Part) -> list[tuple[Block | Flow, Block | Flow]]:
    """From what is given to what takes it."""
    into = [(giver, block) for block in part.blocks for giver in block.given]
    return into + [(flow.given, flow) for flow in part.outputs]


def head_height(part: Part, width: float) -> float:
    """Height of a part's title and what is said under it."""
    return LINE * (len(wrap(part.title, width, size=TITLE, bold=True)) + len(_under_title(part, width))) + 12


def _under_title(part: Part, width: float) -> list[str]:
    count = [f"{part.parameters:,} parameters"] if part.known else []
    return count + (wrap(part.remark, width) if part.remark else [])


def put_column(canvas: Canvas, part: Part, x: float, y: float, width: float, head: float) -> float:
    """Draw a part from ``y`` down, its boxes from ``y + head`` on; returns where it ends."""
    titles = wrap(part.title, width, size=TITLE, bold=True)
    for i, words in enumerate([*titles, *_under_title(part, width)]):
        is_title = i < len(titles)
        canvas.words(x, y + LINE * i + TITLE, words, size=TITLE if is_title else SIZE, bold=is_title,
                     colour=INK if is_title else QUIET)  # fmt: skip
    places, lanes = _places(part, x, y + head, width)
    for place, item in places:
        put(canvas, item, place.x, place.y, place.width, known=part.known)
    where = {id(item): place for place, item in places}
    for giver, taker in edges_of(part):
        a, b = where[id(giver)], where[id(taker)]
        across = lanes.get((id(giver), id(taker)), _across(a, b, places))
        canvas.arrow((across, a.y + a.height), (across, b.y))
    return max(place.y + place.height for place, _ in places)


def _across(a: Place, b: Place, places: list) -> float:
    """Where an arrow from one box down to another is."""
    if b.row == a.row + 2:  # through a row of inputs, in its first slot
        first = min(place.x for place, _ in places if place.row == a.row + 1)
        return (a.x + first - 12) / 2
    return min(a, b, key=lambda place: place.width).middle


def _places(part: Part, x: float, y: float, width: float) -> tuple[list, dict]:
    """Places of all boxes, and where arrows are that pass boxes: (from, to) -> x."""
    rows = rows_of(part)
    row_of = {id(item): i for i, row in enumerate(rows) for item in row}
    passing, through = [], set()
    for giver, taker in edges_of(part):
        start, end = row_of[id(giver)], row_of[id(taker)]
        if end == start + 2 and isinstance(giver, Block) and isinstance(taker, Block) and isinstance(
            rows[start + 1][0], Flow
        ):  # fmt: skip
            through.add(start + 1)
        elif end > start + 1:
            passing.append((giver, taker, start, end))
    lanes = {(id(g), id(t)): x + width - LANE / 2 - LANE * i for i, (g, t, _, _) in enumerate(passing)}
    places = []
    for i, row in enumerate(rows):
        room = width - LANE * sum(start < i < end for _, _, start, end in passing)
        slots, skip = len(row) + (i in through), i in through
        each = (room - 12 * (slots - 1)) / slots
        height = max(height_of(item, each) for item in row)
        for k, item in enumerate(row, start=skip):
            places.append((Place(i, x + k * (each + 12), y, each, height), item))
        y += height + GAP
    return places, lanes


def columns(grid: list[list[Part]], *, title: str, description: str, key: str = KEY) -> str:
    """Rows of parts beside each other, as one SVG."""
    canvas, kinds = Canvas(WIDTH), set()
    y = put_title(canvas, title) + 26
    for parts in grid:
        between = 26
        width = (WIDTH - 2 * MARGIN - between * (len(parts) - 1)) / len(parts)
        head = max(head_height(part, width) for part in parts)
        ends = [
            put_column(canvas, part, MARGIN + i * (width + between), y, width, head) for i, part in enumerate(parts)
        ]
        y = max(ends) + 34
        kinds |= {block.kind for part in parts for block in part.blocks}
    return canvas.finish(put_key(canvas, kinds, y - 4, key) + MARGIN, title=title, description=description)


# --- a U ------------------------------------------------------------------------------------------------------------


def u_net(levels: dict[tuple[str, int], Block], ends: dict[str, Flow], *, title: str, remark: str, description: str
          ) -> str:  # fmt: skip
    """The blocks of ``blocks.levels`` as a U, one row a size, the largest above; where it paints at the right.

    Parameters
    ----------
    ends : what flows into the U and out of it: "pose", "drawn" below it, and "picture" above where it paints.
    """
    canvas, sizes = Canvas(WIDTH), sorted({rows for _, rows in levels}, reverse=True)
    y = put_title(canvas, title, remark) + 40
    between, narrow = 26, 182
    wide = (WIDTH - 2 * MARGIN - 2 * between - narrow) / 2
    widths = {"down": wide, "up": wide, "paint": narrow}
    left = {way: MARGIN + i * (wide + between) for i, way in enumerate(widths)}
    for way, words in {"down": "Way down", "up": "Way up", "paint": "What is painted"}.items():
        canvas.words(left[way], y, words, size=TITLE, bold=True)
    top = y + 16
    put(canvas, ends["picture"], left["paint"], top, narrow)
    foot = y = top + height_of(ends["picture"], narrow)
    tops, turn = {}, sizes[-1]
    for rows in sizes:
        tops[rows] = y = y + GAP + 4
        y += max(height_of(levels[way, rows], widths[way]) for way in widths if (way, rows) in levels)
    places = {}
    for (way, rows), block in levels.items():
        width = 2 * wide + between if rows == turn else widths[way]
        places[way, rows] = Place(sizes.index(rows), left[way], tops[rows], width, height_of(block, width))
        put(canvas, block, left[way], tops[rows], width)
    _arrows_of_u(canvas, places, sizes, {way: left[way] + width / 2 for way, width in widths.items()}, foot)
    _inputs_of_u(canvas, ends, min(place.y for (way, _), place in places.items() if way == "down"), left["down"], wide)
    kinds = {block.kind for block in levels.values()}
    return canvas.finish(put_key(canvas, kinds, y + 28) + MARGIN, title=title, description=description)


def _arrows_of_u(canvas: Canvas, places: dict, sizes: list[int], middle: dict[str, float], foot: float) -> None:
    """Down, across and up; ``foot`` is where the picture's box ends."""
    for small, large in zip(sizes[1:], sizes[:-1], strict=True):
        for way in ("down", "up", "paint"):
            place, below = places.get((way, large)), places.get((way, small))
            if way == "up" and small == sizes[-1]:
                below = places["down", small]  # which spans both ways
            if place and below:
                ends = [(middle[way], place.y + place.height), (middle[way], below.y)]
                canvas.arrow(*(ends if way == "down" else reversed(ends)))
        row = places["up", large].y + 28
        for start, end, dashed in (("down", "up", True), ("up", "paint", False)):
            if (start, large) in places and (end, large) in places:
                a, b = places[start, large], places[end, large]
                canvas.arrow((a.x + a.width, row), (b.x, row), dashed=dashed)
    canvas.arrow((middle["paint"], places["paint", sizes[0]].y), (middle["paint"], foot))


def _inputs_of_u(canvas: Canvas, ends: dict[str, Flow], foot: float, x: float, width: float) -> None:
    """The pose, and how it is drawn, above the way down."""
    y = foot
    for name in ("drawn", "pose"):
        height = height_of(ends[name], width)
        y -= GAP + 4 + height
        put(canvas, ends[name], x, y, width)
        canvas.arrow((x + width / 2, y + height), (x + width / 2, y + height + GAP + 4))
