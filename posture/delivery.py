"""Prompts on their way to the person and back: shown by a notifier, answered, followed for five minutes, and written down."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from posture.desktop.notices import Notifier, notice_of
from posture.engine.engine import EngineOutput
from posture.followup import FollowUp
from posture.model import Answer, Followed, Judged, Kind, Posture, ShownPrompt
from posture.prompts import Catalogue, PromptDesk


class Book(Protocol):
    """Where prompts and what came of them are written down; times are seconds since the session's start."""

    def prompt(self, prompt: ShownPrompt) -> int:
        """A prompt was shown; its number."""

    def answered(self, prompt_number: int, answer: Answer, time_s: float) -> None:
        """The person answered it."""

    def followed(self, prompt_number: int, outcome: Followed | None) -> None:
        """What followed it; ``None``: not known."""


class NoBook:
    """Numbers prompts and writes nothing, for a session that is not to be kept."""

    def __init__(self) -> None:
        """Nothing shown yet."""
        self._count = 0

    def prompt(self, prompt: ShownPrompt) -> int:  # noqa: ARG002 # as the protocol names it
        """The next number."""
        self._count += 1
        return self._count

    def answered(self, prompt_number: int, answer: Answer, time_s: float) -> None:
        """Nothing."""

    def followed(self, prompt_number: int, outcome: Followed | None) -> None:
        """Nothing."""


class Delivery:
    """Brings the prompts of one session to the person. For the session's own thread."""

    def __init__(
        self,
        catalogue: Catalogue,
        desk: PromptDesk,
        notifier: Notifier,
        book: Book,
        show_page: Callable[[str], None],
        *,
        max_gap_s: float = 12.0,
    ) -> None:
        """Nothing shown yet.

        Args:
            catalogue: where the words come from.
            desk: told of answers and outcomes.
            notifier: puts prompts on the screen.
            book: where all of it is written down.
            show_page: shows how the prompt of that id is done.
            max_gap_s: a reading stands for at most this long.
        """
        self._catalogue, self._desk, self._notifier, self._book, self._show_page = catalogue, desk, notifier, book, show_page
        self._follow = FollowUp(max_gap_s)
        self._shown: dict[int, ShownPrompt] = {}
        self._open: set[int] = set()
        """On the screen, as far as is known."""
        self._unanswered: set[int] = set()
        self._flagged = desk.flagged

    def take(self, out: EngineOutput, time_s: float) -> None:
        """What came of the time up to `time_s`: prompts to show, and what was seen of the person."""
        for judged in out.judged:
            self._see(judged)
        self._mind_flag()
        for shown in out.shown:
            self._show(shown, out.dose_s)
        for episode in out.episodes:
            self._over(episode.kind, episode.start_s)
        settled = []
        for judged in out.judged:
            settled += self._follow.step(judged, out.moves)
        self._write(settled if out.judged else self._follow.interrupt(time_s))

    def answered(self, number: int | None, answer: Answer, time_s: float) -> str | None:
        """The person answered a prompt of this session (``None``: the last one that waits); why that cannot be, in words."""
        if number is None:
            number = max(self._unanswered, default=max(self._shown, default=None) if answer is Answer.SHOW else None)
        if number is None:
            return "no prompt waits for an answer"
        shown = self._shown.get(number)
        if shown is None:
            return "there is no such prompt since the monitor was started"
        if answer is Answer.SHOW:
            self._show_page(shown.prompt_id)
        else:
            self._unanswered.discard(number)
            self._take_off(number)
        self._book.answered(number, answer, time_s)
        self._desk.answered(shown, answer, time_s)
        self._follow.answered(number, answer, time_s)
        return None

    @property
    def waiting(self) -> tuple[int, str] | None:
        """Number and title of the last prompt that waits for an answer."""
        number = max(self._unanswered, default=None)
        entry = None if number is None else self._catalogue.get(self._shown[number].prompt_id)
        return None if number is None or entry is None else (number, entry.title)

    def acknowledged(self) -> None:
        """The person has read the referral: it waits for no answer any more."""
        for number in [n for n in self._unanswered if self._shown[n].kind is None]:
            self._unanswered.discard(number)
            self._take_off(number)

    def withdraw(self) -> None:
        """Nothing is to be on the screen now: it was locked, or the person wants peace."""
        for number in tuple(self._open):
            self._take_off(number)

    def finish(self, time_s: float) -> None:
        """The session ends: what is still on the screen is taken off."""
        self._write(self._follow.finish(time_s))
        self.withdraw()

    def _show(self, shown: ShownPrompt, dose_s: dict[Kind, float]) -> None:
        entry = self._catalogue.get(shown.prompt_id)
        number = self._book.prompt(shown)
        self._shown[number] = shown
        self._follow.shown(shown, number)
        if entry is not None:
            self._unanswered = {n for n in self._unanswered if self._shown[n].kind is not shown.kind} | {number}
            self._open.add(number)
            self._notifier.show(notice_of(entry, shown, number, None if shown.kind is None else dose_s.get(shown.kind)))

    def _over(self, kind: Kind, start_s: float) -> None:
        """Its cause is over: nobody who comes back from a break is to find it still there."""
        for number in tuple(self._open):
            shown = self._shown[number]
            if shown.kind is kind and shown.episode_start_s == start_s:
                self._take_off(number)

    def _see(self, judged: Judged) -> None:
        for kind, posture in ((Kind.FLEXED, Posture.FLEXED), (Kind.ANTERIOR_TILT, Posture.ANTERIOR_TILT)):
            if judged.posture is posture:
                self._desk.seen(kind)
        if judged.reading.seated:
            self._desk.seen(Kind.SITTING)

    def _mind_flag(self) -> None:
        """A red flag that has come up takes exercises and heat off the screen."""
        before, self._flagged = self._flagged, self._desk.flagged
        if before or not self._flagged:
            return
        for number in tuple(self._unanswered):
            entry = self._catalogue.get(self._shown[number].prompt_id)
            if entry is not None and entry.waits_for_referral:
                self._unanswered.discard(number)
                self._take_off(number)

    def _take_off(self, number: int) -> None:
        self._open.discard(number)
        self._notifier.clear(number)

    def _write(self, settled: list[tuple[int, Followed | None]]) -> None:
        for number, outcome in settled:
            if outcome is not None:
                self._book.followed(number, outcome)
                self._desk.followed(self._shown[number], outcome)
