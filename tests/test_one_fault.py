"""What goes wrong with one recording is that one's: one plain line that names it, the others done, the table written, exit 1."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import media
import people
import pytest
from conftest import SAMPLES
from jobs import answer_of, job_of, table

import posture
from posture._support.processes import ProcessEnd, describe_ends
from posture.capture.video_file import VideoFile
from posture.cli import analyze_console
from posture.cli.app import run
from posture.errors import InputError, PostureError
from posture.recordings import distribution, inputs
from posture.recordings.faults import fault_of
from posture.recordings.local_pool import TRIES, LocalPool
from posture.recordings.parts import Task
from posture.reports.archive import table as archive

SIDE = SAMPLES / "side_mixed_male1.mp4"
LONG = ("x" * 250 + ".mp4", "\N{CJK UNIFIED IDEOGRAPH-80CC}" * 83 + ".mp4")
"""254 and 253 bytes: such files can be, their folders of results cannot."""


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A second of somebody who sits, small."""
    return people.changed(SIDE, tmp_path_factory.mktemp("clip") / "a.mp4", people.resized(320, 240), end_s=1.0)


@pytest.fixture
def clips(clip: Path, home: Path, model_file: Path) -> Path:
    """Two recordings."""
    folder = home / "clips"
    folder.mkdir()
    for name in ("a.mp4", "b.mp4"):
        shutil.copy(clip, folder / name)
    return folder


def landmarks(folder: Path) -> tuple[str, str]:
    """Options by which copies of one recording are measured once."""
    return "--cache-dir", str(folder.parent / "landmarks")


def analyze(folder: Path, out: Path, *more: str) -> int:
    """Run the command over a folder."""
    return run(["analyze", str(folder), "--out", str(out), *more])


def command(*argv: str, first: Path | None = None, **environ: str) -> subprocess.CompletedProcess[str]:
    """The program as a process of its own; it and all that it starts find the modules of `first` before any other."""
    path = os.pathsep.join(p for p in (str(first or ""), os.environ.get("PYTHONPATH", "")) if p)
    env = {**os.environ, "PYTHONPATH": path, **environ}
    return subprocess.run([sys.executable, "-m", "posture", *argv], env=env, capture_output=True, text=True, check=False, timeout=300)


def one_line_of(err: str, name: str) -> str:
    """The one line of stderr that tells of a recording, before the list of all that failed."""
    assert "Traceback" not in err, err
    (line,) = [text for text in err.split("recordings failed:", maxsplit=1)[0].splitlines() if name in text]
    return line


# --- names


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_name_that_leaves_no_room_for_the_results(jobs: str, clips: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Letters, or signs of three bytes: the others are analysed, and what is complete is known the next time; a program is told as well."""
    (clips / "b.mp4").rename(clips / LONG[0])
    shutil.copy(clips / "a.mp4", clips / LONG[1])
    out = clips.parent / "out"
    assert analyze(clips, out, "--jobs", jobs) == 1
    err = capfd.readouterr().err
    for name in LONG:
        assert one_line_of(err, name).endswith(
            f"{name.removesuffix('.mp4')}.posture: cannot be used as output folder: its name is too long"
        )
    assert {n: r["status"] for n, r in table(out).items()} == {"a.mp4": "complete", **dict.fromkeys(LONG, "error")}
    assert analyze(clips, out, "--jobs", jobs, "--resume", "--json") == 1
    found = json.loads(capfd.readouterr().out)
    assert ["error" in entry for entry in found] == [False, True, True]
    assert found[0]["complete"] is True


def test_names_that_cannot_be_looked_at_are_errors_of_their_own(clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a list, as a pattern, as an address; and a folder in a folder that may not be read."""
    (tmp_path / "in" / "closed").mkdir(parents=True)
    shutil.copy(clip, tmp_path / "in" / "b.mp4")
    listed = tmp_path / "list.txt"
    listed.write_text("\n".join(("y" * 300 + ".mp4", "http://[::1", "nul\0.mp4", "in")), encoding="utf-8")
    scandir: Callable[[Any], Any] = os.scandir

    def refused(path: Any) -> Any:
        if str(path).endswith("closed"):
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refused)
    found = inputs.gather([f"@{listed}"])
    assert [(r.path.name[-9:], r.error) for r in found] == [
        ("yyyyy.mp4", "cannot be checked: File name too long"),
        ("[::1", "is not a valid address (Invalid IPv6 URL)"),
        ("nul\0.mp4", None),
        ("b.mp4", None),
        ("closed", "the folder cannot be read: Permission denied"),
    ]


# --- anything that is raised


FAULTS: dict[str, tuple[Exception, str]] = {
    "disk.mp4": (OSError(errno.EIO, "Input/output error", "/dev/x"), "Input/output error: /dev/x"),
    "text.mp4": (
        UnicodeEncodeError("utf-8", "\udce9", 0, 1, "not allowed"),
        "a name or text in it can't be written as UTF-8 (not allowed)",
    ),
    "bug.mp4": (KeyError("unforeseen"), "a bug in this program: KeyError: 'unforeseen' ("),
    "memory.mp4": (MemoryError(), "not enough memory to analyse it; try fewer --jobs"),
    "library.mp4": (ImportError("libGL.so.1: cannot open shared object file"), "the system library libGL.so is missing"),
    "known.mp4": (PostureError("the database is locked"), "the database is locked"),
}


@pytest.mark.parametrize("jobs", ["1", pytest.param("2", marks=pytest.mark.soak)])
def test_whatever_storing_one_raises(
    jobs: str, clips: Path, one_process: None, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line each, their results are there, and so are the others'; the table says it too."""
    for name in FAULTS:
        shutil.copy(clips / "a.mp4", clips / name)

    def enter(_result: object, video: Path, *_more: object) -> None:
        if video.name in FAULTS:
            raise FAULTS[video.name][0]

    for command in ("analyze_here", "analyze_shared"):
        monkeypatch.setattr(f"posture.cli.{command}.enter", enter)
    out = clips.parent / "out"
    assert analyze(clips, out, "--jobs", jobs, *landmarks(clips)) == 1
    err, rows = capfd.readouterr().err, table(out)
    assert {n: r["status"] for n, r in rows.items()} == {"a.mp4": "complete", "b.mp4": "complete", **dict.fromkeys(FAULTS, "error")}
    for name, (_, words) in FAULTS.items():
        assert one_line_of(err, name).startswith(f"posture: {clips / name}: {words}")
        assert words in rows[name]["error"]
        assert (out / name.replace("mp4", "posture") / "report.html").is_file()


PATCHES = """
import os, sys
def patch(home, name, faults):
    real = getattr(home, name)
    def patched(first, *more, **named):
        exec(faults.get((getattr(first, "facts", None) or first.video).name, ""))
        return real(first, *more, **named)
    setattr(home, name, patched)
if any("posture" in word or "multiprocessing.spawn" in word for word in sys.orig_argv):
    from posture import reports
    from posture.recordings import analysis, local_pool
    patch(reports, "write_all", {"page.mp4": "raise ZeroDivisionError('in the page')"})
    patch(analysis, "analyze_measured", {"figure.mp4": "{}[1]"})
    patch(local_pool, "measure", {
        "worker.mp4": "raise ValueError('in' + chr(10) + 'the worker')", "native.mp4": "os.abort()", "memory.mp4": "raise MemoryError",
    })
"""
"""Mistakes of the program for some recordings, in every process that it has."""
TIMES = "(320 \N{MULTIPLICATION SIGN} 240): the process that measured it"


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.parametrize("jobs", [pytest.param("1", marks=pytest.mark.soak), "2"])
def test_a_mistake_in_analysing_one(jobs: str, clips: Path) -> None:
    """In its report, its figures or its measuring, natively too: one line each, and the others are done."""
    words = {
        "page.mp4": ": a bug in this program: ZeroDivisionError: in the page (",
        "figure.mp4": ": a bug in this program: KeyError: 1 (",
        "worker.mp4": ": a bug in this program: ValueError: in the worker (",
        "native.mp4": f" {TIMES} was ended by SIGABRT, 3 times",
        "memory.mp4": f" {TIMES} ran out of memory, 3 times",
    }
    for name in words:
        shutil.copy(clips / "a.mp4", clips / name)
    (clips.parent / "sitecustomize.py").write_text(PATCHES, encoding="utf-8")
    out = clips.parent / "out"
    ran = command("analyze", str(clips), "--out", str(out), "--jobs", jobs, first=clips.parent)
    assert ran.returncode == 1, ran.stderr
    rows = table(out)
    assert {n: r["status"] for n, r in rows.items()} == {"a.mp4": "complete", "b.mp4": "complete", **dict.fromkeys(words, "error")}
    for name, line in words.items():
        assert one_line_of(ran.stderr, name).startswith(f"posture: {clips / name}{line}")
        assert line in rows[name]["error"]


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_figure_or_a_line_that_cannot_be_made(
    jobs: str, clips: Path, one_process: None, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The row of one, or what a program is told of it."""
    real = archive.figures_of

    def figures(analysis: Any) -> dict[str, Any]:
        if analysis.video.name == "b.mp4":
            raise OverflowError
        return real(analysis)

    monkeypatch.setattr("posture.cli.analyze_many.figures_of", figures)
    out = clips.parent / "out"
    assert analyze(clips, out, "--jobs", jobs, *landmarks(clips)) == 1
    assert "OverflowError (analyze_many.py, line " in one_line_of(capfd.readouterr().err, "b.mp4: a bug")
    assert {n: r["status"] for n, r in table(out).items()} == {"a.mp4": "complete", "b.mp4": "error"}
    monkeypatch.setattr("posture.cli.analyze_many.figures_of", real)
    as_dict = analyze_console.as_dict
    monkeypatch.setattr(analyze_console, "as_dict", lambda a, c: as_dict(a, c) | ({"x": 1 / 0} if a.video.name == "b.mp4" else {}))
    assert analyze(clips, out, "--jobs", jobs, "--json", *landmarks(clips)) == 1
    assert [e.get("error", "").partition(" (")[0].rpartition("/")[2] for e in json.loads(capfd.readouterr().out)] == [
        "",
        "b.mp4: a bug in this program: ZeroDivisionError: division by zero",
    ]


def test_a_work_item_that_cannot_be_sent_or_an_answer_that_makes_no_sense(model_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where several are analysed side by side: the end of that recording, with its name."""
    videos = [Path("/nowhere/a.mp4"), Path("/nowhere/b.mp4"), Path("/nowhere/c.mp4")]
    ask = distribution._Processes.ask

    def asked(pool: distribution._Processes, item: Any, *more: Any) -> Any:
        if item["video"].endswith("b.mp4"):
            return ask(pool, {**item, "about": lambda: None}, *more)
        future = ask(pool, item, *more)
        if item["video"].endswith("c.mp4"):
            monkeypatch.setattr(future, "result", Path)
        return future

    monkeypatch.setattr(distribution._Processes, "ask", asked)
    errors = {r.number: str(r.error) for r in distribution.analyze_in_processes(videos, job_of(model_file), frozenset(), 1)}
    assert "sees no file /nowhere/a.mp4" in errors[0]
    assert errors[1].startswith("b.mp4: a bug in this program: ")
    assert errors[2].startswith("c.mp4: a bug in this program: ")


def test_one_line_whatever_is_raised() -> None:
    """No line break, no dump, and what is meant for the user already stays as it is."""
    assert str(fault_of(ValueError("a\nb" + "9" * 9999), "c.mp4")).startswith("c.mp4: a bug in this program: ValueError: a b999")
    assert len(str(fault_of(ValueError("9" * 9999), "c.mp4"))) < 300
    known = InputError("c.mp4: is empty")
    assert fault_of(known, "d.mp4") is known
    assert str(fault_of(OSError(errno.ENOMEM, "Cannot allocate memory"), "c.mp4")).startswith("c.mp4: not enough memory")


# --- processes that end


CHANNEL = """
import gc, os, signal
from pebble.pool.channel import WorkerChannel
gc.unfreeze()
_channel = next(one for one in gc.get_objects() if isinstance(one, WorkerChannel))
import time
time.sleep(0.3)
"""
"""By which a process of the pool gives its answers; a moment later, as the pool may hear of an end before it hears of the begin."""


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")  # where an answer makes no sense
@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("os.abort()", "was ended by SIGABRT, 3 times"),
        ("os.kill(os.getpid(), signal.SIGSEGV)", "was ended by SIGSEGV, 3 times"),
        ("os.kill(os.getpid(), signal.SIGKILL)", "was ended by SIGKILL, 3 times (the system does this when memory runs out)"),
        ("raise MemoryError", "ran out of memory, 3 times"),
        ("os.write(2, b'terminate: std::bad_alloc'); os.abort()", "was ended by SIGABRT, 3 times (it ran out of memory)"),
        ("os._exit(9)", "ended by itself 3 times, with exit code 9"),
        ("_channel.writer.send_bytes(b'nonsense'); import time; time.sleep(60)", "gave answers that make no sense, 3 times"),
    ],
)
def test_how_a_worker_ended_is_told_as_it_was(command: str, words: str, tmp_path: Path) -> None:
    """With the file and the size of its pictures; of memory only where the process or the system spoke of it."""
    task = Task(tmp_path / "clip.mp4", tmp_path, 5.0, size=(404, 720))
    lost: list[None] = []
    with LocalPool(1) as pool, pytest.raises(PostureError) as caught:
        answer_of(pool, pool.submit(exec, CHANNEL + command, {}, name=task.label, lost=lambda: lost.append(None)))
    assert len(lost) == TRIES - 1
    assert str(caught.value) == f"clip.mp4 (404 \N{MULTIPLICATION SIGN} 720): the process that measured it {words}"


def test_ends_in_words() -> None:
    """Signals that have no name, crashes on Windows (signed or not), and several ways one after the other."""
    assert ProcessEnd(0xC0000005).words() == "crashed (access violation, 0xC0000005)"
    assert ProcessEnd(0xC0000005 - (1 << 32)).words(3) == "crashed (access violation, 0xC0000005), 3 times"
    assert ProcessEnd(0xC0000ABC).words() == "crashed (0xC0000ABC)"
    assert ProcessEnd(3).words() == "ended with an error (3)"
    if sys.platform != "win32":
        assert ProcessEnd(-63).words() == "was ended by signal 63"
        assert describe_ends([ProcessEnd(-6), ProcessEnd(-6), ProcessEnd(-9)]) == (
            "was ended by SIGABRT, 2 times and was ended by SIGKILL (the system does this when memory runs out)"
        )


# --- files that break off


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_file_that_breaks_off_is_partial_everywhere(
    jobs: str, clip: Path, home: Path, model_file: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """In the table, the report over it, its own page and summary, and on the terminal; --resume does nothing while the file is the same."""
    folder, out = home / "clips", home / "out"
    folder.mkdir()
    shutil.copy(clip, folder / "a.mp4")
    whole = people.changed(SIDE, home / "whole.mkv", people.resized(320, 240), end_s=8.0)
    with VideoFile(whole) as source:
        announced_s = source.duration_s
    cut = media.cut(Path(shutil.copy(whole, folder / "cut.mkv")), 0.5)
    assert analyze(folder, out, "--jobs", jobs) == 0
    (line,) = [text for text in capfd.readouterr().out.splitlines() if text.startswith("cut.mkv: ")]
    row = table(out)["cut.mkv"]
    assert (row["status"], row["partial_because"], row["error"]) == ("partial", "truncated", "")
    assert table(out)["a.mp4"]["status"] == "complete"
    assert 2.0 < float(row["analysed_s"]) <= float(row["duration_s"]) < 7.0
    words = f"the file breaks off at {float(row['duration_s']):.1f} s of {announced_s:.1f} s"
    assert line.startswith(f"cut.mkv: partial ({words}), ")
    results = out / "cut.posture"
    summary = json.loads((results / "summary.json").read_text(encoding="utf-8"))
    assert (summary["complete"], summary["partial"], summary["video"]["truncated"]) == (False, words, True)
    assert f"Partial: {words}." in (results / "report.html").read_text(encoding="utf-8")
    assert run(["report", str(out)]) == 0
    said = capfd.readouterr().out
    assert "2 recordings: 1 complete, 1 partial" in said
    assert "(partial)" in said
    assert f"cut.mkv: partial: {words}" in " ".join(said.split())
    page = (out / "archive.html").read_text(encoding="utf-8")
    assert f"<td>partial: {words}</td>" in page
    assert "cut.mkv</a> (partial)" in page
    before = (results / "summary.json").stat().st_mtime_ns
    assert analyze(folder, out, "--jobs", jobs, "--resume") == 0
    assert "2 of 2 recordings are already complete, 1 of them only as far as the file goes" in capfd.readouterr().out
    assert (results / "summary.json").stat().st_mtime_ns == before
    shutil.copy(whole, cut)
    assert analyze(folder, out, "--jobs", jobs, "--resume") == 0
    row = table(out)["cut.mkv"]
    assert (row["status"], row["partial_because"]) == ("complete", "")
    assert float(row["analysed_s"]) == pytest.approx(announced_s, abs=0.3)


def test_one_file_that_breaks_off_says_so_at_the_top(
    clip: Path, home: Path, model_file: Path, one_process: None, capfd: pytest.CaptureFixture[str]
) -> None:
    """Once; and the part that was asked for is complete if it lies before."""
    cut = media.cut(people.changed(SIDE, home / "cut.mkv", people.resized(320, 240), end_s=8.0), 0.5)
    assert run(["analyze", str(cut), "--out", str(home / "o")]) == 0
    said = capfd.readouterr().out
    assert any(line.startswith("Partial: the file breaks off at ") for line in said.splitlines()[2:5])
    assert said.count("breaks off") == 1
    assert run(["analyze", str(cut), "--out", str(home / "p"), "--end", "2"]) == 0
    assert "breaks off" not in capfd.readouterr().out
    assert json.loads((home / "p" / "summary.json").read_text(encoding="utf-8"))["complete"] is True


# --- OpenCV

STUBS = {
    "empty": "",
    "without VideoCapture": "def imdecode(): pass\n__version__ = '4.0'\n",
    "that fails": "raise AttributeError('partially initialized module')\n",
}
HOLLOW = """
import sys
from importlib.machinery import ModuleSpec
class Hollow:
    def find_spec(self, name, path=None, target=None):
        if name == "cv2":
            spec = ModuleSpec(name, None, is_package=True)
            spec.submodule_search_locations = [{folder!r}]
            return spec
sys.meta_path.insert(0, Hollow())
"""
"""What is left of cv2 when a wheel took its files away: a folder without ``__init__.py``."""


@pytest.mark.parametrize("kind", [*STUBS, "folder"])
def test_a_broken_opencv_is_one_line_and_doctor_says_how_to_mend_it(kind: str, home: Path, tmp_path: Path, model_file: Path) -> None:
    """Whatever is left of it: what needs it names doctor, what does not need it works, doctor names the wheel."""
    first = tmp_path / "first"
    (first / "cv2").mkdir(parents=True)
    if kind == "folder":
        (first / "sitecustomize.py").write_text(HOLLOW.format(folder=str(first / "cv2")), encoding="utf-8")
    else:
        (first / "cv2" / "__init__.py").write_text(STUBS[kind], encoding="utf-8")
    ran = command("doctor", "--json", first=first)
    assert ran.returncode == 1, ran.stderr
    check = next(c for c in json.loads(ran.stdout) if c["name"] == "opencv-python")
    assert check["state"] == "broken"
    assert str(first / "cv2") in check["found"] or kind == "that fails"
    assert "pip install --force-reinstall --no-deps opencv-python" in check["mend"]
    shows = [["preview", "--camera", "0"], ["calibrate", "--camera", "0"], ["watch", "--camera", "0", "--no-setup", "--no-tray"]]
    for argv in [*shows, ["analyze", str(SIDE), "--end", "1", "--annotate", "--out", str(home / "o")]]:
        if kind != "folder" and argv[0] != "preview":
            continue  # every command on one kind, every kind with one command
        ran = command(*argv, first=first)
        assert ran.returncode == 1
        (line,) = ran.stderr.splitlines()
        assert line.startswith("posture: OpenCV ")
        assert line.endswith("; posture doctor says how to fix it")
    if kind == "folder":
        ran = command("cameras", first=first)
        assert (ran.returncode, ran.stderr) == (0, "")


def test_wheels_that_overwrite_each_other_are_a_note(home: Path, tmp_path: Path) -> None:
    """With the commands that leave one of them."""
    for wheel in ("opencv_contrib_python", "opencv_python_headless"):
        info = tmp_path / f"{wheel}-4.11.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {wheel.replace('_', '-')}\nVersion: 4.11.0\n", encoding="utf-8")
    ran = command("doctor", "--json", first=tmp_path)
    check = next(c for c in json.loads(ran.stdout) if c["name"] == "opencv wheels")
    assert check["state"] == "note"
    assert check["found"].startswith("opencv-contrib-python 4.11.0, opencv-python-headless 4.11.0 beside opencv-python ")
    assert check["mend"] == (
        "pip uninstall -y opencv-contrib-python opencv-python-headless; pip install --force-reinstall --no-deps opencv-python"
    )


def test_no_other_place_loads_opencv() -> None:
    """One function does, so that no command has a traceback of its own."""
    source = Path(posture.__file__).parent
    found = [p.name for p in source.rglob("*.py") if "import cv2" in p.read_text(encoding="utf-8")]
    assert found == []
