"""The words and looks that every report shares: what a posture, a reason, an angle or a time is called and drawn as.

Colours differ in hue and in lightness (they hold for colour-blind readers and in print) and never stand alone: each comes
with its own hatch and its word. What is not known is grey and hatched, never the colour of a good posture.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from posture import time_parsing, types
from posture._support import printable
from posture.engine import HEALTHY_SHIFTS_PER_H, Stillness
from posture.settings import Settings
from posture.types import Episode, EpisodeKind, Estimate, Posture, PromptLevel, PromptReason, ShownPrompt, Wording

if TYPE_CHECKING:  # these load NumPy, and posture status does without
    from posture.engine import Helped, RecordingResult

DASH, MINUS = time_parsing.DASH, "\N{MINUS SIGN}"
clock = time_parsing.clock
span_words = time_parsing.span_words
DISCLAIMER = "A habit aid, not a medical device. If you have pain, numbness or weakness, see a professional."
DISCLAIMERS = Wording(DISCLAIMER, "A habit aid, not a medical device. Anyone with pain, numbness or weakness should see a professional.")
_UPRIGHT = Wording("close to your own upright position", "close to the person's own upright position")
ADDRESSED = Wording("", "Reminders and advice are worded for the person in the recording.")


@dataclass(frozen=True, slots=True)
class Style:
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
    narrow: str = ""
    """A shorter name for where there is little room; the word itself is used where this is empty."""

    @property
    def short(self) -> str:
        """Its shortest name."""
        return self.narrow or self.word

    @property
    def rgb(self) -> tuple[int, int, int]:
        """The colour as red, green and blue, 0 to 255."""
        red, green, blue = bytes.fromhex(self.colour[1:])
        return red, green, blue


STYLES = {
    Posture.NEUTRAL: Style("upright", _UPRIGHT.other, "#9ecae9", "", "░", "-"),
    Posture.FLEXED: Style("leaning or slumped", "further forward, or rounder, than the limit", "#c1440e", "\\\\\\", "█", "#", "bent"),
    Posture.ANTERIOR_TILT: Style("pelvis tipped forward", "with a bigger arch in the lower back", "#9467a8", "xxx", "▓", "^", "tilted"),
    Posture.AWAY: Style("away", "nobody in the picture", "#ffffff", "...", "·", "."),
    Posture.UNKNOWN: Style("not known", "someone may be there, but the posture couldn't be told", "#c9cdd2", "///", "?", "?"),
}
EXERCISE_LOOK = "exercise"
EXERCISE_STYLE = Style("exercise", "guided and counted: in no posture's total", "#1f8a70", "|||", "*", "*")
"""Of the time of a guided exercise."""
KIND_WORDS = types.KIND_WORDS
_EPISODE_WORDS = {"trunk_flexion": "leaning", "spinal_flexion": "slumping", "pelvic_tilt": "pelvis forward"}
KIND_COLOURS = {
    EpisodeKind.FLEXED: STYLES[Posture.FLEXED].colour,
    EpisodeKind.ANTERIOR_TILT: "#7a4a8c",
    EpisodeKind.SITTING: "#3f4a54",
    EpisodeKind.STILLNESS: "#7d6b2f",
}
_REASON_OF_PROMPT = {
    PromptReason.DOSE: "first reminder",
    PromptReason.REPEAT: "again, because it went on",
    PromptReason.SHARE: "about half of the last hour",
    PromptReason.SNOOZED: "back from a snooze",
}
REASON_WORDS = {
    "nobody_brief": "out of the picture for a moment",
    "unclear": "not clear who was seen",
    "unmeasured": "trunk not seen well enough",
    "on_the_floor": "on hands and knees, or lying",
    "unsure": "too close to call",
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
    "sideways": "picture on its side",
    "preview": "camera set-up",
    "exercise": "doing an exercise",
}


IN_POSTURE = "in the posture"
"""What the time `Episode.in_state_s` is called wherever an episode is shown."""
EPISODE_NOTE = (
    "The time in the posture is what was spent in it. From and to also take in short moments out of it, and the time until the bent "
    "time had worn off."
)
"""Why an episode's end less its start is more than its time in the posture."""


def in_posture_words(episode: Episode) -> str:
    """Return how long an episode was spent in its posture; its end less its start, which is longer, is never given as a length."""
    return span_words(episode.in_state_s)


def episode_words(episode: Episode) -> str:
    """Return what an episode was, by the angle that made it one: ``leaning``, ``slumping``, ``pelvis forward``, ``sitting``."""
    if episode.kind is EpisodeKind.SITTING:
        return "sitting"
    return _EPISODE_WORDS.get(episode.angle or "", KIND_WORDS[episode.kind])


def disclaimer(analysis: RecordingResult) -> str:
    """Return the disclaimer for the reader of a recording's report."""
    return DISCLAIMERS.to(own=analysis.own_day)


def about_words(posture: Posture, analysis: RecordingResult) -> str:
    """Return in one plain clause what a posture is, for the reader of a recording's report."""
    return _UPRIGHT.to(own=analysis.own_day) if posture is Posture.NEUTRAL else STYLES[posture].about


def reason_words(reason: str) -> str:
    """Return a reason for unknown time in plain words; one without an entry reads as it is written."""
    return REASON_WORDS.get(reason, reason.replace("_", " "))


def share_words(part: float | None, whole: float = 1.0) -> str:
    """Return a share as per cent, without pretending that a little is nothing or that most is all; a dash where it is not known."""
    if part is None or whole <= 0:
        return DASH
    percent = 100.0 * part / whole
    if 0.0 < percent < 1.0:
        return "< 1 %"
    if 99.0 < percent < 100.0:
        return "> 99 %"
    return f"{percent:.0f} %"


def measured_words(coverage: float | None) -> str:
    """Tell how much was measured, for the head of a picture."""
    return "nobody was there to measure" if coverage is None else f"measured {share_words(coverage)} of the time there"


def step_words(shown: ShownPrompt) -> str:
    """Return which of the prompts about its cause it was."""
    return "second, firmer" if shown.step is PromptLevel.FIRM else _REASON_OF_PROMPT[shown.reason]


def stillness_words(stillness: Stillness | None) -> str:
    """Return how still somebody sat, beside how often others shift: no score; empty where too little was seen to say."""
    if stillness is None or stillness.shifts_per_h is None:
        return ""
    often = f"{stillness.shifts_per_h:.0f} changes an hour (people without back trouble: about {HEALTHY_SHIFTS_PER_H:.0f})"
    return f"longest without a change of posture {span_words(stillness.longest_s)}, {often}"


def count_words(number: int, one: str, many: str | None = None) -> str:
    """Return ``1 break``, ``2 breaks``."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def helped_words(helped: Helped) -> str:
    """Tell which prompts helped: ``helped: 3 of 4 (moved 2, done 1); ignored 1; snoozed 1``."""
    good = {"moved": helped.moved, "done": helped.done}
    told, well = sum(good.values()) + helped.ignored, sum(good.values())
    how = ", ".join(f"{word} {number}" for word, number in good.items() if number)
    parts = [f"helped: {well} of {told}" + (f" ({how})" if how else "")] if told else []
    rest = {"ignored": helped.ignored, "snoozed": helped.snoozed, "not known": helped.unknown}
    return "; ".join([*parts, *(f"{word} {number}" for word, number in rest.items() if number)])


def followed_words(analysis: RecordingResult, number: int) -> str:
    """Tell what followed prompt `number` (from 1) in one word; empty where it is not known."""
    lines = analysis.summary.prompts
    outcome = lines[number - 1].outcome if len(lines) == len(analysis.shown) else None
    return "" if outcome is None else outcome.value


def angle_words(estimate: Estimate | None) -> str:
    """Return ``23° ± 3°``, or ``not seen``."""
    return "not seen" if estimate is None else f"{estimate.deg:.0f}° ± {estimate.sd_deg:.0f}°"


def partial_words(analysis: RecordingResult) -> tuple[str, ...]:
    """Below a picture, why it does not show the whole recording; empty if it does."""
    if not analysis.complete:
        return ("interrupted: this is the part that was analysed",)
    return () if analysis.partial is None else (f"partial: {printable(analysis.partial)}",)


def facts_words(analysis: RecordingResult) -> tuple[str, ...]:
    """Tell what stands in the head of a picture: its length, how much was measured, and why it is not the whole recording."""
    s = analysis.summary
    return (span_words(s.total_s), measured_words(s.coverage), *partial_words(analysis))


def degrees(value: float | None) -> str:
    """Return whole degrees with a true minus sign; a dash where there is none."""
    return DASH if value is None else f"{round(value, 0) + 0.0:.0f}°".replace("-", MINUS)  # + 0.0: none is minus zero


_WORTH = {
    "trunk_flexion": ("Good enough to tell sitting up from leaning.", "Good enough for a clear lean, not for a small one."),
    "spinal_flexion": ("Good enough to tell a straight back from a slump.", "Good enough for a deep slump, not for a slight one."),
    "pelvic_tilt": (
        "Good enough to see the pelvis roll back in a slump; a pelvis that tips forward by itself hardly shows.",
        "Good enough for a pelvis that rolls far back, not for a small tilt.",
    ),
}
"""What an angle is good for, by its name: with a standard deviation of 4° or less, and of 8° or less; our judgement, by the limits
at which each begins to count."""


def trust_words(sd_deg: float | None, angle: str) -> str:
    """Tell what the standard deviation of the angle of this name means to a reader, in one sentence."""
    if sd_deg is None:
        return "It was not seen in this recording."
    wide = 2.0 * sd_deg
    fine, coarse = _WORTH[angle]
    if sd_deg <= 4.0:
        worth = fine
    elif sd_deg <= 8.0:
        worth = coarse
    else:
        worth = "Rough: take it as a hint of the direction, not as a number."
    return f"Typically ± {sd_deg:.0f}°: the true angle lies within about {wide:.0f}° either way, 19 times in 20. {worth}"


def effective(analysis: RecordingResult, key: str) -> float:
    """Return the value a setting had in this analysis.

    Args:
        analysis: carries the settings that differ from the defaults.
        key: ``section.key`` of a numeric setting.
    """
    section, name = key.split(".")
    value = analysis.own_thresholds.get(key, analysis.changed_settings.get(key, getattr(getattr(Settings(), section), name)))
    return float(value) if isinstance(value, int | float) else math.nan
