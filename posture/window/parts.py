"""Parts that the pages of days share: figures, a part that unfolds, the referral."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from posture.prompts import GENERAL_SAFETY, HELD_UNTIL_READ, Catalogue
from posture.reports.day import rows
from posture.types import SelfReport
from posture.window.day_colours import day_colours
from posture.window.flow import FlowLayout
from posture.window.widgets import button, heading, words

_FIGURE_PX = 128
_TOGGLE = (
    "QToolButton { border: 2px solid transparent; border-radius: 6px; padding: 3px 6px; }"
    "QToolButton:focus { border-color: palette(highlight); }"
)


class Figures(QWidget):
    """A few values, each with its words below."""

    def __init__(self) -> None:
        """Make it empty."""
        super().__init__()
        self._flow = FlowLayout(self, column=_FIGURE_PX, gap=16)
        self._shown: list[tuple[str, str]] = []
        self.setVisible(False)

    @property
    def shown(self) -> list[tuple[str, str]]:
        """Value and words of each."""
        return self._shown

    def set_figures(self, figures: Sequence[tuple[str, str]]) -> None:
        """Show these values and words; none hides it."""
        self.setVisible(bool(figures))
        if list(figures) == self._shown:
            return
        self._shown = list(figures)
        self._flow.clear()
        for value, said in figures:
            cell = QWidget()
            column = QVBoxLayout(cell)
            column.setContentsMargins(0, 0, 0, 0)
            column.setSpacing(1)
            column.addWidget(big := heading(value, 1))
            big.setWordWrap(False)
            column.addWidget(words(said, dim=True))
            column.addStretch()
            self._flow.addWidget(cell)


class Unfolding(QWidget):
    """A heading that shows and hides what belongs to it; closed at first."""

    def __init__(self, title: str, *widgets: QWidget) -> None:
        """Make it."""
        super().__init__()
        self.toggle = QToolButton()
        self.toggle.setText(title)
        self.toggle.setCheckable(True)
        self.toggle.setAutoRaise(True)
        self.toggle.setArrowType(Qt.ArrowType.RightArrow)
        self.toggle.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.toggle.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.toggle.setStyleSheet(_TOGGLE)
        self.toggle.toggled.connect(self._unfold)
        self._inside = QWidget()
        inside = QVBoxLayout(self._inside)
        inside.setContentsMargins(0, 0, 0, 0)
        for widget in widgets:
            inside.addWidget(widget)
        self._inside.setVisible(False)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.toggle, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self._inside)

    def set_title(self, title: str) -> None:
        """Say something else in its heading."""
        self.toggle.setText(title)

    def _unfold(self, open_: bool) -> None:
        self.toggle.setArrowType(Qt.ArrowType.DownArrow if open_ else Qt.ArrowType.RightArrow)
        self._inside.setVisible(open_)


class Section(QFrame):
    """A card with a heading."""

    def __init__(self, title: str, *widgets: QWidget) -> None:
        """Make it."""
        super().__init__()
        self.setProperty("card", True)
        self.body = QVBoxLayout(self)
        """Where more may be added."""
        self.body.setContentsMargins(16, 14, 16, 16)
        self.body.setSpacing(10)
        self.title = heading(title, 2)
        self.setAccessibleName(title)
        self.body.addWidget(self.title)
        for widget in widgets:
            self.body.addWidget(widget)


class ReferralCard(QFrame):
    """The referral, shown before everything else while a red flag is up."""

    def __init__(self, read: Callable[[], object]) -> None:
        """Make it, hidden; `read`: called when the person says that they have read it."""
        super().__init__()
        self.setObjectName("referral")
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(18, 16, 18, 18)
        self._column.setSpacing(8)
        self.read = button("I've read this", read, main=True)
        self.read.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._shown: tuple[SelfReport, ...] = ()
        self.setVisible(False)

    def set_flags(self, flags: tuple[SelfReport, ...], catalogue: Catalogue) -> None:
        """Show the referral for these open red flags; none hides it."""
        self.recolour()
        self.setVisible(bool(flags))
        if flags == self._shown:
            return
        self._shown = flags
        while (item := self._column.takeAt(0)) is not None:
            if (widget := item.widget()) is not None and widget is not self.read:
                widget.hide()
                widget.deleteLater()
        if not flags:
            return
        entry = catalogue.referral
        self.setAccessibleName(entry.title)
        self._column.addWidget(heading(entry.title, 2))
        self._column.addWidget(words(f"You reported: {'; '.join(rows.flag_lines(flags))}."))
        self._column.addWidget(words(entry.why))
        for step in entry.steps:
            self._column.addWidget(words(f"\N{BULLET} {step}"))
        if entry.emergency:
            self._column.addWidget(urgent := words(f"{entry.emergency} ({GENERAL_SAFETY})"))
            font = urgent.font()
            font.setBold(True)
            urgent.setFont(font)
        self._column.addWidget(words(f"This is {catalogue.source_of(entry)}. {HELD_UNTIL_READ}"))
        self._column.addWidget(self.read)

    def recolour(self) -> None:
        """Use the colours of the appearance in use."""
        c = day_colours()
        self.setStyleSheet(
            f"QFrame#referral {{ background: {c.warn_ground}; border: 1px solid {c.warn_line}; border-left: 5px solid {c.warn_line}; }}"
            f"QFrame#referral QLabel {{ color: {c.warn_text}; background: transparent; border: none; }}"
        )


def set_or_hide(label: QLabel, text: str) -> None:
    """Set a label's text, and hide it where there is none."""
    label.setText(text)
    label.setVisible(bool(text))
