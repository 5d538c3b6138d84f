"""How recordings are analysed in tests, and the table of an archive."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

from posture._support.catalogue import load
from posture.recordings.job import Job
from posture.recordings.local_pool import LocalPool
from posture.recordings.merging import PartMerger
from posture.recordings.parts import Task, measure
from posture.reports.recording.write import RENDERERS
from posture.settings import Settings


def job_of(model_file: Path) -> Job:
    """How recordings are analysed by default."""
    facts = {"name": "full", "sha256": hashlib.sha256(model_file.read_bytes()).hexdigest()}
    return Job(settings=Settings(), model=model_file, model_facts=facts, catalogue=load(None), adaptive=True)


def in_one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have recordings tried and measured by this process, not by others, each of which would take two seconds to load what it needs."""
    for module in ("recordings.outputs", "recordings.library", "recordings.pictures", "cli.analyze_shared"):
        monkeypatch.setattr(f"posture.{module}.try_opening", lambda _path, **_: None)
    monkeypatch.setattr("posture.recordings.measuring.measure_parts", _measure_parts)


def unpainted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave ``timeline.png`` empty: painting it takes as long as all else that is made of a minute's landmarks."""
    monkeypatch.setitem(RENDERERS, "timeline.png", lambda _analysis, _catalogue: b"")


def _measure_parts(
    parts: Sequence[Task], _jobs: int, merger: PartMerger, progress: Callable[[float], None], stopped: Callable[[], bool]
) -> None:
    def submit(task: Task) -> Future[Any]:
        done: Future[Any] = Future()
        done.set_result(measure(task, progress, stopped))
        return done

    for _ in merger.measure(parts, submit, lambda: 1, stopped):
        pass


def answer_of(pool: LocalPool, future: Future[Any]) -> Any:
    """What comes of a task of the pool."""
    while not future.done():
        pool.step()
    return future.result()


def same_result(one: Path, other: Path) -> bool:
    """Whether two folders have the same tables and the same summary, but for how and when they were made."""
    tables = all((one / name).read_bytes() == (other / name).read_bytes() for name in ("readings.csv", "episodes.csv"))
    return tables and summary_of((one / "summary.json").read_bytes()) == summary_of((other / "summary.json").read_bytes())


def summary_of(content: bytes) -> dict[str, Any]:
    """What a ``summary.json`` says, but for how and when it was made."""
    found: dict[str, Any] = json.loads(content)
    return {**found, "run": {k: v for k, v in found["run"].items() if k not in ("command", "analyzed_utc")}}


def entering(monkeypatch: pytest.MonkeyPatch, enter: Callable[..., None]) -> None:
    """Have this done instead of entering a result into the database, wherever the command looks it up."""
    for module in ("posture.recordings.outputs", "posture.recordings", "posture.cli.analyze_here", "posture.cli.analyze_shared"):
        monkeypatch.setattr(f"{module}.enter", enter)


def table(folder: Path) -> dict[str, dict[str, str]]:
    """The rows of ``archive.csv`` by the name of their recording."""
    with (folder / "archive.csv").open(newline="", encoding="utf-8") as file:
        return {Path(r["path"]).name: r for r in csv.DictReader(file)}
