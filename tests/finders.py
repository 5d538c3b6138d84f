"""A pose finder of the test's own, and a live measurement on it."""

from __future__ import annotations

from collections.abc import Callable

from posture import parameters
from posture.engine.measurement import Measurement
from posture.engine.sampling import LIVE, SamplingPlan
from posture.kinematics.calibration import Neutral
from posture.live_measurement import LiveMeasurement
from posture.model import ByteArray, Frame, Observation
from posture.person import PersonLock, Place
from posture.pose_sampler import PoseSampler
from posture.settings import Settings


class StandIn:
    """Finds what a function says."""

    thumbnail: ByteArray | None = None

    def __init__(self, find: Callable[[Frame], Observation]) -> None:
        self._find, self.lock = find, PersonLock()

    @property
    def place(self) -> Place | None:
        return self.lock.place

    def find(self, frame: Frame, least_px_per_m: float = 0.0) -> Observation:
        return self._find(frame)


def live_of(
    find: Callable[[Frame], Observation],
    neutral: Neutral | None = None,
    settings: Settings | None = None,
    plan: SamplingPlan | None = LIVE,
) -> LiveMeasurement:
    """As the program makes it."""
    return LiveMeasurement(PoseSampler(StandIn(find), plan), Measurement(settings or Settings(), parameters.load(), neutral))
