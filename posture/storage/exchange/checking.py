"""Checks an export before anything of it is written: every row by itself, and the rows against each other."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from posture.errors import InputError
from posture.storage.exchange.reading import ProgressCounter
from posture.storage.exchange.source import Source
from posture.storage.exchange.tables import (
    EPISODES,
    EXERCISES,
    OF_SESSIONS,
    PROFILES,
    REPORTS,
    SESSIONS,
    SPANS,
    Row,
    Table,
    Type,
)
from posture.storage.records import Origin

MOST_SHOWN = 20
"""Faults that are told one by one; of more than these, how many there are."""
_AHEAD_S = 86400.0
"""A clock that is set right later, or another time zone's mistake, is a day ahead at most; what is later would stand in days to come."""
_EARLIEST = {Origin.LIVE: 2000, Origin.FILE: 1900}
"""Years. No day of a person is older than this program; a recording is dated by its file, of which an archive may have lost the date."""
_LATEST_FILE = 2200
_ROUNDING_S = 0.01
"""Times that went through another program were rounded."""
_LATE_S = 60.0
"""A session whose process was killed ends with its last span; a prompt or an episode may have been written a little later."""
_INSIDE = {table.name: _ROUNDING_S if table is SPANS else _LATE_S for table in OF_SESSIONS}
_BOUNDS = {table.name: ("start_utc", "end_utc") for table in (SPANS, EPISODES, EXERCISES)}
_MOMENT = ("at_utc", "at_utc")


@dataclass(frozen=True, slots=True)
class CheckedExport:
    """The rows of an export, of which each can be taken in."""

    sessions: list[tuple[str, Row]] = field(default_factory=list)
    """With where each stands."""
    rows: dict[str, list[tuple[object, ...]]] = field(default_factory=dict)
    """Of the other tables: the values of the columns that an import reads, in their order."""


class Faults:
    """What is wrong with an export, a line each."""

    def __init__(self) -> None:
        """Nothing is wrong yet."""
        self._lines: list[str] = []
        self.count = 0

    def add(self, line: object) -> None:
        """Add one."""
        self.count += 1
        if self.count <= MOST_SHOWN:
            self._lines.append(str(line))

    def raise_any(self) -> None:
        """Raise an InputError for the first, with the others as its notes, if there is any."""
        if not self.count:
            return
        error = InputError(self._lines[0])
        for line in self._lines[1:]:
            error.add_note(line)
        if self.count > MOST_SHOWN:
            error.add_note(f"and {self.count - MOST_SHOWN} more faults; nothing was imported")
        raise error


def checked(source: Source, now_utc: float, progress: Callable[[int, int], None]) -> CheckedExport:
    """Read and check all of an export.

    Args:
        source: The export.
        now_utc: Seconds since the epoch; nothing is from later than a day after it.
        progress: Is told how many rows are done, of how many.

    Raises:
        InputError: Something in it cannot be; names file and line. Its notes are the further faults.
    """
    check = _Check(source, now_utc, ProgressCounter(progress, sum(source.counts.values())))
    check.sessions()
    for table in OF_SESSIONS:
        check.rows_of_sessions(table)
    check.overlaps()
    for table in (REPORTS, PROFILES):
        check.own(table)
    check.faults.raise_any()
    return check.found


class _Check:
    """One check of a whole export."""

    def __init__(self, source: Source, now_utc: float, counter: ProgressCounter) -> None:
        self.found, self.faults = CheckedExport(), Faults()
        self._source, self._counter = source, counter
        self._limits = {
            Origin.LIVE: (_year(_EARLIEST[Origin.LIVE]), now_utc + _AHEAD_S, "that is no more than a day ahead"),
            Origin.FILE: (_year(_EARLIEST[Origin.FILE]), _year(_LATEST_FILE), f"that lies before {_LATEST_FILE}"),
        }
        self._sessions: dict[int, Row] = {}
        self._all_known = True
        """Whether each session of the export could be read."""
        self._spans: defaultdict[int, list[tuple[float, float, str]]] = defaultdict(list)
        self._open: set[int] = set()

    def sessions(self) -> None:
        """Check the sessions; no number may be there twice."""
        for where, row in self._rows(SESSIONS):
            number = row["session"]
            if number in self._sessions:
                self.faults.add(f"{where}: session = {number}: is there twice")
                continue
            self._sessions[number] = row
            self._check_times(SESSIONS, row, where, row["origin"])
            self.found.sessions.append((where, row))
        self._all_known = not self.faults.count

    def rows_of_sessions(self, table: Table) -> None:
        """Check the spans, episodes, prompts, moves or exercises; each lies in its session, if it has one."""
        rows = self.found.rows[table.name] = []
        for where, row in self._rows(table):
            session = self._sessions.get(row["session"])
            if session is not None:
                self._check_times(table, row, where, session["origin"])
                self._check_place(table, row, where, session)
            elif row["session"] is None:
                self._check_times(table, row, where, Origin.LIVE)
            elif self._all_known:
                self.faults.add(f"{where}: session = {row['session']}: the export has no such session")
            rows.append(tuple(row.values()))

    def own(self, table: Table) -> None:
        """Check the self-reports or the calibrations; no name may be there twice."""
        rows, names = self.found.rows.setdefault(table.name, []), set[str]()
        for where, row in self._rows(table):
            self._check_times(table, row, where, Origin.LIVE)
            name = row.get("name")
            if name in names:
                self.faults.add(f"{where}: name = {name!r}: is there twice")
            elif name is not None:
                names.add(name)
            rows.append(tuple(row.values()))

    def overlaps(self) -> None:
        """Check that no second of a session has two spans."""
        for spans in self._spans.values():
            latest, before = -math.inf, ""
            for start, end, where in sorted(spans):
                if min(end, latest) - start > _ROUNDING_S:
                    self.faults.add(f"{where}: overlaps another span of its session ({before})")
                if end > latest:
                    latest, before = end, where
        self._spans.clear()

    def _rows(self, table: Table) -> Iterator[tuple[str, Row]]:
        return self._counter.each(self._source.rows(table, self.faults.add))

    def _check_times(self, table: Table, row: Row, where: str, origin: Origin) -> None:
        earliest, latest, until = self._limits[origin]
        for column in table.stored:
            if column.type is Type.TIME and (value := row[column.name]) is not None and not earliest <= value <= latest:
                self.faults.add(f"{where}: {column.name}: expected a time from {_EARLIEST[origin]} on {until}")

    def _check_place(self, table: Table, row: Row, where: str, session: Row) -> None:
        first, last = _BOUNDS.get(table.name, _MOMENT)
        begin, finish = session["started_utc"], math.inf if session["ended_utc"] is None else session["ended_utc"]
        if row[first] < begin - _INSIDE[table.name]:
            self.faults.add(f"{where}: {first} is before its session begins")
        elif row[last] > finish + _INSIDE[table.name]:
            self.faults.add(f"{where}: {last} is after its session ended")
        elif table is SPANS:
            self._spans[row["session"]].append((row["start_utc"], row["end_utc"], where))
        if row.get("open") and row["session"] in self._open:
            self.faults.add(f"{where}: open = true: another span of its session is open already")
        elif row.get("open"):
            self._open.add(row["session"])


def _year(year: int) -> float:
    return datetime(year, 1, 1, tzinfo=UTC).timestamp()
