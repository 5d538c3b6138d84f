"""To which groups of a study a recording belongs (subject, condition, session, …): by the folders that it lies in, or by a table."""

from __future__ import annotations

import codecs
import csv
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Protocol

from posture._support import exists, os_errors
from posture.errors import InputError

RECORDING = "recording"
"""The column of a table that names the recording."""
SKIPPED = "-"
"""Stands for a folder that names no group."""
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_ -]*")
_TABLES = frozenset({".csv", ".tsv", ".txt"})


class Grouping(Protocol):
    """Says to which groups a recording belongs."""

    def of(self, recording: PurePath) -> dict[str, str]:
        """Return the value of each group by its name; without those that are not known."""

    def check(self, recordings: Sequence[PurePath]) -> list[str]:
        """Return what does not fit these recordings, one line each.

        Raises:
            InputError: it fits none of them, or some of them in two ways.
        """


@dataclass(frozen=True, slots=True)
class FolderLevels:
    """Groups by the folders above a recording; the last name is that of the folder in which it lies."""

    names: tuple[str, ...]

    def of(self, recording: PurePath) -> dict[str, str]:
        """Return the names of the folders by those of their levels."""
        parent = recording.parent
        parts = parent.parts[1:] if parent.anchor else parent.parts
        levels = zip(reversed(self.names), reversed(parts), strict=False)
        found = {name: part for name, part in levels if name != SKIPPED}
        return {name: found[name] for name in self.names if name in found}

    def check(self, recordings: Sequence[PurePath]) -> list[str]:
        """Return nothing: a recording with fewer folders above it has fewer groups.

        Raises:
            InputError: none of them lies in a folder.
        """
        if recordings and not any(map(self.of, recordings)):
            raise InputError(f"{'/'.join(self.names)}: no recording lies in such folders")
        return []


@dataclass(frozen=True, slots=True)
class GroupTable:
    """Groups by a table with a row for each recording."""

    file: Path
    rows: Mapping[tuple[str, ...], dict[str, str]]
    """Groups by the parts of the recording's path, as much of it as the table gives."""

    def of(self, recording: PurePath) -> dict[str, str]:
        """Return what the table says; nothing if it has no row for the recording."""
        key = self._key(recording)
        return {} if key is None else self.rows[key]

    def _key(self, recording: PurePath) -> tuple[str, ...] | None:
        """Return the row of a recording, the longest of several."""
        for parts in (_parts(recording), _parts(recording.with_suffix("")) if recording.name else ()):
            for start in range(len(parts)):
                if parts[start:] in self.rows:
                    return parts[start:]
        return None

    def check(self, recordings: Sequence[PurePath]) -> list[str]:
        """Return which recordings have no row, and which rows no recording.

        Raises:
            InputError: no row fits, or one fits several recordings.
        """
        used: dict[tuple[str, ...], PurePath] = {}
        missing = []
        for recording in recordings:
            key = self._key(recording)
            if key is None:
                missing.append(recording)
            elif key in used:
                name = "/".join(key)
                raise InputError(f"{self.file}: {name} fits {used[key]} and {recording}; write more of the path, such as folder/{key[-1]}")
            else:
                used[key] = recording
        if recordings and not used:
            raise InputError(f"{self.file}: no row fits any of the {len(recordings)} recordings")
        unused = ["/".join(key) for key in self.rows if key not in used]
        lines = []
        if missing:
            lines.append(f"{self.file}: has no row for {_some([str(p) for p in missing])}")
        if unused:
            lines.append(f"{self.file}: there is no recording for {_some(unused)}")
        return lines


def grouping_of(text: str) -> Grouping:
    """Return what ``--group`` names: the levels of folders (``subject/condition``), or a table (``groups.csv``).

    Raises:
        InputError: it is neither, or the table cannot be used.
    """
    path = Path(text)
    if path.suffix.lower() in _TABLES or (exists(path) and path.is_file()):
        return table_of(path)
    names = tuple(part.strip() for part in text.strip("/").split("/"))
    groups = [name.lower() for name in names if name != SKIPPED]
    if not groups or not all(map(_NAME.fullmatch, groups)) or RECORDING in groups:
        raise InputError(f"{text!r}: expected names of folder levels such as subject/condition, or a table such as groups.csv")
    if len(set(groups)) < len(groups):
        raise InputError(f"{text!r} names a level twice")
    return FolderLevels(tuple(name.lower() for name in names))


def table_of(file: Path) -> GroupTable:
    """Read a table: a header with ``recording`` and names of groups, a row for each recording; cells between commas, semicolons or tabs.

    Raises:
        InputError: it cannot be read, has no such header, or two rows for one recording.
    """
    with os_errors(f"{file}: the table can't be read", InputError):
        text = _decoded(file.read_bytes())
    head = text.partition("\n")[0]
    delimiter = max("\t;,", key=head.count)
    lines = [row for row in csv.reader(text.splitlines(), delimiter=delimiter) if any(cell.strip() for cell in row)]
    header = [name.strip().lower() for name in lines[0]] if lines else []
    groups = [name for name in header if name not in (RECORDING, "")]
    if RECORDING not in header or not groups or len(set(header)) < len(header):
        raise InputError(f"{file}: expected a first line such as recording,subject,condition")
    rows: dict[tuple[str, ...], dict[str, str]] = {}
    for number, cells in enumerate(lines[1:], 2):
        row = dict(zip(header, (cell.strip() for cell in cells), strict=False))
        key = _parts(PurePath(row.get(RECORDING, "").replace("\\", "/")))
        if not key:
            raise InputError(f"{file}: row {number} names no recording")
        found = {name: row[name] for name in groups if row.get(name)}
        if rows.setdefault(key, found) != found:
            raise InputError(f"{file}: row {number} says something else of {row[RECORDING]} than a row before")
    if not rows:
        raise InputError(f"{file}: has no row below its first line")
    return GroupTable(file, rows)


def _decoded(content: bytes) -> str:
    """Return the text of a table as spreadsheets save it: UTF-8, UTF-16 with a byte-order mark, or Windows' Western code page."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _parts(path: PurePath) -> tuple[str, ...]:
    """Return the parts of a path, composed: macOS may give an umlaut in a name as two characters."""
    return tuple(unicodedata.normalize("NFC", part) for part in path.parts)


def _some(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"


def values_of(groups: Iterable[Mapping[str, str]]) -> dict[str, list[str]]:
    """Return the different values of each group, in alphabetical order."""
    found: dict[str, set[str]] = {}
    for one in groups:
        for name, value in one.items():
            found.setdefault(name, set()).add(value)
    return {name: sorted(values) for name, values in found.items()}
