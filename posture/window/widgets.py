"""Small widgets that several pages use."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QFont
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget


def heading(text: str, level: int = 1) -> QLabel:
    """Return a heading; `level` 1 is a page's title, 2 that of a part."""
    label = words(text)
    font = QFont(label.font())
    font.setPointSizeF(font.pointSizeF() * (1.6 if level == 1 else 1.2))
    font.setBold(True)
    label.setFont(font)
    label.setObjectName(f"heading{level}")
    return label


def words(text: str = "", *, dim: bool = False) -> QLabel:
    """Return a text that wraps, and can be selected with mouse and keyboard only where it is a result."""
    label = QLabel(text)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    fits = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
    fits.setHeightForWidth(True)  # as tall as its lines, and no taller
    label.setSizePolicy(fits)
    label.setEnabled(True)
    if dim:
        label.setProperty("dim", True)
    return label


def button(text: str, clicked: Callable[[], object], *, main: bool = False) -> QPushButton:
    """Return a button; `main`: the one that the page is about."""
    made = QPushButton(text)
    made.setAutoDefault(True)
    made.clicked.connect(lambda _checked: clicked())
    if main:
        made.setProperty("main", True)
    return made


def card(*widgets: QWidget) -> QFrame:
    """Return a frame around widgets that belong together."""
    frame = QFrame()
    frame.setProperty("card", True)
    column = QVBoxLayout(frame)
    column.setContentsMargins(16, 14, 16, 14)
    for widget in widgets:
        column.addWidget(widget)
    return frame


def announce(widget: QWidget, text: str) -> None:
    """Have a screen reader say `text`."""
    QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(widget, text))
