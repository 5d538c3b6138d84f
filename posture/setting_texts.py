"""Settings that are short tables written as text: angle and holding time, parts of the body and their RULA scores."""

from __future__ import annotations

import math

RULA_GIVEN: dict[str, tuple[int, int]] = {
    "arm": (1, 6),
    "forearm": (1, 3),
    "wrist": (1, 4),
    "wrist_twist": (1, 2),
    "neck": (1, 6),
    "legs": (1, 2),
    "muscle": (0, 1),
    "load": (0, 3),
}
"""What the user has to score for a RULA score, and the range of each score (McAtamney & Corlett 1993)."""
RULA_EXAMPLE = "arm=2,forearm=1,wrist=2,wrist_twist=1,neck=2,legs=1,muscle=0,load=0"
LIMITS_EXAMPLE = "20:240, 60:60"


def holding_limits(text: str) -> tuple[tuple[float, float], ...]:
    """Parse ``20:240, 60:60`` to pairs of angle (degrees) and acceptable holding time (seconds); empty for an empty text.

    Raises:
        ValueError: it is none, the angles do not rise, or a time is negative; says what is expected.
    """
    pairs: list[tuple[float, float]] = []
    for part in text.split(",") if text.strip() else ():
        angle, colon, seconds = part.partition(":")
        try:
            pair = float(angle), float(seconds)
        except ValueError:
            colon, pair = "", (math.nan, math.nan)
        if not colon or not all(map(math.isfinite, pair)) or pair[1] < 0 or (pairs and pair[0] <= pairs[-1][0]):
            raise ValueError(f"rising angles in degrees, each with its holding time in seconds, for instance {LIMITS_EXAMPLE!r}")
        pairs.append(pair)
    return tuple(pairs)


def rula_scores(text: str) -> dict[str, int]:
    """Parse ``arm=2,forearm=1,...`` to the scores that RULA needs beside the trunk's; empty for an empty text.

    Raises:
        ValueError: a part is missing, unknown, twice or out of its range; says what is expected.
    """
    found: dict[str, int] = {}
    for part in text.split(",") if text.strip() else ():
        name, _, score = (word.strip() for word in part.partition("="))
        low, high = RULA_GIVEN.get(name, (0, -1))
        if name in found or not score.isascii() or not score.isdigit() or not low <= int(score) <= high:
            raise ValueError(_expected(f"{part.strip()!r} is not one of them"))
        found[name] = int(score)
    missing = [name for name in RULA_GIVEN if name not in found]
    if found and missing:
        raise ValueError(_expected(f"{', '.join(missing)} missing"))
    return found


def _expected(why: str) -> str:
    ranges = ", ".join(f"{name} {low}-{high}" for name, (low, high) in RULA_GIVEN.items())
    return f"all RULA scores but the trunk's ({ranges}), for instance {RULA_EXAMPLE}; {why}"
