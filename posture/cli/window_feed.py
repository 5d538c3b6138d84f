"""What a command shows in the window that started it: pictures in shared memory, results as lines of JSON; keys come back as lines.

The window hands over the descriptor of the memory; where there is none, the memory's name is the first line. When the window is gone,
its pipe ends, and so does the command.
"""

from __future__ import annotations

import json
import queue
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

from posture._support import PictureWriter
from posture.cli.live_view import LivePicture
from posture.monitor import picture_words, write_picture
from posture.types import ClassifiedReading

GONE = "gone"
"""A key that nobody pressed: the window has ended."""
NEW_MEMORY = -1
"""Stands for no descriptor."""


class WindowFeed:
    """Shows a command's pictures and words in a window; a context manager."""

    def __init__(self, descriptor: int) -> None:
        """Write into the memory of `descriptor`, or into a new one for ``NEW_MEMORY``.

        Raises:
            OSError: there is no memory.
        """
        self._writer = PictureWriter(None if descriptor == NEW_MEMORY else descriptor)
        self._keys: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, name="window-keys", daemon=True)

    def __enter__(self) -> Self:
        """Listen for keys."""
        if self._writer.name is not None:
            self.send({"memory": self._writer.name})
        self._reader.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Give the memory back."""
        self._writer.close()

    def show(
        self,
        picture: LivePicture | None,
        trouble: str,
        words: Mapping[str, Any],
        judged: ClassifiedReading | None = None,
        calibrated: bool = True,
    ) -> None:
        """Show a picture with what was measured in it and further `words`; without one, `trouble`."""
        if picture is not None:
            measured = picture_words(picture.update, picture.pose, judged, calibrated=calibrated)
            write_picture(self._writer, picture.frame, {**measured, **words})
        elif trouble:
            self._writer.write(b"", 0, 0, {"trouble": trouble, **words})

    def pressed(self) -> Sequence[str]:
        """Return the keys that were pressed since; ``GONE`` if the window has ended."""
        found = []
        with suppress(queue.Empty):
            while True:
                found.append(self._keys.get_nowait())
        return found

    def send(self, words: Mapping[str, Any]) -> None:
        """Send a result."""
        with suppress(OSError):  # the window is gone
            sys.stdout.write(json.dumps(dict(words), allow_nan=False) + "\n")
            sys.stdout.flush()

    def _read(self) -> None:
        for line in sys.stdin:
            self._keys.put(line.strip())
        self._keys.put(GONE)
