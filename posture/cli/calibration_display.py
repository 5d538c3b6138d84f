"""What a person sees and hears during a calibration: in a window, or in the terminal."""

from __future__ import annotations

import math
import select
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

from posture.biomechanics import CalibrationView
from posture.cli.console import StatusLine, out, say
from posture.cli.live_view import LivePicture, LiveView, angle_words, without_window
from posture.desktop import Bar, Panel, Window, blank, draw
from posture.reports import STYLES
from posture.types import Posture

_READ_S = 12.0
"""How long the window shows how it went."""
_INK = STYLES[Posture.NEUTRAL].rgb
_KEYS = {"space": "next", "enter": "next", "s": "skip", "r": "retry", "q": "quit", "escape": "quit", "closed": "quit", "c": "without"}


class CalibrationDisplay(Protocol):
    """Shows a calibration to the person."""

    def show(self, show: CalibrationView, picture: LivePicture | None, view: LiveView) -> Sequence[str]:
        """Show the state of the calibration; return the keys pressed since, by ``calibrate.Key``."""

    def say(self, words: str) -> None:
        """Print a line that stays."""

    def linger(self, title: str, words: str, lines: tuple[str, ...]) -> None:
        """Show the result for as long as it takes to read."""


@contextmanager
def calibration_display(window: bool) -> Iterator[CalibrationDisplay]:
    """Open the window, or print in the terminal where there can be none."""
    if without_window(window):
        with TerminalDisplay() as terminal:
            yield terminal
    else:
        with Window("Posture calibration") as shown:
            yield WindowDisplay(shown)


class WindowDisplay:
    """Shows the live picture and the instructions in a window."""

    def __init__(self, window: Window) -> None:
        """Draw in `window`, which is open."""
        self._window = window
        self._bell = Bell()

    def show(self, show: CalibrationView, picture: LivePicture | None, view: LiveView) -> Sequence[str]:
        """Draw the picture if there is a new one, else why there is none."""
        self._bell.ring(show)
        if picture is not None:
            timed = show.left_s is not None
            panel = Panel(
                show.title,
                show.words,
                big=f"{math.ceil(show.left_s)}" if show.left_s is not None else "",
                lines=(*view.place_lines(), angle_words(picture.measured)),
                bar=Bar("", show.share, _INK) if timed else None,
                foot=show.keys,
                colour=_INK,
            )
            self._window.show(draw(picture.image, picture.pose, panel))
        elif view.trouble:
            self._window.show(blank(Panel(words=view.trouble)))
        return [_KEYS[key] for key in self._window.pressed() if key in _KEYS]

    def say(self, words: str) -> None:
        """Print in the terminal, which stays when the window is gone."""
        say(words)

    def linger(self, title: str, words: str, lines: tuple[str, ...]) -> None:
        """Show the result until a key is pressed, or for a few seconds."""
        end_s = time.monotonic() + _READ_S
        self._window.show(blank(Panel(title, words, lines=lines, foot="any key: close")))
        while time.monotonic() < end_s and not self._window.pressed():
            time.sleep(0.05)


class TerminalDisplay(StatusLine):
    """Prints the instructions; the countdown changes in its line, and a bell rings for a person who faces away."""

    def __init__(self) -> None:
        """Prepare the line; nothing is printed yet."""
        super().__init__("opening the camera")
        self._said = ""
        self._bell = Bell()

    def show(self, show: CalibrationView, picture: LivePicture | None, view: LiveView) -> Sequence[str]:
        """Print every new instruction or refusal."""
        self._bell.ring(show)
        words = f"{show.title}. {show.words}"
        if words != self._said and show.keys:  # how it ended is said by whoever knows whether it was saved
            self._said = words
            seconds = "" if show.left_s is None else f" ({math.ceil(show.left_s)} s)"
            say(f"{words}{seconds}")
            if show.offer and sys.stdin.isatty():
                say("Or type c and Enter to go on without a calibration.", "dim")
        if self.shown:
            left = "" if show.left_s is None else f"{math.ceil(show.left_s)} s  "
            seen = angle_words(picture.measured) if picture is not None else view.trouble
            if seen or left:
                self.update(f"{left}{seen}  (Ctrl-C ends)")
        return [_KEYS[key] for key in typed() if key in _KEYS]

    def say(self, words: str) -> None:
        """Print a line."""
        say(words)

    def linger(self, title: str, words: str, lines: tuple[str, ...]) -> None:  # the shape of a display
        """No-op: the result stands in the terminal already."""


def typed() -> list[str]:
    """Return what was typed in the terminal since: a letter and Enter; nothing where nobody can type."""
    if not sys.stdin.isatty():
        return []
    if sys.platform == "win32":  # not run by us
        import msvcrt  # of Windows alone  # noqa: PLC0415

        return [msvcrt.getwch().lower()] if msvcrt.kbhit() else []
    return [sys.stdin.readline().strip().lower()] if select.select([sys.stdin], [], [], 0.0)[0] else []


class Bell:
    """Rings at every new instruction: a person who sits sideways to the screen does not see it."""

    def __init__(self) -> None:
        """Start with no instruction."""
        self._last = ("", "")

    def ring(self, show: CalibrationView) -> None:
        """Ring if the instruction differs from the last one."""
        now = (show.title, show.words)
        if self._last[0] and now != self._last and out.is_terminal:
            out.bell()
        self._last = now
