"""Appearance, tray and start at login."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication

from posture.window import names, theme
from posture.window.page import WindowContext
from posture.window.settings.autostart import AutostartSwitch
from posture.window.settings.editor import Editor
from posture.window.settings.groups import APPEARANCE, Section, group_card, left, spaced
from posture.window.widgets import button, card, heading, words


class GeneralSection(Section):
    """How the program shows itself, and when it starts."""

    def __init__(self, context: WindowContext, editor: Editor) -> None:
        """Make it."""
        self._editor, self._appearance = editor, editor.settings.window.appearance
        self.autostart = AutostartSwitch(context)
        self.again = button("Go through the first steps again", lambda: context.open_page(names.WELCOME))
        super().__init__(
            group_card(editor, APPEARANCE),
            spaced(card(heading("At login", 2), self.autostart)),
            spaced(card(heading("First steps", 2), words("Camera, upright position, reminders, login.", dim=True), left(self.again))),
        )
        editor.reloaded.connect(self._apply)

    def entered(self) -> None:
        """Look whether it starts at login."""
        self.autostart.refresh()

    def _apply(self) -> None:
        """Give the window the appearance that is wanted now."""
        wanted, app = self._editor.settings.window.appearance, QApplication.instance()
        if wanted != self._appearance and isinstance(app, QApplication):
            self._appearance = wanted
            theme.apply(app, wanted)
