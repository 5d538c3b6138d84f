"""The first run, in four steps; each can be skipped, and all can be gone through again from the settings."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from posture._support import config_edit
from posture.errors import PostureError
from posture.monitor import first_run
from posture.storage import Store
from posture.window import names
from posture.window.page import Page, WindowContext
from posture.window.welcome.calibrate import Calibration
from posture.window.welcome.camera_step import CameraStep
from posture.window.welcome.login_step import LoginStep
from posture.window.welcome.speak_step import SpeakStep
from posture.window.widgets import announce, button, heading, words


class CalibrationStep(Calibration):
    """The second step: the person's own upright position."""

    TITLE = "Your upright position"

    def __init__(self, context: WindowContext, camera: CameraStep) -> None:
        """Make the step; `camera`: where the camera was chosen."""
        super().__init__(context)
        self._chosen = camera

    def open(self) -> None:
        """Wait for the person to begin, with the camera that was chosen."""
        self.reset(*_camera_words(self._chosen))


class WelcomePage(Page):
    """Four steps, one after the other."""

    def __init__(self, context: WindowContext) -> None:
        """Make the page; it is not shown yet."""
        super().__init__(context)
        self.camera = CameraStep(context)
        self.calibration = CalibrationStep(context, self.camera)
        self.speak, self.login = SpeakStep(context), LoginStep(context)
        self.calibration.closed.connect(self.forward)
        self._begins = (self.camera.begin, self.calibration.open, self.speak.begin, self.login.begin)
        self._ends = (self.camera.end, self.calibration.end, self.speak.end, self.login.end)
        self._titles = tuple(step.TITLE for step in (self.camera, self.calibration, self.speak, self.login))
        self.step = 0
        """Which is shown, from 0 on."""
        self._steps = (self.camera, self.calibration, self.speak, self.login)
        inside = QVBoxLayout()
        self.number, self.title = words(dim=True), heading("")
        self.back, self.skip = button("Back", self.backward), button("Skip", self._skip)
        self.next = button("Next", self.forward, main=True)
        buttons = QHBoxLayout()
        for one in (self.back, self.skip, self.next):
            buttons.addWidget(one)
        self.column.addWidget(self.number)
        self.column.addWidget(self.title)
        for step in self._steps:
            inside.addWidget(step)
        self.column.addLayout(inside, 1)
        self.column.addLayout(buttons)

    def entered(self) -> None:
        """Begin with the first step, or go on where it was left."""
        self._show(self.step)

    def left(self) -> None:
        """Release the camera; the person may come back."""
        self._ends[self.step]()

    def forward(self) -> None:
        """Go on, with what was chosen; from the last step, begin to watch."""
        self._ends[self.step]()
        if self.step + 1 < len(self._titles):
            self._show(self.step + 1)
        else:
            self._finish()

    def backward(self) -> None:
        """Go back one step."""
        self._ends[self.step]()
        self._show(max(0, self.step - 1))

    def _skip(self) -> None:
        """Go on without what this step is for."""
        if self.step == len(self._titles) - 1:
            self._close()
            return
        if self.step != 2:  # what was chosen there is not to be written
            self._ends[self.step]()
        self._show(self.step + 1)

    def _show(self, step: int) -> None:
        self.step = step
        last = step + 1 == len(self._titles)
        for n, one in enumerate(self._steps):
            one.setVisible(n == step)
        self.number.setText(f"Step {step + 1} of {len(self._titles)}")
        self.title.setText(self._titles[step])
        self.back.setEnabled(step > 0)
        self.next.setText("Start watching" if last else "Next")
        self.skip.setText("Not now" if last else "Skip")
        self.verticalScrollBar().setValue(0)
        self._begins[step]()
        announce(self.title, f"{self.number.text()}: {self.title.text()}")

    def _finish(self) -> None:
        """Keep the address of a stream in the settings, start the monitor, and show what it sees."""
        camera = self.camera.camera
        try:
            if self.camera.is_stream:
                config_edit.change(self.context.settings_file, {"watch.camera": camera})
        except PostureError as error:
            self.context.say(str(error))
        if self.context.link.status is None:
            self.context.link.start_monitor(*(() if self.camera.is_stream else _camera_words(self.camera)))
        self._close()

    def _close(self) -> None:
        try:
            with Store.open() as store:
                first_run.done(store)
        except PostureError as error:
            self.context.say(str(error))
        self.step = 0
        self.context.open_page(names.NOW)


def _camera_words(step: CameraStep) -> tuple[str, ...]:
    camera = step.camera
    return () if camera is None else ("--camera", camera)
