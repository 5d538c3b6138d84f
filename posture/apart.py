"""Keeps what shows a session to the person apart from what measures: a fault there is logged and told once, and the session goes on."""

from __future__ import annotations

import logging
from collections.abc import Callable

from posture.engine.engine import EngineOutput
from posture.model import PostureError
from posture.monitor import Deliverer, Face, Now

_log = logging.getLogger(__name__)


class Apart:
    """Does things that may fail without harm."""

    def __init__(self, say: Callable[[str], None]) -> None:
        """`say`: tells the person, in one line."""
        self._say, self._told = say, set[str]()

    def do(self, what: str, job: Callable[[], None]) -> bool:
        """Do `job`; whether it went well. What failed is logged each time and told once for each `what`, a few words."""
        try:
            job()
        except Exception as error:  # noqa: BLE001 # a screen, a tray or a browser may fail in any way; what is measured must not depend on it
            _log.exception("%s failed", what)
            if what not in self._told:
                self._told.add(what)
                why = str(error) if isinstance(error, PostureError) else "an error that should not have been; the log has it"
                self._tell(f"{what} failed ({why}). Measuring goes on.")
            return False
        return True

    def _tell(self, words: str) -> None:
        try:
            self._say(words)
        except Exception:  # noqa: BLE001 # it may be just this that fails; it is in the log
            _log.exception("telling failed")


class FaceApart:
    """A face whose faults do no harm."""

    def __init__(self, face: Face, apart: Apart) -> None:
        """Shows all on `face`."""
        self._face, self._apart = face, apart

    def now(self, now: Now) -> None:
        """The state of the moment."""
        self._apart.do("Showing the state", lambda: self._face.now(now))

    def say(self, words: str) -> None:
        """Something happened."""
        self._apart.do("Showing a message", lambda: self._face.say(words))


class DelivererApart:
    """A deliverer whose faults do no harm."""

    def __init__(self, deliverer: Deliverer, apart: Apart) -> None:
        """Gives all to `deliverer`."""
        self._deliverer, self._apart = deliverer, apart

    def take(self, out: EngineOutput, time_s: float) -> None:
        """What came of the time up to `time_s`."""
        self._apart.do("Showing a prompt", lambda: self._deliverer.take(out, time_s))

    def withdraw(self) -> None:
        """Nothing is to be on the screen now."""
        self._apart.do("Taking prompts off the screen", self._deliverer.withdraw)

    def finish(self, time_s: float) -> None:
        """The session ends."""
        self._apart.do("Taking prompts off the screen", lambda: self._deliverer.finish(time_s))
