"""The pages of one's own day, week and trend: one self-contained file each, without script and without network, on one sheet of A4.

Pure: what `posture.days.types` holds becomes HTML text. Where a page is put and opened is not decided here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from posture.days import Comparison, Day, Suggestion, Trend, Week
from posture.engine import PromptLine
from posture.prompts import GENERAL_SAFETY, RED_FLAGS, WAITS, Catalogue, Prompt, Silence
from posture.reports import labels as words
from posture.reports.day import labels as day_words
from posture.reports.day.charts import Dots, dots, timeline, week_rows
from posture.reports.day.exercises import TITLE as EXERCISES, TREND_NOTE, exercise_rows, trend_rows
from posture.reports.day.followed import TITLE, followed_rows, followed_words
from posture.reports.day.rows import day_figures, hours_of, sessions_words, week_figures
from posture.reports.day.trend import COVERAGE_STEPS, FLEXED_STEPS_H, figures_of, weeks_of
from posture.reports.html_templates import Drawing, data_uri, drawn, environment, spoken
from posture.types import Posture, ReportKind, SelfReport

if TYPE_CHECKING:
    from jinja2 import Environment

Facts = Sequence[tuple[str, str]]
"""Lines for "How it was measured" that the day itself does not know: name and sentence."""
MOST_TITLES, MOST_TIMES, MOST_PLACES, MOST_FLAGS, MOST_EACH = 6, 7, 3, 2, 20
"""Most rows of prompts, times in a row of reports, times with their place, red flags, and reports of a day that are listed by their
times: what a sheet of paper has room for. The tables behind have all."""
DENSE = 9
"""From more rows of prompts and reports on than these, the sheet is set smaller."""
FULL_DAYS = 4
"""From more days of a week with marks on than these, its sheet is set smaller."""
LONG = 14
"""Weeks of a trend from which on its rows are lower."""
LOCAL = "Everything is measured and kept on this computer. No picture is stored, and this page loads and sends nothing."


@dataclass(frozen=True, slots=True)
class PromptRow:
    """All prompts of one title, and what followed them."""

    title: str
    causes: str
    counts: dict[str, int]
    """By the word of what followed."""

    @property
    def shown(self) -> int:
        """How many."""
        return sum(self.counts.values())

    @property
    def moved(self) -> int:
        """How many were followed by movement or done."""
        return self.counts.get("moved", 0) + self.counts.get("done", 0)


@dataclass(frozen=True, slots=True)
class ReportRow:
    """All reports of one kind."""

    said: day_words.ReportLabel
    red: bool
    count: int
    times: str
    notes: str


@dataclass(frozen=True, slots=True)
class Drawn:
    """A drawing as a picture of its own: it can neither run nor load anything."""

    uri: str
    said: str


@dataclass(frozen=True, slots=True)
class ComparisonRow:
    """A row of the comparison."""

    word: str
    this: str
    last_7: str
    last_28: str
    dots: Dots


def no_page(_entry: Prompt) -> str | None:
    """Return no address: the page names the command instead."""
    return None


def page_of_day(
    day: Day,
    catalogue: Catalogue,
    drawing: Drawing | None = None,
    *,
    now_s: float | None = None,
    facts: Facts = (),
    how: Callable[[Prompt], str | None] = no_page,
    silence: Silence | None = None,
) -> str:
    """Return the page of a day, complete HTML.

    Args:
        day: what to show.
        catalogue: the referral, and what the entries say.
        drawing: gives the drawings of what to try; without it the words stand alone.
        now_s: seconds since the epoch; a day that still goes on says so.
        facts: more of how it was measured, for instance the camera's view.
        how: gives the address of the page that shows how an entry is done; ``None``: there is none.
        silence: why no reminder comes now, on a day that goes on.
    """
    zone = day_words.clocks_change(day)
    prompt_rows = _prompt_rows(day.summary.prompts)
    report_rows = _report_rows(day.reports, partial(day_words.time_of, zone=zone))
    going_on = now_s is not None and day.start_s <= now_s < day.end_s
    return _render(
        "day.html.j2",
        day=day,
        title=day_words.long_day(day.date),
        when=f"so far, {day_words.time_of(now_s)}" if going_on and now_s is not None else "",
        headline=day_words.headline(day),
        lede=day_words.lede(day),
        silence=silence,
        held_rows=day_words.held_rows(day),
        chart=None if day.blank and not day.reports and not day.summary.prompts and not day.exercises else timeline(day),
        zone=zone,
        figures=day_figures(day),
        hours=hours_of(day),
        prompt_rows=prompt_rows,
        report_rows=report_rows,
        exercises=exercise_rows(day),
        exercises_title=EXERCISES,
        dense=len(prompt_rows) + len(report_rows) + len(day.exercises) > DENSE,
        compared=_compared(day.comparison) if day.comparison else [],
        sessions=sessions_words(day),
        facts=facts,
        **_common(day.red_flags, day.suggestion, catalogue, drawing, how),
    )


def page_of_week(
    week: Week,
    catalogue: Catalogue,
    drawing: Drawing | None = None,
    *,
    facts: Facts = (),
    how: Callable[[Prompt], str | None] = no_page,
) -> str:
    """Return the page of seven days, complete HTML; arguments as of `page_of_day`."""
    rows, ticks = week_rows(week.days)
    first, last = week.days[0].totals.date, week.days[-1].totals.date
    report_rows = _report_rows([r for d in week.days for r in d.reports], day_words.moment_of)
    return _render(
        "day_week.html.j2",
        week=week,
        title=f"{day_words.short_day(first)} to {day_words.short_day(last)} {last.year}",
        when="",
        headline=day_words.week_headline(week),
        lede=day_words.days_words(week.typical, len(week.days)),
        figures=week_figures(week),
        rows=list(zip(week.days, rows, strict=True)),
        ticks=ticks,
        report_rows=report_rows,
        dense=bool(week.red_flags) or len(report_rows) > MOST_PLACES or sum(bool(d.reports) for d in week.days) > FULL_DAYS,
        facts=facts,
        **_common(week.red_flags, week.suggestion, catalogue, drawing, how),
    )


def page_of_trend(trend: Trend, catalogue: Catalogue, *, facts: Facts = ()) -> str:
    """Return the page of many days, complete HTML; arguments as of `page_of_day`."""
    first, last = trend.days[0].date, trend.days[-1].date
    weeks = weeks_of(trend)
    said = [k for k in ReportKind if any(w.reports.get(k) for w in weeks)]
    return _render(
        "day_trend.html.j2",
        trend=trend,
        title=f"{len(trend.days)} days to {day_words.long_day(last)}",
        when="",
        first=day_words.long_day(first),
        headline=day_words.trend_headline(trend),
        weeks=weeks,
        followed=None if trend.followed is None else (followed_rows(trend.followed), list(followed_words(trend.followed))),
        followed_title=TITLE,
        exercises=trend_rows(trend),
        exercises_title=EXERCISES,
        exercises_note=TREND_NOTE,
        figures=figures_of(trend),
        said=said,
        weekdays=[f"{date(2026, 3, 2) + timedelta(days=i):%a}" for i in range(7)],
        flexed_steps=FLEXED_STEPS_H,
        coverage_steps=COVERAGE_STEPS,
        long=len(weeks) > LONG,
        dense=len(weeks) > LONG or bool(trend.red_flags) or trend.followed is not None or bool(trend.exercises),
        facts=facts,
        **_common(trend.red_flags, None, catalogue),
    )


def _common(
    flags: Sequence[SelfReport],
    tomorrow: Suggestion | None,
    catalogue: Catalogue,
    drawing: Drawing | None = None,
    how: Callable[[Prompt], str | None] = no_page,
) -> dict[str, Any]:
    """Tell what all pages have in common; with a red flag up nothing is advised but the referral."""
    entry = catalogue.get(tomorrow.prompt_id) if tomorrow is not None and not flags else None
    return {
        "flags": [day_words.flag_words(f) for f in flags[-MOST_FLAGS:]],
        "more_flags": max(0, len(flags) - MOST_FLAGS),
        "referral": catalogue.referral if flags else None,
        "waits": WAITS,
        "general_safety": GENERAL_SAFETY,
        "tomorrow": None if flags else tomorrow,
        "entry": entry,
        "how": how(entry) if entry is not None else None,
        "drawings": _drawings(entry, drawing) if entry is not None else [],
        "uncertain": day_words.UNCERTAIN,
        "local": LOCAL,
    }


@cache
def _environment() -> Environment:
    made = environment(
        length=day_words.length,
        share=day_words.share,
        rate=day_words.rate,
        clock=day_words.time_of,
        short=day_words.short_day,
        place=day_words.place,
        coverage=day_words.coverage,
        together=day_words.together_words,
    )
    made.globals.update(said_words=day_words.REPORTS, outcomes=day_words.OUTCOMES, postures=list(Posture))
    return made


def _render(template: str, **context: Any) -> str:
    return _environment().get_template(template).render(**context)


def _prompt_rows(prompts: Iterable[PromptLine]) -> list[PromptRow]:
    rows: dict[str, list[PromptLine]] = {}
    for p in prompts:
        rows.setdefault(p.prompt_id, []).append(p)
    made = [
        PromptRow(
            mine[0].title,
            ", ".join(dict.fromkeys(_cause(p.kind) for p in mine)),
            {word: n for outcome, (word, _) in day_words.OUTCOMES.items() if (n := sum(p.outcome is outcome for p in mine))},
        )
        for mine in rows.values()
    ]
    made.sort(key=lambda r: -r.shown)
    if len(made) <= MOST_TITLES:
        return made
    kept, rest = made[: MOST_TITLES - 1], made[MOST_TITLES - 1 :]
    together = {w: sum(r.counts.get(w, 0) for r in rest) for w, _ in day_words.OUTCOMES.values()}
    return [*kept, PromptRow(f"{len(rest)} others", "", {w: n for w, n in together.items() if n})]


def _cause(kind: str) -> str:
    return next((word for k, word in words.KIND_WORDS.items() if k == kind), "what you reported")


def _report_rows(reports: Iterable[SelfReport], when: Callable[[float], str]) -> list[ReportRow]:
    every = list(reports)
    out = []
    for kind, said in day_words.REPORTS.items():
        mine = [r for r in every if r.kind is kind]
        if not mine:
            continue
        few = len(mine) <= MOST_PLACES
        told = [", ".join(p for p in (when(r.time_s), day_words.place(r) if few else "") if p) for r in mine]
        notes = list(dict.fromkeys(n for r in mine if (n := day_words.note(r))))[: 2 if len(every) <= MOST_TIMES else 0]
        rest, gap = len(told) - MOST_TIMES, "; " if few or "," in told[0] else ", "
        times = gap.join(told[:MOST_TIMES]) + (f"{gap}and {rest} more" if rest > 0 else "")
        if len(every) > MOST_EACH and len(mine) > 2:
            times = f"between {when(mine[0].time_s)} and {when(mine[-1].time_s)}"
        out.append(ReportRow(said, kind in RED_FLAGS, len(mine), times, "; ".join(f"“{n}”" for n in notes)))
    return out


def _compared(found: Comparison) -> list[ComparisonRow]:
    rows = (
        ("measured time", "measured_s", day_words.length),
        ("leaning or slumped", "flexed_share", day_words.share),
        ("longest sit", "longest_sit_s", day_words.length),
        ("breaks an hour", "breaks_per_h", day_words.rate),
        ("shifts an hour", "shifts_per_h", day_words.rate),
    )
    three = (found.this, found.last_7, found.last_28)
    out = []
    for word, name, say in rows:
        this, last_7, last_28 = (say(getattr(t, name)) for t in three)
        out.append(ComparisonRow(word, this, last_7, last_28, dots(*three, name)))
    return out


def _drawings(entry: Prompt, drawing: Drawing | None) -> list[Drawn]:
    said = f"of {len(entry.drawings)}: {entry.title}"
    return [Drawn(data_uri(svg), spoken(svg) or f"Drawing {number} {said}") for number, svg in drawn(entry.drawings, drawing)]
