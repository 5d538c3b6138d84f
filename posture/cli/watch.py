"""``posture watch``: the live monitor, with prompts on the desktop or in the terminal."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from posture._support import catalogue as catalogue_file, own_command
from posture.capture import prepare
from posture.cli import first_run as first_run_steps
from posture.cli.console import StatusLine, out, say
from posture.cli.loading import catalogue_of, model_file, settings_of
from posture.cli.options import CAMERA_PASSWORD, CAMERA_VARIABLE, ConfigOption, ModelOption, SetOption, examples
from posture.cli.show import open_page
from posture.cli.tray import DesktopOpener
from posture.desktop import Choice, Exercises, Notice, Tray
from posture.engine import SessionStatus
from posture.errors import PostureError
from posture.monitor import (
    Ask,
    CompositeView,
    SessionResult,
    SessionScreen,
    TrayActions,
    WatchOptions,
    first_run,
    run as run_beside_tray,
    watch as run_session,
)
from posture.prompts import silence_of
from posture.reports import STYLES, clock
from posture.settings import Settings
from posture.storage import DamagedError, Store, default_path
from posture.types import EpisodeKind, Mode
from posture.window.__main__ import why_none
from posture.window.names import EXERCISES

_REDRAW_HZ = 2.0
"""Of the status line; a livelier one costs more than the measurement."""
CHOICES: tuple[Choice, ...] = ("auto", "desktop", "terminal", "none")


app = typer.Typer()


@app.command(
    "watch",
    epilog=examples("posture watch", "posture watch --camera 'HD Webcam' --profile desk", "posture watch --notify terminal"),
)
def watch(
    camera: Annotated[
        str | None,
        typer.Option(
            "--camera",
            envvar=CAMERA_VARIABLE,
            metavar="INDEX|NAME|URL",
            help=f"Which camera; posture cameras lists them. Default: that of last time. {CAMERA_PASSWORD}",
        ),
    ] = None,
    profile: Annotated[
        str | None,
        typer.Option("--profile", metavar="NAME", help="Saved calibration to use. Default: this camera's newest."),
    ] = None,
    notify: Annotated[
        str | None,
        typer.Option("--notify", metavar="|".join(CHOICES), help="Where reminders appear. Default: on the desktop, if possible."),
    ] = None,
    model: ModelOption = None,
    config: ConfigOption = None,
    set_: SetOption = None,
    no_store: Annotated[bool, typer.Option("--no-store", help="Don't add this session to your day.")] = False,
    no_tray: Annotated[bool, typer.Option("--no-tray", help="Don't show a tray icon.")] = False,
    no_setup: Annotated[bool, typer.Option("--no-setup", help="Skip the first-run questions.")] = False,
) -> None:
    """Watch your posture through a camera until Ctrl-C (or posture stop), and remind you when to move.

    No picture is kept, and none leaves this machine. In another terminal: posture status, pause, resume, stop, calibrate, preview.
    """
    if camera is not None and not camera.strip():
        raise typer.BadParameter("name a camera; posture cameras lists them", param_hint="--camera")
    settings = settings_of(config, set_)
    choice = _choice(notify, settings)
    catalogue = catalogue_of(settings)
    prepare()

    name = model or settings.measure.model
    file = model_file(name)
    if not no_setup and out.is_terminal and sys.stdin.isatty():
        camera = _first_run(settings, file) or camera
    patient = not sys.stdin.isatty()  # nobody is there to mend it: at login the camera may come later
    words = _typed({"--profile": profile, "--notify": notify, "--model": model, "--config": config and config.absolute()}, set_ or ())
    words += [flag for flag, on in (("--no-store", no_store), ("--no-tray", no_tray)) if on]
    options = WatchOptions(settings, catalogue, file, name, camera, profile, choice, not no_store, patient, tuple(words))
    ended: list[SessionResult] = []
    with TerminalView(settings) as view:
        _live(options, view, ended.append, tray=settings.watch.tray and not no_tray, file=config, sets=set_ or ())
    for result in ended:
        prompts = f"{result.prompts} reminder{'' if result.prompts == 1 else 's'}"
        say(f"stopped after {clock(result.length_s)}, {prompts}; your day: posture today")


def _live(
    options: WatchOptions, view: TerminalView, done: Callable[[SessionResult], None], *, tray: bool, file: Path | None, sets: Sequence[str]
) -> None:
    """Run the session, with an icon in the tray if `tray`; `done` gets its result.

    `file` and `sets`: as they were typed, for what the tray starts.
    """
    stopping = threading.Event()
    _on_signals(stopping.set)
    if not tray:
        done(run_session(options, SessionScreen(view, view.notice, view.page, guided=view.guided), stopping.is_set))
        return
    asks: list[Ask] = []
    opener = DesktopOpener(options.settings, default_path().parent / "logs", view.say, file=file, sets=sets)

    def ask(what: str, values: Mapping[str, Any]) -> None:
        for one in asks:
            one(what, values)

    icon = Tray(
        TrayActions(ask, opener, stopping.set),
        SessionStatus(Mode.OPENING, soft_s=options.settings.dose.soft_s, snooze_s=options.settings.prompts.snooze_s),
        Exercises.of(options.catalogue, view.guided),
        view.say,
    )
    _on_signals(stopping.set, icon.stop)
    views = CompositeView([view, icon])
    screen = SessionScreen(views, view.notice, view.page, lambda: icon.shown, view.guided, asks.append)
    run_beside_tray(icon, lambda: done(run_session(options, screen, stopping.is_set)), stopping.set, view.say)


def _typed(values: Mapping[str, object], sets: Sequence[str]) -> list[str]:
    """Return the words that give those of `values` that were given, and `sets` but for a camera, whose address may hold a password."""
    words = [word for option, value in values.items() if value is not None for word in (option, str(value))]
    return words + [word for one in sets if not one.lstrip().startswith("watch.camera") for word in ("--set", one)]


def _on_signals(*stops: Callable[[], None]) -> None:
    """End the session at Ctrl-C, log-out and closing of the terminal, with everything written."""

    def stop(_number: int, _frame: object) -> None:
        for one in stops:
            one()

    for name in ("SIGINT", "SIGTERM", "SIGHUP"):  # the last: its terminal was closed; Windows has none
        if (number := getattr(signal, name, None)) is not None:
            signal.signal(number, stop)


def _first_run(settings: Settings, model: Path) -> str | None:
    """Go through the four steps unless that was done; return the camera that was chosen."""
    try:
        with Store.open() as store:
            needed = first_run.needed(store)
    except DamagedError:  # whoever has a damaged database had one; the session sets it aside
        needed = False
    try:
        return first_run_steps.run(settings, model) if needed else None
    except EOFError:  # Ctrl-D
        raise KeyboardInterrupt from None


class TerminalView(StatusLine):
    """Shows a live session in the terminal: a status line where one can change, and a line for every event."""

    def __init__(self, settings: Settings) -> None:
        """Prepare the line; nothing is shown yet."""
        self._settings = settings
        self.guided = tuple(catalogue_file.movements()) if why_none() is None else ()
        """Ids of the exercises that are shown in the window, where the camera counts them."""
        super().__init__("opening the camera", _REDRAW_HZ)

    def show(self, now: SessionStatus) -> None:
        """Show the present state in the line."""
        if not self.shown:
            return
        posture = now.words or (STYLES[now.judged.posture].word if now.judged else str(now.mode).replace("_", " "))
        dose, sat = now.dose_s.get(EpisodeKind.FLEXED, 0.0), now.dose_s.get(EpisodeKind.SITTING, 0.0)
        doses = f"bent time {clock(dose)} of {clock(now.soft_s)}  ·  sitting {clock(sat)}"
        silence = silence_of(now) if now.posture is not None else None
        held = f"  ·  {silence.words.rstrip('.')}" if silence is not None and silence.hinders else ""
        self.update(f"{clock(now.time_s)}  {posture}  ·  {doses}{held}  ·  Ctrl-C ends")

    def say(self, words: str) -> None:
        """Print a line of its own."""
        _print(words)

    def notice(self, notice: Notice) -> None:
        """Print a prompt in full; from any thread."""
        bell = "\a" if notice.sound else ""
        _print(f"{bell}\n{datetime.now():%H:%M}  {notice.title}", "bold")
        _print(notice.body)
        _print("In another terminal: posture show, posture done, posture snooze\n", "dim")

    def page(self, prompt_id: str) -> None:
        """Open the exercise of a prompt in the window, where the camera counts it, else its page in the browser; in a thread of its own."""
        threading.Thread(target=self._open, args=(prompt_id,), name="page", daemon=True).start()

    def _open(self, prompt_id: str) -> None:
        if prompt_id in self.guided:
            quiet = subprocess.DEVNULL
            subprocess.Popen(own_command("window", "--page", EXERCISES, "--", prompt_id), stdin=quiet, stdout=quiet, stderr=quiet).wait()
            return
        try:
            shown = open_page(prompt_id, self._settings)
        except PostureError as error:
            self.say(str(error))
        else:
            if not shown.opened:
                self.say(f"No browser could be opened; the page is {shown.path}")


def _choice(named: str | None, settings: Settings) -> Choice:
    """Choose where prompts are shown.

    Raises:
        typer.BadParameter: none of the four.
    """
    if named is not None and named not in CHOICES:
        raise typer.BadParameter(f"{named!r}: expected one of {', '.join(CHOICES)}", param_hint="--notify")
    wanted = named or settings.watch.notify  # the settings hold one of the four
    return next(choice for choice in CHOICES if choice == wanted)


def _print(words: str, style: str | None = None) -> None:
    with suppress(OSError):  # the terminal was closed, or the reader of a pipe is gone: no reason to stop measuring
        say(words, style)
