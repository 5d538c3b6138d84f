"""What the rows of an archive come to together, and how one of them reads."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING
from urllib.parse import quote

from posture._support import printable
from posture.engine import breaks_off, coverage_of, measured_s
from posture.reports.labels import DASH, STYLES, degrees, share_words
from posture.types import MEASURED, Posture

if TYPE_CHECKING:
    from posture.reports.archive.table import ArchiveRow


@dataclass(frozen=True, slots=True)
class ArchiveTotals:
    """Sums over the recordings that have a result."""

    recordings: int
    by_status: dict[str, int]
    seconds: dict[Posture, float]
    trunk_over_20_share: float | None
    """Share (0..1) of the time in which the trunk was measured that it was 20 degrees forward or more."""

    @property
    def analysed_s(self) -> float:
        """Seconds analysed."""
        return sum(self.seconds.values())

    @property
    def coverage(self) -> float | None:
        """Share (0..1) of the time that somebody was there in which the posture was measured; ``None`` if nobody ever was."""
        return coverage_of(self.seconds)


def totals_of(rows: Sequence[ArchiveRow]) -> ArchiveTotals:
    """Add the rows up; a recording counts by its length, so an hour counts as much in a long one as in a short one."""
    seconds = {p: sum((r.analysed_s or 0.0) * (getattr(r, f"{p.value}_share") or 0.0) for r in rows) for p in Posture}
    bent = whole = 0.0
    for r in rows:
        if r.trunk_up_to_20_share is None or r.analysed_s is None:
            continue
        measured = r.analysed_s * sum(getattr(r, f"{p}_share") or 0.0 for p in MEASURED)
        whole += measured
        bent += measured * ((r.trunk_from_20_to_60_share or 0.0) + (r.trunk_over_60_share or 0.0))
    return ArchiveTotals(len(rows), dict(Counter(str(r.status) for r in rows)), seconds, bent / whole if whole > 0 else None)


def status_words(totals: ArchiveTotals) -> str:
    """Return ``12 recordings: 10 complete, 1 error, 1 partial``."""
    parts = [f"{n} {status}" for status, n in sorted(totals.by_status.items())]
    return f"{totals.recordings} recording{'' if totals.recordings == 1 else 's'}: {', '.join(parts)}"


def headline_of(totals: ArchiveTotals) -> str:
    """Return the one sentence to take home."""
    measured = measured_s(totals.seconds)
    if measured <= 0:
        return "Nothing could be measured, so this says nothing about posture."
    flexed = share_words(totals.seconds[Posture.FLEXED], measured)
    return f"{flexed} of the measured time was {STYLES[Posture.FLEXED].word}."


def ordered(rows: Sequence[ArchiveRow]) -> list[ArchiveRow]:
    """Return those with most flexed time (share) first, those without a result last."""
    return sorted(rows, key=lambda r: (r.flexed_share is None, -(r.flexed_share or 0.0), r.path))


def names_of(rows: Sequence[ArchiveRow]) -> dict[str, str]:
    """Tell what to call each recording: its path from the folder that all are in."""
    paths = [r.path for r in rows]
    parents = {str(PurePath(p).parent) for p in paths if PurePath(p).is_absolute()}
    try:
        common = os.path.commonpath(parents) if parents else ""
    except ValueError:  # on several drives
        common = ""
    names = {}
    for p in paths:
        inside = bool(common) and PurePath(p).is_relative_to(common)
        names[p] = printable(str(PurePath(p).relative_to(common)) if inside else p)
    return names


def mark(row: ArchiveRow) -> str:
    """Tell what stands behind the name of a recording that has a result, but not of all of it."""
    return " (partial)" if str(row.status) == "partial" else ""


def why_not_complete(row: ArchiveRow) -> str:
    """Tell why a recording is not complete, in a few words."""
    if row.error:
        return row.error
    if str(row.status) != "partial":
        return str(row.status)
    return f"partial: {breaks_off(row.problem)}" if row.partial_because == "truncated" else "stopped before its end"


def trunk_over_20(row: ArchiveRow) -> float | None:
    """Return the share (0..1) of the time in which the trunk was measured that it was 20 degrees forward or more."""
    if row.trunk_from_20_to_60_share is None or row.trunk_over_60_share is None:
        return None
    return row.trunk_from_20_to_60_share + row.trunk_over_60_share


def peak(row: ArchiveRow) -> str:
    """Return the highest trunk flexion, degrees."""
    return degrees(row.trunk_flexion_peak_deg)


def trunk_spread(row: ArchiveRow) -> str:
    """Return the median of trunk flexion, and in brackets between what it was for 10 to 90 % of the time, degrees."""
    low, middle, high = row.trunk_flexion_p10_deg, row.trunk_flexion_p50_deg, row.trunk_flexion_p90_deg
    return DASH if middle is None else f"{degrees(middle)} ({degrees(low)} to {degrees(high)})"


def link(row: ArchiveRow) -> str | None:
    """Tell where the page of a recording is, from the archive's folder on, as an address."""
    return None if row.results is None else quote(f"{row.results}/report.html", errors="surrogateescape")
