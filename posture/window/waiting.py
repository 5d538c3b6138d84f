"""The reminder that waits for an answer, as the monitor's status has it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtWidgets import QWidget

from posture._support import catalogue as catalogue_file
from posture.errors import PostureError
from posture.time_parsing import span_words
from posture.types import Answer
from posture.window import names
from posture.window.flow import FlowLayout
from posture.window.monitor_link import Status
from posture.window.page import WindowContext
from posture.window.parts import Section
from posture.window.widgets import announce, button, words

_SAID = {Answer.DONE: "Noted: done.", Answer.SNOOZE: "It comes back later.", Answer.NOT_NOW: "Noted: not now."}


class WaitingCard(Section):
    """Shown while a reminder waits: done, later, not now, or how it is done."""

    def __init__(self, context: WindowContext) -> None:
        """Make it; hidden until the status has such a reminder."""
        super().__init__("A reminder is waiting")
        self._context = context
        self._number: int | None = None
        self._what = words()
        self.done = button("Done", lambda: self._answer(Answer.DONE), main=True)
        self.snooze = button("Snooze", lambda: self._answer(Answer.SNOOZE))
        self.not_now = button("Not now", lambda: self._answer(Answer.NOT_NOW))
        self.how = button("Do it with me", self._show_how)
        buttons = QWidget()
        flow = FlowLayout(buttons)
        for one in (self.done, self.snooze, self.not_now, self.how):
            flow.addWidget(one)
        self.body.addWidget(self._what)
        self.body.addWidget(buttons)
        self.setVisible(False)
        context.link.changed.connect(self.set_status)
        self.set_status(context.link.status)

    def set_status(self, status: Status | None) -> None:
        """Show what waits, or nothing."""
        waiting = (status or {}).get("waiting")
        if not isinstance(waiting, Mapping) or not isinstance(waiting.get("number"), int):
            self._number = None
            self.setVisible(False)
            return
        title = str(waiting.get("title", ""))
        new = waiting["number"] != self._number
        self._number = waiting["number"]
        self._what.setText(title)
        if new:
            self.how.setText("Do it with me" if title in self._guided() else "How to do it")
        snooze_s = (status or {}).get("snooze_s")
        self.snooze.setText(f"Snooze {span_words(snooze_s)}" if snooze_s else "Snooze")
        self.setVisible(True)
        if new and self.isVisible():
            announce(self, f"A reminder is waiting: {title}")

    def _guided(self) -> list[str]:
        """Return the titles of what the camera can count."""
        try:
            found = self._context.catalogue()
            return [found.title_of(name) for name in catalogue_file.movements()]
        except PostureError:  # said where it is read
            return []

    def number_of(self, title: str) -> int | None:
        """Return the number of the reminder that waits, if it suggests the entry of that title."""
        return self._number if self._what.text() == title else None

    def _answer(self, answer: Answer) -> None:
        if self._number is None:
            return

        def answered(_reply: Any) -> None:
            self.setVisible(False)
            self._context.say(_SAID[answer])

        self._context.link.ask("answer", done=answered, failed=self._context.say, answer=answer.value, number=self._number)

    def _show_how(self) -> None:
        title = self._what.text()

        def found(prompt_id: str | None) -> None:
            self._context.open_page(names.EXERCISES, (prompt_id,) if prompt_id else ())

        self._context.work.run(
            lambda: next((p.id for p in self._context.catalogue().prompts if p.title == title), None), found, self._context.say
        )
