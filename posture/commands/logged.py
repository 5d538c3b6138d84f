"""``posture log list``, ``edit`` and ``rm``: the reports that were made."""

from __future__ import annotations

import json
import math
import shlex
import sys
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from datetime import time as Clock
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from posture.commands.common import JsonOption, out
from posture.model import SelfReport
from posture.redflags import open_red_flags
from posture.store import Store
from posture.stored import StoredReport

PLACES = ("low", "mid", "upper", "neck")
NumberArgument = Annotated[int, typer.Argument(metavar="NUMBER", min=1, max=2**63 - 1, help="As in: posture log list.")]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


def register(app: typer.Typer, change: Callable[..., None]) -> None:
    """Add the commands; `change` is that of ``edit``."""
    app.command("list", epilog="Examples:  posture log list   ·   posture log list --days 7 --json")(list_)
    app.command("edit", epilog="Examples:  posture log edit 12 --kind urge   ·   posture log edit 12 --where low --at 'yesterday 14:05'")(
        change
    )
    app.command("rm", epilog="Example:  posture log rm 12")(remove)


def list_(
    days: Annotated[int, typer.Option("--days", metavar="N", min=1, max=36500, help="The last N days, today among them.")] = 28,
    json_: JsonOption = False,
) -> None:
    """What you said of your back, with the numbers by which it can be changed or taken back."""
    now = time.time()
    first = datetime.combine(date.today() - timedelta(days=days - 1), Clock()).astimezone().timestamp()
    with Store.open() as store:
        found = store.numbered_reports(first, math.inf)
        waiting = open_red_flags(store.reports(), now)
    if json_:
        typer.echo(json.dumps([_as_dict(f, waiting) for f in found], ensure_ascii=False, indent=2))
    elif not found:
        out.print(f"nothing was logged in the last {days} days" if days > 1 else "nothing was logged today", markup=False)
    else:
        table = Table(box=None, pad_edge=False)
        table.add_column("number", justify="right", no_wrap=True)
        for heading in ("when", "what", "where"):
            table.add_column(heading, no_wrap=True)
        table.add_column("note", overflow="fold")
        for f in found:
            r = f.report
            note = _plain(r.note or "") + ("  (its referral waits: posture log ack)" if r in waiting else "")
            table.add_row(str(f.id), when(r.time_s), str(r.kind), _plain(r.where or ""), Text(note.strip()))
        out.print(table)


def remove(number: NumberArgument, yes: YesOption = False) -> None:
    """Take a report back."""
    with Store.open() as store:
        report = store.report(number)
        if not yes:
            out.print(line(number, report), markup=False, soft_wrap=True)
            if not _agreed():
                out.print("nothing was removed", markup=False)
                raise typer.Exit(1)
        store.delete_report(number)
    out.print(f"removed: {line(number, report)}", markup=False, soft_wrap=True)
    out.print(f"to have it again: {again(report)}", markup=False, soft_wrap=True)


def _agreed() -> bool:
    """Whether the person says yes; nobody there is no."""
    try:
        return typer.confirm("Remove it?", default=False)
    except typer.Abort:
        sys.stdout.write("\n")
        return False


def when(time_s: float) -> str:
    """A moment in the machine's own time, with its offset from UTC only where that is not today's."""
    local = datetime.fromtimestamp(time_s).astimezone()
    offset = "" if local.utcoffset() == datetime.now().astimezone().utcoffset() else f" UTC{local:%z}"
    return f"{local:%Y-%m-%d %H:%M}{offset}"


def line(number: int | None, report: SelfReport) -> str:
    """One report in one line."""
    parts = [str(report.kind), *([report.where] if report.where else []), f"at {when(report.time_s)}"]
    if report.note:
        parts.append(f"({report.note})")
    return _plain(" ".join(parts)) + ("" if number is None else f"  [number {number}]")


def again(report: SelfReport) -> str:
    """The command that would log the same once more."""
    local = datetime.fromtimestamp(report.time_s).astimezone()
    words = ["posture", "log", str(report.kind)]
    words += ["--where", report.where] if report.where in PLACES else []
    words += [f"--note={report.note}"] if report.note else []
    return shlex.join([*words, "--at", local.isoformat(timespec="seconds")])


def _plain(text: str) -> str:
    """Text for a terminal: what would steer it is left out."""
    return "".join(c if c.isprintable() else " " for c in text)


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
