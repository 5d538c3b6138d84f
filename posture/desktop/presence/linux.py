"""Presence on Linux: the buses, the Wayland compositor and PipeWire in one event loop, files and the X server polled on a thread."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable, Coroutine, Iterable, Sequence
from pathlib import Path
from typing import Any, NoReturn

from posture.desktop.graphical_session import wayland_socket
from posture.desktop.presence.camera_users import CameraUsers, Microphone, names_of
from posture.desktop.presence.changes import Aspect, Capabilities, Publish, Publisher
from posture.desktop.presence.idle import IdleSources
from posture.desktop.presence.pipewire import PipeWire
from posture.desktop.presence.poller import IDLE_S, PollIntervals, Presence
from posture.desktop.presence.wayland import Compositor
from posture.desktop.presence.x11_screen import X11Screen
from posture.desktop.reconnecting import end_tasks

_SETTLE_S = 1.0


class LinuxPresence(Presence):
    """Watches a Linux desktop."""

    def __init__(
        self,
        publish: Publish,
        *,
        ours: Callable[[], Iterable[int]] = lambda: (),
        idle_s: float = IDLE_S,
        proc: Path = Path("/proc"),
        dev: Path = Path("/dev"),
        sys: Path = Path("/sys"),
        intervals: PollIntervals = PollIntervals(),  # noqa: B008 # it is frozen
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Prepare; `ours` and `idle_s` as for ``presence_here``; the folders, intervals and clock are for tests."""
        super().__init__(publish, intervals, clock)
        self._camera_users = CameraUsers(proc=proc, dev=dev, sys=sys, ours=ours)
        self._microphone = Microphone(proc)
        self._cards_s: float | None = None
        self._has_card = False
        idle = IdleSources(self._publisher, self._known, idle_s)
        self._pipewire = PipeWire()
        self._wayland = wayland_socket()
        self._x11 = X11Screen(self._known, idle)  # of a Wayland session it would be the server for old programs, which sees only those
        self._listener = _Listener(self._publisher, self._known, idle, intervals, self._pipewire, self._wayland)

    def _start(self) -> None:
        self._listener.start()

    def _stop(self) -> None:
        self._listener.end()
        self._x11.close()

    def _polls(self) -> Sequence[Callable[[], None]]:
        screen = self._poll_x11 if self._wayland is None else lambda: None
        return self._publisher.poll, self._poll_camera, self._poll_microphone, screen, self._battery.poll

    def _poll_camera(self) -> None:
        trouble, fix = self._pipewire.trouble, self._pipewire.fix
        through = " and by PipeWire" if trouble is None else f"; not through PipeWire: {trouble}"
        self._known.yes(Aspect.CAMERA, f"by open camera files of your own programs{through}", fix)
        users = [user for user in self._pipewire.camera_users if not self._camera_users.is_ours(user.pid)]
        self._say_camera(names_of((*self._camera_users.poll(self._clock()), *users)))

    def _poll_microphone(self) -> None:
        now_s = self._clock()
        if self._cards_s is None or now_s - self._cards_s >= self._intervals.cards_s:
            self._cards_s = now_s
            self._has_card = self._microphone.find()
        if self._pipewire.microphones:
            self._known.yes(Aspect.CALL, "by a microphone being in use: a sound card's, or one that PipeWire manages")
        elif self._has_card:
            self._known.yes(Aspect.CALL, "by the microphone being in use, unless it belongs to a Bluetooth headset", self._pipewire.fix)
        else:
            self._known.no(Aspect.CALL, "there is no sound card with a microphone to check", self._pipewire.fix)
        self._say_call(self._pipewire.recording or self._microphone.in_use())

    def _poll_x11(self) -> None:
        self._publisher.publish(Aspect.FULL_SCREEN, "a window fills the screen" if self._x11.poll() else None)


class _Listener:
    """All that announces its changes by itself, in one thread with an event loop."""

    def __init__(
        self,
        publisher: Publisher,
        known: Capabilities,
        idle: IdleSources,
        intervals: PollIntervals,
        pipewire: PipeWire,
        wayland: Path | None,
    ) -> None:
        self._publisher, self._known, self._idle, self._intervals = publisher, known, idle, intervals
        self._pipewire, self._wayland = pipewire, wayland
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ending: asyncio.Event | None = None
        self._settled = threading.Event()
        self._end_asked = False
        self._thread = threading.Thread(target=lambda: asyncio.run(self._listen()), name="presence listener", daemon=True)

    def start(self) -> None:
        """Connect; returns when all have answered once or failed, or after a second."""
        self._thread.start()
        self._settled.wait(_SETTLE_S)

    def end(self) -> None:
        """Disconnect from all."""
        self._end_asked = True
        if self._loop is not None and self._ending is not None:
            with contextlib.suppress(RuntimeError):  # it has ended by itself
                self._loop.call_soon_threadsafe(self._ending.set)
        if self._thread.is_alive():
            self._thread.join(timeout=5)

    async def _listen(self) -> None:
        self._ending = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        if self._end_asked:  # before the loop could be told
            return
        waiting = set[str]()

        def settled(name: str) -> Callable[[], None]:
            waiting.add(name)

            def settle() -> None:
                waiting.discard(name)
                if not waiting:
                    self._settled.set()

            return settle

        stays: list[Coroutine[Any, Any, NoReturn]] = [self._pipewire.stay(settled("PipeWire"))]
        if self._wayland is not None:
            compositor = Compositor(self._publisher, self._known, self._idle)
            stays.append(compositor.stay(self._wayland, settled("compositor")))
        with contextlib.ExitStack() as stack:
            stays += self._buses(settled, stack)
            tasks = [asyncio.create_task(one) for one in stays]
            await self._ending.wait()
            await end_tasks(*tasks)

    def _buses(self, settled: Callable[[str], Callable[[], None]], stack: contextlib.ExitStack) -> list[Coroutine[Any, Any, NoReturn]]:
        """Return what stays on the two buses; `stack` ends it."""
        try:
            from posture.desktop.dbus import Bus, session_address, stay, system_address  # noqa: PLC0415
            from posture.desktop.presence.logind import Logind  # noqa: PLC0415
            from posture.desktop.presence.mutter import MutterIdle  # noqa: PLC0415
            from posture.desktop.presence.session_bus import SessionBus  # noqa: PLC0415
        except ImportError as missing:  # dbus-fast comes with desktop-notifier on Linux
            for aspect in (Aspect.LOCK, Aspect.LID, Aspect.DO_NOT_DISTURB):
                self._known.no(aspect, f"dbus-fast cannot be loaded ({missing})", "pip install dbus-fast")
            self._known.yes(Aspect.SLEEP, "by the clocks, only afterwards")
            return []
        logind, session = Logind(self._publisher, self._known, self._intervals), SessionBus(self._publisher, self._known)
        mutter = MutterIdle(self._idle)
        stack.callback(logind.end)

        def on(name: str, address: Callable[[], str | None], *all_of: Logind | SessionBus | MutterIdle) -> Coroutine[Any, Any, NoReturn]:
            settle = settled(name)

            async def visit(bus: Bus) -> None:
                for one in all_of:
                    await one.visit(bus)
                settle()

            def lost(why: str) -> None:
                for one in all_of:
                    one.lost(why)
                settle()

            return stay(address, visit, lost)

        return [on("system", system_address, logind), on("session", session_address, session, mutter)]
