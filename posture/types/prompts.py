"""Prompts that were shown, are held back or come next, and what followed them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from posture.types.exposure import EpisodeKind, PromptLevel, PromptReason


@dataclass(frozen=True, slots=True)
class ShownPrompt:
    """A prompt that was shown, or withheld in its place."""

    time_s: float
    prompt_id: str
    kind: EpisodeKind | None
    """``None`` for the referral."""
    step: PromptLevel
    episode_start_s: float | None = None
    reason: PromptReason = PromptReason.DOSE
    dose_s: float | None = field(default=None, compare=False)
    """Seconds that called for it when it fell due, as in `PromptDue`; ``None`` where that is not known."""
    withheld: bool | None = None
    """Whether the draw of ``prompts.learn_effect`` withheld it: it counts as shown and was not; ``None``: there was no draw."""


class HoldReason(StrEnum):
    """Why a prompt that is due is not shown."""

    HOLD = "hold"
    """A call, a window in full screen, do not disturb: `HoldBack.detail` says which."""
    SNOOZE = "snooze"
    QUIET = "quiet"
    """Quiet time after another first prompt."""
    CAP = "cap"
    """As many first prompts in the last hour as are set."""
    UNANSWERED = "unanswered"
    """The last prompts about a cause that goes before this one were not answered, so both wait longer."""
    REFERRAL = "referral"
    """A red flag is up, and the catalogue has no entry that is allowed under it."""
    SAME = "same"
    """The only entry of the catalogue that fits is the one shown last."""
    NONE = "none"
    """No entry of the catalogue fits."""
    WITHHELD = "withheld"
    """Left out at random, to compare with."""
    OVER = "over"
    """Its cause ended before it could be shown: it will not come."""


@dataclass(frozen=True, slots=True)
class HoldBack:
    """What holds prompts back."""

    reason: HoldReason
    until_s: float | None = None
    """When it ends, if that is known; on the clock of the scheduler."""
    detail: str = ""
    """Of a hold, what it is, in the person's words; of a cap, how many."""


@dataclass(frozen=True, slots=True)
class HeldPrompt:
    """A prompt that was due and not shown, and why. Each prompt due is told once with each reason that held it back."""

    time_s: float
    """When it began to be held back for this reason."""
    kind: EpisodeKind
    hold: HoldBack
    step: PromptLevel = PromptLevel.SOFT


@dataclass(frozen=True, slots=True)
class NextPrompt:
    """The prompt that comes next about a cause that goes on."""

    time_s: float
    """At the earliest; on the clock of the scheduler."""
    kind: EpisodeKind
    unanswered: bool
    """Whether it comes later because the last ones were not answered."""


class Answer(StrEnum):
    """What a person does with a prompt that is on the screen."""

    SHOW = "show"
    """Wants to see how it is done."""
    DONE = "done"
    SNOOZE = "snooze"
    NOT_NOW = "not_now"


class PromptOutcome(StrEnum):
    """What followed a prompt."""

    DONE = "done"
    """The person says to have done it."""
    MOVED = "moved"
    """The person got up, or changed posture, within minutes."""
    SNOOZED = "snoozed"
    IGNORED = "ignored"
