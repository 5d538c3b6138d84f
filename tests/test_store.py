"""The store: where it lies, versions, sessions of a day, killed and concurrent processes, and what its errors say."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest
from holdings import hard_ended

import posture
from posture._support import process_start
from posture.errors import StoreError
from posture.storage.records import Origin, SessionEnd
from posture.storage.schema import MEMORY, MIGRATIONS, DamagedError, _use_wal, default_path
from posture.storage.session_writer import SessionWriter
from posture.storage.sessions import PROCESS, STALE_S, alive
from posture.storage.store import Store
from posture.types import (
    Answer,
    Episode,
    EpisodeKind,
    HeldPrompt,
    HoldBack,
    HoldReason,
    Posture,
    PostureChange,
    PostureChangeKind,
    PromptLevel,
    PromptOutcome,
    PromptReason,
    ReportKind,
    SelfReport,
    ShownPrompt,
    Span,
)

START = 1_767_600_000.0  # 2026-01-05 08:00:00 UTC
HOUR = 3600.0
posix_only = pytest.mark.skipif(os.name != "posix", reason="permission bits and SIGKILL are of POSIX")


@pytest.fixture
def fresh_db() -> Iterator[Store]:
    """An empty database in memory, at 08:00."""
    with Store.open(MEMORY, clock=lambda: START) as store:
        yield store


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a database may be made."""
    return tmp_path / "data" / "posture.db"


def camera(store: Store, started_utc: float = START) -> int:
    """Starts a camera's session."""
    return store.start_session(origin=Origin.LIVE, started_utc=started_utc, source="camera 0")


def recording(store: Store, started_utc: float = START, source: str = "day.mp4", *, length_s: float = HOUR, replace: bool = False) -> int:
    """Enters a whole recording as one's own day, all of it neutral."""
    session = store.start_session(
        origin=Origin.LIVE, started_utc=started_utc, source=source, expected_s=length_s, tz_offset_s=HOUR, replace=replace
    )
    store.add_span(session, Span(0, length_s, Posture.NEUTRAL))
    store.end_session(session)
    return session


def one_line(error: pytest.ExceptionInfo[StoreError]) -> str:
    """The message, which must be one line without a program's words."""
    text = str(error.value)
    assert "\n" not in text
    assert "Traceback" not in text
    return text


# Where it lies


def test_default_path_follows_the_variable(tmp_path: Path) -> None:
    """POSTURE_DATA_DIR names the folder; without it, or empty, it is the user's data folder."""
    assert default_path({"POSTURE_DATA_DIR": str(tmp_path)}) == tmp_path / "posture.db"
    assert default_path({"POSTURE_DATA_DIR": "~/x"}) == Path.home() / "x" / "posture.db"
    assert default_path({}) == default_path({"POSTURE_DATA_DIR": ""})
    assert "posture-monitor" in default_path({}).parts


@posix_only
def test_only_the_user_may_read(path: Path) -> None:
    """Folder, database and its companions are made for the user's eyes alone."""
    with Store.open(path) as store:
        camera(store)
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        files = list(path.parent.iterdir())
        assert len(files) == 3, "database, -wal and -shm"
        assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


def test_pragmas_hold(path: Path) -> None:
    """The database is in WAL, foreign keys bind, and its version is the newest."""
    with Store.open(path) as store:
        read = [store._db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "foreign_keys", "user_version")]
    assert read == ["wal", 1, len(MIGRATIONS)]


def test_no_table_can_hold_an_image(fresh_db: Store) -> None:
    """No column is made for bytes."""
    tables = [row[0] for row in fresh_db._db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    types = {column["type"] for table in tables for column in fresh_db._db.execute(f"PRAGMA table_info({table})")}
    assert types == {"INTEGER", "REAL", "TEXT"}


def test_every_known_word_is_taken_and_no_other(fresh_db: Store) -> None:
    """The words of the model are those of the tables' checks."""
    session = fresh_db.start_session(origin=Origin.FILE, started_utc=START, source="a.mp4")
    for second, posture_word in enumerate(Posture):
        fresh_db.add_span(session, Span(second, second + 1, posture_word))
    for kind in EpisodeKind:
        fresh_db.add_episode(session, Episode(kind, 0, 1, 1))
        for step in PromptLevel:
            number = fresh_db.add_prompt(session, ShownPrompt(0, "x", kind, step))
    for given in Answer:
        fresh_db.answer_prompt(number, given, START)
    for outcome in (*PromptOutcome, None):
        fresh_db.set_prompt_outcome(number, outcome)
    for move in PostureChangeKind:
        fresh_db.add_move(session, PostureChange(move, 0))
    for report in ReportKind:
        fresh_db.add_report(SelfReport(START, report))
    for ended in SessionEnd:
        fresh_db.end_session(fresh_db.start_session(origin=Origin.FILE, started_utc=START, source="b.mp4"), ended)
    session = fresh_db.start_session(origin=Origin.FILE, started_utc=START, source="c.mp4")
    with pytest.raises(StoreError, match="refused a value") as error:
        fresh_db.add_span(session, Span(0, 1, "slumped"))  # type: ignore[arg-type]
    one_line(error)
    with pytest.raises(StoreError, match="refused a value"):
        fresh_db.set_prompt_outcome(number, "cured")  # type: ignore[arg-type]
    with pytest.raises(StoreError, match="refused a value"):
        fresh_db.answer_prompt(number, "later", START)  # type: ignore[arg-type]


@pytest.mark.parametrize("span", [Span(2, 1, Posture.NEUTRAL), Span(float("nan"), 1, Posture.NEUTRAL)])
def test_a_span_that_cannot_be_is_refused(fresh_db: Store, span: Span) -> None:
    """An end before the start, or no time at all, changes nothing."""
    session = camera(fresh_db)
    fresh_db.write_spans(session, (), Span(0, 1, Posture.FLEXED))
    with pytest.raises(StoreError, match="nothing was changed"):
        fresh_db.add_span(session, span)
    assert [stored.posture for stored in fresh_db.spans_between(START, START + HOUR)] == [Posture.FLEXED]


# Versions

ADD_COLUMN = ("ALTER TABLE spans ADD COLUMN chair TEXT", "UPDATE spans SET chair = 'old'")
BROKEN = ("ALTER TABLE spans ADD COLUMN chair TEXT", "UPDATE no_such_table SET x = 1")


def test_an_empty_file_becomes_the_newest_version(path: Path) -> None:
    """Version 0 is brought to the newest without a backup of nothing."""
    path.parent.mkdir()
    path.touch()
    with Store.open(path, migrations=(*MIGRATIONS, ADD_COLUMN)) as store:
        assert store._db.execute("PRAGMA user_version").fetchone()[0] == len(MIGRATIONS) + 1
        recording(store)
    assert not list(path.parent.glob("*.bak"))


def test_an_older_version_is_backed_up_and_brought_forward(path: Path) -> None:
    """A step keeps what was there; the backup is the database as it was, and opens with the older program."""
    with Store.open(path) as store:
        recording(store)
    with Store.open(path, migrations=(*MIGRATIONS, ADD_COLUMN)) as store:
        assert [row["chair"] for row in store._db.execute("SELECT chair FROM spans")] == ["old"]
        assert store._db.execute("PRAGMA foreign_keys").fetchone()[0] == 1
    (backup,) = path.parent.glob("*.bak")
    assert backup.name == f"posture.db.v{len(MIGRATIONS)}.bak"
    if os.name == "posix":
        assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    with Store.open(backup) as store:
        assert len(store.spans_between(START, START + HOUR)) == 1


def test_version_1_is_brought_forward(path: Path) -> None:
    """What version 1 held is all there, with nothing known of what followed; the new columns and short notes work; a backup lies beside."""
    with Store.open(path, migrations=MIGRATIONS[:1]) as store:
        session = recording(store)
        columns = "session_id, at_utc, prompt_id, kind, step, episode_start_utc, outcome"
        for at_s, outcome in ((600.0, None), (700.0, "moved"), (800.0, "a word that nothing wrote")):
            row = (session, START + at_s, "cat_cow", "flexed", "soft", START, outcome)
            store._db.execute(f"INSERT INTO prompts ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?)", row)
    with Store.open(path) as store:
        store.check()
        prompts = store.prompts_between(START, START + HOUR)
        assert [(p.id, p.at_utc - START, p.outcome) for p in prompts] == [(1, 600, None), (2, 700, PromptOutcome.MOVED), (3, 800, None)]
        assert {(p.session_id, p.prompt_id, p.kind, p.step, p.answer) for p in prompts} == {
            (session, "cat_cow", EpisodeKind.FLEXED, PromptLevel.SOFT, None)
        }
        assert store.get_meta("camera") is None
        store.set_meta("camera", "desk")
        assert store.add_prompt(camera(store, START + 2 * HOUR), ShownPrompt(0, "x", None, PromptLevel.SOFT)) == 4
        plan = store._db.execute("EXPLAIN QUERY PLAN SELECT * FROM prompts WHERE at_utc > 5").fetchall()
        assert "prompts_by_time" in plan[0]["detail"]
        store._db.execute("DELETE FROM sessions WHERE id = ?", (session,))
        assert [p.id for p in store.recent_prompts(9)] == [4], "prompts still go with their session"
    with Store.open(path) as store:
        assert store.get_meta("camera") == "desk"
    (backup,) = path.parent.glob("*.bak")
    assert backup.name == "posture.db.v1.bak"


def test_version_2_is_brought_forward(path: Path) -> None:
    """What was said before stress could be said is all there under its numbers, acknowledged or not; a backup lies beside."""
    said = [
        SelfReport(START + 60, ReportKind.PAIN, "low", "on the \u00e4ther side", START + 90),
        SelfReport(START, ReportKind.STIFF),
        SelfReport(START, ReportKind.URGE, note=""),
    ]
    with Store.open(path, migrations=MIGRATIONS[:2]) as store:
        numbers = [store.add_report(report) for report in said]
        store.delete_report(numbers.pop(1))
        recording(store)
        with pytest.raises(StoreError, match="refused a value"):
            store.add_report(SelfReport(START, ReportKind.STRESS))
    with Store.open(path) as store:
        store.check()
        assert [store.report(number) for number in numbers] == [said[0], said[2]]
        assert len(store.spans_between(START, START + HOUR)) == 1
        assert store.add_report(SelfReport(START + 99, ReportKind.STRESS)) == 4
        plan = store._db.execute("EXPLAIN QUERY PLAN SELECT * FROM self_reports WHERE at_utc > 5").fetchall()
        assert "self_reports_by_time" in plan[0]["detail"]
    (backup,) = path.parent.glob("*.bak")
    assert backup.name == "posture.db.v2.bak"


def test_version_4_is_brought_forward(path: Path) -> None:
    """Episodes and prompts are all there under their numbers; stillness, why a prompt came, and prompts held back can be stored."""
    with Store.open(path, migrations=MIGRATIONS[:4]) as store:
        session = camera(store, START)
        store.add_episode(session, Episode(EpisodeKind.FLEXED, 0, 900, 700.0, "trunk_flexion", 31.0, 25.0, 700.0))
        columns = "session_id, at_utc, prompt_id, kind, step, episode_start_utc, answer, answered_utc, outcome"
        row = (session, START + 600, "cat_cow", "flexed", "soft", START, "done", START + 620, "moved")
        store._db.execute(f"INSERT INTO prompts ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
        store.end_session(session)
    with Store.open(path) as store:
        store.check()
        (prompt,) = store.prompts_between(START, START + HOUR)
        assert (prompt.id, prompt.answer, prompt.answered_utc, prompt.outcome, prompt.reason) == (
            1, Answer.DONE, START + 620, PromptOutcome.MOVED, None,
        )  # fmt: skip
        assert [e.since(START) for e in store.episodes_between(START, START + HOUR)] == [
            Episode(EpisodeKind.FLEXED, 0, 900, 700.0, "trunk_flexion", 31.0, 25.0, 700.0)
        ]
        live = camera(store, START + 2 * HOUR)
        store.add_episode(live, Episode(EpisodeKind.STILLNESS, 0, 1500, 1400.0, in_state_s=1400.0))
        store.add_prompt(live, ShownPrompt(60, "x", EpisodeKind.FLEXED, PromptLevel.SOFT, 0.0, PromptReason.SHARE))
        assert [p.since(START + 2 * HOUR).reason for p in store.recent_prompts(1)] == [PromptReason.SHARE]
    (backup,) = path.parent.glob("*.bak")
    assert backup.name == "posture.db.v4.bak"


@pytest.mark.parametrize("reason", HoldReason)
def test_prompts_that_were_held_back_are_kept(fresh_db: Store, reason: HoldReason) -> None:
    """As they were, with or without an end and words, by time; they go with their session."""
    live = camera(fresh_db, START)
    held = [
        HeldPrompt(20.0, EpisodeKind.STILLNESS, HoldBack(reason), PromptLevel.SOFT),
        HeldPrompt(10.0, EpisodeKind.FLEXED, HoldBack(reason, 1200.0, "in a call"), PromptLevel.FIRM),
    ]
    for one in held:
        fresh_db.add_held_prompt(live, one)
    assert [h.since(START) for h in fresh_db.held_prompts_between(START, START + HOUR)] == held[::-1]
    assert fresh_db.held_prompts_between(START + 15, START + 20) == []
    fresh_db._db.execute("DELETE FROM sessions")
    assert fresh_db.held_prompts_between(START, START + HOUR) == []


def test_a_report_is_changed_and_taken_back_by_its_number(fresh_db: Store) -> None:
    """Numbers name one report each; a number that is none is said."""
    first, second = (fresh_db.add_report(SelfReport(START + s, ReportKind.URGE)) for s in (5, 3))
    assert [stored.id for stored in fresh_db.numbered_reports(START, START + 9)] == [second, first], "by time"
    changed = SelfReport(START + 1, ReportKind.STRESS, "neck", "x", START + 2)
    fresh_db.change_report(second, changed)
    fresh_db.delete_report(first)
    assert fresh_db.reports() == [changed] == [fresh_db.report(second)]
    for call in (fresh_db.report, fresh_db.delete_report, lambda number: fresh_db.change_report(number, changed)):
        with pytest.raises(StoreError, match="there is no report number 1; see: posture log list") as error:
            call(first)
        one_line(error)


def test_reading_sees_one_moment_and_leaves_nothing(path: Path) -> None:
    """What another process writes meanwhile is not seen; a write fails as a whole when its block does."""
    with Store.open(path) as store, Store.open(path) as other:
        with store.reading() as db:
            assert db.execute("SELECT count(*) FROM self_reports").fetchone()[0] == 0
            other.add_report(SelfReport(START, ReportKind.URGE))
            assert db.execute("SELECT count(*) FROM self_reports").fetchone()[0] == 0
        assert len(store.reports()) == 1
        with pytest.raises(ZeroDivisionError), store.writing() as db:
            db.execute("DELETE FROM self_reports")
            raise ZeroDivisionError
        assert len(store.reports()) == 1


def test_tidying_says_when_a_reader_is_in_the_way(path: Path) -> None:
    """The log beside the file can be emptied only when nobody reads from it."""
    with Store.open(path) as store, Store.open(path, busy_s=0.05) as other:
        for _ in range(50):
            other.add_report(SelfReport(START, ReportKind.URGE, note="x" * 500))
        assert other.vacuum()
        with store.reading() as db:
            db.execute("SELECT count(*) FROM self_reports").fetchone()
            other.add_report(SelfReport(START, ReportKind.URGE))
            assert not other.vacuum()


def test_an_earlier_backup_is_not_overwritten(path: Path) -> None:
    """A second backup of one version has a name of its own."""
    for _ in range(2):
        path.unlink(missing_ok=True)
        with Store.open(path):
            pass
        with Store.open(path, migrations=(*MIGRATIONS, ADD_COLUMN)):
            pass
    assert len(list(path.parent.glob("*.bak"))) == 2


def test_a_step_that_fails_changes_nothing(path: Path) -> None:
    """A migration is all or nothing, says so in one line, and leaves no heap of backups."""
    with Store.open(path) as store:
        recording(store)
    with pytest.raises(StoreError, match=r"posture.db") as error:
        Store.open(path, migrations=(*MIGRATIONS, BROKEN))
    one_line(error)
    with Store.open(path) as store:
        assert "chair" not in {column["name"] for column in store._db.execute("PRAGMA table_info(spans)")}
        assert len(store.spans_between(START, START + HOUR)) == 1
    assert not list(path.parent.glob("*.bak"))


def test_a_newer_database_is_not_touched(path: Path) -> None:
    """An older program says in one line that the database is newer, and leaves every byte of it."""
    with Store.open(path, migrations=(*MIGRATIONS, ADD_COLUMN)) as store:
        recording(store)
    before = path.read_bytes()
    with pytest.raises(StoreError, match=r"newer posture monitor.*update the program") as error:
        Store.open(path)
    one_line(error)
    assert path.read_bytes() == before


def test_a_newer_database_is_recognised_behind_its_log(path: Path) -> None:
    """A newer version that stands only in the write-ahead log is seen as well, and the log stays."""
    with Store.open(path):
        pass
    with Store.open(path, migrations=(*MIGRATIONS, ADD_COLUMN)):
        log = path.with_name("posture.db-wal")
        main, logged = path.read_bytes(), log.read_bytes()
        with pytest.raises(StoreError, match="newer posture monitor"):
            Store.open(path)
        assert (path.read_bytes(), log.read_bytes()) == (main, logged)


def test_another_programs_database_is_not_touched(path: Path) -> None:
    """A database that this program did not make is refused as it is."""
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE theirs (x)")
        other.commit()
    before = path.read_bytes()
    with pytest.raises(StoreError, match="another program") as error:
        Store.open(path)
    one_line(error)
    assert path.read_bytes() == before


# Sessions of a day


def test_today_knows_live_sessions_only(fresh_db: Store) -> None:
    """What is analysed for somebody else is no part of the own day, in any table."""
    for origin in Origin:
        session = fresh_db.start_session(origin=origin, started_utc=START, source="a.mp4", expected_s=HOUR)
        fresh_db.add_span(session, Span(0, HOUR, Posture.FLEXED))
        fresh_db.add_episode(session, Episode(EpisodeKind.FLEXED, 0, HOUR, 1200))
        fresh_db.add_prompt(session, ShownPrompt(600, "cat_cow", EpisodeKind.FLEXED, PromptLevel.SOFT, 0))
        fresh_db.add_move(session, PostureChange(PostureChangeKind.BREAK, 700))
        fresh_db.end_session(session)
        day = (START, START + HOUR)
        found = [
            [row.session_id for row in fresh_db.spans_between(*day, origin)],
            [row.session_id for row in fresh_db.episodes_between(*day, origin)],
            [row.session_id for row in fresh_db.prompts_between(*day, origin)],
            [row.session_id for row in fresh_db.recent_prompts(10, origin)],
            [row.session_id for row in fresh_db.moves_between(*day, origin)],
        ]
        assert found == [[session]] * 5
    assert len(fresh_db.sessions_between(START, START + HOUR)) == 1


def test_recent_prompts_come_latest_first(fresh_db: Store) -> None:
    """The history of prompts begins with the last one, and a limit is a limit."""
    session = camera(fresh_db)
    for time_s in (10.0, 30.0, 20.0):
        fresh_db.add_prompt(session, ShownPrompt(time_s, f"at {time_s:.0f}", None, PromptLevel.SOFT))
    assert [prompt.prompt_id for prompt in fresh_db.recent_prompts(2)] == ["at 30", "at 20"]
    assert fresh_db.recent_prompts(0) == []


def test_a_range_ends_before_its_end(fresh_db: Store) -> None:
    """What happens at midnight belongs to the next day alone."""
    session = camera(fresh_db)
    fresh_db.add_move(session, PostureChange(PostureChangeKind.SHIFT, 60))
    fresh_db.add_report(SelfReport(START + 60, ReportKind.STIFF))
    assert (fresh_db.moves_between(START, START + 60), fresh_db.numbered_reports(START, START + 60)) == ([], [])
    assert len(fresh_db.moves_between(START + 60, START + 120)) == len(fresh_db.numbered_reports(START + 60, START + 120)) == 1


def test_a_recording_is_entered_once(fresh_db: Store) -> None:
    """The same recording at an overlapping time is refused; the line names the session and the way to replace it."""
    number = recording(fresh_db)
    with pytest.raises(StoreError, match=rf"session {number} \(day.mp4, 2026-01-05 09:00:00 to 10:00:00\).*--replace") as error:
        recording(fresh_db, START + 1800)
    one_line(error)
    recording(fresh_db, START + 1800, replace=True)
    (span,) = fresh_db.spans_between(START, START + 2 * HOUR)
    assert (span.start_utc, span.end_utc) == (START + 1800, START + 1800 + HOUR)


def test_only_the_same_recording_is_replaced(fresh_db: Store) -> None:
    """Neither another recording nor the camera's day gives way to a recording."""
    recording(fresh_db, source="other.mp4")
    with pytest.raises(StoreError, match=r"other.mp4.*another time"):
        recording(fresh_db, replace=True)
    session = fresh_db.start_session(origin=Origin.LIVE, started_utc=START + 9 * HOUR, source="day.mp4")
    fresh_db.add_span(session, Span(0, HOUR, Posture.NEUTRAL))
    fresh_db.end_session(session)
    with pytest.raises(StoreError, match="another time"):
        recording(fresh_db, START + 9 * HOUR, replace=True)
    assert len(fresh_db.sessions_between(START, START + 12 * HOUR)) == 2


def test_what_is_refused_to_be_replaced_leaves_all_in_place(fresh_db: Store) -> None:
    """If one of two overlapped sessions may not be replaced, the other is not deleted either."""
    recording(fresh_db)
    recording(fresh_db, START + HOUR, "other.mp4")
    with pytest.raises(StoreError, match=r"other.mp4"):
        recording(fresh_db, START + 1800, replace=True)
    assert [session.source for session in fresh_db.sessions_between(START, START + 9 * HOUR)] == ["day.mp4", "other.mp4"]


def test_recordings_may_follow_each_other(fresh_db: Store) -> None:
    """Parts of one day, cut on the second, are no overlap though the first has its last picture a little later."""
    recording(fresh_db, length_s=HOUR + 0.04)
    recording(fresh_db, START + HOUR, "day-2.mp4")
    spans = fresh_db.spans_between(START, START + 9 * HOUR)
    assert sum(span.end_utc - span.start_utc for span in spans) == pytest.approx(2 * HOUR, abs=1e-5)


def test_files_of_others_may_overlap(fresh_db: Store) -> None:
    """The same file can be analysed any number of times."""
    for _ in range(2):
        fresh_db.start_session(origin=Origin.FILE, started_utc=START, source="a.mp4", expected_s=HOUR)
    assert len(fresh_db.sessions_between(START, START + 1, Origin.FILE)) == 2


def test_one_camera_session_at_a_time(fresh_db: Store) -> None:
    """A second monitor is refused while the first runs, and a recording of that time too."""
    session = camera(fresh_db)
    with pytest.raises(StoreError, match=r"running already: session 1 \(camera 0") as error:
        camera(fresh_db, START + 60)
    one_line(error)
    with pytest.raises(StoreError, match="stop that one first"):
        recording(fresh_db, START + 60)
    fresh_db.end_session(session)
    camera(fresh_db, START + 60)


def test_a_clock_that_was_set_back_stops_no_monitor(fresh_db: Store) -> None:
    """A camera starts though an ended session reaches past now, and no second of the day is counted twice."""
    recording(fresh_db)
    session = camera(fresh_db, START + 1800)
    fresh_db.add_span(session, Span(0, HOUR, Posture.FLEXED))
    spans = fresh_db.spans_between(START, START + 9 * HOUR)
    assert [(span.start_utc - START, span.end_utc - START) for span in spans] == [(0, HOUR), (HOUR, 1.5 * HOUR)]


def test_deleting_a_session_deletes_what_is_in_it(fresh_db: Store) -> None:
    """A replaced recording leaves nothing behind."""
    number = recording(fresh_db)
    with pytest.raises(StoreError, match="has ended"):
        fresh_db.add_move(number, PostureChange(PostureChangeKind.BREAK, 1))
    recording(fresh_db, replace=True)
    assert fresh_db._db.execute("SELECT count(*) FROM spans").fetchone()[0] == 1


def test_an_unknown_number_is_said(fresh_db: Store) -> None:
    """A session, prompt or profile that is not there is named in one line."""
    calls: list[Callable[[], object]] = [
        lambda: fresh_db.session(7),
        lambda: fresh_db.add_move(7, PostureChange(PostureChangeKind.BREAK, 1)),
        lambda: fresh_db.end_session(7),
        lambda: fresh_db.set_prompt_outcome(7, PromptOutcome.DONE),
        lambda: fresh_db.answer_prompt(7, Answer.DONE, START),
        lambda: fresh_db.load_profile("nobody"),
        lambda: fresh_db.delete_profile("nobody"),
    ]
    for call in calls:
        with pytest.raises(StoreError, match=r"7|nobody") as error:
            call()
        one_line(error)


def test_a_missing_profile_names_those_there_are(fresh_db: Store) -> None:
    """Who mistypes a name sees the right ones; what JSON cannot hold is refused."""
    fresh_db.save_profile("anna", {"neutral": 1.0})
    with pytest.raises(StoreError, match=r"no profile 'ana'.*anna"):
        fresh_db.load_profile("ana")
    with pytest.raises(StoreError, match="cannot be stored"):
        fresh_db.save_profile("anna", {"neutral": float("nan")})
    assert fresh_db.load_profile("anna").data == {"neutral": 1.0}


@pytest.mark.parametrize("name", ["", " ", "\0", "two\nlines", "caf\udce9"])
def test_a_profile_has_a_name_that_can_be_typed(fresh_db: Store, name: str) -> None:
    """A name of nothing, or of what no keyboard has, is refused in one line."""
    with pytest.raises(StoreError, match="can't be named") as error:
        fresh_db.save_profile(name, {})
    one_line(error)


def test_a_file_name_that_is_no_text_is_stored(fresh_db: Store) -> None:
    """Bytes of a file name that are no text do not stop a session."""
    session = fresh_db.start_session(origin=Origin.FILE, started_utc=START, source="caf\udce9.mp4")
    assert fresh_db.session(session).source == "caf?.mp4"


# The writer


def test_the_writer_keeps_the_ten_seconds(fresh_db: Store) -> None:
    """With a reading a second, what is stored is never more than ten seconds old, and it is not written at every reading."""
    now = 0.0
    session = camera(fresh_db)
    with SessionWriter(fresh_db, session, clock=lambda: now) as writer:
        before = fresh_db._db.total_changes
        for second in range(1, 121):
            now = float(second)
            writer.update((), Span(0, now, Posture.NEUTRAL))
            stored = fresh_db.spans_between(START, START + HOUR)
            assert now - (stored[0].end_utc - START if stored else 0) <= 10
        assert fresh_db._db.total_changes - before < 60
    (span,) = fresh_db.spans_between(START, START + HOUR)
    assert (span.end_utc - START, span.open) == (120, False)
    ended = fresh_db.session(session)
    assert (ended.ended, ended.ended_utc) == (SessionEnd.COMPLETE, START + 120)


def test_what_is_dated_back_stays_written(fresh_db: Store) -> None:
    """A span that ends earlier than it was written takes no second from the store: the next one is written with it."""
    session = camera(fresh_db)
    with SessionWriter(fresh_db, session, clock=lambda: 0.0, every_s=0.0) as writer:
        writer.update((), Span(0, 100, Posture.NEUTRAL))
        writer._every_s = HOUR
        writer.update([Span(0, 96, Posture.NEUTRAL)], Span(96, 101, Posture.AWAY))
        stored = fresh_db.spans_between(START, START + HOUR)
        assert [(span.end_utc - START, span.posture) for span in stored] == [(96, Posture.NEUTRAL), (101, Posture.AWAY)]


@pytest.mark.parametrize(("error", "expected"), [(KeyboardInterrupt(), SessionEnd.INTERRUPTED), (OSError("lost"), SessionEnd.FAILED)])
def test_the_writer_says_how_it_ended(fresh_db: Store, error: BaseException, expected: SessionEnd) -> None:
    """Ctrl-C and errors end the session as such, with the open span written."""
    session = camera(fresh_db)
    with pytest.raises(type(error)), SessionWriter(fresh_db, session, clock=lambda: 0.0) as writer:
        writer.update((), Span(0, 5, Posture.NEUTRAL))
        raise error
    assert fresh_db.session(session).ended == expected
    assert len(fresh_db.spans_between(START, START + HOUR)) == 1


def test_the_writer_passes_everything_on(fresh_db: Store) -> None:
    """Episodes, prompts, answers and moves arrive at the writer's anchor, which may be set anew after a sleep."""
    session = camera(fresh_db)
    with SessionWriter(fresh_db, session, clock=lambda: 0.0) as writer:
        writer.move(PostureChange(PostureChangeKind.BREAK, 1))
        writer.anchor_utc = START + HOUR
        writer.episode(Episode(EpisodeKind.SITTING, 1, 2, 3))
        assert writer.prompt(ShownPrompt(2, "stand_up", EpisodeKind.SITTING, PromptLevel.SOFT, 1)) == 1
        writer.answered(1, Answer.NOT_NOW, 5)
        writer.followed(1, PromptOutcome.MOVED)
        writer.update([Span(1, 2, Posture.NEUTRAL)])
    day = (START, START + 2 * HOUR)
    assert [move.at_utc - START for move in fresh_db.moves_between(*day)] == [1]
    (prompt,) = fresh_db.prompts_between(*day)
    assert prompt.answered_utc is not None
    assert (prompt.at_utc - START, prompt.answered_utc - START) == (HOUR + 2, HOUR + 5)
    assert (prompt.answer, prompt.outcome) == (Answer.NOT_NOW, PromptOutcome.MOVED)
    assert [episode.start_utc - START for episode in fresh_db.episodes_between(*day)] == [HOUR + 1]
    assert [span.start_utc - START for span in fresh_db.spans_between(*day)] == [HOUR + 1]


def test_a_row_that_holds_what_cannot_be_is_damage(fresh_db: Store) -> None:
    """One line that says how to save the rest, and no error of a library."""
    session = camera(fresh_db)
    fresh_db.add_span(session, Span(0, 1, Posture.FLEXED))
    fresh_db._db.execute("PRAGMA ignore_check_constraints = ON")
    fresh_db._db.execute("UPDATE spans SET posture = 'slumped'")
    with pytest.raises(DamagedError, match="posture data restore") as error:
        fresh_db.spans_between(START, START + HOUR)
    assert "\n" not in str(error.value)


# Processes


def test_the_living_and_the_dead() -> None:
    """This process lives however silent; an earlier one with its number does not; nor one that is long silent or gone."""
    assert alive(os.getpid(), PROCESS, 8 * HOUR)
    assert not alive(os.getpid(), "another", 0)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        assert alive(child.pid, "other", 1)
        assert not alive(child.pid, "other", STALE_S + 1)
        assert not alive(child.pid, "other", -3 * HOUR), "written by a clock that was ahead: not young"
        assert alive(child.pid, f"other {process_start(child.pid)}", 1)
        assert not alive(child.pid, "other 1", 1), "an earlier one with its number"
        child.communicate(b"\n")
    assert not alive(child.pid, "other", 1)


def test_a_clock_that_was_ahead_blocks_no_start(path: Path) -> None:
    """The session of a process that is gone, written by a clock three hours ahead, ends at the next start, whatever has its number now."""
    with Store.open(path, clock=lambda: START + 3 * HOUR) as store:
        session = camera(store)
        store._db.execute("UPDATE sessions SET pid = ?, process = 'earlier' WHERE id = ?", (os.getppid(), session))
    with Store.open(path, clock=lambda: START) as store:
        assert store.session(session).ended == SessionEnd.HARD
        camera(store)


def forget_process(store: Store, session: int) -> None:
    """Makes a session look like one of an earlier process."""
    store._db.execute("UPDATE sessions SET process = 'earlier' WHERE id = ?", (session,))


def test_a_hard_end_is_found(path: Path) -> None:
    """A session whose process is gone is closed where its last span ends, and the monitor can start at once."""
    with Store.open(path) as store:
        session = camera(store)
        store.write_spans(session, (), Span(0, 50, Posture.FLEXED))
        forget_process(store, session)
    with Store.open(path) as store:
        (ended,) = hard_ended(store)
        assert (ended.id, ended.ended, ended.ended_utc) == (session, SessionEnd.HARD, START + 50)
        assert store.spans_between(START, START + HOUR)[0].open, "nobody saw it end"
        camera(store, START + 55)


def test_a_session_without_a_span_ends_where_it_started(fresh_db: Store) -> None:
    """A process that died before its first span has no time of the day."""
    session = camera(fresh_db)
    forget_process(fresh_db, session)
    camera(fresh_db, START + 5)
    assert [ended.ended_utc for ended in hard_ended(fresh_db)] == [START]


def test_who_slept_and_writes_again_is_not_dead(fresh_db: Store) -> None:
    """A session taken for dead goes on with its next write, its open span in one piece."""
    session = camera(fresh_db)
    fresh_db.write_spans(session, (), Span(0, 50, Posture.FLEXED))
    forget_process(fresh_db, session)
    fresh_db._close_dead_sessions()
    assert len(hard_ended(fresh_db)) == 1
    fresh_db.write_spans(session, (), Span(0, 90, Posture.FLEXED))
    assert hard_ended(fresh_db) == []
    (span,) = fresh_db.spans_between(START, START + HOUR)
    assert span.end_utc == START + 90


def python(code: str, *arguments: object, **options: object) -> subprocess.Popen[str]:
    """Starts a Python that knows this package."""
    environment = os.environ | {"PYTHONPATH": str(Path(posture.__file__).parents[1])}
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.Popen(command, env=environment, text=True, **options)  # type: ignore[call-overload, no-any-return]


KILLED = """
import os, sys
from posture.types import Posture, Span
from posture.storage.session_writer import SessionWriter
from posture.storage.records import Origin
from posture.storage.store import Store
path, progress, started_utc = sys.argv[1], os.open(sys.argv[2], os.O_CREAT | os.O_WRONLY), float(sys.argv[3])
now = start = 0.0
with Store.open(path) as store:
    session = store.start_session(origin=Origin.LIVE, started_utc=started_utc, source="camera 0")
    with SessionWriter(store, session, clock=lambda: now) as writer:
        while True:  # a session in fast motion: five readings a second, a new posture every 31 seconds
            now += 0.2
            final = []
            if now - start > 31:
                final, start = [Span(start, now, Posture.FLEXED)], now
            os.pwrite(progress, f"{now:20.3f}".encode(), 0)  # what was seen, before it is written
            writer.update(final, Span(start, now, Posture.NEUTRAL))
"""


@posix_only
def test_a_kill_loses_ten_seconds_at_most(path: Path, tmp_path: Path) -> None:
    """After kill -9 at any moment the file is sound, the session is closed, its spans tile, and ten seconds are lost at most."""
    chance = random.Random(5)
    all_seen_s = 0.0
    for turn in range(6):
        progress, started_utc = tmp_path / f"progress{turn}", START + turn * 1e6
        with python(KILLED, path, progress, started_utc) as child:
            while not progress.exists() or not progress.stat().st_size:
                assert child.poll() is None
                time.sleep(0.01)
            time.sleep(chance.uniform(0, 0.4))
            child.send_signal(signal.SIGKILL)
        seen_s = float(progress.read_text())
        with Store.open(path) as store:
            store.check()
            assert len(hard_ended(store)) == turn + 1
            stored = store.spans_between(started_utc, started_utc + 1e6)
            assert not stored or stored[0].start_utc == started_utc
            assert all(one.end_utc == two.start_utc for one, two in pairwise(stored))
            stored_s = stored[-1].end_utc - started_utc if stored else 0.0
            assert seen_s - stored_s <= 10
        all_seen_s += seen_s
    assert all_seen_s > 120, "long enough to tell a loss of ten seconds from a loss of everything"


WRITES = """
import sys
from posture.types import Posture, Span
from posture.storage.records import Origin
from posture.storage.store import Store
with Store.open(sys.argv[1]) as store:
    session = store.start_session(origin=Origin.FILE, started_utc=float(sys.argv[2]), source=sys.argv[3])
    for second in range(150):
        store.add_span(session, Span(second, second + 1, Posture.NEUTRAL))
    store.end_session(session)
"""


def test_two_processes_write_at_once(path: Path) -> None:
    """Two processes that make the database and write at the same time both have everything in it."""
    with python(WRITES, path, START, "a.mp4") as one, python(WRITES, path, START, "b.mp4") as two:
        pass
    assert (one.returncode, two.returncode) == (0, 0)
    with Store.open(path) as store:
        store.check()
        assert len(store.spans_between(START, START + HOUR, Origin.FILE)) == 300
        assert {session.ended for session in store.sessions_between(START, START + HOUR, Origin.FILE)} == {SessionEnd.COMPLETE}


def test_opening_waits_for_a_reader_of_a_new_file(path: Path) -> None:
    """A process that reads the file at the moment when another makes it a WAL database delays that one, and no more."""
    path.parent.mkdir()
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM sqlite_master").fetchall()
        release = threading.Timer(0.3, reader.execute, ["ROLLBACK"])
        release.start()
        with Store.open(path) as store:
            camera(store)
        release.join()


def test_many_may_make_the_database_at_once(tmp_path: Path) -> None:
    """Whoever opens a database that another is just making finds it made, every time."""
    together = threading.Barrier(4)

    def make(path: Path) -> int:
        together.wait()
        with Store.open(path) as store:
            return int(store._db.execute("PRAGMA user_version").fetchone()[0])

    with ThreadPoolExecutor(4) as threads:
        for turn in range(5):
            assert list(threads.map(make, [tmp_path / f"{turn}.db"] * 4)) == [len(MIGRATIONS)] * 4


def test_the_change_to_wal_waits_its_turn(tmp_path: Path) -> None:
    """Connections that change a new file's journal at the same moment all succeed (SQLite's own waiting does not cover this)."""
    together = threading.Barrier(4)

    def change(path: Path) -> str:
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            together.wait()
            _use_wal(connection, 10.0)
            return str(connection.execute("PRAGMA journal_mode").fetchone()[0])

    with ThreadPoolExecutor(4) as threads:
        for turn in range(60):
            assert list(threads.map(change, [tmp_path / f"{turn}.db"] * 4)) == ["wal"] * 4


# Errors


def test_a_locked_database_is_said(path: Path) -> None:
    """Another process that does not let go is named as the reason, for reading as for writing, and the store goes on afterwards."""
    with Store.open(path, busy_s=0.05) as store, closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match=r"posture\.db: another program is writing") as error:
            camera(store)
        one_line(error)
        other.execute("ROLLBACK")
        camera(store)


@pytest.mark.parametrize("content", [b"this is no database, but a long enough text " * 40, bytes(range(256)) * 16, b"SQLite format 3\0"])
def test_a_damaged_file_is_said_and_kept(path: Path, content: bytes) -> None:
    """What is not a database is named with what to do, and not a byte of it changes."""
    path.parent.mkdir()
    path.write_bytes(content)
    with pytest.raises(StoreError, match=r"posture\.db: is damaged or not a database.*move it away") as error:
        Store.open(path)
    one_line(error)
    assert path.read_bytes() == content


def test_damage_inside_is_found(path: Path) -> None:
    """Pages overwritten in the middle are found by the check, or by the first read that meets them, as damage."""
    with Store.open(path) as store:
        session = store.start_session(origin=Origin.FILE, started_utc=START, source="a.mp4")
        for second in range(500):
            store.add_span(session, Span(second, second + 1, Posture.UNKNOWN, None, "a reason that takes some room"))
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(size // 2 // 4096 * 4096)
        file.write(b"\xa5" * (size // 4))
    with pytest.raises(StoreError, match="damaged") as error, Store.open(path) as store:
        store.check()
    one_line(error)
    assert path.stat().st_size == size


def test_a_truncated_file_is_said(path: Path) -> None:
    """Half a database is damage, not an empty one."""
    with Store.open(path) as store:
        recording(store)
    half = path.read_bytes()[: path.stat().st_size // 2]
    path.write_bytes(half)
    with pytest.raises(StoreError, match="damaged") as error, Store.open(path) as store:
        store.check()
    one_line(error)


def test_a_full_disk_is_said(path: Path) -> None:
    """A write for which there is no room is undone, and what was stored before stays."""
    with Store.open(path) as store:
        session = store.start_session(origin=Origin.FILE, started_utc=START, source="a.mp4")
        store._db.execute(f"PRAGMA max_page_count = {store._db.execute('PRAGMA page_count').fetchone()[0]}")
        with pytest.raises(StoreError, match="the disk is full") as error:
            for second in range(5000):
                store.add_span(session, Span(second, second + 1, Posture.UNKNOWN, None, "x" * 500))
        one_line(error)
        assert len(store.spans_between(START, START + 2 * HOUR, Origin.FILE)) == second
        store.check()


def test_a_folder_that_cannot_be_is_said(tmp_path: Path) -> None:
    """A path under a file, and a folder in place of the file, each give one line with the way out."""
    (tmp_path / "file").touch()
    for impossible in (tmp_path / "file" / "posture.db", tmp_path / "file" / "below" / "posture.db"):
        with pytest.raises(StoreError, match=r"cannot be opened or created.*POSTURE_DATA_DIR") as error:
            Store.open(impossible)
        one_line(error)
    with pytest.raises(StoreError, match=r"is a folder, not a database") as error:
        Store.open(tmp_path)
    one_line(error)


@posix_only
@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="permission bits do not bind root")
def test_a_read_only_folder_is_said(path: Path) -> None:
    """A folder without the right to write gives one line with the way out, with a database in it and without."""
    path.parent.mkdir()
    path.parent.chmod(0o500)
    try:
        with pytest.raises(StoreError, match="POSTURE_DATA_DIR") as error:
            Store.open(path)
        one_line(error)
        path.parent.chmod(0o700)
        with Store.open(path):
            pass
        path.parent.chmod(0o500)
        with pytest.raises(StoreError, match="POSTURE_DATA_DIR") as error:
            Store.open(path)
        one_line(error)
    finally:
        path.parent.chmod(0o700)


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="there is no /proc to refuse a file")
def test_a_folder_that_refuses_files_is_said() -> None:
    """Where the system lets nobody make a file, not even root, it is said in one line."""
    with pytest.raises(StoreError, match=r"cannot be opened or created.*POSTURE_DATA_DIR") as error:
        Store.open("/proc/self/posture.db")
    one_line(error)


def test_a_database_that_may_only_be_read_is_said(path: Path) -> None:
    """A connection that may not write gives one line with the way out."""
    with Store.open(path) as store:
        store._db.execute("PRAGMA query_only = 1")
        with pytest.raises(StoreError, match=r"cannot be written to.*POSTURE_DATA_DIR") as error:
            store.add_report(SelfReport(START, ReportKind.URGE))
        one_line(error)


def test_a_closed_store_is_said(path: Path) -> None:
    """Using a store after its end is a StoreError, not a foreign one."""
    with Store.open(path) as store:
        pass
    store.close()
    with pytest.raises(StoreError, match=r"posture.db"):
        store.reports()
