"""What the charts draw, at the number of columns they have: lines that keep every peak, bands, the strip of postures, ticks.

A gap in what is known stays a gap; eight hours at 5 Hz become two points a column.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from posture.model import Posture
from posture.recording import Analysis
from posture.reports.words import ANGLES, AngleWords, clock, degrees, effective

Floats = NDArray[np.float64]
_POSTURES = tuple(Posture)
_STEPS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400)
_NOISE = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """An unbroken piece of a line and of the band around it."""

    time_s: Floats
    deg: Floats
    band_s: Floats
    low: Floats
    """deg - sd at band_s."""
    high: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """One angle over time."""

    words: AngleWords
    pieces: list[Piece]
    median_sd_deg: float | None
    """``None`` if the angle was never seen."""
    threshold_deg: float
    threshold_words: str
    low_deg: float
    """Range that the chart should show."""
    high_deg: float


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of the strip."""

    start_s: float
    end_s: float
    posture: Posture


def bounds(analysis: Analysis) -> tuple[float, float]:
    """First and last second to draw; never an empty stretch."""
    times = [j.reading.time_s for j in (analysis.judged[:1] + analysis.judged[-1:])]
    ends = [*times, *(s.start_s for s in analysis.spans[:1]), *(s.end_s for s in analysis.spans[-1:])]
    start, end = min(ends, default=0.0), max(ends, default=1.0)
    return start, max(end, start + 1.0)


def tracks(analysis: Analysis, columns: int) -> list[Track]:
    """The angles to draw; trunk flexion always, the others where they were seen at least once."""
    out = [_track(analysis, words, columns) for words in ANGLES]
    return [t for i, t in enumerate(out) if i == 0 or t.median_sd_deg is not None]


def strip(analysis: Analysis, columns: int) -> list[Block]:
    """The postures over time; where there are more spans than columns, each column shows what took most of it."""
    spans = [Block(s.start_s, s.end_s, s.posture) for s in analysis.spans if s.end_s > s.start_s]
    return _join(spans if len(spans) * 4 <= columns else _columns(spans, *bounds(analysis), columns))


def ticks(start_s: float, end_s: float, most: int) -> list[tuple[float, str]]:
    """At most about `most` round times and their labels: ``m:ss``, in long recordings ``h:mm``."""
    step = _step_s(end_s - start_s, most)
    first = math.ceil(start_s / step - _NOISE) * step
    long = end_s >= 3600.0 and step >= 60
    times = [first + i * step for i in range(int((end_s - first) / step + _NOISE) + 1)]
    return [(float(t), f"{t // 3600}:{t // 60 % 60:02d}" if long else clock(t)) for t in times]


def axis_words(end_s: float, start_s: float = 0.0, most: int = 10) -> str:
    """How the labels of `ticks` are to be read."""
    step = _step_s(end_s - start_s, most)
    return "time in the recording, " + ("h:min" if end_s >= 3600.0 and step >= 60 else "min:s" if end_s < 3600.0 else "h:min:s")


def _step_s(length_s: float, most: int) -> float:
    """From tick to tick; the times of a damaged recording may reach over centuries, and no chart has room for all their hours."""
    fitting = next((s for s in _STEPS_S if length_s / s <= most), None)
    return fitting if fitting is not None else _STEPS_S[-1] * math.ceil(length_s / _STEPS_S[-1] / most)


def degree_ticks(low: float, high: float, most: int = 5) -> list[float]:
    """Round angles between `low` and `high`."""
    step = next(s for s in (5, 10, 20, 30, 45, 90, 180) if (high - low) / s <= most or s == 180)
    return [float(v) for v in range(math.ceil(low / step) * step, math.floor(high / step) * step + 1, step)]


def lane_labels(bars: Sequence[tuple[float, float, str, str]], letter: float, edge: float) -> list[tuple[float, str]]:
    """Where to write what above the bars of one lane, so that no two labels meet.

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


def _track(analysis: Analysis, words: AngleWords, columns: int) -> Track:
    nothing = (math.nan, math.nan)
    found = [getattr(j.reading, words.name) for j in analysis.judged]
    values = np.array([nothing if e is None else (e.deg, e.sd_deg) for e in found], dtype=np.float64).reshape(-1, 2)
    time_s = np.array([j.reading.time_s for j in analysis.judged], dtype=np.float64)
    seen = np.isfinite(values[:, 0]) & np.isfinite(values[:, 1])
    threshold, said = _threshold(analysis, words.name)
    deg, sd = values[seen, 0], values[seen, 1]
    median_sd = float(np.median(sd)) if deg.size else None
    margin = 3.0 + min(median_sd or 0.0, 15.0)
    return Track(
        words,
        _pieces(time_s, values, bounds(analysis), columns, effective(analysis, "bands.max_gap_s")),
        median_sd,
        threshold,
        said,
        max(-95.0, min(-5.0, float(deg.min(initial=0.0)) - margin)),
        min(125.0, max(threshold + 8.0, float(deg.max(initial=0.0)) + margin)),
    )


def _threshold(analysis: Analysis, name: str) -> tuple[float, str]:
    if name == "pelvic_tilt":
        tilt = effective(analysis, "bands.tilt_deg")
        return tilt, f"anterior tilt from {degrees(tilt)}"
    if name == "spinal_flexion":
        spine = effective(analysis, "bands.flexed_spine_deg")
        return spine, f"flexed from {degrees(spine)}"
    own = [j.reading.trunk_neutral_deg for j in analysis.judged if j.reading.trunk_neutral_deg is not None]
    trunk = effective(analysis, "bands.flexed_trunk_deg")
    if own:  # whichever of the two rules is met first
        trunk = min(trunk, float(np.median(own)) + effective(analysis, "bands.flexed_beyond_neutral_deg"))
    return trunk, f"flexed from {degrees(trunk)}"


def _pieces(time_s: Floats, values: Floats, ends: tuple[float, float], columns: int, max_gap: float) -> list[Piece]:
    """`values` is (n, 2): degrees and their sd, NaN where the angle was not seen."""
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
        out.append(Piece(t[keep], deg[keep], middle[a:b], low[a:b], high[a:b]))
    return out


def _extremes(deg: Floats, first: int, last: int) -> tuple[int, int]:
    part = deg[first : last + 1]
    return first + int(part.argmin()), first + int(part.argmax())


def _columns(spans: list[Block], start: float, end: float, columns: int) -> list[Block]:
    edges = np.linspace(start, end, columns + 1)
    weight = np.zeros((columns, len(_POSTURES)))
    for s in spans:
        a = max(0, int(np.searchsorted(edges, s.start_s, "right")) - 1)
        b = min(columns, int(np.searchsorted(edges, s.end_s, "left")))
        weight[a:b, _POSTURES.index(s.posture)] += np.minimum(edges[a + 1 : b + 1], s.end_s) - np.maximum(edges[a:b], s.start_s)
    return [Block(float(edges[i]), float(edges[i + 1]), _POSTURES[int(w.argmax())]) for i, w in enumerate(weight) if w.any()]


def _join(blocks: list[Block]) -> list[Block]:
    out: list[Block] = []
    for b in blocks:
        if out and out[-1].posture is b.posture and b.start_s - out[-1].end_s < _NOISE:
            out[-1] = Block(out[-1].start_s, b.end_s, b.posture)
        else:
            out.append(b)
    return out
