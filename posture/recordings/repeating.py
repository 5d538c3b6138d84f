"""Repeats a run from the record in its ``summary.json``: the same recording, measured the same way, or why that cannot be."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from posture._support import config, exists, os_errors
from posture.errors import InputError
from posture.pose import weights
from posture.prompts import Catalogue
from posture.recordings.run_record import catalogue_sha256, fields_from, parameters_facts, python_and_opencv, system
from posture.recordings.sample_cache import versions
from posture.recordings.stamps import stamp_of
from posture.settings import Settings

_SUMMARY = "summary.json"
_TABLES = ("readings.csv", "episodes.csv")
_MOST_BYTES = 1 << 26
_FILE = "file"
_KINDS = {"pipe": "was read from a pipe", "stream": "was a stream", "program": "was given by another program"}
_DAMAGED = "its record of the run is damaged, or has what this version does not know"


@dataclass(frozen=True, slots=True)
class EarlierRun:
    """A run that is to be repeated, as its ``summary.json`` tells of it."""

    file: Path
    settings: Settings
    options: Mapping[str, Any]
    """Fields of the job."""
    as_day: datetime | None
    """When one's own day began."""
    complete: bool
    kind: str
    place: Path
    """Where the recording was."""
    sha256: str | None
    why_no_sha256: str | None
    model: str
    """Name or file of the pose model."""
    model_sha256: str
    parameters_sha256: str | None
    """``None``: of another program."""
    catalogue_sha256: str
    versions: Mapping[str, str]
    system: str
    about: Mapping[str, str]
    """What the user said of the recording."""
    groups: Mapping[str, str]
    """The groups of a study to which it belongs."""
    tables: Mapping[str, str]
    """SHA-256 of each table that lies beside the record, by name."""

    @property
    def missing(self) -> list[str]:
        """The tables that do not lie beside the record."""
        return [name for name in _TABLES if name not in self.tables]

    def recording(self, given: Path | None) -> Path:
        """Return the recording: the one that is `given`, else where it was, else beside the results; it has the same content.

        Raises:
            InputError: it is not there, cannot be read, or is another one.
        """
        if self.kind != _FILE:
            raise InputError(f"{self.file}: the recording {_KINDS[self.kind]} and can't be read again")
        if given is None:
            folder = self.file.absolute().parent
            places = (self.place, folder / self.place.name, folder.parent / self.place.name)
            given = next((p for p in places if exists(p)), None)
        if given is None:
            raise InputError(f"{self.file}: the recording is no longer at {self.place}; name its new place as VIDEO")
        if self.sha256 is not None and stamp_of(given).sha256 != self.sha256:
            raise InputError(f"{given}: is not the recording of {self.file}: its SHA-256 differs")
        return given

    def check_numbers(self, model_sha256: object) -> None:
        """Make sure that the pose model and the fitted parameters are those of the run.

        Raises:
            InputError: they are not.
        """
        if model_sha256 != self.model_sha256 and not weights.accepted(self.model) >= {self.model_sha256, model_sha256}:
            raise InputError(f"{self.file}: was made with another pose model {self.model}: its SHA-256 differs; name the file with --model")
        if self.parameters_sha256 is None:
            raise InputError(f"{self.file}: was made with fitted parameters of another program")
        if self.parameters_sha256 != parameters_facts()["sha256"]:
            theirs = self.versions.get("posture", "of another version")
            raise InputError(f"{self.file}: was made with other fitted parameters; to repeat it, install posture {theirs} as it was then")

    def warnings(self, catalogue: Catalogue) -> Iterator[str]:
        """Yield, a line each, what may make the figures differ."""
        if not self.complete:
            yield f"{self.file}: the run was stopped before its end; this one goes on to the end of the recording"
        if self.sha256 is None:
            yield f"{self.file}: whether the recording is the same can't be checked: it was {self.why_no_sha256}"
        now = versions() | python_and_opencv() | {"system": system()}
        known = {**self.versions, "system": self.system}
        other = [f"{name} {now[name]} (was {known[name]})" for name in now if known.get(name, now[name]) != now[name]]
        if other:
            yield f"not the same versions as then, so figures may differ: {', '.join(other)}"
        if self.catalogue_sha256 != catalogue_sha256(catalogue):
            yield "the prompts have changed since then, so reminders may differ"
        if self.as_day is not None:
            yield "reminders also depend on what your database holds of the time before, which may have changed"

    def differing(self, folder: Path) -> list[str]:
        """Return which tables in `folder` are not byte for byte those beside the record.

        Raises:
            InputError: a table cannot be read.
        """
        return [name for name, sha256 in self.tables.items() if stamp_of(folder / name).sha256 != sha256]


def read_run(file: Path) -> EarlierRun:
    """Read the record of a run from a ``summary.json``, or from the one in a folder.

    Raises:
        InputError: there is none, or it is damaged.
        ConfigError: it has settings that this version does not know.
    """
    file = file / _SUMMARY if file.is_dir() else file
    found = _content(file)
    try:
        settings = config.of(found["run"]["settings"])
        return _earlier_run(file, found, settings)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError(f"{file}: {_DAMAGED}") from error


def _content(file: Path) -> dict[str, Any]:
    with os_errors(f"{file}: cannot be read", InputError), file.open("rb") as opened:
        text = opened.read(_MOST_BYTES)
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict) or not isinstance(found.get("schema"), int) or found["schema"] < 1:
        raise InputError(f"{file}: is no {_SUMMARY} of posture analyze")
    if found["schema"] > 1:
        raise InputError(f"{file}: was written by a newer version of posture")
    if "run" not in found:
        raise InputError(f"{file}: was written by an earlier version, which kept no record of the run")
    return found


def _earlier_run(file: Path, found: Mapping[str, Any], settings: Settings) -> EarlierRun:
    run, model, began = found["run"], found["model"], found["run"]["as_day_utc"]
    recording, parameters = run["recording"], run["parameters"]
    if recording["kind"] not in (_FILE, *_KINDS) or (recording["kind"] == _FILE and not recording["path"]):
        raise ValueError(recording)
    return EarlierRun(
        file=file,
        settings=settings,
        options=fields_from(run["options"]),
        as_day=None if began is None else datetime.fromisoformat(began),
        complete=bool(found["complete"]),
        kind=str(recording["kind"]),
        place=Path(recording["path"] or "."),
        sha256=recording["sha256"],
        why_no_sha256=recording["why_no_sha256"],
        model=str(model["name"]),
        model_sha256=str(model.get("sha256")),
        parameters_sha256=None if parameters is None else str(parameters["sha256"]),
        catalogue_sha256=str(run["catalogue_sha256"]),
        versions=_texts(found["versions"]),
        system=str(run["system"]),
        about=_texts(found.get("about", {})),
        groups=_texts(found.get("groups", {})),
        tables={name: stamp_of(file.parent / name).sha256 for name in _TABLES if exists(file.parent / name)},
    )


def _texts(values: Mapping[str, Any]) -> dict[str, str]:
    return {str(k): str(v) for k, v in values.items()}
