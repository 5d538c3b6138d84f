"""``posture log``: what you feel, and the documents' answer to it."""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from typing import Annotated

import typer

from posture.commands.common import JsonOption, catalogue_of, out, settings_of
from posture.commands.prompts import show
from posture.model import ReportKind, SelfReport
from posture.prompts import answer, heat_allowed
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
        log_app.command(kind.value, help=text)(_command(kind))
    log_app.command("ack")(acknowledge)
    app.add_typer(log_app, name="log")


def _command(kind: ReportKind):  # type: ignore[no-untyped-def] # Typer reads the inner signature
    def report(where: WhereOption = None, note: NoteOption = None, json_: JsonOption = False) -> None:
        if where is not None and where not in ("low", "mid", "upper", "neck"):
            raise typer.BadParameter(f"{where!r}: expected low, mid, upper or neck", param_hint="--where")
        _report(kind, where, note, json_)

    return report


def _report(kind: ReportKind, where: str | None, note: str | None, json_: bool) -> None:
    catalogue = catalogue_of(settings_of(None, None))
    with Store.open() as store:
        flagged = bool(store.open_red_flags())
        numb = max((r.time_s for r in store.reports() if r.kind is ReportKind.NUMB), default=None)
        now = time.time()
        store.add_report(SelfReport(now, kind, where, note))
        raised = bool(store.open_red_flags())
    entries = answer(catalogue, kind, flagged=flagged, heat=heat_allowed(numb, now))
    if json_:
        typer.echo(json.dumps({"logged": kind, "answers": [asdict(e) for e in entries]}, ensure_ascii=False, indent=2))
        return
    out.print(f"logged: {kind}", markup=False)
    for entry in entries:
        show(entry, catalogue)
    if raised:
        out.print("Exercise and heat prompts wait until you have read this. When you have: posture log ack", markup=False, soft_wrap=True)


def acknowledge() -> None:
    """You have read the referral: exercise prompts may come again."""
    with Store.open() as store:
        count = store.acknowledge(time.time())
    out.print("acknowledged; see a professional all the same" if count else "nothing waits to be acknowledged", markup=False)
