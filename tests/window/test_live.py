"""The live page and the calibration with a real monitor and a camera: pictures while the page is open, whatever is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from actor import Actor, running
from monitor_state import now
from open_files import open_files
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from posture.monitor.control import client
from posture.storage.store import Store
from posture.window import names
from posture.window.main_window import MainWindow
from posture.window.now.page import NowPage
from posture.window.welcome.calibrate import CalibratePage

PATIENCE_MS = 120_000
VIEWER = """
from PySide6.QtWidgets import QApplication
from posture.window.main_window import MainWindow
app = QApplication([]); w = MainWindow(); w.open_page("now"); w.show()
w.page("now").pictures.arrived.connect(lambda p: print("picture", flush=True))
app.exec()
"""


@pytest.fixture
def camera() -> Iterator[Actor]:
    """A person who sits upright."""
    with Actor() as shown:
        yield shown


@pytest.fixture
def monitor(home: Path, camera: Actor, model_file: Path, qtbot: QtBot) -> Iterator[subprocess.Popen[str]]:
    """A real monitor, watching."""
    env = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY", "DBUS_SESSION_BUS_ADDRESS")}
    with running(env, "watch", "--camera", camera.url, "--notify", "none", "--no-tray", "--no-setup") as process:
        qtbot.waitUntil(lambda: now().get("mode") == "running", timeout=PATIENCE_MS)
        yield process


def memories(process: subprocess.Popen[str]) -> int:
    """How many pieces of memory for pictures a process holds."""
    return sum("posture-pictures" in name for name in open_files(process.pid))


def test_pictures_while_the_page_is_open(
    monitor: subprocess.Popen[str], window: MainWindow, qtbot: QtBot, shot: Callable[[QWidget, str], None]
) -> None:
    """Picture, skeleton and angles come; measuring goes on; with the page the memory goes, and with a window that is killed."""
    window.open_page(names.NOW)
    page = window.page(names.NOW)
    assert isinstance(page, NowPage)
    qtbot.waitUntil(lambda: "Trunk" in page.angles.text(), timeout=PATIENCE_MS)
    shot(window, "now")
    assert page.picture._image is not None and page.picture._image.width() == 640
    assert now()["options"] == ["--notify", "none", "--no-tray"]
    assert now()["mode"] == "running" and memories(monitor) > 0
    dose_s = now()["dose_s"]["sitting"]
    qtbot.waitUntil(lambda: now()["dose_s"]["sitting"] > dose_s + 1.0, timeout=PATIENCE_MS)
    page.private.click()
    shot(window, "now alone")
    assert page.picture.private
    window.open_page(names.TODAY)
    qtbot.waitUntil(lambda: memories(monitor) == 0, timeout=PATIENCE_MS)
    # A window that is killed leaves nothing either.
    viewer = subprocess.Popen([sys.executable, "-c", VIEWER], stdout=subprocess.PIPE, text=True)
    assert viewer.stdout is not None and viewer.stdout.readline() == "picture\n"
    assert memories(monitor) > 0
    os.kill(viewer.pid, signal.SIGKILL)
    viewer.wait()
    viewer.stdout.close()
    qtbot.waitUntil(lambda: memories(monitor) == 0, timeout=PATIENCE_MS)
    assert now()["mode"] == "running"


def test_a_monitor_that_is_killed_and_one_that_comes_back(
    monitor: subprocess.Popen[str], camera: Actor, window: MainWindow, qtbot: QtBot
) -> None:
    """The window stays, says that nobody watches, and starts another monitor."""
    window.open_page(names.NOW)
    page = window.page(names.NOW)
    assert isinstance(page, NowPage)
    qtbot.waitUntil(lambda: "Trunk" in page.angles.text(), timeout=PATIENCE_MS)
    monitor.kill()
    monitor.wait()
    qtbot.waitUntil(lambda: page.posture.text() == "Not watching", timeout=PATIENCE_MS)
    assert page.start.isVisible() and not page.stop.isVisible() and page.picture._image is None
    os.environ["POSTURE_CAMERA"] = camera.url
    try:
        qtbot.mouseClick(page.start, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: "Trunk" in page.angles.text(), timeout=PATIENCE_MS)
        qtbot.mouseClick(page.stop, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: page.posture.text() == "Not watching", timeout=PATIENCE_MS)
    finally:
        del os.environ["POSTURE_CAMERA"]
        client.stop()


def test_a_calibration_in_the_window(
    home: Path, camera: Actor, model_file: Path, window: MainWindow, qtbot: QtBot, shot: Callable[[QWidget, str], None]
) -> None:
    """Neutral, slump and arch by buttons; what is kept is what was shown; the camera is let go."""
    window.open_page(names.CALIBRATE, ("--camera", camera.url, "--place", "my desk"))
    page = window.page(names.CALIBRATE)
    assert isinstance(page, CalibratePage)
    step = page.calibration
    qtbot.mouseClick(step.start, Qt.MouseButton.LeftButton)
    for number, act in (("1", "neutral"), ("2", "slump"), ("3", "arch")):
        qtbot.waitUntil(lambda number=number: step.title.text().startswith(f"{number} of 3"), timeout=PATIENCE_MS)
        camera.act = act
        qtbot.wait(1500)  # as long as somebody needs for it
        shot(window, f"calibrate {number}")
        qtbot.mouseClick(step.next, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(step.close_.isVisible, timeout=PATIENCE_MS)
    shot(window, "calibrated")
    qtbot.waitUntil(lambda: not camera.watched, timeout=PATIENCE_MS)
    with Store.open() as store:
        (profile,) = store.list_profiles()
    assert profile.name == "my desk"
    assert profile.data["slump"]["spine_deg"] == pytest.approx(46.0, abs=12.0)


def test_a_preview_lets_the_camera_go(home: Path, camera: Actor, model_file: Path, window: MainWindow, qtbot: QtBot) -> None:
    """It shows the picture and what can be measured from there; leaving it frees the camera."""
    window.open_page(names.PREVIEW, ("--camera", camera.url))
    view = window.page(names.PREVIEW).view  # type: ignore[attr-defined]
    qtbot.waitUntil(lambda: "Trunk flexion" in view.where.text(), timeout=PATIENCE_MS)
    assert view.posture.text() == "Seen from the side"
    window.open_page(names.TODAY)
    qtbot.waitUntil(lambda: not camera.watched, timeout=PATIENCE_MS)
