"""The thread that takes every picture of a camera and decodes only those that somebody waits for.

Opening, reading and letting go can each hang, in the driver, beyond the reach of Python. So all three happen in a daemon thread that
is never waited for without a limit: who loses patience tells it to stop and forgets it; it lets go of the camera when it wakes.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable

from posture.capture.device import Capture
from posture.errors import PostureError
from posture.types import ByteArray

_QUEUED_S = 0.002  # a picture for which grab() did not wait was lying in a buffer
_QUEUE = 60  # more in a row than any buffer holds: the thread is slow, and what it grabs is not old
_MAX_HZ = 250.0  # some drivers of an unplugged camera give the last picture without end and without waiting (5221)


class Grabber:
    """One try at one camera, in a thread of its own.

    Args:
        opening: Opens the camera.
        clock: Seconds, monotonic; every picture is stamped with it as it arrives.
        changed: Notified of everything that a reader may wait for; guards the attributes.
        skip_queued: Whether pictures can lie in a buffer, as those of a stream can; while there are such, they are not decoded.
    """

    def __init__(
        self, opening: Callable[[], Capture], clock: Callable[[], float], changed: threading.Condition, *, skip_queued: bool = False
    ) -> None:
        """Start."""
        self.began_s = clock()
        self.arrived_s: float | None = None
        """When the last picture arrived, decoded or not wanted; ``None`` before the first. One that cannot be decoded does not count."""
        self.picture: tuple[float, ByteArray] | None = None
        """The last decoded picture and its arrival, seconds of the clock, until the reader takes it."""
        self.due_s = -math.inf
        """The first picture that arrives at or after this is decoded, and no other; at first the very first, to see that it can be."""
        self.ended = False
        """Whether the camera is let go of; the thread has nothing more to do."""
        self.failed: str | None = None
        """Why it ended, in one plain line, if not because it was told to."""
        self._opening = opening
        self._clock = clock
        self._changed = changed
        self._skip_queued = skip_queued
        self._stopped = threading.Event()
        threading.Thread(target=self._run, name="camera", daemon=True).start()

    def stop(self) -> None:
        """Let go of the camera as soon as the driver gives a chance; returns at once."""
        self._stopped.set()

    def _run(self) -> None:
        capture: Capture | None = None
        failed: str | None = None
        try:
            capture = self._opening()
            self._grab(capture)
            failed = "it has stopped sending pictures"
        except PostureError as error:
            failed = str(error)
        finally:
            try:
                if capture is not None:
                    capture.release()
            finally:
                with self._changed:
                    self.failed, self.ended, self.picture = failed, True, None
                    self._changed.notify_all()

    def _grab(self, capture: Capture) -> None:
        """Grab until there is nothing more or nobody wants it."""
        queued, broken = 0, False
        before_s = self._clock()
        while not self._stopped.is_set() and capture.grab():
            arrived_s = self._clock()
            waited_s = arrived_s - before_s
            queued = queued + 1 if self._skip_queued and waited_s < _QUEUED_S else 0
            if arrived_s >= self.due_s and (queued == 0 or queued > _QUEUE):
                image = capture.picture()
                broken = image is None
                if image is not None:
                    self._hand_out(arrived_s, image)
            else:
                if self.arrived_s is not None and not broken:  # after one that could not be decoded, only one that can is a sign of life
                    self.arrived_s = arrived_s
                if waited_s < 1 / _MAX_HZ and not queued:
                    self._stopped.wait(1 / _MAX_HZ)
            before_s = self._clock()

    def _hand_out(self, arrived_s: float, image: ByteArray) -> None:
        with self._changed:
            self.arrived_s, self.picture, self.due_s = arrived_s, (arrived_s, image), math.inf
            self._changed.notify_all()
