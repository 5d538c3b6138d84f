"""``posture calibrate``: take the person's neutral, and list or delete the ones there are."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Protocol

import typer
from rich.markup import escape
from rich.status import Status
from rich.table import Table

from posture.commands.common import ConfigOption, SetOption, model_file, out, settings_of
from posture.model import PostureError
from posture.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from posture.calibrate import Show, State
    from posture.commands.live_view import LiveView, Picture
    from posture.desktop.window import Window
    from posture.placement import Placement
    from posture.profiles import Profile
    from posture.store import Store

INTERRUPTED = 130
_READ_S = 12.0
"""How long the window shows how it went."""
_HINDER_S = 0.25
_KEYS = {"space": "next", "enter": "next", "s": "skip", "r": "retry", "q": "quit", "escape": "quit", "closed": "quit"}


def register(app: typer.Typer) -> None:
    """Add the command."""
    examples = "Examples:  posture calibrate   ·   posture calibrate --place home   ·   posture calibrate --list   ·   --delete desk"
    app.command("calibrate", epilog=examples)(calibrate)


def calibrate(
    camera: Annotated[
        str | None, typer.Option("--camera", metavar="INDEX|NAME|URL", help="Which camera. Default: the monitor's, or that of last time.")
    ] = None,
    name: Annotated[
        str | None, typer.Option("--name", metavar="NAME", help="What to call it. Default: after the place or the camera.")
    ] = None,
    place: Annotated[
        str | None, typer.Option("--place", metavar="TEXT", help="Where you sit, if you use this camera in several places.")
    ] = None,
    no_range: Annotated[bool, typer.Option("--no-range", help="The neutral only, without your fullest slump and arch.")] = False,
    no_window: Annotated[bool, typer.Option("--no-window", help="In the terminal, without a live picture.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Replace or delete without asking.")] = False,
    list_: Annotated[bool, typer.Option("--list", help="List the calibrations there are.")] = False,
    delete: Annotated[str | None, typer.Option("--delete", metavar="NAME", help="Forget one of them.")] = None,
    model: Annotated[str | None, typer.Option("--model", metavar="NAME|FILE", help="lite, full, heavy or a .task file.")] = None,
    config: ConfigOption = None,
    set_: SetOption = None,
) -> None:
    """Take your neutral: sit tall but relaxed for five seconds; then, if you like, your fullest slump and arch.

    Every angle is measured against it. A monitor that runs lends its camera meanwhile. No picture is kept.
    """
    if list_:
        _list()
        return
    if delete is not None:
        _delete(delete, yes)
        return
    settings = settings_of(config, set_)
    wish = Wish(settings, model_file(model or settings.measure.model), camera, name, place, not no_range, not no_window, yes)
    raise typer.Exit(run(wish))


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be calibrated, and how."""

    settings: Settings
    model: Path
    camera: str | None = None
    name: str | None = None
    place: str | None = None
    with_range: bool = True
    window: bool = True
    yes: bool = False


def run(wish: Wish) -> int:
    """One calibration from the camera to the store.

    Returns:
        0: saved; 1: refused; 130: ended by the person. Nothing is saved but with 0.

    Raises:
        PostureError: camera, model, monitor or database cannot be used.
        KeyboardInterrupt: Ctrl-C.
    """
    from posture.calibrate import Phase  # noqa: PLC0415 # what follows loads MediaPipe
    from posture.commands.live_view import open_view  # noqa: PLC0415

    _check_name(wish)
    with ExitStack() as stack:
        face = stack.enter_context(_face(wish.window))
        view = stack.enter_context(open_view("calibrate", wish.camera, wish.settings, wish.model, lambda *_: None))
        state, place = _course(view, face, with_range=wish.with_range)
        if state.phase is not Phase.DONE:
            face.say(state.words)
            return INTERRUPTED if state.phase is Phase.QUIT else 1
        saved = _save(state, view, wish)
        for line in (f"Saved as {saved!r}.", state.words, *state.notes):
            face.say(line)
        if place is not None:
            tell_place(place)
        view.camera.close()  # what follows needs no picture: the light goes off
        with suppress(KeyboardInterrupt):  # it is saved: whoever does not want to read on is done
            lines = (place.where, *place.measured, *place.better) if place is not None else ()
            face.linger(f"Saved as {saved}", " ".join((state.words, *state.notes)), lines)
    return 0


class Face(Protocol):
    """Shows a calibration to the person."""

    def show(self, show: Show, picture: Picture | None, view: LiveView) -> Sequence[str]:
        """The state of the moment; gives the keys pressed since, by ``calibrate.Key``."""

    def say(self, words: str) -> None:
        """A line that stays."""

    def linger(self, title: str, words: str, lines: tuple[str, ...]) -> None:
        """How it went, for as long as it takes to read."""


def _course(view: LiveView, face: Face, *, with_range: bool) -> tuple[State, Placement | None]:
    """Look and ask, until there is a neutral or no use in going on."""
    from posture.calibrate import Key, Phase, Press, State, Step, show, step  # noqa: PLC0415
    from posture.calibration_checks import Take  # noqa: PLC0415
    from posture.kinematics.sample import PoseSample  # noqa: PLC0415
    from posture.model import Sight  # noqa: PLC0415

    state, place, hindered_s = State(with_range=with_range), None, -math.inf
    while not state.ended:
        picture = view.next()
        now_s = view.clock()
        if view.left_alone():
            face.say("The monitor has ended; the calibration goes on by itself.")
        if picture is not None:
            hinder = picture.update.words if picture.measured is None else ""
            before = state.neutral
            state = step(state, Take(picture.time_s, picture.update.sample, picture.measured, hinder))
            if (state.neutral is None) != (before is None):  # slump and arch are measured against the neutral that was just taken
                view.live.use(state.neutral)
            if state.step is Step.NEUTRAL and state.phase is Phase.HOLD:
                place = view.place() or place
        elif view.hinder and now_s - hindered_s >= _HINDER_S:
            hindered_s = now_s
            state = step(state, Take(now_s, PoseSample(now_s, Sight.UNCLEAR), None, view.hinder))
        for key in face.show(show(state), picture, view):
            state = step(state, Press(now_s, Key(key)))
    return state, place


@contextmanager
def _face(window: bool) -> Iterator[Face]:
    """The window, or where there can be none, words in the terminal."""
    from posture.desktop import window as live  # noqa: PLC0415

    why = live.why_none() if window else ""
    if why:
        out.print(f"{why} {live.NO_WINDOW}", markup=False, soft_wrap=True)
    with ExitStack() as stack:
        if why is None:
            yield WindowFace(stack.enter_context(live.Window("Posture calibration")))
        else:
            yield stack.enter_context(WordsFace())


class WindowFace:
    """The live picture with what is asked."""

    def __init__(self, window: Window) -> None:
        """`window`: an open one."""
        self._window = window
        self._bell = Bell()

    def show(self, show: Show, picture: Picture | None, view: LiveView) -> Sequence[str]:
        """Draw the picture if there is a new one, or say why there is none."""
        from posture.commands.live_view import angle_words  # noqa: PLC0415
        from posture.desktop.drawing import Bar, Panel, blank, draw  # noqa: PLC0415

        self._bell.ring(show)
        if picture is not None:
            place = view.place()
            lines = [place.where, *place.better[:1]] if place is not None else []
            timed = show.left_s is not None
            panel = Panel(
                show.title,
                show.words,
                big=f"{math.ceil(show.left_s)}" if show.left_s is not None else "",
                lines=(*lines, angle_words(picture.measured)),
                bar=Bar("", show.share, (158, 202, 233)) if timed else None,
                foot=show.keys,
                colour=(158, 202, 233),
            )
            self._window.show(draw(picture.image, picture.pose, panel))
        elif view.hinder:
            self._window.show(blank(Panel(words=view.hinder)))
        return [_KEYS[key] for key in self._window.pressed() if key in _KEYS]

    def say(self, words: str) -> None:
        """In the terminal, which stays when the window is gone."""
        out.print(words, markup=False, soft_wrap=True)

    def linger(self, title: str, words: str, lines: tuple[str, ...]) -> None:
        """Until a key, or for a few seconds."""
        from posture.desktop.drawing import Panel, blank  # noqa: PLC0415

        end_s = time.monotonic() + _READ_S
        self._window.show(blank(Panel(title, words, lines=lines, foot="any key: close")))
        while time.monotonic() < end_s and not self._window.pressed():
            time.sleep(0.05)


class WordsFace:
    """The same in words: what is asked as lines, the countdown in a line that changes, a bell where the person looks away."""

    def __init__(self) -> None:
        """Nothing was said yet."""
        self._said = ""
        self._bell = Bell()
        self._line: Status | None = out.status("opening the camera", spinner="dots") if out.is_terminal else None

    def __enter__(self) -> WordsFace:
        """Show the line."""
        if self._line is not None:
            self._line.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Take the line away."""
        if self._line is not None:
            self._line.stop()

    def show(self, show: Show, picture: Picture | None, view: LiveView) -> Sequence[str]:
        """A line when something new is asked or refused."""
        from posture.commands.live_view import angle_words  # noqa: PLC0415

        self._bell.ring(show)
        words = f"{show.title}. {show.words}"
        if words != self._said and show.keys:  # how it ended is said by whoever knows whether it was saved
            self._said = words
            seconds = "" if show.left_s is None else f" ({math.ceil(show.left_s)} s)"
            out.print(f"{words}{seconds}", markup=False, soft_wrap=True)
        if self._line is not None:
            left = "" if show.left_s is None else f"{math.ceil(show.left_s)} s  "
            seen = angle_words(picture.measured) if picture is not None else view.hinder
            if seen or left:
                self._line.update(escape(f"{left}{seen}  (Ctrl-C ends)"))
        return ()

    def say(self, words: str) -> None:
        """A line."""
        out.print(words, markup=False, soft_wrap=True)

    def linger(self, title: str, words: str, lines: tuple[str, ...]) -> None:  # the shape of a face
        """It stands in the terminal already."""


class Bell:
    """Rings when something new is asked: whoever sits sideways to the screen does not see it."""

    def __init__(self) -> None:
        """Nothing was asked yet."""
        self._last = ("", "")

    def ring(self, show: Show) -> None:
        """Ring if what is shown differs from last time."""
        now = (show.title, show.words)
        if self._last[0] and now != self._last and out.is_terminal:
            out.bell()
        self._last = now


def _check_name(wish: Wish) -> None:
    """Before anybody sits still for it: may it be called like that?

    Raises:
        PostureError: the name cannot be used, or is taken and there is nobody to ask.
    """
    if wish.name is None:
        return
    from posture.store import Store  # noqa: PLC0415

    if not (wish.name.strip() and wish.name.isprintable()):
        raise typer.BadParameter(f"{wish.name!r} is no name that can be read and typed", param_hint="--name")
    with Store.open() as store:
        taken = next((p for p in _profiles(store) if p.name == wish.name), None)
    if taken is None or wish.yes:
        return
    asked = f"{wish.name!r} is from {_date(taken.created_utc)}. Replace it?"
    if not out.is_terminal:
        raise PostureError(f"there is a calibration {wish.name!r} already; add --yes to replace it, or take another name")
    if not typer.confirm(asked):
        raise typer.Exit(1)


def _save(state: State, view: LiveView, wish: Wish) -> str:
    from posture import profiles  # noqa: PLC0415
    from posture.camera_choice import keep_camera  # noqa: PLC0415
    from posture.kinematics.meter import base_of  # noqa: PLC0415
    from posture.store import Store  # noqa: PLC0415

    assert state.neutral is not None
    camera = profiles.camera_of(view.address, view.camera.known or view.known)
    with Store.open() as store:
        name = wish.name or profiles.name_for(store, camera, wish.place)
        keep_camera(store, view.address, view.camera.known or view.known)
        profiles.save(store, name, state.neutral, camera, base_of(state.neutral, wish.settings.measure, None).view, wish.place)
    return name


def tell_place(place: Placement) -> None:
    """What can be measured from here, and how to place the camera better, in the terminal."""
    out.print(f"\n{place.where}", markup=False, soft_wrap=True)
    for line in (*place.measured, *place.better):
        out.print(f"  - {line}", markup=False, soft_wrap=True)


def _list() -> None:
    from posture.store import Store  # noqa: PLC0415

    with Store.open() as store:
        found = _profiles(store)
    if not found:
        out.print("There is no calibration yet; take one: posture calibrate", markup=False)
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
    from posture.store import Store  # noqa: PLC0415

    with Store.open() as store:
        store.load_profile(name)  # says which there are, if there is none of this name
        if not yes:
            if not out.is_terminal:
                raise PostureError(f"add --yes to forget the calibration {name!r}: there is nobody to ask here")
            if not typer.confirm(f"Forget the calibration {name!r}?"):
                raise typer.Exit(1)
        store.delete_profile(name)
    out.print(f"The calibration {name!r} is forgotten.", markup=False)


def _profiles(store: Store) -> list[Profile]:
    from posture import profiles  # noqa: PLC0415

    return profiles.listed(store)


def _date(utc_s: float) -> str:
    return f"{datetime.fromtimestamp(utc_s):%Y-%m-%d %H:%M}"
