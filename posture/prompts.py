"""Which prompt is shown, when, and why one was held back.

Pure policy: no clock, no file, no screen. All times are seconds on one clock, that of the :class:`PromptDesk`'s caller.

A *first* prompt answers an episode for the first time (``Step.SOFT``); the *firm* step repeats the same prompt once.
The referral answers a self-report, not an episode: it is never delayed, opens no quiet time and counts in no limit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from posture.model import HeldPrompt, Kind, ReportKind, SelfReport, ShownPrompt, Step, Sustained
from posture.settings import PromptSettings

ORDER = (Kind.FLEXED, Kind.ANTERIOR_TILT, Kind.SITTING)
"""Who goes first when several prompts wait; the referral goes before all."""
RED_FLAGS = frozenset({ReportKind.PAIN, ReportKind.NUMB, ReportKind.WEAK})
"""Reports that only a professional should answer (passages A-refer, B-care)."""
OUR_CAUTION = "our caution, not from the articles"
"""Stands beside every ``stop_if`` and ``not_for``."""
GENERAL_SAFETY = "general safety, not from the articles"
"""Stands beside the emergency line of the referral."""
HOUR_S = 3600.0
_HEAT_PASSAGE = "A-heat"

WHY_OVER = "it was over before the prompt could be shown"
WHY_REFERRAL = "waiting for the referral to be acknowledged"
WHY_SAME = "the only prompt that fits is the one shown last"
WHY_NONE = "no prompt of the catalogue fits"


class EntryKind(StrEnum):
    """What an entry of the catalogue is."""

    EXERCISE = "exercise"
    HEAT = "heat"
    GET_UP = "get_up"
    HABIT = "habit"
    EXPLANATION = "explanation"
    REFERRAL = "referral"


class Position(StrEnum):
    """How an exercise is done."""

    SEATED = "seated"
    STANDING = "standing"
    LYING = "lying"
    HANDS_AND_KNEES = "hands_and_knees"


class Where(StrEnum):
    """``desk``: shown while at work; ``home``: given as advice in the summary or as the answer to a self-report."""

    DESK = "desk"
    HOME = "home"


@dataclass(frozen=True, slots=True)
class Prompt:
    """One entry of the catalogue."""

    id: str
    title: str
    kind: EntryKind
    where: Where
    steps: tuple[str, ...]
    """At most four plain lines."""
    why: str
    """One line."""
    passages: tuple[str, ...]
    """Ids of the passages that it follows, the leading one first."""
    causes: tuple[Kind, ...] = ()
    """What it answers while a posture is watched, the one it is best for first."""
    reports: tuple[ReportKind, ...] = ()
    """Which self-reports it answers."""
    position: Position | None = None
    duration: str | None = None
    repetitions: str | None = None
    more: str | None = None
    """One more line for who wants to know, for example about the facet joints."""
    stop_if: str | None = None
    """When to stop; marked :data:`OUR_CAUTION` wherever it is shown. ``not_for`` likewise."""
    not_for: str | None = None
    emergency: str | None = None
    """Of the referral only; marked :data:`GENERAL_SAFETY` wherever it is shown."""
    ours: bool = False
    """Whether the articles do not name this very exercise."""
    drawings: tuple[str, ...] = ()
    """File names of its key positions, in order."""

    @property
    def source(self) -> str:
        """Where it comes from, in words: ``our suggestion, following A-mobility`` or ``following A-heat``."""
        return ("our suggestion, following " if self.ours else "following ") + ", ".join(self.passages)

    @property
    def warms(self) -> bool:
        """Whether it advises heat in any way."""
        return self.kind is EntryKind.HEAT or _HEAT_PASSAGE in self.passages

    @property
    def waits_for_referral(self) -> bool:
        """Whether it is held back while a red flag is up: all but the referral and the plain get-up prompt are."""
        return self.kind not in {EntryKind.REFERRAL, EntryKind.GET_UP}


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All prompts, in the order of the file, and what the passages they cite say."""

    prompts: tuple[Prompt, ...]
    passages: Mapping[str, str]
    """Passage id to a one-line paraphrase."""

    def get(self, prompt_id: str) -> Prompt | None:
        """The entry of that id, or ``None``."""
        return next((p for p in self.prompts if p.id == prompt_id), None)

    @property
    def referral(self) -> Prompt:
        """The entry that sends the person to a professional; every catalogue has exactly one."""
        return next(p for p in self.prompts if p.kind is EntryKind.REFERRAL)

    @property
    def get_ups(self) -> list[Prompt]:
        """The plain get-up prompts: all that is left beside the referral while a red flag is up."""
        return [p for p in self.prompts if p.kind is EntryKind.GET_UP]


def heat_allowed(numb_s: float | None) -> bool:
    """Whether heat may be advised: never after a report of numbness, acknowledged or not. Who cannot feel heat can burn.

    Args:
        numb_s: time of any such report; ``None`` if there is none.
    """
    return numb_s is None


def answer(catalogue: Catalogue, kind: ReportKind, *, flagged: bool = False, heat: bool = True) -> list[Prompt]:
    """What to say to a self-report, most important first.

    Args:
        catalogue: the entries to choose from.
        kind: what was reported.
        flagged: whether an earlier red flag is not acknowledged yet; a red-flag report raises it by itself.
        heat: result of :func:`heat_allowed`.

    Returns:
        The referral alone for pain, numbness or weakness; the referral and getting up while a flag is up; else the
        explanation, then gentle movement, then heat.
    """
    if kind in RED_FLAGS:
        return [catalogue.referral]
    if flagged:
        return [catalogue.referral, *catalogue.get_ups]
    rank = [EntryKind.EXPLANATION, EntryKind.GET_UP, EntryKind.EXERCISE, EntryKind.HABIT, EntryKind.HEAT, EntryKind.REFERRAL]
    fitting = [p for p in catalogue.prompts if kind in p.reports and (heat or not p.warms)]
    return sorted(fitting, key=lambda p: rank.index(p.kind))


def advice(catalogue: Catalogue, finding: Kind, *, flagged: bool = False, heat: bool = True) -> list[Prompt]:
    """What the summary advises for the finding that dominates the day; ``flagged`` and ``heat`` as in :func:`answer`.

    Returns:
        Entries for home: the one that fits best, the habits, then the others; the referral and getting up while a flag is up.
    """
    if flagged:
        return [catalogue.referral, *catalogue.get_ups]
    fitting = [p for p in catalogue.prompts if finding in p.causes and p.where is Where.HOME]
    fitting = sorted((p for p in fitting if heat or not p.warms), key=lambda p: p.causes.index(finding))
    first = [p for p in fitting if p.kind is not EntryKind.HABIT][:1]
    habits = [p for p in fitting if p.kind is EntryKind.HABIT]
    return [*first, *habits, *(p for p in fitting if p not in first and p not in habits)]


def minutes(time_s: float) -> str:
    """Seconds as ``36:00``, from an hour on as ``1:06:00``."""
    total = round(time_s)
    hours, rest = divmod(abs(total), 3600)
    text = f"{hours}:{rest // 60:02d}:{rest % 60:02d}" if hours else f"{rest // 60}:{rest % 60:02d}"
    return f"-{text}" if total < 0 else text


class PromptDesk:
    """Takes what is due and says what to show now.

    Tell it what happened (:meth:`due`, :meth:`ended`, :meth:`report`, :meth:`acknowledge`) in the order of time, then
    ask with :meth:`tick`. The same calls always give the same answers.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        settings: PromptSettings | None = None,
        *,
        history: Iterable[ShownPrompt] = (),
        reports: Iterable[SelfReport] = (),
        start_epoch_s: float = 0.0,
        clock: Callable[[float], str] = minutes,
    ) -> None:
        """A desk with a past.

        Args:
            catalogue: the entries to choose from.
            settings: quiet time and hourly limit.
            history: prompts shown before, on the desk's clock (of earlier sessions: negative times).
            reports: self-reports so far, seconds since the epoch as they are stored.
            start_epoch_s: what the desk's time 0 is in seconds since the epoch.
            clock: how a time of the desk is written in the reason of a held prompt.
        """
        self._catalogue = catalogue
        self._settings = settings or PromptSettings()
        self._clock = clock
        self._shown = sorted((p for p in history if p.kind is not None), key=lambda p: p.time_s)
        self._waiting: dict[Kind, Sustained] = {}
        self._firm: dict[Kind, Sustained] = {}
        self._episode: dict[Kind, float] = {}
        self._closed: dict[Kind, float] = {}
        self._said: set[tuple[Kind, float, str]] = set()
        self._held: list[HeldPrompt] = []
        self._numb_s: float | None = None
        self._flag_s: float | None = None
        self._referral_due = False
        for past in reports:
            self._remember(past.kind, past.time_s - start_epoch_s, flag=past.acknowledged_s is None)

    @property
    def flagged(self) -> bool:
        """Whether a red flag is up: no exercise and no heat until it is acknowledged."""
        return self._flag_s is not None

    def due(self, sustained: Sustained) -> None:
        """A dose has reached a threshold. A step that was shown, waits, or whose episode has ended is not due again."""
        kind, start_s = sustained.kind, sustained.episode_start_s
        if self._closed.get(kind) == start_s:
            return
        if self._episode.get(kind, start_s) != start_s:
            stale = self.ended(kind, sustained.time_s)
            self._held += [stale] if stale else []
        self._episode[kind] = start_s
        steps = {p.step for p in self._shown if p.kind is kind and p.episode_start_s == start_s}
        if Step.SOFT not in steps:
            self._waiting.setdefault(kind, sustained)  # a firm step joins the soft one that still waits
        elif sustained.step is Step.FIRM and Step.FIRM not in steps:
            self._firm[kind] = sustained

    def ended(self, kind: Kind, time_s: float) -> HeldPrompt | None:
        """The episode is over: what still waited for it is dropped, and returned with the reason."""
        if kind in self._episode:
            self._closed[kind] = self._episode.pop(kind)
        dropped = [self._waiting.pop(kind, None), self._firm.pop(kind, None)]
        return HeldPrompt(time_s, kind, WHY_OVER) if any(dropped) else None

    def report(self, kind: ReportKind, time_s: float) -> None:
        """The person said something of their back; pain, numbness and weakness raise the red flag."""
        self._remember(kind, time_s, flag=True)

    def raise_flag(self, time_s: float) -> None:
        """Raise the red flag, for a report or for another reason such as stiffness on several days running."""
        self._flag_s = time_s if self._flag_s is None else max(self._flag_s, time_s)
        self._referral_due = True

    def acknowledge(self, time_s: float) -> None:
        """The person read the referral at that time: unless a flag was raised later, exercises may come again."""
        if self._flag_s is not None and self._flag_s <= time_s:
            self._flag_s, self._referral_due = None, False

    def tick(self, time_s: float) -> list[ShownPrompt | HeldPrompt]:
        """What to show now, in order, and what is held back and why (each reason once per episode)."""
        out: list[ShownPrompt | HeldPrompt] = [*self._held]
        self._held.clear()
        if self._referral_due:
            self._referral_due = False
            out.append(ShownPrompt(time_s, self._catalogue.referral.id, None, Step.SOFT))
        for kind in ORDER:
            if kind in self._firm:
                out += self._show_firm(self._firm.pop(kind), time_s)
        for kind in ORDER:
            if kind in self._waiting:
                out += self._show_first(self._waiting[kind], time_s)
        return out

    def _remember(self, kind: ReportKind, time_s: float, *, flag: bool) -> None:
        if kind is ReportKind.NUMB:
            self._numb_s = time_s if self._numb_s is None else max(self._numb_s, time_s)
        if kind in RED_FLAGS and flag:
            self.raise_flag(time_s)

    def _show_first(self, waiting: Sustained, time_s: float) -> list[ShownPrompt | HeldPrompt]:
        chosen = self._too_soon(time_s) or self._choose(waiting.kind)
        if isinstance(chosen, str):
            return self._hold(waiting, chosen, time_s)
        del self._waiting[waiting.kind]
        return [self._show(chosen, waiting, Step.SOFT, time_s)]

    def _show_firm(self, firm: Sustained, time_s: float) -> list[ShownPrompt | HeldPrompt]:
        soft = next(p for p in reversed(self._shown) if p.kind is firm.kind and p.step is Step.SOFT)
        prompt = self._catalogue.get(soft.prompt_id)
        if prompt is None or not self._allowed(prompt):  # a flag came up since: getting up is what is left
            chosen = self._choose(firm.kind)
            if isinstance(chosen, str):
                return self._hold(firm, chosen, time_s)
            prompt = chosen
        return [self._show(prompt, firm, Step.FIRM, time_s)]

    def _show(self, prompt: Prompt, cause: Sustained, step: Step, time_s: float) -> ShownPrompt:
        shown = ShownPrompt(time_s, prompt.id, cause.kind, step, cause.episode_start_s)
        self._shown.append(shown)
        return shown

    def _hold(self, cause: Sustained, why: str, time_s: float) -> list[ShownPrompt | HeldPrompt]:
        said = (cause.kind, cause.episode_start_s, why)
        if said in self._said:
            return []
        self._said.add(said)
        return [HeldPrompt(time_s, cause.kind, why)]

    def _too_soon(self, time_s: float) -> str | None:
        firsts = [p.time_s for p in self._shown if p.step is Step.SOFT]
        quiet_until_s = firsts[-1] + self._settings.quiet_s if firsts else time_s
        if time_s < quiet_until_s:
            return f"quiet time until {self._clock(quiet_until_s)}"
        if sum(t > time_s - HOUR_S for t in firsts) >= self._settings.per_hour:
            return f"{self._settings.per_hour} prompts in the last hour, the most that is set"
        return None

    def _allowed(self, prompt: Prompt) -> bool:
        if self.flagged and prompt.waits_for_referral:
            return False
        return not prompt.warms or heat_allowed(self._numb_s)

    def _choose(self, kind: Kind) -> Prompt | str:
        """The fitting prompt shown longest ago (among unseen ones, one that is first of all for this), or why there is none."""
        if self.flagged:  # the plain get-up prompt then answers whatever was found, as often as need be: it is no exercise
            return next(iter(self._catalogue.get_ups), WHY_REFERRAL)
        desk = [p for p in self._catalogue.prompts if kind in p.causes and p.where is Where.DESK]
        fitting = [p for p in desk if self._allowed(p)]
        last = {p.prompt_id for p in self._shown[-1:] + [p for p in self._shown if p.step is Step.SOFT][-1:]}
        fresh = [p for p in fitting if p.id not in last]
        if not fresh:
            return WHY_SAME if fitting else WHY_NONE
        seen = {p.prompt_id: index for index, p in enumerate(self._shown)}
        return min(fresh, key=lambda p: (seen.get(p.id, -1), p.causes.index(kind)))
