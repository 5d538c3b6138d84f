"""The words and looks that every report shares: what a posture, a reason, an angle or a time is called and drawn as.

Colours differ in hue and in lightness (they hold for colour-blind readers and in print) and never stand alone: each comes
with its own hatch and its word. What is not known is grey and hatched, never the colour of a good posture.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from posture.model import Estimate, Followed, Kind, Posture, Step
from posture.recording import Analysis
from posture.settings import Settings
from posture.summary import Helped

DASH, MINUS = "\N{EN DASH}", "\N{MINUS SIGN}"
DISCLAIMER = "A habit aid, not a medical device. Pain, numbness or weakness: let a professional look at it."


@dataclass(frozen=True, slots=True)
class Look:
    """How one posture is named and drawn."""

    word: str
    about: str
    """One plain clause."""
    colour: str
    """On light ground; ``#rrggbb``."""
    hatch: str
    """Matplotlib's name of the pattern; empty for plain."""
    glyph: str
    """One character of the bar in the terminal."""
    ascii: str
    """The same where only ASCII can be shown."""


LOOKS = {
    Posture.NEUTRAL: Look("neutral", "close to your own upright position", "#9ecae9", "", "░", "-"),
    Posture.FLEXED: Look("flexed", "leaning forward or slumped beyond the band", "#c1440e", "\\\\\\", "█", "#"),
    Posture.ANTERIOR_TILT: Look("anterior tilt", "pelvis tipped forward with a growing arch of the low back", "#9467a8", "xxx", "▓", "^"),
    Posture.AWAY: Look("away", "nobody in the picture", "#ffffff", "...", "·", "."),
    Posture.UNKNOWN: Look("not known", "somebody may be there, but nothing could be measured", "#c9cdd2", "///", "?", "?"),
}
KIND_WORDS = {Kind.FLEXED: "flexed sitting", Kind.ANTERIOR_TILT: "anterior tilt", Kind.SITTING: "unbroken sitting"}
KIND_COLOURS = {Kind.FLEXED: "#c1440e", Kind.ANTERIOR_TILT: "#7a4a8c", Kind.SITTING: "#3f4a54"}
STEP_WORDS = {Step.SOFT: "first prompt", Step.FIRM: "second, firmer prompt"}
FOLLOWED_WORDS = {Followed.DONE: "done", Followed.MOVED: "moved", Followed.SNOOZED: "snoozed", Followed.IGNORED: "ignored"}
REASON_WORDS = {
    "nobody_brief": "out of the picture for a moment",
    "unclear": "not certain who was seen",
    "unmeasured": "trunk not seen well enough",
    "gap": "no picture for a while",
    "not_started": "before the first picture",
    "not_analysed": "not analysed",
    "paused": "paused",
    "suspended": "computer asleep",
    "locked": "screen locked",
    "camera_lost": "camera lost",
    "too_dark": "picture too dark",
    "covered": "camera covered",
    "frozen": "picture frozen",
    "damaged": "picture damaged",
    "sideways": "picture lies on its side",
    "preview": "camera set-up",
}


@dataclass(frozen=True, slots=True)
class AngleWords:
    """How one angle of a reading is named."""

    name: str
    """Field of ``Reading``."""
    word: str
    about: str
    """What is positive."""


ANGLES = (
    AngleWords("trunk_flexion", "Trunk flexion", "forward is positive, against gravity"),
    AngleWords("spinal_flexion", "Spinal flexion", "slump is positive, change from neutral"),
    AngleWords("pelvic_tilt", "Pelvic tilt", "anterior is positive, change from neutral"),
)
"""The angles that charts and pages show, in order."""
ANGLE_WORDS = {a.name: a.word.lower() for a in ANGLES}


def reason_words(reason: str) -> str:
    """A reason for unknown time in plain words; one without an entry reads as it is written."""
    return REASON_WORDS.get(reason, reason.replace("_", " "))


def clock(time_s: float) -> str:
    """Seconds as ``7:05``, from an hour on as ``1:07:05``."""
    total = math.floor(abs(time_s) + 0.5)
    sign = "-" if time_s < 0 and total else ""
    hours, rest = divmod(total, 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{sign}{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{sign}{minutes}:{seconds:02d}"


def span_words(seconds: float) -> str:
    """A length of time in words: ``45 s``, ``7 min 5 s``, ``1 h 7 min``."""
    total = math.floor(max(0.0, seconds) + 0.5)
    if total < 60:
        return f"{total} s"
    minutes, rest = divmod(total, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest and minutes < 10 else f"{math.floor(total / 60 + 0.5)} min"
    hours, minutes = divmod(math.floor(total / 60 + 0.5), 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def share_words(part: float, whole: float) -> str:
    """A share as per cent, without pretending that a little is nothing or that most is all."""
    if whole <= 0:
        return DASH
    percent = 100.0 * part / whole
    if 0.0 < percent < 1.0:
        return "< 1 %"
    if 99.0 < percent < 100.0:
        return "> 99 %"
    return f"{percent:.0f} %"


def count_words(number: int, one: str, many: str | None = None) -> str:
    """``1 break``, ``2 breaks``."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def helped_words(helped: Helped) -> str:
    """Which prompts helped: ``helped: 3 of 4 (moved 2, done 1); ignored 1; snoozed 1``."""
    good = {"moved": helped.moved, "done": helped.done}
    told, well = sum(good.values()) + helped.ignored, sum(good.values())
    how = ", ".join(f"{word} {number}" for word, number in good.items() if number)
    parts = [f"helped: {well} of {told}" + (f" ({how})" if how else "")] if told else []
    rest = {"ignored": helped.ignored, "snoozed": helped.snoozed, "not known": helped.unknown}
    return "; ".join([*parts, *(f"{word} {number}" for word, number in rest.items() if number)])


def followed_words(analysis: Analysis, number: int) -> str:
    """What followed prompt `number` (from 1) in one word; empty where it is not known."""
    lines = analysis.summary.prompts
    outcome = lines[number - 1].outcome if len(lines) == len(analysis.shown) else None
    return "" if outcome is None else FOLLOWED_WORDS[outcome]


def angle_words(estimate: Estimate | None) -> str:
    """``23° ± 3°``, or ``not seen``."""
    return "not seen" if estimate is None else f"{estimate.deg:.0f}° ± {estimate.sd_deg:.0f}°"


def printable(name: str) -> str:
    """A file's name without what a terminal or a picture would obey instead of show."""
    return "".join(c if c.isprintable() else "�" for c in name)


def partial_words(analysis: Analysis) -> tuple[str, ...]:
    """Below a picture, why it does not show the whole recording; empty if it does."""
    if not analysis.complete:
        return ("interrupted, this is the part that was analysed",)
    return () if analysis.partial is None else (f"partial: {printable(analysis.partial)}",)


def degrees(value: float | None) -> str:
    """Whole degrees with a true minus sign; a dash where there is none."""
    return DASH if value is None else f"{value + 0.0:.0f}°".replace("-", MINUS)


def trust_words(sd_deg: float | None) -> str:
    """What a standard deviation means to a reader, in one sentence."""
    if sd_deg is None:
        return "It was not seen in this recording."
    wide = 2.0 * sd_deg
    if sd_deg <= 4.0:
        worth = "Good enough to tell sitting up from leaning."
    elif sd_deg <= 8.0:
        worth = "Good enough for a clear lean, not for a small one."
    else:
        worth = "Rough: read it as a hint of the direction, not as a number."
    return f"Typically ± {sd_deg:.0f}°: the true angle lies within about {wide:.0f}° either way, 19 times in 20. {worth}"


def effective(analysis: Analysis, key: str) -> float:
    """The value a setting had in this analysis.

    Args:
        analysis: carries the settings that differ from the defaults.
        key: ``section.key`` of a numeric setting.
    """
    section, name = key.split(".")
    value = analysis.own_thresholds.get(key, analysis.changed_settings.get(key, getattr(getattr(Settings(), section), name)))
    return float(value) if isinstance(value, int | float) else math.nan
