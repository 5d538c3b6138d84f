"""What stands out in a summary, and its prompts, in the catalogue's words. Pure, like the summary itself."""

from __future__ import annotations

from posture.model import Followed, HeldPrompt, Kind, ShownPrompt
from posture.prompts import Catalogue, advice
from posture.summary import Finding, PromptLine

LOW_COVERAGE = 0.5
"""Below this share of measured time there is no advice: too little was seen."""
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


def prompt_line(shown: ShownPrompt, catalogue: Catalogue, outcome: Followed | None = None) -> PromptLine:
    """A shown prompt as the summary lists it; `outcome`: what followed it, if that is known."""
    entry = catalogue.get(shown.prompt_id)
    title, passages = (entry.title, entry.passages) if entry else (shown.prompt_id, ())
    return PromptLine(shown.time_s, shown.prompt_id, title, shown.kind or "referral", shown.step, tuple(passages), outcome)


def held_line(held: HeldPrompt) -> tuple[float, str, str]:
    """A held prompt as the summary lists it."""
    return held.time_s, str(held.kind), held.why
