"""A private system bus, and a logind on it that locks, sleeps and closes the lid when a test says so."""

# No `from __future__ import annotations` here: dbus-fast reads the annotations as they are.
import asyncio
import contextlib
import os
import select
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from dbus_fast import BusType, DBusError, PropertyAccess
from dbus_fast.aio import MessageBus
from dbus_fast.annotations import DBusBool, DBusObjectPath, DBusSignature, DBusStr, DBusUInt32, DBusUnixFd
from dbus_fast.service import ServiceInterface, dbus_method, dbus_property, dbus_signal

NAME, PATH = "org.freedesktop.login1", "/org/freedesktop/login1"
SESSION_PATH, USER_PATH = f"{PATH}/session/_31", f"{PATH}/user/_1000"


class PrivateBus:
    """A dbus-daemon of its own at an address that stays the same when it is killed and started again."""

    def __init__(self, folder: Path) -> None:
        self.address = f"unix:path={folder / 'bus'}"
        self._socket = folder / "bus"
        self._config = folder / "bus.conf"
        self._config.write_text(
            '<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "busconfig.dtd"><busconfig>'
            f"<type>session</type><listen>{self.address}</listen><auth>EXTERNAL</auth>"
            '<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy>'
            "</busconfig>"
        )
        self._daemon: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Run it; returns when it takes connections."""
        self._socket.unlink(missing_ok=True)
        command = ["dbus-daemon", f"--config-file={self._config}", "--nofork", "--print-address=1"]
        self._daemon = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        assert self._daemon.stdout is not None
        assert self._daemon.stdout.readline()

    def kill(self) -> None:
        """End it at once, as a crash would."""
        if self._daemon is not None:
            assert self._daemon.stdout is not None
            self._daemon.send_signal(signal.SIGKILL)
            self._daemon.wait()
            self._daemon.stdout.close()
            self._daemon = None


class _Manager(ServiceInterface):
    def __init__(self, logind: "FakeLogind") -> None:
        super().__init__(f"{NAME}.Manager")
        self.logind = logind
        self.lid_closed = self.docked = self.preparing = False

    @dbus_method()
    def GetSessionByPID(self, pid: DBusUInt32) -> DBusObjectPath:
        if not self.logind.session_by_pid:
            raise DBusError(f"{NAME}.NoSessionForPID", "no session")
        return SESSION_PATH

    @dbus_method()
    def GetUser(self, uid: DBusUInt32) -> DBusObjectPath:
        return USER_PATH

    @dbus_method()
    def Inhibit(self, what: DBusStr, who: DBusStr, why: DBusStr, mode: DBusStr) -> DBusUnixFd:
        return self.logind.inhibit(what, mode)

    @dbus_property(access=PropertyAccess.READ)
    def LidClosed(self) -> DBusBool:
        return self.lid_closed

    @dbus_property(access=PropertyAccess.READ)
    def Docked(self) -> DBusBool:
        return self.docked

    @dbus_property(access=PropertyAccess.READ)
    def PreparingForSleep(self) -> DBusBool:
        return self.preparing

    @dbus_signal()
    def PrepareForSleep(self, going: DBusBool) -> DBusBool:
        return going


class _Session(ServiceInterface):
    def __init__(self) -> None:
        super().__init__(f"{NAME}.Session")
        self.locked_hint = False

    @dbus_property(access=PropertyAccess.READ)
    def LockedHint(self) -> DBusBool:
        return self.locked_hint

    @dbus_signal()
    def Lock(self) -> None:
        pass

    @dbus_signal()
    def Unlock(self) -> None:
        pass


class _User(ServiceInterface):
    def __init__(self) -> None:
        super().__init__(f"{NAME}.User")

    @dbus_property(access=PropertyAccess.READ)
    def Display(self) -> Annotated[list[str], DBusSignature("(so)")]:
        return ["1", SESSION_PATH]


class FakeLogind:
    """Answers as logind does, in a thread of its own. `inhibitors` holds our ends of the pipes that were given out."""

    def __init__(self, address: str, *, session_by_pid: bool = True) -> None:
        self._address, self.session_by_pid = address, session_by_pid
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._bus: MessageBus | None = None
        self._pipes: list[int] = []
        self._given: list[int] = []
        self.asked: list[tuple[str, str]] = []

    def __enter__(self) -> "FakeLogind":
        """Begin."""
        self._thread.start()
        self.connect()
        return self

    def __exit__(self, *_: object) -> None:
        """End; what was given out is closed."""
        self._do(self._leave())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        for end in (*self._pipes, *self._given):
            with contextlib.suppress(OSError):
                os.close(end)

    def connect(self) -> None:
        """Come onto the bus, also again after it died."""
        self._do(self._connect())

    def leave(self) -> None:
        """Be gone from the bus, as when logind crashes."""
        self._do(self._leave())

    def inhibit(self, what: str, mode: str) -> int:
        self.asked.append((what, mode))
        ours, theirs = os.pipe()
        self._pipes.append(ours)
        self._given.append(theirs)
        self._loop.call_later(0.2, self._hand_over, theirs)
        return theirs

    def _hand_over(self, theirs: int) -> None:
        """The bus has sent its copy by now: only the receiver keeps the pipe open."""
        self._given.remove(theirs)
        os.close(theirs)

    def held(self) -> int:
        """How many inhibitors somebody still holds."""
        time.sleep(0.3 if self._given else 0)
        closed, _, _ = select.select(self._pipes, [], [], 0)
        return len(self._pipes) - len(closed)

    def lock(self, *, signal_: bool = True, hint: bool | None = True) -> None:
        """As ``loginctl lock-session`` and a locker that sets the hint (``None``: one that does not)."""
        self._call(self._emit_lock, signal_, hint, True)

    def unlock(self, *, signal_: bool = True, hint: bool | None = False) -> None:
        self._call(self._emit_lock, signal_, hint, False)

    def _emit_lock(self, signal_: bool, hint: bool | None, on: bool) -> None:
        if signal_:
            (self.session.Lock if on else self.session.Unlock)()
        if hint is not None:
            self.session.locked_hint = hint
            self.session.emit_properties_changed({"LockedHint": hint})

    def sleep(self, going: bool) -> None:
        """Announce sleep, or its end."""
        self.manager.preparing = going
        self._call(self.manager.PrepareForSleep, going)

    def _call(self, what, *args) -> None:
        async def call() -> None:
            what(*args)

        self._do(call())

    def _do(self, what) -> None:
        asyncio.run_coroutine_threadsafe(what, self._loop).result(10)

    async def _connect(self) -> None:
        self._bus = await MessageBus(self._address, BusType.SYSTEM, negotiate_unix_fd=True).connect()
        self.manager, self.session = _Manager(self), _Session()
        self._bus.export(PATH, self.manager)
        self._bus.export(SESSION_PATH, self.session)
        self._bus.export(USER_PATH, _User())
        await self._bus.request_name(NAME)

        self._gone = asyncio.ensure_future(self._until_gone(self._bus))

    @staticmethod
    async def _until_gone(bus: MessageBus) -> None:
        with contextlib.suppress(EOFError, OSError):
            await bus.wait_for_disconnect()

    async def _leave(self) -> None:
        if self._bus is not None and self._bus.connected:
            self._bus.disconnect()
        await self._gone


@contextlib.contextmanager
def private_bus(folder: Path) -> Iterator[PrivateBus]:
    """A running private bus."""
    bus = PrivateBus(folder)
    bus.start()
    try:
        yield bus
    finally:
        bus.kill()
