"""What is annotated in a recording, for ELAN and BORIS: postures, episodes, reminders and exercises, in whole milliseconds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from posture._support import printable
from posture.engine import RecordingResult
from posture.prompts import Catalogue
from posture.reports.labels import KIND_WORDS, STYLES
from posture.types import EpisodeKind, Posture

_REMINDER_S = 8.0
"""How long a reminder is annotated: as in subtitles."""


@dataclass(frozen=True, slots=True)
class Annotation:
    """One stretch of a tier."""

    start_ms: int
    end_ms: int
    value: str


@dataclass(frozen=True, slots=True)
class Tier:
    """Annotations of one sort, in order and without overlap."""

    name: str
    annotations: tuple[Annotation, ...]
    meanings: Mapping[str, str] | None = None
    """What each value means, where there are only these; ``None`` for free text."""


def tiers_of(analysis: RecordingResult, catalogue: Catalogue) -> list[Tier]:
    """Return postures, the episodes of each kind, reminders, and exercises if they were looked for.

    Values are those of ``readings.csv`` and ``episodes.csv``; a reminder has its title.
    """
    titles = [(p.time_s, p.time_s + _REMINDER_S, _one_line(catalogue.title_of(p.prompt_id))) for p in analysis.shown]
    spans = ((s.start_s, s.end_s, s.posture.value) for s in analysis.spans)
    tiers = [Tier("posture", _in_order(spans, join=True), {p.value: f"{STYLES[p].word}: {STYLES[p].about}" for p in Posture})]
    for kind in EpisodeKind:
        episodes = ((e.start_s, e.end_s, kind.value) for e in analysis.episodes if e.kind is kind)
        tiers.append(Tier(f"episode {kind}", _in_order(episodes), {kind.value: KIND_WORDS[kind]}))
    tiers.append(Tier("reminder", _in_order(titles)))
    if analysis.exercises is not None:
        bouts = ((b.start_s, b.end_s, _one_line(b.result.exercise)) for b in analysis.exercises)
        tiers.append(Tier("exercise", _in_order(bouts)))
    return tiers


def _in_order(parts: Iterable[tuple[float, float, str]], *, join: bool = False) -> tuple[Annotation, ...]:
    """Return the parts in whole milliseconds: each ends where the next begins at the latest; those that last none are left out.

    Args:
        parts: start and end in seconds, and the value.
        join: make one of neighbours of the same value.
    """
    out: list[Annotation] = []
    for start_s, end_s, value in sorted(parts):
        start, end = round(start_s * 1000), round(end_s * 1000)
        if out and out[-1].end_ms > start:
            last = out.pop()
            out += [Annotation(last.start_ms, start, last.value)] if last.start_ms < start else []
        if join and out and (out[-1].end_ms, out[-1].value) == (start, value):
            start = out.pop().start_ms
        if start < end:
            out.append(Annotation(start, end, value))
    return tuple(out)


def media_path(analysis: RecordingResult) -> str:
    """Return the path of the recording from its results; where nobody says it, they are taken to be in a folder beside it.

    Empty if it was no file.
    """
    return printable(f"../{analysis.video.name}" if analysis.media is None else analysis.media)


def _one_line(text: str) -> str:
    return " ".join(printable(text).split())
