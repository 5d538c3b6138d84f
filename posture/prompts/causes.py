"""What goes on that calls for prompts, and when the next prompt about each is due. Pure; times in seconds on one clock.

The first prompt of an episode is due when its dose is full, its firm step when the dose goes on. While the cause lasts, another
first prompt is due `repeat_s` after the last (about sitting ``sitting_s``, about stillness ``still_s``), and after ``PATIENT``
without an answer in twice, then three times `repeat_s`. Sitting and stillness wait behind what says more.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from posture.settings import DoseSettings, PromptSettings
from posture.types import CauseEased, EpisodeKind, NextPrompt, PromptDue, PromptLevel, PromptReason, ShownPrompt

ORDER = (EpisodeKind.FLEXED, EpisodeKind.ANTERIOR_TILT, EpisodeKind.SITTING, EpisodeKind.STILLNESS)
"""Who goes first when several prompts wait; the referral goes before all."""
PATIENT = 3
"""After so many first prompts in a row without an answer they come less often (our judgement)."""
SHARE_APART_S = 1800.0
"""A share of the hour calls for no prompt this soon after one about the same (our judgement)."""
_POSTURES = (EpisodeKind.FLEXED, EpisodeKind.ANTERIOR_TILT)
_WHATEVER_THE_POSTURE = (EpisodeKind.SITTING, EpisodeKind.STILLNESS)


@dataclass(frozen=True, slots=True)
class Turn:
    """A prompt that is due."""

    kind: EpisodeKind
    start_s: float | None
    """Of its episode."""
    step: PromptLevel
    due_s: float
    reason: PromptReason
    dose_s: float | None = None
    number: int = 0
    """How many first prompts of its episode went before it."""
    back: ShownPrompt | None = None
    """The snoozed prompt that comes back; ``None`` for one that comes for the first time."""

    @property
    def first(self) -> bool:
        """Whether it counts in the limits; a firm step and a return from a snooze do not."""
        return self.step is PromptLevel.SOFT and self.back is None


@dataclass(slots=True)
class Cause:
    """One episode that goes on, and what was said of it."""

    start_s: float
    full: PromptDue | None = None
    """When its dose was full for the first time."""
    firm: PromptDue | None = None
    """Not shown yet."""
    firm_said: bool = False
    share: PromptDue | None = None
    """While the share of the hour is reached."""
    since_s: float | None = None
    """Since when its dose is full; ``None`` while it is not."""
    firsts: list[ShownPrompt] = field(default_factory=list)
    last_s: float = float("-inf")
    """When the last prompt about it could have been shown, but for a moment at which the person moves."""
    unanswered: int = 0
    """First prompts since the last answer."""


class Causes:
    """The episodes that go on, at most one of a kind."""

    def __init__(self, prompts: PromptSettings, dose: DoseSettings) -> None:
        """Nothing goes on."""
        self._repeat_s = prompts.repeat_s
        self._wanted = {
            EpisodeKind.FLEXED: prompts.about_flexed,
            EpisodeKind.ANTERIOR_TILT: prompts.about_tilt,
            EpisodeKind.SITTING: prompts.about_sitting,
            EpisodeKind.STILLNESS: prompts.about_stillness,
        }
        self._every_s = {EpisodeKind.SITTING: dose.sitting_s, EpisodeKind.STILLNESS: dose.still_s}
        self._open: dict[EpisodeKind, Cause] = {}
        self._closed: dict[EpisodeKind, float] = {}
        self._last_s: dict[EpisodeKind, float] = {}
        """Of the last prompt of a kind, whatever its episode."""
        self._any_s = float("-inf")
        """Of the last prompt at all."""

    def wants(self, kind: EpisodeKind) -> bool:
        """Tell whether the settings want prompts about that kind."""
        return self._wanted[kind]

    def is_open(self, kind: EpisodeKind | None, start_s: float | None) -> bool:
        """Tell whether that episode goes on."""
        cause = None if kind is None else self._open.get(kind)
        return cause is not None and cause.start_s == start_s

    def is_stale(self, due: PromptDue) -> bool:
        """Tell whether what is due belongs to an episode that has ended."""
        return self._closed.get(due.kind) == due.episode_start_s

    def replaces(self, due: PromptDue) -> bool:
        """Tell whether what is due belongs to another episode than the one that goes on."""
        cause = self._open.get(due.kind)
        return cause is not None and cause.start_s != due.episode_start_s

    def begin(self, kind: EpisodeKind, start_s: float, before: Iterable[ShownPrompt] = ()) -> Cause:
        """Return the episode, begun if it is new; `before`: first prompts, of which some may be of it."""
        if kind not in self._open:
            self._open[kind] = Cause(start_s, firsts=[p for p in before if _answers(p, kind, start_s)])
        return self._open[kind]

    def due(self, due: PromptDue, before: Iterable[ShownPrompt]) -> None:
        """Take up a dose that is full, a firm step or a share of the hour; a firm step joins a first prompt that still waits."""
        cause = self.begin(due.kind, due.episode_start_s, before)
        if due.reason is PromptReason.SHARE:
            cause.share = due
            return
        cause.since_s = due.time_s if cause.since_s is None else cause.since_s
        if not cause.firsts:
            cause.full = cause.full or due
        elif due.step is PromptLevel.FIRM and not cause.firm_said and [p.reason for p in cause.firsts] == [PromptReason.DOSE]:
            cause.firm = due

    def eased(self, what: CauseEased) -> None:
        """Note that a dose is not full any more, or a share of the hour not reached."""
        cause = self._open.get(what.kind)
        if cause is not None and what.reason is PromptReason.SHARE:
            cause.share = None
        elif cause is not None:
            cause.since_s = None

    def close(self, kind: EpisodeKind) -> None:
        """End the episode of a kind, if one goes on."""
        if kind in self._open:
            self._closed[kind] = self._open.pop(kind).start_s

    def shown(self, shown: ShownPrompt, ready_s: float) -> None:
        """Note a prompt that was shown and could have been from `ready_s` on."""
        self._any_s = max(self._any_s, shown.time_s)
        if shown.kind is None:
            return
        self._last_s[shown.kind] = ready_s
        if not self.is_open(shown.kind, shown.episode_start_s):
            return
        cause = self._open[shown.kind]
        cause.last_s = ready_s
        cause.firm_said |= shown.step is PromptLevel.FIRM
        if shown.step is PromptLevel.FIRM or shown.reason is not PromptReason.DOSE:
            cause.firm = None
        if shown.step is PromptLevel.SOFT and shown.reason is not PromptReason.SNOOZED:
            cause.firsts.append(shown)
            cause.unanswered += 1

    def answered(self, shown: ShownPrompt) -> None:
        """Note that the person answered, whatever it was."""
        if shown.kind is not None and self.is_open(shown.kind, shown.episode_start_s):
            self._open[shown.kind].unanswered = 0

    def drop_firm(self, kind: EpisodeKind) -> None:
        """Show no firm step for the episode of a kind."""
        if kind in self._open:
            self._open[kind].firm = None

    def firm(self, kind: EpisodeKind) -> Turn | None:
        """Return the firm step that is due."""
        cause = self._open.get(kind)
        if cause is None or cause.firm is None:
            return None
        return Turn(kind, cause.start_s, PromptLevel.FIRM, cause.firm.time_s, PromptReason.DOSE, cause.firm.dose_s, 1)

    def first(self, kind: EpisodeKind, time_s: float) -> Turn | None:
        """Return the first prompt that is due about a kind at `time_s`, the first of its episode or a repeat."""
        cause = self._open.get(kind)
        if cause is None or (cause.firsts and self._repeat_s == 0.0):
            return None
        turns = (self._full(kind, cause), self._share(kind, cause))
        return next((turn for turn in turns if turn is not None and turn.due_s <= time_s), None)

    def next_due(self, kind: EpisodeKind, time_s: float) -> NextPrompt | None:
        """Return the first prompt about a cause that goes on and is full which falls due after `time_s`."""
        cause = self._open.get(kind)
        if cause is None or (cause.firsts and self._repeat_s == 0.0):
            return None
        turns = [turn for turn in (self._full(kind, cause), self._share(kind, cause)) if turn is not None]
        if not turns:
            return None
        behind_s = self.waits_behind(kind) or float("-inf")
        due_s = max(min(turn.due_s for turn in turns), behind_s)
        return NextPrompt(due_s, kind, due_s == behind_s or cause.unanswered >= PATIENT) if due_s > time_s else None

    def waits_behind(self, kind: EpisodeKind) -> float | None:
        """Return until when sitting or stillness waits with a cause that goes before it, of which prompts are not answered."""
        before = ORDER[: ORDER.index(kind)] if kind in _WHATEVER_THE_POSTURE and self._repeat_s > 0.0 else ()
        ignored = [(k, c) for k in before if (c := self._open.get(k)) is not None and c.unanswered >= PATIENT]
        return max((c.last_s + self._interval(k, c) for k, c in ignored), default=None)

    def _full(self, kind: EpisodeKind, cause: Cause) -> Turn | None:
        if cause.firsts:
            if cause.since_s is None or cause.firm is not None:
                return None
            due_s, reason, dose_s = max(cause.since_s, cause.last_s + self._interval(kind, cause)), PromptReason.REPEAT, None
        elif cause.full is not None:
            due_s, reason, dose_s = cause.full.time_s, PromptReason.DOSE, cause.full.dose_s
        else:
            return None
        return Turn(kind, cause.start_s, PromptLevel.SOFT, max(due_s, self._postponed_to(kind)), reason, dose_s, len(cause.firsts))

    def _share(self, kind: EpisodeKind, cause: Cause) -> Turn | None:
        if cause.share is None:
            return None
        apart_s = max(SHARE_APART_S, self._interval(kind, cause) if cause.unanswered >= PATIENT else 0.0)
        due_s = max(cause.share.time_s, self._last_s.get(kind, float("-inf")) + apart_s)
        return Turn(kind, cause.start_s, PromptLevel.SOFT, due_s, PromptReason.SHARE, cause.share.dose_s, len(cause.firsts))

    def _interval(self, kind: EpisodeKind, cause: Cause) -> float:
        """Return the least time from the last prompt about a cause to its next."""
        times = 0 if cause.unanswered < PATIENT else 2 if cause.unanswered == PATIENT else 3
        return max(self._every_s.get(kind, self._repeat_s), times * self._repeat_s)

    def _postponed_to(self, kind: EpisodeKind) -> float:
        """Return the moment before which a prompt of that kind is not due, because of prompts of other kinds."""
        if kind is EpisodeKind.SITTING:
            return max(self._last_s.get(k, float("-inf")) for k in _POSTURES) + self._every_s[kind]
        return self._any_s + self._every_s[kind] if kind is EpisodeKind.STILLNESS else float("-inf")


def _answers(shown: ShownPrompt, kind: EpisodeKind, start_s: float) -> bool:
    return shown.kind is kind and shown.episode_start_s == start_s and shown.reason is not PromptReason.SNOOZED
