"""``posture data``: where your data is, taking it out and back in, a copy of it and back, how long it is kept."""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from posture.cli import erase
from posture.cli.console import say
from posture.cli.options import examples
from posture.cli.progress import counting_bar
from posture.monitor import Instance
from posture.monitor.control import client
from posture.storage import (
    LEAST_DAYS,
    MOST_DAYS,
    ExportFormat,
    Range,
    Store,
    backup as write_backup,
    check,
    counted,
    default_path,
    export as export_tables,
    export_activitywatch,
    import_from,
    oldest_kept_utc,
    restore as restore_backup,
    retention_days,
    set_retention,
)

app = typer.Typer(help="Your data: export it, import it, back it up, erase it.", no_args_is_help=True)
FromOption = Annotated[str | None, typer.Option("--from", metavar="D", help="From this day on, such as 2026-03-02.")]
ToOption = Annotated[str | None, typer.Option("--to", metavar="D", help="Up to and including this day.")]
ForceOption = Annotated[bool, typer.Option("--force", help="Replace what is there.")]


@app.command("path", epilog=examples("posture data path"))
def path() -> None:
    """Print the folder that holds your data."""
    typer.echo(str(default_path().parent))


@app.command(
    "export",
    epilog=examples(
        "posture data export my-data",
        "posture data export my-data.json",
        "posture data export march --format parquet --from 2026-03-01 --to 2026-03-31",
        "posture data export --activitywatch buckets.json",
    ),
)
def export(
    target: Annotated[Path | None, typer.Argument(metavar="DIR|FILE", help="A new folder for csv and parquet, a file for json.")] = None,
    form: Annotated[ExportFormat | None, typer.Option("--format", help="Default: json for a name that ends in .json, else csv.")] = None,
    first: FromOption = None,
    last: ToOption = None,
    activitywatch: Annotated[
        Path | None, typer.Option("--activitywatch", metavar="FILE", help="Write buckets for ActivityWatch instead.")
    ] = None,
    profiles: Annotated[bool, typer.Option("--profiles/--no-profiles", help="Include calibrations.")] = True,
    force: ForceOption = False,
) -> None:
    """Write your data to files that other programs can read, with a description of every column. Only you can read the files."""
    if (target is None) == (activitywatch is None):
        raise typer.BadParameter("name one: a folder or a file to write to, or --activitywatch FILE")
    wanted = days_of(first, last)
    with Store.open_to_read() as store, counting_bar("exporting") as progress:
        if activitywatch is not None:
            if form is not None:
                raise typer.BadParameter("--format can't be combined with --activitywatch")
            counts = export_activitywatch(store, activitywatch, time.time(), wanted=wanted, force=force, progress=progress)
            what = f"{sum(counts.values())} events in {len(counts)} buckets; import the file in ActivityWatch: Raw Data, Import buckets"
        else:
            assert target is not None
            if target.suffix.lower() in (".csv", ".parquet"):
                raise typer.BadParameter(f"{target}: name a folder, as there is one file for each table")
            chosen = form or (ExportFormat.JSON if target.suffix.lower() == ".json" else ExportFormat.CSV)
            counts = export_tables(store, target, chosen, time.time(), wanted=wanted, profiles=profiles, force=force, progress=progress)
            what = counted(counts) or "nothing yet"
    say(f"exported to {activitywatch or target}: {what}")


@app.command("import", epilog=examples("posture data import my-data", "posture data import my-data.json --replace"))
def import_(
    source: Annotated[Path, typer.Argument(metavar="DIR|FILE", help="The export to import.")],
    replace: Annotated[
        bool, typer.Option("--replace", help="Where the times overlap, replace what is there with the import; replace calibrations too.")
    ] = False,
) -> None:
    """Import an export: all of it, or nothing if any of it can't be imported. What you already have is left alone."""
    with Store.open() as store, counting_bar("importing") as progress:
        done = import_from(store, source, replace=replace, progress=progress)
    for line in done.words():
        say(line)
    if done.profiles_kept:
        say("--replace takes the imported calibrations")


app.command("erase", epilog=examples("posture data erase --day 2026-03-02", "posture data erase --all"))(erase.erase)


@app.command("backup", epilog=examples("posture data backup posture-backup.db"))
def backup(
    target: Annotated[Path, typer.Argument(metavar="FILE", help="The file to write.")],
    force: ForceOption = False,
) -> None:
    """Copy the whole database into one file, even while the monitor runs."""
    with Store.open_to_read() as store:
        size = write_backup(store, target, force=force)
    say(f"backup written: {target} ({size / 1e6:.1f} MB)")
    say(f"to put it back: posture data restore {target}")


@app.command("restore", epilog=examples("posture data restore posture-backup.db"))
def restore(
    source: Annotated[Path, typer.Argument(metavar="FILE", help="The backup.")],
) -> None:
    """Replace your database with a backup; the old one is kept beside it. A running monitor is stopped first."""
    check(source)
    stopped = client.stop()
    with Instance.claim():
        aside = restore_backup(source, default_path())
        with Store.open() as store:  # brings an older version up to date
            store.check()
    say(f"restored: {source}")
    if aside is not None:
        say(f"your previous database is kept as {aside}; posture data erase removes it")
    if stopped:
        say("the monitor was stopped for this; to start it again: posture watch")


@app.command(
    "retention",
    epilog=examples("posture data retention", "posture data retention '90 days'", "posture data retention off"),
)
def retention(
    wish: Annotated[list[str] | None, typer.Argument(metavar="[DAYS|off]", help="For example '90 days', or off.")] = None,
) -> None:
    """How long data is kept. Older days are erased when the monitor starts. Off by default."""
    words = " ".join(wish or ()).lower().removesuffix("days").removesuffix("day").strip()
    with Store.open() if wish else Store.open_to_read() as store:
        if wish:
            valid = words.isdecimal() and LEAST_DAYS <= int(words) <= MOST_DAYS
            if not (valid or words == "off"):
                expected = f"expected off, or a number of days from {LEAST_DAYS} to {MOST_DAYS}"
                raise typer.BadParameter(f"{' '.join(wish)!r}: {expected}", param_hint="retention")
            set_retention(store, None if words == "off" else int(words))
        days = retention_days(store)
    if days is None:
        say("off: all data is kept")
        return
    oldest = datetime.fromtimestamp(oldest_kept_utc(days, time.time()))
    say(
        f"{days} days: when the monitor starts, what lies before {oldest:%Y-%m-%d} is erased "
        "(reports of numbness, and those whose referral waits, stay)"
    )


def days_of(first: str | None, last: str | None) -> Range:
    """Return the range of two options."""
    return erase.range_of_days((first, "--from"), (last, "--to"), "--from, --to")
