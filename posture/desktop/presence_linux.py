"""Presence on Linux: logind and the bus of the login in one event loop, files and the X server in a thread that looks."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Self

from posture.desktop.fullscreen_x11 import FullScreen
from posture.desktop.holders import CameraHolders, Microphone, names_of
from posture.desktop.looking import Battery, Looking, Waits
from posture.desktop.presence import Aspect, Cause, Knowledge, Known, Steady, Tell, Teller

_SETTLE_S = 1.0


class LinuxPresence:
    """Watches a Linux desktop."""

    def __init__(
        self,
        tell: Tell,
        *,
        ours: Callable[[], Iterable[int]] = lambda: (),
        proc: Path = Path("/proc"),
        dev: Path = Path("/dev"),
        sys: Path = Path("/sys"),
        waits: Waits = Waits(),  # noqa: B008 # it is frozen
    ) -> None:
        """As ``presence.presence``; the folders and waits are for tests."""
        self._known = Known()
        self._teller = Teller(tell)
        self._holders = CameraHolders(proc=proc, dev=dev, sys=sys, ours=ours)
        self._camera, self._recording = Steady(end_s=waits.camera_free_s), Steady(waits.microphone_s, waits.microphone_s)
        self._microphone = Microphone(proc)
        self._cards_s: float | None = None
        self._full_screen = FullScreen(self._known)
        self._battery = Battery(self._teller, self._known, time.monotonic, waits.battery_s)
        looks = (self._teller.look, self._look_at_camera, self._look_at_microphone, self._look_at_screen, self._battery.look)
        self._looking = Looking(looks, every_s=waits.look_s)
        self._buses = _Buses(self._teller, self._known, waits)
        self._waits = waits

    @property
    def known(self) -> Mapping[Aspect, Knowledge]:
        """What can be known here now."""
        return dict(self._known)

    def __enter__(self) -> Self:
        """Begin to watch."""
        self._known.yes(Aspect.CAMERA, "by open camera files, of your own programs only, and not of those that use it through PipeWire")
        self._buses.start()
        self._looking.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End."""
        self._teller.close()
        self._looking.end()
        self._buses.end()
        self._full_screen.close()

    def _look_at_camera(self) -> None:
        now_s = time.monotonic()
        self._teller.camera(self._camera.see(names_of(self._holders.poll(now_s)), now_s))

    def _look_at_microphone(self) -> None:
        now_s = time.monotonic()
        if self._cards_s is None or now_s - self._cards_s >= self._waits.cards_s:
            self._cards_s = now_s
            self._look_for_cards()
        why = "the microphone is in use" if self._microphone.in_use() else None
        self._teller.quiet(Cause.CALL, self._recording.see(why, now_s))

    def _look_for_cards(self) -> None:
        if self._microphone.find():
            self._known.yes(Aspect.CALL, "by the microphone being in use, unless it is a Bluetooth headset's")
        else:
            self._known.no(Aspect.CALL, "there is no sound card whose microphone could be looked at")

    def _look_at_screen(self) -> None:
        self._teller.quiet(Cause.FULL_SCREEN, "a window fills the screen" if self._full_screen.look() else None)


class _Buses:
    """The two buses, in one thread with an event loop."""

    def __init__(self, teller: Teller, known: Known, waits: Waits) -> None:
        self._teller, self._known, self._waits = teller, known, waits
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ending: asyncio.Event | None = None
        self._settled = threading.Event()
        self._end_asked = False
        self._thread = threading.Thread(target=lambda: asyncio.run(self._stay()), name="presence buses", daemon=True)

    def start(self) -> None:
        """Connect; returns when both have answered once or failed, or after a second."""
        try:
            import dbus_fast  # noqa: F401, PLC0415 # comes with desktop-notifier on Linux
        except ImportError as missing:
            for aspect in (Aspect.LOCK, Aspect.LID, Aspect.DO_NOT_DISTURB):
                self._known.no(aspect, f"dbus-fast cannot be loaded ({missing})")
            self._known.yes(Aspect.SLEEP, "by the clocks, afterwards only")
            return
        self._thread.start()
        self._settled.wait(_SETTLE_S)

    def end(self) -> None:
        """Leave both."""
        self._end_asked = True
        if self._loop is not None and self._ending is not None:
            with contextlib.suppress(RuntimeError):  # it has ended by itself
                self._loop.call_soon_threadsafe(self._ending.set)
        if self._thread.is_alive():
            self._thread.join(timeout=5)

    async def _stay(self) -> None:
        from posture.desktop.bus import Bus, session_address, stay, system_address  # noqa: PLC0415
        from posture.desktop.logind import Logind  # noqa: PLC0415
        from posture.desktop.session_bus import SessionBus  # noqa: PLC0415

        self._ending = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        if self._end_asked:  # before the loop could be told
            return
        logind, session = Logind(self._teller, self._known, self._waits), SessionBus(self._teller, self._known)
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
