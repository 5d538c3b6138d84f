"""Settings from the user's TOML file and from ``--set``, over the defaults; every error names file, key and value."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import Field as DataclassField, asdict, fields, is_dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, create_model

from posture._support.files import parse_toml
from posture._support.texts import text_of
from posture.errors import ConfigError
from posture.settings import (
    BandSettings,
    DoseSettings,
    ErgonomicsSettings,
    MeasureSettings,
    PresenceSettings,
    PromptSettings,
    Settings,
    StorageSettings,
    WatchSettings,
    WindowSettings,
)

SECTIONS: dict[str, type[Any]] = {
    "measure": MeasureSettings,
    "bands": BandSettings,
    "dose": DoseSettings,
    "prompts": PromptSettings,
    "watch": WatchSettings,
    "presence": PresenceSettings,
    "ergonomics": ErgonomicsSettings,
    "storage": StorageSettings,
    "window": WindowSettings,
}
ORDER = (
    # An episode that ended before its prompt's dose is reached again would be prompted over and over.
    ("dose.soft_s", True, "dose.episode_floor_s"),
    ("dose.tilt_s", True, "dose.episode_floor_s"),
    ("bands.keep_at", False, "bands.enter_at"),
    ("dose.firm_s", True, "dose.soft_s"),
)
"""Setting, whether it must be at least (or at most) the other, and that one."""
_TYPES = {"float": float, "int": int, "str": str, "bool": bool}
_GONE = {
    "bands.hysteresis_deg": "this setting is gone: a posture now counts by its probability, see bands.enter_at and bands.keep_at",
}
_UNITS = {"_s": "seconds", "_deg": "degrees", "_cm": "centimetres"}
_MOST_SHOWN = 200
_WORDS = {"float": "a number", "int": "a whole number", "str": "text in quotes", "bool": "true or false"}


class OrderError(ConfigError):
    """Two settings contradict each other."""

    def __init__(self, message: str, name: str, other: str, least: bool) -> None:
        """`name` must be at `least` (or at most) what `other` is."""
        super().__init__(message)
        self.name, self.other, self.least = name, other, least


def load(path: Path | None, sets: Iterable[str] = ()) -> Settings:
    """Return the settings of a file (``None``: the defaults) with ``section.key=value`` overrides.

    The path of a catalogue becomes absolute: one in the file starts at the file's folder, one of an override at the working folder.

    Raises:
        ConfigError: The file cannot be read or is not TOML, or a key, type or range is wrong.
    """
    values = parse_toml(read(path), path, ConfigError) if path is not None else {}
    return _load(values, path, sets)


def of_text(text: str, path: Path) -> Settings:
    """Return the settings of a file's text.

    Raises:
        ConfigError: As `load`.
    """
    return _load(parse_toml(text, path, ConfigError), path)


def _load(values: dict[str, Any], path: Path | None, sets: Iterable[str] = ()) -> Settings:
    settings = _build(values, str(path))
    if path is not None and settings.prompts.catalogue:
        values = _with(values, "prompts", "catalogue", _from(path.parent, settings.prompts.catalogue))
        settings = _build(values, str(path))
    for text in sets:
        section, key, value = parse_set(text)
        if (section, key) == ("prompts", "catalogue") and value and isinstance(value, str):
            value = _from(Path(), value)
        values = _with(values, section, key, value)
        settings = _build(values, f"--set {_short(text)}")
    _check_order(settings, str(path) if path is not None else "--set")
    return settings


def of(values: Mapping[str, object]) -> Settings:
    """Return settings from ``{"section.key": value}`` over the defaults; paths start at the working folder.

    Raises:
        ConfigError: A key, type or range is wrong.
    """
    built: dict[str, Any] = {}
    for name, value in values.items():
        section, dot, key = str(name).partition(".")
        if not (dot and section and key):
            raise ConfigError(f"settings: {_short(repr(name))}: expected section.key, for instance dose.soft_s")
        text = _from(Path(), value) if name == "prompts.catalogue" and value and isinstance(value, str) else value
        built = _with(built, section, key, text)
    settings = _build(built, "settings")
    _check_order(settings, "settings")
    return settings


def value_of(settings: Settings, name: str) -> Any:
    """Return a setting by its name, ``section.key``."""
    section, _, key = name.partition(".")
    return getattr(getattr(settings, section), key)


def field_of(name: str) -> DataclassField[Any]:
    """Return what is known of a setting: its type, default and metadata (``posture.settings.setting``).

    Raises:
        ConfigError: There is none of that name.
    """
    section, _, key = name.partition(".")
    found = next((f for f in fields(SECTIONS[section]) if f.name == key), None) if section in SECTIONS else None
    if found is None:
        _build({section: {key: 0}}, "settings")  # says what was probably meant
        raise ConfigError(f"{_short(name)}: there is no such setting")
    return found


def changed(settings: Settings) -> dict[str, object]:
    """Return the settings that differ from the defaults, as ``section.key``."""
    default = Settings()
    return {
        f"{section}.{name}": value
        for section in SECTIONS
        for name, value in asdict(getattr(settings, section)).items()
        if value != getattr(getattr(default, section), name)
    }


def describe(settings: Settings) -> str:
    """Write all settings as a TOML file with what each means, its range and where its default comes from."""
    lines: list[str] = []
    for section, kind in SECTIONS.items():
        lines += [f"[{section}]"]
        for f in fields(kind):
            value = getattr(getattr(settings, section), f.name)
            lines += [f"# {f.metadata['about']} ({f.metadata['source']}){_range(f)}", f"{f.name} = {_toml(value)}"]
        lines.append("")
    return "\n".join(lines)


def _with(values: Mapping[str, Any], section: str, key: str, value: object) -> dict[str, Any]:
    """Return the values with one of them changed."""
    return {**values, section: {**values.get(section, {}), key: value}}


def _from(folder: Path, path: str) -> str:
    """Return the path, relative to `folder`, as an absolute one.

    Raises:
        ConfigError: It begins in the home of a user that does not exist.
    """
    try:
        return str(folder.absolute() / Path(path).expanduser())
    except RuntimeError as error:
        raise ConfigError(f"prompts.catalogue = {path!r}: no such user has a home folder") from error


def read(path: Path) -> str:
    """Return a settings file's text, with its line ends as they are.

    Raises:
        ConfigError: There is none, or it is no text.
    """
    try:
        return text_of(path.read_bytes())
    except FileNotFoundError:
        raise ConfigError(f"{path}: there is no such settings file") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read as text ({error})") from error


def parse_set(text: str, option: str = "--set") -> tuple[str, str, Any]:
    """Return section, key and value of ``section.key=value``; a value that is no TOML is a text.

    Raises:
        ConfigError: It is none; names `option`.
    """
    name, equals, raw = text.partition("=")
    section, dot, key = name.strip().partition(".")
    if not (equals and dot and section and key):
        raise ConfigError(f"{option} {_short(text)}: expected section.key=value, for instance dose.soft_s=900".lstrip())
    try:
        value = parse_toml(f"value = {raw.strip()}", "--set", ConfigError)["value"]
    except ConfigError:
        value = raw.strip()  # an unquoted text
    return section, key, value


def _build(values: Mapping[str, Any], where: str) -> Settings:
    built: dict[str, Any] = {}
    for section, content in values.items():
        if section not in SECTIONS:
            near = difflib.get_close_matches(section.lower(), SECTIONS, n=1, cutoff=0.6)
            hint = f"did you mean [{near[0]}]?" if near else f"the sections are {', '.join(SECTIONS)}"
            raise ConfigError(f"{where}: there is no section [{_short(section)}]; {hint}")
        if not isinstance(content, Mapping):
            raise ConfigError(f"{where}: {section} = {_short(repr(content))}: expected a section [{section}]")
        try:
            model = _MODELS[section](**content)
        except ValidationError as error:
            raise ConfigError(_explain(error, section, where)) from error
        built[section] = SECTIONS[section](**model.model_dump())
    return Settings(**built)


def _explain(error: ValidationError, section: str, where: str) -> str:
    first = error.errors()[0]
    key = str(first["loc"][0]) if first["loc"] else "?"
    known = {f.name: f for f in fields(SECTIONS[section])}
    if (gone := _GONE.get(f"{section}.{key}")) is not None:
        return f"{where}: {section}.{key}: {gone}"
    if key not in known:
        return f"{where}: {section}.{_short(key)}: there is no such setting; {_instead(section, key)}"
    wanted = first["ctx"]["error"] if first["type"] == "value_error" else _expected(known[key])
    return f"{where}: {section}.{key} = {_short(repr(first['input']))}: expected {wanted}"


def _instead(section: str, key: str) -> str:
    """Return which setting was probably meant, or those there are."""
    elsewhere = [name for name, kind in SECTIONS.items() if key in {f.name for f in fields(kind)}]
    if elsewhere:
        return f"it belongs in [{elsewhere[0]}]"
    names = [f.name for f in fields(SECTIONS[section])]
    near = difflib.get_close_matches(key.lower(), names, n=1, cutoff=0.6)
    return f"did you mean {near[0]}?" if near else f"[{section}] has {', '.join(names)}"


def _expected(f: DataclassField[Any]) -> str:
    """Return what a setting can be: ``a number of seconds from 0 to 3600``."""
    unit = next((f" of {words}" for ending, words in _UNITS.items() if f.name.endswith(ending)), "")
    if f.metadata["choices"]:
        return f"one of {', '.join(f.metadata['choices'])}"
    return f"{_WORDS[str(f.type)]}{unit}{_range(f)}"


def _short(text: str) -> str:
    """Return a user's text on one line of limited length."""
    shown = text if text.isprintable() else repr(text)
    return shown if len(shown) <= _MOST_SHOWN else f"{shown[: _MOST_SHOWN - 3]}..."


def _check_order(s: Settings, where: str) -> None:
    for one, least, other in ORDER:
        value, limit = value_of(s, one), value_of(s, other)
        if (value < limit) if least else (value > limit):
            raise OrderError(
                f"{where}: {one} = {value:g}: expected at {'least' if least else 'most'} {other}, which is {limit:g}", one, other, least
            )


def _range(f: DataclassField[Any]) -> str:
    ge, le = f.metadata["ge"], f.metadata["le"]
    return "" if ge is None or le is None else f" from {ge:g} to {le:g}"


def _toml(value: Any) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"' if isinstance(value, str) else str(value).lower()


def _type(f: DataclassField[Any]) -> Any:
    """Return what a setting can be, to pydantic."""
    if f.metadata["choices"]:
        return Literal[f.metadata["choices"]]
    parse = f.metadata["parsed_by"]
    return _TYPES[str(f.type)] if parse is None else Annotated[str, AfterValidator(lambda text: (parse(text), text)[1])]


def _model(kind: type[Any]) -> type[BaseModel]:
    assert is_dataclass(kind)
    columns: dict[str, Any] = {
        f.name: (
            _type(f),
            Field(default=f.default, ge=f.metadata["ge"], le=f.metadata["le"], allow_inf_nan=False if f.type == "float" else None),
        )
        for f in fields(kind)
    }
    return create_model(kind.__name__, __config__=ConfigDict(extra="forbid", strict=True), **columns)


_MODELS = {name: _model(kind) for name, kind in SECTIONS.items()}
