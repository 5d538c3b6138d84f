"""The tray icon in real panels, used as a person and a panel use it."""

from __future__ import annotations

import itertools
import os
import signal
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from posture.desktop.tray.backends import NEEDS
from posture.desktop.tray.hosts import no_display, no_host
from posture.desktop.tray.icon import NO_MENU
from posture.desktop.tray.images import Glyph, draw
from posture.desktop.tray.menu import (
    Exercises,
    TrayAction,
    actions,
    menu,
    status_line,
)
from tests.desktop import trayhost
from tests.desktop.screen import PATIENCE_S, Desktop, until
from tests.desktop.trayhost import STATES, IndicatorHost, Program, Trayer, icon_on, shows_icon, tray_status

Picture = NDArray[np.uint8]
SAME_ICON = {("unknown", "dark")}
"""Both say that nothing is known; the words tell why."""
# --- real panels


@pytest.fixture
def desk(bare_desktop: Desktop) -> Iterator[Desktop]:
    """A screen and a bus, with all that a panel needs."""
    if (why := trayhost.missing()) is not None:
        pytest.skip(why)
    with trayhost.kept_alive(bare_desktop):
        yield bare_desktop


def _backend(name: str) -> str:
    """The name, where the backend can be had."""
    if name != "xorg" and find_spec("gi") is None:
        pytest.skip(f"{name} needs PyGObject: pip install 'posture-monitor[tray]'")
    return name


@pytest.fixture(params=["gtk", "xorg"])
def backend(request: pytest.FixtureRequest) -> str:
    """Each backend that shows icons in an XEMBED tray."""
    return _backend(str(request.param))


def _wait_icon(desk: Desktop, there: bool = True) -> None:
    until(lambda: shows_icon(icon_on(desk)) == there, f"icon {'there' if there else 'gone'}")


def _settled(desk: Desktop, before: Picture | None = None) -> Picture:
    """What the place shows once it does not change any more; `before`: what it is to change from."""
    until(lambda: before is None or not np.array_equal(icon_on(desk), before), "another icon")
    last = icon_on(desk)
    while True:
        time.sleep(0.1)
        now = icon_on(desk)
        if np.array_equal(now, last):
            return now
        last = now


@pytest.mark.parametrize(("name", "tint"), [("gtk", "0xf2f2f2"), ("gtk", "0x1e1e22"), ("xorg", "0xf2f2f2")])
def test_each_state_has_its_icon_in_the_panel(desk: Desktop, name: str, tint: str) -> None:
    """Told from another thread, every state shows its own picture, on a light bar and on a dark one."""
    with Trayer(desk, tint), Program(desk.env, _backend(name)) as program:
        _wait_icon(desk)
        pictures: dict[str, Picture] = {}
        before, last = _settled(desk), ""
        for called, state in STATES.items():
            program.order(state=state)
            pictures[called] = before = _settled(desk, None if (last, called) in SAME_ICON else before)
            assert shows_icon(pictures[called]), called
            last = called
        _keep(pictures, f"{name}_{tint[2:]}")
    for one, other in itertools.combinations(pictures, 2):
        differ = (np.abs(pictures[one].astype(int) - pictures[other].astype(int)) > 60).any(axis=2).sum()
        assert (differ == 0) if (one, other) in SAME_ICON else (differ > 12), (one, other, differ)


def _keep(pictures: dict[str, Picture], name: str) -> None:
    """A strip of the pictures to look at, where ``POSTURE_LOOK`` names a folder for it."""
    if folder := os.environ.get("POSTURE_LOOK"):
        strip = Image.fromarray(np.concatenate(list(pictures.values()), axis=1))
        strip.resize((strip.width * 4, strip.height * 4), Image.Resampling.NEAREST).save(Path(folder) / f"tray_{name}.png")


def test_a_click_opens_today(desk: Desktop, backend: str) -> None:
    """A left click on the icon asks for today's page; without a menu that is said, once."""
    with Trayer(desk), Program(desk.env, backend) as program:
        assert program.next("available") is None
        _wait_icon(desk)
        for _ in range(2):
            trayhost.click(desk, 1)
            assert program.next("action") == {"command": "today"}
        said = [told["said"] for told in program.heard if "said" in told]
        assert said == ([NO_MENU] if backend == "xorg" else [])
        assert program.errors == []


def test_the_menu_is_used_with_mouse_and_keys(desk: Desktop) -> None:
    """Right click, then down into Pause and to its second line; up from nothing is Quit."""
    with Trayer(desk), Program(desk.env, _backend("gtk")) as program:
        _wait_icon(desk)
        program.order(state=STATES["flexed"])
        _open_menu(desk)
        if folder := os.environ.get("POSTURE_LOOK"):
            desk.picture(Path(folder) / "tray_menu.png")
        trayhost.keys(desk, "Down", "Right", "Down", "Return")
        assert program.next("action") == {"command": "pause_for", "seconds": 3600.0}
        program.order(state=STATES["paused"])
        time.sleep(0.5)
        _open_menu(desk)
        trayhost.keys(desk, "Down", "Return")
        assert program.next("action") == {"command": "resume"}
        _open_menu(desk)
        trayhost.keys(desk, "Up", "Return")
        assert program.next("action") == {"command": "quit"}
        assert program.errors == []


def _open_menu(desk: Desktop) -> None:
    def bright() -> float:
        with Image.open(desk.picture(desk.folder / "menu.png")) as picture:
            return float((np.asarray(picture.convert("L")) > 128).mean())

    before = bright()
    trayhost.click(desk, 3)
    until(lambda: bright() > before + 0.02, "the menu on the screen")


def test_an_open_menu_stays_open_while_the_state_changes(desk: Desktop) -> None:
    """Somebody reads the menu while the session pauses and goes on: what they choose is what was in it."""
    with Trayer(desk), Program(desk.env, _backend("gtk")) as program:
        _wait_icon(desk)
        program.order(state=STATES["flexed"])
        _open_menu(desk)
        trayhost.keys(desk, "Down", "Right")
        for name in ("paused", "locked", "neutral"):
            program.order(state=STATES[name])
            time.sleep(0.2)
        trayhost.keys(desk, "Down", "Return")
        assert program.next("action") == {"command": "pause_for", "seconds": 3600.0}


def test_the_icon_comes_back_with_its_panel(desk: Desktop, backend: str) -> None:
    """The panel is killed and started again, twice: the icon is there again, as the state is by then, and works."""
    with Program(desk.env, backend) as program:
        for name in ("flexed", "neutral", "paused"):
            with Trayer(desk):
                program.order(state=STATES[name])
                _wait_icon(desk)
                _settled(desk)
                trayhost.click(desk, 1)
                assert program.next("action") == {"command": "today"}
            until(lambda: not shows_icon(icon_on(desk)), "panel gone")
        program.order(stop=True)
        assert program.next("ended")
        assert program.wait(PATIENCE_S) == 0


def test_a_panel_that_comes_late_is_waited_for(desk: Desktop) -> None:
    """Without a panel it is said once why no icon is there; when one comes, the icon does, too."""
    with Program(desk.env, None, "--without-gi") as program:
        assert program.next("available") == no_host({})
        assert program.next("said") == no_host({})
        time.sleep(4)
        with Trayer(desk):
            _wait_icon(desk)
        said = [told["said"] for told in program.heard if "said" in told]
        assert said == [no_host({})]


def test_it_works_without_a_session_bus(desk: Desktop) -> None:
    """pystray's own notifications would need one; the icon does not."""
    env = {**desk.env, "DBUS_SESSION_BUS_ADDRESS": f"unix:path={desk.folder / 'nothing'}"}
    with Trayer(desk), Program(env, _backend("gtk")) as program:
        _wait_icon(desk)
        trayhost.click(desk, 1)
        assert program.next("action") == {"command": "today"}
        program.order(stop=True)
        assert program.next("ended")


@pytest.mark.parametrize("how", ["thread", "SIGTERM", "SIGINT"])
def test_it_stops_and_leaves_nothing(desk: Desktop, backend: str, how: str, tmp_path: Path) -> None:
    """From another thread or from a signal handler: the loop ends, the icon is gone, no file is left."""
    with Trayer(desk), Program({**desk.env, "TMPDIR": str(tmp_path)}, backend) as program:
        _wait_icon(desk)
        program.order(state=STATES["flexed"])
        if how == "thread":
            program.order(stop=True)
        else:
            program.signal(getattr(signal, how))
        assert program.next("ended")
        assert program.wait(PATIENCE_S) == 0
        _wait_icon(desk, there=False)
        assert program.errors == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("panel", [True, False])
def test_a_stop_before_the_start_holds(desk: Desktop, panel: bool) -> None:
    """Told to stop before it runs, with a panel or without, the tray does not stay."""
    with Trayer(desk) if panel else Program(desk.env, None, "--stopped") as other, Program(desk.env, None, "--stopped") as program:
        assert program.wait(PATIENCE_S) == 0
        assert other is not program


def test_without_a_display_it_says_so_and_goes(desk: Desktop) -> None:
    """No display, or one that is not there: plain words, no hang, no traceback."""
    none = {k: v for k, v in desk.env.items() if k not in {"DISPLAY", "SSH_CONNECTION"}}
    for env, words in ((none, no_display({})), ({**none, "DISPLAY": ":4711"}, no_display({"DISPLAY": ":4711"}))):
        with Program(env) as program:
            assert program.next("available") == words
            assert program.next("unavailable") == words
            assert program.wait(PATIENCE_S) == 0
            assert program.errors == []


# --- the indicator


@pytest.fixture
def host(desk: Desktop) -> Iterator[IndicatorHost]:
    """A panel for indicators on the test's bus."""
    with IndicatorHost(desk.env["DBUS_SESSION_BUS_ADDRESS"]) as panel:
        yield panel


def _chosen(program: Program, host: IndicatorHost, label: str) -> object:
    host.choose(label)
    return program.next("action")


def test_the_indicator_shows_state_and_menu(desk: Desktop, host: IndicatorHost) -> None:
    """An indicator panel gets icon, title and the whole menu, and every line of it does what it says."""
    _backend("appindicator")
    with Program(desk.env) as program:
        assert program.next("available") is None
        host.wait_item()
        state = {**STATES["flexed"], "prompt": (7, "Cat-Cow")}
        program.order(state=state)
        until(lambda: host.get("Title") == status_line(tray_status(**state)), "the title follows")
        until(lambda: np.array_equal(host.icon(), np.asarray(draw(Glyph.FLEXED, 64))), "the icon follows")
        until(lambda: host.labels()[:2] == ["[Leaning or slumped]", "[Sat 25 min, bent time 4 of 10 min]"], "the menu follows")
        labels = host.labels()
        wanted = list(
            actions(menu(tray_status("running", "flexed", prompt=(7, "Cat-Cow")), Exercises((("seated_cat_cow", "x"), ("get_up", "y")))))
        )
        leaves = [label for label in labels if not label.startswith("[") and not any(other.startswith(label + "/") for other in labels)]
        assert len(leaves) == len(wanted)
        for label, action in zip(leaves, wanted, strict=True):
            assert _chosen(program, host, label) == _told(action), label


def _told(action: TrayAction) -> dict[str, object]:
    fields = {"command": action.command, "seconds": action.seconds, "report": action.report, "prompt_id": action.prompt_id}
    fields |= {"number": action.number, "answer": action.answer}
    return {key: value for key, value in fields.items() if value is not None}


def test_a_fault_in_one_action_does_not_take_the_menu_with_it(desk: Desktop, host: IndicatorHost) -> None:
    """An error that is meant for the person is told; any other is logged; quit works after both."""
    _backend("appindicator")
    with Program(desk.env) as program:
        host.wait_item()
        assert _chosen(program, host, "Doctor") == {"command": "doctor"}
        assert program.next("said") == "The doctor is out."
        assert _chosen(program, host, "Settings file") == {"command": "settings"}
        assert _chosen(program, host, "Quit") == {"command": "quit"}
        until(lambda: any("RuntimeError: a fault" in line for line in program.errors), "the fault in the log")


def test_minutes_that_pass_do_not_build_the_menu_anew(desk: Desktop, host: IndicatorHost) -> None:
    """Only the first lines are reworded, so that a menu which is open stays as it is; a pause changes it."""
    _backend("appindicator")
    with Program(desk.env) as program:
        host.wait_item()
        program.order(state=STATES["flexed"])
        until(lambda: host.labels()[0] == "[Leaning or slumped]", "the first state")
        before = host.renewed
        for minute in range(26, 32):
            program.order(state={**STATES["flexed"], "sitting_s": 60.0 * minute})
            until(lambda at=minute: f"Sat {at} min" in host.labels()[1], "the minute")
        assert host.renewed == before
        program.order(state=STATES["paused"])
        until(lambda: "Resume" in host.labels(), "resume instead of pause")
        until(lambda: host.labels()[0] == "[Paused until 14:30, camera off]", "the first line follows")


def test_the_indicator_comes_back_with_its_panel(desk: Desktop, host: IndicatorHost) -> None:
    """The panel leaves the bus and comes again: the icon registers anew, with the state of then and a menu that works."""
    _backend("appindicator")
    with Program(desk.env) as program:
        for name in ("flexed", "away"):
            host.wait_item()
            host.leave()
            program.order(state=STATES[name])
            time.sleep(0.5)
            host.come()
            host.wait_item()
            until(lambda at=name: host.get("Title") == status_line(tray_status(**STATES[at])), "the title of the state")
            assert _chosen(program, host, "How I feel/Stiff") == {"command": "report", "report": "stiff"}
        program.signal(signal.SIGTERM)
        assert program.next("ended")


def test_a_session_that_falls_silent_is_not_said_to_be_fine(desk: Desktop, host: IndicatorHost) -> None:
    """A running session that nothing is heard of any more: the question mark and its words, until it is heard of again."""
    _backend("appindicator")
    with Program(desk.env, None, "--impatient") as program:
        host.wait_item()

        def upright() -> bool:
            program.order(state=STATES["neutral"])
            return str(host.get("Title")).startswith("Sitting upright")

        for _ in range(2):
            until(upright, "the posture, as long as it is heard of")
            until(lambda: str(host.get("Title")).startswith("Can't see you: nothing has been measured for a while"), "the silence")
            until(lambda: np.array_equal(host.icon(), np.asarray(draw(Glyph.UNKNOWN, 64))), "the icon of it")
        program.order(state=STATES["paused"])
        time.sleep(2.5)
        assert str(host.get("Title")).startswith("Paused until 14:30")


def test_an_indicator_panel_without_pygobject_says_what_is_missing(desk: Desktop, host: IndicatorHost) -> None:
    """Where the panel takes indicators only and PyGObject is not there, the words name what to install."""
    with Program(desk.env, None, "--without-gi") as program:
        assert program.next("available") == NEEDS
        assert program.next("unavailable") == NEEDS
        assert program.wait(PATIENCE_S) == 0


def test_nothing_is_complained_of(desk: Desktop, host: IndicatorHost) -> None:
    """From start to stop no warning reaches the terminal."""
    _backend("appindicator")
    with Program(desk.env) as program:
        host.wait_item()
        for state in STATES.values():
            program.order(state=state)
            time.sleep(0.05)
        program.order(stop=True)
        assert program.next("ended")
        assert program.wait(PATIENCE_S) == 0
        assert [told for told in program.heard if "warning" in told] == []
    assert program.errors == []
