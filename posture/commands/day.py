"""``posture today``, ``week`` and ``trend``: one's own days."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date as Date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from posture import catalogue as catalogue_module
from posture.commands.common import ConfigOption, JsonOption, catalogue_of, out, settings_of
from posture.commands.prompts import show
from posture.redflags import WAITS
from posture.store import Store

if TYPE_CHECKING:
    from posture.prompts import Catalogue
    from posture.settings import Settings

TREND_DAYS, MOST_DAYS = 84, 3660

DateOption = Annotated[str | None, typer.Option("--date", metavar="D", help="Another day, as 2026-03-02.")]
LastOption = Annotated[str | None, typer.Option("--date", metavar="D", help="The last of the days, as 2026-03-02. Default: today.")]
DaysOption = Annotated[int, typer.Option("--days", metavar="N", min=1, max=MOST_DAYS, help="How many days, the last one included.")]
MarkdownOption = Annotated[bool, typer.Option("--md", help="Print Markdown.")]
HtmlOption = Annotated[Path | None, typer.Option("--html", metavar="FILE", help="Write one self-contained page.")]
OpenOption = Annotated[bool, typer.Option("--open", help="Open the page in your browser; it lies where only you can read it.")]


@dataclass(frozen=True, slots=True)
class _Output:
    """How the user wants it."""

    html: Path | None
    open: bool
    markdown: bool
    json: bool

    def __post_init__(self) -> None:
        if self.json and self.markdown:
            raise typer.BadParameter("--json and --md both print; choose one")
        if self.html is not None and (not self.html.name or self.html.is_dir()):
            raise typer.BadParameter(
                f"{self.html} is a folder; name a file in it, for instance {self.html / 'day.html'}", param_hint="--html"
            )


@dataclass(frozen=True, slots=True)
class _Forms:
    """What was read, in every form in which it can be given; each is made when it is asked for."""

    name: str
    """File name of the page that is opened."""
    flagged: bool
    page: Callable[[], str]
    markdown: Callable[[], str]
    data: Callable[[], dict[str, Any]]
    terminal: Callable[[], None]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command(
        "today", epilog="Examples:  posture today   ·   posture today --open   ·   posture today --date 2026-03-02 --html day.html"
    )(today)
    app.command("week", epilog="Examples:  posture week   ·   posture week --date 2026-03-08 --md")(week)
    app.command("trend", epilog="Examples:  posture trend   ·   posture trend --days 365 --json")(trend)


def today(
    date: DateOption = None,
    html: HtmlOption = None,
    open_: OpenOption = False,
    markdown: MarkdownOption = False,
    config: ConfigOption = None,
    json_: JsonOption = False,
) -> None:
    """Your day: what the sitting was spent in, what was prompted, what stands out. Recordings of others are not in it."""
    from posture.day import day_of  # noqa: PLC0415 # loads NumPy
    from posture.reports import day_json, day_markdown, day_terminal  # noqa: PLC0415

    output = _Output(html, open_, markdown, json_)
    settings = settings_of(config, None)
    catalogue, now_s = catalogue_of(settings), time.time()
    with Store.open() as store:
        day = day_of(store, _date(date), catalogue, settings, now_s)

    def page() -> str:
        from posture.reports.day_page import page_of_day  # noqa: PLC0415 # loads Jinja

        return page_of_day(day, catalogue, _drawing(settings), now_s=now_s)

    _give(
        _Forms(
            "today.html",
            bool(day.red_flags),
            page,
            lambda: day_markdown.day_markdown(day, catalogue),
            lambda: day_json.day_dict(day, catalogue),
            lambda: day_terminal.print_day(out, day),
        ),
        output,
        catalogue,
    )


def week(
    date: LastOption = None,
    html: HtmlOption = None,
    open_: OpenOption = False,
    markdown: MarkdownOption = False,
    config: ConfigOption = None,
    json_: JsonOption = False,
) -> None:
    """Your last seven days side by side."""
    from posture.day import week_of  # noqa: PLC0415 # loads NumPy
    from posture.reports import day_json, day_markdown, week_terminal  # noqa: PLC0415

    output = _Output(html, open_, markdown, json_)
    settings = settings_of(config, None)
    catalogue = catalogue_of(settings)
    with Store.open() as store:
        found = week_of(store, _date(date), catalogue, settings, time.time())

    def page() -> str:
        from posture.reports.day_page import page_of_week  # noqa: PLC0415 # loads Jinja

        return page_of_week(found, catalogue, _drawing(settings))

    _give(
        _Forms(
            "week.html",
            bool(found.red_flags),
            page,
            lambda: day_markdown.week_markdown(found, catalogue),
            lambda: day_json.week_dict(found, catalogue),
            lambda: week_terminal.print_week(out, found),
        ),
        output,
        catalogue,
    )


def trend(
    days: DaysOption = TREND_DAYS,
    date: LastOption = None,
    html: HtmlOption = None,
    open_: OpenOption = False,
    markdown: MarkdownOption = False,
    config: ConfigOption = None,
    json_: JsonOption = False,
) -> None:
    """Flexed hours and coverage of many days, a column a week; twelve weeks unless you say otherwise."""
    from posture.day import trend_of  # noqa: PLC0415 # loads NumPy
    from posture.reports import day_json, day_markdown, week_terminal  # noqa: PLC0415

    output = _Output(html, open_, markdown, json_)
    settings = settings_of(config, None)
    catalogue = catalogue_of(settings)
    with Store.open() as store:
        found = trend_of(store, _date(date), days, settings, time.time())

    def page() -> str:
        from posture.reports.day_page import page_of_trend  # noqa: PLC0415 # loads Jinja

        return page_of_trend(found, catalogue)

    _give(
        _Forms(
            "trend.html",
            bool(found.red_flags),
            page,
            lambda: day_markdown.trend_markdown(found, catalogue),
            lambda: day_json.trend_dict(found, catalogue),
            lambda: week_terminal.print_trend(out, found),
        ),
        output,
        catalogue,
    )


def _give(forms: _Forms, output: _Output, catalogue: Catalogue) -> None:
    """Write, print and open what was asked for; a red flag comes first."""
    from posture.reports.day_json import as_text  # noqa: PLC0415
    from posture.reports.open_page import write_own  # noqa: PLC0415

    said = []
    if output.html is not None:
        write_own(output.html, forms.page())
        said.append(f"written to {output.html}")
    if output.open:
        said.append(_open(forms))
    if output.json:
        typer.echo(as_text(forms.data()))
        return
    if output.markdown:
        typer.echo(forms.markdown(), nl=False)
        return
    if not output.open:
        if forms.flagged:
            show(catalogue.referral, catalogue)
            out.print(f"{WAITS}\n", markup=False, soft_wrap=True)
        forms.terminal()
    for line in said:
        out.print(f"\n{line}" if not output.open else line, markup=False, soft_wrap=True)


def _open(forms: _Forms) -> str:
    from posture.reports.open_page import has_display, in_browser, open_own  # noqa: PLC0415

    wanted = has_display()
    shown = open_own(forms.name, forms.page(), in_browser if wanted else None)
    how = "opened" if shown.opened else "no browser could be opened; the page is" if wanted else "no display here; the page is"
    return f"{how} {shown.path}"


def _drawing(settings: Settings) -> Callable[[str], str]:
    return partial(catalogue_module.drawing, user_file=catalogue_module.own_file(settings))


def _date(text: str | None) -> Date:
    if text is None:
        return Date.today()
    try:
        return Date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not a date; write for instance 2026-03-02", param_hint="--date") from None
