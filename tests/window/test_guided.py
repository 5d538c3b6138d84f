"""Do it with me: from the reminder to what stands on today's page, counted by a real monitor from a camera's pictures."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from actor import ROOT, Exerciser, ended, running
from desktop.screen import until
from monitor_state import now
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from posture.monitor.control import client
from posture.storage.store import Store
from posture.types import Answer, ExerciseEnd
from posture.window import names
from posture.window.days.today import TodayPage
from posture.window.exercises.guided import GuidedView
from posture.window.exercises.page import ExercisesPage
from posture.window.main_window import MainWindow
from posture.window.now.page import NowPage

PATIENCE_MS = 60_000
SETTINGS = """[bands]
flexed_spine_deg = 6.0  # the drawn person's back bends little
[dose]
soft_s = 5.0
episode_floor_s = 1.0
[prompts]
patience_s = 2.0
"""
CLIP = ROOT / "sample_videos" / "exercise_cat_cow_side.mp4"


@pytest.fixture
def bare(home: Path) -> dict[str, str]:
    """An environment without a display, and settings by which a reminder comes soon."""
    Path(os.environ["POSTURE_CONFIG"]).write_text(SETTINGS, encoding="utf-8")
    return {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY", "DBUS_SESSION_BUS_ADDRESS")}


@pytest.fixture
def camera(bare: dict[str, str], model_file: Path) -> Iterator[Exerciser]:
    """A calibrated person who sits upright, watched by a real monitor."""
    with Exerciser(CLIP) as shown:
        with running(bare, "calibrate", "--camera", shown.url, "--no-window", "--no-range", "--name", "desk") as process:
            assert ended(process)[0] == 0
        with running(bare, "watch", "--camera", shown.url, "--notify", "none", "--no-tray", "--no-setup"):
            until(lambda: now().get("mode") == "running", "the monitor runs")
            yield shown
            client.stop()


def test_from_the_reminder_to_the_day(
    camera: Exerciser, bare: dict[str, str], window: MainWindow, qtbot: QtBot, shot: Callable[[QWidget, str], None]
) -> None:
    """A slump, the reminder, Do it with me, three counted, stopped: the prompt is answered, and the day has it.

    In the terminal another one is stopped because it hurts, and is stored as such.
    """
    window.open_page(names.NOW)
    page = window.page(names.NOW)
    assert isinstance(page, NowPage)
    qtbot.waitUntil(lambda: "Trunk" in page.angles.text(), timeout=PATIENCE_MS)
    camera.act = "round"
    qtbot.waitUntil(page.reminder.isVisible, timeout=PATIENCE_MS)
    assert page.reminder.how.text() == "Do it with me"
    qtbot.mouseClick(page.reminder.how, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: names.EXERCISES in window._pages, timeout=PATIENCE_MS)
    exercises = window.page(names.EXERCISES)
    assert isinstance(exercises, ExercisesPage)
    qtbot.waitUntil(lambda: exercises.entry is not None and exercises.entry.guided is not None, timeout=PATIENCE_MS)
    assert exercises.entry is not None
    guided = exercises.entry.guided
    assert isinstance(guided, GuidedView)
    bent_s = now()["dose_s"]["flexed"]
    qtbot.mouseClick(guided.start, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(guided.stop.isVisible, timeout=PATIENCE_MS)
    camera.act = "rest"
    qtbot.wait(1500)
    camera.play()
    qtbot.waitUntil(lambda: guided.count.text() == "3", timeout=PATIENCE_MS)
    shot(window, "guided")
    assert now()["mode"] == "running" and now()["dose_s"]["flexed"] < bent_s
    qtbot.mouseClick(guided.stop, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(guided.start.isVisible, timeout=PATIENCE_MS)
    assert "3 times" in guided.cue.text() and "±" in guided.cue.text()
    with running(bare, "exercise", "cat_cow_seated") as process:
        until(lambda: (now().get("exercise") or {"done": "none yet"})["done"] is None, "the monitor counts anew")
        client.ask("exercise_stop", hurt=True)
        code, said, wrong = ended(process)
    assert (code, wrong) == (0, "") and "stopped because it hurt" in said
    client.stop()
    with Store.open() as store:
        done, hurt = store.exercises_between(0.0, 4e9)
        (prompt,) = store.recent_prompts(1)
    assert (done.repetitions, done.ended, prompt.answer) == (3, ExerciseEnd.STOPPED, Answer.DONE)
    assert hurt.ended is ExerciseEnd.HURT
    assert done.depth_deg is not None and 20.0 < done.depth_deg < 70.0
    window.open_page(names.TODAY)
    today = window.page(names.TODAY)
    assert isinstance(today, TodayPage)
    qtbot.waitUntil(lambda: any("3 times" in how for _, _, how in today.exercises.table.rows), timeout=PATIENCE_MS)
    shot(window, "guided today")
