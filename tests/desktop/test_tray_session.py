"""What the tray shows of a session, and what becomes of what is asked for there; no display is needed."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import typer

from posture import cli
from posture.commands.tray import TAKES_CONFIG, TAKES_SET, DesktopOpener
from posture.desktop.notices import ADVICE, Adviser, NoNotifier
from posture.desktop.tray_menu import Action, Do
from posture.model import Answer, PostureError, ReportKind, SelfReport
from posture.monitor import Now
from posture.redflags import open_red_flags
from posture.session import Mode
from posture.settings import DoseSettings, Settings
from posture.store import Store
from posture.tray_session import Actions, state_of


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
    now = Now(5.0, Mode.RUNNING, None, {}, "", advice="You sit turned.", prompt=(7, "Cat-Cow"))
    state = state_of(now, 600.0)
    assert (state.prompt, state.advice) == ((7, "Cat-Cow"), "You sit turned.")


class Told(NoNotifier):
    """Remembers what was told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str]] = []

    def tell(self, title: str, body: str) -> None:
        self.told.append((title, body))


def test_advice_is_told_once() -> None:
    """However often the session shows it; and again when it comes again, or is another."""
    notifier = Told()
    adviser = Adviser(notifier)
    for advice in ("", "You sit turned.", "You sit turned.", "", "You sit turned.", "You sit elsewhere.", ""):
        adviser.say("something happened")
        adviser.now(Now(5.0, Mode.RUNNING, None, {}, "", advice=advice))
    assert [title for title, _ in notifier.told] == [ADVICE] * 3
    assert [body.splitlines()[0] for _, body in notifier.told] == ["You sit turned.", "You sit turned.", "You sit elsewhere."]
    assert "Calibrate again" in notifier.told[0][1]


@pytest.mark.parametrize("answer", list(Answer))
def test_a_prompt_is_answered(home: Path, answer: Answer) -> None:
    """With the answer and the number that the menu had."""
    asked = Asked()
    Actions(asked, opener(home), lambda: None)(Action(Do.ANSWER, number=7, answer=answer))
    assert asked.things == [("answer", {"answer": answer.value, "number": 7})]


def test_the_referral_is_acknowledged(home: Path) -> None:
    """It is written down and the session told; with nothing that waits, stiffness that nobody answered yet is not forgotten."""
    with Store.open() as store:
        store.add_report(SelfReport(time.time() - 60, ReportKind.NUMB))
    asked = Asked()
    act = Actions(asked, opener(home), lambda: None)
    assert flagged()
    act(Action(Do.ACKNOWLEDGE))
    assert not flagged() and asked.things == [("acknowledge", {})]
    with Store.open() as store:
        store.add_report(SelfReport(time.time(), ReportKind.STIFF))
    act(Action(Do.ACKNOWLEDGE))
    with Store.open() as store:
        assert [r.acknowledged_s is None for r in store.reports()] == [False, True]


def test_a_referral_that_cannot_be_acknowledged_still_waits(home: Path) -> None:
    """A database that cannot be opened: an error for the person, and the session is not told."""
    (home / "data").write_text("a file where a folder has to be")
    asked = Asked()
    with pytest.raises(PostureError):
        Actions(asked, opener(home), lambda: None)(Action(Do.ACKNOWLEDGE))
    assert asked.things == []


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
    commands = typer.main.get_group(cli.app).commands
    for name in ("calibrate", "preview", "today", "doctor"):
        options = {option for parameter in commands[name].params for option in parameter.opts}
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
