"""Mutated recordings: each is read, or refused in one plain line; within seconds, within a bounded memory, and nothing dies.

``POSTURE_FUZZ_FILES`` says how many (200 by default, 3,000 in full), ``POSTURE_FUZZ_SEED`` which. One that goes wrong is kept in
``POSTURE_FUZZ_KEEP`` if that names a folder.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from pathlib import Path

import pytest

from fuzz.mutator import WAYS, made
from fuzz.reading import Reader, Result
from fuzz.seeds import SIZE, make_seeds

FILES = int(os.environ.get("POSTURE_FUZZ_FILES", "200"))
SEED = int(os.environ.get("POSTURE_FUZZ_SEED", "1"))
MOST_S = 10.0
"""Seconds that reading a file of two seconds and at most 300 kB may take, on a busy machine."""
MOST_ANALYZE_S = 60.0
MOST_MB = 1200.0
"""Memory that the process may have, with MediaPipe, OpenCV and all (about 250 MB before the first file)."""
ANALYZED = 20
"""One of so many goes through the whole command as well."""


def _keep(folder: str | None, path: Path, name: str) -> None:
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        (Path(folder) / name).write_bytes(path.read_bytes())


def _run(tmp_path: Path, numbers: range, *, analyze: bool, most_s: float) -> list[tuple[str, Result]]:
    seeds = make_seeds(tmp_path / "seeds")
    contents = [s.read_bytes() for s in seeds]
    results = []
    with Reader(most_s) as reader:
        for number in numbers:
            way, which, data = made(contents, SIZE, SEED, number)
            path = tmp_path / f"{number}-{way}-{seeds[which].name}"
            path.write_bytes(data)
            result = reader.read(path, analyze=analyze)
            if not result.good or result.mb > MOST_MB or result.seconds > most_s:
                _keep(os.environ.get("POSTURE_FUZZ_KEEP"), path, path.name)
            results.append((path.name, result))
            path.unlink()
    return results


def _report(results: list[tuple[str, Result]], began: float) -> str:
    outcomes = Counter(r.outcome for _, r in results)
    slowest, largest = max(results, key=lambda x: x[1].seconds), max(results, key=lambda x: x[1].mb)
    return (
        f"{len(results)} files in {time.monotonic() - began:.0f} s: {dict(outcomes)}; slowest {slowest[1].seconds:.2f} s ({slowest[0]}); "
        f"most memory {largest[1].mb:.0f} MB ({largest[0]})"
    )


@pytest.mark.timeout(3600)
def test_mutated_recordings_are_read_or_refused_in_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No traceback, no hang, no death, no memory beyond the limits, for each of the files."""
    began = time.monotonic()
    results = _run(tmp_path, range(FILES), analyze=False, most_s=MOST_S)
    with capsys.disabled():
        print("\nvideo:", _report(results, began))
    assert [(n, r) for n, r in results if not r.good] == []
    assert [(n, r) for n, r in results if r.seconds > MOST_S or r.mb > MOST_MB] == []
    assert {r.outcome for _, r in results} == {"read", "refused"}, "the mutations are too weak or too strong to say anything"


@pytest.mark.timeout(3600)
def test_a_share_of_them_goes_through_the_whole_command(
    home: Path, model_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """``posture analyze`` with every report: exit code 0 or 1, never a traceback, within the limits."""
    began = time.monotonic()
    step = max(1, FILES // max(len(WAYS), FILES // ANALYZED))
    numbers = range(0, FILES, step + (step % len(WAYS) == 0))  # so that every way has its turn
    results = _run(tmp_path, numbers, analyze=True, most_s=MOST_ANALYZE_S)
    with capsys.disabled():
        print("\nanalyze:", _report(results, began))
    assert [(n, r) for n, r in results if not r.good] == []
    assert [(n, r) for n, r in results if r.seconds > MOST_ANALYZE_S or r.mb > MOST_MB] == []


def test_the_same_seed_breaks_the_same_files() -> None:
    """A failure can be repeated: content depends on seed and number alone, and every way changes something."""
    seeds = [bytes(range(256)) * 40, b"\x00\x00\x00\x18ftypmp42" + b"mvhd" * 30 + bytes([0, 96, 0, 64]) * 200]
    for number in range(len(WAYS) * 4):
        way, which, data = made(seeds, SIZE, 5, number)
        assert (way, which, data) == made(seeds, SIZE, 5, number)
        assert data != seeds[which] or way == "dimensions"
    assert made(seeds, SIZE, 6, 2)[2] != made(seeds, SIZE, 5, 2)[2]
