"""One line of the report of ``posture doctor``."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

NOT_RUN = "we haven't tried this on this system"


class DiagnosticLevel(StrEnum):
    """The result of a check."""

    OK = "ok"
    NOTE = "note"
    """Something optional is missing."""
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One check and its result."""

    name: str
    state: DiagnosticLevel
    found: str
    fix: str = ""
    """How to fix it; empty if there is nothing to fix."""

    @classmethod
    def ok(cls, name: str, found: str) -> Diagnostic:
        """Make one of what works."""
        return cls(name, DiagnosticLevel.OK, found)

    @classmethod
    def note(cls, name: str, found: str, fix: str = "") -> Diagnostic:
        """Make one of what is missing and optional."""
        return cls(name, DiagnosticLevel.NOTE, found, fix)

    @classmethod
    def broken(cls, name: str, found: str, fix: str) -> Diagnostic:
        """Make one of what is broken."""
        return cls(name, DiagnosticLevel.BROKEN, found, fix)
