"""``archive.html``: all recordings of a folder on one self-contained page. No script, no network; light, dark, phone and paper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from posture.reports.archive import figures
from posture.reports.archive.groups import MEASURES, WEIGHTS, GroupFigures, group_words, spread_words
from posture.reports.html_templates import bar, environment
from posture.reports.labels import DISCLAIMERS, share_words, span_words
from posture.reports.recording.bands import LIMITS

if TYPE_CHECKING:
    from posture.reports.archive.table import ArchiveRow


def archive_html(
    rows: Sequence[ArchiveRow], name: str, groups: Sequence[GroupFigures] = (), about: Mapping[str, str] | None = None
) -> bytes:
    """Return the page as UTF-8.

    Args:
        rows: of the table.
        name: what to call the archive.
        groups: the figures of each group of a study.
        about: what the user says of it: ``subject``, ``analyst``, ``date``, ``note``.
    """
    totals = figures.totals_of(rows)
    page = environment(length=span_words).get_template("archive.html.j2")
    context = {
        "name": name,
        "about": about or {},
        "groups": groups,
        "measures": MEASURES,
        "spread": spread_words,
        "weights": WEIGHTS,
        "group_words": group_words,
        "disclaimer": DISCLAIMERS.other,
        "t": totals,
        "rows": [r for r in figures.ordered(rows) if r.flexed_share is not None],
        "others": [r for r in figures.ordered(rows) if str(r.status) != "complete"],
        "names": figures.names_of(rows),
        "status_words": figures.status_words(totals),
        "why": figures.why_not_complete,
        "mark": figures.mark,
        "headline": figures.headline_of(totals),
        "bar": bar(totals.seconds, totals.analysed_s),
        "band_limits": LIMITS,
        "part": share_words,
        "peak": figures.peak,
        "trunk_spread": figures.trunk_spread,
        "link": figures.link,
        "hows": sorted({(r.version or "", r.model or "", r.how or "") for r in rows if r.version is not None}),
    }
    return page.render(context).encode("utf-8", "replace")
