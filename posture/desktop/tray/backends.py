"""Which kind of icon to show, by what there is to show it in.

On Linux an indicator (StatusNotifierItem) for panels that take one, else pystray's X11 icon, which has no menu; pystray's own icons on
macOS and Windows. All of pystray is imported late: it looks for a display when it is imported, and raises where there is none.
"""

from __future__ import annotations

import importlib
import logging
import os
import sys
from dataclasses import dataclass
from typing import Any

from posture.desktop.tray.hosts import Hosts

_CHOICE = "PYSTRAY_BACKEND"
_INDICATOR, _X11 = "posture.desktop.tray.status_notifier", "posture.desktop.tray.xorg"
_SIZE = 64
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Backend:
    """A way to show an icon."""

    icon: type[Any]
    """A class with the constructor of ``pystray.Icon``."""
    has_menu: bool = True
    sizes: tuple[int, ...] = (_SIZE,)
    """Pixels, square; where there are several, ``icon`` is given a list of pictures."""
    opaque: bool = False
    """Knows no transparency."""
    watched: bool = False
    """Has ``docked()``, to be asked now and then: whether the icon is still where it belongs."""


def load(hosts: Hosts) -> Backend | str:
    """Return the best backend for the hosts, or in plain words why there is none."""
    name = _module(hosts)
    try:
        icon = _import(name).Icon
    except Exception as error:  # noqa: BLE001 # displays and bindings that are not there raise all kinds of errors
        return f"No tray icon: {str(error).strip() or type(error).__name__}."
    logging.getLogger("pystray").setLevel(logging.CRITICAL)  # a panel that is gone is no traceback; the tray waits for it
    if name == _INDICATOR:
        return Backend(icon, sizes=(16, 22, 24, 32, 48, _SIZE), watched=True)
    return Backend(icon, has_menu=False, opaque=True, watched=True) if name == _X11 else Backend(icon)


def _module(hosts: Hosts) -> str:
    if sys.platform in ("darwin", "win32"):  # not run on these systems by us
        return f"pystray._{sys.platform}"
    return _INDICATOR if hosts.indicator else _X11


def _import(name: str) -> Any:
    """Import a module that needs pystray, without the back end that pystray would choose itself."""
    before = os.environ.get(_CHOICE)
    os.environ[_CHOICE] = "dummy"
    try:
        importlib.import_module("pystray")
    finally:
        del os.environ[_CHOICE]
        if before is not None:
            os.environ[_CHOICE] = before
    return importlib.import_module(name)
