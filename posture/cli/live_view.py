"""The camera of a command that shows its picture: leased from the monitor if one runs, and every picture measured."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from posture._support import parameters
from posture.biomechanics import POSTURE_ANGLES, TRUNK_FLEXION, Neutral, Placement, PoseFeatures, angle_line, facts_of, placement_of
from posture.capture import Camera, CameraInfo, CameraInterrupted, prepare
from posture.engine import Measurement
from posture.errors import InputError
from posture.monitor import CameraLease, LiveMeasurement, LiveUpdate, camera_of, request_lease
from posture.pose import PoseFinder, PoseSampler
from posture.settings import Settings
from posture.storage import Store
from posture.types import Frame, ImageQuality, Pose, Reading, View

RATE_HZ = 8.0
_SEARCH_EVERY_S = 1.0
"""A neutral is taken of one who is alone, so a second person is looked for often."""
_WAIT_S = 0.05
"""For the camera between two looks at what the person pressed."""
_PLACE_S = 3.0
_NEVER_S = 30.0
"""A camera that gives nothing for so long from the start is not there."""
LeaseFacts = Mapping[str, Any]
"""What the monitor says of the camera that it lends, and of what it measures against."""


@dataclass(frozen=True, slots=True)
class LivePicture:
    """A picture and its measurement."""

    frame: Frame
    update: LiveUpdate
    pose: Pose | None
    """The measured person."""

    @property
    def time_s(self) -> float:
        """Seconds since the view was opened."""
        return self.frame.time_s

    @property
    def measured(self) -> Reading | None:
        """The reading; ``None`` if the image quality allows none."""
        return self.update.reading if self.update.reading.quality is ImageQuality.OK else None


@dataclass(slots=True)
class LiveView:
    """A camera whose pictures are measured one by one; ``open_view`` makes it."""

    camera: Camera
    live: LiveMeasurement
    address: str
    known: CameraInfo | None
    lease: CameraLease | None
    clock: Callable[[], float]
    """Seconds since the view was opened."""
    trouble: str = "Opening the camera."
    """Why there is no picture, in plain words; empty while there is."""
    _recent: deque[tuple[PoseFeatures, Reading, float]] = field(default_factory=deque)
    _seen_any: bool = False
    _alone: bool = False

    def lease_ended(self) -> bool:
        """Return whether the monitor that leased the camera has ended; true once."""
        if self._alone or self.lease is None or not self.lease.ended():
            return False
        self._alone = True
        return True

    def next(self) -> LivePicture | None:
        """Return the next picture; ``None`` if there is none yet.

        Raises:
            InputError: the camera never gave any.
        """
        event = self.camera.poll(_WAIT_S)
        if isinstance(event, Frame):
            self._seen_any, self.trouble = True, ""
            return self._measured(event)
        if isinstance(event, CameraInterrupted):
            self.trouble = event.why
            self.live.reset()
            self._recent.clear()
        if not self._seen_any and self.clock() > _NEVER_S:
            raise InputError(self.trouble or "the camera is sending no picture")
        return None

    def place(self) -> Placement | None:
        """Tell what can be measured from this placement, by the last seconds; ``None`` while nobody is seen."""
        if not self._recent:
            return None
        facts = facts_of([c for c, _, _ in self._recent], [r for _, r, _ in self._recent], self._recent[-1][2])
        return None if facts is None else placement_of(facts)

    def place_lines(self) -> list[str]:
        """Return where the camera stands, and what would be better; empty while nobody is seen."""
        place = self.place()
        return [] if place is None else [place.where, *place.better[:1]]

    def _measured(self, frame: Frame) -> LivePicture | None:
        update = self.live.process(frame)
        if update is None:
            return None
        if update.reading.quality is ImageQuality.FROZEN:
            self.camera.reopen()
        sample = update.sample
        if sample.features is not None and sample.brightness is not None:
            self._recent.append((sample.features, update.reading, sample.brightness))
        while self._recent and self._recent[0][0].time_s < frame.time_s - _PLACE_S:
            self._recent.popleft()
        return LivePicture(frame, update, self.live.sampler.pose)


@contextmanager
def open_view(
    holder: str,
    camera: str | None,
    settings: Settings,
    model: Path,
    neutral_of: Callable[[str, CameraInfo | None, LeaseFacts | None], Neutral | None],
) -> Iterator[LiveView]:
    """Open the camera and measure while the block runs; give a leased camera back to the monitor afterwards.

    Args:
        holder: leases the camera, in a word for the user.
        camera: as the user named it; ``None``: the monitor's own, or that of last time.
        settings: limits and smoothing.
        model: the pose model's file.
        neutral_of: what to measure against, by the camera's address, what it is known as, and, if it is leased, what the monitor
            says of it.

    Raises:
        ControlError: the monitor does not lend it.
        InputError: no camera is called like that.
        ModelError: the parameters are damaged.
        PostureError: OpenCV is missing or broken.
    """
    prepare()
    with ExitStack() as stack:
        lease = stack.enter_context(request_lease(holder))
        address, known = _camera_of(camera, settings, lease)
        leased = lease.said if lease is not None and lease.said.get("camera") == address else None
        finder = stack.enter_context(PoseFinder(model, search_every_s=_SEARCH_EVERY_S))
        live = LiveMeasurement(PoseSampler(finder, None), Measurement(settings, parameters.load(), neutral_of(address, known, leased)))
        began_s = time.monotonic()
        source = stack.enter_context(Camera(address, rate_hz=RATE_HZ, start_s=began_s, known=known))
        yield LiveView(source, live, address, known, lease, lambda: time.monotonic() - began_s)


def _camera_of(camera: str | None, settings: Settings, lease: CameraLease | None) -> tuple[str, CameraInfo | None]:
    if camera is None and lease is not None:
        known = lease.said.get("known")
        return str(lease.said["camera"]), None if known is None else CameraInfo(**known)
    with Store.open() as store:
        return camera_of(camera, settings, store)


def angle_words(reading: Reading | None, *, calibrated: bool = True) -> str:
    """Format trunk, spine and pelvis in one line, each with its sd, or why there is none.

    Args:
        reading: ``None`` if nothing was measured.
        calibrated: whether the neutral was given; against one that was not, no pelvic tilt is said, nor is it promised from the front.
    """
    if reading is None:
        return ""
    front = reading.view is View.FRONT
    if reading.trunk_neutral_deg is None and reading.spinal_flexion is None:
        later = "spine" if front else "spine and pelvis"
        return f"{angle_line('trunk', TRUNK_FLEXION.shown(reading), reading.view)}   ({later}: once your upright position is known)"
    words = [angle_line(a.short, a.shown(reading), reading.view) for a in POSTURE_ANGLES]
    if not calibrated and not front:
        words[-1] = "pelvis: once you calibrate"
    return "   ".join(words)
