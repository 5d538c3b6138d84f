"""``archive.html``: all recordings of a folder on one self-contained page. No script, no network; light, dark, phone and paper."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

from posture.model import Posture
from posture.reports import archive_figures as figures
from posture.reports.bands import LIMITS
from posture.reports.words import DISCLAIMER, LOOKS, printable, share_words, span_words

if TYPE_CHECKING:
    from jinja2 import Environment

    from posture.archive import Row


def archive_html(rows: Sequence[Row], name: str) -> bytes:
    """The page as UTF-8.

    Args:
        rows: of the table.
        name: what to call the archive.
    """
    totals = figures.totals_of(rows)
    page = _environment().get_template("archive.html.j2")
    context = {
        "name": name,
        "t": totals,
        "rows": [r for r in figures.ordered(rows) if r.flexed_share is not None],
        "others": [r for r in figures.ordered(rows) if str(r.status) != "complete"],
        "names": figures.names_of(rows),
        "status_words": figures.status_words(totals),
        "why": figures.why_not_complete,
        "mark": figures.mark,
        "headline": figures.headline_of(totals),
        "bar": _bar(totals),
        "looks": LOOKS,
        "disclaimer": DISCLAIMER,
        "band_limits": LIMITS,
        "part": figures.share,
        "peak": figures.peak,
        "link": figures.link,
        "hows": sorted({(r.version or "", r.model or "", r.how or "") for r in rows if r.how is not None}),
    }
    return page.render(context).encode("utf-8", "replace")


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415 - only who writes a page pays for it

    environment = Environment(
        loader=PackageLoader("posture.reports"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters.update(length=span_words, printable=printable)
    environment.globals.update(share=share_words)
    return environment


def _bar(totals: figures.Totals) -> list[tuple[Posture, float, float]]:
    """Posture, left edge and width in per cent."""
    out, at = [], 0.0
    for posture in Posture:
        width = 100.0 * totals.seconds[posture] / totals.analysed_s if totals.analysed_s > 0 else 0.0
        if width > 0:
            out.append((posture, round(at, 2), round(width, 2)))
        at += width
    return out
