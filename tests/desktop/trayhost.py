"""Panels that show tray icons: trayer (XEMBED) on a test's screen, and a small indicator host (StatusNotifier) on its bus.

Also `Program`, the tray in a process of its own, told what to show and listened to.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from datetime import datetime, time as time_of_day
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

import numpy as np
from dbus_fast import Message, MessageType, Variant
from dbus_fast.aio import MessageBus
from numpy.typing import NDArray
from PIL import Image
from Xlib import X, display

from posture.engine.session import Mode
from posture.engine.session_status import SessionStatus
from posture.types import ClassifiedReading, Detection, EpisodeKind, Posture, Reading
from tests.desktop.screen import PATIENCE_S, Desktop, until

PROGRAMS = {"trayer": "trayer", "xdotool": "xdotool", "import": "imagemagick"}
"""What is needed beside the desktop, and the Debian package that has it."""
BAR, LEFT, TOP = 24, 0, 800 - 24
"""Pixels: height of trayer's bar, and where its first icon is."""
_WATCHER, _WATCHER_PATH, _ITEM = "org.kde.StatusNotifierWatcher", "/StatusNotifierWatcher", "org.kde.StatusNotifierItem"
_MENU = "com.canonical.dbusmenu"
STATES: dict[str, dict[str, Any]] = {
    "neutral": {"mode": "running", "posture": "neutral", "sitting_s": 1500.0, "flexed_s": 130.0},
    "flexed": {"mode": "running", "posture": "flexed", "sitting_s": 1500.0, "flexed_s": 250.0},
    "anterior tilt": {"mode": "running", "posture": "anterior_tilt"},
    "away": {"mode": "running", "posture": "away"},
    "unknown": {"mode": "running", "posture": "unknown"},
    "dark": {"mode": "running", "words": "The picture is too dark to measure."},
    "held": {"mode": "running", "posture": "neutral", "words": "A call is on.", "prompts_held": True},
    "held, flexed": {"mode": "running", "posture": "flexed", "words": "A call is on.", "prompts_held": True},
    "opening": {"mode": "opening"},
    "paused": {"mode": "paused", "paused_until": "14:30"},
    "locked": {"mode": "locked"},
    "suspended": {"mode": "suspended"},
    "camera lost": {"mode": "camera_lost"},
    "lent": {"mode": "lent"},
    "stopping": {"mode": "stopping"},
}
"""One of each that the tray tells apart, as ``tray_status`` takes them."""


def tray_status(
    mode: str,
    posture: str | None = None,
    flexed_s: float = 0.0,
    soft_s: float = 600.0,
    sitting_s: float = 0.0,
    words: str = "",
    paused_until: str | None = None,
    prompts_held: bool = False,
    **more: Any,
) -> SessionStatus:
    """A status of the session from plain values; `words` hinder measuring, or say why prompts are held."""
    return SessionStatus(
        Mode(mode),
        judged=None if posture is None else ClassifiedReading(Reading(0.0, Detection.PERSON), Posture(posture)),
        dose_s={EpisodeKind.FLEXED: flexed_s, EpisodeKind.SITTING: sitting_s},
        soft_s=soft_s,
        words="" if prompts_held else words,
        held=(words or "A call is on.") if prompts_held else "",
        paused_until_utc=None
        if paused_until is None
        else datetime.combine(datetime.now(), time_of_day.fromisoformat(paused_until)).timestamp(),
        **more,
    )


def missing() -> str | None:
    """What cannot be run here, in words; ``None`` if all is there."""
    names = [f"{name} (Debian: {package})" for name, package in PROGRAMS.items() if shutil.which(name) is None]
    return "tray icons need " + ", ".join(names) if names else None


class Trayer:
    """A bar at the lower left of the screen."""

    def __init__(self, desk: Desktop, tint: str = "0xf2f2f2") -> None:
        """`tint`: the colour of the bar."""
        self._desk = desk
        place = ["--edge", "bottom", "--align", "left", "--widthtype", "request", "--height", str(BAR)]
        words = ["trayer", *place, "--transparent", "true", "--alpha", "0", "--tint", tint]
        self._process = subprocess.Popen(words, env=desk.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def __enter__(self) -> Trayer:
        """It runs."""
        return self

    def __exit__(self, *_: object) -> None:
        """It is gone."""
        self.kill()

    def kill(self) -> None:
        """Gone, without a word to anybody."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()


@contextlib.contextmanager
def kept_alive(desk: Desktop) -> Iterator[None]:
    """A client that stays: a screen whose last client goes starts anew, and ends whoever is just coming."""
    with contextlib.closing(display.Display(desk.env["DISPLAY"])):
        yield


def icon_on(desk: Desktop) -> NDArray[np.uint8]:
    """(24, 24, 3) uint8: what is where the first icon of the bar would be."""
    screen = display.Display(desk.env["DISPLAY"])
    try:
        image = screen.screen().root.get_image(LEFT, TOP, BAR, BAR, X.ZPixmap, 0xFFFFFFFF)
    finally:
        screen.close()
    return np.frombuffer(image.data, np.uint8).reshape(BAR, BAR, 4)[..., 2::-1].copy()


def shows_icon(picture: NDArray[np.uint8]) -> bool:
    """Whether there is a figure: white with dark beside it, in the middle of the place."""
    middle = picture[3:-3, 3:-3].min(axis=2)
    return int((middle > 235).sum()) > 8 and int((middle < 110).sum()) > 8


def click(desk: Desktop, button: int, x: int = LEFT + BAR // 2, y: int = TOP + BAR // 2) -> None:
    """Press and release a button of the mouse there."""
    subprocess.run(
        ["xdotool", "mousemove", str(x), str(y), "sleep", "0.1", "click", str(button)], env=desk.env, check=True, timeout=PATIENCE_S
    )


def keys(desk: Desktop, *names: str) -> None:
    """Press keys, one after the other."""
    for name in names:
        subprocess.run(["xdotool", "key", name], env=desk.env, check=True, timeout=PATIENCE_S)
        time.sleep(0.15)


class Program:
    """The tray in a process of its own."""

    def __init__(self, env: dict[str, str], backend: str | None = None, *words: str) -> None:
        """`backend`: pystray's name of one; ``None``: what there is decides. `words`: for the program's command line."""
        chosen = {"PYSTRAY_BACKEND": backend} if backend else {}
        quiet = {"NO_AT_BRIDGE": "1", "PYTHONUNBUFFERED": "1"}  # no accessibility service on a test's bus, so nothing to complain of
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.desktop.tray_program", *words],
            env={**{k: v for k, v in env.items() if k != "PYSTRAY_BACKEND"}, **chosen, **quiet, "PYTHONPATH": os.pathsep.join(sys.path)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._told: SimpleQueue[dict[str, Any]] = SimpleQueue()
        self.heard: list[dict[str, Any]] = []
        self.errors: list[str] = []
        self._threads = [threading.Thread(target=self._listen), threading.Thread(target=self._listen_for_errors)]
        for thread in self._threads:
            thread.start()

    def __enter__(self) -> Program:
        """It runs."""
        return self

    def __exit__(self, *_: object) -> None:
        """It has ended, by itself or not."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        for thread in self._threads:
            thread.join()
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            assert pipe is not None
            with contextlib.suppress(BrokenPipeError):
                pipe.close()

    def order(self, **what: Any) -> None:
        """``state={...}`` or ``stop=True``."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(what) + "\n")
        self._process.stdin.flush()

    def next(self, key: str, within_s: float = PATIENCE_S) -> Any:
        """The value of the next thing told that has `key`; what else is told goes to ``heard``."""
        end = time.monotonic() + within_s
        while True:
            try:
                told = self._told.get(timeout=max(0.0, end - time.monotonic()))
            except Empty:
                raise AssertionError(f"not told within {within_s:g} s: {key}; heard {self.heard}, {self.errors}") from None
            self.heard.append(told)
            if key in told:
                return told[key]

    def signal(self, number: int) -> None:
        """Send it that signal."""
        self._process.send_signal(number)

    def wait(self, within_s: float) -> int:
        """The exit code; fails if it does not end in time."""
        return self._process.wait(within_s)

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._told.put(json.loads(line))

    def _listen_for_errors(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            self.errors.append(line)


class IndicatorHost:
    """Stands in for a desktop's indicator panel: takes items in, reads them, and uses their menus over the bus as a panel does."""

    def __init__(self, address: str) -> None:
        """`address`: of the session bus."""
        self._address = address
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._bus: MessageBus | None = None
        self.items: list[tuple[str, str]] = []
        """(bus name, object path) of each that has come."""
        self.renewed = 0
        """How often a menu was said to have a new layout."""

    def __enter__(self) -> IndicatorHost:
        """It is on the bus."""
        self._thread.start()
        self.come()
        return self

    def __exit__(self, *_: object) -> None:
        """It is gone."""
        self.leave()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def come(self) -> None:
        """Be on the bus."""
        self._do(self._come())

    def leave(self) -> None:
        """Be gone, as a panel that crashed."""
        self._do(self._leave())

    def wait_item(self, within_s: float = PATIENCE_S) -> None:
        """Wait until an icon has come in and is to be seen."""
        until(lambda: bool(self.items) and self.get("Status") == "Active", "an active item at the indicator host", within_s)

    def get(self, name: str) -> Any:
        """A property of the last item."""
        return self._ask("org.freedesktop.DBus.Properties", "Get", "ss", [_ITEM, name], self.items[-1][1])[0].value

    def icon(self) -> NDArray[np.uint8]:
        """(H, W, 4) uint8: the picture that the item names; waits until it can be read."""
        end = time.monotonic() + PATIENCE_S
        while True:
            with contextlib.suppress(OSError), Image.open(Path(self.get("IconName"))) as picture:  # it may just be exchanged
                return np.asarray(picture.convert("RGBA")).copy()
            assert time.monotonic() < end, "no picture"
            time.sleep(0.05)

    def labels(self) -> list[str]:
        """The lines of the menu, those of a submenu as ``Pause/For 1 hour``; one that cannot be chosen stands in brackets."""
        return [label for label, _ in self._lines()]

    def choose(self, label: str) -> None:
        """Click that line."""
        number = dict(self._lines())[label]
        self._ask(_MENU, "Event", "isvu", [number, "clicked", Variant("i", 0), 0], self.get("Menu"))

    def _lines(self) -> list[tuple[str, int]]:
        _, root = self._ask(_MENU, "GetLayout", "iias", [0, -1, []], self.get("Menu"))
        return list(_walk(root, ""))

    def _ask(self, interface: str, member: str, signature: str, body: list[Any], path: str) -> list[Any]:
        message = Message(destination=self.items[-1][0], path=path, interface=interface, member=member, signature=signature, body=body)
        assert self._bus is not None
        reply = self._do(self._bus.call(message))
        assert reply.message_type is MessageType.METHOD_RETURN, reply.body
        return list(reply.body)

    def _do(self, what: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(what, self._loop).result(PATIENCE_S)

    async def _come(self) -> None:
        self._bus = await MessageBus(self._address).connect()
        self._bus.add_message_handler(self._handle)
        await self._bus.call(
            Message(
                destination="org.freedesktop.DBus",
                path="/org/freedesktop/DBus",
                interface="org.freedesktop.DBus",
                member="AddMatch",
                signature="s",
                body=[f"type='signal',interface='{_MENU}'"],
            )
        )
        await self._bus.request_name(_WATCHER)

    async def _leave(self) -> None:
        self.items.clear()
        if self._bus is not None:
            self._bus.disconnect()
            with contextlib.suppress(EOFError, OSError):
                await self._bus.wait_for_disconnect()  # type: ignore[no-untyped-call]
        self._bus = None

    def _handle(self, message: Message) -> Message | bool:
        if message.member == "LayoutUpdated":
            self.renewed += 1
            return False
        if message.message_type is not MessageType.METHOD_CALL or message.path != _WATCHER_PATH:
            return False
        known = {"IsStatusNotifierHostRegistered": Variant("b", True), "ProtocolVersion": Variant("i", 0)}
        answers: dict[str, Callable[[], Message]] = {
            "RegisterStatusNotifierItem": lambda: self._register(message),
            "Get": lambda: Message.new_method_return(message, "v", [known[message.body[1]]]),
            "GetAll": lambda: Message.new_method_return(message, "a{sv}", [known]),
        }
        answer = answers.get(message.member or "")
        return answer() if answer is not None else False

    def _register(self, message: Message) -> Message:
        given = message.body[0]
        self.items.append((message.sender or "", given if given.startswith("/") else "/StatusNotifierItem"))
        return Message.new_method_return(message)


def _walk(node: Any, above: str) -> Iterator[tuple[str, int]]:
    for child in node[2]:
        number, properties, _ = child.value
        if "label" not in properties:
            continue
        label = above + properties["label"].value
        yield (label if properties.get("enabled", Variant("b", True)).value else f"[{label}]"), number
        yield from _walk(child.value, f"{label}/")
