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

from posture.desktop.dbus import Bus, changed, owner_changed
from posture.desktop.presence.changes import Aspect, Capabilities, Publisher
from posture.desktop.presence.poller import PollIntervals

_NAME, _PATH = "org.freedesktop.login1", "/org/freedesktop/login1"
_MANAGER, _SESSION, _USER = f"{_NAME}.Manager", f"{_NAME}.Session", f"{_NAME}.User"

_FIX = "log in to a session that systemd-logind or elogind looks after, and start the monitor there"


class Logind:
    """Watches logind. All in one event loop, except ``PresenceChange.ready``."""

    def __init__(self, publisher: Publisher, known: Capabilities, intervals: PollIntervals) -> None:
        """Facts go to `publisher`, and how they are known to `known`."""
        self._publisher, self._known, self._intervals = publisher, known, intervals
        self._session: str | None = None
        self._inhibitor: int | None = None

    async def visit(self, bus: Bus) -> None:
        """Watch on this connection; return when the current state is published."""
        bus.on_signal(lambda message: self._handle_signal(bus, message))
        await bus.match_owner(_NAME)
        for member in ("PrepareForSleep", "SessionNew", "SessionRemoved"):
            await bus.match(sender=_NAME, interface=_MANAGER, member=member)
        for member in ("Lock", "Unlock"):
            await bus.match(sender=_NAME, interface=_SESSION, member=member)
        await bus.match(sender=_NAME, interface="org.freedesktop.DBus.Properties", member="PropertiesChanged", arg0=_SESSION)
        await self._check_all(bus)
        bus.tasks.create_task(self._poll_lid(bus))

    def lost(self, why: str) -> None:
        """Bus lost: keep the last known lock state, so that the camera stays off."""
        self._release()
        for aspect in (Aspect.LOCK, Aspect.LID):
            self._known.no(aspect, f"the system bus: {why}", _FIX)
        self._known.yes(Aspect.SLEEP, f"by the clocks, only afterwards (the system bus: {why})")

    def end(self) -> None:
        """Release the inhibitor."""
        self._release()

    async def _check_all(self, bus: Bus) -> None:
        """Publish the current state."""
        if not await bus.has(_NAME):
            self.lost("logind isn't running")
            return
        await self._inhibit(bus)
        if await bus.get(_NAME, _PATH, _MANAGER, "PreparingForSleep") is False:
            self._publisher.asleep(False)
        await self._find_session(bus)
        await self._check_lid(bus)

    async def _find_session(self, bus: Bus) -> None:
        """Find the session of this process, else (a service of the user has none) the one on this user's screen."""
        answer = await bus.ask(_NAME, _PATH, _MANAGER, "GetSessionByPID", "u", os.getpid())
        if answer is None:
            user = await bus.ask(_NAME, _PATH, _MANAGER, "GetUser", "u", os.getuid())
            display = await bus.get(_NAME, user[0], _USER, "Display") if user else None
            answer = [display[1]] if display and display[0] else None
        self._session = answer[0] if answer else None
        if self._session is None:
            self._known.no(Aspect.LOCK, "logind knows of no session of yours", _FIX)
            return
        self._known.yes(Aspect.LOCK, "by logind; a screen locker that tells neither it nor the session bus goes unnoticed")
        self._hint(await bus.get(_NAME, self._session, _SESSION, "LockedHint"))

    def _hint(self, locked: Any) -> None:
        if locked is not None:
            self._publisher.lock("logind", bool(locked))

    def _handle_signal(self, bus: Bus, message: Message) -> None:
        """Handle a signal."""
        if owner_changed(message) or message.member in ("SessionNew", "SessionRemoved"):
            bus.tasks.create_task(self._check_all(bus))
        elif message.member == "PrepareForSleep":
            self._sleep(bus, going=bool(message.body[0]))
        elif self._session is not None and message.path == self._session:
            if message.member in ("Lock", "Unlock"):
                self._publisher.lock("request", message.member == "Lock")
                if message.member == "Lock":
                    asyncio.get_running_loop().call_later(self._intervals.request_s, self._publisher.lock, "request", False)
            self._hint(changed(message, _SESSION, "LockedHint"))

    def _sleep(self, bus: Bus, *, going: bool) -> None:
        loop = asyncio.get_running_loop()
        if not going:
            self._publisher.asleep(False)
            bus.tasks.create_task(self._inhibit(bus))
            return
        held = self._inhibitor

        def release() -> None:
            if self._inhibitor == held:  # not one that was taken since, for the next sleep
                self._release()

        def ready() -> None:
            with contextlib.suppress(RuntimeError):  # the loop has ended, and has let go by that
                loop.call_soon_threadsafe(release)

        loop.call_later(self._intervals.ready_s, release)
        self._publisher.asleep(True, ready)

    async def _inhibit(self, bus: Bus) -> None:
        """Take the inhibitor that delays the next sleep."""
        if self._inhibitor is not None:
            return
        words = ("sleep", "Posture monitor", "releases the camera and saves what it measured", "delay")
        answer = await bus.ask(_NAME, _PATH, _MANAGER, "Inhibit", "ssss", *words)
        if answer is None:
            self._known.yes(Aspect.SLEEP, "by logind, which doesn't wait for the camera to be closed")
            return
        self._known.yes(Aspect.SLEEP, "by logind, which waits for the camera to be closed")
        self._release()  # two may have asked at once
        self._inhibitor = answer[0]
        os.set_inheritable(answer[0], False)

    def _release(self) -> None:
        held, self._inhibitor = self._inhibitor, None
        if held is not None:
            os.close(held)

    async def _poll_lid(self, bus: Bus) -> None:
        while True:
            await asyncio.sleep(self._intervals.lid_s)
            await self._check_lid(bus)

    async def _check_lid(self, bus: Bus) -> None:
        closed = await bus.get(_NAME, _PATH, _MANAGER, "LidClosed")
        if closed is None:
            self._known.no(Aspect.LID, "logind doesn't say")
            return
        self._known.yes(
            Aspect.LID, f"by logind, checked every {self._intervals.lid_s:.0f} s; a closed lid with another screen counts as open"
        )
        shut = bool(closed) and not await bus.get(_NAME, _PATH, _MANAGER, "Docked")
        self._publisher.publish(Aspect.LID, "the lid is closed" if shut else None)
