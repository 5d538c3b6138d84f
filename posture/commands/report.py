"""``posture report``: what an archive of recordings comes to."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from posture.commands.common import JsonOption, out
from posture.model import PostureError

PAGE = "archive.html"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("report", epilog="Examples:  posture report results   \u00b7   posture report results --json")(report)


def report(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder that several recordings were analysed into with --out.")],
    all_: Annotated[bool, typer.Option("--all", help="List every recording, not only those with the most flexed time.")] = False,
    json_: JsonOption = False,
) -> None:
    """Report on all the recordings of a folder: a table here, and a page, archive.html, in the folder.

    Reads the table that analyze keeps there, also while it is still at work.
    """
    from posture.archive import JOURNAL, read  # noqa: PLC0415 # loads PyAV
    from posture.files import write_whole  # noqa: PLC0415
    from posture.reports.archive_figures import totals_of  # noqa: PLC0415
    from posture.reports.archive_page import archive_html  # noqa: PLC0415
    from posture.reports.archive_terminal import LISTED, print_archive  # noqa: PLC0415
    from posture.reports.summary_json import plain  # noqa: PLC0415

    rows = list(read(folder).values())
    if not rows:
        made = f"posture analyze VIDEOS --out {folder}"
        raise PostureError(f"{folder}: holds no {JOURNAL}, the table of several recordings, which this makes: {made}")
    name = folder.absolute().name or str(folder)
    if json_:
        totals = asdict(totals_of(rows))
        typer.echo(json.dumps(plain({"folder": str(folder), "totals": totals, "recordings": [asdict(r) for r in rows]}), indent=2))
        return
    write_whole(folder / PAGE, archive_html(rows, name))
    print_archive(out, rows, name, None if all_ else LISTED)
    out.print(f"\npage: {folder / PAGE}", markup=False, soft_wrap=True)
