"""The main window: its pages by mouse and keyboard, in little room, and what closing it means."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from posture.window import names
from posture.window.main_window import MainWindow

NOT_LOADED = ("cv2", "mediapipe", "av", "matplotlib")


def test_every_page_by_keyboard(window: MainWindow, qtbot: QtBot) -> None:
    """Ctrl and a number opens each page of the list."""
    for number, name in enumerate(names.PAGES[:6], start=1):
        qtbot.keyClick(window, getattr(Qt.Key, f"Key_{number}"), Qt.KeyboardModifier.ControlModifier)
        assert window.page(name).isVisible()


def test_little_room_has_a_drop_down(window: MainWindow) -> None:
    """At 390 pixels the list of pages gives way to a drop-down."""
    window.open_first(names.NOW)
    window.resize(390, 700)
    assert window.width() == 390
    assert not window._list.isVisible() and window._choice.isVisible()


def test_first_start_is_the_first_run(window: MainWindow) -> None:
    """Who starts it for the first time is led through the first run."""
    window.open_first(None)
    assert window.page(names.WELCOME).isVisible()


@pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace (Debian: strace)")
def test_it_measures_nothing_and_calls_nobody(home: Path) -> None:
    """The program of the window holds neither OpenCV nor MediaPipe nor PyAV, whatever page was opened, and opens no Internet socket."""
    code = (
        "import sys; from PySide6.QtWidgets import QApplication; from posture.window.main_window import MainWindow;"
        "from posture.window.names import PAGES; app = QApplication([]); w = MainWindow(); w.show();"
        "[(w.open_page(p), app.processEvents()) for p in PAGES]; w.link.close();"
        f"print([m for m in {NOT_LOADED} if m in sys.modules])"
    )
    traced, log = ["strace", "-qq", "-e", "trace=socket", "-o"], home / "sockets"
    found = subprocess.run([*traced, str(log), sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert found.stdout.strip() == "[]", found.stdout + found.stderr
    assert "AF_INET" not in log.read_text(encoding="utf-8")


@pytest.mark.parametrize(("answer", "closes"), [("Keep watching", True), ("Cancel", False)])
def test_without_a_tray_closing_asks(window: MainWindow, monkeypatch: pytest.MonkeyPatch, answer: str, closes: bool) -> None:
    """Without an icon nothing would show that watching goes on, so the person decides."""

    def press(box: QMessageBox) -> int:
        next(b for b in box.buttons() if b.text() == answer).click()
        return 0

    monkeypatch.setattr(QMessageBox, "exec", press)
    window.link.close()
    window.link._thread.join()
    window.link.status = {"tray": False}
    assert window.close() is closes
