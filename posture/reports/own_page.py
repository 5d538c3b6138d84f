"""Puts a page of one's own days where only its reader may read it, and opens it in the reader's browser."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from posture.model import PostureError
from posture.reports.files import make_folder, whole_file
from posture.reports.open_page import Opener, Shown, browser_of, pages_folder


def write_own(path: Path, text: str) -> None:
    """Write a page, all of it or nothing, readable by its owner alone: **writes**.

    Raises:
        PostureError: the folder cannot be written to, or the disk is full.
    """
    with whole_file(path) as part:
        part.unlink(missing_ok=True)
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8", errors="replace") as file:  # noqa: PTH123 # its mode from the first byte on
            file.write(text)


def open_own(name: str, text: str, opener: Opener | None = None, environ: Mapping[str, str] = os.environ) -> Shown:
    """Write a page to the folder of the program's pages, always under the same name, and open it: **writes**.

    Args:
        name: the file's name.
        text: the page.
        opener: opens the page; ``None``: it is only written.
        environ: tells which browser will open it.

    Raises:
        PostureError: the page cannot be written.
    """
    path = pages_folder(browser_of(environ), environ) / name
    make_folder(path.parent)
    try:
        path.parent.chmod(0o700)
    except OSError as exc:
        raise PostureError(f"{path.parent}: cannot be kept to yourself: {exc.strerror or exc}") from exc
    write_own(path, text)
    return Shown(path, opener is not None and opener(path.absolute().as_uri()))
