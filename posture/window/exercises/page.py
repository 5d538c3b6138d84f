"""The catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from PySide6.QtGui import QKeySequence, QShortcut

from posture._support import catalogue as catalogue_file
from posture.errors import PostureError
from posture.prompts import Catalogue, heat_allowed, in_place_of, open_red_flags
from posture.settings import Settings
from posture.storage import Store
from posture.types import SelfReport
from posture.window.days.reading import Found, Reader, ReadingPage
from posture.window.exercises.entry_view import EntryView
from posture.window.exercises.gallery import Gallery
from posture.window.exercises.guided import GuidedView, countable
from posture.window.page import WindowContext
from posture.window.waiting import WaitingCard
from posture.window.widgets import announce, button, heading, words


@dataclass(frozen=True, slots=True)
class Shelf:
    """What the page is made of, beside the catalogue."""

    drawings: Mapping[str, str]
    """SVG texts by their names; one that cannot be read is left out, and the steps say it."""
    flags: tuple[SelfReport, ...]
    heat: bool
    """Whether heat may be advised."""


class ExercisesPage(ReadingPage[Shelf]):
    """All exercises, or one of them."""

    def __init__(self, context: WindowContext) -> None:
        """Make the page; it is not shown yet."""
        super().__init__(context)
        self._wanted: str | None = None
        self.entry: EntryView | None = None
        """What is shown; ``None``: all of them."""
        self.title = heading("Exercises")
        self.back = button("All exercises", self.show_all)
        self.waits = words("Reading the exercises.", dim=True)
        self.waiting = WaitingCard(context)
        self.gallery = Gallery(self.open_entry)
        for widget in (self.title, self.back, self.problem, self.waits, self.referral, self.waiting, self.gallery):
            self.column.addWidget(widget)
        self.column.addStretch()
        self.back.setVisible(False)
        self.back.setMaximumWidth(self.back.sizeHint().width())
        QShortcut(QKeySequence("Alt+Left"), self, self.show_all)

    def show_topic(self, topic: str) -> None:
        """Show the exercise of that id."""
        self._wanted = topic

    def left(self) -> None:
        """Read no more, and let the timer stand still."""
        super().left()
        if self.entry is not None:
            self.entry.leave()

    def reader(self) -> Reader[Shelf]:
        """Return what reads the drawings, and which red flags are up."""
        now_s = self.now_s()

        def read(store: Store, catalogue: Catalogue, settings: Settings) -> Shelf:
            reports, own, drawings = store.reports(), catalogue_file.own_file(settings), dict[str, str]()
            for name in {name for p in catalogue.prompts for name in p.drawings}:
                with suppress(PostureError, OSError):
                    drawings[name] = catalogue_file.drawing(name, user_file=own)
            return Shelf(drawings, tuple(open_red_flags(reports, now_s)), heat_allowed(reports))

        return read

    def show_found(self, found: Found[Shelf]) -> None:
        """Show what was read; what is open stays open, unless it may not be shown any more."""
        shelf = found.value
        self.waits.setVisible(False)
        self.referral.set_flags(shelf.flags, found.catalogue)
        self.gallery.set_entries(found.catalogue, shelf.drawings, flagged=bool(shelf.flags), heat=shelf.heat)
        wanted, self._wanted = self._wanted, None
        if wanted is not None:
            self.open_entry(wanted)
        elif self.entry is not None and self._allowed(self.entry.entry.id) != self.entry.entry.id:
            self.show_all()

    def open_entry(self, prompt_id: str) -> None:
        """Show one exercise; all of them where it may not be shown now."""
        found = self.found
        if found is None:
            self._wanted = prompt_id
            return
        allowed = self._allowed(prompt_id)
        entry = found.catalogue.get(allowed) if allowed is not None else None
        if entry is None or (entry is found.catalogue.referral and found.value.flags):
            self.show_all()  # the referral stands above them
            return
        self._close()
        guided = GuidedView(self.context, entry.id, self.waiting.number_of(entry.title)) if countable(self.context, entry.id) else None
        self.entry = EntryView(entry, found.catalogue, found.value.drawings, self.open_entry, guided)
        self.column.insertWidget(self.column.count() - 1, self.entry)
        if guided is not None:
            guided.began.connect(self._show_guided)
        self._turn(one=True)
        self.back.setFocus()
        announce(self.entry.title, entry.title)

    def _show_guided(self) -> None:
        """Have the picture, the count and the buttons in sight."""
        if self.entry is not None and self.entry.guided is not None:
            self.verticalScrollBar().setValue(self.entry.y() + self.entry.guided.y())

    def show_all(self) -> None:
        """Show all exercises."""
        before = self.entry.entry.id if self.entry is not None else ""
        self._close()
        self._turn(one=False)
        if before in self.gallery.buttons:
            self.gallery.buttons[before].setFocus()
            self.ensureWidgetVisible(self.gallery.buttons[before])

    def _allowed(self, prompt_id: str) -> str | None:
        """Return the id of what may be shown where this one is asked for; ``None``: nothing."""
        found = self.found
        entry = None if found is None else found.catalogue.get(prompt_id)
        if found is None or entry is None:
            return None
        shown = in_place_of(entry, found.catalogue, flagged=bool(found.value.flags), heat=found.value.heat)
        return None if shown is None else shown.id

    def _close(self) -> None:
        if self.entry is not None:
            self.entry.leave()
            self.entry.hide()
            self.entry.deleteLater()
            self.entry = None

    def _turn(self, *, one: bool) -> None:
        self.gallery.setVisible(not one)
        self.title.setVisible(not one)
        self.back.setVisible(one)
        self.verticalScrollBar().setValue(0)
