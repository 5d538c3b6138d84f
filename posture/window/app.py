"""Starts the window: one at a time, with the person's appearance, ended cleanly by signals."""

from __future__ import annotations

import hashlib
import logging
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QIcon
from PySide6.QtNetwork import QLocalServer, QLocalSocket
from PySide6.QtWidgets import QApplication

from posture._support import config as config_file, data_file, paths
from posture.errors import ConfigError, PostureError
from posture.settings import Settings
from posture.storage import default_path
from posture.window import theme
from posture.window.main_window import MainWindow

NAME = "Posture monitor"
_ANSWER_MS, _SIGNALS_MS = 1000, 250
_log = logging.getLogger(__name__)


class NoScreenError(PostureError):
    """No window can be shown in this session."""


def run(page: str | None, config: Path | None) -> int:
    """Show the window until it is closed; where one is open already, bring it to the front instead.

    Args:
        page: what it opens with, by its name in ``names``; ``None``: the first run if that was not done, else the live picture.
        config: the settings file; ``None``: the user's own.

    Raises:
        NoScreenError: there is no display.
    """
    if sys.platform == "linux" and not (
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY") or os.environ.get("QT_QPA_PLATFORM")
    ):
        raise NoScreenError("no window: there is no display here (over ssh, or a text console)")
    app = QApplication([NAME])
    app.setApplicationName("posture-monitor")
    app.setApplicationDisplayName(NAME)
    app.setDesktopFileName("posture-monitor")
    app.setWindowIcon(QIcon(str(data_file("icon.png"))))
    app.setQuitOnLastWindowClosed(True)
    if _hand_over(page or ""):
        return 0
    theme.apply(app, _settings(config).window.appearance)
    window = MainWindow(config)
    door = _Door()
    door.asked.connect(window.come_forward)
    _end_on_signals(app)
    window.open_first(page)
    window.show()
    code = app.exec()
    door.close()
    return code


def _settings(config: Path | None) -> Settings:
    file = config or paths.config_file()
    with suppress(ConfigError):  # the settings page says what is wrong
        return config_file.load(file if file.exists() else None)
    return Settings()


def _socket() -> str:
    """Return the name of the local socket at which the window of this user and this database listens."""
    return f"posture-window-{hashlib.sha256(os.fsencode(default_path().expanduser().absolute())).hexdigest()[:16]}"


def _hand_over(page: str) -> bool:
    """Ask a window that is open to come to the front; return whether there was one."""
    socket = QLocalSocket()
    socket.connectToServer(_socket())
    if not socket.waitForConnected(_ANSWER_MS):
        return False
    socket.write(f"{page}\n".encode())
    socket.waitForBytesWritten(_ANSWER_MS)
    socket.waitForReadyRead(_ANSWER_MS)
    socket.disconnectFromServer()
    return True


class _Door(QObject):
    """Listens for a second start of the window."""

    asked = Signal(str)
    """A page's name, or empty."""

    def __init__(self) -> None:
        super().__init__()
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._answer)
        QLocalServer.removeServer(_socket())  # left by a window that was killed
        if not self._server.listen(_socket()):
            _log.warning("a second start will open a second window: %s", self._server.errorString())

    def close(self) -> None:
        self._server.close()

    def _answer(self) -> None:
        connection = self._server.nextPendingConnection()
        connection.readyRead.connect(lambda: self._read(connection))
        connection.disconnected.connect(connection.deleteLater)

    def _read(self, connection: QLocalSocket) -> None:
        if connection.canReadLine():
            self.asked.emit(bytes(connection.readLine().data()).decode(errors="replace").strip())
            connection.write(b"here\n")


def _end_on_signals(app: QApplication) -> None:
    """Close at Ctrl-C and log-out; Python sees signals only while it runs, so it is woken now and then."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if (number := getattr(signal, name, None)) is not None:
            signal.signal(number, lambda *_: app.exit(0))
    waker = QTimer(app)
    waker.timeout.connect(lambda: None)
    waker.start(_SIGNALS_MS)
