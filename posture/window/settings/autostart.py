"""Whether watching starts at login."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QVBoxLayout, QWidget

from posture._support import word_without_credentials
from posture.desktop import AutostartState, autostart_here, watch_command
from posture.window.page import WindowContext
from posture.window.widgets import words

_LABEL = "Start watching when I log in"
_STATES = {
    AutostartState.ON: "On from the next login.",
    AutostartState.OFF: "Off.",
    AutostartState.BROKEN: "On, but the program that it would start is gone. Turn it off and on again.",
}


class AutostartSwitch(QWidget):
    """A switch with what is in force below it."""

    def __init__(self, context: WindowContext) -> None:
        """Make it; `refresh` looks what is in force."""
        super().__init__()
        self._context = context
        self.box, self._state, label = QCheckBox(), words("", dim=True), words(_LABEL)
        self.box.setAccessibleName(_LABEL)
        label.setBuddy(self.box)
        self.box.clicked.connect(self._set)
        row = QHBoxLayout()
        row.addWidget(self.box, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(label, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(row)
        column.addWidget(self._state)

    @property
    def state(self) -> str:
        """What is said below it."""
        return self._state.text()

    def refresh(self) -> None:
        """Look what is in force, aside."""
        self._run(lambda: None)

    def _set(self, on: bool) -> None:
        options = ("--config", str(self._context.config.absolute())) if self._context.config is not None else ()
        self._run(lambda: autostart_here().on(watch_command(options)) if on else autostart_here().off())

    def _run(self, act: object) -> None:
        assert callable(act)

        def work() -> tuple[AutostartState, str]:
            act()
            found = autostart_here().status()
            return found.state, word_without_credentials(found.where or "")

        def done(found: tuple[AutostartState, str]) -> None:
            state, where = found
            self.box.setEnabled(True)
            self.box.setChecked(state is not AutostartState.OFF)
            text = _STATES[state] + (f" Written to {where}." if where and state is AutostartState.ON else "")
            self._state.setText(text)
            self.box.setAccessibleDescription(text)

        def failed(why: str) -> None:
            self.box.setEnabled(True)
            self._state.setText(why)
            self._context.say(why)

        self.box.setEnabled(False)
        self._context.work.run(work, done, failed)
