"""How often to remind: three choices, each with how many reminders it would bring on a day like the person's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtWidgets import QButtonGroup, QGridLayout, QRadioButton, QWidget

from posture._support import config
from posture.prompts import preset_of, presets, with_preset
from posture.settings import Settings
from posture.window.page import WindowContext
from posture.window.settings.editor import Editor
from posture.window.settings.groups import REMINDERS, Section, group_card, spaced
from posture.window.usual_reminders import UsualReminders
from posture.window.widgets import card, heading, words

_OWN = "own"
_OWN_WORDS = ("Your own", "As set below.")


class PresetCard(QWidget):
    """The three choices, and a fourth that says that the settings are the person's own."""

    def __init__(self, context: WindowContext, editor: Editor) -> None:
        """Make it; `estimate` fills in the numbers."""
        super().__init__()
        self._context, self._editor = context, editor
        self.buttons: dict[str, QRadioButton] = {}
        self.expected: dict[str, Any] = {}
        self._asked = 0
        self._usual = UsualReminders()
        self._exclusive = QButtonGroup(self)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(1, 1)
        grid.setColumnMinimumWidth(0, 18)
        entries = [(one.name.value, one.title, one.about) for one in presets()] + [(_OWN, *_OWN_WORDS)]
        for row, (name, title, about) in enumerate(entries):
            choice, meaning, number = QRadioButton(title), words(about), words("", dim=True)
            choice.setAccessibleDescription(about)
            font = choice.font()
            font.setBold(True)
            choice.setFont(font)
            self._exclusive.addButton(choice)
            self.buttons[name], self.expected[name] = choice, number
            grid.addWidget(choice, 4 * row, 0, 1, 2)
            grid.addWidget(meaning, 4 * row + 1, 1)
            grid.addWidget(number, 4 * row + 2, 1)
            grid.setRowMinimumHeight(4 * row + 3, 8)
            choice.clicked.connect(lambda _on, chosen=name: self._choose(chosen))
        editor.reloaded.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show which one is in force."""
        self.setEnabled(self._editor.broken is None)
        found = preset_of(self._editor.settings)
        name = _OWN if found is None else found.name.value
        self.buttons[_OWN].setEnabled(name == _OWN)
        self.buttons[name].setChecked(True)

    def estimate(self) -> None:
        """Work out how many reminders each would bring, aside."""
        self._asked += 1
        asked, settings = self._asked, self._editor.settings

        choices = {one.name.value: with_preset(settings, one) for one in presets()}
        if preset_of(settings) is None:
            choices[_OWN] = settings

        def work() -> dict[str, str]:
            return self._usual.words(choices, self._context.catalogue(), lambda: asked == self._asked)

        self._context.work.run(work, lambda said: self._show(asked, said))

    def forget_days(self) -> None:
        """Read the person's days anew when numbers are next worked out."""
        self._usual.forget()

    def _show(self, asked: int, said: Mapping[str, str]) -> None:
        if asked != self._asked:
            return
        for name, label in self.expected.items():
            label.setText(said.get(name, ""))
            label.setVisible(name in said)

    def _choose(self, name: str) -> None:
        preset = next((one for one in presets() if one.name.value == name), None)
        if preset is None or preset == preset_of(self._editor.settings):
            return
        default = Settings()
        values = {name: None if value == config.value_of(default, name) else value for name, value in preset.values.items()}
        failed = self._editor.set(values, f"Reminders: {preset.title}")
        if failed:
            self._context.say(failed)
            self.refresh()


class RemindersSection(Section):
    """How often to remind, and every setting of it."""

    def __init__(self, context: WindowContext, editor: Editor) -> None:
        """Make it."""
        self.presets = PresetCard(context, editor)
        about = words("Once three of your days are measured, the numbers are about them.", dim=True)
        super().__init__(
            spaced(card(heading("How often to remind you", 2), about, self.presets)), *(group_card(editor, group) for group in REMINDERS)
        )
        editor.written.connect(lambda _what: self.presets.estimate())

    def entered(self) -> None:
        """Work the numbers out anew."""
        self.presets.forget_days()
        self.presets.estimate()
