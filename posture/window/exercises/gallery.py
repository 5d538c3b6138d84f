"""All exercises and tips, in groups, each a button with its first drawing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QSizePolicy, QVBoxLayout, QWidget

from posture.prompts import HEAT_HELD, HELD_UNTIL_READ, Catalogue, EntryKind, Place, Prompt, in_place_of
from posture.reports import takes_words
from posture.window.days.day_parts import bold
from posture.window.exercises.drawing import DrawingView
from posture.window.flow import FlowLayout
from posture.window.parts import set_or_hide
from posture.window.widgets import heading, words

_COLUMN_PX = 156
GROUPS: tuple[tuple[str, Callable[[Prompt], bool]], ...] = (
    ("At your desk", lambda p: p.kind in (EntryKind.EXERCISE, EntryKind.GET_UP) and p.where is Place.DESK),
    ("At home", lambda p: p.kind in (EntryKind.EXERCISE, EntryKind.GET_UP) and p.where is Place.HOME),
    ("Heat", lambda p: p.kind is EntryKind.HEAT),
    ("Habits", lambda p: p.kind is EntryKind.HABIT),
    ("Good to know", lambda p: p.kind is EntryKind.EXPLANATION),
    ("When to see a professional", lambda p: p.kind is EntryKind.REFERRAL),
)
"""Each entry belongs to one."""


class EntryButton(QPushButton):
    """An entry with its first drawing; pressing it shows how it is done."""

    def __init__(self, entry: Prompt, svg: str | None, pressed: Callable[[], object]) -> None:
        """Make it."""
        super().__init__()
        self.entry = entry
        self.setAutoDefault(True)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        takes = takes_words(entry) if entry.kind in (EntryKind.EXERCISE, EntryKind.HEAT, EntryKind.GET_UP) else entry.why
        self.setAccessibleName(entry.title)
        self.setAccessibleDescription(takes)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 10, 10, 12)
        column.setSpacing(6)
        if svg is not None:
            column.addWidget(DrawingView(svg, entry.title))
        column.addWidget(bold(entry.title))
        column.addWidget(words(takes, dim=True))
        column.addStretch()
        for child in self.findChildren(QWidget):
            child.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.clicked.connect(lambda _checked: pressed())


class Gallery(QWidget):
    """The groups. While a red flag is up only what may be shown then is in them."""

    def __init__(self, chosen: Callable[[str], object]) -> None:
        """Make it empty; `chosen`: called with the id of an entry."""
        super().__init__()
        self._chosen = chosen
        self._shown: tuple[tuple[str, ...], Catalogue | None] = ((), None)
        self.buttons: dict[str, EntryButton] = {}
        """By the id of their entry."""
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(10)
        self._held = words(dim=True)
        self._column.addWidget(self._held)
        self._inside: QWidget | None = None

    def set_entries(self, catalogue: Catalogue, drawings: Mapping[str, str], *, flagged: bool, heat: bool) -> None:
        """Show the catalogue.

        Args:
            catalogue: its entries.
            drawings: SVG texts by their names.
            flagged: a red flag is up.
            heat: whether heat may be advised.
        """
        held = HELD_UNTIL_READ if flagged else "" if heat else f"Heat isn't shown: {HEAT_HELD}."
        set_or_hide(self._held, held)
        entries = [p for p in catalogue.prompts if in_place_of(p, catalogue, flagged=flagged, heat=heat) is p]
        shown = tuple(p.id for p in entries)
        if (shown, catalogue) == self._shown:
            return
        self._shown = (shown, catalogue)
        if self._inside is not None:
            self._inside.hide()
            self._inside.deleteLater()
        self.buttons = {}
        self._inside = QWidget()
        column = QVBoxLayout(self._inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        for title, belongs in GROUPS:
            if mine := [p for p in entries if belongs(p)]:
                column.addWidget(heading(title, 2))
                column.addWidget(self._group(mine, drawings))
        self._column.addWidget(self._inside)

    def _group(self, entries: list[Prompt], drawings: Mapping[str, str]) -> QWidget:
        group = QWidget()
        flow = FlowLayout(group, column=_COLUMN_PX, gap=12, fill=False)
        for entry in entries:
            svg = drawings.get(entry.drawings[0]) if entry.drawings else None
            self.buttons[entry.id] = EntryButton(entry, svg, partial(self._chosen, entry.id))
            flow.addWidget(self.buttons[entry.id])
        return group
