"""A desktop for tests, made of real parts: a screen (Xvfb), a session bus (dbus-daemon) and a notification service (dunst).

What is on the screen is read from dunst itself, and pressed through its menu, as somebody at the desk would.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

PROGRAMS = {"Xvfb": "xvfb", "dbus-daemon": "dbus", "dbus-send": "dbus", "dunst": "dunst", "dunstctl": "dunst", "import": "imagemagick"}
"""What is needed, and the Debian package that has it."""
PATIENCE_S = 60.0
_BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-BUS Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:tmpdir={folder}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/>
  </policy>
</busconfig>
"""
"""No folder of services: nothing starts by itself, so that a service can be missing."""
_DUNST = """[global]
    width = 560
    height = 500
    origin = top-right
    offset = 20x20
    font = Sans 11
    markup = {markup}
    format = "<b>%s</b>\\n%b"
    word_wrap = yes
    max_icon_size = 64
    show_indicators = yes
    history_length = 50
    dmenu = {folder}/pick
    always_run_script = true
[urgency_normal]
    background = "#f4f4f4"
    foreground = "#202020"
    frame_color = "#7a7a7a"
[urgency_critical]
    background = "#fff3e6"
    foreground = "#202020"
    frame_color = "#c1440e"
[note]
    summary = "*"
    script = {folder}/note
"""
_PICK = """#!/bin/sh
# Stands where a person's menu would: takes the line that has all words of `wanted`.
cat > {folder}/menu
grep -F -- "$(sed -n 1p {folder}/wanted)" {folder}/menu | grep -F -- "$(sed -n 2p {folder}/wanted)" | head -n 1
"""
_NOTE = """#!{python}
import json, os, sys
names = "APP_NAME SUMMARY BODY URGENCY TIMEOUT ICON_PATH ID".split()
with open("{folder}/noted", "a", encoding="utf-8") as file:
    file.write(json.dumps({{name.lower(): os.environ.get("DUNST_" + name, "") for name in names}}) + "\\n")
"""


def missing() -> str | None:
    """What cannot be run here, in words; ``None`` if all is there."""
    names = [f"{name} (Debian: {package})" for name, package in PROGRAMS.items() if shutil.which(name) is None]
    return "a desktop for tests needs " + ", ".join(names) if names else None


def until(true: Callable[[], bool], what: str, within_s: float = PATIENCE_S, every_s: float = 0.05) -> None:
    """Wait until `true()` is; fails with `what` otherwise. `every_s`: how often it is asked, seldom where that starts a program."""
    end = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < end, f"not within {within_s:g} s: {what}"
        time.sleep(every_s)


@dataclass
class Desktop:
    """A screen, a bus and perhaps a notification service; made by `desktop`."""

    folder: Path
    env: dict[str, str]
    """For the programs of the test: ``DISPLAY`` and ``DBUS_SESSION_BUS_ADDRESS``."""
    bus: subprocess.Popen[str]
    service: subprocess.Popen[bytes] | None = None
    stack: ExitStack = field(default_factory=ExitStack)

    def start_service(self, *, markup: bool = True) -> None:
        """Have dunst running, one that reads markup or not."""
        text = _DUNST.format(folder=self.folder, markup="full" if markup else "no")
        (self.folder / "dunstrc").write_text(text, encoding="utf-8")
        self.service = subprocess.Popen(
            ["dunst", "-conf", str(self.folder / "dunstrc")], env=self.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self.stack.callback(_end, self.service)
        until(lambda: self._ctl("is-paused", check=False).returncode == 0, "dunst answers", every_s=0.1)

    def kill_service(self) -> None:
        """Dunst dies without a word."""
        assert self.service is not None
        self.service.kill()
        self.service.wait()
        self.service = None

    def freeze_service(self) -> None:
        """Dunst is there and never answers, until `thaw_service`."""
        assert self.service is not None
        self.service.send_signal(signal.SIGSTOP)

    def thaw_service(self) -> None:
        """Dunst goes on."""
        assert self.service is not None
        self.service.send_signal(signal.SIGCONT)

    def noted(self) -> list[dict[str, str]]:
        """Every notification that came on the screen so far: app_name, summary, body, urgency, timeout (ms), icon_path, id.

        In the order of the ids, as their notes may come in any; a new dunst begins anew.
        """
        file = self.folder / "noted"
        lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
        return sorted((json.loads(line) for line in lines), key=lambda note: int(note["id"]))

    def displayed(self) -> int:
        """How many notifications are on the screen now."""
        return int(self._ctl("count", "displayed").stdout.split()[-1])

    def wait_displayed(self, number: int, within_s: float = PATIENCE_S) -> None:
        """Wait until so many are on the screen."""
        until(lambda: self.displayed() == number, f"{number} notifications on the screen", within_s, every_s=0.25)

    def wait_noted(self, number: int, within_s: float = PATIENCE_S) -> dict[str, str]:
        """Wait until so many came on the screen; the last of them."""
        until(lambda: len(self.noted()) >= number, f"{number} notifications have come", within_s)
        return self.noted()[number - 1]

    def press(self, action: str, title: str = "") -> None:
        """Press the button of that name, of the notification with `title` in it."""
        (self.folder / "wanted").write_text(f"{action}\n{title}\n", encoding="utf-8")
        self._ctl("context")

    def menu(self) -> list[str]:
        """What could be pressed when something was pressed last."""
        return (self.folder / "menu").read_text(encoding="utf-8").splitlines()

    def click(self) -> None:
        """Click the text of the topmost notification."""
        self._ctl("action")

    def dismiss(self) -> None:
        """Close the topmost notification."""
        self._ctl("close")

    def picture(self, path: Path) -> Path:
        """A picture of the whole screen, as PNG."""
        subprocess.run(["import", "-window", "root", str(path)], env=self.env, check=True, timeout=PATIENCE_S)
        return path

    def _ctl(self, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        return subprocess.run(["dunstctl", *words], env=self.env, check=check, capture_output=True, text=True, timeout=PATIENCE_S)


@contextmanager
def desktop(*, service: bool = True) -> Iterator[Desktop]:
    """A desktop of the test's own; all of it is gone afterwards. `service`: whether dunst runs from the start."""
    with ExitStack() as stack:
        folder = Path(
            stack.enter_context(TemporaryDirectory(prefix="desk", ignore_cleanup_errors=True))
        )  # short: a socket's path may have 107 bytes
        env = {k: v for k, v in os.environ.items() if k not in {"WAYLAND_DISPLAY", "XDG_SESSION_TYPE"}}
        env["DISPLAY"] = _screen(stack)
        bus, env["DBUS_SESSION_BUS_ADDRESS"] = _bus(stack, folder, env)
        for name, text in (("pick", _PICK), ("note", _NOTE)):
            (folder / name).write_text(text.format(folder=folder, python=sys.executable), encoding="utf-8")
            (folder / name).chmod(0o755)
        desk = Desktop(folder, env, bus)
        stack.enter_context(desk.stack)
        if service:
            desk.start_service()
        yield desk


def _screen(stack: ExitStack) -> str:
    reading, writing = os.pipe()
    with os.fdopen(reading) as said:
        words = ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1280x800x24", "-nolisten", "tcp", "-noreset"]
        xvfb = subprocess.Popen(words, pass_fds=[writing], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        stack.callback(_end, xvfb)
        os.close(writing)
        number = said.readline().strip()
    assert number, "Xvfb did not start"
    return f":{number}"


def _bus(stack: ExitStack, folder: Path, env: dict[str, str]) -> tuple[subprocess.Popen[str], str]:
    config = folder / "bus.conf"
    config.write_text(_BUS.format(folder=folder), encoding="utf-8")
    words = ["dbus-daemon", f"--config-file={config}", "--nofork", "--print-address=1"]
    daemon = subprocess.Popen(words, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    stack.callback(_end, daemon)
    assert daemon.stdout is not None
    address = daemon.stdout.readline().strip()
    daemon.stdout.close()
    assert address, "dbus-daemon did not start"
    return daemon, address


def _end(process: subprocess.Popen[bytes] | subprocess.Popen[str]) -> None:
    if process.poll() is None:
        process.kill()  # also ends one that is frozen
    process.wait()
