"""What terminal pages share: looks of a posture, tables of words, small bars, and how it is printed where only ASCII can be shown."""

from __future__ import annotations

import io
from collections.abc import Collection, Iterable, Sequence

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from posture.reports.labels import DASH, MINUS, STYLES
from posture.types import Posture

WIDEST = 100
COLOURS = {
    Posture.NEUTRAL: "cyan",
    Posture.FLEXED: "red",
    Posture.ANTERIOR_TILT: "magenta",
    Posture.AWAY: "dim",
    Posture.UNKNOWN: "yellow",
}
LEVELS = "▁▂▃▄▅▆▇█"
"""Small bars, lowest first."""
NOTHING = "·"
"""Stands where there is no number."""
PLAIN = str.maketrans(
    {"°": " deg", "±": "+/-", MINUS: "-", DASH: "-", NOTHING: "-", "…": ".", "\N{NO-BREAK SPACE}": " "}
    | {level: str(n) for n, level in enumerate(LEVELS, 1)}
)


def fancy(console: Console) -> bool:
    """Tell whether more than ASCII can be shown."""
    return console.encoding.lower().startswith("utf")


def print_parts(console: Console, parts: Iterable[RenderableType]) -> None:
    """Print them one below the other, at most ``WIDEST`` characters wide, in ASCII where the terminal asks for it."""
    width = min(console.width, WIDEST)
    if fancy(console):
        for part in parts:
            console.print(part, width=width, highlight=False, markup=False, emoji=False)
        return
    plain = Console(file=io.StringIO(), width=width, color_system=None)
    with plain.capture() as captured:
        for part in parts:
            plain.print(part, width=width, highlight=False, markup=False, emoji=False)
    text = captured.get().translate(PLAIN).encode(console.encoding, "replace").decode(console.encoding)
    console.print(text, end="", highlight=False, markup=False, emoji=False, soft_wrap=True)


def title(words: str) -> Text:
    """Return a heading, with an empty line before it."""
    return Text("\n" + words, style="bold")


def indented(words: str | Text, by: int = 2) -> Padding:
    """Return a paragraph that stays indented where it wraps."""
    return Padding(Text(words) if isinstance(words, str) else words, (0, 0, 0, by), expand=False)


def grid(rows: Iterable[Sequence[str | Text]], right: Collection[int] = (), gap: int = 2, *, wrap: bool = True) -> Padding:
    """Lay out a table without lines, two blanks in; `right` are the columns of numbers, which never wrap."""
    cells = [[Text(c) if isinstance(c, str) else c for c in row] for row in rows]
    table = Table.grid(padding=(0, gap))
    for column in range(len(cells[0]) if cells else 0):
        table.add_column(justify="right" if column in right else "left", no_wrap=column in right or not wrap)
    for row in cells:
        table.add_row(*row)
    return Padding(table, (0, 0, 0, 2), expand=False)


def glyph(posture: Posture | None, utf: bool, times: int = 1) -> Text:
    """Draw a posture as one character of a strip, or as several; blank where nothing was recorded."""
    if posture is None:
        return Text(" ")
    look = STYLES[posture]
    return Text((look.glyph if utf else look.ascii) * times, style=COLOURS[posture])


def level(value: float, top: float) -> str:
    """Return a small bar of 0 to `top`."""
    return LEVELS[min(len(LEVELS) - 1, max(0, int(value / top * len(LEVELS))))] if top > 0 else LEVELS[0]
