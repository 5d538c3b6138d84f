"""Fan out session updates to several views."""

from __future__ import annotations

from collections.abc import Sequence

from posture.desktop import Notifier
from posture.engine import SessionStatus
from posture.monitor.session import StatusView

ADVICE = "Please calibrate again"
_IN_THE_TRAY = "Or choose Calibrate again in the tray menu."


class CompositeView:
    """Passes everything on to several views."""

    def __init__(self, views: Sequence[StatusView]) -> None:
        """To `views`, in this order."""
        self._views = views

    def show(self, status: SessionStatus) -> None:
        """Show the current status."""
        for view in self._views:
            view.show(status)

    def say(self, words: str) -> None:
        """Show a message."""
        for view in self._views:
            view.say(words)


class CalibrationAdviser:
    """Shows each advice once as a notification, for sessions without a terminal."""

    def __init__(self, notifier: Notifier) -> None:
        """`notifier` shows it."""
        self._notifier, self._shown = notifier, ""

    def show(self, status: SessionStatus) -> None:
        """Show the current status."""
        if status.advice and status.advice != self._shown:
            self._notifier.show_message(ADVICE, f"{status.advice}\n{_IN_THE_TRAY}")
        self._shown = status.advice

    def say(self, words: str) -> None:
        """No-op: messages are not worth a notification."""
