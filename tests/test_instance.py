"""One monitor for each folder of data."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import threading
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from posture.errors import ControlError
from posture.monitor.instance import LOCK, NOTE, Instance

HOLDER = (
    "import time\nfrom posture.monitor.instance import Instance\nwith Instance.claim():\n    print('mine', flush=True)\n    time.sleep(60)"
)


def holder() -> subprocess.Popen[str]:
    """Another process that is the one."""
    child = subprocess.Popen([sys.executable, "-c", HOLDER], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None and child.stdout.readline() == "mine\n"
    return child


def end(child: subprocess.Popen[str]) -> None:
    """Kill it outright."""
    child.kill()
    child.communicate()


def test_one_after_the_other(home: Path) -> None:
    """The claim ends with its block, and only the user can read what it wrote."""
    for _ in range(2):
        with Instance.claim() as instance:
            assert instance.folder == home / "data" / "run"
            for name in (LOCK, NOTE):
                assert stat.S_IMODE((instance.folder / name).stat().st_mode) == 0o600
    assert not (home / "data" / "run" / NOTE).exists()


def test_second_is_told_where_the_first_is(home: Path) -> None:
    """A second one is refused, with the first one's process, since when it runs, and its camera."""
    since = datetime.now().replace(hour=14, minute=2).timestamp()
    said: dict[str, Any] = {"pid": 1234, "since_utc": since, "camera": "C920"}
    with Instance.claim(), pytest.raises(ControlError) as refused, Instance.claim(ask=lambda _: said):
        pass
    assert str(refused.value) == "a monitor is already running (process 1234, since 14:02, camera 'C920'); see: posture status"


def test_first_in_another_process(home: Path) -> None:
    """One in another process counts; it has not opened its channel, so what it noted is said."""
    child = holder()
    try:
        words = rf"already running \(process {child.pid}, since \d\d:\d\d\), but isn't answering"
        with pytest.raises(ControlError, match=words), Instance.claim(grace_s=0.05):
            pass
    finally:
        end(child)


def test_one_that_hangs(home: Path) -> None:
    """One that does not answer is named all the same."""

    def hangs(_: Path | None) -> None:
        raise ControlError("does not answer")

    with Instance.claim(), pytest.raises(ControlError, match=f"process {os.getpid()}.*isn't answering"), Instance.claim(ask=hangs):
        pass


def test_killed_one_leaves_no_claim(home: Path) -> None:
    """After kill -9 the next one can start at once."""
    end(holder())
    assert (home / "data" / "run" / NOTE).exists()
    with Instance.claim(grace_s=0.0) as instance:
        assert instance.folder == home / "data" / "run"


def test_note_of_an_earlier_process_names_nobody(home: Path) -> None:
    """A note whose process number another process has by now is not repeated."""

    def hangs(_: Path | None) -> None:
        raise ControlError("does not answer")

    with Instance.claim() as instance:
        (instance.folder / NOTE).write_text(json.dumps({"pid": os.getppid(), "start": "1", "since_utc": 1.0}), encoding="utf-8")
        with pytest.raises(ControlError, match="a monitor is already running, but"), Instance.claim(ask=hangs):
            pass


def test_one_that_is_ending_is_waited_for(home: Path) -> None:
    """A start right after a stop succeeds, though the first one still has a moment to go."""
    up, go = threading.Event(), threading.Event()

    def first() -> None:
        with Instance.claim():
            up.set()
            go.wait(5)

    thread = threading.Thread(target=first)
    thread.start()
    up.wait(5)
    with Instance.claim(ask=lambda _: go.set()):  # which is asked as the lock is found taken
        pass
    thread.join(5)


def test_other_folder_other_monitor(tmp_path: Path) -> None:
    """Two folders of data have a monitor each."""
    with Instance.claim(tmp_path / "a"), Instance.claim(tmp_path / "b"):
        pass


def test_folder_that_others_write_in(tmp_path: Path) -> None:
    """A folder that others can write in is no place for it."""
    (tmp_path / "run").mkdir()
    (tmp_path / "run").chmod(0o777)
    with pytest.raises(ControlError, match="not trusted"), Instance.claim(tmp_path):
        pass
