"""Colours, strokes and shapes, and the SVG file around them. Presentation attributes alone, so that any renderer draws it right."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape

from figures.geometry import FINE, Point, arc, heading, line, number, smooth, step

PANEL = "#eaf0f3"
"""Ground of every picture: it brings its own, so that it reads alike on light and on dark pages."""
EDGE = "#22303b"
SHIRT, TROUSERS, SKIN, NECK, HAIR, SHOE = "#2d7a84", "#3d5168", "#e5b593", "#d9a683", "#4a3b34", "#2b3844"
FAR_SHIRT, FAR_TROUSERS, FAR_SKIN, FAR_SHOE = "#a3b5bd", "#a3b0bc", "#ccc4bf", "#8d9ba7"
FAR_EDGE = "#6a7884"
ACCENT, CASING = "#c94f16", "#ffffff"
PALE, PALE_EDGE, PALE_LINE = "#c3ced6", "#97a6b1", "#d79a7b"
"""Another position of the same movement."""
SOFT, SOFT_EDGE = "#c9d4db", "#94a4b0"
MAT, MAT_EDGE = "#c4dcd6", "#7fa9a1"

WIDTH = 240
LINE = 1.1
"""Width of the outlines."""


def shape(data: str, fill: str, edge: str = EDGE, width: float = LINE) -> str:
    """Return a filled shape with an outline; the usual one is given once, around all of them."""
    colour = "" if edge == EDGE else f' stroke="{edge}"'
    wide = "" if width == LINE else f' stroke-width="{number(width)}"'
    return f'<path d="{data}" fill="{fill}"{colour}{wide}/>'


def stroke(data: str, colour: str = EDGE, width: float = LINE) -> str:
    """Return a line."""
    return f'<path d="{data}" fill="none" stroke="{colour}" stroke-width="{number(width)}"/>'


def dot(centre: Point, radius: float, colour: str = EDGE) -> str:
    """Return a disc without an outline."""
    return f'<circle cx="{number(centre[0])}" cy="{number(centre[1])}" r="{number(radius)}" fill="{colour}" stroke="none"/>'


def cased(data: str, width: float = 2.4) -> str:
    """Return a line in the accent colour with a white rim, which is seen on every colour of the figure."""
    return stroke(data, CASING, width + 2) + stroke(data, ACCENT, width)


def arrow(points: Sequence[Point], width: float = 2.6, *, rim: bool = False) -> str:
    """Return a curved arrow through the points; its head follows the last stretch. With a white rim it may lie on the figure."""
    along = heading(points[-2], points[-1])
    if len(points) > 2:  # the curve still bends towards its end
        along += ((along - heading(points[-3], points[-2]) + 180) % 360 - 180) / 2
    barbs = [step(points[-1], along + 180 + turn, 6.5) for turn in (32, -32)]
    data = smooth(points) + line(barbs[0], points[-1], barbs[1])
    return cased(data, width) if rim else stroke(data, ACCENT, width)


def both_ways(points: Sequence[Point]) -> str:
    """Return a curved arrow with a head at each end."""
    return arrow(points) + arrow(points[::-1])


def swing(centre: Point, radius: float, from_deg: float, to_deg: float) -> str:
    """Return an arrow along an arc."""
    return arrow(arc(centre, radius, from_deg, to_deg))


def picture(name: str, title: str, desc: str, parts: Sequence[str], *, zoom: float, left: float, height: int, floor: float) -> str:
    """Return the whole SVG file.

    Args:
        name: of the file, for the ids of its texts.
        title: for screen readers, with ``desc``.
        desc: what is seen.
        parts: the shapes, from the farthest to the nearest.
        zoom: units of the picture in one unit of the figure.
        left: where x = 0 lies in the picture.
        height: of the picture; it is 240 wide.
        floor: how far the floor lies above the lower edge.
    """
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" class="pm-fig" role="img" '
        f'aria-labelledby="{name}-t {name}-d" stroke-linecap="round" stroke-linejoin="round">\n'
        f'<title id="{name}-t">{escape(title)}</title>\n<desc id="{name}-d">{escape(desc)}</desc>\n'
        f'<rect width="{WIDTH}" height="{height}" rx="9" fill="{PANEL}"/>\n'
        f'<g transform="translate({left:g} {height - floor:g}) scale({zoom / FINE:g})" stroke="{EDGE}" stroke-width="{number(LINE)}">\n'
        + "\n".join(p for p in parts if p)
        + "\n</g>\n</svg>\n"
    )
