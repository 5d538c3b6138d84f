"""Presence: who is at the desk and who needs the camera, as real parts of a desktop tell it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace

import pytest
from open_files import open_files

from desktop.screen import Desktop, until
from posture.desktop.presence.changes import Aspect, Capabilities, PresenceChange, Publisher
from posture.desktop.presence.macos import MacPresence
from posture.desktop.presence.poller import Battery, PollIntervals, Presence
from posture.desktop.presence.windows import WindowsPresence
from posture.desktop.this_system import presence_here

if sys.platform != "linux":
    pytest.skip("Linux's own parts", allow_module_level=True)

from desktop.fake_logind import FakeLogind, PrivateBus, private_bus
from desktop.fake_session import Kde, Saver, served
from desktop.watching import (
    PROC,
    QUICK,
    Awake,
    CameraFree,
    CameraWanted,
    HandClock,
    Kind,
    LidClosed,
    LidOpened,
    Locked,
    OnBattery,
    Sleeping,
    Told,
    Unlocked,
    cut_off,
    kinds_of,
    quiet,
    watching,
)
from posture.desktop.presence.camera_users import CameraUsers, Microphone, names_of
from posture.desktop.presence.linux import LinuxPresence


@pytest.fixture
def clock() -> HandClock:
    """A clock that stands still until it is moved."""
    return HandClock()


@pytest.fixture
def told() -> Told:
    """An empty list that takes changes."""
    return Told()


@pytest.fixture(autouse=True)
def nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No bus and no display, whatever desktop the tests are run on."""
    cut_off(monkeypatch, tmp_path)


@pytest.fixture
def system_bus(monkeypatch: pytest.MonkeyPatch) -> Iterator[PrivateBus]:
    """A private bus as the system's."""
    with TemporaryDirectory(prefix="bus") as folder, private_bus(Path(folder)) as bus:
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", bus.address)
        yield bus


@pytest.fixture
def logind(system_bus: PrivateBus) -> Iterator[FakeLogind]:
    """A logind on it."""
    with FakeLogind(system_bus.address) as fake:
        yield fake


# --- lock


def test_a_lock_by_hint_is_told_once(logind: FakeLogind, told: Told) -> None:
    """A locker that sets the hint is believed; signal and hint together are one lock."""
    with watching(told) as watched:
        assert watched.known[Aspect.LOCK].known
        logind.lock()
        told.wait(Locked)
        logind.unlock()
        told.wait(Locked, Unlocked)
        logind.lock(signal_=False)
        logind.unlock(signal_=False)
        told.wait(Locked, Unlocked, Locked, Unlocked)


def test_a_lock_by_signals_alone_ends_by_signal(logind: FakeLogind, told: Told) -> None:
    """Lock and Unlock without the hint are followed at once."""
    with watching(told):
        logind.lock(hint=None)
        told.wait(Locked)
        logind.unlock(hint=None)
        told.wait(Locked, Unlocked)


def test_a_request_that_nobody_confirms_does_not_last(logind: FakeLogind, told: Told) -> None:
    """A locker that never says that it is gone must not keep the camera off for ever."""
    with watching(told):
        logind.lock(hint=None)
        told.wait(Locked)
        told.wait(Locked, Unlocked)


def test_a_confirmed_lock_outlasts_the_request(logind: FakeLogind, told: Told) -> None:
    """With the hint set, the lock lasts until the hint is gone."""
    with watching(told) as watched:
        logind.lock()
        told.wait(Locked)
        until(lambda: watched._publisher._lockers == {"logind"}, "the request is over")
        told.wait(Locked)
        logind.unlock(signal_=False)
        told.wait(Locked, Unlocked)


def test_what_is_the_case_already_is_told(logind: FakeLogind, told: Told) -> None:
    """A screen that is locked, and a lid that is closed, when watching begins."""
    logind.session.locked_hint = logind.manager.lid_closed = True
    with watching(told):
        assert kinds_of(told) == [Locked, LidClosed]


def test_a_service_of_the_user_finds_the_session_on_the_screen(system_bus: PrivateBus, told: Told) -> None:
    """A process outside of any session, as systemd's user units are, watches the user's graphical one."""
    with FakeLogind(system_bus.address, session_by_pid=False) as logind, watching(told) as watched:
        assert watched.known[Aspect.LOCK].known
        logind.lock()
        told.wait(Locked)


def test_a_screen_saver_counts_as_a_lock(logind: FakeLogind, desktop: Desktop, told: Told) -> None:
    """The session bus is the second source; the screen is free when both say so, and when the saver is gone."""
    with watching(told) as watched:
        with served(desktop.env["DBUS_SESSION_BUS_ADDRESS"], Saver()) as saver:
            saver.switch(True)
            told.wait(Locked)
            logind.lock()
            until(lambda: len(watched._publisher._lockers - {"request"}) == 2, "both say so")
            saver.switch(False)
            until(lambda: watched._publisher._lockers == {"logind"}, "one says so")
            told.wait(Locked)
            logind.unlock()
            told.wait(Locked, Unlocked)
            saver.switch(True)
            told.wait(Locked, Unlocked, Locked)
        told.wait(Locked, Unlocked, Locked, Unlocked)


# --- sleep


def test_sleep_waits_until_the_camera_is_closed(logind: FakeLogind, told: Told) -> None:
    """The delay inhibitor is held until ``ready`` is called, let go at once then, and taken again on waking."""
    with watching(told, intervals=PollIntervals(look_s=0.1, ready_s=30)):
        assert logind.asked == [("sleep", "delay")]
        assert logind.held() == 1
        logind.sleep(True)
        change = told.wait(Sleeping)
        assert logind.held() == 1
        change.ready()
        until(lambda: logind.held() == 0, "the inhibitor is let go")
        logind.sleep(False)
        told.wait(Sleeping, Awake)
        until(lambda: logind.held() == 1, "the inhibitor is taken again")
        change.ready()  # late, and of the last sleep
        _pass(0.2)
        assert logind.held() == 1
    until(lambda: logind.held() == 0, "the inhibitor goes with the presence")


def test_sleep_does_not_wait_for_ever(logind: FakeLogind, told: Told) -> None:
    """A receiver that never says ready holds the computer up for a moment only."""
    with watching(told):
        logind.sleep(True)
        told.wait(Sleeping)
        until(lambda: logind.held() == 0, "the inhibitor is let go")


def test_an_end_of_sleep_that_was_missed_is_found(logind: FakeLogind, system_bus: PrivateBus, told: Told) -> None:
    """The bus died while the computer was about to sleep: when it is back it says that nothing sleeps."""
    with watching(told):
        logind.sleep(True)
        told.wait(Sleeping)
        system_bus.kill()
        system_bus.start()
        logind.connect()
        told.wait(Sleeping, Awake)


# --- lid


def test_a_closed_lid_with_another_screen_is_open(logind: FakeLogind, told: Told) -> None:
    """A laptop that stands closed in its dock is in use."""
    with watching(told):
        logind.manager.lid_closed = True
        told.wait(LidClosed)
        logind.manager.docked = True
        told.wait(LidClosed, LidOpened)


# --- buses that are not there


def test_a_bus_that_dies_and_comes_back(logind: FakeLogind, system_bus: PrivateBus, told: Told) -> None:
    """While it is gone that is said, and a lock stays; when it is back things are as they are now, and the next lock is told."""
    with watching(told) as watched:
        logind.lock()
        told.wait(Locked)
        system_bus.kill()
        until(lambda: not watched.known[Aspect.LOCK].known, "it is said that the lock is unknown")
        told.wait(Locked)
        system_bus.start()
        logind.connect()  # a new one, whose session is not locked
        told.wait(Locked, Unlocked)
        until(lambda: watched.known[Aspect.LOCK].known, "it is said that the lock is known again")
        until(lambda: logind.held() == 1, "one inhibitor is held")
        logind.lock()
        told.wait(Locked, Unlocked, Locked)


def test_a_logind_that_crashes_and_comes_back(logind: FakeLogind, told: Told) -> None:
    """The bus stays, its logind goes and comes."""
    with watching(told) as watched:
        logind.leave()
        until(lambda: not watched.known[Aspect.LOCK].known, "it is said that the lock is unknown")
        logind.connect()
        until(lambda: watched.known[Aspect.LOCK].known, "it is said that the lock is known again")
        logind.lock()
        told.wait(Locked)


def test_without_any_bus_it_is_said_what_is_not_known(told: Told) -> None:
    """Nothing is guessed: each aspect that cannot be known says so in words, and sleep is left to the clocks."""
    with watching(told) as watched:
        known = watched.known
        assert not told
    for aspect in (Aspect.LOCK, Aspect.LID, Aspect.FULL_SCREEN, Aspect.DO_NOT_DISTURB):
        assert not known[aspect].known
        assert known[aspect].words
    assert known[Aspect.SLEEP].known
    assert "clocks" in known[Aspect.SLEEP].words


# --- cameras


@contextmanager
def holding(file: Path, name: str = "zoom") -> Iterator[int]:
    """A process that is no child of ours and has the file open; its id."""
    script = file.parent / name
    script.write_text(f"#!/bin/sh\nexec 7<'{file}'\nread never < '{_fifo(file.parent)}'\n")
    script.chmod(0o755)
    # The shell in between ends at once, so that the process goes to whoever takes orphans.
    found = subprocess.run(["sh", "-c", '"$0" >/dev/null 2>&1 & echo $!', str(script)], capture_output=True, text=True, check=True)
    pid = int(found.stdout)
    until(lambda: str(file) in open_files(pid), "the file is held")
    try:
        yield pid
    finally:
        os.kill(pid, signal.SIGKILL)


def _fifo(folder: Path) -> Path:
    fifo = folder / "never"
    if not fifo.exists():
        os.mkfifo(fifo)
    return fifo


@pytest.fixture
def dev(tmp_path: Path) -> Path:
    """A folder as /dev with one camera."""
    (tmp_path / "dev").mkdir()
    (tmp_path / "dev" / "video0").touch()
    return tmp_path / "dev"


def test_another_program_with_a_camera_is_seen_and_its_end_after_a_while(dev: Path, told: Told, clock: HandClock) -> None:
    """A real process with the (fake) device open; the camera is free only when it was for a while."""
    with watching(told, dev=dev, proc=PROC, clock=clock):
        with holding(dev / "video0"):
            change = told.wait(CameraWanted)
            assert change.why == "zoom is using the camera"
        clock.pass_(QUICK.camera_free_s - 0.1)
        told.wait(CameraWanted)
        clock.pass_(0.1)
        told.wait(CameraWanted, CameraFree)


def test_a_camera_that_is_closed_and_opened_again_stays_wanted(dev: Path, told: Told, clock: HandClock) -> None:
    """Programs close and open it as a call begins: no flapping."""
    with watching(told, dev=dev, proc=PROC, clock=clock):
        for _ in range(2):
            with holding(dev / "video0"):
                clock.pass_(QUICK.camera_free_s)
            clock.pass_(QUICK.camera_free_s - 0.1)
        told.wait(CameraWanted)


def test_our_own_use_of_the_camera_is_not_a_call(dev: Path, told: Told, clock: HandClock) -> None:
    """This process, what it started, and what is named as ours may have it open."""
    command = [sys.executable, "-c", "import sys; f = open(sys.argv[1]); print(flush=True); sys.stdin.read()", str(dev / "video0")]
    with (dev / "video0").open(), subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.readline()
        with holding(dev / "video0") as pid, watching(told, dev=dev, proc=PROC, ours=lambda: (pid,), clock=clock):
            clock.pass_(60.0)
        child.communicate()
    assert not told


def test_pipewire_alone_is_not_a_call(dev: Path) -> None:
    """The daemon that serves cameras holds them; a program beside it counts."""
    holders = CameraUsers(dev=dev)
    with holding(dev / "video0", "pipewire"):
        assert holders.poll(0.0) == ()
        with holding(dev / "video0", "cheese"):
            assert names_of(holders.poll(100.0)) == "cheese"


def test_where_the_driver_counts_a_look_is_taken_when_the_count_changes(tmp_path: Path, dev: Path) -> None:
    """The costly look is saved while the count stands still, and holders are still seen to let go."""
    count = tmp_path / "sys/class/video4linux/video0/device/driver/module/refcnt"
    count.parent.mkdir(parents=True)
    count.write_text("0\n")
    holders = CameraUsers(dev=dev, sys=tmp_path / "sys")
    assert holders.poll(0.0) == ()
    with holding(dev / "video0"):
        assert holders.poll(2.0) == ()  # unknown to the count, as a real device's cannot be
        count.write_text("1\n")
        assert names_of(holders.poll(4.0)) == "zoom"
        assert names_of(holders.poll(6.0)) == "zoom"
    until(lambda: holders.poll(8.0) == (), "it is seen to have let go")


def test_odd_processes_and_files_do_not_hinder_the_look(tmp_path: Path, dev: Path) -> None:
    """Processes that end meanwhile, names that are not text, devices that are no cameras."""
    proc = tmp_path / "proc"
    for pid, target in ((11, dev / "video0"), (12, dev / "videoX"), (13, dev / "video0x")):
        (proc / str(pid) / "fd").mkdir(parents=True)
        (proc / str(pid) / "fd" / "3").symlink_to(target)
    (proc / "11" / "comm").write_bytes(b"\xff\xfe(x)\n")
    (proc / "14").mkdir()
    (proc / "self").mkdir()
    assert [holder.pid for holder in CameraUsers(proc=proc, dev=dev).poll(0.0)] == [11]
    assert CameraUsers(proc=proc, dev=tmp_path / "none").poll(0.0) == ()


# --- quiet


def test_a_microphone_in_use_calls_for_quiet(tmp_path: Path, told: Told, clock: HandClock) -> None:
    """A sound card that records for a while is taken for a call, and a moment of it is not."""
    status = tmp_path / "proc/asound/card1/pcm0c/sub0/status"
    status.parent.mkdir(parents=True)
    with watching(told, proc=tmp_path / "proc", clock=clock) as watched:
        assert not watched.known[Aspect.CALL].known
        status.write_text("closed\n")  # it is plugged in
        clock.pass_(QUICK.cards_s)
        assert watched.known[Aspect.CALL].known
        status.write_text("state: RUNNING\nowner_pid   : 812\n")
        clock.pass_(QUICK.microphone_s - 0.1)
        status.write_text("closed\n")
        clock.pass_(60.0)
        assert not told
        status.write_text("state: RUNNING\nowner_pid   : 812\n")
        clock.pass_(QUICK.microphone_s)
        change = told.wait(*quiet(Aspect.CALL, True))
        assert "microphone" in change.why
        status.write_text("closed\n")
        clock.pass_(QUICK.microphone_s)
        told.wait(*quiet(Aspect.CALL, True, False))


def test_playing_sound_is_not_a_call(tmp_path: Path) -> None:
    """Only what records counts."""
    status = tmp_path / "asound/card0/pcm0p/sub0/status"
    status.parent.mkdir(parents=True)
    status.write_text("state: RUNNING\n")
    assert not Microphone(tmp_path).find()


def test_a_full_screen_window_calls_for_quiet(desktop: Desktop, told: Told) -> None:
    """A real window on a real X server, with what a window manager would say of it."""
    from Xlib import X, Xatom  # noqa: PLC0415
    from Xlib.display import Display  # noqa: PLC0415

    screen = Display(desktop.env["DISPLAY"])
    root = screen.screen().root
    window = root.create_window(0, 0, 1280, 800, 0, X.CopyFromParent)
    window.map()
    atom = screen.intern_atom

    def say(active: int, *states: str) -> None:
        root.change_property(atom("_NET_ACTIVE_WINDOW"), Xatom.WINDOW, 32, [active])
        window.change_property(atom("_NET_WM_STATE"), Xatom.ATOM, 32, [atom(state) for state in states])
        screen.sync()

    with watching(told) as watched:
        assert "window manager" in watched.known[Aspect.FULL_SCREEN].words  # and so not known
        assert not watched.known[Aspect.FULL_SCREEN].known
        say(window.id, "_NET_WM_STATE_MAXIMIZED_VERT", "_NET_WM_STATE_FULLSCREEN")
        told.wait(*quiet(Aspect.FULL_SCREEN, True))
        assert watched.known[Aspect.FULL_SCREEN].known
        say(window.id, "_NET_WM_STATE_MAXIMIZED_VERT")
        told.wait(*quiet(Aspect.FULL_SCREEN, True, False))
        say(window.id, "_NET_WM_STATE_FULLSCREEN")
        told.wait(*quiet(Aspect.FULL_SCREEN, True, False, True))
        window.destroy()  # the window manager has not said yet that another one is in front
        screen.sync()
        told.wait(*quiet(Aspect.FULL_SCREEN, True, False, True, False))
        screen.close()


def test_an_x_server_that_dies_does_no_harm(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    """A window that filled it fills nothing any more, and that nothing is known is said."""
    from Xlib import X, Xatom  # noqa: PLC0415
    from Xlib.display import Display  # noqa: PLC0415

    reading, writing = os.pipe()
    words = ["Xvfb", "-displayfd", str(writing), "-nolisten", "tcp"]
    with os.fdopen(reading) as said, subprocess.Popen(words, pass_fds=[writing], stderr=subprocess.DEVNULL) as server:
        os.close(writing)
        monkeypatch.setenv("DISPLAY", f":{said.readline().strip()}")
        screen = Display()
        window = screen.screen().root.create_window(0, 0, 9, 9, 0, X.CopyFromParent)
        screen.screen().root.change_property(screen.intern_atom("_NET_ACTIVE_WINDOW"), Xatom.WINDOW, 32, [window.id])
        window.change_property(screen.intern_atom("_NET_WM_STATE"), Xatom.ATOM, 32, [screen.intern_atom("_NET_WM_STATE_FULLSCREEN")])
        screen.sync()
        with watching(told) as watched:
            told.wait(*quiet(Aspect.FULL_SCREEN, True))
            server.kill()
            told.wait(*quiet(Aspect.FULL_SCREEN, True, False))
            assert not watched.known[Aspect.FULL_SCREEN].known
        screen.display.socket.close()


def test_a_display_that_is_gone_is_not_sought_on_the_network(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    """The X library would try the display's port where its socket is gone; nobody must come there."""
    with socket.create_server(("127.0.0.1", 6000 + 931)) as port:
        port.settimeout(0.1)
        monkeypatch.setenv("DISPLAY", ":931")
        with watching(told) as watched:
            assert "isn't answering" in watched.known[Aspect.FULL_SCREEN].words
        with pytest.raises(TimeoutError):
            port.accept()


def test_a_display_on_another_machine_is_not_asked(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would take an Internet socket."""
    monkeypatch.setenv("DISPLAY", "localhost:10.0")
    with watching(told) as watched:
        assert "another machine" in watched.known[Aspect.FULL_SCREEN].words


def test_on_wayland_full_screen_is_not_guessed(desktop: Desktop, told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    """An X server that is there for old programs says nothing of the others, so it is not asked."""
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    with watching(told) as watched:
        assert not watched.known[Aspect.FULL_SCREEN].known
        assert "Wayland" in watched.known[Aspect.FULL_SCREEN].words


def test_dunst_set_to_pause_calls_for_quiet(desktop: Desktop, told: Told) -> None:
    """The real dunst, switched as its user does, killed and started again."""
    with watching(told) as watched:
        assert watched.known[Aspect.DO_NOT_DISTURB].known
        _dunst(desktop, "set-paused", "true")
        told.wait(*quiet(Aspect.DO_NOT_DISTURB, True))
        _dunst(desktop, "set-paused", "false")
        told.wait(*quiet(Aspect.DO_NOT_DISTURB, True, False))
        _dunst(desktop, "set-paused", "true")
        told.wait(*quiet(Aspect.DO_NOT_DISTURB, True, False, True))
        desktop.kill_service()
        told.wait(*quiet(Aspect.DO_NOT_DISTURB, True, False, True, False))
        assert not watched.known[Aspect.DO_NOT_DISTURB].known
        desktop.start_service()
        until(lambda: watched.known[Aspect.DO_NOT_DISTURB].known, "dunst is asked again")


def test_kde_set_to_do_not_disturb_calls_for_quiet(bare_desktop: Desktop, told: Told) -> None:
    """Plasma's notification service says it in a property."""
    with served(bare_desktop.env["DBUS_SESSION_BUS_ADDRESS"], Kde()) as kde, watching(told):
        kde.switch(True)
        told.wait(*quiet(Aspect.DO_NOT_DISTURB, True))
        kde.switch(False)
        told.wait(*quiet(Aspect.DO_NOT_DISTURB, True, False))


def test_gnome_set_to_do_not_disturb_calls_for_quiet(
    bare_desktop: Desktop, told: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """GNOME's is a setting: asked when dconf says that it changed."""
    program, value = tmp_path / "gsettings", tmp_path / "value"
    program.write_text(f"#!/bin/sh\ncat '{value}'\n")
    program.chmod(0o755)
    value.write_text("true\n")
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setenv("XDG_CURRENT_DESKTOP", "ubuntu:GNOME")

    def switch(banners: bool) -> None:
        value.write_text("true\n" if banners else "false\n")
        words = ("--type=signal", "/ca/desrt/dconf/Writer/user", "ca.desrt.dconf.Writer.Notify")
        what = ("string:/org/gnome/desktop/notifications/show-banners", "array:string:", "string:tag")
        subprocess.run(["dbus-send", "--session", *words, *what], env=bare_desktop.env, check=True)

    with watching(told) as watched:
        assert watched.known[Aspect.DO_NOT_DISTURB].known
        switch(False)
        told.wait(*quiet(Aspect.DO_NOT_DISTURB, True))
        switch(True)
        told.wait(*quiet(Aspect.DO_NOT_DISTURB, True, False))


# --- every presence, and those of other systems with a fake


class FakeWindows:
    """Windows as far as it is asked."""

    def __init__(self, trouble: Exception | None = None) -> None:
        self.cameras: list[str] | None = []
        self.microphones: list[str] | None = []
        self.state: int | None = 5
        self.trouble = trouble
        self.lock: Callable[[bool], None] = lambda on: None
        self.asleep: Callable[[bool], None] = lambda on: None

    def users_of(self, device: str) -> list[str] | None:
        return self.cameras if device == "webcam" else self.microphones

    def notification_state(self) -> int | None:
        return self.state

    def watch(self, lock: Callable[[bool], None], asleep: Callable[[bool], None]) -> Callable[[], None]:
        if self.trouble is not None:
            raise self.trouble
        self.lock, self.asleep = lock, asleep
        return lambda: None


def _linux(tell: Callable[[PresenceChange], None]) -> Presence:
    return LinuxPresence(tell, intervals=QUICK)


def _mac(tell: Callable[[PresenceChange], None]) -> Presence:
    return MacPresence(tell, session=dict, intervals=QUICK)


def _windows(tell: Callable[[PresenceChange], None]) -> Presence:
    return WindowsPresence(tell, system=FakeWindows(), intervals=QUICK)


@pytest.mark.parametrize("make", [_linux, _mac, _windows, Presence, presence_here])
def test_every_presence_keeps_to_the_interface(make: Callable[[Callable[[PresenceChange], None]], Presence], told: Told) -> None:
    """Begins, says of each aspect whether and how it is known, tells nothing after its end."""
    with make(told.append) as watched:
        assert set(watched.known) == set(Aspect)
        assert all(knowledge.words and knowledge.words != "not asked yet" for knowledge in watched.known.values())
    ended = len(told)
    _pass(0.3)
    assert len(told) == ended


def test_a_mac_tells_of_its_lock(told: Told) -> None:
    """By what the window server says; the key is there only while the screen is locked."""
    session: dict[str, object] = {}
    with MacPresence(told.append, session=lambda: dict(session), intervals=QUICK):
        session["CGSSessionScreenIsLocked"] = 1
        told.wait(Locked)
        del session["CGSSessionScreenIsLocked"]
        told.wait(Locked, Unlocked)


def test_a_mac_without_quartz_says_so(told: Told) -> None:
    """Here that is so, as on every system that is no Mac."""
    with MacPresence(told.append, intervals=QUICK) as watched:
        assert not watched.known[Aspect.LOCK].known
        assert "pyobjc-framework-Quartz" in watched.known[Aspect.LOCK].words


def test_windows_tells_what_it_is_asked(told: Told, clock: HandClock) -> None:
    """Lock, sleep, cameras but for our own use, the microphone, full screen and quiet time."""
    system = FakeWindows()
    with WindowsPresence(told.append, system=system, intervals=QUICK, clock=clock):
        system.lock(True)
        system.lock(False)
        system.asleep(True)
        system.asleep(False)
        told.wait(Locked, Unlocked, Sleeping, Awake)
        told.clear()
        system.cameras = [sys.executable]
        clock.pass_(60.0)
        system.cameras = [sys.executable, r"C:\Program Files\Zoom\bin\Zoom.exe", "Microsoft.WindowsCamera_8wekyb3d8bbwe"]
        change = told.wait(CameraWanted)
        assert change.why == "Microsoft.WindowsCamera, Zoom are using the camera"
        clock.pass_(1.0)
        system.cameras = []
        clock.pass_(QUICK.camera_free_s)
        told.wait(CameraWanted, CameraFree)
        told.clear()
        for state, cause in ((2, Aspect.FULL_SCREEN), (6, Aspect.DO_NOT_DISTURB)):
            system.state = state
            told.wait(*quiet(cause, True))
            system.state = 5
            told.wait(*quiet(cause, True, False))
            told.clear()
        system.microphones = [r"C:\Teams.exe"]
        clock.pass_(QUICK.microphone_s)
        told.wait(*quiet(Aspect.CALL, True))


@pytest.mark.parametrize("trouble", [ImportError("no pywin32"), OSError("the session cannot be watched")])
def test_windows_that_cannot_be_watched_says_so(trouble: Exception, told: Told) -> None:
    """Lock is unknown then, and sleep is left to the clocks."""
    with WindowsPresence(told.append, system=FakeWindows(trouble), intervals=QUICK) as watched:
        assert not watched.known[Aspect.LOCK].known
        assert "clocks" in watched.known[Aspect.SLEEP].words


@pytest.mark.parametrize(
    ("plugged", "changes", "known"), [(False, [OnBattery], True), (True, [], True), (None, [], False), ("none", [], True)]
)
def test_the_battery_is_told_where_there_is_one(plugged: object, changes: list[Kind], known: bool) -> None:
    """On mains is as at first and not told; a system that does not say which is not guessed at."""
    told: list[PresenceChange] = []
    found = Capabilities()
    said = None if plugged == "none" else SimpleNamespace(power_plugged=plugged)
    Battery(Publisher(told.append), found, time.monotonic, 1.0, lambda: said).poll()
    assert kinds_of(told) == changes
    assert found[Aspect.BATTERY].known == known
    assert found[Aspect.BATTERY].words != "not asked yet"


def _dunst(desktop: Desktop, *words: str) -> None:
    subprocess.run(["dunstctl", *words], env=desktop.env, check=True, capture_output=True, timeout=10)


def _pass(seconds: float) -> None:
    """Let time pass in which nothing is to happen."""
    time.sleep(seconds)
