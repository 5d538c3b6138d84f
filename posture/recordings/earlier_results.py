"""Results that lie in a folder already: whether they are of the same recording and may be replaced."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from posture._support import exists
from posture.engine import VideoSummary
from posture.errors import PostureError

_SAME_S = 1.0
"""The length that a file announces and the one found in reading it differ by this at most."""


def check_replaceable(folder: Path, names: Iterable[str], video: VideoSummary | None) -> None:
    """Make sure that writing files of these names into `folder` loses nothing but older results of the same recording.

    Args:
        folder: where the results are to go; may be missing.
        names: the files that are to be written.
        video: the recording; ``None`` for one that cannot come twice (a pipe, a stream).

    Raises:
        PostureError: it would lose something else.
    """
    found = [name for name in names if exists(folder / name)]
    if not found:
        return
    earlier = _video_of(folder / "summary.json")
    if earlier is None:
        raise PostureError(f"{folder}: contains a {found[0]} that may not be of this recording; {_WAY_OUT}")
    if video is None:
        raise PostureError(f"{folder}: already contains results, and what comes through a pipe or stream comes only once; {_WAY_OUT}")
    if not _same(earlier, video):
        raise PostureError(f"{folder}: contains the results of another recording ({earlier.get('name')}); {_WAY_OUT}")


_WAY_OUT = "name another folder with --out, or add --overwrite"


def _video_of(file: Path) -> dict[str, Any] | None:
    """Return what an earlier summary says of its recording; ``None`` if there is none that can be read."""
    try:
        found = json.loads(file.read_text(encoding="utf-8"))["video"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _same(earlier: dict[str, Any], video: VideoSummary) -> bool:
    if (earlier.get("name"), earlier.get("codec")) != (video.name, video.codec):
        return False
    if (video.width, video.height) not in (size := (earlier.get("width"), earlier.get("height")), size[::-1]):  # maybe turned since
        return False
    length = earlier.get("duration_s")
    unsure = earlier.get("problem") or earlier.get("notes") or video.duration_s is None or not isinstance(length, int | float)
    return bool(unsure) or abs(float(length or 0.0) - float(video.duration_s or 0.0)) <= _SAME_S
