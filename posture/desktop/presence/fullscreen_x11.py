"""Whether the window in front fills the screen, by what X11 window managers say in ``_NET_ACTIVE_WINDOW`` and ``_NET_WM_STATE``."""

from __future__ import annotations

import contextlib
import os
from typing import Any

from posture.desktop.presence.changes import Aspect, Capabilities
from posture.desktop.x11 import probe


class FullScreen:
    """Asks the X server; connects when it is first asked, and again when the server was gone. For one thread."""

    def __init__(self, known: Capabilities, display: str | None = None) -> None:
        """`display`: as in the variable ``DISPLAY``; ``None``: this login's. How it is known goes to `known`."""
        self._known = known
        self._name = display
        self._display: Any = None
        self._atoms: dict[str, int] = {}

    def poll(self) -> bool:
        """Whether a window fills the screen; ``False`` also if that is not known."""
        name, why = self._where()
        if why:
            self._known.no(Aspect.FULL_SCREEN, why)
            return False
        try:
            from Xlib import error  # comes with the tray, on Linux only  # noqa: PLC0415
        except ImportError:
            self._known.no(Aspect.FULL_SCREEN, "python-xlib is not installed")
            return False
        try:
            return self._ask(name)
        except (error.DisplayError, error.ConnectionClosedError, OSError) as trouble:
            self._known.no(Aspect.FULL_SCREEN, f"the X server isn't answering ({trouble})")
            self.close()
        except error.XError:  # the window in front was closed between two questions
            pass
        return False

    def _where(self) -> tuple[str, str]:
        """Return the display to ask, and why it cannot be asked, if so."""
        if self._name is None and (os.environ.get("WAYLAND_DISPLAY") or os.environ.get("XDG_SESSION_TYPE") == "wayland"):
            return "", "Wayland doesn't tell programs about other windows"
        name = self._name or os.environ.get("DISPLAY") or ""
        if name.startswith(":"):
            name = f"unix{name}"  # by its socket only: python-xlib would else try the network where there is none
        if name.startswith("unix:"):
            return name, ""
        return "", "the display is on another machine" if name else "there is no display"

    def close(self) -> None:
        """Disconnect."""
        display, self._display = self._display, None
        if display is not None:
            from Xlib import error  # noqa: PLC0415

            with contextlib.suppress(error.ConnectionClosedError, OSError):  # it left first
                display.close()

    def _ask(self, name: str) -> bool:
        from Xlib import (  # noqa: PLC0415
            X,
            display as displays,
        )

        if self._display is None:
            probe(name)
            self._display = displays.Display(name)
            names = ("_NET_ACTIVE_WINDOW", "_NET_WM_STATE", "_NET_WM_STATE_FULLSCREEN", "_NET_SUPPORTED")
            self._atoms = {atom: self._display.intern_atom(atom) for atom in names}
        atoms, root = self._atoms, self._display.screen().root
        active = root.get_full_property(atoms["_NET_ACTIVE_WINDOW"], X.AnyPropertyType)
        if active is None and root.get_full_property(atoms["_NET_SUPPORTED"], X.AnyPropertyType) is None:
            self._known.no(Aspect.FULL_SCREEN, "there is no window manager to say which window is in front")
            return False
        self._known.yes(Aspect.FULL_SCREEN, "by the X server")
        if active is None or not len(active.value) or not active.value[0]:
            return False
        window = self._display.create_resource_object("window", active.value[0])
        states = window.get_full_property(atoms["_NET_WM_STATE"], X.AnyPropertyType)
        return states is not None and atoms["_NET_WM_STATE_FULLSCREEN"] in states.value
