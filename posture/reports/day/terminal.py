"""One's own day in the terminal: readable without colour and at 80 columns, plain when it is piped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Console, RenderableType
from rich.text import Text

from posture.days import (
    MINUTE_S,
    Day,
    Suggestion,
    TimelineStrip,
    most_of,
    whole_hours,
)
from posture.prompts import Silence
from posture.reports.day.exercises import TITLE, exercise_rows
from posture.reports.day.labels import (
    OUTCOMES,
    REPORTS,
    coverage,
    headline,
    held_rows,
    lede,
    long_day,
    time_of,
    together_words,
)
from posture.reports.day.rows import (
    COMPARED_NOTE,
    LONGEST_HEADING,
    TOGETHER_TITLES,
    class_rows,
    compared,
    facts,
    flag_lines,
    hour_rows,
    logged_rows,
    longest_rows,
    prompt_rows,
)
from posture.reports.labels import (
    DASH,
    DISCLAIMER,
    EPISODE_NOTE,
    EXERCISE_STYLE,
    helped_words,
)
from posture.reports.plain_text import WIDEST, fancy, glyph, grid, indented, level, print_parts, title
from posture.types import Posture, SelfReport

_PER_COLUMN = (5, 10, 15, 20, 30, 60)
"""Minutes that a column of the strip may stand for: an hour is always a whole number of columns."""
_HOUR = 60
_HELD_LISTED = 6


def print_day(console: Console, day: Day, silence: Silence | None = None) -> None:
    """Print the day; with a red flag up the referral itself comes before, from whoever has the catalogue.

    `silence`: why no reminder comes now, on a day that goes on.
    """
    print_parts(console, _parts(day, silence, min(console.width, WIDEST), fancy(console)))


def _parts(day: Day, silence: Silence | None, width: int, utf: bool) -> Iterator[RenderableType]:
    yield Text(long_day(day.date) + (": nothing was measured on this day." if day.blank else ""), style="bold")
    yield from flags(day.red_flags)
    yield from [] if silence is None else [Text(silence.words)]
    if day.blank:
        yield from _exercises(day)
        yield from _logged(day)
        return
    yield Text(f"{_sources(day)} {coverage(day.totals)}", style="dim")
    yield Text("")
    yield Text(headline(day), style="bold")
    yield Text(lede(day))
    yield Text("")
    yield from timeline(day, width - 4, utf)
    yield Text("")
    yield _classes(day, utf)
    yield Text("")
    yield indented(", ".join(facts(day)) + ".")
    yield from _comparison(day)
    yield from _episodes(day)
    yield from _prompts(day)
    yield from _held(day)
    yield from _exercises(day)
    yield from _logged(day)
    yield from _together(day)
    yield from _closing(day)


def flags(red_flags: Sequence[SelfReport]) -> Iterator[Text]:
    """Yield the same as lines of a terminal."""
    for line in flag_lines(red_flags):
        yield Text(f"Not confirmed yet: {line}", style="bold yellow")


def _sources(day: Day) -> str:
    names = list(dict.fromkeys(s.source for s in day.sessions))
    recorded = day.strip.recorded
    first, last = (day.start_s + MINUTE_S * i for i in (recorded[0], recorded[-1] + 1))
    return f"{time_of(first)} {DASH} {time_of(last)}, {', '.join(names)}."


def timeline(day: Day, width: int, utf: bool) -> Iterator[Text]:
    """Yield self-reports, postures, flexed dose, prompts and hours, one row each above the other, in columns of the same minutes."""
    first, last = whole_hours(day.told_minutes, len(day.strip.minutes))
    last = min(last, len(day.strip.minutes))
    per = next((m for m in _PER_COLUMN if (last - first) / m <= width), _PER_COLUMN[-1])
    columns = [(m, min(m + per, last)) for m in range(first, last, per)]
    said = {_column(day, r.time_s, first, per): REPORTS[r.kind].letter for r in day.reports}
    prompts = {_column(day, p.time_s, first, per): OUTCOMES[p.outcome][1] for p in day.summary.prompts}
    rows: list[tuple[Text, str]] = [(Text().join(glyph(p, utf) for p in columns_of(day.strip, columns)), "")]
    if (day.dose.peak_s or 0.0) > 0:
        rows.append((_dose_row(day, columns), "bent time"))
    if said:
        letters = {REPORTS[r.kind].letter: REPORTS[r.kind].word for r in day.reports}
        rows.append((_marks(said, len(columns)), ", ".join(f"{k} {v}" for k, v in letters.items())))
    if prompts:
        signs = {OUTCOMES[p.outcome][1]: f"{_SIGN_WORDS[OUTCOMES[p.outcome][1]]}" for p in day.summary.prompts}
        rows.append((_marks(prompts, len(columns)), "reminders: " + ", ".join(f"{k} {v}" for k, v in signs.items())))
    if day.exercises:
        done = {_column(day, e.done.start_s, first, per): EXERCISE_STYLE.ascii for e in day.exercises}
        rows.append((_marks(done, len(columns)), f"{EXERCISE_STYLE.ascii} {EXERCISE_STYLE.word}"))
    rows.append((_hours(day, columns, per), ""))
    legend = [words for _, words in rows if words]
    for row, _ in rows:
        yield Text("  ") + row
    if legend:
        yield Text("  Rows: postures; " + "; ".join(legend), style="dim")


_SIGN_WORDS = {"+": "moved or done", "z": "snoozed", "-": "ignored", "?": "not known"}


def columns_of(strip: TimelineStrip, columns: Sequence[tuple[int, int]]) -> list[Posture | None]:
    """Tell what most of the recorded minutes of each column (from minute, to minute) were spent in."""
    return [most_of(strip.minutes[a:b]) for a, b in columns]


def _column(day: Day, time_s: float, first: int, per: int) -> int:
    return (int((time_s - day.start_s) // MINUTE_S) - first) // per


def _dose_row(day: Day, columns: Sequence[tuple[int, int]]) -> Text:
    out = Text(style="red")
    for a, b in columns:
        known = [d for d in day.dose.minutes[a:b] if d is not None]
        out.append(level(max(known), day.dose.firm_s) if known else " ")
    return out


def _marks(marks: dict[int, str], count: int) -> Text:
    return Text("".join(marks.get(i, " ") for i in range(count)), style="bold")


def _hours(day: Day, columns: Sequence[tuple[int, int]], per: int) -> Text:
    """Return the hour, by the clock on the wall, above the column in which it begins."""
    line = ""
    every = 1 if _HOUR // per >= 3 else 3
    for i, (a, _) in enumerate(columns):
        words = time_of(day.start_s + MINUTE_S * a)
        if words.endswith(":00") and int(words[:2]) % every == 0 and len(line) <= i:
            line = line.ljust(i) + words[:2] + " "
    return Text(line.rstrip(), style="dim")


def _classes(day: Day, utf: bool) -> RenderableType:
    rows = []
    for posture, word, long, part, why in class_rows(day, 2):
        mark = glyph(posture, utf)
        rows.append((mark + mark, word, long, part, Text(why, style="dim")))
    return grid(rows, right=(2, 3))


def _comparison(day: Day) -> Iterator[RenderableType]:
    rows = compared(day)
    if rows:
        yield title("Compared with your other days")
        yield grid(rows, right=(1, 2, 3))
        yield indented(Text(COMPARED_NOTE, style="dim"))


def _episodes(day: Day) -> Iterator[RenderableType]:
    rows = longest_rows(day)
    if rows:
        yield title("Longest in one posture")
        yield grid([[Text(cell, style="dim") for cell in LONGEST_HEADING], *rows], right=(2,))
        yield indented(Text(EPISODE_NOTE, style="dim"))


def _prompts(day: Day) -> Iterator[RenderableType]:
    if not day.summary.prompts:
        return
    yield title("Reminders")
    yield grid(prompt_rows(day))
    if day.summary.helped is not None:
        yield indented(helped_words(day.summary.helped))


def _held(day: Day) -> Iterator[RenderableType]:
    if not day.held:
        return
    yield title("Reminders that were held back")
    rows = held_rows(day)
    yield grid(rows[-_HELD_LISTED:])
    if len(rows) > _HELD_LISTED:
        yield indented(Text(f"The last {_HELD_LISTED} of {len(rows)}; --md lists all.", style="dim"))


def _exercises(day: Day) -> Iterator[RenderableType]:
    if day.exercises:
        yield title(TITLE)
        yield grid(exercise_rows(day))


def _logged(day: Day) -> Iterator[RenderableType]:
    if day.reports:
        yield title("You logged")
        yield grid(logged_rows(day))


def _together(day: Day) -> Iterator[RenderableType]:
    if not day.associations:
        return
    yield title("What went together, over twelve weeks")
    for found in day.associations:
        yield indented(Text(TOGETHER_TITLES.get(found.kind, str(found.kind)), style="bold"))
        if found.before is not None and found.others is not None:
            b, o = found.before, found.others
            heading = ("medians per hour", f"before ({b.hours})", f"other hours ({o.hours})")
            yield grid([heading, *hour_rows(b, o)], right=(1, 2))
        for line in together_words(found):
            yield indented(line)


def _closing(day: Day) -> Iterator[RenderableType]:
    yield from suggested("Try tomorrow", day.suggestion)


def suggested(heading: str, found: Suggestion | None) -> Iterator[RenderableType]:
    """Yield the end of a page: what to try, if anything, and what this program is not."""
    if found is not None:
        yield title(f"{heading}: {found.title}")
        yield indented(f"{found.why} {found.passage_words}".rstrip())
        yield indented(Text(f"This is {found.source}.", style="dim"))
        yield indented(Text(f"How to do it: posture show {found.prompt_id}", style="dim"))
    yield Text("")
    yield Text(DISCLAIMER, style="dim")
