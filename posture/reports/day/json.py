"""A day, a week and a trend for programs. Strict JSON: times are seconds since the epoch, what is not known is null, never 0."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from posture._support import printable_json
from posture.days import MINUTE_S, Day, DayTotals, FollowedPrompts, TimelineStrip, Trend, Week
from posture.engine import Stillness
from posture.prompts import Catalogue, Silence
from posture.reports.day.labels import held_rows
from posture.reports.recording.summary_json import plain
from posture.types import SelfReport

SCHEMA = 2
"""Rises when a reader of an older one would misread a newer one; new keys alone do not raise it."""
_BLANK = ("start_s", "end_s", "seconds", "total_s", "breaks", "shifts")


def as_text(value: dict[str, Any]) -> str:
    """Return the value as indented JSON."""
    return printable_json(plain(value))


def day_dict(day: Day, catalogue: Catalogue, silence: Silence | None = None) -> dict[str, Any]:
    """Make the day plain values: its summary, and all that the summary shows; `silence`: why no reminder comes now."""
    summary = asdict(day.summary) | (dict.fromkeys(_BLANK) if day.blank else {})
    return {
        "schema": SCHEMA,
        "date": day.date.isoformat(),
        "day_start_s": day.start_s,
        "day_end_s": day.end_s,
        "blank": day.blank,
        **summary,
        "stillness": None if day.summary.stillness is None else _stillness(day.summary.stillness),
        "silence": None if silence is None else asdict(silence),
        "held_back": [{**asdict(h), "why": why} for h, (_, _, why) in zip(day.held, held_rows(day), strict=True)],
        "exercises": [{"title": e.title, **asdict(e.done)} for e in day.exercises],
        "measured_s": day.totals.measured_s,
        "longest_sit_s": day.totals.longest_sit_s,
        "longest_sit": None if day.longest_sit is None else asdict(day.longest_sit),
        "sessions": [asdict(s) for s in day.sessions],
        "strip": _strip(day.strip),
        "dose": {
            "start_s": day.dose.start_s,
            "step_s": MINUTE_S,
            "soft_s": day.dose.soft_s,
            "firm_s": day.dose.firm_s,
            "peak_s": day.dose.peak_s,
            "dose_s": day.dose.minutes,
        },
        "reports": [asdict(r) for r in day.reports],
        "together": [{**asdict(t), "more_flexed": t.flexed, "longer_unbroken": t.unbroken} for t in day.associations],
        "comparison": None if day.comparison is None else asdict(day.comparison),
        "tomorrow": None if day.suggestion is None else asdict(day.suggestion),
        **_flags(day.red_flags, catalogue),
    }


def week_dict(week: Week, catalogue: Catalogue) -> dict[str, Any]:
    """Make the week plain values: seven days, oldest first."""
    return {
        "schema": SCHEMA,
        "days": [{**_totals(d.totals), "strip": _strip(d.strip), "logged": [asdict(r) for r in d.reports]} for d in week.days],
        "typical": asdict(week.typical),
        "finding": week.finding_kind,
        "tomorrow": None if week.suggestion is None else asdict(week.suggestion),
        **_flags(week.red_flags, catalogue),
    }


def trend_dict(trend: Trend, catalogue: Catalogue) -> dict[str, Any]:
    """Make the trend plain values: days in a row, oldest first."""
    return {
        "schema": SCHEMA,
        "measured_days": trend.measured_days,
        "days": [_totals(d) for d in trend.days],
        "followed": None if trend.followed is None else _followed(trend.followed),
        "exercises": [{**asdict(e), "first": e.first.isoformat(), "last": e.last.isoformat()} for e in trend.exercises],
        **_flags(trend.red_flags, catalogue),
    }


def _totals(day: DayTotals) -> dict[str, Any]:
    return {
        **asdict(day),
        "blank": day.seconds is None,
        "measured_s": day.measured_s,
        "coverage": day.coverage,
        "flexed_s": day.flexed_s,
        "enough": day.enough,
    }


def _followed(found: FollowedPrompts) -> dict[str, Any]:
    exercises = [{"prompt": prompt_id, "title": title, **asdict(what)} for prompt_id, title, what in found.by_prompt]
    return {**asdict(found), "by_prompt": exercises}


def _stillness(stillness: Stillness) -> dict[str, Any]:
    return {**asdict(stillness), "shifts_per_h": stillness.shifts_per_h}


def _strip(strip: TimelineStrip) -> list[dict[str, Any]]:
    """Return stretches of whole minutes; those of which nothing was recorded are left out."""
    return [asdict(r) for r in strip.runs() if r.posture is not None]


def _flags(flags: tuple[SelfReport, ...], catalogue: Catalogue) -> dict[str, Any]:
    return {"red_flags": [asdict(r) for r in flags], "referral": asdict(catalogue.referral) if flags else None}
