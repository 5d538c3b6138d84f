"""``posture calibrate``: measure the person's neutral; list or delete calibrations."""

from __future__ import annotations

import math
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from posture.biomechanics import (
    CalibrationPhase,
    CalibrationSample,
    CalibrationState,
    CalibrationStep,
    Key,
    KeyPress,
    Placement,
    PoseSample,
    show,
    step,
    view_at,
)
from posture.cli.calibration_display import CalibrationDisplay, calibration_display
from posture.cli.console import out, say
from posture.cli.live_view import LiveView, open_view
from posture.cli.loading import model_file, settings_of
from posture.cli.options import CameraOption, ConfigOption, FeedOption, ModelOption, SetOption, check_name, examples
from posture.cli.window import has_window, in_window
from posture.errors import PostureError
from posture.monitor import first_run, keep_camera
from posture.settings import Settings
from posture.storage import Store, profiles
from posture.types import Detection
from posture.window.names import CALIBRATE

INTERRUPTED = 130
WITHOUT = 3
"""Result of `run`: the person goes on without a calibration."""
_TROUBLE_S = 0.25


app = typer.Typer()


@app.command(
    "calibrate",
    epilog=examples("posture calibrate", "posture calibrate --place home", "posture calibrate --list", "posture calibrate --delete desk"),
)
def calibrate(
    camera: CameraOption = None,
    name: Annotated[
        str | None, typer.Option("--name", metavar="NAME", help="What to call it. Default: the name of the place or camera.")
    ] = None,
    place: Annotated[
        str | None, typer.Option("--place", metavar="TEXT", help="Where you sit, if you use this camera in several places.")
    ] = None,
    no_range: Annotated[bool, typer.Option("--no-range", help="Only the upright step, without your fullest slump and arch.")] = False,
    no_window: Annotated[bool, typer.Option("--no-window", help="Use the terminal, without a live picture.")] = False,
    feed: FeedOption = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Replace or delete without asking.")] = False,
    list_: Annotated[bool, typer.Option("--list", help="List your calibrations.")] = False,
    delete: Annotated[str | None, typer.Option("--delete", metavar="NAME", help="Delete one of them.")] = None,
    model: ModelOption = None,
    config: ConfigOption = None,
    set_: SetOption = None,
) -> None:
    """Calibrate: sit tall but relaxed for five seconds; then, if you like, show your fullest slump and arch.

    Every angle is measured from there. A running monitor lends its camera meanwhile. No picture is kept.
    """
    if list_:
        _list()
        return
    if delete is not None:
        _delete(delete, yes)
        return
    settings = settings_of(config, set_)
    if feed is None and not no_window and has_window():
        given = {
            "--camera": camera,
            "--name": name,
            "--place": place,
            "--no-range": no_range,
            "--model": model,
            "--set": set_,
            "--yes": yes,
        }
        raise typer.Exit(in_window(CALIBRATE, config, given))
    options = CalibrateOptions(settings, model_file(model or settings.measure.model), camera, name, place, not no_range, feed, yes)
    result = run(options)
    if result == WITHOUT:
        say(first_run.SKIPPED)
    raise typer.Exit(1 if result == WITHOUT else result)


@dataclass(frozen=True, slots=True)
class CalibrateOptions:
    """The options of one calibration."""

    settings: Settings
    model: Path
    camera: str | None = None
    name: str | None = None
    place: str | None = None
    with_range: bool = True
    feed: int | None = None
    """What a window that started this handed over, to show it there."""
    yes: bool = False


def run(options: CalibrateOptions) -> int:
    """Calibrate from the camera and save the profile.

    Returns:
        0: saved; 1: refused; 3: the person goes on without; 130: ended by the person. Nothing is saved but with 0.

    Raises:
        PostureError: camera, model, monitor or database cannot be used.
        KeyboardInterrupt: Ctrl-C.
    """
    _check_name(options)
    with ExitStack() as stack:
        display = stack.enter_context(calibration_display(options.feed))
        view = stack.enter_context(open_view("calibrate", options.camera, options.settings, options.model, lambda *_: None))
        state, place = _calibrate(view, display, with_range=options.with_range)
        if state.phase is not CalibrationPhase.DONE:
            display.say(state.words)
            return {CalibrationPhase.QUIT: INTERRUPTED, CalibrationPhase.WITHOUT: WITHOUT}.get(state.phase, 1)
        saved = _save(state, view, options)
        for line in (f"Saved as {saved!r}.", state.words, *state.notes):
            display.say(line)
        if place is not None:
            print_place(place)
        view.camera.close()  # what follows needs no picture: the light goes off
        with suppress(KeyboardInterrupt):  # it is saved: whoever does not want to read on is done
            lines = (place.where, *place.measured, *place.better) if place is not None else ()
            display.linger(f"Saved as {saved}", " ".join((state.words, *state.notes)), lines)
    return 0


def _calibrate(view: LiveView, display: CalibrationDisplay, *, with_range: bool) -> tuple[CalibrationState, Placement | None]:
    """Look and ask, until there is a neutral or no use in going on."""
    state, place, trouble_s = CalibrationState(with_range=with_range), None, -math.inf
    while not state.ended:
        picture = view.next()
        now_s = view.clock()
        if view.lease_ended():
            display.say("The monitor has stopped; the calibration continues without it.")
        if picture is not None:
            trouble = picture.update.words if picture.measured is None else ""
            before = state.neutral
            state = step(state, CalibrationSample(picture.time_s, picture.update.sample, picture.measured, trouble))
            if (state.neutral is None) != (before is None):  # slump and arch are measured against the neutral that was just taken
                view.live.use(state.neutral)
            if state.step is CalibrationStep.NEUTRAL and state.phase is CalibrationPhase.HOLD:
                place = view.place() or place
        elif view.trouble and now_s - trouble_s >= _TROUBLE_S:
            trouble_s = now_s
            state = step(state, CalibrationSample(now_s, PoseSample(now_s, Detection.UNCLEAR), None, view.trouble))
        for key in display.show(show(state), picture, view):
            state = step(state, KeyPress(now_s, Key(key)))
    return state, place


def _check_name(options: CalibrateOptions) -> None:
    """Check the name before the person holds still.

    Raises:
        PostureError: the name cannot be used, or is taken and there is nobody to ask.
    """
    if options.name is None:
        return
    check_name(options.name, "--name")
    with Store.open() as store:
        taken = next((p for p in profiles.listed(store) if p.name == options.name), None)
    if taken is None or options.yes:
        return
    asked = f"{options.name!r} is from {_date(taken.created_utc)}. Replace it?"
    if not out.is_terminal:
        raise PostureError(f"there is already a calibration {options.name!r}; add --yes to replace it, or choose another name")
    if not typer.confirm(asked):
        raise typer.Exit(1)


def _save(state: CalibrationState, view: LiveView, options: CalibrateOptions) -> str:
    assert state.neutral is not None
    camera = profiles.camera_of(view.address, view.camera.known or view.known)
    with Store.open() as store:
        name = options.name or profiles.name_for(store, camera, options.place)
        keep_camera(store, view.address, view.camera.known or view.known)
        profiles.save(store, name, state.neutral, camera, view_at(state.neutral.cue["yaw_deg"], options.settings.measure), options.place)
    return name


def print_place(place: Placement) -> None:
    """What can be measured from here, and how to place the camera better, in the terminal."""
    say(f"\n{place.where}")
    for line in (*place.measured, *place.better):
        say(f"  - {line}")


def _list() -> None:
    with Store.open() as store:
        found = profiles.listed(store)
    if not found:
        say("You have no calibration yet. To make one: posture calibrate")
        return
    table = Table(box=None, pad_edge=False)
    for title in ("Name", "Camera", "Place", "View", "Own range", "From"):
        table.add_column(title, overflow="fold")
    for p in found:
        own = "-" if not p.usable else "yes" if p.with_range else "no"
        view = "cannot be read" if not p.usable else str(p.view or "-")
        table.add_row(escape(p.name), escape(p.camera or "a recording"), escape(p.place or "-"), view, own, _date(p.created_utc))
    out.print(table)


def _delete(name: str, yes: bool) -> None:
    with Store.open() as store:
        store.load_profile(name)  # says which there are, if there is none of this name
        if not yes:
            if not out.is_terminal:
                raise PostureError(f"add --yes to delete the calibration {name!r}: there is nobody here to ask")
            if not typer.confirm(f"Delete the calibration {name!r}?"):
                raise typer.Exit(1)
        store.delete_profile(name)
    say(f"The calibration {name!r} is deleted.")


def _date(utc_s: float) -> str:
    return f"{datetime.fromtimestamp(utc_s):%Y-%m-%d %H:%M}"
