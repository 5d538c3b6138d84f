"""``posture today``, ``week`` and ``trend``: one's own days."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date as Date
from pathlib import Path
from typing import Annotated, Any, Generic, NamedTuple, TypeVar

import typer
from rich.console import Console

from posture.cli.console import out, say
from posture.cli.loading import catalogue_of, drawing_of, settings_of
from posture.cli.options import ConfigOption, JsonOption, day_of as day_typed, examples
from posture.cli.prompts import show
from posture.cli.show import page_words
from posture.days import Day, Trend, Week
from posture.errors import ControlError
from posture.monitor.control import client
from posture.prompts import NOT_RUNNING, WAITS, Catalogue, Prompt, Silence
from posture.reports import (
    as_text,
    day_of,
    has_display,
    in_browser,
    open_own,
    page_address,
    page_of_day,
    page_of_trend,
    page_of_week,
    trend_of,
    week_of,
    write_own,
)
from posture.reports.day import json as day_json, markdown as day_markdown, terminal as day_terminal, week_terminal
from posture.settings import Settings
from posture.storage import Store

TREND_DAYS, MOST_DAYS = 84, 3660

DateOption = Annotated[str | None, typer.Option("--date", metavar="D", help="Another day, such as 2026-03-02.")]
LastOption = Annotated[str | None, typer.Option("--date", metavar="D", help="The last day, such as 2026-03-02. Default: today.")]
DaysOption = Annotated[int, typer.Option("--days", metavar="N", min=1, max=MOST_DAYS, help="How many days, including the last one.")]
MarkdownOption = Annotated[bool, typer.Option("--md", help="Print Markdown.")]
HtmlOption = Annotated[Path | None, typer.Option("--html", metavar="FILE", help="Write one self-contained page.")]
OpenOption = Annotated[bool, typer.Option("--open", help="Open the page in your browser. Only you can read it.")]


@dataclass(frozen=True, slots=True)
class _Output:
    """The forms that the user asks for."""

    html: Path | None
    open: bool
    markdown: bool
    json: bool

    def __post_init__(self) -> None:
        if self.json and self.markdown:
            raise typer.BadParameter("choose either --json or --md")
        if self.html is not None and (not self.html.name or self.html.is_dir()):
            raise typer.BadParameter(
                f"{self.html} is a folder; name a file in it, for instance {self.html / 'day.html'}", param_hint="--html"
            )


class _User(NamedTuple):
    """The user's own."""

    settings: Settings
    catalogue: Catalogue


T = TypeVar("T", Day, Week, Trend)


@dataclass(frozen=True, slots=True)
class _Forms(Generic[T]):
    """How a day, a week or a trend is shown."""

    name: str
    """File name of the page that is opened."""
    page: Callable[[T, _User], str]
    markdown: Callable[[T, Catalogue], str]
    data: Callable[[T, Catalogue], dict[str, Any]]
    terminal: Callable[[Console, T], None]


app = typer.Typer()


@app.command("today", epilog=examples("posture today", "posture today --open", "posture today --date 2026-03-02 --html day.html"))
def today(
    date: DateOption = None,
    html: HtmlOption = None,
    open_: OpenOption = False,
    markdown: MarkdownOption = False,
    config: ConfigOption = None,
    json_: JsonOption = False,
) -> None:
    """Your day: how you sat, the reminders you got, and what stands out. Recordings of other people are left out."""
    now_s, silence = time.time(), _silence_on(_date(date))
    forms = _Forms(
        "today.html",
        lambda day, user: page_of_day(day, user.catalogue, drawing_of(user.settings), now_s=now_s, how=_how(user), silence=silence),
        lambda day, catalogue: day_markdown.day_markdown(day, catalogue, silence),
        lambda day, catalogue: day_json.day_dict(day, catalogue, silence),
        lambda console, day: day_terminal.print_day(console, day, silence),
    )
    output = _Output(html, open_, markdown, json_)
    _give(output, config, lambda store, user: day_of(store, _date(date), user.catalogue, user.settings, now_s), forms)


@app.command("week", epilog=examples("posture week", "posture week --date 2026-03-08 --md"))
def week(
    date: LastOption = None,
    html: HtmlOption = None,
    open_: OpenOption = False,
    markdown: MarkdownOption = False,
    config: ConfigOption = None,
    json_: JsonOption = False,
) -> None:
    """Your last seven days side by side."""
    forms = _Forms(
        "week.html",
        lambda week, user: page_of_week(week, user.catalogue, drawing_of(user.settings), how=_how(user)),
        day_markdown.week_markdown,
        day_json.week_dict,
        week_terminal.print_week,
    )
    output = _Output(html, open_, markdown, json_)
    _give(output, config, lambda store, user: week_of(store, _date(date), user.catalogue, user.settings, time.time()), forms)


@app.command("trend", epilog=examples("posture trend", "posture trend --days 365 --json"))
def trend(
    days: DaysOption = TREND_DAYS,
    date: LastOption = None,
    html: HtmlOption = None,
    open_: OpenOption = False,
    markdown: MarkdownOption = False,
    config: ConfigOption = None,
    json_: JsonOption = False,
) -> None:
    """Hours spent leaning or slumped, and coverage, over many days, one column a week. Default: twelve weeks."""
    forms = _Forms(
        "trend.html",
        lambda trend, user: page_of_trend(trend, user.catalogue),
        day_markdown.trend_markdown,
        day_json.trend_dict,
        week_terminal.print_trend,
    )
    output = _Output(html, open_, markdown, json_)
    _give(output, config, lambda store, user: trend_of(store, _date(date), days, user.catalogue, user.settings, time.time()), forms)


def _give(output: _Output, config: Path | None, read: Callable[[Store, _User], T], forms: _Forms[T]) -> None:
    """Write, open and print what was asked for; print a red flag first."""
    settings = settings_of(config, None)
    user = _User(settings, catalogue_of(settings))
    with Store.open_to_read() as store:
        found = read(store, user)
    said = []
    if output.html is not None:
        write_own(output.html, forms.page(found, user))
        said.append(f"written to {output.html}")
    if output.open:
        wanted = has_display()
        said.append(page_words(open_own(forms.name, forms.page(found, user), in_browser if wanted else None), wanted=wanted))
    if output.json:
        typer.echo(as_text(forms.data(found, user.catalogue)))
        return
    if output.markdown:
        typer.echo(forms.markdown(found, user.catalogue), nl=False)
        return
    if not output.open:
        if found.red_flags:
            show(user.catalogue.referral, user.catalogue)
            say(f"{WAITS}\n")
        forms.terminal(out, found)
    for line in said:
        say(f"\n{line}" if not output.open else line)


def _silence_on(day: Date) -> Silence | None:
    """Return why no reminder comes now, as the running monitor says it; ``None`` for another day than today, or if it says nothing."""
    if day != Date.today():
        return None
    try:
        found = client.running()
    except ControlError:
        return None
    return NOT_RUNNING if found is None else Silence.of_status(found)


def _how(user: _User) -> Callable[[Prompt], str | None]:
    return lambda entry: page_address(entry, user.catalogue, drawing_of(user.settings))


def _date(text: str | None) -> Date:
    return day_typed(text, "--date") or Date.today()
