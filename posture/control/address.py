"""Where the monitor and its clients meet, one place for each folder of data, that no other user can reach.

A Unix socket lies in a folder that is the user's own and closed to others: beside the database, or, where that path is too
long for a socket or the file system has none, in the user's runtime folder or a checked folder among the temporary files.
Windows has named pipes instead; that branch is written after their documentation and was not run on Windows.
"""

from __future__ import annotations

import contextlib
import getpass
import hashlib
import os
import stat
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from posture.model import ControlError
from posture.schema import default_path

LONGEST = 100
"""Bytes of a socket's path; the systems allow 103 (macOS) or 107 (Linux)."""
_RUN, _SOCKET = "run", "control.sock"
_OTHERS, _OTHERS_WRITE = 0o077, 0o022


def run_folder(data: Path | None = None) -> Path:
    """The folder for what belongs to a monitor that runs; ``data``: the folder of the database, by default the user's own."""
    return (default_path().parent if data is None else data) / _RUN


def addresses(data: Path | None = None, environ: Mapping[str, str] | None = None, temporary: Path | None = None) -> list[str]:
    """Every place where a monitor of this data may listen, the best first: it takes the first that works, clients look in all.

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


def private_folder(folder: Path) -> Path:
    """`folder`, made if it is missing, the user's own and closed to all others; **writes**.

    Raises:
        ControlError: it is somebody else's, others can write in it, or it cannot be made.
    """
    try:
        folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            folder.mkdir(mode=0o700)
        if own(folder) and sys.platform != "win32" and stat.S_IMODE(folder.lstat().st_mode) & _OTHERS:
            folder.chmod(0o700)  # only readable for others so far, after a restored backup for instance
    except OSError as error:
        raise ControlError(f"{folder}: cannot be used: {error.strerror}") from error
    return folder


def own(folder: Path) -> bool:
    """Whether `folder` is there; it is trusted then.

    Raises:
        ControlError: what is there is no folder, is somebody else's, or can be written by others.
    """
    try:
        found = folder.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise ControlError(f"{folder}: cannot be used: {error.strerror}") from error
    if not stat.S_ISDIR(found.st_mode):
        raise ControlError(f"{folder}: is not a folder; remove it")
    if sys.platform != "win32":
        if found.st_uid != os.geteuid():
            raise ControlError(f"{folder}: belongs to another user, so it is not trusted")
        if found.st_mode & _OTHERS_WRITE:
            raise ControlError(f"{folder}: others can write in it, so it is not trusted; remove it")
    return True
