"""The timeline strip: what most of each minute was spent in."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np

from posture.days.span_table import POSTURES, Floats, SpanTable
from posture.days.types import MINUTE_S, TimelineStrip
from posture.types import Posture

_ON_A_TIE = (Posture.FLEXED, Posture.ANTERIOR_TILT, Posture.UNKNOWN, Posture.AWAY, Posture.NEUTRAL)
"""The first wins: a good posture is not said where another one was held for as long."""
_ORDER = [POSTURES.index(p) for p in _ON_A_TIE]
_NOTHING_S = 1e-6


def whole_hours(minutes: Sequence[int], most: int, least: int = 1) -> tuple[int, int]:
    """Return first minute and end of the whole hours around some minutes, of a working day if there are none; at least `least` hours, and
    none beyond `most` minutes but the last."""
    low, high, top = min(minutes, default=8 * 60) // 60, max(minutes, default=17 * 60) // 60 + 1, math.ceil(most / 60)
    while high - low < min(least, top):
        low, high = max(0, low - 1), min(top, high + 1)
    return low * 60, high * 60


def strip_of(table: SpanTable, start_s: float, end_s: float) -> TimelineStrip:
    """Return the strip of a local day, from midnight to midnight (seconds since the epoch)."""
    count = math.ceil((end_s - start_s) / MINUTE_S)
    edges: Floats = start_s + MINUTE_S * np.arange(count + 1, dtype=np.float64)
    edges[-1] = end_s
    return TimelineStrip(start_s, tuple(most_between(table, edges)))


def most_between(table: SpanTable, edges: Floats) -> list[Posture | None]:
    """Tell what most of the recorded time between each two edges (m + 1) was spent in: m; ``None`` where nothing was recorded."""
    seconds = table.seconds(edges[:-1], edges[1:])[:, _ORDER]
    top = (np.round(seconds, 6)).argmax(axis=1)
    blank = seconds.sum(axis=1) <= _NOTHING_S
    return [None if b else _ON_A_TIE[t] for b, t in zip(blank.tolist(), top.tolist(), strict=True)]


def most_of(minutes: Sequence[Posture | None]) -> Posture | None:
    """Tell what most of some minutes of a strip were spent in, by the same rule; ``None`` where nothing was recorded in any."""
    counts = Counter(m for m in minutes if m is not None)
    return max(_ON_A_TIE, key=lambda p: counts[p]) if counts else None
