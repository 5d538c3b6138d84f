"""The tray icon: shows what the session is doing, and passes on what the person asks for.

``Tray.run`` takes the main thread, as macOS wants it; the monitor works in another one. ``update`` and ``stop`` may be called
from any thread and from a signal handler, and return at once: they only leave a note for the tray's own thread.
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

from posture.desktop import tray_hosts
from posture.desktop.tray_backends import Backend, load
from posture.desktop.tray_life import Life
from posture.desktop.tray_menu import Action, Exercises, TrayState
from posture.model import PostureError
from posture.session import Mode

_LOOK_S = 2.0
"""How often a panel that is not there, or not there any more, is looked for."""
STALE_S = 30.0
"""More than twice what a reading may stand for (``BandSettings.max_gap_s``)."""
STALE = "Nothing was measured for a while."
NO_MENU = "The tray icon has no menu here: a click opens today's page. For a menu: pip install 'posture-monitor[tray]'."
_log = logging.getLogger(__name__)


class TrayUnavailable(PostureError):
    """No icon can be shown in this session; the message says why."""


def available() -> str | None:
    """Why no icon can be shown now, in plain words; ``None`` if one can."""
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


class Tray:
    """One icon for one session. ``run`` once; ``update`` and ``stop`` at any time, also before."""

    def __init__(
        self,
        act: Callable[[Action], None],
        state: TrayState,
        exercises: Exercises | None = None,
        say: Callable[[str], None] = lambda _: None,
        stale_s: float = STALE_S,
    ) -> None:
        """Make it; nothing is shown yet.

        Args:
            act: carries out what the person asks for, one thing after the other, on a thread of its own. A
                ``PostureError`` is passed on to `say`.
            state: what is shown first.
            exercises: what the menu offers to show.
            say: tells the person something, each thing once.
            stale_s: a running session that has not been heard of for so many seconds is shown as one that sees nothing.
        """
        self._act, self._tell = act, say
        self._state, self._heard_s, self._stale_s = state, time.monotonic(), stale_s
        self._exercises = exercises or Exercises()
        self._said: set[str] = set()
        self._over = False
        self._wakes: SimpleQueue[None] = SimpleQueue()
        """For ``run`` while it waits; puts from a signal handler cannot block, unlike an Event's."""
        self._asked: SimpleQueue[Action | None] = SimpleQueue()
        self._life: Life | None = None

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
                    self._live(backend)
                if not self._over:
                    with suppress(Empty):
                        self._wakes.get(timeout=_LOOK_S)
        finally:
            self._asked.put(None)

    def update(self, state: TrayState) -> None:
        """Show another state; while running also when nothing has changed, so that the tray knows that it still holds."""
        self._state, self._heard_s = state, time.monotonic()
        if (life := self._life) is not None:
            life.notes.put(None)

    def stop(self) -> None:
        """Take the icon away; ``run`` returns soon after."""
        self._over = True
        self._wakes.put(None)
        if (life := self._life) is not None:
            life.notes.put(None)

    def _find(self) -> Backend | None:
        """A way to show the icon; ``None`` if there is none yet."""
        hosts = tray_hosts.look() if _is_linux() else tray_hosts.Hosts()
        if _is_linux() and not hosts:
            self._say(tray_hosts.no_host())
            return None
        backend = load(hosts)
        if isinstance(backend, str):
            raise TrayUnavailable(backend)
        if not backend.has_menu:
            self._say(NO_MENU)
        return backend

    def _live(self, backend: Backend) -> None:
        """One icon from its making until it is stopped, or its panel dies."""
        life = Life(backend, self._now, lambda: self._over, self._exercises, self._asked.put)
        self._life = life
        life.run()
        self._life = None

    def _now(self) -> TrayState:
        state = self._state
        if state.mode == Mode.RUNNING and time.monotonic() - self._heard_s > self._stale_s:
            return replace(state, posture=None, words=STALE)
        return state

    def _carry_out(self) -> None:
        while (action := self._asked.get()) is not None:
            try:
                self._act(action)
            except PostureError as error:
                self._tell(str(error))
            except Exception:  # noqa: BLE001 # a fault in one action must not take the others with it, quit least of all
                _log.exception("the tray could not carry out %s", action.do)

    def _say(self, words: str) -> None:
        if words not in self._said:
            self._said.add(words)
            self._tell(words)


def _is_linux() -> bool:
    return sys.platform not in ("darwin", "win32")
