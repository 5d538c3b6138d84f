"""Values that pass through the program.

Time is seconds: of the recording for a file, since the session's start for a live camera. Angles are degrees; forward,
anterior, lean to the person's right and shoulders turned to the person's left are positive. Unseen is ``None``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

if TYPE_CHECKING:  # a command that measures nothing loads no NumPy
    import numpy as np
    from numpy.typing import NDArray

FloatArray: TypeAlias = "NDArray[np.float32]"
ByteArray: TypeAlias = "NDArray[np.uint8]"


class Wording(NamedTuple):
    """What is said to a person of their own day, and of a person in a recording, who is somebody else to the reader."""

    own: str
    other: str

    def to(self, *, own: bool) -> str:
        """Return the words for one's own day (`own`), or for a recording of a person."""
        return self.own if own else self.other


class View(StrEnum):
    """How the trunk stands to the camera."""

    FRONT = "front"
    OBLIQUE = "oblique"
    SIDE = "side"
    REAR = "rear"
    """From behind: nothing is measured."""


MEASURED_VIEWS = (View.FRONT, View.OBLIQUE, View.SIDE)
"""Those that can be given, and kept with a calibration or a recording."""


class Posture(StrEnum):
    """What a stretch of time was spent in."""

    NEUTRAL = "neutral"
    FLEXED = "flexed"
    ANTERIOR_TILT = "anterior_tilt"
    AWAY = "away"
    UNKNOWN = "unknown"


MEASURED = (Posture.NEUTRAL, Posture.FLEXED, Posture.ANTERIOR_TILT)
"""The postures that are told by a measurement; the others are where there is none."""


class Detection(StrEnum):
    """Who was found in one frame."""

    PERSON = "person"
    NOBODY = "nobody"
    UNCLEAR = "unclear"
    """Somebody is there, but it is not certain that it is the person who is measured."""


class ImageQuality(StrEnum):
    """What can be made of a picture; of anything but ``OK``, nothing can be said of who is there."""

    OK = "ok"
    TOO_DARK = "too_dark"
    COVERED = "covered"
    FROZEN = "frozen"
    """The same picture again and again."""
    DAMAGED = "damaged"
    """It could not be decoded whole, or refers to one that could not."""
    SIDEWAYS = "sideways"
    """The person lies on their side in the picture: it has to be turned."""


class Mode(StrEnum):
    """What a session is doing, in one word."""

    READY = "ready"
    """Not started."""
    OPENING = "opening"
    """The camera is on and has given no picture yet."""
    RUNNING = "running"
    CAMERA_LOST = "camera_lost"
    """The camera is wanted and gives no picture; it is being looked for."""
    LENT = "lent"
    LOCKED = "locked"
    PAUSED = "paused"
    SUSPENDED = "suspended"
    STOPPING = "stopping"
    """The camera is off; what was measured is being written."""
    STOPPED = "stopped"


MODE_WORDS: dict[str, str] = {
    Mode.READY: "starting",
    Mode.OPENING: "opening the camera",
    Mode.RUNNING: "watching",
    Mode.CAMERA_LOST: "camera lost, trying to get it back",
    Mode.LENT: "camera in use by another command, not measured",
    Mode.LOCKED: "screen locked, camera off",
    Mode.PAUSED: "paused",
    Mode.SUSPENDED: "computer asleep",
    Mode.STOPPING: "stopping",
    Mode.STOPPED: "stopped",
}
"""What the terminal and the tray say of a mode."""


class EpisodeKind(StrEnum):
    """What a sustained episode, and the prompt that answers it, is about."""

    FLEXED = "flexed"
    ANTERIOR_TILT = "anterior_tilt"
    SITTING = "sitting"
    STILLNESS = "stillness"
    """Seated without a posture change, whatever the posture."""


KIND_WORDS = {
    EpisodeKind.FLEXED: "leaning or slumping",
    EpisodeKind.ANTERIOR_TILT: "pelvis tipped forward",
    EpisodeKind.SITTING: "sitting without a break",
    EpisodeKind.STILLNESS: "sitting still",
}
"""What is said of a kind to the person."""


class PromptLevel(StrEnum):
    """How insistent a prompt is."""

    SOFT = "soft"
    FIRM = "firm"


class PromptReason(StrEnum):
    """Why a prompt about its kind comes at this moment."""

    DOSE = "dose"
    """Its dose (or the sitting, or the stillness) is full, for the first time in the episode; the firm step too."""
    REPEAT = "repeat"
    """The cause has gone on since the last prompt about it."""
    SHARE = "share"
    """Flexed for much of the last measured hour, though never long enough at a time."""
    SNOOZED = "snoozed"
    """It was snoozed, and comes back."""


class ReportKind(StrEnum):
    """What a person says of their own back."""

    URGE = "urge"
    CRACKED = "cracked"
    STIFF = "stiff"
    PAIN = "pain"
    NUMB = "numb"
    WEAK = "weak"
    STRESS = "stress"


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One picture."""

    time_s: float
    """Seconds; presentation time in a recording, arrival since the session's start for a camera."""
    image: ByteArray
    """(H, W, 3) uint8 RGB, upright, square pixels."""


@dataclass(frozen=True, slots=True, eq=False)
class Pose:
    """The 33 landmarks of one person in one frame (order of MediaPipe Pose)."""

    time_s: float
    image_xyz: FloatArray
    """(33, 3) pixels: x right, y down, z away from the camera relative to the hips (MediaPipe's guess)."""
    world_xyz: FloatArray
    """(33, 3) metres, origin mid-hip: x right, y down, z away from the camera."""
    visibility: FloatArray
    """(33,) 0..1, MediaPipe's own; hidden or outside hips still read 0.9."""
    presence: FloatArray
    """(33,) 0..1."""
    width: int
    """Pixels of the picture that image_xyz refers to."""
    height: int
    mask: ByteArray | None = None
    """(H, W) uint8, 255 x the probability that a pixel shows the person; ``None`` if not asked for."""

    @property
    def seen(self) -> NDArray[np.bool_]:
        """(33,) bool: which landmarks are to be shown and written: probably visible, and inside the picture."""
        x, y = self.image_xyz[:, 0], self.image_xyz[:, 1]
        return (self.visibility >= 0.5) & (x >= 0) & (x < self.width) & (y >= 0) & (y < self.height)


@dataclass(frozen=True, slots=True, eq=False)
class FoundPose:
    """What was made of one frame: a pose, or why there is none."""

    time_s: float
    sight: Detection
    pose: Pose | None = None
    cut: bool = False
    """The picture has no continuity with the one before: nothing may be carried over."""
    people: int = 0
    """How many people the last search of the whole picture found; searches are up to 10 s apart while there is one."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """An angle, how sure it is, and how it was seen."""

    deg: float
    """Degrees."""
    sd_deg: float
    """Standard deviation in degrees of the change since the person's neutral."""
    method: str
    """Name of the estimator, or of the ones that were fused."""


@dataclass(frozen=True, slots=True)
class Reading:
    """All that is known of the person at one moment."""

    time_s: float
    sight: Detection
    view: View | None = None
    yaw_deg: float | None = None
    """Turn of the trunk to the camera: 0 faces it, +90 shows its left side, -90 its right side."""
    trunk_flexion: Estimate | None = None
    """Mid-hip to mid-shoulder against gravity in the sagittal plane, forward +."""
    trunk_neutral_deg: float | None = None
    """The neutral's own trunk flexion that trunk_flexion contains; ``None`` while uncalibrated."""
    pelvic_tilt: Estimate | None = None
    """Change from neutral, anterior +."""
    spinal_flexion: Estimate | None = None
    """Thorax against pelvis, change from neutral, flexion +."""
    neck_flexion: Estimate | None = None
    """Mid-shoulder to mid-ear against the trunk line, forward +."""
    lateral_lean: Estimate | None = None
    """Trunk in the frontal plane, to the person's right +."""
    axial_rotation: Estimate | None = None
    """Shoulder line against hip line, shoulders to the person's left +."""
    seated: bool | None = None
    """``None`` where it cannot be told."""
    place_cm: tuple[float, float] | None = None
    """Where the seat of the body is in the picture plane, in cm of body scale (right, down); for shifts only."""
    shoulders_cm: tuple[float, float] | None = None
    """How far the middle of the shoulders is from where it was in the neutral, in cm of body scale (right, down); ``None`` without one."""
    knees_cm: float | None = None
    """How far the knees are from where they were in the neutral, root mean square in the picture plane; ``None`` unless they are seen."""
    yaw_sd_deg: float | None = None
    """Standard deviation of yaw_deg."""
    carried_forward: bool = False
    """Not measured anew: the picture has not changed since the reading that this one repeats."""
    quality: ImageQuality = ImageQuality.OK
    """Of the picture; of anything but ``OK`` nothing is known of who is there."""
    trunk_neutral_sd_deg: float = 0.0
    """Standard deviation of trunk_neutral_deg."""
    trunk_doubt_sd_deg: float = 0.0
    """Part of the standard deviation of trunk_flexion that comes of a neutral that may be another than the person's own: of the change
    alone, not of the angle against gravity."""
    face_down_deg: float | None = None
    """How far the face has turned down since the neutral, as it shows in the picture; ``None`` without one."""
    shoulder_growth_pct: float | None = None
    """How much wider the shoulders are in the picture than in the neutral, per cent."""
    quadruped_flexion: Estimate | None = None
    """Bend of the spine on hands and knees by the outline of the back, flexion +, from about a flat back: only changes of it mean something.
    ``None`` in any other position."""
    thigh_deg: float | None = None
    """Hip to knee from the horizontal in the picture, knee higher +; on hands and knees or lying down alone."""

    @property
    def present(self) -> bool:
        """Whether somebody was seen at all."""
        return self.sight is not Detection.NOBODY and self.quality is ImageQuality.OK

    @property
    def trunk_change(self) -> Estimate | None:
        """Trunk flexion as the change from neutral; ``None`` while uncalibrated."""
        trunk, own = self.trunk_flexion, self.trunk_neutral_deg
        return None if trunk is None or own is None else replace(trunk, deg=trunk.deg - own)

    @property
    def trunk_absolute(self) -> Estimate | None:
        """Trunk flexion against gravity, with the standard deviations of what moved since the neutral and of the neutral's own angle."""
        trunk = self.trunk_moved
        return None if trunk is None else Estimate(trunk.deg, math.hypot(trunk.sd_deg, self.trunk_neutral_sd_deg), trunk.method)

    @property
    def trunk_moved(self) -> Estimate | None:
        """Trunk flexion with the standard deviation of what moved since the neutral alone: to hold two moments of a session together."""
        trunk = self.trunk_flexion
        if trunk is None:
            return None
        return Estimate(trunk.deg, math.sqrt(max(0.0, trunk.sd_deg**2 - self.trunk_doubt_sd_deg**2)), trunk.method)


@dataclass(frozen=True, slots=True)
class ClassifiedReading:
    """A reading and the posture it was taken for."""

    reading: Reading
    posture: Posture
    reason: str | None = None
    """Why the posture is unknown; ``None`` otherwise."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of one posture. The spans of a session tile it: no gap, no overlap."""

    start_s: float
    end_s: float
    posture: Posture
    seated: bool | None = None
    reason: str | None = None
    """Why it is unknown: ``nobody_brief``, ``unclear``, ``unmeasured``, ``gap``, ``not_analysed``, ..."""

    @property
    def duration_s(self) -> float:
        """Seconds."""
        return self.end_s - self.start_s


@dataclass(frozen=True, slots=True)
class PromptDue:
    """A dose has reached a threshold: a prompt is due."""

    kind: EpisodeKind
    step: PromptLevel
    time_s: float
    dose_s: float
    """Seconds of dose; for sitting, seconds of unbroken sitting; for stillness, seconds without a posture change; for a share of
    the hour, flexed seconds in it."""
    episode_start_s: float
    reason: PromptReason = PromptReason.DOSE
    """``DOSE`` or ``SHARE``."""


@dataclass(frozen=True, slots=True)
class CauseEased:
    """A dose has fallen below its threshold, or a share of the hour is over; the episode may go on."""

    kind: EpisodeKind
    reason: PromptReason = PromptReason.DOSE


@dataclass(frozen=True, slots=True)
class Episode:
    """One sustained posture from its first second until its dose is low again."""

    kind: EpisodeKind
    start_s: float
    end_s: float
    dose_s: float
    """The highest dose that it reached, seconds."""
    angle: str | None = None
    """Which angle peak_deg and mean_deg are of: trunk_flexion, spinal_flexion or pelvic_tilt; ``None`` for sitting."""
    peak_deg: float | None = None
    mean_deg: float | None = None
    """Mean over the time in the state."""
    in_state_s: float = 0.0
    """Seconds in the state itself, without the recovery that follows."""


class PostureChangeKind(StrEnum):
    """A break is away or standing for a minute or more; a shift is a held change of posture."""

    BREAK = "break"
    SHIFT = "shift"


@dataclass(frozen=True, slots=True)
class PostureChange:
    """A break or a shift, at the moment it began."""

    kind: PostureChangeKind
    time_s: float


@dataclass(frozen=True, slots=True)
class ShownPrompt:
    """A prompt that was shown, or withheld in its place."""

    time_s: float
    prompt_id: str
    kind: EpisodeKind | None
    """``None`` for the referral."""
    step: PromptLevel
    episode_start_s: float | None = None
    reason: PromptReason = PromptReason.DOSE
    dose_s: float | None = field(default=None, compare=False)
    """Seconds that called for it when it fell due, as in `PromptDue`; ``None`` where that is not known."""
    withheld: bool | None = None
    """Whether the draw of ``prompts.learn_effect`` withheld it: it counts as shown and was not; ``None``: there was no draw."""


AFTER_S = 1800.0
"""How long it is counted how the time after a prompt is spent, from the moment it was shown."""


@dataclass(frozen=True, slots=True)
class ExposureAfter:
    """How the half hour (``AFTER_S``) after a prompt was spent, as far as it was seen."""

    measured_s: float
    """Seconds in which the posture was measured."""
    flexed_s: float
    """Seconds flexed and not standing: the flexed dose that was added."""
    away_s: float
    """Seconds in which nobody was there."""
    ended: bool | None
    """Whether the episode that the prompt answered ended in it; ``None`` if the session ended before either."""


class HoldReason(StrEnum):
    """Why a prompt that is due is not shown."""

    HOLD = "hold"
    """A call, a window in full screen, do not disturb: `HoldBack.detail` says which."""
    SNOOZE = "snooze"
    QUIET = "quiet"
    """Quiet time after another first prompt."""
    CAP = "cap"
    """As many first prompts in the last hour as are set."""
    UNANSWERED = "unanswered"
    """The last prompts about a cause that goes before this one were not answered, so both wait longer."""
    REFERRAL = "referral"
    """A red flag is up, and the catalogue has no entry that is allowed under it."""
    SAME = "same"
    """The only entry of the catalogue that fits is the one shown last."""
    NONE = "none"
    """No entry of the catalogue fits."""
    WITHHELD = "withheld"
    """Left out at random, to compare with."""
    OVER = "over"
    """Its cause ended before it could be shown: it will not come."""


@dataclass(frozen=True, slots=True)
class HoldBack:
    """What holds prompts back."""

    reason: HoldReason
    until_s: float | None = None
    """When it ends, if that is known; on the clock of the scheduler."""
    detail: str = ""
    """Of a hold, what it is, in the person's words; of a cap, how many."""


@dataclass(frozen=True, slots=True)
class HeldPrompt:
    """A prompt that was due and not shown, and why. Each prompt due is told once with each reason that held it back."""

    time_s: float
    """When it began to be held back for this reason."""
    kind: EpisodeKind
    hold: HoldBack
    step: PromptLevel = PromptLevel.SOFT


@dataclass(frozen=True, slots=True)
class NextPrompt:
    """The prompt that comes next about a cause that goes on."""

    time_s: float
    """At the earliest; on the clock of the scheduler."""
    kind: EpisodeKind
    unanswered: bool
    """Whether it comes later because the last ones were not answered."""


class Answer(StrEnum):
    """What a person does with a prompt that is on the screen."""

    SHOW = "show"
    """Wants to see how it is done."""
    DONE = "done"
    SNOOZE = "snooze"
    NOT_NOW = "not_now"


class ExerciseEnd(StrEnum):
    """How a guided exercise ended."""

    DONE = "done"
    """As many repetitions as are advised."""
    IDLE = "idle"
    """Nothing more came, or the time for it was over."""
    STOPPED = "stopped"
    """The person stopped it."""
    HURT = "hurt"
    """The person stopped it because it hurt."""
    LOST = "lost"
    """The camera, or the monitor, ended first."""


@dataclass(frozen=True, slots=True)
class DoneExercise:
    """A guided exercise, as it was counted."""

    exercise: str
    """Id of the catalogue's entry."""
    start_s: float
    end_s: float
    """On the clock of the session; seconds since the epoch where it comes from the store."""
    repetitions: int
    half_repetitions: int
    ended: ExerciseEnd
    depth_deg: float | None = None
    """Median from one end to the other; of a one-sided movement from rest to its end. ``None`` where nothing was counted."""
    depth_sd_deg: float | None = None
    tempo_s: float | None = None
    """Median, seconds a repetition."""
    asymmetry_deg: float | None = None
    """First less second end, medians, of a movement to both sides."""
    prompt: int | None = None
    """Number of the prompt that it answers, in the store."""

    @property
    def answers_prompt(self) -> bool:
        """Whether it stands for *done* to its prompt: something was done, and it was not stopped because it hurt."""
        if self.ended is ExerciseEnd.HURT:
            return False
        return self.ended is ExerciseEnd.DONE or self.repetitions + self.half_repetitions > 0

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> DoneExercise:
        """Read what a monitor says of one, as JSON holds it.

        Raises:
            TypeError, ValueError: it is of another version.
        """
        return cls(**{**values, "ended": ExerciseEnd(values["ended"])})

    def since(self, origin_utc: float) -> DoneExercise:
        """Return it with its times on the clock that began at `origin_utc`."""
        return replace(self, start_s=self.start_s - origin_utc, end_s=self.end_s - origin_utc)


class PromptOutcome(StrEnum):
    """What followed a prompt."""

    DONE = "done"
    """The person says to have done it."""
    MOVED = "moved"
    """The person got up, or changed posture, within minutes."""
    SNOOZED = "snoozed"
    IGNORED = "ignored"


@dataclass(frozen=True, slots=True)
class SelfReport:
    """What the person said of their own back."""

    time_s: float
    """Seconds since the epoch (UTC)."""
    kind: ReportKind
    where: str | None = None
    note: str | None = None
    acknowledged_s: float | None = None
    """When the referral that answers it was acknowledged, seconds since the epoch; ``None`` if not yet."""

    def of_kind(self, kind: ReportKind) -> SelfReport:
        """Return the same report as one of `kind`; what was acknowledged of another kind was something else."""
        return self if kind is self.kind else replace(self, kind=kind, acknowledged_s=None)
