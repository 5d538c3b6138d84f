"""Days by the clock on the wall: 23 and 25 hours, sessions over midnight, time zones, several cameras."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest

from posture._support import catalogue as catalogue_module
from posture.days.local_days import bounds, last_days
from posture.days.types import Day
from posture.reports.day.markdown import day_markdown
from posture.reports.day.read import day_of, trend_of
from posture.reports.labels import DASH
from posture.settings import Settings
from posture.storage.records import Origin
from posture.storage.schema import MEMORY
from posture.storage.store import Store
from posture.types import EpisodeKind, Posture, PromptLevel, ReportKind, SelfReport, ShownPrompt, Span

SETTINGS = Settings()
CATALOGUE = catalogue_module.load()
HOUR = 3600.0
SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)


@pytest.fixture
def zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A time zone; Berlin unless a test names another."""
    if not hasattr(time, "tzset"):
        pytest.skip("this system's time zone cannot be changed for one program")
    name = getattr(request, "param", "Europe/Berlin")
    monkeypatch.setenv("TZ", name)
    time.tzset()
    yield name
    monkeypatch.undo()
    time.tzset()


def enter(store: Store, began_s: float, spans: list[tuple[float, Posture]], source: str = "desk") -> None:
    """A session of spans in hours, from a moment on."""
    at, laid = 0.0, []
    for hours, posture in spans:
        seated = True if posture not in (Posture.AWAY, Posture.UNKNOWN) else None
        laid.append(Span(at, at + hours * HOUR, posture, seated, "unmeasured" if posture is Posture.UNKNOWN else None))
        at += hours * HOUR
    session = store.start_session(origin=Origin.LIVE, started_utc=began_s, source=source, expected_s=at)
    store.write_spans(session, laid)
    store.end_session(session)


def read(store: Store, day: date) -> Day:
    """A day as read at its end."""
    return day_of(store, day, CATALOGUE, SETTINGS, bounds(day)[1])


@pytest.mark.parametrize(("day", "hours"), [(SPRING, 23), (AUTUMN, 25), (date(2026, 3, 28), 24)])
def test_a_day_has_23_or_25_hours_where_the_clocks_change(zone: str, day: date, hours: int) -> None:
    """All of a night and day in front of the camera: every hour that there was, none twice, and the next day begins at midnight."""
    start, end = bounds(day)
    assert end - start == hours * HOUR
    with Store.open(MEMORY) as store:
        enter(store, start - 2 * HOUR, [(2.0, Posture.FLEXED), (float(hours), Posture.NEUTRAL), (1.5, Posture.AWAY)])
        found = [read(store, day + timedelta(days=i)) for i in (-1, 0, 1)]
    assert len(found[1].strip.minutes) == len(found[1].dose.minutes) == hours * 60
    assert set(found[1].strip.minutes) == {Posture.NEUTRAL}
    seconds = [[d.summary.seconds[p] / HOUR for p in (Posture.FLEXED, Posture.NEUTRAL, Posture.AWAY)] for d in found]
    assert seconds == [pytest.approx(row) for row in ([2.0, 0.0, 0.0], [0.0, hours, 0.0], [0.0, 0.0, 1.5])]


def test_times_of_the_clock_are_local_on_both_sides_of_the_change(zone: str) -> None:
    """The hour after the change is told as the wall shows it."""
    with Store.open(MEMORY) as store:
        began = datetime(2026, 3, 29, 1, 30).timestamp()
        enter(store, began, [(2.0, Posture.NEUTRAL)])
        store.add_report(SelfReport(began + HOUR, ReportKind.URGE))
        text = day_markdown(read(store, SPRING), CATALOGUE)
    assert f"(01:30 {DASH} 04:30)" in text and "| 03:30 | urge to crack |" in text


def test_a_session_over_midnight_is_split_but_the_dose_and_the_sit_go_on(zone: str) -> None:
    """Each day has its own minutes; nobody recovers at midnight, so the dose is carried on, and the sit is told whole on both days."""
    midnight = bounds(date(2026, 3, 11))[0]
    with Store.open(MEMORY) as store:
        enter(store, midnight - 900.0, [(0.5, Posture.FLEXED), (0.1, Posture.AWAY), (0.2, Posture.NEUTRAL)])
        before, after = read(store, date(2026, 3, 10)), read(store, date(2026, 3, 11))
    assert before.summary.seconds[Posture.FLEXED] == pytest.approx(900.0)
    assert after.summary.seconds[Posture.FLEXED] == pytest.approx(900.0)
    assert before.dose.peak_s == pytest.approx(900.0) and after.dose.peak_s == pytest.approx(1800.0)
    assert after.dose.minutes[0] == pytest.approx(960.0)
    assert before.longest_sit == after.longest_sit
    assert before.longest_sit is not None and before.longest_sit.sat_s == pytest.approx(1800.0)
    assert [(s.start_s, s.end_s) for s in before.sessions] == [(midnight - 900.0, midnight)]
    assert after.sessions[0].start_s == midnight


def test_several_cameras_take_turns_in_one_day(zone: str) -> None:
    """Their minutes add up, each is named once, and what is missing between them is blank; a new session ends the sit."""
    morning = datetime(2026, 3, 10, 9).timestamp()
    with Store.open(MEMORY) as store:
        enter(store, morning, [(1.0, Posture.NEUTRAL)], "desk camera")
        enter(store, morning + 2 * HOUR, [(1.5, Posture.FLEXED)], "laptop camera")
        day = read(store, date(2026, 3, 10))
    assert [s.source for s in day.sessions] == ["desk camera", "laptop camera"]
    assert day.summary.total_s == pytest.approx(2.5 * HOUR)
    assert [r.posture for r in day.strip.runs()] == [None, Posture.NEUTRAL, None, Posture.FLEXED, None]
    assert day.longest_sit is not None and day.longest_sit.sat_s == pytest.approx(1.5 * HOUR)


def test_the_day_that_goes_on_shows_the_sit_that_goes_on() -> None:
    """Nothing has to end first: the open span of a running session counts."""
    with Store.open(MEMORY) as store:
        midnight = bounds(date(2026, 3, 10))[0]
        session = store.start_session(origin=Origin.LIVE, started_utc=midnight + 9 * HOUR, source="desk")
        store.write_spans(session, [], Span(0.0, 2 * HOUR, Posture.NEUTRAL, True))
        day = day_of(store, date(2026, 3, 10), CATALOGUE, SETTINGS, midnight + 11 * HOUR)
    assert day.longest_sit is not None and day.longest_sit.sat_s == pytest.approx(2 * HOUR)
    assert day.sessions[0].end_s is None


@pytest.mark.parametrize("zone", ["Asia/Kolkata", "America/St_Johns", "Pacific/Auckland", "America/Santiago", "UTC"], indirect=True)
def test_local_days_tile_the_year_in_every_time_zone(zone: str) -> None:
    """Each day begins where the one before ended, also where the clocks change at midnight itself."""
    days = last_days(date(2026, 12, 31), 365)
    edges = [bounds(d) for d in days]
    assert all(a[1] == b[0] for a, b in pairwise(edges))
    assert {round((b - a) / HOUR) for a, b in edges} <= {23, 24, 25}
    with Store.open(MEMORY) as store:
        enter(store, edges[0][0], [(364 * 24.0, Posture.NEUTRAL)])
        trend = trend_of(store, days[-2], 364, CATALOGUE, SETTINGS, edges[-1][1])
    assert sum(d.measured_s or 0.0 for d in trend.days) == pytest.approx(sum(b - a for a, b in edges[:-1]), abs=HOUR + 1.0)


def test_recordings_of_others_are_no_part_of_the_day() -> None:
    """Only live sessions, and recordings entered as one's own day."""
    noon = datetime(2026, 3, 10, 12).timestamp()
    with Store.open(MEMORY) as store:
        session = store.start_session(origin=Origin.FILE, started_utc=noon, source="other.mp4", expected_s=HOUR)
        store.write_spans(session, [Span(0.0, HOUR, Posture.FLEXED, True)])
        store.add_prompt(session, ShownPrompt(600.0, "get_up", EpisodeKind.SITTING, PromptLevel.SOFT))
        store.end_session(session)
        day = read(store, date(2026, 3, 10))
    assert day.blank and not day.shown
