"""``posture show``: one entry of the catalogue as a page; ``posture done``, ``snooze`` and ``not-now``: an answer to the last prompt."""

from __future__ import annotations

import difflib
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from posture import catalogue as catalogue_module
from posture.commands import prompts as prompts_command
from posture.commands.common import ConfigOption, catalogue_of, out, settings_of
from posture.model import Answer, CatalogueError, PostureError
from posture.prompts import Catalogue, Prompt, heat_allowed
from posture.redflags import WAITS, last_numb_s, open_red_flags
from posture.settings import Settings
from posture.store import Store

if TYPE_CHECKING:
    from posture.reports.open_page import Opener, Shown

NumberOption = Annotated[
    int | None, typer.Argument(metavar="[NUMBER]", min=1, help="Which prompt, where several are open. Default: the last one.")
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("show", epilog="Examples:  posture show   ·   posture show cat_cow_seated   ·   posture show heat --no-open")(show)
    app.command("done", epilog="Example:  posture done")(done)
    app.command("snooze", epilog="Example:  posture snooze")(snooze)
    app.command("not-now", epilog="Example:  posture not-now")(not_now)


def show(
    prompt_id: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="Which prompt; posture prompts lists them. Default: the last one that was shown.")
    ] = None,
    no_open: Annotated[bool, typer.Option("--no-open", help="Write the page and print where it is.")] = False,
    out_file: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write the page there instead.")] = None,
    config: ConfigOption = None,
) -> None:
    """How it is done, with drawings and a timer: one page in your browser, made here, with no connection to anything."""
    from posture.reports.open_page import has_display, in_browser  # noqa: PLC0415 # loads Jinja

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
        out.print(WAITS, markup=False, soft_wrap=True)
    said = "opened" if shown.opened else "no browser could be opened; the page is" if wanted else "no display here; the page is"
    out.print(f"{said} {shown.path}", markup=False, soft_wrap=True)


def open_page(prompt_id: str, settings: Settings | None = None) -> Shown:
    """The page of one entry in the browser, for whoever has a prompt on the screen; the referral's if a red flag holds it back.

    Args:
        prompt_id: the entry.
        settings: name the user's own catalogue; by default the user's own settings.

    Returns:
        Where the page is, and whether a browser was found: without a display it is only written.

    Raises:
        PostureError: there is no such entry, it may not be shown, or the page cannot be written.
    """
    from posture.reports.open_page import has_display, in_browser  # noqa: PLC0415 # loads Jinja

    settings = settings or settings_of(None, None)
    catalogue = catalogue_of(settings)
    entry, flagged = allowed(find(prompt_id, catalogue), catalogue)
    return _write(entry, catalogue, settings, flagged=flagged, opener=in_browser if has_display() else None)


def _write(
    entry: Prompt, catalogue: Catalogue, settings: Settings, *, flagged: bool, opener: Opener | None, to: Path | None = None
) -> Shown:
    from posture.reports import open_page as pages  # noqa: PLC0415 # loads Jinja

    drawing = partial(catalogue_module.drawing, user_file=catalogue_module.own_file(settings))
    return pages.open_page(entry, catalogue, drawing, flagged=flagged, to=to, opener=opener)


def done(number: NumberOption = None) -> None:
    """Tell the monitor that you have done what its last prompt asked for."""
    tell(Answer.DONE, number)


def snooze(number: NumberOption = None) -> None:
    """Let the monitor's last prompt come back in a while."""
    tell(Answer.SNOOZE, number)


def not_now(number: NumberOption = None) -> None:
    """Tell the monitor that its last prompt does not suit you now."""
    tell(Answer.NOT_NOW, number)


def tell(answer: Answer, number: int | None, ask: Callable[..., Any] | None = None) -> None:
    """Answer a prompt of the running monitor.

    Args:
        answer: what became of it.
        number: of the prompt; ``None``: the last one that is open.
        ask: sends a request to the monitor, as ``control.client.ask``, which is the default.

    Raises:
        ControlError: there is no monitor, or it has no such prompt open.
    """
    if ask is None:
        from posture.control import client  # noqa: PLC0415 # loads sockets, which most commands do without

        ask = client.ask
    ask("answer", answer=answer.value, number=number)
    out.print(f"noted: {answer.replace('_', ' ')}", markup=False)


def last_shown(store: Callable[[], Store] = Store.open) -> str:
    """Id of the prompt that was shown last.

    Raises:
        PostureError: none was, yet.
        StoreError: what was shown cannot be read.
    """
    with store() as db:
        shown = db.recent_prompts(1)
    if not shown:
        raise PostureError("no prompt was shown yet; name one: posture prompts lists them")
    return shown[0].prompt_id


def find(prompt_id: str, catalogue: Catalogue) -> Prompt:
    """The entry of that id.

    Raises:
        CatalogueError: there is none; names those that are spelled most alike.
    """
    entry = catalogue.get(prompt_id)
    if entry is not None:
        return entry
    near = difflib.get_close_matches(prompt_id.lower().replace("-", "_"), [p.id for p in catalogue.prompts], n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(near)}?" if near else "posture prompts lists them all"
    raise CatalogueError(f"there is no prompt {prompt_id!r}; {hint}")


def allowed(entry: Prompt, catalogue: Catalogue, store: Callable[[], Store] = Store.open) -> tuple[Prompt, bool]:
    """What may be shown instead of an entry that waits, by what the person logged; and whether a red flag is up.

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
    if flagged and entry.waits_for_referral:
        return catalogue.referral, True
    if entry.warms and not heat_allowed(last_numb_s(reports)):
        raise PostureError(f"{entry.id} is not shown: you logged numbness, and skin that does not feel heat can burn")
    return entry, flagged and entry is catalogue.referral
