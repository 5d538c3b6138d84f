"""The RULA score, where the user has scored what the camera does not: arms, wrists, neck, legs, muscle use and load.

Tables A, B and C and the action levels: McAtamney & Corlett 1993. The given scores hold for the whole recording; only the trunk's step
changes over it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from posture.ergonomics.steps import Method, TrunkSteps

_TABLE_A = (
    ("12222333", "22223333", "23333344"),
    ("23333444", "33333444", "34444455"),
    ("33444455", "34444455", "44444555"),
    ("44444555", "44444555", "44455566"),
    ("55555667", "56666777", "66677778"),
    ("77777889", "88888999", "99999999"),
)
"""By upper arm and lower arm; then wrist, and wrist twist within it."""
_TABLE_B = ("132334556677", "232345556777", "333445566777", "555667777788", "777778888888", "888888899999")
"""By neck; then trunk, and legs within it."""
_TABLE_C = ("1233455", "2234455", "3334456", "3334566", "4445677", "4456677", "5566777", "5567777")
"""By arm and wrist, then by neck, trunk and legs."""
HIGHEST = 7
ACTIONS = (
    (2, 1, "acceptable unless kept up or repeated for long"),
    (4, 2, "look into it further; changes may be needed"),
    (6, 3, "look into it and change it soon"),
    (HIGHEST, 4, "look into it and change it at once"),
)
"""Highest score of an action level, the level, and what it asks for."""


@dataclass(frozen=True, slots=True)
class RulaScores:
    """How much of the time the RULA score was what, of the time in which trunk flexion is known."""

    least: tuple[float, ...]
    """Expected share (0..1) of the time at score 1 to 7, with what is not seen of the trunk as absent."""
    most: tuple[float, ...]
    """The same with what is not seen as present."""

    @property
    def mean(self) -> tuple[float, float]:
        """Mean score over the time, least and most."""
        low, high = (sum(score * share for score, share in enumerate(shares, 1)) for shares in (self.least, self.most))
        return low, high


def rula_score(given: Mapping[str, int], trunk: int) -> int:
    """Return the RULA score, 1 to 7.

    Args:
        given: the scores named in `posture.setting_texts.RULA_GIVEN`; muscle use and load count for the arm and for the body alike.
        trunk: step 1 to 6.
    """
    more = given["muscle"] + given["load"]
    wrist = 2 * (given["wrist"] - 1) + given["wrist_twist"] - 1
    arm = int(_TABLE_A[given["arm"] - 1][given["forearm"] - 1][wrist]) + more
    body = int(_TABLE_B[given["neck"] - 1][2 * (trunk - 1) + given["legs"] - 1]) + more
    return int(_TABLE_C[min(arm, 8) - 1][min(body, 7) - 1])


def rula_scores_of(given: Mapping[str, int], steps: TrunkSteps) -> RulaScores:
    """Return the distribution of the score over the time from that of RULA's trunk step."""
    if steps.method is not Method.RULA:
        raise ValueError("the trunk steps of RULA are needed")
    return RulaScores(_by_score(given, steps.least), _by_score(given, steps.most))


def _by_score(given: Mapping[str, int], shares: Sequence[float]) -> tuple[float, ...]:
    found = [0.0] * HIGHEST
    for step, share in enumerate(shares, 1):
        found[rula_score(given, step) - 1] += share
    return tuple(found)
