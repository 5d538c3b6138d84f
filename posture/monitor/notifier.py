"""Delivers prompts: shown by a notifier, answered, followed up for half an hour, and stored."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from pathlib import Path

from posture.desktop import Notice, Notifier, buttons_of, notice_of
from posture.engine import EngineOutput
from posture.errors import ControlError
from posture.prompts import Catalogue, FollowUp, Prompt, PromptScheduler
from posture.reports import takes_words
from posture.settings import PromptSettings
from posture.storage import LastingWriter, SessionWriter
from posture.types import Answer, ClassifiedReading, EpisodeKind, Posture, PromptOutcome, ShownPrompt


@dataclass(frozen=True, slots=True)
class NoticeStyle:
    """How the notices of a session look and sound."""

    snooze_s: float = PromptSettings().snooze_s
    sound: bool = False
    picture_only: bool = False
    picture: Callable[[Prompt], Path | None] = lambda _prompt: None
    """Returns the picture of an entry's first step, if there is one."""
    guided: Collection[str] = ()
    """Ids of the exercises that the camera counts where they are shown."""


class PromptNotifier:
    """Delivers the prompts of one session. For the session's own thread."""

    def __init__(
        self,
        catalogue: Catalogue,
        scheduler: PromptScheduler,
        notifier: Notifier,
        log: LastingWriter | SessionWriter | None,
        show_page: Callable[[str], None],
        *,
        max_gap_s: float = 12.0,
        style: NoticeStyle | None = None,
    ) -> None:
        """Start with nothing shown.

        Args:
            catalogue: where the words come from.
            scheduler: told of answers and outcomes.
            notifier: puts prompts on the screen.
            log: where all of it is stored; ``None``: nowhere.
            show_page: shows how the prompt of that id is done.
            max_gap_s: a reading stands for at most this long.
            style: how notices look and sound; by default plain ones.
        """
        self._catalogue, self._scheduler, self._notifier, self._log, self._show_page = catalogue, scheduler, notifier, log, show_page
        self._follow = FollowUp(max_gap_s)
        self._numbers = 0
        self._style = style or NoticeStyle()
        self._shown: dict[int, ShownPrompt] = {}
        self._last: Notice | None = None
        """Of the last prompt that was shown."""
        self._open: set[int] = set()
        """On the screen, as far as is known."""
        self._unanswered: set[int] = set()
        self._flagged = scheduler.flagged

    def process(self, out: EngineOutput, time_s: float) -> None:
        """Show new prompts, withdraw those whose cause ended, and follow up shown ones; `out` is the engine's output up to `time_s`."""
        for judged in out.judged:
            self._update_seen(judged)
        self._check_flag()
        for shown in out.shown:
            self._show(shown, out)
        for withheld in out.withheld:
            self._follow.shown(withheld, self._stored(withheld))
        for episode in out.episodes:
            self._over(episode.kind, episode.start_s)
            self._follow.ended(episode)
        outcomes = []
        for judged in out.judged:
            outcomes += self._follow.step(judged, out.moves)
        self._record(outcomes if out.judged else self._follow.interrupt(time_s))

    def answered(self, number: int | None, answer: Answer, time_s: float) -> str | None:
        """Handle the answer to a prompt of this session (``None``: the last one that waits); return why it cannot be, in words."""
        if number is None:
            number = max(self._unanswered, default=max(self._shown, default=None) if answer is Answer.SHOW else None)
        if number is None:
            return "there is no reminder to answer"
        shown = self._shown.get(number)
        if shown is None:
            return "there has been no such reminder since the monitor started"
        if answer is Answer.SHOW:
            self._show_page(shown.prompt_id)
        else:
            self._unanswered.discard(number)
            self._take_off(number)
        if self._log is not None:
            self._log.answered(number, answer, time_s)
        self._scheduler.answered(shown, answer, time_s)
        self._follow.answered(number, answer, time_s)
        return None

    @property
    def waiting(self) -> tuple[int, str] | None:
        """Number and title of the last prompt that waits for an answer."""
        number = max(self._unanswered, default=None)
        entry = None if number is None else self._catalogue.get(self._shown[number].prompt_id)
        return None if number is None or entry is None else (number, entry.title)

    @property
    def last(self) -> str | None:
        """Title of the last prompt that was shown and may be shown again."""
        entry = None if self._last is None else self._catalogue.get(self._shown[self._last.number].prompt_id)
        return entry.title if entry is not None and self._scheduler.allows(entry) else None

    def again(self) -> tuple[int, str] | None:
        """Show the last prompt of this session once more, quietly; return its number and title, ``None`` if there was none.

        It is the same prompt: nothing is stored, and no limit, quiet time or repeat hears of it. It waits for an answer again.

        Raises:
            ControlError: what the person reported since holds it back.
        """
        if self._last is None:
            return None
        title = self.last
        if title is None:
            raise ControlError("the last reminder isn't shown again, because of what you have logged since: posture log list")
        self._unanswered.add(self._last.number)
        self._open.add(self._last.number)
        self._notifier.show(replace(self._last, firm=False, quiet=True, sound=False))
        return self._last.number, title

    def acknowledged(self) -> None:
        """Handle the acknowledgement of the referral: it waits for no answer any more."""
        for number in [n for n in self._unanswered if self._shown[n].kind is None]:
            self._unanswered.discard(number)
            self._take_off(number)

    def withdraw(self) -> None:
        """Take everything off the screen."""
        for number in tuple(self._open):
            self._take_off(number)

    def finish(self, out: EngineOutput, time_s: float) -> None:
        """End the session, with the last of the engine's output: close the follow-ups and take everything off the screen."""
        self._record(self._follow.finish(time_s))  # first: an episode that the session's end cut off did not end by itself
        self.process(out, time_s)
        self.withdraw()

    def _show(self, shown: ShownPrompt, out: EngineOutput) -> None:
        entry = self._catalogue.get(shown.prompt_id)
        number = self._stored(shown)
        self._shown[number] = shown
        self._follow.shown(shown, number)
        if entry is not None:
            self._unanswered = {n for n in self._unanswered if self._shown[n].kind is not shown.kind} | {number}
            self._open.add(number)
            style, kind = self._style, shown.kind
            notice = notice_of(
                entry,
                shown,
                number,
                time_s=None if kind is None else out.dose_s.get(kind),
                angle=None if kind is None else out.leading.get(kind),
                takes=takes_words(entry),
                buttons=buttons_of(style.snooze_s, guided=entry.id in style.guided),
            )
            self._last = replace(notice, picture=style.picture(entry), picture_only=style.picture_only, sound=style.sound)
            self._notifier.show(self._last)

    def _stored(self, prompt: ShownPrompt) -> int:
        """Store a prompt and return its number."""
        self._numbers += 1
        return self._numbers if self._log is None else self._log.prompt(prompt)

    def _over(self, kind: EpisodeKind, start_s: float) -> None:
        """Take prompts of an ended episode off the screen."""
        for number in tuple(self._open):
            shown = self._shown[number]
            if shown.kind is kind and shown.episode_start_s == start_s:
                self._take_off(number)

    def _update_seen(self, judged: ClassifiedReading) -> None:
        for kind, posture in ((EpisodeKind.FLEXED, Posture.FLEXED), (EpisodeKind.ANTERIOR_TILT, Posture.ANTERIOR_TILT)):
            if judged.posture is posture:
                self._scheduler.seen(kind)
        if judged.reading.seated:
            self._scheduler.seen(EpisodeKind.SITTING)

    def _check_flag(self) -> None:
        """Take exercises and heat off the screen when a red flag comes up."""
        before, self._flagged = self._flagged, self._scheduler.flagged
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

    def _record(self, outcomes: list[tuple[int, PromptOutcome | None]]) -> None:
        for number, outcome in outcomes:
            if outcome is not None:
                if self._log is not None:
                    self._log.followed(number, outcome)
                self._scheduler.followed(self._shown[number], outcome)
        for number, after in self._follow.exposures():
            if self._log is not None:
                self._log.after(number, after)
