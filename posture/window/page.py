"""What every page of the window is, and what it is given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from posture._support import catalogue, config, paths
from posture.prompts import Catalogue
from posture.settings import Settings
from posture.window.background import Background
from posture.window.monitor_link import MonitorLink


@dataclass(frozen=True, slots=True)
class WindowContext:
    """What the pages share."""

    link: MonitorLink
    work: Background
    config: Path | None
    """The settings file that was named; ``None``: the user's own."""
    open_page: Callable[..., None]
    """Goes to a page, by its name in ``names``; with words, which ``Page.words`` explains."""
    say: Callable[[str], None]
    """Shows one plain line at the bottom of the window, and tells screen readers."""

    @property
    def settings_file(self) -> Path:
        """The settings file in force; it need not exist."""
        return self.config or paths.config_file()

    def settings(self) -> Settings:
        """Read the settings in force.

        Raises:
            ConfigError: the file is broken.
        """
        file = self.settings_file
        return config.load(file if self.config is not None or file.exists() else None)

    def catalogue(self) -> Catalogue:
        """Read the exercises, with the user's own, if settings name any.

        Raises:
            CatalogueError, ConfigError: they, or the settings, are broken.
        """
        return catalogue.load(catalogue.own_file(self.settings()))


class Page(QScrollArea):
    """A page: scrolls where there is little room, and is never wider than the window. Subclasses fill ``column``."""

    def __init__(self, context: WindowContext) -> None:
        """Make an empty page; it is not shown yet."""
        super().__init__()
        self.context = context
        self.words: tuple[str, ...] = ()
        """What it is to show: the date of a day, the id of an exercise; or options for the command that the page runs, as typed."""
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        inside = QWidget()
        inside.setMinimumHeight(1)  # as high as its content is at its width; without this, as high as at its least width
        self.column = QVBoxLayout(inside)
        """Where the page's widgets go, one below the other."""
        self.column.setContentsMargins(24, 20, 24, 24)
        self.column.setSpacing(12)
        self.setWidget(inside)

    def entered(self) -> None:
        """Called each time the page is shown."""

    def left(self) -> None:
        """Called each time the page is no longer shown, and when the window closes."""

    def may_leave(self) -> bool:
        """Return whether another page may be shown now, after asking the person where something would be lost."""
        return True
