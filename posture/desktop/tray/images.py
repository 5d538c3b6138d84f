"""The tray's icons, drawn with Pillow: one shape for each thing to be said.

Readable without colour and on any bar: a white figure with a dark rim. Every icon differs from every other in its shape.
The drawing plane is 32 x 32 units, x to the right, y down.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from enum import StrEnum

from PIL import Image, ImageDraw, ImageFilter

from posture.engine import SessionStatus
from posture.types import Mode

UNITS = 32
LIGHT, DARK = (255, 255, 255, 255), (24, 26, 30, 255)
TILE = (43, 46, 52, 255)
"""Ground where a tray knows no transparency."""
_OVER = 8
"""Drawn this many times larger, then shrunk: that is all the smoothing there is."""
_RIM, _RIM_PIXELS = 1.5, 1.2
_WEIGHT, _WEIGHT_PIXELS = 3.4, 2.0
"""Units, and never thinner than that many pixels."""
Point = tuple[float, float]


class Glyph(StrEnum):
    """The meaning of an icon."""

    NEUTRAL = "neutral"
    FLEXED = "flexed"
    ANTERIOR_TILT = "anterior_tilt"
    AWAY = "away"
    UNKNOWN = "unknown"
    OPENING = "opening"
    PAUSED = "paused"
    LOCKED = "locked"
    SUSPENDED = "suspended"
    CAMERA_LOST = "camera_lost"
    LENT = "lent"
    STOPPING = "stopping"


_LIKE = {Mode.READY: Mode.OPENING, Mode.STOPPED: Mode.STOPPING}
"""Modes with the icon of another one; every other one but running has its own, of the same name."""


def glyph_of(state: SessionStatus) -> Glyph:
    """Select the icon; that of a posture only while one is measured."""
    if state.mode is not Mode.RUNNING:
        return Glyph(_LIKE.get(state.mode, state.mode).value)
    return Glyph.UNKNOWN if state.posture is None else Glyph(state.posture.value)


def draw(glyph: Glyph, size: int = 64, *, held: bool = False, opaque: bool = False) -> Image.Image:
    """One icon.

    Args:
        glyph: what it says.
        size: pixels, square.
        held: with a badge that says that prompts are held.
        opaque: on a dark tile, for trays that know no transparency.

    Returns:
        An RGBA picture of size x size.
    """
    pen = _Pen(size)
    _DRAWN[glyph](pen)
    ink = pen.ink
    if held:
        pen.clear_badge()
    rim = ink.filter(ImageFilter.GaussianBlur(pen.rim * pen.scale)).point(_grown)  # round, and much quicker than a maximum filter
    picture = Image.new("RGBA", ink.size, TILE if opaque else (*DARK[:3], 0))
    picture.paste(DARK, mask=rim)
    picture.paste(LIGHT, mask=ink)
    if held:
        _badge(picture, pen.scale)
    return picture.resize((size, size), Image.Resampling.BOX)


def _grown(level: int) -> int:
    """Ink or none for a blurred level: 40 of 255 is what is left one standard deviation outside an edge."""
    return 255 if level >= 40 else 0


class _Pen:
    """Draws lines of one weight into a mask."""

    def __init__(self, size: int) -> None:
        self.scale = size * _OVER / UNITS
        self.weight = max(_WEIGHT, _WEIGHT_PIXELS * UNITS / size)
        self.rim = max(_RIM, _RIM_PIXELS * UNITS / size)
        self.ink = Image.new("L", (size * _OVER, size * _OVER), 0)
        self._draw = ImageDraw.Draw(self.ink)

    def line(self, *points: Point, weight: float | None = None, fill: int = 255) -> None:
        """A stroke through points, with round ends and corners."""
        half = (weight or self.weight) / 2
        self._draw.line([self._at(p) for p in points], fill=fill, width=round(2 * half * self.scale))
        for point in points:
            self.disc(point, half, fill)

    def disc(self, at: Point, radius: float, fill: int = 255) -> None:
        """A filled circle."""
        x, y = self._at(at)
        r = radius * self.scale
        self._draw.ellipse((x - r, y - r, x + r, y + r), fill=fill)

    def box(self, left: float, top: float, right: float, bottom: float, fill: int = 255) -> None:
        """A filled box with slightly round corners."""
        self._draw.rounded_rectangle((*self._at((left, top)), *self._at((right, bottom))), radius=1.5 * self.scale, fill=fill)

    def curve(self, start: Point, bend: Point, end: Point) -> None:
        """A stroke from start to end that leans towards bend (a quadratic Bezier curve)."""
        points = []
        for i in range(17):
            t = i / 16
            a, b, c = (1 - t) ** 2, 2 * t * (1 - t), t**2
            points.append((a * start[0] + b * bend[0] + c * end[0], a * start[1] + b * bend[1] + c * end[1]))
        self.line(*points)

    def arc(self, at: Point, radius: float, start_deg: float, end_deg: float) -> None:
        """A stroke along a circle, clockwise from start to end, 0 to the right."""
        steps = [math.radians(start_deg + (end_deg - start_deg) * i / 24) for i in range(25)]
        self.line(*((at[0] + radius * math.cos(a), at[1] + radius * math.sin(a)) for a in steps))

    def clear_badge(self) -> None:
        """Take away what is under the badge, so that it stands apart."""
        self.disc(_BADGE_AT, _BADGE_RADIUS + 1.5, fill=0)

    def _at(self, point: Point) -> Point:
        return (point[0] * self.scale, point[1] * self.scale)


_BADGE_AT, _BADGE_RADIUS = (24.5, 24.5), 6.5


def _badge(picture: Image.Image, scale: float) -> None:
    """A disc with a bar, as on a sign of no entry."""
    draw_ = ImageDraw.Draw(picture)
    (x, y), r = _BADGE_AT, _BADGE_RADIUS
    for radius, colour in ((r + 1, DARK), (r, LIGHT)):
        draw_.ellipse(tuple(v * scale for v in (x - radius, y - radius, x + radius, y + radius)), fill=colour)
    draw_.rectangle(tuple(v * scale for v in (x - 4, y - 1.4, x + 4, y + 1.4)), fill=DARK)


def _legs(pen: _Pen, hip: Point) -> None:
    pen.line(hip, (hip[0] + 12, hip[1]), (hip[0] + 12, 29))


def _neutral(pen: _Pen) -> None:
    pen.disc((11.5, 6), 4)
    pen.line((11, 12.5), (11, 21.5))
    _legs(pen, (11, 21.5))


def _flexed(pen: _Pen) -> None:
    pen.disc((24, 9.5), 4)
    pen.curve((8, 21.5), (7, 9.5), (18.5, 10.5))
    _legs(pen, (8, 21.5))


def _anterior_tilt(pen: _Pen) -> None:
    pen.disc((9, 6), 4)
    pen.curve((7, 12), (20, 14), (9, 23))
    pen.line((9, 23), (25, 19.5), (25, 29))


def _away(pen: _Pen) -> None:
    pen.line((8, 4), (8, 29))
    pen.line((8, 18), (23, 18), (23, 29))


def _unknown(pen: _Pen) -> None:
    pen.arc((16, 10.5), 6.5, 180, 405)
    pen.line((20.6, 15.1), (16, 19.5), (16, 21))
    pen.disc((16, 27.5), 2.4)


def _opening(pen: _Pen) -> None:
    for x in (6.5, 16.0, 25.5):
        pen.disc((x, 16), 3)


def _paused(pen: _Pen) -> None:
    pen.box(7, 5, 13, 27)
    pen.box(19, 5, 25, 27)


def _locked(pen: _Pen) -> None:
    pen.arc((16, 11.5), 6.5, 180, 360)
    pen.line((9.5, 11.5), (9.5, 17))
    pen.line((22.5, 11.5), (22.5, 17))
    pen.box(5.5, 15.5, 26.5, 28.5)
    pen.disc((16, 22), 2.4, fill=0)


def _suspended(pen: _Pen) -> None:
    pen.disc((15, 16.5), 11.5)
    pen.disc((20.5, 11.5), 9.5, fill=0)


def _camera(pen: _Pen) -> None:
    pen.box(3, 9, 20, 24)
    pen.line((27.5, 11.5), (22.5, 16.5), (27.5, 21.5), (27.5, 11.5), weight=3)


def _camera_lost(pen: _Pen) -> None:
    _camera(pen)
    pen.line((4, 29), (28, 4), weight=8, fill=0)
    pen.line((4, 29), (28, 4))


def _lent(pen: _Pen) -> None:
    pen.curve((3, 16), (16, 1.5), (29, 16))
    pen.curve((3, 16), (16, 30.5), (29, 16))
    pen.disc((16, 16), 3.6)


def _stopping(pen: _Pen) -> None:
    pen.box(6, 6, 26, 26)


_DRAWN: dict[Glyph, Callable[[_Pen], None]] = {
    Glyph.NEUTRAL: _neutral,
    Glyph.FLEXED: _flexed,
    Glyph.ANTERIOR_TILT: _anterior_tilt,
    Glyph.AWAY: _away,
    Glyph.UNKNOWN: _unknown,
    Glyph.OPENING: _opening,
    Glyph.PAUSED: _paused,
    Glyph.LOCKED: _locked,
    Glyph.SUSPENDED: _suspended,
    Glyph.CAMERA_LOST: _camera_lost,
    Glyph.LENT: _lent,
    Glyph.STOPPING: _stopping,
}
