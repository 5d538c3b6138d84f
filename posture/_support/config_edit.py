"""Changes settings in the user's file and leaves its comments, its order and everything else as they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from posture._support import config
from posture._support.files import make_folder, parse_toml, write_whole
from posture.errors import ConfigError

NO_TOMLKIT = "changing the settings file needs tomlkit: pip install '.[window]' in the program's folder; or edit the file by hand"


@dataclass(frozen=True, slots=True)
class Change:
    """A file that was written."""

    file: Path
    before: str | None
    """Its text; ``None``: it was not there."""
    after: str | None


def change(file: Path, values: Mapping[str, Any]) -> Change:
    """Set settings, ``section.key``, in a file; ``None`` takes one out, so that its default holds. **Writes** a private file, whole.

    One that is set to its default and isn't in the file is not added. A file that need not change is not written.

    Raises:
        ConfigError: The file is broken, or would not be valid then; or the library for it is missing. It is as it was.
        PostureError: It cannot be written.
    """
    before = config.read(file) if file.exists() else None
    after = _edited(before or "", values, file)
    config.of_text(after, file)
    if after == (before or ""):
        return Change(file, before, before)
    _write(file, after)
    return Change(file, before, after)


def undo(done: Change) -> None:
    """Put back what a change replaced. **Writes**.

    Raises:
        ConfigError: The file was changed otherwise meanwhile.
        PostureError: It cannot be written.
    """
    now = config.read(done.file) if done.file.exists() else None
    if now != done.after:
        raise ConfigError(f"{done.file}: was changed meanwhile, so the last change can't be undone")
    if done.before is None:
        done.file.unlink(missing_ok=True)
    else:
        _write(done.file, done.before)


def _write(file: Path, text: str) -> None:
    target = file.resolve()  # one that is a link stays one
    make_folder(target.parent)
    write_whole(target, text.encode("utf-8"))


def _edited(text: str, values: Mapping[str, Any], file: Path) -> str:
    try:
        import tomlkit  # noqa: PLC0415 # comes with the window
        from tomlkit.exceptions import TOMLKitError  # noqa: PLC0415
    except ImportError as error:
        raise ConfigError(NO_TOMLKIT) from error
    parse_toml(text, file, ConfigError)  # names what is wrong as everywhere else, and refuses what takes long to read
    try:
        document: Any = tomlkit.parse(text)
        for name, value in values.items():
            section, _, key = name.partition(".")
            default = config.field_of(name).default
            table = document.get(section)
            there = isinstance(table, Mapping) and key in table
            if value is None:
                if there:
                    del document[section][key]
                    _drop_if_empty(document, section)
            elif there or value != default:
                if table is None:
                    document[section] = tomlkit.table()
                elif not isinstance(table, Mapping):
                    raise ConfigError(f"{file}: {section} = {table!r}: expected a section [{section}]")
                document[section][key] = _plain(value)
        written = str(tomlkit.dumps(document))
        return written.replace("\r\n", "\n").replace("\n", "\r\n") if "\r\n" in text else written
    except TOMLKitError as error:
        raise ConfigError(f"{file}: cannot be changed: {error}") from error


def _drop_if_empty(document: Any, section: str) -> None:
    """Remove a section that holds neither a setting nor a comment."""
    table = document[section]
    if not table and "#" not in f"{table.trivia.comment}{table.as_string()}":
        del document[section]


def _plain(value: Any) -> Any:
    """Return the value as a person would write it: 600, not 600.0."""
    return int(value) if isinstance(value, float) and value.is_integer() else value
