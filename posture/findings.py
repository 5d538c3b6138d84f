"""What stands out in a summary, and its prompts, in the catalogue's words. Pure, like the summary itself."""

from __future__ import annotations

from posture.days.model import Tomorrow
from posture.entries import EntryKind
from posture.model import Followed, HeldPrompt, Kind, ShownPrompt
from posture.prompts import Catalogue, advice
from posture.summary import LOW_COVERAGE, Finding, PromptLine

__all__ = ["FINDINGS", "LOW_COVERAGE", "finding_of", "held_line", "prompt_line", "tomorrow_of"]

FINDINGS = {
    Kind.FLEXED: "Bent forward or slumped for too long at a time.",
    Kind.ANTERIOR_TILT: "Pelvis tipped forward, lower back arched, for too long at a time.",
    Kind.SITTING: "Sitting for too long without a break, whatever the posture.",
}


def finding_of(kind: Kind, catalogue: Catalogue, *, flagged: bool, heat: bool = True) -> Finding:
    """What stands out, with the catalogue's advice for it; with a red flag up that is the referral and getting up."""
    entries = advice(catalogue, kind, flagged=flagged, heat=heat)[:3]
    passages = tuple(dict.fromkeys(p for e in entries for p in e.passages))
    return Finding(kind, FINDINGS[kind], tuple(e.id for e in entries), passages)


def tomorrow_of(kind: Kind, catalogue: Catalogue, *, heat: bool = True, habit: bool = False) -> Tomorrow | None:
    """The one thing to try: what fits best, or a habit where there is one (`habit`, as for a week); ``None`` if nothing fits."""
    entries = advice(catalogue, kind, heat=heat)
    habits = [e for e in entries if e.kind is EntryKind.HABIT] if habit else []
    for entry in [*habits, *entries]:
        if entry.passages:
            passage = entry.passages[0]
            return Tomorrow(entry.id, entry.title, entry.why, passage, catalogue.passages.get(passage, ""), entry.source)
    return None


def prompt_line(shown: ShownPrompt, catalogue: Catalogue, outcome: Followed | None = None) -> PromptLine:
    """A shown prompt as the summary lists it; `outcome`: what followed it, if that is known."""
    entry = catalogue.get(shown.prompt_id)
    title, passages = (entry.title, entry.passages) if entry else (shown.prompt_id, ())
    return PromptLine(shown.time_s, shown.prompt_id, title, shown.kind or "referral", shown.step, tuple(passages), outcome)


def held_line(held: HeldPrompt) -> tuple[float, str, str]:
    """A held prompt as the summary lists it."""
    return held.time_s, str(held.kind), held.why
