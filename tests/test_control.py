"""The control channel, on real sockets between real processes."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from multiprocessing import Pipe
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import typer
from hypothesis import given, strategies as st
from typer.testing import CliRunner

from posture._support import catalogue
from posture._support.private_folders import private_folder
from posture.cli import commands
from posture.desktop.notifications.notice import Notice, TerminalNotifier
from posture.engine import EngineOutput
from posture.errors import ControlError
from posture.monitor.control import address, channel, client
from posture.monitor.control.requests import RequestHandler, SessionFacts
from posture.monitor.control.server import ControlRequest, Server
from posture.monitor.instance import Instance
from posture.monitor.notifier import PromptNotifier
from posture.prompts import PromptScheduler
from posture.storage import Store
from posture.time_parsing import moment_words, until
from posture.types import EpisodeKind, PromptLevel, ShownPrompt

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="these are Unix sockets")

STATUS: dict[str, Any] = {
    "pid": 1234,
    "since_utc": 1_772_000_000.0,
    "mode": "running",
    "reason": None,
    "words": "",
    "posture": "flexed",
    "reason_unknown": None,
    "trunk_flexion_deg": 24.3,
    "dose_s": {"flexed": 425.0, "anterior_tilt": 0.0, "sitting": 1500.0},
    "soft_s": 600.0,
    "paused_until_utc": None,
    "camera": "C920",
    "profile": "desk",
    "prompts": 2,
    "version": "0",
}


@dataclass
class Monitor:
    """Answers from a thread of its own, out of a queue, as the real one does; what it does not know it refuses."""

    mute: bool = False
    answers: dict[str, dict[str, Any]] = field(
        default_factory=lambda: {
            "status": dict(STATUS),
            "pause": {},
            "resume": {"words": ""},
            "release_lease": {},
            "request_lease": {"camera": "C920"},
        }
    )
    seen: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    inbox: queue.Queue[ControlRequest | None] = field(default_factory=queue.Queue)
    ended: threading.Event = field(default_factory=threading.Event)

    def work(self) -> None:
        while (request := self.inbox.get()) is not None:
            self.seen.append((request.what, dict(request.values)))
            if self.mute:
                continue
            if request.what == "stop":
                request.reply({})
                self.ended.set()
                return
            if request.what in self.answers:
                request.reply(self.answers[request.what])
            else:
                request.refuse(f"{request.what} is not known")

    def named(self, what: str) -> list[dict[str, Any]]:
        return [values for name, values in self.seen if name == what]


@contextlib.contextmanager
def running(monitor: Monitor | None = None, **limits: float) -> Iterator[tuple[Monitor, Server]]:
    """A server of the test's own folder with a monitor behind it."""
    monitor = monitor or Monitor()
    worker = threading.Thread(target=monitor.work)
    worker.start()
    try:
        with Server(monitor.inbox.put, **limits) as server:
            yield monitor, server
    finally:
        monitor.inbox.put(None)
        worker.join(60)


@pytest.fixture
def monitor(home: Path) -> Iterator[tuple[Monitor, Server]]:
    """A monitor that runs, and its server."""
    with running() as both:
        yield both


def wait_for(met: Callable[[], object], timeout_s: float = 60.0) -> float:
    """Seconds until `met`; fails if it is not in time."""
    start = time.monotonic()
    while not met():
        assert time.monotonic() - start < timeout_s, "it did not come"
        time.sleep(0.01)
    return time.monotonic() - start


def answered() -> bool:
    """Whether the monitor answers; not while all its connections are taken."""
    with contextlib.suppress(ControlError):
        return client.running() == STATUS
    return False


def serving() -> list[threading.Thread]:
    """The threads of servers that serve a client."""
    return [thread for thread in threading.enumerate() if thread.name == "control client"]


def raw(place: str) -> socket.socket:
    """A client that does as it likes."""
    sock = socket.socket(socket.AF_UNIX)
    sock.connect(place)
    sock.settimeout(60)
    return sock


def told(sock: socket.socket) -> dict[str, Any]:
    """One message, taken from the wire by hand."""
    with sock.makefile("rb") as file:
        message = json.loads(file.readline())
    assert isinstance(message, dict)
    return message


BORROWER = """
import sys, time
from posture.monitor.control import client
with client.request_lease("preview") as loan:
    print(loan.said["camera"], flush=True)
    time.sleep(60)
"""

LISTENER = """
import time
from posture.monitor.control.server import Server
with Server(print) as server:
    print(server.address, flush=True)
    time.sleep(60)
"""


@contextlib.contextmanager
def process(code: str, *before: str, **env: str) -> Iterator[subprocess.Popen[str]]:
    """Another Python that runs `code`."""
    full = [*before, sys.executable, "-c", code]
    with subprocess.Popen(
        full, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, **env}, stdin=subprocess.PIPE
    ) as child:
        try:
            yield child
        finally:
            child.kill()
            child.communicate()


def test_answer_comes_back(monitor: tuple[Monitor, Server]) -> None:
    """What is asked reaches the monitor with its values, and the monitor's answer the one who asked."""
    assert client.running() == STATUS
    assert client.ask("pause", until_utc=5.5) == {}
    assert monitor[0].named("pause") == [{"until_utc": 5.5}]


def test_nobody_there(home: Path) -> None:
    """Without a monitor there is no status, nothing to stop, a camera to use freely, and a line that says how to start one."""
    assert client.running() is None
    assert client.stop() is False
    with client.request_lease("preview") as loan:
        assert loan is None
    with pytest.raises(ControlError, match="no monitor is running; to start it: posture watch"):
        client.ask("pause")


def test_refusal_in_the_monitors_words(monitor: tuple[Monitor, Server]) -> None:
    """What the monitor refuses raises its own words, a request that it does not know included."""
    with pytest.raises(ControlError, match=r"^dance is not known$"):
        client.ask("dance")
    monitor[0].answers["request_lease"] = {"error": "The camera is lent to calibrate."}
    with pytest.raises(ControlError, match="lent to calibrate"), client.request_lease("preview"):
        pass
    assert not monitor[0].named("lease_lost")


def test_closed_to_others(monitor: tuple[Monitor, Server], home: Path) -> None:
    """The socket has mode 0600 in a folder of 0700, whatever the umask was, and is gone afterwards."""
    place = Path(monitor[1].address)
    assert place == home / "data" / "run" / "control.sock"
    assert stat.S_IMODE(place.lstat().st_mode) == 0o600
    assert stat.S_IMODE(place.parent.lstat().st_mode) == 0o700


def test_no_mask_opens_it(home: Path) -> None:
    """A process without any mask makes nothing that others can reach, and leaves no socket behind."""
    code = (
        "import os, stat; os.umask(0)\n"
        "from pathlib import Path\n"
        "from posture.monitor.control.server import Server\n"
        "with Server(print) as s:\n"
        "    p = Path(s.address)\n"
        "    print(oct(stat.S_IMODE(p.stat().st_mode)), oct(stat.S_IMODE(p.parent.stat().st_mode)))\n"
        "print(p.exists())\n"
    )
    with process(code) as child:
        assert child.communicate(timeout=30)[0].split() == ["0o600", "0o700", "False"]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0 or not shutil.which("setpriv"), reason="needs root and setpriv")
def test_another_user_is_refused() -> None:
    """Another user cannot connect; and where somebody opened folder and socket by hand, is hung up on without an answer."""
    code = (
        "import socket, sys\n"
        "s = socket.socket(socket.AF_UNIX); s.settimeout(5)\n"
        "try:\n"
        "    s.connect(sys.argv[1]); print(s.recv(10) or 'nothing')\n"
        "except ConnectionResetError:\n"
        "    print('nothing')\n"
        "except PermissionError:\n"
        "    print('no way in')\n"
    )
    folder = Path(tempfile.mkdtemp(prefix="posture-test-", dir="/tmp"))
    try:
        folder.chmod(0o755)
        seen: list[ControlRequest] = []
        with Server(seen.append, folder=folder) as server:
            place = Path(server.address)
            before = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "/usr/bin/env", "python3", "-c", code, str(place)]
            assert subprocess.run(before, capture_output=True, text=True, timeout=30, check=True).stdout.strip() == "no way in"
            place.parent.chmod(0o755)
            place.chmod(0o666)
            assert subprocess.run(before, capture_output=True, text=True, timeout=30, check=True).stdout.strip() == "nothing"
        assert seen == []
    finally:
        shutil.rmtree(folder)


def test_folder_of_others_is_not_trusted(tmp_path: Path) -> None:
    """A folder in which others can write, or a file or link in its place, is refused; one that they can only read is closed."""
    loose, readable, file, link = (tmp_path / name for name in ("loose", "readable", "file", "link"))
    for folder, mode in ((loose, 0o777), (readable, 0o755)):
        folder.mkdir()
        folder.chmod(mode)
    file.touch()
    link.symlink_to(readable)
    for bad in (loose, file, link):
        with pytest.raises(ControlError):
            private_folder(bad)
    assert stat.S_IMODE(private_folder(readable).stat().st_mode) == 0o700


def test_place_for_long_paths(tmp_path: Path) -> None:
    """Every place fits into a socket's address; a path that is too long makes way for the runtime and the temporary folder."""
    deep = tmp_path / ("d" * 120)
    found = address.addresses(deep, {"XDG_RUNTIME_DIR": str(tmp_path)}, Path("/tmp"))
    assert found and all(len(os.fsencode(p)) <= address.LONGEST for p in found)
    assert not any(p.startswith(str(deep)) for p in found)
    assert found[-1].startswith(f"/tmp/posture-{os.geteuid()}/")
    assert found != address.addresses(tmp_path / ("e" * 120), {"XDG_RUNTIME_DIR": str(tmp_path)}, Path("/tmp"))


def test_works_where_the_path_is_too_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Monitor and client meet elsewhere, in a closed folder, where the data folder's path is too long."""
    monkeypatch.setenv("POSTURE_DATA_DIR", str(tmp_path / ("d" * 120)))
    with running() as (_, server):
        assert stat.S_IMODE(Path(server.address).parent.stat().st_mode) == 0o700
        assert client.running() == STATUS


def test_second_server_is_refused(monitor: tuple[Monitor, Server]) -> None:
    """A second server does not take the place of one that listens, which goes on undisturbed."""
    with pytest.raises(ControlError, match="already listening"), Server(print):
        pass
    assert client.running() == STATUS


def test_stale_socket_is_replaced(home: Path) -> None:
    """What a killed monitor left is no monitor, and does not keep the next one from listening."""
    code = (
        "import os, signal\n"
        "from posture.monitor.control.server import Server\nServer(print).__enter__()\nos.kill(os.getpid(), signal.SIGKILL)"
    )
    with process(code) as child:
        child.wait(30)
    assert (home / "data" / "run" / "control.sock").is_socket()
    assert client.running() is None
    with running():
        assert client.running() == STATUS


def test_standard_client_understands(monitor: tuple[Monitor, Server]) -> None:
    """The wire is one JSON object a line: any socket can ask, more than once on a connection, and more than one at a time."""
    with raw(monitor[1].address) as sock, sock.makefile("rb") as answers:
        for _ in range(3):
            sock.sendall(b'{"ask": "status"}\n')
            assert json.loads(answers.readline()) == {"answer": STATUS}
        sock.sendall(b'{"ask": "status"}\n' * 2)
        assert [json.loads(answers.readline()) for _ in range(2)] == [{"answer": STATUS}] * 2


BAD = [
    b"",
    b"nonsense",
    b"\xff\xfe",
    b"[]",
    b"{}",
    b'{"ask": 5}',
    b'{"ask": "rm -rf"}',
    b'{"ask": "pause", "values": [1]}',
    b'{"ask": "pause", "values": {"until_utc": NaN}}',
    b'{"ask": "pause", "values": {"until_utc": 1e999}}',
    b'{"ask": "pause", "values": {"until_utc": ' + b"9" * 5000 + b"}}",
    b"[" * 60_000,
    b"cposix\nsystem\n(S'touch pickled'\ntR.",
]


@pytest.mark.parametrize("message", BAD, ids=lambda m: repr(m[:24]))
def test_bad_message_gets_an_error(monitor: tuple[Monitor, Server], message: bytes) -> None:
    """What is no request gets an error as JSON, is not handed on, and harms nobody else."""
    with raw(monitor[1].address) as sock:
        sock.sendall(message + b"\n")
        assert told(sock)["error"].startswith("this is not a request")
        with contextlib.suppress(ConnectionResetError):
            assert sock.recv(1) == b""
    assert client.running() == STATUS
    assert not monitor[0].named("pause")


@pytest.mark.parametrize("size", [channel.MAX_BYTES + 2, 3 * channel.MAX_BYTES])
def test_message_that_is_too_long(monitor: tuple[Monitor, Server], size: int) -> None:
    """A message that is too long is refused before it ends."""
    with raw(monitor[1].address) as sock:
        sock.sendall(b"x" * size)
        assert "longer than" in told(sock)["error"]
    assert client.running() == STATUS


def test_too_long_for_the_client(monitor: tuple[Monitor, Server]) -> None:
    """Neither side sends what the other would not read; both say so."""
    with pytest.raises(ControlError, match="too long"):
        client.ask("pause", what="x" * channel.MAX_BYTES)
    for huge in ("x" * channel.MAX_BYTES, float("nan"), object()):
        monitor[0].answers["show"] = {"page": huge}
        with pytest.raises(ControlError, match="can't be sent"):
            client.ask("show")


@given(st.lists(st.binary(max_size=200), max_size=5))
def test_any_bytes(chunks: list[bytes]) -> None:
    """Whatever bytes come, the server goes on, and hands on no more than what was asked in good form."""
    with tempfile.TemporaryDirectory() as folder:
        seen: list[ControlRequest] = []
        with Server(seen.append, folder=Path(folder)) as server, raw(server.address) as sock, contextlib.suppress(OSError):
            for chunk in chunks:
                sock.sendall(chunk)
        assert seen == []


def test_flood(monitor: tuple[Monitor, Server]) -> None:
    """A thousand bad clients in a row leave no thread behind, and the next good one is answered."""
    before = threading.active_count()
    for number in range(1000):
        with raw(monitor[1].address) as sock, contextlib.suppress(OSError):
            sock.sendall(os.urandom(number))
    wait_for(answered)
    wait_for(lambda: threading.active_count() <= before)


def test_silent_clients_block_nobody(monitor: tuple[Monitor, Server]) -> None:
    """Clients that say nothing, or stop in the middle, keep no other from being answered."""
    with contextlib.ExitStack() as stack:
        for number in range(40):
            sock = stack.enter_context(raw(monitor[1].address))
            sock.sendall(b'{"as'[: number % 5])
        assert client.running() == STATUS


def test_stalled_message_ends_the_line(home: Path) -> None:
    """A message that does not go on is given up."""
    with running(silence_s=0.1) as (_, server), raw(server.address) as sock:
        sock.sendall(b"{")
        with contextlib.suppress(ConnectionResetError):
            assert sock.recv(10) == b""


def test_too_many_are_turned_away(monitor: tuple[Monitor, Server]) -> None:
    """Connections are limited, and there is room again as soon as they end."""
    with contextlib.ExitStack() as stack:
        socks = [stack.enter_context(raw(monitor[1].address)) for _ in range(80)]
        wait_for(lambda: any(gone(s) for s in socks))
        with pytest.raises(ControlError):
            client.running()
    wait_for(answered)


def gone(sock: socket.socket) -> bool:
    """Whether the other end has hung up."""
    sock.setblocking(False)
    try:
        return sock.recv(1) == b""
    except BlockingIOError:
        return False
    except ConnectionResetError:
        return True


def test_end_while_clients_hang(home: Path) -> None:
    """The server ends within a second while clients are silent, stop in the middle, have borrowed, or wait for an answer."""
    hanging = Monitor(mute=True)
    before = threading.active_count()
    with contextlib.ExitStack() as stack:
        with running(hanging) as (_, server):
            for number in range(20):
                stack.enter_context(raw(server.address)).sendall(b'{"as'[: number % 5])
            asking = stack.enter_context(raw(server.address))
            asking.sendall(b'{"ask": "status"}\n')
            wait_for(lambda: hanging.seen)
            start = time.monotonic()
        assert time.monotonic() - start < 1.0
        assert told(asking)["error"] == "the monitor is stopping"
        wait_for(lambda: threading.active_count() <= before)


def test_answer_before_the_end_arrives(home: Path) -> None:
    """An answer that was given right before the server ended still reaches the client."""
    got: list[object] = []
    for number in range(20):
        inbox: queue.Queue[ControlRequest] = queue.Queue()
        with Server(inbox.put):
            asker = threading.Thread(target=lambda: got.append(client.ask("status")))
            asker.start()
            inbox.get(timeout=5).reply({"last words": number})
        asker.join(60)
    assert got == [{"last words": number} for number in range(20)]


def test_monitor_that_hangs_is_not_waited_for(home: Path) -> None:
    """Both sides give up in time: the client of a mute monitor, and of a process that is stopped altogether."""
    with running(Monitor(mute=True), answer_s=0.1), pytest.raises(ControlError, match="hasn't answered"):
        client.ask("status")
    with process(LISTENER) as child:
        assert child.stdout is not None
        place = child.stdout.readline().strip()
        child.send_signal(signal.SIGSTOP)
        with pytest.raises(ControlError, match=f"process {child.pid}.* isn't answering"):
            client.ask("status", timeout_s=0.1)
        with contextlib.ExitStack() as stack:
            with contextlib.suppress(BlockingIOError):
                for _ in range(200):  # until its queue is full
                    knocking = stack.enter_context(socket.socket(socket.AF_UNIX))
                    knocking.setblocking(False)
                    knocking.connect(place)
            with pytest.raises(ControlError, match="isn't answering"):
                client.ask("status", timeout_s=0.1)


def test_late_and_second_answers_are_harmless(home: Path) -> None:
    """Only the first answer counts; one to a client that is gone is dropped."""
    inbox: queue.Queue[ControlRequest] = queue.Queue()
    with Server(inbox.put) as server:
        with raw(server.address) as sock:
            sock.sendall(b'{"ask": "status"}\n')
            request = inbox.get(timeout=5)
        request.reply({"n": 1})
        request.reply({"n": 2})
        worker = threading.Thread(target=lambda: [r.reply({"n": n}) for r in [inbox.get(timeout=5)] for n in (3, 4)])
        worker.start()
        assert client.ask("status") == {"n": 3}
        worker.join(60)


def test_number_of_a_request() -> None:
    """A value that must be a number is one, is missing, or raises."""
    request = ControlRequest("pause", {"a": 5, "b": None, "c": "5", "d": True}, print)
    assert (request.number("a"), request.number("b"), request.number("z")) == (5.0, None, None)
    for name in "cd":
        with pytest.raises(ControlError):
            request.number(name)


def test_loan_and_return(monitor: tuple[Monitor, Server]) -> None:
    """The borrower gets what the monitor says, under a name of its own, and gives the camera back once."""
    with client.request_lease("preview") as loan:
        assert loan is not None and loan.said["camera"] == "C920" and not loan.ended()
        (lent,) = monitor[0].named("request_lease")
        assert lent["holder"] == f"preview (process {os.getpid()})" == loan.said["holder"]
    assert monitor[0].named("release_lease") == [{"holder": lent["holder"]}]
    wait_for(lambda: not serving())
    assert not monitor[0].named("lease_lost")


def test_two_borrowers_are_told_apart(monitor: tuple[Monitor, Server]) -> None:
    """Two loans of one process under one label have two names, so that neither gives back the other's."""
    with client.request_lease("preview"), client.request_lease("preview"):
        first, second = (values["holder"] for values in monitor[0].named("request_lease"))
        assert first != second
    assert [v["holder"] for v in monitor[0].named("release_lease")] == [second, first]


def test_killed_borrower_is_noticed(monitor: tuple[Monitor, Server]) -> None:
    """A borrower that is killed is known to be gone within half a second, and the camera can be lent again."""
    with process(BORROWER) as child:
        assert child.stdout is not None and child.stdout.readline() == "C920\n"
        assert not monitor[0].named("lease_lost")
        child.kill()
        assert wait_for(lambda: monitor[0].named("lease_lost")) < 0.5
        assert monitor[0].named("lease_lost") == [{"holder": f"preview (process {child.pid})"}]
    with client.request_lease("preview") as loan:
        assert loan is not None


def test_loan_lasts(home: Path) -> None:
    """Silence does not end a loan, as it ends other lines."""
    with running(silence_s=0.2) as (monitor, server), client.request_lease("preview") as loan, raw(server.address) as silent:
        assert loan is not None
        wait_for(lambda: gone(silent))  # though it came later
        assert not loan.ended() and not monitor.named("lease_lost")


def test_borrower_sees_the_monitors_end(home: Path) -> None:
    """A borrower can tell that the monitor went away, and ends its loan without an error."""
    with contextlib.ExitStack() as stack:
        with running():
            loan = stack.enter_context(client.request_lease("preview"))
            assert loan is not None
        assert loan.ended()


def test_loan_without_an_answer_is_taken_back(home: Path) -> None:
    """A monitor that answers too late hears that the borrower is gone, so that the camera is not lent to nobody."""
    slow = Monitor(mute=True)
    with running(slow, answer_s=0.2):
        with pytest.raises(ControlError), client.request_lease("preview"):
            pass
        wait_for(lambda: slow.named("lease_lost"))
        assert slow.named("lease_lost")[0]["holder"] == slow.named("request_lease")[0]["holder"]


def test_only_the_borrower_gives_back(monitor: tuple[Monitor, Server]) -> None:
    """Nobody gives back, or reports gone, what is lent to another."""
    with client.request_lease("preview"):
        for what in ("release_lease", "lease_lost"):
            with pytest.raises(ControlError):
                client.ask(what, holder=f"preview (process {os.getpid()})")
        assert not monitor[0].named("lease_lost") and not monitor[0].named("release_lease")


def test_stop_without_an_answer(home: Path) -> None:
    """A monitor that ends at once instead of answering has been stopped all the same."""
    hurried = Monitor(mute=True)
    stopped: list[bool] = []
    with running(hurried):
        asker = threading.Thread(target=lambda: stopped.append(client.stop()))
        asker.start()
        wait_for(lambda: hurried.seen)
    asker.join(60)
    code = (
        "import os\nfrom posture.monitor.control.server import Server\n"
        "with Server(lambda _: os._exit(1)):\n    print(flush=True)\n    input()"
    )
    with process(code) as child:
        assert child.stdout is not None and child.stdout.readline()
        stopped.append(client.stop())
    assert stopped == [True, True]


def test_stop_waits_for_the_end(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stop returns once nobody listens any more; a monitor that goes on all the same is told of."""
    looks = 0

    def listening(place: str) -> bool:
        nonlocal looks
        looks += 1
        return channel.is_listening(place)

    monkeypatch.setattr(client, "is_listening", listening)
    stopped: list[bool] = []
    with running():
        asker = threading.Thread(target=lambda: stopped.append(client.stop()))
        asker.start()
        wait_for(lambda: looks > 2)
        assert not stopped  # what was measured is still being written
    asker.join(60)
    assert stopped == [True]
    assert client.running() is None
    with running(), pytest.raises(ControlError, match="is still running after"):
        client.stop(timeout_s=0.1)


def test_a_pipe_carries_the_same() -> None:
    """As on Windows, but for the name of the pipe: answers, silence, a refused message and the end."""
    here, there = (channel.PipeConnection(end) for end in Pipe())
    there.send(channel.encode({"ask": "status"}))
    assert here.receive(1.0) == {"ask": "status"} and not here.ended()
    with pytest.raises(TimeoutError):
        here.receive(0.0)
    there.send(b"nonsense\n")
    with pytest.raises(ValueError):
        here.receive(None)
    here.hang_up()
    with pytest.raises(EOFError):
        here.receive(None)
    there.close()
    assert here.ended()
    here.close()


# --- the commands

app = typer.Typer()
commands.register(app)


def command(*words: str) -> tuple[int, str]:
    """Exit code and output of one command; an error of the program itself raises."""
    result = CliRunner().invoke(app, list(words), catch_exceptions=True)
    if isinstance(result.exception, ControlError):
        raise result.exception
    return result.exit_code, " ".join(result.output.split())


def test_status_of_none(home: Path) -> None:
    """Where nothing runs, status says so and exits with 3, in JSON too; the others say what to do."""
    assert command("status") == (3, "not running; to start it: posture watch")
    code, text = command("status", "--json")
    assert (code, json.loads(text)) == (3, {"running": False})
    assert command("stop") == (0, "no monitor was running")
    for name in ("pause", "resume"):
        with pytest.raises(ControlError, match="no monitor is running"):
            command(name)


def test_status_in_words(monitor: tuple[Monitor, Server]) -> None:
    """Status says mode, posture, doses, camera and profile in plain words, and all of it as JSON."""
    code, text = command("status")
    assert code == 0
    for part in ("watching", "process 1234", "leaning or slumped, trunk flexion 24°", "7:05, reminder at 10:00", "25:00", "C920", "desk"):
        assert part in text
    assert json.loads(command("status", "--json")[1]) == {"running": True, **STATUS}


def test_status_says_why_nothing_is_known(monitor: tuple[Monitor, Server]) -> None:
    """Paused until when, or why the posture is not known, stands in the status; a password does not, nor what a terminal obeys."""
    now = datetime.now()
    end = until("tomorrow", now)
    monitor[0].answers["status"] |= {"mode": "paused", "posture": None, "reason": "paused", "paused_until_utc": end}
    assert "paused until tomorrow 04:00" in command("status")[1]
    camera = "rtsp://me:se\x1bcret@host/live"
    assert "Advice" not in command("status")[1]
    monitor[0].answers["status"] |= {"advice": "You sit turned: your calibration no longer fits"}
    assert "Advice" in (text := command("status")[1]) and "your calibration no longer fits" in text
    monitor[0].answers["status"] |= {"mode": "running", "posture": "unknown", "reason_unknown": "too_dark", "camera": camera}
    text = command("status")[1]
    assert "picture too dark" in text and "host/live" in text
    assert "cret" not in text and "\x1b" not in text


@pytest.mark.parametrize("partial", [{}, {"mode": 5, "dose_s": 3, "since_utc": "x", "prompts": None, "pid": "y"}])
def test_status_of_another_version(monitor: tuple[Monitor, Server], partial: dict[str, Any]) -> None:
    """A monitor that says less, or other things, is still shown."""
    monitor[0].answers["status"] = partial
    assert command("status")[0] == 0


def test_why_no_reminder_comes(home: Path) -> None:
    """In the status, and in every form of the day that goes on; of a monitor that does not run, too; not of a day that is over."""
    why = {"reason": "snooze", "words": "No reminders: snoozed until 14:20.", "until_utc": 1_772_000_000.0, "detail": ""}
    with Store.open():
        pass
    assert "No reminders: the monitor isn't running." in command("today")[1]
    with running() as (monitor, _):
        monitor.answers["status"] |= {"silence": why}
        assert "Reminders No reminders: snoozed until 14:20." in command("status")[1]
        for form in ((), ("--md",)):
            assert why["words"] in command("today", *form)[1]
        assert json.loads(command("today", "--json")[1])["silence"] == why
        assert command("today", "--html", str(home / "day.html"))[0] == 0 and str(why["words"]) in (home / "day.html").read_text()
        assert str(why["words"]) not in command("today", "--date", "2026-03-02")[1]
        for silence in (None, 5, {"words": 7}):
            monitor.answers["status"] |= {"silence": silence}
            assert "No reminders" not in command("today")[1] + command("status")[1]


def test_pause_resume_stop(monitor: tuple[Monitor, Server]) -> None:
    """Pause sends the moment and says it; without a length it says how to go on; nonsense is wrong use."""
    before = time.time()
    code, text = command("pause", "15m")
    assert code == 0 and text.startswith("paused until ")
    assert command("pause") == (0, "paused until you resume: posture resume")
    first, second = (values["until_utc"] for values in monitor[0].named("pause"))
    assert 900 <= first - before < 910 and second is None
    assert command("resume") == (0, "resumed")
    assert command("pause", "soon")[0] == 2
    assert "04:00" in command("pause", "tomorrow")[1]


def test_the_last_reminder_again(home: Path) -> None:
    """From the command over the channel to the screen: which it was; without one, or from an older monitor, the words why not."""
    shown, desk = list[Notice](), PromptScheduler(catalogue.load())
    notifier = PromptNotifier(catalogue.load(), desk, TerminalNotifier(shown.append), None, lambda _id: None)
    handler = RequestHandler(
        SessionFacts(0.0, "C920", "0", None), bool, lambda: None, lambda *_: None, notifier.answered, lambda *_: None, again=notifier.again
    )
    with Server(lambda request: handler.process(request, None, 0.0)):  # type: ignore[arg-type] # this request needs no monitor
        with pytest.raises(ControlError, match="there has been no reminder since the monitor started"):
            command("again")
        notifier.process(EngineOutput(shown=[ShownPrompt(600.0, "cat_cow_seated", EpisodeKind.FLEXED, PromptLevel.SOFT, 0.0)]), 600.0)
        assert command("again") == (0, "shown again: Cat-Cow on your chair")
        assert [(n.number, n.quiet) for n in shown] == [(1, False), (1, True)]
        assert command("done")[0] == 0 and notifier.waiting is None
    with running(), pytest.raises(ControlError, match="again is not known"):
        command("again")


def test_help_says_what_is_special() -> None:
    """The exit code of status and what tomorrow means stand in the help."""
    assert "3 if not" in command("status", "--help")[1]
    assert "4 in the morning" in command("pause", "--help")[1].replace(" │ │ ", " ")


# --- how long a pause lasts

BERLIN = ZoneInfo("Europe/Berlin")


def at(text: str, fold: int = 0) -> datetime:
    """A local time in Berlin, where clocks went forward on 2026-03-29 and back on 2026-10-25."""
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN, fold=fold)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("15m", 900), ("15 min", 900), ("1h", 3600), ("1h30m", 5400), ("1.5h", 5400), ("90s", 90), ("2H 5M", 7500), ("1d", 86400)],
)
def test_length_of_a_pause(text: str, seconds: float) -> None:
    """A length is time that passes, also over a change of the clocks."""
    for now in (at("2026-06-01T12:00"), at("2026-03-29T01:50"), at("2026-10-25T02:50"), datetime(2026, 6, 1, 12)):
        assert until(text, now) == now.timestamp() + seconds


@pytest.mark.parametrize(
    ("now", "text", "then"),
    [
        ("2026-03-28T22:00", "tomorrow", "2026-03-29T04:00+02:00"),
        ("2026-10-24T22:00", "tomorrow", "2026-10-25T04:00+01:00"),
        ("2026-06-01T01:30", "tomorrow", "2026-06-02T04:00+02:00"),
        ("2026-12-31T09:00", "Tomorrow ", "2027-01-01T04:00+01:00"),
        ("2026-06-01T12:00", "17:30", "2026-06-01T17:30+02:00"),
        ("2026-06-01T17:30", "17:30", "2026-06-02T17:30+02:00"),
        ("2026-03-28T12:00", "9:15", "2026-03-29T09:15+02:00"),
        ("2026-10-25T02:10", "2:30", "2026-10-25T02:30+02:00"),
        ("2026-10-25T02:40", "2:30", "2026-10-25T02:30+01:00"),
    ],
)
def test_time_of_the_day(now: str, text: str, then: str) -> None:
    """A time of the day is what the clocks on the wall show next, whether or not they were changed in between."""
    assert until(text, at(now)) == datetime.fromisoformat(then).timestamp()


def test_time_of_the_computers_own_zone(home: Path) -> None:
    """A time without a zone is that of the computer, which knows when its clocks are changed."""
    code = (
        "from datetime import datetime\n"
        "from posture.time_parsing import until\n"
        "print(until('tomorrow', datetime(2026, 3, 28, 22)), until('8h', datetime(2026, 3, 28, 22)))\n"
    )
    with process(code, TZ="Europe/Berlin") as child:
        tomorrow, later = (float(word) for word in child.communicate(timeout=30)[0].split())
    assert tomorrow == at("2026-03-29T04:00").timestamp()
    assert later == at("2026-03-29T07:00").timestamp()


@pytest.mark.parametrize("text", ["", "soon", "15", "0m", "-5m", "8d", "25:00", "1h-5m", "nan", "9999999h", "१५m x"])
def test_no_length(text: str) -> None:
    """What is no time, nothing, or more than a week is refused with what was expected."""
    with pytest.raises(ValueError, match="write for instance"):
        until(text, at("2026-06-01T12:00"))


def test_no_end() -> None:
    """No words: no end."""
    assert until(None, at("2026-06-01T12:00")) is None


@given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)), st.times(), st.integers(0, 1))
def test_time_of_the_day_lies_ahead(now: datetime, clock: Any, fold: int) -> None:
    """A time of the day is always after now, and no more than a day and the change of the clocks away."""
    local = now.replace(tzinfo=BERLIN, fold=fold)
    found = until(f"{clock:%H:%M}", local)
    assert found is not None and 0 < found - local.timestamp() <= 26 * 3600


def test_moment_in_words() -> None:
    """A moment is a clock time today, and named with its day otherwise."""
    now = at("2026-03-28T12:00")
    said = [moment_words(datetime.fromisoformat(f"2026-{d}+02:00").timestamp(), now) for d in ("03-29T04:00", "03-31T04:00")]
    assert said == ["tomorrow 04:00", "Tuesday 31 March 04:00"]
    assert moment_words(now.timestamp() + 60, now) == "12:01"


def test_claim_and_server_together(home: Path) -> None:
    """Lock and channel share the folder that is closed to others."""
    with Instance.claim() as instance, running() as (_, server):
        assert Path(server.address).parent == instance.folder
