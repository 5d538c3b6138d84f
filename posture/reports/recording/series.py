"""What the charts draw, at the number of columns they have: lines that keep every peak, bands, the strip of postures, ticks.

A gap in what is known stays a gap; eight hours at 5 Hz become two points a column.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from posture.biomechanics import POSTURE_ANGLES, TRUNK_FLEXION, Angle
from posture.days import SpanTable, most_between, row_of
from posture.engine import RecordingResult
from posture.reports.labels import KIND_WORDS, clock, degrees, effective, in_posture_words
from posture.types import Episode, EpisodeKind, Posture

Floats = NDArray[np.float64]
_STEPS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400)
_NOISE = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class LinePiece:
    """An unbroken piece of a line and of the band around it."""

    time_s: Floats
    deg: Floats
    band_s: Floats
    low: Floats
    """deg - sd at band_s."""
    high: Floats


@dataclass(frozen=True, slots=True, eq=False)
class AngleSeries:
    """One angle over time."""

    angle: Angle
    pieces: list[LinePiece]
    median_sd_deg: float | None
    """``None`` if the angle was never seen."""
    threshold_deg: float
    threshold_words: str
    low_deg: float
    """Range that the chart should show."""
    high_deg: float

    @property
    def sd_words(self) -> str:
        """What the band shows, in words; empty if the angle was never seen."""
        return "" if self.median_sd_deg is None else f"± 1 sd, typically {self.median_sd_deg:.0f}°"


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of the strip."""

    start_s: float
    end_s: float
    posture: Posture


def bounds(analysis: RecordingResult) -> tuple[float, float]:
    """Return the first and last second to draw; never an empty stretch."""
    times = [j.reading.time_s for j in (analysis.judged[:1] + analysis.judged[-1:])]
    ends = [*times, *(s.start_s for s in analysis.spans[:1]), *(s.end_s for s in analysis.spans[-1:])]
    start, end = min(ends, default=0.0), max(ends, default=1.0)
    return start, max(end, start + 1.0)


def tracks(analysis: RecordingResult, columns: int) -> list[AngleSeries]:
    """Return the angles to draw; trunk flexion always, the others where they were seen at least once."""
    out = [_track(analysis, angle, columns) for angle in POSTURE_ANGLES]
    return [t for i, t in enumerate(out) if i == 0 or t.median_sd_deg is not None]


def strip(analysis: RecordingResult, columns: int) -> list[Block]:
    """Return the postures over time; where there are more spans than columns, each column shows what took most of it."""
    spans = [Block(s.start_s, s.end_s, s.posture) for s in analysis.spans if s.end_s > s.start_s]
    if len(spans) * 4 > columns:
        last = spans[-1].end_s  # bounds are a second apart at least, though a recording may be shorter
        spans = [Block(start, min(end, last), posture) for start, end, posture in by_column(analysis, columns) if posture is not None]
    return _join(spans)


def ticks(start_s: float, end_s: float, most: int) -> list[tuple[float, str]]:
    """At most about `most` round times and their labels: ``m:ss``, in long recordings ``h:mm``."""
    step = _step_s(end_s - start_s, most)
    first = math.ceil(start_s / step - _NOISE) * step
    long = end_s >= 3600.0 and step >= 60
    times = [first + i * step for i in range(int((end_s - first) / step + _NOISE) + 1)]
    return [(float(t), f"{t // 3600}:{t // 60 % 60:02d}" if long else clock(t)) for t in times]


def axis_words(end_s: float, start_s: float = 0.0, most: int = 10) -> str:
    """Tell how the labels of `ticks` are to be read."""
    step = _step_s(end_s - start_s, most)
    return "time in the recording, " + ("h:min" if end_s >= 3600.0 and step >= 60 else "min:s" if end_s < 3600.0 else "h:min:s")


def _step_s(length_s: float, most: int) -> float:
    """From tick to tick; the times of a damaged recording may reach over centuries, and no chart has room for all their hours."""
    fitting = next((s for s in _STEPS_S if length_s / s <= most), None)
    return fitting if fitting is not None else _STEPS_S[-1] * math.ceil(length_s / _STEPS_S[-1] / most)


def degree_ticks(low: float, high: float, most: int = 5) -> list[float]:
    """Return round angles between `low` and `high`."""
    step = next(s for s in (5, 10, 20, 30, 45, 90, 180) if (high - low) / s <= most or s == 180)
    return [float(v) for v in range(math.ceil(low / step) * step, math.floor(high / step) * step + 1, step)]


def lanes(analysis: RecordingResult) -> dict[EpisodeKind, list[Episode]]:
    """Return the sustained episodes, a lane for each kind of which there are any."""
    found = {kind: [e for e in analysis.sustained() if e.kind is kind] for kind in EpisodeKind}
    return {kind: mine for kind, mine in found.items() if mine}


def bars_of(mine: Sequence[Episode], x: Callable[[float], float] = float) -> list[tuple[float, float, str, str]]:
    """Return place, length, full words and short words of each episode, for `lane_labels`; `x` gives the place of a moment."""
    words = [in_posture_words(e) for e in mine]
    return [(x(e.start_s), x(e.end_s) - x(e.start_s), f"{KIND_WORDS[e.kind]}, {n}", n) for e, n in zip(mine, words, strict=True)]


def lane_labels(bars: Sequence[tuple[float, float, str, str]], letter: float, edge: float) -> list[tuple[float, str]]:
    """Tell where to write what above the bars of one lane, so that no two labels meet.

    Args:
        bars: place, length, full words and short words of each.
        letter: room that a letter takes, in the unit of the places.
        edge: how far a label may reach.

    Returns:
        Place and words; the longest bar gets its full words, the rest what fits, or nothing.
    """
    taken: list[tuple[float, float]] = []
    out = []
    for at, _, full, short in sorted(bars, key=lambda b: -b[1]):
        options = [(at, full), (at, short)] if taken else [(min(at, edge - letter * len(full)), full)]
        for place, said in options:
            end = place + letter * (len(said) + 1)
            if end <= edge + letter and all(end <= a or place >= b for a, b in taken):
                taken.append((place, end))
                out.append((place, said))
                break
    return out


def _track(analysis: RecordingResult, angle: Angle, columns: int) -> AngleSeries:
    nothing = (math.nan, math.nan)
    found = [angle.shown(j.reading) for j in analysis.judged]
    values = np.array([nothing if e is None else (e.deg, e.sd_deg) for e in found], dtype=np.float64).reshape(-1, 2)
    time_s = np.array([j.reading.time_s for j in analysis.judged], dtype=np.float64)
    seen = np.isfinite(values[:, 0]) & np.isfinite(values[:, 1])
    threshold = _threshold_deg(analysis, angle)
    deg, sd = values[seen, 0], values[seen, 1]
    median_sd = float(np.median(sd)) if deg.size else None
    margin = 3.0 + min(median_sd or 0.0, 15.0)
    return AngleSeries(
        angle,
        line_pieces(time_s, values, bounds(analysis), columns, effective(analysis, "bands.max_gap_s")),
        median_sd,
        threshold,
        f"{angle.threshold_label} {degrees(threshold)}",
        max(-95.0, min(-5.0, float(deg.min(initial=0.0)) - margin)),
        min(125.0, max(threshold + 8.0, float(deg.max(initial=0.0)) + margin)),
    )


def _threshold_deg(analysis: RecordingResult, angle: Angle) -> float:
    limit = effective(analysis, f"bands.{angle.threshold}")
    own = [j.reading.trunk_neutral_deg for j in analysis.judged if j.reading.trunk_neutral_deg is not None]
    if angle is not TRUNK_FLEXION or not own:
        return limit
    # Whichever of the two rules of trunk flexion is met first.
    return min(limit, float(np.median(own)) + effective(analysis, "bands.flexed_beyond_neutral_deg"))


def line_pieces(time_s: Floats, values: Floats, ends: tuple[float, float], columns: int, max_gap: float) -> list[LinePiece]:
    """Cut a line into unbroken pieces; `values` is (n, 2): degrees and their sd, NaN where the angle was not seen."""
    seen = np.isfinite(values[:, 0]) & np.isfinite(values[:, 1])
    if not seen.any():
        return []
    broken = np.ones(len(time_s), dtype=bool)
    broken[1:] = ~seen[:-1] | (np.diff(time_s) > max_gap)
    run = np.cumsum(broken)[seen]
    t, deg, sd = time_s[seen], values[seen, 0], values[seen, 1]
    dense = len(t) > 2 * columns
    column = np.minimum(((t - ends[0]) / (ends[1] - ends[0]) * columns).astype(int), columns - 1) if dense else np.arange(len(t))
    first = np.flatnonzero(np.r_[True, np.diff(column) != 0])
    last = np.r_[first[1:], len(t)] - 1
    # A gap narrower than a column cannot be seen; anything wider stays open.
    apart = (run[first[1:]] != run[last[:-1]]) & ((column[first[1:]] - column[last[:-1]] > 1) | (not dense))
    edges = [0, *(np.flatnonzero(apart) + 1), len(first)]
    low, high = np.minimum.reduceat(deg - sd, first), np.maximum.reduceat(deg + sd, first)
    middle = (t[first] + t[last]) / 2.0
    out = []
    for a, b in pairwise(edges):
        keep = np.array(sorted({k for f, e in zip(first[a:b], last[a:b], strict=True) for k in _extremes(deg, f, e)}))
        out.append(LinePiece(t[keep], deg[keep], middle[a:b], low[a:b], high[a:b]))
    return out


def _extremes(deg: Floats, first: int, last: int) -> tuple[int, int]:
    part = deg[first : last + 1]
    return first + int(part.argmin()), first + int(part.argmax())


def by_column(analysis: RecordingResult, columns: int) -> list[tuple[float, float, Posture | None]]:
    """Return start, end and what took most of each column; ``None`` where there is nothing."""
    edges = np.linspace(*bounds(analysis), columns + 1)
    postures = most_between(SpanTable(map(row_of, analysis.spans)), edges)
    return [(*ends, posture) for ends, posture in zip(pairwise(edges.tolist()), postures, strict=True)]


def _join(blocks: list[Block]) -> list[Block]:
    out: list[Block] = []
    for b in blocks:
        if out and out[-1].posture is b.posture and b.start_s - out[-1].end_s < _NOISE:
            out[-1] = Block(out[-1].start_s, b.end_s, b.posture)
        else:
            out.append(b)
    return out
