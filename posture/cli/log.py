"""``posture log``: self-reports, and the catalogue's answer to them."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import asdict, replace
from datetime import datetime
from typing import Annotated, Any

import typer

from posture._support import catalogue as catalogue_module
from posture.cli import logged
from posture.cli.console import print_json, say, warn
from posture.cli.loading import catalogue_of, settings_of
from posture.cli.options import JsonOption, examples
from posture.cli.prompts import show
from posture.errors import ControlError, PostureError
from posture.monitor.control import client
from posture.prompts import RED_FLAGS, WAITS, Catalogue, EntryKind, Prompt, answer, heat_allowed, open_red_flags
from posture.reports.day.labels import PLACES
from posture.storage import Store
from posture.time_parsing import EXAMPLES, moment
from posture.types import ReportKind, SelfReport

app = typer.Typer(help="Log how your back feels, and see what helps.", no_args_is_help=True)
_HELP = {
    ReportKind.URGE: "Your back feels as if it needs to crack.",
    ReportKind.CRACKED: "You cracked your back.",
    ReportKind.STIFF: "Your back is stiff.",
    ReportKind.PAIN: "Your back hurts.",
    ReportKind.NUMB: "Something is numb or tingles.",
    ReportKind.WEAK: "A leg or arm is weak.",
    ReportKind.STRESS: "You are tense, worried or under pressure.",
}
_TELL_S = 2.0
"""A monitor that hangs may not keep the person waiting: it learns of the report at its next start."""
WhereOption = Annotated[str | None, typer.Option("--where", metavar="low|mid|upper|neck", help="Where in the back.")]
NoteOption = Annotated[str | None, typer.Option("--note", help="A note to yourself; it stays on this machine.")]
AtOption = Annotated[str | None, typer.Option("--at", metavar="TIME", help=f"When it was, if not now: {EXAMPLES}.")]


def _command(kind: ReportKind):  # type: ignore[no-untyped-def] # Typer reads the inner signature
    def report(where: WhereOption = None, note: NoteOption = None, at: AtOption = None, json_: JsonOption = False) -> None:
        time_s = _time_of(at)
        _report(SelfReport(time_s, kind, _place_of(where), note or None), json_)

    return report


for _kind, _text in _HELP.items():
    _examples = (f"posture log {_kind}", f"posture log {_kind} --where low --note 'after a long call'", f"posture log {_kind} --at 14:05")
    app.command(_kind.value, help=_text, epilog=examples(*_examples))(_command(_kind))


@app.command("ack", epilog=examples("posture log ack"))
def acknowledge() -> None:
    """Confirm that you've read the referral, so that exercises can come again."""
    now = time.time()
    with Store.open() as store:
        waits = store.acknowledge_referral(now)
    if waits:
        _tell_monitor("acknowledge")
    say("noted; please still see a professional" if waits else "there is nothing to confirm")


app.command("list", epilog=examples("posture log list", "posture log list --days 7 --json"))(logged.list_)


@app.command("edit", epilog=examples("posture log edit 12 --kind urge", "posture log edit 12 --where low --at 'yesterday 14:05'"))
def change(
    number: logged.NumberArgument,
    kind: Annotated[ReportKind | None, typer.Option("--kind", help="What you felt instead.")] = None,
    where: WhereOption = None,
    note: Annotated[str | None, typer.Option("--note", help="A new note; an empty one removes it.")] = None,
    at: AtOption = None,
) -> None:
    """Change one of your reports; anything you don't name stays as it is."""
    if kind is None and where is None and note is None and at is None:
        raise typer.BadParameter("say what to change: --kind, --where, --note or --at")
    time_s = None if at is None else _time_of(at)
    catalogue, broken = _catalogue()
    with Store.open() as store:
        before = store.report(number)
        after = replace(
            before.of_kind(kind or before.kind),
            time_s=before.time_s if time_s is None else time_s,
            where=before.where if where is None else _place_of(where),
            note=before.note if note is None else note or None,
        )
        store.change_report(number, after)
        flagged = bool(open_red_flags(store.reports(), time.time()))
    if after.kind is not before.kind:
        _tell_monitor("report", kind=after.kind.value, flagged=flagged)
        if after.kind in RED_FLAGS:
            _show([catalogue.referral], catalogue)
            say(WAITS)
    say(f"changed: {logged.line(number, after)}")
    if broken is not None:
        raise broken


app.command("rm", epilog=examples("posture log rm 12"))(logged.remove)


def _time_of(at: str | None) -> float:
    """Parse ``--at`` to seconds since the epoch; print which one is meant of a time that occurs twice."""
    if at is None:
        return time.time()
    try:
        meant = moment(at, datetime.now())
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--at") from None
    if meant.remark is not None:
        warn(meant.remark)
    return meant.time_s


def _place_of(where: str | None) -> str | None:
    if where is not None and where not in PLACES:
        raise typer.BadParameter(f"{where!r}: expected low, mid, upper or neck", param_hint="--where")
    return where


def _report(report: SelfReport, json_: bool) -> None:
    """Answer and store a report. Neither a broken setting nor a broken database keeps the answer back."""
    kind = report.kind
    catalogue, broken = _catalogue()
    first = [catalogue.referral] if kind in RED_FLAGS else []  # that answer needs nothing that is stored, so it comes before
    try:
        if not json_:
            _show(first, catalogue)
    finally:
        past, number, failed = _store(report)
    flagged = bool(open_red_flags([*(past or ()), report], time.time()))
    if failed is None:
        _tell_monitor("report", kind=kind.value, flagged=flagged)
    entries = first or _answers(catalogue, kind, past, flagged=flagged)
    if json_:
        said = {"logged": kind, "stored": failed is None, "number": number, "answers": [asdict(e) for e in entries]}
        print_json(said | ({"error": str(failed)} if failed else {}))
    else:
        if failed is None:
            say(f"logged: {logged.line(number, report)}")
        _show([e for e in entries if e not in first], catalogue)
        if flagged:
            say(WAITS)
    if failed is not None and broken is not None:
        warn(str(broken))
    if failed is not None or broken is not None:
        raise failed or broken or AssertionError


def _catalogue() -> tuple[Catalogue, PostureError | None]:
    """Read the user's catalogue; where it cannot be read, the shipped one and the error."""
    try:
        return catalogue_of(settings_of(None, None)), None
    except PostureError as error:
        return catalogue_module.load(), error


def _store(report: SelfReport) -> tuple[list[SelfReport] | None, int | None, PostureError | None]:
    """Store the report; return the earlier ones (``None``: unreadable), its number, and the error."""
    past: list[SelfReport] | None = None
    try:
        with Store.open() as store:
            past = store.reports()
            return past, store.add_report(report), None
    except PostureError as error:
        return past, None, error


def _tell_monitor(request: str, **values: Any) -> None:
    """Tell a running monitor, for which a red flag is urgent; one that is missing or hangs reads the database when it starts."""
    with suppress(ControlError):
        client.ask(request, timeout_s=_TELL_S, **values)


def _answers(catalogue: Catalogue, kind: ReportKind, past: list[SelfReport] | None, *, flagged: bool) -> list[Prompt]:
    """Choose the answer to a report that is no red flag; no exercise and no heat where an open red flag cannot be excluded."""
    if past is not None:
        return answer(catalogue, kind, flagged=flagged, heat=heat_allowed(past))
    safe = [e for e in answer(catalogue, kind, heat=False) if e.kind is not EntryKind.EXERCISE]
    return safe or answer(catalogue, kind, flagged=True)


def _show(entries: list[Prompt], catalogue: Catalogue) -> None:
    for entry in entries:
        show(entry, catalogue)
