"""Erases days, or everything: shows beforehand exactly what goes, asks, and offers a backup first."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QComboBox, QMessageBox, QVBoxLayout, QWidget

from posture.days import local_day
from posture.errors import PostureError
from posture.monitor.control import client
from posture.storage import ErasurePlan, Range, Store, carry_out, default_path, opened, plan_everything, plan_range
from posture.window.page import WindowContext
from posture.window.settings.backups import ask_where, write
from posture.window.settings.dates import DayRange
from posture.window.settings.jobs import JobBar, Progress
from posture.window.widgets import button, words

_SOME, _ALL = "Some days", "Everything"
_LOOKING = "Looking what that would erase…"
_NOTHING = "There is nothing to erase."
_RUNS = "The monitor is running and writes to what you want to erase. Stop it first."
_WAIT_MS = 300
_SHOWN = 8
"""So many lines are shown; the question lists all."""


class EraseCard(QWidget):
    """Which days, what would go, and the button."""

    def __init__(self, context: WindowContext, jobs: JobBar) -> None:
        """Make it; `refresh` looks what would go."""
        super().__init__()
        self._context, self._jobs = context, jobs
        self._plan: ErasurePlan | None = None
        self._asked = 0
        self.which, self.days, self.going = QComboBox(), DayRange(), words()
        self.which.addItems([_SOME, _ALL])
        self.which.setAccessibleName("What to erase")
        self.stop, self.go = button("Stop the monitor", self._stop_monitor), button("Erase…", self._ask)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self.refresh)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        for widget in (self.which, self.days, self.going):
            column.addWidget(widget)
        for pressed in (self.stop, self.go):
            column.addWidget(pressed, 0, Qt.AlignmentFlag.AlignLeft)
        self.which.currentTextChanged.connect(self._which_changed)
        self.days.changed.connect(self._days_changed)
        self._runs = False
        context.link.changed.connect(self._status)
        self._show(None, "")

    def refresh(self) -> None:
        """Look what would go, aside."""
        self._asked += 1
        asked, wanted = self._asked, self._wanted()
        if self._blocked():
            self._show(None, _RUNS)
            return
        self._show(None, _LOOKING)

        def done(plan: ErasurePlan) -> None:
            if asked == self._asked:
                shown = plan.lines[:_SHOWN]
                more = [f"… and {len(plan.lines) - _SHOWN} lines more"] if len(plan.lines) > _SHOWN else []
                self._show(plan, "\n".join([*shown, *more]) or _NOTHING)

        def failed(why: str) -> None:
            if asked == self._asked:
                self._show(None, _RUNS if self._context.link.status is not None else why)

        self._context.work.run(lambda: _plan(wanted), done, failed)

    def _show(self, plan: ErasurePlan | None, text: str) -> None:
        self._plan = plan
        self.going.setText(text)
        self.go.setEnabled(plan is not None and not plan.nothing)
        self.stop.setVisible(text == _RUNS)

    def _wanted(self) -> Range | None:
        return None if self.which.currentText() == _ALL else self.days.range

    def _blocked(self) -> bool:
        """Return whether the monitor runs and writes to what would be erased."""
        status, wanted = self._context.link.status, self._wanted()
        since = status.get("since_utc") if status is not None else None
        if status is None or wanted is None or not isinstance(since, int | float):
            return status is not None
        return self.days.days[1] >= local_day(since)

    def _which_changed(self, text: str) -> None:
        self.days.setVisible(text == _SOME)
        self.refresh()

    def _days_changed(self) -> None:
        self._asked += 1  # what is being looked up is for other days
        self._show(None, _LOOKING)
        self._soon.start(_WAIT_MS)

    def _status(self, status: object) -> None:
        runs = status is not None
        if runs is not self._runs and self.isVisible():
            self._runs = runs
            self.refresh()

    def _stop_monitor(self) -> None:
        self.stop.setEnabled(False)

        def ended(why: str = "") -> None:
            self.stop.setEnabled(True)
            if why:
                self._context.say(why)
            else:
                self._context.link.status = None  # as the next poll will find
                self.refresh()

        self._context.link.stop_monitor(ended, ended)

    def _ask(self) -> None:
        plan = self._plan
        if plan is None:
            return
        box = QMessageBox(QMessageBox.Icon.Warning, "Erase", "Erase this for good?", parent=self)
        box.setInformativeText("\n".join(plan.lines))
        erase = box.addButton("Erase", QMessageBox.ButtonRole.DestructiveRole)
        first = box.addButton("Back up first…", QMessageBox.ButtonRole.ActionRole) if default_path().exists() else None
        box.setDefaultButton(box.addButton("Cancel", QMessageBox.ButtonRole.RejectRole))
        box.exec()
        pressed = box.clickedButton()
        if pressed is erase:
            self._jobs.run("Erasing…", lambda _progress: _erase(plan), self._erased)
        elif first is not None and pressed is first and (target := ask_where(self)) is not None:

            def written(size: int) -> str:
                QTimer.singleShot(0, self._ask)
                return f"Backup written: {target} ({size / 1e6:.1f} MB)."

            def work(_progress: Progress) -> int:
                return write(target)

            self._jobs.run("Backing up…", work, written)

    def _erased(self, lingers: bool) -> str:
        self.refresh()
        return "Erased." + (" Another program reads the database: until it closes, its log may still hold old pages." if lingers else "")


def _plan(wanted: Range | None) -> ErasurePlan:
    with opened(default_path()) as store:
        if wanted is None:
            return plan_everything(store)
        return ErasurePlan(wanted) if store is None else plan_range(store, wanted)


def _erase(plan: ErasurePlan) -> bool:
    if plan.wanted is None:
        if client.running() is not None:
            raise PostureError("The monitor is running again; nothing was erased.")
        with opened(default_path()) as store:
            return carry_out(plan, store)
    with Store.open() as store:
        return carry_out(plan, store)
