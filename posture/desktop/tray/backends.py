"""pystray's icon for this system, with fixes.

pystray takes the first of its backends whose import goes well, and dies of one that is half installed. Here the backend is
taken by what there is to show the icon in. All of pystray is imported late: without a display the import itself fails.
"""

from __future__ import annotations

import importlib
import logging
import os
import select
import sys
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from posture.desktop.tray.hosts import Hosts

_POLL_S = 0.5
_CHOICE = "PYSTRAY_BACKEND"
NEEDS = (
    "No tray icon: this panel needs PyGObject (pip install 'posture-monitor[tray]') and, on Debian, "
    "gir1.2-gtk-3.0 and gir1.2-ayatanaappindicator3-0.1."
)
_log = logging.getLogger(__name__)
Members = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Backend:
    """A way to show an icon."""

    name: str
    """As pystray has it: appindicator, gtk, xorg, darwin or win32."""
    icon: type[Any]
    """A class with the constructor of ``pystray.Icon``."""
    has_menu: bool
    opaque: bool = False
    """Knows no transparency."""
    dies_with_host: bool = False
    """Does not come back by itself when the panel does."""


def load(hosts: Hosts) -> Backend | str:
    """Return the best backend for the hosts, or in plain words what is missing."""
    why = ""
    for name in _names(hosts):
        try:
            return _backend(name)
        except Exception as error:  # noqa: BLE001 # displays, typelibs and bindings that are not there raise all kinds of errors
            why = f"{name}: {str(error).strip() or type(error).__name__}"
            _log.debug("no tray through %s", why)
    return NEEDS if hosts.indicator and not os.environ.get(_CHOICE) else f"No tray icon: pystray can't be used here ({why})."


def _names(hosts: Hosts) -> list[str]:
    chosen = os.environ.get(_CHOICE)
    if chosen:
        return [chosen]
    if sys.platform == "darwin":
        return ["darwin"]
    if sys.platform == "win32":
        return ["win32"]
    return ["appindicator"] * hosts.indicator + ["gtk", "xorg"] * hosts.xembed


def _backend(name: str) -> Backend:
    warnings.filterwarnings("ignore", message="GObject.idle_add is deprecated")  # pystray's own, else told to the person
    base = _import(name).Icon
    logging.getLogger("pystray").setLevel(logging.CRITICAL)  # a panel that is gone is no traceback; the tray waits for it
    functions = {"gtk": {**_GTK, **_STATUS_ICON}, "appindicator": _GTK, "xorg": _XORG}.get(name, {})
    icon = type("Icon", (base,), dict(functions))
    return Backend(name, icon, bool(base.HAS_MENU), opaque=name == "xorg", dies_with_host=name == "xorg")


def _import(name: str) -> Any:
    """Import pystray's module of that name, whatever pystray would choose itself."""
    before = os.environ.get(_CHOICE)
    os.environ[_CHOICE] = "dummy"
    try:
        importlib.import_module("pystray")
    finally:
        del os.environ[_CHOICE]
        if before is not None:
            os.environ[_CHOICE] = before
    return importlib.import_module(f"pystray._{name}")


# --- GTK, both kinds


class _NoNotifier:
    """Stands in for pystray's notifications, which we do not use and which need a session bus."""

    def hide(self) -> None:
        """No-op."""


def _gtk_initialize(self: Any) -> None:
    """As pystray's, but without its handler of Ctrl-C, which would kill the process."""
    self._notifier = _NoNotifier()
    self._mark_ready()


def _gtk_update_menu(self: Any) -> None:
    """Build the menu anew, but not while it is open."""
    from gi.repository import GLib  # noqa: PLC0415

    def renew() -> bool:
        if self._menu_handle is not None and self._menu_handle.get_mapped():
            GLib.timeout_add(300, renew)
        else:
            super(type(self), self)._update_menu.__wrapped__(self)  # at once: what shows the icon next needs it
        return False

    GLib.idle_add(renew)


def _gtk_handler(self: Any, callback: Callable[[Any], object]) -> Callable[..., object]:
    """Call back without building the menu anew, as pystray would after every click."""
    return lambda *_: callback(self)


def _gtk_relabel(self: Any, texts: list[str]) -> None:
    """Reword the first lines of the menu, open or not."""
    from gi.repository import GLib  # noqa: PLC0415

    def reword() -> bool:
        if self._menu_handle is not None:
            for line, text in zip(self._menu_handle.get_children(), texts, strict=False):
                line.set_label(text)
        return False

    GLib.idle_add(reword)


def _status_icon_title(self: Any) -> None:
    """Set the tooltip too; pystray sets the title only, which is not shown."""
    from gi.repository import GLib  # noqa: PLC0415

    def show() -> bool:
        self._status_icon.set_title(self.title)
        self._status_icon.set_tooltip_text(self.title)
        return False

    GLib.idle_add(show)


_GTK: Members = {
    "_menu_handle": None,
    "_initialize": _gtk_initialize,
    "_handler": _gtk_handler,
    "_update_menu": _gtk_update_menu,
    "relabel": _gtk_relabel,
}
_STATUS_ICON: Members = {"_update_title": _status_icon_title}


# --- plain X11


def _xorg_create_window(self: Any) -> Any:
    """Subscribe to the clicks, which pystray handles but does not ask for."""
    from Xlib import X  # noqa: PLC0415

    self._display.set_error_handler(lambda *_: None)  # windows of a panel that has died
    window = super(type(self), self)._create_window()
    window.change_attributes(event_mask=X.ExposureMask | X.StructureNotifyMask | X.ButtonPressMask)
    return window


def _xorg_update_title(self: Any) -> None:
    """Set the name of the X window: Latin-1 in the old property, UTF-8 in the new one."""
    self._window.set_wm_name(self.title.encode("latin-1", "replace").decode("latin-1"))
    utf8 = self._display.intern_atom("UTF8_STRING")
    self._window.change_property(self._display.intern_atom("_NET_WM_NAME"), utf8, 8, self.title.encode())


def _xorg_dock_window(self: Any) -> None:
    """Dock once; pystray docks again with every new image, and some panels then drop the icon."""
    if self._systray_manager is None:
        super(type(self), self)._dock_window()


def _xorg_events(self: Any) -> Iterator[Any]:
    """Yield events, polling now and then: python-xlib can miss one that arrives while another thread sends."""
    while True:
        while self._display.pending_events():
            yield self._display.next_event()
        select.select([self._display.fileno()], [], [], _POLL_S)


def _xorg_docked(self: Any) -> bool:
    """Whether a panel has the icon."""
    return self._systray_manager is not None


_xorg_update_title.__name__ = "_update_title"  # pystray makes the name of an X message of it
_XORG: Members = {
    "_create_window": _xorg_create_window,
    "_update_title": _xorg_update_title,
    "_dock_window": _xorg_dock_window,
    "_events": _xorg_events,
    "docked": _xorg_docked,
}
