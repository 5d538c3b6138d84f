"""Studies: groups, what is said of a recording, shares of a list, reports on any results, comparisons; through the real commands."""

from __future__ import annotations

import csv
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path, PurePath

import pytest
from conftest import SAMPLES
from hypothesis import given, strategies as st
from kept import LANDMARKS

from posture._support.catalogue import load
from posture.cli.app import run
from posture.errors import InputError
from posture.recordings import sample_cache
from posture.recordings.analysis import analyze_measured, labelled
from posture.recordings.grouping import grouping_of
from posture.recordings.job import Job
from posture.recordings.shares import share_of
from posture.reports.archive import table as archive
from posture.reports.archive.found import row_of, rows_below
from posture.reports.archive.table import Archive, ArchiveRow, RecordingStatus, figures_of
from posture.reports.recording.write import write_all
from posture.reports.results.folder import results_in
from posture.settings import Settings

CLIPS = {
    "anna/before": "side_mixed_male1.mp4",
    "anna/after": "side_tilt_female1.mp4",
    "ben/before": "front_mixed_female1.mp4",
    "ben/after": "front_slump_male1.mp4",
}
JOB = Job(Settings(), Path("model"), {"name": "full", "file": "full.task", "sha256": "ab" * 32}, load(), adaptive=True)
SHARED = {place: clip for place, clip in CLIPS.items() if place != "ben/after"}
"""Recordings for three processes."""


@pytest.fixture(scope="module")
def analysed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Results of two people under two conditions, and the journal of the run; a test leaves them as they are."""
    out = tmp_path_factory.mktemp("study") / "out"
    book = Archive(out)
    for place, clip in CLIPS.items():
        subject, condition = place.split("/")
        measured = sample_cache.load(LANDMARKS, clip, "desk.mp4", keep_poses=False)
        assert measured is not None
        groups, video = {"subject": subject, "condition": condition}, Path(f"/study/{place}/desk.mp4")
        job = replace(JOB, about={"analyst": "M. Curie"}, groups={str(video): groups})
        result = labelled(analyze_measured(measured, job), video, job)
        write_all(result, out / place / "desk.posture", JOB.catalogue)
        book.add(ArchiveRow(path=str(video), results=f"{place}/desk.posture", **figures_of(result)))
    book.write_tables()
    return out


def clips(folder: Path, places: Iterable[str] = CLIPS) -> Path:
    """Recordings in the folders of a study."""
    for place in places:
        (folder / place).mkdir(parents=True)
        shutil.copy(SAMPLES / CLIPS[place], folder / place / "desk.mp4")
    return folder


def said(capfd: pytest.CaptureFixture[str], *command: str) -> str:
    """What a command prints that ends well."""
    capfd.readouterr()
    assert run(list(command)) == 0
    return capfd.readouterr().out


def test_groups_by_the_folders_above() -> None:
    """The last name is that of the folder in which the recording lies; a dash skips one."""
    found = grouping_of("subject/condition")
    assert found.of(PurePath("/data/study/anna/before/desk.mp4")) == {"subject": "anna", "condition": "before"}
    assert found.of(PurePath("before/desk.mp4")) == {"condition": "before"}
    assert grouping_of("Site/-/session").of(PurePath("/x/berlin/raw/2/desk.mp4")) == {"site": "berlin", "session": "2"}
    for wrong in ("", "-", "a//b", "a/a", "recording", "1st", "x;y"):
        with pytest.raises(InputError):
            grouping_of(wrong)


def test_groups_by_a_table(tmp_path: Path) -> None:
    """With commas, semicolons or tabs, with and without endings and folders; the longest name that fits counts; empty is not known."""
    file = tmp_path / "groups.csv"
    file.write_text("\ufeffRecording;Subject;Condition\ndesk;anna;\nsub\\desk.mp4;ben;after\n\n", encoding="utf-8")
    found = grouping_of(str(file))
    assert found.of(PurePath("/r/desk.mp4")) == {"subject": "anna"}
    assert found.of(PurePath("/r/sub/desk.mp4")) == {"subject": "ben", "condition": "after"}
    assert found.of(PurePath("/r/other.mp4")) == {}
    lines = found.check([PurePath("/r/desk.mp4"), PurePath("/r/other.mp4"), PurePath("/r/third.mp4")])
    assert [line.partition(": ")[2] for line in lines] == [
        "has no row for /r/other.mp4 and 1 more",
        "there is no recording for sub/desk.mp4",
    ]
    with pytest.raises(InputError, match="fits"):
        found.check([PurePath("/r/desk.mp4"), PurePath("/s/desk.mp4")])
    with pytest.raises(InputError, match="no row fits"):
        found.check([PurePath("/r/x.mp4")])
    for coding in ("utf-8", "utf-8-sig", "utf-16", "cp1252"):  # as spreadsheets save it; the name as macOS may give it
        file.write_bytes("recording;subject\r\nÜbung.mp4;Jürgen\r\n".encode(coding))
        assert grouping_of(str(file)).of(PurePath("/r/U\u0308bung.mp4")) == {"subject": "Jürgen"}
    for wrong in ("", "recording\na\n", "subject,x\na,b\n", "recording,subject\n", "recording,subject\n,b\n", "recording,s\na,b\na,c\n"):
        file.write_text(wrong, encoding="utf-8")
        with pytest.raises(InputError):
            grouping_of(str(file))


@given(st.lists(st.integers(), max_size=60, unique=True), st.integers(1, 45))
def test_shares_are_all_of_it_and_nothing_twice(items: list[int], total: int) -> None:
    """And as even as can be."""
    shares = [share_of(f"{n}/{total}").of(items) for n in range(1, total + 1)]
    assert sorted(x for share in shares for x in share) == sorted(items)
    assert max(map(len, shares)) - min(map(len, shares)) <= 1


@pytest.mark.parametrize("text", ["0/3", "4/3", "3", "a/b", "-1/3", "1/0", "1/3/5", ""])
def test_no_share(text: str) -> None:
    """One line says what a share is."""
    with pytest.raises(InputError, match="3/40"):
        share_of(text)


@pytest.mark.parametrize("at_once", [False, pytest.param(True, marks=pytest.mark.soak)])
def test_three_shares_are_one_run(
    at_once: bool, analysed: Path, landmark_cache: Path, one_process: None, home: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Three runs into one folder: the results of one, and by the report its table; no process writes to another's file."""
    study, out = clips(tmp_path / "study", SHARED), tmp_path / "out"
    fixed = ["analyze", str(study), "--out", str(out), "--cache-dir", str(landmark_cache), "--jobs", "1", "--group", "subject/condition"]
    commands = [[*fixed, "--shard", f"{n}/3"] for n in (1, 2, 3)]
    if at_once:
        running = [subprocess.Popen([sys.executable, "-m", "posture", *c], stdout=subprocess.PIPE, text=True) for c in commands]
        told = [process.communicate(timeout=300)[0] for process in running]
        assert [process.returncode for process in running] == [0, 0, 0]
    else:
        told = [said(capfd, *c) for c in commands]
    assert all("when all shares are done: posture report" in text for text in told)
    assert sorted(p.name for p in out.glob("archive*")) == [f"archive-{n}-of-3.jsonl" for n in (1, 2, 3)]
    assert run(["report", str(out)]) == 0
    rows, wanted = ({row["results"]: row for row in _table(folder)} for folder in (out, analysed))
    for place in SHARED:
        for file in ("readings.csv", "episodes.csv"):
            assert (out / place / "desk.posture" / file).read_bytes() == (analysed / place / "desk.posture" / file).read_bytes()
        row, other = rows.pop(f"{place}/desk.posture"), wanted[f"{place}/desk.posture"]
        differing = {name for name in row if row[name] != other[name]}
        assert differing <= {"path", "model_sha256", "how", "sha256", "size_bytes", "modified_ns", "entered_s"}
    assert not rows


def test_a_share_without_recordings_is_no_error(home: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """An array of jobs may be longer than its list."""
    study = clips(tmp_path / "study")
    assert "0 recordings" in said(capfd, "analyze", str(study), "--out", str(tmp_path / "out"), "--shard", "40/40")


def test_the_latest_row_of_several_journals_counts(tmp_path: Path) -> None:
    """Whichever journal it stands in."""
    first, share, last = Archive(tmp_path), Archive(tmp_path, "1/2"), Archive(tmp_path)
    first.add(ArchiveRow(path="/a", status=RecordingStatus.ERROR))
    share.add(ArchiveRow(path="/a", status=RecordingStatus.PARTIAL))
    share.add(ArchiveRow(path="/b", status=RecordingStatus.PARTIAL))
    last.add(ArchiveRow(path="/b", status=RecordingStatus.COMPLETE, groups={"condition": "x"}))
    assert {path: row.status for path, row in archive.read(tmp_path).items()} == {"/a": "partial", "/b": "complete"}
    assert archive.read(tmp_path)["/b"].groups == {"condition": "x"}
    assert share.write_tables() == []


def test_what_is_said_of_a_recording_is_kept_and_shown(analysed: Path) -> None:
    """In summary.json and on its page; what was not said stands nowhere."""
    folder = analysed / "anna/before/desk.posture"
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    assert summary["about"] == {"analyst": "M. Curie"}
    assert summary["groups"] == {"subject": "anna", "condition": "before"}
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "M. Curie" in page
    assert "<dt>Date</dt>" not in page


def test_the_report_by_groups(analysed: Path, home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Counts, and mean and sd over recordings that weigh the same; in words, as JSON, on the page, in the table."""
    text = said(capfd, "report", str(analysed), "--note", "a <b>note</b>")
    assert re.search(r"before +2\s\(2\) ", text)
    assert "weighs" in text
    page = (analysed / "archive.html").read_text(encoding="utf-8")
    assert 'id="groups">By condition<' in page
    assert "a &lt;b&gt;note" in page
    found = json.loads(said(capfd, "report", str(analysed), "--by", "condition", "--json"))
    after = found["groups"][0]
    assert (after["groups"], after["recordings"], after["subjects"]) == ({"condition": "after"}, 2, 2)
    shares = [float(r["flexed_share"]) / (1.0 - float(r["unknown_share"])) for r in _table(analysed) if r["group_condition"] == "after"]
    assert after["spreads"]["flexed_share"]["mean"] == pytest.approx(sum(shares) / 2, abs=2e-3)
    assert run(["report", str(analysed), "--by", "weather"]) == 2


def _table(folder: Path) -> list[dict[str, str]]:
    with (folder / "archive.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_results_without_a_journal_give_the_same_rows(
    analysed: Path, home: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """As if each had been analysed alone; what a journal alone knows stays empty."""
    alone = tmp_path / "alone"
    shutil.copytree(analysed, alone, ignore=shutil.ignore_patterns("archive*"))
    only_there = {"path", "entered_s"}
    for folder, row in {r.results: r for r in archive.read(analysed).values()}.items():
        assert folder is not None
        found = results_in(alone / folder)
        assert found is not None
        again = row_of(found)
        for name in archive.COLUMNS:
            if name not in only_there | {"results"}:
                a, b = getattr(again, name), getattr(row, name)
                assert a == (pytest.approx(b, abs=0.006) if isinstance(b, float) else b), name
        assert again.groups == row.groups
    assert "4 recordings: 4 complete" in said(capfd, "report", str(alone))
    assert sum(r["group_condition"] == "after" for r in _table(alone)) == 2


def test_results_that_are_gone_are_in_no_report(analysed: Path, tmp_path: Path) -> None:
    """Somebody who withdraws is in no figure; results that moved are found; an error stays."""
    out = tmp_path / "out"
    shutil.copytree(analysed, out)
    shutil.rmtree(out / "anna/before/desk.posture")
    shutil.move(out / "anna/after", out / "elsewhere")
    Archive(out).add(ArchiveRow(path="/bad.mp4", status=RecordingStatus.ERROR, error="no video"))
    found = {row.results: row.status for row in rows_below(out)}
    assert set(found) == {None, "elsewhere/desk.posture", "ben/before/desk.posture", "ben/after/desk.posture"}
    assert found[None] is RecordingStatus.ERROR


def test_damaged_results_are_one_line(analysed: Path, home: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """What is nobody's summary is passed over, a damaged one beside our tables is told; a table of somebody else is left alone."""
    out = tmp_path / "out"
    shutil.copytree(analysed / "ben/after/desk.posture", out / "a.posture")
    shutil.copytree(out / "a.posture", out / "b.posture")
    (out / "b.posture" / "readings.csv").unlink()
    for name, text in {"c": "[]", "d": "{", "e": '{"schema": 1, "video": 3, "seconds": {}, "total_s": 1}'}.items():
        (out / name).mkdir()
        (out / name / "summary.json").write_text(text, encoding="utf-8")
    for name, text in {"f": "{", "g": "[" * 100_000, "h": SUMMARY_OF_NAN, "i.repeat": None}.items():
        shutil.copytree(analysed / "ben/after/desk.posture", out / f"{name}.posture")
        if text is not None:
            (out / f"{name}.posture" / "summary.json").write_text(text, encoding="utf-8")
    (out / "archive.csv").write_text("mine\n", encoding="utf-8")
    text = said(capfd, "report", str(out))
    assert "5 recordings: 1 complete, 4 error" in text
    assert "".join(text.split()).count("summary.json:ismissingordamaged") == 3  # wherever a line was broken
    assert (out / "archive.csv").read_text(encoding="utf-8") == "mine\n"


SUMMARY_OF_NAN = '{"schema": 1, "video": {}, "seconds": {}, "total_s": NaN}'


def test_what_a_spreadsheet_made_of_the_tables_is_one_line(
    analysed: Path, home: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """A byte-order mark and Windows' line ends are read; other columns and words are told, and left out of a set of several."""
    other, changed = analysed / "ben/before/desk.posture", tmp_path / "set" / "a.posture"
    shutil.copytree(analysed / "ben/after/desk.posture", changed)
    table, summary = changed / "readings.csv", changed / "summary.json"
    kept, facts = table.read_text(encoding="utf-8"), json.loads(summary.read_text(encoding="utf-8"))
    summary.write_text(json.dumps(facts | {"neutral": None, "versions": [], "model": None, "prompts": None}), encoding="utf-8")

    def compared(content: str) -> tuple[int, str]:
        table.write_bytes(content.encode())
        capfd.readouterr()
        return run(["compare", str(changed), str(other), "--out", str(tmp_path / "c.html")]), capfd.readouterr().err

    assert compared("\ufeff" + kept.replace("\n", "\r\n") + "\r\n") == (0, "")
    for content, line in {
        kept.replace(",", ";"): "it has no column time_s",
        kept.replace("posture", "attitude", 1): "it has no column posture",
        kept.replace(",flexed,", ",bent,"): "'bent' is not a valid Posture",
        "": "it has no column time_s",
        kept + "1,2\n": "not all of its rows have 24 cells",
    }.items():
        code, told = compared(content)
        assert (code, len(told.splitlines())) == (1, 1)
        assert f"{table}: " in told
        assert line in told
    table.write_bytes(kept.encode())
    shutil.copytree(changed, tmp_path / "set" / "b.posture")
    summary.write_text("{", encoding="utf-8")
    assert run(["compare", str(changed.parent), str(other), "--out", str(tmp_path / "c.html")]) == 0
    assert f"{summary}: is missing or damaged; left out" in capfd.readouterr().err


def test_new_groups_without_measuring_anew(analysed: Path, home: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A table that came later divides the report."""
    groups = tmp_path / "g.csv"
    groups.write_text("recording,chair\nanna/before/desk.mp4,old\nben/before/desk.mp4,old\nanna/after/desk.mp4,new\n", encoding="utf-8")
    found = json.loads(said(capfd, "report", str(analysed), "--group", str(groups), "--by", "chair", "--json"))
    assert [(g["groups"]["chair"], g["recordings"]) for g in found["groups"]] == [("new", 1), ("old", 2), ("", 1)]


def test_resume_with_other_groups_analyses_anew(landmark_cache: Path, one_process: None, home: Path, tmp_path: Path) -> None:
    """Without any the results stay as they are; with the same ones too."""
    study, out = clips(tmp_path / "study", ["anna/before"]), tmp_path / "out"
    summary = out / "anna/before/desk.posture/summary.json"

    def again(*more: str) -> tuple[dict[str, str], int]:
        fixed = ["analyze", str(study), "--out", str(out), "--cache-dir", str(landmark_cache), "--jobs", "1", "--resume", "--json"]
        assert run([*fixed, *more]) == 0
        return json.loads(summary.read_text(encoding="utf-8"))["groups"], summary.stat().st_mtime_ns

    first = again("--group", "subject/condition")
    assert first[0] == {"subject": "anna", "condition": "before"}
    assert again() == again("--group", "subject/condition") == first
    assert again("--group", "who/when")[0] == {"who": "anna", "when": "before"}


def test_two_recordings_compared(analysed: Path, home: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Figures as in their results, the interval about the difference, a page that loads nothing."""
    a, b = (str(analysed / f"anna/{when}/desk.posture") for when in ("before", "after"))
    page = tmp_path / "two.html"
    text = said(capfd, "compare", a, b, "--out", str(page), "--subject", "anna <x>")
    assert "too short" in text  # half a minute each
    html = page.read_text(encoding="utf-8")
    assert "anna &lt;x&gt;" in html
    assert 'aria-label="Trunk flexion over time' in html
    assert not any(word in html for word in ("<script", "http://", "https://", "url(data"))
    found = json.loads(said(capfd, "compare", a, b, "--json"))
    figures = {f["name"]: f for f in found["figures"]}
    for side, place in (("first", a), ("second", b)):
        summary = json.loads((Path(place) / "summary.json").read_text(encoding="utf-8"))
        trunk = summary["ergonomics"]["angles"]["trunk_flexion"]
        assert figures["trunk_flexion_mean_deg"][side]["mean"] == pytest.approx(trunk["mean_deg"], abs=0.02)
        assert figures["trunk_flexion_p90_deg"][side]["mean"] == pytest.approx(trunk["p90_deg"], abs=0.02)
        measured = sum(summary["seconds"][p] for p in ("neutral", "flexed", "anterior_tilt"))
        assert figures["flexed_share"][side]["mean"] == pytest.approx(summary["seconds"]["flexed"] / measured, abs=0.03)
    d = figures["trunk_flexion_mean_deg"]["difference"]
    assert d["low_95"] < d["value"] < d["high_95"]
    assert figures["shifts_per_h"]["difference"] is None
    swapped = {f["name"]: f for f in json.loads(said(capfd, "compare", b, a, "--json"))["figures"]}
    assert swapped["trunk_flexion_mean_deg"]["difference"]["value"] == pytest.approx(-d["value"])


def test_two_groups_compared(
    analysed: Path, home: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same subjects with themselves; before comes before after; two folders say the same as --by."""
    monkeypatch.chdir(tmp_path)
    found = json.loads(said(capfd, "compare", str(analysed), "--by", "condition", "--json"))
    assert (found["first"]["label"], found["second"]["label"]) == ("before", "after")
    figures = {f["name"]: f for f in found["figures"]}
    trunk = figures["trunk_flexion_mean_deg"]
    assert trunk["difference"]["method"] == "paired t, 2 subjects"
    assert {v["of"] for v in trunk["first"]["values"]} == {"anna", "ben"}
    assert "paired t" in said(capfd, "compare", str(analysed), "--by", "condition=after,before")
    assert 'class="pair"' in (tmp_path / "compare.html").read_text(encoding="utf-8")
    text = said(capfd, "compare", str(analysed / "anna"), str(analysed / "ben"))  # replaces its own page
    assert "Welch" in text or "none between" in text
    (tmp_path / "compare.html").write_text("mine", encoding="utf-8")
    assert run(["compare", str(analysed), "--by", "condition"]) == 1
    assert (tmp_path / "compare.html").read_text(encoding="utf-8") == "mine"


def test_what_cannot_be_compared(analysed: Path, home: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """One line, and 1 or 2."""
    out, empty = str(analysed), tmp_path / "empty"
    empty.mkdir()
    wrong = {
        ("compare", out): 2,
        ("compare", out, out): 2,
        ("compare", out, str(analysed / "anna")): 1,
        ("compare", out, str(empty)): 1,
        ("compare", out, str(tmp_path / "nowhere")): 1,
        ("compare", out, "--by", "subject=anna"): 2,
        ("compare", out, "--by", "subject=anna,zoe"): 2,
        ("compare", out, "--by", "weather"): 2,
        ("compare", out, str(empty), "--by", "subject"): 2,
    }
    for command, code in wrong.items():
        capfd.readouterr()
        assert run(list(command)) == code, command
        assert len(capfd.readouterr().err.strip().splitlines()) == 1, command
