"""Whatever goes wrong with one recording, as an error of the program's own: one plain line that names the recording."""

from __future__ import annotations

import errno
import traceback
from pathlib import Path

from posture.model import PostureError
from posture.syslibs import missing_library

_LONGEST = 200
"""Characters of an error that was not foreseen: some carry a dump of numbers."""


def fault_of(error: Exception, name: str) -> PostureError:
    """The error to tell the user; one of the program's own is told as it is.

    Args:
        error: what was raised.
        name: of the recording's file.
    """
    if isinstance(error, PostureError):
        return error
    return PostureError(f"{name}: {' '.join(_words(error).split())}")


def out_of_memory(error: Exception) -> bool:
    """Whether it says that memory ran out, so that another try in a fresh process may do better."""
    if isinstance(error, ImportError) and "failed to map segment" in str(error):
        return True
    return isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno == errno.ENOMEM)


def _words(error: Exception) -> str:
    if out_of_memory(error):
        return "there is not enough memory to analyse it; with fewer --jobs it takes less"
    if isinstance(error, ImportError | OSError) and (line := missing_library(error)) is not None:
        return line
    if isinstance(error, OSError):
        return f"{error.strerror or error}{f': {error.filename}' if error.filename else ''}"
    if isinstance(error, UnicodeError):
        return f"a name or a text of it cannot be written as UTF-8 ({getattr(error, 'reason', error)})"
    words = str(error)[:_LONGEST]
    return f"a mistake in this program: {type(error).__name__}{f': {words}' if words else ''} ({_place(error)})"


def _place(error: Exception) -> str:
    """The innermost line of this package in which it happened; for who mends it."""
    frames = traceback.extract_tb(error.__traceback__)
    here = Path(__file__).parent
    own = [f for f in frames if Path(f.filename).is_relative_to(here)] or list(frames)
    return f"{Path(own[-1].filename).name}, line {own[-1].lineno}" if own else "place unknown"
