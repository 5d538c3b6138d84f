"""All tables of one recording."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter

import numpy as np

from posture.biomechanics import ANGLES, AXIAL_ROTATION, LATERAL_LEAN, TRUNK_FLEXION, Angle
from posture.ergonomics.bands import TrunkBands, trunk_bands_of
from posture.ergonomics.holding import HoldingTimes, holding_times
from posture.ergonomics.limits import HeldAgainstLimit, HoldingLimits, against_limits
from posture.ergonomics.rula import RulaScores, rula_scores_of
from posture.ergonomics.samples import AngleSamples, samples_of, standing_s
from posture.ergonomics.statistics import AngleStatistics, statistics_of
from posture.ergonomics.steps import Method, SeenShares, TrunkSteps, seen_shares, trunk_steps
from posture.ergonomics.variation import ExposureVariation, exposure_variation
from posture.setting_texts import holding_limits, rula_scores
from posture.settings import ErgonomicsSettings
from posture.types import Reading

_TRUNK_MOVED = attrgetter("trunk_moved")


@dataclass(frozen=True, slots=True, eq=False)
class AngleTables:
    """What is said of one angle that was seen."""

    angle: Angle
    statistics: AngleStatistics
    holding: HoldingTimes
    variation: ExposureVariation


@dataclass(frozen=True, slots=True, eq=False)
class ErgonomicTables:
    """The tables of one recording."""

    angles: tuple[AngleTables, ...]
    """Those that were seen, in the order of ``ANGLES``."""
    bands: TrunkBands
    limits: HoldingLimits
    trunk_held: tuple[HeldAgainstLimit, ...]
    """The trunk's static postures, in order of time."""
    steps: tuple[TrunkSteps, ...]
    """Of RULA and of REBA; none if the trunk was never seen."""
    seen: SeenShares | None
    rula: RulaScores | None
    """``None`` unless the user gave the scores of the rest of the body, and the trunk was seen."""
    rula_given: dict[str, int]

    def of(self, angle: Angle) -> AngleTables | None:
        """Return the tables of an angle; ``None`` if it was never seen."""
        return next((a for a in self.angles if a.angle is angle), None)

    def probably_longer(self, at_least: float) -> int:
        """Return how many static postures of the trunk were held for longer than acceptable with a probability of `at_least` (0..1)."""
        return sum(h.longer_probability >= at_least for h in self.trunk_held)


def tables_of(readings: Sequence[Reading], end_s: float, there_s: float, max_gap_s: float, settings: ErgonomicsSettings) -> ErgonomicTables:
    """Make the tables of a recording.

    Args:
        readings: in order of time.
        end_s: end of what was analysed, seconds.
        there_s: seconds in which somebody was there.
        max_gap_s: the setting ``bands.max_gap_s``.
        settings: the section ``ergonomics``.
    """
    start_s = np.array([r.time_s for r in readings], np.float64)
    stands_s = standing_s(start_s, end_s, max_gap_s)
    samples = {a: samples_of(readings, start_s, stands_s, a.shown, _TRUNK_MOVED if a is TRUNK_FLEXION else None) for a in ANGLES}
    trunk, lean, rotation = samples[TRUNK_FLEXION], samples[LATERAL_LEAN], samples[AXIAL_ROTATION]
    angles = tuple(t for angle, found in samples.items() if (t := _tables(angle, found, settings)) is not None)
    limits = HoldingLimits(holding_limits(settings.trunk_holding) or HoldingLimits().pairs)
    held = next((t.holding.postures for t in angles if t.angle is TRUNK_FLEXION), ())
    steps = tuple(s for method in Method if (s := trunk_steps(method, trunk, lean, rotation, settings)) is not None)
    given = rula_scores(settings.rula)
    return ErgonomicTables(
        angles,
        trunk_bands_of(trunk, there_s),
        limits,
        tuple(against_limits(held, limits)),
        steps,
        seen_shares(trunk, lean, rotation),
        next((rula_scores_of(given, s) for s in steps if s.method is Method.RULA and given), None),
        given,
    )


def _tables(angle: Angle, samples: AngleSamples, settings: ErgonomicsSettings) -> AngleTables | None:
    statistics, holding = statistics_of(samples), holding_times(samples, settings.still_within_deg)
    if statistics is None or holding is None:
        return None
    return AngleTables(angle, statistics, holding, exposure_variation(samples))
