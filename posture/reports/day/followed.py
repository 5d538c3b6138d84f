"""What followed reminders, in words: a table of those of which enough is known, and what may be concluded from it."""

from __future__ import annotations

from collections.abc import Iterator

from posture.days import LEAST_DAYS, LEAST_EVENTS, Drawn, Followed, FollowedPrompts, IntervalEstimate
from posture.reports.labels import DASH, count_words, share_words

TITLE = "The half hour after a reminder"
TOO_FEW = "too few to tell"
_HEADING = ("reminder", "counted", "bent", "cause ended")
Row = tuple[str, str, str, str]
_EXPLAINED = (
    "Bent: the share of the half hour spent leaning or slumped. In brackets, the range that holds the true value 19 times in 20. "
    "A reminder counts if at least half of the half hour after it is known; time away from the desk counts as not bent."
)
_NO_CAUSE = (
    "Most slumps end by themselves, and each exercise is shown for other causes, so the table doesn't say that a reminder helped, or which "
    "one is better."
)


def followed_rows(found: FollowedPrompts) -> list[Row]:
    """Return a heading, a row for all reminders, and one for each exercise of which enough is known; nothing while all are too few."""
    if not found.shown.flexed:
        return []
    rows = [("all", found.shown), *((title, f) for _, title, f in found.by_prompt if f.flexed or f.ended_share)]
    return [_HEADING, *(_row(title, followed) for title, followed in rows)]


def followed_words(found: FollowedPrompts) -> Iterator[str]:
    """Yield the paragraphs below the table: what is left out, what the figures mean, and the comparison if there is one."""
    few = [f.counted for _, _, f in found.by_prompt if not (f.flexed or f.ended_share)]
    need = f"{LEAST_EVENTS} on {LEAST_DAYS} days are needed"
    if not found.shown.flexed:
        yield f"Too few to tell so far: {found.shown.counted} counted of {count_words(found.shown.prompts, 'reminder')}; {need}."
    else:
        if few:
            yield f"Too few to tell of {count_words(len(few), 'other exercise')} ({need})."
        yield _EXPLAINED
        yield _NO_CAUSE
    if found.drawn is not None:
        yield from _compared(found.drawn)


def _row(title: str, f: Followed) -> Row:
    return title, f"{f.counted} of {f.prompts}", _interval(f.flexed), _interval(f.ended_share)


def _compared(drawn: Drawn) -> Iterator[str]:
    """Say what a fair comparison says; `Drawn` alone may be read as what reminders do."""
    a, b = drawn.shown, drawn.withheld
    counts = f"{count_words(a.counted, 'reminder')} shown and {b.counted} withheld by draw"
    if drawn.flexed is None or a.flexed is None or b.flexed is None:
        yield f"With and without: {counts} so far; {LEAST_EVENTS} of each on {LEAST_DAYS} days are needed to compare them."
        return
    yield (
        f"With and without: {counts}, which is a fair comparison. You were bent for {_interval(a.flexed)} of the half hour after those "
        f"shown, {_interval(b.flexed)} after those withheld: {_difference(drawn.flexed)}."
    )
    if drawn.ended is not None and a.ended_share is not None and b.ended_share is not None:
        yield (
            f"The cause ended after {_interval(a.ended_share)} of those shown, {_interval(b.ended_share)} of those withheld: "
            f"{_difference(drawn.ended)}."
        )


def _interval(found: IntervalEstimate | None) -> str:
    """Return the value and its interval in per cent, ``38 % (31-45)``."""
    return TOO_FEW if found is None else f"{share_words(found.value)} ({100 * found.low:.0f}{DASH}{100 * found.high:.0f})"


def _difference(found: IntervalEstimate) -> str:
    """Return ``9 points less (2 to 16)``, or that there is none to be seen."""
    low, high = 100 * found.low, 100 * found.high
    if not found.beyond_zero:
        return f"no clear difference (between {-low:.0f} points less and {high:.0f} points more)"
    way, ends = ("less", (-high, -low)) if found.value < 0.0 else ("more", (low, high))
    return f"{abs(100 * found.value):.0f} points {way} ({ends[0]:.0f} to {ends[1]:.0f})"
