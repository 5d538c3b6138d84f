"""A pose finder of the test's own, and a live measurement on it."""

from __future__ import annotations

from collections.abc import Callable

from posture._support import parameters
from posture.biomechanics.calibration import Neutral
from posture.engine.measurement import Measurement
from posture.engine.sampling import LIVE, SamplingPlan
from posture.monitor.live_measurement import LiveMeasurement
from posture.pose.person_tracker import PersonLock, PersonPlace
from posture.pose.sampler import PoseSampler
from posture.settings import Settings
from posture.types import ByteArray, FoundPose, Frame


class StandIn:
    """Finds what a function says."""

    thumbnail: ByteArray | None = None

    def __init__(self, find: Callable[[Frame], FoundPose]) -> None:
        self._find, self.lock = find, PersonLock()

    @property
    def place(self) -> PersonPlace | None:
        return self.lock.place

    def find(self, frame: Frame, least_px_per_m: float = 0.0) -> FoundPose:
        return self._find(frame)


def live_of(
    find: Callable[[Frame], FoundPose],
    neutral: Neutral | None = None,
    settings: Settings | None = None,
    plan: SamplingPlan | None = LIVE,
) -> LiveMeasurement:
    """As the program makes it."""
    return LiveMeasurement(PoseSampler(StandIn(find), plan), Measurement(settings or Settings(), parameters.load(), neutral))
