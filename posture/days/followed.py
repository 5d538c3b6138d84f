"""What followed prompts: how much of the half hour after each was spent flexed, and whether its cause ended. Pure.

Counts and intervals, no causes: most slumps end by themselves. Only where a draw decided which prompts that were due were shown and
which were withheld (``prompts.learn_effect``) do the two groups differ by nothing but that, and may be set beside each other.
An interval takes each prompt for one of its own; those of one day are alike, so it is rather too narrow.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from posture.days.intervals import IntervalEstimate, difference_of_means, difference_of_shares, mean_of, share_of
from posture.days.local_days import local_day
from posture.days.types import LEAST_DAYS, LEAST_EVENTS, Drawn, Followed, FollowedPrompts
from posture.types import AFTER_S, ExposureAfter, PromptLevel, PromptReason, ShownPrompt

_KNOWN_SHARE = 0.5
"""Of the half hour measured or away; with less, a prompt is left out."""

Prompt = tuple[ShownPrompt, ExposureAfter | None]
"""A prompt, seconds since the epoch, with the half hour after it if that is known."""


def followed_prompts(prompts: Sequence[Prompt], title_of: Callable[[str], str] = str) -> FollowedPrompts:
    """Tell what followed `prompts` (of any step, shown or withheld, by time); the referral is about no posture and left out."""
    first = _firsts(prompts)
    shown = [p for p in first if not p[0].withheld]
    ids = sorted({p.prompt_id for p, _ in shown}, key=lambda i: (-sum(p.prompt_id == i for p, _ in shown), i))
    by_prompt = tuple((i, title_of(i), _followed([p for p in shown if p[0].prompt_id == i])) for i in ids)
    return FollowedPrompts(_followed(shown), by_prompt, _drawn([p for p in first if p[0].withheld is not None]))


def _firsts(prompts: Sequence[Prompt]) -> list[Prompt]:
    """Return the first prompts; one that came back from a snooze is the one that was snoozed, and a firm step that of its first one.

    Earlier versions did not store that one came back; it is the same about the same episode.
    """
    out: list[Prompt] = []
    for prompt in prompts:
        p = prompt[0]
        if p.kind is None or p.step is not PromptLevel.SOFT or p.reason is PromptReason.SNOOZED:
            continue
        before = next((b for b, _ in reversed(out) if b.kind is p.kind), None)
        again = before is not None and (before.prompt_id, before.episode_start_s) == (p.prompt_id, p.episode_start_s)
        if not again or p.episode_start_s is None:
            out.append(prompt)
    return out


def _drawn(prompts: Sequence[Prompt]) -> Drawn | None:
    shown, withheld = ([p for p in prompts if p[0].withheld is which] for which in (False, True))
    if not withheld:
        return None
    a, b = _followed(shown), _followed(withheld)
    flexed, ended = None, None
    if a.flexed is not None and b.flexed is not None:
        flexed = difference_of_means(*([_flexed_share(x) for x in _known(p)] for p in (shown, withheld)))
    if a.ended_share is not None and b.ended_share is not None:
        ended = difference_of_shares((a.ended, a.ended_of), (b.ended, b.ended_of))
    return Drawn(a, b, flexed, ended)


def _followed(prompts: Sequence[Prompt]) -> Followed:
    known = _known(prompts)
    on_days = {local_day(p.time_s) for p, after in prompts if after is not None and _enough(after)}
    told = [x.ended for x in known if x.ended is not None]
    enough = len(on_days) >= LEAST_DAYS
    return Followed(
        len(prompts),
        len(known),
        len(on_days),
        _within(mean_of([_flexed_share(x) for x in known])) if enough and len(known) >= LEAST_EVENTS else None,
        sum(told),
        len(told),
        share_of(sum(told), len(told)) if enough and len(told) >= LEAST_EVENTS else None,
    )


def _known(prompts: Sequence[Prompt]) -> list[ExposureAfter]:
    return [after for _, after in prompts if after is not None and _enough(after)]


def _enough(after: ExposureAfter) -> bool:
    # Away counts as known: were it left out, getting up after a prompt would be, too.
    return after.measured_s + after.away_s >= _KNOWN_SHARE * AFTER_S


def _flexed_share(after: ExposureAfter) -> float:
    return after.flexed_s / (after.measured_s + after.away_s)


def _within(share: IntervalEstimate) -> IntervalEstimate:
    """Cut an interval of a share to what a share can be."""
    return IntervalEstimate(share.value, max(0.0, share.low), min(1.0, share.high))
