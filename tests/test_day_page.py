"""The pages of one's own day, week and trend: what stands on them, in which order, and what never may."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from itertools import pairwise

import pytest
from hypothesis import given, strategies as st
from made_days import (
    CATALOGUE,
    DATE,
    a_crowded_week,
    a_trend,
    a_week,
    at,
    blank,
    busy,
    crowded,
    exercised,
    hardly,
    held_back,
    made,
    too_few,
    went_together,
    worked,
)

from posture._support.catalogue import drawing
from posture.days.types import Day, Week, WeekDay
from posture.engine.summary import DaySummary
from posture.errors import CatalogueError
from posture.prompts import NOT_RUNNING, Silence
from posture.reports.day.charts import HEIGHTS, MARK_PX, WIDE_PX, timeline, week_rows
from posture.reports.day.page import page_of_day, page_of_trend, page_of_week
from posture.reports.labels import DISCLAIMER
from posture.types import HoldReason, Posture, ReportKind, SelfReport

SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)
ON_A_DAY = ["The day, minute by minute", "Reminders, and what followed", "Compared with your other days", "What you said about your back"]


class Reader(HTMLParser):
    """Reads a page as a browser would; what is not shown at first (details, drawings' titles) is read, too."""

    VOID = frozenset({"meta", "link", "img", "br"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.words: list[str] = []
        self.headings: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {k: v or "" for k, v in attrs}))
        if tag not in self.VOID:
            self.open.append(tag)
        if tag in {"h1", "h2"}:
            self.headings.append("")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {k: v or "" for k, v in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" in self.open:
            return
        self.words.append(data)
        if {"h1", "h2"} & set(self.open):
            self.headings[-1] += data

    @property
    def text(self) -> str:
        """All words, one blank between them."""
        return " ".join(" ".join(self.words).replace("\N{NO-BREAK SPACE}", " ").split())


@pytest.fixture(autouse=True)
def berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A zone in which the clocks change."""
    if not hasattr(time, "tzset"):
        pytest.skip("the zone cannot be set here")
    with monkeypatch.context() as patched:
        patched.setenv("TZ", "Europe/Berlin")
        time.tzset()
        yield
    time.tzset()


def pages() -> dict[str, str]:
    """One of each."""
    return {
        "busy": page_of_day(busy(), CATALOGUE, drawing),
        "flag": page_of_day(busy(flags=True), CATALOGUE, drawing),
        "crowded": page_of_day(crowded(), CATALOGUE, drawing),
        "exercised": page_of_day(exercised(), CATALOGUE, drawing),
        "blank": page_of_day(blank(), CATALOGUE, drawing),
        "held back": page_of_day(held_back(), CATALOGUE, drawing, silence=NOT_RUNNING),
        "hardly": page_of_day(hardly(), CATALOGUE, drawing),
        "spring": page_of_day(on_change(SPRING), CATALOGUE, drawing),
        "week": page_of_week(a_week(), CATALOGUE, drawing),
        "full week": page_of_week(a_crowded_week(), CATALOGUE, drawing),
        "trend": page_of_trend(a_trend(), CATALOGUE),
        "year": page_of_trend(a_trend(364), CATALOGUE),
    }


def on_change(day: date) -> Day:
    """Work through the night in which the clocks change."""
    return made(worked(at(day, 0.0), 7.0, seed=5), day=day, prompts=4)


def test_pages_are_whole_and_ask_for_nothing() -> None:
    """Every tag is closed, ids are unique, no script, no address but data within the page, a policy that forbids the rest."""
    for name, text in pages().items():
        page = Reader(text)
        assert page.open == [], name
        ids = [a["id"] for _, a in page.tags if "id" in a]
        assert len(ids) == len(set(ids)), name
        named = {i for _, a in page.tags for i in a.get("aria-labelledby", "").split()}
        assert named <= set(ids), name
        assert not any(tag in {"script", "iframe", "object", "embed", "form"} for tag, _ in page.tags), name
        assert not any(k.startswith("on") for _, a in page.tags for k in a), name
        linked = [a[k] for _, a in page.tags for k in ("src", "href", "xlink:href", "action") if k in a]
        assert all(v.startswith("data:") for v in linked), name
        assert not re.search(r"https?:|@import|url\((?!#)", text), name
        policy = next(a["content"] for t, a in page.tags if t == "meta" and a.get("http-equiv") == "Content-Security-Policy")
        assert policy.startswith("default-src 'none'") and "script-src" not in policy, name
        assert DISCLAIMER in page.text and ("html", {"lang": "en"}) in page.tags, name


def test_a_day_in_its_order() -> None:
    """Date, what stands out, the strip, prompts, other days, what was said, what went together, one thing to try, how it was measured."""
    page = Reader(page_of_day(busy(), CATALOGUE, drawing))
    assert page.headings == [
        "Wednesday, 18 March 2026", *ON_A_DAY, "What went together", "Cat-Cow on your chair", "How it was measured",
    ]  # fmt: skip
    told = ("You leaned forward or slumped", "of your time at the desk", "longest sit without a", "and 34 shifts", "5 followed by movement")
    for words in (*told, "10:18, lower back", "“wanted to twist on the chair”", "Medians of 5 days of the last 7 and 19 of the last 28"):
        assert words in page.text, words
    for words in (
        "Our own suggestion, based on the article on why a back won't crack",
        CATALOGUE.passages["A-mobility"],
        "posture show cat_cow_seated",
    ):
        assert words in page.text, words
    assert sum(t == "img" and a["alt"].startswith("Cat-Cow on a chair") for t, a in page.tags) == 4


def test_day_that_goes_on() -> None:
    """Read while it goes on, a day says as of when; afterwards it does not."""
    day = busy()
    assert "so far, 15:00" in page_of_day(day, CATALOGUE, now_s=at(DATE, 15.0))
    assert "so far, " not in page_of_day(day, CATALOGUE, now_s=at(DATE, 25.0))


def test_red_flag_comes_first_and_alone() -> None:
    """The referral stands before all else with its emergency line and what it answers; nothing is to be tried; no other advice."""
    day = busy(flags=True)
    text = page_of_day(replace(day, suggestion=busy().suggestion), CATALOGUE, drawing)
    page = Reader(text)
    assert page.headings[1] == CATALOGUE.referral.title and "Cat-Cow on your chair" not in page.headings
    assert "Pain, lower back, Wed 18 Mar, 16:54" in page.text
    assert str(CATALOGUE.referral.emergency) in page.text and "posture log ack" in page.text and "<img" not in text
    for other in (
        page_of_week(a_week(day.red_flags), CATALOGUE, drawing),
        page_of_trend(replace(a_trend(), red_flags=day.red_flags), CATALOGUE),
    ):
        assert Reader(other).headings[1] == CATALOGUE.referral.title and "<img" not in other


def test_what_was_held_back_and_why_nothing_comes_now() -> None:
    """A table of those held back, each with its reason; the sentence of now under the headline, and none on a day that is over."""
    page = Reader(page_of_day(held_back(), CATALOGUE, silence=Silence("snooze", "No reminders: snoozed until 14:20."))).text
    assert page.index("No reminders: snoozed until 14:20.") < page.index("The day, minute by minute")
    assert f"{len(HoldReason)} reminders held back, and why Since About Why 09:30 leaning or slumping a call is on 10:00" in page
    assert "left out at random, to compare with" in page
    rest = Reader(page_of_day(busy(), CATALOGUE)).text
    assert "No reminders:" not in rest and "held back" not in rest


def test_blank_day_is_blank() -> None:
    """A day without data says so; no number stands on it, no strip, no advice."""
    page = Reader(page_of_day(blank(), CATALOGUE, drawing))
    assert "Nothing was recorded on this day." in page.text and "isn't a day of sitting well" in page.text
    assert page.headings[1:] == ["What you said about your back", "How it was measured"]
    assert not re.search(r"\b0 (min|%|s)\b", page.text) and not any("figures" in a.get("class", "") for _, a in page.tags)


def test_reports_of_a_blank_day_are_shown() -> None:
    """What was said on a day without measurement is on it."""
    page = Reader(page_of_day(made([], reports=[SelfReport(at(DATE, 20.25), ReportKind.STIFF, "neck")]), CATALOGUE))
    assert "Stiff 20:15, neck" in page.text and "The day, minute by minute" in page.headings


def test_low_coverage_gives_no_advice_and_says_why() -> None:
    """Below half measured nothing is to be tried, nothing is compared, and the reasons are named."""
    page = Reader(page_of_day(hardly(), CATALOGUE, drawing))
    assert "there's no advice from this day" in page.text and "trunk not seen well enough 3 h 30 min" in page.text
    assert not {"Compared with your other days", "Cat-Cow on your chair"} & set(page.headings)


def test_what_went_together_is_never_a_cause() -> None:
    """Counts stand beside medians; below the counts nothing but that is said; no word of causes."""
    day = made(worked(at(DATE, 9.0), 6.0), associations=[went_together(), too_few()])
    page = Reader(page_of_day(day, CATALOGUE))
    assert "in the hours before urges to crack" in page.text
    assert "14 reports on 8 days, compared with 63 other hours of yours on 12 days" in page.text
    assert "Too few to tell: 4 on 3 days so far; 10 on 5 days are needed" in page.text
    for text in pages().values():
        assert not re.search(r"\bcaus|because of|leads to|score of", Reader(text).text.replace("Not a score", ""), re.IGNORECASE)


def test_tables_hold_what_the_picture_shows() -> None:
    """Behind the picture the minutes of every class add up to the strip, and every prompt and report is listed with its time."""
    day = busy()
    text = page_of_day(day, CATALOGUE)
    hourly = text[text.index("The same hour by hour") : text.index("</details>", text.index("The same hour by hour"))]
    rows = [
        [int(v) for v in re.findall(r'<td class="number">(\d+)</td>', row)[:5]] for row in hourly.split("<tbody>")[1].split("</tr>")[:-1]
    ]
    assert [sum(column) for column in zip(*rows, strict=True)] == [day.strip.minutes.count(p) for p in Posture]
    listed = text[text.index("Each reminder, as a table") :]
    assert listed[: listed.index("</table>")].count('<th scope="row">') == len(day.summary.prompts)


def test_crowded_day_keeps_its_lists_short() -> None:
    """Sixty prompts and reports are gathered in rows; the tables behind hold each of them, and the whole of a long note."""
    text = page_of_day(crowded(), CATALOGUE, drawing)
    page = Reader(text)
    assert (
        "3 others" in page.text
        and "Urge to crack \N{MULTIPLICATION SIGN} 9 between 08:00 and 17:31" in page.text
        and "and 24 more" in page.text
    )
    listed = text[text.index("Each report, as a table") :]
    assert listed[: listed.index("</table>")].count('<th scope="row">') == 60 and ("a long note " * 20).strip() in page.text


@pytest.mark.parametrize(("day", "labels", "words"), [
    (SPRING, ["00:00", "01:00", "03:00", "04:00"], "01:59 is followed by 03:00"),
    (AUTUMN, ["00:00", "01:00", "02:00", "02:00", "03:00"], "02:59 is followed by 02:00"),
])  # fmt: skip
def test_clocks_change(day: date, labels: list[str], words: str) -> None:
    """The hours of the axis are those that the clocks showed; the change is marked and said; times name their zone's time."""
    made_ = on_change(day)
    chart = timeline(made_)
    assert [t.words for t in chart.ticks][: len(labels)] == labels
    assert chart.change is not None and words in chart.change.says
    page = Reader(page_of_day(made_, CATALOGUE))
    assert words in page.text and re.search(r"\d\d:\d\d CES?T", page.text)


def test_an_hour_that_comes_twice_is_drawn_twice() -> None:
    """On the wall-clock axis of a week the doubled hour is halved in height, first above second; the skipped one stays free."""
    autumn, spring = on_change(AUTUMN), on_change(SPRING)
    (row,), _ = week_rows([WeekDay(autumn.totals, autumn.strip, ())])
    halves = [b for b in row.bars if b.height < 100.0 * HEIGHTS[Posture(b.look)] - 1.0]
    assert {b.top < 50.0 for b in halves} == {True, False}
    assert sum(_minutes(b.says) for b in halves) == 120
    (row,), _ = week_rows([WeekDay(spring.totals, spring.strip, ())])
    assert sum(_minutes(b.says) for b in row.bars) == 7 * 60
    assert not any(t.startswith("02:3") for b in row.bars for t in re.findall(r"\d\d:\d\d", b.says))


def _minutes(says: str) -> int:
    (h1, m1), (h2, m2) = re.findall(r"(\d\d):(\d\d)", says)
    return (int(h2) - int(h1)) * 60 + int(m2) - int(m1)


@given(st.lists(st.sampled_from([*Posture, None]), min_size=1440, max_size=1440), st.integers(0, 1380))
def test_bars_tile_what_was_recorded(minutes: list[Posture | None], first: int) -> None:
    """Whatever the strip is, its bars lie in order within the picture, do not overlap, and are as wide as the recorded minutes."""
    kept = tuple(m if first <= i < first + 60 else None for i, m in enumerate(minutes))
    base = blank()
    day = replace(base, strip=replace(base.strip, minutes=kept))
    chart = timeline(day)
    edges = [(b.x, b.x + b.width) for b in chart.bars]
    assert all(0.0 <= a < b <= 100.01 for a, b in edges)
    assert all(b[0] >= a[1] - 0.01 for a, b in pairwise(edges))
    recorded = sum(m is not None for m in kept)
    shown_minutes = 60 * (len(chart.ticks) - 1)
    assert sum(b.width for b in chart.bars) == pytest.approx(100.0 * recorded / shown_minutes, abs=0.5)


@given(st.lists(st.floats(0.0, 86399.0), max_size=90))
def test_marks_do_not_lie_on_one_another(seconds: list[float]) -> None:
    """However many reports there are: every one is in a mark, and marks of a row keep their distance."""
    reports = tuple(SelfReport(at(DATE, 0.0) + s, ReportKind.URGE) for s in sorted(seconds))
    chart = timeline(replace(blank(), reports=reports))
    for lane in chart.reports:
        assert sum(len(m.says.split("; ")) for m in lane.marks) == len(reports)
        if lane.name == "wide":
            for row in range(lane.rows):
                xs = [m.x * WIDE_PX / 100.0 for m in lane.marks if m.row == row]
                inner = [x for x in xs if 8.5 < x < WIDE_PX - 8.5]  # at the edges marks are moved inwards
                assert all(b - a >= MARK_PX - 0.1 for a, b in pairwise(inner))


def test_week_side_by_side() -> None:
    """Seven strips on one axis, blank days said, days with too little said, the numbers in a table, one habit."""
    page = Reader(page_of_week(a_week(), CATALOGUE, drawing))
    assert page.headings == [
        "Thu 12 Mar to Wed 18 Mar 2026", "Day by day", "In numbers", "What you said about your back",
        "Cat-Cow on your chair", "How it was measured",
    ]  # fmt: skip
    assert sum(a.get("class") == "plot strip" for t, a in page.tags if t == "svg") == 7
    assert page.text.count("nothing recorded") == 2 * 2 + 1 and page.text.count("too little measured") == 1
    assert "Medians of 4 days of 7" in page.text and "Leaning or slumping stood out on most days." in page.text


def test_week_of_nothing() -> None:
    """Seven blank days are said, and nothing is made up."""
    days = tuple(WeekDay(b.totals, b.strip, ()) for b in (blank(date(2026, 3, d)) for d in range(2, 9)))
    page = Reader(page_of_week(Week(days, replace(a_week().typical, days=0), None, None, ()), CATALOGUE))
    assert "Nothing was recorded in these seven days." in page.text and not any("figures" in a.get("class", "") for _, a in page.tags)


def test_trend_is_a_map_of_days() -> None:
    """A cell for each day that was asked for, none for others; blank days are blank; coverage just below half is not shown as half."""
    trend = a_trend()
    text = page_of_trend(trend, CATALOGUE)
    assert text.count('title="') == 2 * len(trend.days)
    assert text.count(': nothing recorded"') == 2 * sum(d.seconds is None for d in trend.days)
    little = sum(d.seconds is not None and not d.enough for d in trend.days)
    assert text.count(": too little measured to compare") == little > 0
    for shown in re.findall(r'class="cell c-cool0" title="[^"]*">(\d+)', text):
        assert int(shown) < 50


def test_what_others_wrote_cannot_break_the_page() -> None:
    """Notes, camera names and titles are text, whatever is in them."""
    rude = "</style><script>alert(1)</script>\"'&\x1b[31m"
    spans = worked(at(DATE, 9.0), 3.0)
    day = made(spans, source=rude, reports=[SelfReport(at(DATE, 10.0), ReportKind.URGE, rude, rude)])
    line = day.summary.prompts
    assert line == ()
    page = Reader(page_of_day(day, CATALOGUE, facts=[(rude, rude)]))
    assert not any(t == "script" for t, _ in page.tags) and "alert(1)" in page.text and "\x1b" not in page.text


def test_drawing_that_is_missing_leaves_words() -> None:
    """Without drawings the steps are said."""

    def none(name: str) -> str:
        raise CatalogueError(name)

    for gives in (none, None):
        page = Reader(page_of_day(busy(), CATALOGUE, gives))
        entry = CATALOGUE.get("cat_cow_seated")
        assert entry is not None and all(step in page.text for step in entry.steps)


def test_facts_are_added_to_how_it_was_measured() -> None:
    """What the day does not know itself can be given."""
    assert (
        "Camera view oblique, from the left"
        in Reader(page_of_day(busy(), CATALOGUE, facts=[("Camera view", "oblique, from the left")])).text
    )


def test_summary_without_helped() -> None:
    """Where nothing is known of what followed, nothing is said of it."""
    day = busy()
    unknown = tuple(replace(p, outcome=None) for p in day.summary.prompts)
    summary: DaySummary = replace(day.summary, prompts=unknown, helped=None)
    assert "followed by movement" not in Reader(page_of_day(replace(day, summary=summary), CATALOGUE)).text
