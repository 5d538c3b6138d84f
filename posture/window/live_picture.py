"""Draws a live picture, mirrored, with the skeleton of the measured person; or the skeleton alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from posture._support import SharedPicture
from posture.reports import STYLES
from posture.types import Posture
from posture.window import theme

_WHITE, _DARK, _GROUND = QColor("#f5f5f0"), QColor("#161a1e"), QColor("#20262b")


class LivePicture(QWidget):
    """Shows one picture after the other; without one, why there is none."""

    def __init__(self) -> None:
        """Show nothing yet."""
        super().__init__()
        self._image: QImage | None = None
        self._words: Mapping[str, Any] = {}
        self._notice = ""
        self._big = ""
        self.private = False
        """Whether the skeleton is shown alone."""
        self.setMinimumSize(QSize(240, 180))
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setAccessibleName("Live picture")

    def show_picture(self, picture: SharedPicture) -> None:
        """Show another picture."""
        self._words, self._notice = picture.words, ""
        if picture.width:
            self._image = QImage(picture.rgb, picture.width, picture.height, 3 * picture.width, QImage.Format.Format_RGB888).copy()
        self.update()

    def show_notice(self, words: str) -> None:
        """Show no picture, and why."""
        self._image, self._words, self._notice = None, {}, words
        self.setAccessibleDescription(words)
        self.update()

    def set_big(self, text: str) -> None:
        """Write a few characters, such as a countdown, that can be read from two metres away."""
        if text != self._big:
            self._big = text
            self.update()

    def heightForWidth(self, width: int) -> int:
        """Keep the proportions of the picture."""
        return round(width * (self._image.height() / self._image.width() if self._image is not None else 0.75))

    def sizeHint(self) -> QSize:
        """Return a size that leaves room for what stands beside."""
        return QSize(560, self.heightForWidth(560))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw picture, skeleton and words."""
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        box = self._box()
        painter.fillRect(box, _GROUND)
        if self._image is not None and not self.private:
            painter.save()
            painter.translate(2 * box.center().x(), 0)
            painter.scale(-1, 1)
            painter.drawImage(box, self._image)
            painter.restore()
        if self._image is not None:
            self._draw_skeleton(painter, box)
        if self._notice:
            painter.setPen(_WHITE)
            painter.drawText(box.adjusted(16, 16, -16, -16), Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self._notice)
        if self._big:
            self._draw_big(painter, box)
        painter.end()

    def _box(self) -> QRectF:
        """Return where the picture is drawn: as large as fits, in the middle."""
        ratio = self._image.height() / self._image.width() if self._image is not None else 0.75
        width = min(self.width(), self.height() / ratio)
        return QRectF((self.width() - width) / 2, (self.height() - width * ratio) / 2, width, width * ratio)

    def _draw_skeleton(self, painter: QPainter, box: QRectF) -> None:
        def at(xy: Sequence[float]) -> QPointF:
            return QPointF(box.right() - xy[0] * box.width(), box.top() + xy[1] * box.height())

        thin = max(1.5, box.height() / 240)
        painter.setPen(_pen(_WHITE, thin))
        for x1, y1, x2, y2 in self._words.get("bones", ()):
            painter.drawLine(at((x1, y1)), at((x2, y2)))
        painter.setBrush(_WHITE)
        for dot in self._words.get("dots", ()):
            painter.drawEllipse(at(dot), 1.3 * thin, 1.3 * thin)
        for low, high in pairwise(self._words.get("trunk", ())):
            if low is not None and high is not None:
                for colour, width in ((_DARK, 5.0), (posture_colour(self._words.get("posture")), 3.0)):
                    painter.setPen(_pen(colour, width * thin))
                    painter.drawLine(at(low), at(high))

    def _draw_big(self, painter: QPainter, box: QRectF) -> None:
        font = painter.font()
        font.setPixelSize(max(24, round(box.height() / 3.5)))
        font.setBold(True)
        painter.setFont(font)
        place = box.adjusted(12, 8, -20, -8)
        for dx, dy, colour in ((2, 2, _DARK), (-2, -2, _DARK), (0, 0, _WHITE)):
            painter.setPen(colour)
            painter.drawText(place.translated(dx, dy), Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignRight, self._big)


def posture_colour(posture: str | None) -> QColor:
    """Return the colour of a posture, by its value; of what is not known, grey."""
    known = next((p for p in STYLES if p == posture and p not in (Posture.UNKNOWN, Posture.AWAY)), None)
    return QColor(theme.colours().dim) if known is None else theme.colours().kind(STYLES[known].colour)


def _pen(colour: QColor, width: float) -> QPen:
    pen = QPen(colour, width)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    return pen
