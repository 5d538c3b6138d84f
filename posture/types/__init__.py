"""Values that pass through the program.

Time is seconds: of the recording for a file, since the session's start for a live camera. Angles are degrees; forward,
anterior, lean to the person's right and shoulders turned to the person's left are positive. Unseen is ``None``.
"""

from posture.types.exercises import DoneExercise, ExerciseEnd
from posture.types.exposure import (
    AFTER_S,
    KIND_WORDS,
    CauseEased,
    Episode,
    EpisodeKind,
    ExposureAfter,
    PostureChange,
    PostureChangeKind,
    PromptDue,
    PromptLevel,
    PromptReason,
    Span,
)
from posture.types.frames import ByteArray, Detection, FloatArray, FoundPose, Frame, ImageQuality, Pose
from posture.types.prompts import Answer, HeldPrompt, HoldBack, HoldReason, NextPrompt, PromptOutcome, ShownPrompt
from posture.types.readings import MEASURED, MEASURED_VIEWS, ClassifiedReading, Estimate, ExerciseAngles, Posture, Reading, View
from posture.types.self_reports import ReportKind, SelfReport
from posture.types.sessions import MODE_WORDS, Mode
from posture.types.wording import Wording
