"""``posture preview``: the live picture with skeleton, angles, view, state and dose."""

from __future__ import annotations

import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from posture.commands import calibrate
from posture.commands.common import ConfigOption, SetOption, model_file, out, settings_of
from posture.model import HeldPrompt, Kind, Posture, ShownPrompt, Sustained

if TYPE_CHECKING:
    from posture.commands.live_view import Lent, LiveView, Picture
    from posture.desktop.drawing import Panel
    from posture.desktop.window import Window
    from posture.engine.engine import Engine
    from posture.kinematics.calibration import Neutral
    from posture.settings import Settings
    from posture.sources.names import CameraInfo

_QUIT = {"q", "escape", "closed"}
_LINE_S = 2.0
"""Between two lines where the terminal is none that can change one."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("preview", epilog="Examples:  posture preview   ·   posture preview --camera 1   ·   posture preview --profile desk")(
        preview
    )


def preview(
    camera: Annotated[
        str | None, typer.Option("--camera", metavar="INDEX|NAME|URL", help="Which camera. Default: the monitor's, or that of last time.")
    ] = None,
    profile: Annotated[
        str | None, typer.Option("--profile", metavar="NAME", help="Saved calibration to use. Default: the newest of this camera.")
    ] = None,
    no_window: Annotated[bool, typer.Option("--no-window", help="Readings in the terminal, without a live picture.")] = False,
    model: Annotated[str | None, typer.Option("--model", metavar="NAME|FILE", help="lite, full, heavy or a .task file.")] = None,
    config: ConfigOption = None,
    set_: SetOption = None,
) -> None:
    """Show what the camera sees and what is measured, until q or Ctrl-C. Nothing is kept.

    A monitor that runs lends its camera meanwhile; that time is not measured.
    """
    settings = settings_of(config, set_)
    look(settings, model_file(model or settings.measure.model), camera, profile, no_window=no_window)


def look(settings: Settings, model: Path, camera: str | None, profile: str | None = None, *, no_window: bool = False) -> None:
    """Show the camera's picture and what is measured until the person has seen enough.

    Args:
        settings: the user's.
        model: the pose model's file.
        camera: as the user named it; ``None``: the monitor's own, or that of last time.
        profile: the calibration; ``None``: the newest of the camera.
        no_window: in words.

    Raises:
        PostureError: camera, model, monitor or database cannot be used.
        KeyboardInterrupt: Ctrl-C while the camera is being opened.
    """
    from posture import profiles  # noqa: PLC0415 # what follows loads MediaPipe
    from posture.commands.live_view import open_view  # noqa: PLC0415
    from posture.engine.engine import Engine  # noqa: PLC0415
    from posture.store import Store  # noqa: PLC0415

    said = "Not calibrated: the first 15 seconds are taken for your neutral."

    def neutral_of(address: str, known: CameraInfo | None, lent: Lent | None) -> Neutral | None:
        nonlocal said
        own = None if profile is not None or lent is None else neutral_lent(lent)
        if own is not None:
            name = own.source.removeprefix("profile ")
            used = "what it takes for your neutral" if own.source == "automatic" else f"the calibration {name!r}"
            said = f"Measured as the monitor does, against {used}."
            return own
        with Store.open() as store:
            chosen = profiles.choose(store, profiles.camera_of(address, known), profile)
        if chosen is None:
            return None
        said = f"Measured against the calibration {chosen[0]!r}."
        return chosen[1]

    with open_view("preview", camera, settings, model, neutral_of) as view:
        out.print(said, markup=False, soft_wrap=True)
        own = view.live.measurement.settings
        _show(view, Engine(own, Silent()), own, no_window=no_window)
        place = view.place()
    if place is not None:
        calibrate.tell_place(place)


def neutral_lent(lent: Lent) -> Neutral | None:
    """What the monitor that lends its camera measures against; ``None`` while it has no neutral, or one that cannot be read here."""
    from posture.kinematics.calibration import Neutral  # noqa: PLC0415 # loads NumPy

    data = lent.get("neutral")
    with suppress(KeyError, TypeError, ValueError):  # a monitor of another version may say it otherwise
        return None if data is None else Neutral.from_dict(data)
    return None


class Silent:
    """A prompter that shows nothing: a preview is for looking."""

    def due(self, sustained: Sustained) -> None:
        """Nothing."""

    def ended(self, kind: Kind, time_s: float) -> HeldPrompt | None:  # noqa: ARG002 # the shape of a prompter
        """Nothing."""
        return None

    def tick(self, time_s: float, moving: bool = True) -> Iterable[ShownPrompt | HeldPrompt]:  # noqa: ARG002 # as above
        """Nothing."""
        return ()


def _show(view: LiveView, engine: Engine, settings: Settings, *, no_window: bool) -> None:
    from posture.desktop import window as live  # noqa: PLC0415

    why = "" if no_window else live.why_none()
    if why:
        out.print(f"{why} {live.NO_WINDOW}", markup=False, soft_wrap=True)
    with suppress(KeyboardInterrupt):  # how a preview is meant to end
        if why is None:
            with live.Window("Posture preview") as window:
                _in_window(view, engine, settings, window)
        else:
            _in_words(view, engine, settings)


def _in_window(view: LiveView, engine: Engine, settings: Settings, window: Window) -> None:
    from posture.desktop.drawing import Panel, blank, draw  # noqa: PLC0415

    while True:
        picture = view.next()
        if view.left_alone():
            _tell_end()
            return
        if picture is not None:
            window.show(draw(picture.image, picture.pose, _panel(picture, view, engine, settings)))
        elif view.hinder:
            window.show(blank(Panel(words=view.hinder)))
        if _QUIT & set(window.pressed()):
            return


def _in_words(view: LiveView, engine: Engine, settings: Settings) -> None:
    last_s = 0.0
    status = out.status("opening the camera", spinner="dots") if out.is_terminal else None
    if status is not None:
        status.start()
    try:
        while True:
            picture = view.next()
            if view.left_alone():
                _tell_end()
                return
            if picture is None:
                continue
            panel = _panel(picture, view, engine, settings)
            line = "  ·  ".join(filter(None, (panel.title, panel.words, *panel.lines[-1:], panel.bar.words if panel.bar else "")))
            if status is not None:
                status.update(escape(f"{line}  ·  Ctrl-C ends"))
            elif time.monotonic() - last_s >= _LINE_S:
                last_s = time.monotonic()
                out.print(line, markup=False, soft_wrap=True)
    finally:
        if status is not None:
            status.stop()


def _tell_end() -> None:
    out.print("The monitor has ended, and the preview with it.", markup=False, soft_wrap=True)


def _panel(picture: Picture, view: LiveView, engine: Engine, settings: Settings) -> Panel:
    """What is written on one picture; the dose is that of the preview alone."""
    from posture.commands.live_view import angle_words  # noqa: PLC0415
    from posture.desktop.drawing import Bar, Panel  # noqa: PLC0415
    from posture.reports.words import LOOKS, clock, reason_words  # noqa: PLC0415

    reading = picture.measured
    out_ = engine.process(picture.update.reading)
    judged = out_.judged[-1]
    posture, dose_s = judged.posture, out_.dose_s[Kind.FLEXED]
    why = picture.update.words or (reason_words(judged.reason) if judged.reason else "")
    place = view.place()
    lines = [place.where, *place.better[:1]] if place is not None else []
    soft_s = settings.dose.soft_s
    return Panel(
        title=LOOKS[posture].word,
        words=why,
        lines=(*lines, angle_words(reading, calibrated=view.live.measurement.calibrated)),
        bar=Bar(f"flexed dose of this preview {clock(dose_s)} of {clock(soft_s)}", dose_s / soft_s, _rgb(Posture.FLEXED)),
        foot="q: quit",
        colour=_rgb(posture),
    )


def _rgb(posture: Posture) -> tuple[int, int, int]:
    from posture.reports.words import LOOKS  # noqa: PLC0415

    red, green, blue = bytes.fromhex(LOOKS[posture].colour[1:])
    return red, green, blue
