"""The table of an archive, what is left out when a run goes on, and the report over it all."""

from __future__ import annotations

import csv
import json
import os
import shutil
from dataclasses import fields
from pathlib import Path

import pytest
from conftest import SAMPLES
from hypothesis import given, strategies as st
from jobs import in_one_process, table, unpainted

from posture.cli.app import run
from posture.reports.archive import table as archive
from posture.reports.archive.table import COLUMNS, Archive, ArchiveRow, RecordingStatus
from posture.reports.recording.tables import as_csv

SIDE = SAMPLES / "side_mixed_male1.mp4"


def recordings(folder: Path) -> Path:
    """A folder with two recordings, one of them in a sub-folder, and one that is none."""
    (folder / "sub").mkdir(parents=True)
    shutil.copy(SIDE, folder / "a.mp4")
    shutil.copy(SAMPLES / "side_tilt_female1.mp4", folder / "sub" / "b.mp4")
    (folder / "bad.mp4").write_text("this is no video", encoding="utf-8")
    return folder


@pytest.fixture
def clips(home: Path, kept_landmarks: Path, one_process: None, tmp_path: Path) -> Path:
    """Recordings of the test's own."""
    return recordings(tmp_path / "clips")


@pytest.fixture(scope="module")
def analysed(landmark_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Recordings, and what came of them; a test may analyse them anew into the same folder, with the same result."""
    folder = tmp_path_factory.mktemp("archive")
    clips, out = recordings(folder / "clips"), folder / "out"
    with pytest.MonkeyPatch.context() as patch:
        in_one_process(patch)
        unpainted(patch)
        assert analyze(clips, out, "--cache-dir", str(landmark_cache)) == 1
    return clips, out


def analyze(clips: Path, out: Path, *more: str) -> int:
    """Run the command over the folder, from kept landmarks, one recording after the other: ``test_crew.py`` has several at a time."""
    return run(["analyze", str(clips), "--cache", "--jobs", "1", "--out", str(out), *more])


def written(out: Path) -> dict[str, int]:
    """When the summary of each recording was written."""
    return {p.parent.name: p.stat().st_mtime_ns for p in out.rglob("summary.json")}


def test_the_table_has_a_row_for_every_recording_and_errors_too(analysed: tuple[Path, Path]) -> None:
    """What is in it is what stands in each recording's own results."""
    _, out = analysed
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


def test_the_parquet_table_says_the_same(analysed: tuple[Path, Path]) -> None:
    """Same columns, same rows, typed, null where nothing is known."""
    parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow (extra parquet) is not installed")
    _, out = analysed
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
    assert "2 of 3 recordings are already complete" in capfd.readouterr().out
    shutil.copy(SAMPLES / "front_mixed_female1.mp4", clips / "a.mp4")
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
    assert analyze(clips, out, "--resume", "--set", "dose.soft_s=400") == 0
    assert all(written(out)[k] != third[k] for k in third)


def test_resume_tells_a_program_of_every_recording(
    analysed: tuple[Path, Path], kept_landmarks: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """With --json what was complete is listed too, in the order of the recordings."""
    clips, out = analysed
    capfd.readouterr()
    analyze(clips, out, "--resume", "--json")
    found = json.loads(capfd.readouterr().out)
    assert [e["video"]["name"] if isinstance(e["video"], dict) else Path(e["video"]).name for e in found] == ["a.mp4", "bad.mp4", "b.mp4"]


def test_one_named_recording_has_no_table(home: Path, model_file: Path, one_process: None, tmp_path: Path) -> None:
    """Its folder holds its results and nothing else, unless the table is asked for."""
    out = tmp_path / "out"
    words = ["analyze", str(SIDE), "--end", "1", "--out", str(out)]
    assert run(words) == 0
    assert not (out / "archive.csv").exists()
    assert run([*words, "--resume"]) == 0
    assert table(out)[SIDE.name]["results"] == "."


def test_the_report_shows_the_archive(analysed: tuple[Path, Path], home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """In words, as JSON, and as a page that loads nothing and leads to each recording's own."""
    _, out = analysed
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
    found.add(ArchiveRow(path=odd, status=RecordingStatus.ERROR, error="<i>[/red]"))
    found.add(ArchiveRow(path="/r/x.mp4", status=RecordingStatus.COMPLETE, flexed_share=0.5, analysed_s=10.0, results="a b%.posture"))
    (tmp_path / "a b%.posture").mkdir()
    (tmp_path / "a b%.posture" / "summary.json").touch()
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
    found.add(ArchiveRow(path="/a", status=RecordingStatus.COMPLETE))
    found.add(ArchiveRow(path="/b", status=RecordingStatus.COMPLETE))
    journal = tmp_path / archive.JOURNAL
    journal.write_bytes(journal.read_bytes()[:-9])
    again = Archive(tmp_path)
    assert list(again.rows) == ["/a"]
    again.add(ArchiveRow(path="/c", status=RecordingStatus.PARTIAL))
    assert list(archive.read(tmp_path)) == ["/a", "/c"]


_VALUES = {
    str: st.text(st.characters(), max_size=20),
    float: st.floats(allow_nan=False, allow_infinity=False),
    int: st.integers(0, 2**62),
    RecordingStatus: st.sampled_from(RecordingStatus),
    dict: st.dictionaries(st.text(st.characters(), max_size=5), st.text(st.characters(), max_size=5), max_size=2),
}
_ROWS = st.fixed_dictionaries(
    {"path": _VALUES[str], "status": _VALUES[RecordingStatus]},
    optional={f.name: _VALUES[archive._TYPES[f.name]] for f in fields(ArchiveRow) if f.name not in {"path", "status"}},
)


@given(st.lists(_ROWS, max_size=5))
def test_what_is_entered_is_what_is_read(tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, object]]) -> None:
    """Whatever a row says; the last one of a path counts; and the tables can be written."""
    folder = tmp_path_factory.mktemp("archive")
    found = Archive(folder)
    for row in rows:
        found.add(ArchiveRow(**row))  # type: ignore[arg-type]
    assert archive.read(folder) == found.rows
    as_csv(archive.COLUMNS, [[getattr(row, name) for name in archive.COLUMNS] for row in found.rows.values()])
