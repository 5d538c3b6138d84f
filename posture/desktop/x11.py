"""Whether an X server is there, asked before python-xlib is, which would try the Internet protocol and leave sockets open."""

from __future__ import annotations

import re
import socket


def probe(name: str) -> None:
    """Raise ``OSError`` where nothing listens at a display of this machine; one of another (``ssh -X``) is taken to be there.

    Args:
        name: as in the variable ``DISPLAY``.
    """
    local = re.fullmatch(r"(?:unix)?:(\d+)(?:\.\d+)?", name)
    path = f"/tmp/.X11-unix/X{local[1]}" if local else ""
    for address in (path, f"\0{path}") if local else ():
        with socket.socket(socket.AF_UNIX) as trial:
            try:
                trial.connect(address)
            except OSError:
                if address != path:
                    raise
            else:
                return
