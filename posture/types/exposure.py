"""Postures over time: spans, episodes, changes, and what they call for."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from posture.types.readings import Posture


class EpisodeKind(StrEnum):
    """What a sustained episode, and the prompt that answers it, is about."""

    FLEXED = "flexed"
    ANTERIOR_TILT = "anterior_tilt"
    SITTING = "sitting"
    STILLNESS = "stillness"
    """Seated without a posture change, whatever the posture."""


KIND_WORDS = {
    EpisodeKind.FLEXED: "leaning or slumping",
    EpisodeKind.ANTERIOR_TILT: "pelvis tipped forward",
    EpisodeKind.SITTING: "sitting without a break",
    EpisodeKind.STILLNESS: "sitting still",
}
"""What is said of a kind to the person."""


class PromptLevel(StrEnum):
    """How insistent a prompt is."""

    SOFT = "soft"
    FIRM = "firm"


class PromptReason(StrEnum):
    """Why a prompt about its kind comes at this moment."""

    DOSE = "dose"
    """Its dose (or the sitting, or the stillness) is full, for the first time in the episode; the firm step too."""
    REPEAT = "repeat"
    """The cause has gone on since the last prompt about it."""
    SHARE = "share"
    """Flexed for much of the last measured hour, though never long enough at a time."""
    SNOOZED = "snoozed"
    """It was snoozed, and comes back."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of one posture. The spans of a session tile it: no gap, no overlap."""

    start_s: float
    end_s: float
    posture: Posture
    seated: bool | None = None
    reason: str | None = None
    """Why it is unknown: ``nobody_brief``, ``unclear``, ``unmeasured``, ``gap``, ``not_analysed``, ..."""

    @property
    def duration_s(self) -> float:
        """Seconds."""
        return self.end_s - self.start_s


@dataclass(frozen=True, slots=True)
class PromptDue:
    """A dose has reached a threshold: a prompt is due."""

    kind: EpisodeKind
    step: PromptLevel
    time_s: float
    dose_s: float
    """Seconds of dose; for sitting, seconds of unbroken sitting; for stillness, seconds without a posture change; for a share of
    the hour, flexed seconds in it."""
    episode_start_s: float
    reason: PromptReason = PromptReason.DOSE
    """``DOSE`` or ``SHARE``."""


@dataclass(frozen=True, slots=True)
class CauseEased:
    """A dose has fallen below its threshold, or a share of the hour is over; the episode may go on."""

    kind: EpisodeKind
    reason: PromptReason = PromptReason.DOSE


@dataclass(frozen=True, slots=True)
class Episode:
    """One sustained posture from its first second until its dose is low again."""

    kind: EpisodeKind
    start_s: float
    end_s: float
    dose_s: float
    """The highest dose that it reached, seconds."""
    angle: str | None = None
    """Which angle peak_deg and mean_deg are of: trunk_flexion, spinal_flexion or pelvic_tilt; ``None`` for sitting."""
    peak_deg: float | None = None
    mean_deg: float | None = None
    """Mean over the time in the state."""
    in_state_s: float = 0.0
    """Seconds in the state itself, without the recovery that follows."""


class PostureChangeKind(StrEnum):
    """A break is away or standing for a minute or more; a shift is a held change of posture."""

    BREAK = "break"
    SHIFT = "shift"


@dataclass(frozen=True, slots=True)
class PostureChange:
    """A break or a shift, at the moment it began."""

    kind: PostureChangeKind
    time_s: float


AFTER_S = 1800.0
"""How long it is counted how the time after a prompt is spent, from the moment it was shown."""


@dataclass(frozen=True, slots=True)
class ExposureAfter:
    """How the half hour (``AFTER_S``) after a prompt was spent, as far as it was seen."""

    measured_s: float
    """Seconds in which the posture was measured."""
    flexed_s: float
    """Seconds flexed and not standing: the flexed dose that was added."""
    away_s: float
    """Seconds in which nobody was there."""
    ended: bool | None
    """Whether the episode that the prompt answered ended in it; ``None`` if the session ended before either."""
