"""The files that a program has open, as Linux shows them under ``/proc``."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path


def open_files(pid: int | str = "self") -> list[str]:
    """Where the descriptors of a process lead; one that is closed between being listed and being read is left out."""
    found = []
    for link in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError, ProcessLookupError):
            found.append(str(link.readlink()))
    return found
