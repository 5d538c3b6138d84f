"""What users read, kept once: the help of every command, the pages, the terminal's tables, the notices.

A wording that changes on purpose is kept anew by ``pytest tests/test_wording.py --snapshot-update``; the difference is to be read then.
Other tests hold codes, fields and figures.
"""

from __future__ import annotations

import html
import io
import re
import shlex
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import typer
from conftest import SAMPLES
from made_days import CATALOGUE, DATE, a_trend, a_week, at, blank, busy, hardly, held_back, made, some_followed
from rich.console import Console
from syrupy.assertion import SnapshotAssertion

from posture._support.catalogue import drawing
from posture.biomechanics import SPINAL_FLEXION, TRUNK_FLEXION
from posture.cli.app import app, run
from posture.cli.commands import COMMANDS, load
from posture.desktop.notifications.notice import notice_of
from posture.reports.day.markdown import day_markdown, trend_markdown, week_markdown
from posture.reports.day.page import page_of_day, page_of_trend, page_of_week
from posture.reports.day.terminal import print_day
from posture.reports.day.week_terminal import print_trend, print_week
from posture.reports.exercise.page import page_of
from posture.reports.exercise.timer import takes_words
from posture.types import EpisodeKind, PromptLevel, ReportKind, SelfReport, ShownPrompt

NOT_TEXT = re.compile(r"<(style|script|svg)\b.*?</\1>|<!--.*?-->", re.DOTALL)
DAYS = {
    "busy": busy,
    "with a red flag": lambda: busy(flags=True),
    "blank": blank,
    "blank with a report": lambda: made([], reports=[SelfReport(at(DATE, 9.0), ReportKind.URGE)]),
    "hardly measured": hardly,
    "reminders held back": held_back,
}


@pytest.fixture(autouse=True)
def in_utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The same clock everywhere."""
    with monkeypatch.context() as patched:
        patched.setenv("TZ", "UTC")
        if hasattr(time, "tzset"):
            time.tzset()
        yield
    if hasattr(time, "tzset"):
        time.tzset()


def words_of(page: str) -> str:
    """What a reader of a page sees as text, a line for each of its parts."""
    lines = html.unescape(re.sub(r"<[^>]+>", "\n", NOT_TEXT.sub("", page))).splitlines()
    return "\n".join(words for line in lines if (words := " ".join(line.split())))


def printed(show: Callable[[Console], None]) -> str:
    """What is printed on a terminal of eighty characters, without colours."""
    console = Console(file=io.StringIO(), width=80, color_system=None)
    with console.capture() as captured:
        show(console)
    return "\n".join(line.rstrip() for line in captured.get().splitlines())


def commands() -> Iterator[tuple[str, Any]]:
    """Every command by its full name."""
    root = typer.main.get_command(app)
    yield "posture", root
    for name in COMMANDS:
        command = load(name)
        yield name, command
        yield from ((f"{name} {inner}", c) for inner, c in getattr(command, "commands", {}).items())


HELP = dict(commands())


@pytest.mark.parametrize("name", HELP)
def test_help(name: str, snapshot: SnapshotAssertion) -> None:
    """Of a command: what it does, its arguments and options, its examples."""
    command = HELP[name]
    lines = [command.help or "", *("  ".join((*p.opts, *p.secondary_opts, getattr(p, "help", "") or "")) for p in command.params)]
    assert "\n".join([*lines, command.epilog or ""]) == snapshot


@pytest.mark.parametrize("name", [name for name, command in HELP.items() if not hasattr(command, "commands")])
def test_examples_of_a_help_can_be_pasted(name: str) -> None:
    """Each stands on a line of eighty characters, and is one that this very command takes."""
    root = HELP["posture"]
    title, *lines = (HELP[name].epilog or "").split("\n\n")
    assert title == ("Example:" if len(lines) == 1 else "Examples:") and lines
    for line in lines:
        assert len(line) <= 78 and "·" not in line and "…" not in line
        calls = [shlex.split(said, comments=True)[1:] for said in re.findall(r"(?<![\w.])posture [^|>)]*", line)]
        assert calls, line
        found = []
        for call in calls:
            command, told = root, list[str]()
            while hasattr(command, "commands"):
                told.append(call.pop(0))
                command = load(told[0]) if command is root else command.commands[told[-1]]
            command.make_context(" ".join(told), call)
            found.append(" ".join(told))
        assert name in found, line


@pytest.mark.parametrize("name", DAYS)
def test_a_day(name: str, snapshot: SnapshotAssertion) -> None:
    """On the terminal, as Markdown and as a page."""
    day = DAYS[name]()
    assert printed(lambda console: print_day(console, day)) == snapshot(name="terminal")
    assert day_markdown(day, CATALOGUE) == snapshot(name="markdown")
    assert words_of(page_of_day(day, CATALOGUE, drawing)) == snapshot(name="page")


def test_a_week_and_a_trend(snapshot: SnapshotAssertion) -> None:
    """On the terminal, as Markdown and as a page."""
    week, trend = a_week(), a_trend()
    assert printed(lambda console: print_week(console, week)) == snapshot(name="week, terminal")
    assert week_markdown(week, CATALOGUE) == snapshot(name="week, markdown")
    assert words_of(page_of_week(week, CATALOGUE, drawing)) == snapshot(name="week, page")
    assert printed(lambda console: print_trend(console, trend)) == snapshot(name="trend, terminal")
    assert trend_markdown(trend, CATALOGUE) == snapshot(name="trend, markdown")
    assert words_of(page_of_trend(trend, CATALOGUE)) == snapshot(name="trend, page")


@pytest.mark.parametrize("withheld", [0, 3, 12])
def test_what_followed_prompts(withheld: int, snapshot: SnapshotAssertion) -> None:
    """Without a comparison, with too little for one, and with one; on the terminal, and its part of the Markdown."""
    trend = replace(a_trend(), followed=some_followed(withheld))
    assert printed(lambda console: print_trend(console, trend)).partition("The half hour")[2] == snapshot(name="terminal")
    assert trend_markdown(trend, CATALOGUE).partition("## The half hour")[2] == snapshot(name="markdown")


@pytest.mark.parametrize("prompt", CATALOGUE.prompts, ids=lambda prompt: prompt.id)
def test_a_prompt(prompt: Any, snapshot: SnapshotAssertion) -> None:
    """Its page, and its notice for each cause and level."""
    assert words_of(page_of(prompt, CATALOGUE, drawing)) == snapshot(name="page")
    shown = ShownPrompt(0.0, prompt.id, EpisodeKind.FLEXED, PromptLevel.SOFT)
    notice = notice_of(prompt, shown, 1, time_s=720.0, angle=SPINAL_FLEXION.name, takes=takes_words(prompt))
    assert f"{notice.title}\n{notice.body}" == snapshot(name="notice")


def test_reasons_of_a_notice(snapshot: SnapshotAssertion) -> None:
    """The first line for each cause, level and length."""
    prompt = CATALOGUE.prompts[0]
    said = []
    for kind in EpisodeKind:
        angles = [None, TRUNK_FLEXION.name, SPINAL_FLEXION.name] if kind is EpisodeKind.FLEXED else [None]
        for level in (PromptLevel.SOFT, PromptLevel.FIRM):
            for seconds in (None, 60.0, 1800.0):
                shown = ShownPrompt(0.0, prompt.id, kind, level)
                said += [notice_of(prompt, shown, 1, time_s=seconds, angle=angle).title for angle in angles]
    assert "\n".join(said) == snapshot


def test_a_recording(
    home: Path, kept_landmarks: Path, one_process: None, capsys: pytest.CaptureFixture[str], snapshot: SnapshotAssertion
) -> None:
    """What ``analyze`` prints, its page and its subtitles, without what differs from machine to machine."""
    clip = SAMPLES / "side_mixed_male1.mp4"
    argv = ["analyze", str(clip), "--cache", "--neutral", "0-0.7", "--format", "srt", "--out", str(home / "out")]
    assert run(argv) == 0
    said = capsys.readouterr().out
    assert "\n".join(line.rstrip() for line in said.splitlines() if not line.startswith("written to")) == snapshot(name="terminal")
    page = words_of((home / "out" / "report.html").read_text(encoding="utf-8"))
    assert re.sub(r"mediapipe \S+; .*", "mediapipe ...", page) == snapshot(name="page")
    assert (home / "out" / "subtitles.srt").read_text(encoding="utf-8") == snapshot(name="subtitles")
