"""A live picture with what is said beside it, from one of our own commands: shared by the preview and the calibration."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QVBoxLayout, QWidget

from posture._support import SharedPicture
from posture.window.live_picture import LivePicture

BESIDE_PX = 700
"""From this width on, words stand beside the picture."""


class LivePanel(QWidget):
    """The picture, and beside it (or below, where there is little room) a column to be filled."""

    def __init__(self, beside_px: int = BESIDE_PX) -> None:
        """Show nothing yet; `beside_px`: from which width on there is room beside the picture."""
        super().__init__()
        self._beside_px = beside_px
        self.picture = LivePicture()
        self.under = QVBoxLayout()
        """What goes with the picture, right under it."""
        left = QVBoxLayout()
        left.addWidget(self.picture)
        left.addLayout(self.under)
        left.addStretch()
        self.beside = QVBoxLayout()
        """Where words and buttons go."""
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(16)
        self._row.addLayout(left, 3)
        self._row.addLayout(self.beside, 2)

    def show_picture(self, picture: SharedPicture) -> None:
        """Show a picture, or why there is none."""
        if picture.width:
            self.picture.show_picture(picture)
        else:
            self.picture.show_notice(str(picture.words.get("trouble") or "Opening the camera."))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the words beside the picture where there is room."""
        beside = event.size().width() >= self._beside_px
        self._row.setDirection(QBoxLayout.Direction.LeftToRight if beside else QBoxLayout.Direction.TopToBottom)
        super().resizeEvent(event)


def bullets(lines: Sequence[str]) -> str:
    """Return lines as a list, one below the other."""
    return "\n".join(f"•  {line}" for line in lines)
