"""The command line: parses, loads the command that is called, turns errors into one line and an exit code.

0 all right, 1 an input or a part of the system failed, 2 wrong use (options, settings, catalogue), 3 no monitor runs (``status``),
130 interrupted.
Importing this module loads no command, and none of the packages that may be broken, so that ``doctor`` runs whatever is.
"""

from __future__ import annotations

import contextlib
import errno
import io
import logging
import os
import sys
from collections.abc import Sequence
from typing import Annotated, Any, TextIO

import typer
from typer.core import TyperGroup

from posture._support import limits, missing_library, printable
from posture._version import __version__
from posture.cli import commands
from posture.cli.options import UsageError
from posture.errors import CatalogueError, ConfigError, PostureError
from posture.storage import privacy

OK, FAILED, USAGE, INTERRUPTED = 0, 1, 2, 130
_NO_ROOM = {errno.ENOSPC, errno.EFBIG, errno.EIO}


class Commands(TyperGroup):
    """Run a command; turn the program's own errors into one plain line on stderr and an exit code."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was named."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            raise typer.Exit(_say("interrupted", INTERRUPTED)) from None
        except (ConfigError, CatalogueError) as error:
            raise typer.Exit(_say(str(error), USAGE)) from error
        except PostureError as error:
            for line in (str(error), *getattr(error, "__notes__", ())):
                _say(line, FAILED)
            raise typer.Exit(FAILED) from error
        except UsageError as error:
            if type(error).__name__ == "NoArgsIsHelpError":
                raise  # no error: it shows the help
            raise typer.Exit(_say(_usage(error), USAGE)) from error
        except BrokenPipeError:
            raise  # the reader of a pipe went away: Typer knows what to do
        except (ImportError, OSError, MemoryError) as error:
            line = limits.shortage(error) or missing_library(error) or _no_output(error)
            if line is None:
                raise
            raise typer.Exit(_say(line, FAILED)) from error


def _say(text: str, code: int) -> int:
    with contextlib.suppress(OSError):  # where stderr cannot be written either, the exit code has to do
        typer.echo(f"posture: {printable(text)}", err=True)
    return code


def _usage(error: Any) -> str:
    """Describe wrong use in one line, with the help to read."""
    text = " ".join(error.format_message().split()).rstrip(".").replace(": Value error, ", ": ")  # as Typer's checks begin some of theirs
    return f"{text} (see: {error.ctx.command_path} --help)" if error.ctx is not None else text


def _no_output(error: BaseException) -> str | None:
    """Return one line if writing the output itself failed; ``None`` otherwise."""
    if isinstance(error, OSError) and error.filename is None and error.errno in _NO_ROOM:
        return f"the output cannot be written: {error.strerror}"
    return None


app = typer.Typer(
    name="posture",
    cls=Commands,
    help="Measures how you sit, through a webcam or from a recording, and reminds you to move when you lean or slump for too long.",
    epilog="A habit aid, not a medical device. "
    "If you have pain, numbness or weakness, see a professional. Pictures never leave this machine.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
commands.register(app)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"posture {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[  # noqa: ARG001 # its callback has done it
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Posture monitor."""
    for line in privacy.repair().words():
        _say(line, OK)


def run(argv: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit code."""
    try:
        app(args=None if argv is None else list(argv), prog_name="posture")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else OK
    except OSError as error:  # of a help text; a command's own is told in Commands
        line = _no_output(error)
        if line is None:
            raise
        return _say(line, FAILED)
    return OK


def main() -> None:
    """Entry point of the console script."""
    privacy.no_core_dumps()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that knows few characters shows ? for the others
    logging.getLogger("matplotlib").setLevel(logging.ERROR)  # where its cache lies is nothing that a user asked for
    code = run()
    unwritten = _flush(sys.stdout)
    sys.exit(code if code != OK or unwritten is None else _say(unwritten, FAILED))


def _flush(stream: TextIO | None) -> str | None:
    """Flush; if that fails, drop what is left, so that Python does not complain at its end, and return why."""
    if stream is None:  # closed from the start, as under pythonw
        return None
    try:
        stream.flush()
    except OSError as error:
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        return f"the output cannot be written: {error.strerror}"
    return None
