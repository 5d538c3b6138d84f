"""The shape of an export: its tables, their columns, what each means, and which values a row may hold. docs/data.md says the same.

A change that an older program could not read makes a new ``VERSION``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Any, Literal, Optional

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, Strict, ValidationError, create_model

from posture.errors import InputError
from posture.storage.records import Origin, SessionEnd
from posture.time_parsing import of_iso
from posture.types import (
    MEASURED_VIEWS,
    Answer,
    EpisodeKind,
    ExerciseEnd,
    HoldReason,
    Posture,
    PostureChangeKind,
    PromptLevel,
    PromptOutcome,
    PromptReason,
    ReportKind,
)

NAME = "posture-export"
"""Stands in every export as its ``format``; also the name of the file that describes a folder."""
VERSION = 3
"""2: prompts that were held back, why a prompt came, and the half hour after it. 3: guided exercises."""

Row = Mapping[str, Any]
"""The values of a row by column; times in seconds since the epoch."""
Placed = tuple[str, Mapping[str, object]]
"""Where a row stands (file and line, or number), and its values, unchecked."""


class Seconds(float):
    """A time that a reader has in seconds since the epoch already; else the value of a time is a text of ISO 8601."""


class ExportFormat(StrEnum):
    """The file format of an export."""

    CSV = "csv"
    PARQUET = "parquet"
    JSON = "json"


class Type(StrEnum):
    """The type of a column."""

    NUMBER = "whole number"
    REAL = "number"
    TEXT = "text"
    FLAG = "true or false"
    TIME = "time"
    """Seconds since the epoch in the database; a UTC time of ISO 8601, to the nanosecond, in an export."""
    OFFSET = "offset"
    """Local time minus UTC at the row's first time, as +01:00. Derived: an import does not read it."""
    VALUES = "JSON object"


def _time(value: object) -> float:
    if isinstance(value, Seconds):
        return value
    if not isinstance(value, str):
        raise ValueError("no text")
    try:
        return of_iso(value)
    except (ValueError, OverflowError):
        raise ValueError("no time") from None  # without the value, which pydantic could not print if it holds half a character


def _object(value: dict[str, object]) -> dict[str, object]:
    try:
        json.dumps(value, allow_nan=False)  # Python reads numbers that are none, and would write what no other program reads
    except RecursionError:
        raise ValueError("nested too deeply") from None
    return value


def _text(value: str) -> str:
    value.encode()  # not all that JSON holds is text; raises a ValueError
    return value


_ANNOTATIONS: dict[Type, Any] = {
    Type.NUMBER: Annotated[int, Strict(), Field(lt=2**63)],
    Type.REAL: Annotated[float, Strict(), Field(allow_inf_nan=False)],
    Type.TEXT: Annotated[str, Strict(), AfterValidator(_text)],
    Type.FLAG: Annotated[bool, Strict()],
    Type.TIME: Annotated[float, BeforeValidator(_time)],
    Type.VALUES: Annotated[dict[str, object], Strict(), AfterValidator(_object)],
}


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
    later: bool = False
    """Whether it came with a later version: an export of the one before lacks it."""

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

    @property
    def field(self) -> Any:
        """The field of the pydantic model of a row."""
        kind = Literal[self.words] if self.words else Annotated[_ANNOTATIONS[self.type], Field(ge=self.least)]
        return kind if self.needed else Optional[kind]  # noqa: UP045


@dataclass(frozen=True)
class Table:
    """One table."""

    name: str
    about: str
    columns: tuple[Column, ...]
    ranges: tuple[tuple[str, str], ...] = ()
    """Pairs of columns of which the second may not be less than the first."""

    @cached_property
    def stored(self) -> tuple[Column, ...]:
        """The columns that an import reads."""
        return tuple(c for c in self.columns if c.type is not Type.OFFSET)

    @cached_property
    def _model(self) -> type[BaseModel]:
        fields: dict[str, Any] = {c.name: (c.field, Field(None if c.later else ..., description=c.about)) for c in self.stored}
        return create_model(self.name, **fields)

    def named(self, names: Sequence[str], where: str) -> list[Column]:
        """Return the columns of these names, in any order; derived ones may be missing.

        Raises:
            InputError: They are not those of the table.
        """
        known = {column.name: column for column in self.columns}
        for name in names:
            if name not in known:
                raise InputError(f"{where}: column {name!r}: expected {', '.join(known)}")
            if names.count(name) > 1:
                raise InputError(f"{where}: column {name!r} is there twice")
        for column in self.stored:
            if column.name not in names and not column.later:
                raise InputError(f"{where}: has no column {column.name!r}")
        return [known[name] for name in names]

    def checked(self, values: Mapping[str, object], where: str) -> Row:
        """Return the row that `values` of the stored columns are; times in seconds since the epoch.

        Raises:
            InputError: A value cannot be; names `where`, the column and what was expected.
        """
        try:
            row = dict(self._model.model_validate(values))
        except ValidationError as error:
            first = error.errors(include_url=False, include_context=False)[0]
            column = next(c for c in self.stored if c.name == first["loc"][0])
            shown = repr(first["input"])
            given = "is empty" if values.get(column.name) is None else f"= {shown if len(shown) <= 60 else shown[:57] + '...'}"
            raise InputError(f"{where}: {column.name} {given}: expected {column.expected}") from None
        problem = self._problem(row)
        if problem is not None:
            raise InputError(f"{where}: {problem}")
        return row

    def _problem(self, row: Row) -> str | None:
        """Return what the values of a row must be together and are not."""
        for first, second in self.ranges:
            low, high = row[first], row[second]
            if low is not None and high is not None and high < low:
                return f"{second} lies before {first}"
        for one, other in (("ended", "ended_utc"), ("answer", "answered_utc")):
            if other in row and (row[one] is None) != (row[other] is None):
                return f"{one} and {other}: expected both or neither"
        offset, name = row.get("tz_offset_s"), row.get("name")
        if offset is not None and offset > 86400:
            return f"tz_offset_s = {offset!r}: expected a number of at most 86400"
        if name is not None and not (name.strip() and name.isprintable()):
            return f"name = {name!r}: expected a name that can be read and typed"
        return None


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
    "runs of the monitor, and recordings that were stored",
    (
        Column("session", Type.NUMBER, "number of the session", least=1),
        Column("origin", Type.TEXT, "live: your own day; file: a recording of anyone", words=_words(Origin)),
        Column("source", Type.TEXT, "label of the camera, or name of the file"),
        Column("started_utc", Type.TIME, "begin"),
        Column("expected_end_utc", Type.TIME, "for a recording: when it was expected to end", needed=False),
        Column("ended_utc", Type.TIME, "end; empty while it runs", needed=False),
        Column("ended", Type.TEXT, "how it ended (hard: its process stopped unexpectedly)", needed=False, words=_words(SessionEnd)),
        Column("heartbeat_utc", Type.TIME, "when its process last wrote"),
        Column("view", Type.TEXT, "how the camera saw the person", needed=False, words=("auto", *MEASURED_VIEWS)),
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
    "stretches of one posture; those of a session follow one another",
    (
        _SESSION,
        _START,
        _END,
        Column("posture", Type.TEXT, "what the time was spent in", words=_words(Posture)),
        Column("seated", Type.FLAG, "false: standing; empty: not known", needed=False),
        Column("reason", Type.TEXT, "why it is unknown", needed=False),
        Column("open", Type.FLAG, "true: still going on when last written"),
        _OFFSET,
    ),
    (("start_utc", "end_utc"),),
)
EPISODES = Table(
    "episodes",
    "postures held for long, from the first second until bent time is low again",
    (
        _SESSION,
        Column("kind", Type.TEXT, "which posture", words=_words(EpisodeKind)),
        _START,
        _END,
        Column("dose_s", Type.REAL, "the highest dose it reached, seconds", least=0),
        Column("angle", Type.TEXT, "which angle peak_deg and mean_deg are of", needed=False),
        Column("peak_deg", Type.REAL, "degrees", needed=False),
        Column("mean_deg", Type.REAL, "degrees, mean over the time in the posture", needed=False),
        Column("in_state_s", Type.REAL, "seconds in the posture itself, without the recovery", least=0),
        _OFFSET,
    ),
    (("start_utc", "end_utc"),),
)
PROMPTS = Table(
    "prompts",
    "reminders that were shown or withheld, what was answered, and what followed",
    (
        _SESSION,
        _AT,
        Column("prompt", Type.TEXT, "id of the entry: posture prompts ID"),
        Column("kind", Type.TEXT, "which posture it was for; empty for the referral", needed=False, words=_words(EpisodeKind)),
        Column("step", Type.TEXT, "how insistent", words=_words(PromptLevel)),
        Column("episode_start_utc", Type.TIME, "start of the posture it was about", needed=False),
        Column("answer", Type.TEXT, "what the person did with it", needed=False, words=_words(Answer)),
        Column("answered_utc", Type.TIME, "when", needed=False),
        Column("outcome", Type.TEXT, "what followed within minutes", needed=False, words=_words(PromptOutcome)),
        Column("reason", Type.TEXT, "why it came then; nothing: not known", needed=False, words=_words(PromptReason), later=True),
        Column("after_measured_s", Type.REAL, "measured seconds of the half hour after it", needed=False, least=0, later=True),
        Column("after_flexed_s", Type.REAL, "seconds of it flexed and not standing", needed=False, least=0, later=True),
        Column("after_away_s", Type.REAL, "seconds of it in which nobody was there", needed=False, least=0, later=True),
        Column("after_ended", Type.FLAG, "whether the episode it answered ended in it", needed=False, later=True),
        Column("withheld", Type.FLAG, "whether a draw withheld it, for a comparison; nothing: no draw", needed=False, later=True),
        _OFFSET,
    ),
)
HELD_PROMPTS = Table(
    "held_prompts",
    "prompts that were due and not shown, from when on and why",
    (
        _SESSION,
        _AT,
        Column("kind", Type.TEXT, "which posture it was for", words=_words(EpisodeKind)),
        Column("step", Type.TEXT, "how insistent", words=_words(PromptLevel)),
        Column("reason", Type.TEXT, "what held it back (over: its cause ended first)", words=_words(HoldReason)),
        Column("until_utc", Type.TIME, "when that was to end", needed=False),
        Column("detail", Type.TEXT, "what it was, in words", needed=False),
        _OFFSET,
    ),
)
MOVES = Table(
    "moves",
    "breaks (away or standing for a minute or more) and shifts (changes of posture that were held)",
    (_SESSION, _AT, Column("kind", Type.TEXT, "which of the two", words=_words(PostureChangeKind)), _OFFSET),
)
EXERCISES = Table(
    "exercises",
    "guided exercises, as they were counted",
    (
        Column("session", Type.NUMBER, "number of the session it belongs to; nothing: done without a monitor", needed=False, least=1),
        Column("exercise", Type.TEXT, "id of the entry: posture prompts ID"),
        _START,
        _END,
        Column("repetitions", Type.NUMBER, "whole ones", least=0),
        Column("half_repetitions", Type.NUMBER, "one end of two", least=0),
        Column("ended", Type.TEXT, "how it ended (idle: nothing more came)", words=_words(ExerciseEnd)),
        Column("depth_deg", Type.REAL, "degrees, median from one end to the other", needed=False, least=0),
        Column("depth_sd_deg", Type.REAL, "its standard deviation", needed=False, least=0),
        Column("tempo_s", Type.REAL, "seconds a repetition, median", needed=False, least=0),
        Column("asymmetry_deg", Type.REAL, "degrees, first end less second end of a movement to both sides", needed=False),
        Column("prompt_at_utc", Type.TIME, "moment of the prompt that it answers", needed=False),
        _OFFSET,
    ),
    (("start_utc", "end_utc"),),
)
REPORTS = Table(
    "self_reports",
    "what the person reported about their own back",
    (
        _AT,
        Column("kind", Type.TEXT, "what was felt", words=_words(ReportKind)),
        Column("place", Type.TEXT, "low, mid, upper or neck", needed=False),
        Column("note", Type.TEXT, "the person's own words", needed=False),
        Column("acknowledged_utc", Type.TIME, "when the referral that answers it was confirmed", needed=False),
        _OWN_OFFSET,
    ),
)
PROFILES = Table(
    "profiles",
    "calibrations",
    (
        Column("name", Type.TEXT, "name"),
        Column("created_utc", Type.TIME, "when it was made"),
        Column("view", Type.TEXT, "how the camera saw the person", needed=False, words=MEASURED_VIEWS),
        Column("data", Type.VALUES, "what was measured"),
        _OWN_OFFSET,
    ),
)
TABLES = (SESSIONS, SPANS, EPISODES, PROMPTS, HELD_PROMPTS, MOVES, EXERCISES, REPORTS, PROFILES)
OF_SESSIONS = (SPANS, EPISODES, PROMPTS, HELD_PROMPTS, MOVES, EXERCISES)
"""Prompts before the exercises that answer them."""
