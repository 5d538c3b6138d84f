"""``posture watch``: the live monitor, with notifications of the desktop or in the terminal."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.status import Status

from posture.commands.common import ConfigOption, SetOption, catalogue_of, model_file, out, settings_of
from posture.commands.tray import DesktopOpener
from posture.model import ConfigError, PostureError
from posture.schema import DamagedError, default_path
from posture.settings import Settings

if TYPE_CHECKING:
    from posture.desktop.notices import Notice
    from posture.desktop.notifications import Choice
    from posture.monitor import Now
    from posture.watching import Over, Wish

_REDRAW_HZ = 2.0
"""Of the status line; a livelier one costs more than the measurement."""
CHOICES: tuple[Choice, ...] = ("auto", "desktop", "terminal", "none")


def register(app: typer.Typer) -> None:
    """Add the command."""
    examples = "Examples:  posture watch   ·   posture watch --camera 'HD Webcam' --profile desk   ·   posture watch --notify terminal"
    app.command("watch", epilog=examples)(watch)


def watch(
    camera: Annotated[
        str | None,
        typer.Option("--camera", metavar="INDEX|NAME|URL", help="Which camera; posture cameras lists them. Default: that of last time."),
    ] = None,
    profile: Annotated[
        str | None,
        typer.Option("--profile", metavar="NAME", help="Saved calibration to use. Default: the newest of this camera."),
    ] = None,
    notify: Annotated[
        str | None,
        typer.Option("--notify", metavar="|".join(CHOICES), help="Where prompts are shown. Default: the desktop, where it can."),
    ] = None,
    model: Annotated[str | None, typer.Option("--model", metavar="NAME|FILE", help="lite, full, heavy or a .task file.")] = None,
    config: ConfigOption = None,
    set_: SetOption = None,
    no_store: Annotated[bool, typer.Option("--no-store", help="Do not enter this session into your day.")] = False,
    no_tray: Annotated[bool, typer.Option("--no-tray", help="Show no icon in the tray.")] = False,
    no_setup: Annotated[bool, typer.Option("--no-setup", help="Skip the questions of the first run.")] = False,
) -> None:
    """Watch your posture through a camera until Ctrl-C (or: posture stop), and show a prompt when one is due.

    No picture is kept, and none leaves this machine. In another terminal: posture status, pause, resume, stop, calibrate, preview.
    """
    if camera is not None and not camera.strip():
        raise typer.BadParameter("name a camera; posture cameras lists them", param_hint="--camera")
    settings = settings_of(config, set_)
    choice = _choice(notify, settings)
    catalogue = catalogue_of(settings)
    from posture.sources.capture import prepare  # noqa: PLC0415 # loads NumPy
    from posture.watching import Wish  # noqa: PLC0415 # loads MediaPipe

    prepare()

    name = model or settings.measure.model
    file = model_file(name)
    if not no_setup and out.is_terminal and sys.stdin.isatty():
        camera = _first_run(settings, file) or camera
    patient = not sys.stdin.isatty()  # nobody is there to mend it: at login the camera may come later
    wish = Wish(settings, catalogue, file, name, camera, profile, choice, not no_store, patient)
    ended: list[Over] = []
    with TerminalFace(settings) as face:
        _live(wish, face, ended.append, tray=settings.watch.tray and not no_tray, file=config, sets=set_ or ())
    for over in ended:
        prompts = f"{over.prompts} prompt{'' if over.prompts == 1 else 's'}"
        out.print(f"stopped after {_clock(over.length_s)}, {prompts}; your day: posture today", markup=False)


def _live(wish: Wish, face: TerminalFace, done: Callable[[Over], None], *, tray: bool, file: Path | None, sets: Sequence[str]) -> None:
    """Run the session, with an icon in the tray if `tray`, until it is to end; `done` is told how it was.

    `file` and `sets`: as they were typed, for what the tray starts.
    """
    from posture.desktop.tray import Tray  # noqa: PLC0415
    from posture.desktop.tray_menu import Exercises, TrayState  # noqa: PLC0415
    from posture.face import Faces  # noqa: PLC0415
    from posture.session import Mode  # noqa: PLC0415
    from posture.tray_session import Actions, TrayFace, run  # noqa: PLC0415
    from posture.watching import Ask, Screen, watch  # noqa: PLC0415

    stopping = threading.Event()
    _on_signals(stopping.set)
    if not tray:
        done(watch(wish, Screen(face, face.notice, face.page), stopping.is_set))
        return
    asks: list[Ask] = []
    opener = DesktopOpener(wish.settings, default_path().parent / "logs", face.say, file=file, sets=sets)

    def ask(what: str, values: Mapping[str, Any]) -> None:
        for one in asks:
            one(what, values)

    icon = Tray(
        Actions(ask, opener, stopping.set),
        TrayState(Mode.OPENING.value, soft_s=wish.settings.dose.soft_s),
        Exercises.of(wish.catalogue),
        face.say,
    )
    _on_signals(stopping.set, icon.stop)
    faces = Faces([face, TrayFace(icon, wish.settings.dose.soft_s)])
    screen = Screen(faces, face.notice, face.page, asks.append)
    run(icon, lambda: done(watch(wish, screen, stopping.is_set)), stopping.set, face.say)


def _on_signals(*stops: Callable[[], None]) -> None:
    """A log-out ends the session as Ctrl-C does, and nothing is cut off in the middle."""

    def stop(_number: int, _frame: object) -> None:
        for one in stops:
            one()

    for name in ("SIGINT", "SIGTERM", "SIGHUP"):  # the last: its terminal was closed; Windows has none
        if (number := getattr(signal, name, None)) is not None:
            signal.signal(number, stop)


def _first_run(settings: Settings, model: Path) -> str | None:
    """Go through the four steps if nobody has yet; the camera that was chosen."""
    from posture import first_run  # noqa: PLC0415
    from posture.commands import first_run as steps  # noqa: PLC0415
    from posture.store import Store  # noqa: PLC0415

    try:
        with Store.open() as store:
            needed = first_run.needed(store)
    except DamagedError:  # whoever has a damaged database had one; the session sets it aside
        needed = False
    try:
        return steps.run(settings, model) if needed else None
    except EOFError:  # Ctrl-D
        raise KeyboardInterrupt from None


class TerminalFace:
    """A live session in the terminal: a status line where it is one, and a line for everything that happens."""

    def __init__(self, settings: Settings) -> None:
        """`settings`: in force."""
        self._settings, self._soft_s = settings, settings.dose.soft_s
        self._line: Status | None = None
        if out.is_terminal:
            self._line = out.status("opening the camera", spinner="dots", refresh_per_second=_REDRAW_HZ)

    def __enter__(self) -> TerminalFace:
        """Show the line."""
        if self._line is not None:
            self._line.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Take the line away."""
        with suppress(OSError):  # the terminal may be gone
            if self._line is not None:
                self._line.stop()

    def now(self, now: Now) -> None:
        """The state of the moment, in one line."""
        if self._line is None:
            return
        from posture.model import Kind  # noqa: PLC0415
        from posture.reports.words import LOOKS  # noqa: PLC0415

        posture = now.words or (LOOKS[now.judged.posture].word if now.judged else str(now.mode).replace("_", " "))
        dose, sat = now.dose_s.get(Kind.FLEXED, 0.0), now.dose_s.get(Kind.SITTING, 0.0)
        doses = f"flexed dose {_clock(dose)} of {_clock(self._soft_s)}  ·  sitting {_clock(sat)}"
        held = f"  ·  prompts held: {now.held}" if now.held else ""
        with suppress(OSError):
            self._line.update(f"{_clock(now.time_s)}  {posture}  ·  {doses}{held}  ·  Ctrl-C ends")

    def say(self, words: str) -> None:
        """A line of its own."""
        _print(words)

    def notice(self, notice: Notice) -> None:
        """A prompt, in full; from any thread."""
        from datetime import datetime  # noqa: PLC0415

        _print(f"\a\n{datetime.now():%H:%M}  {notice.title}", "bold")
        _print(notice.body)
        _print("In another terminal: posture show, posture done, posture snooze\n", "dim")

    def page(self, prompt_id: str) -> None:
        """How it is done: a page in the browser, which may take its time."""
        threading.Thread(target=self._open, args=(prompt_id,), name="page", daemon=True).start()

    def _open(self, prompt_id: str) -> None:
        from posture.commands.show import open_page  # noqa: PLC0415

        try:
            shown = open_page(prompt_id, self._settings)
        except PostureError as error:
            self.say(str(error))
        else:
            if not shown.opened:
                self.say(f"No browser could be opened; how it is done: {shown.path}")


def _choice(named: str | None, settings: Settings) -> Choice:
    """Where prompts are shown.

    Raises:
        typer.BadParameter, ConfigError: none of the four.
    """
    if named is not None and named not in CHOICES:
        raise typer.BadParameter(f"{named!r}: it is one of {', '.join(CHOICES)}", param_hint="--notify")
    wanted = named or settings.watch.notify
    for choice in CHOICES:
        if wanted == choice:
            return choice
    raise ConfigError(f"watch.notify = {wanted!r}: expected one of {', '.join(CHOICES)}")


def _print(words: str, style: str | None = None) -> None:
    with suppress(OSError):  # the terminal was closed, or the reader of a pipe is gone: no reason to stop measuring
        out.print(words, style=style, markup=False, soft_wrap=True)


def _clock(seconds: float) -> str:
    from posture.reports.words import clock  # noqa: PLC0415

    return clock(seconds)
