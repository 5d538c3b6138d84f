"""Text of others (names of files, notes, reasons, addresses) without what a terminal, a page or a picture would obey instead of show."""

from __future__ import annotations

import json

_NO_BREAK = "\N{NO-BREAK SPACE}"
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def printable(text: str, keep: str = "") -> str:
    """Return `text` with a replacement character in place of each control, format and line character, but those in `keep`."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c == _NO_BREAK or c in keep else _REPLACEMENT for c in text)


def printable_json(value: object) -> str:
    """Return indented JSON in which each control, format or line character of a text, and half a surrogate, is JSON's own escape."""
    lines = json.dumps(value, ensure_ascii=False, allow_nan=False, indent=2).split("\n")
    return "\n".join(line if line.isprintable() else "".join(map(_escaped, line)) for line in lines)


def _escaped(character: str) -> str:
    return character if character.isprintable() else json.dumps(character)[1:-1]
