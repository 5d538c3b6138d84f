"""The monitor's live pictures, fetched while the page that shows them is open."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from posture.monitor.control.client import Pictures
from posture.window.background import Background

_LOOK_MS, _RETRY_MS = 40, 1000
_LOOKS_AN_END = 25
"""So many looks at the memory to one at the connection."""


class PictureSource(QObject):
    """Asks the running monitor for its pictures from ``start`` to ``stop``, and again whenever it comes back."""

    arrived = Signal(object)
    """A ``SharedPicture``."""
    gone = Signal()
    """No picture comes any more: the monitor has ended, or shows none."""

    def __init__(self, work: Background, parent: QObject | None = None) -> None:
        """Start with no picture; `work` connects."""
        super().__init__(parent)
        self._work = work
        self._pictures: Pictures | None = None
        self._wanted = self._connecting = False
        self._looks = 0
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._look)

    def start(self) -> None:
        """Ask for pictures."""
        self._wanted = True
        self._timer.start(_LOOK_MS)
        self._connect()

    def stop(self) -> None:
        """Have no more of them, at once."""
        self._wanted = False
        self._timer.stop()
        self._drop()

    def _connect(self) -> None:
        if not self._wanted or self._connecting or self._pictures is not None:
            return
        self._connecting = True
        self._work.run(Pictures, self._connected, self._refused)

    def _connected(self, pictures: Any) -> None:
        self._connecting = False
        if not self._wanted:
            pictures.close()
            return
        self._pictures = pictures

    def _refused(self, _why: str) -> None:
        """Try again soon; why there is no picture is said by the status."""
        self._connecting = False
        self.gone.emit()
        QTimer.singleShot(_RETRY_MS, self, self._connect)

    def _look(self) -> None:
        if self._pictures is None:
            return
        picture = self._pictures.newest()
        if picture is not None:
            self.arrived.emit(picture)
        self._looks = (self._looks + 1) % _LOOKS_AN_END
        if self._looks == 0 and self._pictures.ended():
            self._drop()
            self.gone.emit()
            QTimer.singleShot(_RETRY_MS, self, self._connect)

    def _drop(self) -> None:
        pictures, self._pictures = self._pictures, None
        if pictures is not None:
            pictures.close()
