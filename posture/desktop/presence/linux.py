"""Presence on Linux: logind and the session bus in one event loop, files and the X server polled on a thread."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from posture.desktop.presence.camera_users import CameraUsers, Microphone, names_of
from posture.desktop.presence.changes import Aspect, Capabilities, Publish, Publisher
from posture.desktop.presence.fullscreen_x11 import FullScreen
from posture.desktop.presence.poller import PollIntervals, Presence

_SETTLE_S = 1.0


class LinuxPresence(Presence):
    """Watches a Linux desktop."""

    def __init__(
        self,
        publish: Publish,
        *,
        ours: Callable[[], Iterable[int]] = lambda: (),
        proc: Path = Path("/proc"),
        dev: Path = Path("/dev"),
        sys: Path = Path("/sys"),
        intervals: PollIntervals = PollIntervals(),  # noqa: B008 # it is frozen
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Prepare; `ours` as for ``presence_here``; the folders, intervals and clock are for tests."""
        super().__init__(publish, intervals, clock)
        self._camera_users = CameraUsers(proc=proc, dev=dev, sys=sys, ours=ours)
        self._microphone = Microphone(proc)
        self._cards_s: float | None = None
        self._full_screen = FullScreen(self._known)
        self._buses = _Buses(self._publisher, self._known, intervals)

    def _start(self) -> None:
        self._known.yes(Aspect.CAMERA, "by open camera files: only those of your own programs, and not through PipeWire")
        self._buses.start()

    def _stop(self) -> None:
        self._buses.end()
        self._full_screen.close()

    def _polls(self) -> Sequence[Callable[[], None]]:
        return self._publisher.poll, self._poll_camera, self._poll_microphone, self._poll_screen, self._battery.poll

    def _poll_camera(self) -> None:
        self._say_camera(names_of(self._camera_users.poll(self._clock())))

    def _poll_microphone(self) -> None:
        now_s = self._clock()
        if self._cards_s is None or now_s - self._cards_s >= self._intervals.cards_s:
            self._cards_s = now_s
            self._find_cards()
        self._say_call(self._microphone.in_use())

    def _find_cards(self) -> None:
        if self._microphone.find():
            self._known.yes(Aspect.CALL, "by the microphone being in use, unless it belongs to a Bluetooth headset")
        else:
            self._known.no(Aspect.CALL, "there is no sound card with a microphone to check")

    def _poll_screen(self) -> None:
        self._publisher.publish(Aspect.FULL_SCREEN, "a window fills the screen" if self._full_screen.poll() else None)


class _Buses:
    """The two buses, in one thread with an event loop."""

    def __init__(self, publisher: Publisher, known: Capabilities, intervals: PollIntervals) -> None:
        self._publisher, self._known, self._intervals = publisher, known, intervals
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ending: asyncio.Event | None = None
        self._settled = threading.Event()
        self._end_asked = False
        self._thread = threading.Thread(target=lambda: asyncio.run(self._listen()), name="presence buses", daemon=True)

    def start(self) -> None:
        """Connect; returns when both have answered once or failed, or after a second."""
        try:
            import dbus_fast  # comes with desktop-notifier on Linux  # noqa: F401, PLC0415
        except ImportError as missing:
            for aspect in (Aspect.LOCK, Aspect.LID, Aspect.DO_NOT_DISTURB):
                self._known.no(aspect, f"dbus-fast cannot be loaded ({missing})")
            self._known.yes(Aspect.SLEEP, "by the clocks, only afterwards")
            return
        self._thread.start()
        self._settled.wait(_SETTLE_S)

    def end(self) -> None:
        """Disconnect from both."""
        self._end_asked = True
        if self._loop is not None and self._ending is not None:
            with contextlib.suppress(RuntimeError):  # it has ended by itself
                self._loop.call_soon_threadsafe(self._ending.set)
        if self._thread.is_alive():
            self._thread.join(timeout=5)

    async def _listen(self) -> None:
        from posture.desktop.dbus import Bus, session_address, stay, system_address  # noqa: PLC0415
        from posture.desktop.presence.logind import Logind  # noqa: PLC0415
        from posture.desktop.presence.session_bus import SessionBus  # noqa: PLC0415

        self._ending = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        if self._end_asked:  # before the loop could be told
            return
        logind, session = Logind(self._publisher, self._known, self._intervals), SessionBus(self._publisher, self._known)
        waiting = {"system", "session"}

        def settled(name: str) -> None:
            waiting.discard(name)
            if not waiting:
                self._settled.set()

        async def visit(name: str, of: Logind | SessionBus, bus: Bus) -> None:
            await of.visit(bus)
            settled(name)

        def lost(name: str, of: Logind | SessionBus, why: str) -> None:
            of.lost(why)
            settled(name)

        async def watch(name: str, address: Callable[[], str | None], of: Logind | SessionBus) -> None:
            await stay(address, lambda bus: visit(name, of, bus), lambda why: lost(name, of, why))

        stays = [
            asyncio.create_task(watch("system", system_address, logind)),
            asyncio.create_task(watch("session", session_address, session)),
        ]
        await self._ending.wait()
        for task in stays:
            task.cancel()
        await asyncio.gather(*stays, return_exceptions=True)
        logind.end()
