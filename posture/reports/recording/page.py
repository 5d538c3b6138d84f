"""``report.html``: one self-contained page. No script, no network, no file beside it; light, dark, phone and paper."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import numpy as np

from posture.biomechanics import POSTURE_ANGLES
from posture.engine import RecordingResult, measured_s
from posture.prompts import GENERAL_SAFETY, OUR_CAUTION, WAITS, Catalogue, Prompt, hold_words
from posture.reports import labels as words
from posture.reports.html_templates import Drawing, bar, data_uri, drawn, environment
from posture.reports.recording.bands import BAND_WORDS, RANGES, range_words
from posture.reports.recording.chart import chart
from posture.reports.recording.ergonomics import ergonomic_tables
from posture.reports.recording.ergonomics_page import ergonomics_context
from posture.reports.recording.exercises import HEADING, NONE_FOUND, NOTE, exercise_rows
from posture.reports.recording.pictures import NO_PICTURES, Picture, Pictures, anchor, letter
from posture.reports.recording.summary_json import plain
from posture.types import Episode, ShownPrompt

_HIDDEN = (
    "The head of everybody who was found in a picture was made unrecognisable before it was put here, and so was all that is not close to "
    "the person. A search can still miss a head right beside or behind the person: look at each picture before you pass this page on."
)
_FACES = "Nothing in these pictures is hidden: think of everybody in them before you pass this page on."
WIDE_PX, NARROW_PX = 780.0, 340.0


@dataclass(slots=True)
class Card:
    """One entry of the catalogue as the page shows it."""

    prompt: Prompt
    times: list[tuple[int, ShownPrompt]] = field(default_factory=list)
    """Number and event of each time it was shown; empty for advice."""
    drawings: list[str] = field(default_factory=list)
    """Data URIs."""


def page_html(
    analysis: RecordingResult,
    catalogue: Catalogue,
    drawing: Drawing | None = None,
    *,
    flagged: bool = False,
    pictures: Pictures | None = None,
) -> bytes:
    """Return the page as UTF-8.

    Args:
        analysis: what to show.
        catalogue: where titles and steps of the prompts come from.
        drawing: gives the drawings of the prompts; without it the page has none.
        flagged: a red flag of the reader's own is up: the referral comes first, and no prompt says how an exercise is done.
        pictures: of moments of the recording; ``None`` if nobody asked for any.
    """
    filters = {"length": words.span_words, "said": _said, "key": _key, "step": words.step_words}
    page = environment(**filters, in_posture=words.in_posture_words).get_template("page.html.j2")
    return page.render(_context(analysis, catalogue, drawing, pictures, flagged=flagged)).encode("utf-8", "replace")


def _context(
    analysis: RecordingResult, catalogue: Catalogue, drawing: Drawing | None, pictures: Pictures | None, *, flagged: bool
) -> dict[str, Any]:
    s = analysis.summary
    advice = [catalogue.get(i) for i in s.finding.advice_ids] if s.finding else []
    if flagged:  # the referral has its own place then
        advice = [p for p in advice if p is not None and not p.waits_for_referral and p is not catalogue.referral]
    return {
        "a": analysis,
        "about": analysis.about,
        "disclaimer": words.disclaimer(analysis),
        "abouts": {p: words.about_words(p, analysis) for p in words.STYLES},
        "addressed": words.ADDRESSED.to(own=analysis.own_day),
        "held": [(h, hold_words(h.hold, words.clock, own=analysis.own_day)) for h in analysis.held],
        "s": s,
        "v": analysis.video,
        "kind_words": words.KIND_WORDS,
        "angle_words": {a.name: a.label.lower() for a in POSTURE_ANGLES},
        "our_caution": OUR_CAUTION,
        "general_safety": GENERAL_SAFETY,
        "charts": [chart(analysis, px, name, pictures or NO_PICTURES) for px, name in ((WIDE_PX, "wide"), (NARROW_PX, "narrow"))],
        "pictures": pictures,
        "shots": [_shot(number, picture) for number, picture in enumerate(pictures.shown if pictures else (), 1)],
        "shots_note": _shots_note(pictures) if pictures else "",
        "bar": bar(s.seconds, s.total_s),
        "t": ergonomic_tables(analysis),
        "trunk": ergonomic_tables(analysis).bands,
        "band_range": range_words,
        "ranges": RANGES,
        "e": ergonomics_context(analysis),
        "band_words": BAND_WORDS,
        "headline": headline(analysis),
        "referral": Card(catalogue.referral, [], _drawings(catalogue.referral, drawing)) if flagged else None,
        "waits": WAITS,
        "cards": [] if flagged else _cards(analysis, catalogue, drawing),
        "unlisted": [
            (n, p, catalogue.title_of(p.prompt_id))
            for n, p in enumerate(analysis.shown, 1)
            if flagged or catalogue.get(p.prompt_id) is None
        ],
        "advice": [Card(p, [], _drawings(p, drawing)) for p in advice if p],
        "cited": catalogue.cited(_passages(analysis, catalogue, [catalogue.referral] if flagged else [])),
        "source_of": catalogue.source_of,
        "in_posture": words.IN_POSTURE,
        "episode_note": words.EPISODE_NOTE,
        "episodes": [(e, _number_of(analysis, e)) for e in analysis.sustained()],
        "exercises": None if analysis.exercises is None else exercise_rows(analysis, catalogue),
        "exercise_words": {"heading": HEADING, "none": NONE_FOUND, "note": NOTE},
        "followed": {n: word for n in range(1, len(analysis.shown) + 1) if (word := words.followed_words(analysis, n))},
        "helped": words.helped_words(s.helped) if s.helped else None,
        "trust": _trust(analysis),
        "coverage": coverage_words(s.coverage),
    }


def _shot(number: int, picture: Picture) -> dict[str, str]:
    """Return what the page shows of a picture; the bytes stand in the page itself."""
    said = "; ".join(picture.moment.words)
    source = "data:image/jpeg;base64," + base64.b64encode(picture.jpeg).decode("ascii")
    return {"id": anchor(number), "letter": letter(number), "time": words.clock(picture.time_s), "said": said, "source": source}


def _shots_note(pictures: Pictures) -> str:
    """Tell what was hidden in the pictures, and how many were left out and why."""
    parts = [_FACES if pictures.faces else _HIDDEN] if pictures.shown else ["There is no picture."]
    if pictures.unsure:
        left = words.count_words(pictures.unsure, "picture was", "pictures were")
        parts.append(f"{left} left out, because not every head could be located for certain.")
    if pictures.unread:
        parts.append(f"{words.count_words(pictures.unread, 'picture')} could not be read a second time.")
    return " ".join(parts)


def headline(analysis: RecordingResult) -> str:
    """Return the one sentence to take home."""
    s = analysis.summary
    if s.finding is not None:
        return s.finding.text
    measured = measured_s(s.seconds)
    if measured <= 0:
        return "Nothing could be measured in this recording, so it says nothing about posture."
    return f"No posture was held long enough to stand out in the {words.span_words(measured)} that were measured."


def coverage_words(coverage: float | None) -> str:
    """Tell what the coverage means."""
    if coverage is None:
        return "Nobody was there to measure."
    share = words.share_words(coverage)
    if coverage >= 0.9:
        return f"{share} of the time that someone was there could be measured."
    if coverage >= 0.5:
        return f"Only {share} of the time that someone was there could be measured; nothing is known about the rest."
    return f"Only {share} of the time that someone was there could be measured: less than half. Treat everything here with caution."


def _trust(analysis: RecordingResult) -> list[tuple[str, str]]:
    out = []
    for angle in POSTURE_ANGLES:
        sds = [e.sd_deg for j in analysis.judged if (e := angle.shown(j.reading)) is not None]
        out.append((angle.label, words.trust_words(float(np.median(sds)) if sds else None, angle.name)))
    return out


def _cards(analysis: RecordingResult, catalogue: Catalogue, drawing: Drawing | None) -> list[Card]:
    cards: dict[str, Card] = {}
    for number, shown in enumerate(analysis.shown, 1):
        prompt = catalogue.get(shown.prompt_id)
        if prompt is not None:
            card = cards.setdefault(prompt.id, Card(prompt, [], _drawings(prompt, drawing)))
            card.times.append((number, shown))
    return sorted(cards.values(), key=lambda c: c.prompt is not catalogue.referral)


def _drawings(prompt: Prompt, drawing: Drawing | None) -> list[str]:
    return [data_uri(svg) for _, svg in drawn(prompt.drawings, drawing)]


def _passages(analysis: RecordingResult, catalogue: Catalogue, more: list[Prompt]) -> list[str]:
    """Return the ids of every passage that the page cites."""
    finding = analysis.summary.finding
    shown = [catalogue.get(i) for i in [p.prompt_id for p in analysis.shown] + list(finding.advice_ids if finding else ())]
    return list(dict.fromkeys([i for p in [*more, *shown] if p for i in p.passages] + list(finding.passages if finding else ())))


def _number_of(analysis: RecordingResult, episode: Episode) -> int | None:
    prompt = analysis.prompt_of(episode)
    return None if prompt is None else analysis.shown.index(prompt) + 1


def _key(name: object) -> str:
    """Return a key of a mapping as a label: ``sd_deg`` becomes ``sd (°)``."""
    text = str(name)
    for ending, unit in (("_deg", " (°)"), ("_s", " (s)"), ("_cm", " (cm)")):
        if text.endswith(ending):
            text = text.removesuffix(ending) + unit
    return text.replace("_", " ")


def _said(value: object) -> str:
    """Return a value of a mapping in words."""
    value = plain(value)
    if value is None:
        return "not known"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return ", ".join(f"{_key(k)} {_said(v)}" for k, v in value.items())
    if isinstance(value, list):
        return ", ".join(map(_said, value))
    return f"{value:g}" if isinstance(value, float) and not isinstance(value, Enum) else str(value)
