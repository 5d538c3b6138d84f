"""A day, a week and a trend as Markdown: for notes, a mail, or the file that goes along to the physiotherapist."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from posture._support import printable
from posture.days import Day, Suggestion, Trend, Week
from posture.prompts import GENERAL_SAFETY, WAITS, Catalogue, Silence
from posture.reports.day.exercises import TITLE as EXERCISES, TREND_NOTE, exercise_rows, trend_rows
from posture.reports.day.followed import TITLE, followed_rows, followed_words
from posture.reports.day.labels import (
    REPORTS,
    coverage,
    days_words,
    headline,
    held_rows,
    lede,
    long_day,
    short_day,
    together_words,
    trend_headline,
    week_headline,
)
from posture.reports.day.rows import (
    COMPARED_NOTE,
    WEEK_ROWS,
    class_rows,
    compared,
    facts,
    flag_lines,
    hour_rows,
    hours_words,
    logged,
    logged_rows,
    prompt_rows,
)
from posture.reports.labels import DASH, DISCLAIMER, helped_words, share_words
from posture.types import SelfReport

_SPECIAL = str.maketrans({c: f"\\{c}" for c in "\\`*_{}[]<>#|~"})


def day_markdown(day: Day, catalogue: Catalogue, silence: Silence | None = None) -> str:
    """Return the day as Markdown text; `silence`: why no reminder comes now, on a day that goes on."""
    return _joined(_day(day, catalogue, silence))


def week_markdown(week: Week, catalogue: Catalogue) -> str:
    """Return seven days as Markdown text."""
    return _joined(_week(week, catalogue))


def trend_markdown(trend: Trend, catalogue: Catalogue) -> str:
    """Return days in a row as Markdown text."""
    return _joined(_trend(trend, catalogue))


def _joined(blocks: Iterable[str]) -> str:
    return printable("\n\n".join(blocks) + "\n", "\n")


def _day(day: Day, catalogue: Catalogue, silence: Silence | None) -> Iterator[str]:
    yield f"# {long_day(day.date)}"
    yield from _referral(day.red_flags, catalogue)
    yield f"**{headline(day)}** {lede(day)}"
    if silence is not None:
        yield _text(silence.words)
    if not day.blank:
        yield coverage(day.totals)
        yield _classes(day)
        yield f"{', '.join(facts(day))}."
    rows = compared(day)
    if rows:
        yield "## Compared with your other days"
        yield _table(rows)
        yield COMPARED_NOTE
    if day.summary.prompts:
        yield "## Reminders"
        yield _table([("time", "reminder", "what followed"), *((when, _text(what), how) for when, what, how in prompt_rows(day))])
        if day.summary.helped is not None:
            yield helped_words(day.summary.helped)
    if day.held:
        yield "## Reminders that were held back"
        yield _table([("since", "about", "why"), *((when, about, _text(why)) for when, about, why in held_rows(day))])
    if day.exercises:
        yield f"## {EXERCISES}"
        yield _table([("time", "exercise", "how it went"), *((when, _text(what), how) for when, what, how in exercise_rows(day))])
    if day.reports:
        yield "## You logged"
        yield _table([("time", "what", "where and note"), *((when, what, _text(where)) for when, what, where in logged_rows(day))])
    if day.associations:
        yield "## What went together, over twelve weeks"
        yield from _together(day)
    yield from _tomorrow(day.suggestion, "Try tomorrow")
    yield f"*{DISCLAIMER}*"


def _classes(day: Day) -> str:
    return _table([("posture", "time", "share", "why"), *(row[1:] for row in class_rows(day))])


def _together(day: Day) -> Iterator[str]:
    for found in day.associations:
        if found.before is not None and found.others is not None:
            b, o = found.before, found.others
            heading = (f"{REPORTS[found.kind].word}: medians per hour", f"the {b.hours} before", f"{o.hours} other hours")
            yield _table([heading, *hour_rows(b, o)])
            yield " ".join(together_words(found))
        else:
            yield f"{REPORTS[found.kind].word}: {' '.join(together_words(found))}"


def _week(week: Week, catalogue: Catalogue) -> Iterator[str]:
    yield f"# {long_day(week.days[0].totals.date)} to {long_day(week.days[-1].totals.date)}"
    yield from _referral(week.red_flags, catalogue)
    yield f"**{week_headline(week)}**"
    heading = ("", *(short_day(d.totals.date) for d in week.days))
    yield _table([heading, *((words, *(how(d.totals) for d in week.days)) for words, how in WEEK_ROWS)])
    yield f"Times in hours:minutes; {DASH} nothing recorded. {_letters(d.totals.reports for d in week.days)}".rstrip()
    if week.typical.days:
        yield days_words(week.typical, len(week.days))
    yield from _tomorrow(week.suggestion, "A habit to try")
    yield f"*{DISCLAIMER}*"


def _trend(trend: Trend, catalogue: Catalogue) -> Iterator[str]:
    yield f"# {long_day(trend.days[0].date)} to {long_day(trend.days[-1].date)}"
    yield from _referral(trend.red_flags, catalogue)
    yield trend_headline(trend)
    rows = [
        (
            d.date.isoformat(),
            hours_words(d.flexed_s) if d.enough else DASH,
            hours_words(d.measured_s),
            share_words(d.coverage),
            logged(d.reports),
        )
        for d in trend.days
        if d.seconds is not None or d.reports
    ]
    if rows:
        yield _table([("day", "leaning or slumped", "measured", "coverage", "logged"), *rows])
    yield (
        f"Times in hours:minutes. Days without a row are blank; leaning or slumped is {DASH} where less than half was measured. "
        f"{_letters(d.reports for d in trend.days)}"
    ).rstrip()
    if trend.followed is not None:
        yield f"## {TITLE}"
        followed = [(_text(what), *rest) for what, *rest in followed_rows(trend.followed)]
        yield from [_table(followed)] if followed else []
        yield from followed_words(trend.followed)
    if trend.exercises:
        yield f"## {EXERCISES}"
        yield _table([(_text(what), *rest) for what, *rest in trend_rows(trend)])
        yield TREND_NOTE
    yield f"*{DISCLAIMER}*"


def _letters(reports: Iterable[Iterable[object]]) -> str:
    said = {kind for day in reports for kind in day}
    return ", ".join(f"{r.letter} {r.word}" for k, r in REPORTS.items() if k in said)


def _referral(flags: Sequence[SelfReport], catalogue: Catalogue) -> Iterator[str]:
    """Put the referral first, until it is acknowledged."""
    if not flags:
        return
    entry = catalogue.referral
    yield f"## {_text(entry.title)}"
    yield "\n".join(f"{n}. {_text(step)}" for n, step in enumerate(entry.steps, 1))
    if entry.emergency:
        yield f"**{_text(entry.emergency)}** ({GENERAL_SAFETY})"
    yield "\n".join(f"- {_text(line)}" for line in flag_lines(flags))
    yield f"This is {catalogue.source_of(entry)}. {WAITS}"


def _tomorrow(found: Suggestion | None, heading: str) -> Iterator[str]:
    if found is not None:
        yield f"## {heading}: {_text(found.title)}"
        yield _text(f"{found.why} {found.passage_words}".rstrip())
        yield f"This is {found.source}. How to do it: `posture show {found.prompt_id}`"


def _text(words: str) -> str:
    """Escape a user's words: they are no markup."""
    return words.translate(_SPECIAL)


def _table(rows: Sequence[Sequence[str]]) -> str:
    heading, *body = rows
    lines = [heading, ["---"] * len(heading), *body]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)
