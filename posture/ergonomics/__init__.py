"""What ergonomists quote of a recording: statistics of angles, bands, holding times, exposure variation, steps of RULA and REBA. Pure."""

from posture.ergonomics.bands import TrunkBand, TrunkBands, band_of, trunk_bands_of
from posture.ergonomics.comparing import (
    Drawn,
    Resampling,
    difference_of,
    mean_of,
    percentile_of,
    resampling_of,
    share_from,
    share_of,
    undrawn,
)
from posture.ergonomics.groups import Difference, Spread, paired_difference, spread_of, unpaired_difference
from posture.ergonomics.holding import LENGTHS_S, STATIC_S, HoldingTimes, StaticPosture, holding_times
from posture.ergonomics.limits import ISO_11226, HeldAgainstLimit, HoldingLimits, against_limits
from posture.ergonomics.rula import ACTIONS, RulaScores, rula_score, rula_scores_of
from posture.ergonomics.samples import AngleSamples, samples_of, standing_s
from posture.ergonomics.statistics import AngleStatistics, percentiles, statistics_of
from posture.ergonomics.steps import NECK_UNKNOWN, Method, SeenShares, TrunkSteps, seen_shares, trunk_steps
from posture.ergonomics.tables import AngleTables, ErgonomicTables, tables_of
from posture.ergonomics.variation import LEVELS_DEG, PERIODS_S, ExposureVariation, exposure_variation
