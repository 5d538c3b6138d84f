"""Erasing and retention: what goes is gone from the file, and what stays is untouched."""

from __future__ import annotations

import math
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from holdings import SPREAD_S, START, Holdings, everything, holdings
from hypothesis import example, given, settings, strategies as st

from posture.errors import StoreError
from posture.storage.exchange.erasing import (
    ErasedCounts,
    apply_retention,
    erase,
    loss,
    oldest_kept_utc,
    retention_days,
    set_retention,
)
from posture.storage.exchange.exporting import export
from posture.storage.exchange.importing import import_from
from posture.storage.exchange.reading import Range
from posture.storage.exchange.tables import ExportFormat
from posture.storage.records import Origin, StoredSpan
from posture.storage.schema import MEMORY
from posture.storage.store import Store
from posture.types import Answer, Episode, EpisodeKind, ExposureAfter, Posture, PromptLevel, ReportKind, SelfReport, ShownPrompt, Span

HOUR, DAY = 3600.0, 86400.0
bounds = st.tuples(st.floats(-1, SPREAD_S), st.floats(-1, SPREAD_S)).map(lambda pair: Range(*(START + x for x in sorted(pair))))


def seconds(spans: Sequence[StoredSpan]) -> dict[str, float]:
    """Seconds of each posture; a sum, since erasing may cut one span in two."""
    out: dict[str, float] = {}
    for span in spans:
        out[span.posture] = out.get(span.posture, 0.0) + span.end_utc - span.start_utc
    return {key: value for key, value in out.items() if value > 1e-3}


def outside(store: Store, wanted: Range) -> list[dict[str, float]]:
    """What each origin's timeline holds before and behind a range."""
    sides = ((-math.inf, wanted.start_utc), (wanted.end_utc, math.inf))
    return [seconds(store.spans_between(*side, origin)) for origin in Origin for side in sides]


@given(held=holdings(), wanted=bounds)
@settings(max_examples=50)
def test_only_the_range_goes_and_all_of_it(held: Holdings, wanted: Range) -> None:
    """No second, prompt, move or report of the range is left; every second outside of it is; and the loss was said before."""
    with Store.open(MEMORY) as store:
        held.fill(store)
        before = outside(store, wanted)
        said = loss(store, wanted)
        assert erase(store, wanted) == said
        after = outside(store, wanted)
        assert [set(a) for a in after] == [set(b) for b in before]
        assert all(a[key] == pytest.approx(b[key], abs=1e-3) for a, b in zip(after, before, strict=True) for key in a)
        inside = (wanted.start_utc, wanted.end_utc)
        for origin in Origin:
            assert seconds(store.spans_between(*inside, origin)) == {}
            assert store.prompts_between(*inside, origin) == store.moves_between(*inside, origin) == []
            assert store.episodes_between(*inside, origin) == store.exercises_between(*inside) == []
            for session in store.sessions_between(*inside, origin):
                assert session.ended_utc is not None
                assert session.ended_utc <= wanted.start_utc or session.started_utc >= wanted.end_utc
        assert store.numbered_reports(*inside) == []
        kept = [r for r in held.tables["self_reports"] if not wanted.start_utc <= r["at_utc"] < wanted.end_utc]
        assert len(store.reports()) == len(kept)
        assert erase(store, wanted).span_s == 0, "nothing is left to erase"
        with store.reading() as db:
            assert db.execute("PRAGMA foreign_key_check").fetchall() == []
            wrong = """SELECT count(*) FROM spans JOIN sessions s ON s.id = session_id
                WHERE start_utc < started_utc - 1e-3 OR end_utc > ended_utc + 1e-3"""
            assert db.execute(wrong).fetchone()[0] == 0, "spans lie inside their sessions"


@given(held=holdings(), wanted=bounds)
@settings(max_examples=30)
def test_what_was_exported_and_erased_can_be_brought_back(held: Holdings, wanted: Range) -> None:
    """Exporting a range, erasing it and importing it again leaves the timeline and the reports as they were."""
    folder = Path(tempfile.mkdtemp())
    try:
        with Store.open(MEMORY) as store:
            held.fill(store)
            before = [seconds(store.spans_between(-math.inf, math.inf, origin)) for origin in Origin]
            reports = sorted(map(repr, store.reports()))
            export(store, folder / "x", ExportFormat.CSV, START, wanted=wanted)
            erase(store, wanted)
            import_from(store, folder / "x", replace=True)
            assert sorted(map(repr, store.reports())) == reports
            live_overlaps = len([s for s in held.tables["sessions"] if s["origin"] == "live"]) > 1
            for was, now in zip(before, [seconds(store.spans_between(-math.inf, math.inf, o)) for o in Origin], strict=True):
                assert live_overlaps or now == pytest.approx(was, abs=1e-2)
    finally:
        shutil.rmtree(folder)


@given(held=holdings())
@settings(max_examples=30)
def test_all_of_time_is_everything(held: Holdings) -> None:
    """Without bounds nothing is left, calibrations included."""
    with Store.open(MEMORY) as store:
        held.fill(store)
        erase(store, Range())
        assert not any(everything(store).values())
        assert loss(store, Range()).nothing


@example(HOUR)
@given(st.floats(1, 9 * HOUR - 1))
def test_a_day_out_of_the_middle_leaves_two_sessions(at_s: float) -> None:
    """A session of weeks loses one day: what lies before and behind it are two sessions that other recordings may stand between."""
    with Store.open(MEMORY) as store:
        number = store.start_session(origin=Origin.LIVE, started_utc=START, source="c")
        store.add_span(number, Span(0, 9 * HOUR, Posture.NEUTRAL))
        store.add_prompt(number, ShownPrompt(8.99 * HOUR, "get_up", EpisodeKind.SITTING, PromptLevel.SOFT, at_s))
        store.answer_prompt(1, Answer.DONE, START + at_s)
        store.end_session(number)
        gone = erase(store, Range(START + at_s - 0.5, START + at_s + 0.5))
        assert (gone.sessions, gone.shortened) == (0, 1)
        sessions = store.sessions_between(START, START + DAY)
        assert [(s.started_utc - START, s.ended_utc) for s in sessions] == [
            (0, pytest.approx(START + at_s - 0.5)),
            (pytest.approx(at_s + 0.5), START + 9 * HOUR),
        ]
        if at_s < 8.98 * HOUR:
            (prompt,) = store.prompts_between(START, START + DAY)
            assert prompt.session_id == sessions[1].id
            assert (prompt.episode_start_utc, prompt.answer, prompt.answered_utc) == (None, None, None), "they lay in the range"


@pytest.mark.parametrize(("from_s", "known"), [(600.0, False), (2398.0, False), (2400.0, True)])
def test_the_half_hour_after_a_prompt_goes_with_any_part_of_it(from_s: float, known: bool) -> None:
    """How it was spent says something of each minute of it; the prompt itself, of before the range, stays."""
    with Store.open(MEMORY) as store:
        number = store.start_session(origin=Origin.LIVE, started_utc=START, source="c")
        store.add_span(number, Span(0, 9 * HOUR, Posture.NEUTRAL))
        store.add_prompt(number, ShownPrompt(599.0, "get_up", EpisodeKind.SITTING, PromptLevel.SOFT, 0.0))
        store.set_exposure_after(1, ExposureAfter(1800.0, 600.0, 0.0, ended=False))
        store.end_session(number)
        erase(store, Range(START + from_s, START + 3 * HOUR))
        (prompt,) = store.prompts_between(START, START + DAY)
    assert (prompt.after is not None) is known


def test_nothing_of_it_stays_in_the_file(tmp_path: Path) -> None:
    """The words of a note that was erased are in none of the database's files, neither is the deleted report's."""
    path = tmp_path / "posture.db"
    with Store.open(path) as store:
        for day in range(3):
            store.add_report(SelfReport(START + day * DAY, ReportKind.URGE, "low", f"secret-number-{day} " * 50))
        store.set_meta("x", "y" * 5000)
        erase(store, Range(START + DAY - 1, START + DAY + 1))
        held = b"".join(file.read_bytes() for file in tmp_path.iterdir())
        assert b"secret-number-1" not in held
        assert b"secret-number-0" in held and b"secret-number-2" in held


def test_what_runs_is_not_erased(tmp_path: Path) -> None:
    """A session that runs and reaches into the range is refused in one line, and nothing has changed; other days may go."""
    with Store.open(MEMORY) as store:
        store.start_session(origin=Origin.LIVE, started_utc=START, source="camera 0")
        store.add_report(SelfReport(START + 5, ReportKind.URGE))
        with pytest.raises(StoreError, match=r"session 1 \(camera 0.*is running: posture stop.*nothing was erased"):
            erase(store, Range(START - DAY, START + DAY))
        assert len(store.reports()) == 1
        assert erase(store, Range(START - 2 * DAY, START - DAY)) == ErasedCounts()


def test_retention_is_off_until_it_is_set() -> None:
    """By default all is kept; set, it is remembered; off again, forgotten; a value that is none counts as off."""
    with Store.open(MEMORY) as store:
        assert retention_days(store) is None and apply_retention(store, START) is None
        set_retention(store, 30)
        assert retention_days(store) == 30
        set_retention(store, None)
        assert retention_days(store) is None
        for broken in ("soon", "-5", "3", "99999999"):
            store.set_meta("retention_days", broken)
            assert retention_days(store) is None


def test_retention_keeps_the_days_it_says() -> None:
    """Today and the days before it stay whole, what is older goes, cut at local midnight."""
    with Store.open(MEMORY, clock=lambda: START) as store:
        for days_ago in range(12):
            number = store.start_session(origin=Origin.LIVE, started_utc=START - days_ago * DAY, source="c")
            store.add_span(number, Span(0, HOUR, Posture.NEUTRAL))
            store.add_episode(number, Episode(EpisodeKind.SITTING, 0, HOUR, 1))
            store.end_session(number)
        set_retention(store, 7)
        gone = apply_retention(store, START + 2 * HOUR)
        assert gone is not None and (gone.sessions, gone.episodes) == (5, 5)
        left = store.sessions_between(-math.inf, math.inf)
        assert len(left) == 7 and min(s.started_utc for s in left) >= oldest_kept_utc(7, START)
        assert apply_retention(store, START + 2 * HOUR) == ErasedCounts()


def test_retention_takes_old_entries_of_the_log(tmp_path: Path) -> None:
    """What is older than is kept goes from the log as well."""
    log = tmp_path / "monitor.log"
    entries = [f"2026-01-0{day}T12:00:00.000Z INFO posture [MainThread] {day}\n" for day in (1, 5)]
    log.write_text("".join(entries), encoding="utf-8")
    with Store.open(MEMORY) as store:
        apply_retention(store, START + 5 * DAY, tmp_path)
        assert log.read_text(encoding="utf-8") == "".join(entries), "nothing was said of how long"
        set_retention(store, 7)
        apply_retention(store, START + 5 * DAY, tmp_path)
    assert log.read_text(encoding="utf-8") == entries[1]


def test_retention_keeps_what_something_waits_for() -> None:
    """Numbness, and every report whose referral is not acknowledged, outlive their days; what was acknowledged goes."""
    old = START - 100 * DAY
    with Store.open(MEMORY) as store:
        set_retention(store, 30)
        for kind, acknowledged_s in (
            (ReportKind.NUMB, old),
            (ReportKind.PAIN, None),
            (ReportKind.WEAK, old),
            (ReportKind.URGE, None),
        ):
            store.add_report(SelfReport(old, kind, acknowledged_s=acknowledged_s))
        apply_retention(store, START)
        assert {r.kind for r in store.reports()} == {ReportKind.NUMB, ReportKind.PAIN}
        for day in range(4):
            store.add_report(SelfReport(old + day * DAY, ReportKind.STIFF))
        store.acknowledge(START, {ReportKind.PAIN})
        apply_retention(store, START)
        assert [r.kind for r in store.reports()] == [ReportKind.NUMB, *[ReportKind.STIFF] * 4]
        store.acknowledge(START, {ReportKind.STIFF})
        apply_retention(store, START)
        assert [r.kind for r in store.reports()] == [ReportKind.NUMB]
