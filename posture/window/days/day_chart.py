"""The day on one axis of time: what was said, reminders, postures and bent time, walked by the arrow keys."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from posture.days import Day
from posture.reports.day.charts import DayTimeline, Lane, timeline
from posture.window import theme
from posture.window.day_colours import day_colours
from posture.window.days import painting
from posture.window.days.painting import MARK_PX
from posture.window.days.roles import be_chart
from posture.window.widgets import announce

HINT = "Arrow keys walk through it: left and right from stretch to stretch, up and down to reminders and reports."
_STRIP_PX, _CURVE_PX, _GAP_PX = 58, 88, 8
_NAMES_PX, _BESIDE_PX = 86, 560
_JUMP = 10


@dataclass(frozen=True, slots=True)
class _Stop:
    """Something that the arrow keys stop at."""

    rect: QRectF
    says: str


class DayChart(QWidget):
    """The picture of a day. Its accessible description sums it up, and each stop of the arrow keys is announced."""

    walked = Signal(str)
    """Time and posture, or what a mark stands for, where the arrow keys or a click came to; empty: nowhere."""

    def __init__(self) -> None:
        """Make it empty."""
        super().__init__()
        self._chart: DayTimeline | None = None
        self._rows: dict[str, QRectF] = {}
        self._at: tuple[str, int] | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Timeline of the day")
        be_chart(self)

    def set_day(self, day: Day) -> None:
        """Show a day; where the keys were stays, if that is still there."""
        self._chart = timeline(day)
        self.setAccessibleDescription(f"{self._chart.says} {HINT}")
        self._place()
        if self._at is not None and self._at[1] >= len(self._stops(self._at[0])):
            self._go(None)
        self.update()

    @property
    def selected(self) -> str:
        """What the current stop says; empty: there is none."""
        return self._stops(self._at[0])[self._at[1]].says if self._at is not None else ""

    @property
    def change_words(self) -> str:
        """Say where the clocks change; empty on other days."""
        return "" if self._chart is None or self._chart.change is None else self._chart.change.says

    def minimumSizeHint(self) -> QSize:
        """Return that it may be narrow."""
        return QSize(200, 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay it out for another width."""
        super().resizeEvent(event)
        self._place()

    def changeEvent(self, event: QEvent) -> None:
        """Follow another font."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.FontChange:
            self._place()

    # Keys and mouse

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walk: left and right, home and end, page up and down within a row; up and down to the next row."""
        names = [name for name in self._rows if self._stops(name)]
        key, by = event.key(), {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_PageUp: -_JUMP, Qt.Key.Key_PageDown: _JUMP}
        if not names or (key == Qt.Key.Key_Escape and self._at is None):
            super().keyPressEvent(event)
            return
        name = self._at[0] if self._at is not None else "Posture" if "Posture" in names else names[0]
        last = len(self._stops(name)) - 1
        if key in by:
            self._go((name, 0 if self._at is None else min(last, max(0, self._at[1] + by[Qt.Key(key)]))))
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self._go((name, 0 if key == Qt.Key.Key_Home else last))
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._to_row(names, name, -1 if key == Qt.Key.Key_Up else 1)
        elif key == Qt.Key.Key_Escape:
            self._go(None)
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go to what was clicked."""
        self._go(self._found(event.position()))

    def event(self, event: QEvent) -> bool:
        """Say in a tool tip what lies below the pointer."""
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            found = self._found(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), "" if found is None else self._stops(found[0])[found[1]].says, self)
            return True
        return super().event(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show where the keys are."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Show it no more."""
        super().focusOutEvent(event)
        self.update()

    def _to_row(self, names: list[str], name: str, by: int) -> None:
        """Go to what lies nearest in the next row."""
        index = names.index(name) + by
        if self._at is None:
            self._go((name, 0))
        elif 0 <= index < len(names):
            x = self._stops(name)[self._at[1]].rect.center().x()
            stops = self._stops(names[index])
            self._go((names[index], min(range(len(stops)), key=lambda i: abs(stops[i].rect.center().x() - x))))

    def _go(self, to: tuple[str, int] | None) -> None:
        self._at = to
        self.update()
        self.walked.emit(self.selected)
        if self.selected:
            announce(self, self.selected)

    def _found(self, point: QPointF) -> tuple[str, int] | None:
        for name, row in self._rows.items():
            if row.top() <= point.y() <= row.bottom():
                for i, stop in enumerate(self._stops(name)):
                    if stop.rect.left() - 1 <= point.x() <= stop.rect.right() + 1 and (name == "Posture" or stop.rect.contains(point)):
                        return name, i
        return None

    # Places

    @property
    def _narrow(self) -> bool:
        return self.width() < painting.NARROW_PX

    def _place(self) -> None:
        """Give each row its place, and the whole its height."""
        if self._chart is None:
            return
        beside = self.width() >= _BESIDE_PX
        above = 0 if beside else painting.small(self.font()).pointSizeF() * 1.9
        left, y = (_NAMES_PX if beside else 2), 2.0
        wide = max(10.0, self.width() - left - 2.0)
        rows = {"You said": self._lane(self._chart.reports), "Reminders": self._lane(self._chart.prompts)}
        heights = {name: (MARK_PX + 2) * lane.rows + 2 for name, lane in rows.items() if lane.rows}
        self._rows = {}
        for name, high in {**heights, "Posture": _STRIP_PX, "Bent time": _CURVE_PX}.items():
            self._rows[name] = QRectF(left, y + above, wide, high)
            y += above + high + _GAP_PX
        self.setFixedHeight(round(y + self.fontMetrics().height() + 4))

    def _lane(self, lanes: tuple[Lane, ...]) -> Lane:
        return next(lane for lane in lanes if lane.name == ("narrow" if self._narrow else "wide"))

    def _centre(self, rect: QRectF, x: float, row: int) -> QPointF:
        return painting.mark_centre(rect, x, rect.bottom() - 1 - MARK_PX / 2 - row * (MARK_PX + 2))

    def _stops(self, name: str) -> list[_Stop]:
        rect, chart = self._rows.get(name), self._chart
        if rect is None or chart is None or name == "Bent time":
            return []
        if name == "Posture":
            return [_Stop(painting.bar_rect(rect, bar), f"{bar.says[:1].upper()}{bar.says[1:]}") for bar in chart.bars]
        marks = self._lane(chart.reports if name == "You said" else chart.prompts).marks
        half = MARK_PX / 2 + 1
        centres = [(self._centre(rect, m.x, m.row), m.says) for m in sorted(marks, key=lambda m: m.x)]
        return [_Stop(QRectF(c.x() - half, c.y() - half, 2 * half, 2 * half), says) for c, says in centres]

    # Drawing

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the day."""
        chart = self._chart
        if chart is None:
            return
        painter = QPainter(self)
        painter.setFont(painting.small(self.font()))
        for name, rect in self._rows.items():
            self._draw_name(painter, name, rect)
            painting.draw_hours(painter, rect, chart.ticks, narrow=self._narrow)
        painting.draw_bars(painter, self._rows["Posture"], chart.bars)
        for name, lanes in (("You said", chart.reports), ("Reminders", chart.prompts)):
            if name in self._rows:
                for mark in self._lane(lanes).marks:
                    painting.draw_mark(painter, self._centre(self._rows[name], mark.x, mark.row), mark)
        self._draw_curve(painter, self._rows["Bent time"], chart)
        bottom = self._rows["Bent time"]
        painting.draw_axis(painter, QRectF(bottom.x(), bottom.bottom() + 2, bottom.width(), 20), chart.ticks, narrow=self._narrow)
        self._draw_change(painter, chart)
        self._draw_selected(painter)

    def _draw_name(self, painter: QPainter, name: str, rect: QRectF) -> None:
        painter.setPen(QColor(theme.colours().dim))
        if rect.x() > 10:
            place = QRectF(0, rect.bottom() - 18, rect.x() - 8, 18)
            painter.drawText(place, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom, name)
        else:
            painter.drawText(QPointF(rect.x(), rect.top() - 4), name)

    def _draw_curve(self, painter: QPainter, rect: QRectF, chart: DayTimeline) -> None:
        c, curve = day_colours(), chart.curve
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for piece in curve.pieces:
            points = [QPointF(rect.x() + rect.width() * x / curve.columns, rect.y() + rect.height() * y / 100.0) for x, y in piece]
            closed = [QPointF(points[0].x(), rect.bottom()), *points, QPointF(points[-1].x(), rect.bottom())]
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(c.area))
            painter.drawPolygon(QPolygonF(closed))
            painter.setPen(QPen(QColor(c.curve), 1.6))
            painter.drawPolyline(QPolygonF(points))
        painter.restore()
        dim = QColor(theme.colours().dim)
        for level in curve.levels:
            y = rect.y() + rect.height() * level.y / 100.0
            painter.setPen(QPen(dim, 1, Qt.PenStyle.DashLine))
            painter.drawLine(QPointF(rect.left(), y), QPointF(rect.right(), y))
            painting.draw_label(painter, QPointF(rect.left() + 3, y - 3), level.words)
        painter.setPen(QPen(dim, 1))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        if curve.peak is not None:
            self._draw_peak(painter, rect, curve.peak.x, curve.peak.row, curve.peak.sign)

    def _draw_peak(self, painter: QPainter, rect: QRectF, x: float, y: float, said: str) -> None:
        place = QPointF(painting.at(rect, x), rect.y() + rect.height() * y / 100.0)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(QColor(day_colours().curve))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.drawEllipse(place, 3, 3)
        painter.restore()
        wide = painter.fontMetrics().horizontalAdvance(said)
        painting.draw_label(painter, QPointF(place.x() - 7 - wide if x > 80 else place.x() + 7, place.y() + 4), said, theme.colours().text)

    def _draw_change(self, painter: QPainter, chart: DayTimeline) -> None:
        if chart.change is not None:
            rect = self._rows["Posture"]
            painter.setPen(QPen(QColor(theme.colours().text), 1, Qt.PenStyle.DashLine))
            painter.drawLine(
                QPointF(painting.at(rect, chart.change.x), rect.top()), QPointF(painting.at(rect, chart.change.x), rect.bottom())
            )

    def _draw_selected(self, painter: QPainter) -> None:
        colour = QColor(theme.colours().accent)
        if self.hasFocus():
            painter.setPen(QPen(colour, 2))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 4, 4)
        if self._at is not None:
            row, stop = self._rows[self._at[0]], self._stops(self._at[0])[self._at[1]]
            rect = QRectF(stop.rect.x(), row.y(), stop.rect.width(), row.height()) if self._at[0] == "Posture" else stop.rect
            painter.setPen(QPen(QColor(theme.colours().text), 2))
            painter.drawRect(rect.adjusted(-2, -1, 2, 1))
