"""``posture data erase``: a day, a range, or everything; said first, asked, and gone from the file."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext, suppress
from pathlib import Path
from typing import Annotated

import typer

from posture._support import catalogue, logs, paths
from posture.cli.console import say
from posture.cli.options import day_of
from posture.days import range_of
from posture.errors import ControlError, PostureError, StoreError
from posture.monitor.control import client
from posture.storage import (
    ErasedCounts,
    Range,
    Store,
    backup as write_backup,
    backup_files,
    default_path,
    erase as erase_range,
    flags_lost,
    held_in_backups,
    loss,
    old_copies,
    real_files,
    refuse_running,
    remove,
)

_AGREED = "yes"
NAMES = {
    "sessions": ("session", "sessions"),
    "shortened": ("part of a session", "parts of sessions"),
    "spans": ("span", "spans"),
    "episodes": ("episode", "episodes"),
    "prompts": ("reminder", "reminders"),
    "held_prompts": ("reminder held back", "reminders held back"),
    "moves": ("break or shift", "breaks and shifts"),
    "self_reports": ("self-report", "self-reports"),
    "profiles": ("calibration", "calibrations"),
    "kept": ("program note", "program notes"),
}
"""One row of each table, and several."""
_OF_DAYS = ("today", "day", "week", "trend")
_PAGES = ("posture", *_OF_DAYS)
"""What names of pages begin with that are not of one prompt."""


def erase(
    day: Annotated[str | None, typer.Option("--day", metavar="D", help="This day, such as 2026-03-02.")] = None,
    first: Annotated[str | None, typer.Option("--from", metavar="D", help="From this day on.")] = None,
    last: Annotated[str | None, typer.Option("--to", metavar="D", help="Up to and including this day.")] = None,
    everything: Annotated[
        bool,
        typer.Option("--all", help="Everything: the database with its backups, logs, pages and kept landmarks. Settings and models stay."),
    ] = False,
    backup: Annotated[Path | None, typer.Option("--backup", metavar="FILE", help="Copy the whole database to this file first.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Erase data for good. What goes is shown first."""
    ranged = first is not None or last is not None
    if [day is not None, ranged, everything].count(True) != 1:
        raise typer.BadParameter("say what: --day D, --from D --to D, or --all")
    if everything:
        _erase_all(backup, yes)
        return
    bounds = ((day, "--day"), (day, "--day")) if day else ((first, "--from"), (last, "--to"))
    _erase_range(range_of_days(*bounds, "--day, --from, --to"), backup, yes)


def range_of_days(first: tuple[str | None, str], last: tuple[str | None, str], options: str) -> Range:
    """Return the time from one day to another, each with its option; raise typer.BadParameter if they are none."""
    try:
        return Range(*range_of(day_of(*first), day_of(*last)))
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint=options) from None


def _erase_range(wanted: Range, backup: Path | None, yes: bool) -> None:
    notes = default_path().parent / "logs"
    with Store.open() as store:
        refuse_running(store, wanted)
        going = loss(store, wanted)
        entries = logs.count_entries(notes, wanted.start_utc, wanted.end_utc)
        copies, pages = old_copies(store.path), list(_pages(_OF_DAYS))
        backed_up = held_in_backups(store.path, wanted)
        if going.nothing and not entries and not backed_up:
            say("there is nothing to erase in those days")
            return
        log = [f"{entries} {'entries' if entries > 1 else 'entry'} of the log"] if entries else []
        say(f"This will be erased for good: {', '.join([*_parts(going), *log]) or 'what is only in backups'}.")
        if backed_up:
            say("It will be erased from the automatic backups too.")
        for copy in copies:
            say(f"An older copy of the whole database will be erased too, as it covers those days: {copy}")
        for page in pages:
            say(f"A page of your days will be erased too, as it may show those days: {page}")
        _say_flags(store, wanted, going)
        _agree(store, backup, yes)
        gone = erase_range(store, wanted)
        logs.erase_entries(notes, wanted.start_utc, wanted.end_utc)
        remove([*copies, *pages])
    say("erased")
    if gone.lingers:
        say("another program is reading the database: until it closes, the log beside it may still hold old pages")


def _erase_all(backup: Path | None, yes: bool) -> None:
    _refuse_while_running()
    database = default_path()
    going = None
    with _opened(database) as store:
        if store is not None:
            refuse_running(store, Range())
            going = loss(store, Range())
        files = list(_files(database))
        if (going is None or going.nothing) and not files:
            say("there is nothing to erase")
            return
        parts = ["a database that cannot be read"] if going is None and database.exists() else _parts(going)
        say(f"This will be erased for good: {', '.join([*parts, f'{len(files)} files'])}.")
        for folder in sorted({file.parent for file in files}):
            say(f"  in {folder}")
        say("Settings and the pose model stay, and so does anything you exported or saved elsewhere.")
        if not _is_own_data():
            say("Pages and landmarks in your cache stay: they may belong to your data outside POSTURE_DATA_DIR.")
        if store is not None and going is not None:
            _say_flags(store, Range(), going)
        _agree(store, backup, yes)
        if store is not None and going is not None:
            erase_range(store, Range())  # refuses while a session runs; overwrites what the files hold before they go
    remove(list(_files(database)))
    say("erased")


def _opened(path: Path) -> AbstractContextManager[Store | None]:
    """Return the store for a block; ``None`` where there is no database, or one that cannot be read."""
    if path.exists():
        with suppress(StoreError):
            return Store.open(path)
    return nullcontext()


def _refuse_while_running() -> None:
    try:
        found = client.running()
    except ControlError as error:
        raise PostureError(f"{error}; stop it and try again; nothing was erased") from error
    if found is not None:
        raise PostureError("the monitor is running: run posture stop, then try again; nothing was erased")


def counted(numbers: Mapping[str, int]) -> str:
    """Write numbers of rows by table in words, without tables of none."""
    return ", ".join(f"{number} {NAMES[name][number != 1]}" for name, number in numbers.items() if number)


def _parts(going: ErasedCounts | None) -> list[str]:
    """Return what goes, in words."""
    if going is None:
        return []
    span = f"{going.span_s / 3600:.1f} h" if going.span_s >= 360 else f"{math.ceil(going.span_s / 60)} min"
    rest = {
        "episodes": going.episodes,
        "prompts": going.prompts,
        "held_prompts": going.held_prompts,
        "moves": going.moves,
        "self_reports": going.reports,
    }
    parts = (
        counted({"sessions": going.sessions, "shortened": going.shortened}),
        f"{span} of the timeline" if going.span_s else "",
        counted(rest | {"profiles": going.profiles}),
    )
    return [part for part in parts if part]


def _say_flags(store: Store, wanted: Range, going: ErasedCounts) -> None:
    """Say what no longer waits once this is erased."""
    if lost := flags_lost(store, wanted, time.time()):
        say(
            f"Exercises and heat are waiting because of what you logged then ({', '.join(lost)}); once it is erased, they come back. "
            "If it hasn't gone away, please see a professional."
        )
    if going.numb_reports:
        say("One of these is a report of numbness: without it, the program no longer knows that heat isn't safe for you.")


def _agree(store: Store | None, backup: Path | None, yes: bool) -> None:
    """Write the backup and ask; ends the command if the answer is not yes."""
    if backup is None and store is not None and not yes:
        named = _ask("Back up first? Name a file, or press Enter to skip")
        backup = Path(named).expanduser() if named else None
    if backup is not None and store is not None:
        write_backup(store, backup)
        say(f"backup written: {backup}")
    if not yes and _ask(f"Type {_AGREED} to erase") != _AGREED:
        say("nothing was erased")
        raise typer.Exit(1)


def _ask(question: str) -> str:
    """Return what was typed; the end of the input is no answer."""
    try:
        return str(typer.prompt(question, default="", show_default=False)).strip()
    except typer.Abort:
        typer.echo()
        return ""


def _files(database: Path) -> Iterator[Path]:
    """Yield what the program wrote about the person: the database with its companions and older copies, logs, pages, kept landmarks.

    What lies in folders of the user's cache or downloads belongs to the user's own data, not to another folder of data.
    """
    companions = (file.with_name(file.name + end) for file in real_files([database]) for end in ("", "-wal", "-shm", "-journal"))
    yield from (file for file in companions if file.exists() or file.is_symlink())
    yield from old_copies(database)
    yield from backup_files(database)
    yield from logs.log_files(database.parent / "logs")
    yield from _pages()
    landmarks = paths.cache_folder(paths.LANDMARKS) if _is_own_data() else paths.named_folder(paths.LANDMARKS)
    yield from sorted(p for p in landmarks.rglob("*") if p.is_file()) if landmarks is not None else ()


def _is_own_data() -> bool:
    """Return whether the data is the user's own, not in a folder that was named."""
    return default_path().parent.resolve() == paths.own_data().resolve()


def _pages(begin: tuple[str, ...] = ("",)) -> Iterator[Path]:
    """Yield pages whose names begin so, and what is left of such that were broken off, whichever browser was the user's then.

    A folder that the user named may hold other pages.
    """
    ids = {prompt.id for prompt in catalogue.load().prompts}
    named = paths.named_folder(paths.PAGES)
    own = (paths.own_cache(paths.PAGES), paths.own_downloads()) if _is_own_data() else ()
    for folder in (*own, *((named,) if named else ())):
        for page in sorted(folder.glob("*.html")):
            ours = folder != named or page.stem in ids or page.stem.startswith(_PAGES)
            if ours and page.is_file() and page.stem.startswith(begin):
                yield page
        yield from sorted(p for p in folder.glob(".*.html.*.part") if p.is_file())
