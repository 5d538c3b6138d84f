"""The trunk in profile, drawn from the angles: how far it leans, how round it is, and how sure that is.

From whatever side the camera looks, the figure faces right. It is a drawing of numbers, not of the person.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from posture.window import theme
from posture.window.live_picture import posture_colour

_HEAD, _SEAT = 0.085, 0.30
"""Radius of the head, and length of the thigh, as shares of the figure's height."""
_FAINT = 70
_MOST_SD_DEG = 20.0


class SpineFigure(QWidget):
    """Draws trunk flexion and spinal flexion as a bent line, with the spread of their standard deviations behind it."""

    def __init__(self) -> None:
        """Show nothing yet."""
        super().__init__()
        self._lean: tuple[float, float] | None = None
        self._slump: tuple[float, float] | None = None
        self._posture: str | None = None
        self.setMinimumSize(QSize(120, 150))
        self.setAccessibleName("Your back from the side, as measured")

    def show_angles(self, angles: Sequence[Mapping[str, Any]], posture: str | None) -> None:
        """Show other angles, as ``picture_words`` has them; an empty list shows that nothing is known."""
        found = {a["name"]: (a["deg"], a["sd_deg"]) for a in angles if a.get("deg") is not None}
        self._lean, self._slump, self._posture = found.get("trunk_flexion"), found.get("spinal_flexion"), posture
        self.setAccessibleDescription("; ".join(str(a.get("words", "")) for a in angles) or "not known")
        self.update()

    def sizeHint(self) -> QSize:
        """Return a size beside the angles."""
        return QSize(150, 180)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the upright line dashed, the spread faintly, and the line itself."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours = theme.colours()
        size = min(self.height() * 0.92, self.width() * 1.05)
        foot = QPointF(self.width() * 0.32, self.height() * 0.96)
        painter.setPen(QPen(QColor(colours.line), max(2.0, size / 50), Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawLine(foot, foot + QPointF(_SEAT * size, 0))
        dashed = QPen(QColor(colours.dim), 1.5, Qt.PenStyle.DashLine)
        self._draw(painter, dashed, foot, size, 0.0, 0.0, head=self._lean is None)
        if self._lean is None:
            return
        lean, lean_sd = self._lean
        slump, slump_sd = self._slump or (0.0, 0.0)
        ink = posture_colour(self._posture)
        faint = QColor(ink)
        faint.setAlpha(_FAINT)
        lean_sd, slump_sd = min(lean_sd, _MOST_SD_DEG), min(slump_sd, _MOST_SD_DEG)
        for sign in (-1, 1):
            spread = QPen(faint, size / 40, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap)
            self._draw(painter, spread, foot, size, lean + sign * lean_sd, slump + sign * slump_sd)
        style = Qt.PenStyle.SolidLine if self._slump is not None else Qt.PenStyle.DashDotLine
        self._draw(painter, QPen(ink, size / 26, style, Qt.PenCapStyle.RoundCap), foot, size, lean, slump, head=True)

    @staticmethod
    def _draw(painter: QPainter, pen: QPen, foot: QPointF, size: float, lean: float, slump: float, *, head: bool = False) -> None:
        """Draw a back that leans by `lean` degrees, and is rounder than upright by `slump` degrees.

        The chord from hip to shoulder leans by the trunk's angle; an arc over it that turns by `slump` leaves it by slump / 2 at each end.
        """
        length = (1.0 - 2.4 * _HEAD) * size
        turn = math.radians(lean)
        neck = foot + QPointF(math.sin(turn), -math.cos(turn)) * length
        bulge = length / 2 * math.tan(math.radians(slump / 2))
        middle = (foot + neck) / 2 + QPointF(-math.cos(turn), -math.sin(turn)) * bulge
        path = QPainterPath(foot)
        path.quadTo(middle, neck)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(path)
        if head:
            way = math.radians(lean + slump / 2)
            painter.drawEllipse(neck + QPointF(math.sin(way), -math.cos(way)) * _HEAD * 1.35 * size, _HEAD * size, _HEAD * size)
