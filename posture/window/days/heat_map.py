"""A map of many days: a row for each week, a square for each day with its number in it, walked by the arrow keys."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QFocusEvent, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from posture.reports.day.trend import Cell
from posture.window import theme
from posture.window.day_colours import day_colours, ink_on
from posture.window.days import painting
from posture.window.days.roles import be_chart
from posture.window.widgets import announce

Weeks = Sequence[tuple[str, Sequence[Cell | None]]]
"""Name of each week and its seven days."""
_NAME_PX, _GAP_PX, _ROW_PX, _MONDAY = 58, 3, 24, date(2026, 3, 2)
_KEYS = {Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Right: (0, 1), Qt.Key.Key_Up: (-1, 0), Qt.Key.Key_Down: (1, 0)}


class HeatMap(QWidget):
    """The map. Each square that the arrow keys come to is announced; Enter or a click opens its day."""

    walked = Signal(str)
    """What the square says that the keys came to."""
    opened = Signal(int, int)
    """Week and day of the week of a square that was pressed."""

    def __init__(self, name: str) -> None:
        """Make it empty; `name`: what it shows, for screen readers."""
        super().__init__()
        self._weeks: tuple[tuple[str, tuple[Cell | None, ...]], ...] = ()
        self._at: tuple[int, int] | None = None
        self.setAccessibleName(name)
        be_chart(self)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def set_weeks(self, weeks: Weeks) -> None:
        """Show other weeks."""
        new = tuple((name, tuple(cells)) for name, cells in weeks)
        if len(new) != len(self._weeks):
            self._at = None
        self._weeks = new
        self.setAccessibleDescription(f"{len(new)} weeks. Arrow keys walk from day to day, Enter opens one. The table below says the same.")
        self.setFixedHeight(round(self._top + len(new) * _ROW_PX + 4))
        self.update()

    @property
    def selected(self) -> str:
        """What the current square says; empty: there is none."""
        cell = self._cell(self._at)
        return "" if cell is None else cell.says

    def minimumSizeHint(self) -> QSize:
        """Return that it may be narrow."""
        return QSize(200, 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay it out for another width."""
        super().resizeEvent(event)
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walk from day to day, or open one."""
        key = event.key()
        if key in _KEYS and self._weeks:
            self._walk(*_KEYS[Qt.Key(key)])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and self._cell(self._at) is not None and self._at is not None:
            self.opened.emit(*self._at)
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Open the day that was clicked."""
        if (found := self._found(event.position())) is not None:
            self._go(found)
            self.opened.emit(*found)

    def event(self, event: QEvent) -> bool:
        """Say in a tool tip what lies below the pointer."""
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            cell = self._cell(self._found(QPointF(event.pos())))
            QToolTip.showText(event.globalPos(), "" if cell is None else cell.says, self)
            return True
        return super().event(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Begin at the latest day."""
        super().focusInEvent(event)
        if self._at is None:
            last = [(w, d) for w, (_, cells) in enumerate(self._weeks) for d, cell in enumerate(cells) if cell is not None]
            if last:
                self._go(last[-1])
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Mark no square."""
        super().focusOutEvent(event)
        self.update()

    def _walk(self, down: int, right: int) -> None:
        week, day = self._at if self._at is not None else (0, 0)
        index = (week + down) * 7 + day + right
        to = divmod(index, 7)
        if 0 <= index < 7 * len(self._weeks) and self._cell(to) is not None:
            self._go(to)

    def _go(self, to: tuple[int, int]) -> None:
        self._at = to
        self.update()
        self.walked.emit(self.selected)
        announce(self, self.selected)

    def _cell(self, at: tuple[int, int] | None) -> Cell | None:
        return None if at is None or at[0] >= len(self._weeks) else self._weeks[at[0]][1][at[1]]

    @property
    def _top(self) -> float:
        return self.fontMetrics().height() + 6.0

    def _rect(self, week: int, day: int) -> QRectF:
        wide = (self.width() - _NAME_PX) / 7.0
        return QRectF(_NAME_PX + day * wide, self._top + week * _ROW_PX, wide - _GAP_PX, _ROW_PX - _GAP_PX)

    def _found(self, point: QPointF) -> tuple[int, int] | None:
        for week in range(len(self._weeks)):
            for day in range(7):
                if self._cell((week, day)) is not None and self._rect(week, day).contains(point):
                    return week, day
        return None

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the map."""
        painter, c = QPainter(self), theme.colours()
        painter.setFont(painting.small(self.font()))
        painter.setPen(QColor(c.dim))
        for day in range(7):
            rect = self._rect(0, day)
            name = f"{_MONDAY + timedelta(days=day):%a}"
            painter.drawText(QRectF(rect.x(), 0, rect.width(), self._top - 3), Qt.AlignmentFlag.AlignCenter, name)
        for week, (name, cells) in enumerate(self._weeks):
            rect = self._rect(week, 0)
            painter.setPen(QColor(c.dim))
            painter.drawText(QRectF(0, rect.y(), _NAME_PX - 6, rect.height()), Qt.AlignmentFlag.AlignVCenter, name)
            for day, cell in enumerate(cells):
                if cell is not None:
                    draw_cell(painter, self._rect(week, day), cell)
        if self.hasFocus():
            painter.setPen(QPen(QColor(c.accent), 2))
            if self._at is not None:
                painter.setPen(QPen(QColor(c.text), 2))
                painter.drawRect(self._rect(*self._at).adjusted(-1, -1, 1, 1))


def draw_cell(painter: QPainter, rect: QRectF, cell: Cell) -> None:
    """Draw the square of a day with its number."""
    c, d = theme.colours(), day_colours()
    if cell.look in ("none", "little"):
        painter.setPen(QPen(QColor(c.line), 1))
        painter.setBrush(QBrush(QColor(c.line), Qt.BrushStyle.BDiagPattern) if cell.look == "little" else Qt.BrushStyle.NoBrush)
        painter.drawRect(rect.adjusted(0.5, 0.5, -0.5, -0.5))
        ink = c.text
    else:
        fill = (d.warm if cell.look.startswith("warm") else d.cool)[int(cell.look[-1])]
        painter.fillRect(rect, QColor(fill))
        if cell.look.endswith("0"):
            painter.setPen(QPen(QColor(c.line), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(rect.adjusted(0.5, 0.5, -0.5, -0.5))
        ink = ink_on(fill)
    painter.setPen(QColor(ink))
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, cell.words)


class CellKey(QWidget):
    """A sample of a square."""

    def __init__(self, look: str) -> None:
        """Make it."""
        super().__init__()
        self._cell = Cell("", look, "")
        self.setFixedSize(QSize(20, 16))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw it."""
        draw_cell(QPainter(self), QRectF(self.rect()), self._cell)
