"""The settings: a tab for each part, and below it what was changed last and whether the monitor knows it yet."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QFrame, QHBoxLayout, QTabBar, QVBoxLayout, QWidget

from posture.window.page import Page, WindowContext
from posture.window.settings.camera import CameraSection
from posture.window.settings.data import DataSection
from posture.window.settings.editor import Editor
from posture.window.settings.fields import SettingField
from posture.window.settings.general import GeneralSection
from posture.window.settings.groups import QUIET, Section, advanced, group_card
from posture.window.settings.jobs import JobBar
from posture.window.settings.notices import BrokenNotice, ChangeBar
from posture.window.settings.reminders import RemindersSection
from posture.window.widgets import heading

_WIDEST_PX = 720
"""Lines of text that are longer are hard to read."""


class SettingsPage(Page):
    """The settings."""

    def __init__(self, context: WindowContext) -> None:
        """Make the page; it is not shown yet."""
        super().__init__(context)
        self.editor = Editor(context, self)
        self.tabs = QTabBar()
        self.tabs.setAccessibleName("Parts of the settings")
        self.tabs.setExpanding(False)
        self.tabs.setDrawBase(False)
        self.tabs.setUsesScrollButtons(True)
        self._top = self._frame(20, heading("Settings"), self.tabs)
        self.jobs = JobBar(context)
        self.sections: dict[str, Section] = {
            "Reminders": RemindersSection(context, self.editor),
            "Quiet": Section(*(group_card(self.editor, group) for group in QUIET)),
            "Camera": CameraSection(context, self.editor),
            "Data": DataSection(context, self.editor, self.jobs),
            "General": GeneralSection(context, self.editor),
            "Advanced": Section(*(group_card(self.editor, group) for group in advanced())),
        }
        self.broken = BrokenNotice(self._open_file, self.editor.reload)
        inside = QWidget()
        inside.setMaximumWidth(_WIDEST_PX)
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.broken)
        for name, section in self.sections.items():
            self.tabs.addTab(name)
            column.addWidget(section)
            section.hide()
        row = QHBoxLayout()
        row.addWidget(inside, 100)
        row.addStretch(1)
        self.column.setContentsMargins(24, 6, 24, 24)
        self.column.addLayout(row)
        self.bar = ChangeBar(context, self.editor)
        self._bottom = self._frame(8, self.jobs, self.bar)
        for bar in (self.jobs, self.bar):
            bar.shown_changed.connect(self._place)
        self.tabs.currentChanged.connect(self._show_tab)
        QShortcut(QKeySequence(QKeySequence.StandardKey.Undo), self, self.bar.undo, context=Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self.editor.reloaded.connect(self._reloaded)
        self._reloaded()
        self._show_tab(0)

    def open_tab(self, name: str) -> None:
        """Show a part by its name."""
        self.tabs.setCurrentIndex(list(self.sections).index(name))

    def entered(self) -> None:
        """Read the settings anew: they may have been changed elsewhere."""
        self.editor.reload()
        self.bar.watch_monitor()
        self._section().entered()

    def left(self) -> None:
        """Write what was typed last."""
        for field in self.findChildren(SettingField):
            field.commit()
            field.abandon()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the tabs above and the bar below what scrolls."""
        super().resizeEvent(event)
        self._place()

    def changeEvent(self, event: QEvent) -> None:
        """Follow a change of the font."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange) and hasattr(self, "_bottom"):
            self._place()

    def _frame(self, above: int, *widgets: QWidget) -> QFrame:
        frame = QFrame(self)
        column = QVBoxLayout(frame)
        column.setContentsMargins(24, above, 24, 6)
        for widget in widgets:
            column.addWidget(widget)
        return frame

    def _place(self) -> None:
        width = self.width()
        top, bottom = _height(self._top, width), _height(self._bottom, width) if self.bar.is_shown or self.jobs.is_shown else 0
        self.setViewportMargins(0, top, 0, bottom)
        self._top.setGeometry(0, 0, width, top)
        self._bottom.setGeometry(0, self.height() - bottom, width, bottom)
        self._bottom.setVisible(bottom > 0)

    def _section(self) -> Section:
        return list(self.sections.values())[self.tabs.currentIndex()]

    def _show_tab(self, shown: int) -> None:
        for number, section in enumerate(self.sections.values()):
            section.setVisible(number == shown)
        self.verticalScrollBar().setValue(0)
        self.jobs.forget()
        if self.isVisible():
            self._section().entered()

    def _reloaded(self) -> None:
        self.broken.show_error(self.editor.broken)

    def _open_file(self) -> None:
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(self.context.settings_file))):
            self.context.say(f"No program opens it here; the file is {self.context.settings_file}")


def _height(frame: QFrame, width: int) -> int:
    layout = frame.layout()
    assert layout is not None
    return layout.totalHeightForWidth(width) if layout.hasHeightForWidth() else frame.sizeHint().height()
