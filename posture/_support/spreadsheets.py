"""Free text in CSV files: a spreadsheet takes one that begins as a formula does for a formula, and may run it.

Such a text gets an apostrophe in front, as OWASP advises (CSV injection); one that begins with apostrophes and then so gets one more,
so that taking one away restores every text.
"""

from __future__ import annotations

import re

_WIDE = "\N{FULLWIDTH EQUALS SIGN}\N{FULLWIDTH PLUS SIGN}\N{FULLWIDTH HYPHEN-MINUS}\N{FULLWIDTH COMMERCIAL AT}"
_FORMULA = re.compile(f"'*[=+\\-@\t\r\n{_WIDE}]")


def defused(text: str) -> str:
    """Return `text` so that no spreadsheet takes it for a formula; most texts stay as they are."""
    return f"'{text}" if _FORMULA.match(text) else text


def restored(text: str) -> str:
    """Return what `defused` made `text` of."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text
