"""The ``Exec`` lines of desktop files (freedesktop.org's Desktop Entry Specification), written and read."""

from __future__ import annotations

import re
from collections.abc import Sequence

_ODD = frozenset("\"'\\$%`")
_ENV = "/usr/bin/env"
_EXEC = re.compile(r"^Exec=(.*)$", re.MULTILINE)
_WORD = re.compile(r'"((?:[^"\\]|\\.)*)"|(\S+)')
_ESCAPED = re.compile(r"\\(.)")


def by_env(command: Sequence[str]) -> Sequence[str]:
    """Start programs with odd names by ``env``: neither systemd nor GLib takes these marks in a program's path, however they are quoted."""
    return command if _ODD.isdisjoint(command[0]) else (_ENV, *command)


def exec_line(command: Sequence[str]) -> str:
    """Return what follows ``Exec=`` for a command."""
    return " ".join(_quoted(word) for word in by_env(command))


def program_of(text: str) -> str | None:
    """Return the path of the program that a desktop file starts; ``None``: it is looked for on the PATH, or there is none."""
    found = _EXEC.search(text)
    line = found[1].replace("\\\\", "\\").replace("%%", "%") if found else ""
    words = [_ESCAPED.sub(r"\1", quoted) or plain for quoted, plain in _WORD.findall(line)]
    if words[:1] == [_ENV]:
        del words[0]
    return words[0] if words and words[0].startswith("/") else None


def _quoted(word: str) -> str:
    """Quote: first by the rule for quotes, then, as every text of the file, with backslashes doubled."""
    for mark in '\\"`$':
        word = word.replace(mark, "\\" + mark)
    return f'"{word}"'.replace("\\", "\\\\").replace("%", "%%")
