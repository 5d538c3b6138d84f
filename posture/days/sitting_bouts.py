"""Sitting bouts of many days at once, counted by the same ``Exposure`` as while they were measured."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import itemgetter

import numpy as np

from posture.days.span_table import Floats, SpanTable
from posture.days.types import SittingBout
from posture.engine import GAP, Exposure, Interval
from posture.settings import BandSettings, DoseSettings
from posture.types import Episode, EpisodeKind, Posture, Span

_LIKE = ((Posture.NEUTRAL, True, None), (Posture.NEUTRAL, None, None), (Posture.UNKNOWN, None, None), (Posture.UNKNOWN, None, GAP))
"""Posture, seated and reason that stand for all spans that are seen seated, only seen, not seen, and interruptions."""


def bouts_of(table: SpanTable, clear_s: float) -> list[SittingBout]:
    """Find all sitting bouts, by start.

    Args:
        table: spans of whole sessions, or at least of some hours more than what is asked of the sits.
        clear_s: seconds of being away or standing, of a pause or a lost camera, that break a sit; the end of a session does too.
    """
    dose = DoseSettings(clear_s=clear_s, episode_min_s=0.0)
    found: list[SittingBout] = []
    for _, spans in groupby(_runs(table), key=itemgetter(0)):
        exposure = Exposure(dose, BandSettings())
        events = [event for _, span in spans for event in exposure.push(Interval(span, None))] + list(exposure.finish())
        found += [SittingBout(e.start_s, e.end_s, e.dose_s) for e in events if isinstance(e, Episode) and e.kind is EpisodeKind.SITTING]
    return found


def _runs(table: SpanTable) -> Iterator[tuple[int, Span]]:
    """Yield session and stretch, for each stretch of spans that count alike: there are ten times fewer of them than spans."""
    if not len(table):
        return
    kind = np.where(table.interrupts, 3, np.where(table.seated, 0, np.where(table.seen, 1, 2)))
    new = (np.diff(kind) != 0) | (np.diff(table.session) != 0) | (table.start_s[1:] != table.end_s[:-1])
    first = np.flatnonzero(np.concatenate(([True], new)))
    last = np.append(first[1:], len(table)) - 1
    columns = (table.session[first], table.start_s[first], table.end_s[last], kind[first])
    for session, start_s, end_s, like in zip(*(column.tolist() for column in columns), strict=True):
        yield session, Span(start_s, end_s, *_LIKE[like])


def longest(bouts: Sequence[SittingBout], start_s: float, end_s: float) -> SittingBout | None:
    """Return the longest of those that reach into the range, whole; the first of several; ``None`` if there is none."""
    return max((s for s in bouts if s.start_s < end_s and s.end_s > start_s), key=lambda s: s.sat_s, default=None)


def longest_within(bouts: Sequence[SittingBout], start_s: Floats, end_s: Floats) -> Floats:
    """Return the longest part of a sit in each of m ranges, in seconds: (m,); 0 where there is none."""
    starts, ends = np.array([s.start_s for s in bouts]), np.array([s.end_s for s in bouts])
    part = np.minimum(ends, end_s[:, None]) - np.maximum(starts, start_s[:, None])
    found: Floats = part.max(axis=1, initial=0.0)
    return found
