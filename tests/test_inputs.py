"""What is to be analysed: every way to name recordings, and reading what comes only once."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import people
import pytest
from conftest import SAMPLES
from found_once import FoundOnce
from media import every, number_of, write_video
from mjpeg import MjpegCamera

from posture.capture.stream import Streamed
from posture.capture.video_file import VideoFile
from posture.cli.app import run
from posture.errors import InputError
from posture.pose.person_tracker import Choice, main_person
from posture.recordings.inputs import InputFile, InputKind, gather, output_folders
from posture.time_parsing import length_s

SIDE = SAMPLES / "side_mixed_male1.mp4"


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of recordings in sub-folders, with what is none between them; the current folder."""
    for name in ("b.mp4", "a.MOV", "sub/c.mkv", "sub/deep/a.mp4", ".hidden/x.mp4", "a.posture/annotated.mp4", "notes.txt", ".y.mp4",
                 "out/annotated.mp4", "out/summary.json", "sub/annotated.mp4"):  # fmt: skip
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"x")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def names(found: Sequence[InputFile]) -> list[str]:
    """Their labels, with / on every system."""
    return [r.label.replace(os.sep, "/") for r in found]


# --- naming


def test_a_folder_is_searched_to_its_depths(archive: Path) -> None:
    """Videos of any spelling, in order; nothing hidden, no results of this program, nothing else."""
    assert names(gather(["."])) == ["a.MOV", "b.mp4", "sub/annotated.mp4", "sub/c.mkv", "sub/deep/a.mp4"]


def test_a_pattern_finds_and_a_file_of_that_name_goes_before(archive: Path) -> None:
    """``*`` and ``**`` are understood where the shell did not; brackets in the name of an existing file are a name."""
    assert names(gather(["*.mp4"])) == ["b.mp4"]
    assert names(gather(["**/*.mp4"])) == ["b.mp4", "sub/annotated.mp4", "sub/deep/a.mp4"]
    assert names(gather([str(archive / "sub" / "*.mk?")])) == [str(archive / "sub" / "c.mkv").replace(os.sep, "/")]
    (archive / "take[1].mp4").write_bytes(b"x")
    assert names(gather(["take[1].mp4"])) == ["take[1].mp4"]


def test_a_list_names_recordings_from_its_own_folder(archive: Path) -> None:
    """Lines, comments, a byte order mark; folders and patterns in it; by @FILE and by --list."""
    (archive / "sub" / "list.txt").write_text("\ufeff# wanted\nc.mkv\n\n  deep \nhttp://127.0.0.1/x\n", encoding="utf-8")
    wanted = ["sub/c.mkv", "sub/deep/a.mp4", "http://127.0.0.1/x"]
    assert names(gather(["@sub/list.txt"])) == wanted
    assert names(gather([], [Path("sub/list.txt")])) == wanted
    (archive / "@b.mp4").write_bytes(b"x")
    assert names(gather(["@b.mp4"])) == ["@b.mp4"]
    with pytest.raises(InputError, match=r"none\.txt: the list can't be read"):
        gather(["@none.txt"])


def test_each_recording_is_there_once(archive: Path) -> None:
    """A file that is named in several ways is analysed once, where it was named first; a pipe cannot come twice."""
    assert names(gather(["b.mp4", ".", str(archive / "b.mp4")]))[:2] == ["b.mp4", "a.MOV"]
    assert len(gather(["b.mp4", ".", str(archive / "b.mp4")])) == 5
    with pytest.raises(InputError, match="named twice"):
        gather(["-", "-"])


def test_what_is_wrong_with_one_is_kept_for_its_turn(archive: Path) -> None:
    """A missing file, an empty folder and a pattern without a match are recordings with an error, or fail when they are opened."""
    (archive / "empty").mkdir()
    found = gather(["empty", "*.webm", "gone.mp4", "b.mp4"])
    assert [r.error for r in found] == ["there is no video in this folder", "no file matches", None, None]


def test_a_streams_password_is_never_shown() -> None:
    """Neither in its label nor in the folder of its results."""
    (stream,) = gather(["rtsp://me:secret@cam.local:554/live/1?token=abc"])
    assert (stream.kind, stream.label, stream.path) == (InputKind.STREAM, "rtsp://cam.local:554/live/1", Path("cam.local-554-live-1"))
    assert not stream.repeatable


def test_results_keep_the_folders_of_the_recordings(archive: Path) -> None:
    """One that was named goes to DIR itself; what was searched keeps its folders below DIR, so that equal names do not meet."""
    out = Path("out")
    assert output_folders(gather(["b.mp4"]), out) == [out]
    assert output_folders(gather(["sub/deep"]), out) == [out / "a.posture"]
    assert output_folders(gather(["."]), out)[-2:] == [out / "sub/c.posture", out / "sub/deep/a.posture"]
    assert output_folders(gather(["**/a.mp4", "**/*.MOV"]), out) == [out / "sub/deep/a.posture", out / "a.posture"]
    assert output_folders(gather(["sub/c.mkv", "-", "http://h/x"]), None) == [
        Path("sub/c.posture"),
        Path("stdin.posture"),
        Path("h-x.posture"),
    ]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("10m", 600.0), ("90s", 90.0), ("90", 90.0), ("1h30m", 5400.0), ("1:30", 90.0), ("2 min", 120.0), ("0.5h", 1800.0)],
)
def test_lengths_as_people_write_them(text: str, wanted: float) -> None:
    """Hours, minutes and seconds by letter, or as a clock shows them."""
    assert length_s(text) == wanted


# --- reading what comes once


class Pipe:
    """Bytes that can be read forward alone, a few at a time."""

    def __init__(self, data: bytes) -> None:
        self._file = io.BytesIO(data)

    def read(self, size: int = -1, /) -> bytes:
        return self._file.read(min(size, 1000) if size > 0 else 1000)


@pytest.mark.parametrize("ending", ["mkv", "ts"])
def test_a_pipe_gives_the_frames_of_the_file(ending: str, tmp_path: Path) -> None:
    """The same frames at the same times as of the file by its name, and its length is known at the end."""
    file = write_video(tmp_path / f"a.{ending}", every(25.0, 4.0))
    with VideoFile(file, 5.0) as source:
        wanted = [(f.time_s, number_of(f.image)) for f in source]
    with Streamed("-", Pipe(file.read_bytes()), 5.0) as piped:
        assert piped.duration_s is None
        found = [(f.time_s, number_of(f.image)) for f in piped]
    assert [n for _, n in found] == [n for _, n in wanted]
    assert [t for t, _ in found] == pytest.approx([t for t, _ in wanted], abs=1e-6)
    assert piped.duration_s == pytest.approx(4.0, abs=0.05)
    assert piped.facts.problem is None


def test_a_part_of_a_pipe(tmp_path: Path) -> None:
    """Start and end are times since the first picture."""
    file = write_video(tmp_path / "a.mkv", every(25.0, 4.0))
    with Streamed("-", Pipe(file.read_bytes()), 5.0, 1.0, 2.0) as piped:
        times = [f.time_s for f in piped]
    assert times == pytest.approx([1.0, 1.2, 1.4, 1.6, 1.8], abs=1e-3)


def test_what_cannot_come_through_a_pipe_is_one_line(tmp_path: Path) -> None:
    """Nothing, no video, and an MP4 with its index at the end, with what to do; a play list opens nothing."""
    mp4 = write_video(tmp_path / "a.mp4", every(25.0, 2.0)).read_bytes()
    playlist = f"ffconcat version 1.0\nfile {tmp_path / 'a.mp4'}\n".encode()
    for data, said in ((b"", "nothing came"), (b"hello", "cannot be read from a pipe"), (mp4, "Matroska"), (playlist, "cannot be read")):
        with pytest.raises(InputError, match=said) as caught, Streamed("stdin", Pipe(data)):
            pass
        assert "\n" not in str(caught.value)
        assert str(caught.value).startswith("stdin: ")


def test_ctrl_c_is_heard_while_nothing_comes() -> None:
    """A pipe that stays open and silent holds nobody."""
    reading, writing = os.pipe()
    pressed = threading.Event()
    threading.Timer(0.5, pressed.set).start()
    with os.fdopen(reading, "rb") as file, os.fdopen(writing, "wb"), pytest.raises((InputError, KeyboardInterrupt)):  # noqa: SIM117
        with Streamed("stdin", file, stopped=pressed.is_set):
            pass


def test_a_stream_that_is_not_there_is_one_line() -> None:
    """Refused connections are told with the address, without its password."""
    with pytest.raises(InputError, match=r"^http://127\.0\.0\.1:9/x: cannot be opened") as caught:
        Streamed("http://127.0.0.1:9/x", "http://me:secret@127.0.0.1:9/x").__enter__()
    assert "secret" not in str(caught.value)


def test_a_camera_over_http_is_measured_by_the_clock() -> None:
    """Motion JPEG carries no times: its frames are stamped as they come, and the reading ends when it was told to."""
    with MjpegCamera(SIDE, fps=20.0) as camera, Streamed(camera.url, camera.url, 5.0, None, 2.0) as source:
        times = [f.time_s for f in source]
    assert times[0] == 0.0
    assert 1.6 <= times[-1] < 2.0
    assert 8 <= len(times) <= 11


# --- the command


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """One second of a sitting person."""
    return people.changed(SIDE, tmp_path / "me.mp4", people.resized(320, 240), end_s=1.0)


@pytest.fixture
def quick(home: Path, kept_landmarks: Path, one_process: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """A home of the test's own, in which it works."""
    monkeypatch.chdir(tmp_path)
    yield tmp_path


def test_a_batch_goes_on_and_ends_with_a_line_for_each_failure(quick: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A folder, a list and a missing file: the good ones are analysed, each bad one has its line at the end, the exit code is 1."""
    folder = quick / "rec"
    (folder / "sub").mkdir(parents=True)
    (folder / "bad.mp4").write_text("no video", encoding="utf-8")
    shutil.copy(SIDE, folder / "sub" / "me.mp4")
    (quick / "list.txt").write_text("gone.mp4\nnothing*.mp4\n", encoding="utf-8")
    assert run(["analyze", "rec", "@list.txt", "--cache", "--jobs", "1", "--out", "out", "--format", "srt"]) == 1
    assert (quick / "out" / "sub" / "me.posture" / "subtitles.srt").is_file()
    said = capfd.readouterr().err
    assert "3 of 4 recordings failed:" in said
    end = [line.strip() for line in said.split("recordings failed:")[1].strip().splitlines()]
    assert [line.split(":")[0].replace(os.sep, "/") for line in end] == ["rec/bad.mp4", "gone.mp4", "nothing*.mp4"]
    assert "Traceback" not in said


def test_a_video_piped_in(quick: Path, clip: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    """``-`` reads a video from stdin; its results lie in stdin.posture of the current folder and are not replaced unasked."""
    data = write_mkv(clip)
    command = [sys.executable, "-m", "posture", "analyze", "-", "--json"]
    first = subprocess.run(command, input=data, capture_output=True, check=False, cwd=quick)
    assert first.returncode == 0, first.stderr.decode()
    (told,) = json.loads(first.stdout)
    assert (told["video"]["name"], told["readings"], told["complete"]) == ("stdin", 5, True)
    assert (quick / "stdin.posture" / "report.html").is_file()
    for options, code in (([], 1), (["--overwrite"], 0)):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))
        assert run([*command[3:], *options]) == code
    assert "--overwrite" in capfd.readouterr().err


def write_mkv(clip: Path) -> bytes:
    """The clip as Matroska, which needs no going back."""
    import av  # noqa: PLC0415

    out = io.BytesIO()
    with av.open(str(clip)) as source, av.open(out, "w", format="matroska") as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                target.mux(packet)
    return out.getvalue()


def test_a_stream_for_a_while(quick: Path, model_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``--for`` ends a stream that has no end; what was measured is a whole recording. Landmarks cost nothing here: it is about time."""
    monkeypatch.setattr("posture.pose.finder.Landmarker", FoundOnce(people.frames_of(SIDE, end_s=0.1), model_file).landmarker)
    with MjpegCamera(SIDE, fps=10.0) as camera:
        assert run(["analyze", camera.url, "--for", "3s", "--out", "out", "--format", "vtt,svg"]) == 0
    told = json.loads((quick / "out" / "summary.json").read_text(encoding="utf-8"))
    assert told["complete"] is True
    assert 2.5 <= told["total_s"] <= 3.3
    assert told["readings"] >= 8
    assert {"subtitles.vtt", "timeline.svg"} <= {p.name for p in (quick / "out").iterdir()}


def test_results_of_another_recording_stay(quick: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A second recording into the same folder is refused in one line before it is measured; with --overwrite it is not."""
    base = ["analyze", "--cache", "--out", "out"]
    shutil.copy(SIDE, "me.mp4")
    assert run([*base, "me.mp4"]) == 0
    assert run([*base, "me.mp4"]) == 0
    other = SAMPLES / "side_tilt_female1.mp4"
    assert run([*base, str(other)]) == 1
    assert "another recording (me.mp4)" in capfd.readouterr().err
    assert run([*base, str(other), "--overwrite"]) == 0


def test_landmarks_of_a_real_recording_stand_upright(quick: Path, clip: Path) -> None:
    """In the .trc of a seated person the shoulders are about half a metre above the hips."""
    from test_formats_motion import read_trc  # noqa: PLC0415

    assert run(["analyze", "me.mp4", "--out", "out", "--format", "trc,mot", "--person", "largest"]) == 0
    _, marks, rows = read_trc((quick / "out" / "landmarks.trc").read_text(encoding="utf-8").splitlines())
    up = rows[:, 2 + 3 * marks.index("right_shoulder") + 1]
    found = ~np.isnan(up)
    assert ((up[found] > 0.35) & (up[found] < 0.7)).all()
    with (quick / "out" / "readings.csv").open(newline="", encoding="utf-8") as file:
        anew = [float(r["time_s"]) for r in csv.DictReader(file) if r["held"] == "0"]
    assert rows[found, 1] == pytest.approx(anew, abs=0.1)
    assert np.diff(rows[:, 1]) == pytest.approx(0.2, abs=1e-5)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["x.mp4", "--format", "doc"], "'doc': expected some of parquet, trc, mot, c3d, netcdf, eaf, boris, srt, vtt, svg"),
        (["x.mp4", "--for", "soon"], "is not a length of time"),
        (["x.mp4", "--for", "0m"], "is too short"),
        (["x.mp4", "--for", "5m", "--end", "9"], "can't be combined with --end"),
        (["x.mp4", "--person", "tallest"], "tallest"),
        (["-", "--annotate"], "can be read only once"),
        (["http://127.0.0.1/x", "--annotate"], "can be read only once"),
        ([], "no recording"),
    ],
)
def test_wrong_use_is_one_line(words: list[str], said: str, home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Exit code 2 and one line that says what was expected, before anything is loaded."""
    assert run(["analyze", *words]) == 2
    line = capfd.readouterr().err.strip()
    assert said in line
    assert "\n" not in line


# --- several people


def test_whom_to_measure_at_the_start() -> None:
    """Largest by what is in the picture, nearest by scale, first by the network's order, main by size and place."""
    from skeleton import Camera, pose_of, sitting  # noqa: PLC0415

    middle = pose_of(sitting(), Camera(distance_m=2.4))
    edge = pose_of(sitting(), Camera(distance_m=1.6, shift_m=1.0))
    far = pose_of(sitting(), Camera(distance_m=3.5, shift_m=-0.6))
    everybody = [far, middle, edge]
    assert main_person(everybody) is middle
    assert main_person(everybody, Choice.NEAREST) is edge
    assert main_person(everybody, Choice.FIRST) is far
    assert main_person(everybody, Choice.LARGEST) in (middle, edge)
    assert main_person([middle, far], Choice.LARGEST) is middle
