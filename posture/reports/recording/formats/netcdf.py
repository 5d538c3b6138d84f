"""``landmarks.nc``: landmarks in the picture as NetCDF, laid out as a poses dataset of the Python package movement, by h5netcdf.

Any NetCDF-4 or HDF5 reader opens it: xarray, MATLAB, R (ncdf4), Julia. Dimensions and attributes: movement's documentation of its
datasets. Unseen is NaN.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, BinaryIO

import numpy as np

from posture.biomechanics import LANDMARK_NAMES
from posture.engine import RecordingResult
from posture.reports.recording.formats.grid import Grid, grid_of
from posture.reports.recording.formats.opensim import pose_of
from posture.types import FloatArray, Pose

_PIECE = 1024
"""Rows written at a time, and stored together."""


def write_netcdf(analysis: RecordingResult, poses: Mapping[float, Pose], file: BinaryIO) -> None:
    """Write ``landmarks.nc``: (time, space, keypoints, individuals) pixels of the recording's full picture, and their visibility.

    Args:
        analysis: gives the moments: one per row of the grid, also where nobody was seen.
        poses: landmarks by the time of their frame, seconds.
        file: is written from its beginning; it has to be readable too.
    """
    grid = grid_of(analysis.judged)
    names = importlib.import_module("h5netcdf")
    with names.File(file, "w") as out:
        position, confidence = _described(out, analysis, grid)
        rows = _rows(analysis, grid, poses)
        first = 0
        while piece := list(islice(rows, _PIECE)):
            end = first + len(piece)
            position[first:end] = np.stack([xy for xy, _ in piece])[..., None]
            confidence[first:end] = np.stack([seen for _, seen in piece])[..., None]
            first = end


def _described(out: Any, analysis: RecordingResult, grid: Grid) -> tuple[Any, Any]:
    """Set dimensions, coordinates and attributes; return the two variables that are filled row by row."""
    coordinates = {"space": ("x", "y"), "keypoints": LANDMARK_NAMES, "individuals": ("person",)}
    out.dimensions = {"time": len(grid)} | {name: len(labels) for name, labels in coordinates.items()}
    for name, labels in coordinates.items():
        out.create_variable(name, (name,), _text())[:] = np.array(labels, dtype=object)
    out.create_variable("time", ("time",), np.float64)[:] = grid.start_s + np.arange(len(grid)) / grid.rate_hz
    out.attrs.update(
        ds_type="poses", source_software="posture-monitor", source_file=_plain(analysis.video.name), fps=grid.rate_hz, time_unit="seconds"
    )
    kept: dict[str, Any] = {"compression": "gzip", "compression_opts": 1, "shuffle": True} if len(grid) else {}
    made = []
    for name, dims, unit in (
        ("position", ("time", "space", "keypoints", "individuals"), "pixels"),
        ("confidence", ("time", "keypoints", "individuals"), "1"),
    ):
        sizes = tuple(out.dimensions[d].size for d in dims[1:])
        chunks = {"chunks": (min(_PIECE, len(grid)), *sizes)} if len(grid) else {}
        made.append(out.create_variable(name, dims, np.float32, fillvalue=np.float32(np.nan), **chunks, **kept))
        made[-1].attrs["units"] = unit
    return made[0], made[1]


def _rows(analysis: RecordingResult, grid: Grid, poses: Mapping[float, Pose]) -> Iterator[tuple[FloatArray, FloatArray]]:
    """Yield (2, 33) pixels and (33,) visibility of each row."""
    left, top, width, height = analysis.video.crop_px or (0, 0, analysis.video.width, analysis.video.height)
    nobody = np.full((2, len(LANDMARK_NAMES)), np.nan, np.float32), np.full(len(LANDMARK_NAMES), np.nan, np.float32)
    for _, judged in grid.rows(analysis.judged):
        pose = pose_of(judged, poses)
        if pose is None:
            yield nobody
            continue
        in_picture = pose.image_xyz[:, :2] * (width / pose.width, height / pose.height) + (left, top)
        xy = np.where(pose.seen[:, None], in_picture, np.nan)
        yield xy.T.astype(np.float32), pose.visibility


def _text() -> Any:
    return importlib.import_module("h5py").string_dtype()


def _plain(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", "")
