"""Geometry of the drawings of a comparison: both sides always on the same scale. ``templates/compare.html.j2`` draws them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from posture.biomechanics import POSTURE_ANGLES, TRUNK_FLEXION, Angle
from posture.reports.compare.comparison import Compared, Comparison
from posture.reports.labels import STYLES, clock, degrees
from posture.reports.recording.chart import Box, ChartLabel, band_path, line_path, linear
from posture.reports.recording.series import axis_words, degree_ticks, line_pieces, ticks
from posture.reports.results.folder import ResultFolder
from posture.types import Posture

_LEFT, _RIGHT = 40.0, 12.0
_BIN_DEG = 5.0


@dataclass(frozen=True, slots=True)
class Course:
    """One angle of one recording over time, and its postures."""

    top: float
    label: str
    rows: list[ChartLabel]
    zero_y: float
    line: str
    band: str
    strip: list[Box]


@dataclass(frozen=True, slots=True)
class Courses:
    """One angle of both recordings over time."""

    name: str
    title: str
    about: str
    width: float
    height: float
    left: float
    right: float
    courses: list[Course]
    times: list[ChartLabel]
    axis: str
    says: str


@dataclass(frozen=True, slots=True)
class Histogram:
    """For what share of the known time an angle was where, of both recordings."""

    title: str
    width: float
    height: float
    left: float
    right: float
    base: float
    first: list[Box]
    second: list[Box]
    rows: list[ChartLabel]
    angles: list[ChartLabel]
    says: str


@dataclass(frozen=True, slots=True)
class DotPlot:
    """One figure of every recording or subject of both sides."""

    title: str
    width: float
    height: float
    left: float
    first: list[tuple[float, float, str]]
    """x, y and what it is."""
    second: list[tuple[float, float, str]]
    pairs: list[tuple[float, float, float, float]]
    means: list[tuple[float, float]]
    rows: list[ChartLabel]
    names: list[ChartLabel]
    says: str


def courses_of(comparison: Comparison, width: float, name: str) -> list[Courses]:
    """Lay out each angle that was seen in one of the two recordings at least, in `width` CSS pixels."""
    pair = [comparison.first.results[0], comparison.second.results[0]]
    labels = [comparison.first.label, comparison.second.label]
    laid = [_courses(angle, pair, labels, width, f"{name}-{angle.name}") for angle in POSTURE_ANGLES]
    return [one for one in laid if one is not None]


def _courses(angle: Angle, pair: Sequence[ResultFolder], labels: Sequence[str], width: float, name: str) -> Courses | None:
    samples = [r.samples(angle) for r in pair]
    seen = np.concatenate([s.known.deg for s in samples])
    if not seen.size:
        return None
    low, high = min(-5.0, float(seen.min()) - 5.0), max(25.0, float(seen.max()) + 5.0)
    starts = [float(s.start_s[0]) if len(s.start_s) else 0.0 for s in samples]
    length_s = max(1.0, *(float(s.start_s[-1] + s.stands_s[-1]) - a for s, a in zip(samples, starts, strict=True) if len(s.start_s)))
    right = width - _RIGHT
    x = linear(0.0, length_s, _LEFT, right)
    columns = int(right - _LEFT)
    courses, top = [], 40.0
    for found, s, start_s, label in zip(pair, samples, starts, labels, strict=True):
        y = linear(low, high, top + 96.0, top)
        values = np.column_stack([s.deg, s.sd_deg])
        pieces = line_pieces(s.start_s - start_s, values, (0.0, length_s), columns, found.max_gap_s)
        rows = [ChartLabel(_LEFT - 7.0, y(v), degrees(v)) for v in degree_ticks(low, high)]
        line, band = " ".join(line_path(p, x, y) for p in pieces), " ".join(band_path(p, x, y) for p in pieces if len(p.band_s) > 1)
        strip = [Box(x(a), top + 102.0, max(0.6, x(b) - x(a)), 14.0, p, f"{STYLES[p].word}, {clock(a)} to {clock(b)}")
                 for a, b, p in _strip(found, start_s, columns)]  # fmt: skip
        courses.append(Course(top, label, rows, y(0.0), line, band, strip))
        top += 146.0
    most = max(2, int(columns / 72))
    times = [ChartLabel(x(t), top - 14.0, words) for t, words in ticks(0.0, length_s, most)]
    says = f"{angle.label} over time in {labels[0]} above and {labels[1]} below, on the same scale."
    return Courses(
        name, angle.label, angle.positive, width, top + 12.0, _LEFT, right, courses, times, axis_words(length_s, 0.0, most), says
    )


def _strip(found: ResultFolder, start_s: float, columns: int) -> list[tuple[float, float, Posture]]:
    """Return start, end and posture of each stretch; one shorter than a column goes to the stretch before."""
    times, stands = found.numbers("time_s") - start_s, found.stands_s
    least_s = float(times[-1] + stands[-1]) / columns if len(times) else 0.0
    out: list[tuple[float, float, Posture]] = []
    for a, long_s, posture in zip(times.tolist(), stands.tolist(), found.postures, strict=True):
        if out and (out[-1][2] is posture or out[-1][1] - out[-1][0] < least_s) and a - out[-1][1] < least_s + 1e-6:
            out[-1] = (out[-1][0], a + long_s, out[-1][2])
        else:
            out.append((a, a + long_s, posture))
    return out


def histogram_of(comparison: Comparison, width: float) -> Histogram | None:
    """Lay out for what share of the time the trunk was at which angle; ``None`` if it was not seen in both."""
    samples = [side.results[0].samples(TRUNK_FLEXION).known for side in (comparison.first, comparison.second)]
    if not all(s.deg.size for s in samples):
        return None
    both = np.concatenate([s.deg for s in samples])
    low, high = (float(f(v / _BIN_DEG)) * _BIN_DEG for f, v in ((np.floor, both.min()), (np.floor, both.max())))
    edges = np.arange(low, high + 1.5 * _BIN_DEG, _BIN_DEG)
    shares = [np.histogram(s.deg, edges, weights=s.stands_s)[0] / s.stands_s.sum() for s in samples]
    base, right = 170.0, width - _RIGHT
    most = max(0.1, float(np.ceil(np.max(shares) * 10.0)) / 10.0)
    x, y = linear(float(edges[0]), float(edges[-1]), _LEFT, right), linear(0.0, most, base, 14.0)
    half = (right - _LEFT) / (len(edges) - 1) / 2.0
    labels = (comparison.first.label, comparison.second.label)
    bars = [
        [Box(x(float(e)) + n * half + 1.0, y(float(v)), max(0.5, half - 1.5), base - y(float(v)), "",
             f"{labels[n]}: {degrees(float(e))} to {degrees(float(e) + _BIN_DEG)}, {100.0 * v:.0f} % of the time")
         for e, v in zip(edges[:-1], side, strict=True) if v > 0]
        for n, side in enumerate(shares)
    ]  # fmt: skip
    rows = [ChartLabel(_LEFT - 7.0, y(v), f"{100.0 * v:.0f} %") for v in np.linspace(0.0, most, 3).tolist()]
    angles = [ChartLabel(x(v), base + 18.0, degrees(v)) for v in degree_ticks(float(edges[0]), float(edges[-1]), 8)]
    says = f"Share of the time at each trunk flexion, {labels[0]} and {labels[1]} side by side."
    return Histogram("Trunk flexion", width, base + 26.0, _LEFT, right, base, bars[0], bars[1], rows, angles, says)


def dots_of(comparison: Comparison) -> list[DotPlot]:
    """Lay out every figure that is known of both sides."""
    return [_dots(row, comparison) for row in comparison.rows if row.difference is not None]


def _dots(row: Compared, comparison: Comparison) -> DotPlot:
    width, base, left = 240.0, 176.0, 48.0
    first, second = (dict(values) for values in row.values)
    known = [*first.values(), *second.values()]
    low, high = min(0.0, *known), max(0.0, *known)
    y = linear(low, high if high > low else low + 1.0, base, 34.0)
    at = (left + 45.0, width - 40.0)
    points = [[(at[n], y(v), f"{name}: {row.measure.words(v)}") for name, v in side.items()] for n, side in enumerate((first, second))]
    pairs = [(at[0], y(first[name]), at[1], y(second[name])) for name in first if name in second] if comparison.paired else []
    means = [(at[n], y(s.mean)) for n, s in enumerate((row.first, row.second)) if s is not None]
    rows = [ChartLabel(left - 8.0, y(v), row.measure.words(v)) for v in dict.fromkeys((low, (low + high) / 2.0, high))]
    names = [ChartLabel(at[n], base + 20.0, side.label) for n, side in enumerate((comparison.first, comparison.second))]
    says = f"{row.measure.label}: {comparison.first.label} on the left, {comparison.second.label} on the right."
    return DotPlot(row.measure.label, width, base + 28.0, left, points[0], points[1], pairs, means, rows, names, says)
