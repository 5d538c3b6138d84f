"""``posture log list``, ``edit`` and ``rm``: the reports that were made."""

from __future__ import annotations

import math
import shlex
import sys
import time
from datetime import date, datetime, time as Clock, timedelta
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from posture.cli.console import out, print_json, say
from posture.cli.options import JsonOption
from posture.prompts import open_red_flags
from posture.reports.day.labels import PLACES
from posture.storage import Store, StoredReport
from posture.types import SelfReport

NumberArgument = Annotated[int, typer.Argument(metavar="NUMBER", min=1, max=2**63 - 1, help="The number shown by posture log list.")]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


def list_(
    days: Annotated[int, typer.Option("--days", metavar="N", min=1, max=36500, help="The last N days, including today.")] = 28,
    json_: JsonOption = False,
) -> None:
    """What you said about your back, with the numbers by which it can be changed or taken back."""
    now = time.time()
    first = datetime.combine(date.today() - timedelta(days=days - 1), Clock()).astimezone().timestamp()
    with Store.open_to_read() as store:
        found = store.numbered_reports(first, math.inf)
        waiting = open_red_flags(store.reports(), now)
    if json_:
        print_json([_as_dict(f, waiting) for f in found])
    elif not found:
        say(f"nothing was logged in the last {days} days" if days > 1 else "nothing was logged today")
    else:
        table = Table(box=None, pad_edge=False)
        table.add_column("number", justify="right", no_wrap=True)
        for heading in ("when", "what", "where"):
            table.add_column(heading, no_wrap=True)
        table.add_column("note", overflow="fold")
        for f in found:
            r = f.report
            note = (r.note or "") + ("  (still to confirm: posture log ack)" if r in waiting else "")
            table.add_row(str(f.id), when(r.time_s), str(r.kind), r.where or "", Text(note.strip()))
        out.print(table)


def remove(number: NumberArgument, yes: YesOption = False) -> None:
    """Take a report back."""
    with Store.open() as store:
        report = store.report(number)
        if not yes:
            say(line(number, report))
            if not _agreed():
                say("nothing was removed")
                raise typer.Exit(1)
        store.delete_report(number)
    say(f"removed: {line(number, report)}")
    say(f"to log it again: {again(report)}")


def _agreed() -> bool:
    """Ask whether to remove it; no if nobody is there to answer."""
    try:
        return typer.confirm("Remove it?", default=False)
    except typer.Abort:
        sys.stdout.write("\n")
        return False


def when(time_s: float) -> str:
    """Format a local time, with its offset from UTC only where that differs from the present one."""
    local = datetime.fromtimestamp(time_s).astimezone()
    offset = "" if local.utcoffset() == datetime.now().astimezone().utcoffset() else f" UTC{local:%z}"
    return f"{local:%Y-%m-%d %H:%M}{offset}"


def line(number: int | None, report: SelfReport) -> str:
    """Format a report in one line."""
    parts = [str(report.kind), *([report.where] if report.where else []), f"at {when(report.time_s)}"]
    if report.note:
        parts.append(f"({report.note})")
    return " ".join(parts) + ("" if number is None else f"  [number {number}]")


def again(report: SelfReport) -> str:
    """Return the command that logs the same report once more."""
    local = datetime.fromtimestamp(report.time_s).astimezone()
    words = ["posture", "log", str(report.kind)]
    words += ["--where", report.where] if report.where in PLACES else []
    words += [f"--note={report.note}"] if report.note else []
    return shlex.join([*words, "--at", local.isoformat(timespec="seconds")])


def _as_dict(found: StoredReport, waiting: list[SelfReport]) -> dict[str, Any]:
    r = found.report
    return {
        "number": found.id,
        "at": datetime.fromtimestamp(r.time_s).astimezone().isoformat(timespec="seconds"),
        "at_utc_s": r.time_s,
        "kind": r.kind,
        "where": r.where,
        "note": r.note,
        "acknowledged_utc_s": r.acknowledged_s,
        "referral_waits": r in waiting,
    }
