"""Which prompts that are due are withheld, so that what follows can be compared with and without (``prompts.learn_effect``). Pure.

One first prompt in five is withheld, at random; the draw comes from outside. Where no draw is made, a prompt is shown and stands in no
comparison: after one that was withheld, so that no two are withheld in a row, when a snoozed one comes back, and for the referral, which
is never withheld. A firm step follows the fate of its first one: half a reminder would be neither with nor without.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from posture.types import PromptLevel, PromptReason, ShownPrompt

SHARE = 0.2
"""Of all first prompts; more would cost more prompts, fewer take longer to tell anything; our judgement."""
CHANCE = SHARE / (1.0 - SHARE)
"""At each draw: as no draw follows one that was withheld, a chance of c withholds c / (1 + c) of all."""

Draw = Callable[[], float]
"""Gives a random number from 0 up to, but not, 1."""


def withheld(due: ShownPrompt, firsts: Sequence[ShownPrompt], draw: Draw | None) -> bool | None:
    """Tell whether a prompt is withheld; ``None``: it is shown, without a draw.

    Args:
        due: what would be shown now.
        firsts: the first prompts so far, shown and withheld, in order of time.
        draw: called at most once; ``None`` makes no draw.
    """
    if due.kind is None or due.reason is PromptReason.SNOOZED:
        return None
    if due.step is PromptLevel.FIRM:
        own = next((p for p in reversed(firsts) if p.kind is due.kind), None)
        return None if own is None else own.withheld
    if draw is None or (firsts and firsts[-1].withheld):
        return None
    return draw() < CHANCE
