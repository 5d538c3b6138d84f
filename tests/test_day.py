"""One's own day: red flags, stiffness on days running, and what a recording of one's own day must know of the past."""

from __future__ import annotations

import html
import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from posture._support import catalogue as catalogue_module
from posture.cli.app import run
from posture.prompts.entries import GENERAL_SAFETY, RED_FLAGS
from posture.prompts.red_flags import STIFF_DAYS, open_red_flags, stiff_days_running
from posture.prompts.scheduler import PromptScheduler
from posture.prompts.selection import Reaction
from posture.reports.day.json import day_dict
from posture.reports.day.read import day_of, past_of
from posture.settings import Settings
from posture.storage.records import Origin
from posture.storage.session_writer import SessionWriter
from posture.storage.store import Store
from posture.types import (
    Answer,
    Episode,
    EpisodeKind,
    HeldPrompt,
    HoldBack,
    HoldReason,
    Posture,
    PromptLevel,
    PromptOutcome,
    ReportKind,
    SelfReport,
    ShownPrompt,
    Span,
)

NOON = datetime(2026, 3, 10, 12).timestamp()
CATALOGUE = catalogue_module.load()


def at(days_ago: int, hour: int = 12) -> float:
    """That hour some local days before the 10th of March, seconds since the epoch."""
    return (datetime(2026, 3, 10, hour) - timedelta(days=days_ago)).timestamp()


def stiff(*times: float, acknowledged_s: float | None = None) -> list[SelfReport]:
    """Reports of stiffness."""
    return [SelfReport(t, ReportKind.STIFF, acknowledged_s=acknowledged_s) for t in times]


@pytest.mark.parametrize(
    ("times", "days"),
    [
        ([], 0),
        ([at(0)], 1),
        ([at(0, 9), at(0, 10), at(0, 11)], 1),
        ([at(3), at(2), at(1), at(0)], 4),
        ([at(3, 23), at(2, 0), at(1, 23), at(0, 0)], 4),
        ([at(4), at(2), at(1), at(0)], 3),
        ([at(3), at(2), at(1)], 0),
        ([at(1), at(0), at(-1)], 2),
    ],
)
def test_stiff_days_are_local_days_up_to_today(times: list[float], days: int) -> None:
    """Several reports of one day are one day, a gap ends the run, today must be one of them, tomorrow is none."""
    assert stiff_days_running(stiff(*times), NOON) == days


@given(st.lists(st.integers(0, 12), max_size=20))
def test_stiffness_flags_once_four_days_ran(days_ago: list[int]) -> None:
    """There is an open flag exactly if some four days running all have a report."""
    reports = stiff(*(at(d) for d in days_ago))
    expected = any(all(d + i in days_ago for i in range(STIFF_DAYS)) for d in range(13))
    assert bool(open_red_flags(reports, NOON)) is expected


def test_the_flag_of_stiffness_stays_until_acknowledged() -> None:
    """A day without a report does not take it down; reading the referral does, and days read of do not count again."""
    run_ = stiff(at(5), at(4), at(3), at(2))
    assert open_red_flags(run_, NOON) == run_[-1:]
    read = stiff(at(5), at(4), at(3), at(2), acknowledged_s=at(2, 20))
    assert open_red_flags([*read, *stiff(at(1), at(0))], NOON) == []


@pytest.mark.parametrize("kind", sorted(RED_FLAGS))
def test_pain_numbness_and_weakness_are_flags_by_themselves(kind: ReportKind) -> None:
    """One report is enough, of any day, until it is acknowledged."""
    assert open_red_flags([SelfReport(at(300), kind)], NOON)
    assert not open_red_flags([SelfReport(at(300), kind, acknowledged_s=at(299))], NOON)


def test_logging_stiffness_on_the_fourth_day_gives_the_referral(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The referral comes first and exercises wait, in log and today, until it is acknowledged; acknowledging early changes nothing."""
    now = datetime.now().timestamp()
    with Store.open() as store:
        for days in (3, 2, 1):
            store.add_report(SelfReport((datetime.fromtimestamp(now) - timedelta(days=days)).timestamp(), ReportKind.STIFF))
    assert run(["log", "ack"]) == 0
    assert "there is nothing to confirm" in capsys.readouterr().out
    assert run(["log", "stiff", "--json"]) == 0
    answers = json.loads(capsys.readouterr().out)["answers"]
    assert answers[0]["id"] == "referral"
    assert {a["kind"] for a in answers} <= {"referral", "get_up"}
    assert run(["today", "--json"]) == 0
    day = json.loads(capsys.readouterr().out)
    assert day["red_flags"] and day["referral"]["id"] == "referral"
    assert run(["log", "ack"]) == 0
    assert "noted; please still see a professional" in capsys.readouterr().out
    assert run(["log", "stiff", "--json"]) == 0
    assert "exercise" in {a["kind"] for a in json.loads(capsys.readouterr().out)["answers"]}


def enter_day(store: Store, began_s: float) -> None:
    """Half an hour flexed, with a prompt of an exercise in it."""
    session = store.start_session(origin=Origin.LIVE, started_utc=began_s, source="desk", expected_s=1800.0)
    store.add_span(session, Span(0.0, 1800.0, Posture.FLEXED, True))
    store.add_episode(session, Episode(EpisodeKind.FLEXED, 0.0, 1800.0, 1800.0, "trunk_flexion", 40.0, 30.0, 1800.0))
    store.add_prompt(session, ShownPrompt(600.0, "cat_cow_seated", EpisodeKind.FLEXED, PromptLevel.SOFT, 0.0))
    store.end_session(session)


def test_today_with_a_red_flag_shows_the_referral_and_no_exercise(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Terminal, Markdown and page: the catalogue's referral first, with its steps and the marked emergency line; nothing to try."""
    with Store.open() as store:
        enter_day(store, at(0, 9))
        store.add_report(SelfReport(at(0, 10), ReportKind.WEAK))
    page = home / "day.html"
    entry = CATALOGUE.get("cat_cow_seated")
    assert entry is not None
    assert run(["today", "--date", "2026-03-10", "--html", str(page)]) == 0
    terminal = " ".join(capsys.readouterr().out.replace("│", " ").split())
    assert run(["today", "--date", "2026-03-10", "--md"]) == 0
    for text in (terminal, capsys.readouterr().out, " ".join(html.unescape(page.read_text(encoding="utf-8")).split())):
        assert all(step in text for step in CATALOGUE.referral.steps)
        assert CATALOGUE.referral.emergency is not None
        assert CATALOGUE.referral.emergency in text and GENERAL_SAFETY in text
        assert "09:10" in text and entry.title in text
        assert text.index(CATALOGUE.referral.title) < text.index(entry.title)
        assert not [p.id for p in CATALOGUE.prompts if p.waits_for_referral and p.steps[0] in text]
        assert "Try tomorrow" not in text
    assert run(["log", "ack"]) == 0
    capsys.readouterr()
    assert run(["today", "--date", "2026-03-10"]) == 0
    out = capsys.readouterr().out
    assert "Try tomorrow" in out and CATALOGUE.referral.title not in out


def test_heat_is_not_advised_after_numbness(home: Path) -> None:
    """Acknowledged or not, no advice of the day is warm after a report of numbness."""
    with Store.open() as store:
        enter_day(store, at(0, 9))
        store.add_report(SelfReport(at(2), ReportKind.NUMB, acknowledged_s=at(1)))
        day = day_of(store, datetime(2026, 3, 10).date(), CATALOGUE, Settings(), NOON)
    assert day.summary.finding is not None
    assert not [p.id for i in day.summary.finding.advice_ids if (p := CATALOGUE.get(i)) and p.warms]
    assert day.suggestion is not None and day.suggestion.prompt_id in day.summary.finding.advice_ids


def test_a_day_has_the_prompts_that_were_held_back(home: Path) -> None:
    """With the reason, in seconds since the epoch; how still the day was stands beside."""
    with Store.open() as store:
        enter_day(store, at(0, 9))
        session = store.start_session(origin=Origin.LIVE, started_utc=at(0, 14), source="camera")
        store.add_span(session, Span(0, 1500, Posture.NEUTRAL, True))
        store.add_held_prompt(session, HeldPrompt(60.0, EpisodeKind.SITTING, HoldBack(HoldReason.QUIET, 900.0)))
        store.end_session(session)
        day = day_of(store, datetime(2026, 3, 10).date(), CATALOGUE, Settings(), NOON)
    assert day.held == (HeldPrompt(at(0, 14) + 60.0, EpisodeKind.SITTING, HoldBack(HoldReason.QUIET, at(0, 14) + 900.0)),)
    assert day.summary.stillness is not None
    assert day.summary.stillness.longest_s >= 1500
    values = day_dict(day, CATALOGUE)
    assert [h["hold"]["reason"] for h in values["held_back"]] == ["quiet"]
    assert values["stillness"]["seated_s"] == day.summary.stillness.seated_s


def test_the_past_of_a_recording_is_on_its_own_clock(home: Path) -> None:
    """Prompts before it began, in seconds since then; none of the entry that it replaces, none that came later."""
    with Store.open() as store:
        enter_day(store, at(0, 9))
        assert past_of(store, at(0, 10), NOON).history == (
            ShownPrompt(-3000.0, "cat_cow_seated", EpisodeKind.FLEXED, PromptLevel.SOFT, -3600.0),
        )
        assert past_of(store, at(0, 9), NOON).history == ()
        assert past_of(store, at(0, 9) + 900.0, NOON).history == ()
        assert past_of(store, at(0, 8), NOON).history == ()
        assert not past_of(store, at(0, 8), NOON).flagged
        store.add_report(SelfReport(at(-1), ReportKind.PAIN))
        assert past_of(store, at(0, 8), NOON).flagged


def test_a_snooze_survives_a_restart_through_the_database(home: Path) -> None:
    """The answer and its moment are all it takes: silence until the snooze ends, then the prompt, once, also over two restarts."""
    prompt = ShownPrompt(600.0, "cat_cow_seated", EpisodeKind.FLEXED, PromptLevel.SOFT, 0.0)
    with Store.open() as store:
        began = store.start_session(origin=Origin.LIVE, started_utc=at(0, 9), source="camera")
        with SessionWriter(store, began) as writer:
            writer.answered(writer.prompt(prompt), Answer.SNOOZE, 610.0)
        for restart_s, shown_s in ((700.0, 1210.0), (1300.0, None)):  # seconds of the first session
            past = past_of(store, at(0, 9) + restart_s, NOON)
            assert past.reactions[past.history[0]] == Reaction(Answer.SNOOZE, 610.0 - restart_s)
            desk = PromptScheduler(CATALOGUE, history=past.history, reactions=past.reactions, reports=past.reports, start_epoch_s=at(0, 9))
            desk.seen(EpisodeKind.FLEXED)
            said = [p for second in range(600) for p in desk.tick(float(second)) if isinstance(p, ShownPrompt)]
            expected = [] if shown_s is None else [(prompt.prompt_id, prompt.kind, prompt.step, shown_s)]
            assert [(p.prompt_id, p.kind, p.step, p.time_s + restart_s) for p in said] == expected
            again = store.start_session(origin=Origin.LIVE, started_utc=at(0, 9) + restart_s, source="camera")
            with SessionWriter(store, again) as writer:
                for shown in said:
                    writer.prompt(shown)
        history = past_of(store, at(0, 9) + 1300.0, NOON)
        desk = PromptScheduler(CATALOGUE, history=history.history, reactions=history.reactions)
        assert desk.silence(499.0) == HoldBack(HoldReason.QUIET, 500.0), "the comeback is no first prompt, also out of the database"
        assert desk.silence(500.0) is None


def enter_outcomes(store: Store, outcomes: list[tuple[PromptLevel, EpisodeKind | None, PromptOutcome | None]]) -> None:
    """A session with a prompt per outcome, a quarter of an hour apart."""
    session = store.start_session(origin=Origin.LIVE, started_utc=at(0, 9), source="desk", expected_s=9000.0)
    store.add_span(session, Span(0.0, 9000.0, Posture.NEUTRAL, True))
    for n, (step, kind, outcome) in enumerate(outcomes, 1):
        entry = "referral" if kind is None else "cat_cow_seated"
        number = store.add_prompt(session, ShownPrompt(900.0 * n, entry, kind, step, 0.0))
        store.set_prompt_outcome(number, outcome)
    store.end_session(session)


def test_the_day_says_which_prompts_helped(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Terminal, Markdown and JSON: a word for each prompt of which something is known, and the total without the referral."""
    outcomes = [PromptOutcome.MOVED, PromptOutcome.IGNORED, PromptOutcome.DONE, PromptOutcome.SNOOZED, PromptOutcome.MOVED, None]
    with Store.open() as store:
        enter_outcomes(
            store, [(PromptLevel.SOFT, EpisodeKind.FLEXED, o) for o in outcomes] + [(PromptLevel.SOFT, None, PromptOutcome.DONE)]
        )
    total = "helped: 3 of 4 (moved 2, done 1); ignored 1; snoozed 1; not known 1"
    assert run(["today", "--date", "2026-03-10"]) == 0
    terminal = capsys.readouterr().out
    assert run(["today", "--date", "2026-03-10", "--md"]) == 0
    markdown = capsys.readouterr().out
    assert total in " ".join(terminal.split()) and total in markdown
    for n, outcome in enumerate(outcomes, 1):
        word = outcome or ""
        title = CATALOGUE.prompts[[p.id for p in CATALOGUE.prompts].index("cat_cow_seated")].title
        time = f"{9 + n // 4:02d}:{n % 4 * 15:02d}"
        assert f"| {time} | {title} | {word} |" in markdown
        assert [time, *title.split(), *word.split()] in [line.split() for line in terminal.splitlines()]
    assert run(["today", "--date", "2026-03-10", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["helped"] == {"done": 1, "moved": 2, "snoozed": 1, "ignored": 1, "unknown": 1}
    assert [p["outcome"] for p in told["prompts"]] == [*outcomes, "done"]


def test_a_day_of_which_nothing_is_known_says_nothing_of_it(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Recordings are not answered, so neither a total nor a word stands with their prompts."""
    with Store.open() as store:
        enter_day(store, at(0, 9))
    for how in ([], ["--md"]):
        assert run(["today", "--date", "2026-03-10", *how]) == 0
        text = capsys.readouterr().out
        assert "elped" not in text and "ignored" not in text and "not known 1" not in text
    assert run(["today", "--date", "2026-03-10", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["helped"] is None


def test_only_a_snooze_helped_nobody(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No share of nothing is given."""
    with Store.open() as store:
        enter_outcomes(store, [(PromptLevel.SOFT, EpisodeKind.FLEXED, PromptOutcome.SNOOZED)])
    assert run(["today", "--date", "2026-03-10"]) == 0
    out = capsys.readouterr().out
    assert "snoozed 1" in out and "helped" not in out
