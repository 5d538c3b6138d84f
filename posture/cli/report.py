"""``posture report``: what an archive of recordings comes to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated

import typer

from posture._support import write_whole
from posture.cli import study
from posture.cli.console import out, print_json, say, warn
from posture.cli.options import JsonOption, examples
from posture.errors import PostureError
from posture.reports import (
    LISTED,
    ArchiveRow,
    archive_html,
    grouped,
    keys_of,
    own_table,
    plain,
    print_archive,
    rows_below,
    totals_of,
    write_tables,
)

PAGE = "archive.html"


app = typer.Typer()


@app.command("report", epilog=examples("posture report results", "posture report results --by condition", "posture report results --json"))
def report(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder with results, in folders of any depth.")],
    all_: Annotated[
        bool, typer.Option("--all", help="List every recording, not just those with the most time leaning or slumped.")
    ] = False,
    group: study.GroupOption = None,
    by: Annotated[
        str | None,
        typer.Option(
            "--by", metavar="GROUPS", help="Figures by these groups, e.g. condition or condition,session. Default: all but subject."
        ),
    ] = None,
    subject: study.SubjectOption = None,
    analyst: study.AnalystOption = None,
    date: study.DateOption = None,
    note: study.NoteOption = None,
    json_: JsonOption = False,
) -> None:
    """Report on all recordings in a folder: a table here, archive.csv, and a page, archive.html, in the folder.

    Takes results however they were made: into one folder with --out, by several machines with --shard, or one by one beside the
    recordings. Works while analyze is still running.
    """
    about = study.about(subject, analyst, date, note)
    if not folder.is_dir():
        raise PostureError(f"{folder}: there is no such folder")
    rows = _regrouped(rows_below(folder), group)
    if not rows:
        raise PostureError(f"{folder}: holds no results; these are made by: posture analyze VIDEOS --out {folder}")
    name = folder.absolute().name or str(folder)
    keys = study.chosen_groups(by, keys_of(rows), {key for row in rows for key in row.groups})
    figures = grouped(rows, keys) if keys else []
    if json_:
        totals = asdict(totals_of(rows))
        found = {"folder": str(folder), "about": about, "totals": totals, "groups": [asdict(f) for f in figures]}
        print_json(plain({**found, "recordings": [asdict(r) for r in rows]}))
        return
    write_whole(folder / PAGE, archive_html(rows, name, figures, about))
    tables = write_tables(folder, rows) if own_table(folder) else []
    print_archive(out, rows, name, None if all_ else LISTED, figures)
    say(f"\npage: {folder / PAGE}" + (f"; table: {tables[0].name}" if tables else ""))
    if not tables:
        warn(f"{folder / 'archive.csv'} is not of this program, and was left alone")


def _regrouped(rows: Sequence[ArchiveRow], group: str | None) -> list[ArchiveRow]:
    """Return the rows with the groups that ``--group`` names, by the paths of the recordings, or of results that lie apart from them."""
    chosen = study.grouping(group)
    if chosen is None or not rows:
        return list(rows)
    paths = [Path(row.path) for row in rows]
    found = study.grouped(chosen, list(dict.fromkeys(paths)))
    return [replace(row, groups={**row.groups, **found[path]}) for row, path in zip(rows, paths, strict=True)]
