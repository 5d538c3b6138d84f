"""The summary in the terminal: one screen, readable without colour and at 80 columns, plain when it is piped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from posture.biomechanics import POSTURE_ANGLES
from posture.engine import RecordingResult
from posture.prompts import GENERAL_SAFETY, Catalogue, Prompt, hold_words
from posture.reports.labels import (
    DASH,
    EPISODE_NOTE,
    IN_POSTURE,
    KIND_WORDS,
    STYLES,
    clock,
    count_words,
    degrees,
    disclaimer,
    effective,
    episode_words,
    followed_words,
    helped_words,
    in_posture_words,
    reason_words,
    share_words,
    span_words,
    step_words,
    stillness_words,
)
from posture.reports.plain_text import PLAIN, WIDEST, fancy, glyph, grid, indented, print_parts, title
from posture.reports.recording.bands import BAND_WORDS, share_and_range
from posture.reports.recording.ergonomics import ergonomic_tables, limit_words, longest_words, rula_words
from posture.reports.recording.exercises import NONE_FOUND, exercise_rows
from posture.reports.recording.page import coverage_words, headline
from posture.reports.recording.series import bounds, by_column
from posture.types import Posture, PromptLevel, PromptReason

_Row = tuple[Text, ...]


def print_analysis(console: Console, analysis: RecordingResult, catalogue: Catalogue, *, flagged: bool = False) -> None:
    """Print the summary of one recording to `console`; with a red flag up (`flagged`) prompts are listed by time and title alone."""
    print_parts(console, _parts(analysis, catalogue, min(console.width, WIDEST), fancy(console), flagged))


def _parts(analysis: RecordingResult, catalogue: Catalogue, width: int, utf: bool, flagged: bool) -> Iterator[RenderableType]:
    s = analysis.summary
    yield Text(analysis.video.name, style="bold")
    yield Text(f"{span_words(s.total_s)}. {coverage_words(s.coverage)}", style="dim")
    if not analysis.complete:
        yield Text(f"Interrupted: this is what was analysed, {clock(s.start_s)} to {clock(s.end_s)}.", style="bold yellow")
    elif analysis.partial:
        yield Text(f"Partial: {analysis.partial}.", style="bold yellow")
    if analysis.video.problem and not analysis.video.truncated and not any(analysis.video.problem in note for note in s.notes):
        yield Text(f"The video file: {analysis.video.problem}", style="bold yellow")
    yield Text("")
    yield from _bar(analysis, width - 2, utf)
    yield Text("")
    yield from _classes(analysis, width - 2, utf)
    yield Text("")
    facts = (
        f"Longest sit without a break {span_words(s.longest_sit_s)}",
        count_words(s.breaks, "break"),
        count_words(s.shifts, "shift of posture", "shifts of posture"),
    )
    yield Text("  " + ", ".join(facts))
    words = stillness_words(s.stillness)
    if words:
        yield Padding(Text(f"{words[0].upper()}{words[1:]}"), (0, 0, 0, 2))
    yield from _trunk(analysis)
    yield from _angles(analysis, width - 2)
    yield from _episodes(analysis, width - 2, utf)
    yield from _exercises(analysis, catalogue, width - 2, utf)
    yield from _prompts(analysis, catalogue, flagged)
    yield from _closing(analysis, catalogue, flagged)


def _bar(analysis: RecordingResult, width: int, utf: bool) -> Iterator[Text]:
    """Yield the postures over time, each column what took most of it, and the times below."""
    start, end = bounds(analysis)
    yield Text("  ") + Text().join(glyph(posture or Posture.UNKNOWN, utf) for *_, posture in by_column(analysis, width - 2))
    first, half, last = clock(start), clock((start + end) / 2), clock(end)
    left = (width - 2 - len(half)) // 2 - len(first)
    yield Text("  " + first + " " * left + half + " " * (width - 2 - left - len(first) - len(half) - len(last)) + last, style="dim")


def _classes(analysis: RecordingResult, width: int, utf: bool) -> Iterator[RenderableType]:
    s = analysis.summary
    rows: list[_Row] = []
    for posture, look in STYLES.items():
        seconds = s.seconds.get(posture, 0.0)
        rows.append((glyph(posture, utf, 2), Text(look.word), Text(span_words(seconds)), Text(share_words(seconds, s.total_s))))
    why = ""
    if s.reasons:
        why = reason_words(max(s.reasons, key=lambda r: s.reasons[r]))
        why = f"mostly: {why}" if len(s.reasons) > 1 else why
    whys = [Text(why if posture is Posture.UNKNOWN else "", style="dim") for posture in STYLES]
    wide = [(*row, text) for row, text in zip(rows, whys, strict=True)]
    gap = _gap(wide, width)
    if gap is not None:
        yield grid(wide, (2, 3), gap, wrap=False)
        return
    gap = _gap(rows, width)
    if gap is None:
        yield from (Padding(Text("  ").join(row), (0, 0, 0, 2)) for row in rows)
    else:
        yield grid(rows, (2, 3), gap, wrap=False)
    if why:
        yield Padding(Text(f"{STYLES[Posture.UNKNOWN].word}: {why}", style="dim"), (0, 0, 0, 6))


def _trunk(analysis: RecordingResult) -> Iterator[RenderableType]:
    """Yield the bands of trunk flexion in one line."""
    bands = ergonomic_tables(analysis).bands
    if bands.measured_s > 0:
        parts = (f"{BAND_WORDS[band]} {share_and_range(bands, band)}" for band in bands.shown())
        yield indented(f"Trunk, in RULA and REBA bands (no score; 95 % range): {', '.join(parts)}")


def _angles(analysis: RecordingResult, width: int) -> Iterator[RenderableType]:
    """Yield the angles that make a posture, one a line: median, 10 to 90 %, longest static posture."""
    tables = ergonomic_tables(analysis)
    seen = [t for t in tables.angles if t.angle in POSTURE_ANGLES]
    if not seen:
        return
    yield Text("")
    head = tuple(Text(word, style="dim") for word in ("Angle", "median", "10 to 90 %", "longest static posture"))
    rows: list[_Row] = [head]
    for t in seen:
        s = t.statistics
        cells = (
            t.angle.label,
            f"{degrees(s.p50_deg)} ± {s.error_sd_deg:.0f}°",
            f"{degrees(s.p10_deg)} to {degrees(s.p90_deg)}",
            longest_words(t),
        )
        rows.append(tuple(map(Text, cells)))
    gap = _gap(rows, width)
    if gap is not None:
        yield grid(rows, (), gap, wrap=False)
    else:
        yield from (indented(", ".join(cell.plain for cell in row)) for row in rows)
    sure = effective(analysis, "bands.enter_at")
    if tables.probably_longer(1.0 - sure):
        yield indented(limit_words(tables, sure))
    if tables.rula is not None:
        yield indented(rula_words(tables))


def _episodes(analysis: RecordingResult, width: int, utf: bool) -> Iterator[RenderableType]:
    if not analysis.sustained():
        return
    yield title(f"Postures held for long: from {DASH} to, and time {IN_POSTURE}")
    rows: list[_Row] = []
    for e in analysis.sustained():
        prompt = analysis.prompt_of(e)
        angles = f"peak {degrees(e.peak_deg)}, mean {degrees(e.mean_deg)}" if e.peak_deg is not None else ""
        said = f"reminder {analysis.shown.index(prompt) + 1}" if prompt else ""
        cells = (episode_words(e), f"{clock(e.start_s)} {DASH} {clock(e.end_s)}", in_posture_words(e), angles, said)
        rows.append(tuple(Text(cell if utf else cell.translate(PLAIN)) for cell in cells))  # what is plain may be longer
    gap = _gap(rows, width)
    if gap is not None:
        yield grid(rows, (1, 2), gap, wrap=False)
    for kind, when, length, *more in rows if gap is None else ():
        yield Padding(Text.assemble(kind, "  ", when), (0, 0, 0, 2))
        yield Padding(Text(", ".join([f"{length} {IN_POSTURE}", *(cell.plain for cell in more if cell.plain)])), (0, 0, 0, 6))
    yield Padding(Text(EPISODE_NOTE, style="dim"), (0, 0, 0, 2))


def _exercises(analysis: RecordingResult, catalogue: Catalogue, width: int, utf: bool) -> Iterator[RenderableType]:
    if analysis.exercises is None:
        return
    yield title("Exercises")
    if not analysis.exercises:
        yield Text(f"  {NONE_FOUND}")
        return
    rows: list[_Row] = []
    for exercise, when, counted, depth, pace in exercise_rows(analysis, catalogue):
        cells = (exercise, when, counted, depth and f"depth {depth}", pace)
        rows.append(tuple(Text(cell if utf else cell.translate(PLAIN)) for cell in cells))
    gap = _gap(rows, width)
    if gap is not None:
        yield grid(rows, (), gap, wrap=False)
        return
    for name, when_text, *more in rows:
        yield Padding(Text.assemble(name, "  ", when_text), (0, 0, 0, 2))
        yield Padding(Text(", ".join(cell.plain for cell in more if cell.plain)), (0, 0, 0, 6))


def _gap(rows: Sequence[_Row], width: int) -> int | None:
    """Return blanks between the columns with which every row fits on one line of `width` characters; ``None`` if none does."""
    needed = sum(max(cell.cell_len for cell in column) for column in zip(*rows, strict=True))
    between = len(rows[0]) - 1
    return next((gap for gap in (2, 1) if needed + gap * between <= width), None)


def _prompts(analysis: RecordingResult, catalogue: Catalogue, flagged: bool) -> Iterator[RenderableType]:
    if not (analysis.shown or analysis.held):
        return
    yield title("Reminders")
    told: set[str] = set()
    for number, shown in enumerate(analysis.shown, 1):
        prompt = catalogue.get(shown.prompt_id)
        line = Text.assemble("  ", (f"{number}", "bold"), "  ", clock(shown.time_s), "  ")
        line.append(catalogue.title_of(shown.prompt_id), style="bold")
        if shown.step is PromptLevel.FIRM or shown.reason is not PromptReason.DOSE:
            line.append(f" ({step_words(shown)})")
        followed = followed_words(analysis, number)
        if followed:
            line.append(f": {followed}")
        yield line
        if prompt and prompt.id not in told and not flagged:
            told.add(prompt.id)
            yield from _how(prompt)
    if analysis.summary.helped is not None:
        yield Padding(Text(helped_words(analysis.summary.helped)), (0, 0, 0, 2))
    for held in analysis.held:
        words = f"{clock(held.time_s)}  held back, {KIND_WORDS[held.kind]}: {hold_words(held.hold, clock, own=analysis.own_day)}"
        yield Padding(Text(words, style="dim"), (0, 0, 0, 2))


def _how(prompt: Prompt) -> Iterator[RenderableType]:
    for number, step in enumerate(prompt.steps, 1):
        table = Table.grid(padding=(0, 1))
        table.add_row(Text(f"{number}."), Text(step))
        yield Padding(table, (0, 0, 0, 5), expand=False)
    if prompt.emergency:
        yield Padding(Text(f"{prompt.emergency} ({GENERAL_SAFETY})", style="bold"), (0, 0, 0, 5))
    if prompt.stop_if:
        yield Padding(Text(f"Stop if: {prompt.stop_if}", style="dim"), (0, 0, 0, 5))


def _closing(analysis: RecordingResult, catalogue: Catalogue, flagged: bool) -> Iterator[RenderableType]:
    finding = analysis.summary.finding
    yield Text("")
    yield Text(headline(analysis), style="bold")
    advised = [p for i in (finding.advice_ids if finding else ()) if (p := catalogue.get(i)) and not (flagged and p.waits_for_referral)]
    if advised:
        yield Text("What would help most: " + "; ".join(p.title for p in advised))
    for note in analysis.summary.notes:
        if not (analysis.video.truncated and analysis.video.problem and analysis.video.problem in note):  # stands at the top
            yield Text(f"Note: {note}")
    yield Text(disclaimer(analysis), style="dim")
