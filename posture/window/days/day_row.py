"""A day of a week as a button: its strip and its figures; pressing it opens the day."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy

from posture.days import WeekDay
from posture.reports.day import labels
from posture.reports.day.charts import HourTick, WeekRow
from posture.window import theme
from posture.window.days import painting
from posture.window.days.painting import MARK_PX

_STRIP_PX, _NAME_PX, _SHARE_PX, _BESIDE_PX = 34, 92, 96, 560


def bent_words(day: WeekDay) -> str:
    """Return which share of the measured time was spent leaning or slumped, or why that is not said."""
    totals = day.totals
    if totals.seconds is None:
        return "nothing recorded"
    if not totals.enough or totals.flexed_s is None or not totals.measured_s:
        return "too little measured"
    return f"{labels.share(totals.flexed_s / totals.measured_s)} bent"


class DayRow(QPushButton):
    """The button of a day."""

    def __init__(self) -> None:
        """Make it empty."""
        super().__init__()
        self._day: WeekDay | None = None
        self._row: WeekRow | None = None
        self._ticks: tuple[HourTick, ...] = ()
        self._axis = False
        self.setAutoDefault(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setStyleSheet("QPushButton { padding: 0; }")

    def set_day(self, day: WeekDay, row: WeekRow, ticks: tuple[HourTick, ...], *, axis: bool) -> None:
        """Show a day; `axis`: with the hours below, as the last one has them."""
        self._day, self._row, self._ticks, self._axis = day, row, ticks, axis
        name, measured = labels.long_day(day.totals.date), labels.length(day.totals.measured_s)
        self.setAccessibleName(f"{name}: {bent_words(day)}" + (f", {measured} measured" if day.totals.measured_s else ""))
        self.setAccessibleDescription("Opens this day")
        self.setToolTip(f"Open {labels.short_day(day.totals.date)}")
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Return its size."""
        return QSize(200, self._height())

    def minimumSizeHint(self) -> QSize:
        """Return that it may be narrow."""
        return QSize(120, self._height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width may need another height."""
        super().resizeEvent(event)
        self.updateGeometry()

    def _height(self) -> int:
        lane = MARK_PX + 2 if self._row is not None and self._row.reports[0].rows else 0
        above = 0 if self.width() >= _BESIDE_PX else self.fontMetrics().height() + 4
        axis = self.fontMetrics().height() + 2 if self._axis else 0
        return round(12 + above + lane + _STRIP_PX + axis)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw it."""
        if self._day is None or self._row is None:
            return
        painter, c, beside = QPainter(self), theme.colours(), self.width() >= _BESIDE_PX
        if self.hasFocus() or self.underMouse():
            painter.setPen(QPen(QColor(c.accent), 2 if self.hasFocus() else 1))
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 6, 6)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        axis = self.fontMetrics().height() + 2 if self._axis else 0
        left, right = (_NAME_PX, _SHARE_PX) if beside else (8, 8)
        strip = QRectF(left, self.height() - 6 - axis - _STRIP_PX, self.width() - left - right, _STRIP_PX)
        self._draw_words(painter, strip, beside=beside)
        painter.setFont(painting.small(self.font()))
        narrow = strip.width() < painting.NARROW_PX
        painting.draw_hours(painter, strip, self._ticks, narrow=narrow)
        painting.draw_bars(painter, strip, self._row.bars)
        for mark in next(lane for lane in self._row.reports if lane.name == ("narrow" if narrow else "wide")).marks:
            painting.draw_mark(painter, painting.mark_centre(strip, mark.x, strip.top() - MARK_PX / 2 - 1), mark)
        if self._day.totals.seconds is None:
            painter.setPen(QColor(c.dim))
            painter.drawText(strip, Qt.AlignmentFlag.AlignCenter, "nothing recorded")
        if self._axis:
            painting.draw_axis(painter, QRectF(strip.x(), strip.bottom() + 1, strip.width(), axis), self._ticks, narrow=narrow)

    def _draw_words(self, painter: QPainter, strip: QRectF, *, beside: bool) -> None:
        assert self._day is not None
        c, side = theme.colours(), Qt.AlignmentFlag.AlignVCenter
        name = labels.short_day(self._day.totals.date)
        share = bent_words(self._day) if self._day.totals.seconds is not None else ""
        where = strip if beside else QRectF(strip.x(), 5, strip.width(), self.fontMetrics().height())
        bold = painter.font()
        bold.setBold(True)
        painter.save()
        painter.setFont(bold)
        painter.setPen(QColor(c.text))
        place = QRectF(8, where.y(), _NAME_PX - 8, where.height()) if beside else where
        painter.drawText(place, side | Qt.AlignmentFlag.AlignLeft, name)
        painter.restore()
        painter.setPen(QColor(c.dim))
        place = QRectF(strip.right() + 8, where.y(), _SHARE_PX - 14, where.height()) if beside else where
        painter.drawText(place, side | Qt.AlignmentFlag.AlignRight | Qt.TextFlag.TextWordWrap, share)
