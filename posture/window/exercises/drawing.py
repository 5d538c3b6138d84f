"""A drawing of an exercise, sharp at every size."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QSizePolicy, QWidget

from posture.reports import spoken
from posture.window import theme

_SHAPE = 220 / 240
"""Height by width of a drawing that says nothing of its own."""
_ROUND_PX = 6.0


class DrawingView(QWidget):
    """Shows one SVG; its text alternative is what the drawing says of itself."""

    def __init__(self, svg: str, otherwise: str, *, most: int = 320) -> None:
        """Make it.

        Args:
            svg: the drawing.
            otherwise: its text alternative where it says nothing of itself.
            most: its greatest width, pixels.
        """
        super().__init__()
        self._most, self._now = most, False
        self._renderer = QSvgRenderer(QByteArray(svg.encode()), self)
        self._renderer.setAspectRatioMode(Qt.AspectRatioMode.KeepAspectRatio)
        box = self._renderer.viewBoxF()
        self._shape = box.height() / box.width() if box.width() > 0 else _SHAPE
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setMaximumWidth(most)
        self.setAccessibleName(spoken(svg) or otherwise)
        self.setToolTip(self.accessibleName())

    def set_now(self, now: bool) -> None:
        """Mark it as what is to be done now, or not."""
        self._now = now
        self.update()

    def hasHeightForWidth(self) -> bool:
        """Return that its height depends on its width."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height at that width, pixels."""
        return round(min(width, self._most) * self._shape)

    def sizeHint(self) -> QSize:
        """Return its size where nothing limits it."""
        return QSize(self._most, self.heightForWidth(self._most))

    def minimumSizeHint(self) -> QSize:
        """Return how small it may be."""
        return QSize(80, round(80 * self._shape))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(0, 0, self.width(), self.width() * self._shape)
        path = QPainterPath()
        path.addRoundedRect(rect, _ROUND_PX, _ROUND_PX)
        painter.save()
        painter.setClipPath(path)
        self._renderer.render(painter, rect)
        painter.restore()
        if self._now:
            painter.setPen(QPen(QColor(theme.colours().accent), 4))
            painter.drawRoundedRect(rect.adjusted(2, 2, -2, -2), _ROUND_PX, _ROUND_PX)
