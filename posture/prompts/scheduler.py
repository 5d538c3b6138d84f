"""When a prompt is shown, and why one was held back.

Pure policy: no clock, no file, no screen. All times are seconds on one clock, that of the `PromptScheduler`'s caller.

A *first* prompt (``PromptLevel.SOFT``) answers an episode for the first time, or again while it lasts; the *firm* step repeats the
first one of an episode once, when the dose goes on, whatever was answered to it (posture/prompts/causes.py says when each is due). All
wait for a natural pause, a moment at which the person moves, for so long as ``patience_s``; the one about stillness does not, as who
moves is not still. A snoozed prompt comes back once, as the same step: that opens no quiet time and counts in no limit.
The referral answers a self-report, not an episode: it is not delayed, opens no quiet time and counts in no limit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from posture.prompts.causes import ORDER, Causes, Turn
from posture.prompts.entries import RED_FLAGS, Catalogue, Prompt
from posture.prompts.limits import LIMITS, Limits
from posture.prompts.selection import Reaction, at_desk, choose
from posture.prompts.snooze import Snoozes
from posture.prompts.withholding import Draw, withheld
from posture.settings import DoseSettings, PromptSettings
from posture.types import (
    Answer,
    CauseEased,
    EpisodeKind,
    HeldPrompt,
    HoldBack,
    HoldReason,
    NextPrompt,
    PromptDue,
    PromptLevel,
    PromptOutcome,
    PromptReason,
    ReportKind,
    SelfReport,
    ShownPrompt,
)

_OVER = HoldBack(HoldReason.OVER)
_LATE_S = 12.0  # after it fell due a prompt is first looked at, while the person is there
_Key = tuple[EpisodeKind, PromptLevel, bool]
"""Kind, step, and whether it comes back: what waits as one."""


class PromptScheduler:
    """Decides which prompt is shown, and when.

    Report what happened (`due`, `eased`, `ended`, `hold`, `answered`, `followed`, `report`,
    `acknowledge`) in the order of time, then call `tick`. The same calls always give the same answers.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        settings: PromptSettings | None = None,
        *,
        dose: DoseSettings | None = None,
        history: Iterable[ShownPrompt] = (),
        reactions: Mapping[ShownPrompt, Reaction] | None = None,
        reports: Iterable[SelfReport] = (),
        start_epoch_s: float = 0.0,
        draw: Draw | None = None,
    ) -> None:
        """Begin with a history.

        A snooze that reaches beyond second 0 goes on: nothing is shown until its end, and the prompt comes back if its cause was
        seen by then (`seen`), and neither its end, a break nor a new episode of its kind was reported.

        Args:
            catalogue: the entries to choose from.
            settings: what prompts are about, quiet time, hourly limit, repeats, patience and snooze.
            dose: how often sitting and stillness call for a prompt.
            history: prompts shown before, on the scheduler's clock (of earlier sessions: negative times).
            reactions: what is known of prompts of the history; the choice learns from it.
            reports: self-reports so far, seconds since the epoch as they are stored.
            start_epoch_s: seconds since the epoch at time 0.
            draw: decides which first prompts are withheld, none while a red flag is up; ``None``: none.
        """
        self._catalogue = catalogue
        self._settings = settings or PromptSettings()
        self._draw = draw
        self._shown: list[ShownPrompt] = []
        self._softs: list[ShownPrompt] = []
        self._limits = Limits(self._settings)
        self._causes = Causes(self._settings, dose or DoseSettings())
        self._said: set[tuple[_Key, float | None, float, HoldReason, str]] = set()
        self._over: list[HeldPrompt] = []
        self._held: dict[_Key, HeldPrompt] = {}
        self._ready_s: dict[_Key, float] = {}
        self._ticked_s = float("-inf")
        self._hold: HoldBack | None = None
        self._reactions = dict(reactions or {})
        self._snoozes = Snoozes(self._settings.snooze_s)
        self._numb = False
        self._flag_s: float | None = None
        self._referral_due = False
        for past in sorted((p for p in history if p.kind is not None), key=lambda p: p.time_s):
            self._note(past, past.time_s)
        for prompt in self._snoozes.restore(self._reactions):
            if prompt.kind is not None and not self._causes.wants(prompt.kind):
                self._snoozes.drop(prompt.kind)
            elif prompt.kind is not None and prompt.episode_start_s is not None:
                self._causes.begin(prompt.kind, prompt.episode_start_s, self._softs)
        for report in reports:
            self._remember(report.kind, report.time_s - start_epoch_s, flag=report.acknowledged_s is None)

    @property
    def flagged(self) -> bool:
        """Whether a red flag is up: no exercise and no heat until it is acknowledged."""
        return self._flag_s is not None

    def allows(self, prompt: Prompt) -> bool:
        """Tell whether what was reported lets a prompt be shown: no exercise under a red flag, no heat after numbness."""
        if self.flagged and prompt.waits_for_referral:
            return False
        return not (prompt.warms and self._numb)

    @property
    def held_back(self) -> tuple[HeldPrompt, ...]:
        """The prompts that are due and held back, as of the last `tick`, each since when and why; what goes first, first.

        Those that wait for the limits after a withheld prompt are not told: so nobody learns of it at that moment.
        """
        return tuple(held for held in self._held.values() if not (self._hides and held.hold.reason in LIMITS))

    def silence(self, time_s: float) -> HoldBack | None:
        """Return what would hold a first prompt back that fell due at `time_s`, whatever its cause; ``None``: nothing, or a withheld
        prompt, of which nobody is to learn at that moment."""
        return self._hold or self._snoozed(time_s) or (None if self._hides else self._limits.hold_back(time_s))

    def next_due(self, time_s: float) -> NextPrompt | None:
        """Return the prompt that falls due next about what goes on; ``None``: one is due, none is known, or the last was withheld."""
        if self._hides or any(self._causes.first(kind, time_s) or self._causes.firm(kind) for kind in ORDER):
            return None
        found = [due for kind in ORDER if (due := self._causes.next_due(kind, time_s)) is not None]
        return min(found, key=lambda due: due.time_s, default=None)

    @property
    def _hides(self) -> bool:
        """Whether the last first prompt was withheld."""
        return bool(self._softs and self._softs[-1].withheld)

    def due(self, sustained: PromptDue) -> None:
        """Take up a dose that has reached a threshold, or a share of the hour.

        What belongs to an episode that has ended is not due, nor what the settings want no prompt about.
        """
        if not self._causes.wants(sustained.kind) or self._causes.is_stale(sustained):
            return
        if self._causes.replaces(sustained):
            stale = self.ended(sustained.kind, sustained.time_s)
            self._over += [stale] if stale else []
        self._causes.due(sustained, self._softs)

    def eased(self, cause: CauseEased) -> None:
        """Note that a dose is below its threshold again: nothing is repeated until it is full once more."""
        self._causes.eased(cause)

    def ended(self, kind: EpisodeKind, time_s: float) -> HeldPrompt | None:
        """End an episode: a prompt that still waited for it is dropped, and returned with the reason."""
        waited = self._causes.firm(kind) or self._causes.first(kind, time_s)
        self._causes.close(kind)
        snoozed = self._snoozes.drop(kind)
        for step in PromptLevel:
            for back in (True, False):
                self._held.pop((kind, step, back), None)
                self._ready_s.pop((kind, step, back), None)
        if kind is EpisodeKind.SITTING:  # a sit ends with a break, and a break is the end of every cause
            self._over += [HeldPrompt(time_s, k, _OVER) for k in ORDER if self._snoozes.drop(k)]
        return HeldPrompt(time_s, kind, _OVER, waited.step if waited else PromptLevel.SOFT) if waited or snoozed else None

    def hold(self, why: str | None) -> None:
        """Show nothing from now on, because of `why` (a call, full screen, ...); ``None``: prompts may be shown again."""
        self._hold = None if why is None else HoldBack(HoldReason.HOLD, detail=why)

    def answered(self, shown: ShownPrompt, answer: Answer, time_s: float) -> None:
        """Take up the answer to a prompt that is on the screen; the last one counts.

        Snoozed, it comes back ``snooze_s`` later if its cause goes on, and until then nothing but the referral is shown. A firm
        step that falls due meanwhile joins it. Done and not now end nothing but a snooze of the same prompt: the dose follows
        what is measured alone, so the firm step still comes, once, when the dose goes on. Any answer, show too, brings the repeats
        about its cause back to their shortest interval.
        """
        self._causes.answered(shown)
        if answer is Answer.SHOW:
            return
        self._reactions[shown] = replace(self._reactions.get(shown, Reaction()), answer=answer, answered_s=time_s)
        if answer is Answer.SNOOZE:
            over = shown.kind is not None and not self._causes.is_open(shown.kind, shown.episode_start_s)
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
        """Tell what to show now, in order, and what is held back and why (each prompt that is due once with each reason).

        Args:
            time_s: now, not before the time of any earlier call.
            moving: whether the person moves just now; if not, what could be shown waits for it, until the one that could be shown
                first has waited ``patience_s``.
        """
        out: list[ShownPrompt | HeldPrompt] = [*self._over]
        self._over.clear()
        if self._hold is None and self._referral_is_due(time_s):
            referral = ShownPrompt(time_s, self._catalogue.referral.id, None, PromptLevel.SOFT)
            self._causes.shown(referral, time_s)
            out.append(referral)
        if self._snoozes.until_s(time_s) is None:
            self._snoozes.drop_doubtful()
        held, self._held = self._held, {}
        ready, self._ready_s = self._ready_s, {}
        first_s = min(ready.values(), default=time_s)
        for turn in self._turns(time_s):
            key = (turn.kind, turn.step, turn.back is not None)
            chosen = self._hold or self._snoozed(time_s) or self._prompt_for(turn, time_s)
            if isinstance(chosen, HoldBack):
                out += self._hold_back(key, turn, chosen, held.get(key), time_s)
                continue
            just_due = self._ticked_s < turn.due_s and time_s - turn.due_s <= _LATE_S
            ready_s = ready.get(key, turn.due_s if just_due else time_s)
            if self._may_come(turn, time_s, moving or time_s - min(first_s, ready_s) >= self._settings.patience_s):
                out += self._show(chosen, turn, ready_s, time_s)
            else:
                self._ready_s[key] = ready_s
        self._ticked_s = time_s
        return out

    def _may_come(self, turn: Turn, time_s: float, now: bool) -> bool:
        """Tell whether a prompt that nothing holds back comes; `now`: the person moves, or it was waited for long enough."""
        if turn.first and not self._limits.allow(time_s):
            return False
        if turn.kind is EpisodeKind.STILLNESS:
            return not self._ready_s  # whoever waits goes before it
        return now

    def _turns(self, time_s: float) -> Iterator[Turn]:
        """Yield what wants to be shown, in order; read while turns are taken, so a firm step that joins one before it is gone."""
        for kind, back in self._snoozes.waiting(ORDER):
            due_s = self._snoozes.until_s(time_s) or time_s
            yield Turn(kind, back.episode_start_s, back.step, due_s, PromptReason.SNOOZED, back.dose_s, back=back)
        for kind in ORDER:
            firm = self._causes.firm(kind)
            if firm is not None:
                yield firm
        for kind in ORDER:
            first = self._causes.first(kind, time_s)
            if first is not None:
                yield first

    def _prompt_for(self, turn: Turn, time_s: float) -> Prompt | HoldBack:
        """Return the prompt of a turn, or what holds it back now."""
        if turn.first:
            return self._behind(turn.kind, time_s) or self._limits.hold_back(time_s) or self._choose(turn)
        same = turn.back or next(p for p in reversed(self._softs) if p.kind is turn.kind)
        prompt = self._catalogue.get(same.prompt_id)
        if prompt is not None and self.allows(prompt):
            return prompt
        chosen = self._choose(turn)  # a flag came up since: getting up is what is left
        if isinstance(chosen, HoldBack) and turn.back is None:
            self._causes.drop_firm(turn.kind)
        return chosen

    def _show(self, prompt: Prompt, turn: Turn, ready_s: float, time_s: float) -> list[ShownPrompt | HeldPrompt]:
        """Show the prompt of a turn, or withhold it, which is told as a reason too."""
        if turn.back is not None:
            self._snoozes.drop(turn.kind)
        shown = ShownPrompt(time_s, prompt.id, turn.kind, turn.step, turn.start_s, turn.reason, turn.dose_s)
        shown = replace(shown, withheld=withheld(shown, self._softs, None if self.flagged else self._draw))
        self._note(shown, ready_s)
        return [shown, HeldPrompt(time_s, turn.kind, HoldBack(HoldReason.WITHHELD), turn.step)] if shown.withheld else [shown]

    def _note(self, shown: ShownPrompt, ready_s: float) -> None:
        """Note a prompt that was shown: what quiet time, limit, repeats and rotation go by."""
        self._shown.append(shown)
        self._causes.shown(shown, max(ready_s, shown.time_s - self._settings.patience_s))
        if shown.step is PromptLevel.SOFT:
            if shown.reason is not PromptReason.SNOOZED:
                self._limits.note(shown.time_s, ready_s)
            self._softs.append(shown)

    def _hold_back(self, key: _Key, turn: Turn, hold: HoldBack, before: HeldPrompt | None, time_s: float) -> list[HeldPrompt]:
        since_s = time_s if before is None or before.hold.reason is not hold.reason else before.time_s
        self._held[key] = HeldPrompt(since_s, turn.kind, hold, turn.step)
        said = (key, turn.start_s, turn.number if turn.back is None else turn.back.time_s, hold.reason, hold.detail)
        if said in self._said:
            return []
        self._said.add(said)
        return [HeldPrompt(time_s, turn.kind, hold, turn.step)]

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

    def _snoozed(self, time_s: float) -> HoldBack | None:
        until_s = self._snoozes.until_s(time_s)
        return None if until_s is None else HoldBack(HoldReason.SNOOZE, until_s)

    def _behind(self, kind: EpisodeKind, time_s: float) -> HoldBack | None:
        until_s = self._causes.waits_behind(kind)
        return None if until_s is None or time_s >= until_s else HoldBack(HoldReason.UNANSWERED, until_s)

    def _choose(self, turn: Turn) -> Prompt | HoldBack:
        """Return a fitting prompt that was not the last one, or why there is none."""
        if self.flagged:  # the plain get-up prompt then answers whatever was found, as often as need be: it is no exercise
            return next(iter(self._catalogue.get_ups), HoldBack(HoldReason.REFERRAL))
        fitting = [p for p in at_desk(self._catalogue, turn.kind, turn.reason) if self.allows(p)]
        last = {p.prompt_id for p in self._shown[-1:] + self._softs[-1:]}
        fresh = [p for p in fitting if p.id not in last]
        if not fresh:
            return HoldBack(HoldReason.SAME if fitting else HoldReason.NONE)
        return choose(fresh, turn.kind, self._shown, self._reactions)
