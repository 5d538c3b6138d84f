"""The last step: start at login, and begin."""

from __future__ import annotations

from PySide6.QtWidgets import QCheckBox, QVBoxLayout, QWidget

from posture.desktop import AutostartState, autostart_here, watch_command
from posture.errors import PostureError
from posture.window.page import WindowContext
from posture.window.widgets import card, words


class LoginStep(QWidget):
    """Whether the monitor starts at login."""

    TITLE = "Ready"

    def __init__(self, context: WindowContext) -> None:
        """Make the step with nothing chosen."""
        super().__init__()
        self._context = context
        self.at_login = QCheckBox("Start watching each time I log in")
        self._was = False
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(card(self.at_login, words("It waits for the camera, and can be switched off here or in Settings.", dim=True)))
        column.addWidget(
            card(
                words("From now on your posture is watched through the camera; no picture is kept, and none leaves this computer."),
                words("The icon in the tray shows what it sees. From its menu you can pause, and quit."),
                words("Close this window whenever you like: watching goes on without it."),
            )
        )
        column.addStretch()

    def begin(self) -> None:
        """Show what is in force."""
        self._was = autostart_here().status().state is AutostartState.ON
        self.at_login.setChecked(self._was)

    def end(self) -> None:
        """Carry out what was chosen."""
        wanted = self.at_login.isChecked()
        if wanted is self._was:
            return
        try:
            way = autostart_here()
            way.on(watch_command()) if wanted else way.off()
            self._was = wanted
        except PostureError as error:
            self._context.say(str(error))
