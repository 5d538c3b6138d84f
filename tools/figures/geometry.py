"""Points, limbs and smooth outlines in the plane: x right, y down, the floor at y = 0, lengths in half per cent of the body's height.

A heading is a direction in degrees: 0 up, +90 forward (to the right), -90 backward.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from contourpy import contour_generator
from numpy.typing import NDArray

Point = tuple[float, float]
Disc = tuple[float, float, float]
"""Middle (x, y) and radius."""
Chain = Sequence[Disc]
"""Discs along a part of the body; the part is what lies between each two of them."""
Array = NDArray[np.float64]

GRID = 0.9
FINE = 10
"""Numbers in the SVG for one unit."""
MARGIN = 3.0


def step(start: Point, heading_deg: float, length: float) -> Point:
    """Return the point that lies so far from ``start`` in that heading."""
    a = math.radians(heading_deg)
    return start[0] + length * math.sin(a), start[1] - length * math.cos(a)


def placed(origin: Point, up_deg: float, forward: float, up: float) -> Point:
    """Return a point of a rigid part: so far forward and up of its origin, where the part's own up has that heading."""
    return step(step(origin, up_deg, up), up_deg + 90, forward)


def heading(start: Point, end: Point) -> float:
    """Return the heading from one point to another in degrees."""
    return math.degrees(math.atan2(end[0] - start[0], start[1] - end[1]))


def between(start: Point, end: Point, share: float, left: float = 0.0) -> Point:
    """Return the point at that share of the way, moved to the left of the way."""
    at = (start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1]))
    return step(at, heading(start, end) - 90, left)


def joint(start: Point, target: Point, first: float, second: float, side: int) -> tuple[Point, Point, Point]:
    """Bend a two-part limb from ``start`` towards ``target``: start, middle joint, end.

    The lengths are kept; a target out of reach is approached. ``side`` +1 bends the joint to the right of the way
    from start to target, -1 to the left.
    """
    dx, dy = target[0] - start[0], target[1] - start[1]
    far = math.hypot(dx, dy) or 1e-9
    reach = min(max(far, abs(first - second) + 0.1), first + second - 0.1)
    ux, uy = dx / far, dy / far
    along = (first**2 - second**2 + reach**2) / (2 * reach)
    off = math.sqrt(max(first**2 - along**2, 0.0)) * side
    middle = (start[0] + along * ux - off * uy, start[1] + along * uy + off * ux)
    return start, middle, (start[0] + reach * ux, start[1] + reach * uy)


def arc(centre: Point, radius: float, from_deg: float, to_deg: float) -> list[Point]:
    """Return points on an arc from one heading to another."""
    return [step(centre, from_deg + (to_deg - from_deg) * i / 6, radius) for i in range(7)]


def number(value: float) -> str:
    """Write a length for SVG: in tenths of a unit, so that no number needs a point."""
    return str(round(value * FINE))


def _pairs(start: Point, points: Sequence[Point]) -> tuple[str, Point]:
    """Write points relative to a start; the last one as it comes out after rounding."""
    text = ""
    for x, y in points:
        for value in (x - start[0], y - start[1]):
            digits = number(value)
            text += digits if not text or digits.startswith("-") else " " + digits
    return text, _rounded(points[-1])


def _rounded(point: Point) -> Point:
    return round(point[0] * FINE) / FINE, round(point[1] * FINE) / FINE


def curve(cubics: Sequence[tuple[Point, Point, Point, Point]], *, closed: bool) -> str:
    """Write cubic Bezier curves that follow each other as SVG path data."""
    at = _rounded(cubics[0][0])
    text = f"M{number(at[0])} {number(at[1])}"
    for _, *rest in cubics:
        part, at = _pairs(at, rest)
        text += "c" + part
    return text + ("z" if closed else "")


def smooth(points: Sequence[Point], *, closed: bool = False) -> str:
    """Write a smooth curve through the points (Catmull-Rom as cubic Bezier) as SVG path data."""
    n = len(points)

    def pick(i: int) -> Point:
        return points[i % n] if closed else points[min(max(i, 0), n - 1)]

    cubics = []
    for i in range(n if closed else n - 1):
        p0, p1, p2, p3 = pick(i - 1), pick(i), pick(i + 1), pick(i + 2)
        c1 = (p1[0] + (p2[0] - p0[0]) / 6, p1[1] + (p2[1] - p0[1]) / 6)
        c2 = (p2[0] - (p3[0] - p1[0]) / 6, p2[1] - (p3[1] - p1[1]) / 6)
        cubics.append((p1, c1, c2, p2))
    return curve(cubics, closed=closed)


def line(*points: Point, closed: bool = False) -> str:
    """Write straight lines through the points as SVG path data."""
    return "M" + "L".join(f"{number(x)} {number(y)}" for x, y in points) + ("z" if closed else "")


# ---------------------------------------------------------------------- outlines of soft bodies


def _distance(x: Array, y: Array, start: Disc, end: Disc) -> Array:
    """Signed distance of grid points to what lies between two discs (a cone with round ends), negative inside."""
    (ax, ay, ra), (bx, by, rb) = start, end
    length = math.hypot(bx - ax, by - ay)
    if length <= abs(ra - rb) + 1e-6:
        big = start if ra >= rb else end
        return np.hypot(x - big[0], y - big[1]) - big[2]
    ux, uy = (bx - ax) / length, (by - ay) / length
    along, across = (x - ax) * ux + (y - ay) * uy, np.abs((y - ay) * ux - (x - ax) * uy)
    slope = (ra - rb) / length
    rise = math.sqrt(1 - slope * slope)
    k = along * rise - across * slope
    side = across * rise + along * slope - ra
    return np.where(k < 0, np.hypot(along, across) - ra, np.where(k > length * rise, np.hypot(along - length, across) - rb, side))


def _dense(chain: Chain) -> list[Disc]:
    """Return a chain of at least three discs with discs in between, so that its sides have no corners."""
    if len(chain) < 3:
        return list(chain)
    out = []
    for i in range(len(chain) - 1):
        p0, p1, p2, p3 = (np.array(chain[min(max(i + k, 0), len(chain) - 1)]) for k in (-1, 0, 1, 2))
        for t in (0.0, 0.25, 0.5, 0.75):
            v = 0.5 * (2 * p1 + (p2 - p0) * t + (2 * p0 - 5 * p1 + 4 * p2 - p3) * t**2 + (3 * p1 - p0 - 3 * p2 + p3) * t**3)
            out.append((float(v[0]), float(v[1]), float(v[2])))
    return [*out, chain[-1]]


def outline(*chains: Chain, blend: float = 2.0, tolerance: float = 0.35) -> str:
    """Return the outline of parts of the body grown together, as SVG path data.

    Args:
        chains: each a row of discs; what lies between neighbours is inside.
        blend: how wide the hollow is filled where two parts meet.
        tolerance: how far the curves may be off.
    """
    rounded = [_dense(chain) for chain in chains]
    discs = [d for chain in rounded for d in chain]
    low = [min(d[i] - d[2] for d in discs) - MARGIN for i in (0, 1)]
    high = [max(d[i] + d[2] for d in discs) + MARGIN for i in (0, 1)]
    xs, ys = (np.arange(low[i], high[i] + GRID, GRID) for i in (0, 1))
    x, y = np.meshgrid(xs, ys)
    field: Array | None = None
    for chain in rounded:
        part = np.minimum.reduce([_distance(x, y, start, end) for start, end in zip(chain, chain[1:] or chain, strict=False)])
        if field is None:
            field = part
        else:  # the smaller of the two, rounded where they are alike
            h = np.maximum(blend - np.abs(field - part), 0.0) / blend
            field = np.minimum(field, part) - h * h * blend / 4
    lines = contour_generator(xs, ys, field).lines(0.0)
    whole = max(lines, key=len)

    return curve(_fitted(whole, tolerance), closed=True)


def _fitted(points: Array, tolerance: float) -> list[tuple[Point, Point, Point, Point]]:
    """Fit cubic curves to a closed row of points (Schneider 1990)."""
    start = int(np.argmax(_bend(points)))
    ring = np.roll(points[:-1], -start, axis=0)
    ring = np.vstack([ring, ring[:1]])
    tangent = _unit(ring[2] - ring[-3])
    return _fit(ring, tangent, -tangent, tolerance)


def _bend(points: Array) -> Array:
    ring = points[:-1]
    before, after = ring - np.roll(ring, 4, axis=0), np.roll(ring, -4, axis=0) - ring
    return np.asarray(np.round(np.abs(before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0]), 6))


def _unit(vector: Array) -> Array:
    return np.asarray(vector / (math.hypot(*vector) or 1.0))


def _fit(points: Array, leaving: Array, arriving: Array, tolerance: float) -> list[tuple[Point, Point, Point, Point]]:
    first, last = points[0], points[-1]
    if len(points) < 6:
        third = math.hypot(*(last - first)) / 3
        return [_cubic(first, first + leaving * third, last + arriving * third, last)]
    lengths = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    u = lengths / lengths[-1]
    for _ in range(4):
        control = _control(points, u, leaving, arriving)
        error = np.hypot(*(_at(control, u) - points).T)
        if error.max() < tolerance:
            return [_cubic(*control)]
        if error.max() > 4 * tolerance:
            break
        u = np.clip(_nearer(control, points, u), 0.0, 1.0)
    middle = min(max(int(np.argmax(np.round(error, 6))), 3), len(points) - 4)
    tangent = _unit(points[middle + 2] - points[middle - 2])
    return _fit(points[: middle + 1], leaving, -tangent, tolerance) + _fit(points[middle:], tangent, arriving, tolerance)


def _cubic(*control: Array) -> tuple[Point, Point, Point, Point]:
    a, b, c, d = ((float(p[0]), float(p[1])) for p in control)
    return a, b, c, d


def _control(points: Array, u: Array, leaving: Array, arriving: Array) -> tuple[Array, Array, Array, Array]:
    """Return the control points that fit best, with the directions at both ends kept."""
    first, last = points[0], points[-1]
    b1, b2 = 3 * u * (1 - u) ** 2, 3 * u * u * (1 - u)
    start = (1 - u) ** 3 + b1
    rest = points - start[:, None] * first - (1 - start)[:, None] * last
    a1, a2 = b1[:, None] * leaving, b2[:, None] * arriving
    c11, c12, c22 = (a1 * a1).sum(), (a1 * a2).sum(), (a2 * a2).sum()
    x1, x2 = (a1 * rest).sum(), (a2 * rest).sum()
    det = c11 * c22 - c12 * c12
    chord = math.hypot(*(last - first))
    alpha1, alpha2 = ((x1 * c22 - x2 * c12) / det, (c11 * x2 - c12 * x1) / det) if abs(det) > 1e-9 else (0.0, 0.0)
    if min(alpha1, alpha2) < chord * 0.02 or max(alpha1, alpha2) > chord * 3:
        alpha1 = alpha2 = chord / 3
    return first, first + leaving * alpha1, last + arriving * alpha2, last


def _at(control: tuple[Array, Array, Array, Array], u: Array) -> Array:
    a, b, c, d = control
    u = u[:, None]
    v = 1 - u
    return np.asarray(v**3 * a + 3 * u * v * v * b + 3 * u * u * v * c + u**3 * d)


def _nearer(control: tuple[Array, Array, Array, Array], points: Array, u: Array) -> Array:
    """Move each place along the curve towards its point, by one step of Newton's."""
    a, b, c, d = control
    off = _at(control, u) - points
    w = u[:, None]
    v = 1 - w
    one = 3 * v * v * (b - a) + 6 * w * v * (c - b) + 3 * w * w * (d - c)
    two = 6 * v * (c - 2 * b + a) + 6 * w * (d - 2 * c + b)
    slope = (one * one).sum(axis=1) + (off * two).sum(axis=1)
    move = (off * one).sum(axis=1) / np.where(np.abs(slope) < 1e-9, 1.0, slope)
    return np.asarray(u - np.where(np.abs(slope) < 1e-9, 0.0, move))
