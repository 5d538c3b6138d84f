"""The indicator as a panel has it over the bus: what it reads, what it is told, what its menu does."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import time
from collections.abc import Iterator

import numpy as np
import psutil
import pytest
from dbus_fast import DBusError, Variant

from posture.desktop.dbus import Bus, stay
from posture.desktop.reconnecting import end_tasks
from posture.desktop.tray.images import Glyph, draw
from posture.desktop.tray.menu import Exercises, TrayAction, actions, menu, status_line
from tests.desktop.indicator_host import ITEM, IndicatorHost
from tests.desktop.screen import PATIENCE_S, Desktop, until
from tests.desktop.trayhost import STATES, Program, tray_status

PROMPT = {**STATES["flexed"], "prompt": (7, "Cat-Cow")}


@pytest.fixture
def host(bare_desktop: Desktop) -> Iterator[IndicatorHost]:
    """A panel for indicators on the test's bus."""
    with IndicatorHost(bare_desktop.env["DBUS_SESSION_BUS_ADDRESS"]) as panel:
        yield panel


@pytest.fixture
def program(bare_desktop: Desktop, host: IndicatorHost) -> Iterator[Program]:
    """The tray, in that panel."""
    with Program(bare_desktop.env) as tray:
        host.wait_item()
        yield tray


def _chosen(program: Program, host: IndicatorHost, label: str) -> object:
    host.choose(label)
    return program.next("action")


def _shown(program: Program, host: IndicatorHost, state: dict[str, object]) -> None:
    """Show a state and wait until the panel can read it, menu and all."""
    program.order(state=state)
    words = status_line(tray_status(**state)).partition(" · ")[0]  # type: ignore[arg-type]
    until(lambda: str(host.get("Title")).startswith(words) and host.labels()[0] == f"[{words}]", f"{words} in title and menu")


def test_state_and_menu_are_shown(host: IndicatorHost, program: Program) -> None:
    """A panel gets icon, title, tooltip and the whole menu, and every line of it does what it says; GTK is never asked for."""
    assert program.next("available") is None
    _shown(program, host, PROMPT)
    told = status_line(tray_status(**PROMPT))
    assert (host.get("Title"), list(host.get("ToolTip"))) == (told, ["", [], told, ""])
    assert host.labels()[1] == "[Sat 25 min, bent time 4 of 10 min]"
    for size in (16, 22, 24, 32, 48, 64):
        assert np.array_equal(host.icon(size), np.asarray(draw(Glyph.FLEXED, size)))
    labels = host.labels()
    wanted = list(
        actions(menu(tray_status("running", "flexed", prompt=(7, "Cat-Cow")), Exercises((("seated_cat_cow", "x"), ("get_up", "y")))))
    )
    leaves = [label for label in labels if not label.startswith("[") and not any(other.startswith(label + "/") for other in labels)]
    assert len(leaves) == len(wanted)
    for label, action in zip(leaves, wanted, strict=True):
        assert _chosen(program, host, label) == _told(action), label
    assert [heard for heard in program.heard if "warning" in heard] == []


def _told(action: TrayAction) -> dict[str, object]:
    fields = {"command": action.command, "seconds": action.seconds, "report": action.report, "prompt_id": action.prompt_id}
    fields |= {"number": action.number, "answer": action.answer}
    return {key: value for key, value in fields.items() if value is not None}


def test_clicks_on_the_icon_open_the_window(host: IndicatorHost, program: Program) -> None:
    """Each kind of click; the wheel does nothing."""
    for member, signature, body in (
        ("Scroll", "is", (1, "vertical")),
        ("Activate", "ii", (0, 0)),
        ("SecondaryActivate", "ii", (0, 0)),
        ("ContextMenu", "ii", (0, 0)),
    ):
        assert host.ask(ITEM, member, signature, *body) == []
        if member != "Scroll":
            assert program.next("action") == {"command": "open"}
    assert host.get("ItemIsMenu") is False and host.get("Id") == "posture-monitor" and host.get("Category") == "ApplicationStatus"
    assert host.items[-1][0].startswith(f"{ITEM}-{program.pid}-")


def test_what_waits_for_the_person_asks_for_attention(host: IndicatorHost, program: Program) -> None:
    """A reminder that waits for an answer, until it has one; the picture stays that of the posture."""
    for state, status in ((PROMPT, "NeedsAttention"), (STATES["flexed"], "Active"), (STATES["camera lost"], "NeedsAttention")):
        program.order(state=state)
        host.wait_item(status)
        until(lambda to=status: ("NewStatus", [to]) in host.signals, "the news of it")
        assert host.get("AttentionIconPixmap") == (host.get("IconPixmap") if status == "NeedsAttention" else [])


def test_a_fault_in_one_action_does_not_take_the_menu_with_it(host: IndicatorHost, program: Program) -> None:
    """An error that is meant for the person is told; any other is logged; quit works after both."""
    assert _chosen(program, host, "Doctor") == {"command": "doctor"}
    assert program.next("said") == "The doctor is out."
    assert _chosen(program, host, "Settings file") == {"command": "settings"}
    assert _chosen(program, host, "Quit") == {"command": "quit"}
    until(lambda: any("RuntimeError: a fault" in line for line in program.errors), "the fault in the log")


def test_minutes_that_pass_reword_two_lines(host: IndicatorHost, program: Program) -> None:
    """Without a new layout, so that a menu which is open stays as it is; a pause is another layout."""
    _shown(program, host, STATES["flexed"])
    renewed, reworded = host.announced("LayoutUpdated"), host.announced("ItemsPropertiesUpdated")
    for minute in range(26, 30):
        program.order(state={**STATES["flexed"], "sitting_s": 60.0 * minute})
        until(lambda at=minute: f"Sat {at} min" in host.labels()[1], "the minute")
    assert (host.announced("LayoutUpdated"), host.announced("ItemsPropertiesUpdated")) == (renewed, reworded + 4)
    _shown(program, host, STATES["paused"])
    assert host.announced("LayoutUpdated") == renewed + 1 and "Resume" in host.labels()


def test_an_open_menu_keeps_its_lines(host: IndicatorHost, program: Program) -> None:
    """While it is open only words change; closed or shown anew it has the new lines, and a line that has gone does what it said."""
    _shown(program, host, STATES["flexed"])
    pause = host.number("Pause")
    hour = host.number("Pause/For 1 hour")
    for ended_by in ("closed", "AboutToShow"):
        host.event(pause, "opened")
        _shown(program, host, STATES["paused"])
        assert "Pause/For 1 hour" in host.labels() and "Resume" not in host.labels()
        if ended_by == "closed":
            host.event(pause, "closed")
        else:
            assert host.menu("AboutToShow", "i", 0) == [True]
        assert "Resume" in host.labels() and "Pause" not in host.labels()
        host.event(hour, "clicked")
        assert program.next("action") == {"command": "pause_for", "seconds": 3600.0}
        _shown(program, host, STATES["flexed"])
        assert host.number("Pause/For 1 hour") == hour


def test_a_menu_is_read_in_parts(host: IndicatorHost, program: Program) -> None:
    """To a depth, from any line on, by names of properties, several at once; what is not there is an error, or left out."""
    _shown(program, host, STATES["flexed"])
    pause, hour = host.number("Pause"), host.number("Pause/For 1 hour")
    _, (root, properties, lines) = host.menu("GetLayout", "iias", 0, 1, ["children-display"])
    assert (root, properties["children-display"].value) == (0, "submenu")
    assert [line.value[2] for line in lines] == [[]] * len(lines) and {"label"} not in [set(line.value[1]) for line in lines]
    _, (_, _, below) = host.menu("GetLayout", "iias", pause, -1, [])
    assert [line.value[1]["label"].value for line in below] == ["For 15 minutes", "For 1 hour", "Until tomorrow", "Until resumed"]
    assert host.menu("GetLayout", "iias", pause, 0, [])[1][2] == []
    assert [tuple(one) for one in host.menu("GetGroupProperties", "aias", [hour, 9999], ["label"])[0]] == [
        (hour, {"label": Variant("s", "For 1 hour")})
    ]
    assert len(host.menu("GetGroupProperties", "aias", [], [])[0]) > len(host.labels())
    assert host.menu("GetProperty", "is", hour, "label") == [Variant("s", "For 1 hour")]
    assert host.menu("AboutToShowGroup", "ai", [0, 9999]) == [[], [9999]]
    clicked = [[hour, "clicked", Variant("i", 0), 0], [9999, "clicked", Variant("i", 0), 0]]
    assert host.menu("EventGroup", "a(isvu)", clicked) == [[9999]]
    assert program.next("action") == {"command": "pause_for", "seconds": 3600.0}
    nothing = (("GetProperty", "is", 9999, "label"), ("GetProperty", "is", hour, "icon"), ("GetLayout", "iias", 9999, -1, []))
    for member, signature, *body in (*nothing, ("Event", "isvu", 9999, "clicked", Variant("i", 0), 0)):
        with pytest.raises(DBusError):
            host.menu(member, signature, *body)


def test_it_comes_back_with_its_panel(host: IndicatorHost, program: Program) -> None:
    """The panel leaves the bus and comes again: the icon registers anew, with the state of then and a menu that works."""
    for name in ("flexed", "away"):
        host.leave()
        program.order(state=STATES[name])
        host.come()
        host.wait_item()
        until(lambda at=name: host.get("Title") == status_line(tray_status(**STATES[at])), "the title of the state")
        assert _chosen(program, host, "How I feel/Stiff") == {"command": "report", "report": "stiff"}
    program.signal(signal.SIGTERM)
    assert program.next("ended")


def test_it_comes_back_with_the_bus(bare_desktop: Desktop) -> None:
    """The bus dies and another comes at the same address: icon and menu are on it, and changes since then are announced there."""
    address = f"unix:path={bare_desktop.folder / 'own'}"
    words = ["dbus-daemon", f"--config-file={bare_desktop.folder / 'bus.conf'}", "--nofork", "--print-address=1", f"--address={address}"]
    env = {**bare_desktop.env, "DBUS_SESSION_BUS_ADDRESS": address}
    program = None
    for name in ("flexed", "away"):
        with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as bus:
            assert bus.stdout is not None and bus.stdout.readline()
            with IndicatorHost(address) as host:
                program = program or Program(env)
                host.wait_item()
                _shown(program, host, STATES[name])
                assert _chosen(program, host, "Open") == {"command": "open"}
            bus.kill()
            bus.wait()
        (bare_desktop.folder / "own").unlink(missing_ok=True)
        program.order(state=STATES["locked"])
    assert program is not None
    with program:
        program.order(stop=True)
        assert program.next("ended") and program.errors == []


def test_an_end_while_the_bus_dies_is_an_end(bare_desktop: Desktop) -> None:
    """Whoever is told to end just as the connection breaks, while what ran on it ends, doesn't wait for the next bus."""

    async def told_to_end() -> bool:
        there, breaking = asyncio.Event(), asyncio.Event()

        async def slow() -> None:
            try:
                await asyncio.Event().wait()
            finally:
                breaking.set()
                await asyncio.sleep(0.1)

        async def visit(bus: Bus) -> None:
            bus.tasks.create_task(slow())
            there.set()

        staying = asyncio.create_task(stay(lambda: bare_desktop.env["DBUS_SESSION_BUS_ADDRESS"], visit, lambda _why: None))
        await there.wait()
        bare_desktop.bus.kill()
        await breaking.wait()
        async with asyncio.timeout(5.0):
            await end_tasks(staying)
        return staying.cancelled()

    assert asyncio.run(told_to_end())


def test_many_questions_at_once_are_answered(host: IndicatorHost, program: Program) -> None:
    """More than the buffers of the connection hold, and it lasts."""
    _shown(program, host, STATES["camera lost"])
    answers = host.ask_often(100, "org.freedesktop.DBus.Properties", "GetAll", "s", ITEM)
    assert len(answers) == 100 and all(len(answer[0]["IconPixmap"].value) == 6 for answer in answers)
    assert len(host.items) == 1


def test_it_waits_without_work(host: IndicatorHost, program: Program) -> None:
    """Nothing happens, whether there is a panel or none: under a hundredth of a processor."""
    _shown(program, host, STATES["flexed"])
    for there in (True, False):
        if not there:
            host.leave()
        before, since = sum(psutil.Process(program.pid).cpu_times()[:2]), time.monotonic()
        time.sleep(1.5)
        used = sum(psutil.Process(program.pid).cpu_times()[:2]) - before
        assert used <= 0.01 * (time.monotonic() - since) + 0.02  # the clock of it ticks a hundred times a second


def test_a_session_that_falls_silent_is_not_said_to_be_fine(bare_desktop: Desktop, host: IndicatorHost) -> None:
    """A running session that nothing is heard of any more: the question mark and its words, until it is heard of again."""
    with Program(bare_desktop.env, "--impatient") as program:
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


def test_nothing_is_complained_of(host: IndicatorHost, program: Program) -> None:
    """From start to stop no warning reaches the terminal."""
    for state in STATES.values():
        program.order(state=state)
        time.sleep(0.05)
    program.order(stop=True)
    assert program.next("ended")
    assert program.wait(PATIENCE_S) == 0
    assert [told for told in program.heard if "warning" in told] == []
    assert program.errors == []
