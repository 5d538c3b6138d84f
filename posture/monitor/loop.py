"""The loop of a live session, on one thread.

The camera is waited for here; what other threads bring (requests of other processes, answers to prompts, what the desktop says) is
put into the ``Inbox`` and run between two frames, so that nothing is half done when a session ends.
"""

from __future__ import annotations

import logging
import queue
from collections.abc import Callable
from contextlib import suppress

from posture._support import SuspendDetector
from posture.engine import SessionPhase
from posture.monitor.session import Monitor, SessionCamera

_WAIT_S = 0.4
"""For the camera, between two looks into the inbox."""
_IDLE_S = 0.5
"""Between two ticks while the camera is off."""

_log = logging.getLogger(__name__)

Job = Callable[[float], None]
"""Run on the loop's thread, with the time in seconds since the session's start."""


class Inbox:
    """Jobs that other threads put in for the loop."""

    def __init__(self) -> None:
        """Start empty."""
        self._queue: queue.SimpleQueue[Job] = queue.SimpleQueue()

    def put(self, job: Job) -> None:
        """Add a job, from any thread."""
        self._queue.put(job)

    def wait(self, timeout_s: float) -> Job | None:
        """Return the next job, or ``None`` after `timeout_s` seconds."""
        with suppress(queue.Empty):
            return self._queue.get(timeout=timeout_s)
        return None

    def drain(self, clock: Callable[[], float]) -> None:
        """Run all jobs; one that fails is logged."""
        with suppress(queue.Empty):
            while True:
                attempt(self._queue.get_nowait(), clock())


def attempt(job: Job, time_s: float) -> None:
    """Run a job; an error is logged and does not end the session."""
    try:
        job(time_s)
    except Exception:  # noqa: BLE001 # whatever it is: an answer or a lock that is lost is the lesser harm, a lost day the greater
        _log.exception("something that was to be done beside the measuring failed")


def run(
    monitor: Monitor,
    camera: SessionCamera,
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
    gap = SuspendDetector(clock())
    try:
        while not stopping() and monitor.state.phase is SessionPhase.LIVE:
            inbox.drain(clock)
            event = camera.poll(_WAIT_S) if monitor.state.camera_on else None
            job = None if monitor.state.camera_on else inbox.wait(_IDLE_S)
            slept = gap.look(clock())
            if slept is not None:  # what came is older than the sleep, or from a camera that did not survive it
                monitor.slept(*slept)
            elif event is not None:
                monitor.process(event)
            else:
                monitor.idle(clock())
            if job is not None:
                attempt(job, clock())
            attempt(each, clock())
        inbox.drain(clock)  # an answer that was given just before the end is one
    finally:
        monitor.stop(clock())
        camera.close()
