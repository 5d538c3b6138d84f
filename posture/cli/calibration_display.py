"""What a person sees and hears during a calibration: in the window that started it, or in the terminal."""

from __future__ import annotations

import math
import select
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

from posture.biomechanics import CalibrationView, Key
from posture.cli.console import StatusLine, out, say
from posture.cli.live_view import LivePicture, LiveView, angle_words
from posture.cli.window_feed import GONE, WindowFeed

_KEYS = {"space": "next", "enter": "next", "s": "skip", "r": "retry", "q": "quit", "escape": "quit", "closed": "quit", "c": "without"}


class CalibrationDisplay(Protocol):
    """Shows a calibration to the person."""

    def show(self, show: CalibrationView, picture: LivePicture | None, view: LiveView) -> Sequence[str]:
        """Show the state of the calibration; return the keys pressed since, by ``calibrate.Key``."""

    def say(self, words: str) -> None:
        """Print a line that stays."""

    def linger(self, title: str, words: str, lines: tuple[str, ...]) -> None:
        """Show the result, where it does not stand in the terminal."""


@contextmanager
def calibration_display(feed: int | None) -> Iterator[CalibrationDisplay]:
    """Print in the terminal; or show it in the window that started this command, if `feed` is what that handed over."""
    if feed is None:
        with TerminalDisplay() as terminal:
            yield terminal
    else:
        with WindowFeed(feed) as window:
            yield WindowDisplay(window)


class WindowDisplay:
    """Shows the live picture and the instructions in the window that started the calibration."""

    def __init__(self, feed: WindowFeed) -> None:
        """Write to `feed`, which is open."""
        self._feed = feed

    def show(self, show: CalibrationView, picture: LivePicture | None, view: LiveView) -> Sequence[str]:
        """Show the picture if there is a new one, else why there is none."""
        step = {"title": show.title, "words": show.words, "left_s": show.left_s, "share": round(show.share, 3), "offer": show.offer}
        self._feed.show(picture, view.trouble, {"calibration": step, "place": view.place_lines()})
        return ["quit" if key == GONE else key for key in self._feed.pressed() if key == GONE or key in set(Key)]

    def say(self, words: str) -> None:
        """Send a line that stays."""
        self._feed.send({"said": words})

    def linger(self, title: str, words: str, lines: tuple[str, ...]) -> None:
        """Send the result; how long it is shown is the window's."""
        self._feed.send({"saved": title, "words": words, "place": list(lines)})


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
