"""What stands out in a summary, and its prompts, in the catalogue's words. Pure, like the summary itself."""

from __future__ import annotations

from posture.days import Suggestion
from posture.engine import Finding, PromptLine
from posture.prompts.entries import Catalogue, EntryKind
from posture.prompts.hold_backs import hold_words
from posture.prompts.selection import advice
from posture.types import EpisodeKind, HeldPrompt, PromptOutcome, ShownPrompt, Wording

FINDINGS = {
    EpisodeKind.FLEXED: Wording(
        "You leaned forward or slumped for too long at a time.", "The person leaned forward or slumped for too long at a time."
    ),
    EpisodeKind.ANTERIOR_TILT: Wording(
        "Your pelvis was tipped forward, with your lower back arched, for too long at a time.",
        "The pelvis was tipped forward, with the lower back arched, for too long at a time.",
    ),
    EpisodeKind.SITTING: Wording(
        "You sat for too long without a break, whatever the posture.", "The person sat for too long without a break, whatever the posture."
    ),
}


def finding_of(kind: EpisodeKind, catalogue: Catalogue, *, flagged: bool, heat: bool = True, own: bool = True) -> Finding:
    """Tell what stands out, with the catalogue's advice for it; with a red flag up that is the referral and getting up.

    `own`: said to the person themself, else of the person in a recording.
    """
    entries = advice(catalogue, kind, flagged=flagged, heat=heat)[:3]
    passages = tuple(dict.fromkeys(p for e in entries for p in e.passages))
    return Finding(kind, FINDINGS[kind].to(own=own), tuple(e.id for e in entries), passages)


def suggestion_of(kind: EpisodeKind, catalogue: Catalogue, *, heat: bool = True, habit: bool = False) -> Suggestion | None:
    """Return the one thing to try: what fits best, or a habit where there is one (`habit`, as for a week); ``None`` if nothing fits."""
    entries = advice(catalogue, kind, heat=heat)
    habits = [e for e in entries if e.kind is EntryKind.HABIT] if habit else []
    for entry in [*habits, *entries]:
        if entry.passages:
            passage = entry.passages[0]
            return Suggestion(entry.id, entry.title, entry.why, passage, catalogue.passages.get(passage, ""), catalogue.source_of(entry))
    return None


def prompt_line(shown: ShownPrompt, catalogue: Catalogue, outcome: PromptOutcome | None = None) -> PromptLine:
    """Return a shown prompt as the summary lists it; `outcome`: what followed it, if that is known."""
    entry = catalogue.get(shown.prompt_id)
    title, passages = (entry.title, entry.passages) if entry else (shown.prompt_id, ())
    return PromptLine(shown.time_s, shown.prompt_id, title, shown.kind or "referral", shown.step, tuple(passages), outcome)


def held_line(held: HeldPrompt, *, own: bool = True) -> tuple[float, str, str]:
    """Return a held prompt as the summary lists it; `own` as in `finding_of`."""
    return held.time_s, str(held.kind), hold_words(held.hold, own=own)
