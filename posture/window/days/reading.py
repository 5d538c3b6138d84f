"""What the pages of days have in common: they read when they are shown and each minute while they are, without making the window wait."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtWidgets import QLabel

from posture._support import own_command
from posture.errors import PostureError
from posture.prompts import Catalogue
from posture.settings import Settings
from posture.storage import Store
from posture.window.page import Page, WindowContext
from posture.window.parts import ReferralCard
from posture.window.widgets import announce, words

T = TypeVar("T")
Reader = Callable[[Store, Catalogue, Settings], T]
MINUTE_MS = 60_000
WIDEST_PX = 980


@dataclass(frozen=True, slots=True)
class Found(Generic[T]):
    """What was read, and the catalogue that says what may be shown."""

    value: T
    catalogue: Catalogue
    settings: Settings


class ReadingPage(Page, Generic[T]):
    """A page of what the database holds. What was shown stays until there is something newer."""

    def __init__(self, context: WindowContext) -> None:
        """Make the page; it is not shown yet."""
        super().__init__(context)
        self.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        inside = self.widget()
        if inside is not None:
            inside.setMaximumWidth(WIDEST_PX)
        self.referral = ReferralCard(self._acknowledge)
        self.problem: QLabel = words()
        """Why nothing could be read, one line."""
        self.problem.setVisible(False)
        self.found: Found[T] | None = None
        """What is shown; ``None``: nothing was read yet."""
        self._asked = 0
        self._timer = QTimer(self)
        self._timer.setInterval(MINUTE_MS)
        self._timer.timeout.connect(self.reload)

    def entered(self) -> None:
        """Read, now and each minute; first go to what was named, if anything was."""
        if self.words:
            topic, self.words = self.words[0], ()
            self.show_topic(topic)
        self.reload()
        self._timer.start()

    def show_topic(self, topic: str) -> None:
        """Go to a day by its date, ``2026-03-18``, or to an exercise by its id, before it is read."""

    def left(self) -> None:
        """Read no more."""
        self._timer.stop()

    def reader(self) -> Reader[T]:
        """Return what reads the page's content; it runs on another thread."""
        raise NotImplementedError

    def show_found(self, found: Found[T]) -> None:
        """Show what was read."""
        raise NotImplementedError

    @staticmethod
    def now_s() -> float:
        """Return the moment as of which the page is read, seconds since the epoch."""
        return time.time()

    def reload(self) -> None:
        """Read anew; only the answer to the last question is shown."""
        self._asked += 1
        number, read, context = self._asked, self.reader(), self.context

        def job() -> Found[T]:
            settings, catalogue = context.settings(), context.catalogue()
            with Store.open_to_read() as store:
                return Found(read(store, catalogue, settings), catalogue, settings)

        self.context.work.run(job, lambda found: self._show(number, found), lambda line: self._fail(number, line))

    def changeEvent(self, event: QEvent) -> None:
        """Follow another appearance."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange and getattr(self, "referral", None) is not None:
            self.referral.recolour()

    def open_page_in_browser(self, *command: str) -> None:
        """Have a command of ours open its page, to be printed."""
        named = ("--config", str(self.context.config)) if self.context.config is not None else ()
        self.context.say("Opening the page in your browser.")
        self.context.work.run(lambda: _run((*command, "--open", *named)), self.context.say, self.context.say)

    def _show(self, number: int, found: Found[T]) -> None:
        if number == self._asked:
            self.found = found
            self.problem.setVisible(False)
            self.show_found(found)

    def _fail(self, number: int, line: str) -> None:
        if number == self._asked:
            self.problem.setText(line)
            self.problem.setVisible(True)
            announce(self.problem, line)

    def _acknowledge(self) -> None:
        def store_it() -> None:
            with Store.open() as store:
                store.acknowledge_referral(time.time())

        self.context.work.run(store_it, lambda _none: self._acknowledged(), self.context.say)

    def _acknowledged(self) -> None:
        self.context.say("Noted. Please still see a professional.")
        self.context.link.ask("acknowledge", failed=lambda _line: None)  # a monitor that is not there reads it when it starts
        self.reload()


def _run(command: tuple[str, ...]) -> str:
    """Run one of our own commands and return the last line that it prints; raise PostureError with it if it fails."""
    done = subprocess.run(own_command(*command), stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    lines = (done.stdout if done.returncode == 0 else done.stderr or done.stdout).strip().splitlines()
    if done.returncode:
        raise PostureError(lines[-1] if lines else f"posture {command[0]} ended with {done.returncode}")
    return lines[-1] if lines else ""
