"""What the tray shows of a session, and what becomes of what is asked for there; no display is needed."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from posture.cli import commands
from posture.cli.tray import TAKES_CONFIG, TAKES_SET, DesktopOpener
from posture.desktop.notifications.notice import Notifier
from posture.desktop.tray.menu import AGAIN, Exercises, TrayAction, TrayCommand, menu
from posture.engine.session import Mode
from posture.engine.session_status import SessionStatus
from posture.errors import PostureError
from posture.monitor.tray_session import TrayActions
from posture.monitor.views import ADVICE, CalibrationAdviser
from posture.prompts.red_flags import open_red_flags
from posture.settings import DoseSettings, Settings
from posture.storage.store import Store
from posture.types import Answer, ReportKind, SelfReport
from tests.desktop.screen import until


class Asked:
    """What a session was asked."""

    def __init__(self) -> None:
        self.things: list[tuple[str, Mapping[str, Any]]] = []

    def __call__(self, what: str, values: Mapping[str, Any]) -> None:
        self.things.append((what, dict(values)))


def opener(home: Path, said: list[str] | None = None, **more: Any) -> DesktopOpener:
    """Opens nothing by itself."""
    return DesktopOpener(Settings(), home, (said if said is not None else []).append, **more)


def flagged() -> bool:
    """Whether a red flag is up in the database."""
    with Store.open() as store:
        return bool(open_red_flags(store.reports(), time.time()))


def test_the_tray_shows_prompt_and_advice() -> None:
    """As the session has them."""
    shown = menu(SessionStatus(Mode.RUNNING, advice="You sit turned.", prompt=(7, "Cat-Cow")), Exercises())
    labels = [item.label for item in shown]
    assert "Last reminder: Cat-Cow" in labels and AGAIN in labels


class Told(Notifier):
    """Remembers what was told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str]] = []

    def show_message(self, title: str, body: str) -> None:
        self.told.append((title, body))


def test_advice_is_told_once() -> None:
    """However often the session shows it; and again when it comes again, or is another."""
    notifier = Told()
    adviser = CalibrationAdviser(notifier)
    for advice in ("", "You sit turned.", "You sit turned.", "", "You sit turned.", "You sit elsewhere.", ""):
        adviser.say("something happened")
        adviser.show(SessionStatus(Mode.RUNNING, advice=advice))
    assert [title for title, _ in notifier.told] == [ADVICE] * 3
    assert [body.splitlines()[0] for _, body in notifier.told] == ["You sit turned.", "You sit turned.", "You sit elsewhere."]
    assert "Calibrate again" in notifier.told[0][1]


@pytest.mark.parametrize("answer", list(Answer))
def test_a_prompt_is_answered(home: Path, answer: Answer) -> None:
    """With the answer and the number that the menu had."""
    asked = Asked()
    TrayActions(asked, opener(home), lambda: None)(TrayAction(TrayCommand.ANSWER, number=7, answer=answer))
    assert asked.things == [("answer", {"answer": answer.value, "number": 7})]


def test_the_last_reminder_is_brought_back(home: Path) -> None:
    """A line of the menu asks the session for it; without a reminder there is nothing to click."""
    asked = Asked()
    shown = next(item for item in menu(SessionStatus(Mode.RUNNING, last="Cat-Cow"), Exercises()) if item.label == "Show again: Cat-Cow")
    assert shown.action is not None
    TrayActions(asked, opener(home), lambda: None)(shown.action)
    assert asked.things == [("again", {})]
    assert [i.action for i in menu(SessionStatus(Mode.RUNNING), Exercises()) if i.label == "No reminder to show again"] == [None]


def test_the_referral_is_acknowledged(home: Path) -> None:
    """It is written down and the session told; with nothing that waits, stiffness that nobody answered yet is not forgotten."""
    with Store.open() as store:
        store.add_report(SelfReport(time.time() - 60, ReportKind.NUMB))
    asked = Asked()
    act = TrayActions(asked, opener(home), lambda: None)
    assert flagged()
    act(TrayAction(TrayCommand.ACKNOWLEDGE))
    assert not flagged() and asked.things == [("acknowledge", {})]
    with Store.open() as store:
        store.add_report(SelfReport(time.time(), ReportKind.STIFF))
    act(TrayAction(TrayCommand.ACKNOWLEDGE))
    with Store.open() as store:
        assert [r.acknowledged_s is None for r in store.reports()] == [False, True]


def test_a_referral_that_cannot_be_acknowledged_still_waits(home: Path) -> None:
    """A database that cannot be opened: an error for the person, and the session is not told."""
    (home / "data").write_text("a file where a folder has to be")
    asked = Asked()
    with pytest.raises(PostureError):
        TrayActions(asked, opener(home), lambda: None)(TrayAction(TrayCommand.ACKNOWLEDGE))
    assert asked.things == []


def test_open_opens_the_window(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With what the monitor was started with; where no window is installed, today's page."""
    ran: list[tuple[str, ...]] = []
    monkeypatch.setattr(DesktopOpener, "_run", lambda _self, words: ran.append(words))
    act = TrayActions(Asked(), opener(home, file=home / "mine.toml", sets=("dose.soft_s=700",)), lambda: None)
    for why, words in ((None, ("window",)), ("No window.", ("today", "--open"))):
        monkeypatch.setattr("posture.cli.tray.why_none", lambda said=why: said)
        act(TrayAction(TrayCommand.OPEN))
        until(lambda: len(ran) == 1, "the command")
        assert ran.pop() == (*words, "--config", str(home / "mine.toml"))


# --- the settings that the monitor was started with


def test_commands_get_the_settings_of_the_monitor(home: Path) -> None:
    """Those that take them, and no others; without any there is nothing to pass on."""
    given = opener(home, file=Path("mine.toml"), sets=("dose.soft_s=700", "measure.model=lite"))
    config, sets = ("--config", str(Path("mine.toml").absolute())), ("--set", "dose.soft_s=700", "--set", "measure.model=lite")
    assert given.words("calibrate") == ("calibrate", *config, *sets)
    assert given.words("preview") == ("preview", *config, *sets)
    assert given.words("today", "--open") == ("today", "--open", *config)
    assert given.words("doctor") == ("doctor",)
    assert opener(home).words("preview") == ("preview",)


def test_what_takes_settings_is_known_rightly() -> None:
    """Of every command that the tray starts."""
    for name in ("calibrate", "preview", "today", "doctor", "window"):
        options = {option for parameter in commands.load(name).params for option in parameter.opts}
        assert ("--config" in options, "--set" in options) == (name in TAKES_CONFIG, name in TAKES_SET), name


def test_a_command_runs_with_them(home: Path) -> None:
    """A setting that is wrong is complained of by the command that was started: it has arrived."""
    said: list[str] = []
    opener(home, said, sets=("dose.nonsense=1",)).command("preview")
    until = time.monotonic() + 30.0
    while not said and time.monotonic() < until:
        time.sleep(0.05)
    assert len(said) == 1 and said[0].startswith("posture preview: ") and "dose.nonsense" in said[0]


def test_the_settings_file_in_force_is_opened(home: Path) -> None:
    """The one that the monitor was given; else the person's own, which is made with the defaults alone."""
    opened: list[Path] = []
    (home / "mine.toml").write_text("[dose]\nsoft_s = 700.0\n")
    opener(home, file=home / "mine.toml", start=opened.append).settings()
    DesktopOpener(Settings(dose=DoseSettings(soft_s=900.0)), home, print, start=opened.append).settings()
    assert opened == [home / "mine.toml", home / "config.toml"]
    assert "soft_s = 600" in opened[1].read_text() and opened[0].read_text() == "[dose]\nsoft_s = 700.0\n"
