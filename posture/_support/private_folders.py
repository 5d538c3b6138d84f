"""Folders that belong to the user alone, for files that no other user may read or replace."""

from __future__ import annotations

import contextlib
import os
import stat
import sys
from pathlib import Path

from posture._support.files import make_folders
from posture.errors import ControlError

_OTHERS, _OTHERS_WRITE = 0o077, 0o022


def private_folder(folder: Path) -> Path:
    """Return `folder`, made if it is missing, the user's own and closed to all others; **writes**.

    Raises:
        ControlError: It is somebody else's, others can write in it, or it cannot be made.
    """
    try:
        make_folders(folder.parent)
        with contextlib.suppress(FileExistsError):
            folder.mkdir(mode=0o700)
        if is_trusted(folder) and sys.platform != "win32" and stat.S_IMODE(folder.lstat().st_mode) & _OTHERS:
            folder.chmod(0o700)  # only readable for others so far, after a restored backup for instance
    except OSError as error:
        raise ControlError(f"{folder}: cannot be used: {error.strerror}") from error
    return folder


def is_trusted(folder: Path) -> bool:
    """Return whether `folder` exists; it is trusted then.

    Raises:
        ControlError: What is there is no folder, is somebody else's, or can be written by others.
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
