"""From a camera's pictures to what is known of the person: which pictures are worth a look, and what a look or a still picture says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from posture.kinematics.calibration import AUTOMATIC_SD_DEG, Neutral, neutral_of
from posture.kinematics.cues import Cues
from posture.kinematics.meter import Meter, Seen, reduce
from posture.model import Frame, Observation, Reading, Sight
from posture.pacing import RATE_HZ, Pace, Pacer
from posture.sources.looks import Look, LookKeeper

LEARN_S = 15.0
"""Without a profile, the first of these seconds in which somebody is seen are taken for neutral."""
LOOK_WORDS = {
    Look.TOO_DARK: "The picture is too dark to measure.",
    Look.COVERED: "The camera seems to be covered.",
    Look.FROZEN: "The camera gives the same picture again and again; opening it anew.",
}
UNCLEAR_WORDS = "It is not clear who of those in the picture is you."
_BROKEN_S = 5.0
"""Not seen for so long while the neutral is learnt: learning begins anew."""
_NEWS_DEG, _NEWS_SDS = 3.0, 2.0
"""An angle that differs by so many degrees, and sds, from one look to the next shows a change, however little the picture does."""
_ANGLES = ("trunk_flexion", "spinal_flexion", "pelvic_tilt", "neck_flexion", "lateral_lean")

Find = Callable[[Frame], Observation]
Fits = Callable[[Cues], str | None]
"""Told of every look at the person; says in words, once, that the neutral does not fit any more. ``fit.FitWatch.push``."""
MeterOf = Callable[[Neutral | None], Meter]


@dataclass(frozen=True, slots=True)
class Glance:
    """What one picture gave."""

    time_s: float
    """Of the picture, seconds since the session's start."""
    look: Look
    """OK, or why the picture says nothing."""
    reading: Reading | None = None
    """``None`` if the picture says nothing, or was only compared with the ones before it and nothing is due to be said."""
    moving: bool = False
    """The person is moving at this moment."""
    observation: Observation | None = None
    """What was found, if the picture was looked at closely."""
    words: str = ""
    """What hinders measuring, in plain words; empty if nothing does."""
    learnt: Neutral | None = None
    """The neutral, if this picture completed the first seconds from which it is learnt."""
    misfit: str | None = None
    """That the neutral does not fit any more, in plain words, once."""


class Eye:
    """Sees one person through one camera, no more closely than needed. For one thread."""

    rate_hz = RATE_HZ
    """How many pictures a second the camera is to be asked for."""

    def __init__(
        self,
        find: Find,
        meter_of: MeterOf,
        neutral: Neutral | None = None,
        *,
        thrifty: bool = True,
        fits_of: Callable[[Neutral], Fits] | None = None,
    ) -> None:
        """Nothing was seen yet.

        Args:
            find: finds the pose in a picture; the costly part.
            meter_of: makes the meter for a neutral.
            neutral: ``None``: it is learnt from the first seconds.
            thrifty: whether to look only at pictures that are worth it; otherwise at each.
            fits_of: makes the watch over whether a neutral still fits.
        """
        self._find, self._meter_of, self._thrifty, self._fits_of = find, meter_of, thrifty, fits_of
        self._looks, self._pacer = LookKeeper(), Pacer()
        self._learning: list[Cues] = []
        self._last: Reading | None = None
        self.use(neutral)

    @property
    def neutral(self) -> Neutral | None:
        """Against which is measured; ``None`` while it is being learnt."""
        return self._neutral

    @property
    def calibrated(self) -> bool:
        """Whether the neutral was given by the person, and not taken from the first seconds."""
        return self._neutral is not None and self._neutral.source != "automatic"

    def use(self, neutral: Neutral | None) -> None:
        """Measure against another neutral from the next picture on; ``None``: learn it anew."""
        self._neutral, self._meter = neutral, self._meter_of(neutral)
        self._fits = None if neutral is None or self._fits_of is None else self._fits_of(neutral)
        self._learning.clear()
        self._forget()

    def reset(self) -> None:
        """The camera was opened anew: nothing that was seen before says anything about what comes."""
        self._looks.reset()
        self._forget()

    def see(self, frame: Frame) -> Glance:
        """What this picture gives; pictures in order of time."""
        look = self._looks.see(frame)
        if look is not Look.OK:
            self._forget()
            return Glance(frame.time_s, look, words=LOOK_WORDS[look])
        pace = self._pacer.see(frame, often=bool(self._learning)) if self._thrifty else Pace.LOOK
        last = self._last
        if pace is Pace.LOOK or last is None:
            return self._look_closely(frame)
        again = replace(last, time_s=frame.time_s, held=True) if pace is Pace.HOLD else None
        return Glance(frame.time_s, look, again, self._moving(last), words=_words(last.sight))

    def _look_closely(self, frame: Frame) -> Glance:
        observation = self._find(frame)
        seen = reduce(observation)
        learnt = self._learn(seen)
        reading = self._meter.measure(seen)
        if not self.calibrated:
            reading = replace(reading, pelvic_tilt=None)
        if self._thrifty:
            self._pacer.looked(observation, learnt is not None or self._last is None or _differ(reading, self._last))
        self._last = reading
        misfit = None if seen.cues is None or self._fits is None else self._fits(seen.cues)
        return Glance(frame.time_s, Look.OK, reading, self._moving(reading), observation, _words(reading.sight), learnt, misfit)

    def _learn(self, seen: Seen) -> Neutral | None:
        """Take the neutral from the first seconds in which somebody is seen, if there is none."""
        if self._neutral is not None:
            return None
        if self._learning and seen.time_s - self._learning[-1].time_s > _BROKEN_S:
            self._learning.clear()
        if seen.cues is None:
            return None
        self._learning.append(seen.cues)
        if self._learning[-1].time_s - self._learning[0].time_s < LEARN_S:
            return None
        self._neutral = neutral_of(self._learning, "automatic", AUTOMATIC_SD_DEG)
        self._learning.clear()
        self._meter = self._meter_of(self._neutral)
        return self._neutral

    def _forget(self) -> None:
        self._pacer.reset()
        self._last = None

    def _moving(self, reading: Reading) -> bool:
        return reading.sight is Sight.PERSON and self._pacer.moving


def _words(sight: Sight) -> str:
    return UNCLEAR_WORDS if sight is Sight.UNCLEAR else ""


def _differ(a: Reading, b: Reading) -> bool:
    """Whether an angle moved, or came or went."""
    for name in _ANGLES:
        one, other = getattr(a, name), getattr(b, name)
        if (one is None) != (other is None):
            return True
        if one is not None and abs(one.deg - other.deg) >= max(_NEWS_DEG, _NEWS_SDS * one.sd_deg):
            return True
    return a.seated is not b.seated
