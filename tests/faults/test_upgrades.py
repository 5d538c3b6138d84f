"""Older and newer versions of the program on one folder of data."""

from __future__ import annotations

import shutil
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from faults.fast import Fast, environment
from posture.cli.app import run
from posture.errors import StoreError
from posture.storage.records import Origin
from posture.storage.schema import MIGRATIONS, default_path, kept_aside
from posture.storage.store import Store
from posture.types import Posture, ReportKind, SelfReport, Span

START = 1_767_600_000.0


def of_version(path: Path, version: int) -> None:
    """A database as that version wrote it, with a day, a report and a calibration in it."""
    with Store.open(path, migrations=MIGRATIONS[:version]) as store:
        number = store.start_session(origin=Origin.LIVE, started_utc=START, source="camera 0")
        store.write_spans(number, [Span(0.0, 60.0, Posture.NEUTRAL), Span(60.0, 90.0, Posture.FLEXED)])
        store.end_session(number)
        store.add_report(SelfReport(START, ReportKind.NUMB, "leg"))
        store.save_profile("desk", {"a": 1})


@pytest.mark.parametrize("version", range(1, len(MIGRATIONS) + 1))
def test_a_monitor_goes_on_in_the_database_of_an_earlier_version(version: int, tmp_path: Path) -> None:
    """From every version there was: all is there, a session is written to it, the file is sound, the old one lies beside."""
    path = tmp_path / "posture.db"
    of_version(path, version)
    with Store.open(path) as store:
        session = Fast(store, START + 1000.0)
        session.run(80.0)
        session.end()
        store.check()
        spans = store.spans_between(START, START + 2000.0)
        assert [s.end_utc - START for s in spans[:2]] == [60.0, 90.0]
        assert spans[-1].end_utc == START + 1080.0
        assert store.reports()[0].kind is ReportKind.NUMB
        assert store.load_profile("desk").data == {"a": 1}
    assert [p.name for p in tmp_path.glob("*.bak")] == ([] if version == len(MIGRATIONS) else [f"posture.db.v{version}.bak"])


@pytest.mark.parametrize("version", range(1, len(MIGRATIONS) + 1))
def test_a_backup_of_an_earlier_version_is_restored(version: int, home: Path) -> None:
    """From every version there was: all is there, and what was in its place lies beside."""
    old = home / "old.db"
    of_version(old, version)
    with Store.open() as store:
        store.add_report(SelfReport(START, ReportKind.URGE))
    assert run(["data", "restore", str(old)]) == 0
    with Store.open() as store:
        store.check()
        assert [r.kind for r in store.reports()] == [ReportKind.NUMB]
        assert len(store.spans_between(START, START + 100.0)) == 2


def test_a_newer_database_is_refused_in_words_by_every_command(home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """After a downgrade of the program: one line that says what to do, nothing changed, nothing set aside."""
    path = default_path()
    with Store.open(path, migrations=(*MIGRATIONS, ("ALTER TABLE spans ADD COLUMN chair TEXT",))):
        pass
    before = path.read_bytes()
    shutil.copy(path, home / "x.db")
    for command in (["today"], ["log", "list"], ["data", "restore", str(home / "x.db")], ["data", "backup", str(home / "b.db")]):
        assert run(command) == 1
        said = " ".join(capfd.readouterr().err.split())
        assert "was written by a newer posture monitor" in said
        assert "update the program" in said
        assert "Traceback" not in said
    assert path.read_bytes() == before
    assert not kept_aside(path)


NEWER = """
import sys
from posture.storage.schema import MIGRATIONS
from posture.storage.store import Store
with Store.open(sys.argv[1], migrations=(*MIGRATIONS, ("ALTER TABLE sessions ADD COLUMN chair TEXT",))) as store:
    store.reports()
"""


def test_two_versions_at_once(tmp_path: Path) -> None:
    """A newer version of the program updates the database while an older one monitors: the older one's session is written to its end,
    the newer one sees it, and the next start of the older one is refused in words."""
    path = tmp_path / "posture.db"
    with Store.open(path) as store:
        session = Fast(store, START)
        session.run(100.0)
        assert subprocess.run([sys.executable, "-c", NEWER, path], env=environment() | {"LC_ALL": "C"}, check=False).returncode == 0
        session.run(200.0)
        session.end()
        assert not [words for words in session.watcher.said if words.startswith("Measurements")]
    with Store.open(path, migrations=(*MIGRATIONS, ("",))) as newer:
        newer.check()
        spans = newer.spans_between(START, START + 1e6)
    assert spans[-1].end_utc - START == 300.0
    assert all(a.end_utc == b.start_utc for a, b in pairwise(spans))
    with pytest.raises(StoreError, match="newer posture monitor"):
        Store.open(path)
