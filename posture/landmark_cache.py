"""A cache of landmarks: what was seen in a recording, so that thresholds, filters and calibration run again without looking anew.

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
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import platformdirs

from posture import __version__
from posture.measuring import Measured
from posture.model import FloatArray, Pose, PostureError
from posture.sample_rows import WIDTH, Rows
from posture.segments import Task
from posture.sources.video_file import VideoFacts

_FORM = 2
"""Of the files; a change makes every older entry unknown."""
_FACTS = "recording.json"
_AT_ONCE = 1500
"""Readings in one file: five minutes."""


def cache_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """Where the cache is unless the user names a folder: ``POSTURE_LANDMARK_DIR`` if set, else in the user's cache. Creates nothing.

    Everything in it may be erased at any time.
    """
    own = environ.get("POSTURE_LANDMARK_DIR", "").strip()
    return Path(own).expanduser() if own else Path(platformdirs.user_cache_dir("posture-monitor", appauthor=False)) / "landmarks"


def key_of(task: Task, part_s: float | None = None) -> str:
    """The name of an entry: a hash of all that its numbers depend on. Reads the whole video once.

    Raises:
        PostureError: the video or the model cannot be read.
    """
    depends = {
        "form": _FORM,
        "video": _content_hash(task.video),
        "model": _content_hash(task.model),
        "rate_hz": task.rate_hz,
        "window_s": [task.start_s, task.end_s],
        "part_s": part_s,
        "person": str(task.person),
        "adaptive": task.adaptive,
        "fps": task.fps,
        "rotate_deg": task.rotate_deg,
        "versions": {"posture": __version__} | {p: version(p) for p in ("mediapipe", "numpy", "av")},
    }
    return hashlib.sha256(json.dumps(depends, sort_keys=True).encode()).hexdigest()[:32]


def _content_hash(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise PostureError(f"{path}: cannot be read: {error.strerror or error}") from error


def load(folder: Path, key: str, *, keep_poses: bool) -> Measured | None:
    """What was seen, or ``None`` if that is not in the cache, or damaged there."""
    entry = folder / key
    try:
        measured = Measured(_facts_from(json.loads((entry / _FACTS).read_text(encoding="utf-8"))), complete=True)
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


def keep(folder: Path, key: str, measured: Measured) -> None:
    """Write all that was seen, with its poses.

    Raises:
        PostureError: it cannot be written.
    """
    poses = sorted(measured.poses.values(), key=lambda p: p.time_s)
    rows = measured.samples.rows(0)
    with Keeper(folder, key) as keeper:
        for first in range(0, max(1, len(rows)), _AT_ONCE):
            some = rows[first : first + _AT_ONCE]
            until_s = rows[first + _AT_ONCE, 0] if first + _AT_ONCE < len(rows) else np.inf
            count = bisect_left(poses, until_s, key=lambda p: p.time_s)
            keeper.add(some, poses[:count])
            del poses[:count]
        keeper.finish(measured.facts)


class Keeper:
    """Writes one entry, part by part; it appears when all is there, and not at all if the block is left before."""

    def __init__(self, folder: Path, key: str) -> None:
        """Nothing is written before ``with``."""
        self._folder, self._entry = folder, folder / key
        self._unfinished = folder / f".{key}.{os.getpid()}.part"
        self._count = 0

    def __enter__(self) -> Self:
        """Make the folder.

        Raises:
            PostureError: it cannot be made.
        """
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._unfinished.mkdir(mode=0o700)
        except OSError as error:
            raise PostureError(f"{self._folder}: cannot be used for the landmark cache: {error.strerror or error}") from error
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Leave nothing unfinished behind."""
        shutil.rmtree(self._unfinished, ignore_errors=True)

    def add(self, rows: Rows, poses: Sequence[Pose]) -> None:
        """One part, in order.

        Raises:
            PostureError: it cannot be written.
        """
        marks = [np.concatenate([p.image_xyz, p.world_xyz, p.visibility[:, None], p.presence[:, None]], axis=1) for p in poses]
        arrays: dict[str, Any] = {
            "rows": rows,
            "times": np.array([p.time_s for p in poses], np.float64),
            "marks": np.stack(marks).astype(np.float32) if marks else np.empty((0, 33, 8), np.float32),
            "sizes": np.array([(p.width, p.height) for p in poses], np.int64).reshape(-1, 2),
        }
        try:
            with _private(self._unfinished / f"part-{self._count:05d}.npz") as file:
                np.savez_compressed(file, **arrays)
        except OSError as error:
            raise PostureError(f"{self._folder}: the landmark cache cannot be written: {error.strerror or error}") from error
        self._count += 1

    def finish(self, facts: VideoFacts) -> None:
        """All parts are there.

        Raises:
            PostureError: it cannot be written.
        """
        words = json.dumps({**asdict(facts), "created": facts.created.isoformat() if facts.created else None})
        try:
            with _private(self._unfinished / _FACTS) as file:
                file.write(words.encode())
            shutil.rmtree(self._entry, ignore_errors=True)
            self._unfinished.rename(self._entry)
        except OSError as error:
            raise PostureError(f"{self._folder}: the landmark cache cannot be written: {error.strerror or error}") from error


def _private(path: Path) -> Any:
    """A new file that only its owner can read."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _facts_from(data: dict[str, Any]) -> VideoFacts:
    created = datetime.fromisoformat(data["created"]) if data["created"] else None
    return VideoFacts(**{**data, "created": created, "notes": tuple(data["notes"])})


def _poses_from(times: FloatArray, marks: FloatArray, sizes: FloatArray) -> list[Pose]:
    return [
        Pose(float(t), m[:, :3].copy(), m[:, 3:6].copy(), m[:, 6].copy(), m[:, 7].copy(), int(w), int(h))
        for t, m, (w, h) in zip(times, marks, sizes, strict=True)
    ]
