"""Lock, sleep and lid by systemd-logind (or elogind), on the system's bus.

Facts about logind: its ``Lock`` signal only asks the locker of the desktop to lock; ``LockedHint`` says what became of it, if
the locker sets it. Sleep waits for whoever holds a *delay* inhibitor, which is a file descriptor to be closed. ``LidClosed``
announces no changes, so it is asked for.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from typing import Any

from dbus_fast import Message

from posture.desktop.bus import Bus, changed, owner_changed
from posture.desktop.looking import Waits
from posture.desktop.presence import Aspect, Known, Teller

_NAME, _PATH = "org.freedesktop.login1", "/org/freedesktop/login1"
_MANAGER, _SESSION, _USER = f"{_NAME}.Manager", f"{_NAME}.Session", f"{_NAME}.User"


class Logind:
    """Watches logind. All in one event loop, except what is given along as ``Sleeping.ready``."""

    def __init__(self, teller: Teller, known: Known, waits: Waits) -> None:
        """Facts go to `teller`, and how they are known to `known`."""
        self._teller, self._known, self._waits = teller, known, waits
        self._session: str | None = None
        self._inhibitor: int | None = None

    async def visit(self, bus: Bus) -> None:
        """Watch on this connection; returns when what is the case is told."""
        bus.on_signal(lambda message: self._take(bus, message))
        await bus.match_owner(_NAME)
        for member in ("PrepareForSleep", "SessionNew", "SessionRemoved"):
            await bus.match(sender=_NAME, interface=_MANAGER, member=member)
        for member in ("Lock", "Unlock"):
            await bus.match(sender=_NAME, interface=_SESSION, member=member)
        await bus.match(sender=_NAME, interface="org.freedesktop.DBus.Properties", member="PropertiesChanged", arg0=_SESSION)
        await self._settle(bus)
        bus.tasks.create_task(self._mind_lid(bus))

    def lost(self, why: str) -> None:
        """The bus is gone. A lock that was told stays: better the camera off for nothing than on for nobody."""
        self._let_go()
        for aspect in (Aspect.LOCK, Aspect.LID):
            self._known.no(aspect, f"the system bus: {why}")
        self._known.yes(Aspect.SLEEP, f"by the clocks, afterwards only (the system bus: {why})")

    def end(self) -> None:
        """Hold nothing up any more."""
        self._let_go()

    async def _settle(self, bus: Bus) -> None:
        """Find out how things stand."""
        if not await bus.has(_NAME):
            self.lost("logind does not run")
            return
        await self._inhibit(bus)
        if await bus.get(_NAME, _PATH, _MANAGER, "PreparingForSleep") is False:
            self._teller.asleep(False)
        await self._find_session(bus)
        await self._look_at_lid(bus)

    async def _find_session(self, bus: Bus) -> None:
        """The session of this process, else (a service of the user has none) the one on this user's screen."""
        answer = await bus.ask(_NAME, _PATH, _MANAGER, "GetSessionByPID", "u", os.getpid())
        if answer is None:
            user = await bus.ask(_NAME, _PATH, _MANAGER, "GetUser", "u", os.getuid())
            display = await bus.get(_NAME, user[0], _USER, "Display") if user else None
            answer = [display[1]] if display and display[0] else None
        self._session = answer[0] if answer else None
        if self._session is None:
            self._known.no(Aspect.LOCK, "logind knows no session of yours")
            return
        self._known.yes(Aspect.LOCK, "by logind; a locker that tells neither it nor the session bus is not seen")
        self._hint(await bus.get(_NAME, self._session, _SESSION, "LockedHint"))

    def _hint(self, locked: Any) -> None:
        if locked is not None:
            self._teller.lock("logind", bool(locked))

    def _take(self, bus: Bus, message: Message) -> None:
        """A signal."""
        if owner_changed(message) or message.member in ("SessionNew", "SessionRemoved"):
            bus.tasks.create_task(self._settle(bus))
        elif message.member == "PrepareForSleep":
            self._sleep(bus, going=bool(message.body[0]))
        elif self._session is not None and message.path == self._session:
            if message.member in ("Lock", "Unlock"):
                self._teller.lock("request", message.member == "Lock")
                if message.member == "Lock":
                    asyncio.get_running_loop().call_later(self._waits.request_s, self._teller.lock, "request", False)
            self._hint(changed(message, _SESSION, "LockedHint"))

    def _sleep(self, bus: Bus, *, going: bool) -> None:
        loop = asyncio.get_running_loop()
        if not going:
            self._teller.asleep(False)
            bus.tasks.create_task(self._inhibit(bus))
            return
        held = self._inhibitor

        def let_go() -> None:
            if self._inhibitor == held:  # not one that was taken since, for the next sleep
                self._let_go()

        def ready() -> None:
            with contextlib.suppress(RuntimeError):  # the loop has ended, and has let go by that
                loop.call_soon_threadsafe(let_go)

        loop.call_later(self._waits.ready_s, let_go)
        self._teller.asleep(True, ready)

    async def _inhibit(self, bus: Bus) -> None:
        """Have the next sleep wait for us."""
        if self._inhibitor is not None:
            return
        words = ("sleep", "Posture monitor", "lets the camera go and writes what it measured", "delay")
        answer = await bus.ask(_NAME, _PATH, _MANAGER, "Inhibit", "ssss", *words)
        if answer is None:
            self._known.yes(Aspect.SLEEP, "by logind, which does not wait for us to close the camera")
            return
        self._known.yes(Aspect.SLEEP, "by logind, which waits for the camera to be closed")
        self._let_go()  # two may have asked at once
        self._inhibitor = answer[0]
        os.set_inheritable(answer[0], False)

    def _let_go(self) -> None:
        held, self._inhibitor = self._inhibitor, None
        if held is not None:
            os.close(held)

    async def _mind_lid(self, bus: Bus) -> None:
        while True:
            await asyncio.sleep(self._waits.lid_s)
            await self._look_at_lid(bus)

    async def _look_at_lid(self, bus: Bus) -> None:
        closed = await bus.get(_NAME, _PATH, _MANAGER, "LidClosed")
        if closed is None:
            self._known.no(Aspect.LID, "logind does not say")
            return
        self._known.yes(Aspect.LID, f"by logind, asked every {self._waits.lid_s:.0f} s; a closed lid with another screen counts as open")
        self._teller.lid(bool(closed) and not await bus.get(_NAME, _PATH, _MANAGER, "Docked"))
