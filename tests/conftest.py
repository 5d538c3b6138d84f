"""What all tests share: their kinds, the end of what they start, the pose model, the sample clips, a home of the test's own."""

from __future__ import annotations

import compileall
import itertools
import os
import re
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import reaper
from _pytest.mark.expression import Expression
from hypothesis import settings

from posture.pose import weights

settings.register_profile("steady", deadline=None, max_examples=50)  # machines are noisy: how long an example takes says nothing here
settings.register_profile("thorough", settings.get_profile("steady"), max_examples=500)
settings.load_profile("steady")

ROOT = Path(__file__).resolve().parents[1]
SAMPLES = ROOT / "sample_videos"
KINDS = {
    "desktop": ("desktop/",),
    "fault": ("faults/",),
    "fuzz": ("fuzz/",),
    "realtime": (
        *("desktop/", "faults/", "fuzz/test_video_fuzz", "test_camera", "test_cluster", "test_control", "test_crew", "test_instance"),
        *("test_live.py", "test_rtsp", "test_security_sockets", "test_no_socket", "test_streams"),
        *("window/test_guided", "window/test_live", "window/test_screen", "window/test_story"),
    ),
}
"""Marks of the tests of a folder or file. ``realtime``: they start programs and wait for what these announce."""
NOT_REALTIME = ("desktop/test_day_pages", "desktop/test_pages", "desktop/test_tray_looks")
LONGEST = (
    *("test_analyze", "test_same_rules", "test_one_fault", "test_segments", "test_contract", "test_wheel", "test_replay", "test_settings"),
    *("test_library", "test_values_fuzz", "test_tutorial", "test_day_pages", "test_odd_sizes", "test_still", "test_exchange", "test_fit"),
    *("test_sample_videos", "test_inputs", "test_day_laws", "test_archive", "test_repeat_run"),
    *("test_cluster", "test_crew", "test_grep_day", "test_damage", "test_parts", "test_disk", "test_replaced", "test_memory"),
    *("test_video_fuzz", "test_restore", "test_soak", "test_terminal_live", "test_rtsp", "test_indicator", "test_monitor_desktop"),
    *("test_kills", "test_guided", "test_upgrades", "test_live", "test_streams", "test_screen", "test_story", "test_real_monitor"),
    *("test_whole_story", "test_camera_faults", "test_security_sockets", "test_years", "test_camera", "test_no_socket"),
)
"""Files that take ten seconds and more: of those that are not realtime and of those that are, the longest first."""
SOAK = (
    "tests/desktop/test_day_pages.py::test_axe_finds_nothing[around the clock]",
    "tests/desktop/test_day_pages.py::test_axe_finds_nothing[blank]",
    "tests/desktop/test_day_pages.py::test_axe_finds_nothing[busy]",
    "tests/desktop/test_day_pages.py::test_axe_finds_nothing[crowded]",
    "tests/desktop/test_day_pages.py::test_axe_finds_nothing[month",
    "tests/desktop/test_day_pages.py::test_axe_finds_nothing[trend]",
    "tests/desktop/test_day_pages.py::test_axe_finds_nothing[week]",
    "tests/desktop/test_day_pages.py::test_axe_finds_nothing[year]",
    "tests/desktop/test_day_pages.py::test_page_is_one_sheet[crowded week]",
    "tests/desktop/test_day_pages.py::test_page_is_one_sheet[month: night week]",
    "tests/desktop/test_tray.py::test_each_state_has_its_icon_in_the_panel[trayer",
    "tests/desktop/test_tray.py::test_the_icon_comes_back_with_its_panel[trayer]",
    "tests/faults/test_damage.py::test_damage_in_mid_session[flipped-no backup]",
    "tests/faults/test_damage.py::test_damage_in_mid_session[no database-a backup]",
    "tests/faults/test_damage.py::test_damage_in_mid_session[truncated-a backup]",
    "tests/faults/test_damage.py::test_damage_in_mid_session[zeros-no backup]",
    "tests/faults/test_disk.py::test_what_only_reads_works_where_nothing_can_be_written[-whole]",
    "tests/faults/test_disk.py::test_what_only_reads_works_where_nothing_can_be_written[full-no index]",
    "tests/test_crew.py::test_a_long_recording_is_shared",
    "tests/test_crew.py::test_with_two_people",
    "tests/test_fit.py::test_no_day_moves_the_camera",
    "tests/test_live_measurement.py::test_few_looks_give_the_postures_of_many[diag",
    "tests/test_odd_sizes.py::test_a_camera_of_any_size_is_watched[(854, 480)]",
    "tests/test_odd_sizes.py::test_a_file_of_any_size_is_measured[(404, 720)]",
    "tests/test_odd_sizes.py::test_a_file_of_any_size_is_measured[(426, 240)]",
    "tests/test_odd_sizes.py::test_a_file_of_any_size_is_measured[(478, 478)]",
    "tests/test_odd_sizes.py::test_a_file_of_any_size_is_measured[(638, 480)]",
    "tests/test_odd_sizes.py::test_a_file_of_any_size_is_measured[(886, 1920)]",
    "tests/test_one_fault.py::test_a_broken_opencv_is_one_line_and_doctor_says_how_to_mend_it[empty]",
    "tests/test_one_fault.py::test_a_broken_opencv_is_one_line_and_doctor_says_how_to_mend_it[without VideoCapture]",
    "tests/test_one_fault.py::test_a_figure_or_a_line_that_cannot_be_made[2]",
    "tests/test_one_fault.py::test_a_file_that_breaks_off_is_partial_everywhere[1]",
    "tests/test_one_fault.py::test_a_name_that_leaves_no_room_for_the_results[1]",
    "tests/test_one_fault.py::test_how_a_worker_ended_is_told_as_it_was[os.kill(os.getpid(), signal.SIGSEGV)",
    "tests/test_same_rules.py::test_a_picture_on_its_side_is_said_and_not_measured[3-270]",
    "tests/test_segments.py::test_a_killed_worker",
    "tests/test_segments.py::test_a_movement_is_looked_at_at_once",
    "tests/test_segments.py::test_parts_are_nearly",
    "tests/test_segments.py::test_somebody_walking_by",
    "tests/test_segments.py::test_the_bar_goes",
    "tests/window/test_days.py::test_nothing_is_wider_than_a_phone[dark]",
    "tests/window/test_settings.py::test_little_room_and_names_for_every_control[dark]",
)
"""Dear cases, by the start of their ids, whose kind has a cheaper one in the ordinary run (``test_crew.py`` kills workers, too)."""
RERUN = {
    "tests/window/test_guided.py::": "eight looks a second while somebody exercises",
    "tests/window/test_live.py::test_a_calibration_in_the_window": "a hold of 5 s has looks enough",
    "tests/faults/test_camera_faults.py::test_a_hundred_and_twenty": "five pictures a second, an eighth of a second old",
    "tests/faults/test_kills.py::test_kills_of_the_real_monitor": "a kill loses 10 s at most",
    "tests/faults/test_soak.py::test_a_minute_in_real_time": "changes of posture are dated within 2 s",
}
"""Tests that are tried again where they fail: what they hold is a promise in seconds, which a machine that stands still breaks as well.

The start of the test's id, and the promise. The summary names each that was tried again."""

signal.signal(signal.SIGINT, signal.default_int_handler)  # a parent such as nohup may have it ignored, and children inherit that
sys.dont_write_bytecode = False  # rewriting the asserts of all tests takes each worker ten seconds
_reaper: subprocess.Popen[bytes] | None = None
_tried_again: dict[str, int] = {}


def pytest_configure(config: pytest.Config) -> None:
    """Compile once what hundreds of programs load; mark what this run starts, and have what is left of it ended in the end."""
    global _reaper  # noqa: PLW0603
    if hasattr(config, "workerinput") or not Path("/proc/self/environ").exists():
        return
    compileall.compile_dir(ROOT / "posture", quiet=2)
    os.environ[reaper.NAME] = mark = uuid.uuid4().hex
    own = {k: v for k, v in os.environ.items() if k != reaper.NAME}
    _reaper = subprocess.Popen([sys.executable, reaper.__file__, mark], stdin=subprocess.PIPE, env=own, start_new_session=True)


def pytest_keyboard_interrupt() -> None:
    """Hand a Ctrl-C that this process alone has got on to the workers, which would go on to the end of their tests."""
    if _reaper is not None:
        for pid in reaper.marked(os.environ[reaper.NAME]):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGINT)


def pytest_unconfigure() -> None:
    """End the reaper by the closing of its pipe."""
    if _reaper is not None and _reaper.stdin is not None:
        _reaper.stdin.close()
        _reaper.wait()


def kinds_of(path: Path) -> set[str]:
    """The kinds of all tests of a file."""
    place = path.relative_to(ROOT / "tests").as_posix()
    kinds = {kind for kind, places in KINDS.items() if place.startswith(places)}
    return kinds - {"realtime"} if place.startswith(NOT_REALTIME) else kinds


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out a file none of whose tests can have the marks that are asked for: loading all files takes a worker ten seconds."""
    asked: str = config.option.markexpr
    if not asked or not collection_path.match("test_*.py"):
        return None
    kinds = kinds_of(collection_path)
    open_names = sorted(set(re.findall(r"\w+", asked)) - {*KINDS, "and", "or", "not"})

    def given(has: tuple[bool, ...]) -> bool:
        """Whether a test of these kinds is wanted that has some of the other marks."""
        others = dict(zip(open_names, has, strict=True))
        return Expression.compile(asked).evaluate(lambda name, /, **_: others.get(name, name in kinds))

    return None if any(map(given, itertools.product((False, True), repeat=len(open_names)))) else True


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give each test the marks of its kind. The longest files go first, so that no worker is left with one of them at the end."""
    items.sort(key=lambda item: LONGEST.index(item.path.stem) if item.path.stem in LONGEST else len(LONGEST))
    for item in items:
        for kind in sorted(kinds_of(item.path)):
            item.add_marker(kind)
        if item.nodeid.startswith(SOAK):
            item.add_marker(pytest.mark.soak)
        if item.nodeid.startswith(tuple(RERUN)):
            item.add_marker(pytest.mark.flaky(reruns=2, reruns_delay=2))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Count what was tried again."""
    if report.outcome == "rerun":
        _tried_again[report.nodeid] = _tried_again.get(report.nodeid, 0) + 1


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name each test that was tried again, with its reason."""
    if _tried_again:
        terminalreporter.section("tried again")
    for test, times in _tried_again.items():
        reason = next((why for start, why in RERUN.items() if test.startswith(start)), "not in the table")
        terminalreporter.line(f"{test}: {times} times; {reason}")


@pytest.fixture(scope="session")
def model_file() -> Path:
    """The verified full model, fetched if need be, as on a user's first run."""
    return weights.resolve("full")


@pytest.fixture(scope="session")
def landmark_cache(model_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache of landmarks that has those of the sample clips; one for all workers of a run."""
    from kept import cache_at  # noqa: PLC0415 # loads what analyses

    base = tmp_path_factory.getbasetemp()
    return cache_at((base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base) / "landmarks", model_file)


@pytest.fixture
def kept_landmarks(landmark_cache: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """That cache as the user's own: ``posture analyze --cache`` looks there, and measures what is not in it."""
    monkeypatch.setenv("POSTURE_LANDMARK_DIR", str(landmark_cache))
    return landmark_cache


@pytest.fixture(scope="session", autouse=True)
def _finders() -> Iterator[None]:
    """Close in time what `measure` keeps in a process: MediaPipe can hang when it is closed at the very end."""
    yield
    if (parts := sys.modules.get("posture.recordings.parts")) is not None:
        while parts._finders:
            parts._finders.popitem()[1].close()


@pytest.fixture
def one_process(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Measure here and paint no timeline, where a test is about neither the processes nor the picture; `processes` is stronger."""
    from jobs import in_one_process, unpainted  # noqa: PLC0415 # loads what analyses

    if "processes" not in request.fixturenames:
        in_one_process(monkeypatch)
        unpainted(monkeypatch)


@pytest.fixture
def processes() -> None:
    """Measure in processes of their own and paint the timeline, as for the user, in a file whose other tests do not."""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Settings and database of the test's own, so that a developer's own day is never touched."""
    monkeypatch.setenv("POSTURE_CONFIG", str(tmp_path / "config.toml"))
    monkeypatch.setenv("POSTURE_DATA_DIR", str(tmp_path / "data"))
    return tmp_path
