"""Runs what takes time outside the window's thread, and hands the result back to it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot

from posture.errors import PostureError

_log = logging.getLogger(__name__)
Done = Callable[[Any], object]
Failed = Callable[[str], object]


class Background(QObject):
    """Runs jobs on threads of their own; ``done`` and ``failed`` are called on the window's thread, unless the window is gone."""

    _ended = Signal(object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        """Start with no job."""
        super().__init__(parent)
        self.running = 0
        """How many jobs have not ended."""
        self._ended.connect(self._deliver)

    def run(self, job: Callable[[], Any], done: Done = lambda _result: None, failed: Failed = _log.warning) -> None:
        """Run `job`; then call `done` with its result, or `failed` with one plain line if it raised an error of ours or of the system."""
        self.running += 1

        def work() -> None:
            try:
                result = job()
            except (PostureError, OSError) as error:
                self._send(failed, str(error))
            except Exception:  # noqa: BLE001 # whatever it is: the window says that it failed, the log says why
                _log.exception("a job of the window failed")
                self._send(failed, "That failed; the log says why.")
            else:
                self._send(done, result)

        threading.Thread(target=work, name="window-job", daemon=True).start()

    def _send(self, call: Callable[[Any], object], value: Any) -> None:
        try:
            self._ended.emit(call, value)
        except RuntimeError:  # the window was closed meanwhile
            _log.debug("a job ended after the window")

    @Slot(object, object)
    def _deliver(self, call: Callable[[Any], object], value: Any) -> None:
        self.running -= 1
        call(value)
