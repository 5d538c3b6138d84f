"""Draws the icon: somebody who sits tall on a chair, seen from the side, white on a teal tile.

The tile brings its own ground, so that it reads on light and on dark bars, from 22 pixels up. The SVG and the PNGs come
from the same numbers. Run:  python tools/draw_icon.py
"""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageDraw

OUT = Path(__file__).resolve().parents[1] / "posture" / "data" / "icons"
SIZES = (256, 64, 22)
SIDE = 64
"""All numbers below are in units of which the tile has so many a side."""
GROUND, FIGURE, CHAIR = "#1f6f78", "#ffffff", "#9fd3d6"
RADIUS = 13
HEAD = (29.0, 14.0, 6.5)
"""Middle and radius."""
BODY = (((28, 26), (27, 40), (43, 41), (43, 54)), 8.0)
"""Shoulder, hip, knee, foot; and how thick."""
SEAT = (((17, 24), (17, 48), (33, 48)), 4.5)
"""The chair: its back and its seat."""
FINE = 8
"""Drawn so many times larger, then made smaller, for smooth edges."""


def _points(line: tuple[tuple[int, int], ...]) -> str:
    return " ".join(f"{x},{y}" for x, y in line)


def svg() -> str:
    """The icon as SVG."""
    stroke = 'fill="none" stroke-linecap="round" stroke-linejoin="round"'
    x, y, r = HEAD
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIDE} {SIDE}" role="img" aria-label="Posture monitor">\n'
        f'  <rect width="{SIDE}" height="{SIDE}" rx="{RADIUS}" fill="{GROUND}"/>\n'
        f'  <polyline points="{_points(SEAT[0])}" {stroke} stroke="{CHAIR}" stroke-width="{SEAT[1]}"/>\n'
        f'  <polyline points="{_points(BODY[0])}" {stroke} stroke="{FIGURE}" stroke-width="{BODY[1]}"/>\n'
        f'  <circle cx="{x}" cy="{y}" r="{r}" fill="{FIGURE}"/>\n'
        "</svg>\n"
    )


def png(size: int) -> Image.Image:
    """The icon as a picture of `size` pixels a side, with a transparent outside."""
    scale = size * FINE / SIDE
    picture = Image.new("RGBA", (size * FINE, size * FINE))
    draw = ImageDraw.Draw(picture)
    draw.rounded_rectangle((0, 0, size * FINE - 1, size * FINE - 1), RADIUS * scale, fill=GROUND)
    for (line, width), colour in ((SEAT, CHAIR), (BODY, FIGURE)):
        draw.line([(x * scale, y * scale) for x, y in line], colour, round(width * scale))
        for x, y in line:
            _disc(draw, x, y, width / 2, scale, colour)
    _disc(draw, *HEAD, scale, FIGURE)
    return picture.resize((size, size), Image.Resampling.LANCZOS)


def _disc(draw: ImageDraw.ImageDraw, x: float, y: float, r: float, scale: float, colour: str) -> None:
    draw.ellipse(((x - r) * scale, (y - r) * scale, (x + r) * scale, (y + r) * scale), fill=colour)


def main() -> None:
    """Write all of them."""
    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / "posture.svg").write_text(svg(), encoding="utf-8")
    for size in SIZES:
        name = "posture.png" if size == max(SIZES) else f"posture_{size}.png"
        png(size).save(OUT / name, optimize=True)


if __name__ == "__main__":
    main()
