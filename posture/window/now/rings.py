"""Doses as rings: how much of the time that brings a reminder has come together."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from posture.reports import clock
from posture.window import theme


class DoseRing(QWidget):
    """One dose: a ring that closes at its limit, the time in its middle, its name below."""

    def __init__(self, name: str, colour: str) -> None:
        """Show nothing yet; `name` is one or two words, `colour` the kind's own on light ground."""
        super().__init__()
        self._name, self._colour = name, colour
        self._dose_s: float | None = None
        self._limit_s = 1.0
        self.setMinimumSize(QSize(58, 80))
        self.setAccessibleName(name)

    def show_dose(self, dose_s: float | None, limit_s: float) -> None:
        """Show another dose, seconds; ``None``: not known."""
        self._dose_s, self._limit_s = dose_s, max(limit_s, 1.0)
        self.setAccessibleDescription("not known" if dose_s is None else f"{clock(dose_s)} of {clock(limit_s)}")
        self.setToolTip(f"{self._name}: {self.accessibleDescription()}")
        self.update()

    def sizeHint(self) -> QSize:
        """Return a size for a row of rings."""
        return QSize(80, 100)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the ring and its words."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours = theme.colours()
        below = painter.fontMetrics().height() + 4
        size = min(self.width(), self.height() - below) - 14
        box = QRectF((self.width() - size) / 2, 7, size, size)
        width = max(6.0, size / 10)
        painter.setPen(QPen(QColor(colours.track), width))
        painter.drawEllipse(box)
        if self._dose_s:
            share = min(1.0, self._dose_s / self._limit_s)
            painter.setPen(
                QPen(
                    colours.kind(self._colour),
                    width,
                    Qt.PenStyle.SolidLine,
                    Qt.PenCapStyle.RoundCap if share < 1 else Qt.PenCapStyle.FlatCap,
                )
            )
            painter.drawArc(box, 90 * 16, -round(share * 360 * 16))
        painter.setPen(QColor(colours.text))
        font = painter.font()
        font.setBold(True)
        painter.setFont(font)
        words = "?" if self._dose_s is None else clock(self._dose_s)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)
        font.setBold(False)
        painter.setFont(font)
        painter.setPen(QColor(colours.dim))
        painter.drawText(QRectF(0, self.height() - below, self.width(), below), Qt.AlignmentFlag.AlignCenter, self._name)
