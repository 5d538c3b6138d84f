"""What the page says about the file: that it is broken, what was changed last, and that the monitor doesn't know it yet."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from posture.window.monitor_link import Status
from posture.window.page import WindowContext
from posture.window.settings.editor import Editor
from posture.window.widgets import announce, button, card, heading, words

_NOT_YET = "The monitor keeps its settings until it is started again."
_RESTARTING = "The monitor is being started again…"


class BrokenNotice(QFrame):
    """Says that the settings file is broken, and opens it; it is never overwritten."""

    def __init__(self, open_file: Callable[[], object], again: Callable[[], object]) -> None:
        """Make it, hidden."""
        super().__init__()
        self._words = words()
        self.open, self.again = button("Open the file", open_file, main=True), button("Read it again", again)
        buttons = QWidget()
        row = QHBoxLayout(buttons)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.open)
        row.addWidget(self.again)
        row.addStretch()
        about = words("Nothing is changed in it until it is mended. Meanwhile the monitor can't be started.", dim=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 14)
        column.addWidget(card(heading("Your settings file can't be used", 2), self._words, about, buttons))
        self.hide()

    def show_error(self, error: str | None) -> None:
        """Show what is wrong; ``None``: nothing is."""
        if error and error != self._words.text():
            announce(self, error)
        self._words.setText(error or "")
        self.setVisible(error is not None)


class ChangeBar(QWidget):
    """Below the page: the last change with its undo, and the monitor's restart."""

    shown_changed = Signal()
    """It is shown now, or no longer, or its words are others."""

    def __init__(self, context: WindowContext, editor: Editor) -> None:
        """Make it; nothing was changed yet."""
        super().__init__()
        self._context, self._editor = context, editor
        self._stale: int | None = None
        """Process of the monitor that doesn't know the last change; ``None``: there is none."""
        self._restarting = False
        self._said = words()
        self.undo_button = button("Undo", self.undo)
        self._monitor = words()
        self.restart = button("Restart the monitor now", self._restart)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 4)
        column.setSpacing(6)
        for text, what in ((self._said, self.undo_button), (self._monitor, self.restart)):
            row = QHBoxLayout()
            row.addWidget(text, 1)
            row.addWidget(what)
            column.addLayout(row)
        editor.written.connect(self._written)
        editor.noted.connect(self._note_monitor)
        context.link.changed.connect(self._status)
        self._show()

    @property
    def is_shown(self) -> bool:
        """Whether there is anything to say."""
        return bool(self._said.text() or self._monitor.text())

    def undo(self) -> None:
        """Undo the last change."""
        if not self._editor.can_undo:
            return
        failed = self._editor.undo()
        self._said.setText("")
        self._context.say(failed or "Undone.")
        self._note_monitor()

    def watch_monitor(self) -> None:
        """Forget what was said when the page was last shown."""
        if not self._editor.can_undo:
            self._said.setText("")
        self._show()

    def _written(self, what: str) -> None:
        self._said.setText(f"Saved. {what}")
        announce(self, self._said.text())
        if self._editor.concerns_monitor:
            self._note_monitor()
        else:
            self._show()

    def _note_monitor(self) -> None:
        status = self._context.link.status
        pid = status.get("pid") if status is not None else None
        self._stale = pid if isinstance(pid, int) else None
        self._show()

    def _status(self, status: Status | None) -> None:
        pid = status.get("pid") if status is not None else None
        if self._stale is not None and pid != self._stale and not self._restarting:
            self._stale = None
            self._show()

    def _restart(self) -> None:
        self._restarting = True
        self._show()
        options = self._context.link.options
        self._context.link.stop_monitor(lambda: self._stopped(options), self._failed)

    def _stopped(self, options: tuple[str, ...]) -> None:
        self._stale, self._restarting = None, False
        self._context.link.start_monitor(*options)
        self._context.say("The monitor is starting.")
        self._show()

    def _failed(self, why: str) -> None:
        self._restarting = False
        self._context.say(why)
        self._show()

    def _show(self) -> None:
        self.undo_button.setVisible(bool(self._said.text()))
        self._said.setVisible(bool(self._said.text()))
        self._monitor.setText("" if self._stale is None else _RESTARTING if self._restarting else _NOT_YET)
        for widget in (self._monitor, self.restart):
            widget.setVisible(self._stale is not None)
        self.restart.setEnabled(not self._restarting)
        self.shown_changed.emit()
