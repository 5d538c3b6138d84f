"""``posture prompts``: what the program may say, and why."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from posture.cli.console import out, print_json
from posture.cli.loading import catalogue_of, settings_of
from posture.cli.options import ConfigOption, JsonOption, examples
from posture.errors import CatalogueError
from posture.prompts import GENERAL_SAFETY, OUR_CAUTION, Catalogue, Prompt
from posture.reports import STYLES

app = typer.Typer()
_WORDS: dict[str, str] = {posture.value: look.word for posture, look in STYLES.items()}


@app.command("prompts", epilog=examples("posture prompts", "posture prompts cat_cow_seated"))
def prompts(
    prompt_id: Annotated[str | None, typer.Argument(metavar="[ID]", help="Which one to show in full.")] = None,
    config: ConfigOption = None,
    json_: JsonOption = False,
) -> None:
    """List every exercise and tip, or show one in full, with where it comes from."""
    catalogue = catalogue_of(settings_of(config, None))
    if prompt_id is None:
        _list(catalogue, json_)
        return
    entry = catalogue.get(prompt_id)
    if entry is None:
        raise CatalogueError(f"there is no exercise or tip {prompt_id!r}; posture prompts lists them all")
    if json_:
        print_json(asdict(entry))
    else:
        show(entry, catalogue)


def _list(catalogue: Catalogue, json_: bool) -> None:
    if json_:
        print_json([asdict(p) for p in catalogue.prompts])
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("id", "title", "helps with", "where"):
        table.add_column(heading, overflow="fold")
    for p in catalogue.prompts:
        answers = ", ".join([_WORDS.get(c, str(c)) for c in p.causes] + [str(r) for r in p.reports])
        table.add_row(*map(Text, (p.id, p.title, answers, str(p.where))))  # Text: a user's words are no markup
    out.print(table)


def show(p: Prompt, catalogue: Catalogue) -> None:
    """Print one prompt in full."""
    lines = [f"{n}. {step}" for n, step in enumerate(p.steps, 1)]
    how = (" · " if out.encoding.lower().startswith("utf") else ", ").join(
        str(x).replace("_", " ") for x in (p.position, p.duration, p.repetitions) if x
    )
    lines += ["", *([how] if how else []), f"Why: {p.why}", *([p.more] if p.more else [])]
    lines += ["", f"This is {catalogue.source_of(p)}."]
    lines += [f"  {said}" for passages in catalogue.cited(p.passages).values() for said in passages]
    if p.stop_if or p.not_for:
        lines += [""]
    if p.stop_if:
        lines += [f"Stop if: {p.stop_if} ({OUR_CAUTION})"]
    if p.not_for:
        lines += [f"Ask first: {p.not_for} ({OUR_CAUTION})"]
    if p.emergency:
        lines += ["", f"{p.emergency} ({GENERAL_SAFETY})"]
    title = Text(f"{p.title}  ({p.id})")
    out.print(Panel(Text("\n".join(lines)), title=title, title_align="left", width=min(100, out.width)))
