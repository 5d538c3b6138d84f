"""From one day to another."""

from __future__ import annotations

from datetime import date

from PySide6.QtCore import QDate, Signal
from PySide6.QtWidgets import QDateEdit, QGridLayout, QLabel, QWidget

from posture.days import range_of
from posture.storage import Range


class DayRange(QWidget):
    """Two days, each with a calendar; the second is never before the first."""

    changed = Signal()

    def __init__(self) -> None:
        """Begin with today."""
        super().__init__()
        self.first, self.last = QDateEdit(), QDateEdit()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setColumnStretch(1, 1)
        for row, (title, box) in enumerate((("From", self.first), ("To", self.last))):
            label = QLabel(title)
            label.setBuddy(box)
            box.setAccessibleName(title)
            box.setCalendarPopup(True)
            box.setDisplayFormat("d MMMM yyyy")
            box.setMaximumDate(QDate.currentDate())
            box.setDate(QDate.currentDate())
            grid.addWidget(label, row, 0)
            grid.addWidget(box, row, 1)
        self.first.dateChanged.connect(self._first_changed)
        self.last.dateChanged.connect(self._last_changed)

    @property
    def days(self) -> tuple[date, date]:
        """The two days."""
        return _day(self.first), _day(self.last)

    @property
    def range(self) -> Range:
        """Their time, the last day among it."""
        return Range(*range_of(*self.days))

    def _first_changed(self, day: QDate) -> None:
        if self.last.date() < day:
            self.last.setDate(day)
        self.changed.emit()

    def _last_changed(self, day: QDate) -> None:
        if self.first.date() > day:
            self.first.setDate(day)
        self.changed.emit()


def _day(box: QDateEdit) -> date:
    found = box.date()
    return date(found.year(), found.month(), found.day())
