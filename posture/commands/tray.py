"""What the tray opens: our own commands in processes of their own, pages in the browser, the settings file."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from posture import config, paths
from posture.model import PostureError, ReportKind, SelfReport
from posture.settings import Settings

_log = logging.getLogger(__name__)
_LAST_LINE = 300
TAKES_CONFIG = frozenset({"calibrate", "preview", "today"})
TAKES_SET = frozenset({"calibrate", "preview"})
"""Which of the commands that the tray starts have ``--config``, and which have ``--set``."""


class DesktopOpener:
    """Opens things on the desktop of the person; nothing here waits for them."""

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
        """Open nothing yet.

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
        """Run one of our own commands with the monitor's own settings; that it failed is said with its last line."""
        threading.Thread(target=self._run, args=(self.words(*words),), name=f"command-{words[0]}", daemon=True).start()

    def words(self, *words: str) -> tuple[str, ...]:
        """A command with the settings that the monitor was started with, as far as it takes them."""
        config = ("--config", str(self._file)) if self._file is not None and words[0] in TAKES_CONFIG else ()
        sets = tuple(word for one in self._sets for word in ("--set", one)) if words[0] in TAKES_SET else ()
        return (*words, *config, *sets)

    def exercise(self, prompt_id: str) -> None:
        """Show how it is done, in the browser.

        Raises:
            PostureError: the page cannot be made.
        """
        from posture.commands.show import open_page  # noqa: PLC0415

        shown = open_page(prompt_id, self._settings)
        if not shown.opened:
            self._say(f"No browser could be opened; the page is {shown.path}")

    def report(self, kind: ReportKind) -> bool:
        """Write down what the person feels, and show the documents' answer; whether a red flag is up now.

        Raises:
            PostureError: it cannot be written.
        """
        from posture.commands.common import catalogue_of  # noqa: PLC0415
        from posture.prompts import answer, heat_allowed  # noqa: PLC0415
        from posture.redflags import last_numb_s, open_red_flags  # noqa: PLC0415
        from posture.store import Store  # noqa: PLC0415

        with Store.open() as store:
            store.add_report(SelfReport(time.time(), kind))
            reports = store.reports()
        flagged, heat = bool(open_red_flags(reports, time.time())), heat_allowed(last_numb_s(reports))
        self.exercise(answer(catalogue_of(self._settings), kind, flagged=flagged, heat=heat)[0].id)
        return flagged

    def acknowledge(self) -> None:
        """Write down that the person has read the referral.

        Raises:
            PostureError: it cannot be written.
        """
        from posture.store import Store  # noqa: PLC0415

        with Store.open() as store:
            store.acknowledge_referral(time.time())

    def settings(self) -> None:
        """Open the settings file that is in force; where there is none, the person's own with every setting explained.

        Raises:
            PostureError: it cannot be written.
        """
        file = self._file or paths.config_file()
        if not file.exists():
            try:
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(config.describe(Settings()), encoding="utf-8")  # what was set for this session alone stays there
            except OSError as error:
                raise PostureError(f"{file}: cannot be written: {error.strerror}") from error
        self._start(file)

    def doctor(self) -> None:
        """Show what works here, as a text file."""
        threading.Thread(target=self._doctor, name="command-doctor", daemon=True).start()

    def _doctor(self) -> None:
        found = subprocess.run(_own("doctor"), capture_output=True, text=True, env={**os.environ, "COLUMNS": "100"}, check=False)
        file = self._folder / "doctor.txt"
        file.write_text(found.stdout or found.stderr, encoding="utf-8")
        self._start(file)

    def _run(self, words: tuple[str, ...]) -> None:
        done = subprocess.run(_own(*words), stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        if done.returncode:
            lines = (done.stderr or done.stdout).strip().splitlines()
            last = lines[-1][:_LAST_LINE] if lines else f"it ended with {done.returncode}"
            _log.warning("posture %s failed: %s", words[0], last)
            self._say(f"posture {words[0]}: {last}")


def _own(*words: str) -> list[str]:
    return [sys.executable, "-m", "posture", *words]


def _open_file(file: Path) -> None:
    """With the system's own program for it; Linux is what we run, the other two were not run on their systems by us."""
    if sys.platform == "win32":
        os.startfile(file)
        return
    program = "open" if sys.platform == "darwin" else "xdg-open"
    try:
        subprocess.Popen([program, str(file)], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    except OSError as error:
        raise PostureError(f"{file}: there is no program to open it with ({program}): {error.strerror}") from error
