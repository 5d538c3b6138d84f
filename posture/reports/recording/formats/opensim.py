"""``landmarks.trc`` and ``angles.mot``: landmarks and angles for OpenSim, Sports2D, Pose2Sim and what else reads their files.

Both are tables separated by tabs, with the readings' own times: nothing is put in between and nothing is filled. Unseen is
``NaN`` in full, because readers of OpenSim before 4.4 run empty cells together. Layouts: OpenSim's documentation of marker
(.trc) and motion (.mot) files. The .mot angles are this program's own quantities, so they are not named after coordinates of a
model, whose zero and axes would be other ones.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from posture.biomechanics import ANGLES, LANDMARK_NAMES
from posture.engine import RecordingResult
from posture.types import FloatArray, Pose

_TO_OPENSIM = np.array((1.0, -1.0, -1.0), np.float32)


def opensim_axes(pose: Pose) -> FloatArray:
    """Return the landmarks as OpenSim has its axes: (33, 3) metres, origin mid-hip, NaN where a landmark is not seen.

    X to the right of the picture, Y up, Z towards the camera: MediaPipe's own axes turned by half a turn about X. For a person
    who faces the right edge of the picture that is OpenSim's forward, up and to the person's right.
    """
    turned: FloatArray = np.where(pose.seen[:, None], pose.world_xyz * _TO_OPENSIM, np.float32(np.nan)).astype(np.float32)
    return turned


def trc_lines(analysis: RecordingResult, poses: Mapping[float, Pose]) -> Iterator[str]:
    """Yield ``landmarks.trc`` line by line.

    Args:
        analysis: gives the moments: one row per frame that was measured anew, also where nobody was seen.
        poses: landmarks by the time of their frame, seconds.
    """
    times = [j.reading.time_s for j in analysis.judged if not j.reading.carried_forward]
    rate = f"{_rate_hz(times):g}"
    yield "\t".join(("PathFileType", "4", "(X/Y/Z)", "landmarks.trc"))
    yield "\t".join(("DataRate", "CameraRate", "NumFrames", "NumMarkers", "Units", "OrigDataRate", "OrigDataStartFrame", "OrigNumFrames"))
    yield "\t".join((rate, rate, str(len(times)), str(len(LANDMARK_NAMES)), "m", rate, "1", str(len(times))))
    yield "\t".join(("Frame#", "Time", "\t\t\t".join(LANDMARK_NAMES))) + "\t\t"
    yield "\t\t" + "\t".join(f"X{i}\tY{i}\tZ{i}" for i in range(1, len(LANDMARK_NAMES) + 1))
    for number, time_s in enumerate(times, 1):
        pose = poses.get(time_s)
        values = [math.nan] * (3 * len(LANDMARK_NAMES)) if pose is None else opensim_axes(pose).ravel().tolist()
        yield "\t".join((str(number), f"{time_s:.6f}", *(_cell(v, 5) for v in values)))


def mot_lines(analysis: RecordingResult) -> Iterator[str]:
    """Yield ``angles.mot`` line by line: a row per reading, degrees."""
    readings = [j.reading for j in analysis.judged]
    yield "Coordinates"
    yield "version=1"
    yield f"nRows={len(readings)}"
    yield f"nColumns={1 + len(ANGLES)}"
    yield "inDegrees=yes"
    yield ""
    yield "Seconds and degrees; positive: forward, anterior, lean to the right, shoulders turned to the left; NaN: not seen."
    yield ""
    yield "endheader"
    yield "\t".join(("time", *(a.name for a in ANGLES)))
    for reading in readings:
        estimates = (a.of(reading) for a in ANGLES)
        yield "\t".join((f"{reading.time_s:.6f}", *("NaN" if e is None else _cell(e.deg, 3) for e in estimates)))


def _rate_hz(times: Sequence[float]) -> float:
    """Return rows a second by the usual step between two; 1 where there is none."""
    steps = np.diff(np.asarray(times, np.float64))
    return round(1.0 / float(np.median(steps)), 4) if steps.size else 1.0


def _cell(value: float, decimals: int) -> str:
    return f"{round(value, decimals) + 0.0:.{decimals}f}" if math.isfinite(value) else "NaN"
