"""Why no reminder comes at this moment: one sentence, from plain values, and from the scheduler as it runs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from posture._support import catalogue
from posture.engine import SessionStatus
from posture.prompts import PromptScheduler, Silence, silence_of
from posture.settings import PromptSettings
from posture.types import (
    Answer,
    ClassifiedReading,
    Detection,
    EpisodeKind,
    HeldPrompt,
    HoldBack,
    HoldReason,
    Mode,
    NextPrompt,
    Posture,
    PromptDue,
    PromptLevel,
    Reading,
    ShownPrompt,
)

CATALOGUE = catalogue.load()
FLEXED, SITTING = EpisodeKind.FLEXED, EpisodeKind.SITTING
MIN = 60.0
NOON = datetime(2026, 3, 18, 12, 0).timestamp()


def status(posture: Posture | None = Posture.NEUTRAL, **more: Any) -> SessionStatus:
    """A session that has measured for 100 minutes, at noon."""
    judged = None if posture is None else ClassifiedReading(Reading(100 * MIN, Detection.PERSON), posture)
    return SessionStatus(**{"mode": Mode.RUNNING, "time_s": 100 * MIN, "judged": judged, "at_utc": NOON, **more})


def hold(reason: HoldReason, minutes: float | None = None, detail: str = "") -> HoldBack:
    """It holds for so many minutes from now."""
    return HoldBack(reason, None if minutes is None else (100 + minutes) * MIN, detail)


@pytest.mark.parametrize(
    ("state", "reason", "words"),
    [
        (status(), None, ""),
        (status(mode=Mode.PAUSED, paused_until_utc=NOON + 900), "paused", "No reminders: paused until 12:15."),
        (status(mode=Mode.PAUSED), "paused", "No reminders: paused."),
        (status(mode=Mode.LOCKED), "locked", "No reminders: screen locked, camera off."),
        (status(held="A call is on."), "hold", "No reminders: a call is on."),
        (status(silence=hold(HoldReason.SNOOZE, 9.5)), "snooze", "No reminders: snoozed until 12:10."),
        (status(silence=hold(HoldReason.SNOOZE, 13 * 60.0)), "snooze", "No reminders: snoozed until tomorrow 01:00."),
        (status(Posture.AWAY), "away", "No reminders: there's nobody in the picture."),
        (status(None, unknown_since_s=99.5 * MIN), None, ""),
        (status(None, unknown_since_s=92.5 * MIN), "unknown", "No reminders: your posture hasn't been known for 7 min."),
        (
            status(Posture.UNKNOWN, unknown_since_s=92.5 * MIN, calibrated=False),
            "unknown",
            "No reminders: you haven't calibrated, and your posture hasn't been known for 7 min.",
        ),
        (status(flagged=True), "referral", "Exercises wait until you've read the advice to see a professional."),
        (status(silence=hold(HoldReason.QUIET, 12)), "quiet", "No new reminder: quiet time until 12:12."),
        (
            status(silence=hold(HoldReason.CAP, 12, "3")),
            "cap",
            "No new reminder: 3 came in the last hour, the most your settings allow, so quiet until 12:12.",
        ),
        (status(silence=hold(HoldReason.CAP, None, "0")), "cap", "No new reminder: your settings allow none."),
        (
            status(next_due=NextPrompt(120 * MIN, FLEXED, unanswered=True)),
            "unanswered",
            "No new reminder about leaning or slumping: you didn't answer the last ones, so the next waits until 12:20.",
        ),
        (
            status(held_back=(HeldPrompt(0.0, SITTING, hold(HoldReason.UNANSWERED, 20)),)),
            "unanswered",
            "No new reminder about sitting without a break: you didn't answer the last ones, so the next waits until 12:20.",
        ),
        (
            status(Posture.FLEXED, dose_s={FLEXED: 240.0}, next_due=NextPrompt(120 * MIN, SITTING, unanswered=False)),
            "not_due",
            "The next reminder about leaning or slumping comes at 12:06 at the earliest.",
        ),
        (
            status(calibrated=False),
            "not_calibrated",
            "You haven't calibrated, so slumping is measured only roughly, and forward pelvic tilt isn't reported.",
        ),
    ],
)
def test_one_sentence(state: SessionStatus, reason: str | None, words: str) -> None:
    """Each reason, with its end where that is known; a minute that has begun is not over."""
    found = silence_of(state)
    assert (found and str(found.reason), found.words if found else "") == (reason, words)


def test_what_holds_most_back_is_said() -> None:
    """Of several reasons: not measuring, then what holds all prompts, then the person, then the flag, then the limits."""
    all_of_it: dict[str, Any] = {
        "mode": Mode.LOCKED,
        "held": "A call is on.",
        "judged": None,
        "unknown_since_s": 0.0,
        "flagged": True,
        "silence": hold(HoldReason.QUIET, 5),
        "next_due": NextPrompt(120 * MIN, FLEXED, unanswered=True),
        "calibrated": False,
    }
    gone: dict[str, Any] = {"mode": Mode.RUNNING, "held": "", "unknown_since_s": None, "flagged": False, "silence": None, "next_due": None}
    order = []
    for key, value in gone.items():
        found = silence_of(SessionStatus(**{"time_s": 100 * MIN, "at_utc": NOON, **all_of_it}))
        assert found is not None
        order.append(str(found.reason))
        all_of_it[key] = value
    assert order == ["locked", "hold", "unknown", "referral", "quiet", "unanswered"]


# ------------------------------------------------------------------------------------------------ as the scheduler runs


def flexed(desk: PromptScheduler) -> None:
    """A lean is full at ten minutes, and goes on."""
    desk.due(PromptDue(FLEXED, PromptLevel.SOFT, 10 * MIN, 10 * MIN, 0.0))


def now(desk: PromptScheduler, minute: float) -> Silence | None:
    """What a session says at that minute, seconds counted from noon on."""
    t = minute * MIN
    state = status(time_s=t, at_utc=NOON + t, silence=desk.silence(t), held_back=desk.held_back, next_due=desk.next_due(t))
    return silence_of(state)


def shown_at(desk: PromptScheduler, minutes: int) -> list[ShownPrompt]:
    """The prompts of so many minutes, told at each of them."""
    return [s for m in range(minutes) for s in desk.tick(m * MIN + 1.0) if isinstance(s, ShownPrompt)]


def test_quiet_time_then_the_next_that_was_not_answered() -> None:
    """After the first prompt the quiet time; after the third in a row, once it is over, that none was answered, and until when."""
    desk = PromptScheduler(CATALOGUE)
    assert now(desk, 5) is None
    flexed(desk)
    told = shown_at(desk, 60)
    assert [round(s.time_s / MIN) for s in told] == [10, 30, 50]
    quiet = now(desk, 60)
    assert quiet is not None and (quiet.reason, quiet.words[-6:]) == (HoldReason.QUIET, "13:10.")
    assert list(desk.tick(75 * MIN)) == []
    late = now(desk, 75)
    assert late is not None and late.reason is HoldReason.UNANSWERED and late.words.endswith("so the next waits until 13:30.")
    desk.answered(told[-1], Answer.DONE, 75.5 * MIN)
    assert desk.next_due(76 * MIN) is None  # it is due now
    assert [s.kind for s in desk.tick(76 * MIN) if isinstance(s, ShownPrompt)] == [FLEXED]


def test_a_snooze_is_said_with_its_end() -> None:
    """As long as it lasts."""
    desk = PromptScheduler(CATALOGUE, PromptSettings(snooze_s=600.0))
    flexed(desk)
    (first,) = shown_at(desk, 12)
    desk.answered(first, Answer.SNOOZE, 12 * MIN)
    said = now(desk, 15)
    assert said is not None and (said.reason, said.words) == (HoldReason.SNOOZE, "No reminders: snoozed until 12:22.")


def test_nobody_learns_that_a_prompt_is_withheld() -> None:
    """Until another one is shown: neither by the quiet time that it opens, nor by what waits for that, nor by the next one's time."""
    desk = PromptScheduler(CATALOGUE, draw=lambda: 0.0)
    flexed(desk)
    (withheld,) = shown_at(desk, 12)
    assert withheld.withheld
    desk.due(PromptDue(SITTING, PromptLevel.SOFT, 12 * MIN, 30 * MIN, 0.0))
    for minute in range(12, 30):
        desk.tick(minute * MIN)
        assert now(desk, minute) is None
    (after,) = [s for s in desk.tick(31 * MIN) if isinstance(s, ShownPrompt)]
    assert not after.withheld and now(desk, 32) is not None
