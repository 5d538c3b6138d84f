"""Readings made by hand, for tests that need no camera."""

from __future__ import annotations

from posture.types import Detection, Estimate, Reading, View


def angle(deg: float | None, sd: float = 2.0) -> Estimate | None:
    """An estimate, or none."""
    return None if deg is None else Estimate(deg, sd, "test")


def reading(
    t: float,
    trunk: float | None = 0.0,
    *,
    spine: float | None = 0.0,
    pelvis: float | None = 0.0,
    pelvis_sd: float = 2.0,
    neutral: float | None = 0.0,
    seated: bool | None = True,
    sight: Detection = Detection.PERSON,
) -> Reading:
    """A reading at `t` seconds with these angles in degrees."""
    if sight is not Detection.PERSON:
        return Reading(t, sight)
    return Reading(
        t,
        sight,
        view=View.SIDE,
        trunk_flexion=angle(trunk),
        trunk_neutral_deg=neutral,
        spinal_flexion=angle(spine),
        pelvic_tilt=angle(pelvis, pelvis_sd),
        seated=seated,
    )


def nobody(t: float) -> Reading:
    """Nobody in the picture."""
    return Reading(t, Detection.NOBODY)


STATES = {
    "neutral": lambda t: reading(t, 0.0),
    "flexed": lambda t: reading(t, 30.0),
    "slump": lambda t: reading(t, 3.0, spine=40.0, pelvis=-20.0),
    "tilt": lambda t: reading(t, 2.0, spine=-15.0, pelvis=16.0),
    "hinge": lambda t: reading(t, 13.0, spine=0.0, pelvis=13.0),
    "standing": lambda t: reading(t, 0.0, seated=False),
    "away": nobody,
    "unclear": lambda t: reading(t, sight=Detection.UNCLEAR),
    "unmeasured": lambda t: reading(t, None, spine=None, pelvis=None),
}


def day(plan: str, rate_hz: float = 1.0) -> tuple[list[Reading], float]:
    """Readings of a plan such as ``neutral:6,flexed:13`` (minutes), and the time of its end in seconds."""
    out: list[Reading] = []
    start = 0.0
    for part in plan.split(","):
        state, minutes = part.split(":")
        end = start + 60.0 * float(minutes)
        count = max(1, round((end - start) * rate_hz))
        out += [STATES[state](start + i * (end - start) / count) for i in range(count)]
        start = end
    return out, start
