"""A table to read: as high as its rows, walked by the arrow keys, and in little room with all of a row in two columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QEvent, QRect, QSize, Qt
from PySide6.QtGui import QFocusEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QScrollArea, QSizePolicy, QTableWidget, QTableWidgetItem, QWidget

Rows = Sequence[Sequence[str]]
_PAD, _ROW_PAD, _WRAPPED_PX, _MOST_PX = 20, 9, 116, 420
_SHEET = """
QTableWidget { background: transparent; border: none; }
QTableWidget::item { padding: 3px 6px; border-bottom: 1px solid palette(mid); }
QTableWidget::item:selected { background: palette(highlight); color: palette(highlighted-text); }
QHeaderView { background: transparent; }
QHeaderView::section { background: transparent; border: none; border-bottom: 2px solid palette(mid); padding: 3px 9px; font-weight: bold; }
"""


class FactTable(QTableWidget):
    """A table that cannot be changed; its rows do not scroll by themselves, the page does."""

    def __init__(self, name: str, headings: Sequence[str], *, right: Sequence[int] = (), wide: int = -1) -> None:
        """Make an empty table.

        Args:
            name: for screen readers.
            headings: of the columns; of columns without a name empty.
            right: columns of numbers.
            wide: the column that takes the room that is left, and whose words wrap.
        """
        super().__init__()
        self._headings, self._right, self._wide = tuple(headings), frozenset(right), wide % len(headings)
        self._rows: tuple[tuple[str, ...], ...] = ()
        self._compact: bool | None = None
        self.setAccessibleName(name)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setWordWrap(True)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setStyleSheet(_SHEET)
        self.verticalHeader().hide()
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.horizontalHeader().setMinimumSectionSize(10)
        self.horizontalHeader().setSectionsClickable(False)
        self.horizontalHeader().setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.viewport().setAutoFillBackground(False)
        self.currentCellChanged.connect(self._reveal)

    @property
    def rows(self) -> tuple[tuple[str, ...], ...]:
        """What it shows."""
        return self._rows

    def set_rows(self, rows: Rows, headings: Sequence[str] | None = None) -> None:
        """Show other rows, and with `headings` other columns; the current row stays the current one."""
        new = tuple(tuple(row) for row in rows)
        if headings is not None and tuple(headings) != self._headings:
            self._wide = len(headings) - 1 if self._wide == len(self._headings) - 1 else min(self._wide, len(headings) - 1)
            self._headings, self._rows = tuple(headings), ()
        if new != self._rows or self._compact is None:
            self._rows = new
            self._fill()

    def minimumSizeHint(self) -> QSize:
        """Return that it may be narrow."""
        return QSize(0, 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Choose between all columns and two."""
        super().resizeEvent(event)
        if self._compact is not None and self._compact is not (self._needed() > self.viewport().width()):
            self._fill()
        else:
            self._fit()

    def changeEvent(self, event: QEvent) -> None:
        """Follow another font or appearance."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange) and self._compact is not None:
            self._fit()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Select the first row where none is, so that the arrow keys begin there."""
        super().focusInEvent(event)
        if self.currentRow() < 0 and self._rows:
            self.setCurrentCell(0, 0)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Show no row as selected while the keyboard is elsewhere."""
        super().focusOutEvent(event)
        if not self.keeps_selection:
            self.clearSelection()

    keeps_selection = False
    """Whether a row stays selected when the keyboard goes elsewhere, for buttons that do something with it."""

    def _fill(self) -> None:
        row = self.currentRow()
        self._compact = self._needed() > self.viewport().width() > 0
        headings = (self._headings[0], "") if self._compact else self._headings
        self.clear()
        self.setColumnCount(len(headings))
        self.setRowCount(len(self._rows))
        self.setHorizontalHeaderLabels(list(headings))
        self.horizontalHeader().setVisible(any(headings) and not (self._compact and not headings[0]))
        for y, cells in enumerate(self._rows):
            for x, words in enumerate(self._joined(cells) if self._compact else cells):
                item = QTableWidgetItem(words)
                item.setTextAlignment(self._side(x))
                self.setItem(y, x, item)
        for x in range(len(headings)):
            heading = self.horizontalHeaderItem(x)
            if heading is not None:
                heading.setTextAlignment(self._side(x))
        if 0 <= row < len(self._rows):
            self.setCurrentCell(row, 0)
        self._fit()

    def _side(self, column: int) -> Qt.AlignmentFlag:
        right = not self._compact and column in self._right
        return (Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft) | Qt.AlignmentFlag.AlignVCenter

    def _joined(self, cells: Sequence[str]) -> tuple[str, str]:
        """Return a row as two cells: its first, and all others with what they are."""
        parts = [f"{heading}: {words}" if heading else words for heading, words in zip(self._headings[1:], cells[1:], strict=True) if words]
        return cells[0], "\n".join(parts) if len(parts) <= 3 else ", ".join(parts)

    def _fit(self) -> None:
        room, stretch = self.viewport().width(), 1 if self._compact else self._wide
        widths = {x: min(self._width(x), room // 2) if self._compact else self._width(x) for x in range(self.columnCount()) if x != stretch}
        if self.columnCount():
            widths[stretch] = max(20, room - sum(widths.values()))
        for x, width in widths.items():
            self.setColumnWidth(x, width)
        for y in range(self.rowCount()):
            self.setRowHeight(y, self._row_height(y, widths))
        head = self.horizontalHeader().sizeHint().height() if not self.horizontalHeader().isHidden() else 0
        height = head + sum(self.rowHeight(y) for y in range(self.rowCount())) + 2
        if height != self.height():
            self.setFixedHeight(height)

    def _row_height(self, row: int, widths: Mapping[int, int]) -> int:
        """Return the height at which no word of a row is cut; Qt's own estimate leaves the padding out."""
        high = self.fontMetrics().height()
        for x, width in widths.items():
            item, flags = self.item(row, x), Qt.TextFlag.TextWordWrap
            room = QRect(0, 0, max(10, width - _PAD), 10000)
            high = max(high, self.fontMetrics().boundingRect(room, flags, item.text() if item is not None else "").height())
        return high + _ROW_PAD

    def _width(self, column: int) -> int:
        bold = self.fontMetrics().horizontalAdvance(self._headings[column]) * 1.12
        widest = max((self.fontMetrics().horizontalAdvance(row[column]) for row in self._rows), default=0)
        return round(min(max(bold, widest), _MOST_PX)) + _PAD

    def _needed(self) -> int:
        widths = [self._width(x) for x in range(len(self._headings))]
        widths[self._wide] = min(widths[self._wide], _WRAPPED_PX)
        return sum(widths)

    def _reveal(self, row: int, _column: int, _before: int, _before_column: int) -> None:
        """Have the page scroll to the row that the arrow keys came to."""
        if row < 0 or not self.hasFocus():
            return
        area, item = page_of(self), self.item(row, 0)
        inside = area.widget() if area is not None else None
        if area is not None and inside is not None and item is not None:
            place = self.viewport().mapTo(inside, self.visualItemRect(item).center())
            area.ensureVisible(place.x(), place.y(), 0, self.rowHeight(row))


def page_of(widget: QWidget) -> QScrollArea | None:
    """Return the page that a widget stands on."""
    found: QWidget | None = widget.parentWidget()
    while found is not None and not (isinstance(found, QScrollArea) and not isinstance(found, FactTable)):
        found = found.parentWidget()
    return found
