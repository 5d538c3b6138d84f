"""The pages of the entries in a real browser: what it shows, what it asks for, and whether the timer counts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop.browser import CHROMIUM, Page, browser
from posture._support.catalogue import drawing, load
from posture.prompts.entries import Prompt
from posture.reports.browser import open_page
from posture.reports.exercise.timer import plan_of

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")
CATALOGUE = load()
ESCAPE, ENTER, R = 27, 13, 82
CONTRAST = """
(() => {
  const rgb = (text) => text.match(/[\\d.]+/g).map(Number);
  const linear = (v) => v / 255 <= .03928 ? v / 255 / 12.92 : ((v / 255 + .055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => .2126 * linear(r) + .7152 * linear(g) + .0722 * linear(b);
  const ground = (e) => {
    for (; e; e = e.parentElement) {
      const colour = rgb(getComputedStyle(e).backgroundColor);
      if (colour.length < 4 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  const poor = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const e = walk.currentNode.parentElement;
    if (!walk.currentNode.data.trim() || !e.getClientRects().length || e.closest("script, svg, button:disabled, .unseen")) continue;
    const [a, b] = [light(rgb(getComputedStyle(e).color)), light(ground(e))].sort((x, y) => y - x);
    if ((a + .05) / (b + .05) < 4.5) poor.push(walk.currentNode.data.trim() + " " + ((a + .05) / (b + .05)).toFixed(2));
  }
  return poor;
})()
"""
"""Words of the page whose contrast with their ground is below 4.5 : 1 (WCAG 2 AA)."""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Page]:
    """One browser for all pages."""
    with browser() as page:
        yield page


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every entry's page."""
    folder = tmp_path_factory.mktemp("pages")
    for prompt in CATALOGUE.prompts:
        open_page(prompt, CATALOGUE, drawing, to=folder / f"{prompt.id}.html")
    return folder


@pytest.mark.parametrize("prompt", CATALOGUE.prompts, ids=lambda p: p.id)
def test_page_in_a_browser(chromium: Page, pages: Path, prompt: Prompt) -> None:
    """Nothing but the file is asked for, nothing is complained of, nothing is cut off at the side, every word can be read."""
    file = pages / f"{prompt.id}.html"
    for width, _dark in chromium.each_screen(file, ((1000, False), (1000, True), (390, False), (320, True))):
        assert chromium.run("document.documentElement.scrollWidth") <= width
        assert chromium.run(CONTRAST) == []
        assert chromium.run("document.title").startswith(prompt.title)
        assert chromium.run("[...document.querySelectorAll('.steps figure svg')].every((s) => s.getBoundingClientRect().width > 90)")
        assert chromium.asked_for() == [file.as_uri()] and chromium.complaints() == []
    assert chromium.run("Boolean(document.querySelector('#timer .live:not([hidden])'))") is (plan_of(prompt) is not None)


@pytest.mark.parametrize("dark", [False, True])
def test_drawings_bring_their_own_ground(chromium: Page, pages: Path, dark: bool) -> None:
    """The page's colours, light or dark, change nothing in them: each fills its picture with one colour, and the page goes on with it."""
    chromium.open(pages / "cat_cow_seated.html", dark=dark)
    around = chromium.run("getComputedStyle(document.querySelector('figure')).backgroundColor")
    assert chromium.run("getComputedStyle(document.querySelector('figure svg rect')).fill") == around == "rgb(234, 240, 243)"


def test_page_without_scripts(chromium: Page, pages: Path) -> None:
    """Steps, rounds and seconds are there; the buttons, which could do nothing, are not."""
    chromium.open(pages / "cat_cow_seated.html", script=False)
    seen = " ".join(chromium.run("document.body.innerText").split())
    for words in ("6 to 8 rounds", "Breathe in: arch: 4 s", "Breathe out: round: 5 s", "Sit at the front of your chair", "posture done"):
        assert words in seen
    assert chromium.run("[...document.querySelectorAll('button')].some((b) => b.getClientRects().length)") is False


def test_timer_counts(chromium: Page, pages: Path) -> None:
    """Get ready, the phases in turn, the rounds, enough, the end; the step that is due is marked; the listener hears each change."""
    chromium.open(pages / "cat_cow_seated.html")
    assert _state(chromium) == ("ready", "Ready when you are", "5", "")
    chromium.hold_time()
    chromium.run("document.getElementById('go').click()")
    assert _state(chromium)[:3] == ("running", "Get ready", "5")
    chromium.pass_time(6.5)
    assert _state(chromium) == ("running", "Breathe out: round", "4", "Round 1 of 8")
    assert _now(chromium) == ["2"] and _heard(chromium) == "Round 1 of 8. Breathe out: round"
    chromium.pass_time(4)
    assert _state(chromium) == ("running", "Breathe in: arch", "4", "Round 1 of 8")
    assert _now(chromium) == ["3"] and _heard(chromium) == "Breathe in: arch"
    chromium.pass_time(6 * 9)
    assert _state(chromium)[3] == "Round 7 of 8. 6 would do: go on if it's easy."
    chromium.pass_time(20)
    assert _state(chromium) == ("ended", "Well done", "0", "8 of 8 rounds")
    assert _now(chromium) == [] and chromium.run("document.getElementById('go').textContent") == "Again"


def test_timer_by_keyboard(chromium: Page, pages: Path) -> None:
    """Enter starts, Esc pauses and the time stands, Enter goes on, R resets."""
    chromium.open(pages / "sit_tall.html", still=True)
    chromium.hold_time()
    chromium.run("document.getElementById('go').focus()")
    chromium.key("Enter", ENTER, "\r")
    chromium.pass_time(15.5)
    assert _state(chromium)[:3] == ("running", "Sit tall and breathe", "20")
    chromium.key("Escape", ESCAPE)
    chromium.pass_time(60)
    assert _state(chromium)[:3] == ("paused", "Sit tall and breathe", "20") and _heard(chromium) == "Paused."
    chromium.key("Enter", ENTER, "\r")
    chromium.pass_time(10)
    assert _state(chromium)[2] == "10"
    chromium.key("r", R, "r")
    assert _state(chromium)[:3] == ("ready", "Ready when you are", "30")
    assert chromium.run("getComputedStyle(document.getElementById('bar')).transitionDuration") == "0s"


def test_a_range_says_when_it_is_enough(chromium: Page, pages: Path) -> None:
    """Ten to fifteen minutes: at ten it says so, at fifteen it ends."""
    chromium.open(pages / "heat.html")
    chromium.hold_time()
    chromium.run("document.getElementById('go').click()")
    chromium.pass_time(5 + 599.5)
    assert _state(chromium)[2:] == ("5:01", "")
    chromium.pass_time(2)
    assert _state(chromium)[3] == "That's enough. Go on if you like." and "enough" in _heard(chromium)
    chromium.pass_time(300)
    assert _state(chromium)[0] == "ended"


def test_done_and_not_now_say_whom_to_tell(chromium: Page, pages: Path) -> None:
    """The page stops its timer and says where the monitor is told; it tells nobody by itself."""
    chromium.open(pages / "cat_cow_seated.html")
    chromium.run("document.getElementById('go').click(); document.getElementById('done').click()")
    assert _state(chromium)[0] == "paused" and "tell the monitor" in chromium.run("document.getElementById('answer').textContent")
    chromium.run("document.getElementById('later').click()")
    assert _state(chromium)[0] == "ready" and chromium.asked_for() == [(pages / "cat_cow_seated.html").as_uri()]


def test_tone_is_played_only_if_asked_for(chromium: Page, pages: Path) -> None:
    """Off at first; turned on, it breaks nothing."""
    chromium.open(pages / "core_brace_seated.html")
    assert chromium.run("document.getElementById('sound').checked") is False
    chromium.hold_time()
    chromium.run("document.getElementById('sound').click(); document.getElementById('go').click()")
    chromium.pass_time(12)
    assert _state(chromium)[1] == "Let go" and chromium.complaints() == []


@pytest.mark.parametrize("prompt", CATALOGUE.prompts, ids=lambda p: p.id)
def test_page_fits_one_sheet(chromium: Page, pages: Path, tmp_path: Path, prompt: Prompt) -> None:
    """On paper an entry is one sheet of A4, to lie beside the mat."""
    chromium.open(pages / f"{prompt.id}.html")
    chromium.printed(tmp_path / "sheet.pdf")
    assert (tmp_path / "sheet.pdf").read_bytes().count(b"/Type /Page\n") == 1


def _state(page: Page) -> tuple[str, str, str, str]:
    """State of the timer, what it says, the seconds left, and which round."""
    said = page.run("['say', 'left', 'round'].map((i) => document.getElementById(i).textContent)")
    return page.run("document.querySelector('.live').dataset.state"), said[0], said[1], said[2]


def _now(page: Page) -> list[str]:
    found: list[str] = page.run("[...document.querySelectorAll('[aria-current=step]')].map((e) => e.dataset.step)")
    return found


def _heard(page: Page) -> str:
    return str(page.run("document.getElementById('status').textContent"))
