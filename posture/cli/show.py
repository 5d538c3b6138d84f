"""``posture show``: one entry of the catalogue as a page; ``posture done``, ``snooze``, ``not-now``, ``again``: the last prompt."""

from __future__ import annotations

import difflib
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from posture.cli import prompts as prompts_command
from posture.cli.console import say
from posture.cli.loading import catalogue_of, drawing_of, settings_of
from posture.cli.options import ConfigOption, examples
from posture.errors import CatalogueError, PostureError
from posture.monitor.control import client
from posture.prompts import HEAT_HELD, WAITS, Catalogue, Prompt, heat_allowed, in_place_of, open_red_flags
from posture.reports import Opener, Shown, browser as pages, has_display, in_browser
from posture.settings import Settings
from posture.storage import Store
from posture.types import Answer

NumberOption = Annotated[
    int | None, typer.Argument(metavar="[NUMBER]", min=1, help="Which reminder, if several are open. Default: the last one.")
]


app = typer.Typer()


@app.command("show", epilog=examples("posture show", "posture show cat_cow_seated", "posture show heat --no-open"))
def show(
    prompt_id: Annotated[
        str | None,
        typer.Argument(metavar="[ID]", help="Which exercise or tip; posture prompts lists them. Default: the one last suggested to you."),
    ] = None,
    no_open: Annotated[bool, typer.Option("--no-open", help="Only write the page, and print where it is.")] = False,
    out_file: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write the page to this file instead.")] = None,
    config: ConfigOption = None,
) -> None:
    """Show how to do it, with drawings and a timer: a page in your browser, made here, with no connection to anything."""
    if out_file is not None and (not out_file.name or out_file.is_dir()):
        raise typer.BadParameter(f"{out_file} is a folder; name a file in it, for instance {out_file / 'page.html'}", param_hint="--out")
    settings = settings_of(config, None)
    catalogue = catalogue_of(settings)
    entry, flagged = allowed(find(prompt_id or last_shown(), catalogue), catalogue)
    wanted = not no_open and has_display()
    shown = _write(entry, catalogue, settings, flagged=flagged, to=out_file, opener=in_browser if wanted else None)
    if no_open:
        typer.echo(shown.path)
        return
    if not shown.opened:
        prompts_command.show(entry, catalogue)
    if flagged:
        say(WAITS)
    say(page_words(shown, wanted=wanted))


def page_words(shown: Shown, *, wanted: bool) -> str:
    """Say where a page is, and whether a browser shows it; `wanted`: there is a display for one."""
    how = "opened" if shown.opened else "no browser could be opened; the page is" if wanted else "no display here; the page is"
    return f"{how} {shown.path}"


def open_page(prompt_id: str, settings: Settings | None = None) -> Shown:
    """Open the page of an entry in the browser; that of the referral if a red flag holds the entry back.

    Args:
        prompt_id: the entry.
        settings: name the user's own catalogue; by default the user's own settings.

    Returns:
        Where the page is, and whether a browser was found: without a display it is only written.

    Raises:
        PostureError: there is no such entry, it may not be shown, or the page cannot be written.
    """
    settings = settings or settings_of(None, None)
    catalogue = catalogue_of(settings)
    entry, flagged = allowed(find(prompt_id, catalogue), catalogue)
    return _write(entry, catalogue, settings, flagged=flagged, opener=in_browser if has_display() else None)


def _write(
    entry: Prompt, catalogue: Catalogue, settings: Settings, *, flagged: bool, opener: Opener | None, to: Path | None = None
) -> Shown:
    return pages.open_page(entry, catalogue, drawing_of(settings), flagged=flagged, to=to, opener=opener)


@app.command("done", epilog=examples("posture done"))
def done(number: NumberOption = None) -> None:
    """Tell the monitor that you've done what its last reminder suggested."""
    _send(Answer.DONE, number)


@app.command("snooze", epilog=examples("posture snooze"))
def snooze(number: NumberOption = None) -> None:
    """Have the monitor's last reminder come back later."""
    _send(Answer.SNOOZE, number)


@app.command("not-now", epilog=examples("posture not-now"))
def not_now(number: NumberOption = None) -> None:
    """Tell the monitor that its last reminder doesn't suit you right now."""
    _send(Answer.NOT_NOW, number)


@app.command("again", epilog=examples("posture again"))
def again() -> None:
    """Have the monitor show its last reminder once more, quietly. It counts toward no limit, and you can answer it again."""
    title = client.ask("again").get("title")
    say(f"shown again: {title}" if isinstance(title, str) else "shown again")


def _send(answer: Answer, number: int | None) -> None:
    """Answer a prompt of the running monitor; `number` ``None``: the last one that is open.

    Raises:
        ControlError: there is no monitor, or it has no such prompt open.
    """
    client.ask("answer", answer=answer.value, number=number)
    say(f"noted: {answer.replace('_', ' ')}")


def last_shown(store: Callable[[], Store] = Store.open) -> str:
    """Return the id of the prompt that was shown last.

    Raises:
        PostureError: none was, yet.
        StoreError: what was shown cannot be read.
    """
    with store() as db:
        shown = db.recent_prompts(1)
    if not shown:
        raise PostureError("you've had no reminder yet; name an exercise: posture prompts lists them")
    return shown[0].prompt_id


def find(prompt_id: str, catalogue: Catalogue) -> Prompt:
    """Return the entry of that id.

    Raises:
        CatalogueError: there is none; names those that are spelled most alike.
    """
    entry = catalogue.get(prompt_id)
    if entry is not None:
        return entry
    near = difflib.get_close_matches(prompt_id.lower().replace("-", "_"), [p.id for p in catalogue.prompts], n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(near)}?" if near else "posture prompts lists them all"
    raise CatalogueError(f"there is no exercise or tip {prompt_id!r}; {hint}")


def allowed(entry: Prompt, catalogue: Catalogue, store: Callable[[], Store] = Store.open) -> tuple[Prompt, bool]:
    """Return the entry, or the referral if a red flag is open and the entry waits for it; and whether one is open.

    Args:
        entry: what was asked for.
        catalogue: has the referral.
        store: opens the database with the self-reports.

    Raises:
        PostureError: heat, after numbness was logged: who cannot feel heat can burn.
        StoreError: the self-reports cannot be read.
    """
    with store() as db:
        reports = db.reports()
    flagged = bool(open_red_flags(reports, time.time()))
    shown = in_place_of(entry, catalogue, flagged=flagged, heat=heat_allowed(reports))
    if shown is None:
        raise PostureError(f"{entry.id} isn't shown: {HEAT_HELD}")
    return shown, flagged and shown is catalogue.referral
