"""What a session shows of itself at one moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from posture.types import ClassifiedReading, EpisodeKind, HeldPrompt, HoldBack, Mode, NextPrompt, Posture


@dataclass(frozen=True, slots=True)
class SessionStatus:
    """What a session shows of itself at one moment: in the terminal, in the tray, over the control channel."""

    mode: Mode = Mode.READY
    time_s: float = 0.0
    """Seconds since the session's start."""
    judged: ClassifiedReading | None = None
    """``None`` if the person cannot be measured at this moment."""
    dose_s: Mapping[EpisodeKind, float] = field(default_factory=dict)
    soft_s: float = 600.0
    """The dose of flexed sitting that calls for a prompt, seconds."""
    snooze_s: float = 600.0
    """How long a snooze lasts, seconds."""
    words: str = ""
    """What hinders measuring, in plain words; empty if nothing does."""
    held: str = ""
    """Why prompts are held although the person is measured, in plain words; empty if they are not."""
    flagged: bool = False
    """Whether a red flag is up: no exercise is offered before it is acknowledged."""
    paused_until_utc: float | None = None
    """When the person's pause ends by itself, seconds since the epoch."""
    advice: str = ""
    """What the person had better do about the camera or the neutral, in plain words; empty if nothing."""
    prompt: tuple[int, str] | None = None
    """Number and title of the prompt that waits for an answer."""
    last: str | None = None
    """Title of the last prompt of the session, if it may be shown again."""
    held_back: tuple[HeldPrompt, ...] = ()
    """Prompts that are due and held back, each since when and why; what goes first, first. Times are the session's."""
    silence: HoldBack | None = None
    """What would hold back a prompt that fell due now, whatever its cause; ``None``: nothing."""
    next_due: NextPrompt | None = None
    """The next prompt about what goes on, if its time is known."""
    unknown_since_s: float | None = None
    """Since when it measures and knows neither a posture nor that nobody is there; ``None`` if it knows."""
    calibrated: bool = True
    """Whether the person gave the neutral."""
    at_utc: float = 0.0
    """The wall clock at `time_s`, seconds since the epoch."""

    @property
    def posture(self) -> Posture | None:
        """The posture that is measured at this moment, or ``AWAY``; ``None`` if nothing is known."""
        known = self.mode is Mode.RUNNING and self.judged is not None and self.judged.posture is not Posture.UNKNOWN
        return self.judged.posture if known and self.judged is not None else None
