"""The third step: how often to remind, in three sizes, with what that means on a day like the person's own."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtWidgets import QButtonGroup, QRadioButton, QVBoxLayout, QWidget

from posture._support import config_edit
from posture.errors import PostureError
from posture.prompts import PresetName, preset_of, presets, with_preset
from posture.window.page import WindowContext
from posture.window.usual_reminders import UsualReminders
from posture.window.widgets import card, words


class SpeakStep(QWidget):
    """Gentle, Standard or Often; what is chosen is written when the step is left."""

    TITLE = "How often to remind you"

    def __init__(self, context: WindowContext) -> None:
        """Make the step with nothing chosen."""
        super().__init__()
        self._context = context
        self._group = QButtonGroup(self)
        self.choices: dict[PresetName, QRadioButton] = {}
        self._means = {preset.name: words(dim=True) for preset in presets()}
        self.own = words("Your settings are your own; choosing one here replaces them.", dim=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.own)
        for preset in presets():
            choice = self.choices[preset.name] = QRadioButton(preset.title)
            choice.setAccessibleDescription(preset.about)
            self._group.addButton(choice)
            column.addWidget(card(choice, words(preset.about), self._means[preset.name]))
        column.addStretch()

    def begin(self) -> None:
        """Show the one in force, and reckon what each means."""
        try:
            settings, catalogue = self._context.settings(), self._context.catalogue()
        except PostureError as error:
            self._context.say(str(error))
            return
        current = preset_of(settings)
        self.own.setVisible(current is None)
        if current is not None:
            self.choices[current.name].setChecked(True)
        choices = {preset.name.value: with_preset(settings, preset) for preset in presets()}
        self._context.work.run(lambda: UsualReminders().words(choices, catalogue), self._show, self._context.say)

    def end(self) -> None:
        """Write what was chosen, if it is not in force already."""
        chosen = next((p for p in presets() if self.choices[p.name].isChecked()), None)
        try:
            if chosen is not None and preset_of(self._context.settings()) != chosen:
                config_edit.change(self._context.settings_file, chosen.values)
        except PostureError as error:
            self._context.say(str(error))

    def _show(self, found: Mapping[str, str]) -> None:
        for name, means in found.items():
            self._means[PresetName(name)].setText(means)
