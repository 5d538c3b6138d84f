"""The tray icon: shows the status of the session, and passes on the commands of the menu.

``Tray.run`` takes the main thread, as macOS demands; the session runs on another one. ``show`` and ``stop`` may be called
from any thread and from a signal handler, and return at once: the tray's own thread does the work.
"""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from queue import Empty, SimpleQueue

from posture.desktop.tray import hosts as tray_hosts
from posture.desktop.tray.backends import Backend, load
from posture.desktop.tray.menu import Exercises, TrayAction
from posture.desktop.tray.tray_loop import TrayLoop
from posture.engine import SessionStatus
from posture.errors import PostureError
from posture.types import Mode

_LOOK_S = 2.0
"""How often a panel that is not there, or not there any more, is looked for."""
STALE_S = 30.0
"""More than twice what a reading may stand for (``BandSettings.max_gap_s``)."""
STALE = "Nothing has been measured for a while."
NO_MENU = "This panel can't show the tray icon's menu; a click opens the window, or today's page where that isn't installed."
_log = logging.getLogger(__name__)


class TrayUnavailable(PostureError):
    """No icon can be shown in this session; the message says why."""


def available() -> str | None:
    """Return why no icon can be shown now, in plain words; ``None`` if one can."""
    if not _is_linux():
        backend = load(tray_hosts.Hosts())
        return backend if isinstance(backend, str) else None
    why = tray_hosts.no_display()
    if why is not None:
        return why
    hosts = tray_hosts.look()
    if not hosts:
        return tray_hosts.no_host()
    backend = load(hosts)
    return backend if isinstance(backend, str) else None


def has_menu() -> bool:
    """Whether what shows the icon now shows its menu too."""
    backend = load(tray_hosts.look() if _is_linux() else tray_hosts.Hosts())
    return not isinstance(backend, str) and backend.has_menu


class Tray:
    """One icon for one session. ``run`` once; ``show`` and ``stop`` at any time, also before."""

    def __init__(
        self,
        act: Callable[[TrayAction], None],
        state: SessionStatus,
        exercises: Exercises | None = None,
        say: Callable[[str], None] = lambda _: None,
        stale_s: float = STALE_S,
    ) -> None:
        """Prepare; nothing is shown yet.

        Args:
            act: carries out the commands, one after the other, on a thread of its own. A
                ``PostureError`` is passed on to `say`.
            state: what is shown first.
            exercises: what the menu offers to show.
            say: shows the person a message, each once.
            stale_s: a running session that sent no status for so many seconds is shown as one that sees nothing.
        """
        self._act, self._print = act, say
        self._state, self._heard_s, self._stale_s = state, time.monotonic(), stale_s
        self._exercises = exercises or Exercises()
        self._said: set[str] = set()
        self._over = False
        self._wake: SimpleQueue[None] = SimpleQueue()
        """For ``run`` while it waits; puts from a signal handler cannot block, unlike an Event's."""
        self._commands: SimpleQueue[TrayAction | None] = SimpleQueue()
        self._loop: TrayLoop | None = None

    def run(self) -> None:
        """Show the icon until ``stop``; on the main thread.

        Where no panel shows icons now, says so once and waits for one, and for one that has gone and comes back.

        Raises:
            TrayUnavailable: no panel can ever be had here: no display, or nothing that pystray works with.
        """
        why = tray_hosts.no_display() if _is_linux() else None
        if why is not None:
            raise TrayUnavailable(why)
        threading.Thread(target=self._carry_out, name="tray-actions", daemon=True).start()
        try:
            while not self._over:
                backend = self._find()
                if backend is not None:
                    self._run_icon(backend)
                if not self._over:
                    with suppress(Empty):
                        self._wake.get(timeout=_LOOK_S)
        finally:
            self._commands.put(None)

    @property
    def shown(self) -> bool:
        """Whether there is an icon now."""
        return self._loop is not None

    def show(self, status: SessionStatus) -> None:
        """Show another status; while running also when nothing has changed, so that the tray knows that it still holds."""
        self._state, self._heard_s = status, time.monotonic()
        if (loop := self._loop) is not None:
            loop.updates.put(None)

    def say(self, words: str) -> None:
        """No-op: icon and tooltip show it."""

    def stop(self) -> None:
        """Take the icon away; ``run`` returns soon after."""
        self._over = True
        self._wake.put(None)
        if (loop := self._loop) is not None:
            loop.updates.put(None)

    def _find(self) -> Backend | None:
        """Return a backend for the icon; ``None`` if there is none yet."""
        hosts = tray_hosts.look() if _is_linux() else tray_hosts.Hosts()
        if _is_linux() and not hosts:
            self._say_once(tray_hosts.no_host())
            return None
        backend = load(hosts)
        if isinstance(backend, str):
            raise TrayUnavailable(backend)
        if not backend.has_menu:
            self._say_once(NO_MENU)
        return backend

    def _run_icon(self, backend: Backend) -> None:
        """Run one icon until it is stopped, or its panel dies."""
        loop = TrayLoop(backend, self._now, lambda: self._over, self._exercises, self._commands.put)
        self._loop = loop
        loop.run()
        self._loop = None

    def _now(self) -> SessionStatus:
        state = self._state
        if state.mode is Mode.RUNNING and time.monotonic() - self._heard_s > self._stale_s:
            return replace(state, judged=None, words=STALE)
        return state

    def _carry_out(self) -> None:
        while (action := self._commands.get()) is not None:
            try:
                self._act(action)
            except PostureError as error:
                self._print(str(error))
            except Exception:  # noqa: BLE001 # a fault in one action must not take the others with it, quit least of all
                _log.exception("the tray could not carry out %s", action.command)

    def _say_once(self, words: str) -> None:
        if words not in self._said:
            self._said.add(words)
            self._print(words)


def _is_linux() -> bool:
    return sys.platform not in ("darwin", "win32")
