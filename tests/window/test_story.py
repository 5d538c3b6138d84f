"""The whole of it without a terminal: first run, calibration, a slump, the reminder, an answer, the day."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from actor import Actor
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from posture.monitor import first_run
from posture.monitor.control import client
from posture.storage.store import Store
from posture.types import Answer, EpisodeKind
from posture.window import names
from posture.window.main_window import MainWindow
from posture.window.now.page import NowPage
from posture.window.welcome.page import WelcomePage

PATIENCE_MS = 120_000
SETTINGS = """[dose]
soft_s = 5.0  # a test is short
episode_floor_s = 1.0
[prompts]
patience_s = 2.0
[watch]
notify = "none"
tray = false
"""


@pytest.fixture
def camera(monkeypatch: pytest.MonkeyPatch) -> Iterator[Actor]:
    """A person who sits upright; the camera that the first run finds."""
    with Actor() as shown:
        monkeypatch.setenv("POSTURE_CAMERA", shown.url)
        yield shown
    client.stop()


def test_from_the_first_run_to_the_day(
    home: Path, camera: Actor, model_file: Path, window: MainWindow, qtbot: QtBot, shot: Callable[[QWidget, str], None]
) -> None:
    """Four steps, a calibration, a slump, Done, today's page; a comment in the settings file survives."""
    Path(os.environ["POSTURE_CONFIG"]).write_text(SETTINGS, encoding="utf-8")

    def click(button: QPushButton) -> None:
        qtbot.waitUntil(lambda: button.isVisible() and button.isEnabled(), timeout=PATIENCE_MS)
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)

    window.open_first(None)
    welcome = window.page(names.WELCOME)
    assert isinstance(welcome, WelcomePage)
    qtbot.waitUntil(lambda: "Trunk flexion" in welcome.camera.view.where.text(), timeout=PATIENCE_MS)
    shot(window, "welcome 1")
    click(welcome.next)
    welcome.calibration.with_range.setChecked(False)
    click(welcome.calibration.start)
    click(welcome.calibration.close_)  # there once it is saved; goes on
    qtbot.waitUntil(lambda: "reminder" in welcome.speak._means[next(iter(welcome.speak._means))].text(), timeout=PATIENCE_MS)
    shot(window, "welcome 3")
    click(welcome.skip)
    shot(window, "welcome 4")
    click(welcome.next)
    page = window.page(names.NOW)
    assert isinstance(page, NowPage)
    qtbot.waitUntil(lambda: page.posture.text() == "Upright", timeout=PATIENCE_MS)
    shot(window, "upright")
    camera.act = "slump"
    qtbot.waitUntil(page.reminder.isVisible, timeout=PATIENCE_MS)
    shot(window, "reminder")
    camera.act = "neutral"
    click(page.reminder.done)
    qtbot.waitUntil(lambda: not page.reminder.isVisible(), timeout=PATIENCE_MS)
    with Store.open() as store:
        assert not first_run.needed(store)
        (prompt,) = store.recent_prompts(1)
        assert (prompt.kind, prompt.answer) == (EpisodeKind.FLEXED, Answer.DONE)
    window.open_page(names.TODAY)
    qtbot.wait(1000)
    shot(window, "today")
    assert "# a test is short" in Path(os.environ["POSTURE_CONFIG"]).read_text(encoding="utf-8")
