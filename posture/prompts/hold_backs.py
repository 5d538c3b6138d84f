"""What holds a prompt back, in words. Pure."""

from __future__ import annotations

from collections.abc import Callable

from posture.time_parsing import clock
from posture.types import HoldBack, HoldReason

_WORDS = {
    HoldReason.HOLD: "{detail}",
    HoldReason.SNOOZE: "snoozed until {until}",
    HoldReason.QUIET: "quiet time until {until}",
    HoldReason.CAP: "{detail} came in the last hour, the most your settings allow, so quiet until {until}",
    HoldReason.UNANSWERED: "you didn't answer the last ones, so the next waits until {until}",
    HoldReason.REFERRAL: "waiting until you've read the advice to see a professional",
    HoldReason.SAME: "the only exercise that fits is the one shown last",
    HoldReason.NONE: "no exercise fits",
    HoldReason.WITHHELD: "left out at random, to compare with",
    HoldReason.OVER: "it was over before the reminder could be shown",
}


def hold_words(hold: HoldBack, written: Callable[[float], str] = clock) -> str:
    """Return why a prompt is held back, in a few words; `written`: how a time is written."""
    if hold.reason is HoldReason.CAP and hold.until_s is None:
        return "your settings allow none"
    return _WORDS[hold.reason].format(detail=hold.detail, until=written(hold.until_s) if hold.until_s is not None else "later")
