"""Keeps one camera open: tries, gives up what hangs, tries again, and makes sure that it is still the same camera."""

from __future__ import annotations

import math
import sys
import threading
from collections.abc import Callable

from posture.capture.camera_list import CameraInfo, Listing, Target, find, is_stream
from posture.capture.device import Capture, Opener
from posture.capture.grabber import Grabber
from posture.errors import InputError

_STALLED_S = 2.5  # no webcam is slower than 1 picture a second; after this an open camera is tried anew
# An open that takes long need not hang: RTSP waits for a key frame, DSHOW may take its time. So the old try goes on beside the new one
# and the first with a picture wins. On Windows and macOS (not run by us) a second open of one camera can disturb the first: more patience.
_NEXT_TRY_S = 20.0 if sys.platform in ("win32", "darwin") else 3.0
_FIRST_DELAY_S, _LONGEST_DELAY_S = 0.25, 2.5
_STEADY_S = 5.0  # a camera that gave pictures for so long is tried at once when it fails
_MOST_THREADS = 12  # hung in the driver at one time; beyond, a new try waits until one of them wakes


class CameraConnection:
    """The way to one camera. All calls need `changed` to be held; none of them waits.

    Args:
        address: As for `posture.capture.camera.Camera`.
        known: The camera that it meant before; it alone will do.
        open_capture: Opens what is found at the address.
        cameras: The cameras that there are.
        clock: Seconds, monotonic.
        changed: Notified by the threads.
    """

    def __init__(
        self,
        address: str,
        known: CameraInfo | None,
        open_capture: Opener,
        cameras: Listing,
        clock: Callable[[], float],
        changed: threading.Condition,
    ) -> None:
        """Nothing is opened yet."""
        self.live: Grabber | None = None
        """Who gives pictures now."""
        self.known = known
        """The camera that the address turned out to be."""
        self.why = ""
        """Why there is no picture, in one plain line."""
        self.refused = False
        """Whether the camera was a plain no, and never gave a picture."""
        self.seen_s = -math.inf
        """When the last picture arrived, seconds of the clock; the start if there was none."""
        self._address = address
        self._open_capture = open_capture
        self._cameras = cameras
        self._clock = clock
        self._changed = changed
        self._tries: list[Grabber] = []
        self._dropped: list[Grabber] = []
        self._next_try_s = math.inf
        self._failures = 0
        self._ever = False

    @property
    def label(self) -> str:
        """What to call the camera before the user."""
        if self.known is not None:
            return self.known.name
        return find(self._address, ()).label if is_stream(self._address) else self._address

    def start(self, now_s: float) -> None:
        """Try from now on."""
        self._next_try_s = self.seen_s = now_s

    def look_after(self, now_s: float) -> None:
        """Drop what is dead, take what is alive, and try again when it is time."""
        live = self.live
        if live is not None and live.arrived_s is not None:
            self.seen_s = max(self.seen_s, live.arrived_s)
            if live.ended:
                self.drop_live(now_s, live.failed or "it stopped working")
            elif now_s - live.arrived_s > _STALLED_S:
                self.drop_live(now_s, "it has stopped sending pictures")
        if self.live is None:
            self._judge_tries(now_s)
        if self.live is None and now_s >= self._next_try_s and self.held() + len(self._tries) < _MOST_THREADS:
            self._next_try_s = now_s + _NEXT_TRY_S
            self._tries.append(Grabber(self._opening, self._clock, self._changed, skip_queued=is_stream(self._address)))

    def drop_live(self, now_s: float, why: str) -> None:
        """Give up the open camera, if there is one, and try it anew."""
        live, self.live = self.live, None
        if live is None:
            return
        self._failures = 0 if now_s - live.began_s > _STEADY_S else self._failures + 1
        self._next_try_s = now_s + (self._delay_s() if self._failures else 0.0)
        self.why = f"{self.label}: {why}"
        self._drop(live)

    def close(self) -> None:
        """Give up everything; threads let go of what they hold as soon as they can."""
        for grabber in (*self._tries, *((self.live,) if self.live else ())):
            self._drop(grabber)
        self.live, self._tries, self._next_try_s = None, [], math.inf

    def held(self) -> int:
        """Tell how many threads that were given up still hold the camera or hang."""
        self._dropped = [g for g in self._dropped if not g.ended]
        return len(self._dropped)

    def _judge_tries(self, now_s: float) -> None:
        for grabber in self._tries:
            if grabber.arrived_s is not None and not grabber.ended:
                self.live, self._ever, self.refused, self.why = grabber, True, False, ""
                self.seen_s = max(self.seen_s, grabber.arrived_s)
                for other in self._tries:
                    if other is not grabber:
                        self._drop(other)
                self._tries = []
                return
        for grabber in [g for g in self._tries if g.ended]:
            self._tries.remove(grabber)
            self.why = grabber.failed or f"{self.label}: it stopped working"
            self.refused = not self._ever  # at the start a plain no is said at once; later it may be a hiccup
            self._failures += 1
            self._next_try_s = min(self._next_try_s, now_s + self._delay_s())

    def _drop(self, grabber: Grabber) -> None:
        grabber.stop()
        self._dropped.append(grabber)

    def _opening(self) -> Capture:
        """Find the camera and open it; runs in the grabber's thread, since both can hang."""
        target = find(self._address, self._cameras(), self.known)
        capture = self._open_capture(target)
        try:
            if target.info is not None:
                self._check(target, target.info)
        except InputError:
            capture.release()
            raise
        return capture

    def _check(self, target: Target, info: CameraInfo) -> None:
        """Cameras that come and go change places; make sure that what was opened is what was found, and remember it."""
        if find(self._address, self._cameras(), info).source != target.source:
            raise InputError(f"{target.label}: another camera took its place")
        self.known = self.known or info

    def _delay_s(self) -> float:
        return min(_LONGEST_DELAY_S, _FIRST_DELAY_S * 2.0 ** min(self._failures - 1, 10))
