"""Laws of a summary: times add up, a split is worth the whole, blank stays blank, and stored spans give what was measured live."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings, strategies as st
from rich.console import Console

from posture._support import catalogue as catalogue_module
from posture.days.dose import dose_curve
from posture.days.local_days import bounds
from posture.days.sitting_bouts import bouts_of
from posture.days.span_table import POSTURES, SpanTable, row_of
from posture.days.timeline_strip import most_of, strip_of
from posture.engine.breaks import BACK_S
from posture.engine.exposure import Exposure
from posture.engine.spans import Interval
from posture.engine.summary import LEAVE_THE_TOTALS, summarise
from posture.reports.day.json import as_text, day_dict, trend_dict, week_dict
from posture.reports.day.markdown import day_markdown, trend_markdown, week_markdown
from posture.reports.day.read import day_of, trend_of, week_of
from posture.reports.day.terminal import print_day
from posture.reports.day.week_terminal import print_trend, print_week
from posture.settings import Settings
from posture.storage.records import Origin
from posture.storage.schema import MEMORY
from posture.storage.store import Store
from posture.types import Episode, EpisodeKind, Posture, ReportKind, SelfReport, Span

SETTINGS = Settings()
CATALOGUE = catalogue_module.load()
FIRST = date(2026, 3, 28)
MIDNIGHT = bounds(FIRST)[0]
REASONS = ("unmeasured", "nobody_brief", "gap", "paused", "suspended", "camera_lost", "locked")
NEAR = 1e-3


@st.composite
def words(draw: st.DrawFn) -> tuple[Posture, bool | None, str | None]:
    """Posture, seated and reason that can stand together."""
    posture = draw(st.sampled_from(POSTURES))
    seated = draw(st.sampled_from((True, True, False, None))) if posture not in (Posture.AWAY, Posture.UNKNOWN) else None
    return posture, seated, draw(st.sampled_from(REASONS)) if posture is Posture.UNKNOWN else None


def sessions(shortest_s: float = 0.5, longest_s: float = 9000.0) -> st.SearchStrategy[list[list[Span]]]:
    """One to three sessions after each other, from some hour of the 28th of March 2026 on; their spans tile them."""
    span = st.tuples(st.floats(shortest_s, longest_s), words())
    one = st.tuples(st.floats(0.0, 30000.0), st.lists(span, min_size=1, max_size=12))

    def laid(parts: list[tuple[float, list[tuple[float, tuple[Posture, bool | None, str | None]]]]]) -> list[list[Span]]:
        out, at = [], MIDNIGHT + 50000.0
        for gap_s, spans in parts:
            at += gap_s
            session = []
            for length_s, said in spans:
                session.append(Span(at, at + length_s, *said))
                at += length_s
            out.append(session)
        return out

    return st.lists(one, min_size=1, max_size=3).map(laid)


def ledger_of(found: Sequence[Sequence[Span]]) -> SpanTable:
    """Sessions as a ledger."""
    return SpanTable(row_of(s, number) for number, spans in enumerate(found) for s in spans)


def entered(found: Sequence[Sequence[Span]]) -> Store:
    """A store in memory with these sessions."""
    store = Store.open(MEMORY)
    for spans in found:
        start = spans[0].start_s
        number = store.start_session(origin=Origin.LIVE, started_utc=start, source="desk", expected_s=spans[-1].end_s - start)
        store.write_spans(number, [replace(s, start_s=s.start_s - start, end_s=s.end_s - start) for s in spans])
        store.end_session(number)
    return store


def counted(found: Sequence[Sequence[Span]]) -> dict[Posture, float]:
    """Seconds of each posture, one span after the other."""
    out = dict.fromkeys(Posture, 0.0)
    for span in (s for spans in found for s in spans if s.reason not in LEAVE_THE_TOTALS):
        out[span.posture] += span.duration_s
    return out


@given(sessions())
def test_the_minutes_of_all_days_add_up_to_what_was_recorded(found: list[list[Span]]) -> None:
    """Days, the week and the trend share out every recorded second among the postures, once; paused and asleep are in none."""
    expected = counted(found)
    days = [FIRST + timedelta(days=i) for i in range(7)]
    with entered(found) as store:
        read = [day_of(store, d, CATALOGUE, SETTINGS, MIDNIGHT) for d in days]
        week = week_of(store, days[-1], CATALOGUE, SETTINGS, MIDNIGHT)
        trend = trend_of(store, days[-1], 7, CATALOGUE, SETTINGS, MIDNIGHT)
    for p in Posture:
        assert sum(d.summary.seconds[p] for d in read) == pytest.approx(expected[p], abs=NEAR)
        assert sum(d.totals.seconds[p] for d in read if d.totals.seconds is not None) == pytest.approx(expected[p], abs=NEAR)
    assert tuple(d.totals for d in week.days) == trend.days
    for day, other in zip(read, trend.days, strict=True):
        assert sum(day.summary.seconds.values()) == pytest.approx(day.summary.total_s, abs=NEAR)
        assert day.totals.date == other.date
        assert (other.seconds is None) is (day.summary.total_s < NEAR)
        for p in Posture:
            assert other.seconds is None or other.seconds[p] == pytest.approx(day.summary.seconds[p], abs=NEAR)
        assert other.coverage == pytest.approx(day.summary.coverage, abs=1e-6) or (day.summary.coverage or 0.0) < NEAR


@given(sessions())
def test_the_strip_and_the_dose_cover_the_day_and_agree_on_what_is_blank(found: list[list[Span]]) -> None:
    """Stretches tile midnight to midnight; a minute with a posture has a dose, and only such a one."""
    with entered(found) as store:
        day = day_of(store, FIRST, CATALOGUE, SETTINGS, MIDNIGHT)
    runs = day.strip.runs()
    assert runs[0].start_s == day.start_s and runs[-1].end_s == day.end_s == day.strip.end_s
    assert all(a.end_s == b.start_s and a.posture is not b.posture for a, b in pairwise(runs))
    assert len(day.dose.minutes) == len(day.strip.minutes)
    recorded = [i for i, m in enumerate(day.strip.minutes) if m is not None]
    dosed = [i for i, d in enumerate(day.dose.minutes) if d is not None]
    # A sliver of a microsecond at the edge of a minute may fall to either side.
    assert len(set(recorded) ^ set(dosed)) <= 2 * len(found)


@given(sessions(), st.floats(0.0, 1.0))
def test_the_summary_of_a_split_is_the_summary_of_the_whole(found: list[list[Span]], share: float) -> None:
    """Cut anywhere, the two halves have the same seconds, the same reasons and the same measured time as the whole."""
    spans = [s for part in found for s in part]
    at = spans[0].start_s + share * (spans[-1].end_s - spans[0].start_s)
    first = [replace(s, end_s=min(s.end_s, at)) for s in spans if s.start_s < at]
    second = [replace(s, start_s=max(s.start_s, at)) for s in spans if s.end_s > at]
    whole, *halves = (summarise(part, (), ()) for part in (spans, first, second))
    for p in Posture:
        assert sum(h.seconds[p] for h in halves) == pytest.approx(whole.seconds[p], abs=NEAR)
    for reason, seconds in whole.reasons.items():
        assert sum(h.reasons.get(reason, 0.0) for h in halves) == pytest.approx(seconds, abs=NEAR)
    assert sum(h.total_s for h in halves) == pytest.approx(whole.total_s, abs=NEAR)
    ledger, day = ledger_of([first, second] if first and second else [spans]), bounds(FIRST)
    assert strip_of(ledger, *day).minutes == strip_of(ledger_of([spans]), *day).minutes


@given(sessions(), st.lists(st.tuples(st.floats(-1e5, 3e5), st.floats(0.0, 1e5)), min_size=1, max_size=5))
def test_the_ledger_counts_as_a_loop_over_spans_would(found: list[list[Span]], ranges: list[tuple[float, float]]) -> None:
    """Any ranges, overlapping or beyond the data: the seconds of each posture in each."""
    starts = [MIDNIGHT + a for a, _ in ranges]
    ends = [MIDNIGHT + a + length for a, length in ranges]
    for row, a, b in zip(ledger_of(found).seconds(starts, ends), starts, ends, strict=True):
        inside = [
            [replace(s, start_s=max(s.start_s, a), end_s=min(s.end_s, b)) for s in part if s.start_s < b and s.end_s > a] for part in found
        ]
        assert list(row) == pytest.approx([counted(inside)[p] for p in POSTURES], abs=NEAR)


def test_a_second_that_two_sessions_claim_counts_once() -> None:
    """A clock that was set back makes such; what began first keeps the time."""
    ledger = ledger_of([[Span(0.0, 100.0, Posture.NEUTRAL, True)], [Span(40.0, 160.0, Posture.FLEXED, True)]])
    seconds = dict(zip(POSTURES, ledger.seconds([0.0], [200.0])[0], strict=True))
    assert seconds[Posture.NEUTRAL] == pytest.approx(100.0) and seconds[Posture.FLEXED] == pytest.approx(60.0)


@given(sessions(shortest_s=BACK_S + 0.5, longest_s=900.0))
def test_sits_out_of_stored_spans_are_those_that_were_measured(found: list[list[Span]]) -> None:
    """Begin, end and length of every sit are what the exposure gave while it was measured."""
    expected = []
    for spans in found:
        live = Exposure(SETTINGS.dose, SETTINGS.bands)
        events = [e for s in spans for e in live.push(Interval(s, None))] + list(live.finish())
        expected += [(e.start_s, e.end_s, e.dose_s) for e in events if isinstance(e, Episode) and e.kind is EpisodeKind.SITTING]
    sits = [(s.start_s, s.end_s, s.sat_s) for s in bouts_of(ledger_of(found), SETTINGS.dose.clear_s)]
    assert [x for s in sits for x in s] == pytest.approx([x for e in expected for x in e], abs=NEAR)


@given(sessions(longest_s=2000.0))
def test_the_dose_curve_reaches_what_the_measured_dose_reached(found: list[list[Span]]) -> None:
    """The highest dose of the days is the highest one of the episodes, and no minute lies above it."""
    peaks, tops = [], []
    for spans in found:
        live = Exposure(SETTINGS.dose, SETTINGS.bands)
        for s in spans:
            list(live.push(Interval(s, None)))
            peaks.append(live.flexed.dose_s)
    for i in range(4):
        tops.append(dose_curve(found, *bounds(FIRST + timedelta(days=i)), SETTINGS).peak_s or 0.0)
    assert max(tops) == pytest.approx(max(peaks), abs=NEAR)


@given(sessions(), st.integers(1, 40))
def test_days_without_data_are_blank(found: list[list[Span]], before: int) -> None:
    """No number at all: not in the day, the strip, the dose, the week or the trend."""
    empty = FIRST - timedelta(days=before)
    with entered(found) as store:
        day = day_of(store, empty, CATALOGUE, SETTINGS, MIDNIGHT)
        week = week_of(store, empty, CATALOGUE, SETTINGS, MIDNIGHT)
    assert day.blank and day.totals == week.days[-1].totals
    t = day.totals
    assert [t.seconds, t.measured_s, t.coverage, t.flexed_s, t.longest_sit_s, t.breaks, t.shifts, t.prompts, t.helped] == [None] * 9
    assert set(day.strip.minutes) == {None} and set(day.dose.minutes) == {None}
    assert [day.longest_sit, day.comparison, day.suggestion, day.dose.peak_s] == [None] * 4 and not day.sessions
    assert week.typical.days == 0 and week.typical.flexed_share is None


def test_a_day_that_was_only_paused_is_blank() -> None:
    """The person chose not to be measured."""
    noon = datetime(2026, 3, 28, 12).timestamp()
    with entered([[Span(noon, noon + 3600.0, Posture.UNKNOWN, None, "paused")]]) as store:
        assert day_of(store, FIRST, CATALOGUE, SETTINGS, noon).blank


@settings(max_examples=25)  # each tells five reports in four forms
@given(
    sessions(), st.lists(st.tuples(st.sampled_from(ReportKind), st.floats(0.0, 86399.0)), max_size=4), st.integers(30, 120), st.booleans()
)
def test_every_day_can_be_told(found: list[list[Span]], said: list[tuple[ReportKind, float]], width: int, utf: bool) -> None:
    """In every form and at every width, whatever was measured, logged or not."""
    with entered(found) as store:
        for kind, at in said:
            store.add_report(SelfReport(MIDNIGHT + at, kind, note="x" * 200))
        read = [day_of(store, FIRST + timedelta(days=i), CATALOGUE, SETTINGS, MIDNIGHT) for i in range(-1, 2)]
        week = week_of(store, FIRST, CATALOGUE, SETTINGS, MIDNIGHT)
        trend = trend_of(store, FIRST + timedelta(days=1), 30, CATALOGUE, SETTINGS, MIDNIGHT)
    raw = io.BytesIO()
    with io.TextIOWrapper(raw, encoding="utf-8" if utf else "ascii") as file:
        console = Console(file=file, width=width)
        for day in read:
            print_day(console, day)
        print_week(console, week)
        print_trend(console, trend)
        file.flush()
        assert raw.getvalue()
    values = [*(day_dict(d, CATALOGUE) for d in read), week_dict(week, CATALOGUE), trend_dict(trend, CATALOGUE)]
    assert all(json.loads(as_text(v)) for v in values)
    assert all(day_markdown(d, CATALOGUE) for d in read) and week_markdown(week, CATALOGUE) and trend_markdown(trend, CATALOGUE)


@given(st.lists(st.sampled_from((*Posture, None)), max_size=30))
def test_no_good_posture_on_a_tie(minutes: list[Posture | None]) -> None:
    """The class of a column is one that no other exceeds, and is neutral only where neutral alone leads."""
    found = most_of(minutes)
    counts = {p: minutes.count(p) for p in Posture}
    assert (found is None) is (not any(counts.values()))
    if found is not None:
        assert counts[found] == max(counts.values())
        assert found is not Posture.NEUTRAL or list(counts.values()).count(counts[found]) == 1
