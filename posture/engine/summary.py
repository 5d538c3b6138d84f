"""The summary of a session or a day: what the time was spent in, and what stands out. Unknown and away are never good."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from posture.engine.spans import EXERCISE
from posture.engine.stillness import Stillness, stillness_of
from posture.settings import DoseSettings
from posture.types import MEASURED, Episode, EpisodeKind, Posture, PostureChange, PostureChangeKind, PromptOutcome, Span

LEAVE_THE_TOTALS = ("suspended", "paused", EXERCISE)
"""Reasons for unknown time that the person chose: it is no part of the day that was to be measured."""
LOW_COVERAGE = 0.5
"""Below this share of measured time there is no advice: too little was seen."""


@dataclass(frozen=True, slots=True)
class PromptLine:
    """A prompt that was shown, as the summary lists it."""

    time_s: float
    prompt_id: str
    title: str
    kind: str
    step: str
    passages: tuple[str, ...] = ()
    outcome: PromptOutcome | None = None
    """What followed; ``None`` if it is not known, as in every recording."""


@dataclass(frozen=True, slots=True)
class Helped:
    """How many prompts were followed by what; the referral is not among them, as it asks for no movement."""

    done: int
    moved: int
    snoozed: int
    ignored: int
    unknown: int


@dataclass(frozen=True, slots=True)
class Finding:
    """What stands out most, and what to do about it."""

    kind: EpisodeKind
    text: str
    advice_ids: tuple[str, ...] = ()
    passages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DaySummary:
    """Seconds per posture and what happened; times are seconds since the session's start, or since the epoch for a day."""

    start_s: float
    end_s: float
    seconds: dict[Posture, float]
    """Every posture is a key; the values add up to total_s."""
    total_s: float
    coverage: float | None
    """Measured share (0..1) of the time that the person was not away; ``None`` if there was no such time."""
    longest_sit_s: float
    breaks: int
    shifts: int
    prompts: tuple[PromptLine, ...] = ()
    held: tuple[tuple[float, str, str], ...] = ()
    """Time, kind and reason of prompts that were due and not shown."""
    finding: Finding | None = None
    notes: tuple[str, ...] = ()
    """What the reader must know: low coverage, an automatic neutral, an open referral, ..."""
    reasons: dict[str, float] = field(default_factory=dict)
    """Seconds of unknown time by reason."""
    stillness: Stillness | None = None
    """``None`` where the person was not seen seated."""
    helped: Helped | None = None
    """``None`` where nothing is known of what followed any prompt."""


def measured_s(seconds: Mapping[Posture, float]) -> float:
    """Return seconds in which the posture was measured, of seconds by posture."""
    return sum(seconds[p] for p in MEASURED)


def there_s(seconds: Mapping[Posture, float]) -> float:
    """Return seconds in which the person was not away, of seconds by posture."""
    return sum(v for p, v in seconds.items() if p is not Posture.AWAY)


def coverage_of(seconds: Mapping[Posture, float]) -> float | None:
    """Return the measured share (0..1) of the time that the person was not away; ``None`` if there was no such time."""
    there = there_s(seconds)
    return measured_s(seconds) / there if there > 0 else None


def summarise(
    spans: Sequence[Span],
    moves: Iterable[PostureChange],
    episodes: Sequence[Episode],
    *,
    prompts: Sequence[PromptLine] = (),
    held: Sequence[tuple[float, str, str]] = (),
    finding: Finding | None = None,
    notes: Sequence[str] = (),
) -> DaySummary:
    """Add up spans, moves and episodes.

    Args:
        spans: in order of time, without overlap.
        moves: breaks and shifts.
        episodes: all episodes; the longest sit is read from those of kind sitting.
        prompts, held, finding, notes: carried over.
    """
    counted = [s for s in spans if s.reason not in LEAVE_THE_TOTALS]
    seconds = {p: sum(s.duration_s for s in counted if s.posture is p) for p in Posture}
    reasons: dict[str, float] = {}
    for s in counted:
        if s.posture is Posture.UNKNOWN:
            reasons[s.reason or "unmeasured"] = reasons.get(s.reason or "unmeasured", 0.0) + s.duration_s
    moves = list(moves)
    kinds = [m.kind for m in moves]
    return DaySummary(
        start_s=spans[0].start_s if spans else 0.0,
        end_s=spans[-1].end_s if spans else 0.0,
        seconds=seconds,
        total_s=sum(seconds.values()),
        coverage=coverage_of(seconds),
        longest_sit_s=max((e.dose_s for e in episodes if e.kind is EpisodeKind.SITTING), default=0.0),
        breaks=kinds.count(PostureChangeKind.BREAK),
        shifts=kinds.count(PostureChangeKind.SHIFT),
        prompts=tuple(prompts),
        held=tuple(held),
        finding=finding,
        notes=tuple(notes),
        reasons=reasons,
        stillness=stillness_of(spans, moves),
        helped=helped_of(prompts),
    )


def helped_of(prompts: Iterable[PromptLine]) -> Helped | None:
    """Tell which prompts helped; ``None`` where that is known of none."""
    outcomes = [p.outcome for p in prompts if p.kind in set(EpisodeKind)]
    if not any(outcomes):
        return None
    of = outcomes.count
    return Helped(of(PromptOutcome.DONE), of(PromptOutcome.MOVED), of(PromptOutcome.SNOOZED), of(PromptOutcome.IGNORED), of(None))


def dominant(episodes: Iterable[Episode], dose: DoseSettings) -> EpisodeKind | None:
    """Return the kind whose episodes that reached their prompt's dose took the most time; ``None`` if none did.

    Stillness is none of them: ``DaySummary.stillness`` tells it by itself.
    """
    due = {EpisodeKind.FLEXED: dose.soft_s, EpisodeKind.ANTERIOR_TILT: dose.tilt_s, EpisodeKind.SITTING: dose.sitting_s}
    taken: dict[EpisodeKind, float] = {}
    for e in episodes:
        if e.dose_s >= due.get(e.kind, float("inf")):
            taken[e.kind] = taken.get(e.kind, 0.0) + e.in_state_s
    # A whole sit is longer than any posture in it, so sitting only leads where no posture does.
    postures = {k: v for k, v in taken.items() if k is not EpisodeKind.SITTING}
    pick = postures or taken
    return max(pick, key=lambda k: pick[k]) if pick else None
