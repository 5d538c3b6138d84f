"""Puts pages, of an entry or of one's own days, where only their reader may read them, and opens them in the reader's browser.

A browser in a sandbox cannot read every folder: a snap sees no hidden folder and has a ``/tmp`` of its own (its ``home``
interface), a Flatpak usually sees the downloads alone. For those the page goes to a folder in the downloads.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
import webbrowser
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from posture._support import make_folder, os_errors, paths, write_whole
from posture.errors import PostureError
from posture.prompts import Catalogue, Prompt
from posture.reports.exercise.page import movements_of, page_of
from posture.reports.exercise.timer import plan_of
from posture.reports.html_templates import Drawing

Opener = Callable[[str], bool]
"""Opens a URI in the browser; whether that seems to have worked."""
_SANDBOXED = ("/snap/", "/var/lib/snapd/", "/flatpak/")
_ASK_S = 5.0
_FAILS_WITHIN_S = 1.5


@dataclass(frozen=True, slots=True)
class Shown:
    """A page that was written."""

    path: Path
    opened: bool
    """Whether a browser was asked to open it and did not refuse."""


def open_page(
    prompt: Prompt,
    catalogue: Catalogue,
    drawing: Drawing,
    *,
    flagged: bool = False,
    to: Path | None = None,
    opener: Opener | None = None,
    environ: Mapping[str, str] = os.environ,
) -> Shown:
    """Write the page of one entry, always to the same file, and open it. **Writes** one file, readable by its owner alone.

    Args:
        prompt: the entry.
        catalogue: what its passages say.
        drawing: gives its drawings.
        flagged: as of `page_of`.
        to: the file; by default the entry's own in `pages_folder`.
        opener: opens the page; ``None``: the page is only written.
        environ: tells which browser will open it.

    Raises:
        PostureError: the page cannot be written.
    """
    text = page_of(prompt, catalogue, drawing, plan=plan_of(prompt), flagged=flagged, linked=to is None)
    if to is not None:
        return _written(to, text, opener)
    for movement in movements_of(prompt, catalogue):
        open_page(movement, catalogue, drawing, environ=environ)
    return open_own(f"{prompt.id}.html", text, opener, environ)


def page_address(
    prompt: Prompt, catalogue: Catalogue, drawing: Drawing, *, flagged: bool = False, environ: Mapping[str, str] = os.environ
) -> str | None:
    """Write the page of one entry and return its address, for a link; ``None`` if it cannot be written: **writes**."""
    try:
        return open_page(prompt, catalogue, drawing, flagged=flagged, environ=environ).path.absolute().as_uri()
    except PostureError:
        return None


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
    _close_to_others(path.parent)
    return _written(path, text, opener)


def write_own(path: Path, text: str) -> None:
    """Write a page, all of it or nothing, readable by its owner alone: **writes**.

    Raises:
        PostureError: the folder cannot be written to, or the disk is full.
    """
    write_whole(path, text.encode("utf-8", "replace"))


def _written(path: Path, text: str, opener: Opener | None) -> Shown:
    write_own(path, text)
    return Shown(path, opener is not None and opener(path.absolute().as_uri()))


def pages_folder(browser: str = "", environ: Mapping[str, str] = os.environ) -> Path:
    """Tell where the pages lie: ``POSTURE_PAGES_DIR`` if set, else in the user's cache, or in the downloads for a browser in a sandbox.

    Args:
        browser: path of the browser's program or desktop file, as of `browser_of`.
        environ: the environment.
    """
    sandboxed = any(place in browser for place in _SANDBOXED)
    return paths.named_folder(paths.PAGES, environ) or (paths.own_downloads() if sandboxed else paths.own_cache(paths.PAGES))


def browser_of(environ: Mapping[str, str] = os.environ, ask: Callable[[list[str]], str] | None = None) -> str:
    """Return the path of the program, or of the desktop file, that opens an HTML file; empty where that cannot be told or does not matter.

    Args:
        environ: ``BROWSER`` names the browser, else the desktop's choice counts.
        ask: runs a command and gives what it prints.
    """
    if not sys.platform.startswith("linux"):
        return ""
    named = environ.get("BROWSER", "").split(os.pathsep)[0].split(" ")[0]
    if named:
        snap = Path("/snap/bin") / Path(named).name
        return str(snap) if snap.exists() else shutil.which(named) or ""
    desktop_file = (ask or _printed)(["xdg-mime", "query", "default", "text/html"]).strip()
    if not desktop_file or "/" in desktop_file:
        return ""
    for folder in _data_folders(environ):
        if (folder / "applications" / desktop_file).exists():
            return str(folder / "applications" / desktop_file)
    return ""


def has_display(environ: Mapping[str, str] = os.environ) -> bool:
    """Tell whether a browser with a window can open here."""
    return not sys.platform.startswith("linux") or bool(environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"))


def in_browser(uri: str) -> bool:
    """Open a URI in the user's browser, without its chatter in this terminal; whether that seems to have worked."""
    if sys.platform.startswith("linux") and not os.environ.get("BROWSER") and shutil.which("xdg-open"):
        silent = subprocess.DEVNULL
        try:
            process = subprocess.Popen(["xdg-open", uri], stdin=silent, stdout=silent, stderr=silent, start_new_session=True)
        except OSError:
            return False
        try:
            return process.wait(_FAILS_WITHIN_S) == 0
        except subprocess.TimeoutExpired:  # some desktops keep it running as long as the browser
            threading.Thread(target=process.wait, daemon=True, name="browser").start()
            return True
    try:
        return webbrowser.open(uri)
    except (webbrowser.Error, OSError):
        return False


def _close_to_others(folder: Path) -> None:
    with os_errors(f"{folder}: can't be made private to you"):
        folder.chmod(0o700)


def _data_folders(environ: Mapping[str, str]) -> list[Path]:
    home = environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    others = environ.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share"
    known = ["/var/lib/snapd/desktop", "/var/lib/flatpak/exports/share", str(Path.home() / ".local/share/flatpak/exports/share")]
    return [Path(p) for p in [home, *others.split(":"), *known] if p]


def _printed(command: list[str]) -> str:
    with suppress(OSError, subprocess.SubprocessError):
        return subprocess.run(command, capture_output=True, text=True, timeout=_ASK_S, check=False).stdout
    return ""
