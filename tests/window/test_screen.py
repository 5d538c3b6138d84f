"""The window as a program on a real screen: shown, turned over by keys, closed; and what a screen reader finds in it."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from dbus_fast import BusType, Message
from dbus_fast.aio import MessageBus
from desktop.screen import Desktop, desktop, missing, until

from posture.window.names import PAGES

ATSPI = [Path(f"/usr/libexec/{name}") for name in ("at-spi-bus-launcher", "at-spi2-registryd")]
ACCESSIBLE, ROOT = "org.a11y.atspi.Accessible", "/org/a11y/atspi/accessible/root"
NEED_A_NAME = {
    "push button",
    "button",
    "check box",
    "radio button",
    "combo box",
    "entry",
    "text",
    "spin button",
    "slider",
    "list",
    "chart",
    "image",
}


@pytest.fixture(scope="module")
def desk() -> Iterator[Desktop]:
    """A screen and a bus, with the services that screen readers speak with."""
    if (why := missing()) is not None or shutil.which("xdotool") is None:
        pytest.skip(why or "needs xdotool (Debian: xdotool)")
    with desktop(service=False) as there:
        yield there


@contextmanager
def shown(desk: Desktop, *words: str, **more: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The program, and the X11 id of its window."""
    env = {k: v for k, v in {**os.environ, **desk.env}.items() if k != "QT_QPA_PLATFORM"} | more
    process = subprocess.Popen([sys.executable, "-m", "posture", "window", *words], env=env, stderr=subprocess.PIPE, text=True)
    found: list[str] = []

    def there() -> bool:
        said = subprocess.run(
            ["xdotool", "search", "--onlyvisible", "--name", "Posture monitor"], env=desk.env, capture_output=True, text=True, check=False
        )
        found[:] = said.stdout.split()
        return bool(found)

    try:
        until(there, "the window is shown", every_s=0.2)
        yield process, found[0]
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def press(desk: Desktop, window: str, key: str) -> None:
    """Press a key in the window; without a window manager it gets the focus first."""
    subprocess.run(["xdotool", "windowfocus", "--sync", window, "key", key], env=desk.env, check=True)


def test_shown_turned_over_and_ended(desk: Desktop, home: Path, made: date, tmp_path: Path) -> None:
    """Keys reach it; a second start brings it to the front and ends; SIGTERM ends it well."""
    with shown(desk, "--page", "week") as (process, window):
        before = desk.picture(tmp_path / "week.png").read_bytes()
        press(desk, window, "ctrl+5")
        until(lambda: desk.picture(tmp_path / "exercises.png").read_bytes() != before, "another page is shown", every_s=0.3)
        again = [sys.executable, "-m", "posture", "window", "--page", "trend"]
        assert subprocess.run(again, env={**os.environ, **desk.env}, timeout=60, check=False).returncode == 0
        process.terminate()
        assert process.wait(timeout=60) == 0


@pytest.mark.skipif(not all(file.exists() for file in ATSPI), reason="needs AT-SPI (Debian: at-spi2-core)")
def test_a_screen_reader_finds_names_and_roles(desk: Desktop, home: Path, made: date) -> None:
    """Every page: whatever can be used or read has a name."""
    launcher = subprocess.Popen([str(ATSPI[0]), "--launch-immediately"], env=desk.env, stderr=subprocess.DEVNULL)
    try:
        with shown(desk, "--page", "now", QT_LINUX_ACCESSIBILITY_ALWAYS_ON="1") as (_, window):
            nameless, roles = asyncio.run(_walk(desk, window))
    finally:
        launcher.kill()
        launcher.wait()
    assert nameless == []
    assert {"list item", "check box", "combo box", "table"} <= roles, {*sorted(roles)}


async def _walk(desk: Desktop, window: str) -> tuple[list[str], set[str]]:
    """Open each page of the list, and collect what has no name."""
    session = await MessageBus(desk.env["DBUS_SESSION_BUS_ADDRESS"], BusType.SESSION).connect()
    address = await _until(lambda: _ask(session, "org.a11y.Bus", "/org/a11y/bus", "org.a11y.Bus", "GetAddress"))
    bus = await MessageBus(address[0], BusType.SESSION).connect()
    apps = await _until(lambda: _ask(bus, "org.a11y.atspi.Registry", ROOT, ACCESSIBLE, "GetChildren"), lambda found: bool(found[0]))
    service = apps[0][-1][0]
    nameless: list[str] = []
    roles: set[str] = set()
    for number in range(1, 7):
        press(desk, window, f"ctrl+{number}")
        await asyncio.sleep(2.0)  # what is read in the background is there
        await _collect(bus, service, ROOT, PAGES[number - 1], nameless, roles)
    bus.disconnect()
    session.disconnect()
    return nameless, roles


async def _collect(bus: MessageBus, service: str, path: str, where: str, nameless: list[str], roles: set[str]) -> None:
    states = (await _ask(bus, service, path, ACCESSIBLE, "GetState"))[0]
    if path != ROOT and not states[0] & (1 << 25):  # not showing
        return
    role = (await _ask(bus, service, path, ACCESSIBLE, "GetRoleName"))[0]
    name = (await _ask(bus, service, path, "org.freedesktop.DBus.Properties", "Get", "ss", ACCESSIBLE, "Name"))[0].value
    roles.add(role)
    if role in NEED_A_NAME and not name.strip():
        nameless.append(f"{where}: {role} {path}")
    for child_service, child in (await _ask(bus, service, path, ACCESSIBLE, "GetChildren"))[0]:
        if child_service == service:
            await _collect(bus, service, child, where, nameless, roles)


async def _ask(bus: MessageBus, service: str, path: str, interface: str, member: str, signature: str = "", *body: Any) -> list[Any]:
    message = Message(destination=service, path=path, interface=interface, member=member, signature=signature, body=list(body))
    reply = await bus.call(message)
    assert reply is not None
    if reply.error_name:
        raise LookupError(f"{member}: {reply.body}")
    return list(reply.body)


async def _until(ask: Any, fits: Any = lambda _found: True) -> list[Any]:
    """Ask until there is an answer that fits."""
    end_s = time.monotonic() + 60.0
    while True:
        try:
            found: list[Any] = await ask()
            if fits(found):
                return found
        except LookupError:
            pass
        assert time.monotonic() < end_s, "no answer from the accessibility bus"
        await asyncio.sleep(0.2)
