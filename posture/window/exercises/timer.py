"""The timer of an exercise: start, pause, reset, with the pace of breath as a disc that grows and shrinks."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QFont, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from posture.reports.exercise.timer import TimerPlan
from posture.window import theme
from posture.window.exercises.countdown import ENOUGH, Countdown, Moment, clock
from posture.window.flow import FlowLayout
from posture.window.parts import Section
from posture.window.widgets import announce, button, heading, words

_BAR = (
    "QProgressBar { border: none; border-radius: 4px; background: palette(mid); }"
    "QProgressBar::chunk { border-radius: 4px; background: palette(highlight); }"
)
_TICK_MS, _DIAL_PX = 100, 132
_READY = "Ready when you are"
_KEYS = "Esc pauses, R resets. The pace is our suggestion: your own breath and comfort come first."
_LEAST, _MOST = 0.45, 0.92
"""Radius of the disc of breath when empty and when full, as a share of the dial's."""


class Dial(QWidget):
    """Seconds left, with a ring for what has gone by; a disc inside follows the breath."""

    def __init__(self) -> None:
        """Make it empty."""
        super().__init__()
        self._left, self._share, self._breath = "", 0.0, None
        self.setFixedSize(QSize(_DIAL_PX, _DIAL_PX))

    _breath: float | None

    def set_moment(self, left: str, share: float, breath: float | None) -> None:
        """Show seconds left, the share (0..1) of the phase that has gone by, and how full the lungs are (0..1; ``None``: not said)."""
        self._left, self._share, self._breath = left, share, breath
        self.setAccessibleName(f"{left} left" if left else "")
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw it."""
        painter, c = QPainter(self), theme.colours()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(6, 6, self.width() - 12, self.height() - 12)
        if self._breath is not None:
            colour, radius = QColor(c.accent), rect.width() / 2 * (_LEAST + (_MOST - _LEAST) * self._breath)
            colour.setAlphaF(0.28)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            painter.drawEllipse(rect.center(), radius, radius)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(c.line), 7))
        painter.drawEllipse(rect)
        painter.setPen(QPen(QColor(c.accent), 7, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        if self._share > 0:
            painter.drawArc(rect, 90 * 16, round(-360 * 16 * self._share))
        font = QFont(self.font())
        font.setPointSizeF(font.pointSizeF() * 2.4)
        font.setBold(True)
        painter.setFont(font)
        painter.setPen(QColor(c.text))
        painter.drawText(QRectF(QPointF(0, 0), rect.bottomRight() + QPointF(6, 6)), Qt.AlignmentFlag.AlignCenter, self._left)


class TimerCard(Section):
    """The timer; what it comes to is announced to screen readers."""

    stepped = Signal(object)
    """Which step is to be done now, counted from 1; ``None``: none."""

    def __init__(self, plan: TimerPlan, now_s: Callable[[], float] = time.monotonic) -> None:
        """Make it. `now_s`: a clock in seconds that is never set back."""
        super().__init__("Timer")
        self._count, self._now_s = Countdown(plan), now_s
        self._before_s, self._since_s = 0.0, None
        self._index, self._enough = -1, False
        self._tick = QTimer(self)
        self._tick.setInterval(_TICK_MS)
        self._tick.timeout.connect(self.show_now)
        self.dial, self.say, self.about = Dial(), heading("", 2), words(dim=True)
        self.start, self.reset = button("Start", self._toggle, main=True), button("Reset", self.clear)
        self.bar = QProgressBar()
        self.bar.setRange(0, 1000)
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(8)
        self.bar.setStyleSheet(_BAR)
        self.bar.setAccessibleName("How much of the exercise has gone by")
        buttons = QWidget()
        flow = FlowLayout(buttons)
        flow.addWidget(self.start)
        flow.addWidget(self.reset)
        board = QWidget()
        column = QVBoxLayout(board)
        column.setContentsMargins(0, 0, 0, 0)
        for part in (self.say, self.about, buttons):
            column.addWidget(part)
        column.addStretch()
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(18)
        line.addWidget(self.dial, 0, Qt.AlignmentFlag.AlignTop)
        line.addWidget(board, 1)
        for widget in (row, self.bar, words(_KEYS, dim=True)):
            self.body.addWidget(widget)
        self.show_now()

    _since_s: float | None

    @property
    def running(self) -> bool:
        """Whether it counts now."""
        return self._since_s is not None

    @property
    def elapsed_s(self) -> float:
        """Seconds counted since the start, pauses left out."""
        return min(self._count.total_s, self._before_s + (0.0 if self._since_s is None else self._now_s() - self._since_s))

    def pause(self) -> None:
        """Stand still, if it counts."""
        if self.running:
            self._stop()
            self.show_now()
            announce(self, "Paused.")

    def clear(self) -> None:
        """Begin anew, standing still."""
        if self.elapsed_s > 0.0 or self.running:
            announce(self, "Reset.")
        self._stop()
        self._before_s, self._index, self._enough = 0.0, -1, False
        self.stepped.emit(None)
        self.show_now()

    def show_now(self) -> None:
        """Show where it is, and announce what is new."""
        at, started = self._count.at(self.elapsed_s), self._before_s > 0.0 or self.running
        self.say.setText(at.say if started else _READY)
        left = at.left if started else clock(self._count.plan.phases[0].seconds)
        self.dial.set_moment(left, at.share if started else 0.0, _breath(at) if started else None)
        self.about.setText(at.about if started else f"{_length(self._count.plan)} in all")
        self.bar.setValue(round(1000 * self._count.share(self.elapsed_s)))
        if self.running:
            self._announce(at)
        self.start.setText("Pause" if self.running else "Again" if at.ended else "Go on" if started else "Start")
        self.reset.setEnabled(started)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Pause with Escape, reset with R."""
        if event.key() == Qt.Key.Key_Escape and self.running:
            self.pause()
        elif event.key() == Qt.Key.Key_R and not event.modifiers():
            self.clear()
        else:
            super().keyPressEvent(event)

    def _announce(self, at: Moment) -> None:
        if at.index != self._index:
            self._index = at.index
            announce(self, at.announce)
            self.stepped.emit(at.step)
        elif at.enough and not self._enough:
            self._enough = True
            announce(self, ENOUGH)
        if at.ended:
            self._stop()

    def _toggle(self) -> None:
        if self.running:
            self.pause()
            return
        if self._count.at(self.elapsed_s).ended:
            self._before_s, self._index, self._enough = 0.0, -1, False
        self._since_s = self._now_s()
        self._tick.start()
        self.show_now()

    def _stop(self) -> None:
        self._before_s, self._since_s = self.elapsed_s, None
        self._tick.stop()


def _breath(at: Moment) -> float | None:
    """Return how full the lungs are (0..1) in a phase that says which way to breathe; ``None`` in any other."""
    said = at.say.lower()
    return at.share if said.startswith("breathe in") else 1.0 - at.share if said.startswith("breathe out") else None


def _length(plan: TimerPlan) -> str:
    minutes, seconds = divmod(round(plan.seconds), 60)
    return " ".join([*([f"{minutes} min"] if minutes else []), *([f"{seconds} s"] if seconds or not minutes else [])])
