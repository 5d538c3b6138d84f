"""``summary.json``: the summary and all that is needed to judge it or to repeat it. Strict JSON: what is not a number is null."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict
from enum import Enum
from typing import Any

from posture._support import printable_json
from posture.engine import Bout, RecordingResult
from posture.prompts import Catalogue, hold_words
from posture.reports.recording.ergonomics import bands_dict, ergonomic_tables, ergonomics_dict
from posture.types import HeldPrompt, Posture, ShownPrompt

SCHEMA = 1
"""Rises when a reader of an older file would misread a newer one; new keys alone do not raise it."""
SCHEMA_VERSION = f"{SCHEMA}.1"
"""Its second part rises, at most once in a release, when keys are added: ``posture/data/schemas/summary.schema.json``."""


def summary_json(analysis: RecordingResult, catalogue: Catalogue) -> bytes:
    """Return ``summary.json`` as UTF-8; times and lengths in seconds of the recording."""
    return (printable_json(as_dict(analysis, catalogue)) + "\n").encode()


def as_dict(analysis: RecordingResult, catalogue: Catalogue) -> dict[str, Any]:
    """Return the content of ``summary.json`` as plain values, in the order in which it is written; the record of the run is not rounded."""
    content: dict[str, Any] = plain(_content(analysis, catalogue))
    return content | {"run": plain(analysis.run, decimals=None)}


def _content(analysis: RecordingResult, catalogue: Catalogue) -> dict[str, Any]:
    s, tables = analysis.summary, ergonomic_tables(analysis)
    seconds = {p.value: round(s.seconds.get(p, 0.0), 3) for p in Posture}
    return {
        "schema": SCHEMA,
        "schema_version": SCHEMA_VERSION,
        "complete": analysis.partial is None,
        "partial": analysis.partial,
        "video": asdict(analysis.video),
        "start_s": s.start_s,
        "end_s": s.end_s,
        "seconds": seconds,
        "total_s": sum(seconds.values()),
        "coverage": s.coverage,
        "unknown_by_reason_s": dict(sorted(s.reasons.items())),
        "trunk_bands": bands_dict(tables.bands),
        "ergonomics": ergonomics_dict(tables),
        "longest_sit_s": s.longest_sit_s,
        "breaks": s.breaks,
        "shifts": s.shifts,
        "stillness": None if s.stillness is None else {**asdict(s.stillness), "shifts_per_h": s.stillness.shifts_per_h},
        "episodes": len(analysis.episodes),
        "prompts": [_prompt(p, catalogue) for p in analysis.shown],
        "held": [_held(h, own=analysis.own_day) for h in analysis.held],
        "exercises": None if analysis.exercises is None else [_exercise(b) for b in analysis.exercises],
        "finding": asdict(s.finding) if s.finding else None,
        "notes": s.notes,
        "readings": len(analysis.judged),
        "neutral": analysis.neutral,
        "model": analysis.model,
        "versions": analysis.versions,
        "changed_settings": analysis.changed_settings,
        "own_thresholds_deg": analysis.own_thresholds,
        "about": analysis.about,
        "groups": analysis.groups,
        "extra": analysis.extra,
    }


def plain(value: object, decimals: int | None = 3) -> Any:
    """Convert `value` to what JSON can say: enums by value, floats rounded, what is not finite as ``None``, the rest as text.

    Args:
        value: what to convert.
        decimals: of floats; ``None``: they are not rounded.
    """
    if isinstance(value, Enum):
        return plain(value.value, decimals)
    if isinstance(value, Mapping):
        return {str(plain(k)): plain(v, decimals) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(v, decimals) for v in value]
    if isinstance(value, float):
        return (value if decimals is None else round(value, decimals) + 0.0) if math.isfinite(value) else None
    if hasattr(value, "tolist"):  # a numpy number or array
        return plain(value.tolist(), decimals)
    return value if value is None or isinstance(value, str | bool | int) else str(value)


def _exercise(bout: Bout) -> dict[str, Any]:
    done = bout.result
    return {
        "exercise": done.exercise,
        "start_s": bout.start_s,
        "end_s": bout.end_s,
        "repetitions": done.repetitions,
        "half_repetitions": done.half_repetitions,
        "depth_deg": done.depth_deg,
        "depth_sd_deg": done.depth_sd_deg,
        "tempo_s": done.tempo_s,
        "asymmetry_deg": done.asymmetry_deg,
    }


def _prompt(shown: ShownPrompt, catalogue: Catalogue) -> dict[str, Any]:
    prompt = catalogue.get(shown.prompt_id)
    return {
        "time_s": shown.time_s,
        "prompt_id": shown.prompt_id,
        "title": prompt.title if prompt else None,
        "kind": shown.kind,
        "step": shown.step,
        "reason": shown.reason,
        "passages": prompt.passages if prompt else (),
        "episode_start_s": shown.episode_start_s,
    }


def _held(held: HeldPrompt, *, own: bool) -> dict[str, Any]:
    return {
        "time_s": held.time_s,
        "kind": held.kind,
        "step": held.step,
        "reason": held.hold.reason,
        "until_s": held.hold.until_s,
        "why": hold_words(held.hold, own=own),
    }
