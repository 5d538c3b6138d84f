"""Full screen and idle on X11: what window managers say in ``_NET_ACTIVE_WINDOW`` and ``_NET_WM_STATE``, and the screen saver extension."""

from __future__ import annotations

import contextlib
import os
from typing import Any

from posture.desktop.presence.changes import Aspect, Capabilities
from posture.desktop.presence.idle import IdleSources
from posture.desktop.x11 import probe

SOURCE = "X server"
"""Its name among the sources of idleness."""
_LIBRARY_FIX = "pip install python-xlib"


class X11Screen:
    """Asks the X server; connects when it is first asked, and again when the server was gone. For one thread."""

    def __init__(self, known: Capabilities, idle: IdleSources, display: str | None = None) -> None:
        """`display`: as in the variable ``DISPLAY``; ``None``: this login's. How it is known goes to `known` and `idle`."""
        self._known, self._idle = known, idle
        self._name = display
        self._display: Any = None
        self._atoms: dict[str, int] = {}

    def poll(self) -> bool:
        """Note whether it is idle, and return whether a window fills the screen; ``False`` also if that is not known."""
        name, why, fix = self._where()
        if why:
            self._lost(why, fix)
            return False
        try:
            from Xlib import error  # comes with the tray, on Linux only  # noqa: PLC0415
        except ImportError:
            self._lost("python-xlib is not installed", _LIBRARY_FIX)
            return False
        try:
            self._connect(name)
            self._ask_idle()
            return self._ask_full_screen()
        except (error.DisplayError, error.ConnectionClosedError, OSError) as trouble:
            self._lost(f"the X server isn't answering ({trouble})")
            self.close()
        except error.XError:  # the window in front was closed between two questions
            pass
        return False

    def _lost(self, why: str, fix: str = "") -> None:
        self._known.no(Aspect.FULL_SCREEN, why, fix)
        self._idle.no(SOURCE, why, fix)

    def _where(self) -> tuple[str, str, str]:
        """Return the display to ask, or else why it cannot be asked, and what to do about that."""
        name = self._name or os.environ.get("DISPLAY") or ""
        if name.startswith(":"):
            name = f"unix{name}"  # by its socket only: python-xlib would else try the network where there is none
        if name.startswith("unix:"):
            return name, "", ""
        if name:
            return "", "the display is on another machine", "run the monitor in a session on this one"
        return "", "there is no display", "start the monitor from your desktop's session, or with posture autostart on"

    def close(self) -> None:
        """Disconnect."""
        display, self._display = self._display, None
        if display is not None:
            from Xlib import error  # noqa: PLC0415

            with contextlib.suppress(error.ConnectionClosedError, OSError):  # it left first
                display.close()

    def _connect(self, name: str) -> None:
        from Xlib import display as displays  # noqa: PLC0415

        if self._display is None:
            probe(name)
            self._display = displays.Display(name)
            names = ("_NET_ACTIVE_WINDOW", "_NET_WM_STATE", "_NET_WM_STATE_FULLSCREEN", "_NET_SUPPORTED")
            self._atoms = {atom: self._display.intern_atom(atom) for atom in names}

    def _ask_idle(self) -> None:
        if not self._display.has_extension("MIT-SCREEN-SAVER"):
            self._idle.no(SOURCE, "the X server lacks the screen saver extension")
            return
        untouched_ms = self._display.screen().root.screensaver_query_info().idle
        self._idle.yes(SOURCE, "by the X server; a film that keeps the screen on doesn't count as use")
        self._idle.say(SOURCE, untouched_ms >= 1000 * self._idle.idle_s)

    def _ask_full_screen(self) -> bool:
        from Xlib import X  # noqa: PLC0415

        atoms, root = self._atoms, self._display.screen().root
        active = root.get_full_property(atoms["_NET_ACTIVE_WINDOW"], X.AnyPropertyType)
        if active is None and root.get_full_property(atoms["_NET_SUPPORTED"], X.AnyPropertyType) is None:
            self._known.no(Aspect.FULL_SCREEN, "there is no window manager to say which window is in front", "run a window manager")
            return False
        self._known.yes(Aspect.FULL_SCREEN, "by the X server")
        if active is None or not len(active.value) or not active.value[0]:
            return False
        window = self._display.create_resource_object("window", active.value[0])
        states = window.get_full_property(atoms["_NET_WM_STATE"], X.AnyPropertyType)
        return states is not None and atoms["_NET_WM_STATE_FULLSCREEN"] in states.value
