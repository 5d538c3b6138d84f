"""``posture data erase``: a day, a range, or everything; said first, asked, and gone from the file."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext, suppress
from datetime import date as Date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import platformdirs
import typer

from posture import catalogue
from posture.commands.common import out
from posture.model import ControlError, PostureError, StoreError
from posture.schema import default_path
from posture.store import Store

if TYPE_CHECKING:
    from posture.exchange.erasing import Loss
    from posture.exchange.reading import Range

_APP = "posture-monitor"
_AGREED = "yes"
_PAGES = ("posture", "today", "day", "week", "trend")
"""What names of pages begin with that are not of one prompt."""


def erase(
    day: Annotated[str | None, typer.Option("--day", metavar="D", help="This day, as 2026-03-02.")] = None,
    first: Annotated[str | None, typer.Option("--from", metavar="D", help="From this day on.")] = None,
    last: Annotated[str | None, typer.Option("--to", metavar="D", help="Up to this day, and with it.")] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Everything: database, older copies, logs, pages, kept landmarks. Settings and models stay.")
    ] = False,
    backup: Annotated[Path | None, typer.Option("--backup", metavar="FILE", help="Copy the whole database there first.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Erase data for good. What goes is shown first."""
    from posture.exchange.days import days  # noqa: PLC0415

    ranged = first is not None or last is not None
    if [day is not None, ranged, everything].count(True) != 1:
        raise typer.BadParameter("say what: --day D, --from D --to D, or --all")
    if everything:
        _erase_all(backup, yes)
        return
    try:
        wanted = days(day_of(day or first, "--day" if day else "--from"), day_of(day or last, "--day" if day else "--to"))
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--day, --from, --to") from None
    _erase_range(wanted, backup, yes)


def day_of(text: str | None, option: str) -> Date | None:
    """A day as 2026-03-02."""
    if text is None:
        return None
    try:
        return Date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r}: expected a day such as 2026-03-02", param_hint=option) from None


def _erase_range(wanted: Range, backup: Path | None, yes: bool) -> None:
    from posture.exchange import erasing  # noqa: PLC0415

    with Store.open() as store:
        erasing.refuse_running(store, wanted)
        going = erasing.loss(store, wanted)
        copies = erasing.old_copies(store.path)
        if going.nothing:
            out.print("there is nothing to erase in that time", markup=False)
            return
        out.print(f"This goes, for good: {', '.join(_parts(going))}.", markup=False, soft_wrap=True)
        for copy in copies:
            out.print(f"An older copy of the whole database goes too, as it holds that time: {copy}", markup=False, soft_wrap=True)
        _say_numb(going)
        _agree(store, backup, yes)
        gone = erasing.erase(store, wanted)
        erasing.remove(copies)
    out.print("erased", markup=False)
    if gone.lingers:
        out.print(
            "another program is reading the database: until it ends, the log beside it may still hold old pages",
            markup=False,
            soft_wrap=True,
        )


def _erase_all(backup: Path | None, yes: bool) -> None:
    from posture.exchange import erasing  # noqa: PLC0415
    from posture.exchange.reading import Range  # noqa: PLC0415

    _refuse_while_running()
    database = default_path()
    going = None
    with _opened(database) as store:
        if store is not None:
            erasing.refuse_running(store, Range())
            going = erasing.loss(store, Range())
        files = list(_files(database))
        if (going is None or going.nothing) and not files:
            out.print("there is nothing to erase", markup=False)
            return
        parts = ["a database that cannot be read"] if going is None and database.exists() else list(_parts(going) if going else ())
        out.print(f"This goes, for good: {', '.join([*parts, f'{len(files)} files'])}.", markup=False, soft_wrap=True)
        for folder in sorted({file.parent for file in files}):
            out.print(f"  in {folder}", markup=False, soft_wrap=True)
        out.print("Settings and the pose model stay; so does what you exported or saved elsewhere.", markup=False, soft_wrap=True)
        if going is not None:
            _say_numb(going)
        _agree(store, backup, yes)
        if store is not None and going is not None:
            erasing.erase(store, Range())  # refuses while a session runs; overwrites what the files hold before they go
    erasing.remove(list(_files(database)))
    out.print("erased", markup=False)


def _opened(path: Path) -> AbstractContextManager[Store | None]:
    """The store for a block; ``None`` where there is no database, or one that cannot be read."""
    if path.exists():
        with suppress(StoreError):
            return Store.open(path)
    return nullcontext()


def _refuse_while_running() -> None:
    from posture.control import client  # noqa: PLC0415

    try:
        found = client.running()
    except ControlError as error:
        raise PostureError(f"{error}; end it, then try again; nothing was erased") from error
    if found is not None:
        raise PostureError("the monitor is running: posture stop, then try again; nothing was erased")


def _parts(going: Loss) -> Iterator[str]:
    """What goes, in words."""
    for number, one, many in (
        (going.sessions, "session", "sessions"),
        (going.shortened, "part of a session", "parts of sessions"),
    ):
        if number:
            yield f"{number} {one if number == 1 else many}"
    if going.span_s:
        yield (
            f"{going.span_s / 3600:.1f} h of the timeline" if going.span_s >= 360 else f"{math.ceil(going.span_s / 60)} min of the timeline"
        )
    for number, one in (
        (going.episodes, "episode"),
        (going.prompts, "prompt"),
        (going.moves, "break or shift"),
        (going.reports, "self-report"),
        (going.profiles, "calibration"),
    ):
        if number:
            yield f"{number} {one if number == 1 else 'breaks and shifts' if one.startswith('break') else one + 's'}"


def _say_numb(going: Loss) -> None:
    if going.numb_reports:
        out.print(
            "Among them is a report of numbness: without it the program no longer knows that heat is not for you.",
            markup=False,
            soft_wrap=True,
        )


def _agree(store: Store | None, backup: Path | None, yes: bool) -> None:
    """Write the backup and ask; ends the command if the answer is not yes."""
    if backup is None and store is not None and not yes:
        named = _ask("A backup first? Name a file, or press Enter for none")
        backup = Path(named).expanduser() if named else None
    if backup is not None and store is not None:
        from posture.exchange.backup import backup as copy  # noqa: PLC0415

        copy(store, backup)
        out.print(f"backup written: {backup}", markup=False, soft_wrap=True)
    if not yes and _ask(f"Type {_AGREED} to erase") != _AGREED:
        out.print("nothing was erased", markup=False)
        raise typer.Exit(1)


def _ask(question: str) -> str:
    """What was typed; nobody there is no answer."""
    try:
        return str(typer.prompt(question, default="", show_default=False)).strip()
    except typer.Abort:
        typer.echo()
        return ""


def _files(database: Path) -> Iterator[Path]:
    """What the program wrote about the person: the database with its companions and older copies, logs, pages, kept landmarks."""
    from posture.exchange.erasing import old_copies  # noqa: PLC0415
    from posture.landmark_cache import cache_folder  # noqa: PLC0415 # loads NumPy

    yield from (p for p in (database.with_name(database.name + end) for end in ("", "-wal", "-shm", "-journal")) if p.exists())
    yield from old_copies(database)
    logs = database.parent / "logs"
    yield from sorted(p for p in logs.glob("*.log*") if p.is_file())
    for folder, ours in _page_folders():
        yield from sorted(p for p in folder.glob("*.html") if p.is_file() and ours(p))
        yield from sorted(p for p in folder.glob(".*.html.*.part") if p.is_file())
    yield from sorted(p for p in cache_folder().rglob("*") if p.is_file())


def _page_folders() -> list[tuple[Path, Callable[[Path], bool]]]:
    """Where pages were written, whichever browser was the user's then, and which files are pages of this program.

    A folder that the user named may hold other pages.
    """
    own = [Path(platformdirs.user_cache_dir(_APP, appauthor=False)) / "pages", Path(platformdirs.user_downloads_dir()) / _APP]
    named = os.environ.get("POSTURE_PAGES_DIR")
    ids = {prompt.id for prompt in catalogue.load().prompts}

    def ours(page: Path) -> bool:
        return page.stem in ids or page.stem.startswith(_PAGES)

    return [*((folder, lambda _page: True) for folder in own), *([(Path(named).expanduser(), ours)] if named else [])]
