"""The first step: what the program is, which camera it uses, and where to put it."""

from __future__ import annotations

import os
from collections.abc import Sequence

from PySide6.QtWidgets import QComboBox, QLineEdit, QVBoxLayout, QWidget

from posture.errors import PostureError
from posture.monitor import first_run
from posture.window.cameras import list_cameras
from posture.window.page import WindowContext
from posture.window.welcome.preview import CameraView
from posture.window.widgets import button, card, heading, words

_OTHER = "Another: the address of a stream"


class CameraStep(QWidget):
    """A list of cameras, the live picture of the chosen one, and what can be measured from where it stands."""

    TITLE = "Your camera"

    def __init__(self, context: WindowContext) -> None:
        """Make the step; no camera is open yet."""
        super().__init__()
        self._context = context
        self.choice, self.address, self.view = QComboBox(), QLineEdit(), CameraView(context)
        self.choice.setAccessibleName("Camera")
        self.choice.activated.connect(self._chosen)
        self.address.setPlaceholderText("http://host/stream.mjpg")
        self.address.setAccessibleName("Address of the stream")
        self.address.editingFinished.connect(self._open)
        self.again = button("Look for cameras again", self.begin)
        self._opened: str | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(card(words(first_run.ABOUT), words(first_run.PRIVACY)))
        column.addWidget(heading("Which camera?", 2))
        for widget in (
            self.choice,
            self.address,
            self.again,
            self.view,
            card(heading("Where to put it", 2), words("\n".join(first_run.PLACING))),
        ):
            column.addWidget(widget)
        self.address.setVisible(False)
        self._show([])

    @property
    def camera(self) -> str | None:
        """The chosen camera, as ``posture watch --camera`` takes it; ``None``: that of last time, or the first."""
        if self.choice.currentText() == _OTHER:
            return self.address.text().strip() or None
        data = self.choice.currentData()
        return str(data) if data is not None else None

    @property
    def is_stream(self) -> bool:
        """Whether it is the address of a stream, which only the settings keep."""
        return self.choice.currentText() == _OTHER and self.camera is not None

    def begin(self) -> None:
        """Look for cameras; the first one is shown."""
        self._opened = None
        self._context.work.run(list_cameras, self._found, self._context.say)

    def end(self) -> None:
        """Release the camera."""
        self._opened = None
        self.view.end()

    def _found(self, cameras: Sequence[tuple[str, str]]) -> None:
        if self.isVisible():
            self._show(cameras)
            self._open()

    def _show(self, cameras: Sequence[tuple[str, str]]) -> None:
        named = os.environ.get("POSTURE_CAMERA") or self._named()
        self.choice.clear()
        for name, address in cameras:
            self.choice.addItem(name, address)
        self.choice.addItem(_OTHER)
        if named:
            row = next((n for n, camera in enumerate(cameras) if named in camera), len(cameras))
            self.choice.setCurrentIndex(row)
            self.address.setText(named if row == len(cameras) else "")
        self.address.setVisible(self.choice.currentText() == _OTHER)
        if not cameras and not named:
            self.view.picture.show_notice("No camera was found. Plug one in and look again, or type the address of a stream.")

    def _named(self) -> str:
        try:
            return self._context.settings().watch.camera
        except PostureError:
            return ""

    def _chosen(self, _row: int) -> None:
        self.address.setVisible(self.choice.currentText() == _OTHER)
        if not self.address.isHidden():
            self.address.setFocus()
        self._open()

    def _open(self) -> None:
        camera = self.camera
        if camera is None:
            self.view.end()
            self.view.picture.show_notice("Choose a camera, or type the address of a stream.")
        elif camera != self._opened:
            self.view.begin("--camera", camera)
        self._opened = camera
