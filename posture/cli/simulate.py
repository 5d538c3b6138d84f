"""``posture simulate``: what would be said to somebody who sits as a plan says, at the current settings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from posture.cli.console import out, print_json, say
from posture.cli.loading import catalogue_of, settings_of
from posture.cli.options import ConfigOption, JsonOption, SetOption, examples
from posture.prompts import STATES, Catalogue, Said, Sitter, hold_words, plan_of, simulate
from posture.reports import KIND_WORDS, clock, count_words, span_words
from posture.types import Answer, HeldPrompt, PromptLevel, PromptReason, ShownPrompt

app = typer.Typer()
_WHY = {
    PromptReason.DOSE: "{dose}",
    PromptReason.REPEAT: "it goes on, {dose}",
    PromptReason.SHARE: "{dose} of the last measured hour",
    PromptReason.SNOOZED: "back from a snooze, {dose}",
}


def _complete(typed: str) -> list[str]:
    """Complete the state that is being typed."""
    before, comma, last = typed.rpartition(",")
    return [f"{before}{comma}{state}:" for state in STATES if state.startswith(last)]


@app.command("simulate", epilog=examples("posture simulate neutral:2,lean:75", "posture simulate lean:240 --unanswered"))
def simulate_command(
    plan: Annotated[
        str,
        typer.Argument(
            metavar="PLAN", help=f"How somebody sits: states and minutes. States: {', '.join(STATES)}.", autocompletion=_complete
        ),
    ],
    answered: Annotated[bool, typer.Option("--answered/--unanswered", help="Whether each reminder is answered with Done.")] = True,
    shifts: Annotated[
        float, typer.Option("--shifts", metavar="NUMBER", min=0.0, max=120.0, help="Small changes of posture an hour.")
    ] = 0.0,
    moving: Annotated[
        bool, typer.Option("--moving", help="Take every moment for a good one to speak in; else reminders wait for a movement.")
    ] = False,
    config: ConfigOption = None,
    set_: SetOption = None,
    json_: JsonOption = False,
) -> None:
    """Print which reminders would come, when and why, if you sat like PLAN. Nothing is measured or stored."""
    try:
        phases = plan_of(plan)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="PLAN") from None
    settings = settings_of(config, set_)
    catalogue = catalogue_of(settings)
    said = simulate(phases, catalogue, settings, Sitter(Answer.DONE if answered else None, shifts, moving))
    if json_:
        print_json([_values(s, catalogue) for s in said])
    else:
        _print(said, catalogue, sum(p.seconds for p in phases))


def _print(said: Sequence[Said], catalogue: Catalogue, seconds: float) -> None:
    if said:
        table = Table(box=None, pad_edge=False)
        for heading in ("At", "What", "About", "Why", "Exercise"):
            table.add_column(heading, overflow="fold", justify="right" if heading == "At" else "left")
        for one in said:
            table.add_row(*map(Text, _row(one, catalogue)), style=None if isinstance(one.event, ShownPrompt) else "dim")
        out.print(table)
    shown = sum(isinstance(s.event, ShownPrompt) for s in said)
    say(f"{count_words(shown, 'reminder')} in {span_words(seconds)}.")


def _row(said: Said, catalogue: Catalogue) -> tuple[str, ...]:
    event = said.event
    about = KIND_WORDS[event.kind] if event.kind is not None else ""
    if isinstance(event, HeldPrompt):
        return clock(event.time_s), "held back", about, hold_words(event.hold, clock), ""
    what = "second, firmer" if event.step is PromptLevel.FIRM else "reminder"
    return clock(event.time_s), what, about, _why(said, event), catalogue.title_of(event.prompt_id)


def _why(said: Said, shown: ShownPrompt) -> str:
    return _WHY[shown.reason].format(dose="" if said.dose_s is None else span_words(said.dose_s)).rstrip(", ")


def _values(said: Said, catalogue: Catalogue) -> dict[str, Any]:
    event = said.event
    values: dict[str, Any] = {"time_s": event.time_s, "kind": event.kind, "step": event.step, "dose_s": said.dose_s}
    if isinstance(event, HeldPrompt):
        return values | {
            "event": "held",
            "reason": event.hold.reason,
            "until_s": event.hold.until_s,
            "why": hold_words(event.hold),
            "prompt_id": None,
            "title": None,
        }
    return values | {
        "event": "shown",
        "reason": event.reason,
        "until_s": None,
        "why": _why(said, event),
        "prompt_id": event.prompt_id,
        "title": catalogue.title_of(event.prompt_id),
    }
