"""A guided exercise, as it was counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any


class ExerciseEnd(StrEnum):
    """How a guided exercise ended."""

    DONE = "done"
    """As many repetitions as are advised."""
    IDLE = "idle"
    """Nothing more came, or the time for it was over."""
    STOPPED = "stopped"
    """The person stopped it."""
    HURT = "hurt"
    """The person stopped it because it hurt."""
    LOST = "lost"
    """The camera, or the monitor, ended first."""


@dataclass(frozen=True, slots=True)
class DoneExercise:
    """A guided exercise, as it was counted."""

    exercise: str
    """Id of the catalogue's entry."""
    start_s: float
    end_s: float
    """On the clock of the session; seconds since the epoch where it comes from the store."""
    repetitions: int
    half_repetitions: int
    ended: ExerciseEnd
    depth_deg: float | None = None
    """Median from one end to the other; of a one-sided movement from rest to its end. ``None`` where nothing was counted."""
    depth_sd_deg: float | None = None
    tempo_s: float | None = None
    """Median, seconds a repetition."""
    asymmetry_deg: float | None = None
    """First less second end, medians, of a movement to both sides."""
    prompt: int | None = None
    """Number of the prompt that it answers, in the store."""

    @property
    def answers_prompt(self) -> bool:
        """Whether it stands for *done* to its prompt: something was done, and it was not stopped because it hurt."""
        if self.ended is ExerciseEnd.HURT:
            return False
        return self.ended is ExerciseEnd.DONE or self.repetitions + self.half_repetitions > 0

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> DoneExercise:
        """Read what a monitor says of one, as JSON holds it.

        Raises:
            TypeError, ValueError: it is of another version.
        """
        return cls(**{**values, "ended": ExerciseEnd(values["ended"])})

    def since(self, origin_utc: float) -> DoneExercise:
        """Return it with its times on the clock that began at `origin_utc`."""
        return replace(self, start_s=self.start_s - origin_utc, end_s=self.end_s - origin_utc)
