"""The prompt catalogue: reads the shipped TOML file and a user's own one, and checks every entry."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictStr, StringConstraints, ValidationError

from posture._support.files import parse_toml
from posture._support.paths import data_file
from posture._support.texts import text_of
from posture.engine import ExerciseSpec, ViewRule
from posture.errors import CatalogueError
from posture.prompts import Catalogue, EntryKind, Place, Position, Prompt
from posture.settings import Settings
from posture.types import EpisodeKind, ReportKind, View

Table = dict[str, Any]
REFERRAL = "referral"
"""Id of the one entry of kind referral; of it a user's file may change the words around its steps alone."""
_REFERRAL_WORDS = {"title", "why", "more"}

Trigger = Literal["flexed", "anterior_tilt", "sitting", "stillness", "flexed_share", "self_report"]
Id = Annotated[str, StringConstraints(strict=True, pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]
Line = Annotated[str, StringConstraints(strict=True, strip_whitespace=True, min_length=1, max_length=170, pattern=r"^[^\r\n]+$")]
Title = Annotated[str, StringConstraints(strict=True, strip_whitespace=True, min_length=1, max_length=45, pattern=r"^[^\r\n]+$")]
Svg = Annotated[str, StringConstraints(strict=True, pattern=r"^[A-Za-z0-9_-]+\.svg$")]


def _one_of(names: Iterable[object]) -> str:
    return ", ".join(map(str, names))


class _Entry(BaseModel):
    """One entry of a file; the description of each key is what an error says was expected."""

    model_config = ConfigDict(extra="forbid")

    id: Id = Field(description="lower-case letters, digits and _, beginning with a letter")
    trigger: tuple[Trigger, ...] = Field(min_length=1, description=f"a list of {_one_of(get_args(Trigger))}")
    reports: tuple[ReportKind, ...] = Field((), description=f"a list of {_one_of(list(ReportKind))}")
    kind: EntryKind = Field(description=f"one of {_one_of(list(EntryKind))}")
    where: Place = Field(description=f"one of {_one_of(list(Place))}")
    title: Title = Field(description="one line of at most 45 characters")
    steps: tuple[Line, ...] = Field(min_length=1, max_length=4, description="a list of 1 to 4 lines of at most 170 characters")
    why: Line = Field(description="one line of at most 170 characters")
    passages: tuple[StrictStr, ...] = Field(min_length=1, description="a list of passage ids, at least one")
    position: Position | None = Field(None, description=f"one of {_one_of(list(Position))}")
    duration: Line | None = Field(None, description="a text such as '1 minute'")
    repetitions: Line | None = Field(None, description="a text such as '8 times'")
    more: Line | None = Field(None, description="one line of at most 170 characters")
    stop_if: Line | None = Field(None, description="one line of at most 170 characters")
    not_for: Line | None = Field(None, description="one line of at most 170 characters")
    emergency: Line | None = Field(None, description="one line of at most 170 characters")
    ours: StrictBool = Field(False, description="true or false")
    drawings: tuple[Svg, ...] = Field((), description="a list of file names that end in .svg, without folders")
    enabled: StrictBool = Field(True, description="true or false")


class _Movement(BaseModel):
    """One table of what can be counted; shipped alone, so its errors are ours."""

    model_config = ConfigDict(extra="forbid")

    angle: Literal["spinal_flexion", "quadruped_flexion", "pelvic_tilt", "axial_rotation", "presence"]
    ends: tuple[Line, ...] = Field(min_length=1, max_length=2)
    first_sign: Literal[1, -1]
    tempo_s: float = Field(gt=0)
    fastest_s: float = Field(gt=0)
    slowest_s: float = Field(gt=0)
    repetitions: tuple[int, int]
    views: dict[View, ViewRule] = Field(default_factory=dict)
    unseen: str = ""


def own_file(settings: Settings) -> Path | None:
    """Return the user's own catalogue file, if settings name one."""
    return Path(settings.prompts.catalogue) if settings.prompts.catalogue else None


def load(user_file: Path | None = None) -> Catalogue:
    """Return the shipped catalogue, extended and overridden by a user's file.

    Args:
        user_file: TOML with ``[prompts.<id>]`` tables. A known id overrides the keys that it names, a new one is added
            behind, ``enabled = false`` takes one out. Its own drawings lie beside it.

    Raises:
        CatalogueError: A file cannot be read, or an entry is not what it should be; names file, entry, key and what
            was expected.
    """
    base = parse_toml(data_file("catalogue.toml").read_text(encoding="utf-8"), "catalogue.toml", CatalogueError)
    entries: dict[str, Table] = {key: {"id": key, **entry} for key, entry in base["prompts"].items()}
    origin = dict.fromkeys(entries, "catalogue.toml")
    if user_file is not None:
        for key, entry in _user_entries(user_file).items():
            _keep_referral(key, entry, str(user_file))
            _keep_kind(key, entry, base["prompts"].get(key, {}).get("kind"), str(user_file))
            entries[key] = {"id": key, **entries.get(key, {}), **entry}
            origin[key] = str(user_file)
    prompts = []
    for key, entry in entries.items():
        checked = _check(entry, origin[key], key)
        _check_links(checked, origin[key], tuple(base["passages"]), user_file)
        if checked.enabled:
            prompts.append(_prompt(checked, base["cautions"]))
    return Catalogue(tuple(prompts), MappingProxyType(base["passages"]), MappingProxyType(base["articles"]))


@cache
def movements(*, every_view: bool = False) -> Mapping[str, ExerciseSpec]:
    """Return what can be counted, by the id of its entry, in the order of the file.

    Args:
        every_view: with the views from which other movements pass for it too often; they are for tests and benchmarks.
    """
    base = parse_toml(data_file("catalogue.toml").read_text(encoding="utf-8"), "catalogue.toml", CatalogueError)
    checked = {key: _Movement.model_validate(table) for key, table in base["movements"].items()}
    specs = {key: ExerciseSpec(id=key, **dict(movement)) for key, movement in checked.items()}
    if every_view:
        return specs
    told = {key: replace(s, views={view: rule for view, rule in s.views.items() if rule.told_apart}) for key, s in specs.items()}
    return {key: s for key, s in told.items() if s.views or s.angle == "presence"}


def drawing(name: str, user_file: Path | None = None) -> str:
    """Return the SVG text of one drawing; one beside the user's file goes before a shipped one of the same name.

    Raises:
        CatalogueError: There is no such drawing.
    """
    for folder in _drawing_folders(user_file):
        if (folder / name).is_file():
            return (folder / name).read_text(encoding="utf-8")
    raise CatalogueError(f"drawing {name} is neither shipped nor beside the catalogue file")


def picture(prompt: Prompt, user_file: Path | None = None) -> Path | None:
    """Return the PNG of an entry's first step; ``None`` where there is none, or where the user's file draws the step itself."""
    if not prompt.drawings or (user_file is not None and (user_file.parent / prompt.drawings[0]).is_file()):
        return None
    path = data_file("pictures") / f"{prompt.id}.png"
    return path if path.is_file() and prompt.drawings[0].startswith(f"{prompt.id}_") else None


def _drawing_folders(user_file: Path | None) -> list[Path]:
    return [*([user_file.parent] if user_file else []), data_file("drawings")]


def _user_entries(user_file: Path) -> dict[str, Table]:
    try:
        text = text_of(user_file.read_bytes())
    except (OSError, ValueError) as exc:
        reason = exc.strerror if isinstance(exc, OSError) else "not UTF-8 text" if isinstance(exc, UnicodeError) else "no path"
        raise CatalogueError(f"{user_file}: prompt catalogue cannot be read: {reason}") from exc
    table = parse_toml(text, user_file, CatalogueError)
    for key in table:
        if key != "prompts":
            raise CatalogueError(f"{user_file}: {key}: expected only [prompts.<id>] tables")
    entries = table.get("prompts", {})
    if not isinstance(entries, dict):
        raise CatalogueError(f"{user_file}: prompts: expected [prompts.<id>] tables")
    for key, entry in entries.items():
        if not isinstance(entry, dict):
            raise CatalogueError(f"{user_file}: prompts.{key} = {entry!r}: expected a table [prompts.{key}]")
        if entry.get("id", key) != key:
            raise CatalogueError(f"{user_file}: prompts.{key}: id = {entry['id']!r}: expected {key!r}, as in the table's name")
    return entries


def _keep_referral(key: str, entry: Table, file: str) -> None:
    if key == REFERRAL:
        for name in entry.keys() - _REFERRAL_WORDS - {"id"}:
            if not (name == "enabled" and entry[name] is True):
                raise CatalogueError(
                    f"{file}: prompts.{key}: {name}: the referral cannot be taken out; expected only {_one_of(sorted(_REFERRAL_WORDS))}"
                )
    elif entry.get("kind") == EntryKind.REFERRAL:
        raise CatalogueError(
            f"{file}: prompts.{key}: kind = 'referral': expected another kind; there is one referral, with the id {REFERRAL!r}"
        )


def _keep_kind(key: str, entry: Table, shipped: str | None, file: str) -> None:
    """Refuse another kind for a shipped entry: it decides whether a red flag suppresses the entry."""
    if shipped is not None and entry.get("kind", shipped) != shipped:
        raise CatalogueError(
            f"{file}: prompts.{key}: kind = {entry['kind']!r}: expected {shipped!r}, as shipped; for another kind add an entry of your own"
        )


def _check(entry: Table, file: str, key: str) -> _Entry:
    try:
        checked = _Entry.model_validate(entry)
    except ValidationError as exc:
        first = exc.errors()[0]
        name = str(first["loc"][0])
        if first["type"] == "extra_forbidden":
            raise CatalogueError(f"{file}: prompts.{key}: {name}: unknown key; expected {_one_of(list(_Entry.model_fields))}") from exc
        expected = _Entry.model_fields[name].description
        given = "is missing" if first["type"] == "missing" else f"= {entry[name]!r}"
        raise CatalogueError(f"{file}: prompts.{key}: {name} {given}: expected {expected}") from exc
    _check_whole(checked, file, key)
    return checked


def _check_whole(entry: _Entry, file: str, key: str) -> None:
    """Check what several keys must fulfil together."""
    where = f"{file}: prompts.{key}"
    if ("self_report" in entry.trigger) != bool(entry.reports):
        raise CatalogueError(f"{where}: reports: expected with trigger 'self_report' and only then, a list of {_one_of(list(ReportKind))}")
    treats = entry.kind in {EntryKind.EXERCISE, EntryKind.HEAT}
    if (entry.duration is None) == (entry.repetitions is None) and (treats or entry.duration is not None):
        raise CatalogueError(f"{where}: duration, repetitions: expected exactly one of the two")
    if treats and entry.position is None:
        raise CatalogueError(f"{where}: position is missing: expected one of {_one_of(list(Position))}")
    if (entry.kind is EntryKind.REFERRAL) != (entry.emergency is not None):
        raise CatalogueError(f"{where}: emergency: expected in the referral and only there")


def _check_links(entry: _Entry, file: str, passages: tuple[str, ...], user_file: Path | None) -> None:
    """Check that what the entry refers to exists."""
    for passage in entry.passages:
        if passage not in passages:
            raise CatalogueError(f"{file}: prompts.{entry.id}: passages = {passage!r}: expected some of {_one_of(passages)}")
    for name in entry.drawings:
        if not any((folder / name).is_file() for folder in _drawing_folders(user_file)):
            raise CatalogueError(f"{file}: prompts.{entry.id}: drawings = {name!r}: expected a shipped drawing or a file beside {file}")


def _prompt(entry: _Entry, cautions: dict[str, str]) -> Prompt:
    values = {f.name: getattr(entry, f.name) for f in fields(Prompt) if f.name in _Entry.model_fields}
    if entry.kind in {EntryKind.EXERCISE, EntryKind.HEAT}:
        values |= {name: values[name] or cautions.get(name) for name in ("stop_if", "not_for")}
    causes = tuple(EpisodeKind(t) for t in entry.trigger if t in set(EpisodeKind))
    return Prompt(**values, causes=causes, for_share="flexed_share" in entry.trigger)
