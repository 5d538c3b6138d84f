"""The tables for ergonomists: made once for all reports of a recording, as ``summary.json`` has them, and their words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from typing import Any
from weakref import WeakKeyDictionary

from posture.engine import RecordingResult
from posture.ergonomics import (
    LENGTHS_S,
    LEVELS_DEG,
    NECK_UNKNOWN,
    PERIODS_S,
    STATIC_S,
    AngleTables,
    ErgonomicTables,
    HeldAgainstLimit,
    TrunkBand,
    TrunkBands,
    tables_of,
)
from posture.reports.labels import DASH, count_words, degrees, effective, share_words, span_words
from posture.reports.recording.bands import LIMITS
from posture.settings import ErgonomicsSettings
from posture.types import Posture

MOST_LISTED = 20
"""Static postures of the trunk that are listed one by one."""
_LEAST_LISTED = 0.01
_MADE: WeakKeyDictionary[RecordingResult, ErgonomicTables] = WeakKeyDictionary()


def ergonomic_tables(analysis: RecordingResult) -> ErgonomicTables:
    """Return the tables of a recording; they are made once for each result."""
    made = _MADE.get(analysis)
    if made is None:
        readings = [j.reading for j in analysis.judged]
        end_s = analysis.spans[-1].end_s if analysis.spans else (readings[-1].time_s if readings else 0.0)
        there_s = analysis.summary.total_s - analysis.summary.seconds.get(Posture.AWAY, 0.0)
        made = tables_of(readings, end_s, there_s, effective(analysis, "bands.max_gap_s"), ergonomics_settings(analysis))
        _MADE[analysis] = made
    return made


def ergonomics_settings(analysis: RecordingResult) -> ErgonomicsSettings:
    """Return the section as it was in this analysis."""
    changed: Mapping[str, Any] = analysis.changed_settings
    keys = {f.name: f"ergonomics.{f.name}" for f in fields(ErgonomicsSettings)}
    return ErgonomicsSettings(**{name: changed[key] for name, key in keys.items() if key in changed})


def bands_dict(bands: TrunkBands) -> dict[str, Any]:
    """Return ``trunk_bands`` of ``summary.json``."""
    return {
        "about": LIMITS,
        "seconds": {band.value: bands.seconds[band] for band in TrunkBand},
        "share": {band.value: bands.share(band) for band in TrunkBand},
        "measured_s": bands.measured_s,
        "unmeasured_s": bands.unmeasured_s,
        "expected_s": {band.value: bands.expected_s[band] for band in TrunkBand},
        "range_95_s": {band.value: bands.range_s[band] for band in TrunkBand},
    }


def ergonomics_dict(tables: ErgonomicTables) -> dict[str, Any]:
    """Return ``ergonomics`` of ``summary.json``."""
    seen = tables.seen
    return {
        "angles": {t.angle.name: _angle_dict(t) for t in tables.angles},
        "holding_classes_from_s": (STATIC_S, *LENGTHS_S),
        "variation_levels_from_deg": (None, *LEVELS_DEG),
        "variation_periods_from_s": (0.0, *PERIODS_S),
        "trunk_holding": {
            "limits": [{"from_deg": deg, "acceptable_s": seconds} for deg, seconds in tables.limits.pairs],
            "source": "own" if tables.limits.own else "ISO 11226, from memory",
            "postures": [_held_dict(h) for h in listed(tables)],
        },
        "trunk_steps": {s.method.value: _shares_dict(s.least, s.most, s.mean) for s in tables.steps},
        "sideways_seen_share": None if seen is None else seen.sideways,
        "twisted_seen_share": None if seen is None else seen.twisted,
        "neck_steps": None,
        "neck_steps_reason": NECK_UNKNOWN,
        "rula_given": tables.rula_given or None,
        "rula": None if tables.rula is None else _shares_dict(tables.rula.least, tables.rula.most, tables.rula.mean),
    }


def _angle_dict(t: AngleTables) -> dict[str, Any]:
    counts, seconds = t.holding.histogram()
    longest = t.holding.longest
    return {
        **asdict(t.statistics),
        "holding": {
            "within_deg": t.holding.within_deg,
            "static_share": t.holding.static_share,
            "counts": counts,
            "seconds": seconds,
            "longest": None if longest is None else asdict(longest),
        },
        "variation_s": t.variation.seconds,
    }


def _held_dict(h: HeldAgainstLimit) -> dict[str, Any]:
    return {**asdict(h.posture), "acceptable_s": h.acceptable_s, "longer_probability": h.longer_probability}


def _shares_dict(least: Sequence[float], most: Sequence[float], mean: tuple[float, float]) -> dict[str, Any]:
    return {"share_least": least, "share_most": most, "mean_least": mean[0], "mean_most": mean[1]}


def listed(tables: ErgonomicTables, most: int = MOST_LISTED) -> list[HeldAgainstLimit]:
    """Return the static postures of the trunk that a reader looks for: most probably too long first, then the longest."""
    return sorted(tables.trunk_held, key=lambda h: (-round(h.longer_probability, 2), -h.posture.held_s))[:most]


def longest_words(t: AngleTables) -> str:
    """Return ``2 min 10 s at 24°``; a dash if nothing was held."""
    longest = t.holding.longest
    return DASH if longest is None else f"{span_words(longest.held_s)} at {degrees(longest.mean_deg)}"


def limit_words(tables: ErgonomicTables, sure: float) -> str:
    """Tell how many static postures of the trunk were probably longer than acceptable; empty if it was never held.

    Args:
        tables: of the recording.
        sure: the probability from which it is said, the setting ``bands.enter_at``.
    """
    if not tables.trunk_held:
        return ""
    longer = tables.probably_longer(sure)
    unsure = tables.probably_longer(1.0 - sure) - longer
    source = "your own limits" if tables.limits.own else "ISO 11226, from memory"
    more = f", {unsure} {'more ' if longer else ''}perhaps" if unsure else ""
    count = count_words(longer, "static posture") if longer else "No static posture"
    return f"{count} of the trunk probably held for longer than its angle allows{more} ({source})"


def score_rows(least: Sequence[float], most: Sequence[float]) -> list[tuple[int, str]]:
    """Return the steps or scores that took any time, each with its share, or with what it is between."""
    both = enumerate(zip(least, most, strict=True), 1)
    return [(number, between_words(low, high)) for number, (low, high) in both if max(low, high) >= _LEAST_LISTED]


def between_words(low: float, high: float) -> str:
    """Return one share, or two with a dash between where what is not seen makes a difference."""
    low, high = sorted((low, high))
    if round(100 * low) == round(100 * high):
        return share_words(low)
    return f"{100 * low:.0f}{DASH}{100 * high:.0f} %"


def rula_words(tables: ErgonomicTables) -> str:
    """Return the RULA score in one line; empty unless the user gave what the camera does not see."""
    rula = tables.rula
    if rula is None:
        return ""
    parts = ", ".join(f"{score} for {share}" for score, share in score_rows(rula.least, rula.most))
    return f"RULA score with the scores you gave: {parts} of the time in which the trunk was seen"
