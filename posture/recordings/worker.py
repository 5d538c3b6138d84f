"""A process of the pool, from both sides: how it starts, and what it does; nothing else of this package is needed for that.

What it is asked for comes as bytes, so that whatever is wrong with it, or with the memory to load it, is found by a task that has begun.
"""

from __future__ import annotations

import copyreg
import gc
import importlib
import os
import pickle
import sys
import threading
from collections.abc import Iterator, MutableSequence
from contextlib import contextmanager, suppress
from multiprocessing.context import SpawnContext, SpawnProcess
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import Any

HUNG = 78
"""Exit code of a process in which what was `limited` came to no end."""

_shared: MutableSequence[float] = [0.0]
"""Whether to stop, and then the seconds that are done of each part; shared with the parent."""
_parent = os.getppid()


copyreg.pickle(MappingProxyType, lambda m: (_read_only, (dict(m),)))  # the catalogue has such


def _read_only(items: dict[Any, Any]) -> MappingProxyType[Any, Any]:
    return MappingProxyType(items)


def packed(value: object) -> bytes:
    """Return bytes that `unpacked` understands in another process of the same version."""
    return pickle.dumps(value)


def unpacked(data: bytes) -> Any:
    """Return what was packed. Only for what came from one's own processes or cluster: a pickle can run any code."""
    return pickle.loads(data)


class _Process(SpawnProcess):
    """A process that does not run anew the script from which it was started."""

    @staticmethod
    def _Popen(process_obj: Any) -> Any:  # its name in multiprocessing
        script = sys.modules["__main__"]
        sys.modules["__main__"] = ModuleType("__main__")
        try:
            return SpawnProcess._Popen(process_obj)
        finally:
            sys.modules["__main__"] = script


class Context(SpawnContext):
    """Starts such processes."""

    Process = _Process


def stderr_file(folder: Path, pid: int) -> Path:
    """Return where a process writes what it says in the end."""
    return folder / f"{pid}.txt"


def start(shared: MutableSequence[float], folder: Path) -> None:
    """Keep what native code prints off the terminal; called once in each process."""
    global _shared  # noqa: PLW0603 # one in a process
    _shared = shared
    gc.disable()
    for place in (stderr_file(folder, os.getpid()), Path(os.devnull)):
        with suppress(OSError), place.open("wb") as file:
            os.dup2(file.fileno(), 1)
            os.dup2(file.fileno(), 2)
            return


def run(call: bytes) -> Any:
    """Call a function with arguments. If memory runs out, this process ends at once: a fresh one may have more."""
    try:
        function, args = unpacked(call)
        if not gc.isenabled():  # nothing that was loaded is garbage
            gc.freeze()
            gc.enable()
        return function(*args)
    except Exception as error:
        if importlib.import_module("posture.recordings.faults").out_of_memory(error):
            os.write(2, b"MemoryError\n")
            os._exit(1)
        raise


def stopped() -> bool:
    """Return whether to stop: the parent said so, or is gone."""
    return _shared[0] > 0.0 or os.getppid() != _parent


def note(part: int, done_s: float) -> None:
    """Tell the parent how much of a part is measured."""
    if len(_shared) > 1:
        _shared[1 + part] = done_s


@contextmanager
def limited(within_s: float) -> Iterator[None]:
    """End this process if the block takes longer, native code included."""
    timer = threading.Timer(within_s, os._exit, (HUNG,))
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
