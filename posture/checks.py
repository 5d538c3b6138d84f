"""One line of what the doctor finds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

NOT_RUN = "not run on this system by us"


class State(StrEnum):
    """How a check came out."""

    OK = "ok"
    NOTE = "note"
    """Something that not everybody needs is not there."""
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the doctor's report."""

    name: str
    state: State
    found: str
    mend: str = ""
    """How to mend it; empty if there is nothing to mend."""
