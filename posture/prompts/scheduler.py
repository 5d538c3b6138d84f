"""When a prompt is shown, and why one was held back.

Pure policy: no clock, no file, no screen. All times are seconds on one clock, that of the `PromptScheduler`'s caller.

A *first* prompt answers an episode for the first time (``PromptLevel.SOFT``); the *firm* step repeats the same prompt once, when the
dose goes on, whatever was answered to the first. Both wait for a natural pause, a moment at which the person moves, for so long
as ``patience_s``. A snoozed prompt comes back once, as the same step: that opens no quiet time and counts in no limit.
The referral answers a self-report, not an episode: it is not delayed, opens no quiet time and counts in no limit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from posture.prompts.entries import RED_FLAGS, Catalogue, Prompt
from posture.prompts.selection import Reaction, at_desk, choose
from posture.prompts.snooze import Snoozes, same_episode
from posture.prompts.withholding import Draw, withheld
from posture.settings import PromptSettings
from posture.types import Answer, EpisodeKind, HeldPrompt, PromptDue, PromptLevel, PromptOutcome, ReportKind, SelfReport, ShownPrompt

ORDER = (EpisodeKind.FLEXED, EpisodeKind.ANTERIOR_TILT, EpisodeKind.SITTING)
"""Who goes first when several prompts wait; the referral goes before all."""
HOUR_S = 3600.0

WHY_OVER = "it was over before the prompt could be shown"
WHY_REFERRAL = "waiting for the referral to be acknowledged"
WHY_SAME = "the only prompt that fits is the one shown last"
WHY_NONE = "no prompt of the catalogue fits"


def minutes(time_s: float) -> str:
    """Return seconds as ``36:00``, from an hour on as ``1:06:00``."""
    total = round(time_s)
    hours, rest = divmod(abs(total), 3600)
    text = f"{hours}:{rest // 60:02d}:{rest % 60:02d}" if hours else f"{rest // 60}:{rest % 60:02d}"
    return f"-{text}" if total < 0 else text


@dataclass(frozen=True, slots=True)
class _Turn:
    """A queued prompt."""

    kind: EpisodeKind
    start_s: float | None
    """Of its episode."""
    step: PromptLevel
    back: ShownPrompt | None = None
    """The snoozed prompt that comes back; ``None`` for one that comes for the first time."""


class PromptScheduler:
    """Decides which prompt is shown, and when.

    Report what happened (`due`, `ended`, `hold`, `answered`, `followed`, `report`,
    `acknowledge`) in the order of time, then call `tick`. The same calls always give the same answers.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        settings: PromptSettings | None = None,
        *,
        history: Iterable[ShownPrompt] = (),
        reactions: Mapping[ShownPrompt, Reaction] | None = None,
        reports: Iterable[SelfReport] = (),
        start_epoch_s: float = 0.0,
        clock: Callable[[float], str] = minutes,
        draw: Draw | None = None,
    ) -> None:
        """Begin with a history.

        A snooze that reaches beyond second 0 goes on: nothing is shown until its end, and the prompt comes back if its cause was
        seen by then (`seen`), and neither its end, a break nor a new episode of its kind was reported.

        Args:
            catalogue: the entries to choose from.
            settings: quiet time, hourly limit, patience and snooze.
            history: prompts shown before, on the scheduler's clock (of earlier sessions: negative times).
            reactions: what is known of prompts of the history; the choice learns from it.
            reports: self-reports so far, seconds since the epoch as they are stored.
            start_epoch_s: seconds since the epoch at time 0.
            clock: how a time is written in the reason of a held prompt.
            draw: decides which first prompts are withheld, none while a red flag is up; ``None``: none.
        """
        self._catalogue = catalogue
        self._settings = settings or PromptSettings()
        self._clock = clock
        self._draw = draw
        self._shown: list[ShownPrompt] = []
        self._softs: list[ShownPrompt] = []
        self._firsts_s: list[float] = []
        self._waiting: dict[EpisodeKind, PromptDue] = {}
        self._firm: dict[EpisodeKind, PromptDue] = {}
        self._episode: dict[EpisodeKind, float] = {}
        self._closed: dict[EpisodeKind, float] = {}
        self._said: set[tuple[EpisodeKind, float | None, str]] = set()
        self._held: list[HeldPrompt] = []
        self._why_held: str | None = None
        self._ready_s: float | None = None
        self._reactions = dict(reactions or {})
        self._snoozes = Snoozes(self._settings.snooze_s)
        self._numb = False
        self._flag_s: float | None = None
        self._referral_due = False
        for past in sorted((p for p in history if p.kind is not None), key=lambda p: p.time_s):
            self._note(past)
        for prompt in self._snoozes.restore(self._reactions):
            if prompt.kind is not None and prompt.episode_start_s is not None:
                self._episode[prompt.kind] = prompt.episode_start_s
        for report in reports:
            self._remember(report.kind, report.time_s - start_epoch_s, flag=report.acknowledged_s is None)

    @property
    def flagged(self) -> bool:
        """Whether a red flag is up: no exercise and no heat until it is acknowledged."""
        return self._flag_s is not None

    def due(self, sustained: PromptDue) -> None:
        """Take up a dose that has reached a threshold. A step that was shown, waits, or whose episode has ended is not due again."""
        kind, start_s = sustained.kind, sustained.episode_start_s
        if self._closed.get(kind) == start_s:
            return
        if self._episode.get(kind, start_s) != start_s:
            stale = self.ended(kind, sustained.time_s)
            self._held += [stale] if stale else []
        self._episode[kind] = start_s
        steps = {p.step for p in self._shown if p.kind is kind and p.episode_start_s == start_s}
        if PromptLevel.SOFT not in steps:
            self._waiting.setdefault(kind, sustained)  # a firm step joins the soft one that still waits
        elif sustained.step is PromptLevel.FIRM and PromptLevel.FIRM not in steps:
            self._firm[kind] = sustained

    def ended(self, kind: EpisodeKind, time_s: float) -> HeldPrompt | None:
        """End an episode: a prompt that still waited for it is dropped, and returned with the reason."""
        if kind in self._episode:
            self._closed[kind] = self._episode.pop(kind)
        dropped = [self._waiting.pop(kind, None), self._firm.pop(kind, None), self._snoozes.drop(kind)]
        if kind is EpisodeKind.SITTING:  # a sit ends with a break, and a break is the end of every cause
            self._held += [HeldPrompt(time_s, k, WHY_OVER) for k in ORDER if self._snoozes.drop(k)]
        return HeldPrompt(time_s, kind, WHY_OVER) if any(dropped) else None

    def hold(self, why: str | None) -> None:
        """Show nothing from now on, because of `why` (a call, full screen, ...); ``None``: prompts may be shown again."""
        self._why_held = why

    def answered(self, shown: ShownPrompt, answer: Answer, time_s: float) -> None:
        """Take up the answer to a prompt that is on the screen; the last one counts.

        Snoozed, it comes back ``snooze_s`` later if its cause goes on, and until then nothing but the referral is shown. A firm
        step that falls due meanwhile joins it. Done and not now end nothing but a snooze of the same prompt: the dose follows
        what is measured alone, so the firm step still comes, once, when the dose goes on. Show changes nothing.
        """
        if answer is Answer.SHOW:
            return
        self._reactions[shown] = replace(self._reactions.get(shown, Reaction()), answer=answer, answered_s=time_s)
        if answer is Answer.SNOOZE:
            over = shown.kind is not None and self._episode.get(shown.kind) != shown.episode_start_s
            self._snoozes.put_off(shown, time_s, comes_back=not over)
        else:
            self._snoozes.take_back(shown)

    def seen(self, kind: EpisodeKind) -> None:
        """Note that the cause of a kind is seen now: a prompt about it that was snoozed before second 0 may come back."""
        self._snoozes.confirm(kind)

    def followed(self, shown: ShownPrompt, outcome: PromptOutcome) -> None:
        """Note what followed a prompt; later choices learn from it."""
        self._reactions[shown] = replace(self._reactions.get(shown, Reaction()), outcome=outcome)

    def report(self, kind: ReportKind, time_s: float) -> None:
        """Take up a self-report; pain, numbness and weakness raise the red flag."""
        self._remember(kind, time_s, flag=True)

    def raise_flag(self, time_s: float) -> None:
        """Raise the red flag, for a report or for another reason such as stiffness on several days running."""
        self._flag_s = time_s if self._flag_s is None else max(self._flag_s, time_s)
        self._referral_due = True

    def keep_flag_up(self, time_s: float) -> None:
        """Raise the red flag at that time, unless it is up already: reports beyond those given here call for it."""
        if not self.flagged:
            self.raise_flag(time_s)

    def acknowledge(self, time_s: float) -> None:
        """Note that the referral was read at that time: unless a flag was raised later, exercises may come again."""
        if self._flag_s is not None and self._flag_s <= time_s:
            self._flag_s, self._referral_due = None, False
            self._snoozes.drop(None)

    def tick(self, time_s: float, moving: bool = True) -> list[ShownPrompt | HeldPrompt]:
        """Tell what to show now, in order, and what is held back and why (each reason once per episode).

        Args:
            time_s: now, not before the time of any earlier call.
            moving: whether the person moves just now; if not, what could be shown waits for it, until the one that could be shown
                first has waited ``patience_s``.
        """
        out: list[ShownPrompt | HeldPrompt] = [*self._held]
        self._held.clear()
        if self._why_held is None and self._referral_is_due(time_s):
            out.append(ShownPrompt(time_s, self._catalogue.referral.id, None, PromptLevel.SOFT))
        ready_s, self._ready_s = self._ready_s, None
        since_s = time_s if ready_s is None else ready_s
        now = moving or time_s - since_s >= self._settings.patience_s
        if self._snoozes.until_s(time_s) is None:
            self._snoozes.drop_doubtful()
        for turn in self._turns():
            chosen = self._why_held or self._snoozed(time_s) or self._prompt_for(turn, time_s)
            if isinstance(chosen, str):
                out += self._hold_back(turn, chosen, time_s)
            elif now:
                out.append(self._show(chosen, turn, time_s))
            else:
                self._ready_s = since_s
        return out

    def _turns(self) -> Iterator[_Turn]:
        """Yield what wants to be shown, in order; read while turns are taken, so a firm step that joins one before it is gone."""
        for kind, back in self._snoozes.waiting(ORDER):
            yield _Turn(kind, back.episode_start_s, back.step, back)
        for step, causes in ((PromptLevel.FIRM, self._firm), (PromptLevel.SOFT, self._waiting)):
            for kind in ORDER:
                if kind in causes:
                    yield _Turn(kind, causes[kind].episode_start_s, step)

    def _prompt_for(self, turn: _Turn, time_s: float) -> Prompt | str:
        """Return the prompt of a turn, or why there is none now."""
        if turn.back is None and turn.step is PromptLevel.SOFT:
            return self._too_soon(time_s) or self._choose(turn.kind)
        same = turn.back or next(p for p in reversed(self._softs) if p.kind is turn.kind)
        prompt = self._catalogue.get(same.prompt_id)
        if prompt is not None and self._allowed(prompt):
            return prompt
        chosen = self._choose(turn.kind)  # a flag came up since: getting up is what is left
        if isinstance(chosen, str) and turn.back is None:
            del self._firm[turn.kind]
        return chosen

    def _show(self, prompt: Prompt, turn: _Turn, time_s: float) -> ShownPrompt:
        if turn.back is not None:
            self._snoozes.drop(turn.kind)
            self._firm.pop(turn.kind, None)
        else:
            (self._firm if turn.step is PromptLevel.FIRM else self._waiting).pop(turn.kind)
        shown = ShownPrompt(time_s, prompt.id, turn.kind, turn.step, turn.start_s)
        shown = replace(shown, withheld=withheld(shown, self._softs, None if self.flagged else self._draw, back=turn.back is not None))
        self._note(shown)
        return shown

    def _note(self, shown: ShownPrompt) -> None:
        """A prompt that was shown: what quiet time, limit and rotation go by."""
        self._shown.append(shown)
        if shown.step is PromptLevel.SOFT:
            before = next((p for p in reversed(self._softs) if p.kind is shown.kind), None)
            if before is None or not same_episode(before, shown):  # else it came back from a snooze
                self._firsts_s.append(shown.time_s)
            self._softs.append(shown)

    def _hold_back(self, turn: _Turn, why: str, time_s: float) -> list[HeldPrompt]:
        said = (turn.kind, turn.start_s, why)
        if said in self._said:
            return []
        self._said.add(said)
        return [HeldPrompt(time_s, turn.kind, why)]

    def _referral_is_due(self, time_s: float) -> bool:
        """Tell whether to show it now: it was raised, or snoozed and that is over; once each."""
        due = self._referral_due or self._snoozes.until_s(time_s) is None
        self._referral_due, raised = False, self._referral_due
        return (self._snoozes.drop(None) if due else False) or raised

    def _remember(self, kind: ReportKind, time_s: float, *, flag: bool) -> None:
        if kind is ReportKind.NUMB:
            self._numb = True
        if kind in RED_FLAGS and flag:
            self.raise_flag(time_s)

    def _snoozed(self, time_s: float) -> str | None:
        until_s = self._snoozes.until_s(time_s)
        return None if until_s is None else f"snoozed until {self._clock(until_s)}"

    def _too_soon(self, time_s: float) -> str | None:
        firsts = self._firsts_s
        quiet_until_s = firsts[-1] + self._settings.quiet_s if firsts else time_s
        if time_s < quiet_until_s:
            return f"quiet time until {self._clock(quiet_until_s)}"
        if sum(t > time_s - HOUR_S for t in firsts) >= self._settings.per_hour:
            return f"{self._settings.per_hour} prompts in the last hour, the most that is set"
        return None

    def _allowed(self, prompt: Prompt) -> bool:
        if self.flagged and prompt.waits_for_referral:
            return False
        return not (prompt.warms and self._numb)

    def _choose(self, kind: EpisodeKind) -> Prompt | str:
        """Return a fitting prompt that was not the last one, or why there is none."""
        if self.flagged:  # the plain get-up prompt then answers whatever was found, as often as need be: it is no exercise
            return next(iter(self._catalogue.get_ups), WHY_REFERRAL)
        fitting = [p for p in at_desk(self._catalogue, kind) if self._allowed(p)]
        last = {p.prompt_id for p in self._shown[-1:] + self._softs[-1:]}
        fresh = [p for p in fitting if p.id not in last]
        if not fresh:
            return WHY_SAME if fitting else WHY_NONE
        return choose(fresh, kind, self._shown, self._reactions)
