"""What calls for a professional: pain, numbness or weakness, or stiffness on several days running (passage A-refer). Pure.

Pain after an exercise is pain, and raises the referral as any other. That an exercise was stopped because it hurt is stored and shown, and
raises nothing by itself: the person says what is pain.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from posture.prompts.entries import RED_FLAGS
from posture.types import ReportKind, SelfReport

STIFF_DAYS = 4
"""Stiffness on this many local days running calls for the referral: it lasts for more than a few days."""
ANSWERED_BY_REFERRAL = RED_FLAGS | {ReportKind.STIFF}
"""Reports that reading the referral answers."""
HELD_UNTIL_READ = "You won't be shown exercises or heat until you've read this."
WAITS = f"{HELD_UNTIL_READ} When you have, type: posture log ack"
"""Stands with the referral wherever a person's own red flag is up."""


def stiff_days_running(reports: Iterable[SelfReport], now_epoch_s: float) -> int:
    """Return local days without a gap, up to and with the one of `now_epoch_s` (seconds since the epoch), that have a report of
    stiffness."""
    days = {_day(r.time_s) for r in reports if r.kind is ReportKind.STIFF and r.time_s <= now_epoch_s}
    day, count = _day(now_epoch_s), 0
    while day - timedelta(days=count) in days:
        count += 1
    return count


def open_red_flags(reports: Iterable[SelfReport], now_epoch_s: float) -> list[SelfReport]:
    """Reports that hold exercises back until the referral is acknowledged, by time.

    They are those of pain, numbness and weakness that are not acknowledged, and each of stiffness with which the fourth day
    running (or a later one) was reached; days that were acknowledged do not count again.

    Args:
        reports: all self-reports.
        now_epoch_s: seconds since the epoch; stiffness reported later does not count.
    """
    unread = [r for r in reports if r.acknowledged_s is None]
    stiff = [r for r in unread if r.kind is ReportKind.STIFF and r.time_s <= now_epoch_s]
    flags = [r for r in unread if r.kind in RED_FLAGS]
    flags += [r for r in stiff if stiff_days_running(stiff, r.time_s) >= STIFF_DAYS]
    return sorted(flags, key=lambda r: r.time_s)


def _day(time_s: float) -> date:
    return datetime.fromtimestamp(time_s).date()
