"""``posture log``: what was felt, when; the list of it, changing and taking back; and that a monitor learns of it."""

from __future__ import annotations

import io
import json
import shlex
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as st

from posture._support import catalogue
from posture.cli.app import run
from posture.monitor.control.server import ControlRequest, Server
from posture.prompts.entries import EntryKind
from posture.prompts.selection import answer
from posture.storage.store import Store
from posture.time_parsing import moment
from posture.types import ReportKind, SelfReport

BERLIN = ZoneInfo("Europe/Berlin")
NOON = datetime(2026, 10, 25, 12, 0, tzinfo=BERLIN)  # of the day on which the clocks went back
Out = pytest.CaptureFixture[str]


def local(text: str, fold: int = 0) -> float:
    """A time in Berlin, seconds since the epoch."""
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN, fold=fold).timestamp()


# Moments


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("9:05", "2026-10-25T09:05"),
        ("09:05:30", "2026-10-25T09:05:30"),
        ("today 9:05", "2026-10-25T09:05"),
        ("yesterday 14:05", "2026-10-24T14:05"),
        ("Yesterday, 14:05", "2026-10-24T14:05"),
        ("2026-03-02T14:05", "2026-03-02T14:05"),
        (" 2026-03-02 14:05 ", "2026-03-02T14:05"),
        ("12:00", "2026-10-25T12:00"),
    ],
)
def test_a_moment_is_local(text: str, meant: str) -> None:
    """A time of day is today's, yesterday's or a day's, in the local zone, and needs no remark."""
    found = moment(text, NOON)
    assert (found.time_s, found.remark) == (local(meant), None)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("12:01", "is still to come; for yesterday: 'yesterday 12:01'"),
        ("2026-10-26T09:00", "is still to come"),
        ("2026-03-29T02:30", "did not exist on that day: the clocks went forward"),
        ("soon", "expected 14:05, 'yesterday 14:05' or 2026-03-02T14:05"),
        ("", "expected 14:05"),
        ("25:00", "there is no such day or time"),
        ("2026-02-30T10:00", "there is no such day or time"),
        ("1999-12-31T10:00", "is too far back"),
        ("0001-01-01T00:00", "is too far back"),
        ("2026-03-02", "expected 14:05"),
    ],
)
def test_a_moment_that_cannot_be(text: str, said: str) -> None:
    """What is to come, never was, or is none, is said in one line."""
    with pytest.raises(ValueError, match=said) as error:
        moment(text, NOON)
    assert "\n" not in str(error.value)


def test_a_time_that_came_twice_is_the_first_and_said() -> None:
    """Where the clocks went back, the remark names the way to say the second; an offset leaves no doubt."""
    found = moment("02:30", NOON)
    assert found.time_s == local("2026-10-25T02:30", fold=0)
    assert found.remark is not None and found.remark.endswith("For the second: 2026-10-25T02:30+01:00")
    second = moment("2026-10-25T02:30+01:00", NOON)
    assert (second.time_s, second.remark) == (local("2026-10-25T02:30", fold=1), None)
    between = datetime.fromtimestamp(local("2026-10-25T02:45", fold=0), UTC).astimezone(BERLIN)
    assert moment("02:30", between).remark is None, "the second is still to come"


@given(st.datetimes(datetime(2020, 1, 1), datetime(2026, 10, 1)), st.sampled_from(["Europe/Berlin", "America/St_Johns", "Pacific/Chatham"]))
def test_a_written_moment_is_the_one_meant(naive: datetime, zone: str) -> None:
    """Every local time that existed is read as the earlier moment that shows it on the clock."""
    naive = naive.replace(microsecond=0)
    now = datetime(2026, 11, 1, tzinfo=ZoneInfo(zone))
    try:
        found = moment(naive.isoformat(), now)
    except ValueError:
        first = naive.replace(tzinfo=now.tzinfo)
        assert datetime.fromtimestamp(first.timestamp(), now.tzinfo).replace(tzinfo=None) != naive
        return
    assert datetime.fromtimestamp(found.time_s, now.tzinfo).replace(tzinfo=None) == naive
    assert found.time_s <= naive.replace(tzinfo=now.tzinfo, fold=1).timestamp()


# What is said


def test_every_kind_can_be_logged_and_is_answered(home: Path, capsys: Out) -> None:
    """Each has a command, an answer with a passage, and is in the database."""
    for kind in (k for k in ReportKind if k not in {ReportKind.PAIN, ReportKind.NUMB, ReportKind.WEAK}):
        assert run(["log", kind, "--json"]) == 0
        said = json.loads(capsys.readouterr().out)
        assert said["stored"] and said["answers"] and all(a["passages"] for a in said["answers"])
    with Store.open() as store:
        assert [r.kind for r in store.reports()] == [ReportKind.URGE, ReportKind.CRACKED, ReportKind.STIFF, ReportKind.STRESS]


def test_stress_is_answered_from_the_documents() -> None:
    """Mood and back influence each other (B-daily), movement, and no advice to crack."""
    said = answer(catalogue.load(), ReportKind.STRESS)
    assert (said[0].kind, said[0].passages[0]) == (EntryKind.EXPLANATION, "B-daily")
    assert [entry.id for entry in said[1:]] == ["get_up"]


def test_an_urge_and_a_crack_are_told_why_and_what_instead() -> None:
    """Both name guarding and the time a joint needs, then a gentle movement."""
    for kind in (ReportKind.URGE, ReportKind.CRACKED):
        first, *others = answer(catalogue.load(), kind)
        assert {"A-guard", "B-refractory"} <= set(first.passages)
        assert any(entry.kind is EntryKind.EXERCISE for entry in others)


def test_at_takes_a_moment_of_the_past(home: Path, capsys: Out) -> None:
    """--at is stored as that moment; one that cannot be ends with 2, one line, and nothing stored."""
    assert run(["log", "urge", "--at", "2026-03-02T14:05"]) == 0
    with Store.open() as store:
        assert [r.time_s for r in store.reports()] == [datetime(2026, 3, 2, 14, 5).timestamp()]
    capsys.readouterr()
    tomorrow = (datetime.now() + timedelta(days=1)).isoformat(timespec="minutes")
    assert run(["log", "urge", "--at", tomorrow]) == 2
    err = capsys.readouterr().err
    assert "still to come" in err and len(err.splitlines()) == 1
    with Store.open() as store:
        assert len(store.reports()) == 1


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="the time zone of the process can be set on POSIX alone")
def test_an_ambiguous_time_is_said_when_logging(home: Path, capsys: Out, monkeypatch: pytest.MonkeyPatch) -> None:
    """The remark goes to stderr, so that --json stays JSON."""
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    try:
        assert run(["log", "urge", "--json", "--at", "2025-10-26T02:30"]) == 0
        said = capsys.readouterr()
        assert json.loads(said.out)["stored"]
        assert "came twice on 2025-10-26" in said.err and "2025-10-26T02:30+01:00" in said.err
    finally:
        monkeypatch.undo()
        time.tzset()


def test_stiffness_on_four_days_gets_the_referral_first_whenever_it_is_entered(home: Path, capsys: Out) -> None:
    """The fourth day entered afterwards raises the flag as the last one would have."""
    now = datetime.now().replace(hour=0, minute=0, second=0)
    for days_ago in (3, 2, 0):
        at = now - timedelta(days=days_ago)
        assert run(["log", "stiff", "--at", at.isoformat(timespec="seconds")]) == 0
    assert "is an emergency" not in capsys.readouterr().out
    assert run(["log", "stiff", "--json", "--at", (now - timedelta(days=1)).isoformat(timespec="seconds")]) == 0
    answers = json.loads(capsys.readouterr().out)["answers"]
    assert [a["id"] for a in answers] == ["referral", "get_up"]


# The list


def test_the_list_shows_what_was_said(home: Path, capsys: Out) -> None:
    """Numbers, times, words and whether a referral waits; other days are left out; as JSON with everything."""
    assert run(["log", "list"]) == 0
    assert "nothing was logged in the last 28 days" in capsys.readouterr().out
    with Store.open() as store:
        store.add_report(SelfReport(time.time() - 40 * 86400, ReportKind.URGE))
        store.add_report(SelfReport(time.time() - 60, ReportKind.PAIN, "low", "[red]ouch\x1b[2J"))
    assert run(["log", "list"]) == 0
    said = capsys.readouterr().out
    assert "pain" in said and "[red]ouch" in said and "\x1b" not in said and "posture log ack" in " ".join(said.split())
    assert "urge" not in said
    assert run(["log", "list", "--days", "60", "--json"]) == 0
    first, second = json.loads(capsys.readouterr().out)
    assert (first["number"], first["kind"], first["where"], first["referral_waits"]) == (1, "urge", None, False)
    assert (second["number"], second["note"], second["referral_waits"]) == (2, "[red]ouch\x1b[2J", True)
    assert datetime.fromisoformat(second["at"]).timestamp() == pytest.approx(second["at_utc_s"], abs=1)


def test_a_report_can_be_changed(home: Path, capsys: Out) -> None:
    """Only what is named changes; an empty note takes it away; nothing named, or no such number, is said."""
    assert run(["log", "urge", "--where", "low", "--note", "x", "--at", "2026-03-02T14:05"]) == 0
    assert run(["log", "edit", "1", "--kind", "stiff", "--at", "2026-03-02T15:00"]) == 0
    with Store.open() as store:
        changed = SelfReport(datetime(2026, 3, 2, 15).timestamp(), ReportKind.STIFF, "low", "x")
        assert store.reports() == [changed]
    assert run(["log", "edit", "1", "--note", "", "--where", "neck"]) == 0
    with Store.open() as store:
        assert store.reports() == [SelfReport(changed.time_s, ReportKind.STIFF, "neck", None)]
    capsys.readouterr()
    for argv, code, words in (
        (["1"], 2, "say what to change"),
        (["9", "--note", "x"], 1, "no report number 9; see: posture log list"),
        (["1", "--where", "knee"], 2, "expected low, mid, upper or neck"),
        (["1", "--kind", "bored"], 2, "bored"),
        (["0", "--note", "x"], 2, "NUMBER"),
        (["99999999999999999999", "--note", "x"], 2, "NUMBER"),
    ):
        assert run(["log", "edit", *argv]) == code
        err = capsys.readouterr().err
        assert words in err and len(err.splitlines()) == 1


def test_a_change_to_a_red_flag_gets_the_referral_and_waits_again(home: Path, capsys: Out) -> None:
    """What was acknowledged was another report; a change of its note alone leaves the acknowledgement."""
    assert run(["log", "pain"]) == 0 and run(["log", "ack"]) == 0
    assert run(["log", "edit", "1", "--note", "left side"]) == 0
    with Store.open() as store:
        assert store.report(1).acknowledged_s is not None
    capsys.readouterr()
    assert run(["log", "edit", "1", "--kind", "numb"]) == 0
    assert "is an emergency" in capsys.readouterr().out
    with Store.open() as store:
        assert store.report(1).acknowledged_s is None


def test_a_report_can_be_taken_back_and_had_again(home: Path, capsys: Out, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is asked first, nobody there is no; the line that is printed logs the very same again."""
    note = 'it\'s -- "so" $HOME\nhere'
    at = datetime(2026, 3, 2, 14, 5)
    assert run(["log", "urge", "--where", "low", f"--note={note}", "--at", at.isoformat()]) == 0
    monkeypatch.setattr("sys.stdin", io.StringIO())
    assert run(["log", "rm", "1"]) == 1
    assert "nothing was removed" in capsys.readouterr().out
    assert run(["log", "rm", "1", "--yes"]) == 0
    said = capsys.readouterr().out
    again = said.split("to log it again: posture ")[1]
    with Store.open() as store:
        assert store.reports() == []
    assert run(shlex.split(again)) == 0
    with Store.open() as store:
        assert store.reports() == [SelfReport(at.timestamp(), ReportKind.URGE, "low", note)]
    assert run(["log", "rm", "7", "--yes"]) == 1


# The monitor


@contextmanager
def a_monitor(seen: list[tuple[str, dict[str, object]]], *, refuses: bool = False) -> Iterator[None]:
    """Something that listens where a monitor of this data folder would."""

    def take(request: ControlRequest) -> None:
        seen.append((request.what, dict(request.values)))
        if refuses:
            request.refuse("not now")
        else:
            request.reply({"noted": True})

    with Server(take):
        yield


@pytest.mark.skipif(sys.platform == "win32", reason="these are Unix sockets")
def test_a_monitor_that_runs_learns_of_it_at_once(home: Path) -> None:
    """It is told every report, whether a red flag is up now, and when that was acknowledged."""
    seen: list[tuple[str, dict[str, object]]] = []
    with a_monitor(seen):
        for argv in (["urge"], ["pain"], ["ack"], ["urge"]):
            assert run(["log", *argv]) == 0
        assert run(["log", "edit", "1", "--kind", "numb"]) == 0
        assert run(["log", "edit", "1", "--note", "x"]) == 0
    assert seen == [
        ("report", {"kind": "urge", "flagged": False}),
        ("report", {"kind": "pain", "flagged": True}),
        ("acknowledge", {}),
        ("report", {"kind": "urge", "flagged": False}),
        ("report", {"kind": "numb", "flagged": True}),
    ]


@pytest.mark.skipif(sys.platform == "win32", reason="these are Unix sockets")
def test_a_monitor_that_refuses_is_no_trouble(home: Path, capsys: Out) -> None:
    """What was said is stored and answered all the same, without a word of it."""
    seen: list[tuple[str, dict[str, object]]] = []
    with a_monitor(seen, refuses=True):
        assert run(["log", "pain"]) == 0
    assert len(seen) == 1
    assert capsys.readouterr().err == ""
