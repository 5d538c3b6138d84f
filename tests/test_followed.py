"""The half hour after prompts: what is counted, how sure it is, and when nothing is said."""

from __future__ import annotations

import io
import math
import random
from dataclasses import replace
from statistics import fmean, stdev

import pytest
from hypothesis import given, settings, strategies as st
from made_days import CATALOGUE, a_trend
from rich.console import Console

from posture.days.followed import followed_prompts
from posture.days.intervals import difference_of_means, difference_of_shares, mean_of, share_of, t_quantile
from posture.days.types import LEAST_DAYS, LEAST_EVENTS
from posture.reports.day.followed import followed_rows, followed_words
from posture.reports.day.json import as_text, trend_dict
from posture.reports.day.markdown import trend_markdown
from posture.reports.day.page import page_of_trend
from posture.reports.day.week_terminal import print_trend
from posture.types import EpisodeKind, ExposureAfter, PromptLevel, PromptReason, ShownPrompt

NOON = 1_772_445_600.0
DAY = 86400.0
FLEXED = EpisodeKind.FLEXED


def spent(flexed_s: float, *, measured_s: float = 1800.0, away_s: float = 0.0, ended: bool | None = True) -> ExposureAfter:
    """A half hour."""
    return ExposureAfter(measured_s, flexed_s, away_s, ended)


def prompts(flexed_s: list[float], *, prompt_id: str = "cat_cow_seated", withheld: bool | None = None, ended: bool = True):  # type: ignore[no-untyped-def]
    """One a day, each followed by that many flexed seconds."""
    return [
        (ShownPrompt(NOON + n * DAY, prompt_id, FLEXED, PromptLevel.SOFT, NOON + n * DAY - 600.0, withheld=withheld), spent(s, ended=ended))
        for n, s in enumerate(flexed_s)
    ]


# ------------------------------------------------------------------------------------------------ intervals


@pytest.mark.parametrize(
    ("freedom", "table"), [(5, 2.5706), (9, 2.2622), (10, 2.2281), (19, 2.0930), (29, 2.0452), (60, 2.0003), (1e6, 1.9600)]
)
def test_quantiles_are_those_of_the_tables(freedom: float, table: float) -> None:
    """Student's t, two-sided 95 %."""
    assert t_quantile(freedom) == pytest.approx(table, abs=0.005)


@pytest.mark.parametrize(
    ("count", "of", "low", "high"),
    [(0, 20, 0.0, 0.1611), (1, 20, 0.0089, 0.2361), (81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (20, 20, 0.8389, 1.0)],
)
def test_wilson_as_published(count: int, of: int, low: float, high: float) -> None:
    """Of Newcombe 1998 (Two-sided confidence intervals for the single proportion), table I."""
    found = share_of(count, of)
    assert (found.low, found.high) == pytest.approx((low, high), abs=0.0006)


def test_newcombe_as_published() -> None:
    """Of Newcombe 1998 (Interval estimation for the difference between independent proportions), table II, method 10: 56/70 - 48/80."""
    found = difference_of_shares((56, 70), (48, 80))
    assert (found.value, found.low, found.high) == pytest.approx((0.2, 0.0524, 0.3339), abs=0.0002)


@given(st.lists(st.floats(0.0, 1.0), min_size=2, max_size=30), st.lists(st.floats(0.0, 1.0), min_size=2, max_size=30))
def test_law_differences_are_antisymmetric(a: list[float], b: list[float]) -> None:
    """The difference the other way round is the negative one, and lies in its interval."""
    one, other = difference_of_means(a, b), difference_of_means(b, a)
    assert (one.value, one.low, one.high) == pytest.approx((-other.value, -other.high, -other.low), abs=1e-9)
    assert one.low <= one.value <= one.high
    shares = difference_of_shares((len(a), 30), (len(b), 30))
    assert shares.value == pytest.approx(-difference_of_shares((len(b), 30), (len(a), 30)).value)
    assert -1.0 <= shares.low <= shares.value <= shares.high <= 1.0


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    """Of twelve draws out of a skewed share, as half hours are: about 19 times in 20."""
    rng = random.Random(1)
    truth, held, runs = 2.0 / 7.0, 0, 600
    for _ in range(runs):
        found = mean_of([rng.betavariate(2.0, 5.0) for _ in range(12)])
        held += found.low <= truth <= found.high
    assert 0.92 <= held / runs <= 0.98


# ------------------------------------------------------------------------------------------------ what is counted


def test_a_mean_and_a_share_of_what_is_known() -> None:
    """Ten on ten days: the mean of the shares with Student's interval, the causes that ended with Wilson's."""
    seconds = [180.0 * n for n in range(10)]
    found = followed_prompts(prompts(seconds)[:5] + prompts(seconds, ended=False)[5:])
    assert (found.shown.prompts, found.shown.counted, found.shown.days) == (10, 10, 10)
    shares = [s / 1800.0 for s in seconds]
    assert found.shown.flexed is not None and found.shown.flexed.value == pytest.approx(fmean(shares))
    half = 2.2622 * stdev(shares) / math.sqrt(10)
    assert found.shown.flexed.high - found.shown.flexed.value == pytest.approx(half, abs=0.002)
    assert (found.shown.ended, found.shown.ended_of) == (5, 10)
    assert [(i, f.counted) for i, _, f in found.by_prompt] == [("cat_cow_seated", 10)]
    assert found.drawn is None


@pytest.mark.parametrize(("number", "per_day"), [(LEAST_EVENTS - 1, 1), (4 * (LEAST_DAYS - 1), 4)])
def test_too_few_say_nothing(number: int, per_day: int) -> None:
    """Below ten, or on fewer than five days, there are counts and no figures."""
    few = [(replace(p, time_s=NOON + n // per_day * DAY + n % per_day * 3600.0), x) for n, (p, x) in enumerate(prompts([900.0] * number))]
    found = followed_prompts(few)
    assert (found.shown.counted, found.shown.flexed, found.shown.ended_share) == (number, None, None)
    assert any(w.startswith("Too few to tell so far") for w in followed_words(found))
    assert followed_rows(found) == []


def test_who_left_the_desk_is_counted_as_not_bent() -> None:
    """Else the prompts that were followed by getting up would be left out; what was not seen for half of it is left out."""
    left = [(p, spent(300.0, measured_s=300.0, away_s=1500.0)) for p, _ in prompts([0.0] * 10)]
    assert (found := followed_prompts(left).shown.flexed) is not None and found.value == pytest.approx(1 / 6)
    unseen = [(p, spent(300.0, measured_s=400.0, away_s=499.0)) for p, _ in prompts([0.0] * 10)]
    assert followed_prompts(unseen).shown.counted == 0
    unknown = [(p, None) for p, _ in prompts([0.0] * 10)]
    assert (followed_prompts(unknown).shown.prompts, followed_prompts(unknown).shown.counted) == (10, 0)


def test_first_prompts_count_once() -> None:
    """Neither the firm step, nor the same one back from a snooze, nor the referral; another one for the same episode does."""
    (first, after), *_ = prompts([900.0])
    again = replace(first, time_s=NOON + 600.0)
    back = replace(again, prompt_id="sit_tall", reason=PromptReason.SNOOZED)
    firm = replace(first, time_s=NOON + 700.0, step=PromptLevel.FIRM)
    referral = ShownPrompt(NOON + 800.0, "referral", None, PromptLevel.SOFT)
    other = replace(first, time_s=NOON + 1900.0, prompt_id="chin_tucks")
    found = followed_prompts([(p, after) for p in (first, again, back, firm, referral, other)])
    assert found.shown.prompts == 2
    assert {i: f.prompts for i, _, f in found.by_prompt} == {"cat_cow_seated": 1, "chin_tucks": 1}


def test_only_what_was_drawn_is_compared() -> None:
    """Prompts of before the draw stand in the table and in no comparison."""
    rng = random.Random(2)
    early = prompts([1800.0] * 20)
    shown = prompts([rng.uniform(0.0, 900.0) for _ in range(20)], withheld=False)
    withheld = prompts([rng.uniform(900.0, 1800.0) for _ in range(12)], withheld=True, ended=False)
    found = followed_prompts(early + shown + withheld)
    assert found.shown.prompts == 40 and found.drawn is not None
    assert (found.drawn.shown.counted, found.drawn.withheld.counted) == (20, 12)
    assert found.drawn.flexed is not None and found.drawn.flexed.high < 0.0
    assert found.drawn.ended is not None and found.drawn.ended.low > 0.0
    words = " ".join(followed_words(found))
    assert "20 reminders shown and 12 withheld" in words and "points less" in words and "fair comparison" in words


def test_no_difference_is_said_to_be_none() -> None:
    """And too few of either are not compared."""
    rng = random.Random(3)
    alike = [[rng.uniform(0.0, 1800.0) for _ in range(number)] for number in (20, 12)]
    found = followed_prompts(prompts(alike[0], withheld=False) + prompts(alike[1], withheld=True))
    assert "no clear difference" in " ".join(followed_words(found))
    few = followed_prompts(prompts(alike[0], withheld=False) + prompts(alike[1][:9], withheld=True))
    assert few.drawn is not None and few.drawn.flexed is None
    assert "are needed to compare them" in " ".join(followed_words(few))


@given(
    st.lists(st.tuples(st.floats(0, 900), st.floats(0, 900), st.sampled_from([None, False, True]), st.sampled_from([None, False, True]))),
)
@settings(max_examples=60)
def test_law_groups_share_out_the_prompts(rows: list[tuple[float, float, bool | None, bool | None]]) -> None:
    """Each prompt counts in all, in its exercise and, if it was drawn, on one side; shares lie within their intervals and 0..1."""
    made = [
        (
            ShownPrompt(NOON + n * 5000.0, "ab"[n % 2], FLEXED, PromptLevel.SOFT, NOON + n * 5000.0, withheld=w),
            spent(f, measured_s=f + m, ended=e),
        )
        for n, (f, m, w, e) in enumerate(rows)
    ]
    found = followed_prompts(made)
    assert found.shown.prompts == sum(not p.withheld for p, _ in made) == sum(f.prompts for _, _, f in found.by_prompt)
    if found.drawn is not None:
        assert found.drawn.withheld.prompts == len(made) - found.shown.prompts
    for followed in (found.shown, *(f for _, _, f in found.by_prompt)):
        assert followed.ended <= followed.ended_of <= followed.counted <= followed.prompts
        for share in (followed.flexed, followed.ended_share):
            assert share is None or 0.0 <= share.low <= share.value <= share.high <= 1.0


# ------------------------------------------------------------------------------------------------ where it is said


def test_every_form_of_the_trend_says_it() -> None:
    """Terminal, Markdown, page and JSON, with the title of the exercise; a trend without prompts says nothing of it."""
    rng = random.Random(4)
    rows = prompts([rng.uniform(0, 1800) for _ in range(30)], withheld=False) + prompts([1000.0 + n for n in range(10)], withheld=True)
    trend = replace(a_trend(), followed=followed_prompts(rows, CATALOGUE.title_of))
    console = Console(file=io.StringIO(), width=80, color_system=None)
    print_trend(console, trend)
    assert isinstance(console.file, io.StringIO)
    for text in (console.file.getvalue(), trend_markdown(trend, CATALOGUE), page_of_trend(trend, CATALOGUE)):
        assert "The half hour after a reminder" in text and "Cat-Cow on your chair" in text and "30 of 30" in text
        assert "with and without" in " ".join(text.lower().split())
    told = trend_dict(trend, CATALOGUE)["followed"]
    assert told["drawn"]["withheld"]["counted"] == 10 and told["by_prompt"][0]["prompt"] == "cat_cow_seated"
    assert '"followed": null' in as_text(trend_dict(a_trend(), CATALOGUE))
    assert "half hour after" not in trend_markdown(a_trend(), CATALOGUE)
