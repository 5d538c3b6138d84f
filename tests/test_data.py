"""``posture data`` as it is typed: what it prints, asks and refuses. The laws behind it are in test_exchange*.py."""

from __future__ import annotations

import io
import json
import logging
import os
import stat
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import typer

from posture._support import logs, paths
from posture.cli import commands
from posture.cli.app import Commands
from posture.monitor.control.server import ControlRequest, Server
from posture.monitor.instance import Instance
from posture.storage.records import Origin
from posture.storage.store import Store
from posture.types import Posture, ReportKind, SelfReport, Span

DAY = datetime(2026, 3, 2, 9)
Out = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _own_home(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages and downloads of the test's own as well: ``--all`` takes pages away."""
    for name in ("HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(home / "user" / name.lower()))
    monkeypatch.delenv("POSTURE_PAGES_DIR", raising=False)


def run(*argv: str, typed: str | None = None) -> int:
    """One command line with what is typed on stdin; the exit code."""
    app = typer.Typer(cls=Commands, pretty_exceptions_enable=False)
    app.callback()(lambda: None)
    commands.register(app)
    before, sys.stdin = sys.stdin, io.StringIO(typed or "")
    try:
        app(args=["data", *argv], prog_name="posture")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0
    finally:
        sys.stdin = before
    return 0


def a_day(days: int = 0, note: str | None = None) -> None:
    """An hour of one's own day, so many days after the 2nd of March, with a self-report."""
    began = (DAY + timedelta(days=days)).timestamp()
    with Store.open() as store:
        number = store.start_session(origin=Origin.LIVE, started_utc=began, source="camera 0")
        store.add_span(number, Span(0, 3600, Posture.NEUTRAL))
        store.end_session(number)
        store.add_report(SelfReport(began, ReportKind.URGE, note=note))


def reports() -> int:
    """How many self-reports there are."""
    with Store.open() as store:
        return len(store.reports())


def one_line(said: str) -> str:
    """What stands on stderr, which must be one plain line."""
    assert said.startswith("posture: ") and len(said.strip().splitlines()) == 1, said
    return said


def test_path_is_the_folder(home: Path, capsys: Out) -> None:
    """Nothing but the folder, for a script to read; nothing is made by asking."""
    assert run("path") == 0
    assert capsys.readouterr().out == f"{home / 'data'}\n"
    assert not (home / "data").exists()


@pytest.mark.parametrize("command", ["path", "export", "import", "erase", "backup", "restore", "retention"])
def test_every_command_has_help_with_an_example(command: str, capsys: Out) -> None:
    """Whoever asks for help sees a line to type."""
    assert run(command, "--help") == 0
    assert " ".join(capsys.readouterr().out.split()).count(f"posture data {command}") >= 2


def test_out_and_in_again(home: Path, capsys: Out, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder, a JSON file by its name, and what is there already is said with counts."""
    a_day()
    for name in ("x", "x.json"):
        assert run("export", str(home / name)) == 0
        assert "1 session, 1 span, 1 self-report" in capsys.readouterr().out
    assert (home / "x" / "spans.csv").is_file()
    assert json.loads((home / "x.json").read_text(encoding="utf-8"))["rows"]["spans"] == 1
    assert run("import", str(home / "x")) == 0
    said = capsys.readouterr()
    assert said.out == "imported: nothing new\nalready there, left alone: 1 session, 1 self-report\n"
    assert said.err == "", "no bar where nobody looks"
    monkeypatch.setenv("POSTURE_DATA_DIR", str(home / "other"))
    assert run("import", str(home / "x.json")) == 0
    assert "imported: 1 session, 1 span, 1 self-report" in capsys.readouterr().out
    assert reports() == 1


def test_a_range_of_days(home: Path, capsys: Out) -> None:
    """Both days belong to it."""
    for days in range(4):
        a_day(days)
    assert run("export", str(home / "x"), "--from", "2026-03-03", "--to", "2026-03-04") == 0
    assert "2 sessions" in capsys.readouterr().out
    assert run("export", "--activitywatch", str(home / "aw.json"), "--to", "2026-03-02") == 0
    assert "2 events in 4 buckets" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["export"], "name one: a folder or a file"),
        (["export", "x", "--activitywatch", "y"], "name one"),
        (["export", "--activitywatch", "y", "--format", "csv"], "--format can't be combined"),
        (["export", "x.csv"], "name a folder"),
        (["export", "x", "--from", "monday"], "'monday' is not a date; write for instance 2026-03-02"),
        (["export", "x", "--from", "2026-03-02", "--to", "2026-03-01"], "comes before"),
        (["export", "x", "--to", "9999-12-31"], "too far away"),
        (["export", "x", "--format", "xls"], "xls"),
        (["erase"], "say what: --day D, --from D --to D, or --all"),
        (["erase", "--day", "2026-03-02", "--all"], "say what"),
        (["erase", "--day", "2026-03-02", "--to", "2026-03-03"], "say what"),
        (["retention", "3", "days"], "expected off, or a number of days from 7 to 36500"),
        (["retention", "forever"], "expected off"),
    ],
)
def test_wrong_use_is_one_line_and_2(argv: list[str], words: str, capsys: Out, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Options that cannot be are refused before anything is written."""
    monkeypatch.chdir(tmp_path)
    assert run(*argv) == 2
    assert words in one_line(capsys.readouterr().err)
    assert not (tmp_path / "x").exists() and not (tmp_path / "y").exists()


def test_what_cannot_be_is_one_line_and_1(home: Path, capsys: Out) -> None:
    """A target that is taken, a file that is none."""
    (home / "x").mkdir()
    (home / "x" / "thesis.odt").touch()
    assert run("export", str(home / "x")) == 1
    assert "something in it" in one_line(capsys.readouterr().err)
    assert run("import", str(home / "none.json")) == 1
    assert "none.json: cannot be read" in one_line(capsys.readouterr().err)


def test_each_fault_of_an_import_is_a_line(home: Path, capsys: Out) -> None:
    """Every row that cannot be is named on a line of its own."""
    a_day()
    assert run("export", str(home / "x.json")) == 0
    text = (home / "x.json").read_text(encoding="utf-8")
    (home / "x.json").write_text(text.replace("2026-03-02", "9999-03-02"), encoding="utf-8")
    capsys.readouterr()
    assert run("import", str(home / "x.json")) == 1
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) >= 5 and all(line.startswith(f"posture: {home / 'x.json'}, ") and " row 1: " in line for line in lines)


def test_without_pyarrow_parquet_is_one_line(home: Path, capsys: Out, monkeypatch: pytest.MonkeyPatch) -> None:
    """It names the extra and the way without it; nothing is left behind."""
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    assert run("export", str(home / "x"), "--format", "parquet") == 1
    said = one_line(capsys.readouterr().err)
    assert "pip install pyarrow" in said and "--format csv" in said
    assert not (home / "x").exists()


# Erasing


def test_erasing_a_day_says_what_goes_and_asks(home: Path, capsys: Out) -> None:
    """Only the word yes erases; a backup can be had on the way; other days stay."""
    for days in range(3):
        a_day(days)
    for typed in ("\n\n", "\nno\n", "\nYES\n", ""):
        assert run("erase", "--day", "2026-03-03", typed=typed) == 1
        said = capsys.readouterr().out
        assert "This will be erased for good: 1 session, 1.0 h of the timeline, 1 self-report." in said
        assert "Back up first?" in said and "nothing was erased" in said
    assert reports() == 3
    assert run("erase", "--day", "2026-03-03", typed=f"{home / 'before.db'}\nyes\n") == 0
    assert capsys.readouterr().out.endswith("erased\n")
    with Store.open() as store, Store.open(home / "before.db") as copy:
        assert (len(store.reports()), len(copy.reports())) == (2, 3)
        assert len(store.sessions_between(0, 1e11)) == 2
    assert run("erase", "--day", "2026-03-03", "--yes") == 0
    assert "nothing to erase in those days" in capsys.readouterr().out


def test_erasing_takes_older_copies_along(home: Path, capsys: Out) -> None:
    """A copy that an update left beside the database holds that day too; it is named, and goes."""
    a_day()
    a_day(1)
    old = home / "data" / "posture.db.v1.bak"
    old.write_bytes(b"old")
    assert run("erase", "--from", "2026-03-03", "--backup", str(home / "b.db"), "--yes") == 0
    assert str(old) in capsys.readouterr().out.replace("\n", "")
    assert not old.exists() and (home / "b.db").exists()
    assert reports() == 1


def test_numbness_is_said_before_it_goes(capsys: Out) -> None:
    """Without the report heat may be advised again, and the person should know."""
    with Store.open() as store:
        store.add_report(SelfReport(DAY.timestamp(), ReportKind.NUMB))
    assert run("erase", "--day", "2026-03-02", typed="\nno\n") == 1
    assert "heat isn't safe for you" in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize("kind", [ReportKind.PAIN, ReportKind.NUMB, ReportKind.WEAK, ReportKind.STIFF])
def test_what_holds_exercises_back_is_said_before_it_goes(kind: ReportKind, capsys: Out) -> None:
    """Each kind that makes prompts wait is named, if nothing else makes them wait."""
    with Store.open() as store:
        for days in range(4):
            store.add_report(SelfReport((DAY + timedelta(days=days)).timestamp(), kind))
    words = f"are waiting because of what you logged then ({kind}); once it is erased, they come back"
    assert run("erase", "--from", "2026-03-02", "--to", "2026-03-05", typed="\nno\n") == 1
    assert words in " ".join(capsys.readouterr().out.split())
    assert run("erase", "--day", "2026-03-05", typed="\nno\n") == 1
    assert (words in " ".join(capsys.readouterr().out.split())) == (kind is ReportKind.STIFF), "others still wait"


def test_the_log_of_a_day_goes_with_it(home: Path, capsys: Out) -> None:
    """Entries of that day, with the lines of their tracebacks, go from every log; others stay, and what is written meanwhile."""
    with logs.setup(home / "data" / "logs"):
        logging.getLogger("posture").info("still open")
        log = home / "data" / "logs" / "monitor.log"
        now = log.read_text(encoding="utf-8")
        entries = [
            f"2026-03-0{day}T12:00:00.000Z INFO posture [MainThread] secret {day}\n  line of a traceback {day}\n" for day in (1, 2, 3)
        ]
        log.write_text("".join(entries) + now, encoding="utf-8")
        (log.parent / "monitor.log.1").write_text(entries[1], encoding="utf-8")
        assert run("erase", "--day", "2026-03-02", "--yes") == 0
        assert "This will be erased for good: 2 entries of the log." in capsys.readouterr().out
        logging.getLogger("posture").info("added")
    assert log.read_text(encoding="utf-8").startswith(entries[0] + entries[2] + now)
    assert "added" in log.read_text(encoding="utf-8") and (log.parent / "monitor.log.1").read_bytes() == b""
    assert run("erase", "--day", "2026-03-02", "--yes") == 0
    assert "nothing to erase" in capsys.readouterr().out


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
@pytest.mark.parametrize("whole", [True, False])
def test_all_erases_what_a_link_points_to(whole: bool, home: Path) -> None:
    """A database that is a link goes with the file it points to, its companions and copies; one that cannot be read as well."""
    real = home / "elsewhere" / "mine.db"
    real.parent.mkdir()
    (home / "data").mkdir()
    a_day(note="secret")
    with Store.open() as store:
        store.vacuum()
    (home / "data" / "posture.db").rename(real)
    if not whole:
        real.write_bytes(b"secret" * 1000)
    (home / "data" / "posture.db").symlink_to(real)
    for copy in (home / "data" / "posture.db.v1.bak", real.with_name("mine.db.damaged-2026-01-01-000000")):
        copy.touch()
    assert run("erase", "--all", "--yes") == 0
    assert [p.name for p in (*real.parent.iterdir(), *(home / "data").iterdir()) if not p.is_dir()] == []


def test_all_leaves_the_pages_of_other_data_alone(home: Path, capsys: Out, monkeypatch: pytest.MonkeyPatch) -> None:
    """Under a named folder of data, pages and landmarks in the cache are not its own; those in folders that were named are."""
    cache = home / "user" / "xdg_cache_home" / "posture-monitor"
    monkeypatch.setenv("POSTURE_LANDMARK_DIR", str(home / "kept"))
    stay, gone = [cache / "pages" / "today.html", cache / "landmarks" / "0a" / "recording.json"], [home / "kept" / "0a" / "recording.json"]
    for path in (*stay, *gone):
        path.parent.mkdir(parents=True)
        path.touch()
    a_day()
    assert run("erase", "--all", "--yes") == 0
    assert "in your cache stay" in capsys.readouterr().out
    assert all(path.exists() for path in stay) and not any(path.exists() for path in gone)


def test_a_page_of_days_goes_with_a_day(home: Path, capsys: Out, monkeypatch: pytest.MonkeyPatch) -> None:
    """The summary that a browser was shown holds that day too; the page of an exercise stays."""
    monkeypatch.setenv("POSTURE_PAGES_DIR", str(home / "pages"))
    (home / "pages").mkdir()
    for name in ("week.html", "cat_cow_floor.html", "weekly report of mine.pdf"):
        (home / "pages" / name).touch()
    a_day()
    assert run("erase", "--day", "2026-03-02", "--yes") == 0
    assert "week.html" in capsys.readouterr().out
    assert sorted(p.name for p in (home / "pages").iterdir()) == ["cat_cow_floor.html", "weekly report of mine.pdf"]


def test_all_takes_everything_of_the_person(home: Path, capsys: Out, monkeypatch: pytest.MonkeyPatch) -> None:
    """Database, companions, copies, logs and pages go; settings, models and what is not ours stay."""
    monkeypatch.delenv("POSTURE_DATA_DIR")
    data = paths.own_data()
    a_day(note="secret")
    pages, mine = home / "user" / "xdg_cache_home" / "posture-monitor" / "pages", home / "mine"
    monkeypatch.setenv("POSTURE_PAGES_DIR", str(mine))
    kept = pages.parent / "landmarks" / "0a1b"
    for folder in (data / "logs", pages, mine, pages.parent / "models", kept):
        folder.mkdir(parents=True)
    gone = [pages / "get_up.html", mine / "cat_cow_floor.html", mine / "today.html", data / "posture.db.v2.bak"]
    gone += [kept / "recording.json"]
    gone += [data / "logs" / name for name in ("monitor.log", "monitor.log.1")]
    stay = [mine / "thesis.html", pages.parent / "models" / "full.task", home / "config.toml", data / "notes.txt"]
    for path in (*gone, *stay):
        path.touch()
    assert run("erase", "--all", typed="\nyes\n") == 0
    said = capsys.readouterr().out
    assert "1 session" in said and "Settings and the pose model stay" in said
    assert not any(path.exists() for path in gone) and all(path.exists() for path in stay)
    assert [p.name for p in (data).iterdir() if p.is_file()] == ["notes.txt"]
    assert run("erase", "--all", "--yes") == 0
    assert "there is nothing to erase" in capsys.readouterr().out


def test_a_damaged_database_can_be_erased(home: Path, capsys: Out) -> None:
    """Nobody is kept from erasing because it cannot be read."""
    (home / "data").mkdir()
    (home / "data" / "posture.db").write_bytes(b"not a database at all" * 100)
    assert run("erase", "--all", "--yes") == 0
    assert "a database that cannot be read" in capsys.readouterr().out
    assert not (home / "data" / "posture.db").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="these are Unix sockets")
def test_nothing_is_erased_under_a_monitor(capsys: Out) -> None:
    """Everything, or the day it is measuring, is refused while it runs; an older day may go."""
    a_day()

    def answer(request: ControlRequest) -> None:
        request.reply({"pid": 1})

    with Instance.claim(), Server(answer), Store.open() as store:
        store.start_session(origin=Origin.LIVE, started_utc=time.time() - 5, source="camera 0")
        assert run("erase", "--all", "--yes") == 1
        assert "the monitor is running: run posture stop" in one_line(capsys.readouterr().err)
        assert run("erase", "--day", f"{datetime.now():%Y-%m-%d}", typed="\nyes\n") == 1
        said = capsys.readouterr()
        assert "is running: posture stop" in one_line(said.err) and "This will be erased for good" not in said.out
        assert run("erase", "--day", "2026-03-02", "--yes") == 0
    assert reports() == 0


# Backup, retention


@pytest.mark.skipif(os.name != "posix", reason="permission bits are of POSIX")
def test_a_backup(home: Path, capsys: Out) -> None:
    """It says where it is and how to put it back, and takes no file's place unasked."""
    a_day()
    assert run("backup", str(home / "b.db")) == 0
    assert "to put it back: posture data restore" in capsys.readouterr().out
    assert stat.S_IMODE((home / "b.db").stat().st_mode) == 0o600
    assert run("backup", str(home / "b.db")) == 1
    assert "--force" in one_line(capsys.readouterr().err)
    assert run("backup", str(home / "b.db"), "--force") == 0


@pytest.mark.parametrize("argv", [["90 days"], ["90"], ["90", "days"], ["90", "DAYS"]])
def test_retention_is_shown_and_set(argv: list[str], capsys: Out) -> None:
    """Off by default; a number of days says what goes when; off again."""
    assert run("retention") == 0
    assert capsys.readouterr().out == "off: all data is kept\n"
    assert run("retention", *argv) == 0
    first = datetime.now() - timedelta(days=89)
    assert f"90 days: when the monitor starts, what lies before {first:%Y-%m-%d} is erased" in capsys.readouterr().out
    assert run("retention") == 0
    assert "90 days" in capsys.readouterr().out
    assert run("retention", "off") == 0
    assert capsys.readouterr().out == "off: all data is kept\n"
