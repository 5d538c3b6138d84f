"""The table of an archive, what is left out when a run goes on, and the report over it all."""

from __future__ import annotations

import csv
import json
import os
from dataclasses import fields
from pathlib import Path

import people
import pytest
from conftest import SAMPLES
from hypothesis import given
from hypothesis import strategies as st
from jobs import table

from posture import archive
from posture.archive import COLUMNS, Archive, Row, Status
from posture.cli import run

SIDE = SAMPLES / "side_mixed_male1.mp4"


@pytest.fixture
def clips(home: Path, model_file: Path, tmp_path: Path) -> Path:
    """A folder with two small recordings, one of them in a sub-folder, and one that is none."""
    folder = tmp_path / "clips"
    (folder / "sub").mkdir(parents=True)
    people.changed(SIDE, folder / "a.mp4", people.resized(320, 240), end_s=1.0)
    people.changed(SIDE, folder / "sub" / "b.mp4", people.resized(320, 240), end_s=2.0)
    (folder / "bad.mp4").write_text("this is no video", encoding="utf-8")
    return folder


def analyze(clips: Path, out: Path, *more: str) -> int:
    """Run the command over the folder."""
    return run(["analyze", str(clips), "--out", str(out), "--no-store", *more])


def written(out: Path) -> dict[str, int]:
    """When the summary of each recording was written."""
    return {p.parent.name: p.stat().st_mtime_ns for p in out.rglob("summary.json")}


def test_the_table_has_a_row_for_every_recording_and_errors_too(clips: Path, tmp_path: Path) -> None:
    """What is in it is what stands in each recording's own results."""
    out = tmp_path / "out"
    assert analyze(clips, out) == 1
    rows = table(out)
    assert list(rows) == ["a.mp4", "bad.mp4", "b.mp4"]
    assert {n: r["status"] for n, r in rows.items()} == {"a.mp4": "complete", "bad.mp4": "error", "b.mp4": "complete"}
    assert "not a video" in rows["bad.mp4"]["error"]
    assert rows["b.mp4"]["results"] == "sub/b.posture"
    summary = json.loads((out / "sub" / "b.posture" / "summary.json").read_text(encoding="utf-8"))
    row = rows["b.mp4"]
    assert float(row["analysed_s"]) == pytest.approx(summary["total_s"], abs=0.001)
    assert float(row["flexed_share"]) == pytest.approx(summary["seconds"]["flexed"] / summary["total_s"], abs=1e-3)
    assert float(row["coverage"]) == pytest.approx(summary["coverage"], abs=1e-3)
    assert sum(float(row[f"{p}_share"]) for p in summary["seconds"]) == pytest.approx(1.0, abs=1e-3)
    bands = summary["trunk_bands"]["share"]
    assert float(row["trunk_up_to_20_share"]) == pytest.approx(bands["up_to_20"], abs=1e-3)
    assert float(row["trunk_from_20_to_60_share"]) == pytest.approx(bands["from_20_to_60"], abs=1e-3)
    assert (row["model_sha256"], row["version"]) == (summary["model"]["sha256"], summary["versions"]["posture"])
    with (out / "sub" / "b.posture" / "readings.csv").open(newline="", encoding="utf-8") as file:
        trunk = [float(r["trunk_flexion_deg"]) for r in csv.DictReader(file) if r["trunk_flexion_deg"]]
    assert float(row["trunk_flexion_peak_deg"]) == pytest.approx(max(trunk), abs=0.01)


def test_the_parquet_table_says_the_same(clips: Path, tmp_path: Path) -> None:
    """Same columns, same rows, typed, null where nothing is known."""
    parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow (extra parquet) is not installed")
    out = tmp_path / "out"
    analyze(clips, out)
    found = parquet.read_table(out / "archive.parquet")
    assert tuple(found.column_names) == COLUMNS
    assert [r["status"] for r in found.to_pylist()] == [r["status"] for r in table(out).values()]
    bad = next(r for r in found.to_pylist() if r["status"] == "error")
    assert bad["flexed_share"] is None
    assert found.schema.field("trunk_flexion_peak_deg").metadata == {b"unit": b"degrees"}


def test_resume_leaves_out_what_is_complete_and_nothing_else(clips: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Same content under a new time is complete; other content, other settings, a missing file are not; errors are tried again."""
    out = tmp_path / "out"
    analyze(clips, out)
    first = written(out)
    os.utime(clips / "a.mp4", ns=(1, 1))
    assert analyze(clips, out, "--resume") == 1
    assert written(out) == first
    assert "2 of 3 recordings are complete already" in capfd.readouterr().out
    people.changed(SIDE, clips / "a.mp4", people.resized(320, 240), end_s=1.4)
    (clips / "bad.mp4").unlink()
    assert analyze(clips, out, "--resume") == 0
    second = written(out)
    assert second["a.posture"] != first["a.posture"]
    assert second["b.posture"] == first["b.posture"]
    assert set(table(out)) == {"a.mp4", "b.mp4"}
    (out / "sub" / "b.posture" / "report.html").unlink()
    assert analyze(clips, out, "--resume") == 0
    third = written(out)
    assert third["b.posture"] != second["b.posture"]
    assert third["a.posture"] == second["a.posture"]
    assert analyze(clips, out, "--resume", "--rate", "2") == 0
    assert all(written(out)[k] != third[k] for k in third)


def test_resume_tells_a_program_of_every_recording(clips: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """With --json what was complete is listed too, in the order of the recordings."""
    out = tmp_path / "out"
    analyze(clips, out)
    capfd.readouterr()
    analyze(clips, out, "--resume", "--json")
    found = json.loads(capfd.readouterr().out)
    assert [e["video"]["name"] if isinstance(e["video"], dict) else Path(e["video"]).name for e in found] == ["a.mp4", "bad.mp4", "b.mp4"]


def test_one_named_recording_has_no_table(home: Path, model_file: Path, tmp_path: Path) -> None:
    """Its folder holds its results and nothing else, unless the table is asked for."""
    out = tmp_path / "out"
    words = ["analyze", str(SIDE), "--end", "1", "--out", str(out), "--no-store"]
    assert run(words) == 0
    assert not (out / "archive.csv").exists()
    assert run([*words, "--resume"]) == 0
    assert table(out)[SIDE.name]["results"] == "."


def test_the_report_shows_the_archive(clips: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """In words, as JSON, and as a page that loads nothing and leads to each recording's own."""
    out = tmp_path / "out"
    analyze(clips, out)
    capfd.readouterr()
    assert run(["report", str(out)]) == 0
    said = capfd.readouterr().out
    assert "3 recordings: 2 complete, 1 error" in said
    assert "bad.mp4: " in said
    page = (out / "archive.html").read_text(encoding="utf-8")
    assert 'href="sub/b.posture/report.html"' in page
    assert "not a video" in page
    assert not any(word in page for word in ("<script", "http://", "https://", "url(data"))
    assert run(["report", str(out), "--json"]) == 0
    found = json.loads(capfd.readouterr().out)
    assert found["totals"]["by_status"] == {"complete": 2, "error": 1}
    assert found["totals"]["seconds"]["flexed"] == pytest.approx(
        sum(float(r["flexed_share"]) * float(r["analysed_s"]) for r in table(out).values() if r["flexed_share"]), abs=0.01
    )
    assert len(found["recordings"]) == 3


def test_a_folder_without_a_table_is_said_to_have_none(home: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Exit 1 and the command that makes one."""
    assert run(["report", str(tmp_path)]) == 1
    assert "posture analyze VIDEOS --out" in capfd.readouterr().err


def test_names_that_are_markup_or_no_text_stay_names(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """In the page, the terminal, the tables and the journal."""
    odd = "/r/<b>[red]\udce9\x1b.mp4"
    found = Archive(tmp_path)
    found.add(Row(path=odd, status=Status.ERROR, error="<i>[/red]"))
    found.add(Row(path="/r/x.mp4", status=Status.COMPLETE, flexed_share=0.5, analysed_s=10.0, results="a b%.posture"))
    found.write_tables()
    assert list(archive.read(tmp_path)) == [odd, "/r/x.mp4"]
    assert run(["report", str(tmp_path)]) == 0
    assert "[red]" in capfd.readouterr().out
    page = (tmp_path / "archive.html").read_text(encoding="utf-8")
    assert "<b>[" not in page
    assert "<i>" not in page
    assert "a%20b%25.posture/report.html" in page


def test_a_journal_that_was_cut_off_loses_its_last_line_at_most(tmp_path: Path) -> None:
    """The next row stands on a line of its own."""
    found = Archive(tmp_path)
    found.add(Row(path="/a", status=Status.COMPLETE))
    found.add(Row(path="/b", status=Status.COMPLETE))
    journal = tmp_path / archive.JOURNAL
    journal.write_bytes(journal.read_bytes()[:-9])
    again = Archive(tmp_path)
    assert list(again.rows) == ["/a"]
    again.add(Row(path="/c", status=Status.PARTIAL))
    assert list(archive.read(tmp_path)) == ["/a", "/c"]


_VALUES = {
    str: st.text(st.characters(), max_size=20),
    float: st.floats(allow_nan=False, allow_infinity=False),
    int: st.integers(0, 2**62),
    Status: st.sampled_from(Status),
}
_ROWS = st.fixed_dictionaries(
    {"path": _VALUES[str], "status": _VALUES[Status]},
    optional={f.name: _VALUES[archive._TYPES[f.name]] for f in fields(Row) if f.name not in {"path", "status"}},
)


@given(st.lists(_ROWS, max_size=5))
def test_what_is_entered_is_what_is_read(tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, object]]) -> None:
    """Whatever a row says; the last one of a path counts; and the tables can be written."""
    folder = tmp_path_factory.mktemp("archive")
    found = Archive(folder)
    for row in rows:
        found.add(Row(**row))  # type: ignore[arg-type]
    assert archive.read(folder) == found.rows
    archive.as_csv(found.rows.values())
