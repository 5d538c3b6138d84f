"""A layout whose widgets stand beside each other as long as there is room, and below each other where there is not."""

from __future__ import annotations

from PySide6.QtCore import QMargins, QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QWidget


class FlowLayout(QLayout):
    """Places its widgets in rows like words in a text, or in columns of the same width."""

    def __init__(self, parent: QWidget | None = None, *, column: int | None = None, gap: int = 8, fill: bool = True) -> None:
        """Make an empty layout.

        Args:
            parent: the widget that it lays out.
            column: in columns, each at least so many pixels wide; those of a row are of the same height then.
            gap: pixels between two.
            fill: few widgets share the whole width; else each is as wide as if there were many.
        """
        super().__init__(parent)
        self._items: list[QLayoutItem] = []
        self._column, self._gap, self._fill = column, gap, fill
        self.setContentsMargins(QMargins(0, 0, 0, 0))

    def addItem(self, item: QLayoutItem) -> None:
        """Add an item at the end."""
        self._items.append(item)

    def count(self) -> int:
        """Return how many items there are."""
        return len(self._items)

    def clear(self) -> None:
        """Remove all widgets."""
        while (item := self.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()

    def itemAt(self, index: int) -> QLayoutItem | None:
        """Return an item; ``None`` where there is none."""
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        """Remove an item and return it."""
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        """Return that it takes no room that it does not need."""
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        """Return that its height depends on its width."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height at that width, pixels."""
        return self._place(QRect(0, 0, width, 0), move=False)

    def setGeometry(self, rect: QRect) -> None:
        """Place the items."""
        super().setGeometry(rect)
        self._place(rect, move=True)

    def sizeHint(self) -> QSize:
        """Return the least size."""
        return self.minimumSize()

    def minimumSize(self) -> QSize:
        """Return the size of the largest item."""
        size = QSize()
        for item in self._items:
            size = size.expandedTo(item.minimumSize() if self._column is None else QSize(0, item.minimumSize().height()))
        return size

    def _place(self, rect: QRect, *, move: bool) -> int:
        shown = [item for item in self._items if not item.isEmpty()]
        y = rect.y()
        for row in self._rows(shown, rect.width()):
            high, x = max(height for _, _, height in row), rect.x()
            for item, width, height in row:
                if move:
                    item.setGeometry(QRect(QPoint(x, y), QSize(width, height if self._column is None else high)))
                x += width + self._gap
            y += high + self._gap
        return max(0, y - self._gap - rect.y())

    def _rows(self, shown: list[QLayoutItem], room: int) -> list[list[tuple[QLayoutItem, int, int]]]:
        """Return the items in rows, each with its width and height."""
        each = None
        if self._column is not None:
            number = max(1, (room + self._gap) // (self._column + self._gap))
            number = min(len(shown), number) or 1 if self._fill else number
            each = (room - self._gap * (number - 1)) // number
        rows: list[list[tuple[QLayoutItem, int, int]]] = []
        right = 0
        for item in shown:
            width = each if each is not None else min(item.sizeHint().width(), room)
            height = item.heightForWidth(width) if item.hasHeightForWidth() else item.sizeHint().height()
            if not rows or right + self._gap + width > room:
                rows.append([])
                right = -self._gap
            rows[-1].append((item, width, height))
            right += self._gap + width
        return rows
