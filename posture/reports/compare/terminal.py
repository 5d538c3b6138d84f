"""A comparison in the terminal: one table, and what has to be known to read it."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from posture.ergonomics import Spread
from posture.reports.compare.comparison import Comparison
from posture.reports.compare.measures import ComparedMeasure
from posture.reports.compare.page import headline
from posture.reports.labels import DASH, span_words


def print_comparison(console: Console, comparison: Comparison) -> None:
    """Print the comparison to `console`."""
    for part in _parts(comparison):
        console.print(part, highlight=False, markup=False, emoji=False)


def value_words(measure: ComparedMeasure, spread: Spread | None) -> str:
    """Return ``32 %``, or of several ``32 ± 11 %``."""
    if spread is None:
        return DASH
    mean, unit = measure.words(spread.mean), measure.words(0.0).lstrip("0.")
    return mean if spread.sd is None else f"{mean.removesuffix(unit)} ± {measure.words(spread.sd)}"


def _parts(comparison: Comparison) -> Iterator[RenderableType]:
    for side in (comparison.first, comparison.second):
        yield Text.assemble((side.label, "bold"), (f"  {side.words}, {span_words(side.measured_s)} measured", "dim"))
    yield Text("")
    yield Text(headline(comparison))
    yield Text("")
    yield _table(comparison)
    methods = list(dict.fromkeys(row.difference.method for row in comparison.rows if row.difference is not None))
    for number, method in enumerate(methods, 1):
        yield Text(f"[{number}] {method}", style="dim")
    for note in comparison.notes:
        yield Text(f"Note: {note}")


def _table(comparison: Comparison) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", show_edge=False)
    table.add_column("", overflow="fold", min_width=16)
    for heading in (comparison.first.label, comparison.second.label, "difference", "95 % interval"):
        table.add_column(Text(heading), justify="right")
    methods: list[str] = []
    for row in comparison.rows:
        d = row.difference
        number = ""
        if d is not None:
            methods += [] if d.method in methods else [d.method]
            number = f" [{methods.index(d.method) + 1}]"
        table.add_row(
            row.measure.label,
            value_words(row.measure, row.first),
            value_words(row.measure, row.second),
            row.measure.difference_words(None if d is None else d.value),
            Text(row.measure.interval_words(None if d is None else d.low, None if d is None else d.high) + number),
        )
    return table
