"""``subtitles.srt`` and ``subtitles.vtt``: posture and angles as subtitles of the recording itself, for any player.

A cue lasts about a second, longer while nothing changes, and ends where the posture does; times are those of the recording.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from posture._support import printable
from posture.biomechanics import POSTURE_ANGLES
from posture.engine import RecordingResult
from posture.prompts import Catalogue
from posture.reports.labels import MINUS, STYLES, effective, reason_words
from posture.types import ClassifiedReading, Posture

_CUE_S = 1.0
"""Angles that change faster than this cannot be read."""
_PROMPT_S = 8.0
"""How long a prompt is named."""


@dataclass(frozen=True, slots=True)
class Cue:
    """One subtitle."""

    start_s: float
    end_s: float
    lines: tuple[str, ...]


def cues(analysis: RecordingResult, catalogue: Catalogue) -> list[Cue]:
    """Return the subtitles in order, without overlap; none where there was no reading for longer than ``bands.max_gap_s``."""
    longest_s = effective(analysis, "bands.max_gap_s")
    end_s = analysis.spans[-1].end_s if analysis.spans else 0.0
    groups = list(_groups(analysis.judged, [p.time_s for p in analysis.shown], longest_s))
    out: list[Cue] = []
    for i, group in enumerate(groups):
        start = group[0].reading.time_s
        following = groups[i + 1][0].reading.time_s if i + 1 < len(groups) else max(end_s, group[-1].reading.time_s)
        end = min(following, group[-1].reading.time_s + longest_s)
        if round(end, 3) <= round(start, 3):
            continue
        cue = Cue(start, end, (_said(group), *_prompts(analysis, catalogue, start)))
        if out and out[-1].lines == cue.lines and abs(out[-1].end_s - start) < 1e-9:
            out[-1] = replace(out[-1], end_s=end)
        else:
            out.append(cue)
    return out


def srt(analysis: RecordingResult, catalogue: Catalogue) -> Iterator[str]:
    """Yield ``subtitles.srt`` line by line (SubRip; UTF-8)."""
    for number, cue in enumerate(cues(analysis, catalogue), 1):
        yield str(number)
        yield f"{_stamp(cue.start_s, ',')} --> {_stamp(cue.end_s, ',')}"
        yield from (line.replace("<", "(").replace(">", ")") for line in cue.lines)  # players take <...> for styles
        yield ""


def vtt(analysis: RecordingResult, catalogue: Catalogue) -> Iterator[str]:
    """Yield ``subtitles.vtt`` line by line (WebVTT, W3C; UTF-8)."""
    yield "WEBVTT"
    yield ""
    for cue in cues(analysis, catalogue):
        yield f"{_stamp(cue.start_s, '.')} --> {_stamp(cue.end_s, '.')}"
        yield from (line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") for line in cue.lines)
        yield ""


def _groups(judged: Sequence[ClassifiedReading], prompted_s: Sequence[float], longest_s: float) -> Iterator[list[ClassifiedReading]]:
    """Yield readings that share a subtitle: of one posture, within a second, with no prompt between them."""
    group: list[ClassifiedReading] = []
    edges = sorted({edge for t in prompted_s for edge in (t, t + _PROMPT_S)})
    for j in judged:
        if group:
            first, last = group[0], group[-1]
            time_s = j.reading.time_s
            same = (j.posture, j.reason) == (first.posture, first.reason)
            parted = any(first.reading.time_s < edge <= time_s for edge in edges)
            if not same or parted or time_s - first.reading.time_s >= _CUE_S - 1e-6 or time_s - last.reading.time_s > longest_s:
                yield group
                group = []
        group.append(j)
    if group:
        yield group


def _said(group: Sequence[ClassifiedReading]) -> str:
    """Return posture, and the angles as medians over the group; one that was not seen is left out."""
    posture = group[0].posture
    parts = [STYLES[posture].word]
    if posture is Posture.UNKNOWN and group[0].reason:
        parts[0] += f": {reason_words(group[0].reason)}"
    for angle in POSTURE_ANGLES if posture is not Posture.AWAY else ():
        found = [e for j in group if (e := angle.shown(j.reading)) is not None]
        if found:
            deg, sd = (float(np.median([getattr(e, part) for e in found])) for part in ("deg", "sd_deg"))
            parts.append(f"{angle.label.split()[0].lower()} {deg + 0.0:.0f}°±{sd:.0f}".replace("-", MINUS))
    return "  ".join(parts)


def _prompts(analysis: RecordingResult, catalogue: Catalogue, time_s: float) -> Iterator[str]:
    for number, p in enumerate(analysis.shown, 1):
        if p.time_s <= time_s < p.time_s + _PROMPT_S:
            yield f"reminder {number}: {' '.join(printable(catalogue.title_of(p.prompt_id)).split())}"


def _stamp(time_s: float, point: str) -> str:
    ms = max(0, round(time_s * 1000))
    return f"{ms // 3_600_000:02d}:{ms // 60_000 % 60:02d}:{ms // 1000 % 60:02d}{point}{ms % 1000:03d}"
