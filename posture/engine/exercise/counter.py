"""Counts the repetitions of one exercise from readings, live and in recordings alike. Causal: a repetition is told when it is over."""

from __future__ import annotations

import math
from collections import deque
from statistics import fmean

from posture.engine.exercise.excursions import SURE_SDS, Excursion, ExcursionTracker
from posture.engine.exercise.results import (
    CounterState,
    CounterUpdate,
    ExerciseResult,
    OwnRange,
    Rejected,
    Repetition,
    cue_of,
    result_of,
)
from posture.engine.exercise.signals import FROM_NEUTRAL, Signal, estimate_of
from posture.engine.exercise.spec import ExerciseSpec, Guard, Rejection, ViewRule
from posture.engine.exercise.steady_view import SteadyView
from posture.types import Detection, Estimate, Reading

_OWN_SHARE = 0.25
"""Of the person's own range: an end is at least so far out."""
_LEARNED = 1.2
"""What two repetitions show of the range is a little less than there is, and all that the limits of sway can be taken from."""
_LEARN_REPETITIONS = 2
"""From so many the own range is learned where no calibration says it."""
_GAP_S, _GAP_STEPS = 1.5, 2.5
"""Unseen for longer than this, and than so many of the usual steps: what was under way is not counted."""
_AGAIN_S = 1.5
"""The same rejection within this is the same movement."""


class ExerciseCounter:
    """Counts one exercise of one person."""

    def __init__(self, spec: ExerciseSpec, own: OwnRange | None = None, *, smooth_s: float = 0.0, neutral_known: bool = True) -> None:
        """Begin.

        Args:
            spec: what is counted.
            own: the person's range from the calibration; ``None``: learned from the first two repetitions.
            smooth_s: width of a Gaussian by which the readings were smoothed, which makes fast movements look smaller.
            neutral_known: whether the angles are changes from a neutral that the person gave.
        """
        self._neutral_known = neutral_known and spec.seated
        self._spec, self._smooth_s = spec, smooth_s
        self._own = own or OwnRange()
        self._last_s: float | None = None
        self._step_s = 0.2
        self._view = SteadyView(spec)
        self._rule: ViewRule | None = None
        self._moving = ExcursionTracker(spec.slowest_s)
        self._guards: dict[Signal, ExcursionTracker] = {}
        self._history: dict[Signal | None, deque[tuple[float, float]]] = {}
        """Times and values of each signal, and of what is counted, under ``None``."""
        self._pending: Excursion | None = None
        self._open: Excursion | None = None
        """The first end of a repetition that was counted without its second end, which may still come."""
        self._second_seen: deque[bool] = deque(maxlen=4)
        self._before_s: float | None = None
        """The middle of the last first end."""
        self._last_rejected: Rejected | None = None
        self.repetitions: list[Repetition] = []
        self.half_times_s: list[float] = []
        """When each half repetition ended."""
        self.rejections: list[Rejected] = []

    @property
    def spec(self) -> ExerciseSpec:
        """What is counted."""
        return self._spec

    def process(self, reading: Reading) -> CounterUpdate:
        """Follow one reading; times rise."""
        now_s = reading.time_s
        rule = self._view.rule(reading)
        blind = rule is not None and rule.needs is not None and estimate_of(reading, rule.needs) is None
        angle = None if rule is None or blind else rule.moving(reading)
        if rule is None or angle is None:
            self._check_gap(now_s, seen=False)
            wrong = blind or (rule is None and reading.view is not None)
            wrong = wrong and reading.sight is Detection.PERSON
            state = CounterState.WRONG_VIEW if wrong else CounterState.UNSEEN
            return self._update(now_s, None, state, cue=self._spec.unseen if wrong else None)
        if rule is not self._rule:
            self._start_view(rule)
        self._check_gap(now_s)
        value = Estimate(self._spec.first_sign * angle.deg, angle.sd_deg, angle.method)
        self._remember(reading, rule, now_s, value.deg)
        excursion = self._moving.push(now_s, value.deg, value.sd_deg, self._least(rule))
        counted, rejected = self._judge(excursion, rule, now_s) if excursion else (None, None)
        rejected = rejected or self._watch_guards(reading, rule, now_s) or self._expire(now_s)
        return self._update(now_s, value, self._state(), counted, None if rejected is None else self._note(rejected))

    def finish(self) -> ExerciseResult:
        """End: an end without the other one is a half repetition."""
        if self._pending is not None:
            self._unpaired(self._pending, self._pending.end_s)
            self._pending = None
        return result_of(self._spec, self.repetitions, len(self.half_times_s))

    def _start_view(self, rule: ViewRule) -> None:
        self._rule, self._pending, self._open = rule, None, None
        self._moving = self._tracker(rule.signal)
        self._guards = {g.signal: self._tracker(g.signal) for g in rule.guards if not g.whole}
        self._history = {}

    def _tracker(self, signal: Signal) -> ExcursionTracker:
        return ExcursionTracker(self._spec.slowest_s, rests_at_0=self._neutral_known and signal in FROM_NEUTRAL)

    def _check_gap(self, now_s: float, *, seen: bool = True) -> None:
        """Forget what was under way if the angle has not been seen for too long."""
        if self._last_s is not None:
            gap = now_s - self._last_s
            if gap > max(_GAP_S, _GAP_STEPS * self._step_s):
                self._lose()
            elif seen:
                self._step_s += 0.1 * (gap - self._step_s)
        if seen:
            self._last_s = now_s

    def _lose(self) -> None:
        self._pending = self._open = None
        self._moving.lose()
        for tracker in self._guards.values():
            tracker.lose()
        self._history.clear()

    def _remember(self, reading: Reading, rule: ViewRule, now_s: float, value: float) -> None:
        signals = {g.signal for g in rule.guards} | {s for c in rule.checks for s in c.weights}
        values = {s: e.deg for s in signals if (e := estimate_of(reading, s)) is not None} | {None: value}
        for signal, number in values.items():
            past = self._history.setdefault(signal, deque())
            past.append((now_s, number))
            while past[0][0] < now_s - 3.0 * self._spec.slowest_s:
                past.popleft()

    def _least(self, rule: ViewRule) -> dict[int, float]:
        own = self._ends()
        first = max(rule.least_first_deg, _OWN_SHARE * (own.first_deg or 0.0))
        return {1: first, -1: max(rule.least_second_deg, _OWN_SHARE * (own.second_deg or 0.0))}

    def _ends(self) -> OwnRange:
        """Return the person's own range as it reads: the calibration's, else that of the first repetitions."""
        first, second, done = self._own.first_deg, self._own.second_deg, self.repetitions[:_LEARN_REPETITIONS]
        if len(done) == _LEARN_REPETITIONS and self._rule is not None:
            first = first or _LEARNED * max(r.first_deg for r in done) / self._rule.gain_first
            second = second or _LEARNED * max(r.second_deg for r in done) / self._rule.gain_second
        return OwnRange(first, second)

    def _judge(self, e: Excursion, rule: ViewRule, now_s: float) -> tuple[Repetition | None, Rejected | None]:
        wrong = self._wrong(e, rule) or (None if e.reached else Rejection.TOO_SMALL)
        if wrong is not None:
            return None, Rejected(now_s, wrong)
        if self._spec.one_sided:
            return (self._counted(e, None, rule), None) if e.end == 1 else (None, None)
        if rule.second_unsure and (alone := self._judge_alone(e, rule)) is not None:
            return (alone, None) if isinstance(alone, Repetition) else (None, None)
        return self._pair(e, rule, now_s)

    def _pair(self, e: Excursion, rule: ViewRule, now_s: float) -> tuple[Repetition | None, Rejected | None]:
        before, self._pending = self._pending, e
        if before is None:
            return None, None
        if before.end == e.end:
            self._second_seen.append(False)
            return None, self._unpaired(before, now_s)
        if min(before.size, e.size) < rule.least_of_other * max(before.size, e.size):
            self._pending = max(before, e, key=lambda end: end.size)  # the other one is sway
            return None, Rejected(now_s, Rejection.TOO_SMALL)
        self._pending = None
        if abs(before.peak - e.peak) < 2.0 * SURE_SDS * self._moving.noise:  # the place of rest may have moved between
            return None, Rejected(now_s, Rejection.TOO_SMALL)
        if e.end_s - before.start_s < self._spec.fastest_s:
            return None, Rejected(now_s, Rejection.TOO_FAST)
        return self._whole(before, e, rule, now_s)

    def _judge_alone(self, e: Excursion, rule: ViewRule) -> Repetition | bool | None:
        """Count a first end without its second one where that does not show; add the second one if it comes after all.

        Returns:
            The repetition that counts now; ``True`` if the excursion belongs to the one that counted last; ``None`` if it is to be paired.
        """
        first, self._open = self._open, None
        if e.end == -1 and first is not None and e.start_s - first.end_s <= self._spec.slowest_s:
            self.repetitions.pop()
            self._counted(first, e, rule)
            self._second_seen[-1] = True
            return True
        asks = sum(self._second_seen) * 2 > len(self._second_seen)
        if e.end != 1 or self._pending is not None or asks or e.end_s - e.start_s < self._spec.fastest_s / 2.0:
            return None
        self._open = e
        self._second_seen.append(False)
        return self._counted(e, None, rule)

    def _whole(self, before: Excursion, e: Excursion, rule: ViewRule, now_s: float) -> tuple[Repetition | None, Rejected | None]:
        for guard in rule.guards:
            moved = self._moved(guard.signal, before.start_s, e.end_s)
            if moved is not None and moved >= guard.least and moved > guard.most_share * (before.size + e.size):
                return None, Rejected(now_s, guard.rejection)
        if (why := self._contradicted(before, e)) is not None:
            return None, Rejected(now_s, why)
        if rule.second_unsure:
            self._second_seen.append(True)
        return self._counted(before, e, rule), None

    def _counted(self, one: Excursion, other: Excursion | None, rule: ViewRule) -> Repetition:
        tempo_s = self._tempo_of(one, other)
        seen = math.exp(-0.5 * (2.0 * math.pi * self._smooth_s / max(1.5, tempo_s)) ** 2)
        ends = {one.end: one.size} | ({other.end: other.size} if other else {})
        first = ends.get(1, 0.0) * rule.gain_first / seen
        second = ends.get(-1, 0.0) * rule.gain_second / seen
        sd = math.hypot(rule.depth_sd_deg, rule.depth_sd_share * (first + second), math.sqrt(2.0) * self._moving.noise)
        done = Repetition(one.start_s, (other or one).end_s, tempo_s, first, second, sd)
        self.repetitions.append(done)
        return done

    def _tempo_of(self, one: Excursion, other: Excursion | None) -> float:
        before_s, self._before_s = self._before_s, one.middle_s
        if other is not None:
            return 2.0 * (other.middle_s - one.middle_s)
        alone_s = (1.0 if self._spec.one_sided else 2.0) * (one.end_s - one.start_s)
        since_s = math.inf if before_s is None else one.middle_s - before_s
        return since_s if 0.7 * alone_s <= since_s <= 1.5 * alone_s else alone_s

    def _wrong(self, e: Excursion, rule: ViewRule) -> Rejection | None:
        """Tell whether something else moved more during an excursion than it may."""
        for guard in (g for g in rule.guards if not g.whole and (e.end == 1 or g.at_second)):
            moved = self._moved(guard.signal, e.start_s, e.end_s)
            if moved is not None and moved >= guard.least and moved > guard.most_share * e.size:
                return guard.rejection
        return None

    def _watch_guards(self, reading: Reading, rule: ViewRule, now_s: float) -> Rejected | None:
        """Tell of a wrong movement during which the moving angle stayed where it was."""
        for guard in (g for g in rule.guards if not g.whole):
            e = estimate_of(reading, guard.signal)
            if e is None:
                continue
            found = self._guards[guard.signal].push(now_s, e.deg, e.sd_deg, {1: guard.least, -1: guard.least})
            if found is not None and found.reached and (guard.at_second or found.end == 1) and self._outweighs(guard, found):
                return Rejected(now_s, guard.rejection)
        return None

    def _outweighs(self, guard: Guard, found: Excursion) -> bool:
        moved = self._moved(None, found.start_s, found.end_s)
        return moved is not None and found.size > guard.most_share * moved

    def _moved(self, signal: Signal | None, start_s: float, end_s: float) -> float | None:
        values = self._between(signal, start_s, end_s)
        return max(values) - min(values) if len(values) >= 2 else None

    def _contradicted(self, one: Excursion, other: Excursion | None) -> Rejection | None:
        """Tell which movement two ends are by the checks, or one end and where it began; ``None`` if it is the right one."""
        for check in self._rule.checks if self._rule else ():
            total = 0.0
            for signal, weight in check.weights.items():
                out = self._between(signal, one.start_s, one.end_s)
                back = self._between(signal, other.start_s, other.end_s) if other else out[:1]
                if out and back:  # what was not seen adds nothing
                    total += weight * one.end * (fmean(out) - fmean(back))
            if total < 0.0:
                return check.rejection
        return None

    def _between(self, signal: Signal | None, start_s: float, end_s: float) -> list[float]:
        return [v for t, v in self._history.get(signal, ()) if start_s <= t <= end_s]

    def _expire(self, now_s: float) -> Rejected | None:
        if self._pending is None or self._moving.side or now_s - self._pending.end_s <= self._spec.slowest_s:
            return None
        e, self._pending = self._pending, None
        return self._unpaired(e, now_s)

    def _unpaired(self, e: Excursion, now_s: float) -> Rejected:
        """Tell of one end without the other: half a repetition, unless it is one of another movement."""
        why = self._contradicted(e, None) or Rejection.HALF
        if why is Rejection.HALF:
            self.half_times_s.append(e.end_s)
        return Rejected(now_s, why)

    def _note(self, new: Rejected) -> Rejected | None:
        last = self._last_rejected
        if last is not None and last.why is new.why and new.time_s - last.time_s < _AGAIN_S:
            return None
        self._last_rejected = new
        self.rejections.append(new)
        return new

    def _state(self) -> CounterState:
        side = self._moving.side
        if side and self._pending is not None and side != self._pending.end:
            return CounterState.SECOND_END
        if side:
            return CounterState.FIRST_END
        return CounterState.REST if self._pending is None else CounterState.BETWEEN

    def _update(
        self,
        now_s: float,
        angle: Estimate | None,
        state: CounterState,
        counted: Repetition | None = None,
        rejected: Rejected | None = None,
        cue: str | None = None,
    ) -> CounterUpdate:
        own = self._ends()
        band = None if own.first_deg is None else (-(own.second_deg or 0.0), own.first_deg)
        if cue is None:
            cue = cue_of(self._spec, counted, rejected)
        return CounterUpdate(now_s, state, angle, band, len(self.repetitions), len(self.half_times_s), counted, rejected, cue)
