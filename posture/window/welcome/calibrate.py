"""A calibration: the live picture, what is asked of the person, a countdown, and how it went."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QApplication, QCheckBox, QGridLayout, QProgressBar, QWidget

from posture._support import SharedPicture
from posture.window import names
from posture.window.feed import CommandFeed
from posture.window.live_panel import LivePanel, bullets
from posture.window.page import Page, WindowContext
from posture.window.widgets import announce, button, card, heading, words

_WITHOUT = 3
"""Exit code of a calibration that the person went on without."""


class CalibratePage(Page):
    """A calibration of its own, outside the first run."""

    def __init__(self, context: WindowContext) -> None:
        """Make the page; nothing runs yet."""
        super().__init__(context)
        self.calibration = Calibration(context)
        self.calibration.closed.connect(lambda: context.open_page(names.NOW))
        self.column.addWidget(heading("Calibration"))
        self.column.addWidget(self.calibration)
        self.column.addStretch()

    def entered(self) -> None:
        """Wait for the person to begin; one that was asked for with options begins at once."""
        self.calibration.reset(*self.words)

    def left(self) -> None:
        """Give up what runs; nothing is saved."""
        self.calibration.end()


class Calibration(LivePanel):
    """Runs ``posture calibrate`` and shows it. A monitor that runs lends its camera meanwhile."""

    saved = Signal()
    closed = Signal()
    """The person is done here."""

    def __init__(self, context: WindowContext) -> None:
        """Make it; nothing runs yet."""
        super().__init__()
        self._context = context
        self._options: tuple[str, ...] = ()
        self._step = ("", "")
        self.feed = CommandFeed(self)
        self.feed.arrived.connect(self._show)
        self.feed.said.connect(self._said)
        self.feed.ended.connect(self._ended)
        self.title, self.task, self.place = heading("", 2), words(), words(dim=True)
        self.bar = QProgressBar()
        self.bar.setRange(0, 1000)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("How much of this step is over")
        self.with_range = QCheckBox("Also show my fullest slump and arch (makes the limits my own)")
        self.with_range.setChecked(True)
        self.start = button("Start", self.begin, main=True)
        self.next, self.skip = button("Next", lambda: self.feed.press("next")), button("Skip this step", lambda: self.feed.press("skip"))
        self.again, self.quit = button("Again", lambda: self.feed.press("retry")), button("Stop", self._stop)
        self.without = button("Go on without", lambda: self.feed.press("without"))
        self.close_ = button("Done", self.closed.emit, main=True)
        buttons = QWidget()
        places = QGridLayout(buttons)
        places.setContentsMargins(0, 0, 0, 0)
        for number, one in enumerate((self.start, self.close_, self.next, self.skip, self.again, self.quit, self.without)):
            places.addWidget(one, number // 2, number % 2)
        self.beside.addWidget(card(self.title, self.task, self.bar, self.with_range, self.place, buttons))
        self.beside.addStretch()
        self.reset()

    def reset(self, *options: str) -> None:
        """Wait for the person to begin; `options`: of ``posture calibrate``."""
        self._options = options
        self.title.setText("Sit as you do for work")
        self.task.setText(
            "Everything is measured from your own upright position. Sit tall but relaxed for five seconds; then, if you like, slump fully "
            "and arch fully for three seconds each. A sound marks each step, so you needn't look at the screen."
        )
        self.picture.show_notice("The camera opens when you start.")
        self.with_range.setChecked("--no-range" not in options)
        self._buttons(begun=False)
        self.start.setText("Start")

    def begin(self) -> None:
        """Open the camera and begin."""
        file = () if self._context.config is None else ("--config", str(self._context.config))
        without = () if self.with_range.isChecked() or "--no-range" in self._options else ("--no-range",)
        options = [o for o in self._options if o != "--no-range" or not self.with_range.isChecked()]
        self._buttons(begun=True)
        self.picture.show_notice("Opening the camera.")
        try:
            self.feed.start("calibrate", *file, *options, *without)
        except OSError as error:
            self._ended(1, str(error))

    def end(self) -> None:
        """Give up what runs; nothing is saved."""
        self.feed.stop()
        self.picture.set_big("")

    def _stop(self) -> None:
        self.end()
        self.reset(*self._options)
        self.closed.emit()

    def _show(self, picture: SharedPicture) -> None:
        self.show_picture(picture)
        step: Mapping[str, Any] = picture.words.get("calibration", {})
        left_s = step.get("left_s")
        self.title.setText(str(step.get("title", "")))
        self.task.setText(str(step.get("words", "")))
        self.bar.setVisible(left_s is not None)
        self.bar.setValue(round(1000 * float(step.get("share", 0.0))))
        self.picture.set_big("" if left_s is None else f"{math.ceil(left_s)}")
        self.without.setVisible(bool(step.get("offer")))
        self.skip.setVisible(not str(step.get("title", "")).startswith("1 "))
        self.place.setText("\n".join(str(line) for line in picture.words.get("place", ())))
        now = (str(step.get("title", "")), str(step.get("words", "")))
        if now != self._step and any(now):
            self._step = now
            QApplication.beep()  # who sits sideways to the screen does not see it
            announce(self.task, ". ".join(now))

    def _said(self, found: Mapping[str, Any]) -> None:
        if "saved" not in found:
            return
        self.picture.set_big("")
        self.title.setText("Done: your upright position is saved")
        self.task.setText(str(found.get("words", "")))
        self.place.setText(bullets([str(line) for line in found.get("place", ())]))
        self._buttons(begun=False)
        self.start.setVisible(False)
        self.with_range.setVisible(False)
        self.close_.setVisible(True)
        announce(self.title, self.title.text())
        self.saved.emit()

    def _ended(self, code: int, line: str) -> None:
        """Offer another try, unless it was saved."""
        self.picture.set_big("")
        if code == 0:
            self.picture.show_notice("The camera is free again.")
            return
        self.picture.show_notice("")
        if code == _WITHOUT:
            self.reset(*self._options)
            self.closed.emit()
            return
        self.title.setText("Not calibrated")
        self.task.setText(line or self.task.text() or "Nothing was saved.")
        self._buttons(begun=False)
        self.start.setText("Try again")

    def _buttons(self, *, begun: bool) -> None:
        for one in (self.next, self.again, self.quit, self.bar):
            one.setVisible(begun)
        for one in (self.skip, self.without, self.close_):
            one.setVisible(False)
        self.start.setVisible(not begun)
        self.with_range.setVisible(not begun)
        self.place.setText("")
