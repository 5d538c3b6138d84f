"""How recordings are analysed in tests, and the table of an archive."""

from __future__ import annotations

import csv
import hashlib
from pathlib import Path

from posture.analysis import Job
from posture.catalogue import load
from posture.settings import Settings


def job_of(model_file: Path) -> Job:
    """How recordings are analysed by default."""
    facts = {"name": "full", "sha256": hashlib.sha256(model_file.read_bytes()).hexdigest()}
    return Job(settings=Settings(), model=model_file, model_facts=facts, catalogue=load(None), adaptive=True)


def table(folder: Path) -> dict[str, dict[str, str]]:
    """The rows of ``archive.csv`` by the name of their recording."""
    with (folder / "archive.csv").open(newline="", encoding="utf-8") as file:
        return {Path(r["path"]).name: r for r in csv.DictReader(file)}
