"""Where the person says how their back feels, and mends what they said."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QComboBox, QFormLayout, QHBoxLayout, QLabel, QLineEdit, QMenu, QPushButton, QSizePolicy, QWidget

from posture.prompts import Catalogue
from posture.reports.day import rows
from posture.reports.day.labels import PLACES, REPORTS
from posture.storage import StoredReport
from posture.time_parsing import EXAMPLES, moment
from posture.types import ReportKind, SelfReport
from posture.window import names
from posture.window.days.self_reports import Mended, SelfReports
from posture.window.days.table import FactTable
from posture.window.flow import FlowLayout
from posture.window.page import WindowContext
from posture.window.parts import Section, Unfolding, set_or_hide
from posture.window.widgets import announce, button, words

TITLE = "How your back feels"
_NONE = "Nothing logged on this day."


class LogCard(Section):
    """Buttons that log a self-report, and the list of those of the day, to change or remove."""

    def __init__(self, context: WindowContext, changed: Callable[[bool], object]) -> None:
        """Make it. `changed`: called after each change, with whether a report has just raised a red flag."""
        super().__init__(TITLE)
        self._context, self._changed = context, changed
        self._reports = SelfReports(context, self._done)
        self._catalogue: Catalogue | None = None
        self._numbered: tuple[StoredReport, ...] = ()
        self._last: Mended | None = None
        self._answer_id = ""
        self._form = self._make_form()
        self._said = words()
        self.undo = button("Undo", self._undo)
        self._said_row = _row(self._said, self.undo)
        self._answer = words()
        self.how = button("How to do it", self._show_how)
        self._answer_row = _row(self._answer, self.how)
        self.empty = words(_NONE, dim=True)
        self.table = FactTable("What you logged", ("Time", "What", "Where, and note"))
        self.table.keeps_selection = True
        self.table.itemSelectionChanged.connect(self._selected)
        self.table.installEventFilter(self)
        self.change = self._change_button()
        self.remove = button("Remove", self._remove)
        self._mending = QWidget()
        mending = FlowLayout(self._mending)
        mending.addWidget(self.change)
        mending.addWidget(self.remove)
        for widget in (self._form, self._said_row, self._answer_row, self.empty, self.table, self._mending):
            self.body.addWidget(widget)
        self._said_row.hide()
        self._answer_row.hide()
        self._selected()

    def set_reports(self, numbered: Sequence[StoredReport], catalogue: Catalogue, *, today: bool) -> None:
        """Show the reports of a day; new ones are logged on the page of today alone."""
        self._catalogue = catalogue
        self._numbered = tuple(numbered)
        self._form.setVisible(today)
        self.table.set_rows([rows.logged_row(n.report) for n in numbered])
        self.empty.setVisible(not numbered)
        self.table.setVisible(bool(numbered))
        self._mending.setVisible(bool(numbered))
        self._selected()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Remove the selected report with the Delete key."""
        pressed = watched is self.table and isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress
        if pressed and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Delete and self.remove.isEnabled():
            self._remove()
            return True
        return super().eventFilter(watched, event)

    def _make_form(self) -> QWidget:
        form = QWidget()
        column = QFormLayout(form)
        column.setContentsMargins(0, 0, 0, 0)
        column.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapAllRows)
        kinds = QWidget()
        flow = FlowLayout(kinds)
        self.buttons: dict[ReportKind, QPushButton] = {}
        for kind, label in REPORTS.items():
            self.buttons[kind] = button(f"{label.word[0].upper()}{label.word[1:]}", partial(self._log, kind))
            flow.addWidget(self.buttons[kind])
        self.where, self.when, self.note = QComboBox(), QLineEdit(), QLineEdit()
        self.where.addItem("not said", None)
        for place, said in PLACES.items():
            self.where.addItem(said, place)
        self.where.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.when.setPlaceholderText(f"now; or {EXAMPLES}")
        self.note.setPlaceholderText("stays on this machine")
        details = QWidget()
        lines = QFormLayout(details)
        lines.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        lines.addRow("W&here", self.where)
        lines.addRow("Whe&n", self.when)
        lines.addRow("N&ote", self.note)
        column.addRow(kinds)
        column.addRow(Unfolding("Where, when, a note", details))
        return form

    def _change_button(self) -> QPushButton:
        made = QPushButton("Change to")
        menu = QMenu(made)
        for kind, label in REPORTS.items():
            menu.addAction(label.word).triggered.connect(partial(self._change, kind))
        made.setMenu(menu)
        return made

    # What is done

    def _log(self, kind: ReportKind) -> None:
        time_s, typed = time.time(), self.when.text().strip()
        if typed:
            try:
                meant = moment(typed, datetime.now())
            except ValueError as error:
                self._context.say(f"When: {error}")
                self.when.setFocus()
                return
            time_s = meant.time_s
            if meant.remark is not None:
                self._context.say(meant.remark)
        self._reports.log(SelfReport(time_s, kind, self.where.currentData(), self.note.text().strip() or None))

    def _number(self) -> int | None:
        row = self.table.currentRow()
        return self._numbered[row].id if 0 <= row < len(self._numbered) and self.table.selectedItems() else None

    def _change(self, kind: ReportKind) -> None:
        if (number := self._number()) is not None:
            self._reports.change(number, kind)

    def _remove(self) -> None:
        if (number := self._number()) is not None:
            self._reports.remove(number)

    def _undo(self) -> None:
        if self._last is not None:
            self._reports.undo(self._last)

    def _show_how(self) -> None:
        self._context.open_page(names.EXERCISES, (self._answer_id,))

    def _done(self, mended: Mended | None) -> None:
        self._last = mended
        self._say(mended)
        if mended is not None and mended.answers:
            self.where.setCurrentIndex(0)
            self.when.clear()
            self.note.clear()
        if mended is None:
            next(iter(self.buttons.values())).setFocus() if self._form.isVisible() else self.table.setFocus()
        self._changed(mended is not None and mended.flagged and bool(mended.answers))

    def _say(self, mended: Mended | None) -> None:
        said = "Undone." if mended is None else mended.words
        set_or_hide(self._said, said)
        self._said_row.show()
        self.undo.setVisible(mended is not None)
        announce(self._said, said)
        known = None if mended is None or mended.flagged else self._catalogue
        entries = [known.get(i) for i in mended.answers] if known is not None and mended is not None else []
        entry = next((e for e in entries if e is not None), None)
        self._answer_id = entry.id if entry else ""
        self._answer.setText(f"{entry.title}. {entry.why}" if entry else "")
        self._answer_row.setVisible(entry is not None)

    def _selected(self) -> None:
        chosen = self._number() is not None
        self.change.setEnabled(chosen)
        self.remove.setEnabled(chosen)


def _row(label: QLabel, *buttons: QPushButton) -> QWidget:
    made = QWidget()
    row = QHBoxLayout(made)
    row.setContentsMargins(0, 0, 0, 0)
    row.addWidget(label, 1)
    for one in buttons:
        row.addWidget(one, 0, Qt.AlignmentFlag.AlignTop)
    return made
