"""Has files read by a process that can die, and notes what became of each: read, refused in words, or something that must not be."""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

TESTS = Path(__file__).resolve().parents[1]
GIGABYTE = 1 << 30


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one file."""

    outcome: str
    """``read``, ``refused``; else ``traceback``, ``unclear words``, ``hang`` or ``died``."""
    words: str
    seconds: float
    mb: float
    """The most memory that the process had meanwhile, with all its libraries."""
    count: int

    @property
    def good(self) -> bool:
        """Whether it was read or refused, as it should be."""
        return self.outcome in {"read", "refused"}


class Reader:
    """The process; it is started anew where a file killed it."""

    def __init__(self, most_s: float, most_bytes: int = 6 * GIGABYTE) -> None:
        """Nothing runs yet.

        Args:
            most_s: Seconds after which a file counts as a hang.
            most_bytes: Limit of the process's address space, which counts what is only reserved as well.
        """
        self._most_s, self._most_bytes = most_s, most_bytes
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        """Use in ``with``."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """End the process."""
        self._end()

    def read(self, path: Path, *, analyze: bool = False) -> Result:
        """What becomes of one file."""
        process = self._process or self._start()
        assert process.stdin is not None and process.stdout is not None
        try:
            process.stdin.write(json.dumps({"path": str(path), "analyze": analyze}).encode() + b"\n")
            process.stdin.flush()
            line = self._line(process)
        except BrokenPipeError:
            line = b""
        if line is None:
            self._end()
            return Result("hang", f"frame took more than {self._most_s:g} s", self._most_s, 0.0, 0)
        if not line:
            code = process.wait()
            self._end()
            return Result("died", f"ended with {code}", 0.0, 0.0, 0)
        said: dict[str, Any] = json.loads(line)
        return Result(said["outcome"], said.get("words", ""), said["seconds"], said["mb"], said.get("count", 0))

    def _start(self) -> subprocess.Popen[bytes]:
        path = os.pathsep.join([str(TESTS.parent), str(TESTS)])
        self._process = subprocess.Popen(
            [sys.executable, str(TESTS / "fuzz" / "reader.py"), str(self._most_bytes)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": path, "MALLOC_ARENA_MAX": "2"},
        )
        return self._process

    def _line(self, process: subprocess.Popen[bytes]) -> bytes | None:
        """What it says; empty if it ended, ``None`` if it says nothing in time."""
        assert process.stdout is not None
        with selectors.DefaultSelector() as waiting:
            waiting.register(process.stdout, selectors.EVENT_READ)
            if not waiting.select(self._most_s):
                return None
        return process.stdout.readline()

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except BrokenPipeError:
                    continue
        process.wait()
