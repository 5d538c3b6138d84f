"""The live window: OpenCV's, on the main thread. Thin: what it shows is drawn by ``drawing``.

Qt, which OpenCV's wheels for Linux bring along, ends the whole process where it cannot reach a display; so that is found out in
a process of its own before.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from typing import Any, Self

import numpy as np

from posture._support import load_cv2
from posture.types import ByteArray

SPACE, ENTER, ESCAPE = 32, 13, 27
CLOSED = "closed"
"""What ``pressed`` gives when the window was closed."""
_NAMES = {SPACE: "space", ENTER: "enter", 10: "enter", 141: "enter", ESCAPE: "escape"}
_PROBE = "import cv2, os; cv2.namedWindow('probe', cv2.WINDOW_NORMAL); os._exit(0)"
_PROBE_S = 20.0


def why_none(environ: Mapping[str, str] | None = None, platform: str = sys.platform) -> str | None:
    """Why no window can be shown here, in one line; ``None`` if one can. Takes half a second.

    Args:
        environ: as ``os.environ``.
        platform: as ``sys.platform``.
    """
    environ = os.environ if environ is None else environ
    if platform == "linux" and not environ.get("DISPLAY"):
        if environ.get("WAYLAND_DISPLAY"):
            return "No window: OpenCV needs XWayland, which isn't running here."
        return "No window: there is no display here (over ssh, or a text console)."
    env = _with_xcb(environ, platform)
    try:
        tried = subprocess.run([sys.executable, "-c", _PROBE], env=env, capture_output=True, timeout=_PROBE_S, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return "No window: the display isn't answering."
    if tried.returncode == 0:
        return None
    if b"not implemented" in tried.stderr:
        return "No window: this OpenCV was built without windows (opencv-python-headless)."
    broken = b"ImportError" in tried.stderr or b"AttributeError" in tried.stderr
    why = "OpenCV is broken; posture doctor says how to fix it" if broken else f"the display {environ.get('DISPLAY', '')!r} cannot be used"
    return f"No window: {why}."


class Window:
    """A window with a live picture; a context manager. For the main thread, as most systems demand."""

    def __init__(self, title: str) -> None:
        """`title`: what the window is called; plain ASCII."""
        self._title = title
        self._cv2: Any = None
        self._shown = self._closed = False

    def __enter__(self) -> Self:
        """Nothing is shown before the first picture."""
        os.environ.update({k: v for k, v in _with_xcb(os.environ, sys.platform).items() if k.startswith("QT_")})
        self._cv2 = load_cv2()
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        if self._shown and self._visible():
            self._cv2.destroyWindow(self._title)
            self._cv2.waitKey(1)  # Qt takes it away while events are handled
        self._shown = False

    def show(self, image: ByteArray) -> None:
        """Show an (H, W, 3) uint8 RGB picture; does nothing once the window was closed."""
        cv2 = self._cv2
        if not self._shown:
            cv2.namedWindow(self._title, cv2.WINDOW_NORMAL | cv2.WINDOW_KEEPRATIO | cv2.WINDOW_GUI_NORMAL)
            cv2.resizeWindow(self._title, image.shape[1], image.shape[0])
            self._shown = True
        elif self._closed or not self._visible():
            return  # a picture would open it again
        cv2.imshow(self._title, np.ascontiguousarray(image[:, :, ::-1]))

    def pressed(self) -> list[str]:
        """Return what was pressed since: ``space``, ``enter``, ``escape``, or the character; ``closed`` for the closing button.

        To be called often, since the window lives from it.
        """
        found = []
        for _ in range(8):
            code = self._cv2.waitKey(1)
            if code < 0:
                break
            code &= 0xFF
            name = _NAMES.get(code, chr(code).lower() if 33 <= code < 127 else "")
            found += [name] if name else []
        if self._shown and not self._closed and not self._visible():
            self._closed = True
            found.append(CLOSED)
        return found

    def _visible(self) -> bool:
        try:
            return bool(self._cv2.getWindowProperty(self._title, self._cv2.WND_PROP_VISIBLE) >= 1)
        except self._cv2.error:  # some back ends know a closed window no more
            return False


def _with_xcb(environ: Mapping[str, str], platform: str) -> dict[str, str]:
    """Set the environment for Qt: the wheels bring its X11 part only; its log is off."""
    env = dict(environ)
    if platform == "linux":
        env["QT_QPA_PLATFORM"] = "xcb"
        env.setdefault("QT_LOGGING_RULES", "*.debug=false;*.info=false;*.warning=false")
    return env
