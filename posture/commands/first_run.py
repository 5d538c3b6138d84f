"""The first run in the terminal: says and asks what ``posture.first_run`` has; the calibration is that of ``posture calibrate``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol, TypeVar

from rich.console import Console
from rich.prompt import Confirm, Prompt

from posture import first_run
from posture.commands import calibrate, preview
from posture.commands.common import out
from posture.model import PostureError
from posture.settings import Settings
from posture.sources.names import CameraInfo, Listing, find, is_stream, list_cameras

_T = TypeVar("_T")


class Asker(Protocol):
    """Asks the person at the terminal."""

    def go_on(self) -> None:
        """Wait until the page was read."""

    def camera(self, default: str) -> str:
        """Which camera."""

    def yes(self, question: str) -> bool:
        """A question; yes unless the person says no."""


class TerminalAsker:
    """Asks with Rich."""

    def __init__(self, console: Console = out) -> None:
        """On `console`."""
        self._console = console

    def go_on(self) -> None:
        """Enter."""
        Prompt.ask("[dim]Enter to go on[/dim]", console=self._console, default="", show_default=False)

    def camera(self, default: str) -> str:
        """A number, a name or an address."""
        return Prompt.ask("Which camera", console=self._console, default=default or None) or ""

    def yes(self, question: str) -> bool:
        """Yes or no."""
        return Confirm.ask(question, console=self._console, default=True)


def run(
    settings: Settings,
    model: Path,
    *,
    ask: Asker | None = None,
    cameras: Listing = list_cameras,
    look: Callable[[Settings, Path, str], None] = preview.look,
    take: Callable[[calibrate.Wish], int] = calibrate.run,
) -> str | None:
    """The four steps. They count as gone through once the last question was answered; Ctrl-C before that asks all again next time.

    Args:
        settings: the user's.
        model: the pose model's file.
        ask: asks; the terminal by default.
        cameras: which cameras there are.
        look: shows the live picture of a camera.
        take: takes a calibration.

    Returns:
        The camera that was chosen, for ``watch``; ``None`` if none was.

    Raises:
        KeyboardInterrupt: Ctrl-C.
        StoreError: the database cannot be written.
    """
    from posture.camera_choice import keep_camera  # noqa: PLC0415 # the database is opened by who answers, not with the help
    from posture.store import Store  # noqa: PLC0415

    ask = ask or TerminalAsker()
    there = list(cameras())
    what, privacy, placing, calibration = first_run.pages(there)
    for page in (what, privacy):
        _tell(page)
        ask.go_on()
    _tell(placing)
    camera = _camera(ask, there)
    if camera is not None and is_stream(camera):
        out.print(first_run.STREAM, markup=False, soft_wrap=True)
    if camera is not None and ask.yes("Look at the picture first? (q closes it)"):
        _tried(lambda: look(settings, model, camera))
    _tell(calibration)
    if not (camera is not None and _calibrated(settings, model, camera, ask, take)):
        out.print(first_run.SKIPPED, markup=False, soft_wrap=True)
    with Store.open() as store:
        if camera is not None and not is_stream(camera):
            keep_camera(store, camera, find(camera, there).info)
        first_run.done(store)
    return camera


def _camera(ask: Asker, there: list[CameraInfo]) -> str | None:
    """The camera that the person names; ``None`` for none."""
    while True:
        answer = ask.camera(first_run.default_camera(there)).strip()
        if not answer:
            return None
        if first_run.camera_fits(answer, there):
            return answer
        out.print(f"{answer!r} is none of them: write its number, or the address of a stream.", markup=False, soft_wrap=True)


def _calibrated(settings: Settings, model: Path, camera: str, ask: Asker, take: Callable[[calibrate.Wish], int]) -> bool:
    question = "Calibrate now?"
    while ask.yes(question):
        if _tried(lambda: take(calibrate.Wish(settings, model, camera))) == 0:
            return True
        question = "Once more?"
    return False


def _tried(do: Callable[[], _T]) -> _T | None:
    """What `do` gives; a camera that cannot be had is said, and does not end the first run."""
    try:
        return do()
    except PostureError as error:
        out.print(str(error), markup=False, soft_wrap=True)
        return None


def _tell(page: first_run.Page) -> None:
    out.print(f"\n{page.title}", style="bold", markup=False)
    for line in page.lines:
        out.print(f"  {line}", markup=False, soft_wrap=True)
