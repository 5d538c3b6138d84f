"""What the monitor writes down about itself: a few small files that rotate, with no picture, no landmark and no password."""

from __future__ import annotations

import logging
import os
import re
import sys
import threading
import time
from collections.abc import Callable, Mapping
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from posture.control.address import private_folder
from posture.model import Frame, Observation, Pose, PostureError

MOST_BYTES = 512 * 1024
KEPT = 2
"""Older files that are kept beside the one that is written."""
LONGEST = 4000
"""Characters of one entry; no entry that is meant to be read is longer, a dump of numbers is."""
_ADDRESS = re.compile(r"(?P<scheme>\b[A-Za-z][A-Za-z0-9+.-]*://)(?P<rest>[^\s'\"<>]*)")
_NAMED_SECRET = re.compile(r"(?i)\b(\w*(?:pass|pwd|secret|token|user|usr|auth|login)\w*)=[^\s'\"&/]+")
_ROW_OF_NUMBERS = re.compile(r"(?:(?<![\w.])[-+]?(?:\d+\.?\d*(?:e[-+]?\d+)?|\.\.\.|nan|inf)[\s,;\[\]()]+){10,}", re.IGNORECASE)
"""Ten and more: a picture of any size as NumPy shows it, the landmarks of any pose."""
_ROW_OF_BYTES = re.compile(r"""(?:bytearray\()?b(?P<quote>['"])(?:\\.|(?!(?P=quote))[^\\]){32,}(?P=quote)?""", re.DOTALL)
_HIDDEN = "..."
_EXPECTED = (PostureError, BrokenPipeError)


def without_credentials(text: str) -> str:
    """`text` without user names, passwords and queries in the addresses that stand in it, nor ``password=...`` outside of them."""
    return _NAMED_SECRET.sub(rf"\1={_HIDDEN}", _ADDRESS.sub(_bare, text))


def _bare(match: re.Match[str]) -> str:
    # Up to the last @: a password that was not escaped may hold @, / and ? itself. Better too little of an address than too much.
    user, at, place = match["rest"].rpartition("@")
    path, query, _ = place.partition("?")
    return match["scheme"] + (f"{_HIDDEN}@" if at or user else "") + path + (f"?{_HIDDEN}" if query else "")


def without_measurements(text: str) -> str:
    """`text` without rows of numbers or bytes: an error may have carried a picture or landmarks among its words."""
    return _ROW_OF_BYTES.sub("[bytes left out]", _ROW_OF_NUMBERS.sub("[numbers left out]", text))


class NoPictures(logging.Filter):
    """Takes what holds a picture or landmarks out of an entry before it is written."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Always lets the entry pass, made harmless."""
        if isinstance(record.args, Mapping):
            record.args = {name: _harmless(value) for name, value in record.args.items()}
        elif record.args:
            record.args = tuple(_harmless(value) for value in record.args)
        if not isinstance(record.msg, str):
            record.msg = str(_harmless(record.msg))
        return True


def _harmless(value: object) -> object:
    """`value`, or only what it is if it holds pixels or coordinates."""
    measured = type(value).__module__.startswith("posture.kinematics")  # cues are landmarks by another name
    if measured or isinstance(value, Frame | Pose | Observation | bytes | bytearray | memoryview) or hasattr(value, "__array__"):
        return f"[{type(value).__name__} left out]"
    if isinstance(value, Mapping):
        return {key: _harmless(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set):
        return [_harmless(item) for item in value]
    return value


class _Formatter(logging.Formatter):
    def __init__(self) -> None:
        super().__init__("%(asctime)s.%(msecs)03dZ %(levelname)s %(name)s [%(threadName)s] %(message)s", "%Y-%m-%dT%H:%M:%S")
        self.converter = time.gmtime

    def format(self, record: logging.LogRecord) -> str:
        text = without_measurements(without_credentials(super().format(record)))
        return text if len(text) <= LONGEST else f"{text[:LONGEST]} [{len(text) - LONGEST} characters left out]"


class _Files(RotatingFileHandler):
    """Files for the user's eyes only; a disk that is full is told once and breaks nothing."""

    def __init__(self, path: Path, most_bytes: int, kept: int, say: Callable[[str], None]) -> None:
        self._say, self._failed = say, False
        super().__init__(path, maxBytes=most_bytes, backupCount=kept, encoding="utf-8", errors="backslashreplace")

    def _open(self) -> IO[Any]:  # type: ignore[override] # wider than what it returns, a text file
        return open(self.baseFilename, self.mode, encoding=self.encoding, errors=self.errors, opener=_private)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: ARG002
        error = sys.exc_info()[1]
        if not self._failed:
            self._failed = True
            reason = error.strerror if isinstance(error, OSError) else error
            self._say(f"the log cannot be written: {self.baseFilename}: {reason}")


def _private(path: str, flags: int) -> int:
    number = os.open(path, flags | getattr(os, "O_NOFOLLOW", 0), 0o600)
    if sys.platform != "win32":
        os.fchmod(number, 0o600)  # one that was there before may have been open to others
    return number


def _to_stderr(line: str) -> None:
    print(f"posture: {line}", file=sys.stderr)


class Log:
    """A log that is written while the block runs; as ``setup`` makes it."""

    def __init__(self, path: Path, most_bytes: int, kept: int, level: int, say: Callable[[str], None]) -> None:
        """Open the file; nothing is written to it before the block begins."""
        self.path = path
        self._say = say
        self._level = level
        self._handler = _Files(path, most_bytes, kept, say)
        self._handler.setFormatter(_Formatter())
        self._handler.addFilter(NoPictures())
        self._before: tuple[int, Callable[[threading.ExceptHookArgs], object]] | None = None

    def __enter__(self) -> Log:
        """Begin."""
        own = logging.getLogger("posture")
        self._before = own.level, threading.excepthook
        own.setLevel(self._level)
        logging.getLogger().addHandler(self._handler)  # of other libraries, what they warn of
        threading.excepthook = self._thread_failed
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """End; an error that nobody foresaw is written down first.

        Raises:
            PostureError: in place of such an error, one line that names the file.
        """
        unforeseen = isinstance(error, Exception) and not isinstance(error, _EXPECTED) and not hasattr(error, "exit_code")
        try:
            if unforeseen:  # an exit code is how the command line ends on purpose
                logging.getLogger(__name__).critical("ended by an error", exc_info=error)
        finally:
            if self._before is not None:
                level, threading.excepthook = self._before
                logging.getLogger("posture").setLevel(level)
            logging.getLogger().removeHandler(self._handler)
            self._handler.close()
        if unforeseen:
            raise PostureError(f"stopped by an error that should not have been; what is known of it: {self.path}") from error

    def _thread_failed(self, args: threading.ExceptHookArgs) -> None:
        if args.exc_type is SystemExit or args.exc_value is None:
            return
        name = args.thread.name if args.thread is not None else "?"
        logging.getLogger(__name__).critical("thread %s was ended by an error", name, exc_info=args.exc_value)
        self._say(f"a part of the program failed ({name}); what is known of it: {self.path}")


def setup(
    folder: Path,
    *,
    name: str = "monitor",
    level: int = logging.INFO,
    most_bytes: int = MOST_BYTES,
    kept: int = KEPT,
    say: Callable[[str], None] = _to_stderr,
) -> Log:
    """A log in `folder`, to be used in ``with``; **writes** files that only this user can read, times in UTC.

    Args:
        folder: made if it is missing, closed to other users.
        name: of the file, without its ending; each process that writes at the same time needs its own.
        level: of the program's own entries; others come from warnings on.
        most_bytes: a file that would grow beyond this becomes an older one.
        kept: how many older ones there are at most.
        say: shows the user one line.

    Raises:
        ControlError: the folder is not the user's own.
        PostureError: the file cannot be opened.
    """
    path = private_folder(folder) / f"{name}.log"
    try:
        return Log(path, most_bytes, kept, level, say)
    except OSError as error:
        raise PostureError(f"{path}: the log cannot be written: {error.strerror}") from error
