"""A webcam or stream: its pictures, fresh and stamped on arrival, and in between that it was lost and is back.

A reader that is slow misses pictures and never gets an old one. A camera that hangs, dies or goes away is said to be lost, is tried
again for as long as it takes, and comes back by itself; another camera is never taken for it.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Self

from posture.capture.camera_list import CameraInfo, Listing, list_cameras
from posture.capture.connection import CameraConnection
from posture.capture.device import Opener, open_capture
from posture.errors import InputError
from posture.types import Frame

LOST_AFTER_S = 4.0
_LET_GO_S = 0.5
_EARLY = 0.1  # share of the period; a camera as fast as the rate comes a little early now and then
_OLD_S = 1.0  # a picture that was decoded just as its reader stopped waiting
_TICK_S = 0.25


@dataclass(frozen=True, slots=True)
class CameraInterrupted:
    """The camera gives no more pictures; what happens from `since_s` on is unknown."""

    time_s: float
    """When it was noticed, seconds since the session's start."""
    why: str
    """One plain line for the user."""
    since_s: float
    """When the last picture arrived, seconds since the session's start; the camera's opening if there was none."""


@dataclass(frozen=True, slots=True)
class CameraRestored:
    """A lost camera gives pictures again; the first of them comes next."""

    time_s: float
    """Seconds since the session's start; the time of the frame that follows."""


Event = Frame | CameraInterrupted | CameraRestored


class Camera:
    """Frames of a camera as they arrive, about ``rate_hz`` a second, and ``CameraInterrupted`` and ``CameraRestored`` between them; to be
    read in ``with``.

    Times never fall, and those of frames rise; images are contiguous (H, W, 3) uint8 RGB, at most 1280 pixels long. One thread reads;
    ``want``, ``reopen`` and ``close`` may be called by any.

    Args:
        address: Index, stable path (``/dev/v4l/by-id/...``), name or stream address.
        rate_hz: Frames wanted per second, see `want`.
        clock: Seconds, monotonic.
        start_s: What the clock showed when the session started; by default when ``with`` is entered.
        known: The camera that `address` meant before, if that was remembered; it alone will do.
        open_capture: Opens what is found at the address.
        cameras: The cameras that there are.
        lost_after_s: So long without any picture is lost.
    """

    def __init__(
        self,
        address: str,
        *,
        rate_hz: float = 5.0,
        clock: Callable[[], float] = time.monotonic,
        start_s: float | None = None,
        known: CameraInfo | None = None,
        open_capture: Opener = open_capture,
        cameras: Listing = list_cameras,
        lost_after_s: float = LOST_AFTER_S,
    ) -> None:
        """Nothing is opened before ``with``."""
        self._address = address.strip()
        self._clock = clock
        self._start_s = start_s
        self._lost_after_s = lost_after_s
        self._changed = threading.Condition()
        self._connection = CameraConnection(self._address, known, open_capture, cameras, clock, self._changed)
        self._closed = True
        self._lost = False
        self._after_back: Frame | None = None
        self._last_s = self._due_s = -math.inf
        self.want(rate_hz)

    @property
    def known(self) -> CameraInfo | None:
        """The camera that the address turned out to be, once it was opened; to be remembered. ``None`` for a stream."""
        return self._connection.known

    @property
    def lost(self) -> bool:
        """Whether it was said to be lost and is not back."""
        return self._lost

    @property
    def let_go(self) -> bool:
        """Whether nothing is held open any more, not even by a thread that hangs."""
        with self._changed:
            return self._closed and self._connection.held() == 0

    def want(self, rate_hz: float) -> None:
        """Ask for about this many frames per second from now on, above 0.

        Raises:
            ValueError: Not above 0.
        """
        if not rate_hz > 0:
            raise ValueError(f"a rate is above 0, not {rate_hz}")
        with self._changed:
            self._period_s = 1.0 / rate_hz
            self._due_s = min(self._due_s, self._last_s + self._period_s)
            self._changed.notify_all()

    def reopen(self) -> None:
        """Drop the open camera and try it anew: after a suspend, or when its picture is frozen."""
        with self._changed:
            self._connection.drop_live(self._clock(), "it was reopened")

    def __enter__(self) -> Self:
        """Begin to open the camera; does not wait for it.

        Raises:
            InputError: The address is empty.
        """
        if not self._address:
            raise InputError("no camera named; see: posture cameras")
        with self._changed:
            self._closed = False
            now_s = self._clock()
            if self._start_s is None:
                self._start_s = now_s
            self._connection.start(now_s)
        return self

    def __exit__(self, *_: object) -> None:
        """Close the camera."""
        self.close()

    def close(self) -> None:
        """Let go of the camera and end the reading, in at most 0.5 s; a thread that hangs lets go when it wakes."""
        with self._changed:
            self._closed = True
            self._connection.close()
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._connection.held() == 0, _LET_GO_S)

    def __iter__(self) -> Iterator[Event]:
        """Read until the camera is closed."""
        while (event := self.poll()) is not None:
            yield event

    def poll(self, timeout_s: float = math.inf) -> Event | None:
        """Wait for what comes next; ``None`` if nothing came in time, or the camera is closed.

        Args:
            timeout_s: How long to wait, seconds; without, until something comes.
        """
        until_s = time.monotonic() + timeout_s
        with self._changed:
            try:
                while not self._closed:
                    event = self._step(self._clock())
                    if event is not None:
                        return event
                    left_s = min(_TICK_S, until_s - time.monotonic())
                    if left_s <= 0:
                        break
                    self._changed.wait(left_s)
            finally:
                if self._connection.live is not None:
                    self._connection.live.due_s = math.inf  # nobody waits: nothing is decoded, and what comes later is not old
            return None

    def _step(self, now_s: float) -> Event | None:
        """Return what has happened; ``None`` if nothing has."""
        frame, self._after_back = self._after_back, None
        if frame is not None:
            return frame
        way = self._connection
        way.look_after(now_s)
        frame = self._frame(now_s)
        if frame is not None and self._lost:
            self._lost, self._after_back = False, frame
            return CameraRestored(frame.time_s)
        if frame is None and not self._lost and (way.refused or now_s - way.seen_s > self._lost_after_s):
            self._lost = True
            return CameraInterrupted(self._session_s(now_s), way.why or f"{way.label}: it doesn't answer", self._session_s(way.seen_s))
        return frame

    def _frame(self, now_s: float) -> Frame | None:
        """Return the picture that arrived; asks for the next one if there is none."""
        live = self._connection.live
        if live is None:
            return None
        taken, live.picture = live.picture, None
        if taken is None or now_s - taken[0] > _OLD_S or taken[0] <= self._last_s:
            live.due_s = self._due_s - _EARLY * self._period_s
            return None
        self._last_s, image = taken
        self._due_s += self._period_s
        if not self._last_s < self._due_s <= self._last_s + (1 + 2 * _EARLY) * self._period_s:
            self._due_s = self._last_s + self._period_s  # the grid was left: a slow reader, or a camera that is back
        return Frame(self._session_s(self._last_s), image)

    def _session_s(self, clock_s: float) -> float:
        return clock_s - (self._start_s or 0.0)
