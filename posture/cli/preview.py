"""``posture preview``: what the camera sees and what is measured, in the window or in the terminal. Nothing is kept."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from posture.biomechanics import Neutral
from posture.capture import CameraInfo
from posture.cli import calibrate
from posture.cli.console import StatusLine, say
from posture.cli.live_view import LeaseFacts, LivePicture, LiveView, angle_words, open_view
from posture.cli.loading import model_file, settings_of
from posture.cli.options import CameraOption, ConfigOption, FeedOption, ModelOption, SetOption, examples
from posture.cli.window import has_window, in_window
from posture.cli.window_feed import GONE, WindowFeed
from posture.engine import Engine
from posture.reports import STYLES, clock, reason_words
from posture.settings import Settings
from posture.storage import Store, profiles
from posture.types import CauseEased, EpisodeKind, HeldPrompt, PromptDue, ShownPrompt
from posture.window.names import PREVIEW

_LINE_S = 2.0
"""Between two lines where the terminal is none that can change one."""


app = typer.Typer()


@app.command("preview", epilog=examples("posture preview", "posture preview --camera 1", "posture preview --profile desk"))
def preview(
    camera: CameraOption = None,
    profile: Annotated[
        str | None, typer.Option("--profile", metavar="NAME", help="Saved calibration to use. Default: this camera's newest.")
    ] = None,
    no_window: Annotated[bool, typer.Option("--no-window", help="Show readings in the terminal, without a live picture.")] = False,
    feed: FeedOption = None,
    model: ModelOption = None,
    config: ConfigOption = None,
    set_: SetOption = None,
) -> None:
    """Show what the camera sees and what is measured, until you end it. Nothing is kept.

    A running monitor lends its camera meanwhile; that time isn't measured.
    """
    settings = settings_of(config, set_)
    if feed is None and not no_window and has_window():
        given = {"--camera": camera, "--profile": profile, "--model": model, "--set": set_}
        raise typer.Exit(in_window(PREVIEW, config, given))
    run(settings, model_file(model or settings.measure.model), camera, profile, feed=feed)


def run(settings: Settings, model: Path, camera: str | None, profile: str | None = None, *, feed: int | None = None) -> None:
    """Show the camera's picture and measurement until the person ends it.

    Args:
        settings: the user's.
        model: the pose model's file.
        camera: as the user named it; ``None``: the monitor's own, or that of last time.
        profile: the calibration; ``None``: the newest of the camera.
        feed: what a window that started this handed over, to show it there; ``None``: in the terminal.

    Raises:
        PostureError: camera, model, monitor or database cannot be used.
        KeyboardInterrupt: Ctrl-C while the camera is being opened.
    """
    against = "Not calibrated: your first 15 seconds become the upright reference."

    def neutral_of(address: str, known: CameraInfo | None, leased: LeaseFacts | None) -> Neutral | None:
        nonlocal against
        own = None if profile is not None or leased is None else leased_neutral(leased)
        if own is not None:
            name = own.source.removeprefix("profile ")
            used = "what it takes for your upright position" if own.source == "automatic" else f"the calibration {name!r}"
            against = f"Measured as in the monitor, from {used}."
            return own
        with Store.open() as store:
            chosen = profiles.choose(store, profiles.camera_of(address, known), profile)
        if chosen is None:
            return None
        against = f"Measured from the calibration {chosen[0]!r}."
        return chosen[1]

    with open_view("preview", camera, settings, model, neutral_of) as view:
        own = view.live.measurement.settings
        engine = Engine(own, NoPrompter())
        if feed is not None:
            _in_window(view, engine, feed, against)
            return
        say(against)
        with suppress(KeyboardInterrupt):  # how a preview is meant to end
            _in_terminal(view, engine, own)
        place = view.place()
    if place is not None:
        calibrate.print_place(place)


def leased_neutral(leased: LeaseFacts) -> Neutral | None:
    """Return the neutral of the monitor that leases its camera; ``None`` if it has none, or none that this version can read."""
    data = leased.get("neutral")
    with suppress(KeyError, TypeError, ValueError):  # a monitor of another version may say it otherwise
        return None if data is None else Neutral.from_dict(data)
    return None


class NoPrompter:
    """Prompter of a preview, which shows no prompts."""

    def due(self, sustained: PromptDue) -> None:
        """No-op."""

    def eased(self, cause: CauseEased) -> None:
        """No-op."""

    def ended(self, kind: EpisodeKind, time_s: float) -> HeldPrompt | None:  # noqa: ARG002 # the shape of a prompter
        """No-op."""
        return None

    def tick(self, time_s: float, moving: bool = True) -> Iterable[ShownPrompt | HeldPrompt]:  # noqa: ARG002 # as above
        """No-op."""
        return ()


def _in_window(view: LiveView, engine: Engine, feed: int, against: str) -> None:
    """Show pictures in the window that started this, with what can be measured from there, until it wants no more."""
    with WindowFeed(feed) as window:
        for picture in _pictures(view):
            judged = None if picture is None else engine.process(picture.update.reading).judged[-1]
            place = view.place()
            found = {} if place is None else {"place": [place.where, *place.measured], "better": list(place.better)}
            said = {"against": against, **found}
            window.show(picture, view.trouble, said, judged, view.live.measurement.calibrated)
            if {GONE, "quit"} & set(window.pressed()):
                return


def _in_terminal(view: LiveView, engine: Engine, settings: Settings) -> None:
    last_s = 0.0
    with StatusLine("opening the camera") as status:
        for picture in filter(None, _pictures(view)):
            line = _line(picture, view, engine, settings)
            if status.shown:
                status.update(f"{line}  ·  Ctrl-C ends")
            elif time.monotonic() - last_s >= _LINE_S:
                last_s = time.monotonic()
                say(line)


def _pictures(view: LiveView) -> Iterator[LivePicture | None]:
    """Yield pictures, and ``None`` while there is none, until the monitor that lends the camera has ended."""
    while True:
        picture = view.next()
        if view.lease_ended():
            say("The monitor has stopped, and the preview with it.")
            return
        yield picture


def _line(picture: LivePicture, view: LiveView, engine: Engine, settings: Settings) -> str:
    """Return what is measured in a picture, in one line; the dose is that of this preview alone."""
    out_ = engine.process(picture.update.reading)
    judged = out_.judged[-1]
    why = picture.update.words or (reason_words(judged.reason) if judged.reason else "")
    angles = angle_words(picture.measured, calibrated=view.live.measurement.calibrated)
    dose = f"bent time in this preview {clock(out_.dose_s[EpisodeKind.FLEXED])} of {clock(settings.dose.soft_s)}"
    return "  ·  ".join(filter(None, (STYLES[judged.posture].word, why, angles, dose)))
