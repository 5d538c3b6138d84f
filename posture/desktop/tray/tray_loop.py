"""One icon in one panel, from its making until it is stopped or its panel dies."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Any

from posture.desktop.tray.backends import Backend
from posture.desktop.tray.images import Glyph, draw, glyph_of
from posture.desktop.tray.menu import LINE, OPEN, Exercises, Item, TrayAction, menu, needs_attention, status_line
from posture.engine import SessionStatus
from posture.types import Mode

_WATCH_S = 1.0
"""How often to see whether the icon is still where it belongs, and whether a running session has fallen silent."""
_log = logging.getLogger(__name__)
NAME = "posture-monitor"


class TrayLoop:
    """``run`` blocks in pystray's loop; a thread of its own shows what ``state`` gives whenever ``updates`` gets one."""

    def __init__(
        self,
        backend: Backend,
        state: Callable[[], SessionStatus],
        over: Callable[[], bool],
        exercises: Exercises,
        ask: Callable[[TrayAction], None],
    ) -> None:
        """Make the icon; it is not shown yet.

        Args:
            backend: how it is shown.
            state: returns the status to show.
            over: whether it is to be removed.
            exercises: what the menu offers to show.
            ask: receives the commands, and returns at once.
        """
        from pystray import Menu  # see backends  # noqa: PLC0415

        self.updates: SimpleQueue[None] = SimpleQueue()
        """One for each change of the status, and one for the end."""
        self._backend, self._state, self._over, self._exercises, self._ask = backend, state, over, exercises, ask
        self._ready, self._ended = threading.Event(), False
        self._items: tuple[Item, ...] = ()
        self._drawn: tuple[Glyph, bool] | None = None
        self._icon: Any = backend.icon(NAME, self._picture(), NAME, Menu(lambda: self._descriptors(self._items)))

    def run(self) -> None:
        """Show the icon and handle its events, until it is stopped or the panel is gone for good."""
        self._items = menu(self._state(), self._exercises)
        self._icon._thread = threading.current_thread()  # the X11 backend sets it a moment too late for its own setup thread
        threading.Thread(target=self._follow, name="tray-updates", daemon=True).start()
        try:
            self._icon.run(setup=lambda _: self._ready.set())
        finally:
            self._ended = True
            self._icon._running = False  # else the X11 backend waits, when collected, for a loop that is no more
            self._ready.set()
            self.updates.put(None)

    def _follow(self) -> None:
        try:
            self._follow_state()
        except Exception:  # noqa: BLE001 # whatever fails: an icon that no longer follows says what is not so; better a new one
            _log.exception("the tray icon could not be updated")
            self._icon.stop()

    def _follow_state(self) -> None:
        """Update the icon whenever the status changes; return when it ends."""
        self._ready.wait()
        if not self._ended:
            self._show()
            self._on_loop(self._make_visible)
        while not self._ended:
            if self._over() or not self._docked():
                self._icon.stop()
                return
            self._show()
            watched = self._backend.watched or self._state().mode is Mode.RUNNING
            with suppress(Empty):
                self.updates.get(timeout=_WATCH_S if watched else None)
                while True:
                    self.updates.get_nowait()

    def _make_visible(self) -> None:
        self._icon.visible = True

    def _docked(self) -> bool:
        return not self._backend.watched or bool(self._icon.docked())

    def _show(self) -> None:
        """Update icon, tooltip and menu, as far as they differ."""
        state = self._state()
        told = status_line(state)
        if (glyph_of(state), _held(state)) != self._drawn:
            picture = self._picture()
            self._on_loop(lambda: setattr(self._icon, "icon", picture))
        if told != self._icon.title:
            self._on_loop(lambda: setattr(self._icon, "title", told))
        self._icon.attention = needs_attention(state)  # only the indicator knows of it
        before, self._items = self._items, menu(state, self._exercises)
        if before != self._items:
            self._on_loop(self._icon.update_menu)

    def _picture(self) -> Any:
        state = self._state()
        self._drawn = (glyph_of(state), _held(state))
        glyph, held = self._drawn
        drawn = [draw(glyph, size, held=held, opaque=self._backend.opaque) for size in self._backend.sizes]
        return drawn if len(drawn) > 1 else drawn[0]

    def _descriptors(self, items: tuple[Item, ...]) -> Iterator[Any]:
        """Convert our items to pystray's."""
        from pystray import Menu, MenuItem  # noqa: PLC0415

        for item in items:
            if item is LINE:
                yield Menu.SEPARATOR
            elif item.items:
                yield MenuItem(item.label, Menu(*self._descriptors(item.items)))
            else:
                yield MenuItem(item.label, self._asking(item.action), default=item.action == OPEN, enabled=item.action is not None)

    def _asking(self, action: TrayAction | None) -> Callable[[], None] | None:
        return None if action is None else lambda: self._ask(action)

    @staticmethod
    def _on_loop(change: Callable[[], object]) -> None:
        """Run `change` on the main thread where pystray does not (macOS; not run on that system by us)."""
        if sys.platform == "darwin":
            from PyObjCTools.AppHelper import callAfter  # noqa: PLC0415

            callAfter(change)
        else:
            change()


def _held(state: SessionStatus) -> bool:
    return state.posture is not None and bool(state.held)
