"""An archive in the terminal: what it comes to, its recordings in a table, and those that are not complete."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from posture.reports.archive import figures
from posture.reports.archive.groups import MEASURES, WEIGHTS, GroupFigures, spread_words
from posture.reports.labels import DASH, STYLES, share_words, span_words
from posture.types import Posture

if TYPE_CHECKING:
    from posture.reports.archive.table import ArchiveRow

LISTED = 20
_UNBROKEN = "\N{NO-BREAK SPACE}"


def print_archive(
    console: Console, rows: Sequence[ArchiveRow], name: str, listed: int | None = LISTED, groups: Sequence[GroupFigures] = ()
) -> None:
    """Print the archive.

    Args:
        console: where to.
        rows: of the table.
        name: what to call the archive.
        listed: how many recordings at most, and how many that are not complete; ``None`` for all.
        groups: the figures of each group of a study.
    """
    for part in _parts(rows, name, listed, groups):
        console.print(part, highlight=False, markup=False, emoji=False)


def _parts(rows: Sequence[ArchiveRow], name: str, listed: int | None, groups: Sequence[GroupFigures]) -> Iterator[RenderableType]:
    totals = figures.totals_of(rows)
    yield Text(name, style="bold")
    measured = f"; {share_words(totals.coverage)} measured while someone was there" if totals.coverage is not None else ""
    yield Text(f"{figures.status_words(totals)}. {span_words(totals.analysed_s)} analysed{measured}.", style="dim")
    yield Text("")
    yield Text(figures.headline_of(totals))
    if totals.analysed_s > 0:
        yield Text(", ".join(f"{STYLES[p].word} {share_words(totals.seconds[p], totals.analysed_s)}" for p in Posture))
    if groups:
        yield Text("")
        yield _groups(groups)
        yield Text(WEIGHTS, style="dim")
    good = [r for r in figures.ordered(rows) if r.flexed_share is not None]
    names = figures.names_of(rows)
    if good:
        yield Text("")
        yield _table(good[:listed], names)
        yield from _more(len(good), listed, "recordings")
    others = [r for r in figures.ordered(rows) if str(r.status) != "complete"]
    if others:
        yield Text("")
        yield Text("not complete:", style="bold yellow")
    for r in others[:listed]:
        yield Text(f"  {names[r.path]}: {figures.why_not_complete(r)}")
    yield from _more(len(others), listed, "that are not complete")


def _groups(groups: Sequence[GroupFigures]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", show_edge=False)
    table.add_column(", ".join(groups[0].groups), overflow="fold", min_width=10)
    for heading in ("recordings (subjects)", "measured", *(m.label for m in MEASURES)):
        table.add_column(heading, justify="right")
    for g in groups:
        counts = f"{g.recordings} ({g.subjects or DASH})" + (f", {g.failed} failed" if g.failed else "")
        cells = (counts, span_words(g.measured_s), *(spread_words(g.spreads[m.name], m.words) for m in MEASURES))
        table.add_row(Text(g.label), *(cell.replace(" ", _UNBROKEN) for cell in cells))
    return table


def _more(count: int, listed: int | None, what: str) -> Iterator[Text]:
    if listed is not None and count > listed:
        yield Text(f"and {count - listed} more {what}; --all lists them", style="dim")


def _table(rows: Sequence[ArchiveRow], names: dict[str, str]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", show_edge=False)
    table.add_column("recording", overflow="fold", min_width=16)
    for heading in ("length", "measured", "bent", "tilt", "unknown", "trunk > 20\N{DEGREE SIGN}", "highest"):
        table.add_column(heading, justify="right", no_wrap=True)
    for r in rows:
        table.add_row(
            Text(names[r.path] + figures.mark(r)),
            span_words(r.analysed_s or 0.0),
            *(share_words(v) for v in (r.coverage, r.flexed_share, r.anterior_tilt_share, r.unknown_share)),
            share_words(figures.trunk_over_20(r)),
            figures.peak(r),
        )
    return table
