"""At most one monitor for each folder of data, and where the first one is for whoever starts a second."""

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

from posture.control import client
from posture.control.address import private_folder, run_folder
from posture.control.until import moment_words
from posture.model import ControlError

LOCK, NOTE = "monitor.lock", "monitor.json"
GRACE_S = 2.0
"""One that is just starting or ending, and answers nobody, is given this long."""
Ask = Callable[[Path | None], Mapping[str, Any] | None]


@dataclass(frozen=True, slots=True)
class Instance:
    """The one monitor of its folder of data."""

    folder: Path
    """For what belongs to it while it runs."""

    @classmethod
    @contextmanager
    def claim(cls, folder: Path | None = None, *, ask: Ask = client.running, grace_s: float = GRACE_S) -> Iterator[Instance]:
        """Be the one while the block runs; **writes** a lock file, which the system lets go of however the process ends.

        Args:
            folder: that of the database, by default the user's own.
            ask: asks the first one what it is doing.
            grace_s: how long to wait for a first one that nobody can talk to.

        Raises:
            ControlError: there is one already; says where. Or the folder cannot be used.
        """
        run = private_folder(run_folder(folder))
        lock = FileLock(run / LOCK, mode=0o600, thread_local=False)
        try:
            _take(lock, run, folder, ask, grace_s)
        except OSError as error:
            raise ControlError(f"{run / LOCK}: cannot be locked: {error.strerror or error}") from error
        try:
            try:
                _note(run / NOTE)
            except OSError as error:
                raise ControlError(f"{run / NOTE}: cannot be written: {error.strerror or error}") from error
            yield cls(run)
        finally:
            with contextlib.suppress(OSError):
                (run / NOTE).unlink(missing_ok=True)
            lock.release()


def _take(lock: FileLock, run: Path, folder: Path | None, ask: Ask, grace_s: float) -> None:
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
    """Where the first one is, as far as it can be known."""
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
    return f"a monitor is already running{where}, but does not answer; if it stays like that, end that process"


def _note(path: Path) -> None:
    """Writes who is running, for the case that it cannot answer."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="utf-8") as file:
        json.dump({"pid": os.getpid(), "since_utc": time.time()}, file)


def _noted(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
