"""Draws what a day's pictures are made of: stretches of the strip, marks, hours, in the geometry of ``posture.reports.day.charts``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from posture.reports.day.charts import HEIGHTS, EventMark, HourTick, StripBar
from posture.reports.labels import EXERCISE_LOOK, EXERCISE_STYLE, STYLES
from posture.types import Posture
from posture.window import theme
from posture.window.day_colours import day_colours
from posture.window.flow import FlowLayout
from posture.window.widgets import words

MARK_PX = 16.0
NARROW_PX = 480
"""Widths of a plot below this show fewer hours, and marks that are laid out for a phone."""
_LEAST_PX = 0.75
_KEY = QSize(20, 16)


def small(font: QFont, factor: float = 0.88) -> QFont:
    """Return the same font, smaller."""
    made = QFont(font)
    made.setPointSizeF(font.pointSizeF() * factor)
    return made


def at(rect: QRectF, percent: float) -> float:
    """Return the place of a share of the width."""
    return rect.x() + rect.width() * percent / 100.0


def bar_rect(rect: QRectF, bar: StripBar) -> QRectF:
    """Return where a stretch of a strip in `rect` lies."""
    wide = max(_LEAST_PX, rect.width() * bar.width / 100.0)
    return QRectF(at(rect, bar.x), rect.y() + rect.height() * bar.top / 100.0, wide, rect.height() * bar.height / 100.0)


def mark_centre(rect: QRectF, x: float, y: float) -> QPointF:
    """Return where a mark of a lane in `rect` stands."""
    return QPointF(at(rect, x), y)


def draw_bars(painter: QPainter, rect: QRectF, bars: Iterable[StripBar]) -> None:
    """Draw a strip: classes of time differ in height and hatch as well as in colour."""
    for bar in bars:
        if bar.look == EXERCISE_LOOK:
            draw_exercise(painter, bar_rect(rect, bar))
        else:
            draw_class(painter, bar_rect(rect, bar), Posture(bar.look))
    painter.setPen(QPen(QColor(theme.colours().dim), 1))
    painter.drawLine(rect.bottomLeft(), rect.bottomRight())


def draw_class(painter: QPainter, rect: QRectF, posture: Posture) -> None:
    """Fill a rectangle as time in a posture is drawn."""
    c = day_colours()
    painter.fillRect(rect, QColor(c.fill[posture]))
    if posture in c.hatch:
        colour, style = c.hatch[posture]
        painter.fillRect(rect, QBrush(QColor(colour), style))
    if posture is Posture.NEUTRAL:
        painter.fillRect(QRectF(rect.x(), rect.y(), rect.width(), 1.5), QColor(c.edge))


def draw_exercise(painter: QPainter, rect: QRectF) -> None:
    """Fill a rectangle as a guided exercise is drawn."""
    fill, hatch = day_colours().exercise
    painter.fillRect(rect, QColor(fill))
    painter.fillRect(rect, QBrush(QColor(hatch), Qt.BrushStyle.VerPattern))


def draw_hours(painter: QPainter, rect: QRectF, ticks: Sequence[HourTick], *, narrow: bool) -> None:
    """Draw a thin line for each hour that has a label."""
    colour = QColor(theme.colours().line)
    colour.setAlphaF(0.6)
    painter.setPen(QPen(colour, 1))
    for tick in ticks:
        if tick.narrow if narrow else tick.wide:
            x = round(at(rect, tick.x)) + 0.5
            painter.drawLine(QPointF(x, rect.top()), QPointF(x, rect.bottom()))


def draw_axis(painter: QPainter, rect: QRectF, ticks: Sequence[HourTick], *, narrow: bool) -> None:
    """Write the hours below the plots."""
    painter.setPen(QColor(theme.colours().dim))
    metrics, right = painter.fontMetrics(), -1.0
    for tick in ticks:
        wide = metrics.horizontalAdvance(tick.words)
        left = at(rect, tick.x) - {"start": 0.0, "end": float(wide)}.get(tick.anchor, wide / 2.0)
        if (tick.narrow if narrow else tick.wide) and left > right:
            painter.drawText(QPointF(left, rect.top() + metrics.ascent() + 2), tick.words)
            right = left + wide + 6


def draw_label(painter: QPainter, place: QPointF, said: str, colour: str | None = None) -> None:
    """Write a few words, on the ground of a card, so that they can be read over a curve."""
    metrics, ground = painter.fontMetrics(), QColor(theme.colours().raised)
    ground.setAlphaF(0.75)
    painter.fillRect(QRectF(place.x() - 1, place.y() - metrics.ascent(), metrics.horizontalAdvance(said) + 2, metrics.height() - 2), ground)
    painter.setPen(QColor(colour or theme.colours().dim))
    painter.drawText(place, said)


def draw_mark(painter: QPainter, centre: QPointF, mark: EventMark) -> None:
    """Draw the mark of a prompt (round), of the referral (square) or of a self-report (on its corner), with its sign."""
    fill, ink = day_colours().marks.get(mark.look, (theme.colours().dim, theme.colours().raised))
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(fill))
    r = MARK_PX / 2.0
    if mark.look in ("said", "red", "several"):
        painter.drawPolygon(QPolygonF([centre + QPointF(x, y) for x, y in ((0, -r - 1), (r + 1, 0), (0, r + 1), (-r - 1, 0))]))
    elif mark.look == "referral":
        painter.drawRect(QRectF(centre.x() - r, centre.y() - r, 2 * r, 2 * r))
    else:
        painter.drawEllipse(centre, r - 0.5, r - 0.5)
    painter.setPen(QPen(QColor(ink), 1.8, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    if mark.sign == "+":
        painter.drawPolyline([centre + QPointF(-3.4, 0.2), centre + QPointF(-1.0, 2.8), centre + QPointF(3.4, -2.8)])
    elif mark.sign == "-":
        painter.drawLine(centre + QPointF(-3, 0), centre + QPointF(3, 0))
    else:
        font = QFont(painter.font())
        font.setPixelSize(9 if len(mark.sign) < 2 else 8)
        font.setBold(True)
        painter.setFont(font)
        painter.drawText(QRectF(centre.x() - r, centre.y() - r, 2 * r, 2 * r), Qt.AlignmentFlag.AlignCenter, mark.sign)
    painter.restore()


class ClassKey(QWidget):
    """A sample of how time in a posture is drawn."""

    def __init__(self, posture: Posture | None) -> None:
        """Make it; ``None``: nothing recorded."""
        super().__init__()
        self._posture = posture
        self.setFixedSize(_KEY)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw it."""
        painter = QPainter(self)
        rect = QRectF(0, 0, self.width(), self.height() - 1)
        if self._posture is not None:
            high = rect.height() * HEIGHTS[self._posture]
            draw_class(painter, QRectF(0, rect.bottom() - high, rect.width(), high), self._posture)
        painter.setPen(QPen(QColor(theme.colours().dim), 1))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())


class ExerciseKey(QWidget):
    """A sample of how a guided exercise is drawn."""

    def __init__(self) -> None:
        """Make it."""
        super().__init__()
        self.setFixedSize(_KEY)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw it."""
        draw_exercise(QPainter(self), QRectF(0, 0, self.width(), self.height()))


class MarkKey(QWidget):
    """A sample of a mark."""

    def __init__(self, look: str, sign: str) -> None:
        """Make it."""
        super().__init__()
        self._mark = EventMark(0.0, 0, look, sign, "")
        self.setFixedSize(QSize(20, 20))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw it."""
        draw_mark(QPainter(self), QPointF(10, 10), self._mark)


def keys(*samples: tuple[QWidget, str]) -> QWidget:
    """Return samples with their words."""
    made = Legend(classes=False)
    for sample, said in samples:
        made.add(sample, said)
    return made


class Legend(QWidget):
    """What the looks mean: of the classes of time, then of marks."""

    def __init__(self, *, classes: bool = True) -> None:
        """Make it, with the classes of time or empty."""
        super().__init__()
        self._flow = FlowLayout(self, gap=6)
        if not classes:
            return
        for posture in Posture:
            self.add(ClassKey(posture), STYLES[posture].word)
        self.add(ClassKey(None), "blank: nothing recorded")

    def add_exercise(self) -> QWidget:
        """Add what a guided exercise looks like."""
        return self.add(ExerciseKey(), EXERCISE_STYLE.word)

    def add(self, sample: QWidget, said: str) -> QWidget:
        """Add a sample with its words; return both as one, to be hidden where it is not needed."""
        one = QWidget()
        row = QHBoxLayout(one)
        row.setContentsMargins(0, 0, 10, 0)
        row.setSpacing(6)
        row.addWidget(sample)
        label = words(said, dim=True)
        label.setWordWrap(False)
        label.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        row.addWidget(label)
        self._flow.addWidget(one)
        return one
