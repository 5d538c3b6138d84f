"""The live page: the picture with what is measured in it, the doses, what waits for an answer, and why no reminder comes."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QBoxLayout, QCheckBox, QGridLayout, QMenu, QPushButton, QWidget

from posture._support import SharedPicture
from posture.reports import STYLES, reason_words
from posture.time_parsing import moment_words, until
from posture.types import MODE_WORDS, EpisodeKind, Mode, Posture
from posture.window import names
from posture.window.live_panel import LivePanel
from posture.window.monitor_link import Status
from posture.window.now.pictures import PictureSource
from posture.window.now.rings import DoseRing
from posture.window.now.spine_figure import SpineFigure
from posture.window.page import Page, WindowContext
from posture.window.waiting import WaitingCard
from posture.window.widgets import button, card, heading, words

_RINGS = {
    EpisodeKind.FLEXED: ("Bent", "#c1440e"),
    EpisodeKind.SITTING: ("Sitting", "#3f6d8a"),
    EpisodeKind.STILLNESS: ("Still", "#7d6b2f"),
    EpisodeKind.ANTERIOR_TILT: ("Tilted", "#7a4a8c"),
}
_BESIDE_PX = 712
"""Of the page without its margins: from there on, figures stand beside the picture, else below it."""
_COMMAND = " (posture calibrate)"
"""What an advice to calibrate ends with, for a person at a terminal; here is a button."""
_PAUSES = (("For 15 minutes", 900.0), ("For an hour", 3600.0), ("Until tomorrow", None))


class NowPage(Page):
    """What the camera sees and what is made of it, as long as the page is shown."""

    def __init__(self, context: WindowContext) -> None:
        """Make the page; it is not shown yet."""
        super().__init__(context)
        self.pictures = PictureSource(context.work, self)
        self.pictures.arrived.connect(self._show_picture)
        self.pictures.gone.connect(self._show_none)
        context.link.changed.connect(self._show_status)
        self.panel, self.figure = LivePanel(_BESIDE_PX), SpineFigure()
        self.picture = self.panel.picture
        self.posture, self.why, self.angles = heading("", 1), words(dim=True), words()
        self.silence, self.advice = words(), words()
        self.rings = {kind: DoseRing(name, colour) for kind, (name, colour) in _RINGS.items()}
        self.private = QCheckBox("Show the skeleton alone")
        self.private.toggled.connect(self._set_private)
        self._build()
        self._show_status(context.link.status)

    def entered(self) -> None:
        """Ask for pictures while the page is shown."""
        self.pictures.start()
        self._show_status(self.context.link.status)

    def left(self) -> None:
        """Have no more pictures."""
        self.pictures.stop()

    # --- building

    def _build(self) -> None:
        self.reminder = WaitingCard(self.context)
        right = self.panel.beside
        self.panel.under.addWidget(self.private)
        self.calibrate = button("Calibrate", lambda: self.context.open_page(names.CALIBRATE))
        right.addWidget(card(self.posture, self.why, self._measured(), self.advice, self.calibrate))
        right.addWidget(card(self._ring_grid(), self.silence))
        right.addLayout(self._controls())
        right.addStretch()
        self.column.addWidget(self.reminder)
        self.column.addWidget(self.panel, 1)

    def _measured(self) -> QWidget:
        both = QWidget()
        row = QBoxLayout(QBoxLayout.Direction.LeftToRight, both)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.figure)
        row.addWidget(self.angles, 1)
        return both

    def _ring_grid(self) -> QWidget:
        grid = QWidget()
        places = QGridLayout(grid)
        places.setContentsMargins(0, 0, 0, 0)
        for number, ring in enumerate(self.rings.values()):
            places.addWidget(ring, 0, number)
        return grid

    def _controls(self) -> QGridLayout:
        self.pause = QPushButton("Pause")
        menu = QMenu(self.pause)
        for text, length_s in _PAUSES:
            menu.addAction(text, partial(self._pause, length_s))
        menu.addAction("Until I resume", lambda: self.context.link.ask("pause"))
        self.pause.setMenu(menu)
        self.resume = button("Resume", lambda: self.context.link.ask("resume"), main=True)
        self.start = button("Start watching", self._start, main=True)
        self.stop = button("Stop watching", self.context.link.stop_monitor)
        controls = QGridLayout()
        for column, one in enumerate((self.pause, self.resume, self.start, self.stop)):
            controls.addWidget(one, 0, column)
        return controls

    # --- showing

    def _show_picture(self, picture: SharedPicture) -> None:
        self.picture.show_picture(picture)
        said = picture.words
        self.figure.show_angles(said.get("angles", ()), said.get("posture"))
        self.angles.setText("\n".join(_sentence(str(a["words"])) for a in said.get("angles", ())))
        self._show_posture(said.get("posture"), said.get("trouble") or said.get("reason"))

    def _show_none(self) -> None:
        self._show_status(self.context.link.status)

    def _show_posture(self, posture: str | None, reason: str | None) -> None:
        self.posture.setText(_posture_words(posture))
        why = reason_words(str(reason)) if reason and posture in (None, Posture.UNKNOWN) else ""
        self.why.setText(_sentence(why))
        self.why.setVisible(bool(why))
        self.picture.setAccessibleDescription(f"{self.posture.text()}. {self.angles.text()}")

    def _show_status(self, status: Status | None) -> None:
        running = status is not None
        mode = str(status["mode"]) if status is not None else ""
        self._show_buttons(mode, running=running)
        if mode != Mode.RUNNING:
            self.picture.show_notice(_no_picture(status, known=self.context.link.known))
            self.figure.show_angles((), None)
            self.angles.setText("")
            self.posture.setText("Not watching" if not running else _sentence(MODE_WORDS.get(mode, mode)))
            self.why.setVisible(False)
        found: Mapping[str, Any] = status or {}
        silence = found.get("silence")
        self.silence.setText(str(silence["words"]) if silence else "")
        self.advice.setText(str(found.get("advice") or "").removesuffix(_COMMAND))
        self.advice.setVisible(bool(found.get("advice")))
        self.calibrate.setVisible(running and (bool(found.get("advice")) or not found.get("calibrated", True)))
        doses, limits = found.get("dose_s", {}), found.get("limits_s", {})
        for kind, ring in self.rings.items():
            ring.show_dose(doses.get(kind.value) if running else None, limits.get(kind.value, 1.0))

    def _show_buttons(self, mode: str, *, running: bool) -> None:
        self.pause.setVisible(running and mode != Mode.PAUSED)
        self.resume.setVisible(mode == Mode.PAUSED)
        self.start.setVisible(not running and self.context.link.known)
        self.start.setEnabled(True)
        self.stop.setVisible(running)

    # --- what the person does

    def _set_private(self, private: bool) -> None:
        self.picture.private = private
        self.picture.update()

    def _pause(self, length_s: float | None) -> None:
        end = until("tomorrow", datetime.now()) if length_s is None else time.time() + length_s
        self.context.link.ask("pause", until_utc=end)

    def _start(self) -> None:
        self.start.setEnabled(False)
        self.picture.show_notice("Starting ...")
        self.context.link.start_monitor()

    def sizeHint(self) -> QSize:
        """Return a size at which picture and figures stand beside each other."""
        return QSize(900, 640)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _posture_words(posture: str | None) -> str:
    style = next((style for known, style in STYLES.items() if known == posture), None)
    return _sentence(style.word) if style is not None else "Looking for you"


def _no_picture(status: Status | None, *, known: bool) -> str:
    if status is None:
        return "Nobody is watching: the camera is off." if known else ""
    mode = str(status["mode"])
    end = status.get("paused_until_utc")
    if mode == Mode.PAUSED and isinstance(end, int | float):
        return f"Paused until {moment_words(end, datetime.now())}; the camera is off."
    return _sentence(f"{status.get('words') or MODE_WORDS.get(mode, mode)}".rstrip(".")) + "."
