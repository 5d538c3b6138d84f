"""``annotations.boris``: postures, episodes and reminders as a project of BORIS with one observation (project format 7.0).

It bears no date of its own, so that the same analysis gives the same file.
"""

from __future__ import annotations

from posture._support import printable, printable_json
from posture.engine import RecordingResult
from posture.prompts import Catalogue
from posture.reports.labels import STYLES
from posture.reports.recording.formats.annotations import Tier, media_path, tiers_of
from posture.types import Posture

_UNDATED = "1970-01-01T00:00:00"
_POSTURES = tuple(p.value for p in Posture)


def boris_project(analysis: RecordingResult, catalogue: Catalogue) -> bytes:
    """Return ``annotations.boris``: postures exclude each other; episodes and exercises are states of their own, reminders are points."""
    tiers = tiers_of(analysis, catalogue)
    name = printable(analysis.video.name)
    project = {
        "time_format": "hh:mm:ss",
        "project_date": _UNDATED,
        "project_name": name,
        "project_description": "Postures and episodes found by posture-monitor",
        "project_format_version": "7.0",
        "subjects_conf": {},
        "behaviors_conf": {str(i): behaviour for i, behaviour in enumerate(_behaviours(tiers))},
        "observations": {name: _observation(analysis, tiers)},
        "behavioral_categories": list(dict.fromkeys(t.name for t in tiers)),
        "independent_variables": {},
        "coding_map": {},
        "behaviors_coding_map": [],
        "converters": {},
    }
    return printable_json(project).encode("utf-8") + b"\n"


def _behaviours(tiers: list[Tier]) -> list[dict[str, object]]:
    """Return what can happen: a code of each value of the tiers, or the tier itself where its values are free text."""
    out: list[dict[str, object]] = []
    for tier in tiers:
        for value, meaning in (tier.meanings or {tier.name: tier.name}).items():
            is_posture = tier.name == "posture"
            entry = {"type": "Point event" if tier.name == "reminder" else "State event", "key": "", "code": _code(tier, value)}
            entry |= {"description": meaning, "color": STYLES[Posture(value)].colour if is_posture else "", "category": tier.name}
            others = ",".join(p for p in _POSTURES if p != value) if is_posture else ""
            out.append({**entry, "modifiers": {}, "excluded": others, "coding map": ""})
    return out


def _observation(analysis: RecordingResult, tiers: list[Tier]) -> dict[str, object]:
    video = analysis.video
    media = media_path(analysis) or printable(video.name)
    length_s = video.duration_s if video.duration_s is not None else (analysis.spans[-1].end_s if analysis.spans else 0.0)
    return {
        "file": {str(player): [media] if player == 1 else [] for player in range(1, 9)},
        "type": "MEDIA",
        "date": _UNDATED,
        "description": "",
        "time offset": 0.0,
        "events": _events(tiers),
        "observation time interval": [0, 0],
        "independent_variables": {},
        "visualize_spectrogram": False,
        "visualize_waveform": False,
        "close_behaviors_between_videos": False,
        "media_info": {
            "length": {media: length_s},
            "fps": {media: video.fps or 0.0},
            "hasVideo": {media: True},
            "hasAudio": {media: False},
            "offset": {"1": 0.0},
        },
    }


def _events(tiers: list[Tier]) -> list[list[object]]:
    """Return (seconds, subject, code, modifier, comment, frame) in order of time; a state stops before the next one starts."""
    found: list[tuple[int, int, str, str]] = []
    for tier in tiers:
        for a in tier.annotations:
            code = _code(tier, a.value if tier.meanings is not None else tier.name)
            comment = "" if tier.meanings is not None else a.value
            found.append((a.start_ms, 1, code, comment))
            if tier.name != "reminder":
                found.append((a.end_ms, 0, code, comment))
    return [[ms / 1000, "", code, "", comment, "NA"] for ms, _, code, comment in sorted(found)]


def _code(tier: Tier, value: str) -> str:
    return tier.name if tier.name.endswith(f" {value}") else value
