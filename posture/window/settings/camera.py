"""Which camera, with the calibrations below it."""

from __future__ import annotations

from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from posture._support import without_credentials
from posture.window import names
from posture.window.cameras import list_cameras
from posture.window.page import WindowContext
from posture.window.settings.amounts import about_of
from posture.window.settings.calibrations import Profiles
from posture.window.settings.editor import Editor
from posture.window.settings.groups import Section, left, spaced
from posture.window.widgets import button, card, heading, words

_CAMERA = "watch.camera"
_LAST, _STREAM = "The one used last", "A camera on the network…"


class CameraChoice(QWidget):
    """The cameras of this machine, the last one used, and one on the network."""

    def __init__(self, context: WindowContext, editor: Editor) -> None:
        """Make it; `look` asks which cameras there are."""
        super().__init__()
        self._context, self._editor = context, editor
        self._cameras: list[tuple[str, str]] = []
        """Name and what the settings call it."""
        self.box, self.address, self._found = QComboBox(), QLineEdit(), words("", dim=True)
        self.box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.box.setMinimumContentsLength(14)
        self.box.setAccessibleName("Camera")
        self.box.setAccessibleDescription(about_of(_CAMERA))
        self.address.setAccessibleName("Address of the camera on the network")
        self.address.setPlaceholderText("http://host/stream.mjpg")
        self.address.editingFinished.connect(self._address_entered)
        self.again = button("Look again", self.look)
        row = QHBoxLayout()
        row.addWidget(self.box, 1)
        row.addWidget(self.again)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(row)
        column.addWidget(self.address)
        column.addWidget(self._found)
        self.box.activated.connect(self._chosen)
        editor.reloaded.connect(self.refresh)
        self.refresh()

    def look(self) -> None:
        """Ask which cameras there are."""
        if not self.again.isEnabled():
            return
        self.again.setEnabled(False)
        self._found.setText("Looking for cameras…")
        self._context.work.run(list_cameras, self._listed, self._failed)

    def refresh(self) -> None:
        """Show the camera in force among those that were found."""
        self.setEnabled(self._editor.broken is None)
        wanted: str = self._editor.value(_CAMERA)
        entries = [(_LAST, ""), *self._cameras]
        stream = "://" in wanted
        if wanted and not stream and wanted not in {address for _, address in entries}:
            entries.append((f"{wanted} (not found)", wanted))
        self.box.clear()
        for name, address in entries:
            self.box.addItem(name, address)
        self.box.addItem(_STREAM, None)
        row = self.box.count() - 1 if stream else [address for _, address in entries].index(wanted)
        self.box.setCurrentIndex(row)
        self.address.setVisible(stream)
        if not self.address.hasFocus():
            self.address.setText(without_credentials(wanted) if stream else "")

    def _chosen(self, row: int) -> None:
        address = self.box.itemData(row)
        if address is None:
            self.address.show()
            self.address.setFocus()
            return
        self._write(address, self.box.itemText(row))

    def _address_entered(self) -> None:
        text = self.address.text().strip()
        if text and text != without_credentials(self._editor.value(_CAMERA)):
            if "://" in text:
                self._write(text, without_credentials(text))
                self.address.setText(without_credentials(text))
            else:
                self._context.say("An address begins with http://, https:// or rtsp://.")

    def _write(self, address: str, shown: str) -> None:
        if address != self._editor.value(_CAMERA) and (failed := self._editor.set({_CAMERA: address or None}, f"Camera: {shown}")):
            self._context.say(failed)
        self.refresh()

    def _listed(self, cameras: list[tuple[str, str]]) -> None:
        self.again.setEnabled(True)
        self._cameras = cameras
        found = "The one that you choose is used from the monitor's next start on."
        self._found.setText(found if cameras else "No camera was found.")
        self.refresh()

    def _failed(self, why: str) -> None:
        self.again.setEnabled(True)
        self._found.setText(why)


class CameraSection(Section):
    """The camera and the calibrations."""

    def __init__(self, context: WindowContext, editor: Editor) -> None:
        """Make it."""
        self.choice = CameraChoice(context, editor)
        self.profiles = Profiles(context, editor.noted.emit)
        again = button("Calibrate…", lambda: context.open_page(names.CALIBRATE), main=True)
        about = words("A calibration is your own upright position, seen by one camera. The newest of each camera is used.", dim=True)
        super().__init__(
            spaced(card(heading("Camera", 2), self.choice)), spaced(card(heading("Calibrations", 2), about, self.profiles, left(again)))
        )

    def entered(self) -> None:
        """Look anew."""
        self.choice.look()
        self.profiles.refresh()
