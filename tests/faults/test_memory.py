"""Too little memory: a worker that has none is replaced, and then told of in words; a whole run that has none leaves no half file."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import SAMPLES

from posture.segments import Task
from posture.workers import TRIES, Again, Failed, Pool

needs_prlimit = pytest.mark.skipif(shutil.which("prlimit") is None, reason="prlimit sets the limit of memory")
CLIP = SAMPLES / "side_mixed_male1.mp4"


@needs_prlimit
@pytest.mark.parametrize(("megabytes", "words"), [(100, "ran out of memory, 3 times"), (700, "3 times")])
def test_a_segment_without_memory_is_tried_anew_and_then_told_of(megabytes: int, words: str, model_file: Path) -> None:
    """Its process may have too little to start, or to decode: three tries in fresh processes, then one plain line, and no hang.

    That it was memory is said where the process itself could say so; the C library ends one without a word (exit code 127).
    """
    command = ["prlimit", f"--as={megabytes * 1_000_000}", sys.executable, "-m", "posture.worker"]
    with Pool(1, lambda: command) as pool:
        pool.submit(0, Task(CLIP, model_file, 5.0))
        said = []
        while not said or not isinstance(said[-1], Failed):
            answer = pool.answer(120.0)
            assert answer is not None
            said.append(answer[1])
    assert sum(isinstance(one, Again) for one in said) == TRIES - 1
    assert words in said[-1].words
    assert said[-1].words.startswith(f"{CLIP.name}: the process that measured it ")


@needs_prlimit
@pytest.mark.parametrize("megabytes", [700, 1200, 1800])
def test_a_run_without_memory_leaves_no_half_file(megabytes: int, home: Path, model_file: Path) -> None:
    """Whatever part of the program or of its libraries runs out first: no success is claimed, and no file is half written."""
    argv = ["prlimit", f"--as={megabytes * 1_000_000}", sys.executable, "-m", "posture", "analyze", str(CLIP), "--out", str(home / "o")]
    ran = subprocess.run(argv, env=os.environ.copy(), capture_output=True, text=True, timeout=200, check=False)
    files = [p.name for p in (home / "o").rglob("*")] if (home / "o").exists() else []
    assert ran.returncode != 0 or "report.html" in files
    assert not [name for name in files if name.endswith((".part", ".tmp"))]
