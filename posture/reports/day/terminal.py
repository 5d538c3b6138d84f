"""One's own day in the terminal: readable without colour and at 80 columns, plain when it is piped."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from rich.console import Console, RenderableType
from rich.text import Text

from posture.days import (
    MINUTE_S,
    Day,
    DoseCurve,
    HourMedians,
    SittingBout,
    Suggestion,
    TimelineStrip,
    Typical,
    local_day,
    most_of,
    whole_hours,
)
from posture.prompts import Silence
from posture.reports.day.labels import (
    OUTCOMES,
    REPORTS,
    coverage,
    flag_words,
    headline,
    held_rows,
    lede,
    long_day,
    note,
    place,
    rate,
    short_day,
    time_of,
    together_words,
)
from posture.reports.labels import (
    DASH,
    DISCLAIMER,
    KIND_WORDS,
    STYLES,
    count_words,
    helped_words,
    reason_words,
    share_words,
    span_words,
    stillness_words,
)
from posture.reports.plain_text import WIDEST, fancy, glyph, grid, indented, level, print_parts, title
from posture.types import EpisodeKind, Posture, ReportKind, SelfReport

_PER_COLUMN = (5, 10, 15, 20, 30, 60)
"""Minutes that a column of the strip may stand for: an hour is always a whole number of columns."""
_HOUR = 60
_LONGEST_LISTED = 5
_FLAGS_LISTED = 3
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
    yield from _logged(day)
    yield from _together(day)
    yield from _closing(day)


def flag_lines(red_flags: Sequence[SelfReport]) -> list[str]:
    """Return the latest reports that call for a professional, and how many more there are."""
    more = len(red_flags) - _FLAGS_LISTED
    return [flag_words(f) for f in red_flags[-_FLAGS_LISTED:]] + ([f"and {more} more before"] if more > 0 else [])


def flags(red_flags: Sequence[SelfReport]) -> Iterator[Text]:
    """Yield the same as lines of a terminal."""
    for line in flag_lines(red_flags):
        yield Text(f"Not confirmed yet: {line}", style="bold yellow")


def facts(day: Day) -> list[str]:
    """Return the longest sit with when, breaks, shifts, how still it was, and the highest dose with when."""
    s = day.summary
    sit = (
        f"Longest sit without a break {span_words(day.longest_sit.sat_s)} ({when(day.longest_sit, day)})"
        if day.longest_sit
        else "Never seen sitting"
    )
    out = [sit, count_words(s.breaks, "break"), count_words(s.shifts, "shift of posture", "shifts of posture")]
    out += filter(None, [stillness_words(s.stillness)])
    peak = day.dose.peak_s
    if peak:
        due = f"reminder at {span_words(day.dose.soft_s)}, firmer one at {span_words(day.dose.firm_s)}"
        out.append(f"highest bent time {span_words(peak)} at {time_of(_peak_at(day.dose))} ({due})")
    return out


def when(sit: SittingBout, day: Day) -> str:
    """From when to when it was; with the day where that is another one."""
    ends = [f"{time_of(t)}" if local_day(t) == day.date else f"{short_day(local_day(t))} {time_of(t)}" for t in (sit.start_s, sit.end_s)]
    return f" {DASH} ".join(ends)


def _peak_at(dose: DoseCurve) -> float:
    known = [(d, -i) for i, d in enumerate(dose.minutes) if d is not None]
    return dose.start_s - MINUTE_S * max(known)[1]


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
    s = day.summary
    why = "; ".join(f"{reason_words(r)} {span_words(t)}" for r, t in sorted(s.reasons.items(), key=lambda x: -x[1])[:2])
    rows = []
    for posture, look in STYLES.items():
        seconds = s.seconds.get(posture, 0.0)
        mark = glyph(posture, utf)
        about = Text(why if posture is Posture.UNKNOWN else "", style="dim")
        rows.append((mark + mark, look.word, span_words(seconds), share_words(seconds, s.total_s), about))
    return grid(rows, right=(2, 3))


COMPARED: tuple[tuple[str, Callable[[Typical], str]], ...] = (
    ("time measured", lambda t: span_words(t.measured_s)),
    ("leaning or slumped", lambda t: share_words(t.flexed_share)),
    ("longest sit without a break", lambda t: span_words(t.longest_sit_s)),
    ("breaks an hour", lambda t: rate(t.breaks_per_h)),
    ("shifts an hour", lambda t: rate(t.shifts_per_h)),
)
"""What a day is compared by, and how each is written."""
COMPARED_NOTE = "Medians of the 7 and 28 days before; in brackets, how many of them were measured well enough to count."


def compared(day: Day) -> list[tuple[str, ...]]:
    """Return the comparison as a table with its heading; empty if there is none, or nothing to compare with."""
    c = day.comparison
    if c is None or not c.last_28.days:
        return []
    sides: tuple[Typical, ...] = (c.this, c.last_7, c.last_28)
    heading = ("", "this day", f"last 7 ({c.last_7.days})", f"last 28 ({c.last_28.days})")
    return [heading, *((words, *(how(t) for t in sides)) for words, how in COMPARED)]


def _comparison(day: Day) -> Iterator[RenderableType]:
    rows = compared(day)
    if rows:
        yield title("Compared with your other days")
        yield grid(rows, right=(1, 2, 3))
        yield indented(Text(COMPARED_NOTE, style="dim"))


def _episodes(day: Day) -> Iterator[RenderableType]:
    long = [e for e in day.episodes if e.kind not in (EpisodeKind.SITTING, EpisodeKind.STILLNESS) and e.dose_s >= day.dose.soft_s]
    if not long:
        return
    yield title("Longest in one posture")
    top = sorted(sorted(long, key=lambda e: -e.dose_s)[:_LONGEST_LISTED], key=lambda e: e.start_s)
    yield grid([(f"{time_of(e.start_s)} {DASH} {time_of(e.end_s)}", KIND_WORDS[e.kind], f"{span_words(e.in_state_s)} in it") for e in top])


def prompt_rows(day: Day) -> list[tuple[str, str, str]]:
    """Return when, what and what followed, of each prompt."""
    return [(time_of(p.time_s), p.title, OUTCOMES[p.outcome][0] if p.outcome else "") for p in day.summary.prompts]


def logged_rows(day: Day) -> list[tuple[str, str, str]]:
    """Return when, what, where and the note, of each self-report."""
    return [(time_of(r.time_s), REPORTS[r.kind].word, ", ".join(x for x in (place(r), note(r)) if x)) for r in day.reports]


def hour_rows(before: HourMedians, others: HourMedians) -> list[tuple[str, str, str]]:
    """Return the medians of the hours before something was reported, beside those of other hours."""
    unbroken = span_words(before.unbroken_s), span_words(others.unbroken_s)
    return [("leaning or slumped", span_words(before.flexed_s), span_words(others.flexed_s)), ("longest sit without a break", *unbroken)]


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


def _logged(day: Day) -> Iterator[RenderableType]:
    if day.reports:
        yield title("You logged")
        yield grid(logged_rows(day))


def _together(day: Day) -> Iterator[RenderableType]:
    if not day.associations:
        return
    yield title("What went together, over twelve weeks")
    for found in day.associations:
        yield indented(Text(_KIND_TITLES.get(found.kind, str(found.kind)), style="bold"))
        if found.before is not None and found.others is not None:
            b, o = found.before, found.others
            heading = ("medians per hour", f"before ({b.hours})", f"other hours ({o.hours})")
            yield grid([heading, *hour_rows(b, o)], right=(1, 2))
        for line in together_words(found):
            yield indented(line)


_KIND_TITLES = {ReportKind.URGE: "Urges to crack", ReportKind.STIFF: "Stiffness"}


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
