"""What a person says of their own back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum


class ReportKind(StrEnum):
    """What a person says of their own back."""

    URGE = "urge"
    CRACKED = "cracked"
    STIFF = "stiff"
    PAIN = "pain"
    NUMB = "numb"
    WEAK = "weak"
    STRESS = "stress"


@dataclass(frozen=True, slots=True)
class SelfReport:
    """What the person said of their own back."""

    time_s: float
    """Seconds since the epoch (UTC)."""
    kind: ReportKind
    where: str | None = None
    note: str | None = None
    acknowledged_s: float | None = None
    """When the referral that answers it was acknowledged, seconds since the epoch; ``None`` if not yet."""

    def of_kind(self, kind: ReportKind) -> SelfReport:
        """Return the same report as one of `kind`; what was acknowledged of another kind was something else."""
        return self if kind is self.kind else replace(self, kind=kind, acknowledged_s=None)
