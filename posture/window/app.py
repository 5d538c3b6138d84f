"""Starts the window: one at a time, with the person's appearance, ended cleanly by signals."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import signal
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QIcon
from PySide6.QtNetwork import QLocalServer, QLocalSocket
from PySide6.QtWidgets import QApplication

from posture._support import config as config_file, data_file, paths
from posture.errors import ConfigError
from posture.settings import Settings
from posture.storage import default_path
from posture.window import theme
from posture.window.main_window import MainWindow

NAME = "Posture monitor"
_ANSWER_MS, _SIGNALS_MS = 1000, 250
_log = logging.getLogger(__name__)


def run(page: str | None, config: Path | None, words: Sequence[str] = ()) -> int:
    """Show the window until it is closed; where one is open already, bring it to the front instead.

    Args:
        page: what it opens with, by its name in ``names``; ``None``: the first run if that was not done, else the live picture.
        config: the settings file; ``None``: the user's own.
    """
    app = QApplication([NAME])
    app.setApplicationName("posture-monitor")
    app.setApplicationDisplayName(NAME)
    app.setDesktopFileName("posture-monitor")
    app.setWindowIcon(QIcon(str(data_file("icons/posture.png"))))
    app.setQuitOnLastWindowClosed(True)
    if _hand_over(page, words):
        return 0
    theme.apply(app, _settings(config).window.appearance)
    window = MainWindow(config)
    door = _Door()
    door.asked.connect(window.come_forward)
    _end_on_signals(app)
    window.open_first(page, words)
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


def _hand_over(page: str | None, words: Sequence[str]) -> bool:
    """Ask a window that is open to come to the front; return whether there was one."""
    socket = QLocalSocket()
    socket.connectToServer(_socket())
    if not socket.waitForConnected(_ANSWER_MS):
        return False
    socket.write(json.dumps([page or "", *words]).encode() + b"\n")
    socket.waitForBytesWritten(_ANSWER_MS)
    socket.waitForReadyRead(_ANSWER_MS)
    socket.disconnectFromServer()
    return True


class _Door(QObject):
    """Listens for a second start of the window."""

    asked = Signal(str, list)
    """A page's name, or empty; and options for its command."""

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
            with suppress(ValueError):  # of another version
                page, *words = json.loads(bytes(connection.readLine().data()))
                self.asked.emit(str(page), [str(word) for word in words])
            connection.write(b"here\n")


def _end_on_signals(app: QApplication) -> None:
    """Close at Ctrl-C and log-out; Python sees signals only while it runs, so it is woken now and then."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if (number := getattr(signal, name, None)) is not None:
            signal.signal(number, lambda *_: app.exit(0))
    waker = QTimer(app)
    waker.timeout.connect(lambda: None)
    waker.start(_SIGNALS_MS)
