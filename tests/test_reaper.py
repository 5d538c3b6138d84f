"""A test run that is stopped leaves no process behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import uuid
from pathlib import Path

import pytest
import reaper

pytestmark = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="reads /proc")


def test_what_a_run_leaves_behind_is_ended_and_nothing_else() -> None:
    """In a session of its own, frozen or not; by the closing of the pipe, which a kill of the run brings about as well."""
    mark = uuid.uuid4().hex
    sleep = ["sleep", "600"]
    ours = [subprocess.Popen(sleep, env={**os.environ, reaper.NAME: mark}, start_new_session=own) for own in (True, False)]
    other = subprocess.Popen(sleep)
    ours[0].send_signal(signal.SIGSTOP)
    try:
        ending = subprocess.Popen([sys.executable, reaper.__file__, mark], stdin=subprocess.PIPE)
        assert set(reaper.marked(mark)) == {p.pid for p in ours}
        ending.communicate(timeout=60)
        assert [p.wait(10) for p in ours] == [-signal.SIGKILL] * 2
        assert other.poll() is None
    finally:
        for process in (*ours, other):
            process.kill()
            process.wait()


def test_ctrl_c_reaches_tests_and_what_they_start_also_where_the_parent_has_it_ignored() -> None:
    """As under ``nohup``, or in the background of a shell script."""
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    asked = "import signal; print(signal.getsignal(signal.SIGINT) is signal.default_int_handler)"
    assert subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True).stdout == "True\n"
