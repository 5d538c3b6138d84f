"""``posture log``: what you feel, and the documents' answer to it."""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from typing import Annotated

import typer

from posture import catalogue as catalogue_module
from posture.commands.common import JsonOption, catalogue_of, err, out, settings_of
from posture.commands.prompts import show
from posture.model import PostureError, ReportKind, SelfReport
from posture.prompts import RED_FLAGS, Catalogue, EntryKind, Prompt, answer, heat_allowed
from posture.redflags import ANSWERED_BY_REFERRAL, WAITS, last_numb_s, open_red_flags
from posture.store import Store

log_app = typer.Typer(help="Say what you feel, and read what helps.", no_args_is_help=True)
_HELP = {
    ReportKind.URGE: "Your back feels as if it needs to crack.",
    ReportKind.CRACKED: "You cracked it.",
    ReportKind.STIFF: "Your back is stiff.",
    ReportKind.PAIN: "Your back hurts.",
    ReportKind.NUMB: "Something is numb or tingles.",
    ReportKind.WEAK: "A leg or arm is weak.",
}
WhereOption = Annotated[str | None, typer.Option("--where", metavar="low|mid|upper|neck", help="Where in the back.")]
NoteOption = Annotated[str | None, typer.Option("--note", help="A note of your own; it stays on this machine.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    for kind, text in _HELP.items():
        examples = f"Examples:  posture log {kind}   ·   posture log {kind} --where low --note 'after a long call'"
        log_app.command(kind.value, help=text, epilog=examples)(_command(kind))
    log_app.command("ack", epilog="Example:  posture log ack")(acknowledge)
    app.add_typer(log_app, name="log")


def _command(kind: ReportKind):  # type: ignore[no-untyped-def] # Typer reads the inner signature
    def report(where: WhereOption = None, note: NoteOption = None, json_: JsonOption = False) -> None:
        if where is not None and where not in ("low", "mid", "upper", "neck"):
            raise typer.BadParameter(f"{where!r}: expected low, mid, upper or neck", param_hint="--where")
        _report(kind, where, note, json_)

    return report


def _report(kind: ReportKind, where: str | None, note: str | None, json_: bool) -> None:
    """Answer, and write down what was said. Neither a broken setting nor a broken database may keep the answer back."""
    catalogue, broken = _catalogue()
    report = SelfReport(time.time(), kind, where, note)
    first = [catalogue.referral] if kind in RED_FLAGS else []  # that answer needs nothing that is stored, so it comes before
    try:
        if not json_:
            _show(first, catalogue)
    finally:
        past, failed = _store(report)
    flagged = bool(open_red_flags([*(past or ()), report], report.time_s))
    entries = first or _answers(catalogue, kind, past, flagged=flagged)
    if json_:
        said = {"logged": kind, "stored": failed is None, "answers": [asdict(e) for e in entries]}
        typer.echo(json.dumps(said | ({"error": str(failed)} if failed else {}), ensure_ascii=False, indent=2))
    else:
        if failed is None:
            out.print(f"logged: {kind}", markup=False)
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


def _store(report: SelfReport) -> tuple[list[SelfReport] | None, PostureError | None]:
    """Write the report down; the ones before it (``None``: they cannot be read), and what went wrong."""
    past: list[SelfReport] | None = None
    try:
        with Store.open() as store:
            past = store.reports()
            store.add_report(report)
    except PostureError as error:
        return past, error
    return past, None


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
        waits = bool(open_red_flags(store.reports(), now))
        if waits:  # else days of stiffness would be forgotten that nobody answered yet
            store.acknowledge(now, ANSWERED_BY_REFERRAL)
    out.print("acknowledged; see a professional all the same" if waits else "nothing waits to be acknowledged", markup=False)
