"""The page of an entry: what stands on it, what cannot be in it, how its timer is read from words, where it is put and opened."""

from __future__ import annotations

import re
import stat
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

from posture._support.catalogue import drawing, load
from posture.cli import app as cli, show
from posture.desktop.tray.menu import READ
from posture.errors import CatalogueError, PostureError
from posture.prompts.entries import OUR_CAUTION, EntryKind, Place, Position, Prompt
from posture.reports.browser import browser_of, has_display, in_browser, open_page, pages_folder
from posture.reports.exercise.page import page_of
from posture.reports.exercise.timer import BREATH_S, REPETITION_S, TimerPhase, TimerPlan, plan_of
from posture.storage.records import Origin
from posture.storage.store import Store
from posture.types import EpisodeKind, PromptLevel, ReportKind, SelfReport, ShownPrompt

CATALOGUE = load()
OWN = Prompt(
    "nod",
    "Nod <b>gently</b>",
    EntryKind.EXERCISE,
    Place.DESK,
    ("Look ahead.", "Nod & stop."),
    "It <moves> the neck.",
    ("A-mobility",),
    position=Position.SEATED,
    repetitions="5 times",
    stop_if="It hurts.",
    ours=True,
    drawings=("nod.svg", "nod.svg"),
)


class Reader(HTMLParser):
    """Reads a page as a browser would, and notes what a test wants to know of it."""

    VOID = frozenset({"meta", "link", "img", "br", "input"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not {"script", "style"} & set(self.open):
            self.words.append(data)

    @property
    def said(self) -> str:
        """All words of the page, spaces made single."""
        return " ".join("".join(self.words).split())


def page(prompt: Prompt, **more: Any) -> str:
    """Its page."""
    return page_of(prompt, CATALOGUE, drawing, plan=plan_of(prompt), **more)


@pytest.mark.parametrize("prompt", CATALOGUE.prompts, ids=lambda p: p.id)
def test_page_says_everything(prompt: Prompt) -> None:
    """Title, language, each step, why, the passages and how they are cited, and every caution with its label."""
    reader = Reader(page(prompt))
    assert not reader.open  # every element was closed, in order
    assert ("html", {"lang": "en"}) in reader.tags
    for words in (
        prompt.title,
        *prompt.steps,
        prompt.why,
        f"This is {CATALOGUE.source_of(prompt)}.",
        *([prompt.more] if prompt.more else []),
    ):
        assert " ".join(words.split()) in reader.said
    for passage in prompt.passages:
        assert passage not in reader.said and CATALOGUE.passages[passage] in reader.said
    for label, caution in (("Stop if:", prompt.stop_if), ("Ask first:", prompt.not_for)):
        assert (f"{label} {caution} ({OUR_CAUTION})" in reader.said) == (caution is not None)
    assert (prompt.emergency or "") in reader.said
    answered = prompt.kind not in {EntryKind.REFERRAL, EntryKind.EXPLANATION}  # those are read, not done
    assert ("posture done" in reader.said) is ("posture not-now" in reader.said) is answered


def test_an_explanation_leads_to_movements() -> None:
    """It names the exercises that answer the same report, and how to see them."""
    reader = Reader(page(next(p for p in CATALOGUE.prompts if p.id == "stiff_answer")))
    assert "Cat-Cow on hands and knees: posture show cat_cow_floor" in reader.said and "posture show heat" not in reader.said


def test_an_explanation_links_the_pages_beside_it(tmp_path: Path) -> None:
    """Where its exercises lie beside it, a link leads to each."""
    answer = next(p for p in CATALOGUE.prompts if p.id == "stiff_answer")
    shown = open_page(answer, CATALOGUE, drawing, environ={"POSTURE_PAGES_DIR": str(tmp_path)})
    links = re.findall(r'href="([a-z_]+\.html)"', shown.path.read_text(encoding="utf-8"))
    assert "cat_cow_floor.html" in links and all((tmp_path / link).is_file() for link in links)


@pytest.mark.parametrize("prompt", CATALOGUE.prompts, ids=lambda p: p.id)
def test_page_holds_everything_itself(prompt: Prompt) -> None:
    """No address but the page's own data, no handler in an attribute, and a policy that lets nothing else in."""
    text = page(prompt)
    reader = Reader(text)
    assert "http:" not in text and "https:" not in text and "@import" not in text and "url(" not in text
    for _, attributes in reader.tags:
        assert not [name for name in attributes if name.startswith("on") or name == "style"]
        for name in ("src", "href", "action", "data", "xlink:href"):
            assert attributes.get(name, "data:").startswith("data:")
    policy = next(a["content"] for tag, a in reader.tags if tag == "meta" and a.get("http-equiv"))
    assert policy.startswith("default-src 'none'") and "script-src 'sha256-" in policy and "unsafe-inline'; img" in policy


@pytest.mark.parametrize("prompt", [p for p in CATALOGUE.prompts if p.drawings], ids=lambda p: p.id)
def test_each_step_stands_by_its_drawing(prompt: Prompt) -> None:
    """As many drawings as steps (warmth has one for all), each with a text alternative, no id twice."""
    text = page(prompt)
    reader = Reader(text)
    figures = [a for tag, a in reader.tags if tag == "svg"]
    assert len(figures) == len(prompt.drawings) == (1 if prompt.kind is EntryKind.HEAT else len(prompt.steps))
    assert all(a["role"] == "img" and len(a["aria-label"]) > 30 for a in figures)
    ids = [a["id"] for _, a in reader.tags if "id" in a]
    assert len(ids) == len(set(ids))
    if len(figures) > 1:
        beside = re.findall(r'<li data-step="(\d)"><figure>.*?</figure><p>.*?<span>(.*?)</span></p></li>', text, re.DOTALL)
        assert [n for n, _ in beside] == [str(n) for n in range(1, len(prompt.steps) + 1)]


def test_every_exercise_has_timer_and_drawings() -> None:
    """Whatever is done, held or warmed is drawn and counted, and a pace names only steps that are there."""
    for prompt in CATALOGUE.prompts:
        plan = plan_of(prompt)
        if prompt.kind in {EntryKind.EXERCISE, EntryKind.HEAT, EntryKind.GET_UP}:
            assert prompt.drawings and plan is not None and ('id="timer"' in page(prompt)), prompt.id
            assert all(phase.seconds > 0 and 1 <= (phase.step or 0) <= len(prompt.steps) for phase in plan.phases), prompt.id
        else:
            assert plan is None, prompt.id


def test_words_of_a_users_own_are_only_words() -> None:
    """Markup in a user's entry is shown as it is written, and a drawing that is not ours cannot run or load anything."""
    evil = '<svg xmlns="http://www.w3.org/2000/svg" class="pm-fig" viewBox="0 0 1 1"><script>alert(1)</script></svg>'
    reader = Reader(page_of(OWN, CATALOGUE, lambda name: evil, plan=plan_of(OWN)))
    assert "Nod <b>gently</b>" in reader.said and "It <moves> the neck." in reader.said
    assert [tag for tag, _ in reader.tags].count("script") == 1
    pictures = [a for tag, a in reader.tags if tag == "img"]
    assert len(pictures) == 2 and all(a["src"].startswith("data:image/svg+xml;base64,") and a["alt"] for a in pictures)


@pytest.mark.parametrize(
    "change",
    [
        lambda t: t.replace("<g ", '<g onclick="x()" ', 1),
        lambda t: t.replace("</g>", "words</g>", 1),
        lambda t: t.replace("<g ", "<!-- --><g ", 1),
        lambda t: t.replace("</svg>", '<image href="x.png"/></svg>'),
        lambda t: t.replace('class="pm-fig"', 'class="other"'),
        lambda t: t.replace('viewBox="0 0', 'viewBox="none 0'),
        lambda t: "no drawing at all",
    ],
)
def test_only_drawings_like_ours_stand_in_the_page(change: Callable[[str], str]) -> None:
    """Anything else than our plain shapes is embedded as a picture."""
    text = drawing("get_up_1.svg")
    assert "<svg " in page_of(OWN, CATALOGUE, lambda name: text)
    assert change(text) != text
    assert "<svg " not in page_of(OWN, CATALOGUE, lambda name: change(text))


def test_a_drawing_that_is_gone_leaves_the_words() -> None:
    """The step is still there."""

    def gone(name: str) -> str:
        raise CatalogueError("gone")

    reader = Reader(page_of(OWN, CATALOGUE, gone))
    assert "Nod & stop." in reader.said and not [tag for tag, _ in reader.tags if tag in {"svg", "img"}]


@pytest.mark.parametrize(
    ("repetitions", "duration", "expected"),
    [
        ("8 times", None, TimerPlan((TimerPhase("Go on", REPETITION_S),), 8, 8)),
        ("6 to 8 slow breaths", None, TimerPlan((TimerPhase("Go on", BREATH_S),), 6, 8)),
        ("5 slow rounds, 10 s each", None, TimerPlan((TimerPhase("Go on", 10.0),), 5, 5)),
        ("2 times each leg", None, TimerPlan((TimerPhase("One side", REPETITION_S), TimerPhase("The other side", REPETITION_S)), 2, 2)),
        (
            "6 times each side, on 2 or 3 days a week",
            None,
            TimerPlan((TimerPhase("One side", 6.0), TimerPhase("The other side", 6.0)), 6, 6),
        ),
        ("until it is enough", None, None),
        (None, "30 seconds", TimerPlan((TimerPhase("Go on", 30.0),))),
        (None, "1 minute", TimerPlan((TimerPhase("Go on", 60.0),))),
        (None, "10 to 15 minutes", TimerPlan((TimerPhase("Go on", 900.0),), enough_s=600.0)),
        (None, "a while", None),
        (None, None, None),
    ],
)
def test_timer_reads_the_words(repetitions: str | None, duration: str | None, expected: TimerPlan | None) -> None:
    """How often, how long, each side, a range."""
    assert plan_of(replace(OWN, repetitions=repetitions, duration=duration)) == expected


@given(st.text(max_size=40), st.booleans())
def test_no_words_break_the_timer(words: str, held: bool) -> None:
    """Whatever a user's file says there is a plan that ends, or none."""
    plan = plan_of(replace(OWN, repetitions=None if held else words, duration=words if held else None))
    assert plan is None or (plan.seconds > 0 and 1 <= plan.least <= plan.most)


def test_a_pace_belongs_to_its_steps() -> None:
    """Where a user has reworded the steps, the shipped pace is not used, but the count still is."""
    entry = CATALOGUE.get("cat_cow_seated")
    assert entry is not None
    plan, own = plan_of(entry), plan_of(replace(entry, steps=("Do it.",)))
    assert plan is not None and [p.step for p in plan.phases] == [2, 3] and (plan.least, plan.most) == (6, 8)
    assert own == TimerPlan((TimerPhase("Go on", BREATH_S),), 6, 8)


# ---------------------------------------------------------------------------------------------- where it lies, who opens it


def test_one_file_per_entry_for_its_owner_alone(tmp_path: Path) -> None:
    """The same entry takes the same file again; nobody else may read it, and nothing else is left in the folder."""
    entry, asked = CATALOGUE.prompts[1], list[str]()
    environ = {"POSTURE_PAGES_DIR": str(tmp_path / "a page's ü folder")}

    def opener(uri: str) -> bool:
        asked.append(uri)
        return True

    for _ in range(2):
        shown = open_page(entry, CATALOGUE, drawing, environ=environ, opener=opener)
    assert shown.opened and asked == [shown.path.as_uri()] * 2
    assert [p.name for p in shown.path.parent.iterdir()] == [f"{entry.id}.html"]
    assert stat.S_IMODE(shown.path.stat().st_mode) == 0o600 and stat.S_IMODE(shown.path.parent.stat().st_mode) == 0o700


def test_a_folder_that_cannot_be_used_is_one_line(tmp_path: Path) -> None:
    """A file where the folder should be."""
    (tmp_path / "pages").write_text("")
    with pytest.raises(PostureError, match="cannot be used as output folder"):
        open_page(CATALOGUE.prompts[1], CATALOGUE, drawing, environ={"POSTURE_PAGES_DIR": str(tmp_path / "pages")})


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="desktop files are a Linux matter")
@pytest.mark.parametrize(
    ("place", "sandboxed"),
    [("usr/share", False), ("var/lib/snapd/desktop", True), ("var/lib/flatpak/exports/share", True)],
)
def test_a_browser_in_a_sandbox_gets_a_folder_that_it_can_read(tmp_path: Path, place: str, sandboxed: bool) -> None:
    """Snaps see no hidden folder, Flatpaks the downloads alone: for these the page is not in the cache."""
    applications = tmp_path / place / "applications"
    applications.mkdir(parents=True)
    (applications / "web.desktop").write_text("[Desktop Entry]")
    environ = {"XDG_DATA_HOME": str(tmp_path / "none"), "XDG_DATA_DIRS": str(tmp_path / place)}
    found = browser_of(environ, ask=lambda command: "web.desktop\n")
    assert found == str(applications / "web.desktop")
    if sandboxed:
        inside = pages_folder(found, {}).relative_to(Path.home())
        assert not [part for part in inside.parts if part.startswith(".")]
    assert (pages_folder(found, {}).name == "posture-monitor") is sandboxed


def test_no_browser_is_no_error() -> None:
    """What cannot be told is not guessed."""
    assert browser_of({}, ask=lambda command: "") == ""
    assert browser_of({}, ask=lambda command: "../odd.desktop") == ""
    assert has_display({"WAYLAND_DISPLAY": "wayland-0"}) and (has_display({}) is not sys.platform.startswith("linux"))


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="xdg-open is a Linux matter")
@pytest.mark.parametrize(("does", "works"), [("exit 0", True), ("exit 3", False), ("exec sleep 2", True)])
def test_opening_waits_for_no_browser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, does: str, works: bool) -> None:
    """A refusal is noticed; a desktop that keeps the command running is not waited for."""
    (tmp_path / "xdg-open").write_text(f"#!/bin/sh\necho noise; {does}\n")
    (tmp_path / "xdg-open").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.delenv("BROWSER", raising=False)
    assert in_browser("file:///nowhere.html") is works


# ---------------------------------------------------------------------------------------------- the commands


@pytest.fixture
def pages(home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A home of the test's own, its pages in a known folder, and no display."""
    monkeypatch.setenv("POSTURE_PAGES_DIR", str(tmp_path / "pages"))
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "pages"


def test_show_without_a_display(pages: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The steps in the terminal, and where the page is."""
    assert cli.run(["show", "cat_cow_seated"]) == cli.OK
    said = capsys.readouterr().out
    assert "1. Sit at the front of your chair" in said and "cat_cow_seated.html" in said and (pages / "cat_cow_seated.html").exists()


def test_no_open_prints_the_path_alone(pages: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """For a script; with --out the page is where it was told to be."""
    assert cli.run(["show", "heat", "--no-open"]) == cli.OK
    assert capsys.readouterr().out == f"{pages / 'heat.html'}\n"
    assert cli.run(["show", "heat", "--no-open", "--out", str(tmp_path / "here.html")]) == cli.OK
    assert capsys.readouterr().out == f"{tmp_path / 'here.html'}\n" and (tmp_path / "here.html").read_text("utf-8").startswith("<!DOCTYPE")
    assert cli.run(["show", "heat", "--out", str(tmp_path)]) == cli.USAGE


@pytest.mark.parametrize(("given_id", "hint"), [("catcow_seated", "cat_cow_seated"), ("dead-bug", "dead_bug"), ("zzzz", "posture prompts")])
def test_an_unknown_id_is_one_line(pages: Path, capsys: pytest.CaptureFixture[str], given_id: str, hint: str) -> None:
    """With the ids that are spelled most alike, and exit code 2."""
    assert cli.run(["show", given_id]) == cli.USAGE
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and hint in said


def test_a_red_flag_shows_the_referral_instead(pages: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Until it is acknowledged; and after numbness no heat even then."""
    with Store.open() as store:
        store.add_report(SelfReport(time.time(), ReportKind.NUMB))
    assert cli.run(["show", "cat_cow_seated"]) == cli.OK
    assert "Please see a professional" in capsys.readouterr().out
    assert [p.name for p in pages.iterdir()] == ["referral.html"]
    assert cli.run(["show", "get_up", "--no-open"]) == cli.OK
    assert cli.run(["log", "ack"]) == cli.OK
    assert cli.run(["show", "heat"]) == cli.FAILED
    assert "numbness" in capsys.readouterr().err
    assert cli.run(["show", "cat_cow_seated", "--no-open"]) == cli.OK


def test_the_page_says_where_to_answer(pages: Path) -> None:
    """In the notification that is there again, in the tray and in the terminal, by the names that these have."""
    assert cli.run(["show", "cat_cow_seated", "--no-open"]) == cli.OK
    page = (pages / "cat_cow_seated.html").read_text("utf-8")
    assert "in its notification, which is back on your screen" in page
    assert "under <b>Last reminder</b>" in page and "<code>posture done</code>" in page and "<code>posture not-now</code>" in page
    with Store.open() as store:
        store.add_report(SelfReport(time.time(), ReportKind.NUMB))
    assert cli.run(["show", "referral", "--no-open"]) == cli.OK
    page = (pages / "referral.html").read_text("utf-8")
    assert f"<b>{READ}</b> in the tray menu" in page and "<code>posture log ack</code>" in page


def test_show_alone_shows_the_last_prompt(pages: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The one that is on the screen, most likely; before the first there is none."""
    assert cli.run(["show"]) == cli.FAILED
    assert "you've had no reminder yet" in capsys.readouterr().err
    with Store.open() as store:
        session = store.start_session(origin=Origin.LIVE, started_utc=time.time(), source="camera 0")
        for prompt_id in ("get_up", "sit_tall"):
            store.add_prompt(session, ShownPrompt(1.0, prompt_id, EpisodeKind.FLEXED, PromptLevel.SOFT))
    assert cli.run(["show", "--no-open"]) == cli.OK
    assert capsys.readouterr().out == f"{pages / 'sit_tall.html'}\n"


def test_open_page_for_the_monitor(pages: Path) -> None:
    """By its id alone; without a display the page is there, but not opened."""
    shown = show.open_page("sit_tall")
    assert shown.path == pages / "sit_tall.html" and shown.path.exists() and not shown.opened
    with pytest.raises(CatalogueError, match="sit_tall"):
        show.open_page("sit_tal")


def test_done_and_not_now_answer_the_prompt(home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """They ask the monitor in its own words, and say what was noted."""
    asked: list[tuple[str, dict[str, Any]]] = []

    def ask(what: str, **values: Any) -> None:
        asked.append((what, values))

    monkeypatch.setattr("posture.monitor.control.client.ask", ask)
    for words in (["done"], ["not-now", "3"], ["snooze", "1"]):
        assert cli.run(words) == cli.OK
    assert [values for _, values in asked] == [
        {"answer": "done", "number": None},
        {"answer": "not_now", "number": 3},
        {"answer": "snooze", "number": 1},
    ]
    assert {what for what, _ in asked} == {"answer"}
    assert capsys.readouterr().out == "noted: done\nnoted: not now\nnoted: snooze\n"


@pytest.mark.parametrize("command", ["done", "snooze", "not-now"])
def test_without_a_monitor_there_is_nobody_to_tell(home: Path, capsys: pytest.CaptureFixture[str], command: str) -> None:
    """One line, exit code 1."""
    assert cli.run([command]) == cli.FAILED
    assert "no monitor is running" in capsys.readouterr().err
