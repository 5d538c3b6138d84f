"""The files for other programs: each is read back by a reader that keeps that program's rules."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree as ET

import av
import numpy as np
import pytest
from hypothesis import given, strategies as st
from test_reports import (
    CATALOGUE,
    HOSTILE,
    Page,
    analysis_of,
    everything,
    judged_at,
    nothing,
    pose_at,
    printed,
    rows_of,
    single,
    write_frames,
)

from posture.engine.recording import RecordingResult
from posture.ergonomics import TrunkBand, band_of
from posture.errors import PostureError
from posture.recordings.earlier_results import check_replaceable
from posture.reports import RENDERERS
from posture.reports.recording.annotate import H264, AnnotatedWriter, encoder, encoder_note
from posture.reports.recording.ergonomics import ergonomic_tables
from posture.reports.recording.formats.parquet import pyarrow
from posture.reports.recording.formats.subtitles import cues, srt, vtt
from posture.reports.recording.formats.table import FILES, Format, check, missing, needs_poses, write_formats
from posture.reports.recording.side_plot import SidePlot
from posture.reports.recording.timeline_svg import timeline_svg
from posture.types import Frame, Pose, Posture, Span

SVG = "{http://www.w3.org/2000/svg}"


def content(name: str, analysis: RecordingResult, poses: dict[float, Pose] | None = None) -> bytes:
    """The whole content of one file."""
    file = io.BytesIO()
    next(files[name] for files in FILES.values() if name in files)(analysis, CATALOGUE, poses or {}, file)
    return file.getvalue()


# --- Parquet


def test_parquet_is_the_table_with_types_and_units() -> None:
    """Same columns as the CSV; numbers, truth values and words have types; unseen is null; columns in degrees say so."""
    pq = pytest.importorskip("pyarrow.parquet")
    analysis = everything()
    table = pq.read_table(io.BytesIO(content("readings.parquet", analysis)))
    rows = rows_of(RENDERERS["readings.csv"](analysis, CATALOGUE))
    assert table.column_names == list(rows[0])
    assert table.num_rows == len(rows)
    assert str(table.schema.field("trunk_flexion_deg").type) == "double"
    assert str(table.schema.field("present").type) == "bool"
    assert table.schema.field("trunk_flexion_deg").metadata == {b"unit": b"degrees"}
    assert table.schema.metadata[b"video"] == b"desk.mp4"
    for got, text in zip(table.column("trunk_flexion_deg").to_pylist(), (r["trunk_flexion_deg"] for r in rows), strict=True):
        assert (got is None) == (text == "")
        assert got is None or got == pytest.approx(float(text), abs=0.0051)
    assert table.column("posture").to_pylist() == [r["posture"] for r in rows]
    episodes = pq.read_table(io.BytesIO(content("episodes.parquet", analysis)))
    assert episodes.column("prompt_id").to_pylist() == ["cat_cow", None]


@pytest.mark.parametrize("make", [nothing, single])
def test_parquet_of_almost_nothing(make: Callable[[], RecordingResult]) -> None:
    """An empty table still has its columns and types."""
    pq = pytest.importorskip("pyarrow.parquet")
    table = pq.read_table(io.BytesIO(content("readings.parquet", make())))
    assert table.num_rows == len(make().judged)
    assert str(table.schema.field("time_s").type) == "double"


def test_without_pyarrow_it_is_one_line_before_anything_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    """The line names the extra; other formats need nothing."""

    def missing(name: str) -> ModuleType:
        raise ModuleNotFoundError(f"No module named {name!r}")

    with pytest.raises(PostureError, match=r"pip install pyarrow") as caught:
        pyarrow(missing)
    assert "\n" not in str(caught.value)
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    with pytest.raises(PostureError, match="pyarrow"):
        check({Format.PARQUET})
    check(set(Format) - {Format.PARQUET})


# --- subtitles


def played(path: Path) -> list[tuple[float, float, str]]:
    """Start, end and text of every subtitle, as libav reads the file for its players."""
    out = []
    with av.open(str(path)) as container:
        stream = container.streams.subtitles[0]
        for packet in container.demux(stream):
            if packet.pts is None or packet.time_base is None:
                continue
            start = float(packet.pts * packet.time_base)
            out.append((start, start + float((packet.duration or 0) * packet.time_base), bytes(packet).decode("utf-8")))
    return out


@pytest.mark.parametrize("name", ["subtitles.srt", "subtitles.vtt"])
def test_subtitles_play(name: str, tmp_path: Path) -> None:
    """A player's reader finds every cue with its times, in order and without overlap, with posture and angles in words."""
    (tmp_path / name).write_bytes(content(name, everything()))
    found = played(tmp_path / name)
    wanted = cues(everything(), CATALOGUE)
    assert len(found) == len(wanted) > 100
    assert [a for a, _, _ in found] == pytest.approx([c.start_s for c in wanted], abs=0.001)
    assert [b for _, b, _ in found] == pytest.approx([c.end_s for c in wanted], abs=0.001)
    assert all(a[1] <= b[0] + 1e-6 for a, b in pairwise(found))
    at = {time: next(text for a, b, text in found if a <= time < b) for time in (60.0, 300.0, 722.0, 1500.0, 1750.0)}
    assert at[60.0].startswith("upright  trunk")
    assert "leaning or slumped  trunk 2" in at[300.0]
    assert "°±2" in at[300.0]
    assert "reminder 1: Cat-Cow on your chair" in at[722.0]
    assert at[1500.0].strip() == "away"
    assert at[1750.0].strip() == "not known: not clear who was seen"


def test_a_subtitle_ends_with_its_posture_and_stays_while_nothing_changes() -> None:
    """A change is shown at its own moment, within a second; away is one subtitle, however long."""
    judged = [judged_at(0.2 * i, Posture.FLEXED if i >= 7 else Posture.NEUTRAL, 30.0 if i >= 7 else 0.0) for i in range(10)]
    judged += [judged_at(2.0 + i, Posture.AWAY) for i in range(60)]
    spans = [Span(0.0, 1.4, Posture.NEUTRAL), Span(1.4, 2.0, Posture.FLEXED), Span(2.0, 62.0, Posture.AWAY)]
    found = cues(analysis_of(judged, spans), CATALOGUE)
    assert [c.end_s for c in found] == pytest.approx([1.4, 2.0, 62.0])
    assert [c.lines[0].split("  ")[0] for c in found] == ["upright", "leaning or slumped", "away"]


def test_markup_in_a_title_is_only_shown() -> None:
    """What a user's own catalogue says can neither style a subtitle nor end it."""
    bad = replace(CATALOGUE.prompts[1], title="<b>A & B</b>\n\n9\n00:00:00,000 --> 09:00:00,000")
    catalogue = replace(CATALOGUE, prompts=(bad, *CATALOGUE.prompts[2:]))
    for line in [*srt(everything(), catalogue), *vtt(everything(), catalogue)]:
        assert "<b>" not in line
        assert "\n" not in line


def test_nothing_measured_nothing_said() -> None:
    """Without a reading there is no subtitle, and the file is still one."""
    assert cues(nothing(), CATALOGUE) == []
    assert content("subtitles.vtt", nothing()) == b"WEBVTT\n\n"


# --- timeline.svg


@pytest.mark.parametrize("make", [nothing, single, everything, lambda: everything(HOSTILE)])
def test_the_drawing_is_whole_and_self_contained(make: Callable[[], RecordingResult]) -> None:
    """Well-formed SVG without scripts, addresses or CSS variables; every pattern that is used is there; text stays text."""
    data = timeline_svg(make(), CATALOGUE)
    root = ET.fromstring(data)
    assert root.tag == f"{SVG}svg"
    text = data.decode("utf-8")
    assert "var(" not in text
    assert "<script" not in text
    assert text.count("http") == 1  # the name space
    ids = {e.get("id") for e in root.iter() if e.get("id")}
    used = {part.split(")")[0] for part in text.split("url(#")[1:]}
    assert used <= ids
    words = " ".join(t for e in root.iter(f"{SVG}text") for t in e.itertext())
    assert "Trunk flexion" in words
    assert "not known" in words


# --- RULA and REBA bands


@given(st.floats(-90, 125))
def test_every_angle_has_one_band(deg: float) -> None:
    """The bands meet at -20, 20 and 60, and 20 is where flexed begins."""
    band = band_of(deg)
    assert (band is TrunkBand.EXTENDED) == (deg < -20)
    assert (band is TrunkBand.UPRIGHT) == (-20 <= deg < 20)
    assert (band is TrunkBand.FAR_BENT) == (deg > 60)


@given(st.lists(st.tuples(st.floats(0.05, 40), st.none() | st.floats(-40, 100)), min_size=1, max_size=40))
def test_bands_and_the_unmeasured_make_up_the_time_that_somebody_was_there(parts: list[tuple[float, float | None]]) -> None:
    """Seconds of the bands and of what was not measured add up; a reading stands for max_gap_s at most."""
    judged, at = [], 0.0
    for length, deg in parts:
        posture = Posture.UNKNOWN if deg is None else Posture.NEUTRAL
        judged.append(judged_at(at, posture, deg or 0.0, "unclear"))
        at += length
    bands = ergonomic_tables(analysis_of(judged, [Span(0.0, at, Posture.NEUTRAL)])).bands
    assert bands.measured_s + bands.unmeasured_s == pytest.approx(at)
    wanted = sum(min(length, 12.0) for length, deg in parts if deg is not None and band_of(deg) is TrunkBand.BENT)
    assert bands.seconds[TrunkBand.BENT] == pytest.approx(wanted)


def test_the_bands_are_in_summary_terminal_and_page() -> None:
    """All three say them, and that they are no score."""
    analysis = everything()
    told = json.loads(RENDERERS["summary.json"](analysis, CATALOGUE))["trunk_bands"]
    assert told["seconds"] == {"extended_over_20": 0.0, "up_to_20": 270.0, "from_20_to_60": 1320.0, "over_60": 0.0}
    assert told["share"]["from_20_to_60"] == pytest.approx(1320 / 1590, abs=0.001)
    assert (told["measured_s"], told["unmeasured_s"]) == (1590.0, 90.0)
    assert "not a RULA or REBA score" in told["about"]
    assert "Trunk, in RULA and REBA bands (no score; 95 % range): 0–20° 17 %, 20–60° 83 %, > 60° 0 %" in " ".join(printed(analysis).split())  # noqa: RUF001
    page = Page(RENDERERS["report.html"](analysis, CATALOGUE).decode())
    assert page.open == []
    assert "A RULA or REBA score also includes twist" in page.text
    assert "RULA" not in Page(RENDERERS["report.html"](nothing(), CATALOGUE).decode()).text


# --- annotated video


def test_the_side_plot_stands_beside_the_picture(tmp_path: Path) -> None:
    """The video is wider by the plot, of the same height, and the line through the moment moves on."""
    path = tmp_path / "annotated.mp4"
    with AnnotatedWriter(path, 320, 240, analysis=everything()) as writer:
        write_frames(writer, [0.0, 60.0, 100.0], (320, 240))
    with av.open(str(path)) as container:
        frames = [f.to_ndarray(format="rgb24") for f in container.decode(video=0)]
    assert frames[0].shape[0] == 240
    assert frames[0].shape[1] > 320 + 100
    plots = [f[:, 320:].astype(int) for f in frames]
    assert np.abs(plots[0] - plots[2]).max() > 60


def test_beside_a_tiny_picture_there_is_no_plot(tmp_path: Path) -> None:
    """Nothing could be read on it."""
    path = tmp_path / "annotated.mp4"
    with AnnotatedWriter(path, 160, 120, analysis=everything()) as writer:
        write_frames(writer, [0.0, 1.0])
    with av.open(str(path)) as container:
        assert container.streams.video[0].width == 160


@pytest.mark.parametrize("make", [nothing, single, everything])
@pytest.mark.parametrize("height", [180, 480, 1080])
def test_the_plot_of_anything(make: Callable[[], RecordingResult], height: int) -> None:
    """Full, empty or a single frame, at any height: a picture of the stated size with something on it."""
    plot = SidePlot(make(), height)
    for time_s in (0.0, 700.0, 1799.0):
        for posture in (Posture.FLEXED, Posture.AWAY):
            drawn = plot.at(judged_at(time_s, posture, 20.0))
            assert drawn.shape == (height, plot.width, 3)
            assert (drawn != drawn[0, 0]).any()


def test_without_h264_it_is_another_encoder_and_said(tmp_path: Path) -> None:
    """The best encoder of H.264 that is there; none at all is told in one line, and the video is still one."""
    assert encoder({"mpeg4", "libopenh264", "libx264"}) == "libx264"
    assert encoder({"mpeg4", "h264_mf"}) == "h264_mf"
    assert encoder({"mpeg4"}) == "mpeg4"
    assert encoder_note({"mpeg4", H264[-1]}) is None
    assert "no H.264" in (encoder_note({"mpeg4"}) or "")
    path = tmp_path / "annotated.mp4"
    with AnnotatedWriter(path, 320, 240, analysis=everything(), available={"mpeg4"}) as writer:
        writer.write(Frame(0.0, np.full((240, 320, 3), 90, np.uint8)), pose_at(0.0, 320, 240), judged_at(0.0, Posture.NEUTRAL), {}, 600.0)
        write_frames(writer, [1.0, 2.0], (320, 240))
    with av.open(str(path)) as container:
        assert container.streams.video[0].codec_context.name == "mpeg4"
        assert len(list(container.decode(video=0))) == 3


# --- every format


def test_every_format_is_written_whole_and_the_same_twice(tmp_path: Path) -> None:
    """All files of all formats, nothing temporary, the same bytes again; only those of the formats that were asked for."""
    pytest.importorskip("pyarrow")
    pytest.importorskip("h5netcdf")
    analysis, poses = everything(), {0.0: pose_at(0.0, 100, 100)}
    paths = write_formats(set(Format), analysis, poses, tmp_path / "a", CATALOGUE)
    assert [p.name for p in paths] == [name for files in FILES.values() for name in files]
    assert sorted(paths) == sorted((tmp_path / "a").iterdir())
    again = write_formats(set(Format), analysis, poses, tmp_path / "b", CATALOGUE)
    assert [p.read_bytes() for p in paths] == [p.read_bytes() for p in again]
    assert [p.name for p in write_formats({Format.SRT}, analysis, {}, tmp_path / "c", CATALOGUE)] == ["subtitles.srt"]
    assert [f for f in Format if needs_poses({f})] == [Format.TRC, Format.C3D, Format.NETCDF]


@pytest.mark.parametrize("wanted", Format)
def test_a_format_that_cannot_be_written_is_one_plain_line(wanted: Format, tmp_path: Path) -> None:
    """A folder in the place of the file is a PostureError that names it; nothing temporary stays."""
    if lacking := missing(wanted):
        pytest.skip(lacking)
    name = next(iter(FILES[wanted]))
    (tmp_path / name / "x").mkdir(parents=True)
    with pytest.raises(PostureError, match=name.replace(".", r"\.")):
        write_formats({wanted}, single(), {}, tmp_path, CATALOGUE)
    assert not list(tmp_path.glob(".*"))


# --- results that are there already


def test_results_of_another_recording_are_not_replaced(tmp_path: Path) -> None:
    """Those of the same recording are; those of another, a user's own file, and any where the recording comes only once are not."""
    video = everything().video
    names = ["summary.json", "readings.csv"]
    check_replaceable(tmp_path / "none", names, video)
    check_replaceable(tmp_path, names, None)
    (tmp_path / "notes.txt").write_text("mine")
    check_replaceable(tmp_path, names, video)
    (tmp_path / "readings.csv").write_text("mine")
    with pytest.raises(PostureError, match="that may not be of this recording"):
        check_replaceable(tmp_path, names, video)
    (tmp_path / "summary.json").write_bytes(RENDERERS["summary.json"](everything(), CATALOGUE))
    check_replaceable(tmp_path, names, video)
    check_replaceable(tmp_path, names, replace(video, duration_s=None))
    for other in (replace(video, name="x.mp4"), replace(video, duration_s=50.0), replace(video, width=10)):
        with pytest.raises(PostureError, match="another recording"):
            check_replaceable(tmp_path, names, other)
    with pytest.raises(PostureError, match="comes only once"):
        check_replaceable(tmp_path, names, None)
