"""What comes back from the store: rows in absolute time, as small frozen values.

``*_utc`` is seconds since the epoch (UTC). ``since(origin_utc)`` gives the value of posture/model.py again, in seconds since
that moment.
"""

from __future__ import annotations

import json
import math
import sqlite3
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from typing import Any, Self

from posture.model import (
    Answer,
    Episode,
    Followed,
    Kind,
    Move,
    MoveKind,
    Posture,
    ReportKind,
    SelfReport,
    ShownPrompt,
    Span,
    Step,
    View,
)


class Origin(StrEnum):
    """Whose time a session is."""

    LIVE = "live"
    """The user's own day: a camera, or a recording entered as such."""
    FILE = "file"
    """A recording of anybody; never part of the user's day."""


class Ended(StrEnum):
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
    ended: Ended | None
    heartbeat_utc: float
    """When its process last wrote, by the clock on the wall."""
    view: str | None
    profile: str | None
    model: str | None
    app_version: str
    tz_offset_s: float
    """Local time minus UTC where and when it started, seconds."""

    @classmethod
    def of(cls, row: sqlite3.Row) -> Self:
        """From a row of the table."""
        ended = None if row["ended"] is None else Ended(row["ended"])
        return cls(**_columns(cls, row) | {"origin": Origin(row["origin"]), "ended": ended})

    def label(self) -> str:
        """Number, source and time of day (where it was recorded), for a message."""
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

    @classmethod
    def of(cls, row: sqlite3.Row) -> Self:
        """From a row of the table."""
        seated = None if row["seated"] is None else bool(row["seated"])
        return cls(**_columns(cls, row) | {"posture": Posture(row["posture"]), "seated": seated, "open": bool(row["open"])})

    def since(self, origin_utc: float) -> Span:
        """The span in seconds since ``origin_utc``."""
        return Span(self.start_utc - origin_utc, self.end_utc - origin_utc, self.posture, self.seated, self.reason)

    def clipped(self, start_utc: float, end_utc: float) -> Self:
        """The part of it that lies in the range, which it must reach into."""
        return replace(self, start_utc=max(self.start_utc, start_utc), end_utc=min(self.end_utc, end_utc))


@dataclass(frozen=True, slots=True)
class StoredEpisode:
    """A sustained posture; degrees and seconds as in model.Episode."""

    session_id: int
    kind: Kind
    start_utc: float
    end_utc: float
    dose_s: float
    angle: str | None
    peak_deg: float | None
    mean_deg: float | None
    in_state_s: float

    @classmethod
    def of(cls, row: sqlite3.Row) -> Self:
        """From a row of the table."""
        return cls(**_columns(cls, row) | {"kind": Kind(row["kind"])})

    def since(self, origin_utc: float) -> Episode:
        """The episode in seconds since ``origin_utc``."""
        start_s, end_s = self.start_utc - origin_utc, self.end_utc - origin_utc
        return Episode(self.kind, start_s, end_s, self.dose_s, self.angle, self.peak_deg, self.mean_deg, self.in_state_s)


@dataclass(frozen=True, slots=True)
class StoredPrompt:
    """A prompt that was shown."""

    id: int
    session_id: int
    at_utc: float
    prompt_id: str
    kind: Kind | None
    step: Step
    episode_start_utc: float | None
    answer: Answer | None
    """The last thing the person did with it; ``None`` if nothing."""
    answered_utc: float | None
    outcome: Followed | None
    """What followed; ``None`` if it is not known."""

    @classmethod
    def of(cls, row: sqlite3.Row) -> Self:
        """From a row of the table."""
        words = {
            "kind": None if row["kind"] is None else Kind(row["kind"]),
            "step": Step(row["step"]),
            "answer": None if row["answer"] is None else Answer(row["answer"]),
            "outcome": None if row["outcome"] is None else Followed(row["outcome"]),
        }
        return cls(**_columns(cls, row) | words)

    def since(self, origin_utc: float) -> ShownPrompt:
        """The prompt in seconds since ``origin_utc``."""
        episode_start_s = None if self.episode_start_utc is None else self.episode_start_utc - origin_utc
        return ShownPrompt(self.at_utc - origin_utc, self.prompt_id, self.kind, self.step, episode_start_s)


@dataclass(frozen=True, slots=True)
class StoredMove:
    """A break or a shift."""

    session_id: int
    at_utc: float
    kind: MoveKind

    @classmethod
    def of(cls, row: sqlite3.Row) -> Self:
        """From a row of the table."""
        return cls(**_columns(cls, row) | {"kind": MoveKind(row["kind"])})

    def since(self, origin_utc: float) -> Move:
        """The move in seconds since ``origin_utc``."""
        return Move(self.kind, self.at_utc - origin_utc)


@dataclass(frozen=True, slots=True)
class StoredProfile:
    """A person's calibration."""

    name: str
    created_utc: float
    view: View | None
    data: dict[str, Any]
    """What the calibration wrote, as JSON holds it."""

    @classmethod
    def of(cls, row: sqlite3.Row) -> Self:
        """From a row of the table."""
        view = None if row["view"] is None else View(row["view"])
        try:
            data = json.loads(row["data"])
        except (ValueError, RecursionError):
            data = {}  # damaged: as one of another version, which cannot be used either
        return cls(row["name"], row["created_utc"], view, data if isinstance(data, dict) else {})


@dataclass(frozen=True, slots=True)
class StoredReport:
    """A self-report and the number by which the person can name it."""

    id: int
    report: SelfReport

    @classmethod
    def of(cls, row: sqlite3.Row) -> Self:
        """From a row of the table."""
        return cls(row["id"], SelfReport(row["at_utc"], ReportKind(row["kind"]), row["place"], row["note"], row["acknowledged_utc"]))


def _columns(shape: type[Any], row: sqlite3.Row) -> dict[str, Any]:
    """The columns that are fields of a dataclass, by name."""
    return {field.name: row[field.name] for field in fields(shape)}


def each_second_once(spans: list[StoredSpan]) -> list[StoredSpan]:
    """Spans (by start) without what earlier ones cover already; a clock that was set back makes such."""
    kept: list[StoredSpan] = []
    covered_utc = -math.inf
    for span in spans:
        if span.end_utc > covered_utc:
            kept.append(span.clipped(covered_utc, span.end_utc))
            covered_utc = span.end_utc
    return kept
