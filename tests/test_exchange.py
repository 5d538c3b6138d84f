"""Export and import: the one undoes the other in every format, and what cannot be imported changes nothing."""

from __future__ import annotations

import json
import math
import os
import re
import shutil
import stat
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from holdings import SPREAD_S, START, Holdings, everything, holdings
from hypothesis import example, given, settings, strategies as st

from posture.days import range_of
from posture.errors import InputError, PostureError
from posture.storage.exchange import exporting
from posture.storage.exchange.activitywatch import export_activitywatch
from posture.storage.exchange.exporting import backup, export
from posture.storage.exchange.importing import Imported, import_from
from posture.storage.exchange.reading import Range, offset_text
from posture.storage.exchange.source import MANIFEST
from posture.storage.exchange.tables import EXERCISES, HELD_PROMPTS, PROMPTS, TABLES, ExportFormat
from posture.storage.records import Origin, SessionEnd
from posture.storage.schema import MEMORY
from posture.storage.store import Store
from posture.time_parsing import iso, nanoseconds, of_iso, of_nanoseconds
from posture.types import (
    Episode,
    EpisodeKind,
    ExposureAfter,
    Posture,
    PostureChange,
    PostureChangeKind,
    PromptLevel,
    ReportKind,
    SelfReport,
    ShownPrompt,
    Span,
)

DOCS = Path(__file__).resolve().parents[1] / "docs" / "data.md"
HOUR = 3600.0
FORMATS = [pytest.param(ExportFormat.CSV), pytest.param(ExportFormat.JSON), pytest.param(ExportFormat.PARQUET)]


@pytest.fixture(autouse=True)
def _parquet_is_optional(request: pytest.FixtureRequest) -> None:
    """Without PyArrow the tests of Parquet are left out."""
    if ExportFormat.PARQUET in getattr(request.node, "callspec", _Bare).params.values():
        pytest.importorskip("pyarrow")


class _Bare:
    params: dict[str, object] = {}  # noqa: RUF012 # never changed


def target(folder: Path, form: ExportFormat) -> Path:
    """Where an export of that format goes."""
    return folder / ("all.json" if form is ExportFormat.JSON else "all")


def memory() -> Store:
    """An empty database in memory, at 08:00."""
    return Store.open(MEMORY, clock=lambda: START)


def a_day(store: Store, started_utc: float = START, source: str = "camera 0", *, length_s: float = 8 * HOUR) -> int:
    """A live session with one of everything, ended."""
    number = store.start_session(origin=Origin.LIVE, started_utc=started_utc, source=source)
    store.add_span(number, Span(0, length_s / 2, Posture.NEUTRAL, True))
    store.add_span(number, Span(length_s / 2, length_s, Posture.FLEXED))
    store.add_episode(number, Episode(EpisodeKind.SITTING, 0, length_s / 2, 600.0))
    store.add_prompt(number, ShownPrompt(600, "get_up", EpisodeKind.SITTING, PromptLevel.SOFT, 0.0))
    store.add_move(number, PostureChange(PostureChangeKind.BREAK, 900))
    store.end_session(number)
    return number


@pytest.mark.parametrize("form", FORMATS)
@given(held=holdings())
@settings(max_examples=20)
def test_import_undoes_export(form: ExportFormat, held: Holdings) -> None:
    """What was exported and imported into an empty database is what was there: every row, every number, every character."""
    folder = Path(tempfile.mkdtemp())
    try:
        with memory() as one, memory() as two:
            held.fill(one)
            counts = export(one, target(folder, form), form, START)
            done = import_from(two, target(folder, form))
            assert everything(two) == everything(one)
            assert done.added == {name: number for name, number in counts.items() if number}
            before = everything(two)
            again = import_from(two, target(folder, form))
            assert (again.added, everything(two)) == ({}, before), "a second time adds nothing"
    finally:
        shutil.rmtree(folder)


@pytest.mark.parametrize("form", [ExportFormat.CSV, ExportFormat.JSON])
def test_an_export_of_the_first_version_can_be_read(tmp_path: Path, form: ExportFormat) -> None:
    """It knew nothing of the half hour after a prompt: that is not known then."""
    new = {c.name for c in PROMPTS.columns if c.later}
    with memory() as one, memory() as two:
        a_day(one)
        one.set_exposure_after(1, ExposureAfter(1700.0, 900.0, 60.0, ended=True))
        path = target(tmp_path, form)
        export(one, path, form, START)
        described = path if form is ExportFormat.JSON else path / MANIFEST
        found = json.loads(described.read_text(encoding="utf-8")) | {"version": 1}
        if form is ExportFormat.JSON:
            found["tables"]["prompts"] = [{k: v for k, v in row.items() if k not in new} for row in found["tables"]["prompts"]]
        else:
            table = path / "prompts.csv"
            rows = [line.split(",") for line in table.read_text(encoding="utf-8").splitlines()]
            kept = [n for n, name in enumerate(rows[0]) if name not in new]
            table.write_text("\r\n".join(",".join(row[n] for n in kept) for row in rows) + "\r\n", encoding="utf-8")
        described.write_text(json.dumps(found), encoding="utf-8")
        import_from(two, path)
        before, after = one.recent_prompts(1)[0], two.recent_prompts(1)[0]
    assert before.after == ExposureAfter(1700.0, 900.0, 60.0, ended=True)
    assert (after.prompt_id, after.after, after.withheld) == (before.prompt_id, None, None)


@given(held=holdings(), bounds=st.tuples(st.floats(0, SPREAD_S), st.floats(0, SPREAD_S)))
@settings(max_examples=30)
def test_an_export_of_a_range_holds_nothing_else(held: Holdings, bounds: tuple[float, float]) -> None:
    """Sessions, spans and moments outside of the range are not in it, and inside no second is missing."""
    low, high = (START + x for x in sorted(bounds))
    folder = Path(tempfile.mkdtemp())
    try:
        with memory() as one, memory() as two:
            held.fill(one)
            export(one, folder / "part", ExportFormat.CSV, START, wanted=Range(low, high))
            import_from(two, folder / "part")
            for origin in Origin:
                inside = [s.clipped(low, high) for s in one.spans_between(low, high, origin)]
                assert total(inside) == pytest.approx(total(two.spans_between(-math.inf, math.inf, origin)))
            assert all(low <= r.time_s < high for r in two.reports())
    finally:
        shutil.rmtree(folder)


def total(spans: object) -> dict[tuple[int, str], float]:
    """Seconds of each posture in each session."""
    out: dict[tuple[int, str], float] = {}
    for span in spans:  # type: ignore[attr-defined] # StoredSpans
        out[span.session_id, span.posture] = out.get((span.session_id, span.posture), 0.0) + span.end_utc - span.start_utc
    return {key: value for key, value in out.items() if value > 0}


@given(st.floats(1e7, 9e9))
@example(1_767_600_000.1234567)
@example(math.nextafter(1_767_600_000.0, 0))
def test_a_time_comes_back_to_the_last_bit(time_s: float) -> None:
    """As text and as nanoseconds; the text is a UTC time that Python reads as well."""
    assert of_nanoseconds(nanoseconds(time_s)) == time_s
    assert of_iso(iso(time_s)) == time_s
    assert abs(datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", iso(time_s))).timestamp() - time_s) < 2e-6


@pytest.mark.parametrize(("seconds", "text"), [(0, "+00:00"), (3600, "+01:00"), (-12600, "-03:30"), (3208, "+00:53:28")])
def test_offsets_are_written_as_iso_does(seconds: float, text: str) -> None:
    """Hours and minutes; seconds only where there are any."""
    assert offset_text(seconds) == text


@pytest.mark.skipif(os.name != "posix", reason="permission bits are of POSIX")
@pytest.mark.parametrize("form", FORMATS)
def test_an_export_is_for_its_owner_alone(tmp_path: Path, form: ExportFormat) -> None:
    """Files 0600, folders 0700, whatever the mask; nothing half-written is left beside."""
    before = os.umask(0)
    try:
        with memory() as store:
            a_day(store)
            export(store, target(tmp_path, form), form, START)
    finally:
        os.umask(before)
    made = list(tmp_path.rglob("*"))
    assert [p.name for p in tmp_path.iterdir()] == [target(tmp_path, form).name]
    assert {stat.S_IMODE(p.stat().st_mode) for p in made if p.is_file()} == {0o600}
    assert {stat.S_IMODE(p.stat().st_mode) for p in made if p.is_dir()} <= {0o700}


def test_an_export_takes_no_ones_place_unasked(tmp_path: Path) -> None:
    """A file or a folder in use is refused; --force replaces an export, never a folder with anything else in it."""
    with memory() as store:
        for form in (ExportFormat.CSV, ExportFormat.JSON):
            export(store, target(tmp_path, form), form, START)
            with pytest.raises(PostureError, match="--force"):
                export(store, target(tmp_path, form), form, START)
            export(store, target(tmp_path, form), form, START, force=True)
        (tmp_path / "all" / "thesis.odt").write_text("mine", encoding="utf-8")
        with pytest.raises(PostureError, match="something in it: name a new one"):
            export(store, tmp_path / "all", ExportFormat.CSV, START, force=True)
        assert (tmp_path / "all" / "thesis.odt").exists()
        with pytest.raises(PostureError, match="cannot be written: No such file"):
            export(store, tmp_path / "no" / "where.json", ExportFormat.JSON, START)


def test_progress_goes_up_to_the_whole(tmp_path: Path) -> None:
    """What a bar is told never goes back, and ends at all rows."""
    told: list[tuple[int, int]] = []
    with memory() as store:
        number = store.start_session(origin=Origin.LIVE, started_utc=START, source="c")
        store.write_spans(number, [Span(s, s + 1, Posture.NEUTRAL) for s in range(1200)])
        export(store, tmp_path / "x", ExportFormat.CSV, START, progress=lambda done, all_: told.append((done, all_)))
    assert told == sorted(told) and told[-1] == (1201, 1201) and len(told) > 2


def test_the_documents_name_every_column() -> None:
    """docs/data.md has a table for each table, with exactly its columns, in order."""
    text = DOCS.read_text(encoding="utf-8")
    for table in TABLES:
        section = text.split(f"### {table.name}\n")[1].split("\n#")[0]
        assert re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE) == [c.name for c in table.columns], table.name
        assert all(c.about in section for c in table.columns), table.name
        for word in (w for c in table.columns for w in c.words):
            assert f"`{word}`" in section, (table.name, word)


def test_an_export_of_version_2_is_read(tmp_path: Path) -> None:
    """It has no exercises."""
    with memory() as one, memory() as two:
        a_day(one)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(exporting, "TABLES", tuple(t for t in TABLES if t is not EXERCISES))
            patch.setattr(exporting, "VERSION", 2)
            export(one, tmp_path / "x.json", ExportFormat.JSON, START)
        assert import_from(two, tmp_path / "x.json").added["prompts"] == 1
        assert everything(two) == everything(one)


@pytest.mark.parametrize("form", FORMATS)
def test_an_export_of_version_1_is_read(tmp_path: Path, form: ExportFormat) -> None:
    """It has no prompts that were held back and no exercises, and does not say why a prompt came."""
    with memory() as one, memory() as two:
        a_day(one)
        with pytest.MonkeyPatch.context() as patch:
            older = replace(PROMPTS, columns=tuple(c for c in PROMPTS.columns if not c.later))
            patch.setattr(exporting, "TABLES", tuple(older if t is PROMPTS else t for t in TABLES if t not in (HELD_PROMPTS, EXERCISES)))
            patch.setattr(exporting, "VERSION", 1)
            export(one, target(tmp_path, form), form, START)
        assert import_from(two, target(tmp_path, form)).added["prompts"] == 1
        assert [p.reason for p in two.prompts_between(0, 4e9)] == [None]


# Into a database that holds something


def test_what_is_there_is_left_alone(tmp_path: Path) -> None:
    """Sessions and reports that are there already are counted and skipped; new ones are added beside them."""
    with memory() as one, memory() as two:
        for store in (one, two):
            a_day(store)
            store.add_report(SelfReport(START, ReportKind.STIFF))
        a_day(one, START + 24 * HOUR)
        one.add_report(SelfReport(START + 1, ReportKind.STRESS))
        export(one, tmp_path / "x", ExportFormat.CSV, START)
        done = import_from(two, tmp_path / "x")
        assert (done.sessions_there, done.reports_there, done.added["sessions"], done.added["self_reports"]) == (1, 1, 1, 1)
        assert everything(two) == everything(one)


def test_a_time_that_is_taken_is_refused_and_replaced_on_demand(tmp_path: Path) -> None:
    """An overlap names both sessions; --replace puts the import in its place and leaves what lies beside it."""
    with memory() as one, memory() as two:
        a_day(one, START + 2 * HOUR, "laptop", length_s=HOUR)
        a_day(two)
        export(one, tmp_path / "x", ExportFormat.CSV, START)
        before = everything(two)
        with pytest.raises(InputError, match=r"sessions\.csv, line 2: this time is already taken by session 1 \(camera 0.*--replace"):
            import_from(two, tmp_path / "x")
        assert everything(two) == before
        assert import_from(two, tmp_path / "x", replace=True).sessions_replaced == 1
        found = two.spans_between(START, START + 24 * HOUR)
        assert sum(s.end_utc - s.start_utc for s in found) == 8 * HOUR
        sources = [s.source for s in two.sessions_between(START, START + 24 * HOUR)]
        assert sources == ["camera 0", "laptop", "camera 0"]


def test_a_session_that_runs_gives_way_to_nothing(tmp_path: Path) -> None:
    """An import over the session of a monitor that runs is refused, --replace or not."""
    with memory() as one, memory() as two:
        a_day(one)
        two.start_session(origin=Origin.LIVE, started_utc=START, source="other")
        export(one, tmp_path / "x", ExportFormat.JSON, START)
        with pytest.raises(InputError, match="posture stop"):
            import_from(two, tmp_path / "x", replace=True)


def test_a_session_exported_while_it_ran_ends_where_it_was(tmp_path: Path) -> None:
    """It is no session that runs in the other database; where it comes from it is known again and left alone."""
    with Store.open(MEMORY, clock=lambda: START + HOUR) as one, memory() as two:
        number = one.start_session(origin=Origin.LIVE, started_utc=START, source="c")
        one.write_spans(number, [Span(0, 60, Posture.NEUTRAL)], Span(60, 90, Posture.FLEXED))
        export(one, tmp_path / "x", ExportFormat.CSV, START)
        assert import_from(two, tmp_path / "x").sessions_running == 1
        session = two.session(number)
        assert (session.ended, session.ended_utc) == (SessionEnd.HARD, START + 90)
        assert import_from(one, tmp_path / "x") == Imported(sessions_there=1)


def test_numbers_that_are_taken_become_others(tmp_path: Path) -> None:
    """A session whose number is in use gets a new one, and what belongs to it goes along."""
    with memory() as one, memory() as two:
        a_day(one)
        a_day(two, START + 24 * HOUR)
        export(one, tmp_path / "x", ExportFormat.CSV, START)
        import_from(two, tmp_path / "x")
        (first, second) = two.sessions_between(START, START + 48 * HOUR)
        assert {first.id, second.id} == {1, 2}
        assert {s.session_id for s in two.spans_between(START, START + 9 * HOUR)} == {first.id} == {2}


def test_a_profile_of_the_same_name_stays_unless_replaced(tmp_path: Path) -> None:
    """The one that is there is kept and said; --replace takes the imported one."""
    with memory() as one, memory() as two:
        one.save_profile("desk", {"a": 1})
        two.save_profile("desk", {"a": 2})
        export(one, tmp_path / "x", ExportFormat.CSV, START)
        assert import_from(two, tmp_path / "x").profiles_kept == ["desk"]
        assert two.load_profile("desk").data == {"a": 2}
        import_from(two, tmp_path / "x", replace=True)
        assert two.load_profile("desk").data == {"a": 1}
        export(two, tmp_path / "bare", ExportFormat.CSV, START, profiles=False)
        assert not (tmp_path / "bare" / "profiles.csv").exists()


# What is wrong


def in_file(name: str, old: str, new: str) -> Callable[[Path], None]:
    """A change of one file of a folder."""

    def change(folder: Path) -> None:
        text = (folder / name).read_text(encoding="utf-8")
        assert old in text
        (folder / name).write_text(text.replace(old, new, 1), encoding="utf-8")

    return change


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (in_file("spans.csv", "neutral", "slumped"), r"spans\.csv, line 2: posture = 'slumped': expected one of neutral, flexed"),
        (in_file("spans.csv", "T08:00:00Z", " morning"), r"spans\.csv, line 2: start_utc = .*expected a time such as"),
        (in_file("spans.csv", "1,2026-01-05T08", "1,2027-01-05T08"), r"spans\.csv, line 2: end_utc lies before start_utc"),
        (in_file("spans.csv", ",true,", ",perhaps,"), r"spans\.csv, line 2: seated = 'perhaps': expected true or false, or nothing"),
        (in_file("spans.csv", "\n1,", "\n7,"), r"spans\.csv, line 2: session = 7: the export has no such session"),
        (in_file("spans.csv", "\n1,", "\n"), r"spans\.csv, line 2: has 7 cells: expected 8"),
        (in_file("spans.csv", "neutral,", ""), r"spans\.csv, line 2: has 7 cells: expected 8"),
        (in_file("spans.csv", "neutral,", '"neutral,'), r"spans\.csv, line 2: a quote is opened and never closed"),
        (in_file("spans.csv", "neutral,", 'neu""tral,'), r"spans\.csv, line 2: cell 4 can't be read"),
        (in_file("spans.csv", "posture", "Haltung"), r"spans\.csv, line 1: column 'Haltung': expected session, start_utc"),
        (in_file("spans.csv", ",open", ",posture"), r"spans\.csv, line 1: column 'posture' is there twice"),
        (in_file("moves.csv", "break", ""), r"moves\.csv, line 2: kind is empty: expected one of break, shift"),
        (in_file("sessions.csv", ",0.0,", ",inf,"), r"sessions\.csv, line 2: tz_offset_s = inf: expected"),
        (in_file("sessions.csv", "2026-01-05T08", "0001-01-05T08"), r"sessions\.csv, line 2: started_utc: expected a time from 2000 on"),
        (
            in_file("sessions.csv", "2026-01-05T16", "9999-12-31T16"),
            r"sessions\.csv, line 2: ended_utc: expected .*no more than a day ahead",
        ),
        (in_file("spans.csv", "T12:00:00Z", "T14:00:00Z"), r"spans\.csv, line 3: overlaps another span of its session \(.*line 2\)"),
        (in_file("spans.csv", "2026-01-05T16", "2026-01-12T07"), r"spans\.csv, line 3: end_utc is after its session ended"),
        (in_file("spans.csv", "2026-01-05T08", "2026-01-04T08"), r"spans\.csv, line 2: start_utc is before its session begins"),
        (in_file("prompts.csv", "2026-01-05T08", "2026-01-05T20"), r"prompts\.csv, line 2: at_utc is after its session ended"),
        (in_file("moves.csv", "2026-01-05T08", "2026-01-05T06"), r"moves\.csv, line 2: at_utc is before its session begins"),
        (in_file("episodes.csv", "2026-01-05T12", "2026-01-11T23"), r"episodes\.csv, line 2: end_utc is after its session ended"),
        (in_file("sessions.csv", "complete", ""), r"sessions\.csv, line 2: ended and ended_utc: expected both or neither"),
        (in_file(MANIFEST, '"spans": 2', '"spans": 3'), r"spans has 2 rows: expected 3, as its description says"),
        (in_file(MANIFEST, '"version": 3', '"version": 4'), r"newer posture monitor .*update the program"),
        (in_file(MANIFEST, "posture-export", "shopping-list"), r"is not an export of posture data"),
        (in_file(MANIFEST, '"csv"', '"xls"'), r"files = 'xls': expected csv or parquet"),
        (in_file(MANIFEST, "{", ""), r"posture-export\.json: is not valid JSON"),
        (lambda folder: (folder / "moves.csv").unlink(), r"moves\.csv: is missing"),
        (lambda folder: (folder / MANIFEST).unlink(), r"has no posture-export\.json"),
        (lambda folder: (folder / "spans.csv").write_bytes(b"\xff\xfe\x00"), r"spans\.csv: is not UTF-8"),
    ],
)
def test_a_folder_that_is_not_as_it_should_be(tmp_path: Path, change: Callable[[Path], None], said: str) -> None:
    """One line names file, line and field; nothing of it is in the database, not even what stood before."""
    with memory() as one, memory() as two:
        a_day(one)
        export(one, tmp_path / "x", ExportFormat.CSV, START)
        change(tmp_path / "x")
        before = everything(two)
        with pytest.raises(InputError, match=said) as error:
            import_from(two, tmp_path / "x")
        assert "\n" not in str(error.value)
        assert everything(two) == before


def test_all_faults_are_said_each_with_its_row(tmp_path: Path) -> None:
    """A line for each of the first twenty, whatever the table, then how many more there are; nothing of it is in the database."""
    with memory() as one, memory() as two:
        number = a_day(one)
        one._db.execute("UPDATE sessions SET started_utc = started_utc + 7200 WHERE id = ?", (number,))
        one.add_report(SelfReport(0.0, ReportKind.URGE))
        export(one, tmp_path / "x", ExportFormat.CSV, START)
        with pytest.raises(InputError) as error:
            import_from(two, tmp_path / "x")
        lines = [str(error.value), *error.value.__notes__]
        files = [re.sub(r".*/(\w+)\.csv, line 2: .*", r"\1", line) for line in lines]
        assert files == ["spans", "episodes", "prompts", "moves", "self_reports"]
        with one.writing() as db:
            for second in range(100):
                db.execute("INSERT INTO self_reports (at_utc, kind) VALUES (?, 'urge')", (float(second),))
        export(one, tmp_path / "y.json", ExportFormat.JSON, START)
        with pytest.raises(InputError) as error:
            import_from(two, tmp_path / "y.json")
        assert len(error.value.__notes__) == 20
        assert error.value.__notes__[-1] == "and 85 more faults; nothing was imported"
        assert not any(everything(two).values())


def test_an_import_is_checked_before_the_database_is_locked(tmp_path: Path) -> None:
    """Another process can write while an export is read."""
    with memory() as one:
        number = one.start_session(origin=Origin.LIVE, started_utc=START, source="c")
        one.write_spans(number, [Span(s, s + 1, Posture.NEUTRAL) for s in range(1200)])
        export(one, tmp_path / "x", ExportFormat.CSV, START)
    with Store.open(tmp_path / "a.db") as two, Store.open(tmp_path / "a.db", busy_s=0.1) as other:
        written: list[int] = []
        import_from(two, tmp_path / "x", progress=lambda done, _all: written.append(other.add_report(SelfReport(done, ReportKind.URGE))))
        assert len(written) == 2


def test_an_open_quote_takes_linear_time(tmp_path: Path) -> None:
    """A quote that is never closed in a file of many rows is said at once; one row of many megabytes likewise."""
    with memory() as one, memory() as two:
        a_day(one)
        export(one, tmp_path / "x", ExportFormat.CSV, START)
        heading = (tmp_path / "x" / "spans.csv").read_text(encoding="utf-8").splitlines()[0]
        for content in ('1,"neutral\n' + "1,2,3,4\n" * 2_000_000, '"' + '""' * 8_000_000, "," * 16_000_000, '1,"a""b""c" \n' * 100_000):
            (tmp_path / "x" / "spans.csv").write_text(f"{heading}\n{content}", encoding="utf-8")
            start = time.process_time()
            with pytest.raises(InputError, match=r"spans\.csv, line 2"):
                import_from(two, tmp_path / "x")
            assert time.process_time() - start < 5.0


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"neutral"', '"slumped"', r"all\.json, spans row 1: posture = 'slumped'"),
        ('"neutral"', "7", r"spans row 1: posture = 7: expected one of"),
        ('"seated": true', '"seated": 1', r"spans row 1: seated = 1: expected true or false"),
        ('"session": 1, "start', '"session": true, "start', r"spans row 1: session = True: expected a whole number"),
        ('"session": 1, "start', '"session": 99999999999999999999, "start', r"spans row 1: session = 9999"),
        ('"reason": null, ', "", r"spans row 1: has no column 'reason'"),
        ('"posture": "neutral"', '"posture": "neutral", "mood": 1', r"spans row 1: column 'mood'"),
        ('"spans": [', '"spans": [3,', r"spans row 1: expected an object"),
        ('"tables"', '"cupboards"', r"tables is missing"),
        ('"spans": [', '"slaps": [', r"tables\.spans: expected a list"),
        ("{", "[", r"line \d+: is not valid JSON"),
        ('"camera 0"', '"\\ud800"', r"sessions row 1: source = '\\ud800'"),
        ('"tz_offset_s": 0.0', f'"tz_offset_s": 1{"0" * 400}', r"sessions row 1: tz_offset_s = 1000"),
    ],
)
def test_a_json_file_that_is_not_as_it_should_be(tmp_path: Path, old: str, new: str, said: str) -> None:
    """Likewise with the number of the row."""
    path = tmp_path / "all.json"
    with memory() as one, memory() as two:
        a_day(one)
        export(one, path, ExportFormat.JSON, START)
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        before = everything(two)
        with pytest.raises(InputError, match=said) as error:
            import_from(two, path)
        assert "\n" not in str(error.value)
        assert everything(two) == before


def test_what_is_no_export_is_said(tmp_path: Path) -> None:
    """Nothing there, a table alone, a Parquet file that is none, two open spans of one session."""
    with memory() as store:
        a_day(store)
        with pytest.raises(InputError, match="cannot be read: No such file"):
            import_from(store, tmp_path / "nothing.json")
        with pytest.raises(InputError, match="one table of an export: name the folder"):
            import_from(store, tmp_path / "spans.csv")
        pytest.importorskip("pyarrow")
        export(store, tmp_path / "x", ExportFormat.PARQUET, START)
        (tmp_path / "x" / "spans.parquet").write_bytes(b"PAR1 no PAR1")
        with pytest.raises(InputError, match=r"spans\.parquet: is not a readable Parquet file") as error:
            import_from(store, tmp_path / "x")
        assert "\n" not in str(error.value)
    with memory() as one, memory() as two:
        a_day(one)
        export(one, tmp_path / "y", ExportFormat.CSV, START)
        text = (tmp_path / "y" / "spans.csv").read_text(encoding="utf-8")
        (tmp_path / "y" / "spans.csv").write_text(text.replace(",false,", ",true,"), encoding="utf-8")
        with pytest.raises(InputError, match=r"spans\.csv, line 3: open = true: another span"):
            import_from(two, tmp_path / "y")
        assert two.sessions_between(START, START + HOUR) == []


@pytest.mark.parametrize("form", FORMATS)
@given(data=st.data())
@settings(max_examples=30)
def test_damage_is_said_or_harmless(form: ExportFormat, data: st.DataObject) -> None:
    """Whatever bytes of an export are lost or changed: it is taken in, or refused in one line with nothing changed."""
    folder = Path(tempfile.mkdtemp())
    try:
        with memory() as one, memory() as two:
            a_day(one)
            one.save_profile("desk", {"a": 1})
            one.add_report(SelfReport(START, ReportKind.URGE, "low", 'x, "y"\n'))
            export(one, target(folder, form), form, START)
            files = sorted(p for p in folder.rglob("*") if p.is_file())
            path = data.draw(st.sampled_from(files))
            held = bytearray(path.read_bytes())
            at = data.draw(st.integers(0, len(held) - 1))
            length = data.draw(st.integers(0, 4))
            held[at : at + length] = data.draw(st.binary(max_size=4) | st.sampled_from([b'"', b",", b"\n", b"null", b"-1", b"1e999"]))
            if data.draw(st.booleans()):
                del held[data.draw(st.integers(0, len(held))) :]
            path.write_bytes(held)
            try:
                import_from(two, target(folder, form))
            except InputError as error:
                assert "\n" not in str(error), error
                assert not any(everything(two).values())
            two.check()
    finally:
        shutil.rmtree(folder)


def test_a_spreadsheet_may_have_saved_it(tmp_path: Path) -> None:
    """Another order of columns, derived ones left out, a byte-order mark, other ends of lines, quotes around everything."""
    with memory() as one, memory() as two:
        a_day(one)
        one.add_report(SelfReport(START, ReportKind.URGE, "low", "x, y"))
        export(one, tmp_path / "x", ExportFormat.CSV, START)
        (tmp_path / "x" / "self_reports.csv").write_text(
            '\ufeff"kind","at_utc","note","place","acknowledged_utc"\n"urge","2026-01-05 09:00:00+01:00","x, y","low",""\n\n',
            encoding="utf-8",
        )
        import_from(two, tmp_path / "x")
        assert everything(two) == everything(one)


# Days, backup


def test_days_are_local_and_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """From midnight to midnight, whatever the clocks did; the last day belongs to the range."""
    wanted = Range(*range_of(date(2026, 3, 29), date(2026, 3, 29)))
    first = datetime.fromtimestamp(wanted.start_utc)
    last = datetime.fromtimestamp(wanted.end_utc)
    assert (first, last) == (datetime(2026, 3, 29), datetime(2026, 3, 30))
    assert Range(*range_of(None, None)).whole
    for wrong in ((date(2026, 1, 2), date(2026, 1, 1)), (None, date.max), (date.min, None)):
        with pytest.raises(ValueError, match=r"comes before|too far away"):
            if Range(*range_of(*wrong)).start_utc < -6e10:
                raise ValueError("too far away")  # where the system's calendar goes that far back


@pytest.mark.skipif(os.name != "posix", reason="permission bits are of POSIX")
def test_a_backup_is_one_private_file_that_opens(tmp_path: Path) -> None:
    """It has all of the database, needs no companion, is 0600, takes no one's place unasked, least of all the database's."""
    path = tmp_path / "data" / "posture.db"
    with Store.open(path) as store:
        a_day(store)
        store.add_report(SelfReport(START, ReportKind.PAIN))
        assert backup(store, tmp_path / "b.db") == (tmp_path / "b.db").stat().st_size
        with pytest.raises(PostureError, match="--force"):
            backup(store, tmp_path / "b.db")
        backup(store, tmp_path / "b.db", force=True)
        with pytest.raises(PostureError, match="the database itself"):
            backup(store, tmp_path / "data" / ".." / "data" / "posture.db", force=True)
        held = everything(store)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["b.db", "data"]
    assert stat.S_IMODE((tmp_path / "b.db").stat().st_mode) == 0o600
    with Store.open(tmp_path / "b.db") as copy:
        copy.check()
        assert everything(copy) == held


# ActivityWatch


def check_buckets(found: object) -> None:
    """The rules of aw-core's schemas: an export of buckets, a bucket, an event; date-times as RFC 3339 has them."""
    assert isinstance(found, dict) and isinstance(found["buckets"], dict)
    for name, bucket in found["buckets"].items():
        for field in ("id", "type", "client", "hostname"):
            assert isinstance(bucket[field], str) and bucket[field]
        assert bucket["id"] == name
        assert is_date_time(bucket["created"])
        assert isinstance(bucket["events"], list)
        for event in bucket["events"]:
            assert set(event) == {"timestamp", "duration", "data"}
            assert is_date_time(event["timestamp"])
            assert isinstance(event["duration"], int | float) and not isinstance(event["duration"], bool)
            assert event["duration"] >= 0 and isinstance(event["data"], dict)


def is_date_time(text: object) -> bool:
    """Whether a value is a date-time of RFC 3339."""
    return isinstance(text, str) and re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", text) is not None


@given(held=holdings())
@settings(max_examples=20)
def test_activitywatch_can_read_what_it_gets(held: Holdings) -> None:
    """The buckets follow the schemas whatever the database holds, and no second of one's own day is missing."""
    folder = Path(tempfile.mkdtemp())
    try:
        with memory() as store:
            held.fill(store)
            counts = export_activitywatch(store, folder / "aw.json", START, hostname="desk")
            found = json.loads((folder / "aw.json").read_text(encoding="utf-8"))
            check_buckets(found)
            assert {name: len(bucket["events"]) for name, bucket in found["buckets"].items()} == counts
            own = {s["id"] for s in held.tables["sessions"] if s["origin"] == "live"}
            expected = sum(s["end_utc"] - s["start_utc"] for s in held.tables["spans"] if s["session_id"] in own)
            events = found["buckets"]["posture-monitor-posture_desk"]["events"]
            assert sum(e["duration"] for e in events) == pytest.approx(expected, abs=1e-3)
    finally:
        shutil.rmtree(folder)


def test_activitywatch_gets_no_notes_and_no_recordings_of_others(tmp_path: Path) -> None:
    """What was written down in words stays here, and only one's own days go out; a range is kept to."""
    with memory() as store:
        a_day(store)
        other = store.start_session(origin=Origin.FILE, started_utc=START, source="patient.mp4")
        store.add_span(other, Span(0, 60, Posture.AWAY))
        store.end_session(other)
        store.add_report(SelfReport(START + 60, ReportKind.URGE, "low", "very private"))
        export_activitywatch(store, tmp_path / "aw.json", START, hostname="desk", wanted=Range(START, START + 2 * HOUR))
    text = (tmp_path / "aw.json").read_text(encoding="utf-8")
    buckets = json.loads(text)["buckets"]
    assert "private" not in text and "patient" not in text and "away" not in text
    (span,) = buckets["posture-monitor-posture_desk"]["events"]
    assert (span["timestamp"], span["duration"]) == ("2026-01-05T08:00:00.000000+00:00", 2 * HOUR)
    assert span["data"] == {"title": "neutral", "posture": "neutral", "seated": True}
    (report,) = buckets["posture-monitor-report_desk"]["events"]
    assert report["data"] == {"title": "urge", "kind": "urge", "where": "low"}
    assert datetime.fromisoformat(report["timestamp"]) == datetime.fromtimestamp(START + 60, UTC)
    assert buckets["posture-monitor-prompt_desk"]["events"][0]["data"] == {"title": "get_up", "kind": "sitting", "step": "soft"}
