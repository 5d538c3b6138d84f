"""The third step: how often to remind, in three sizes, with what that means on a day like the person's own."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import date

from PySide6.QtWidgets import QButtonGroup, QRadioButton, QVBoxLayout, QWidget

from posture._support import config_edit
from posture.days import bounds, last_days
from posture.errors import PostureError
from posture.prompts import (
    LOOK_BACK_DAYS,
    OWN_DAYS,
    Catalogue,
    Preset,
    PresetName,
    UsualDay,
    preset_of,
    presets,
    reminders_a_day,
    usual_days,
    with_preset,
)
from posture.settings import Settings
from posture.storage import Store
from posture.window.page import WindowContext
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
        self._context.work.run(lambda: _what_each_means(settings, catalogue), self._show, self._context.say)

    def end(self) -> None:
        """Write what was chosen, if it is not in force already."""
        chosen = next((p for p in presets() if self.choices[p.name].isChecked()), None)
        try:
            if chosen is not None and preset_of(self._context.settings()) != chosen:
                config_edit.change(self._context.settings_file, chosen.values)
        except PostureError as error:
            self._context.say(str(error))

    def _show(self, found: Mapping[PresetName, str]) -> None:
        for name, means in found.items():
            self._means[name].setText(means)


def _what_each_means(settings: Settings, catalogue: Catalogue) -> dict[PresetName, str]:
    days = _own_days()
    whose = "a day like yours" if len(days) >= OWN_DAYS else "an example day at a desk"
    return {preset.name: _means(preset, settings, catalogue, days, whose) for preset in presets()}


def _means(preset: Preset, settings: Settings, catalogue: Catalogue, days: list[UsualDay], whose: str) -> str:
    number = round(reminders_a_day(with_preset(settings, preset), catalogue, days))
    return f"About {number} reminder{'' if number == 1 else 's'} on {whose}."


def _own_days() -> list[UsualDay]:
    """Return the person's own last measured days; none where nothing was measured yet."""
    limits = [bounds(day) for day in last_days(date.today(), LOOK_BACK_DAYS)]
    try:
        with Store.open() as store:
            start_s, end_s = limits[0][0], time.time()
            return usual_days(store.span_table(start_s, end_s), [m.at_utc for m in store.moves_between(start_s, end_s)], limits)
    except PostureError:
        return []
