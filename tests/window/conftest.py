"""What the tests of the window share: a home of the test's own, and the window without a screen, as Qt draws it into memory."""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from posture.monitor.control.server import ControlRequest, Server
from posture.storage import Store, default_path
from posture.window import theme
from posture.window.main_window import MainWindow
from tests.month import Sitting, enter, month

SHOTS = os.environ.get("POSTURE_SHOTS")
"""A folder for pictures of what the tests show, to be looked at."""


@pytest.fixture(scope="session")
def qapp_args() -> list[str]:
    """Qt draws into memory. By an argument: a variable would tell the programs of all other tests that there is a display."""
    return ["posture", "-platform", "offscreen"]


@pytest.fixture(autouse=True)
def own_home(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of the test's own: database, settings, cache; programs that it starts draw into memory, too."""
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
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
    app.sendPostedEvents(None, QEvent.Type.DeferredDelete)  # earlier windows go: a style is worked out for every widget there is
    theme.apply(app, "light")
    shown = MainWindow()
    qtbot.addWidget(shown, before_close_func=_unasked)
    shown.resize(1000, 720)
    shown.show()
    return shown


def _unasked(shown: MainWindow) -> None:
    """Let the window close without a question, as no monitor runs that it knows of."""
    shown.link.close()
    shown.link._thread.join(10)
    shown.link.status = None


@pytest.fixture
def shot() -> Callable[[QWidget, str], None]:
    """Saves a picture of a widget under a name, where the environment variable POSTURE_SHOTS names a folder."""

    def save(widget: QWidget, name: str) -> None:
        if SHOTS:
            Path(SHOTS).mkdir(parents=True, exist_ok=True)
            for _ in range(5):
                QApplication.processEvents()  # what was just changed is laid out first
            assert widget.grab().save(str(Path(SHOTS) / f"{name}.png"))

    return save


@pytest.fixture
def made(home: Path, made_database: Path) -> date:
    """A month of made-up days up to yesterday, and hours of today, in the user's own database; returns today."""
    target = default_path()
    target.parent.mkdir(parents=True)
    shutil.copy(made_database, target)
    return date.today()


@pytest.fixture(scope="session")
def made_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same, made once."""
    file, today = tmp_path_factory.mktemp("made") / "posture.db", date.today()
    with Store.open(file) as store:
        month(store, today - timedelta(days=28), 28, span_s=90.0, specials=False)
        enter(store, Sitting(datetime.combine(today, time(8, 5)), 3.5, "desk camera", 0.5, span_s=90.0), random.Random(3))
    return file


class FakeMonitor:
    """Stands in for the running monitor at its own socket: gives a status, notes what is asked, and refuses nothing."""

    def __init__(self) -> None:
        """Begin with a status in which nothing waits."""
        self.status: dict[str, Any] = {"pid": os.getpid(), "mode": "running", "tray": True, "waiting": None, "silence": None}
        self.asked: list[tuple[str, dict[str, Any]]] = []

    def handle(self, request: ControlRequest) -> None:
        """Answer one request."""
        if request.what == "status":
            request.reply(self.status)
            return
        self.asked.append((request.what, dict(request.values)))
        request.reply({"noted": True})

    def named(self, what: str) -> list[dict[str, Any]]:
        """What came with each request of that name."""
        return [values for name, values in self.asked if name == what]


@pytest.fixture
def monitor(home: Path) -> Iterator[FakeMonitor]:
    """A monitor to be asked."""
    fake = FakeMonitor()
    with Server(fake.handle):
        yield fake
