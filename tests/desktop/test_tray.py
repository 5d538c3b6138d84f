"""The tray icon in real panels, used as a person uses it."""

from __future__ import annotations

import itertools
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from posture.desktop.tray.hosts import no_display, no_host
from posture.desktop.tray.icon import NO_MENU
from tests.desktop import panels
from tests.desktop.indicator_host import IndicatorHost
from tests.desktop.panels import DARK, LIGHT, Panel, Trayer, XfcePanel, keys
from tests.desktop.screen import PATIENCE_S, Desktop, until
from tests.desktop.trayhost import STATES, Program

Picture = NDArray[np.uint8]
SAME_ICON = {("unknown", "dark")}
"""Both say that nothing is known; the words tell why."""
KINDS = {"xfce": XfcePanel, "trayer": Trayer}


@pytest.fixture
def desk(bare_desktop: Desktop) -> Iterator[Desktop]:
    """A screen and a bus, with all that a panel needs."""
    if (why := panels.missing()) is not None:
        pytest.skip(why)
    with panels.kept_alive(bare_desktop):
        yield bare_desktop


@pytest.fixture(params=list(KINDS))
def kind(request: pytest.FixtureRequest) -> type[Panel]:
    """Each way in which panels show icons."""
    return KINDS[request.param]


def _settled(panel: Panel, before: Picture | None = None) -> Picture:
    """What the place shows once it does not change any more; `before`: what it is to change from."""
    until(lambda: before is None or not np.array_equal(panel.icon(), before), "another icon")
    last = panel.icon()
    while True:
        time.sleep(0.1)
        now = panel.icon()
        if np.array_equal(now, last):
            return now
        last = now


@pytest.mark.parametrize(("name", "shade"), [("xfce", LIGHT), ("xfce", DARK), ("trayer", LIGHT)])
def test_each_state_has_its_icon_in_the_panel(desk: Desktop, name: str, shade: float) -> None:
    """Told from another thread, every state shows its own picture, on a light bar and on a dark one."""
    with KINDS[name](desk, shade) as panel, Program(desk.env) as program:
        panel.wait_icon()
        pictures: dict[str, Picture] = {}
        before, last = _settled(panel), ""
        for called, state in STATES.items():
            program.order(state=state)
            pictures[called] = before = _settled(panel, None if (last, called) in SAME_ICON else before)
            assert panel.shows_icon(), called
            last = called
        _keep(pictures, f"{name}_{shade}")
    for one, other in itertools.combinations(pictures, 2):
        differ = (np.abs(pictures[one].astype(int) - pictures[other].astype(int)) > 60).any(axis=2).sum()
        assert (differ == 0) if (one, other) in SAME_ICON else (differ > 12), (one, other, differ)


def _keep(pictures: dict[str, Picture], name: str) -> None:
    """A strip of the pictures to look at, where ``POSTURE_LOOK`` names a folder for it."""
    if folder := os.environ.get("POSTURE_LOOK"):
        strip = Image.fromarray(np.concatenate(list(pictures.values()), axis=1))
        strip.resize((strip.width * 4, strip.height * 4), Image.Resampling.NEAREST).save(Path(folder) / f"tray_{name}.png")


def test_a_click_opens_the_window(desk: Desktop, kind: type[Panel]) -> None:
    """A left click on the icon asks for it; without a menu that is said, once."""
    with kind(desk) as panel, Program(desk.env) as program:
        panel.wait_icon()
        for _ in range(2):
            panel.click(1)
            assert program.next("action") == {"command": "open"}
        said = [told["said"] for told in program.heard if "said" in told and told["said"] != no_host({})]
        assert said == ([] if panel.has_menu else [NO_MENU])
        assert program.errors == []


def test_the_menu_is_used_with_mouse_and_keys(desk: Desktop) -> None:
    """Right click, then down into Pause and to its second line; up from nothing is Quit."""
    with XfcePanel(desk) as panel, Program(desk.env) as program:
        panel.wait_icon()
        program.order(state=STATES["flexed"])
        before = _settled(panel)
        _open_menu(desk, panel)
        if folder := os.environ.get("POSTURE_LOOK"):
            desk.picture(Path(folder) / "tray_menu.png")
        keys(desk, "Down", "Down", "Right", "Down", "Return")
        assert program.next("action") == {"command": "pause_for", "seconds": 3600.0}
        program.order(state=STATES["paused"])
        _settled(panel, before)
        _open_menu(desk, panel)
        keys(desk, "Down", "Down", "Return")
        assert program.next("action") == {"command": "resume"}
        _open_menu(desk, panel)
        keys(desk, "Up", "Return")
        assert program.next("action") == {"command": "quit"}
        assert program.errors == []


def _open_menu(desk: Desktop, panel: Panel) -> None:
    def bright() -> float:
        with Image.open(desk.picture(desk.folder / "menu.png")) as picture:
            return float((np.asarray(picture.convert("L")) > 128).mean())

    before = bright()
    panel.click(3)
    until(lambda: bright() > before + 0.02, "the menu on the screen")


def test_an_open_menu_stays_open_while_the_state_changes(desk: Desktop) -> None:
    """Somebody reads the menu while the session pauses and goes on: what they choose is what was in it."""
    with XfcePanel(desk) as panel, Program(desk.env) as program:
        panel.wait_icon()
        program.order(state=STATES["flexed"])
        _settled(panel)
        _open_menu(desk, panel)
        keys(desk, "Down", "Down", "Right")
        for name in ("paused", "locked", "neutral"):
            before = panel.icon()
            program.order(state=STATES[name])
            _settled(panel, before)
        keys(desk, "Down", "Return")
        assert program.next("action") == {"command": "pause_for", "seconds": 3600.0}


def test_the_icon_comes_back_with_its_panel(desk: Desktop, kind: type[Panel]) -> None:
    """The panel is killed and started again, twice: the icon is there again, as the state is by then, and works."""
    with Program(desk.env) as program:
        for name in ("flexed", "neutral", "paused"):
            with kind(desk) as panel:
                program.order(state=STATES[name])
                panel.wait_icon()
                _settled(panel)
                panel.click(1)
                assert program.next("action") == {"command": "open"}
            panel.wait_icon(there=False)
        program.order(stop=True)
        assert program.next("ended")
        assert program.wait(PATIENCE_S) == 0


def test_the_icon_moves_to_the_panel_that_is_there(desk: Desktop) -> None:
    """An X11 tray has it until a panel comes that shows the menu too, and one that comes when that has gone."""
    with Program(desk.env, "--hasty") as program:
        for kind in (Trayer, XfcePanel, Trayer):
            with kind(desk) as panel:
                panel.wait_icon()
                panel.click(1)
                assert program.next("action") == {"command": "open"}
        assert program.errors == []


def test_the_icon_leaves_a_panel_for_a_better_one(desk: Desktop) -> None:
    """An X11 tray has it until there is also a panel that shows the menu."""
    with Trayer(desk) as panel, Program(desk.env, "--hasty") as program:
        panel.wait_icon()
        with IndicatorHost(desk.env["DBUS_SESSION_BUS_ADDRESS"]) as better:
            better.wait_item()
            panel.wait_icon(there=False)
            assert program.errors == []


def test_a_panel_that_comes_late_is_waited_for(desk: Desktop, kind: type[Panel]) -> None:
    """Without a panel it is said once why no icon is there; when one comes, the icon does, too."""
    with Program(desk.env) as program:
        assert program.next("available") == no_host({})
        assert program.next("said") == no_host({})
        with kind(desk) as panel:
            panel.wait_icon()
        assert no_host({}) not in [told["said"] for told in program.heard[2:] if "said" in told]


def test_it_works_without_a_session_bus(desk: Desktop) -> None:
    """An X11 tray needs none."""
    env = {**desk.env, "DBUS_SESSION_BUS_ADDRESS": f"unix:path={desk.folder / 'nothing'}"}
    with Trayer(desk) as panel, Program(env) as program:
        panel.wait_icon()
        panel.click(1)
        assert program.next("action") == {"command": "open"}
        program.order(stop=True)
        assert program.next("ended")


@pytest.mark.parametrize(("name", "how"), [("xfce", "thread"), ("xfce", "SIGTERM"), ("xfce", "SIGINT"), ("trayer", "SIGTERM")])
def test_it_stops_and_leaves_nothing(desk: Desktop, name: str, how: str, tmp_path: Path) -> None:
    """From another thread or from a signal handler: the loop ends, the icon is gone, no file is left."""
    with KINDS[name](desk) as panel, Program({**desk.env, "TMPDIR": str(tmp_path)}) as program:
        panel.wait_icon()
        program.order(state=STATES["flexed"])
        if how == "thread":
            program.order(stop=True)
        else:
            program.signal(getattr(signal, how))
        assert program.next("ended")
        assert program.wait(PATIENCE_S) == 0
        panel.wait_icon(there=False)
        assert program.errors == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("panel", [True, False])
def test_a_stop_before_the_start_holds(desk: Desktop, panel: bool) -> None:
    """Told to stop before it runs, with a panel or without, the tray does not stay."""
    with Trayer(desk) if panel else Program(desk.env, "--stopped") as other, Program(desk.env, "--stopped") as program:
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
