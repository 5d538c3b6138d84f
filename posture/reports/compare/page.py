"""``compare.html``: two recordings or two sets on one self-contained page. No script, no network; light, dark, phone and paper."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from posture.reports.compare.charts import courses_of, dots_of, histogram_of
from posture.reports.compare.comparison import Compared, Comparison
from posture.reports.compare.measures import ComparedMeasure
from posture.reports.html_templates import environment
from posture.reports.labels import DISCLAIMERS, span_words
from posture.reports.recording.summary_json import plain

WIDE_PX, NARROW_PX = 780.0, 340.0
MARK = b'<meta name="generator" content="posture compare">'
"""By this a page is known as one of this command."""


def compare_html(comparison: Comparison, about: Mapping[str, str] | None = None) -> bytes:
    """Return the page as UTF-8.

    Args:
        comparison: what to show.
        about: what the user says of it: ``subject``, ``analyst``, ``date``, ``note``.
    """
    two = comparison.of_two
    context: dict[str, Any] = {
        "c": comparison,
        "disclaimer": DISCLAIMERS.other,
        "about": about or {},
        "mark": MARK.decode(),
        "headline": headline(comparison).replace(" %", "\N{NO-BREAK SPACE}%"),
        "charts": [courses_of(comparison, WIDE_PX, "wide"), courses_of(comparison, NARROW_PX, "narrow")] if two else [],
        "histograms": [histogram_of(comparison, WIDE_PX), histogram_of(comparison, NARROW_PX)] if two else [],
        "dots": [] if two else dots_of(comparison),
    }
    page = environment(length=span_words).get_template("compare.html.j2")
    return page.render(context).encode("utf-8", "replace")


def is_comparison(file: Path) -> bool:
    """Tell whether a file is a page of this kind."""
    try:
        with file.open("rb") as page:
            return MARK in page.read(2000)
    except OSError:
        return False


def headline(comparison: Comparison) -> str:
    """Return the one sentence to take home: of the first figure that is known of both."""
    row = next(r for r in comparison.rows if r.difference is not None)
    m, d = row.measure, row.difference
    assert row.first is not None and row.second is not None and d is not None
    first, second = f"{m.words(row.first.mean)} in {comparison.first.label}", f"{m.words(row.second.mean)} in {comparison.second.label}"
    if d.low is None or d.high is None:
        sure = f"{_more(m, d.value)}; how sure that is isn't known"
    elif d.low <= 0.0 <= d.high:
        sure = "too little to tell them apart"
    else:
        sure = f"{_more(m, d.value)} (95 %: {m.interval_words(d.low, d.high)})"
    return f"{m.label}: {first}, {second}: {sure}."


def _more(measure: ComparedMeasure, value: float) -> str:
    return f"{measure.difference_words(abs(value)).removeprefix('+')} {'more' if value > 0 else 'less'}"


def compare_json(comparison: Comparison, about: Mapping[str, str]) -> Any:
    """Return the comparison for a program."""
    sides = {
        name: {
            "label": side.label,
            "results": [str(r.folder) for r in side.results],
            "subjects": side.subjects,
            "measured_s": side.measured_s,
        }
        for name, side in (("first", comparison.first), ("second", comparison.second))
    }
    return plain({**sides, "about": dict(about), "figures": [_row(r) for r in comparison.rows], "notes": comparison.notes})


def _row(row: Compared) -> dict[str, Any]:
    sides = (("first", row.first, row.values[0]), ("second", row.second, row.values[1]))
    found: dict[str, Any] = {"name": row.measure.name, "unit": row.measure.unit}
    for name, spread, values in sides:
        stats = None if spread is None else {"count": spread.count, "mean": spread.mean, "sd": spread.sd, "median": spread.median}
        found[name] = stats and {**stats, "values": [{"of": of, "value": value} for of, value in values]}
    d = row.difference
    found["difference"] = None if d is None else {"value": d.value, "low_95": d.low, "high_95": d.high, "method": d.method}
    return found
