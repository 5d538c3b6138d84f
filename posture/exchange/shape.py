"""The shape of an export: its tables, their columns, what each means. docs/data.md says the same in prose.

A change that an older program could not read makes a new ``VERSION``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from posture.model import Answer, Followed, Kind, MoveKind, Posture, ReportKind, Step, View
from posture.stored import Ended, Origin

NAME = "posture-export"
"""Stands in every export as its ``format``; also the name of the file that describes a folder."""
VERSION = 1

Value = int | float | str | bool | dict[str, object] | None
Row = Mapping[str, Value]


class Format(StrEnum):
    """How an export is written."""

    CSV = "csv"
    PARQUET = "parquet"
    JSON = "json"


class Type(StrEnum):
    """What a column holds."""

    NUMBER = "whole number"
    REAL = "number"
    TEXT = "text"
    FLAG = "true or false"
    TIME = "time"
    """Seconds since the epoch here; a UTC time of ISO 8601, to the nanosecond, outside."""
    OFFSET = "offset"
    """Local time minus UTC at the row's first time, as +01:00. Derived: an import does not read it."""
    VALUES = "JSON object"


@dataclass(frozen=True, slots=True)
class Column:
    """One column."""

    name: str
    type: Type
    about: str
    needed: bool = True
    """Whether each row has a value."""
    words: tuple[str, ...] = ()
    """The only values that there are; empty: any."""
    least: float | None = None

    @property
    def expected(self) -> str:
        """What a value has to be, for an error."""
        if self.words:
            text = f"one of {', '.join(self.words)}"
        elif self.type is Type.TIME:
            text = "a time such as 2026-03-02T14:05:00Z"
        elif self.type is Type.OFFSET:
            text = "an offset such as +01:00"
        else:
            text = f"a {self.type}" if self.type is not Type.FLAG else "true or false"
        if self.least is not None:
            text += f" of at least {self.least:g}"
        return text if self.needed else f"{text}, or nothing"


@dataclass(frozen=True, slots=True)
class Table:
    """One table."""

    name: str
    about: str
    columns: tuple[Column, ...]
    ranges: tuple[tuple[str, str], ...] = ()
    """Pairs of columns of which the second may not be less than the first."""

    @property
    def stored(self) -> tuple[Column, ...]:
        """The columns that an import reads."""
        return tuple(c for c in self.columns if c.type is not Type.OFFSET)


def _words(words: type[StrEnum]) -> tuple[str, ...]:
    return tuple(word.value for word in words)


_SESSION = Column("session", Type.NUMBER, "number of the session it belongs to", least=1)
_OFFSET = Column("utc_offset", Type.OFFSET, "local time minus UTC then and there")
_START = Column("start_utc", Type.TIME, "begin")
_END = Column("end_utc", Type.TIME, "end")
_AT = Column("at_utc", Type.TIME, "moment")
_OWN_OFFSET = Column("utc_offset", Type.OFFSET, "local time minus UTC then, on the machine that exported")

SESSIONS = Table(
    "sessions",
    "runs of the monitor, and recordings",
    (
        Column("session", Type.NUMBER, "number of the session", least=1),
        Column("origin", Type.TEXT, "live: the person's own day; file: a recording of anybody", words=_words(Origin)),
        Column("source", Type.TEXT, "label of the camera, or name of the file"),
        Column("started_utc", Type.TIME, "begin"),
        Column("expected_end_utc", Type.TIME, "of a recording: where it was expected to end", needed=False),
        Column("ended_utc", Type.TIME, "end; nothing while it runs", needed=False),
        Column("ended", Type.TEXT, "how it ended (hard: its process was gone without a word)", needed=False, words=_words(Ended)),
        Column("heartbeat_utc", Type.TIME, "when its process last wrote, by the clock on the wall"),
        Column("view", Type.TEXT, "how the camera looked", needed=False, words=("auto", *_words(View))),
        Column("profile", Type.TEXT, "name of the calibration", needed=False),
        Column("model", Type.TEXT, "name of the pose model", needed=False),
        Column("app_version", Type.TEXT, "version of the program that measured"),
        Column("tz_offset_s", Type.REAL, "local time minus UTC where it began, seconds", least=-86400),
        _OFFSET,
    ),
    (("started_utc", "expected_end_utc"), ("started_utc", "ended_utc")),
)
SPANS = Table(
    "spans",
    "stretches of one posture; those of a session follow each other",
    (
        _SESSION,
        _START,
        _END,
        Column("posture", Type.TEXT, "what the time was spent in", words=_words(Posture)),
        Column("seated", Type.FLAG, "false: standing; nothing: it cannot be told", needed=False),
        Column("reason", Type.TEXT, "why it is unknown", needed=False),
        Column("open", Type.FLAG, "true: it went on when it was last written"),
        _OFFSET,
    ),
    (("start_utc", "end_utc"),),
)
EPISODES = Table(
    "episodes",
    "sustained postures, from the first second until the dose is low again",
    (
        _SESSION,
        Column("kind", Type.TEXT, "which posture", words=_words(Kind)),
        _START,
        _END,
        Column("dose_s", Type.REAL, "the highest dose it reached, seconds", least=0),
        Column("angle", Type.TEXT, "which angle peak_deg and mean_deg are of", needed=False),
        Column("peak_deg", Type.REAL, "degrees", needed=False),
        Column("mean_deg", Type.REAL, "degrees, mean over the time in the state", needed=False),
        Column("in_state_s", Type.REAL, "seconds in the state itself, without the recovery", least=0),
        _OFFSET,
    ),
    (("start_utc", "end_utc"),),
)
PROMPTS = Table(
    "prompts",
    "prompts that were shown, what was answered, what followed",
    (
        _SESSION,
        _AT,
        Column("prompt", Type.TEXT, "id of the entry: posture prompts ID"),
        Column("kind", Type.TEXT, "which posture it was for; nothing for the referral", needed=False, words=_words(Kind)),
        Column("step", Type.TEXT, "how insistent", words=_words(Step)),
        Column("episode_start_utc", Type.TIME, "begin of the episode it answered", needed=False),
        Column("answer", Type.TEXT, "what the person did with it", needed=False, words=_words(Answer)),
        Column("answered_utc", Type.TIME, "when", needed=False),
        Column("outcome", Type.TEXT, "what followed within minutes", needed=False, words=_words(Followed)),
        _OFFSET,
    ),
)
MOVES = Table(
    "moves",
    "breaks (away or standing for a minute or more) and shifts (held changes of posture)",
    (_SESSION, _AT, Column("kind", Type.TEXT, "which of the two", words=_words(MoveKind)), _OFFSET),
)
REPORTS = Table(
    "self_reports",
    "what the person said of their own back",
    (
        _AT,
        Column("kind", Type.TEXT, "what was felt", words=_words(ReportKind)),
        Column("place", Type.TEXT, "low, mid, upper or neck", needed=False),
        Column("note", Type.TEXT, "the person's own words", needed=False),
        Column("acknowledged_utc", Type.TIME, "when the referral that answers it was acknowledged", needed=False),
        _OWN_OFFSET,
    ),
)
PROFILES = Table(
    "profiles",
    "calibrations",
    (
        Column("name", Type.TEXT, "name"),
        Column("created_utc", Type.TIME, "when it was made"),
        Column("view", Type.TEXT, "how the camera looked", needed=False, words=_words(View)),
        Column("data", Type.VALUES, "what was measured"),
        _OWN_OFFSET,
    ),
)
TABLES = (SESSIONS, SPANS, EPISODES, PROMPTS, MOVES, REPORTS, PROFILES)
OF_SESSIONS = (SPANS, EPISODES, PROMPTS, MOVES)
