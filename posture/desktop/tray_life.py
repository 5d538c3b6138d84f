"""One icon in one panel, from its making until it is stopped or its panel dies."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Any

from posture.desktop.tray_backends import Backend
from posture.desktop.tray_icon import Glyph, draw, glyph_of
from posture.desktop.tray_menu import LINE, TO_READ, TODAY, Action, Exercises, Item, TrayState, menu, sees, status_line
from posture.session import Mode

_WATCH_S = 1.0
"""How often to see whether a panel has gone that pystray does not notice, and whether a running session has fallen silent."""
_log = logging.getLogger(__name__)
_SIZE = 64
NAME = "posture-monitor"


class Life:
    """``run`` blocks in pystray's loop; a thread of its own shows what ``state`` gives whenever ``notes`` gets one."""

    def __init__(
        self,
        backend: Backend,
        state: Callable[[], TrayState],
        over: Callable[[], bool],
        exercises: Exercises,
        ask: Callable[[Action], None],
    ) -> None:
        """Make the icon; it is not shown yet.

        Args:
            backend: how it is shown.
            state: what is to be shown now.
            over: whether it is to be taken away.
            exercises: what the menu offers to show.
            ask: takes what the person asks for, and returns at once.
        """
        from pystray import Menu  # noqa: PLC0415 # see tray_backends

        self.notes: SimpleQueue[None] = SimpleQueue()
        """Put one in when the state has changed, or it is over."""
        self._backend, self._state, self._over, self._exercises, self._ask = backend, state, over, exercises, ask
        self._ready, self._ended = threading.Event(), False
        self._items: tuple[Item, ...] = ()
        self._drawn: tuple[Glyph, bool] | None = None
        self._icon: Any = backend.icon(NAME, self._picture(), NAME, Menu(lambda: self._descriptors(self._items)))

    def run(self) -> None:
        """Show the icon and handle what is done to it, until it is over or the panel has gone for good."""
        self._items = menu(self._state(), self._exercises)
        self._icon._thread = threading.current_thread()  # the X11 backend sets it a moment too late for its own setup thread
        threading.Thread(target=self._follow, name="tray-updates", daemon=True).start()
        try:
            self._icon.run(setup=lambda _: self._ready.set())
        finally:
            self._ended = True
            self._icon._running = False  # else the X11 backend waits, when collected, for a loop that is no more
            self._ready.set()
            self.notes.put(None)

    def _follow(self) -> None:
        try:
            self._follow_state()
        except Exception:  # noqa: BLE001 # whatever fails: an icon that no longer follows says what is not so; better a new one
            _log.exception("the tray icon could not be updated")
            self._icon.stop()

    def _follow_state(self) -> None:
        """Keep the icon as the state is; ends with it."""
        self._ready.wait()
        if not self._ended:
            self._show()
            self._on_loop(self._make_visible)
        while not self._ended:
            if self._over() or not self._docked():
                self._icon.stop()
                return
            self._show()
            watched = self._backend.dies_with_host or self._state().mode == Mode.RUNNING
            with suppress(Empty):
                self.notes.get(timeout=_WATCH_S if watched else None)
                while True:
                    self.notes.get_nowait()

    def _make_visible(self) -> None:
        self._icon.visible = True

    def _docked(self) -> bool:
        return not self._backend.dies_with_host or bool(self._icon.docked())

    def _show(self) -> None:
        """Bring icon, tooltip and menu up to the state, as far as they differ."""
        state = self._state()
        told = status_line(state)
        if (glyph_of(state), _held(state)) != self._drawn:
            picture = self._picture()
            self._on_loop(lambda: setattr(self._icon, "icon", picture))
        if told != self._icon.title:
            self._on_loop(lambda: setattr(self._icon, "title", told))
        before, self._items = self._items, menu(state, self._exercises)
        if before[TO_READ:] == self._items[TO_READ:] and hasattr(self._icon, "relabel"):
            if before != self._items:
                self._icon.relabel([item.label for item in self._items[:TO_READ]])
        elif before != self._items:
            self._on_loop(self._icon.update_menu)

    def _picture(self) -> Any:
        state = self._state()
        self._drawn = (glyph_of(state), _held(state))
        return draw(self._drawn[0], _SIZE, held=self._drawn[1], opaque=self._backend.opaque)

    def _descriptors(self, items: tuple[Item, ...]) -> Iterator[Any]:
        """Our items as pystray's."""
        from pystray import Menu, MenuItem  # noqa: PLC0415

        for item in items:
            if item is LINE:
                yield Menu.SEPARATOR
            elif item.items:
                yield MenuItem(item.label, Menu(*self._descriptors(item.items)))
            else:
                yield MenuItem(item.label, self._asking(item.action), default=item.action == TODAY, enabled=item.action is not None)

    def _asking(self, action: Action | None) -> Callable[[], None] | None:
        return None if action is None else lambda: self._ask(action)

    @staticmethod
    def _on_loop(change: Callable[[], object]) -> None:
        """Where pystray leaves it to us to be on the main thread (macOS), be there; not run on that system by us."""
        if sys.platform == "darwin":
            from PyObjCTools.AppHelper import callAfter  # noqa: PLC0415

            callAfter(change)
        else:
            change()


def _held(state: TrayState) -> bool:
    return sees(state) and state.prompts_held
