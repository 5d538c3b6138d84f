"""The running monitor as the window sees it: its status once a second, and requests, over the control channel."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from posture._support import own_command
from posture.errors import ControlError
from posture.monitor.control import client
from posture.window.background import Background, Done, Failed

Status = Mapping[str, Any]
_EVERY_S, _HIDDEN_S = 1.0, 10.0


class MonitorLink(QObject):
    """Polls the monitor on a thread of its own, and sends it requests without making the window wait."""

    changed = Signal(object)
    """The status as ``posture status --json`` has it; ``None``: no monitor runs. Sent at every poll."""
    unreachable = Signal(str)
    """A monitor runs and cannot be asked; one plain line."""

    def __init__(self, work: Background, config: Path | None = None, folder: Path | None = None) -> None:
        """Start polling.

        Args:
            work: runs the requests.
            config: the settings file for a monitor that is started here; ``None``: the user's own.
            folder: that of the monitor's database; ``None``: the user's own.
        """
        super().__init__()
        self.status: Status | None = None
        """As it was last."""
        self.known = False
        """Whether the monitor was asked at least once."""
        self._work, self._config, self._folder = work, config, folder
        self._ended, self._soon = threading.Event(), threading.Event()
        self._every_s = _EVERY_S
        self._thread = threading.Thread(target=self._poll, name="monitor-status", daemon=True)
        self._thread.start()

    def ask(self, what: str, done: Done = lambda _answer: None, failed: Failed | None = None, **values: Any) -> None:
        """Send a request; `done` gets the answer, `failed` (by default ``unreachable``) one plain line."""

        def answered(answer: Any) -> None:
            self._soon.set()
            done(answer)

        self._work.run(lambda: client.ask(what, folder=self._folder, **values), answered, failed or self.unreachable.emit)

    @property
    def options(self) -> tuple[str, ...]:
        """Those with which the running monitor was started; ask before it is stopped, to start it again as it was."""
        return tuple(map(str, (self.status or {}).get("options", ())))

    def start_monitor(self, *options: str) -> None:
        """Start the monitor as a process that outlives this one; `options`: of ``posture watch``."""
        config = ("--config", str(self._config)) if self._config is not None else ()
        alone: dict[str, Any] = {"start_new_session": True}
        if sys.platform == "win32":  # not run on this system by us
            alone = {"creationflags": subprocess.CREATE_NO_WINDOW}
        words = own_command("watch", "--no-setup", *config, *options)
        nothing = subprocess.DEVNULL
        with tempfile.TemporaryFile() as errors:  # no pipe: it would break when the window is closed
            monitor = subprocess.Popen(words, stdin=nothing, stdout=nothing, stderr=errors, **alone)
            said = os.dup(errors.fileno())
        self._soon.set()
        threading.Thread(target=self._await_end, args=(monitor, said), name="monitor-end", daemon=True).start()

    def _await_end(self, monitor: subprocess.Popen[bytes], said: int) -> None:
        """Say why a monitor that was started here has failed, if it does."""
        code = monitor.wait()
        with os.fdopen(said, "rb") as errors:
            errors.seek(0)
            lines = errors.read().decode(errors="replace").strip().splitlines()
        if code > 0:
            with suppress(RuntimeError):  # the window is gone
                self.unreachable.emit(lines[-1].removeprefix("posture: ") if lines else f"the monitor ended with {code}")
        self._soon.set()

    def stop_monitor(self, done: Callable[[], object] = lambda: None, failed: Failed | None = None) -> None:
        """Stop the monitor and wait for its end, without making the window wait."""

        def stopped(_was_there: Any) -> None:
            self._soon.set()
            done()

        self._work.run(lambda: client.stop(self._folder), stopped, failed or self.unreachable.emit)

    def set_visible(self, visible: bool) -> None:
        """Poll less often while the window is not seen."""
        self._every_s = _EVERY_S if visible else _HIDDEN_S
        self._soon.set()

    def close(self) -> None:
        """End the polling."""
        self._ended.set()
        self._soon.set()

    def _poll(self) -> None:
        while not self._ended.is_set():
            self._soon.clear()
            with suppress(RuntimeError):  # the window is gone
                try:
                    self.status = client.running(self._folder)
                    self.known = True
                    self.changed.emit(self.status)
                except ControlError as error:
                    self.unreachable.emit(str(error))
            self._soon.wait(self._every_s)
