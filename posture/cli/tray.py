"""What the tray's menu opens: our own commands as processes, pages in the browser, the settings file."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from posture._support import config, make_folders, os_errors, own_command, paths, write_whole, writing
from posture.cli.loading import catalogue_of
from posture.cli.show import open_page
from posture.prompts import answer, heat_allowed, open_red_flags
from posture.settings import Settings
from posture.storage import Store
from posture.types import ReportKind, SelfReport
from posture.window.__main__ import why_none

_log = logging.getLogger(__name__)
_LAST_LINE = 300
TAKES_CONFIG = frozenset({"calibrate", "preview", "today", "window"})
TAKES_SET = frozenset({"calibrate", "preview"})
"""Which of the commands that the tray starts have ``--config``, and which have ``--set``."""


class DesktopOpener:
    """Opens things on the person's desktop without waiting for them."""

    def __init__(
        self,
        settings: Settings,
        folder: Path,
        say: Callable[[str], None],
        *,
        file: Path | None = None,
        sets: Sequence[str] = (),
        start: Callable[[Path], None] | None = None,
    ) -> None:
        """Prepare; nothing is opened yet.

        Args:
            settings: in force.
            folder: for what commands print.
            say: told, from any thread, when one fails.
            file: the settings file that the monitor was given (``--config``); ``None``: the person's own.
            sets: the settings that it was given one by one (``--set``).
            start: opens a file; by default the program that the system has for it.
        """
        self._settings, self._folder, self._say = settings, folder, say
        self._file, self._sets = None if file is None else file.absolute(), tuple(sets)
        self._start = start or _open_file

    def command(self, *words: str) -> None:
        """Run one of our own commands with the monitor's settings; say its last line if it fails."""
        threading.Thread(target=self._run, args=(self.words(*words),), name=f"command-{words[0]}", daemon=True).start()

    def words(self, *words: str) -> tuple[str, ...]:
        """Return a command line with those of the monitor's settings that the command takes."""
        config = ("--config", str(self._file)) if self._file is not None and words[0] in TAKES_CONFIG else ()
        sets = tuple(word for one in self._sets for word in ("--set", one)) if words[0] in TAKES_SET else ()
        return (*words, *config, *sets)

    def window(self) -> None:
        """Open the window; where it isn't installed, today's page."""
        self.command(*(("window",) if why_none() is None else ("today", "--open")))

    def exercise(self, prompt_id: str) -> None:
        """Show an exercise in the browser.

        Raises:
            PostureError: the page cannot be made.
        """
        shown = open_page(prompt_id, self._settings)
        if not shown.opened:
            self._say(f"No browser could be opened; the page is {shown.path}")

    def report(self, kind: ReportKind) -> bool:
        """Store a self-report and show the catalogue's answer; return whether a red flag is open now.

        Raises:
            PostureError: it cannot be written.
        """
        with Store.open() as store:
            store.add_report(SelfReport(time.time(), kind))
            reports = store.reports()
        flagged, heat = bool(open_red_flags(reports, time.time())), heat_allowed(reports)
        self.exercise(answer(catalogue_of(self._settings), kind, flagged=flagged, heat=heat)[0].id)
        return flagged

    def acknowledge(self) -> None:
        """Store that the person has read the referral.

        Raises:
            PostureError: it cannot be written.
        """
        with Store.open() as store:
            store.acknowledge_referral(time.time())

    def settings(self) -> None:
        """Open the settings file in force; where there is none, write one with every setting explained.

        Raises:
            PostureError: it cannot be written.
        """
        file = self._file or paths.config_file()
        if not file.exists():
            with writing(file):
                make_folders(file.parent)
            write_whole(file, config.describe(Settings()).encode())  # what was set for this session alone stays there
        self._start(file)

    def doctor(self) -> None:
        """Show the output of ``posture doctor`` as a text file."""
        threading.Thread(target=self._doctor, name="command-doctor", daemon=True).start()

    def _doctor(self) -> None:
        found = subprocess.run(own_command("doctor"), capture_output=True, text=True, env={**os.environ, "COLUMNS": "100"}, check=False)
        file = self._folder / "doctor.txt"
        file.write_text(found.stdout or found.stderr, encoding="utf-8")
        self._start(file)

    def _run(self, words: tuple[str, ...]) -> None:
        done = subprocess.run(own_command(*words), stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        if done.returncode:
            lines = (done.stderr or done.stdout).strip().splitlines()
            last = lines[-1][:_LAST_LINE] if lines else f"it ended with {done.returncode}"
            _log.warning("posture %s failed: %s", words[0], last)
            self._say(f"posture {words[0]}: {last}")


def _open_file(file: Path) -> None:
    """Open a file with the system's own program for it; run by us on Linux only."""
    if sys.platform == "win32":
        os.startfile(file)
        return
    program = "open" if sys.platform == "darwin" else "xdg-open"
    with os_errors(f"{file}: no program to open it with ({program})"):
        subprocess.Popen([program, str(file)], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
