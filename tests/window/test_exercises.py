"""The exercises: all of the catalogue, each with drawings, words of safety and timer; the referral before all while a flag is up."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from posture._support import catalogue
from posture.prompts import HELD_UNTIL_READ, OUR_CAUTION
from posture.reports.exercise.timer import TimerPhase, TimerPlan, plan_of
from posture.storage import Store
from posture.types import ReportKind, SelfReport
from posture.window import names
from posture.window.exercises.countdown import ENDED, ENOUGH, READY_S, Countdown
from posture.window.exercises.drawing import DrawingView
from posture.window.exercises.page import ExercisesPage
from posture.window.main_window import MainWindow

Shot = Callable[[QWidget, str], None]
CATALOGUE = catalogue.load()
CAT_COW = "cat_cow_seated"


@pytest.fixture
def page(window: MainWindow, qtbot: QtBot) -> ExercisesPage:
    """The page with all exercises."""
    return _opened(window, qtbot)


def _opened(window: MainWindow, qtbot: QtBot, *words: str) -> ExercisesPage:
    window.open_page(names.EXERCISES, words)
    page = window.page(names.EXERCISES)
    assert isinstance(page, ExercisesPage)
    qtbot.waitUntil(lambda: page.found is not None and page.context.work.running == 0, timeout=20000)
    return page


def _words(widget: QWidget) -> str:
    return "\n".join(label.text() for label in widget.findChildren(QLabel))


def test_every_entry_is_shown_with_its_words(page: ExercisesPage) -> None:
    """Each has a button; opened, it has all its steps, cautions and what its passages say, and its drawings speak."""
    assert list(page.gallery.buttons) and {p.id for p in CATALOGUE.prompts} == set(page.gallery.buttons)
    for entry in CATALOGUE.prompts:
        page.open_entry(entry.id)
        assert page.entry is not None
        said = _words(page.entry)
        for text in (entry.title, entry.why, *entry.steps, *(CATALOGUE.passages[p] for p in entry.passages)):
            assert text in said, (entry.id, text)
        for caution in (entry.stop_if, entry.not_for):
            assert caution is None or f"{caution} ({OUR_CAUTION})" in said
        views = page.entry.findChildren(DrawingView)
        assert len(views) == len(entry.drawings) and all(len(v.accessibleName()) > 20 for v in views)
        assert (page.entry.timer is not None) is (plan_of(entry) is not None)


def test_by_mouse_and_keyboard_there_and_back(page: ExercisesPage, qtbot: QtBot, shot: Shot) -> None:
    """A click opens one; back returns the keyboard to its button; Enter opens it again; Alt and left goes back too."""
    shot(page.window(), "exercises")
    qtbot.mouseClick(page.gallery.buttons[CAT_COW], Qt.MouseButton.LeftButton)
    assert page.entry is not None and page.entry.entry.id == CAT_COW and not page.gallery.isVisible()
    shot(page.window(), "exercise")
    qtbot.mouseClick(page.back, Qt.MouseButton.LeftButton)
    focus = QApplication.focusWidget()
    assert focus is page.gallery.buttons[CAT_COW]
    qtbot.keyClick(focus, Qt.Key.Key_Return)
    assert page.entry is not None
    qtbot.keyClick(page.window(), Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert page.gallery.isVisible()


def test_an_exercise_is_opened_by_name(window: MainWindow, qtbot: QtBot) -> None:
    """Other pages name the one that they mean; an explanation leads to its movements."""
    page = _opened(window, qtbot, "urge_answer")
    assert page.entry is not None and page.entry.entry.id == "urge_answer" and "Gentle movements" in _words(page.entry)


def test_the_timer_starts_pauses_and_resets(page: ExercisesPage, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    """By click and key; each phase is announced and its step marked; leaving the page lets it stand still."""
    said: list[str] = []
    monkeypatch.setattr("posture.window.exercises.timer.announce", lambda _widget, words: said.append(words))
    page.open_entry(CAT_COW)
    assert page.entry is not None and page.entry.timer is not None
    timer, now = page.entry.timer, [100.0]
    timer._now_s = lambda: now[0]
    steps: list[int | None] = []
    timer.stepped.connect(steps.append)
    timer.start.setFocus()
    qtbot.keyClick(timer.start, Qt.Key.Key_Space)
    assert timer.running and timer.start.text() == "Pause" and timer.say.text() == "Get ready"
    now[0] += READY_S + 1.0
    qtbot.waitUntil(lambda: timer.say.text() == "Breathe out: round", timeout=5000)
    now[0] += 5.0
    qtbot.waitUntil(lambda: timer.say.text() == "Breathe in: arch", timeout=5000)
    assert timer.about.text() == "Round 1 of 8" and steps == [2, 2, 3]
    assert said == ["Get ready", "Round 1 of 8. Breathe out: round", "Breathe in: arch"]
    qtbot.keyClick(timer.start, Qt.Key.Key_Escape)
    assert not timer.running and timer.start.text() == "Go on" and said[-1] == "Paused."
    qtbot.mouseClick(timer.start, Qt.MouseButton.LeftButton)
    page.window().open_page(names.TODAY)
    assert not timer.running
    qtbot.keyClick(timer.start, Qt.Key.Key_R)
    assert timer.start.text() == "Start" and steps[-1] is None and said[-1] == "Reset."
    qtbot.mouseClick(timer.start, Qt.MouseButton.LeftButton)
    now[0] += 10000.0
    qtbot.waitUntil(lambda: timer.say.text() == ENDED, timeout=5000)
    assert timer.start.text() == "Again" and not timer.running
    qtbot.waitUntil(lambda: page.context.work.running == 0, timeout=20000)


def test_how_the_timer_counts() -> None:
    """Five seconds to get ready, then rounds; enough of a hold with a range is said; nothing runs past the end."""
    rounds = Countdown(TimerPlan((TimerPhase("Up", 4.0, 1), TimerPhase("Down", 6.0, 2)), least=2, most=3))
    assert rounds.total_s == 35.0
    assert [rounds.at(t).say for t in (0.0, 4.9, 5.0, 9.0, 15.0)] == ["Get ready", "Get ready", "Up", "Down", "Up"]
    assert rounds.at(26.0).about == "Round 3 of 3. 2 would do: go on if it's easy."
    assert (rounds.at(5.0).left, rounds.at(8.1).left, rounds.at(9.0).share) == ("4", "1", 0.0)
    assert rounds.at(35.0).ended and rounds.at(99.0).about == "3 of 3 rounds" and rounds.share(20.0) == 0.5
    hold = Countdown(TimerPlan((TimerPhase("Stay", 900.0),), enough_s=600.0))
    assert (hold.at(600.0).about, hold.at(605.0).about, hold.at(5.0).left) == ("", ENOUGH, "15:00")


def test_the_referral_comes_before_all_while_a_flag_is_up(window: MainWindow, qtbot: QtBot, shot: Shot) -> None:
    """Only what may be shown then can be chosen, also by name; read, everything is back."""
    with Store.open() as store:
        store.add_report(SelfReport(time.time(), ReportKind.PAIN))
    page = _opened(window, qtbot, CAT_COW)
    assert page.referral.isVisible() and page.entry is None
    assert set(page.gallery.buttons) == {p.id for p in CATALOGUE.prompts if not p.waits_for_referral}
    assert HELD_UNTIL_READ in _words(page.gallery)
    shot(window, "exercises-flagged")
    qtbot.mouseClick(page.referral.read, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: CAT_COW in page.gallery.buttons, timeout=20000)
    qtbot.waitUntil(lambda: page.context.work.running == 0, timeout=20000)
    assert not page.referral.isVisible()


def test_no_heat_after_numbness(window: MainWindow, qtbot: QtBot) -> None:
    """Who reported numbness is shown no heat, and why."""
    with Store.open() as store:
        store.add_report(SelfReport(time.time(), ReportKind.NUMB, acknowledged_s=time.time()))
    page = _opened(window, qtbot)
    assert "heat" not in page.gallery.buttons and CAT_COW in page.gallery.buttons and "numb skin can burn" in _words(page.gallery)


def test_names_for_screen_readers(page: ExercisesPage) -> None:
    """A button has its title and how long it takes; the dial and the bar have names."""
    face = QAccessible.queryAccessibleInterface(page.gallery.buttons[CAT_COW])
    assert face.role() is QAccessible.Role.PushButton
    assert face.text(QAccessible.Text.Name) == "Cat-Cow on your chair"
    assert face.text(QAccessible.Text.Description).startswith("Takes about a minute")
