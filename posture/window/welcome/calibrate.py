"""A calibration."""

from __future__ import annotations

from posture.window.page import Page, WindowContext
from posture.window.widgets import heading


class CalibratePage(Page):
    """A calibration."""

    def __init__(self, context: WindowContext) -> None:
        """Make the page; it is not shown yet."""
        super().__init__(context)
        self.column.addWidget(heading("Calibration"))
        self.column.addStretch()
