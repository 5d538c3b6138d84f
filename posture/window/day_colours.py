"""The colours and hatches of the drawings of days, for light, dark and high contrast; heights and words say the same without them."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor

from posture.types import Posture
from posture.window import theme

_DARK_BELOW = 128


@dataclass(frozen=True, slots=True)
class DayColours:
    """The colours of one appearance, ``#rrggbb``."""

    fill: dict[Posture, str]
    hatch: dict[Posture, tuple[str, Qt.BrushStyle]]
    """Drawn over the fill."""
    exercise: tuple[str, str]
    """Of a guided exercise: fill and hatch."""
    edge: str
    """The upper edge of upright time."""
    area: str
    curve: str
    marks: dict[str, tuple[str, str]]
    """Fill and ink of a mark, by its look."""
    warm: tuple[str, str, str, str, str]
    """Hours leaning or slumped, from few to many."""
    cool: tuple[str, str, str, str, str]
    """Coverage, from little to all."""
    warn_ground: str
    warn_text: str
    warn_line: str


def _hatch(tilt: str, unknown: str) -> dict[Posture, tuple[str, Qt.BrushStyle]]:
    return {Posture.ANTERIOR_TILT: (tilt, Qt.BrushStyle.DiagCrossPattern), Posture.UNKNOWN: (unknown, Qt.BrushStyle.BDiagPattern)}


def _fill(neutral: str, flexed: str, tilt: str, away: str, unknown: str) -> dict[Posture, str]:
    values = {Posture.NEUTRAL: neutral, Posture.FLEXED: flexed, Posture.ANTERIOR_TILT: tilt, Posture.AWAY: away, Posture.UNKNOWN: unknown}
    return {p: values[p] for p in Posture}


def _marks(good: str, other: str, warn: str, own: str, ink: str) -> dict[str, tuple[str, str]]:
    looks = {"helped": good, "snoozed": other, "ignored": other, "unheard": other, "referral": warn, "red": warn}
    return {look: (colour, ink) for look, colour in looks.items()} | {"said": (own, ink), "several": (own, ink)}


_LIGHT = DayColours(
    _fill("#b5d4e8", "#c1440e", "#8a5aa0", "#66717b", "#dfe2e5"),
    _hatch("#efe2f5", "#76818b"),
    ("#1f8a70", "#d7f0e8"),
    "#3f7ba5",
    "#f6ddcf",
    "#a83a0b",
    _marks("#1d6b45", "#545e67", "#b3261e", "#16425b", "#ffffff"),
    ("#fdf3eb", "#f8d8c2", "#f0a780", "#c1440e", "#84300a"),
    ("#eef4f8", "#cfe1ec", "#9ecae9", "#3c7096", "#16425b"),
    "#fdf0e6",
    "#6f2a06",
    "#c1440e",
)
_DARK = DayColours(
    _fill("#2c4f69", "#e0703c", "#b48fc6", "#98a3ac", "#3a4249"),
    _hatch("#33203d", "#8d98a1"),
    ("#4fc3a1", "#123a2f"),
    "#74abcd",
    "#4a2c1d",
    "#f0956a",
    _marks("#7fd0a5", "#a9b2b9", "#ff9c8f", "#9cc9e3", "#10161b"),
    ("#2b2320", "#46291b", "#763a1c", "#e07f50", "#f6c3a8"),
    ("#222b31", "#233b4a", "#2f5a74", "#74abcd", "#bcdcf0"),
    "#33211a",
    "#f6c3a8",
    "#e2764a",
)
_CONTRAST = DayColours(
    _fill("#2f74b5", "#ff8a3d", "#d9a6f5", "#ffffff", "#303030"),
    _hatch("#000000", "#ffffff"),
    ("#3dffc0", "#000000"),
    "#9fd4ff",
    "#4a2c1d",
    "#ffb27a",
    _marks("#7dffb5", "#ffffff", "#ff8f80", "#ffe14d", "#000000"),
    ("#000000", "#4a2408", "#8a4208", "#ff8a3d", "#ffd2b0"),
    ("#000000", "#0b3352", "#1d5a8c", "#7cc4ff", "#d6ecff"),
    "#000000",
    "#ffffff",
    "#ff8a3d",
)


def day_colours() -> DayColours:
    """Return those of the appearance in use."""
    ground = theme.colours().ground
    if ground == "#000000":
        return _CONTRAST
    return _DARK if QColor(ground).lightness() < _DARK_BELOW else _LIGHT


def ink_on(colour: str) -> str:
    """Return black or white, whichever can be read on `colour`."""
    c = QColor(colour)
    return "#10161b" if 0.299 * c.red() + 0.587 * c.green() + 0.114 * c.blue() > 140 else "#ffffff"
