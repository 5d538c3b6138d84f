"""Too little memory: a worker that has none is replaced, and then told of in words; a whole run that has none leaves no half file."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from multiprocessing import resource_tracker, spawn
from pathlib import Path
from typing import Any

import pytest
from conftest import SAMPLES
from jobs import answer_of

from posture._support import ProcessEnd, logs, opencv, parameters
from posture.errors import PostureError
from posture.recordings.local_pool import TRIES, LocalPool, measured_there
from posture.recordings.parts import Task

needs_prlimit = pytest.mark.skipif(shutil.which("prlimit") is None, reason="prlimit sets the limit of memory")
CLIP = SAMPLES / "side_mixed_male1.mp4"


@needs_prlimit
@pytest.mark.parametrize(("megabytes", "words"), [(100, "ran out of memory, 3 times"), (700, "3 times")])
def test_a_segment_without_memory_is_tried_anew_and_then_told_of(
    megabytes: int, words: str, model_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its process may have too little to start, or to decode: three tries in fresh processes, then one plain line, and no hang.

    That it was memory is said where the process itself could say so; the C library ends one without a word (exit code 127).
    """
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\nexec prlimit --as={megabytes * 1_000_000} "{sys.executable}" "$@"\n', encoding="utf-8")
    python.chmod(0o700)
    resource_tracker.ensure_running()
    monkeypatch.setattr(spawn, "_python_exe", os.fsencode(python))
    lost: list[None] = []
    with LocalPool(1) as pool, pytest.raises(PostureError) as caught:
        answer_of(pool, pool.submit(measured_there, Task(CLIP, model_file, 5.0), name=CLIP.name, lost=lambda: lost.append(None)))
    assert len(lost) == TRIES - 1
    assert words in str(caught.value)
    assert str(caught.value).startswith(f"{CLIP.name}: the process that measured it ")


@needs_prlimit
@pytest.mark.parametrize("command", ["watch --camera 0 --no-setup --no-tray", "calibrate", "preview", f"analyze {CLIP}", "demo"])
@pytest.mark.parametrize(
    ("limit", "words"),
    [
        ("--as=60000000", "there is not enough memory: this process may take 0.1 GB, and "),
        ("--as=900000000", "there is not enough memory: this process may take 0.9 GB, and "),
        ("--nofile=12:12", "this process may open 12 files at a time, and 32 are needed; raise the limit (ulimit -n)"),
    ],
)
def test_limits_that_are_too_low_are_said_in_one_line(limit: str, words: str, command: str, home: Path) -> None:
    """Whatever would fail first, and in whatever words: the limit is named, before anything is loaded."""
    argv = ["prlimit", limit, sys.executable, "-m", "posture", *command.split()]
    ran = subprocess.run(argv, env=os.environ.copy(), capture_output=True, text=True, timeout=60, check=False)
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr.startswith(f"posture: {words}") and len(ran.stderr.splitlines()) == 1


@needs_prlimit
def test_a_low_number_of_files_is_raised_as_far_as_it_may_be(home: Path) -> None:
    """What the user may set himself is set."""
    code = "import resource as r; from posture._support import limits; limits.check(live=True); print(r.getrlimit(r.RLIMIT_NOFILE))"
    argv = ["prlimit", "--nofile=12:64", sys.executable, "-c", code]
    assert subprocess.run(argv, capture_output=True, text=True, timeout=60, check=True).stdout == "(32, 64)\n"


def test_the_true_cause_is_said(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory or files that run out are not taken for a broken OpenCV, missing parameters, or a mistake of the program."""
    no_map = ImportError("libopenblasp-r0.so: failed to map segment from shared object")
    no_files = OSError(errno.EMFILE, "Too many open files")

    def fails(error: Exception) -> Callable[..., Any]:
        def raise_it(*_: object, **__: object) -> Any:
            raise error

        return raise_it

    with monkeypatch.context() as patch, pytest.raises(PostureError, match="OpenCV cannot be loaded: not enough memory"):
        patch.setattr(opencv.importlib, "import_module", fails(no_map))
        opencv.load_cv2.__wrapped__()
    with monkeypatch.context() as patch, pytest.raises(PostureError, match=r"kinematics\.json: cannot be read: Too many open files"):
        patch.setattr(Path, "read_text", fails(no_files))
        parameters.load.__wrapped__()
    for error, words in ((no_files, "too many files open"), (MemoryError(), "not enough memory")):
        with pytest.raises(PostureError, match=words), logs.setup(tmp_path / "logs"):
            raise error
    assert "exit code 127 (the C library does this when memory runs out)" in ProcessEnd(127).words(3)


@needs_prlimit
@pytest.mark.parametrize("megabytes", [700, pytest.param(1200, marks=pytest.mark.soak), 1800])
def test_a_run_without_memory_leaves_no_half_file(megabytes: int, home: Path, model_file: Path) -> None:
    """Whatever part of the program or of its libraries runs out first: no success is claimed, and no file is half written."""
    argv = ["prlimit", f"--as={megabytes * 1_000_000}", sys.executable, "-m", "posture", "analyze", str(CLIP), "--end", "1"]
    argv += ["--out", str(home / "o")]
    ran = subprocess.run(argv, env=os.environ.copy(), capture_output=True, text=True, timeout=200, check=False)
    files = [p.name for p in (home / "o").rglob("*")] if (home / "o").exists() else []
    assert ran.returncode != 0 or "report.html" in files
    assert not [name for name in files if name.endswith((".part", ".tmp"))]
