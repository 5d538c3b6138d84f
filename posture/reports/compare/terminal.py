"""A comparison in the terminal: one table, and what has to be known to read it."""

from __future__ import annotations

import math
from collections.abc import Iterator

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from posture.ergonomics import Difference
from posture.reports.archive.groups import spread_words
from posture.reports.compare.comparison import Comparison
from posture.reports.compare.page import headline
from posture.reports.labels import span_words


def print_comparison(console: Console, comparison: Comparison) -> None:
    """Print the comparison to `console`."""
    for part in _parts(comparison):
        console.print(part, highlight=False, markup=False, emoji=False)


def _parts(comparison: Comparison) -> Iterator[RenderableType]:
    for side in (comparison.first, comparison.second):
        yield Text.assemble((side.label, "bold"), (f"  {side.words}, {span_words(side.measured_s)} measured", "dim"))
    yield Text("")
    yield Text(headline(comparison))
    yield Text("")
    yield _table(comparison)
    methods = methods_of(comparison)
    for number, method in enumerate(methods, 1):
        yield Text(f"{f'[{number}] ' if len(methods) > 1 else 'Intervals: '}{method}", style="dim")
    for note in comparison.notes:
        yield Text(f"Note: {note}")


def methods_of(comparison: Comparison) -> list[str]:
    """Return what the intervals are made of, each once."""
    return list(dict.fromkeys(row.difference.method for row in comparison.rows if row.difference is not None))


def _table(comparison: Comparison) -> Table:
    methods = methods_of(comparison)
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", show_edge=False)
    table.add_column("", overflow="fold", min_width=16)
    for heading in (comparison.first.label, comparison.second.label, "difference"):
        table.add_column(Text(heading), justify="right")
    table.add_column("95 % interval", justify="right", no_wrap=True)
    if len(methods) > 1:
        table.add_column("", no_wrap=True)
    for row in comparison.rows:
        if row.first is None and row.second is None:
            continue
        m, d = row.measure, row.difference or Difference(math.nan, None, None, "")
        cells = [
            spread_words(row.first, m.words),
            spread_words(row.second, m.words),
            m.difference_words(None if row.difference is None else d.value),
        ]
        number = [f"[{methods.index(d.method) + 1}]" if d.method else ""] if len(methods) > 1 else []
        table.add_row(m.label, *map(Text, [*cells, m.interval_words(d.low, d.high, unit=False), *number]))
    return table
