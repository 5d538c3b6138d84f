"""An archive by the groups of its study: how many recordings, subjects and hours each has, and what its figures come to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from posture.ergonomics import Spread, spread_of
from posture.reports.archive.figures import trunk_over_20
from posture.reports.archive.table import ArchiveRow
from posture.reports.labels import DASH, degrees, share_words
from posture.types import MEASURED

SUBJECT = "subject"
WEIGHTS = "Mean ± standard deviation over the recordings of a group; each recording weighs the same, however long it is."
_NONE = "not said"


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure of a recording that is compared between groups."""

    name: str
    """In JSON."""
    label: str
    of: Callable[[ArchiveRow], float | None]
    words: Callable[[float | None], str]


@dataclass(frozen=True, slots=True)
class GroupFigures:
    """What the recordings of one group come to."""

    groups: dict[str, str]
    """Its value of each group by which the archive was divided; empty text where that is not known."""
    recordings: int
    """Those with a result."""
    failed: int
    """Those without."""
    subjects: int
    """How many different ones are named; 0 where none is."""
    measured_s: float
    spreads: dict[str, Spread | None]
    """By the names of the measures."""

    @property
    def label(self) -> str:
        """What to call it."""
        return ", ".join(value or _NONE for value in self.groups.values())


def measured_s(row: ArchiveRow) -> float:
    """Return the seconds in which the posture was measured."""
    return (row.analysed_s or 0.0) * sum(getattr(row, f"{p}_share") or 0.0 for p in MEASURED)


def flexed_of_measured(row: ArchiveRow) -> float | None:
    """Return the share (0..1) of the measured time that was leaning or slumped; ``None`` if none was measured."""
    seconds = measured_s(row)
    return None if seconds <= 0 or row.flexed_share is None else (row.analysed_s or 0.0) * row.flexed_share / seconds


MEASURES = (
    Measure("flexed_share", "leaning or slumped", flexed_of_measured, share_words),
    Measure("trunk_over_20_share", "trunk ≥ 20°", trunk_over_20, share_words),
    Measure("trunk_flexion_p50_deg", "trunk, median", lambda r: r.trunk_flexion_p50_deg, degrees),
    Measure("trunk_flexion_p90_deg", "trunk, 90\N{NO-BREAK SPACE}%", lambda r: r.trunk_flexion_p90_deg, degrees),
)
"""In the order in which they are shown; shares are of what was measured."""


def keys_of(rows: Iterable[ArchiveRow], wanted: Sequence[str] = ()) -> tuple[str, ...]:
    """Return by which groups to divide: those `wanted`, else all but the subject, else the subject; none where no recording has a group."""
    known = dict.fromkeys(name for row in rows for name in row.groups)
    return tuple(wanted) or tuple(name for name in known if name != SUBJECT) or tuple(known)


def grouped(rows: Sequence[ArchiveRow], keys: Sequence[str]) -> list[GroupFigures]:
    """Return the figures of each group, in alphabetical order; recordings of which a group is not known come last."""
    found: dict[tuple[str, ...], list[ArchiveRow]] = {}
    for row in rows:
        found.setdefault(tuple(row.groups.get(key, "") for key in keys), []).append(row)
    order = sorted(found, key=lambda values: [(value == "", value) for value in values])
    return [_figures(dict(zip(keys, values, strict=True)), found[values]) for values in order]


def _figures(groups: dict[str, str], rows: Sequence[ArchiveRow]) -> GroupFigures:
    good = [row for row in rows if row.flexed_share is not None]
    return GroupFigures(
        groups,
        len(good),
        len(rows) - len(good),
        len({row.groups[SUBJECT] for row in rows if SUBJECT in row.groups}),
        sum(map(measured_s, good)),
        {m.name: spread_of(map(m.of, good)) for m in MEASURES},
    )


def spread_words(spread: Spread | None, words: Callable[[float], str]) -> str:
    """Return ``32 ± 11 %``; of one recording the value alone."""
    if spread is None:
        return DASH
    mean, unit = words(spread.mean), words(0.0).lstrip("0.")
    return mean if spread.sd is None else f"{mean.removesuffix(unit)} ± {words(spread.sd)}"


def group_words(row: ArchiveRow) -> str:
    """Return the groups of a recording: ``subject anna, condition before``."""
    return ", ".join(f"{name} {value}" for name, value in row.groups.items())
