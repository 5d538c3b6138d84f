"""Tells screen readers that a drawn widget is a chart; Qt calls a widget that it does not know a mere container."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QObject
from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtWidgets import QAccessibleWidget, QWidget

_CHART = "is_chart"
_kept: list[QAccessibleInterface] = []  # Qt owns them; without a reference here Python would delete them under it


def be_chart(widget: QWidget) -> None:
    """Have a screen reader speak of `widget` as a chart."""
    _install()
    widget.setProperty(_CHART, True)


@cache
def _install() -> None:
    QAccessible.installFactory(_interface)


def _interface(_kind: str, found: QObject) -> QAccessibleInterface | None:
    if not isinstance(found, QWidget) or not found.property(_CHART):
        return None
    _kept.append(QAccessibleWidget(found, QAccessible.Role.Chart, ""))
    return _kept[-1]
