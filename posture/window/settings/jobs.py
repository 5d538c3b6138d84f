"""What takes long on the page: how far it is, and a way to stop it where that is safe."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from posture.errors import PostureError
from posture.window.background import Done
from posture.window.page import WindowContext
from posture.window.widgets import announce, button, words

Progress = Callable[[int, int], None]


class CancelledError(PostureError):
    """The person stopped it."""

    def __init__(self) -> None:
        """With the line that is shown."""
        super().__init__("Stopped; nothing was written.")


class JobBar(QWidget):
    """Shows one job at a time."""

    progressed = Signal(int, int)
    busy_changed = Signal(bool)
    """Whether a job runs now."""
    shown_changed = Signal()
    """It is shown now, or no longer, or its words are others."""

    def __init__(self, context: WindowContext) -> None:
        """Make it, hidden."""
        super().__init__()
        self._context = context
        self._stop = threading.Event()
        self.said, self.bar = words(), QProgressBar()
        self.cancel = button("Stop", self._cancel)
        self.bar.setAccessibleName("Progress")
        self.bar.setTextVisible(False)
        self._row = QWidget()
        row = QHBoxLayout(self._row)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.bar, 1)
        row.addWidget(self.cancel)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.said)
        column.addWidget(self._row)
        self.progressed.connect(self._show_progress)
        self.hide()

    @property
    def is_shown(self) -> bool:
        """Whether there is anything to say."""
        return bool(self.said.text())

    def forget(self) -> None:
        """Say no more of the last job; one that runs goes on being shown."""
        if self._row.isHidden():
            self._end("")

    def run(self, what: str, job: Callable[[Progress], Any], done: Done, *, stoppable: bool = False) -> None:
        """Run a job aside.

        Args:
            what: What is shown meanwhile.
            job: Is given what it tells how much is done, of how much; that raises once the person wants to stop.
            done: Gets its result and returns what is shown then, or ``None``.
            stoppable: Whether it can be stopped.
        """
        self._stop.clear()
        self.bar.setRange(0, 0)
        self._row.show()
        self.cancel.setVisible(stoppable)
        self.cancel.setEnabled(True)
        self.show()
        self._say(what)
        self.busy_changed.emit(True)

        def ended(result: Any) -> None:
            self._end(str(done(result) or ""))

        self._context.work.run(lambda: job(self._progress), ended, self._end)

    def _progress(self, done: int, total: int) -> None:
        if self._stop.is_set():
            raise CancelledError
        self.progressed.emit(done, total)

    def _show_progress(self, done: int, total: int) -> None:
        self.bar.setRange(0, max(1, total))
        self.bar.setValue(done)

    def _cancel(self) -> None:
        self._stop.set()
        self.cancel.setEnabled(False)

    def _end(self, text: str) -> None:
        self._row.hide()
        self.setVisible(bool(text))
        self._say(text)
        self.busy_changed.emit(False)

    def _say(self, text: str) -> None:
        self.said.setText(text)
        if text:
            announce(self.said, text)
        self.shown_changed.emit()
