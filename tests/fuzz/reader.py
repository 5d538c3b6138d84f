"""A process that reads one file after the other, as the program does, and says of each what came of it: lines of JSON in and out.

Run as a script by `fuzz.reading`. Its address space is limited, so that a file that asks for more memory fails here and harms nothing.
"""

from __future__ import annotations

import contextlib
import io
import json
import resource
import sys
import tempfile
import time
import traceback
from pathlib import Path
from typing import Any

from posture.capture.video_file import VideoFile
from posture.cli.app import run
from posture.engine.sampling import CELLS
from posture.errors import PostureError
from posture.recordings.parts import cuts


def peak_mb() -> float:
    """The most memory that this process had since the last call, MB (Linux)."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    peak = int(status.split("VmHWM:")[1].split()[0]) / 1024
    with contextlib.suppress(OSError):  # some containers forbid it; the figure then covers all files so far
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    return peak


def read(path: Path) -> int:
    """Read a file to its end as an analysis does, with its cuts, one part of it read anew; how many pictures there were."""
    count = 0
    with VideoFile(path, 5.0, threads=2) as video:
        for picked in video.picked():
            picked.grey(CELLS)
            image = picked.image(640)
            assert image.ndim == 3 and max(image.shape) <= 1280, image.shape
            count += 1
        facts = video.facts
    where = cuts(path, facts, None, None, 0.5)
    for start_s in where[:2]:
        with VideoFile(path, 5.0, start_s, continued=True, threads=2) as part:
            count += sum(1 for _ in part)
    return count


def analyse(path: Path) -> int:
    """The whole command; its exit code. An error has to be one line."""
    said = io.StringIO()
    with tempfile.TemporaryDirectory() as out, contextlib.redirect_stderr(said), contextlib.redirect_stdout(io.StringIO()):
        code = run(["analyze", str(path), "--out", f"{out}/r", "--jobs", "1", "--format", "srt,svg,trc,mot"])
    if code not in (0, 1) or "Traceback" in said.getvalue() or len(said.getvalue()) > 4000:
        raise AssertionError(f"exit code {code}: {said.getvalue()[-3000:]}")
    return code


def outcome(order: dict[str, Any]) -> dict[str, Any]:
    """What came of one file."""
    began, path = time.monotonic(), Path(order["path"])
    peak_mb()
    try:
        said: dict[str, Any] = {"outcome": "read", "count": (analyse if order["analyze"] else read)(path)}
    except PostureError as error:
        words = str(error)
        fine = "\n" not in words and len(words) < 500 and path.name in words
        said = {"outcome": "refused", "words": words} if fine else {"outcome": "unclear words", "words": words}
    except BaseException:  # noqa: BLE001 # everything else is what is looked for
        said = {"outcome": "traceback", "words": traceback.format_exc()}
    return said | {"seconds": time.monotonic() - began, "mb": peak_mb()}


def main() -> None:
    """Serve until the orders end."""
    limit = int(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for line in sys.stdin:
        print(json.dumps(outcome(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
