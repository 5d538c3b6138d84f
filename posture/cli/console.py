"""Where commands print."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Self

import typer
from rich.console import Console, ConsoleOptions, RenderableType
from rich.markup import escape
from rich.segment import Segment
from rich.status import Status

from posture._support import printable, printable_json


class _PrintableConsole(Console):
    """A console on which no text of others (a file's name, a note, an address) steers the terminal."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterator[Segment]:
        """Render, with replacement characters for control characters."""
        for segment in super().render(renderable, options):
            if segment.control or segment.text.isprintable():
                yield segment
            else:
                yield Segment(printable(segment.text, "\n"), segment.style)


out = _PrintableConsole(highlight=False)
err = _PrintableConsole(stderr=True, highlight=False)


class StatusLine:
    """A line that changes, in ``with``; nothing where the terminal cannot change one. A terminal that goes away raises nothing."""

    def __init__(self, words: str, refresh_hz: float = 12.5) -> None:
        """Nothing is shown before ``with``."""
        self.shown = out.is_terminal
        self._line = Status(words, console=out, spinner="dots", refresh_per_second=refresh_hz)

    def __enter__(self) -> Self:
        """Show the line."""
        if self.shown:
            self._line.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Remove the line."""
        with suppress(OSError):
            self._line.stop()

    def update(self, words: str) -> None:
        """Show other words, which are no markup."""
        with suppress(OSError):
            self._line.update(escape(words))


def say(text: str, style: str | None = None) -> None:
    """Print a line: on a terminal broken between words, elsewhere as it is, however long."""
    out.print(text, style=style, markup=False, soft_wrap=not out.is_terminal)


def print_json(value: object) -> None:
    """Print JSON."""
    typer.echo(printable_json(value))


def warn(text: str) -> None:
    """Print one line of the program itself on stderr, whatever ends of lines are in a name."""
    err.print(f"posture: {printable(text)}", markup=False, soft_wrap=True)
