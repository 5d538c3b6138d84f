"""Idle and full screen, as a Wayland compositor says it.

Idle by ``ext-idle-notify-v1``, else by the older ``org_kde_kwin_idle``; full screen by ``wlr-foreign-toplevel-management``, which
neither KDE nor GNOME offers to other programs. Numbers of requests and events are those of the protocols' XML files.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from posture.desktop.presence.changes import Aspect, Capabilities, Publisher
from posture.desktop.presence.idle import IdleSources
from posture.desktop.presence.wayland_wire import Arguments, WaylandConnection, connected
from posture.desktop.reconnecting import reconnecting

SOURCE = "compositor"
"""Its name among the sources of idleness."""
_SEAT, _EXT_IDLE, _KDE_IDLE, _TOPLEVELS = "wl_seat", "ext_idle_notifier_v1", "org_kde_kwin_idle", "zwlr_foreign_toplevel_manager_v1"
_GET_EXT_NOTIFICATION, _GET_KDE_TIMEOUT = 1, 0
_IDLED, _RESUMED = 0, 1
_NEW_TOPLEVEL = 0
_STATE, _DONE, _CLOSED = 4, 5, 6
_DESTROY_TOPLEVEL = 7
_ACTIVATED, _FULL_SCREEN = 2, 3
_ANSWER_S = 5.0
_MUTE_FIX = "turn on do not disturb while you present or watch a film: the monitor follows it"


class Compositor:
    """Watches one compositor, and the next after it, in an event loop."""

    def __init__(self, publisher: Publisher, known: Capabilities, idle: IdleSources) -> None:
        """Facts go to `publisher` and `idle`, and how they are known to `known`."""
        self._publisher, self._known, self._idle = publisher, known, idle
        self._front: dict[int, bool] = {}
        """Of each window: whether it is in front and fills the screen."""

    async def stay(self, path: Path, settled: Callable[[], None]) -> NoReturn:
        """Watch what listens at `path`; `settled` is called each time it has answered or is gone."""
        self._lost("the Wayland compositor hasn't answered yet")

        async def visit() -> bool:
            visited = False
            try:
                async with connected(path) as connection, asyncio.TaskGroup() as tasks:
                    tasks.create_task(connection.run())
                    async with asyncio.timeout(_ANSWER_S):
                        await self._begin(connection)
                    visited = True
                    settled()
            except* (OSError, EOFError, TimeoutError) as trouble:
                self._lost(_words(trouble.exceptions[0]))
                settled()
            return visited

        await reconnecting(visit)

    async def _begin(self, connection: WaylandConnection) -> None:
        self._front.clear()
        await connection.settle()  # now it is known what is offered
        self._begin_idle(connection)
        self._begin_toplevels(connection)
        connection.on_offer = _start_anew
        await connection.settle()

    def _begin_idle(self, connection: WaylandConnection) -> None:
        seat = connection.bind(_SEAT, 1)
        timeout_ms = round(1000 * self._idle.idle_s)
        if seat is None:
            self._idle.no(SOURCE, f"{connection.compositor} has no seat: no keyboard and no mouse")
        elif (notifier := connection.bind(_EXT_IDLE, 1)) is not None:
            connection.request(notifier, _GET_EXT_NOTIFICATION, connection.add(self._handle_idle), timeout_ms, seat)
            self._idle.yes(SOURCE, f"by {connection.compositor} (ext-idle-notify); a film that keeps the screen on counts as use")
        elif (notifier := connection.bind(_KDE_IDLE, 1)) is not None:
            connection.request(notifier, _GET_KDE_TIMEOUT, connection.add(self._handle_idle), seat, timeout_ms)
            self._idle.yes(SOURCE, f"by {connection.compositor} (org_kde_kwin_idle)")
        else:
            self._idle.no(SOURCE, f"{connection.compositor} offers neither ext-idle-notify nor org_kde_kwin_idle")

    def _handle_idle(self, opcode: int, _arguments: Arguments) -> None:
        if opcode in (_IDLED, _RESUMED):
            self._idle.say(SOURCE, opcode == _IDLED)

    def _begin_toplevels(self, connection: WaylandConnection) -> None:
        name = connection.compositor

        def handle(opcode: int, arguments: Arguments) -> None:
            if opcode == _NEW_TOPLEVEL:
                self._adopt(connection, arguments.uint())

        offered = max((version for interface, version in connection.offered.values() if interface == _TOPLEVELS), default=0)
        if offered >= 2:  # the first version doesn't say which windows fill the screen
            connection.bind(_TOPLEVELS, 2, handle)
            self._known.yes(Aspect.FULL_SCREEN, f"by {name} (wlr-foreign-toplevel)")
        else:
            self._known.no(Aspect.FULL_SCREEN, f"{name} doesn't tell programs about other windows", _MUTE_FIX)
        self._publish()

    def _adopt(self, connection: WaylandConnection, window: int) -> None:
        states: tuple[int, ...] = ()

        def handle(opcode: int, arguments: Arguments) -> None:
            nonlocal states
            if opcode == _STATE:
                states = arguments.uints()
            elif opcode == _DONE:
                self._front[window] = _ACTIVATED in states and _FULL_SCREEN in states
                self._publish()
            elif opcode == _CLOSED:
                self._front.pop(window, None)
                connection.request(window, _DESTROY_TOPLEVEL)
                connection.adopt(window, None)
                self._publish()

        connection.adopt(window, handle)

    def _publish(self) -> None:
        self._publisher.publish(Aspect.FULL_SCREEN, "a window fills the screen" if any(self._front.values()) else None)

    def _lost(self, why: str) -> None:
        self._front.clear()
        self._publish()
        self._known.no(Aspect.FULL_SCREEN, why)
        self._idle.no(SOURCE, why)


def _start_anew(interface: str) -> None:
    """End the connection when something used here comes or goes, so that the next one begins with what there is."""
    if interface in (_SEAT, _EXT_IDLE, _KDE_IDLE, _TOPLEVELS):
        raise ConnectionResetError("the compositor has changed what it offers")


def _words(error: BaseException) -> str:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return f"the Wayland compositor isn't answering ({str(error) or type(error).__name__})"
