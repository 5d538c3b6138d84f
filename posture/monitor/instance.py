"""At most one monitor for each data folder; a second one is refused with where the first one runs."""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from posture._support import os_errors, private_folder, process_start, replacing
from posture.errors import ControlError
from posture.monitor.control import client
from posture.monitor.control.address import run_folder
from posture.time_parsing import moment_words

LOCK, NOTE = "monitor.lock", "monitor.json"
GRACE_S = 2.0
"""How long to wait for one that is just starting or ending and does not answer."""
Ask = Callable[[Path | None], Mapping[str, Any] | None]


@dataclass(frozen=True, slots=True)
class Instance:
    """The only monitor of its data folder."""

    folder: Path
    """For what belongs to it while it runs."""

    @classmethod
    @contextmanager
    def claim(cls, folder: Path | None = None, *, ask: Ask = client.running, grace_s: float = GRACE_S) -> Iterator[Instance]:
        """Hold the lock of the data folder for the block; **writes** a lock file, which the system releases however the process ends.

        Args:
            folder: that of the database, by default the user's own.
            ask: asks the first one what it is doing.
            grace_s: how long to wait for a first one that nobody can talk to.

        Raises:
            ControlError: there is one already; says where. Or the folder cannot be used.
        """
        run = private_folder(run_folder(folder))
        lock = FileLock(run / LOCK, mode=0o600, thread_local=False)
        with os_errors(f"{run / LOCK}: cannot be locked", ControlError):
            _acquire(lock, run, folder, ask, grace_s)
        try:
            with os_errors(f"{run / NOTE}: cannot be written", ControlError):
                _note(run / NOTE)
            yield cls(run)
        finally:
            with contextlib.suppress(OSError):
                (run / NOTE).unlink(missing_ok=True)
            lock.release()


def _acquire(lock: FileLock, run: Path, folder: Path | None, ask: Ask, grace_s: float) -> None:
    with contextlib.suppress(Timeout):
        lock.acquire(timeout=0)
        return
    try:
        first, answers = ask(folder), True
    except ControlError:
        first, answers = None, False
    if first is None and answers:
        with contextlib.suppress(Timeout):
            lock.acquire(timeout=grace_s)
            return
    raise ControlError(_taken(run, first))


def _taken(run: Path, first: Mapping[str, Any] | None) -> str:
    """Say where the first one runs, as far as it is known."""
    known = first or _noted(run / NOTE)
    pid, since, camera = known.get("pid"), known.get("since_utc"), known.get("camera")
    parts = []
    if isinstance(pid, int):
        parts.append(f"process {pid}")
    if isinstance(since, int | float):
        parts.append(f"since {moment_words(since, datetime.now())}")
    if camera:
        parts.append(f"camera '{camera}'")
    where = f" ({', '.join(parts)})" if parts else ""
    if first is not None:
        return f"a monitor is already running{where}; see: posture status"
    return f"a monitor is already running{where}, but isn't answering; if that doesn't change, stop that process"


def _note(path: Path) -> None:
    """Write which process runs, for the case that it cannot answer."""
    with replacing(path) as part:
        part.write_text(json.dumps({"pid": os.getpid(), "start": process_start(os.getpid()), "since_utc": time.time()}), encoding="utf-8")


def _noted(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(found, dict) or not isinstance(pid := found.get("pid"), int):
        return {}
    # One that was killed leaves its note behind, and another process may have its number by now.
    return found if process_start(pid) == found.get("start") else {}
