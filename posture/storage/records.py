"""Rows of the database as small frozen values in absolute time.

``*_utc`` is seconds since the epoch (UTC). ``since(origin_utc)`` gives the value of `posture.types` again, in seconds since
that moment.
"""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from functools import cache, lru_cache
from typing import Annotated, Any, Self, TypeVar

from pydantic import BeforeValidator, TypeAdapter

from posture.types import (
    Answer,
    Episode,
    EpisodeKind,
    ExposureAfter,
    HeldPrompt,
    HoldBack,
    HoldReason,
    Posture,
    PostureChange,
    PostureChangeKind,
    PromptLevel,
    PromptOutcome,
    PromptReason,
    ReportKind,
    SelfReport,
    ShownPrompt,
    Span,
    View,
)


class Origin(StrEnum):
    """Whose time a session is."""

    LIVE = "live"
    """The user's own day: a camera, or a recording entered as such."""
    FILE = "file"
    """A recording of anybody; never part of the user's day."""


class SessionEnd(StrEnum):
    """How a session ended."""

    COMPLETE = "complete"
    INTERRUPTED = "interrupted"
    FAILED = "failed"
    """By an error."""
    HARD = "hard"
    """Its process was gone without a word; found later."""


@dataclass(frozen=True, slots=True)
class StoredSession:
    """One run of the monitor, or one recording."""

    id: int
    origin: Origin
    source: str
    """Label of the camera, or name of the file."""
    started_utc: float
    expected_end_utc: float | None
    """For a recording, where it was expected to end; ``None`` for a camera."""
    ended_utc: float | None
    """``None`` while it runs."""
    ended: SessionEnd | None
    view: str | None
    profile: str | None
    model: str | None
    app_version: str
    tz_offset_s: float
    """Local time minus UTC where and when it started, seconds."""

    def label(self) -> str:
        """Return number, source and time of day (where it was recorded), for a message."""
        zone = timezone(timedelta(seconds=self.tz_offset_s))
        start = datetime.fromtimestamp(self.started_utc, UTC).astimezone(zone)
        until_utc = self.expected_end_utc if self.ended_utc is None else self.ended_utc
        end = "now" if until_utc is None else f"{datetime.fromtimestamp(until_utc, UTC).astimezone(zone):%H:%M:%S}"
        return f"session {self.id} ({self.source}, {start:%Y-%m-%d %H:%M:%S} to {end})"


@dataclass(frozen=True, slots=True)
class StoredSpan:
    """A stretch of one posture."""

    session_id: int
    start_utc: float
    end_utc: float
    posture: Posture
    seated: bool | None
    reason: str | None
    open: bool
    """It went on when it was last written."""

    def since(self, origin_utc: float) -> Span:
        """Return the span in seconds since ``origin_utc``."""
        return Span(self.start_utc - origin_utc, self.end_utc - origin_utc, self.posture, self.seated, self.reason)

    def clipped(self, start_utc: float, end_utc: float) -> Self:
        """Return the part of it that lies in the range, which it must reach into."""
        return replace(self, start_utc=max(self.start_utc, start_utc), end_utc=min(self.end_utc, end_utc))


@dataclass(frozen=True, slots=True)
class StoredEpisode:
    """A sustained posture; degrees and seconds as in `posture.types.Episode`."""

    session_id: int
    kind: EpisodeKind
    start_utc: float
    end_utc: float
    dose_s: float
    angle: str | None
    peak_deg: float | None
    mean_deg: float | None
    in_state_s: float

    def since(self, origin_utc: float) -> Episode:
        """Return the episode in seconds since ``origin_utc``."""
        start_s, end_s = self.start_utc - origin_utc, self.end_utc - origin_utc
        return Episode(self.kind, start_s, end_s, self.dose_s, self.angle, self.peak_deg, self.mean_deg, self.in_state_s)


@dataclass(frozen=True, slots=True)
class StoredPrompt:
    """A prompt that was shown, or withheld in its place."""

    id: int
    session_id: int
    at_utc: float
    prompt_id: str
    kind: EpisodeKind | None
    step: PromptLevel
    episode_start_utc: float | None
    answer: Answer | None
    """The last thing the person did with it; ``None`` if nothing."""
    answered_utc: float | None
    outcome: PromptOutcome | None
    """What followed; ``None`` if it is not known."""
    reason: PromptReason | None = None
    """Why it came at that moment; ``None`` for one of a version that did not store it."""
    after_measured_s: float | None = None
    """The half hour after it, as `posture.types.ExposureAfter`; ``None`` if it was not followed to its end."""
    after_flexed_s: float | None = None
    after_away_s: float | None = None
    after_ended: bool | None = None
    withheld: bool | None = None

    @property
    def after(self) -> ExposureAfter | None:
        """How the half hour after it was spent; ``None`` if that is not known."""
        if self.after_measured_s is None or self.after_flexed_s is None or self.after_away_s is None:
            return None
        return ExposureAfter(self.after_measured_s, self.after_flexed_s, self.after_away_s, self.after_ended)

    def since(self, origin_utc: float) -> ShownPrompt:
        """Return the prompt in seconds since ``origin_utc``."""
        episode_start_s = None if self.episode_start_utc is None else self.episode_start_utc - origin_utc
        reason = self.reason or PromptReason.DOSE
        return ShownPrompt(self.at_utc - origin_utc, self.prompt_id, self.kind, self.step, episode_start_s, reason, withheld=self.withheld)


@dataclass(frozen=True, slots=True)
class StoredHeldPrompt:
    """A prompt that was due and not shown, from the moment on at which this reason held it back."""

    session_id: int
    at_utc: float
    kind: EpisodeKind
    step: PromptLevel
    reason: HoldReason
    until_utc: float | None
    """When the reason was to end, if that was known."""
    detail: str | None

    def since(self, origin_utc: float) -> HeldPrompt:
        """Return it in seconds since ``origin_utc``."""
        until_s = None if self.until_utc is None else self.until_utc - origin_utc
        return HeldPrompt(self.at_utc - origin_utc, self.kind, HoldBack(self.reason, until_s, self.detail or ""), self.step)


@dataclass(frozen=True, slots=True)
class StoredMove:
    """A break or a shift."""

    session_id: int
    at_utc: float
    kind: PostureChangeKind

    def since(self, origin_utc: float) -> PostureChange:
        """Return the change in seconds since ``origin_utc``."""
        return PostureChange(self.kind, self.at_utc - origin_utc)


def _json_object(text: object) -> object:
    try:
        data = json.loads(str(text))
    except (ValueError, RecursionError):
        return {}  # damaged: as one of another version, which cannot be used either
    return data if isinstance(data, dict) else {}


@dataclass(frozen=True, slots=True)
class StoredProfile:
    """A person's calibration."""

    name: str
    created_utc: float
    view: View | None
    data: Annotated[dict[str, Any], BeforeValidator(_json_object)]
    """What the calibration wrote, as JSON holds it."""


@dataclass(frozen=True, slots=True)
class StoredReport:
    """A self-report and the number by which the person can name it."""

    id: int
    report: SelfReport

    @classmethod
    def of(cls, row: sqlite3.Row) -> Self:
        """Read a row of the table."""
        return cls(row["id"], SelfReport(row["at_utc"], ReportKind(row["kind"]), row["place"], row["note"], row["acknowledged_utc"]))


T = TypeVar("T")


def records(kind: type[T], rows: Iterable[sqlite3.Row]) -> list[T]:
    """Read rows of a table whose columns have the names of the fields of `kind`; other columns are left out.

    Raises:
        ValueError: A column holds what the field cannot.
    """
    found: list[T] = _adapter(kind).validate_python([dict(row) for row in rows])  # type: ignore[arg-type] # a class can be hashed
    return found


@cache
def _adapter(kind: Any) -> TypeAdapter[list[Any]]:
    return TypeAdapter(list[kind])


def each_second_once(spans: list[StoredSpan]) -> list[StoredSpan]:
    """Cut from spans (by start) what earlier ones cover already, as there is when a clock was set back."""
    kept: list[StoredSpan] = []
    covered_utc = -math.inf
    for span in spans:
        if span.end_utc > covered_utc:
            kept.append(span.clipped(covered_utc, span.end_utc))
            covered_utc = span.end_utc
    return kept


def local_offset_s(time_s: float) -> float:
    """Return local time minus UTC in this machine's time zone at a moment, seconds."""
    return _quarter_offset_s(math.floor(time_s / 900))


@lru_cache(maxsize=4096)
def _quarter_offset_s(quarter: int) -> float:
    """Return it for a quarter of an hour: no clock changes inside of one."""
    try:
        offset = datetime.fromtimestamp(quarter * 900.0).astimezone().utcoffset()
    except (ValueError, OverflowError, OSError):
        offset = None
    return 0.0 if offset is None else offset.total_seconds()
