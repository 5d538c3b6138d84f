"""Do it with me: an exercise that the monitor counts, with the live picture, the movement as a curve, the pace and one cue at a time."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeySequence, QPainter, QPaintEvent, QPen, QPolygonF, QShortcut
from PySide6.QtWidgets import QApplication, QCheckBox, QGridLayout, QSizePolicy, QWidget

from posture._support import SharedPicture, catalogue as catalogue_file
from posture.errors import PostureError
from posture.reports.day.exercises import exercise_words as done_words
from posture.types import DoneExercise, ExerciseEnd
from posture.window import theme
from posture.window.live_panel import LivePanel
from posture.window.monitor_link import Status
from posture.window.now.pictures import PictureSource
from posture.window.page import WindowContext
from posture.window.widgets import announce, button, card, heading, words

_SHOWN_S = 20.0
_LEAST_DEG = 12.0
_ENDINGS = {
    ExerciseEnd.DONE: "That's it.",
    ExerciseEnd.IDLE: "It ended by itself, as nothing more came.",
    ExerciseEnd.STOPPED: "",
    ExerciseEnd.HURT: "If the pain stays, see a professional.",
    ExerciseEnd.LOST: "The camera, or the monitor, ended first.",
}


class GuidedView(LivePanel):
    """A guided exercise from Start to its end. The monitor counts; without one it offers to start it."""

    began = Signal()

    def __init__(self, context: WindowContext, exercise: str, prompt: int | None = None) -> None:
        """Make it for the entry of that id; `prompt`: number of the reminder that it answers."""
        super().__init__()
        self._context, self._exercise, self._prompt = context, exercise, prompt
        self._counted = 0
        self._cue = ""
        self._running = False
        self.pictures = PictureSource(context.work, self)
        self.pictures.arrived.connect(self._show)
        context.link.changed.connect(self._follow)
        self.count, self.pace, self.cue = heading("0"), PaceBar(), words()
        self.advised = words(dim=True)
        self.curve = MovementCurve()
        self.sound = QCheckBox("A sound with each repetition")
        self.start = button("Do it with me", self.begin, main=True)
        self.stop = button("Stop", lambda: self._end(hurt=False))
        self.hurts = button("Stop, it hurts (H)", lambda: self._end(hurt=True))
        QShortcut(QKeySequence("H"), self, lambda: self._end(hurt=True))
        buttons = QWidget()
        row = QGridLayout(buttons)
        row.setContentsMargins(0, 0, 0, 0)
        for n, one in enumerate((self.start, self.stop, self.hurts)):
            row.addWidget(one, 0, n)
        self.beside.addWidget(card(self.count, self.advised, self.pace, self.curve, self.cue, self.sound, buttons))
        self.beside.addStretch()
        self._buttons()
        self.cue.setText("The camera counts, and keeps the pace. Only as far as is comfortable; there is no score.")
        self.picture.show_notice("The live picture is shown while you exercise.")

    def begin(self) -> None:
        """Have the monitor count; it is started first where none runs."""
        if self._context.link.status is None:
            self._context.link.start_monitor()
            self.cue.setText("Starting the monitor. Press again once it is watching.")
            return
        self._counted = 0
        self.curve.clear()
        self._context.link.ask("exercise", self._begun, self._refused, id=self._exercise, prompt=self._prompt)

    def leave(self) -> None:
        """End what runs, as the page is no longer shown."""
        if self._running:
            self._end(hurt=False)
        self.pictures.stop()

    def _begun(self, _answer: Any) -> None:
        self._running = True
        self._buttons()
        self.pictures.start()
        self.began.emit()

    def _refused(self, why: str) -> None:
        self.cue.setText(why[:1].upper() + why[1:])
        announce(self.cue, self.cue.text())

    def _end(self, *, hurt: bool) -> None:
        if self._running:
            self._context.link.ask("exercise_stop", self._follow, self._refused, hurt=hurt)

    def _show(self, picture: SharedPicture) -> None:
        self.show_picture(picture)
        view = picture.words.get("exercise")
        if isinstance(view, Mapping) and view.get("exercise") == self._exercise:
            self._show_view(view)

    def _follow(self, status: Status | None) -> None:
        """Notice the end, of which no picture may tell."""
        view = (status or {}).get("exercise")
        if not self._running:
            return
        if status is None:
            self._over(ExerciseEnd.LOST, "")
        elif isinstance(view, Mapping) and view.get("exercise") == self._exercise and view.get("done"):
            self._show_view(view)
            done = DoneExercise.of(view["done"])
            self._over(done.ended, f"{done_words(done)}.")

    def _show_view(self, view: Mapping[str, Any]) -> None:
        least, most = view["advised"]
        self.count.setText(str(view["repetitions"]))
        self.advised.setText(f"of {least}" if least == most else f"of {least} to {most}")
        self.pace.show_pace(str(view["towards"]), float(view["pace"]))
        angle = view.get("angle")
        if angle is not None:
            self.curve.add(float(view["time_s"]), float(angle["deg"]), float(angle["sd_deg"]), view.get("band"))
        if view["repetitions"] > self._counted:
            self._counted = view["repetitions"]
            announce(self.count, f"{self._counted}")
            if self.sound.isChecked():
                QApplication.beep()
        if view["words"] != self._cue:
            self._cue = str(view["words"])
            self.cue.setText(self._cue)
            if self._cue:
                announce(self.cue, self._cue)

    def _over(self, ended: ExerciseEnd, counted: str) -> None:
        self._running = False
        self.pictures.stop()
        self._buttons()
        self.cue.setText(" ".join(filter(None, (_ENDINGS[ended], f"{counted[:1].upper()}{counted[1:]}"))))
        announce(self.cue, self.cue.text())
        self.picture.show_notice("The live picture is shown while you exercise.")

    def _buttons(self) -> None:
        self.start.setVisible(not self._running)
        for one in (self.stop, self.hurts):
            one.setVisible(self._running)


class PaceBar(QWidget):
    """A breath for each half: a bar that fills, with where it leads."""

    def __init__(self) -> None:
        """Show nothing yet."""
        super().__init__()
        self._towards, self._share = "", 0.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Pace")

    def show_pace(self, towards: str, share: float) -> None:
        """Show another moment: which end the pace leads to, and how much of the way is over."""
        if towards != self._towards:
            self.setAccessibleDescription(towards)
        self._towards, self._share = towards, share
        self.update()

    def sizeHint(self) -> QSize:
        """Return a flat size."""
        return QSize(160, self.fontMetrics().height() + 18)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the bar and its word."""
        painter = QPainter(self)
        colours = theme.colours()
        if not self._towards:
            return
        high = self.fontMetrics().height()
        painter.setPen(QColor(colours.text))
        painter.drawText(QRectF(0, 0, self.width(), high), Qt.AlignmentFlag.AlignLeft, f"Slowly {self._towards}")
        painter.fillRect(QRectF(0, high + 4, self.width(), 8), QColor(colours.track))
        painter.fillRect(QRectF(0, high + 4, self.width() * min(1.0, self._share), 8), QColor(colours.accent))


class MovementCurve(QWidget):
    """The moving angle over the last seconds, with its uncertainty, and a soft band from one of the person's own ends to the other."""

    def __init__(self) -> None:
        """Show nothing yet."""
        super().__init__()
        self._points: deque[tuple[float, float, float]] = deque()
        self._band: tuple[float, float] | None = None
        self.setMinimumHeight(110)
        self.setAccessibleName("Your movement over the last seconds")

    def clear(self) -> None:
        """Begin anew."""
        self._points.clear()
        self._band = None
        self.update()

    def add(self, time_s: float, deg: float, sd_deg: float, band: Any) -> None:
        """Add a moment; `band`: the person's own ends (second, first), degrees, if they are known."""
        self._points.append((time_s, deg, sd_deg))
        while self._points[0][0] < time_s - _SHOWN_S:
            self._points.popleft()
        self._band = (float(band[0]), float(band[1])) if band else None
        self.setAccessibleDescription(f"{deg:.0f} degrees, plus or minus {sd_deg:.0f}")
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw band, spread and line."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours = theme.colours()
        box = QRectF(self.rect()).adjusted(0, 4, 0, -4)
        ends = [abs(d) + s for _, d, s in self._points] + [abs(e) for e in self._band or ()]
        top = 1.1 * max([_LEAST_DEG, *ends])
        last_s = self._points[-1][0] if self._points else _SHOWN_S

        def at(time_s: float, deg: float) -> QPointF:
            x = box.right() - (last_s - time_s) / _SHOWN_S * box.width()
            return QPointF(x, box.center().y() - deg / top * box.height() / 2)

        if self._band is not None:
            soft = QColor(colours.accent)
            soft.setAlpha(40)
            low, high = at(last_s, self._band[0]).y(), at(last_s, self._band[1]).y()
            painter.fillRect(QRectF(box.left(), high, box.width(), low - high), soft)
        painter.setPen(QPen(QColor(colours.line), 1, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(box.left(), box.center().y()), QPointF(box.right(), box.center().y()))
        spread = QColor(colours.dim)
        spread.setAlpha(60)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(spread)
        painter.drawPolygon(QPolygonF([*(at(t, d + s) for t, d, s in self._points), *(at(t, d - s) for t, d, s in reversed(self._points))]))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(colours.accent), 2.5, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawPolyline(QPolygonF([at(t, d) for t, d, _ in self._points]))


def countable(context: WindowContext, exercise: str) -> bool:
    """Whether the camera can count the entry of that id."""
    try:
        return exercise in catalogue_file.movements()
    except PostureError as error:
        context.say(str(error))
        return False
