"""The pages of one's own day, week and trend in a real browser: light, dark, phone, paper, keyboard, and axe-core's verdict."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from made_days import CATALOGUE, DATE, a_crowded_week, a_trend, a_week, at, blank, busy, crowded, hardly, made, worked
from month import CLOCKS, FIRST, HARDLY, HOLES, NIGHT, month

from desktop.axe import fetched, violations
from desktop.browser import CHROMIUM, Page, browser
from desktop.test_pages import CONTRAST
from posture._support.catalogue import drawing
from posture.reports.day.page import page_of_day, page_of_trend, page_of_week
from posture.reports.day.read import day_of, trend_of, week_of
from posture.settings import Settings
from posture.storage.store import Store
from posture.types import ReportKind, SelfReport

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")
TAB, ENTER = 9, 13
MADE: dict[str, Callable[[], str]] = {
    "busy": lambda: page_of_day(busy(), CATALOGUE, drawing),
    "busy with a red flag": lambda: page_of_day(busy(flags=True), CATALOGUE, drawing),
    "crowded": lambda: page_of_day(crowded(), CATALOGUE, drawing),
    "blank": lambda: page_of_day(blank(), CATALOGUE, drawing),
    "blank with a report": lambda: page_of_day(made([], reports=[SelfReport(at(DATE, 9.0), ReportKind.URGE)]), CATALOGUE, drawing),
    "hardly measured": lambda: page_of_day(hardly(), CATALOGUE, drawing),
    "around the clock": lambda: page_of_day(made(worked(at(DATE, 0.0), 23.9), prompts=30), CATALOGUE, drawing),
    "week": lambda: page_of_week(a_week(), CATALOGUE, drawing),
    "crowded week": lambda: page_of_week(a_crowded_week(), CATALOGUE, drawing),
    "trend": lambda: page_of_trend(a_trend(), CATALOGUE),
    "trend with a red flag": lambda: page_of_trend(replace(a_trend(90), red_flags=crowded().red_flags), CATALOGUE),
    "year": lambda: page_of_trend(replace(a_trend(365), red_flags=crowded().red_flags), CATALOGUE),
}
FROM_A_MONTH = {"holes": HOLES, "hardly": HARDLY, "past midnight": NIGHT, "clocks change": CLOCKS + 1, "weekend": 5, "flag": 29}
DRAWN = """
(() => {
  const rgb = (text) => text.match(/[\\d.]+/g).slice(0, 3).map(Number);
  const linear = (v) => v / 255 <= .03928 ? v / 255 / 12.92 : ((v / 255 + .055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => .2126 * linear(r) + .7152 * linear(g) + .0722 * linear(b);
  const ratio = (one, other) => { const [a, b] = [light(one), light(other)].sort((x, y) => y - x); return (a + .05) / (b + .05); };
  const ground = rgb(getComputedStyle(document.body).backgroundColor);
  const poor = [];
  const must = (selector, property, least) => document.querySelectorAll(selector).forEach((e) => {
    const value = ratio(rgb(getComputedStyle(e)[property]), ground);
    if (value < least) poor.push(selector + " " + property + " " + value.toFixed(2));
  });
  for (const look of [".b-flexed", ".b-away", ".f-anterior_tilt", ".dot", ".is-before .fill"]) must(look, "fill", 3);
  const lines = [
    ".edge", ".h-unknown", ".line", ".level", ".plot .base", ".mark rect",
    ".mark circle", ".m28", ".m7",
  ];
  for (const line of lines) must(line, "stroke", 3);
  for (const words of [".plot text.tick", ".plot .level-name", ".plot .peak-name", ".plot .blank-words"]) must(words, "fill", 4.5);
  return poor;
})()
"""
"""Parts of pictures whose contrast with the page is below 3 : 1, words in them below 4.5 : 1 (WCAG 2 AA)."""

WIDER = """
[...document.querySelectorAll("section, .stack, .figures div, .try")].filter((e) => e.scrollWidth > e.clientWidth + 1)
  .map((e) => e.className + " " + e.scrollWidth + " > " + e.clientWidth)
"""
"""Parts whose content sticks out of them into their neighbours."""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Page]:
    """One browser for all pages."""
    with browser() as page:
        yield page


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Pages of made-up days, and of a generated month out of a real database."""
    folder = tmp_path_factory.mktemp("days")
    texts = {name: made_() for name, made_ in MADE.items()}
    with Store.open(folder / "month.sqlite") as store:
        month(store, red_flag=True)
        settings, last = Settings(), FIRST + timedelta(days=29)
        for name, index in FROM_A_MONTH.items():
            now_s = at(FIRST + timedelta(days=index), 23.9)
            day = day_of(store, FIRST + timedelta(days=index), CATALOGUE, settings, now_s)
            texts[f"month: {name}"] = page_of_day(day, CATALOGUE, drawing, now_s=now_s)
        texts["month: week"] = page_of_week(week_of(store, last, CATALOGUE, settings, at(last, 12.0)), CATALOGUE, drawing)
        night = FIRST + timedelta(days=CLOCKS + 1)
        texts["month: night week"] = page_of_week(week_of(store, night, CATALOGUE, settings, at(night, 12.0)), CATALOGUE, drawing)
        texts["month: trend"] = page_of_trend(trend_of(store, last, 84, CATALOGUE, settings, at(last, 12.0)), CATALOGUE)
    paths = {}
    for number, (name, text) in enumerate(texts.items()):
        paths[name] = folder / f"{number}.html"
        paths[name].write_text(text, encoding="utf-8")
    return paths


NAMES = [*MADE, *(f"month: {n}" for n in [*FROM_A_MONTH, "week", "night week", "trend"])]


@pytest.mark.parametrize("name", NAMES)
def test_page_in_a_browser(chromium: Page, pages: dict[str, Path], name: str) -> None:
    """Nothing but the file is asked for, nothing is complained of, nothing is cut off at the side, all can be told from its ground."""
    for width, _dark in chromium.each_screen(pages[name], ((1080, False), (1080, True), (390, False), (320, True))):
        assert chromium.run("document.documentElement.scrollWidth") <= width
        assert chromium.run(WIDER) == []
        assert chromium.run(CONTRAST) == []
        assert chromium.run(DRAWN) == []
        assert chromium.asked_for() == [pages[name].as_uri()] and chromium.complaints() == []


@pytest.mark.parametrize("name", NAMES)
def test_page_is_one_sheet(chromium: Page, pages: dict[str, Path], tmp_path: Path, name: str) -> None:
    """On paper every page is one sheet of A4, whatever the day held."""
    chromium.open(pages[name], dark=True)
    chromium.printed(tmp_path / "sheet.pdf")
    assert (tmp_path / "sheet.pdf").read_bytes().count(b"/Type /Page\n") == 1


def test_without_scripts_the_page_is_the_same(chromium: Page, pages: dict[str, Path]) -> None:
    """It has none."""
    seen = []
    for script in (True, False):
        chromium.open(pages["busy"], script=script)
        seen.append(chromium.run("document.body.innerText"))
    assert seen[0] == seen[1] and "Each reminder, as a table" in seen[0]


def test_tables_open_by_keyboard(chromium: Page, pages: dict[str, Path]) -> None:
    """Tab goes to the tables behind the pictures and shows where it is; Enter opens one."""
    chromium.open(pages["busy"])
    chromium.key("Tab", TAB)
    assert chromium.run("document.activeElement.textContent") == "The same hour by hour, as a table"
    assert chromium.run("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    chromium.key("Enter", ENTER, "\r")
    assert chromium.run("document.activeElement.parentElement.open") is True
    assert chromium.run("document.activeElement.parentElement.querySelector('table').getClientRects().length") == 1


def test_each_day_of_a_week_keeps_its_own_number(chromium: Page, pages: dict[str, Path]) -> None:
    """On a phone, too, a share stands on the line of its day: a blank day gets none of its neighbour's."""
    for width in (1080, 390):
        chromium.open(pages["week"], width=width)
        rows = chromium.run(
            "[...document.querySelectorAll('.chart-row')].filter((r) => r.querySelector('.lane-name')).map((r) => {"
            " const box = r.getBoundingClientRect(), share = r.querySelector('.lane-share').getBoundingClientRect();"
            " return [share.top >= box.top - 1 && share.bottom <= box.bottom + 1, r.innerText.includes('%')]; })"
        )
        assert [inside for inside, _ in rows] == [True] * 7
        assert [shared for _, shared in rows] == [True, False, False, False, True, True, True]


@pytest.fixture(scope="module")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The checker, if it can be had."""
    script = fetched(tmp_path_factory.mktemp("axe"))
    if script is None:
        pytest.skip("axe-core cannot be fetched here: no npm, or npm reaches no registry")
    return script


@pytest.mark.parametrize("name", NAMES)
def test_axe_finds_nothing(chromium: Page, pages: dict[str, Path], axe: str, name: str) -> None:
    """No violation of WCAG and of good practice, light at a desk and dark on a phone, with the tables behind open as well."""
    for _width, _dark in chromium.each_screen(pages[name], ((1080, False), (390, True))):
        chromium.run("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
        assert violations(chromium, axe) == []
