"""Bouts of exercises in recorded readings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from posture.engine.exercise.counter import ExerciseCounter
from posture.engine.exercise.presence import PresenceCounter
from posture.engine.exercise.results import ExerciseResult, OwnRange, Repetition, result_of
from posture.engine.exercise.spec import ExerciseSpec
from posture.types import Reading

_APART_S = 20.0
"""Repetitions further apart than this, from the end of one to the start of the next, are two bouts."""
_FEWEST = 3
"""Repetitions in a row that nobody makes by accident; of an exercise that was asked for, one is enough."""
_MOST_UNEQUAL = 2.0
"""How many times the smallest repetition the largest one may be, and the quickest one the slowest, where nobody said that it is one."""

_MOST_IDLE = 2.0
"""How many times longer than its repetitions a bout may be, likewise."""

_LEAST_SHARE = 0.3
"""Of the median of an end in a bout: less is none."""


@dataclass(frozen=True, slots=True)
class Bout:
    """Some repetitions of one exercise without a long pause."""

    start_s: float
    end_s: float
    result: ExerciseResult


def find_bouts(
    readings: Sequence[Reading],
    specs: Iterable[ExerciseSpec],
    own: Mapping[str, OwnRange] | None = None,
    *,
    smooth_s: float = 0.0,
    neutral_known: bool = True,
) -> list[Bout]:
    """Find bouts of any of several exercises that nobody announced: three repetitions at least; where two exercises fit, the better one.

    Args:
        readings: in order of time.
        specs: which exercises.
        own: the person's own ranges, by id of the exercise.
        smooth_s, neutral_known: as for `ExerciseCounter`.
    """
    found: list[Bout] = []
    for spec in (s for s in specs if s.angle != "presence"):  # everybody gets up: that is no exercise unless somebody asks
        found += bouts_of(readings, spec, (own or {}).get(spec.id), smooth_s=smooth_s, neutral_known=neutral_known, fewest=_FEWEST)
    best: list[Bout] = []
    for bout in sorted(found, key=lambda b: (-b.result.repetitions, b.start_s)):
        if all(bout.end_s <= other.start_s or bout.start_s >= other.end_s for other in best):
            best.append(bout)
    return sorted(best, key=lambda b: b.start_s)


def bouts_of(
    readings: Sequence[Reading],
    spec: ExerciseSpec,
    own: OwnRange | None = None,
    *,
    smooth_s: float = 0.0,
    neutral_known: bool = True,
    fewest: int = 1,
) -> list[Bout]:
    """Return the bouts of one exercise, those of `fewest` repetitions or more; arguments as for `find_bouts`."""
    if spec.angle == "presence":
        return _times_up(readings, spec)
    counter = ExerciseCounter(spec, own, smooth_s=smooth_s, neutral_known=neutral_known)
    for reading in readings:
        counter.process(reading)
    counter.finish()
    bouts: list[list[Repetition]] = []
    for done in counter.repetitions:
        if bouts and done.start_s - bouts[-1][-1].end_s <= _APART_S:
            bouts[-1].append(done)
        else:
            bouts.append([done])
    bouts = [_without_sway(b) for b in bouts]
    regular = [b for b in bouts if len(b) >= fewest and (fewest == 1 or _even(b, one_sided=spec.one_sided))]
    found = [_bout(spec, b, counter.half_times_s) for b in regular]
    return [b for b in found if fewest == 1 or b.result.half_repetitions < b.result.repetitions]  # who exercises mostly comes to both ends


def _without_sway(done: Sequence[Repetition]) -> list[Repetition]:
    """Leave out an end that is far smaller than in the rest of a bout: before the own range is known, sway may pass for a repetition."""
    first, second = median(r.first_deg for r in done), median(r.second_deg for r in done)
    return [r for r in done if r.first_deg >= _LEAST_SHARE * first and (r.second_deg == 0.0 or r.second_deg >= _LEAST_SHARE * second)]


def _times_up(readings: Sequence[Reading], spec: ExerciseSpec) -> list[Bout]:
    counter = PresenceCounter(spec)
    for reading in readings:
        counter.process(reading)
    done = ExerciseResult(spec.id, 1, 0, None, None, None, None)
    return [Bout(start_s, end_s, done) for start_s, end_s in counter.times_up]


def _even(done: Sequence[Repetition], *, one_sided: bool) -> bool:
    depths, tempi = sorted(r.depth_deg for r in done), sorted(r.tempo_s for r in done)
    if done[-1].end_s - done[0].start_s > _MOST_IDLE * sum(tempi):
        return False
    if 2 * sum(r.second_deg > 0.0 for r in done) < len(done) and not one_sided:
        return False  # one end alone may as well be a lean, over and over
    return all(values[-1] <= _MOST_UNEQUAL * values[0] for values in (depths, tempi))


def _bout(spec: ExerciseSpec, done: list[Repetition], halves_s: Sequence[float]) -> Bout:
    start_s, end_s = done[0].start_s, done[-1].end_s
    half = [t for t in halves_s if start_s - _APART_S <= t <= end_s + _APART_S]
    if half:
        start_s, end_s = min(start_s, half[0]), max(end_s, half[-1])
    return Bout(start_s, end_s, result_of(spec, done, len(half)))
