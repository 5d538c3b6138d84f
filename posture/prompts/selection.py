"""Which entry of the catalogue is the one: for a posture that lasts, for a self-report, for the day's finding. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from posture.prompts.entries import RED_FLAGS, Catalogue, EntryKind, Place, Prompt
from posture.types import Answer, EpisodeKind, PromptOutcome, PromptReason, ReportKind, SelfReport, ShownPrompt

LEARN_FROM = 5
"""So many known outcomes of one prompt for one cause must there be before they count: fewer may be chance (our judgement)."""
_LEAST, _MOST = 0.5, 2.0
"""How much less or more often than the others a prompt may come for what followed it: a nudge, never a ban (our judgement)."""
_HELPED = (PromptOutcome.DONE, PromptOutcome.MOVED)


@dataclass(frozen=True, slots=True)
class Reaction:
    """What is known of one shown prompt: what the person answered, and what followed."""

    answer: Answer | None = None
    answered_s: float | None = None
    """When, on the clock of the prompt's own time; ``None`` without an answer."""
    outcome: PromptOutcome | None = None


@dataclass(frozen=True, slots=True)
class Tally:
    """How often one prompt helped against one cause, and how often it was ignored; a snooze says neither."""

    helped: int = 0
    ignored: int = 0

    @property
    def weight(self) -> float:
        """How often it is to come, 1 being as often as one of which nothing is known.

        Twice the mean of a Beta(1, 1) that has seen these outcomes, kept within a half and two; 1 below ``LEARN_FROM``.
        """
        known = self.helped + self.ignored
        if known < LEARN_FROM:
            return 1.0
        return min(_MOST, max(_LEAST, 2.0 * (self.helped + 1) / (known + 2)))


def tallies(reactions: Mapping[ShownPrompt, Reaction], kind: EpisodeKind) -> dict[str, Tally]:
    """Tell what followed the prompts that were shown for `kind`, by the prompt's id."""
    out: dict[str, Tally] = {}
    for shown, reaction in reactions.items():
        if shown.kind is kind and reaction.outcome not in (None, PromptOutcome.SNOOZED):
            now = out.get(shown.prompt_id, Tally())
            helped = reaction.outcome in _HELPED
            out[shown.prompt_id] = Tally(now.helped + helped, now.ignored + (not helped))
    return out


def at_desk(catalogue: Catalogue, kind: EpisodeKind, reason: PromptReason = PromptReason.DOSE) -> list[Prompt]:
    """Return the entries that answer `kind` while at work; for a share of the hour those made for it too."""
    fits = [p for p in catalogue.prompts if p.where is Place.DESK]
    return [p for p in fits if kind in p.causes or (reason is PromptReason.SHARE and p.for_share)]


def choose(fresh: Iterable[Prompt], kind: EpisodeKind, shown: Sequence[ShownPrompt], reactions: Mapping[ShownPrompt, Reaction]) -> Prompt:
    """Tell which of the prompts that may come is the next; the same question always has the same answer.

    One that was never shown comes first, beginning with what is first of all for this cause. Then the one whose turn it is:
    how many prompts ago it was shown, times its weight (``Tally``). While nothing was learnt that is the one shown longest ago;
    after that, what helped this person comes more often, and what did not still comes.

    Args:
        fresh: at least one.
        kind: the cause.
        shown: all prompts shown so far, in order of time.
        reactions: what is known of them.
    """
    last = {p.prompt_id: index for index, p in enumerate(shown)}
    learnt = tallies(reactions, kind)

    def turn(prompt: Prompt) -> tuple[bool, float, int]:
        if prompt.id not in last:
            return True, 0.0, -prompt.causes.index(kind) if kind in prompt.causes else 1
        return False, (len(shown) - last[prompt.id]) * learnt.get(prompt.id, Tally()).weight, 0

    return max(fresh, key=turn)


HEAT_HELD = "you logged numbness, and numb skin can burn"


def in_place_of(entry: Prompt, catalogue: Catalogue, *, flagged: bool, heat: bool) -> Prompt | None:
    """Return what may be shown where `entry` is asked for: itself, or the referral.

    Args:
        entry: what is asked for.
        catalogue: has the referral.
        flagged: a red flag is up.
        heat: whether heat may be advised.

    Returns:
        ``None``: nothing, for the reason `HEAT_HELD`.
    """
    if flagged and entry.waits_for_referral:
        return catalogue.referral
    return entry if heat or not entry.warms else None


def heat_allowed(reports: Iterable[SelfReport]) -> bool:
    """Tell whether heat may be advised: never after a report of numbness, acknowledged or not. Who cannot feel heat can burn."""
    return all(r.kind is not ReportKind.NUMB for r in reports)


def answer(catalogue: Catalogue, kind: ReportKind, *, flagged: bool = False, heat: bool = True) -> list[Prompt]:
    """Tell what to say to a self-report, most important first.

    Args:
        catalogue: the entries to choose from.
        kind: what was reported.
        flagged: whether an earlier red flag is not acknowledged yet; a red-flag report raises it by itself.
        heat: result of `heat_allowed`.

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


def advice(catalogue: Catalogue, finding: EpisodeKind, *, flagged: bool = False, heat: bool = True) -> list[Prompt]:
    """Tell what the summary advises for the finding that dominates the day; ``flagged`` and ``heat`` as in `answer`.

    Returns:
        Entries for home: the one that fits best, the habits, then the others; the referral and getting up while a flag is up.
    """
    if flagged:
        return [catalogue.referral, *catalogue.get_ups]
    fitting = [p for p in catalogue.prompts if finding in p.causes and p.where is Place.HOME]
    fitting = sorted((p for p in fitting if heat or not p.warms), key=lambda p: p.causes.index(finding))
    first = [p for p in fitting if p.kind is not EntryKind.HABIT][:1]
    habits = [p for p in fitting if p.kind is EntryKind.HABIT]
    return [*first, *habits, *(p for p in fitting if p not in first and p not in habits)]
