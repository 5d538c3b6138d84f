"""Years of days in one database are read, taken out, erased and brought back; a kill in the middle leaves nothing half done."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from faults.fast import environment
from faults.figures import note, times
from posture.cli.app import run
from posture.storage.schema import default_path
from posture.storage.store import Store

pytestmark = pytest.mark.skipif(os.name != "posix", reason="SIGKILL is of POSIX")
LAST = datetime(2026, 6, 30, 8, tzinfo=UTC)
SPANS_A_DAY = 160
KINDS = ("neutral", "flexed", "unknown", "away")


def fill(days: int) -> None:
    """Write that many days of eight hours each, the last on the 30th of June 2026."""
    with Store.open() as store, store.writing() as db:
        for i in range(days):
            start = (LAST - timedelta(days=days - 1 - i)).timestamp()
            db.execute(
                "INSERT INTO sessions (id, origin, source, started_utc, ended_utc, ended, heartbeat_utc, pid, process, app_version,"
                " tz_offset_s) VALUES (?, 'live', 'desk', ?, ?, 'complete', ?, 0, '', '', 0)",
                (i + 1, start, start + 28800.0, start + 28800.0),
            )
            step = 28800.0 / SPANS_A_DAY
            rows = ((i + 1, start + n * step, start + (n + 1) * step, KINDS[n % 4], 0) for n in range(SPANS_A_DAY))
            db.executemany("INSERT INTO spans (session_id, start_utc, end_utc, posture, open) VALUES (?, ?, ?, ?, ?)", rows)


def held() -> tuple[int, int]:
    """Sessions and spans of the database, which is sound."""
    with closing(sqlite3.connect(default_path())) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        sessions, spans = (db.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in ("sessions", "spans"))
    return int(sessions), int(spans)


def timed(*argv: str) -> float:
    """Run a command that succeeds; its seconds of this process's time."""
    began_s = time.process_time()
    assert run(list(argv)) == 0, argv
    return time.process_time() - began_s


def test_years_are_read_taken_out_erased_and_brought_back(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A day, a week and a trend of the end; an export of all, an erased year, and an import that brings it back."""
    days = round(365 * times("YEARS", 1) / (1 if "POSTURE_YEARS" in os.environ else 6))
    fill(days)
    full = held()
    assert full == (days, days * SPANS_A_DAY)
    read_s = [timed(command, "--date", "2026-06-30", "--json") for command in ("today", "week", "trend")]
    assert max(read_s) < 10.0
    export_s = timed("data", "export", str(home / "all"))
    erase_s = timed("data", "erase", "--from", "2026-06-01", "--to", "2026-06-30", "--yes")
    assert held() == (days - 30, (days - 30) * SPANS_A_DAY)
    import_s = timed("data", "import", str(home / "all"))
    assert held() == full
    seconds = {"day": read_s[0], "week": read_s[1], "trend": read_s[2], "export": export_s, "erase": erase_s, "import": import_s}
    note("years of data", days=days, spans=full[1], **{f"{name}_s": round(s, 2) for name, s in seconds.items()})


@pytest.mark.parametrize("command", ["import", "erase"])
def test_killed_in_the_middle_all_or_nothing_is_done(command: str, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """SIGKILL at random moments of ``posture data import`` and ``erase``: what is there is what was before, or what was to be."""
    kills, chance = times("COMMAND_KILLS", 2), random.Random(11)
    fill(40)
    full, few = held(), (10, 10 * SPANS_A_DAY)
    assert run(["data", "export", str(home / "all")]) == 0
    erase = ["data", "erase", "--from", "2026-06-01", "--to", "2026-06-30", "--yes"]
    argv = ["data", "import", str(home / "all")] if command == "import" else erase
    code = f"import posture.cli.data, sys\nfrom posture.cli.app import run\nprint(flush=True)\nsys.exit(run({argv!r}))"
    longest_s, done = 1.0, 0
    for _ in range(kills):
        if command == "import" and held() == full:
            assert run(erase) == 0
        if command == "erase" and held() == few:
            assert run(["data", "import", str(home / "all")]) == 0
        child = subprocess.Popen([sys.executable, "-c", code], env=environment(), stdout=subprocess.PIPE)
        assert child.stdout is not None
        child.stdout.readline()
        began_s = time.monotonic()
        try:
            child.wait(chance.uniform(0.0, longest_s))
            longest_s = max(0.1, time.monotonic() - began_s)  # it was quicker: the next are killed earlier
        except subprocess.TimeoutExpired:
            child.send_signal(signal.SIGKILL)
            child.wait()
        child.stdout.close()
        assert held() in (full, few)
        done += held() == (full if command == "import" else few)
    note(f"kills of data {command}", kills=kills, done=done, undone=kills - done)
