"""The loop of a live session: one thread, one thing after the other, whatever it comes from.

The camera is waited for here; what other threads bring (requests of other processes, answers to prompts, what the desktop says) is
put into the ``Inbox`` and done between two pictures, so that nothing is half done when a session ends.
"""

from __future__ import annotations

import logging
import queue
from collections.abc import Callable
from contextlib import suppress

from posture.clock import SleepGap
from posture.monitor import Monitor
from posture.session import Phase
from posture.sources.camera import Camera, Event
from posture.sources.names import CameraInfo

_WAIT_S = 0.4
"""For the camera, between two looks into the inbox."""
_IDLE_S = 0.5
"""Between two ticks while the camera is off."""

_log = logging.getLogger(__name__)

Happening = Callable[[float], None]
"""Something to be done on the loop's thread, given the time in seconds since the session's start."""


class Inbox:
    """What other threads want done."""

    def __init__(self) -> None:
        """Empty."""
        self._queue: queue.SimpleQueue[Happening] = queue.SimpleQueue()

    def put(self, happening: Happening) -> None:
        """Have it done soon; from any thread."""
        self._queue.put(happening)

    def wait(self, timeout_s: float) -> Happening | None:
        """The next one, or ``None`` after `timeout_s` seconds."""
        with suppress(queue.Empty):
            return self._queue.get(timeout=timeout_s)
        return None

    def drain(self, clock: Callable[[], float]) -> None:
        """Do all that is there; what fails is logged and left undone."""
        with suppress(queue.Empty):
            while True:
                attempt(self._queue.get_nowait(), clock())


def attempt(happening: Happening, time_s: float) -> None:
    """Do what somebody outside of the session wants; that it fails is no reason to stop measuring."""
    try:
        happening(time_s)
    except Exception:  # noqa: BLE001 # whatever it is: an answer or a lock that is lost is the lesser harm, a lost day the greater
        _log.exception("something that was to be done beside the measuring failed")


class CameraKeeper:
    """The session's camera, on or off; the same one every time it is on."""

    def __init__(self, make: Callable[[CameraInfo | None], Camera], known: CameraInfo | None = None) -> None:
        """Off.

        Args:
            make: a new camera, not yet entered, that is no other than the known one.
            known: the camera of an earlier session.
        """
        self._make, self._known = make, known
        self._camera: Camera | None = None
        self._old: list[Camera] = []

    @property
    def known(self) -> CameraInfo | None:
        """The camera that was opened; ``None`` for a stream, or before."""
        found = self._camera.known if self._camera is not None else None
        return found or self._known

    @property
    def let_go(self) -> bool:
        """Whether nothing holds a camera, not even a thread that hangs."""
        self._old = [c for c in self._old if not c.let_go]
        return self._camera is None and not self._old

    def open(self) -> None:
        """Begin to open it."""
        if self._camera is None:
            self._camera = self._make(self._known)
            self._camera.__enter__()

    def close(self) -> None:
        """Let it go, in half a second at most; a thread that hangs lets go later."""
        camera, self._camera = self._camera, None
        if camera is None:
            return
        self._known = camera.known or self._known
        camera.close()
        self._old.append(camera)

    def reopen(self) -> None:
        """Drop what is open and try anew."""
        if self._camera is not None:
            self._camera.reopen()

    def poll(self, timeout_s: float) -> Event | None:
        """What comes from the camera next; ``None`` if nothing does in time, or it is off."""
        return None if self._camera is None else self._camera.poll(timeout_s)


def run(
    monitor: Monitor,
    camera: CameraKeeper,
    inbox: Inbox,
    clock: Callable[[], float],
    stopping: Callable[[], bool],
    each: Callable[[float], None] = lambda _time_s: None,
) -> None:
    """Run a session until `stopping` says so or a request stops it; the monitor was started.

    Args:
        monitor: the session.
        camera: its camera, which is off afterwards.
        inbox: what else happens.
        clock: seconds since the session's start; suspend counts.
        stopping: whether to end.
        each: called once a round, with the time.
    """
    gap = SleepGap(clock())
    try:
        while not stopping() and monitor.state.phase is Phase.LIVE:
            inbox.drain(clock)
            event = camera.poll(_WAIT_S) if monitor.state.camera_on else None
            happening = None if monitor.state.camera_on else inbox.wait(_IDLE_S)
            slept = gap.look(clock())
            if slept is not None:  # what came is older than the sleep, or from a camera that did not survive it
                monitor.slept(*slept)
            elif event is not None:
                monitor.take(event)
            else:
                monitor.idle(clock())
            if happening is not None:
                attempt(happening, clock())
            attempt(each, clock())
        inbox.drain(clock)  # an answer that was given just before the end is one
    finally:
        monitor.stop(clock())
        camera.close()
