"""``landmarks.trc`` and ``angles.mot``: landmarks and angles for OpenSim, Sports2D, Pose2Sim and what else reads their files.

Both are tables separated by tabs, on the same rows at a fixed rate (`grid`). Layouts: OpenSim's documentation of marker (.trc) and
motion (.mot) files. The .mot angles are this program's own quantities, so they are not named after coordinates of a model, whose
zero and axes would be other ones.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike

from posture.biomechanics import ANGLES, LANDMARK_NAMES, Angle
from posture.engine import RecordingResult
from posture.reports.recording.formats.grid import grid_of
from posture.types import ClassifiedReading, FloatArray, Pose

_TO_OPENSIM = np.array((1.0, -1.0, -1.0), np.float32)


def opensim_axes(pose: Pose) -> FloatArray:
    """Return the landmarks as OpenSim has its axes: (33, 3) metres, origin mid-hip, NaN where a landmark is not seen.

    X to the right of the picture, Y up, Z towards the camera: MediaPipe's own axes turned by half a turn about X. For a person
    who faces the right edge of the picture that is OpenSim's forward, up and to the person's right.
    """
    turned: FloatArray = np.where(pose.seen[:, None], pose.world_xyz * _TO_OPENSIM, np.float32(np.nan)).astype(np.float32)
    return turned


def pose_of(judged: ClassifiedReading | None, poses: Mapping[float, Pose]) -> Pose | None:
    """Return the landmarks of a reading; ``None`` if it was not measured anew, or nobody was seen."""
    return None if judged is None or judged.reading.carried_forward else poses.get(judged.reading.time_s)


def trc_lines(analysis: RecordingResult, poses: Mapping[float, Pose]) -> Iterator[str]:
    """Yield ``landmarks.trc`` line by line.

    Unseen is ``NaN`` in full, because readers of OpenSim run empty cells together.

    Args:
        analysis: gives the moments: one row per step of the grid, also where nobody was seen.
        poses: landmarks by the time of their frame, seconds.
    """
    grid = grid_of(analysis.judged)
    rate, count = f"{grid.rate_hz:.10g}", str(len(grid))
    yield "\t".join(("PathFileType", "4", "(X/Y/Z)", "landmarks.trc"))
    yield "\t".join(("DataRate", "CameraRate", "NumFrames", "NumMarkers", "Units", "OrigDataRate", "OrigDataStartFrame", "OrigNumFrames"))
    yield "\t".join((rate, rate, count, str(len(LANDMARK_NAMES)), "m", rate, "1", count))
    yield "\t".join(("Frame#", "Time", "\t\t\t".join(LANDMARK_NAMES))) + "\t\t"
    yield "\t\t" + "\t".join(f"X{i}\tY{i}\tZ{i}" for i in range(1, len(LANDMARK_NAMES) + 1))
    unseen = "\t".join(["NaN"] * (3 * len(LANDMARK_NAMES)))
    for number, (time_s, judged) in enumerate(grid.rows(analysis.judged), 1):
        pose = pose_of(judged, poses)
        yield f"{number}\t{time_s:.6f}\t{unseen if pose is None else _cells(opensim_axes(pose).ravel(), 5)}"


def mot_lines(analysis: RecordingResult) -> Iterator[str]:
    """Yield ``angles.mot`` line by line: the rows of the grid in which all of its angles are known, degrees.

    A number must stand in every cell: OpenSim's `Storage`, by which its plotter and tools read, ends at the first cell that holds
    none. So a row with a gap is left out, and an angle that would cost more numbers than it brings has no column.
    """
    grid = grid_of(analysis.judged)
    seen = Counter(_known(j) for _, j in grid.rows(analysis.judged))
    angles = _columns(seen)
    rows = sum(count for known, count in seen.items() if known.issuperset(angles)) if angles else 0
    yield "Coordinates"
    yield "version=1"
    yield f"nRows={rows}"
    yield f"nColumns={1 + len(angles)}"
    yield "inDegrees=yes"
    yield ""
    yield "Seconds and degrees; positive: forward, anterior, lean to the right, shoulders turned to the left."
    yield f"Times are those of a fixed rate of {grid.rate_hz:.10g} Hz; a reading lies at most half a step away from its row's time."
    if rows < len(grid):
        yield f"{rows} of {len(grid)} rows: in the others one of these angles is unknown, and this format has no sign for that."
    if missing := [f"{a.name} ({_share(a, seen, len(grid))})" for a in ANGLES if a not in angles]:
        yield f"Not in this file: {', '.join(missing)}."
    yield ""
    yield "endheader"
    yield "\t".join(("time", *(a.name for a in angles)))
    for time_s, judged in grid.rows(analysis.judged) if angles else ():
        degs = () if judged is None else [e.deg for a in angles if (e := a.of(judged.reading)) is not None and math.isfinite(e.deg)]
        if len(degs) == len(angles):
            yield f"{time_s:.6f}\t{_cells(degs, 3)}"


def _columns(seen: Counter[frozenset[Angle]]) -> tuple[Angle, ...]:
    """Return the angles that together have most numbers in rows without a gap; `seen`: in how many rows each set of them was known."""
    ever = [a for a in ANGLES if any(a in known for known in seen)]
    sets = [some for size in range(len(ever), 0, -1) for some in combinations(ever, size)]
    return max(sets, key=lambda some: len(some) * sum(n for known, n in seen.items() if known.issuperset(some)), default=())


def _known(judged: ClassifiedReading | None) -> frozenset[Angle]:
    found = {} if judged is None else {a: a.of(judged.reading) for a in ANGLES}
    return frozenset(a for a, e in found.items() if e is not None and math.isfinite(e.deg))


def _share(angle: Angle, seen: Counter[frozenset[Angle]], rows: int) -> str:
    count = sum(n for known, n in seen.items() if angle in known)
    return f"known in {count} of {rows} rows" if count else "never known"


def _cells(values: ArrayLike, decimals: int) -> str:
    """Write numbers with tabs between them; -0 as 0."""
    rounded = (np.round(np.asarray(values, np.float64), decimals) + 0.0).tolist()
    return ("\t".join([f"%.{decimals}f"] * len(rounded)) % tuple(rounded)).replace("nan", "NaN")
