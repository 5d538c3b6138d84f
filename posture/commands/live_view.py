"""The camera, for a command that shows its picture: borrowed from the monitor if one runs, and every picture looked at."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from posture.engine.measurement import Measurement
from posture.kinematics.calibration import Neutral
from posture.kinematics.cues import Cues
from posture.landmarks import PoseFinder
from posture.live_measurement import LiveMeasurement, LiveUpdate
from posture.model import Frame, ImageQuality, InputError, Pose, Reading
from posture.placement import Placement, angle_line, facts_of, placement
from posture.pose_sampler import PoseSampler
from posture.settings import Settings
from posture.sources.camera import Camera, Lost
from posture.sources.capture import prepare
from posture.sources.names import CameraInfo

if TYPE_CHECKING:
    from posture.control.client import Loan
    from posture.model import ByteArray

RATE_HZ = 8.0
_SEARCH_EVERY_S = 1.0
"""A neutral is taken of one who is alone, so a second person is looked for often."""
_WAIT_S = 0.05
"""For the camera between two looks at the window, which lives from them."""
_PLACE_S = 3.0
_NEVER_S = 30.0
"""A camera that gives nothing for so long from the start is not there."""
Lent = Mapping[str, Any]
"""What the monitor says of the camera that it lends, and of what it measures against."""
ANGLE_WORDS = (("trunk", "trunk_flexion"), ("spine", "spinal_flexion"), ("pelvis", "pelvic_tilt"))


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture and what was made of it."""

    time_s: float
    """Seconds since the view was opened."""
    image: ByteArray
    update: LiveUpdate
    pose: Pose | None
    """The measured person."""

    @property
    def measured(self) -> Reading | None:
        """The reading; ``None`` if the picture says nothing."""
        return self.update.reading if self.update.reading.quality is ImageQuality.OK else None


@dataclass(slots=True)
class LiveView:
    """A camera whose pictures are looked at one by one; ``open_view`` makes it."""

    camera: Camera
    live: LiveMeasurement
    address: str
    known: CameraInfo | None
    loan: Loan | None
    clock: Callable[[], float]
    """Seconds since the view was opened."""
    hinder: str = "Opening the camera."
    """Why there is no picture, in plain words; empty while there is."""
    _recent: deque[tuple[Cues, Reading, float]] = field(default_factory=deque)
    _seen_any: bool = False
    _alone: bool = False

    def left_alone(self) -> bool:
        """Whether the monitor that lent the camera has ended; says so once."""
        if self._alone or self.loan is None or not self.loan.ended():
            return False
        self._alone = True
        return True

    def next(self) -> Picture | None:
        """The next picture, or ``None`` if there is none yet.

        Raises:
            InputError: the camera never gave any.
        """
        event = self.camera.poll(_WAIT_S)
        if isinstance(event, Frame):
            self._seen_any, self.hinder = True, ""
            return self._looked_at(event)
        if isinstance(event, Lost):
            self.hinder = event.why
            self.live.reset()
            self._recent.clear()
        if not self._seen_any and self.clock() > _NEVER_S:
            raise InputError(self.hinder or "the camera gives no picture")
        return None

    def place(self) -> Placement | None:
        """What can be measured from here, by the last seconds; ``None`` while nobody is seen."""
        if not self._recent:
            return None
        facts = facts_of([c for c, _, _ in self._recent], [r for _, r, _ in self._recent], self._recent[-1][2])
        return None if facts is None else placement(facts)

    def _looked_at(self, frame: Frame) -> Picture | None:
        update = self.live.process(frame)
        if update is None:
            return None
        if update.reading.quality is ImageQuality.FROZEN:
            self.camera.reopen()
        sample = update.sample
        if sample.cues is not None and sample.brightness is not None:
            self._recent.append((sample.cues, update.reading, sample.brightness))
        while self._recent and self._recent[0][0].time_s < frame.time_s - _PLACE_S:
            self._recent.popleft()
        return Picture(frame.time_s, frame.image, update, self.live.sampler.pose)


@contextmanager
def open_view(
    who: str,
    camera: str | None,
    settings: Settings,
    model: Path,
    neutral_of: Callable[[str, CameraInfo | None, Lent | None], Neutral | None],
) -> Iterator[LiveView]:
    """The camera, measured, while the block runs; a monitor that runs gets its camera back afterwards.

    Args:
        who: borrows the camera, in a word for the user.
        camera: as the user named it; ``None``: the monitor's own, or that of last time.
        settings: limits and smoothing.
        model: the pose model's file.
        neutral_of: what to measure against, by the camera's address, what it is known as, and, if it is lent, what the monitor
            says of it.

    Raises:
        ControlError: the monitor does not lend it.
        InputError: no camera is called like that.
        ModelError: the parameters are damaged.
        PostureError: OpenCV is missing or broken.
    """
    from posture import parameters  # noqa: PLC0415 # read when a view is opened, not with the help
    from posture.control.client import borrow  # noqa: PLC0415

    prepare()
    with ExitStack() as stack:
        loan = stack.enter_context(borrow(who))
        address, known = _camera_of(camera, settings, loan)
        lent = loan.said if loan is not None and loan.said.get("camera") == address else None
        finder = stack.enter_context(PoseFinder(model, search_every_s=_SEARCH_EVERY_S))
        live = LiveMeasurement(PoseSampler(finder, None), Measurement(settings, parameters.load(), neutral_of(address, known, lent)))
        began_s = time.monotonic()
        source = stack.enter_context(Camera(address, rate_hz=RATE_HZ, start_s=began_s, known=known))
        yield LiveView(source, live, address, known, loan, lambda: time.monotonic() - began_s)


def _camera_of(camera: str | None, settings: Settings, loan: Loan | None) -> tuple[str, CameraInfo | None]:
    if camera is None and loan is not None:
        known = loan.said.get("known")
        return str(loan.said["camera"]), None if known is None else CameraInfo(**known)
    from posture.camera_choice import camera_of  # noqa: PLC0415
    from posture.store import Store  # noqa: PLC0415 # only who has to look there

    with Store.open() as store:
        return camera_of(camera, settings, store)


def angle_words(reading: Reading | None, *, calibrated: bool = True) -> str:
    """Trunk, spine and pelvis in one line, each with its sd, or why there is none.

    Args:
        reading: ``None`` if nothing was measured.
        calibrated: whether the neutral was given; against one that was not, no pelvic tilt is said.
    """
    if reading is None:
        return ""
    if reading.trunk_neutral_deg is None and reading.spinal_flexion is None:
        return angle_line("trunk", reading.trunk_flexion, reading.view) + "   (spine and pelvis: once your neutral is known)"
    words = [angle_line(word, getattr(reading, name), reading.view) for word, name in ANGLE_WORDS]
    if not calibrated:
        words[-1] = "pelvis: once you calibrate"
    return "   ".join(words)
