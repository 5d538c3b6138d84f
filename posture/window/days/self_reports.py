"""Logs, changes and removes self-reports outside the window's thread, and tells the monitor what it must know at once."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from posture.days import local_day
from posture.prompts import RED_FLAGS, answer, heat_allowed, open_red_flags
from posture.reports.day import labels, rows
from posture.storage import Store
from posture.types import ReportKind, SelfReport
from posture.window.page import WindowContext

Undo = Callable[[Store], object]


@dataclass(frozen=True, slots=True)
class Mended:
    """What was done with a report."""

    words: str
    """One line."""
    undo: Undo
    """Puts back what was there before."""
    answers: tuple[str, ...] = ()
    """Of a new report, ids of what the catalogue says to it, the most important first."""
    flagged: bool = False
    """Whether a red flag is up now."""


@dataclass(frozen=True, slots=True)
class _Change:
    """What a change of the stored reports did to red flags."""

    was_flagged: bool
    flagged: bool
    reports: list[SelfReport]


class SelfReports:
    """The person's own reports, as a page of the window changes them."""

    def __init__(self, context: WindowContext, done: Callable[[Mended | None], object]) -> None:
        """Prepare. `done`: called on the window's thread after each change; ``None``: something was undone."""
        self._context, self._done = context, done

    def log(self, report: SelfReport) -> None:
        """Store a report, and find what the catalogue says to it."""
        kept: list[int] = []
        context = self._context

        def job() -> tuple[_Change, Mended]:
            change = _changed(lambda store: kept.append(store.add_report(report)))
            catalogue = context.catalogue()
            said = answer(catalogue, report.kind, flagged=change.flagged, heat=heat_allowed(change.reports))
            words = f"Logged: {line(report)}."
            return change, Mended(words, lambda store: store.delete_report(kept[0]), tuple(p.id for p in said), change.flagged)

        self._run(job, report.kind)

    def change(self, number: int, kind: ReportKind) -> None:
        """Make a stored report one of another kind."""
        before: list[SelfReport] = []

        def put(store: Store) -> None:
            before.append(store.report(number))
            store.change_report(number, before[0].of_kind(kind))

        def job() -> tuple[_Change, Mended]:
            change = _changed(put)
            words = f"Changed to: {line(before[0].of_kind(kind))}."
            return change, Mended(words, lambda store: store.change_report(number, before[0]), flagged=change.flagged)

        self._run(job, kind)

    def remove(self, number: int) -> None:
        """Delete a stored report."""
        before: list[SelfReport] = []

        def put(store: Store) -> None:
            before.append(store.report(number))
            store.delete_report(number)

        def job() -> tuple[_Change, Mended]:
            change = _changed(put)
            return change, Mended(f"Removed: {line(before[0])}.", lambda store: store.add_report(before[0]), flagged=change.flagged)

        self._run(job)

    def undo(self, mended: Mended) -> None:
        """Put back what was there before a change."""
        self._run(lambda: (_changed(mended.undo), None))

    def _run(self, job: Callable[[], tuple[_Change, Mended | None]], kind: ReportKind | None = None) -> None:
        def stored(found: tuple[_Change, Mended | None]) -> None:
            change, mended = found
            self._tell_monitor(change, kind)
            self._done(mended)

        self._context.work.run(job, stored, self._context.say)

    def _tell_monitor(self, change: _Change, kind: ReportKind | None) -> None:
        """A monitor that is not there reads the reports when it starts."""
        if change.was_flagged and not change.flagged:
            self._context.link.ask("acknowledge", failed=_ignored)
        elif kind is not None:
            self._context.link.ask("report", failed=_ignored, kind=kind.value, flagged=change.flagged)
        elif change.flagged and not change.was_flagged:
            flag = next(r.kind for r in reversed(change.reports) if r.kind in RED_FLAGS or r.kind is ReportKind.STIFF)
            self._context.link.ask("report", failed=_ignored, kind=flag.value, flagged=True)


def line(report: SelfReport) -> str:
    """Return a report in one line: what, where and when."""
    when, what, more = rows.logged_row(report)
    today = local_day(report.time_s) == local_day(time.time())
    return ", ".join(p for p in (what, more, when if today else labels.moment_of(report.time_s)) if p)


def _changed(put: Callable[[Store], object]) -> _Change:
    with Store.open() as store:
        was = bool(open_red_flags(store.reports(), time.time()))
        put(store)
        reports = store.reports()
    return _Change(was, bool(open_red_flags(reports, time.time())), reports)


def _ignored(_line: str) -> None:
    """No-op: the change is stored."""
