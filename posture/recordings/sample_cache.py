"""A cache of landmarks, so that thresholds, filters and calibration run again without measuring anew.

Written only if the user asks for it. It holds numbers (landmarks, and where the outline of the trunk is), no picture; files are readable by
their owner alone. One folder per recording and way of measuring, named by the hash of all that the numbers depend on: the
video's content, the pose model's content, rate, part of the recording, and the versions of what measures.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import zipfile
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Self

import numpy as np

from posture._support import make_folders, os_errors, private_opener
from posture._version import __version__
from posture.biomechanics import LANDMARK_NAMES
from posture.capture import VideoFacts
from posture.engine import WIDTH, Rows
from posture.recordings.merging import Measured
from posture.recordings.parts import Task
from posture.recordings.stamps import stamp_of
from posture.types import FloatArray, Pose

_FORM = 3
"""Of the files; a change makes every older entry unknown."""
_FACTS = "recording.json"
_AT_ONCE = 1500
"""Readings in one file: five minutes."""


def key_of(task: Task, part_s: float | None = None) -> str:
    """Return the name of an entry: a hash of all that its numbers depend on. Reads the whole video once.

    Raises:
        PostureError: the video or the model cannot be read.
    """
    depends = {
        "form": _FORM,
        "video": stamp_of(task.video).sha256,
        "model": stamp_of(task.model).sha256,
        "rate_hz": task.rate_hz,
        "window_s": [task.start_s, task.end_s],
        "part_s": part_s,
        "person": str(task.person),
        "adaptive": task.adaptive,
        "fps": task.fps,
        "rotate_deg": task.rotate_deg,
        "versions": versions(),
    } | ({} if task.crop is None else {"crop": str(task.crop)})
    return hashlib.sha256(json.dumps(depends, sort_keys=True).encode()).hexdigest()[:32]


def versions() -> dict[str, str]:
    """Return the versions of what measures: of this program, and of the libraries on which the numbers depend."""
    return {package: version(package) for package in ("mediapipe", "numpy", "av")} | {"posture": __version__}


def load(folder: Path, key: str, name: str, *, keep_poses: bool) -> Measured | None:
    """Return an entry as one of the recording `name`, whichever copy of it was measured; ``None`` if it is missing or damaged."""
    entry = folder / key
    try:
        facts = _facts_from(json.loads((entry / _FACTS).read_text(encoding="utf-8")))
        measured = Measured(replace(facts, name=name), complete=True)
        for part in sorted(entry.glob("part-*.npz")):
            with part.open("rb") as file, np.load(file, allow_pickle=False) as data:
                rows = data["rows"]
                if rows.ndim != 2 or rows.shape[1] != WIDTH:
                    return None
                measured.samples.extend_rows(rows)
                if keep_poses:
                    measured.poses.update((p.time_s, p) for p in _poses_from(data["times"], data["marks"], data["sizes"]))
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile):
        return None
    return measured


def write(folder: Path, key: str, measured: Measured) -> None:
    """Write an entry; `measured` with its poses.

    Raises:
        PostureError: it cannot be written.
    """
    poses = sorted(measured.poses.values(), key=lambda p: p.time_s)
    rows = measured.samples.rows(0)
    with CacheWriter(folder, key) as keeper:
        for first in range(0, max(1, len(rows)), _AT_ONCE):
            some = rows[first : first + _AT_ONCE]
            until_s = rows[first + _AT_ONCE, 0] if first + _AT_ONCE < len(rows) else np.inf
            count = bisect_left(poses, until_s, key=lambda p: p.time_s)
            keeper.add(some, poses[:count])
            del poses[:count]
        keeper.finish(measured.facts)


class CacheWriter:
    """Writes one entry, part by part; it appears when it is finished, and not at all if the block is left before."""

    def __init__(self, folder: Path, key: str) -> None:
        """Write nothing before ``with``."""
        self._folder, self._entry = folder, folder / key
        self._unfinished = folder / f".{key}.{os.getpid()}.part"
        self._count = 0

    def __enter__(self) -> Self:
        """Make the folder.

        Raises:
            PostureError: it cannot be made.
        """
        with os_errors(f"{self._folder}: can't be used for the landmark cache"):
            make_folders(self._folder)
            self._unfinished.mkdir(mode=0o700)
        return self

    def __exit__(self, *_: object) -> None:
        """Delete an unfinished entry."""
        shutil.rmtree(self._unfinished, ignore_errors=True)

    def add(self, rows: Rows, poses: Sequence[Pose]) -> None:
        """Write the next part.

        Raises:
            PostureError: it cannot be written.
        """
        marks = [np.concatenate([p.image_xyz, p.world_xyz, p.visibility[:, None], p.presence[:, None]], axis=1) for p in poses]
        arrays: dict[str, Any] = {
            "rows": rows,
            "times": np.array([p.time_s for p in poses], np.float64),
            "marks": np.stack(marks).astype(np.float32) if marks else np.empty((0, len(LANDMARK_NAMES), 8), np.float32),
            "sizes": np.array([(p.width, p.height) for p in poses], np.int64).reshape(-1, 2),
        }
        place = self._unfinished / f"part-{self._count:05d}.npz"
        with os_errors(f"{self._folder}: the landmark cache cannot be written"), _private(place) as file:
            np.savez_compressed(file, **arrays)
        self._count += 1

    def finish(self, facts: VideoFacts) -> None:
        """Complete the entry.

        Raises:
            PostureError: it cannot be written.
        """
        words = json.dumps({**asdict(facts), "created": facts.created.isoformat() if facts.created else None})
        with os_errors(f"{self._folder}: the landmark cache cannot be written"):
            with _private(self._unfinished / _FACTS) as file:
                file.write(words.encode())
            shutil.rmtree(self._entry, ignore_errors=True)
            self._unfinished.rename(self._entry)


def _private(path: Path) -> Any:
    """Create a file that only its owner can read."""
    return open(path, "xb", opener=private_opener)


def _facts_from(data: dict[str, Any]) -> VideoFacts:
    created = datetime.fromisoformat(data["created"]) if data["created"] else None
    crop_px = tuple(data["crop_px"]) if data.get("crop_px") else None
    return VideoFacts(**{**data, "created": created, "notes": tuple(data["notes"]), "crop_px": crop_px})


def _poses_from(times: FloatArray, marks: FloatArray, sizes: FloatArray) -> list[Pose]:
    return [
        Pose(float(t), m[:, :3].copy(), m[:, 3:6].copy(), m[:, 6].copy(), m[:, 7].copy(), int(w), int(h))
        for t, m, (w, h) in zip(times, marks, sizes, strict=True)
    ]
