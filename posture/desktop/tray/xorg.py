"""pystray's X11 icon, with fixes: for panels that know nothing but XEMBED. It has no menu; a click does the default action.

Imported late, by ``backends``: the import itself needs a display.
"""

from __future__ import annotations

import select
import time
from collections.abc import Iterator
from typing import Any

from pystray._xorg import Icon as XorgIcon
from Xlib import X

from posture.desktop.tray import hosts

_POLL_S = 0.5


class Icon(XorgIcon):  # type: ignore[misc] # of a library without types
    """An icon in an XEMBED tray."""

    def __init__(self, *args: Any, **more: Any) -> None:
        """As pystray's."""
        super().__init__(*args, **more)
        self._look_s = time.monotonic() + hosts.BETTER_S

    def docked(self) -> bool:
        """Whether a panel has the icon, and none has come that could do more with it."""
        if time.monotonic() >= self._look_s:
            self._look_s = time.monotonic() + hosts.BETTER_S
            if hosts.indicator():
                return False
        return self._systray_manager is not None

    def _create_window(self) -> Any:
        """Subscribe to the clicks, which pystray handles but does not ask for."""
        self._display.set_error_handler(lambda *_: None)  # windows of a panel that has died
        window = super()._create_window()
        window.change_attributes(event_mask=X.ExposureMask | X.StructureNotifyMask | X.ButtonPressMask)
        return window

    def _update_title(self) -> None:
        """Set the name of the X window: Latin-1 in the old property, UTF-8 in the new one."""
        self._window.set_wm_name(self.title.encode("latin-1", "replace").decode("latin-1"))
        utf8 = self._display.intern_atom("UTF8_STRING")
        self._window.change_property(self._display.intern_atom("_NET_WM_NAME"), utf8, 8, self.title.encode())

    def _dock_window(self) -> None:
        """Dock once; pystray docks again with every new image, and some panels then drop the icon."""
        if self._systray_manager is None:
            super()._dock_window()

    def _events(self) -> Iterator[Any]:
        """Yield events, polling now and then: python-xlib can miss one that arrives while another thread sends."""
        while True:
            while self._display.pending_events():
                yield self._display.next_event()
            select.select([self._display.fileno()], [], [], _POLL_S)
