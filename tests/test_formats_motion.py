"""Landmarks and angles at a fixed rate: .trc, .mot, .c3d and NetCDF, each read back by a reader that its users have."""

from __future__ import annotations

import io
import json
import math
import random
import struct
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st
from test_reports import CATALOGUE, analysis_of, everything, judged_at, nothing, rows_of, single

from posture.biomechanics import LANDMARK_NAMES
from posture.engine.recording import RecordingResult
from posture.reports import RENDERERS
from posture.reports.recording.formats.c3d import write_c3d
from posture.reports.recording.formats.grid import grid_of
from posture.reports.recording.formats.netcdf import write_netcdf
from posture.reports.recording.formats.opensim import mot_lines, opensim_axes, trc_lines
from posture.types import ClassifiedReading, Detection, Episode, EpisodeKind, Estimate, Pose, Posture, Reading, Span, View

ANGLE_COLUMNS = ("trunk_flexion", "spinal_flexion", "pelvic_tilt", "neck_flexion", "lateral_lean", "axial_rotation")


def seated_pose(time_s: float = 0.0, shift: float = 0.0) -> Pose:
    """A body with its right hip outside the picture and its left wrist hidden; its left shoulder is 20 cm right, 40 up, 10 near."""
    image = np.full((33, 3), 50.0, np.float32)
    image[24, 1] = 130.0
    world = np.zeros((33, 3), np.float32)
    world[11] = (0.2 + shift, -0.4, -0.1)
    visibility = np.ones(33, np.float32)
    visibility[15] = 0.1
    return Pose(time_s, image, world, visibility, visibility, 100, 100)


def seen(time_s: float, **degrees: float) -> ClassifiedReading:
    """A reading with these angles."""
    angles = {name: Estimate(deg, 2.0, "side") for name, deg in degrees.items()}
    return ClassifiedReading(replace(Reading(time_s, Detection.PERSON, View.SIDE), **angles), Posture.NEUTRAL)  # type: ignore[arg-type]


def with_gaps() -> tuple[RecordingResult, dict[float, Pose]]:
    """From 12.3 s on at 5 Hz: two seconds of somebody, one without any reading, one of nobody, one with a held reading at its end."""
    lean = {3: {"lateral_lean": 1.0}}
    judged = [seen(12.3 + 0.2 * i, trunk_flexion=float(i), neck_flexion=-2.0 * i, **lean.get(i, {})) for i in range(10)]
    judged += [judged_at(15.3 + 0.2 * i, Posture.AWAY) for i in range(5)]
    judged += [seen(16.3 + 0.2 * i, trunk_flexion=30.0, neck_flexion=5.0) for i in range(5)]
    judged[-1] = replace(judged[-1], reading=replace(judged[-1].reading, carried_forward=True))
    poses = {j.reading.time_s: seated_pose(j.reading.time_s) for j in judged[:10] + judged[15:19]}
    episode = Episode(EpisodeKind.FLEXED, 15.0, 75.5, 60.0)
    return analysis_of(judged, [Span(12.3, 17.3, Posture.NEUTRAL)], [episode]), poses


# --- the rows


@pytest.mark.parametrize(
    ("step_s", "jitter_s", "rate_hz"),
    [(0.2, 0.0, 5.0), (0.2, 0.04, 5.0), (1001 / 5000, 0.0, 4.995005), (1.0, 0.0, 1.0), (1 / 29.97, 0.0005, 29.97), (60.0, 0.0, 1 / 60)],
)
def test_the_rate_is_that_of_the_readings(step_s: float, jitter_s: float, rate_hz: float) -> None:
    """Frames that lie beside the grid, and readings that are missing, change neither the rate nor leave out a reading."""
    chance = random.Random(3)
    judged = [judged_at(7.0 + i * step_s + chance.uniform(-jitter_s, jitter_s), Posture.AWAY) for i in range(3000) if i % 50 < 40]
    grid = grid_of(judged)
    assert grid.rate_hz == pytest.approx(rate_hz, rel=1e-4)
    assert sorted(grid.reading_of[grid.reading_of >= 0].tolist()) == list(range(len(judged)))
    assert len(grid) == pytest.approx(2990, abs=1)


@given(st.lists(st.floats(0.02, 3.0), max_size=60), st.floats(0, 1e4))
def test_a_row_holds_the_nearest_reading_within_half_a_step(steps: list[float], start_s: float) -> None:
    """Whatever the steps: even times, first row at the first reading, no reading twice, none further away than half a step."""
    times = [start_s, *(start_s + sum(steps[: i + 1]) for i in range(len(steps)))]
    judged = [judged_at(t, Posture.AWAY) for t in times]
    grid = grid_of(judged)
    rows = list(grid.rows(judged))
    assert rows[0][0] == start_s
    assert all(b - a == pytest.approx(1 / grid.rate_hz, abs=1e-6) for (a, _), (b, _) in pairwise(rows))
    held = [j.reading.time_s for _, j in rows if j is not None]
    assert len(set(held)) == len(held)
    assert all(abs(t - j.reading.time_s) <= 0.5 / grid.rate_hz + 1e-6 for t, j in rows if j is not None)
    for time_s, j in rows:
        nearest = min(abs(t - time_s) for t in times)
        assert nearest >= 0.5 / grid.rate_hz - 1e-6 if j is None else abs(j.reading.time_s - time_s) == pytest.approx(nearest, abs=1e-6)


# --- OpenSim


def read_trc(lines: Sequence[str]) -> tuple[dict[str, str], list[str], np.ndarray]:
    """Header, marker names and rows (frame, time, coordinates) of a .trc, by OpenSim's rules: runs of tabs count as one."""
    assert lines[0].split("\t")[:3] == ["PathFileType", "4", "(X/Y/Z)"]
    header = dict(zip(lines[1].split("\t"), lines[2].split("\t"), strict=True))
    columns = lines[3].split()
    assert columns[:2] == ["Frame#", "Time"]
    names = columns[2:]
    assert lines[4].split() == [f"{axis}{i}" for i in range(1, len(names) + 1) for axis in "XYZ"]
    rows = [[float(cell) for cell in line.split()] for line in lines[5:]]
    assert {len(line.split("\t")) for line in lines[3:]} == {2 + 3 * len(names)}  # one cell per column, for readers that count tabs
    assert all(len(row) == 2 + 3 * len(names) for row in rows)
    return header, names, np.array(rows).reshape(len(rows), 2 + 3 * len(names))


def read_mot(lines: Sequence[str]) -> tuple[dict[str, str], list[str], np.ndarray]:
    """Header, column names and rows of a .mot."""
    end = lines.index("endheader")
    header = dict(line.split("=") for line in lines[:end] if "=" in line)
    columns = lines[end + 1].split("\t")
    rows = np.array([[float(cell) for cell in line.split("\t")] for line in lines[end + 2 :]]).reshape(-1, len(columns))
    assert (header["nRows"], header["nColumns"]) == (str(len(rows)), str(len(columns)))
    return header, columns, rows


def test_landmarks_parse_back_in_metres_with_y_up() -> None:
    """Header and rows agree; X is to the right, Y up, Z towards the camera; unseen landmarks and frames are NaN."""
    analysis = analysis_of([judged_at(0.2 * i, Posture.NEUTRAL) for i in range(4)], [Span(0.0, 0.8, Posture.NEUTRAL)])
    poses = {j.reading.time_s: seated_pose(j.reading.time_s, 0.01 * i) for i, j in enumerate(analysis.judged) if i != 2}
    header, names, rows = read_trc(list(trc_lines(analysis, poses)))
    assert (header["Units"], header["NumMarkers"], header["NumFrames"], header["OrigNumFrames"]) == ("m", "33", "4", "4")
    assert (float(header["DataRate"]), float(header["CameraRate"]), header["OrigDataStartFrame"]) == (5.0, 5.0, "1")
    assert tuple(names) == LANDMARK_NAMES
    assert rows[:, 0].tolist() == [1, 2, 3, 4]
    assert rows[:, 1] == pytest.approx([0.0, 0.2, 0.4, 0.6])
    shoulder = rows[:, 2 + 3 * names.index("left_shoulder") :][:, :3]
    assert shoulder[3] == pytest.approx([0.23, 0.4, 0.1], abs=1e-5)
    assert np.isnan(shoulder[2]).all()
    for unseen in ("right_hip", "left_wrist"):
        assert np.isnan(rows[:, 2 + 3 * names.index(unseen) :][:, :3]).all()


def test_the_axes_are_a_rotation() -> None:
    """Right-handed axes stay right-handed: a person's left does not become right."""
    pose = seated_pose()
    pose.world_xyz[:3] = np.eye(3, dtype=np.float32)
    turned = opensim_axes(pose)[:3]
    assert np.linalg.det(turned) == pytest.approx(1.0)
    assert turned.tolist() == [[1, 0, 0], [0, -1, 0], [0, 0, -1]]


def test_held_readings_bring_no_landmarks() -> None:
    """A reading that repeats another was not measured, so its row has no landmarks, but its angles."""
    first = judged_at(0.0, Posture.NEUTRAL)
    again = ClassifiedReading(replace(judged_at(1.0, Posture.NEUTRAL).reading, carried_forward=True), Posture.NEUTRAL)
    analysis = analysis_of([first, again], [Span(0.0, 2.0, Posture.NEUTRAL)])
    rows = read_trc(list(trc_lines(analysis, {0.0: seated_pose(), 1.0: seated_pose(1.0)})))[2]
    assert np.isnan(rows[:, 2:]).all(axis=1).tolist() == [False, True]
    assert len(read_mot(list(mot_lines(analysis)))[2]) == 2
    assert [r["held"] for r in rows_of(RENDERERS["readings.csv"](analysis, CATALOGUE))] == ["0", "1"]


def test_rows_of_mot_are_rows_of_trc() -> None:
    """One grid: landmarks at even times from the first reading on, gaps as NaN; of the angles the rows without a gap, at the same times."""
    analysis, poses = with_gaps()
    header, _, landmarks = read_trc(list(trc_lines(analysis, poses)))
    assert header["NumFrames"] == "25"
    assert landmarks[:, 1] == pytest.approx(12.3 + 0.2 * np.arange(25), abs=1e-6)
    assert (~np.isnan(landmarks[:, 2])).nonzero()[0].tolist() == [*range(10), *range(20, 24)]
    lines = list(mot_lines(analysis))
    _, columns, angles = read_mot(lines)
    assert columns == ["time", "trunk_flexion", "neck_flexion"]
    rows = [*range(10), *range(20, 25)]
    assert angles[:, 0].tolist() == landmarks[rows, 1].tolist()
    assert angles[:10, 1].tolist() == list(range(10))
    assert "15 of 25 rows" in "\n".join(lines)
    assert "lateral_lean (known in 1 of 25 rows), axial_rotation (never known)" in "\n".join(lines)


@given(st.lists(st.lists(st.none() | st.floats(-90, 90), min_size=6, max_size=6), min_size=1, max_size=12))
def test_a_number_stands_in_every_cell_of_a_mot(degrees: list[list[float | None]]) -> None:
    """Each is the angle that was measured then, to the thousandth; no column is empty; leaving out an angle never costs numbers."""
    judged = [seen(float(i), **{n: d for n, d in zip(ANGLE_COLUMNS, row, strict=True) if d is not None}) for i, row in enumerate(degrees)]
    _, columns, rows = read_mot(list(mot_lines(analysis_of(judged, []))))
    assert np.isfinite(rows).all()
    assert len(rows) or columns == ["time"]
    wanted = {float(i): dict(zip(ANGLE_COLUMNS, row, strict=True)) for i, row in enumerate(degrees)}
    for row in rows:
        for name, value in zip(columns[1:], row[1:], strict=True):
            assert value == pytest.approx(wanted[row[0]][name], abs=0.00051)
    alone = max(sum(row[k] is not None for row in degrees) for k in range(6))
    assert len(rows) * (len(columns) - 1) >= max(alone, 6 * sum(None not in row for row in degrees))


@pytest.mark.parametrize("make", [nothing, single])
def test_opensim_files_of_almost_nothing(make: Callable[[], RecordingResult]) -> None:
    """An empty recording gives a header and no rows."""
    analysis = make()
    assert len(read_trc(list(trc_lines(analysis, {})))[2]) == len(analysis.judged)
    assert len(read_mot(list(mot_lines(analysis)))[2]) == len(analysis.judged)


_BY_OPENSIM = """
import json, sys, opensim
opensim.Logger.setLevelString("off")
out = {}
for path in sys.argv[1:]:
    if path.endswith(".mot"):
        storage, table = opensim.Storage(path), opensim.TimeSeriesTable(path)
        states = [storage.getStateVector(i) for i in range(storage.getSize())]
        rows = [[s.getTime(), *(s.getData().get(k) for k in range(s.getSize()))] for s in states]
        assert table.getNumRows() == len(rows) and table.getTableMetaDataAsString("inDegrees") == "yes"
        out[path] = list(table.getColumnLabels()), rows
    else:
        table, markers = opensim.TimeSeriesTableVec3(path), opensim.MarkerData(path)
        assert list(markers.getMarkerNames().get(i) for i in range(33)) == list(table.getColumnLabels())
        times = [markers.getFrame(i).getFrameTime() for i in range(markers.getNumFrames())]
        assert times == list(table.getIndependentColumn())
        first = [table.getRowAtIndex(i)[11][0] for i in range(table.getNumRows())]
        out[path] = markers.getDataRate(), [[t, x] for t, x in zip(times, first)]
print(json.dumps(out))
"""


def test_opensim_reads_every_row(tmp_path: Path) -> None:
    """Its `Storage`, tables and marker data have the rows and numbers that were written; with gaps, of nobody, of one frame."""
    pytest.importorskip("opensim", reason="the opensim wheel (Linux x86-64 and Windows, Python up to 3.13) is not installed")
    made = {"gaps": with_gaps(), "all": (everything(), {}), "nothing": (nothing(), {}), "single": (single(), {0.0: seated_pose()})}
    paths = []
    for name, (analysis, poses) in made.items():
        for suffix, lines in (("mot", mot_lines(analysis)), ("trc", trc_lines(analysis, poses))):
            if analysis.judged or suffix == "mot":  # a .trc without frames ends the process in OpenSim's reader
                paths.append(tmp_path / f"{name}.{suffix}")
                paths[-1].write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    answer = subprocess.run([sys.executable, "-c", _BY_OPENSIM, *map(str, paths)], cwd=tmp_path, capture_output=True, text=True, check=True)
    found = json.loads(answer.stdout.splitlines()[-1])
    for path in paths:
        lines = path.read_text(encoding="utf-8").splitlines()
        about, rows = found[str(path)]
        if path.suffix == ".mot":
            _, columns, wanted = read_mot(lines)
            assert about == columns[1:]
        else:
            header, names, all_of_it = read_trc(lines)
            wanted = all_of_it[:, [1, 2 + 3 * names.index("left_shoulder")]]
            assert about == float(header["DataRate"])
        np.testing.assert_allclose(np.array(rows).reshape(wanted.shape), wanted, atol=1e-6)
    assert len(found[str(tmp_path / "all.mot")][1]) == 1590


def test_pandas_reads_the_markers_as_sports2d_does(tmp_path: Path) -> None:
    """Names from the fourth line, numbers from the sixth on by their tabs, time in the second column."""
    pandas = pytest.importorskip("pandas")
    analysis, poses = with_gaps()
    path = tmp_path / "landmarks.trc"
    path.write_text("".join(f"{line}\n" for line in trc_lines(analysis, poses)), encoding="utf-8")
    names = [n for n in path.read_text(encoding="utf-8").splitlines()[3].split("\t")[2::3] if n.strip()]
    table = pandas.read_csv(path, sep="\t", skiprows=4)
    assert tuple(names) == LANDMARK_NAMES
    assert table.shape == (25, 2 + 3 * 33)
    assert not any(str(c).startswith("Unnamed") for c in table.columns[2:])
    assert table.iloc[:, 1].diff().dropna().to_numpy() == pytest.approx(0.2)
    assert table.iloc[0, 2 + 33] == pytest.approx(0.2)


# --- C3D


def read_c3d(tmp_path: Path, analysis: RecordingResult, poses: dict[float, Pose]) -> Any:
    """What ezc3d makes of ``motion.c3d``."""
    ezc3d = pytest.importorskip("ezc3d")
    path = tmp_path / "motion.c3d"
    with path.open("wb") as file:
        write_c3d(analysis, poses, file)
    assert path.stat().st_size % 512 == 0
    return ezc3d.c3d(str(path))


def test_c3d_has_landmarks_angles_and_events(tmp_path: Path) -> None:
    """Millimetres and degrees with their sd at even frames; what is unknown is invalid; events count from the first frame."""
    analysis, poses = with_gaps()
    found = read_c3d(tmp_path, analysis, poses)
    about = {group: {name: p["value"] for name, p in some.items() if name != "__METADATA__"} for group, some in found["parameters"].items()}
    points, residuals = found["data"]["points"], found["data"]["meta_points"]["residuals"][0]
    labels = about["POINT"]["LABELS"]
    assert labels == [*LANDMARK_NAMES, "trunk_flexion", "neck_flexion", "lateral_lean"]
    assert (about["POINT"]["UNITS"], about["POINT"]["RATE"][0], points.shape[2]) == (["mm"], 5.0, 25)
    assert about["POINT"]["ANGLES"] == labels[33:]
    assert about["RECORDING"]["START_S"][0] == pytest.approx(12.3)
    assert points[:3, 11, 0] == pytest.approx([200.0, 400.0, 100.0])
    assert points[:3, 34, 4] == pytest.approx([-8.0, 2.0, 0.0])
    valid = [*range(10), *range(20, 24)]
    assert np.flatnonzero(residuals[11] == 0).tolist() == valid
    assert np.flatnonzero(residuals[33] == 0).tolist() == [*valid, 24]
    assert (residuals[24] == -1).all()
    assert np.isnan(points[:3, 24]).all()
    assert about["EVENT"]["LABELS"] == ["flexed start", "flexed end"]
    assert pytest.approx(np.array([[0.0, 2.7], [1.0, 3.2]]), abs=1e-5) == np.array(about["EVENT"]["TIMES"]).T


@pytest.mark.parametrize("make", [nothing, single])
def test_c3d_of_almost_nothing(make: Callable[[], RecordingResult], tmp_path: Path) -> None:
    """Still a file, with as many frames as there are readings."""
    analysis = make()
    assert read_c3d(tmp_path, analysis, {})["data"]["points"].shape[2] == len(analysis.judged)


def test_c3d_of_more_events_than_a_list_holds(tmp_path: Path) -> None:
    """They go on in lists of their own; what no file can hold is left out."""
    episodes = [Episode(EpisodeKind.FLEXED, 10.0 * i, 10.0 * i + 5, 5.0) for i in range(2000)]
    events = read_c3d(tmp_path, analysis_of([judged_at(0.0, Posture.AWAY)], [], episodes), {})["parameters"]["EVENT"]
    assert int(events["USED"]["value"][0]) == 2040 == sum(len(p["value"]) for name, p in events.items() if name.startswith("LABELS"))
    assert np.array(events["TIMES2"]["value"])[:, 0] == pytest.approx([21.0, 15.0])


def test_c3d_of_more_frames_than_its_header_counts() -> None:
    """The header has as many as fit 16 bits; the file has all."""
    file = io.BytesIO()
    write_c3d(analysis_of([judged_at(0.2 * i, Posture.AWAY) for i in range(70_000)], []), {}, file)
    content = file.getvalue()
    points, first, last, block = (struct.unpack_from("<H", content, at)[0] for at in (2, 6, 8, 16))
    assert (points, first, last) == (33, 1, 65535)
    assert 0 <= len(content) - 512 * (block - 1) - 70_000 * 33 * 16 < 512


# --- NetCDF


def test_netcdf_is_a_poses_dataset_of_movement(tmp_path: Path) -> None:
    """Dimensions, variables and attributes as the package movement has them; pixels of the full picture; unseen is NaN."""
    xarray = pytest.importorskip("xarray")
    pytest.importorskip("h5netcdf")
    analysis, poses = with_gaps()
    with (tmp_path / "landmarks.nc").open("w+b") as file:
        write_netcdf(analysis, poses, file)
    with xarray.open_dataset(tmp_path / "landmarks.nc") as found:
        assert found["position"].dims == ("time", "space", "keypoints", "individuals")
        assert found["confidence"].dims == ("time", "keypoints", "individuals")
        assert (found.attrs["ds_type"], found.attrs["fps"], found.attrs["time_unit"]) == ("poses", 5.0, "seconds")
        assert found.attrs["source_software"] == "posture-monitor"
        assert tuple(found["keypoints"].values) == LANDMARK_NAMES
        assert found["time"].values == pytest.approx(12.3 + 0.2 * np.arange(25))
        shoulder = found["position"].sel(keypoints="left_shoulder", individuals="person")
        assert shoulder.isel(time=0).values == pytest.approx([640.0, 360.0])
        assert np.flatnonzero(shoulder.notnull().all("space")).tolist() == [*range(10), *range(20, 24)]
        assert found["position"].sel(keypoints="right_hip").isnull().all()
        assert float(found["confidence"].sel(keypoints="left_wrist").isel(time=0, individuals=0)) == pytest.approx(0.1)


def test_netcdf_has_pixels_of_the_whole_picture() -> None:
    """Where only a part of it was measured, landmarks still lie on the recording."""
    xarray = pytest.importorskip("xarray")
    pytest.importorskip("h5netcdf")
    analysis, poses = with_gaps()
    file = io.BytesIO()
    write_netcdf(replace(analysis, video=replace(analysis.video, crop_px=(640, 0, 200, 100))), poses, file)
    with xarray.open_dataset(file, engine="h5netcdf") as found:
        shoulder = found["position"].sel(keypoints="left_shoulder", individuals="person").isel(time=0)
        assert shoulder.values == pytest.approx([740.0, 50.0])


@pytest.mark.parametrize("make", [nothing, single])
def test_netcdf_of_almost_nothing(make: Callable[[], RecordingResult]) -> None:
    """An empty recording has its dimensions and names."""
    xarray = pytest.importorskip("xarray")
    pytest.importorskip("h5netcdf")
    file = io.BytesIO()
    write_netcdf(make(), {}, file)
    with xarray.open_dataset(file, engine="h5netcdf") as found:
        assert dict(found.sizes) == {"time": len(make().judged), "space": 2, "keypoints": 33, "individuals": 1}
        assert math.isnan(float(found["position"].sum(skipna=False))) or not make().judged
