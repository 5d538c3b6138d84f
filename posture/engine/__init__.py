"""Pose samples to readings, postures, spans, doses, episodes and session states. Pure."""

from posture.engine.breaks import interrupts
from posture.engine.engine import Engine, EngineOutput, run
from posture.engine.episode_parts import in_posture, joined
from posture.engine.exercise.bouts import Bout, bouts_of, find_bouts
from posture.engine.exercise.counter import ExerciseCounter
from posture.engine.exercise.guided import GuidedExercise, GuidedView
from posture.engine.exercise.own_range import own_ranges
from posture.engine.exercise.presence import PresenceCounter
from posture.engine.exercise.results import CounterState, CounterUpdate, ExerciseResult, OwnRange, Rejected, Repetition
from posture.engine.exercise.signals import Signal
from posture.engine.exercise.spec import ExerciseSpec, Guard, Rejection, ViewRule
from posture.engine.exposure import Exposure
from posture.engine.image_quality import PLAIN, ImageQualityMonitor, grey_grid, grid_of, hardly_differs
from posture.engine.measurement import LEARN_S, OTHER_WAY_WORDS, Measurement, mostly_sideways
from posture.engine.movement import MovementMonitor
from posture.engine.recording import LISTED_S, RecordingResult, VideoSummary, agreeing, breaks_off, view_of
from posture.engine.sample_rows import WIDTH, Rows, SampleRows, rows_of
from posture.engine.sampling import (
    CELLS,
    CLOSELY,
    LIVE,
    LIVE_RATE_HZ,
    RECORDED,
    AdaptiveSampler,
    Decision,
    PictureChange,
    SamplingPlan,
    everywhere,
    small,
)
from posture.engine.session import SessionPhase, SessionState
from posture.engine.session_status import SessionStatus
from posture.engine.spans import GAP, Interval, is_seen
from posture.engine.stillness import HEALTHY_SHIFTS_PER_H, Stillness
from posture.engine.summary import (
    LEAVE_THE_TOTALS,
    LOW_COVERAGE,
    DaySummary,
    Finding,
    Helped,
    PromptLine,
    coverage_of,
    dominant,
    measured_s,
    summarise,
    there_s,
)
