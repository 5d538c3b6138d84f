"""What goes with what, and the comparison with one's own days: medians and counts, and nothing where there is too little."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest

from posture._support import catalogue as catalogue_module
from posture.days.local_days import bounds
from posture.days.types import Associations, Day
from posture.reports.day.markdown import day_markdown
from posture.reports.day.read import day_of
from posture.settings import Settings
from posture.storage.records import Origin
from posture.storage.schema import MEMORY
from posture.storage.store import Store
from posture.types import Posture, ReportKind, SelfReport, Span

CATALOGUE = catalogue_module.load()
LAST = date(2026, 3, 20)
HOUR = 3600.0


def noon(back: int, hour: float = 12.0) -> float:
    """That hour of a day some days before the last, seconds since the epoch."""
    return (datetime(LAST.year, LAST.month, LAST.day) - timedelta(days=back) + timedelta(hours=hour)).timestamp()


def enter(store: Store, start_s: float, *spans: tuple[float, Posture]) -> None:
    """A session of (seconds, posture)."""
    at, laid = 0.0, []
    for seconds, posture in spans:
        unknown = posture in (Posture.AWAY, Posture.UNKNOWN)
        laid.append(Span(at, at + seconds, posture, None if unknown else True, "unmeasured" if posture is Posture.UNKNOWN else None))
        at += seconds
    session = store.start_session(origin=Origin.LIVE, started_utc=start_s, source="desk", expected_s=at)
    store.write_spans(session, laid)
    store.end_session(session)


def working_day(store: Store, back: int, flexed_before_s: float = 2400.0, flexed_s: float = 600.0) -> None:
    """9 to 17, in each hour some flexed sitting, in two of them, up to 12 and up to 16, another amount; a break at each hour's end."""
    spans = []
    for hour in range(9, 17):
        flexed = flexed_before_s if hour in (11, 15) else flexed_s
        spans += [(flexed, Posture.FLEXED), (3500.0 - flexed, Posture.NEUTRAL), (100.0, Posture.AWAY)]
    enter(store, noon(back, 9.0), *spans)


def found(build: Callable[[Store], None]) -> Day:
    """The last day, read at its end."""
    with Store.open(MEMORY) as store:
        build(store)
        return day_of(store, LAST, CATALOGUE, Settings(), bounds(LAST)[1])


def urges(store: Store, days: int, times: tuple[float, ...] = (12.0, 16.0)) -> None:
    """Urges at these hours of so many days."""
    for back in range(days):
        for hour in times:
            store.add_report(SelfReport(noon(back, hour), ReportKind.URGE))


def together(build: Callable[[Store], None]) -> Associations:
    """What went with urges."""
    (only,) = found(build).associations
    assert only.kind is ReportKind.URGE
    return only


def test_the_hour_before_stands_beside_the_other_hours() -> None:
    """Ten urges on five days: medians and counts of both sides, and the hours before are in no other hour."""

    def build(store: Store) -> None:
        for back in range(5):
            working_day(store, back)
        urges(store, 5)

    t = together(build)
    assert t.before is not None and t.others is not None
    assert (t.events, t.days, t.left_out) == (10, 5, 0)
    assert (t.before.hours, t.before.days) == (10, 5) and t.before.flexed_s == pytest.approx(2400.0)
    assert (t.others.hours, t.others.days) == (30, 5) and t.others.flexed_s == pytest.approx(600.0)
    assert t.before.unbroken_s == pytest.approx(3500.0) == t.others.unbroken_s
    assert t.flexed is True and t.unbroken is False


def test_the_same_flexed_time_everywhere_went_with_nothing() -> None:
    """A difference of less than five minutes is none."""

    def build(store: Store) -> None:
        for back in range(5):
            working_day(store, back, flexed_before_s=800.0)
        urges(store, 5)

    assert together(build).flexed is False


@pytest.mark.parametrize(
    ("days", "times"),
    [(4, (10.0, 12.0, 14.0, 16.0)), (9, (12.0,)), (3, (12.0,)), (1, (12.0,))],
    ids=["16 on 4 days", "9 on 9 days", "3 on 3 days", "1"],
)
def test_below_ten_on_five_days_nothing_is_said(days: int, times: tuple[float, ...]) -> None:
    """No median, no finding, and no word of it in the report but the counts."""

    def build(store: Store) -> None:
        for back in range(days):
            working_day(store, back)
        urges(store, days, times)

    t = together(build)
    assert t.before is t.others is None and t.flexed is t.unbroken is None
    assert (t.events, t.days) == (days * len(times), days)
    text = day_markdown(found(build), CATALOGUE)
    assert "went together with" not in text and "medians per hour" not in text and "Too few to tell" in text


def test_an_hour_that_was_hardly_measured_does_not_count() -> None:
    """Ten urges, but one with less than half of the hour before it measured, are nine; half is enough."""

    def build(share_s: float) -> Callable[[Store], None]:
        def enter_days(store: Store) -> None:
            for back in range(1, 10):
                working_day(store, back)
                store.add_report(SelfReport(noon(back), ReportKind.URGE))
            enter(store, noon(0, 11.0), (HOUR - share_s, Posture.UNKNOWN), (share_s, Posture.NEUTRAL))
            store.add_report(SelfReport(noon(0), ReportKind.URGE))

        return enter_days

    few = together(build(1790.0))
    assert (few.events, few.left_out, few.before) == (9, 1, None)
    enough = together(build(1800.0))
    assert (enough.events, enough.left_out) == (10, 0) and enough.before is not None


def test_without_other_hours_there_is_nothing_to_compare_with() -> None:
    """A person who was only ever measured in the hours before urges learns nothing."""

    def build(store: Store) -> None:
        for back in range(10):
            enter(store, noon(back, 11.0), (HOUR, Posture.FLEXED))
        urges(store, 10, (12.0,))

    t = together(build)
    assert t.events == 10 and t.before is None and t.others is None


def test_it_says_went_together_and_never_caused() -> None:
    """The words of the report, with the counts."""

    def build(store: Store) -> None:
        for back in range(6):
            working_day(store, back)
        urges(store, 6)

    text = day_markdown(found(build), CATALOGUE)
    assert "went together" in text and "the 12 before" in text and "36 other hours" in text
    assert "caus" not in text.lower() and "score" not in text.lower()


def test_the_comparison_takes_medians_of_days_with_enough_coverage() -> None:
    """Blank days, days measured for less than half and days of minutes are in none; the counts of days are told."""

    def build(store: Store) -> None:
        working_day(store, 0)
        for back, flexed in ((1, 0.0), (2, 1000.0), (3, 3000.0), (10, 2000.0)):
            working_day(store, back, flexed, flexed)
        enter(store, noon(4), (2.0 * HOUR, Posture.UNKNOWN), (1.9 * HOUR, Posture.FLEXED))
        enter(store, noon(5), (1500.0, Posture.FLEXED))
        enter(store, noon(29), (8.0 * HOUR, Posture.FLEXED))

    c = found(build).comparison
    assert c is not None
    assert (c.this.days, c.last_7.days, c.last_28.days) == (1, 3, 4)
    assert c.last_7.flexed_share == pytest.approx(1000.0 / 3500.0)
    assert c.last_28.flexed_share == pytest.approx(1500.0 / 3500.0)
    assert c.this.flexed_share == pytest.approx((6 * 600.0 + 2 * 2400.0) / (8 * 3500.0))
    assert c.last_7.longest_sit_s == pytest.approx(3500.0)


def test_no_advice_and_no_comparison_from_a_day_with_little_coverage() -> None:
    """Less than half of your time at the desk: the finding, the thing to try and the comparison are empty, and it is said why."""

    def build(store: Store) -> None:
        working_day(store, 1)
        enter(store, noon(0, 9.0), (2 * HOUR, Posture.FLEXED), (2.1 * HOUR, Posture.UNKNOWN))

    day = found(build)
    assert day.summary.finding is None and day.suggestion is None and day.comparison is None
    assert any("no advice" in n for n in day.summary.notes)
    assert "no advice from this day" in day_markdown(day, CATALOGUE)
