"""How often to remind: three choices, each with how many reminders it would bring on a day like the person's own."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from PySide6.QtWidgets import QButtonGroup, QGridLayout, QRadioButton, QWidget

from posture._support import config
from posture.days import bounds, local_day
from posture.prompts import LOOK_BACK_DAYS, OWN_DAYS, UsualDay, preset_of, presets, reminders_a_day, usual_days, with_preset
from posture.settings import Settings
from posture.storage import Store, default_path
from posture.types import PostureChangeKind
from posture.window.page import WindowContext
from posture.window.settings.editor import Editor
from posture.window.settings.groups import REMINDERS, Section, group_card, spaced
from posture.window.widgets import card, heading, words

_OWN = "own"
_OWN_WORDS = ("Your own", "As set below.")
_DAY_S = 86400.0


@dataclass(frozen=True, slots=True)
class Expected:
    """How many reminders a day each choice brings."""

    own_days: bool
    """Whether it is said of the person's own days."""
    reminders: dict[str, float]
    """By the choice's name; with what is in force under ``own``."""


def days_of_store(now_utc: float) -> list[UsualDay]:
    """Return the person's own last measured days; none where there is no database.

    Raises:
        StoreError: The database cannot be read.
    """
    if not default_path().exists():
        return []
    today = local_day(now_utc)
    days = [bounds(today - timedelta(days=back)) for back in range(1, LOOK_BACK_DAYS + 1)]
    start, end = days[-1][0], days[0][1]
    with Store.open_to_read() as store:
        shifts = [move.at_utc for move in store.moves_between(start, end) if move.kind is PostureChangeKind.SHIFT]
        return usual_days(store.span_table(start, end), shifts, days)


def expected_words(expected: Expected, name: str) -> str:
    """Return how many reminders a choice brings, in a sentence."""
    number = round(expected.reminders[name])
    day = "a day like yours" if expected.own_days else "an example day, until three of yours are measured"
    return f"About {number} {'reminder' if number == 1 else 'reminders'} on {day}."


class PresetCard(QWidget):
    """The three choices, and a fourth that says that the settings are the person's own."""

    def __init__(self, context: WindowContext, editor: Editor) -> None:
        """Make it; `estimate` fills in the numbers."""
        super().__init__()
        self._context, self._editor = context, editor
        self.buttons: dict[str, QRadioButton] = {}
        self.expected: dict[str, Any] = {}
        self._asked = 0
        self._days: list[UsualDay] | None = None
        self._known: dict[Settings, float] = {}
        """What was worked out for the days."""
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

        def work() -> Expected:
            days = days_of_store(time.time()) if self._days is None else self._days
            self._days = days
            catalogue = self._context.catalogue()
            # What else is set changes nothing in the simulation.
            own = Settings(bands=settings.bands, dose=settings.dose, prompts=settings.prompts)
            choices = {one.name.value: with_preset(own, one) for one in presets()} | {_OWN: own}
            for choice in choices.values():
                if choice not in self._known and asked == self._asked:
                    self._known[choice] = reminders_a_day(choice, catalogue, days)
            numbers = {name: self._known.get(choice, 0.0) for name, choice in choices.items()}
            return Expected(len(days) >= OWN_DAYS, numbers)

        self._context.work.run(work, lambda expected: self._show(asked, expected))

    def forget_days(self) -> None:
        """Read the person's days anew when numbers are next worked out."""
        self._days, self._known = None, {}

    def _show(self, asked: int, expected: Expected) -> None:
        if asked != self._asked:
            return
        for name, label in self.expected.items():
            shown = name != _OWN or self.buttons[_OWN].isEnabled()
            text = expected_words(expected, name) if shown else ""
            label.setText(text)
            label.setVisible(bool(text))

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
        super().__init__(
            spaced(card(heading("How often to remind you", 2), self.presets)), *(group_card(editor, group) for group in REMINDERS)
        )
        editor.written.connect(lambda _what: self.presets.estimate())

    def entered(self) -> None:
        """Work the numbers out anew."""
        self.presets.forget_days()
        self.presets.estimate()
