"""A reading to its posture: each state has one probability, by the bands of ``BandSettings`` (RULA, REBA and ISO 11226) and the
angles with their sds. What is not probable enough is unknown; when a state is said is our judgement."""

from __future__ import annotations

import math

from posture.engine.spans import ON_THE_FLOOR, UNCLEAR, UNMEASURED, UNSURE
from posture.settings import BandSettings
from posture.types import MEASURED, ClassifiedReading, Detection, Estimate, ImageQuality, Posture, Reading

_LEAST_SD_DEG = 0.01


class PostureClassifier:
    """Tells which posture a reading shows; remembers the last one, which is kept for longer than it takes to enter it."""

    def __init__(self, bands: BandSettings) -> None:
        """Start without a posture."""
        self._bands = bands
        self._last = Posture.UNKNOWN

    def classify(self, reading: Reading) -> ClassifiedReading:
        """Tell the posture of `reading`, and why if it is unknown.

        Nobody in the picture is *away* here; whether it lasts long enough to count is the timeline's business.
        """
        posture, reason = self._posture(reading)
        if posture in MEASURED or reason == UNSURE:  # a frame in which nobody is found says nothing of the posture
            self._last = posture
        return ClassifiedReading(reading, posture, reason)

    def use(self, bands: BandSettings) -> None:
        """Classify by other bands from the next reading on."""
        self._bands = bands

    def reset(self) -> None:
        """Forget the last posture: the person was away."""
        self._last = Posture.UNKNOWN

    def _posture(self, r: Reading) -> tuple[Posture, str | None]:
        if r.quality is not ImageQuality.OK or r.sight is Detection.UNCLEAR:
            return Posture.UNKNOWN, UNCLEAR if r.quality is ImageQuality.OK else str(r.quality)
        if r.sight is Detection.NOBODY:
            return Posture.AWAY, None
        chances = probabilities(r, self._bands)
        if not chances:
            return Posture.UNKNOWN, UNMEASURED if r.thigh_deg is None else ON_THE_FLOOR
        if chances.get(self._last, 0.0) >= self._bands.keep_at:
            return self._last, None
        likeliest = max(chances, key=lambda p: chances[p])
        return (likeliest, None) if chances[likeliest] >= self._bands.enter_at else (Posture.UNKNOWN, UNSURE)


def probabilities(r: Reading, bands: BandSettings) -> dict[Posture, float]:
    """Return the probability of each state that the reading can show, by its angles and their sds; empty if it shows none.

    Flexed is any of its three conditions, of which two are of the same trunk; the errors of trunk and spine are taken as independent.
    Anterior tilt is the tilt and the arch together, whose errors go together (correlation -0.9 on drawn people), so that the less probable
    of them counts; seated, and it can be said only where the tilt is sure enough. Neutral is neither, and can be said only where trunk and
    spine are both known.
    """
    trunk, spine, pelvis = r.trunk_flexion, r.spinal_flexion, r.pelvic_tilt
    if trunk is None and spine is None:
        return {}
    bent = max(_reaches(r.trunk_change, bands.flexed_beyond_neutral_deg), _reaches(r.trunk_absolute, bands.flexed_trunk_deg))
    flexed = 1.0 - (1.0 - bent) * (1.0 - _reaches(spine, bands.flexed_spine_deg))
    tilted = 0.0
    if pelvis is not None and spine is not None and r.seated is not False:  # a standing anterior tilt is normal
        arched = 1.0 - _reaches(spine, -bands.tilt_arch_deg)
        tilted = (1.0 - flexed) * min(_reaches(pelvis, bands.tilt_deg), arched)
    chances = {Posture.FLEXED: flexed}
    if trunk is not None:
        if spine is not None:
            chances[Posture.NEUTRAL] = 1.0 - flexed - tilted
        if pelvis is not None and pelvis.sd_deg <= bands.tilt_max_sd_deg:
            chances[Posture.ANTERIOR_TILT] = tilted
    return chances


def _reaches(e: Estimate | None, threshold_deg: float) -> float:
    return 0.0 if e is None else _normal((e.deg - threshold_deg) / max(e.sd_deg, _LEAST_SD_DEG))


def _normal(z: float) -> float:
    """Return the probability that a standard normal variable is below z."""
    return 0.5 * math.erfc(-z / math.sqrt(2.0))
