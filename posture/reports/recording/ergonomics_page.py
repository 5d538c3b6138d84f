"""What the page's section for ergonomists says."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from posture.biomechanics import NECK_FLEXION, TRUNK_FLEXION
from posture.engine import RecordingResult
from posture.ergonomics import ACTIONS, LENGTHS_S, LEVELS_DEG, NECK_UNKNOWN, PERIODS_S, STATIC_S, AngleTables, ErgonomicTables
from posture.reports.labels import DASH, degrees, effective, share_words, span_words
from posture.reports.recording.ergonomics import (
    between_words,
    ergonomic_tables,
    ergonomics_settings,
    limit_words,
    listed,
    longest_words,
    score_rows,
)

_LISTED = 10
_ISO = (
    f"ISO 11226 from memory, not as read: 0{DASH}20° acceptable, 4 min at 20° falling to 1 min at 60°, more than 60° not recommended, "
    "for a trunk without support; of leaning back nothing is said here."
)
_ANGLE_ALONE = "This is what a trunk angle alone allows: support, symmetry, the neck, and recovery between are not judged."


def ergonomics_context(analysis: RecordingResult) -> dict[str, Any]:
    """Return what ``ergonomics.html.j2`` needs beside the tables."""
    tables = ergonomic_tables(analysis)
    trunk = tables.of(TRUNK_FLEXION)
    return {
        "trunk": trunk,
        "neck": tables.of(NECK_FLEXION) is not None,
        "within": ergonomics_settings(analysis).still_within_deg,
        "longest": longest_words,
        "lengths": [] if trunk is None else list(zip(_length_words(), *trunk.holding.histogram(), strict=True)),
        "limits": limit_words(tables, effective(analysis, "bands.enter_at")),
        "listed": listed(tables, _LISTED),
        "limits_about": f"{_own_words(tables) if tables.limits.own else _ISO} {_ANGLE_ALONE}",
        "steps": _steps(tables),
        "steps_about": _steps_about(analysis, tables),
        "rula": _rula(tables),
        "given": ", ".join(f"{name.replace('_', ' ')} {score}" for name, score in tables.rula_given.items()),
        "variation": _variation,
    }


def _length_words() -> list[str]:
    edges = (STATIC_S, *LENGTHS_S)
    return [f"{span_words(low)} {DASH} {span_words(high)}" for low, high in pairwise(edges)] + [f"{span_words(edges[-1])} or more"]


def _own_words(tables: ErgonomicTables) -> str:
    return "Your own limits: " + ", ".join(f"{span_words(seconds)} at {degrees(deg)}" for deg, seconds in tables.limits.pairs) + "."


def _steps(tables: ErgonomicTables) -> list[tuple[int, list[str]]]:
    most = max((len(s.least) for s in tables.steps), default=0)
    return [
        (step, [between_words(s.least[step - 1], s.most[step - 1]) if step <= len(s.least) else DASH for s in tables.steps])
        for step in range(1, most + 1)
    ]


def _steps_about(analysis: RecordingResult, tables: ErgonomicTables) -> str:
    settings, seen = ergonomics_settings(analysis), tables.seen
    if seen is None:
        return ""
    return (
        f"RULA: McAtamney & Corlett 1993; REBA: Hignett & McAtamney 2000; each reading by its probabilities. Upright within "
        f"{degrees(settings.upright_within_deg)}, bent sideways from {degrees(settings.sideways_deg)}, twisted from "
        f"{degrees(settings.twisted_deg)}: the methods name no degrees. Bending sideways was seen for {share_words(seen.sideways)} of the "
        f"time, twisting for {share_words(seen.twisted)}. For the rest, and for whether the back is supported (RULA), the shares run from "
        f"absent to present. {NECK_UNKNOWN}"
    )


def _rula(tables: ErgonomicTables) -> list[tuple[int, str, str]]:
    if tables.rula is None:
        return []
    return [(score, said, _action(score)) for score, said in score_rows(tables.rula.least, tables.rula.most)]


def _action(score: int) -> str:
    return next(f"action level {level}: {words}" for highest, level, words in ACTIONS if score <= highest)


def _variation(a: AngleTables) -> tuple[list[str], list[tuple[str, list[float]]]]:
    """Return the periods, and the levels that took any time, highest first: words, and shares of the time by period and in all."""
    total = a.variation.known_s
    levels = zip(_level_words(), a.variation.seconds.tolist(), strict=True)
    rows = [(word, [s / total for s in [*seconds, sum(seconds)]]) for word, seconds in levels if sum(seconds) > 0]
    return _period_words(), rows[::-1]


def _level_words() -> list[str]:
    inner = [f"{degrees(low)} to {degrees(high)}" for low, high in pairwise(LEVELS_DEG)]
    return [f"below {degrees(LEVELS_DEG[0])}", *inner, f"{degrees(LEVELS_DEG[-1])} or more"]


def _period_words() -> list[str]:
    inner = [f"{low:.0f}{DASH}{high:.0f} s" for low, high in pairwise(PERIODS_S)]
    return [f"< {PERIODS_S[0]:.0f} s", *inner, f"> {PERIODS_S[-1]:.0f} s"]
