"""``posture log``: what you feel, and the documents' answer to it."""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from datetime import datetime
from typing import Annotated

import typer

from posture import catalogue as catalogue_module
from posture.commands import logged
from posture.commands.common import JsonOption, catalogue_of, err, out, settings_of
from posture.commands.prompts import show
from posture.model import ControlError, PostureError, ReportKind, SelfReport
from posture.moment import EXAMPLES, moment
from posture.prompts import RED_FLAGS, Catalogue, EntryKind, Prompt, answer, heat_allowed
from posture.redflags import WAITS, last_numb_s, open_red_flags
from posture.store import Store

log_app = typer.Typer(help="Say what you feel, and read what helps.", no_args_is_help=True)
_HELP = {
    ReportKind.URGE: "Your back feels as if it needs to crack.",
    ReportKind.CRACKED: "You cracked it.",
    ReportKind.STIFF: "Your back is stiff.",
    ReportKind.PAIN: "Your back hurts.",
    ReportKind.NUMB: "Something is numb or tingles.",
    ReportKind.WEAK: "A leg or arm is weak.",
    ReportKind.STRESS: "You are tense, worried or under pressure.",
}
_TELL_S = 2.0
"""A monitor that hangs may not keep the person waiting: it learns of the report at its next start."""
WhereOption = Annotated[str | None, typer.Option("--where", metavar="low|mid|upper|neck", help="Where in the back.")]
NoteOption = Annotated[str | None, typer.Option("--note", help="A note of your own; it stays on this machine.")]
AtOption = Annotated[str | None, typer.Option("--at", metavar="TIME", help=f"When it was, if not now: {EXAMPLES}.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    for kind, text in _HELP.items():
        examples = f"Examples:  posture log {kind}   ·   posture log {kind} --where low --note 'after a long call'   ·   --at 14:05"
        log_app.command(kind.value, help=text, epilog=examples)(_command(kind))
    log_app.command("ack", epilog="Example:  posture log ack")(acknowledge)
    logged.register(log_app, change)
    app.add_typer(log_app, name="log")


def _command(kind: ReportKind):  # type: ignore[no-untyped-def] # Typer reads the inner signature
    def report(where: WhereOption = None, note: NoteOption = None, at: AtOption = None, json_: JsonOption = False) -> None:
        time_s = _time_of(at)
        _report(SelfReport(time_s, kind, _place_of(where), note or None), json_)

    return report


def change(
    number: logged.NumberArgument,
    kind: Annotated[ReportKind | None, typer.Option("--kind", help="What it was instead.")] = None,
    where: WhereOption = None,
    note: Annotated[str | None, typer.Option("--note", help="The note instead; an empty one takes it away.")] = None,
    at: AtOption = None,
) -> None:
    """Change a report that you made; what you do not name stays as it is."""
    if kind is None and where is None and note is None and at is None:
        raise typer.BadParameter("say what is to change: --kind, --where, --note or --at")
    time_s = None if at is None else _time_of(at)
    catalogue, broken = _catalogue()
    with Store.open() as store:
        before = store.report(number)
        after = SelfReport(
            before.time_s if time_s is None else time_s,
            kind or before.kind,
            before.where if where is None else _place_of(where),
            before.note if note is None else note or None,
            before.acknowledged_s if kind in (None, before.kind) else None,  # what was acknowledged was something else
        )
        store.change_report(number, after)
        flagged = bool(open_red_flags(store.reports(), time.time()))
    if after.kind is not before.kind:
        _tell_monitor(after.kind, flagged=flagged)
        if after.kind in RED_FLAGS:
            _show([catalogue.referral], catalogue)
            out.print(WAITS, markup=False, soft_wrap=True)
    out.print(f"changed: {logged.line(number, after)}", markup=False, soft_wrap=True)
    if broken is not None:
        raise broken


def _time_of(at: str | None) -> float:
    """Seconds since the epoch; says how a time was read that came twice."""
    if at is None:
        return time.time()
    try:
        meant = moment(at, datetime.now())
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--at") from None
    if meant.remark is not None:
        err.print(f"posture: {meant.remark}", markup=False, soft_wrap=True)
    return meant.time_s


def _place_of(where: str | None) -> str | None:
    if where is not None and where not in logged.PLACES:
        raise typer.BadParameter(f"{where!r}: expected low, mid, upper or neck", param_hint="--where")
    return where


def _report(report: SelfReport, json_: bool) -> None:
    """Answer, and write down what was said. Neither a broken setting nor a broken database may keep the answer back."""
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
        _tell_monitor(kind, flagged=flagged)
    entries = first or _answers(catalogue, kind, past, flagged=flagged)
    if json_:
        said = {"logged": kind, "stored": failed is None, "number": number, "answers": [asdict(e) for e in entries]}
        typer.echo(json.dumps(said | ({"error": str(failed)} if failed else {}), ensure_ascii=False, indent=2))
    else:
        if failed is None:
            out.print(f"logged: {logged.line(number, report)}", markup=False, soft_wrap=True)
        _show([e for e in entries if e not in first], catalogue)
        if flagged:
            out.print(WAITS, markup=False, soft_wrap=True)
    if failed is not None and broken is not None:
        err.print(f"posture: {broken}", markup=False, soft_wrap=True)
    if failed is not None or broken is not None:
        raise failed or broken or AssertionError


def _catalogue() -> tuple[Catalogue, PostureError | None]:
    """The user's catalogue, or the shipped one and why the user's cannot be had."""
    try:
        return catalogue_of(settings_of(None, None)), None
    except PostureError as error:
        return catalogue_module.load(), error


def _store(report: SelfReport) -> tuple[list[SelfReport] | None, int | None, PostureError | None]:
    """Write the report down; the ones before it (``None``: they cannot be read), its number, and what went wrong."""
    past: list[SelfReport] | None = None
    try:
        with Store.open() as store:
            past = store.reports()
            return past, store.add_report(report), None
    except PostureError as error:
        return past, None, error


def _tell_monitor(kind: ReportKind, *, flagged: bool) -> None:
    """A monitor that runs learns of it at once, above all of a red flag; without one, or with one that hangs, nothing is lost."""
    from posture.control import client  # noqa: PLC0415 # loads sockets, which most commands do without

    try:
        client.ask("report", timeout_s=_TELL_S, kind=kind.value, flagged=flagged)
    except ControlError:
        return  # the report is in the database, which the monitor reads when it starts


def _answers(catalogue: Catalogue, kind: ReportKind, past: list[SelfReport] | None, *, flagged: bool) -> list[Prompt]:
    """The answer to what is no red flag by itself; without exercise and heat where it cannot be known whether a red flag is up."""
    if past is not None:
        return answer(catalogue, kind, flagged=flagged, heat=heat_allowed(last_numb_s(past)))
    safe = [e for e in answer(catalogue, kind, heat=False) if e.kind is not EntryKind.EXERCISE]
    return safe or answer(catalogue, kind, flagged=True)


def _show(entries: list[Prompt], catalogue: Catalogue) -> None:
    for entry in entries:
        show(entry, catalogue)


def acknowledge() -> None:
    """You have read the referral: exercise prompts may come again."""
    now = time.time()
    with Store.open() as store:
        waits = store.acknowledge_referral(now)
    if waits:
        _tell_acknowledged()
    out.print("acknowledged; see a professional all the same" if waits else "nothing waits to be acknowledged", markup=False)


def _tell_acknowledged() -> None:
    from posture.control import client  # noqa: PLC0415

    try:
        client.ask("acknowledge", timeout_s=_TELL_S)
    except ControlError:
        return
