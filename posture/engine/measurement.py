"""Pose samples to readings: which neutral, whose thresholds, and what may be said. One for camera, file, stream, cache and library.

A recording differs in two declared ways, both in `Measurement.process_recording`: it smooths with the future as well as the past, and it
may choose its neutral from all of itself.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from posture.biomechanics import (
    ANGLES,
    AUTOMATIC_SD_DEG,
    DIM,
    POSTURE_ANGLES,
    AngleEstimator,
    Floats,
    Neutral,
    NeutralDriftDetector,
    Parameters,
    PoseFeatures,
    PoseSample,
    automatic_neutral,
    is_sideways,
    look_both_ways,
    neither_sits_nor_stands,
    neutral_of,
    own_bands,
    resized,
    seated,
    trust,
)
from posture.engine.sample_rows import SampleRows
from posture.errors import InputError
from posture.settings import BandSettings, Settings
from posture.types import Detection, Estimate, ImageQuality, Reading, View

LEARN_S = 15.0
"""Without a calibration, the first of these seconds in which somebody is seen are the neutral of a live session."""
LEARN_PATIENCE_S = 60.0
"""So long the first of them are waited for in which the person is still and looks upright; then the last ones are taken, with a wide sd."""
OTHER_WAY_WORDS = (
    "This calibration was made with an earlier version, which measured differently: "
    "angles are less certain until it is made again (posture calibrate)."
)
_BROKEN_S = 5.0
"""Not seen for so long while the neutral is learned: learning begins anew."""
DIM_SDS = 2.5
"""By how much the sd of spine and pelvis grows from there to where nothing is measured."""
MOST_SD_DEG = 20.0
"""An estimate that is less sure than this is none."""
_SIDEWAYS_WINDOW_S, _SIDEWAYS_SHARE, _SIDEWAYS_LEAST_S = 60.0, 0.8, 10.0
"""Somebody who lies on their side in so much of the last seconds is in a picture that lies on its side."""
_DRIFT_EVERY_S = 1.0
"""A camera that was moved stays moved for minutes, so not every sample need be compared."""
_ORIENTATION_SAMPLES = 500
_AT_ONCE, _MARGIN_S = 2000, 2.5  # samples; a gap of 2 s ends a stretch that is smoothed


@dataclass(frozen=True, slots=True)
class MeasurementUpdate:
    """What one sample gave."""

    reading: Reading
    learned: Neutral | None = None
    """The neutral, if this sample completed the seconds from which it is learned."""
    drift: str | None = None
    """That the neutral no longer fits what is seen, in plain words, once; empty once it fits again."""


class Measurement:
    """Measures one person against their neutral."""

    def __init__(
        self,
        settings: Settings,
        networks: Parameters,
        neutral: Neutral | None = None,
        *,
        view: View | None = None,
        neutral_span: tuple[float, float] | None = None,
        own: bool = True,
    ) -> None:
        """Begin.

        Args:
            settings: limits of views and postures, smoothing.
            networks: the fitted parameters.
            neutral: the person's calibration; ``None``: learned from `neutral_span`, or else from the first seconds (live) or all of a
                recording.
            view: given by the user; ``None``: told from the pose.
            neutral_span: seconds in which the person sits in their neutral.
            own: what is found is said to the person themself, else about the person in a recording.
        """
        self._settings, self._networks, self._view, self._span, self._own = settings, networks, view, neutral_span, own
        self.use(neutral)

    @property
    def neutral(self) -> Neutral | None:
        """Against which is measured; ``None`` while it is being learned."""
        return self._neutral

    @property
    def calibrated(self) -> bool:
        """Whether the neutral was given by the person."""
        return self._neutral is not None and self._neutral.source != "automatic"

    @property
    def learning(self) -> bool:
        """Whether the neutral is being learned at this moment, so that every look counts."""
        return bool(self._learning)

    @property
    def thresholds(self) -> BandSettings:
        """The thresholds of the person whose neutral this is."""
        return own_bands(self._settings.bands, self._neutral)

    @property
    def settings(self) -> Settings:
        """The settings with those thresholds, for an `Engine`."""
        return replace(self._settings, bands=self.thresholds)

    def use(self, neutral: Neutral | None) -> None:
        """Measure against another neutral from the next sample on; ``None``: learn it anew."""
        self._neutral = neutral
        self._estimator = AngleEstimator(self._settings.measure, neutral, self._networks, self._view)
        given = neutral if self.calibrated else None
        self._drift = None if given is None else NeutralDriftDetector(given, self._settings.measure, own=self._own)
        self._drift_due_s = -math.inf
        self._learning: list[PoseFeatures] = []
        self._learning_since_s = 0.0
        self._recent: deque[tuple[float, bool]] = deque()
        """Times of the last samples of a person, and whether they lay on their side."""
        self._sideways = neutral is not None and is_sideways(neutral.track().xy[0])

    def process(self, sample: PoseSample) -> MeasurementUpdate:
        """Measure one sample, live: with what was seen until now.

        Raises:
            InputError: nobody was seen during the upright span.
        """
        self._watch_orientation(sample)
        sample, stands = self._usable(sample), self._stands(sample)
        learned = None if self._neutral is not None else self._learn(sample)
        return self._update(sample, self._estimator.measure(sample), stands, learned)

    def prepare(self, samples: SampleRows) -> None:
        """Choose the neutral of a recording from all of its samples, unless there is one, and see which way up it is.

        Raises:
            InputError: nobody was seen during the upright span.
        """
        if self._neutral is None:
            self.use(self._chosen(samples))
        self._sideways = self._sideways or bool(mostly_sideways(samples))

    def process_recording(self, samples: SampleRows) -> Iterator[MeasurementUpdate]:
        """Measure all samples of a recording after `prepare`, in pieces, so that little of it is in memory at a time."""
        sd_s = self._settings.measure.recorded_smooth_s
        meter = AngleEstimator(self._settings.measure, self._neutral, self._networks, self._view, live=False)
        for first, low, high in _pieces(samples, 4.0 * sd_s + _MARGIN_S):
            piece = samples[low:high]
            smooth = look_both_ways([self._usable(s) for s in piece], sd_s)
            chosen = list(islice(smooth, first - low, first - low + _AT_ONCE))
            for raw, sample, reading in zip(piece[first - low :], chosen, meter.measure_all(chosen), strict=False):
                yield self._update(sample, reading, self._stands(raw))

    def _update(self, sample: PoseSample, measured: Reading, stands: bool, learned: Neutral | None = None) -> MeasurementUpdate:
        reading = self._sayable(sample, measured, stands)
        return MeasurementUpdate(reading, learned, self._drifted(sample))

    def _chosen(self, samples: SampleRows) -> Neutral | None:
        """Return the neutral by the given span, else chosen from all of a recording; ``None`` if nobody was ever seen."""
        seen = samples.features()
        if self._span is None:
            upright = [c for c in seen if not neither_sits_nor_stands(c)]
            return self._trusted(automatic_neutral(upright)) if upright else None
        low_s, high_s = self._span
        within = [c for c in seen if low_s <= c.time_s <= high_s]
        times, qualities = samples.column("time_s"), samples.column("quality")
        if not within and len(found := qualities[(times >= low_s) & (times <= high_s)]) and (found > 0).all():
            why = str(tuple(ImageQuality)[int(found[0])]).replace("_", " ")
            raise InputError(f"the picture is {why} from {low_s:g} to {high_s:g} s, the upright span")
        return self._from_span(within)

    def _from_span(self, seen: Sequence[PoseFeatures]) -> Neutral:
        assert self._span is not None
        if not seen:
            raise InputError(f"nobody was seen from {self._span[0]:g} to {self._span[1]:g} s, the upright span")
        return neutral_of(seen)

    def _learn(self, sample: PoseSample) -> Neutral | None:
        """Take the neutral from the span that was given for it, or from the first seconds in which somebody is seen."""
        seen = self._learning
        if self._span is not None:
            low_s, high_s = self._span
            if sample.features is not None and low_s <= sample.time_s <= high_s:
                seen.append(sample.features)
            if sample.time_s < high_s:
                return None
            return self._learned(self._from_span(seen))
        if seen and sample.time_s - seen[-1].time_s > _BROKEN_S:
            seen.clear()
        if sample.features is None or neither_sits_nor_stands(sample.features):
            return None
        if not seen:
            self._learning_since_s = sample.time_s
        seen.append(sample.features)
        if seen[-1].time_s - seen[0].time_s < LEARN_S:
            return None
        neutral = self._trusted(neutral_of(seen, "automatic", AUTOMATIC_SD_DEG))
        if neutral.doubtful and sample.time_s - self._learning_since_s < LEARN_PATIENCE_S:
            while seen[-1].time_s - seen[0].time_s >= LEARN_S:
                del seen[0]
            return None
        return self._learned(neutral)

    def _trusted(self, neutral: Neutral) -> Neutral:
        return trust(neutral, self._settings.measure, self._view, self._networks)

    def _learned(self, neutral: Neutral) -> Neutral:
        self.use(neutral)
        return neutral

    def _usable(self, sample: PoseSample) -> PoseSample:
        """Express a sample in pixels of the pictures that the neutral was taken in; blank it out if it lies on its side."""
        if sample.features is None:
            return sample
        if self._sideways and is_sideways(sample.features.layout.xy):
            return replace(sample, sight=Detection.UNCLEAR, features=None, quality=ImageQuality.SIDEWAYS)
        if not sample.features.layout.head_inside:  # whatever is measured would rest on a head that nobody saw
            return replace(sample, sight=Detection.UNCLEAR, features=None)
        if self._neutral is None:
            return sample
        width, height = self._neutral.layout["size"]
        return resized(sample, round(width), round(height))

    def _stands(self, sample: PoseSample) -> bool:
        """Tell whether the head left the picture by its top because the person stood up."""
        if sample.features is None or self._neutral is None or sample.features.layout.head_inside:
            return False
        return seated(resized(sample, *map(round, self._neutral.layout["size"])).features or sample.features, self._neutral) is False

    def _watch_orientation(self, sample: PoseSample) -> None:
        """Notice a picture that lies on its side: nobody sits like that for most of a minute."""
        if sample.features is None:
            return
        recent, now_s = self._recent, sample.time_s
        recent.append((now_s, is_sideways(sample.features.layout.xy)))
        while recent[0][0] < now_s - _SIDEWAYS_WINDOW_S:
            recent.popleft()
        if now_s - recent[0][0] >= _SIDEWAYS_LEAST_S:
            self._sideways = sum(lies for _, lies in recent) >= _SIDEWAYS_SHARE * len(recent)

    def _drifted(self, sample: PoseSample) -> str | None:
        due = sample.time_s >= self._drift_due_s
        if self._drift is None or sample.features is None or sample.carried_forward or not due:
            return None
        if neither_sits_nor_stands(sample.features):
            return None
        self._drift_due_s = sample.time_s + _DRIFT_EVERY_S
        return self._drift.push(sample.features)

    def _sayable(self, sample: PoseSample, reading: Reading, stands: bool) -> Reading:
        """Leave out of a reading what nobody can defend, and widen what is less sure than it looks."""
        if stands:
            reading = replace(reading, sight=Detection.PERSON, seated=False)
        if self._neutral is not None and self._neutral.source == "automatic":
            reading = replace(reading, pelvic_tilt=None)  # a neutral that nobody gave says too little of the pelvis
        if sample.brightness is not None and sample.brightness < DIM and reading.sight is Detection.PERSON:
            times = 1.0 + (DIM_SDS - 1.0) * (DIM - sample.brightness) / 30.0
            wider: dict[str, Any] = {a.name: _wider(a.of(reading), times) for a in POSTURE_ANGLES}
            reading = replace(reading, **wider)
        sure: dict[str, Any] = {a.name: _if_sure(a.of(reading)) for a in ANGLES}
        return replace(reading, **sure, quality=sample.quality, carried_forward=sample.carried_forward)


def mostly_sideways(samples: SampleRows) -> list[Floats]:
    """Return the (15, 2) px of samples that lie on their side, if most of a recording's do; else none."""
    xy = samples.xy(_ORIENTATION_SAMPLES)
    lies = [x for x in xy if is_sideways(x)]
    return lies if len(lies) >= _SIDEWAYS_SHARE * len(xy) else []


def _pieces(samples: SampleRows, margin_s: float) -> Iterator[tuple[int, int, int]]:
    """Cut samples into pieces: the first of each, and from where to where it is read, with a margin for the smoothing."""
    for first in range(0, len(samples), _AT_ONCE):
        low, high = first, min(first + _AT_ONCE, len(samples))
        last_s = samples.time_s(high - 1)
        while low > 0 and samples.time_s(low) > samples.time_s(first) - margin_s:
            low -= 1
        while high < len(samples) and samples.time_s(high - 1) < last_s + margin_s:
            high += 1
        yield first, low, high


def _if_sure(e: Estimate | None) -> Estimate | None:
    return e if e is not None and e.sd_deg <= MOST_SD_DEG else None


def _wider(e: Estimate | None, times: float) -> Estimate | None:
    return None if e is None else replace(e, sd_deg=e.sd_deg * times)
