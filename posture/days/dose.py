"""The dose curve: the flexed dose over the day, counted anew from stored spans by the same rules as while it was measured."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from posture.days.types import MINUTE_S, DoseCurve
from posture.engine import LEAVE_THE_TOTALS, Exposure, Interval
from posture.settings import Settings
from posture.types import Span


def dose_curve(sessions: Iterable[Sequence[Span]], start_s: float, end_s: float, settings: Settings) -> DoseCurve:
    """Return the curve of a local day.

    Args:
        sessions: the spans of each session, in order, in seconds since the epoch; one that began before midnight with what it
            brought along, as the dose does not begin anew at midnight.
        start_s, end_s: local midnights.
        settings: how dose charges and recovers.
    """
    top: list[float | None] = [None] * math.ceil((end_s - start_s) / MINUTE_S)
    for spans in sessions:
        exposure = Exposure(settings.dose, settings.bands)
        for span in spans:
            for piece in _by_minute(span, start_s):
                before = exposure.flexed.dose_s
                for _ in exposure.push(Interval(piece, None)):
                    pass  # what fell due was said when it was measured
                minute = math.floor((piece.start_s - start_s) / MINUTE_S)
                if 0 <= minute < len(top) and piece.reason not in LEAVE_THE_TOTALS:
                    top[minute] = max(top[minute] or 0.0, before, exposure.flexed.dose_s)
    return DoseCurve(start_s, tuple(top), settings.dose.soft_s, settings.dose.firm_s)


def _by_minute(span: Span, start_s: float) -> Iterator[Span]:
    """Yield the span in pieces that lie in one minute each, counted from `start_s`."""
    minute, at = math.floor((span.start_s - start_s) / MINUTE_S), span.start_s
    while at < span.end_s:
        minute += 1
        until = min(span.end_s, start_s + MINUTE_S * minute)
        if until > at:
            yield replace(span, start_s=at, end_s=until)
            at = until
