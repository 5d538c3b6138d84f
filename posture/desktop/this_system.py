"""Selects the implementation for this operating system. Another system is a file in each folder and a branch here."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable

from posture.desktop.autostart.start import Autostart
from posture.desktop.presence.changes import Publish
from posture.desktop.presence.poller import IDLE_S, Presence
from posture.errors import PostureError


def autostart_here() -> Autostart:
    """Return the autostart of this system.

    Raises:
        PostureError: there is none for it.
    """
    if sys.platform == "linux":
        from posture.desktop.autostart.linux import LinuxAutostart  # noqa: PLC0415

        return LinuxAutostart()
    if sys.platform == "darwin":
        from posture.desktop.autostart.macos import MacAutostart  # noqa: PLC0415

        return MacAutostart()
    if sys.platform == "win32":
        from posture.desktop.autostart.windows import Registry, WindowsAutostart  # noqa: PLC0415

        return WindowsAutostart(Registry())
    raise PostureError(f"starting at login isn't supported on this system ({sys.platform})")


def presence_here(publish: Publish, *, ours: Callable[[], Iterable[int]] = lambda: (), idle_s: float = 0.0) -> Presence:
    """Return the presence of this system, not started yet.

    Args:
        publish: receives the changes.
        ours: ids of further processes whose use of the camera is our own, such as a lease holder;
            this process and what it started need not be named.
        idle_s: keyboard and mouse count as idle after so many seconds; 0: after five minutes.
    """
    if sys.platform == "linux":
        from posture.desktop.presence.linux import LinuxPresence  # loads what the other systems do not have  # noqa: PLC0415

        return LinuxPresence(publish, ours=ours, idle_s=idle_s or IDLE_S)
    if sys.platform == "darwin":
        from posture.desktop.presence.macos import MacPresence  # noqa: PLC0415

        return MacPresence(publish)
    if sys.platform == "win32":
        from posture.desktop.presence.windows import WindowsPresence  # noqa: PLC0415

        return WindowsPresence(publish, ours=ours)
    return Presence()
