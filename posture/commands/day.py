"""``posture today``: one's own day."""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from datetime import date as Date
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from posture import catalogue as catalogue_module
from posture.commands.common import ConfigOption, JsonOption, catalogue_of, out, settings_of, user_catalogue
from posture.commands.prompts import show
from posture.redflags import WAITS
from posture.store import Store

if TYPE_CHECKING:
    from posture.day import Day
    from posture.prompts import Catalogue


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("today", epilog="Examples:  posture today   ·   posture today --date 2026-03-02 --html day.html")(today)


def today(
    date: Annotated[str | None, typer.Option("--date", metavar="D", help="Another day, as 2026-03-02.")] = None,
    html: Annotated[Path | None, typer.Option("--html", metavar="FILE", help="Write the day as one self-contained page.")] = None,
    config: ConfigOption = None,
    json_: JsonOption = False,
) -> None:
    """Your day: what the sitting was spent in, what was prompted, what stands out. Recordings of others are not in it."""
    from posture.day import as_analysis, day_of  # noqa: PLC0415 # loads NumPy
    from posture.reports.files import write_whole  # noqa: PLC0415
    from posture.reports.page import page_html  # noqa: PLC0415
    from posture.reports.terminal import print_analysis  # noqa: PLC0415

    if html is not None and (not html.name or html.is_dir()):
        raise typer.BadParameter(f"{html} is a folder; name a file in it, for instance {html / 'day.html'}", param_hint="--html")
    settings = settings_of(config, None)
    catalogue = catalogue_of(settings)
    with Store.open() as store:
        day = day_of(store, _date(date), catalogue, settings, time.time())
    flagged = bool(day.red_flags)
    if html is not None:
        drawing = partial(catalogue_module.drawing, user_file=user_catalogue(settings))
        write_whole(html, page_html(as_analysis(day, settings), catalogue, drawing, flagged=flagged))
    if json_:
        typer.echo(json.dumps(_as_dict(day, catalogue), ensure_ascii=False, indent=2))
        return
    if flagged:
        show(catalogue.referral, catalogue)
        out.print(f"{WAITS}\n", markup=False, soft_wrap=True)
    if day.spans:
        print_analysis(out, as_analysis(day, settings), catalogue, flagged=flagged)
    else:
        out.print(f"{day.date:%A %d %B %Y}: nothing was measured on this day.", markup=False)
    for report in day.reports:
        out.print(f"  {datetime.fromtimestamp(report.time_s):%H:%M}  you logged: {report.kind}", markup=False)
    if html is not None:
        out.print(f"\nwritten to {html}", markup=False, soft_wrap=True)


def _as_dict(day: Day, catalogue: Catalogue) -> dict[str, object]:
    """The day for a program; times are seconds since the epoch."""
    return {
        "date": day.date.isoformat(),
        **asdict(day.summary),
        "reports": [asdict(r) for r in day.reports],
        "red_flags": [asdict(r) for r in day.red_flags],
        "referral": asdict(catalogue.referral) if day.red_flags else None,
    }


def _date(text: str | None) -> Date:
    if text is None:
        return Date.today()
    try:
        return Date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not a date; write for instance 2026-03-02", param_hint="--date") from None
