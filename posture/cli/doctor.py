"""``posture doctor``: what works here, what does not, how to fix it."""

from __future__ import annotations

import typer
from rich.table import Table

from posture._support import DiagnosticLevel
from posture.cli.console import out, print_json
from posture.cli.doctor_checks import examine
from posture.cli.options import JsonOption, examples

_MARK = {"ok": ("green", "ok"), "note": ("yellow", "note"), "broken": ("red", "BROKEN")}


app = typer.Typer()


@app.command("doctor", epilog=examples("posture doctor", "posture doctor --json"))
def doctor(json_: JsonOption = False) -> None:
    """Check what works on this machine, what doesn't, and how to fix it. Exits with 1 if something essential is broken."""
    checks = list(examine())
    if json_:
        lines = [{"name": c.name, "state": c.state, "found": c.found, "mend": c.fix} for c in checks]
        print_json(lines)
    else:
        table = Table(box=None, show_header=False, pad_edge=False)
        table.add_column(no_wrap=True)
        table.add_column(no_wrap=True)
        table.add_column(overflow="fold")
        for c in checks:
            colour, word = _MARK[c.state]
            table.add_row(f"[{colour}]{word}[/]", c.name, _text(c.found, c.fix))
        out.print(table)
    if any(c.state is DiagnosticLevel.BROKEN for c in checks):
        raise typer.Exit(1)


def _text(found: str, fix: str) -> str:
    text = f"{found}\n-> {fix}" if fix else found
    return text.replace("[", r"\[")
