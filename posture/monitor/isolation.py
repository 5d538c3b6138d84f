"""Keeps errors of what shows a session to the person away from what measures: they are logged and said once."""

from __future__ import annotations

import logging
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, TypeVar, cast

from posture.errors import PostureError

_log = logging.getLogger(__name__)
T = TypeVar("T")


class ErrorIsolation:
    """Runs what may fail without harm."""

    def __init__(self, say: Callable[[str], None]) -> None:
        """`say` shows the person one line."""
        self._say, self._said = say, set[str]()

    def wrap(self, target: T, **what: str) -> T:
        """Return an object with those methods of `target`, without their errors and results; `what`: what each does, in a few words."""

        def isolated(name: str) -> Callable[..., None]:
            return lambda *args: self._run(what[name], getattr(target, name), *args)

        return cast(T, SimpleNamespace(**{name: isolated(name) for name in what}))

    def _run(self, what: str, method: Callable[..., object], *args: Any) -> None:
        """Call a method; an error is logged each time and said once for each `what`."""
        try:
            method(*args)
        except Exception as error:  # noqa: BLE001 # a screen, a tray or a browser may fail in any way; what is measured must not depend on it
            _log.exception("%s failed", what)
            if what in self._said:
                return
            self._said.add(what)
            why = str(error) if isinstance(error, PostureError) else "an unexpected error; the log has the details"
            try:
                self._say(f"{what} failed ({why}). Measuring continues.")
            except Exception:  # noqa: BLE001 # it may be just this that fails; it is in the log
                _log.exception("telling failed")
