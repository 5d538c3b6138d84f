"""What holds a prompt back, in words. Pure."""

from __future__ import annotations

from collections.abc import Callable

from posture.time_parsing import clock
from posture.types import HoldBack, HoldReason, Wording

_WORDS: dict[HoldReason, str | Wording] = {
    HoldReason.HOLD: "{detail}",
    HoldReason.SNOOZE: "snoozed until {until}",
    HoldReason.QUIET: "quiet time until {until}",
    HoldReason.CAP: Wording(
        "{detail} came in the last hour, the most your settings allow, so quiet until {until}",
        "{detail} came in the last hour, the most the settings allow, so quiet until {until}",
    ),
    HoldReason.UNANSWERED: Wording(
        "you didn't answer the last ones, so the next waits until {until}",
        "the last ones weren't answered, so the next waits until {until}",
    ),
    HoldReason.REFERRAL: Wording(
        "waiting until you've read the advice to see a professional", "waiting until the advice to see a professional has been read"
    ),
    HoldReason.SAME: "the only exercise that fits is the one shown last",
    HoldReason.NONE: "no exercise fits",
    HoldReason.WITHHELD: "left out at random, to compare with",
    HoldReason.OVER: "it was over before the reminder could be shown",
}
_NONE_ALLOWED = Wording("your settings allow none", "the settings allow none")


def hold_words(hold: HoldBack, written: Callable[[float], str] = clock, *, own: bool = True) -> str:
    """Return why a prompt is held back, in a few words; `written`: how a time is written; `own`: to the person themself."""
    if hold.reason is HoldReason.CAP and hold.until_s is None:
        return _NONE_ALLOWED.to(own=own)
    words = _WORDS[hold.reason]
    said = words.to(own=own) if isinstance(words, Wording) else words
    return said.format(detail=hold.detail, until=written(hold.until_s) if hold.until_s is not None else "later")
