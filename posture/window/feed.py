"""One of our own commands that shows its pictures here: a calibration, or a preview of a camera that no monitor uses."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from contextlib import suppress
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from posture._support import PictureReader, memory_for_pictures, own_command

_LOOK_MS = 40
_NEW_MEMORY = -1


class CommandFeed(QObject):
    """Runs a command with ``--feed``, and hands on what it shows. When this process dies, the command ends by itself."""

    arrived = Signal(object)
    """A ``SharedPicture``."""
    said = Signal(dict)
    """A line of the command: ``saved`` or ``said``."""
    ended = Signal(int, str)
    """The command has ended: its exit code, and the last line of its errors."""

    def __init__(self, parent: QObject | None = None) -> None:
        """Start with no command."""
        super().__init__(parent)
        self._process: subprocess.Popen[str] | None = None
        self._reader: PictureReader | None = None
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._look)
        self.said.connect(self._memory)

    @property
    def running(self) -> bool:
        """Whether a command runs."""
        return self._process is not None

    def start(self, *words: str) -> None:
        """Start a command, after ending the one that runs; `words`: its name and options.

        Raises:
            OSError: it cannot be started.
        """
        self.stop()
        memory = memory_for_pictures() if sys.platform == "linux" else None
        handed = () if memory is None else (memory,)
        try:
            self._process = subprocess.Popen(
                own_command(words[0], "--feed", str(_NEW_MEMORY if memory is None else memory), *words[1:]),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                pass_fds=handed,
            )
        except OSError:
            if memory is not None:
                os.close(memory)
            raise
        if memory is not None:
            self._reader = PictureReader(memory)
        threading.Thread(target=self._listen, args=(self._process,), name=f"feed-{words[0]}", daemon=True).start()
        self._timer.start(_LOOK_MS)

    def press(self, key: str) -> None:
        """Send a key to the command."""
        if self._process is not None and self._process.stdin is not None:
            with suppress(OSError):
                self._process.stdin.write(f"{key}\n")
                self._process.stdin.flush()

    def stop(self) -> None:
        """End the command, which releases its camera; returns at once."""
        process, self._process = self._process, None
        self._timer.stop()
        if process is not None and process.stdin is not None:
            with suppress(OSError):
                process.stdin.close()  # it ends by itself
        reader, self._reader = self._reader, None
        if reader is not None:
            reader.close()

    def _listen(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None and process.stderr is not None
        errors: list[str] = []
        drain = threading.Thread(target=lambda stream=process.stderr: errors.extend(stream), daemon=True)
        drain.start()
        with process:
            for line in process.stdout:
                with suppress(ValueError, RuntimeError):  # no JSON; or the window is gone
                    found = json.loads(line)
                    if isinstance(found, dict) and process is self._process:
                        self.said.emit(found)
            code = process.wait()
            drain.join()
        last = next((line.strip() for line in reversed(errors) if line.strip()), "").removeprefix("posture: ")
        with suppress(RuntimeError):
            if process is self._process:
                self._process = None
                self.ended.emit(code, last)

    def _memory(self, found: dict[str, Any]) -> None:
        """Open the memory of a system without descriptors."""
        if isinstance(found.get("memory"), str) and self._reader is None:
            self._reader = PictureReader(name=found["memory"])

    def _look(self) -> None:
        if self._reader is not None and (picture := self._reader.newest()) is not None:
            self.arrived.emit(picture)
