"""Presence on macOS: the lock by Quartz (pyobjc), sleep by the clocks, the battery by psutil. Not run on this system by us.

Whether another program has a camera open, a call, a full-screen window and Focus are not told to other programs in a way that
we could keep, so they are not known here. macOS itself takes the camera away in sleep and with the lid closed.
"""

from __future__ import annotations

import importlib
import time
from collections.abc import Callable, Mapping
from typing import Any, Self

from posture.desktop.looking import Battery, Looking, Waits
from posture.desktop.presence import Aspect, Knowledge, Known, Tell, Teller

_EXTRA = "pyobjc-framework-Quartz is not installed: pip install 'posture-monitor[presence]'"


def session_of_window_server() -> Mapping[str, Any] | None:
    """What the window server says of this login; ``None`` if there is none, as over ssh.

    Raises:
        ImportError: pyobjc's Quartz is not installed.
    """
    said: Mapping[str, Any] | None = importlib.import_module("Quartz").CGSessionCopyCurrentDictionary()
    return said


class MacPresence:
    """Watches a Mac."""

    def __init__(
        self,
        tell: Tell,
        *,
        session: Callable[[], Mapping[str, Any] | None] = session_of_window_server,
        waits: Waits = Waits(),  # noqa: B008 # it is frozen
    ) -> None:
        """As ``presence.presence``; `session` tells of the login."""
        self._known, self._session = Known(), session
        self._teller = Teller(tell)
        battery = Battery(self._teller, self._known, time.monotonic, waits.battery_s)
        self._looking = Looking((self._teller.look, self._look_at_lock, battery.look), every_s=waits.look_s)

    @property
    def known(self) -> Mapping[Aspect, Knowledge]:
        """What can be known here now."""
        return dict(self._known)

    def __enter__(self) -> Self:
        """Begin to watch."""
        self._known.yes(Aspect.SLEEP, "by the clocks, afterwards only")
        self._known.no(Aspect.LID, "not asked: a Mac with its lid closed sleeps, or has another screen")
        for aspect in (Aspect.CAMERA, Aspect.CALL, Aspect.FULL_SCREEN, Aspect.DO_NOT_DISTURB):
            self._known.no(aspect, "macOS does not tell other programs")
        self._looking.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End."""
        self._teller.close()
        self._looking.end()

    def _look_at_lock(self) -> None:
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
        self._teller.lock("window server", locked)
