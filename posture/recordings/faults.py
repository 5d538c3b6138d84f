"""Whatever goes wrong with one recording, as an error of the program's own: one plain line that names the recording."""

from __future__ import annotations

import traceback
from pathlib import Path

from posture._support import limits, missing_library
from posture.errors import PostureError

_LONGEST = 200
"""Characters of an error that was not foreseen: some carry a dump of numbers."""


def fault_of(error: Exception, name: str) -> PostureError:
    """Return the error to show the user; one of the program's own stays as it is.

    Args:
        error: what was raised.
        name: of the recording's file.
    """
    if isinstance(error, PostureError):
        return error
    return PostureError(f"{name}: {' '.join(_words(error).split())}")


def out_of_memory(error: Exception) -> bool:
    """Return whether memory ran out, so that another try in a fresh process may do better."""
    return limits.no_memory(error)


def _words(error: Exception) -> str:
    if out_of_memory(error):
        return "not enough memory to analyse it; try fewer --jobs"
    if isinstance(error, ImportError | OSError) and (line := missing_library(error)) is not None:
        return line
    if isinstance(error, OSError):
        return f"{error.strerror or error}{f': {error.filename}' if error.filename else ''}"
    if isinstance(error, UnicodeError):
        return f"a name or text in it can't be written as UTF-8 ({getattr(error, 'reason', error)})"
    words = str(error)[:_LONGEST]
    return f"a bug in this program: {type(error).__name__}{f': {words}' if words else ''} ({_place(error)})"


def _place(error: Exception) -> str:
    """Return the innermost line of this package in which it was raised."""
    frames = traceback.extract_tb(error.__traceback__)
    here = Path(__file__).parents[1]
    own = [f for f in frames if Path(f.filename).is_relative_to(here)] or list(frames)
    return f"{Path(own[-1].filename).name}, line {own[-1].lineno}" if own else "place unknown"
