"""Many days."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise

from PySide6.QtWidgets import QComboBox, QWidget

from posture.days import FollowedPrompts, Trend
from posture.prompts import Catalogue
from posture.reports import trend_of
from posture.reports.day import labels
from posture.reports.day.exercises import TITLE as EXERCISES, TREND_HEADING, TREND_NOTE, trend_rows
from posture.reports.day.followed import TITLE, followed_rows, followed_words
from posture.reports.day.labels import REPORTS
from posture.reports.day.trend import COVERAGE_STEPS, FLEXED_STEPS_H, TrendWeek, figures_of, weeks_of
from posture.reports.labels import DASH, DISCLAIMER
from posture.settings import Settings
from posture.storage import Store
from posture.window import names
from posture.window.days.heat_map import CellKey, HeatMap
from posture.window.days.painting import keys
from posture.window.days.reading import Found, Reader, ReadingPage
from posture.window.days.table import FactTable
from posture.window.flow import FlowLayout
from posture.window.page import WindowContext
from posture.window.parts import Figures, Section, set_or_hide
from posture.window.widgets import button, heading, words

LENGTHS = ((84, "12 weeks"), (182, "26 weeks"), (364, "A year"))
"""Days, and how that is called."""
_WALK = "Arrow keys walk from day to day; Enter opens one."
_HEADINGS = ("Week of", "days measured", "leaning or slumped", "longest sit")


class TrendPage(ReadingPage[Trend]):
    """Hours leaning or slumped and coverage, day by day and week by week, and what followed reminders."""

    def __init__(self, context: WindowContext) -> None:
        """Make the page; it is not shown yet."""
        super().__init__(context)
        self.title = heading("Trend")
        self.length = QComboBox()
        self.length.setAccessibleName("How long")
        for days, said in LENGTHS:
            self.length.addItem(said, days)
        self.length.activated.connect(lambda _row: self.reload())
        self.print = button("Print", self._print)
        top = QWidget()
        flow = FlowLayout(top)
        self.length.setMinimumHeight(self.print.sizeHint().height())
        flow.addWidget(self.length)
        flow.addWidget(self.print)
        self.waits = words("Reading the days.", dim=True)
        self.headline, self.lede, self.figures = heading("", 2), words(dim=True), Figures()
        self.bent, self.covered = HeatMap("Hours a day spent leaning or slumped"), HeatMap("Per cent of your time at the desk measured")
        self.bent_section = self._map(
            "Hours a day spent leaning or slumped", self.bent, _steps("warm", [f"{s:g}" for s in FLEXED_STEPS_H], "too little measured")
        )
        self.covered_section = self._map(
            "Coverage: per cent of your time at the desk that was measured",
            self.covered,
            _steps("cool", [f"{100 * s:g}" for s in COVERAGE_STEPS]),
        )
        self.table = FactTable("Week by week", _HEADINGS, right=range(1, 12), wide=0)
        self.weeks = Section(
            "Week by week",
            self.table,
            words("Medians of the days that were measured well enough; what you reported is counted.", dim=True),
        )
        self.followed = _Followed()
        self.exercise_table = FactTable(EXERCISES, TREND_HEADING, wide=0)
        self.exercises = Section(EXERCISES, self.exercise_table, words(TREND_NOTE, dim=True))
        self._content = (
            *(self.headline, self.lede, self.figures, self.bent_section, self.covered_section),
            *(self.weeks, self.followed, self.exercises),
        )
        for widget in (self.title, top, self.problem, self.waits, self.referral, *self._content):
            self.column.addWidget(widget)
        self.column.addWidget(words(DISCLAIMER, dim=True))
        self.column.addStretch()
        for part in self._content:
            part.setVisible(False)

    def reader(self) -> Reader[Trend]:
        """Return what reads the days."""
        today, days, now_s = date.today(), int(self.length.currentData()), self.now_s()

        def read(store: Store, catalogue: Catalogue, settings: Settings) -> Trend:
            return trend_of(store, today, days, catalogue, settings, now_s)

        return read

    def show_found(self, found: Found[Trend]) -> None:
        """Show the days that were read."""
        trend = found.value
        weeks = weeks_of(trend)
        self.waits.setVisible(False)
        self.referral.set_flags(trend.red_flags, found.catalogue)
        set_or_hide(self.headline, labels.trend_headline(trend))
        first, last = trend.days[0].date, trend.days[-1].date
        set_or_hide(self.lede, f"{labels.long_day(first)} to {labels.long_day(last)}. A day without data is blank, not zero.")
        self.figures.set_figures(figures_of(trend) if trend.measured_days else [])
        for shown in (self.bent_section, self.covered_section, self.weeks):
            shown.setVisible(True)
        self.bent.set_weeks([(w.name, w.flexed) for w in weeks])
        self.covered.set_weeks([(w.name, w.coverage) for w in weeks])
        self.table.set_rows(*week_table(weeks))
        self.followed.set_followed(trend.followed)
        self.exercises.setVisible(bool(trend.exercises))
        self.exercise_table.set_rows(trend_rows(trend)[1:])

    def _map(self, title: str, shown: HeatMap, legend: QWidget) -> Section:
        said = words(_WALK, dim=True)
        shown.walked.connect(lambda now: said.setText(now or _WALK))
        shown.opened.connect(self._open)
        return Section(title, shown, said, legend)

    def _open(self, week: int, day: int) -> None:
        if self.found is not None:
            first = self.found.value.days[0].date
            chosen = first - timedelta(days=first.weekday()) + timedelta(days=7 * week + day)
            self.context.open_page(names.TODAY, (chosen.isoformat(),))

    def _print(self) -> None:
        self.open_page_in_browser("trend", "--days", str(self.length.currentData()))


class _Followed(Section):
    """What followed reminders, with intervals, and what may be concluded from it."""

    def __init__(self) -> None:
        self.table = FactTable(TITLE, ("reminder", "counted", "bent", "cause ended"), wide=0)
        self._words = [words(dim=True) for _ in range(6)]
        super().__init__(TITLE, self.table, *self._words)

    def set_followed(self, found: FollowedPrompts | None) -> None:
        """Show what followed; ``None`` hides it."""
        self.setVisible(found is not None)
        rows = followed_rows(found) if found is not None else []
        said = list(followed_words(found)) if found is not None else []
        self.table.setVisible(bool(rows))
        if rows:
            self.table.set_rows(rows[1:], rows[0])
        for i, label in enumerate(self._words):
            set_or_hide(label, said[i] if i < len(said) else "")


def week_table(weeks: Sequence[TrendWeek]) -> tuple[list[tuple[str, ...]], tuple[str, ...]]:
    """Return the weeks as rows, and their headings."""
    said = [k for k in REPORTS if any(w.reports.get(k) for w in weeks)]
    rows = [(w.name, str(w.days or DASH), w.share, w.sit, *(str(w.reports.get(k) or DASH) for k in said)) for w in weeks]
    return rows, (*_HEADINGS, *(REPORTS[k].plural for k in said))


def _steps(unit: str, steps: Sequence[str], *more: str) -> QWidget:
    """Return what the colours of a map mean."""
    between = [f"{a} to {b}" for a, b in pairwise(steps)]
    said = [f"below {steps[0]}", *between, f"{steps[-1]} and more"]
    samples = [(CellKey(f"{unit}{i}"), words_) for i, words_ in enumerate(said)]
    return keys(*samples, *((CellKey("little"), one) for one in more), (CellKey("none"), "nothing recorded"))
