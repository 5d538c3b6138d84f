"""``posture data``: where your data is, taking it out and back in, a copy of it, how long it is kept."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date as Date
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from posture.commands import erase
from posture.commands.common import err, out
from posture.exchange.shape import Format
from posture.schema import default_path
from posture.store import Store

if TYPE_CHECKING:
    from posture.exchange.importing import Imported
    from posture.exchange.reading import Range

data_app = typer.Typer(help="Your data: take it out, bring it back, copy it, erase it.", no_args_is_help=True)
FromOption = Annotated[str | None, typer.Option("--from", metavar="D", help="From this day on, as 2026-03-02.")]
ToOption = Annotated[str | None, typer.Option("--to", metavar="D", help="Up to this day, and with it.")]
_NAMES = {
    "sessions": ("session", "sessions"),
    "spans": ("span", "spans"),
    "episodes": ("episode", "episodes"),
    "prompts": ("prompt", "prompts"),
    "moves": ("break or shift", "breaks and shifts"),
    "self_reports": ("self-report", "self-reports"),
    "profiles": ("calibration", "calibrations"),
    "kept": ("note of the program", "notes of the program"),
}
ForceOption = Annotated[bool, typer.Option("--force", help="Replace what is there.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    data_app.command("path", epilog="Example:  posture data path")(path)
    data_app.command(
        "export",
        epilog="Examples:  posture data export my-data   ·   posture data export my-data.json   ·   "
        "posture data export march --format parquet --from 2026-03-01 --to 2026-03-31   ·   "
        "posture data export --activitywatch buckets.json",
    )(export)
    data_app.command("import", epilog="Examples:  posture data import my-data   ·   posture data import my-data.json --replace")(import_)
    data_app.command("erase", epilog="Examples:  posture data erase --day 2026-03-02   ·   posture data erase --all")(erase.erase)
    data_app.command("backup", epilog="Example:  posture data backup posture-backup.db")(backup)
    data_app.command("recover", epilog="Examples:  posture data recover   ·   posture data recover posture.db.damaged-2026-03-02-091500")(
        recover
    )
    data_app.command(
        "retention",
        epilog="Examples:  posture data retention   ·   posture data retention '90 days'   ·   posture data retention off",
    )(retention)
    app.add_typer(data_app, name="data")


def path() -> None:
    """Print the folder in which your data lies."""
    typer.echo(str(default_path().parent))


def export(
    target: Annotated[Path | None, typer.Argument(metavar="DIR|FILE", help="A new folder for csv and parquet, a file for json.")] = None,
    form: Annotated[Format | None, typer.Option("--format", help="Default: json for a name that ends in .json, else csv.")] = None,
    first: FromOption = None,
    last: ToOption = None,
    activitywatch: Annotated[
        Path | None, typer.Option("--activitywatch", metavar="FILE", help="Write buckets that ActivityWatch imports instead.")
    ] = None,
    profiles: Annotated[bool, typer.Option("--profiles/--no-profiles", help="Calibrations as well.")] = True,
    force: ForceOption = False,
) -> None:
    """Write your data to files that other programs read, with a description of every column. They are for your eyes only."""
    from posture.exchange.activitywatch import export_activitywatch  # noqa: PLC0415 # only this command needs it
    from posture.exchange.exporting import export as write  # noqa: PLC0415

    if (target is None) == (activitywatch is None):
        raise typer.BadParameter("name a folder or a file to write to, or --activitywatch FILE, one of them")
    wanted = days_of(first, last)
    with Store.open() as store, _bar("exporting") as progress:
        if activitywatch is not None:
            if form is not None:
                raise typer.BadParameter("--format is of no use with --activitywatch")
            counts = export_activitywatch(store, activitywatch, time.time(), wanted=wanted, force=force, progress=progress)
            what = f"{sum(counts.values())} events in {len(counts)} buckets; import the file in ActivityWatch: Raw Data, Import buckets"
        else:
            assert target is not None
            if target.suffix.lower() in (".csv", ".parquet"):
                raise typer.BadParameter(f"{target}: there is one file for each table: name a folder for them")
            chosen = form or (Format.JSON if target.suffix.lower() == ".json" else Format.CSV)
            counts = write(store, target, chosen, time.time(), wanted=wanted, profiles=profiles, force=force, progress=progress)
            what = _counted(counts) or "nothing yet"
    out.print(f"exported to {activitywatch or target}: {what}", markup=False, soft_wrap=True)


def import_(
    source: Annotated[Path, typer.Argument(metavar="DIR|FILE", help="What posture data export wrote.")],
    replace: Annotated[
        bool, typer.Option("--replace", help="Where the time is taken, put what is imported in its place; replace calibrations as well.")
    ] = False,
) -> None:
    """Bring an export back: all of it, or nothing if something in it cannot be. What is there already is left alone."""
    from posture.exchange.importing import import_from  # noqa: PLC0415

    with Store.open() as store, _bar("importing") as progress:
        done = import_from(store, source, replace=replace, progress=progress)
    for line in _words(done):
        out.print(line, markup=False, soft_wrap=True)


def _words(done: Imported) -> Iterator[str]:
    yield f"imported: {_counted(done.added) or 'nothing new'}"
    there = _counted({"sessions": done.sessions_there, "self_reports": done.reports_there, "profiles": done.profiles_there})
    if there:
        yield f"there already, left alone: {there}"
    if done.sessions_replaced:
        yield f"replaced, in whole or in part: {_counted({'sessions': done.sessions_replaced})}"
    if done.sessions_running:
        yield f"still running when exported, so ended where it was last written: {done.sessions_running}"
    if done.profiles_kept:
        yield f"calibrations that are different here and were kept: {', '.join(done.profiles_kept)} (--replace takes the imported ones)"


def _counted(numbers: Mapping[str, int]) -> str:
    """Numbers of rows by table, in words; those of none are left out."""
    return ", ".join(f"{number} {_NAMES[name][number != 1]}" for name, number in numbers.items() if number)


def backup(
    target: Annotated[Path, typer.Argument(metavar="FILE", help="The file to write.")],
    force: ForceOption = False,
) -> None:
    """Copy the whole database into one file, even while the monitor runs."""
    from posture.exchange.backup import backup as copy  # noqa: PLC0415

    with Store.open() as store:
        size = copy(store, target, force=force)
        where = store.path
    out.print(f"backup written: {target} ({size / 1e6:.1f} MB)", markup=False, soft_wrap=True)
    out.print(f"to put it back: posture stop, then copy it over {where}", markup=False, soft_wrap=True)


def recover(
    source: Annotated[
        Path | None,
        typer.Argument(metavar="[FILE]", help="A damaged database. Default: yours if it is damaged, else the last one set aside."),
    ] = None,
) -> None:
    """Save what can be read of a damaged database into the one in use. The damaged file stays as it is."""
    from posture import recovering  # noqa: PLC0415 # only this command needs it

    damaged = recovering.source_of(source, default_path())
    with Store.open() as store:
        done = recovering.recover(damaged, store)
    out.print(f"recovered from {damaged}: {_counted(done.added) or 'nothing new'}", markup=False, soft_wrap=True)
    for words, numbers in (("there already, left alone", done.there), ("damaged, left out", done.refused)):
        if any(numbers.values()):
            out.print(f"{words}: {_counted(numbers)}", markup=False, soft_wrap=True)
    if done.gaps:
        where = ", ".join(_NAMES[table][1] for table in done.gaps)
        out.print(f"not all could be read; some may be missing of: {where}", markup=False, soft_wrap=True)


def retention(
    wish: Annotated[list[str] | None, typer.Argument(metavar="[DAYS|off]", help="For instance '90 days', or off.")] = None,
) -> None:
    """How long data is kept; older days are erased when the monitor starts. Off unless you set it."""
    from posture.exchange import retention as keeping  # noqa: PLC0415

    words = " ".join(wish or ()).lower().removesuffix("days").removesuffix("day").strip()
    with Store.open() as store:
        if wish:
            valid = words.isdecimal() and keeping.LEAST_DAYS <= int(words) <= keeping.MOST_DAYS
            if not (valid or words == "off"):
                expected = f"expected off, or a number of days from {keeping.LEAST_DAYS} to {keeping.MOST_DAYS}"
                raise typer.BadParameter(f"{' '.join(wish)!r}: {expected}", param_hint="retention")
            keeping.set_retention(store, None if words == "off" else int(words))
        days = keeping.retention_days(store)
    if days is None:
        out.print("off: all data is kept", markup=False)
        return
    oldest = datetime.fromtimestamp(keeping.oldest_kept_utc(days, time.time()))
    out.print(
        f"{days} days: when the monitor starts, what lies before {oldest:%Y-%m-%d} is erased "
        "(reports of numbness, and those whose referral waits, stay)",
        markup=False,
        soft_wrap=True,
    )


def days_of(first: str | None, last: str | None) -> Range:
    """The range of two options."""
    from posture.exchange.days import days  # noqa: PLC0415

    try:
        return days(day_of(first, "--from"), day_of(last, "--to"))
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--from, --to") from None


def day_of(text: str | None, option: str) -> Date | None:
    """A day as 2026-03-02."""
    return erase.day_of(text, option)


@contextmanager
def _bar(what: str) -> Iterator[Callable[[int, int], None]]:
    """A progress bar on stderr where there is somebody to see it."""
    columns = [TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()]
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
        task = bar.add_task(what, total=None)

        def show(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        yield show
