"""Spans of a day to its totals, sitting bouts, timeline, dose and associations. Pure."""

from posture.days.associations import KINDS, WINDOW_DAYS, associations_of
from posture.days.dose import dose_curve
from posture.days.exercises import ExerciseLine, ExerciseStretch, exercise_stretches
from posture.days.followed import followed_prompts
from posture.days.intervals import IntervalEstimate
from posture.days.local_days import bounds, last_days, local_day, range_of
from posture.days.sitting_bouts import bouts_of, longest
from posture.days.span_table import MEASURED_COLUMNS, POSTURES, SpanTable, row_of
from posture.days.timeline_strip import most_between, most_of, strip_of, whole_hours
from posture.days.totals import WEEK, StoredDays, comparison_of, days_to_compare, totals_of, typical_of
from posture.days.types import (
    ENOUGH_S,
    LEAST_DAYS,
    LEAST_EVENTS,
    MINUTE_S,
    Associations,
    Comparison,
    Day,
    DayTotals,
    DoseCurve,
    Drawn,
    Followed,
    FollowedPrompts,
    HourMedians,
    SessionLine,
    SittingBout,
    Suggestion,
    TimelineStrip,
    Trend,
    Typical,
    Week,
    WeekDay,
)
