"""Real panels on a test's screen: that of Xfce, which shows an indicator with its menu, and trayer, which knows XEMBED alone."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from Xlib import X, display

from tests.desktop.screen import PATIENCE_S, Desktop, until

PROGRAMS = {"trayer": "trayer", "xfce4-panel": "xfce4-panel", "xdotool": "xdotool", "import": "imagemagick"}
"""What is needed beside the desktop, and the Debian package that has it."""
BAR = 24
"""Pixels: height of the bar, and width and height of the place of its first icon."""
LIGHT, DARK = 0.95, 0.12
"""How light a bar is."""
_SETTINGS = """<?xml version="1.0" encoding="UTF-8"?>
<channel name="xfce4-panel" version="1.0">
  <property name="configver" type="int" value="2"/>
  <property name="panels" type="array">
    <value type="int" value="1"/>
    <property name="panel-1" type="empty">
      <property name="position" type="string" value="p=9;x=0;y=0"/>
      <property name="position-locked" type="bool" value="true"/>
      <property name="length" type="uint" value="100"/>
      <property name="size" type="uint" value="{bar}"/>
      <property name="background-style" type="uint" value="1"/>
      <property name="background-rgba" type="array">
        <value type="double" value="{shade}"/><value type="double" value="{shade}"/><value type="double" value="{shade}"/>
        <value type="double" value="1"/>
      </property>
      <property name="plugin-ids" type="array"><value type="int" value="1"/></property>
    </property>
  </property>
  <property name="plugins" type="empty">
    <property name="plugin-1" type="string" value="systray"><property name="icon-size" type="int" value="22"/></property>
  </property>
</channel>
"""


def missing() -> str | None:
    """What cannot be run here, in words; ``None`` if all is there."""
    names = [f"{name} (Debian: {package})" for name, package in PROGRAMS.items() if shutil.which(name) is None]
    return "tray icons need " + ", ".join(names) if names else None


class Panel:
    """A bar with room for icons; each kind of panel starts its own programs."""

    left, top = 0, 0
    """Pixels: where its first icon is."""
    has_menu = True

    def __init__(self, desk: Desktop, shade: float = LIGHT) -> None:
        """`shade`: of the bar, from 0 (black) to 1 (white)."""
        self._desk = desk
        self._processes: list[subprocess.Popen[bytes]] = []
        self._run_all(shade)

    def __enter__(self) -> Panel:
        """It runs, or will soon."""
        return self

    def __exit__(self, *_: object) -> None:
        """It is gone."""
        self.kill()

    def kill(self) -> None:
        """Gone with all its processes, without a word to anybody."""
        for process in reversed(self._processes):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        self._processes.clear()

    def icon(self) -> NDArray[np.uint8]:
        """(24, 24, 3) uint8: what is where the first icon would be."""
        screen = display.Display(self._desk.env["DISPLAY"])
        try:
            image = screen.screen().root.get_image(self.left, self.top, BAR, BAR, X.ZPixmap, 0xFFFFFFFF)
        finally:
            screen.close()
        return np.frombuffer(image.data, np.uint8).reshape(BAR, BAR, 4)[..., 2::-1].copy()

    def shows_icon(self) -> bool:
        """Whether there is a figure: white with dark beside it, in the middle of the place."""
        middle = self.icon()[3:-3, 3:-3].min(axis=2)
        return int((middle > 235).sum()) > 8 and int((middle < 110).sum()) > 8

    def wait_icon(self, there: bool = True) -> None:
        """Wait until an icon is there, or gone."""
        until(lambda: self.shows_icon() == there, f"icon {'there' if there else 'gone'}")

    def click(self, button: int) -> None:
        """Press and release a button of the mouse on the icon."""
        place = [str(self.left + BAR // 2), str(self.top + BAR // 2)]
        subprocess.run(
            ["xdotool", "mousemove", *place, "sleep", "0.1", "click", str(button)], env=self._desk.env, check=True, timeout=PATIENCE_S
        )

    def _run_all(self, shade: float) -> None:
        raise NotImplementedError

    def _run(self, *words: str, **env: str) -> None:
        process = subprocess.Popen(
            words, env={**self._desk.env, **env}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        self._processes.append(process)


class Trayer(Panel):
    """A bar at the lower left of the screen: XEMBED alone."""

    top = 800 - BAR
    has_menu = False

    def _run_all(self, shade: float) -> None:
        tint = "0x" + 3 * f"{round(shade * 255):02x}"
        place = ["--edge", "bottom", "--align", "left", "--widthtype", "request", "--height", str(BAR)]
        self._run("trayer", *place, "--transparent", "true", "--alpha", "0", "--tint", tint)


class XfcePanel(Panel):
    """A bar along the top of the screen: watcher and host of indicators."""

    left = 2

    def _run_all(self, shade: float) -> None:
        home = self._desk.folder / "xfce"
        settings = home / "xfce4/xfconf/xfce-perchannel-xml"
        settings.mkdir(parents=True, exist_ok=True)
        (settings / "xfce4-panel.xml").write_text(_SETTINGS.format(bar=BAR, shade=shade), encoding="utf-8")
        own = {"XDG_CONFIG_HOME": str(home), "XDG_CACHE_HOME": str(home), "NO_AT_BRIDGE": "1", "GSETTINGS_BACKEND": "memory"}
        self._run(_xfconfd(), **own)
        until(lambda: _runs(self._desk, "org.xfce.Xfconf"), "the settings service", every_s=0.1)
        self._run("xfce4-panel", "--disable-wm-check", **own)


def _xfconfd() -> str:
    """Its address: the library of the architecture has it, not the PATH."""
    return str(next(Path("/usr/lib").glob("**/xfconf/xfconfd")))


def _runs(desk: Desktop, service: str) -> bool:
    bus = ["dbus-send", "--session", "--print-reply", "--dest=org.freedesktop.DBus", "/"]
    words = [*bus, "org.freedesktop.DBus.NameHasOwner", f"string:{service}"]
    return "true" in subprocess.run(words, env=desk.env, capture_output=True, text=True, check=True, timeout=PATIENCE_S).stdout


@contextlib.contextmanager
def kept_alive(desk: Desktop) -> Iterator[None]:
    """A client that stays: a screen whose last client goes starts anew, and ends whoever is just coming."""
    with contextlib.closing(display.Display(desk.env["DISPLAY"])):
        yield


def keys(desk: Desktop, *names: str) -> None:
    """Press keys, one after the other."""
    for name in names:
        subprocess.run(["xdotool", "key", name], env=desk.env, check=True, timeout=PATIENCE_S)
        time.sleep(0.15)
