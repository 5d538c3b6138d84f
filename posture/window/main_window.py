"""The main window: the list of pages, the page that is shown, a line for messages, and what closing it means."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QEvent, QSize, QTimer
from PySide6.QtGui import QCloseEvent, QFocusEvent, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QBoxLayout, QComboBox, QLabel, QListWidget, QMessageBox, QStackedWidget, QWidget

from posture.errors import PostureError
from posture.monitor import first_run
from posture.storage import Store
from posture.window import names
from posture.window.background import Background
from posture.window.closing import may_close
from posture.window.monitor_link import MonitorLink
from posture.window.page import Page, WindowContext
from posture.window.widgets import announce

_TITLES = {
    names.NOW: "Now",
    names.TODAY: "Today",
    names.WEEK: "Week",
    names.TREND: "Trend",
    names.EXERCISES: "Exercises",
    names.SETTINGS: "Settings",
}
"""The pages of the list."""
_CLASSES = {
    names.NOW: ("posture.window.now.page", "NowPage"),
    names.TODAY: ("posture.window.days.today", "TodayPage"),
    names.WEEK: ("posture.window.days.week", "WeekPage"),
    names.TREND: ("posture.window.days.trend", "TrendPage"),
    names.EXERCISES: ("posture.window.exercises.page", "ExercisesPage"),
    names.SETTINGS: ("posture.window.settings.page", "SettingsPage"),
    names.WELCOME: ("posture.window.welcome.page", "WelcomePage"),
    names.CALIBRATE: ("posture.window.welcome.calibrate", "CalibratePage"),
    names.PREVIEW: ("posture.window.welcome.preview", "PreviewPage"),
}
"""Loaded when they are first shown."""
_NARROW_PX = 640
_MESSAGE_MS = 12000


class _PageList(QListWidget):
    """A list of which no line is chosen by the keyboard's focus alone."""

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Take the focus."""
        self.blockSignals(True)
        super().focusInEvent(event)
        self.blockSignals(False)


class MainWindow(QWidget):
    """The window. A page is made when it is first shown, and kept."""

    def __init__(self, config: Path | None = None) -> None:
        """Make it; nothing is shown yet. `config`: the settings file; ``None``: the user's own."""
        super().__init__()
        self.setWindowTitle("Posture monitor")
        self.setMinimumSize(QSize(320, 400))
        self.resize(1000, 720)
        self._work = Background(self)
        self.link = MonitorLink(self._work, config)
        self.link.unreachable.connect(self.say)
        self.context = WindowContext(self.link, self._work, config, self.open_page, self.say)
        self._pages: dict[str, Page] = {}
        self._shown: str | None = None
        self._list, self._choice, self._stack, self._message = _PageList(), QComboBox(), QStackedWidget(), QLabel()
        self._build()

    def open_first(self, page: str | None, words: Sequence[str] = ()) -> None:
        """Show `page`; without one the first run, if that was not done, else the live picture."""
        self.open_page(page or (names.WELCOME if self._first_run_needed() else names.NOW), words)

    def open_page(self, name: str, words: Sequence[str] = ()) -> None:
        """Show a page, unless the one that is shown does not let go; `words`: as of `Page.words`."""
        if name == self._shown and not words:
            return
        if self._shown is not None and not self._pages[self._shown].may_leave():
            self._mark(self._shown)
            return
        if name not in self._pages:
            module, kind = _CLASSES[name]
            self._pages[name] = getattr(importlib.import_module(module), kind)(self.context)
            self._stack.addWidget(self._pages[name])
        before, self._shown = self._shown, name
        if before is not None:
            self._pages[before].left()
        self._stack.setCurrentWidget(self._pages[name])
        self._mark(name)
        self._pages[name].words = tuple(words)
        self._pages[name].entered()

    def page(self, name: str) -> Page:
        """Return a page that was shown before."""
        return self._pages[name]

    def come_forward(self, page: str, words: Sequence[str] = ()) -> None:
        """Show the window above the others, with `page` if one is named."""
        if page in _CLASSES:
            self.open_page(page, words)
        self.showNormal() if self.isMinimized() else self.show()
        self.raise_()
        self.activateWindow()

    def say(self, line: str) -> None:
        """Show one plain line at the bottom for some seconds."""
        self._message.setText(line)
        self._message.setVisible(bool(line))
        self._forget.start(_MESSAGE_MS)
        if line:
            announce(self._message, line)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Close, unless the page does not let go or the person decides otherwise; the monitor goes on."""
        shown = self._pages.get(self._shown or "")
        if (shown is not None and not shown.may_leave()) or not may_close(self, self.link):
            event.ignore()
            return
        if shown is not None:
            shown.left()
        self.link.close()
        event.accept()

    def changeEvent(self, event: QEvent) -> None:
        """Ask the monitor less often while the window is minimised."""
        if event.type() is QEvent.Type.WindowStateChange:
            self.link.set_visible(not self.isMinimized())
            shown = self._pages.get(self._shown or "")
            if shown is not None:
                shown.left() if self.isMinimized() else shown.entered()
        super().changeEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the pages into a drop-down above where there is no room for a list beside."""
        narrow = event.size().width() < _NARROW_PX
        self._list.setVisible(not narrow)
        self._choice.setVisible(narrow)
        self._layout.setDirection(QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight)
        super().resizeEvent(event)

    def _build(self) -> None:
        self._list.setObjectName("pages")
        self._list.setAccessibleName("Pages")
        self._list.setFixedWidth(150)
        self._choice.setAccessibleName("Page")
        for number, (name, title) in enumerate(_TITLES.items(), start=1):
            self._list.addItem(title)
            self._list.item(number - 1).setSizeHint(QSize(0, self._list.fontMetrics().height() + 20))
            self._choice.addItem(title)
            QShortcut(QKeySequence(f"Ctrl+{number}"), self, partial(self.open_page, name))
        QShortcut(QKeySequence(QKeySequence.StandardKey.Close), self, self.close)
        QShortcut(QKeySequence(QKeySequence.StandardKey.Quit), self, self.close)
        self._list.currentRowChanged.connect(self._chosen)
        self._choice.activated.connect(self._chosen)
        self._message.setWordWrap(True)
        self._message.setContentsMargins(24, 8, 24, 10)
        self._message.setVisible(False)
        self._forget = QTimer(self)
        self._forget.setSingleShot(True)
        self._forget.timeout.connect(lambda: self.say(""))
        right = QWidget()
        column = QBoxLayout(QBoxLayout.Direction.TopToBottom, right)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._stack, 1)
        column.addWidget(self._message)
        self._layout = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(0)
        for widget in (self._list, self._choice):
            self._layout.addWidget(widget)
        self._layout.addWidget(right, 1)

    def _chosen(self, row: int) -> None:
        if row >= 0:
            self.open_page(list(_TITLES)[row])

    def _mark(self, name: str) -> None:
        """Show in list and drop-down which page is shown; the pages that are not in them leave none marked."""
        row = list(_TITLES).index(name) if name in _TITLES else -1
        for widget in (self._list, self._choice):
            widget.blockSignals(True)
        self._list.setCurrentRow(row)
        self._choice.setCurrentIndex(row)
        for widget in (self._list, self._choice):
            widget.blockSignals(False)

    def _first_run_needed(self) -> bool:
        try:
            with Store.open() as store:
                return first_run.needed(store)
        except PostureError as error:
            QMessageBox.warning(self, "Posture monitor", str(error))
            return False
