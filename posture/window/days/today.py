"""One day."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from posture.days import Day
from posture.prompts import NOT_RUNNING, Catalogue, Silence
from posture.reports import day_of
from posture.reports.day import labels
from posture.settings import Settings
from posture.storage import Store, StoredReport
from posture.window import names
from posture.window.days.day_parts import Comparison, Exercises, Lead, Longest, Measured, Postures, Reminders, Timeline, Together, Try
from posture.window.days.log_card import LogCard
from posture.window.days.reading import Found, Reader, ReadingPage
from posture.window.flow import FlowLayout
from posture.window.page import WindowContext
from posture.window.waiting import WaitingCard
from posture.window.widgets import announce, button, heading, words


@dataclass(frozen=True, slots=True)
class DayFound:
    """A day, and its self-reports with the numbers by which they can be changed."""

    day: Day
    reports: tuple[StoredReport, ...]


class TodayPage(ReadingPage[DayFound]):
    """One day: today, or another one that was gone to."""

    def __init__(self, context: WindowContext) -> None:
        """Make the page; it is not shown yet."""
        super().__init__(context)
        self._day: date | None = None  # None: today, whichever day that is by now
        self._to_referral = False
        self.title = heading(labels.long_day(date.today()))
        self.before = button("Previous day", partial(self.go, -1))
        self.today = button("Today", lambda: self._go_to(None))
        self.after = button("Next day", partial(self.go, 1))
        self.print = button("Print", self._print)
        self.print.setToolTip("Opens the page of this day in your browser")
        buttons = QWidget()
        flow = FlowLayout(buttons)
        for one in (self.before, self.today, self.after, self.print):
            flow.addWidget(one)
        self.waits = words("Reading the day.", dim=True)
        self.waiting = WaitingCard(context)
        self.lead, self.timeline, self.postures, self.reminders = Lead(), Timeline(), Postures(), Reminders()
        self.exercises = Exercises()
        self.log = LogCard(context, self._logged)
        self.longest, self.comparison, self.together, self.measured = Longest(), Comparison(), Together(), Measured()
        self.suggestion = Try("One thing to try tomorrow", lambda prompt_id: context.open_page(names.EXERCISES, (prompt_id,)))
        self._content = (
            *(self.lead, self.timeline, self.postures, self.log, self.reminders, self.exercises, self.suggestion),
            *(self.longest, self.comparison, self.together, self.measured),
        )
        for widget in (self.title, buttons, self.problem, self.waits, self.referral, self.waiting, *self._content):
            self.column.addWidget(widget)
        self.column.addStretch()
        for part in self._content:
            part.setVisible(False)
        for keys, by in (("Alt+Left", -1), ("Alt+Right", 1)):
            QShortcut(QKeySequence(keys), self, partial(self.go, by))
        context.link.changed.connect(self._status)
        self._mark()

    @property
    def day(self) -> date:
        """The day that is shown, or is being read."""
        return self._day or date.today()

    def show_topic(self, topic: str) -> None:
        """Show the day of that date, ``2026-03-18``."""
        with suppress(ValueError):
            chosen = date.fromisoformat(topic)
            self._day = None if chosen >= date.today() else chosen
            self._mark()

    def go(self, by: int) -> None:
        """Go so many days on; not beyond today."""
        self._go_to(self.day + timedelta(days=by))

    def reader(self) -> Reader[DayFound]:
        """Return what reads the day."""
        day, now_s = self.day, self.now_s()

        def read(store: Store, catalogue: Catalogue, settings: Settings) -> DayFound:
            found = day_of(store, day, catalogue, settings, now_s)
            return DayFound(found, tuple(store.numbered_reports(found.start_s, found.end_s)))

        return read

    def show_found(self, found: Found[DayFound]) -> None:
        """Show the day that was read."""
        day, today = found.value.day, found.value.day.date == date.today()
        self.title.setText(labels.long_day(day.date))
        self.waits.setVisible(False)
        self.referral.set_flags(day.red_flags, found.catalogue)
        if day.red_flags and self._to_referral:
            self._to_referral = False
            self.verticalScrollBar().setValue(0)
            self.referral.read.setFocus()
            announce(self.referral, found.catalogue.referral.title)
        self.lead.setVisible(True)
        self.lead.set_day(day, self._silence() if today else None)
        for part in (self.timeline, self.postures, self.reminders, self.exercises, self.longest, self.comparison, self.together):
            part.set_day(day)
        self.log.setVisible(True)
        self.log.set_reports(found.value.reports, found.catalogue, today=today)
        self.suggestion.set_suggestion(day.suggestion)
        self.measured.setVisible(True)
        self.measured.set_day(day)
        self._mark()

    def _go_to(self, day: date | None) -> None:
        chosen = None if day is None or day >= date.today() else day
        if chosen != self._day:
            self._day = chosen
            self.title.setText(labels.long_day(self.day))
            announce(self.title, self.title.text())
            self._mark()
            self.reload()

    def _mark(self) -> None:
        self.today.setEnabled(self._day is not None)
        self.after.setEnabled(self._day is not None)

    def _silence(self) -> Silence | None:
        if not self.context.link.known:
            return None
        status = self.context.link.status
        return NOT_RUNNING if status is None else Silence.of_status(status)

    def _status(self, _status: object) -> None:
        if self.isVisible() and self.found is not None and self.found.value.day.date == date.today():
            self.lead.set_silence(self._silence())

    def _logged(self, flagged: bool) -> None:
        if flagged:
            self._to_referral = True
        self.reload()

    def _print(self) -> None:
        self.open_page_in_browser("today", "--date", self.day.isoformat())
