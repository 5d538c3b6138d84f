"""Seven days, one under the other."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, timedelta
from functools import partial

from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from posture.days import WEEK, Week
from posture.prompts import Catalogue
from posture.reports import week_of
from posture.reports.day import labels
from posture.reports.day.charts import week_rows
from posture.reports.day.labels import REPORTS
from posture.reports.day.rows import WEEK_ROWS, week_figures
from posture.reports.labels import DISCLAIMER
from posture.settings import Settings
from posture.storage import Store
from posture.window import names
from posture.window.days.day_parts import Try
from posture.window.days.day_row import DayRow
from posture.window.days.painting import Legend, MarkKey
from posture.window.days.reading import Found, Reader, ReadingPage
from posture.window.days.table import FactTable
from posture.window.flow import FlowLayout
from posture.window.page import WindowContext
from posture.window.parts import Figures, Section, set_or_hide
from posture.window.widgets import announce, button, heading, words


class WeekPage(ReadingPage[Week]):
    """Seven days, each a button that opens it."""

    def __init__(self, context: WindowContext) -> None:
        """Make the page; it is not shown yet."""
        super().__init__(context)
        self._last: date | None = None  # None: today, whichever day that is by now
        self.title = heading(self._name())
        self.before = button("Previous week", partial(self.go, -WEEK))
        self.latest = button("Last seven days", lambda: self._go_to(None))
        self.after = button("Next week", partial(self.go, WEEK))
        self.print = button("Print", self._print)
        buttons = QWidget()
        flow = FlowLayout(buttons)
        for one in (self.before, self.latest, self.after, self.print):
            flow.addWidget(one)
        self.waits = words("Reading the week.", dim=True)
        self.headline, self.lede, self.figures = heading(""), words(dim=True), Figures()
        self.rows = [DayRow() for _ in range(WEEK)]
        legend = Legend()
        self._said_key = legend.add(MarkKey("said", "U"), "what you said: first letter")
        self.strips = Section("Day by day", *self.rows, words("Choose a day to open it.", dim=True), legend)
        self.strips.body.setSpacing(4)
        self.table = FactTable("The week in numbers", ("", *map(str, range(WEEK))), right=range(1, WEEK + 1), wide=0)
        self.letters = words(dim=True)
        self.numbers = Section("In numbers", self.table, words("Times in hours and minutes.", dim=True), self.letters)
        self.suggestion = Try("One habit to try next", lambda prompt_id: context.open_page(names.EXERCISES, (prompt_id,)))
        self._content = (self.headline, self.lede, self.figures, self.strips, self.numbers, self.suggestion)
        for widget in (self.title, buttons, self.problem, self.waits, self.referral, *self._content):
            self.column.addWidget(widget)
        self.column.addWidget(words(DISCLAIMER, dim=True))
        self.column.addStretch()
        for part in self._content:
            part.setVisible(False)
        for row, one in enumerate(self.rows):
            one.clicked.connect(partial(self._open, row))
        for keys, by in (("Alt+Left", -WEEK), ("Alt+Right", WEEK)):
            QShortcut(QKeySequence(keys), self, partial(self.go, by))
        self._mark()

    @property
    def last(self) -> date:
        """The last of the seven days."""
        return self._last or date.today()

    def show_topic(self, topic: str) -> None:
        """Show the seven days up to that date, ``2026-03-18``."""
        with suppress(ValueError):
            chosen = date.fromisoformat(topic)
            self._last = None if chosen >= date.today() else chosen
            self._mark()

    def go(self, by: int) -> None:
        """Go so many days on; not beyond today."""
        self._go_to(self.last + timedelta(days=by))

    def reader(self) -> Reader[Week]:
        """Return what reads the week."""
        last, now_s = self.last, self.now_s()

        def read(store: Store, catalogue: Catalogue, settings: Settings) -> Week:
            return week_of(store, last, catalogue, settings, now_s)

        return read

    def show_found(self, found: Found[Week]) -> None:
        """Show the week that was read."""
        week = found.value
        self.waits.setVisible(False)
        self.referral.set_flags(week.red_flags, found.catalogue)
        self.title.setText(_span(week.days[0].totals.date, week.days[-1].totals.date))
        set_or_hide(self.headline, labels.week_headline(week))
        set_or_hide(self.lede, labels.days_words(week.typical, len(week.days)) if week.typical.days else "")
        self.figures.set_figures(week_figures(week))
        self._set_strips(week)
        self.numbers.setVisible(True)
        days = [f"{d.totals.date:%a} {d.totals.date.day}" for d in week.days]
        self.table.set_rows([(said, *(how(d.totals) for d in week.days)) for said, how in WEEK_ROWS], ("", *days))
        said = [k for k in REPORTS if any(d.totals.reports.get(k) for d in week.days)]
        set_or_hide(self.letters, ", ".join(f"{REPORTS[k].letter} {REPORTS[k].word}" for k in said))
        self.suggestion.set_suggestion(week.suggestion)
        self._mark()

    def _set_strips(self, week: Week) -> None:
        rows, ticks = week_rows(week.days)
        self.strips.setVisible(True)
        self._said_key.setVisible(any(d.reports for d in week.days))
        for i, (one, day, row) in enumerate(zip(self.rows, week.days, rows, strict=True)):
            one.set_day(day, row, ticks, axis=i == WEEK - 1)

    def _open(self, row: int, _checked: bool = False) -> None:
        if self.found is not None:
            self.context.open_page(names.TODAY, (self.found.value.days[row].totals.date.isoformat(),))

    def _go_to(self, day: date | None) -> None:
        chosen = None if day is None or day >= date.today() else day
        if chosen != self._last:
            self._last = chosen
            self.title.setText(self._name())
            announce(self.title, self.title.text())
            self._mark()
            self.reload()

    def _mark(self) -> None:
        self.latest.setEnabled(self._last is not None)
        self.after.setEnabled(self._last is not None)

    def _name(self) -> str:
        return _span(self.last - timedelta(days=WEEK - 1), self.last)

    def _print(self) -> None:
        self.open_page_in_browser("week", "--date", self.last.isoformat())


def _span(first: date, last: date) -> str:
    return f"{labels.short_day(first)} to {labels.short_day(last)} {last.year}"
