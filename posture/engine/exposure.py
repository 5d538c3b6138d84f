"""Exposure: a dose that charges in a posture and recovers out of it, the episodes it makes, and the prompts it calls for.

The dose grows by one second a second in the state, halves every ``half_life_s`` while another posture is seen or an exercise is done,
stands still while nothing is known and is cleared by ``clear_s`` of being away or standing. The half-life carries the recovery
of the flexed lumbar spine (McGill & Brown 1992, measured at full flexion) over to our bands; that is an analogy.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

from posture.biomechanics import PELVIC_TILT, POSTURE_ANGLES, SPINAL_FLEXION, TRUNK_FLEXION
from posture.engine.breaks import BreakClock, interrupts, relieves
from posture.engine.hour_share import HourShare
from posture.engine.spans import EXERCISE, Interval, is_seen
from posture.engine.stillness import StillnessTracker
from posture.settings import BandSettings, DoseSettings
from posture.types import MEASURED, CauseEased, Episode, EpisodeKind, Posture, PromptDue, PromptLevel, PromptReason, Reading, Span

Event = PromptDue | CauseEased | Episode
"""What a dose calls for, that it calls no longer, and an episode that ended."""


@dataclass(slots=True)
class _Angles:
    """Peak and mean of the angle that put the person into the state."""

    weight: dict[str, float] = field(default_factory=dict)
    total: dict[str, float] = field(default_factory=dict)
    peak: dict[str, float] = field(default_factory=dict)
    led: dict[str, float] = field(default_factory=dict)

    def add(self, reading: Reading, seconds: float, leader: str) -> None:
        self.led[leader] = self.led.get(leader, 0.0) + seconds
        for angle in POSTURE_ANGLES:
            name, estimate = angle.name, angle.of(reading)
            if estimate is None:
                continue
            self.weight[name] = self.weight.get(name, 0.0) + seconds
            self.total[name] = self.total.get(name, 0.0) + seconds * estimate.deg
            self.peak[name] = max(self.peak.get(name, -math.inf), estimate.deg)

    def leading(self) -> tuple[str | None, float | None, float | None]:
        """Return the name, peak and time-weighted mean of the angle that led for the longest time."""
        if not self.led:
            return None, None, None
        name = max(self.led, key=lambda k: self.led[k])
        if not self.weight.get(name):
            return name, None, None
        return name, self.peak[name], self.total[name] / self.weight[name]


class DoseTracker:
    """Dose and episodes of one posture."""

    def __init__(
        self, kind: EpisodeKind, posture: Posture, steps: dict[PromptLevel, float], dose: DoseSettings, bands: BandSettings
    ) -> None:
        """`steps`: dose in seconds at which each step of the prompt is due."""
        self.kind, self._posture, self._steps, self._set, self._bands = kind, posture, steps, dose, bands
        self.dose_s = 0.0
        self._last_seen_s = 0.0
        self._start: float | None = None
        self._reset_episode()

    @property
    def episode_start_s(self) -> float | None:
        """When the running episode began; ``None`` outside of one."""
        return self._start

    @property
    def leading_angle(self) -> str | None:
        """Name of the angle that made the running episode for the longest time; ``None`` outside of one."""
        return self._angles.leading()[0]

    def use(self, bands: BandSettings) -> None:
        """Name the angle that leads by other bands from now on."""
        self._bands = bands

    def _reset_episode(self) -> None:
        self._start = None
        self._in_state = 0.0
        self._top = 0.0
        self._due: set[PromptLevel] = set()
        self._was_due = False
        self._angles = _Angles()

    def push(self, it: Interval) -> Iterator[Event]:
        """Yield what this interval brought about: steps that fell due, a dose below its threshold, an episode that ended."""
        if it.span.posture not in MEASURED and it.span.reason != EXERCISE:
            return
        if it.span.posture is self._posture and it.span.seated is not False:
            yield from self._charge(it)
        else:
            yield from self._recover(it.span)
        self._last_seen_s = it.span.end_s

    def _charge(self, it: Interval) -> Iterator[PromptDue]:
        start, before = it.span.start_s, self.dose_s
        if self._start is None:
            self._start = start
        self.dose_s += it.span.duration_s
        self._in_state += it.span.duration_s
        self._top = max(self._top, self.dose_s)
        if it.reading is not None:
            self._angles.add(it.reading, it.span.duration_s, self._leader(it.reading))
        for step, threshold in sorted(self._steps.items(), key=lambda s: s[1]):
            if step not in self._due and self.dose_s >= threshold:
                self._due.add(step)
                self._was_due = True
                at = start + max(0.0, threshold - before)
                yield PromptDue(self.kind, step, at, max(threshold, before), self._start)

    def _recover(self, span: Span) -> Iterator[CauseEased | Episode]:
        before, soft_s = self.dose_s, self._steps[PromptLevel.SOFT]
        self.dose_s = before * 2.0 ** (-span.duration_s / self._set.half_life_s)
        if before >= soft_s > self.dose_s:
            self._due.discard(PromptLevel.SOFT)  # it is due anew when the dose comes back
            yield CauseEased(self.kind)
        floor = self._set.episode_floor_s
        if self._start is None or self.dose_s >= floor:
            return
        wait = self._set.half_life_s * math.log2(before / floor) if 0.0 < floor < before else 0.0
        yield from self.end(span.start_s + wait)

    def clear(self, since_s: float) -> Iterator[Episode]:
        """Clear the dose after a break that began at `since_s`, and end the episode there."""
        self.dose_s = 0.0
        yield from self.end(since_s)

    def finish(self) -> Iterator[Episode]:
        """End the running episode with the session, at the last moment at which the person was seen."""
        yield from self.end(self._last_seen_s)

    def end(self, end_s: float) -> Iterator[Episode]:
        """End the running episode, if any; one too short to be more than noise is dropped, unless a prompt fell due in it."""
        if self._start is not None and (self._was_due or self._in_state >= self._set.episode_min_s):
            name, peak, mean = self._angles.leading()
            yield Episode(self.kind, self._start, max(end_s, self._start), self._top, name, peak, mean, self._in_state)
        self._reset_episode()

    def _leader(self, r: Reading) -> str:
        """Return the angle that is furthest over its threshold, in shares of the threshold."""
        if self.kind is EpisodeKind.ANTERIOR_TILT:
            return PELVIC_TILT.name
        bands = self._bands
        beyond = math.inf if r.trunk_neutral_deg is None else r.trunk_neutral_deg + bands.flexed_beyond_neutral_deg
        trunk = r.trunk_flexion.deg / min(bands.flexed_trunk_deg, max(1.0, beyond)) if r.trunk_flexion else -math.inf
        spine = r.spinal_flexion.deg / bands.flexed_spine_deg if r.spinal_flexion else -math.inf
        return SPINAL_FLEXION.name if spine > trunk else TRUNK_FLEXION.name


class SittingTracker:
    """Unbroken sitting: from the first seated reading to a break. The unknown counts only between seated readings."""

    def __init__(self, dose: DoseSettings) -> None:
        """`dose`: when a prompt is due."""
        self._set = dose
        self.sat_s = 0.0
        self._pending = 0.0
        self._start: float | None = None
        self._last_seated = 0.0
        self._due = False

    @property
    def episode_start_s(self) -> float | None:
        """When the running sit began; ``None`` if there is none."""
        return self._start

    def push(self, span: Span) -> Iterator[PromptDue]:
        """Yield a step that fell due in this interval."""
        if not is_seen(span) or span.seated is not True:
            # Away or standing for a moment is no sitting, though it does not break the sit yet.
            self._pending += 0.0 if interrupts(span) else span.duration_s
            return
        if self._start is None:
            self._start, self._pending = span.start_s, 0.0
        before = self.sat_s + self._pending
        self.sat_s, self._pending = before + span.duration_s, 0.0
        self._last_seated = span.end_s
        if not self._due and self.sat_s >= self._set.sitting_s:
            self._due = True
            at = span.start_s + max(0.0, self._set.sitting_s - before)
            yield PromptDue(EpisodeKind.SITTING, PromptLevel.SOFT, at, max(self._set.sitting_s, before), self._start)

    def end(self) -> Iterator[Episode]:
        """End the sit at the last moment at which the person was seen seated."""
        if self._start is not None and (self._due or self.sat_s >= self._set.episode_min_s):
            yield Episode(EpisodeKind.SITTING, self._start, self._last_seated, self.sat_s, in_state_s=self.sat_s)
        self.sat_s = self._pending = 0.0
        self._start, self._due = None, False


class Exposure:
    """All doses of one session: intervals in; steps that fall due, episodes that end and breaks out."""

    def __init__(self, dose: DoseSettings, bands: BandSettings) -> None:
        """Start with every dose at zero."""
        flexed_steps = {PromptLevel.SOFT: dose.soft_s, PromptLevel.FIRM: dose.firm_s}
        self.flexed = DoseTracker(EpisodeKind.FLEXED, Posture.FLEXED, flexed_steps, dose, bands)
        self.tilt = DoseTracker(EpisodeKind.ANTERIOR_TILT, Posture.ANTERIOR_TILT, {PromptLevel.SOFT: dose.tilt_s}, dose, bands)
        self.sitting = SittingTracker(dose)
        self.stillness = StillnessTracker(dose)
        self.share = HourShare(dose)
        self._breaks, self._reliefs = BreakClock(dose.clear_s), BreakClock(dose.clear_s, relieves)

    def push(self, it: Interval) -> Iterator[Event | float]:
        """Yield what this interval brought about; a bare number is the moment at which a break began."""
        relieved = self._reliefs.push(it.span)
        if relieved is not None:
            yield from self.flexed.clear(relieved)
            yield from self.tilt.clear(relieved)
        began = self._breaks.push(it.span)
        if began is not None:
            yield from self.sitting.end()
            if self._is_break(it.span):
                yield began
        yield from self.flexed.push(it)
        yield from self.tilt.push(it)
        yield from self.sitting.push(it.span)
        yield from self.stillness.push(it.span)
        yield from self._share(it.span)

    def changed(self, time_s: float) -> Iterator[Episode]:
        """Take up a posture change that began at `time_s`."""
        yield from self.stillness.changed(time_s)

    def doses(self) -> dict[EpisodeKind, float]:
        """Return the doses, seconds; of sitting, unbroken sitting; of stillness, the time without a posture change."""
        return {
            EpisodeKind.FLEXED: self.flexed.dose_s,
            EpisodeKind.ANTERIOR_TILT: self.tilt.dose_s,
            EpisodeKind.SITTING: self.sitting.sat_s,
            EpisodeKind.STILLNESS: self.stillness.still_s,
        }

    def leading(self) -> dict[EpisodeKind, str | None]:
        """Return the name of the angle that made each running episode for the longest time; ``None`` outside of one."""
        return {EpisodeKind.FLEXED: self.flexed.leading_angle, EpisodeKind.ANTERIOR_TILT: self.tilt.leading_angle}

    def _share(self, span: Span) -> Iterator[PromptDue | CauseEased]:
        for reached in self.share.push(span):
            start_s = self.flexed.episode_start_s
            if not reached:
                yield CauseEased(EpisodeKind.FLEXED, PromptReason.SHARE)
            elif start_s is not None:
                yield PromptDue(EpisodeKind.FLEXED, PromptLevel.SOFT, span.end_s, self.share.flexed_s, start_s, PromptReason.SHARE)

    def use(self, bands: BandSettings) -> None:
        """Count on with other bands."""
        self.flexed.use(bands)
        self.tilt.use(bands)

    def finish(self) -> Iterator[Episode]:
        """End what still runs, at the last moment at which the person was seen."""
        yield from self.flexed.finish()
        yield from self.tilt.finish()
        yield from self.sitting.end()
        yield from self.stillness.end()

    @staticmethod
    def _is_break(span: Span) -> bool:
        """Away or standing is a break; a pause or a lost camera only ends what was counted."""
        return span.posture is Posture.AWAY or (span.seated is False and (is_seen(span) or span.reason == EXERCISE))
