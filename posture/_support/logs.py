"""The logs: a few small files that rotate, without pictures, landmarks and passwords."""

from __future__ import annotations

import logging
import re
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from itertools import pairwise
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from posture._support.addresses import without_credentials
from posture._support.files import private_opener, writing
from posture._support.limits import shortage
from posture._support.printable import printable
from posture._support.private_folders import private_folder
from posture.errors import PostureError
from posture.types import FoundPose, Frame, Pose

MOST_BYTES = 512 * 1024
KEPT = 2
"""Older files that are kept beside the one that is written."""
LONGEST = 4000
"""Characters of one entry; only a dump of numbers is longer."""
_ROW_OF_NUMBERS = re.compile(r"(?:(?<![\w.])[-+]?(?:\d+\.?\d*(?:e[-+]?\d+)?|\.\.\.|nan|inf)[\s,;\[\]()]+){10,}", re.IGNORECASE)
"""Ten and more: a picture of any size as NumPy prints it, the landmarks of any pose."""
_ROW_OF_BYTES = re.compile(r"""(?:bytearray\()?b(?P<quote>['"])(?:\\.|(?!(?P=quote))[^\\]){32,}(?P=quote)?""", re.DOTALL)
_EXPECTED = (PostureError, BrokenPipeError)
_BEGIN = re.compile(rb"^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3})Z ", re.MULTILINE)
"""Of an entry; lines without it, as those of a traceback, belong to the one before."""


def without_measurements(text: str) -> str:
    """Return `text` without rows of numbers or bytes: the message of an error may hold a picture or landmarks."""
    return _ROW_OF_BYTES.sub("[bytes left out]", _ROW_OF_NUMBERS.sub("[numbers left out]", text))


class NoPictures(logging.Filter):
    """Removes pictures and landmarks from an entry before it is written."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let the entry pass, without them."""
        if isinstance(record.args, Mapping):
            record.args = {name: _harmless(value) for name, value in record.args.items()}
        elif record.args:
            record.args = tuple(_harmless(value) for value in record.args)
        if not isinstance(record.msg, str):
            record.msg = str(_harmless(record.msg))
        return True


def _harmless(value: object) -> object:
    """Return `value`, or only its type if it holds pixels or coordinates."""
    measured = type(value).__module__.startswith("posture.biomechanics")  # features are made of landmarks
    if measured or isinstance(value, Frame | Pose | FoundPose | bytes | bytearray | memoryview) or hasattr(value, "__array__"):
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
    """Private files; a full disk is reported once and stops nothing."""

    def __init__(self, path: Path, most_bytes: int, kept: int, say: Callable[[str], None]) -> None:
        self._say, self._failed = say, False
        super().__init__(path, maxBytes=most_bytes, backupCount=kept, encoding="utf-8", errors="backslashreplace")

    def _open(self) -> IO[Any]:  # type: ignore[override] # wider than what it returns, a text file
        return open(self.baseFilename, self.mode, encoding=self.encoding, errors=self.errors, opener=private_opener)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: ARG002
        error = sys.exc_info()[1]
        if not self._failed:
            self._failed = True
            reason = error.strerror if isinstance(error, OSError) else error
            self._say(f"the log cannot be written: {self.baseFilename}: {reason}")


def _to_stderr(line: str) -> None:
    print(f"posture: {printable(line)}", file=sys.stderr)


class Log:
    """A log that is written while the block runs; made by ``setup``."""

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
        """Start writing."""
        own = logging.getLogger("posture")
        self._before = own.level, threading.excepthook
        own.setLevel(self._level)
        logging.getLogger().addHandler(self._handler)  # of other libraries, what they warn of
        threading.excepthook = self._thread_failed
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Stop; an unexpected error is written first.

        Raises:
            PostureError: In place of such an error, one line that names the file.
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
        if unforeseen and error is not None:
            why = shortage(error) or "stopped by an error that should not have been"
            raise PostureError(f"{why}; what is known of it: {self.path}") from error

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
    """Return a log in `folder`, to be used in ``with``; **writes** files that only this user can read, times in UTC.

    Args:
        folder: Made if it is missing, closed to other users.
        name: Of the file, without its ending; each process that writes at the same time needs its own.
        level: Of the program's own entries; others come from warnings on.
        most_bytes: A file that would grow beyond this becomes an older one.
        kept: How many older ones there are at most.
        say: Shows the user one line.

    Raises:
        ControlError: The folder is not the user's own.
        PostureError: The file cannot be opened.
    """
    path = private_folder(folder) / f"{name}.log"
    try:
        return Log(path, most_bytes, kept, level, say)
    except OSError as error:
        raise PostureError(f"{path}: the log cannot be written: {error.strerror}") from error


def log_files(folder: Path) -> list[Path]:
    """Return the logs in `folder`, older ones among them."""
    return sorted(path for path in folder.glob("*.log*") if path.is_file() and not path.is_symlink())


def count_entries(folder: Path, start_utc: float, end_utc: float) -> int:
    """Return how many entries the logs in `folder` have of a range of time, seconds since the epoch."""
    return sum(_without(path.read_bytes(), start_utc, end_utc)[1] for path in log_files(folder))


def erase_entries(folder: Path, start_utc: float, end_utc: float) -> None:
    """Take the entries of a range of time out of the logs in `folder`, also while one is written: **writes**.

    Raises:
        PostureError: One cannot be written.
    """
    for path in log_files(folder):
        with writing(path), open(path, "r+b", opener=private_opener) as file:
            kept, gone = _without(file.read(), start_utc, end_utc)
            if gone:
                kept += file.read()  # what was added just now
                file.seek(0)
                file.write(kept)
                file.truncate()


def _without(held: bytes, start_utc: float, end_utc: float) -> tuple[bytes, int]:
    """Return a log without the entries of a range, and how many these are."""
    kept, gone = list[bytes](), 0
    for time_s, entry in _entries(held):
        if time_s is not None and start_utc <= time_s < end_utc:
            gone += 1
        else:
            kept.append(entry)
    return b"".join(kept), gone


def _entries(held: bytes) -> Iterator[tuple[float | None, bytes]]:
    """Yield the entries of a log with their times; ``None`` for what belongs to none."""
    for begin, end in pairwise(sorted({0, len(held), *(found.start() for found in _BEGIN.finditer(held))})):
        found = _BEGIN.match(held, begin)
        yield _time_of(found[1]) if found else None, held[begin:end]


def _time_of(stamp: bytes) -> float | None:
    try:
        return datetime.fromisoformat(stamp.decode()).replace(tzinfo=UTC).timestamp()
    except ValueError:
        return None
