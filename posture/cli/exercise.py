"""``posture exercise``: an exercise that the camera counts, in the terminal; by the running monitor, or by a camera of its own."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Annotated, Any

import typer

from posture._support import catalogue as catalogue_file
from posture.biomechanics import Neutral
from posture.capture import CameraInfo
from posture.cli.calibration_display import typed
from posture.cli.console import StatusLine, out, say
from posture.cli.live_view import LeaseFacts, open_view
from posture.cli.loading import catalogue_of, model_file, settings_of
from posture.cli.options import CameraOption, ConfigOption, ModelOption, SetOption, examples
from posture.engine import ExerciseSpec, GuidedExercise
from posture.errors import ControlError, PostureError
from posture.monitor import exercise_words
from posture.monitor.control import client
from posture.prompts import open_red_flags
from posture.reports import clock
from posture.reports.day.exercises import exercise_words as done_words
from posture.settings import Settings
from posture.storage import Store, profiles
from posture.types import DoneExercise, ExerciseEnd

_POLL_S = 0.25
_BAR = 8
STOP, HURTS = "q", "h"

app = typer.Typer()


@app.command("exercise", epilog=examples("posture exercise", "posture exercise cat_cow_seated", "posture exercise get_up"))
def exercise(
    entry: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="Which one. Without it, those that can be counted are listed.")
    ] = None,
    sound: Annotated[bool, typer.Option("--sound", help="Ring the terminal's bell with each repetition that counted.")] = False,
    camera: CameraOption = None,
    model: ModelOption = None,
    config: ConfigOption = None,
    set_: SetOption = None,
) -> None:
    """Do an exercise with the camera: it counts, keeps the pace, and says what it can't see.

    A running monitor counts, and keeps it as part of your day. q and Enter stop it, h and Enter if it hurts.
    """
    settings = settings_of(config, set_)
    movements, titles = catalogue_file.movements(), catalogue_of(settings).title_of
    if entry is None:
        for name in movements:
            say(f"{name:24} {titles(name)}")
        return
    spec = movements.get(entry)
    if spec is None:
        raise typer.BadParameter(f"{entry!r}: expected one of {', '.join(movements)}", param_hint="ID")
    _refuse_flagged()
    say(f"{titles(entry)}. Only as far as is comfortable; stop if it hurts: {HURTS} and Enter. To stop: {STOP} and Enter, or Ctrl-C.")
    if client.running() is not None:
        done = _shown(_by_monitor(entry), _ask_monitor, sound=sound)
    else:
        model_path = model_file(model or settings.measure.model)
        ends: list[ExerciseEnd] = []
        done = _shown(_by_camera(spec, settings, model_path, camera, ends), ends.append, sound=sound)
    say(f"{titles(entry)}: {done_words(DoneExercise.of(done['done']))}.")


def _refuse_flagged() -> None:
    """Refuse while a red flag is up.

    Raises:
        PostureError: one is.
    """
    with Store.open() as store:
        if open_red_flags(store.reports(), time.time()):
            raise PostureError("no exercise just now: first read posture log ack, and see a professional about what you logged")


def _shown(views: Iterator[Mapping[str, Any]], stop: Callable[[ExerciseEnd], object], *, sound: bool) -> Mapping[str, Any]:
    """Show the course in the status line until it is over; return what was done."""
    counted, said, last = 0, "", dict[str, Any]()
    with StatusLine("opening the camera") as line:
        for view in views:
            last = dict(view)
            if view["repetitions"] > counted:
                counted = view["repetitions"]
                if sound:
                    out.bell()
            if view["words"] and view["words"] != said:
                said = view["words"]
                say(said)
            if line.shown:
                line.update(line_of(view))
            for key in typed():
                if key in (STOP, HURTS):
                    stop(ExerciseEnd.HURT if key == HURTS else ExerciseEnd.STOPPED)
    return last


def line_of(view: Mapping[str, Any]) -> str:
    """Return the status line: count, pace and angle."""
    least, most = view["advised"]
    advised = f"{least}" if least == most else f"{least} to {most}"
    full = round(_BAR * float(view["pace"]))
    pace = f"  ·  {view['towards']} {'▮' * full}{'▯' * (_BAR - full)}" if view["towards"] else ""
    angle = view["angle"]
    shown = f"  ·  {angle['deg']:.0f}° ± {angle['sd_deg']:.0f}°" if angle else ""
    return f"{view['repetitions']} of {advised}{pace}{shown}  ·  {clock(view['time_s'])}"


# --- by the running monitor


def _by_monitor(entry: str) -> Iterator[Mapping[str, Any]]:
    """Have the monitor count; yield its view until it is over."""
    client.ask("exercise", id=entry)
    while True:
        try:
            found = (client.running() or {}).get("exercise")
            time.sleep(_POLL_S)
        except KeyboardInterrupt:  # it ends, and says what was done
            _ask_monitor(ExerciseEnd.STOPPED)
            continue
        if found is None:
            raise ControlError("the monitor has stopped")
        yield found
        if found.get("done"):
            return


def _ask_monitor(ended: ExerciseEnd) -> None:
    with suppress(ControlError):  # it has just ended by itself
        client.ask("exercise_stop", hurt=ended is ExerciseEnd.HURT)


# --- by a camera of our own


def _by_camera(
    spec: ExerciseSpec, settings: Settings, model: Any, camera: str | None, ends: list[ExerciseEnd]
) -> Iterator[Mapping[str, Any]]:
    """Count with a camera of our own, and store what was done; `ends`: how the person ended it."""

    def neutral_of(address: str, known: CameraInfo | None, _leased: LeaseFacts | None) -> Neutral | None:
        with Store.open() as store:
            chosen = profiles.choose(store, profiles.camera_of(address, known), None)
        return None if chosen is None else chosen[1]

    with open_view("exercise", camera, settings, model, neutral_of) as view:
        guided, began_utc = GuidedExercise(spec, view.live.measurement.neutral, view.clock()), time.time() - view.clock()
        while guided.done is None:
            try:
                picture = view.next()
            except KeyboardInterrupt:  # it ends, and is kept
                picture = None
                ends.append(ExerciseEnd.STOPPED)
            if picture is not None:
                guided.process(picture.update.reading)
            if ends:
                guided.finish(view.clock(), ends[0])
            yield exercise_words(guided.view())
        done = guided.done
    with Store.open() as store:
        store.add_exercise(None, done.since(-began_utc))
