"""``posture watch``: the live monitor, in the terminal."""

from __future__ import annotations

import signal
import threading
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, Annotated

import typer
from rich.status import Status

from posture.commands.common import ConfigOption, SetOption, catalogue_of, model_file, out, settings_of
from posture.commands.prompts import show
from posture.prompts import Catalogue

if TYPE_CHECKING:
    from posture.model import ShownPrompt
    from posture.monitor import Now

RATE_HZ = 2.0


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "watch", epilog="Examples:  posture watch   ·   posture watch --camera 1 --profile desk   ·   posture watch --camera http://..."
    )(watch)


def watch(
    camera: Annotated[str, typer.Option("--camera", metavar="INDEX|NAME|URL", help="Which camera; posture cameras lists them.")] = "0",
    profile: Annotated[
        str | None, typer.Option("--profile", metavar="NAME", help="Saved neutral to use. Default: learnt from the first 15 seconds.")
    ] = None,
    model: Annotated[str | None, typer.Option("--model", metavar="NAME|FILE", help="lite, full, heavy or a .task file.")] = None,
    config: ConfigOption = None,
    set_: SetOption = None,
    no_store: Annotated[bool, typer.Option("--no-store", help="Do not enter this session into your day.")] = False,
) -> None:
    """Watch your posture through a camera until Ctrl-C, and show a prompt in this terminal when one is due.

    A first form: two looks a second, prompts in the terminal only, no tray, no pause on a locked screen yet. No picture is kept.
    """
    settings = settings_of(config, set_)
    catalogue = catalogue_of(settings)
    from posture import day, parameters  # noqa: PLC0415 # what follows loads MediaPipe
    from posture.kinematics.meter import Meter  # noqa: PLC0415
    from posture.landmarks import PoseFinder  # noqa: PLC0415
    from posture.monitor import Monitor, run  # noqa: PLC0415
    from posture.pipeline import Walk  # noqa: PLC0415
    from posture.prompts import PromptDesk  # noqa: PLC0415
    from posture.recordings import profile_of  # noqa: PLC0415
    from posture.session_writer import SessionWriter  # noqa: PLC0415
    from posture.sources.camera import Camera  # noqa: PLC0415
    from posture.store import Store  # noqa: PLC0415
    from posture.stored import Origin  # noqa: PLC0415

    name = model or settings.measure.model
    file, neutral = model_file(name), profile_of(profile, True)
    stopping = threading.Event()
    for asked in (signal.SIGINT, signal.SIGTERM):  # a log-out ends the session as Ctrl-C does, and nothing is cut off in the middle
        signal.signal(asked, lambda _number, _frame: stopping.set())
    began_utc, began = time.time(), time.monotonic()
    with ExitStack() as stack:
        finder = stack.enter_context(PoseFinder(file))
        store = stack.enter_context(Store.open())
        past = day.past_of(store, began_utc, began_utc)
        desk = PromptDesk(catalogue, settings.prompts, history=past.history, reports=past.reports, start_epoch_s=began_utc)
        if past.flagged and not desk.flagged:
            desk.raise_flag(0.0)
        writer = None
        if not no_store:
            number = store.start_session(origin=Origin.LIVE, started_utc=began_utc, source=_label(camera), profile=profile, model=name)
            writer = stack.enter_context(SessionWriter(store, number))
        face = stack.enter_context(TerminalFace(catalogue))
        source = stack.enter_context(Camera(camera, rate_hz=RATE_HZ, start_s=began))
        monitor = Monitor(
            walk=Walk(settings, desk),
            find=finder.find,
            meter_of=lambda n: Meter(settings.measure, n, parameters.load()),
            face=face,
            keeper=writer,
            neutral=neutral,
            reopen=source.reopen,
        )
        run(monitor, source, lambda: time.monotonic() - began, stopping.is_set)
    spans = monitor.total.spans
    out.print(f"stopped after {_clock(spans[-1].end_s if spans else 0.0)}; your day: posture today", markup=False)


class TerminalFace:
    """A live session in the terminal: a status line where it is one, and a line for everything that happens."""

    def __init__(self, catalogue: Catalogue) -> None:
        """`catalogue`: where the prompts' words come from."""
        self._catalogue = catalogue
        self._line: Status | None = out.status("opening the camera", spinner="dots") if out.is_terminal else None

    def __enter__(self) -> TerminalFace:
        """Show the line."""
        if self._line is not None:
            self._line.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Take the line away."""
        if self._line is not None:
            self._line.stop()

    def now(self, now: Now) -> None:
        """The state of the moment, in one line."""
        if self._line is None:
            return
        from posture.model import Kind  # noqa: PLC0415
        from posture.reports.words import LOOKS  # noqa: PLC0415

        posture = now.words or (LOOKS[now.judged.posture].word if now.judged else str(now.mode))
        dose, sat = now.dose_s.get(Kind.FLEXED, 0.0), now.dose_s.get(Kind.SITTING, 0.0)
        self._line.update(f"{_clock(now.time_s)}  {posture}  ·  flexed dose {_clock(dose)}  ·  sitting {_clock(sat)}  ·  Ctrl-C ends")

    def prompt(self, shown: ShownPrompt) -> None:
        """A prompt, in full."""
        entry = self._catalogue.get(shown.prompt_id)
        out.print(f"\a{_clock(shown.time_s)}", markup=False)
        if entry is not None:
            show(entry, self._catalogue)

    def say(self, words: str) -> None:
        """A line of its own."""
        out.print(words, markup=False, soft_wrap=True)


def _clock(seconds: float) -> str:
    from posture.reports.words import clock  # noqa: PLC0415

    return clock(seconds)


def _label(address: str) -> str:
    """What the store calls the camera: never an address with a password in it."""
    return address.split("://", 1)[0] + " stream" if "://" in address else address
