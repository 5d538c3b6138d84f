"""What a reader of a recording's figures must know: how the neutral was found, what could not be seen, whom it shows. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from posture.biomechanics import DIM, Misfit, Neutral, NeutralDriftDetector, head_up, resized, upright, view_at
from posture.capture import VideoFacts
from posture.engine import LOW_COVERAGE, OTHER_WAY_WORDS, EngineOutput, SampleRows, mostly_sideways
from posture.pose import Choice
from posture.settings import MeasureSettings
from posture.types import Detection, ImageQuality, Posture, Reading, View

_PEOPLE_SHARE, _DIM_SHARE, _HIDDEN_SHARE, _SECONDS = 0.06, 0.1, 0.2, 1.0
"""From which share of the samples, or from how many seconds on, something is worth a note."""
_FEW = 10
_COMPARED = 300
"""Samples of a recording that are held against a neutral from elsewhere."""
_MISFITS = {
    Misfit.SMALL: "looks smaller",
    Misfit.LARGE: "looks larger",
    Misfit.HIGH: "is higher in the picture",
    Misfit.LOW: "is lower in the picture",
    Misfit.ASIDE: "is further aside",
}
_LIMITS = {"flexed_spine_deg": "a slump", "tilt_deg": "a forward pelvic tilt"}
_QUALITY = {
    ImageQuality.TOO_DARK: "The picture was too dark to measure for {}.",
    ImageQuality.COVERED: "The camera was covered for {}.",
    ImageQuality.FROZEN: "The picture was frozen for {}: nothing is known about that time.",
    ImageQuality.DAMAGED: "The picture was damaged for {}: nothing is known about that time.",
}
_MEASURED = {
    Choice.MAIN: "the largest one near the middle was measured",
    Choice.LARGEST: "the one who fills most of the picture was measured",
    Choice.NEAREST: "the one nearest the camera was measured",
    Choice.FIRST: "the one who was there first was measured",
}


def file_notes(facts: VideoFacts) -> list[str]:
    """Tell what was wrong with the file, and what had to be assumed to read it."""
    if not facts.problem:
        return [*facts.notes]
    verb = "" if facts.problem.startswith("breaks") else "is "  # "breaks off at ...", "damaged at ..."
    return [f"The file {verb}{facts.problem}.", *facts.notes]


def neutral_notes(neutral: Neutral | None, readings: Sequence[Reading], own: Mapping[str, float] | None = None) -> list[str]:
    """Return notes on the neutral and on the angles relative to it; `own`: limits that the person's own range moved, degrees."""
    if neutral is None:
        if any(r.sight is Detection.PERSON for r in readings):
            return ["Nobody was seen sitting or standing in this recording, so there is no upright reference."]
        return ["Nobody was seen in this recording."]
    notes = []
    if neutral.source == "automatic":
        notes.append(_automatic(neutral))
    for name, what in _LIMITS.items():
        if own and name in own:
            notes.append(f"By the range that was shown at the calibration, {what} counts from {own[name]:.0f}° on.")
    if not neutral.tracked:
        notes.append(OTHER_WAY_WORDS)
    if neutral.source != "automatic" and not neutral.still:
        notes.append("The person moved during the upright span, so all changes from it are less certain.")
    if neutral.source != "automatic" and not upright(neutral):
        notes.append("The upright reference doesn't look like sitting upright; changes are measured from it all the same.")
    seen = [r for r in readings if r.sight is Detection.PERSON and r.quality is ImageQuality.OK]
    if len(seen) >= _FEW and sum(r.trunk_flexion is None for r in seen) > len(seen) / 2:
        notes.append(
            "Most of the time the person faces another way than in the upright reference, or is someone else, so the angles are unknown."
        )
    elif neutral.source != "automatic" and not any(r.pelvic_tilt for r in readings):
        notes.append("The pelvis can't be measured from this view.")
    return notes


def elsewhere_notes(neutral: Neutral, samples: SampleRows, settings: MeasureSettings, view: View | None) -> list[str]:
    """Return notes on how a neutral that was taken elsewhere (another recording, other seconds, a profile) does not fit this recording.

    Args:
        neutral: in use.
        samples: of the recording.
        settings: limits of the views.
        view: that the recording was mostly seen from; ``None``: not known.
    """
    own = view_at(neutral.cue["yaw_deg"], settings)
    if view is not None and own is not view:
        return [f"The upright reference was seen from another view ({own}) than this recording ({view})."]
    size = [round(v) for v in neutral.layout["size"]]
    there = np.flatnonzero(samples.column("has_features"))
    some = [resized(samples[int(i)], *size) for i in there[:: max(1, -(-there.size // _COMPARED))]]
    found = NeutralDriftDetector(neutral, settings).throughout([s.features for s in some if s.features is not None])
    if found is None:
        return []
    return [
        f"The person {_MISFITS[found]} than in the upright reference throughout, so the camera or the chair was probably moved, "
        "and changes from it are less certain."
    ]


def _automatic(neutral: Neutral) -> str:
    so = "so angles are less certain"
    if neutral.doubtful:
        what = "doesn't look upright" if neutral.still else "moves"
        so = f"and the person {what} in it, so postures are mostly unknown"
    return (
        f"The upright reference was chosen automatically, {so} and forward pelvic tilt isn't reported; "
        "use --neutral to name the seconds in which the person sits upright."
    )


def time_notes(total: EngineOutput) -> list[str]:
    """Return notes on the time that could not be measured, and why."""
    notes = []
    for quality, words in _QUALITY.items():
        seconds = sum(s.duration_s for s in total.spans if s.reason == str(quality))
        if seconds >= _SECONDS:
            notes.append(words.format(_length(seconds)))
    measured = sum(s.duration_s for s in total.spans if s.posture not in (Posture.AWAY, Posture.UNKNOWN))
    there = sum(s.duration_s for s in total.spans if s.posture is not Posture.AWAY)
    if there > 0 and measured / there < LOW_COVERAGE:
        notes.append("Less than half of the time could be measured, so these figures don't say much.")
    return notes


def sample_notes(samples: SampleRows, rotate: int, person: Choice, view: View | None) -> list[str]:
    """Return notes on the picture: turned (`rotate`: see `rotation_to_upright`), dim, hidden hips, several people."""
    seen = samples.column("has_features") > 0
    if not seen.any():
        return []
    notes = []
    if rotate:
        notes.append(f"The picture seems to be on its side, so nothing was measured; --rotate {rotate} turns it upright.")
    people = samples.column("people")
    part = _share(people[people > 0] > 1)
    if part >= _PEOPLE_SHARE:
        several = "Two people were" if int(people.max()) == 2 else "Several people were"
        notes.append(
            f"{several} in the picture for {100.0 * part:.0f} % of the time; {_MEASURED[person]}. Choose differently with --person."
        )
    if _share(samples.column("brightness")[seen] < DIM) >= _DIM_SHARE:
        notes.append("The light was poor, so angles are less certain, above all those of spine and pelvis.")
    if view is not View.FRONT and _share(samples.column("hips_hidden")[seen] > 0) >= _HIDDEN_SHARE:
        notes.append("The hips don't show at the bottom of the picture, so spine and pelvis are less certain.")
    return notes


def _share(which: NDArray[np.bool_]) -> float:
    return float(which.mean()) if which.size else 0.0


def rotation_to_upright(samples: SampleRows) -> int:
    """Return by how many degrees clockwise the picture has to be turned: 90, 180 or 270; 0 if it is upright."""
    lies = mostly_sideways(samples)
    if not lies:
        return 0
    up = np.array([head_up(x) for x in lies]).mean(axis=0)
    return round(-float(np.degrees(np.arctan2(up[0], -up[1]))) / 90.0) * 90 % 360


def _length(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 100.0 else f"{seconds / 60.0:.0f} min"
