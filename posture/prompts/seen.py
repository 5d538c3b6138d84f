"""What was seen, in the words of a reminder: a lean is no slump, and neither is called bent. Pure."""

from __future__ import annotations

from posture.biomechanics import SPINAL_FLEXION, TRUNK_FLEXION
from posture.types import EpisodeKind

_FLEXED_BY = {TRUNK_FLEXION.name: "lean", SPINAL_FLEXION.name: "slump"}
_SEEN = {
    "lean": "You've been leaning forward {span}",
    "slump": "You've been slumping {span}",
    "flexed": "You've been leaning or slumping {span}",
    "anterior_tilt": "Your pelvis seems to have been tipped forward {span}",
    "sitting": "You've been sitting {span} without a break",
    "stillness": "You've been sitting still {span}",
}
"""By what was seen, or by the cause where that is all that is known."""
_STILL_SEEN = {
    "lean": "You're still leaning forward",
    "slump": "You're still slumping",
    "flexed": "You're still leaning or slumping",
    "anterior_tilt": "Your pelvis still seems to be tipped forward",
    "sitting": "You're still sitting",
    "stillness": "You're still sitting without moving",
}
_OTHER, _OTHER_STILL = "You've held one posture {span}", "You're still in the same posture"


def seen_words(
    cause: EpisodeKind | str, *, angle: str | None = None, time_s: float | None = None, firm: bool = False, share: bool = False
) -> str:
    """Return what was seen and for how long, without a full stop: ``You've been slumping for about 12 minutes``.

    Args:
        cause: what the reminder is about; one without words of its own is a posture held.
        angle: name of the angle by which flexed was flexed; ``None`` if not known.
        time_s: seconds of dose, or of sitting; ``None`` if not known. A share of the hour needs none.
        firm: whether it is said for the second time.
        share: whether it is about a share of the last hour.
    """
    what = _FLEXED_BY.get(angle or "", "flexed") if cause == EpisodeKind.FLEXED else str(cause)
    if firm and not share:
        still = _STILL_SEEN.get(what, _OTHER_STILL)
        return still if time_s is None else f"{still}: about {_minutes(time_s)} now"
    span = "for about half of the last hour" if share else "for a while" if time_s is None else f"for about {_minutes(time_s)}"
    return _SEEN.get(what, _OTHER).format(span=span)


def _minutes(time_s: float) -> str:
    minutes = max(1, round(time_s / 60))
    return f"{minutes} minute{'s' if minutes > 1 else ''}"
