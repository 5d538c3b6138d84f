"""A camera's frames, or a caller's, one at a time: frame to pose sample to reading."""

from __future__ import annotations

from dataclasses import dataclass

from posture.biomechanics import Neutral, PoseSample
from posture.engine import Measurement
from posture.pose import FramePicture, PoseSampler
from posture.types import Detection, Frame, ImageQuality, Reading

QUALITY_WORDS = {
    ImageQuality.OK: "",
    ImageQuality.TOO_DARK: "The picture is too dark to measure.",
    ImageQuality.COVERED: "The camera seems to be covered.",
    ImageQuality.FROZEN: "The camera keeps sending the same picture; reopening it.",
    ImageQuality.DAMAGED: "The picture is arriving damaged.",
    ImageQuality.SIDEWAYS: "The picture is on its side: turn the camera.",
}
UNCLEAR_WORDS = "There are several people in the picture, and it isn't clear which is you."


@dataclass(frozen=True, slots=True)
class LiveUpdate:
    """The measurement of one frame."""

    sample: PoseSample
    reading: Reading
    learned: Neutral | None
    """The neutral, if this frame completed the seconds from which it is learned."""
    drift: str | None
    """That the neutral no longer fits, in plain words, once."""

    @property
    def words(self) -> str:
        """What hinders measuring, in plain words; empty if nothing does."""
        if self.reading.quality is not ImageQuality.OK:
            return QUALITY_WORDS[self.reading.quality]
        return UNCLEAR_WORDS if self.reading.sight is Detection.UNCLEAR else ""


class LiveMeasurement:
    """Measures frames in order of time. For one thread."""

    def __init__(self, sampler: PoseSampler, measurement: Measurement) -> None:
        """Start with nothing measured."""
        self.sampler, self.measurement = sampler, measurement
        self._closely = False

    def process(self, frame: Frame) -> LiveUpdate | None:
        """Measure a frame; ``None`` if the sampler skips it.

        Raises:
            InputError: nobody was seen during the upright span.
        """
        sample = self.sampler.sample(FramePicture(frame), often=self._closely or self.measurement.learning)
        if sample is None:
            return None
        update = self.measurement.process(sample)
        if update.learned is not None:
            self.sampler.forget()
        return LiveUpdate(sample, update.reading, update.learned, update.drift)

    def look_closely(self, closely: bool) -> None:
        """Measure every frame from the next one on, however little moves; or again as few as live watching needs."""
        self._closely = closely
        self.sampler.look_closely(closely)

    def use(self, neutral: Neutral | None) -> None:
        """Measure against another neutral from the next frame on; ``None``: learn it anew."""
        self.measurement.use(neutral)
        self.sampler.forget()

    def reset(self) -> None:
        """Forget earlier frames, after the camera was opened anew."""
        self.sampler.reset()
