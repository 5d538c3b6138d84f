"""``posture data erase``: a day, a range, or everything; said first, asked, and gone from the file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from posture.cli.console import say
from posture.cli.options import day_of
from posture.days import range_of
from posture.errors import ControlError, PostureError
from posture.monitor.control import client
from posture.storage import ErasurePlan, Range, Store, backup as write_backup, carry_out, default_path, opened, plan_everything, plan_range

_AGREED = "yes"


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
    with Store.open() as store:
        _carry_out(plan_range(store, wanted), store, backup, yes, "there is nothing to erase in those days")


def _erase_all(backup: Path | None, yes: bool) -> None:
    _refuse_while_running()
    with opened(default_path()) as store:
        _carry_out(plan_everything(store), store, backup, yes, "there is nothing to erase")


def _carry_out(plan: ErasurePlan, store: Store | None, backup: Path | None, yes: bool, nothing: str) -> None:
    """Say what goes, ask, and erase it."""
    if plan.nothing:
        say(nothing)
        return
    for line in plan.lines:
        say(line)
    _agree(store, backup, yes)
    lingers = carry_out(plan, store)
    say("erased")
    if lingers:
        say("another program is reading the database: until it closes, the log beside it may still hold old pages")


def _refuse_while_running() -> None:
    try:
        found = client.running()
    except ControlError as error:
        raise PostureError(f"{error}; stop it and try again; nothing was erased") from error
    if found is not None:
        raise PostureError("the monitor is running: run posture stop, then try again; nothing was erased")


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
