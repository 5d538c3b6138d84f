"""``motion.c3d``: landmarks, angles and episodes for motion-capture programs that read C3D.

Written piece by piece, in little-endian floating point, as ten hours do not fit the memory twice. Layout: the C3D user guide (c3d.org);
the groups EVENT and TRIAL as motion-capture systems write them. Lengths are millimetres, as is usual there; a point that is
unknown has residual -1. A format without a clock: its first frame is the first row, and ``RECORDING:START_S`` says when that was.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator, Mapping
from typing import BinaryIO

import numpy as np

from posture.biomechanics import ANGLES, LANDMARK_NAMES, Angle
from posture.engine import RecordingResult
from posture.reports.recording.formats.c3d_parameters import BLOCK, Groups, parameter_section
from posture.reports.recording.formats.grid import Grid, grid_of
from posture.reports.recording.formats.opensim import opensim_axes, pose_of
from posture.types import ClassifiedReading, FloatArray, Pose

_MOST_FRAMES = 65535
"""More do not fit the header's 16 bits; TRIAL has all."""
_EVENTS = 255
"""How many fit one list of parameters; the next list's name ends in 2."""
_MOST_EVENTS = 8 * _EVENTS
"""More do not fit the parameters, which are 127 KB at most."""
_PIECE = 1024
"""Frames written at a time."""


def write_c3d(analysis: RecordingResult, poses: Mapping[float, Pose], file: BinaryIO) -> None:
    """Write ``motion.c3d``: a frame per row of the grid, the 33 landmarks in mm, and a point for each angle that was ever seen.

    An angle's X is the angle in degrees, its Y the standard deviation of that number, its Z 0.

    Args:
        analysis: gives the moments, the angles and the episodes.
        poses: landmarks by the time of their frame, seconds.
        file: is written from its beginning.
    """
    grid = grid_of(analysis.judged)
    angles = [a for a in ANGLES if any(a.shown(j.reading) is not None for j in analysis.judged)]
    groups = _groups(analysis, grid, angles)
    blocks = len(parameter_section(groups)) // BLOCK
    groups["POINT"]["DATA_START"] = 2 + blocks
    file.write(_header(grid, len(LANDMARK_NAMES) + len(angles), 2 + blocks))
    file.write(parameter_section(groups))
    written = 0
    for piece in _pieces(analysis, grid, poses, angles):
        written += file.write(piece.astype("<f4").tobytes())
    file.write(bytes(-written % BLOCK))


def _header(grid: Grid, points: int, data_block: int) -> bytes:
    """Return the first block: two pointers, counts, first and last frame, a negative scale (floating point), and the rate."""
    last = min(len(grid), _MOST_FRAMES)
    start = struct.pack("<BBHHHHHfHHf", 2, 0x50, points, 0, 1, last, 0, -1.0, data_block, 0, grid.rate_hz)
    return start.ljust(BLOCK, b"\0")


def _groups(analysis: RecordingResult, grid: Grid, angles: list[Angle]) -> Groups:
    frames = len(grid)
    landmark, angle = "X right of the picture, Y up, Z to the camera; origin mid-hip", "X: degrees ({}); Y: its standard deviation; Z: 0"
    return {
        "POINT": {
            "USED": len(LANDMARK_NAMES) + len(angles),
            "FRAMES": min(frames, _MOST_FRAMES),
            "LONG_FRAMES": float(frames),
            "SCALE": -1.0,
            "RATE": float(grid.rate_hz),
            "DATA_START": 0,
            "LABELS": [*LANDMARK_NAMES, *(a.name for a in angles)],
            "DESCRIPTIONS": [landmark] * len(LANDMARK_NAMES) + [angle.format(a.positive) for a in angles],
            "UNITS": "mm",
            "ANGLES": [a.name for a in angles],
            "ANGLE_UNITS": "deg",
            "X_SCREEN": "+X",
            "Y_SCREEN": "+Y",
        },
        "ANALOG": {"USED": 0, "RATE": 0.0},
        "TRIAL": {"ACTUAL_START_FIELD": [1, 0], "ACTUAL_END_FIELD": [frames % 0x10000, frames // 0x10000], "CAMERA_RATE": grid.rate_hz},
        "EVENT": _events(analysis, grid),
        "RECORDING": {"NAME": analysis.video.name, "START_S": grid.start_s},
        "MANUFACTURER": {"SOFTWARE": "posture-monitor", "VERSION_LABEL": analysis.versions.get("posture", "")},
    }


def _events(analysis: RecordingResult, grid: Grid) -> dict[str, object]:
    """Return beginnings and ends of episodes, and reminders; times from the first frame on, minutes and seconds."""
    found = [(e.start_s, f"{e.kind} start") for e in analysis.episodes] + [(e.end_s, f"{e.kind} end") for e in analysis.episodes]
    found = sorted(found + [(p.time_s, "reminder") for p in analysis.shown])[:_MOST_EVENTS]
    group: dict[str, object] = {"USED": len(found)}
    for number, first in enumerate(range(0, len(found), _EVENTS), 1):
        some = found[first : first + _EVENTS]
        suffix = "" if number == 1 else str(number)
        times = [max(0.0, t - grid.start_s) for t, _ in some]
        group |= {f"CONTEXTS{suffix}": ["General"] * len(some), f"LABELS{suffix}": [label for _, label in some]}
        group[f"TIMES{suffix}"] = np.array([(t // 60.0, math.fmod(t, 60.0)) for t in times], np.float32)
    return group


def _pieces(analysis: RecordingResult, grid: Grid, poses: Mapping[float, Pose], angles: list[Angle]) -> Iterator[FloatArray]:
    """Yield some frames at a time: (frames, points, 4) x, y, z and residual, which is 0, or -1 where the point is unknown."""
    points = len(LANDMARK_NAMES) + len(angles)
    piece = np.zeros((_PIECE, points, 4), np.float32)
    count = 0
    for _, judged in grid.rows(analysis.judged):
        piece[count] = _frame(judged, pose_of(judged, poses), angles)
        count += 1
        if count == _PIECE:
            yield piece
            count = 0
    yield piece[:count]


def _frame(judged: ClassifiedReading | None, pose: Pose | None, angles: list[Angle]) -> FloatArray:
    points = np.zeros((len(LANDMARK_NAMES) + len(angles), 4), np.float32)
    points[:, 3] = -1.0
    if pose is not None:
        seen = np.flatnonzero(pose.seen)
        points[seen, :3] = opensim_axes(pose)[seen] * 1000.0
        points[seen, 3] = 0.0
    for row, angle in enumerate(angles, len(LANDMARK_NAMES)):
        found = None if judged is None else angle.shown(judged.reading)
        if found is not None and math.isfinite(found.deg):
            points[row] = found.deg, found.sd_deg, 0.0, 0.0
    return points
