"""``posture report``: what an archive of recordings comes to."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from posture._support import write_whole
from posture.cli.console import out, print_json, say
from posture.cli.options import JsonOption, examples
from posture.errors import PostureError
from posture.reports import JOURNAL, LISTED, archive_html, plain, print_archive, read, totals_of

PAGE = "archive.html"


app = typer.Typer()


@app.command("report", epilog=examples("posture report results", "posture report results --json"))
def report(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder into which several recordings were analysed with --out.")],
    all_: Annotated[
        bool, typer.Option("--all", help="List every recording, not just those with the most time leaning or slumped.")
    ] = False,
    json_: JsonOption = False,
) -> None:
    """Report on all recordings in a folder: a table here, and a page, archive.html, in the folder.

    Reads the table that analyze keeps there, even while it is still running.
    """
    rows = list(read(folder).values())
    if not rows:
        made = f"posture analyze VIDEOS --out {folder}"
        raise PostureError(f"{folder}: holds no {JOURNAL}, the table of several recordings, which this makes: {made}")
    name = folder.absolute().name or str(folder)
    if json_:
        totals = asdict(totals_of(rows))
        print_json(plain({"folder": str(folder), "totals": totals, "recordings": [asdict(r) for r in rows]}))
        return
    write_whole(folder / PAGE, archive_html(rows, name))
    print_archive(out, rows, name, None if all_ else LISTED)
    say(f"\npage: {folder / PAGE}")
