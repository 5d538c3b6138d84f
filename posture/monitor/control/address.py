"""Where the monitor listens: one place for each data folder, that no other user can reach.

A Unix socket lies in a folder that is the user's own and closed to others: beside the database, or, where that path is too
long for a socket or the file system has none, in the user's runtime folder or a checked folder among the temporary files.
Windows has named pipes instead; that branch is written after their documentation and was not run on Windows.
"""

from __future__ import annotations

import getpass
import hashlib
import os
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from posture.storage import default_path

LONGEST = 100
"""Bytes of a socket's path; the systems allow 103 (macOS) or 107 (Linux)."""
_RUN, _SOCKET = "run", "control.sock"


def run_folder(data: Path | None = None) -> Path:
    """Return the folder for the files of a running monitor; ``data``: the folder of the database, by default the user's own."""
    return (default_path().parent if data is None else data) / _RUN


def addresses(data: Path | None = None, environ: Mapping[str, str] | None = None, temporary: Path | None = None) -> list[str]:
    """Return every place where a monitor of this data may listen, the best first: it takes the first that works, clients try all.

    Args:
        data: the folder of the database, by default the user's own.
        environ: the environment, by default that of the process.
        temporary: the folder for temporary files, by default the system's.
    """
    run = run_folder(data)
    name = hashlib.sha256(os.fsencode(run.parent.expanduser().resolve())).hexdigest()[:16]
    if sys.platform == "win32":
        user = hashlib.sha256(getpass.getuser().encode()).hexdigest()[:16]
        return [rf"\\.\pipe\posture-{user}-{name}"]
    found = [run / _SOCKET]
    runtime = (os.environ if environ is None else environ).get("XDG_RUNTIME_DIR", "")
    if Path(runtime).is_absolute() and Path(runtime).is_dir():
        found.append(Path(runtime) / "posture" / f"{name}.sock")
    for folder in (temporary or Path(tempfile.gettempdir()), Path("/tmp")):
        found.append(folder / f"posture-{os.geteuid()}" / f"{name}.sock")
    return [str(p) for p in dict.fromkeys(found) if len(os.fsencode(p)) <= LONGEST]
