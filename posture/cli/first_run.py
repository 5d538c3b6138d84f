"""The first run in the terminal: the pages and questions of ``posture.monitor.first_run``, with preview and calibration."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from rich.padding import Padding
from rich.prompt import Confirm, Prompt
from rich.text import Text

from posture.capture import CameraInfo, Listing, find, is_stream, list_cameras
from posture.cli import calibrate, preview
from posture.cli.console import out, say
from posture.errors import PostureError
from posture.monitor import first_run, keep_camera
from posture.settings import Settings
from posture.storage import Store

_T = TypeVar("_T")
Calibration = Callable[[calibrate.CalibrateOptions], int]
"""Calibrates; 0 if it was saved."""


class Asker:
    """Asks the person at the terminal."""

    def go_on(self) -> None:
        """Wait for Enter."""
        Prompt.ask("[dim]Press Enter to continue[/dim]", console=out, default="", show_default=False)

    def camera(self, default: str) -> str:
        """Ask for a number, a name or an address."""
        return Prompt.ask("Which camera?", console=out, default=default or None) or ""

    def yes(self, question: str) -> bool:
        """Ask with yes as the default."""
        return Confirm.ask(question, console=out, default=True)


def run(
    settings: Settings,
    model: Path,
    *,
    ask: Asker | None = None,
    cameras: Listing = list_cameras,
    preview_with: Callable[[Settings, Path, str], None] = preview.run,
    calibrate_with: Calibration = calibrate.run,
) -> str | None:
    """Go through the four steps; Ctrl-C before the last answer asks all of them again next time.

    Args:
        settings: the user's.
        model: the pose model's file.
        ask: asks; the terminal by default.
        cameras: which cameras there are.
        preview_with: shows the live picture of a camera.
        calibrate_with: takes a calibration.

    Returns:
        The camera that was chosen, for ``watch``; ``None`` if none was.

    Raises:
        KeyboardInterrupt: Ctrl-C.
        StoreError: the database cannot be written.
    """
    ask = ask or Asker()
    there = list(cameras())
    what, privacy, placing, calibration = first_run.pages(there)
    for page in (what, privacy):
        _print_page(page)
        ask.go_on()
    _print_page(placing)
    camera = _camera(ask, there)
    if camera is not None and is_stream(camera):
        say(first_run.STREAM)
    if camera is not None and ask.yes("See what it measures first? (Ctrl-C ends it)"):
        _tried(lambda: preview_with(settings, model, camera))
    _print_page(calibration)
    if not (camera is not None and _calibrated(settings, model, camera, ask, calibrate_with)):
        say(first_run.SKIPPED)
    with Store.open() as store:
        if camera is not None and not is_stream(camera):
            keep_camera(store, camera, find(camera, there).info)
        first_run.done(store)
    return camera


def _camera(ask: Asker, there: list[CameraInfo]) -> str | None:
    """Ask for a camera until the answer fits; ``None`` for none."""
    while True:
        answer = ask.camera(first_run.default_camera(there)).strip()
        if not answer:
            return None
        if first_run.camera_fits(answer, there):
            return answer
        say(f"{answer!r} is not one of them: type a camera's number, or a stream address.")


def _calibrated(
    settings: Settings, model: Path, camera: str, ask: Asker, calibrate_with: Callable[[calibrate.CalibrateOptions], int]
) -> bool:
    if not ask.yes("Calibrate now?"):
        return False
    failed = 0
    while True:
        result = _tried(lambda: calibrate_with(calibrate.CalibrateOptions(settings, model, camera)))
        if result in (0, calibrate.WITHOUT):
            return result == 0
        failed += 1
        if ask.yes(f"That didn't work {failed} times. Go on without a calibration?") if failed > 1 else not ask.yes("Try again?"):
            return False


def _tried(action: Callable[[], _T]) -> _T | None:
    """Return the result of `action`; print an error, such as of a missing camera, and go on with ``None``."""
    try:
        return action()
    except PostureError as error:
        say(str(error))
        return None


def _print_page(page: first_run.Page) -> None:
    say(f"\n{page.title}", "bold")
    for line in page.lines:
        if out.is_terminal:
            out.print(Padding(Text(line), (0, 0, 0, 2), expand=False))
        else:
            say(f"  {line}")
