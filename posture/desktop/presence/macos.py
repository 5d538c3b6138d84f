"""Presence on macOS: the lock by Quartz (pyobjc), sleep by the clocks, the battery by psutil. Not run on this system by us.

Whether another program has a camera open, a call, a full-screen window and Focus are not told to other programs in a way that
we could keep, so they are not known here. macOS itself takes the camera away in sleep and with the lid closed.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from posture.desktop.presence.changes import Aspect, Publish
from posture.desktop.presence.poller import PollIntervals, Presence

_EXTRA = "pyobjc-framework-Quartz is not installed: pip install pyobjc-framework-Quartz"


def session_of_window_server() -> Mapping[str, Any] | None:
    """Return what the window server says of this login; ``None`` if there is none, as over ssh.

    Raises:
        ImportError: pyobjc's Quartz is not installed.
    """
    said: Mapping[str, Any] | None = importlib.import_module("Quartz").CGSessionCopyCurrentDictionary()
    return said


class MacPresence(Presence):
    """Watches a Mac."""

    def __init__(
        self,
        publish: Publish,
        *,
        session: Callable[[], Mapping[str, Any] | None] = session_of_window_server,
        intervals: PollIntervals = PollIntervals(),  # noqa: B008 # it is frozen
    ) -> None:
        """Prepare; `session` asks the window server for the login."""
        super().__init__(publish, intervals)
        self._session = session

    def _start(self) -> None:
        self._known.yes(Aspect.SLEEP, "by the clocks, only afterwards")
        self._known.no(Aspect.LID, "not checked: a Mac with its lid closed is asleep, or has another screen")
        for aspect in (Aspect.CAMERA, Aspect.CALL, Aspect.FULL_SCREEN, Aspect.DO_NOT_DISTURB):
            self._known.no(aspect, "macOS doesn't tell other programs")
        self._known.no(Aspect.IDLE, "not checked on macOS")

    def _polls(self) -> Sequence[Callable[[], None]]:
        return self._publisher.poll, self._poll_lock, self._battery.poll

    def _poll_lock(self) -> None:
        try:
            session = self._session()
        except ImportError:
            self._known.no(Aspect.LOCK, _EXTRA)
            return
        if session is None:
            self._known.no(Aspect.LOCK, "there is no window server")
            return
        self._known.yes(Aspect.LOCK, "by the window server")
        # The first is there only while the screen is locked; the second is false while somebody else's login is in front.
        locked = bool(session.get("CGSSessionScreenIsLocked", False)) or not session.get("kCGSSessionOnConsoleKey", True)
        self._publisher.lock("window server", locked)
