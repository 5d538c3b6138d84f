"""Today, week and trend: the figures of the other forms, all by mouse and keyboard, and what is said, mended and answered there."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from posture._support import catalogue, paths
from posture.reports import day_of, trend_of, week_of
from posture.reports.day import labels, rows
from posture.reports.day.exercises import exercise_rows
from posture.reports.day.trend import weeks_of
from posture.settings import Settings
from posture.storage import Store
from posture.types import ReportKind, SelfReport
from posture.window import names, theme
from posture.window.days.today import TodayPage
from posture.window.days.trend import TrendPage
from posture.window.days.week import WeekPage
from posture.window.main_window import MainWindow
from tests.made_days import a_trend, blank, busy, crowded, exercised, hardly, held_back, some_followed
from tests.window.conftest import FakeMonitor

Shot = Callable[[QWidget, str], None]
CATALOGUE = catalogue.load()


def opened(window: MainWindow, qtbot: QtBot, name: str, *words: str) -> QScrollArea:
    """The page, once it shows what was read."""
    window.open_page(name, words)
    page = window.page(name)
    settled(page, qtbot)
    return page


def settled(page: QScrollArea, qtbot: QtBot) -> None:
    """Wait until the page shows the answer to its last question."""
    qtbot.waitUntil(lambda: page.found is not None and page.context.work.running == 0, timeout=30000)


def pressed(qtbot: QtBot, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    """Press a key where the keyboard is."""
    focus = QApplication.focusWidget()
    assert focus is not None
    qtbot.keyClick(focus, key, modifier)


@pytest.fixture
def today(window: MainWindow, made: date, qtbot: QtBot) -> TodayPage:
    """The page of today, shown, with a database of a month."""
    page = opened(window, qtbot, names.TODAY)
    assert isinstance(page, TodayPage)
    return page


def test_today_has_the_figures_of_the_other_forms(today: TodayPage, made: date) -> None:
    """Headline, figures and tables are those that the terminal and the page have."""
    with Store.open() as store:
        day = day_of(store, made, CATALOGUE, Settings(), time.time())
    assert today.lead.headline.text() == labels.headline(day)
    assert today.lead.figures.shown == rows.day_figures(day)
    assert list(today.postures.table.rows) == [row[1:] for row in rows.class_rows(day)]
    assert list(today.longest.table.rows) == rows.longest_rows(day)
    assert list(today.reminders.table.rows) == rows.prompt_rows(day)
    assert list(today.log.table.rows) == rows.logged_rows(day)
    assert list(today.comparison.table.rows) == rows.compared(day)[1:]
    assert [row[0] for row in today.timeline.table.rows] == [hour[0] for hour in rows.hours_of(day)]
    assert today.suggestion.what.text() == (day.suggestion.title if day.suggestion else "")


def test_arrow_keys_walk_through_the_day(today: TodayPage, qtbot: QtBot) -> None:
    """Right goes from stretch to stretch and says time and posture; up goes to the reminders; the picture sums itself up."""
    chart = today.timeline.chart
    chart.setFocus()
    said = []
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_End, Qt.Key.Key_Home):
        pressed(qtbot, key)
        said.append(today.timeline.read_out.text())
    assert said[0] == said[3] != said[1] and " to " in said[0] and said[0].startswith(("Upright", "Leaning", "Not known", "Away"))
    pressed(qtbot, Qt.Key.Key_Up)
    assert today.timeline.read_out.text()[:2].isdigit()
    face = QAccessible.queryAccessibleInterface(chart)
    assert face.role() is QAccessible.Role.Chart
    assert "Timeline of the day from" in face.text(QAccessible.Text.Description)


def test_other_days_by_button_and_key(today: TodayPage, made: date, qtbot: QtBot) -> None:
    """Back and on, never beyond today; a day without data says so."""
    assert not today.after.isEnabled()
    qtbot.mouseClick(today.before, Qt.MouseButton.LeftButton)
    settled(today, qtbot)
    assert today.found.value.day.date == made - timedelta(days=1)
    today.setFocus()
    qtbot.keyClick(today.window(), Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    settled(today, qtbot)
    assert today.day == made
    weekend = next(made - timedelta(days=n) for n in range(1, 8) if (made - timedelta(days=n)).weekday() == 6)
    opened(today.window(), qtbot, names.TODAY, weekend.isoformat())
    assert today.lead.headline.text() == "Nothing was recorded on this day."
    assert not today.timeline.isVisible() and not today.log.buttons[ReportKind.URGE].isVisible()


def test_an_urge_is_logged_answered_and_taken_back(today: TodayPage, monitor: FakeMonitor, qtbot: QtBot) -> None:
    """One click stores it and offers what may help; the monitor learns of it; undo removes it again."""
    before = len(today.log.table.rows)
    today.log.note.setText("after a long call")
    today.log.where.setCurrentIndex(1)
    qtbot.mouseClick(today.log.buttons[ReportKind.URGE], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(today.log.table.rows) == before + 1, timeout=10000)
    assert ("urge to crack", "lower back, after a long call") in [row[1:] for row in today.log.table.rows]
    qtbot.waitUntil(lambda: monitor.named("report") == [{"kind": "urge", "flagged": False}] or len(monitor.named("report")) == 1)
    assert today.log.how.isVisible() and not today.log.note.text()
    qtbot.mouseClick(today.log.undo, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(today.log.table.rows) == before, timeout=10000)
    settled(today, qtbot)


def test_a_time_that_cannot_be_read_stores_nothing(today: TodayPage, qtbot: QtBot) -> None:
    """It is said in one line, and the keyboard goes there."""
    before = len(today.log.table.rows)
    today.log.when.setText("noonish")
    qtbot.mouseClick(today.log.buttons[ReportKind.STIFF], Qt.MouseButton.LeftButton)
    assert "'noonish'" in today.window()._message.text()
    settled(today, qtbot)
    assert len(today.log.table.rows) == before


def test_pain_shows_the_referral_until_it_is_read(today: TodayPage, monitor: FakeMonitor, qtbot: QtBot, shot: Shot) -> None:
    """It comes first, with the keyboard on its button; once it was read it is gone, and the monitor knows."""
    qtbot.mouseClick(today.log.buttons[ReportKind.PAIN], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(today.referral.isVisible, timeout=10000)
    settled(today, qtbot)
    assert today.verticalScrollBar().value() == 0
    assert not today.suggestion.isVisible() and not today.log.how.isVisible()
    shot(today.window(), "referral")
    assert QApplication.focusWidget() is today.referral.read
    pressed(qtbot, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: not today.referral.isVisible(), timeout=10000)
    settled(today, qtbot)
    assert [name for name, _ in monitor.asked] == ["report", "acknowledge"]


def test_a_report_is_changed_and_removed(today: TodayPage, made: date, monitor: FakeMonitor, qtbot: QtBot) -> None:
    """The menu changes its kind, the Delete key removes it, undo brings it back."""
    with Store.open() as store:
        store.add_report(SelfReport(noon(made), ReportKind.PAIN, "low"))
    today.reload()
    settled(today, qtbot)
    log = today.log
    row = next(i for i, cells in enumerate(log.table.rows) if cells[1] == "pain")
    log.table.setFocus()
    log.table.selectRow(row)
    log.table.setCurrentCell(row, 0)
    menu = log.change.menu()
    next(a for a in menu.actions() if a.text() == "urge to crack").trigger()
    qtbot.waitUntil(lambda: log.table.rows[row][1] == "urge to crack", timeout=10000)
    settled(today, qtbot)
    assert not today.referral.isVisible() and monitor.named("acknowledge"), "nothing holds exercises back any more"
    log.table.setFocus()
    log.table.selectRow(row)
    count = len(log.table.rows)
    qtbot.keyClick(log.table, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: len(log.table.rows) == count - 1, timeout=10000)
    qtbot.mouseClick(log.undo, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(log.table.rows) == count, timeout=10000)
    settled(today, qtbot)


def noon(day: date) -> float:
    """Noon of a day, seconds since the epoch."""
    return time.mktime((day.year, day.month, day.day, 12, 0, 0, 0, 0, -1))


def test_a_reminder_that_waits_is_answered(today: TodayPage, monitor: FakeMonitor, qtbot: QtBot) -> None:
    """It is shown while the status has it; the answer reaches the monitor; how it is done opens the exercise."""
    monitor.status = {**monitor.status, "waiting": {"number": 7, "title": "Cat-Cow on your chair"}, "snooze_s": 1200.0}
    qtbot.waitUntil(today.waiting.isVisible, timeout=10000)
    assert today.waiting.snooze.text() == "Snooze 20 min"
    qtbot.mouseClick(today.waiting.done, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(monitor.named("answer")), timeout=10000)
    assert {k: monitor.named("answer")[0][k] for k in ("answer", "number")} == {"answer": "done", "number": 7}
    monitor.status = {**monitor.status, "waiting": {"number": 8, "title": "Cat-Cow on your chair"}}
    qtbot.waitUntil(today.waiting.isVisible, timeout=10000)
    qtbot.mouseClick(today.waiting.how, Qt.MouseButton.LeftButton)
    exercises = names.EXERCISES
    qtbot.waitUntil(lambda: exercises in today.window()._pages and today.window().page(exercises).entry is not None, timeout=10000)


def test_print_opens_the_page_of_that_day(today: TodayPage, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot, made: date) -> None:
    """The program's own command makes the page, and its last line is said."""
    ran: list[tuple[str, ...]] = []

    def own_command(*words: str) -> list[str]:
        ran.append(words)
        return ["echo", "opened the page"]

    monkeypatch.setattr("posture.window.days.reading.own_command", own_command)
    qtbot.mouseClick(today.print, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: today.window()._message.text() == "opened the page", timeout=10000)
    assert ran == [("today", "--date", made.isoformat(), "--open")]


def test_a_day_of_the_week_is_opened(window: MainWindow, made: date, qtbot: QtBot, shot: Shot) -> None:
    """The week has the figures of the terminal; Enter on a day opens it, as a click does."""
    page = opened(window, qtbot, names.WEEK)
    assert isinstance(page, WeekPage)
    with Store.open() as store:
        week = week_of(store, made, CATALOGUE, Settings(), time.time())
    assert page.figures.shown == rows.week_figures(week)
    assert list(page.table.rows) == [(said, *(how(d.totals) for d in week.days)) for said, how in rows.WEEK_ROWS]
    assert page.rows[6].accessibleName().startswith(labels.long_day(made))
    shot(window, "week")
    page.rows[2].setFocus()
    pressed(qtbot, Qt.Key.Key_Return)
    today = window.page(names.TODAY)
    settled(today, qtbot)
    assert today.isVisible() and today.found.value.day.date == made - timedelta(days=4)
    opened(window, qtbot, names.WEEK)
    qtbot.mouseClick(page.rows[6], Qt.MouseButton.LeftButton)
    assert today.isVisible() and today.day == made
    settled(today, qtbot)


def test_the_map_of_the_trend_is_walked(window: MainWindow, made: date, qtbot: QtBot, shot: Shot) -> None:
    """Cells and table say what the page says; arrow keys announce a day, Enter opens it."""
    page = opened(window, qtbot, names.TREND)
    assert isinstance(page, TrendPage)
    with Store.open() as store:
        trend = trend_of(store, made, 84, CATALOGUE, Settings(), time.time())
    weeks = weeks_of(trend)
    assert [row[:4] for row in page.table.rows] == [(w.name, str(w.days or "\N{EN DASH}"), w.share, w.sit) for w in weeks]
    shot(window, "trend")
    page.bent.setFocus()
    assert page.bent.selected == weeks[-1].flexed[made.weekday()].says
    pressed(qtbot, Qt.Key.Key_Up)
    assert page.bent.selected == weeks[-2].flexed[made.weekday()].says
    pressed(qtbot, Qt.Key.Key_Return)
    today = window.page(names.TODAY)
    settled(today, qtbot)
    assert today.found.value.day.date == made - timedelta(days=7)


@pytest.mark.parametrize("appearance", ["light", "dark", "high_contrast"])
def test_nothing_is_wider_than_a_phone(window: MainWindow, made: date, qtbot: QtBot, shot: Shot, appearance: str) -> None:
    """At 390 pixels no page is wider than the window, and every table shows all its words."""
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    theme.apply(app, appearance)
    window.resize(390, 760)
    for name in (names.TODAY, names.WEEK, names.TREND, names.EXERCISES):
        page = opened(window, qtbot, name)
        qtbot.waitUntil(lambda page=page: page.widget().width() == page.viewport().width())
        for child in page.widget().findChildren(QWidget):
            if child.isVisible():
                right = child.mapTo(page.widget(), QPoint(child.width(), 0)).x()
                assert right <= page.widget().width(), (name, child.objectName() or type(child).__name__, right)
        shot(page.widget(), f"{name}-{appearance}-390")


DAYS = {
    "blank": blank,
    "hardly": hardly,
    "busy": busy,
    "crowded": crowded,
    "held": held_back,
    "exercised": exercised,
    "flagged": lambda: busy(flags=True),
}


@pytest.mark.parametrize("name", DAYS)
def test_days_of_every_kind(window: MainWindow, qtbot: QtBot, shot: Shot, name: str) -> None:
    """From a day without data to one with sixty reminders and reports: the parts that have something are shown, wide and narrow."""
    page = opened(window, qtbot, names.TODAY)
    assert isinstance(page, TodayPage)
    day = DAYS[name]()
    page.found = type(page.found)(type(page.found.value)(day, ()), CATALOGUE, Settings())
    page.show_found(page.found)
    assert page.lead.headline.text() == labels.headline(day)
    assert page.timeline.isVisible() is not day.blank
    assert page.referral.isVisible() is bool(day.red_flags)
    assert len(page.reminders.held_table.rows) == len(day.held)
    assert page.exercises.isVisible() is bool(day.exercises)
    assert list(page.exercises.table.rows) == exercise_rows(day)
    page.timeline.hours.toggle.click()
    for width in (1000, 390):
        window.resize(width, 760)
        qtbot.waitUntil(lambda: page.widget().width() == page.viewport().width())
        shot(page.widget(), f"day-{name}-{width}")


def test_what_followed_reminders_is_told_with_intervals(window: MainWindow, qtbot: QtBot, shot: Shot) -> None:
    """The table and the comparison of the page stand below the maps."""
    page = opened(window, qtbot, names.TREND)
    assert isinstance(page, TrendPage)
    trend = a_trend()
    trend = type(trend)(trend.days, (), some_followed(30))
    page.show_found(type(page.found)(trend, CATALOGUE, Settings()))
    assert page.followed.isVisible() and page.followed.table.rows[0][0] == "all"
    shot(page.widget(), "trend-followed")


def test_broken_settings_are_one_line(window: MainWindow, qtbot: QtBot, made: date) -> None:
    """The page says what is wrong and stays; mended, it shows the day."""
    paths.config_file().parent.mkdir(parents=True, exist_ok=True)
    paths.config_file().write_text("[dose]\nsoft_s = 'long'\n")
    window.open_page(names.TODAY)
    page = window.page(names.TODAY)
    qtbot.waitUntil(page.problem.isVisible, timeout=10000)
    assert "soft_s" in page.problem.text() and "\n" not in page.problem.text()
    paths.config_file().unlink()
    page.reload()
    settled(page, qtbot)
    assert not page.problem.isVisible() and page.lead.isVisible()


def test_no_part_holds_the_window_up(window: MainWindow, qtbot: QtBot, made: date) -> None:
    """Reading happens elsewhere: going to a page returns at once, and the last question alone is answered."""
    page = opened(window, qtbot, names.TODAY)
    for _ in range(3):
        page.go(-1)
    assert page.found.value.day.date == made
    settled(page, qtbot)
    assert page.found.value.day.date == made - timedelta(days=3)
