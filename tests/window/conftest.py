"""What the tests of the window share: a home of the test's own, and the window without a screen, as Qt draws it into memory."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from posture.window import theme
from posture.window.main_window import MainWindow

SHOTS = os.environ.get("POSTURE_SHOTS")
"""A folder for pictures of what the tests show, to be looked at."""


@pytest.fixture(autouse=True)
def own_home(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of the test's own: database, settings, cache."""
    for name in ("CONFIG", "CACHE", "STATE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))
    for name in ("POSTURE_PAGES_DIR", "POSTURE_CAMERA"):
        monkeypatch.delenv(name, raising=False)
    return home


@pytest.fixture
def window(qtbot: QtBot, home: Path) -> MainWindow:
    """The window, shown, with no page yet; no monitor runs."""
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    theme.apply(app, "light")
    shown = MainWindow()
    qtbot.addWidget(shown, before_close_func=_end)
    shown.resize(1000, 720)
    shown.show()
    return shown


def _end(window: MainWindow) -> None:
    """Have a window close without a question, whether or not a monitor runs."""
    window.link.close()
    window.link._thread.join()
    window.link.status = None


@pytest.fixture
def shot() -> Callable[[QWidget, str], None]:
    """Saves a picture of a widget under a name, where the environment variable POSTURE_SHOTS names a folder."""

    def save(widget: QWidget, name: str) -> None:
        if SHOTS:
            Path(SHOTS).mkdir(parents=True, exist_ok=True)
            assert widget.grab().save(str(Path(SHOTS) / f"{name}.png"))

    return save
