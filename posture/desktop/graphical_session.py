"""What kind of session this process runs in: Wayland and by which compositor, X11, or a console."""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class SessionKind:
    """The session, as its environment and its compositor say."""

    wayland: Path | None = None
    """Socket of the compositor; ``None``: this is no Wayland session."""
    compositor: str = ""
    """Name of the program that listens there, such as ``sway``; empty if nothing answers."""
    display: str = ""
    """X display; with `wayland`, the one for old programs."""
    desktop: str = ""
    """``XDG_CURRENT_DESKTOP``."""

    @property
    def words(self) -> str:
        """Name it for the user."""
        if self.wayland is not None:
            return f"Wayland, compositor {self.compositor}" if self.compositor else f"Wayland, but no compositor answers at {self.wayland}"
        return f"X11, display {self.display}" if self.display else "console: no display"


def session_kind(environ: Mapping[str, str] = os.environ) -> SessionKind:
    """Return the kind of session; it may change as compositors come and go."""
    path = wayland_socket(environ)
    compositor = _listener(path) if path is not None else ""
    return SessionKind(path, compositor, environ.get("DISPLAY", ""), environ.get("XDG_CURRENT_DESKTOP", ""))


def wayland_socket(environ: Mapping[str, str] = os.environ) -> Path | None:
    """Return the compositor's socket; ``None`` outside of a Wayland session. A session that names none has ``wayland-0``."""
    name = environ.get("WAYLAND_DISPLAY") or ("wayland-0" if environ.get("XDG_SESSION_TYPE") == "wayland" else "")
    return Path(environ.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}", name) if name else None


def _listener(path: Path) -> str:
    """Return the name of the process that listens at a socket; empty if none does."""
    with socket.socket(socket.AF_UNIX) as trial:
        trial.settimeout(1.0)
        try:
            trial.connect(str(path))
        except OSError:
            return ""
        return listener_of(trial)


def listener_of(connected: socket.socket) -> str:
    """Return the name of the process at the other end, as the kernel cuts it, at 15 letters."""
    pid = struct.unpack("3i", connected.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[0]
    try:
        return Path("/proc", str(pid), "comm").read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return "unknown"
