"""The commands today, week and trend, on a made-up month: terminal, Markdown and JSON say the same, and none says more than is known."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from month import CLOCKS, DAYS, FIRST, HARDLY, HOLES, NIGHT, month

from posture._support import catalogue as catalogue_module
from posture.cli.app import run
from posture.days.local_days import bounds
from posture.storage.store import Store
from posture.types import Posture

CATALOGUE = catalogue_module.load()
NORMAL = FIRST + timedelta(days=29)
BLANK = FIRST + timedelta(days=5)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a month in its database."""
    folder = tmp_path_factory.mktemp("month")
    with Store.open(folder / "posture.db") as store:
        month(store)
    return folder


@pytest.fixture
def data(made: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """That month as the user's own."""
    monkeypatch.setenv("POSTURE_DATA_DIR", str(made))
    monkeypatch.setenv("POSTURE_CONFIG", str(made / "config.toml"))
    monkeypatch.setenv("COLUMNS", "80")
    return made


def printed(capsys: pytest.CaptureFixture[str], *args: str) -> str:
    """What a command prints."""
    capsys.readouterr()
    assert run(list(args)) == 0
    return capsys.readouterr().out


def parsed(capsys: pytest.CaptureFixture[str], *args: str) -> dict[str, Any]:
    """What a command prints with --json, read as strictly as JSON can be."""

    def refuse(text: str) -> None:
        raise AssertionError(f"{text} is not JSON")

    found = json.loads(printed(capsys, *args, "--json"), parse_constant=refuse)
    assert isinstance(found, dict)
    return found


def on(index: int) -> str:
    """A day of the month, as an option."""
    return (FIRST + timedelta(days=index)).isoformat()


@pytest.mark.parametrize("index", [0, HOLES, HARDLY, NIGHT, NIGHT + 1, CLOCKS, CLOCKS + 1, DAYS - 1])
def test_terminal_and_markdown_and_json_agree(data: Path, capsys: pytest.CaptureFixture[str], index: int) -> None:
    """The same breaks, shifts, prompts and reports, in any kind of day; no line of the terminal is wider than it."""
    told = parsed(capsys, "today", "--date", on(index))
    terminal, markdown = printed(capsys, "today", "--date", on(index)), printed(capsys, "today", "--date", on(index), "--md")
    assert max(len(line) for line in terminal.splitlines()) <= 80
    counts = f"{told['breaks']} break{'s' if told['breaks'] != 1 else ''}, {told['shifts']} shift"
    for text in (" ".join(terminal.split()), " ".join(markdown.split())):
        assert counts in text
        assert not told["tomorrow"] or told["tomorrow"]["title"] in text
    assert markdown.startswith("# ")
    for prompt in told["prompts"]:
        assert f"| {datetime.fromtimestamp(prompt['time_s']):%H:%M} | {prompt['title']} |" in markdown
    for report in told["reports"]:
        assert f"| {datetime.fromtimestamp(report['time_s']):%H:%M} |" in markdown
    assert sum(told["seconds"].values()) == pytest.approx(told["total_s"], abs=0.01)
    assert told["measured_s"] == pytest.approx(sum(told["seconds"][p] for p in ("neutral", "flexed", "anterior_tilt")), abs=0.01)


def test_the_strip_and_the_dose_of_the_json_lie_in_the_day(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Stretches in order and inside the day, none of them blank; a dose for each minute of them."""
    told = parsed(capsys, "today", "--date", NORMAL.isoformat())
    start, end = bounds(NORMAL)
    assert (told["day_start_s"], told["day_end_s"]) == (start, end)
    ends = [t for r in told["strip"] for t in (r["start_s"], r["end_s"])]
    assert ends == sorted(ends) and start <= ends[0] and ends[-1] <= end
    assert {r["posture"] for r in told["strip"]} <= {p.value for p in Posture}
    assert len(told["dose"]["dose_s"]) == (end - start) / told["dose"]["step_s"]
    assert max(d for d in told["dose"]["dose_s"] if d is not None) == told["dose"]["peak_s"]


def test_a_blank_day_is_blank_in_every_form(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No zero stands where nothing is known."""
    told = parsed(capsys, "today", "--date", BLANK.isoformat())
    assert told["blank"] is True
    for key in (
        "seconds",
        "total_s",
        "coverage",
        "longest_sit_s",
        "longest_sit",
        "breaks",
        "shifts",
        "measured_s",
        "comparison",
        "tomorrow",
    ):
        assert told[key] is None, key
    assert told["strip"] == [] and set(told["dose"]["dose_s"]) == {None}
    assert "nothing was measured" in printed(capsys, "today", "--date", BLANK.isoformat())
    assert "0 min" not in printed(capsys, "today", "--date", BLANK.isoformat(), "--md")
    week = parsed(capsys, "week", "--date", BLANK.isoformat())
    assert week["days"][-1]["seconds"] is None and week["days"][-1]["flexed_s"] is None and week["days"][-1]["blank"] is True


def test_the_week_has_seven_days_and_the_trend_as_many_as_asked(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Oldest first, the last is the one that was asked for, and the same day is the same in both."""
    week = parsed(capsys, "week", "--date", NORMAL.isoformat())
    trend = parsed(capsys, "trend", "--date", NORMAL.isoformat())
    assert [d["date"] for d in week["days"]] == [(NORMAL - timedelta(days=n)).isoformat() for n in range(6, -1, -1)]
    assert len(trend["days"]) == 84 and trend["days"][-1]["date"] == NORMAL.isoformat()
    same = [{k: v for k, v in d.items() if k not in ("strip", "logged")} for d in week["days"]]
    assert same == trend["days"][-7:]
    assert len(parsed(capsys, "trend", "--date", NORMAL.isoformat(), "--days", "3")["days"]) == 3
    hardly = next(d for d in trend["days"] if d["date"] == on(HARDLY))
    assert hardly["enough"] is False and hardly["coverage"] < 0.5
    day = parsed(capsys, "today", "--date", NORMAL.isoformat())
    assert day["longest_sit_s"] == trend["days"][-1]["longest_sit_s"] and day["breaks"] == trend["days"][-1]["breaks"]


@pytest.mark.parametrize("command", [["week"], ["trend"], ["trend", "--days", "30"], ["trend", "--days", "365"]])
def test_week_and_trend_fit_a_terminal(data: Path, capsys: pytest.CaptureFixture[str], command: list[str]) -> None:
    """80 columns; the map has a row for each day of the week, in words and bars, not in colour alone."""
    text = printed(capsys, *command, "--date", NORMAL.isoformat())
    assert max(len(line) for line in text.splitlines()) <= 80
    assert all(f"{name} " in text for name in ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"))
    assert "\x1b" not in text
    markdown = printed(capsys, *command, "--date", NORMAL.isoformat(), "--md")
    assert markdown.startswith("# ") and "| --- |" in markdown


@pytest.mark.parametrize("command", ["today", "week", "trend"])
def test_ascii_terminals_get_ascii(data: Path, command: str) -> None:
    """Nothing is lost or guessed where no more than ASCII can be shown."""
    environ = os.environ | {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0", "COLUMNS": "80"}
    ran = subprocess.run(
        [sys.executable, "-m", "posture", command, "--date", NORMAL.isoformat()], env=environ, capture_output=True, check=True, timeout=120
    )
    text = ran.stdout.decode("ascii")
    assert "leaning or slumped" in text.lower() and not ran.stderr
    assert "? less than half" in text or text.count("?") < text.count("-")


@pytest.mark.parametrize("command", ["today", "week", "trend"])
def test_a_red_flag_comes_first_everywhere(home: Path, capsys: pytest.CaptureFixture[str], command: str) -> None:
    """Plainly, before anything else, and nothing is advised beside it; until it is acknowledged."""
    with Store.open() as store:
        month(store, FIRST, 3, red_flag=True)
    last = on(2)
    for how in ([], ["--md"]):
        text = printed(capsys, command, "--date", last, *how)
        assert text.index(CATALOGUE.referral.title) < 100
        assert "Try tomorrow" not in text and "A habit to try" not in text
    told = parsed(capsys, command, "--date", last)
    assert told["referral"]["id"] == "referral" and told["red_flags"] and told.get("tomorrow") is None
    assert run(["log", "ack"]) == 0
    assert CATALOGUE.referral.title not in printed(capsys, command, "--date", last)


def test_the_page_is_written_and_kept_to_its_owner(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One file for each command, readable by its owner alone."""
    for command in ("today", "week", "trend"):
        page = tmp_path / f"{command}.html"
        assert "written to" in " ".join(printed(capsys, command, "--date", NORMAL.isoformat(), "--html", str(page)).split())
        assert page.read_text(encoding="utf-8").lower().startswith("<!doctype html>")
        if os.name == "posix":
            assert page.stat().st_mode & 0o077 == 0


def test_without_a_display_open_tells_where_the_page_is(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page is there all the same, always in the same place."""
    monkeypatch.setenv("POSTURE_PAGES_DIR", str(tmp_path / "pages"))
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"):
        monkeypatch.delenv(name, raising=False)
    if not sys.platform.startswith("linux"):
        pytest.skip("a browser would open here")
    said = printed(capsys, "today", "--date", NORMAL.isoformat(), "--open")
    assert str(tmp_path / "pages" / "today.html") in "".join(said.split("\n"))
    assert (tmp_path / "pages" / "today.html").exists()


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["today", "--date", "yesterday"], "is not a date"),
        (["today", "--json", "--md"], "choose either"),
        (["week", "--html", "."], "is a folder"),
        (["trend", "--days", "0"], "--days"),
    ],
)
def test_a_mistake_is_said_in_one_line(home: Path, capsys: pytest.CaptureFixture[str], args: list[str], said: str) -> None:
    """What was wrong and what would be right."""
    assert run(args) == 2
    assert said in " ".join(capsys.readouterr().err.split())


def test_words_of_the_user_are_no_markup(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Neither in the terminal nor in Markdown."""
    assert run(["log", "urge", "--note", "[red]|no|[/red] <b>`x`"]) == 0
    today = date.today().isoformat()
    assert "[red]|no|[/red]" in printed(capsys, "today", "--date", today)
    assert "\\[red\\]\\|no\\|\\[/red\\] \\<b\\>\\`x\\`" in printed(capsys, "today", "--date", today, "--md")


def test_the_month_is_the_same_every_time(tmp_path: Path) -> None:
    """Seeded, each day by itself: a shorter month is the beginning of a longer one."""
    dumps = []
    for name, days in (("a", 6), ("b", 9)):
        with Store.open(tmp_path / f"{name}.db") as store:
            month(store, FIRST, days)
            start, end = bounds(FIRST)[0], bounds(FIRST + timedelta(days=5))[1]
            dumps.append((store.spans_between(start, end), store.prompts_between(start, end), store.numbered_reports(start, end)))
    assert dumps[0] == dumps[1]
