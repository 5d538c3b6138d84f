"""How far the trunk step of REBA agrees with human raters, on footage of one's own that they rated.

    python -m benchmarks.raters FOLDER

FOLDER holds recordings and ``video_phases.csv`` with the columns ``file``, ``t_start``, ``t_end``, ``phase`` and ``label``. A label such as
``rating at 3 s: neck 1 trunk 3 legs 1`` is a rating; the first phase of each file is its neutral. The program's step is the most probable
one of half a second to either side. Where a side bend or a twist is not seen there are two, without and with it; agreement is told of both.
"""

from __future__ import annotations

import argparse
import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import posture
from posture.biomechanics import AXIAL_ROTATION, LATERAL_LEAN, TRUNK_FLEXION
from posture.engine import RecordingResult
from posture.ergonomics import Method, TrunkSteps, samples_of, standing_s, trunk_steps
from posture.settings import ErgonomicsSettings

_RATING = re.compile(r"rating at ([\d.]+) s:.*?\btrunk (\d)")
_AROUND_S = 0.5
_MAX_GAP_S = 12.0


@dataclass(frozen=True, slots=True)
class Rating:
    """What a human said of a moment."""

    file: str
    time_s: float
    step: int


def read(table: Path) -> tuple[dict[str, tuple[float, float]], list[Rating]]:
    """Return the neutral of each file, and all ratings."""
    neutrals: dict[str, tuple[float, float]] = {}
    ratings = []
    with table.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            neutrals.setdefault(row["file"], (float(row["t_start"]), float(row["t_end"])))
            ratings += [Rating(row["file"], float(t), int(step)) for t, step in _RATING.findall(row["label"])]
    return neutrals, ratings


def steps_at(result: RecordingResult, time_s: float) -> tuple[TrunkSteps | None, float | None]:
    """Return REBA's trunk steps around a moment, and the mean trunk flexion in degrees."""
    readings = [j.reading for j in result.judged if abs(j.reading.time_s - time_s) <= _AROUND_S]
    start_s = np.array([r.time_s for r in readings])
    stands_s = standing_s(start_s, time_s + _AROUND_S, _MAX_GAP_S)
    trunk, lean, rotation = (samples_of(readings, start_s, stands_s, a.shown) for a in (TRUNK_FLEXION, LATERAL_LEAN, AXIAL_ROTATION))
    known = trunk.known
    mean = float(np.average(known.deg, weights=known.stands_s)) if known.deg.size else None
    return trunk_steps(Method.REBA, trunk, lean, rotation, ErgonomicsSettings()), mean


def cohen_kappa(one: Sequence[int], other: Sequence[int]) -> float | None:
    """Return Cohen's kappa (1960), unweighted; ``None`` where chance alone would agree always."""
    n = len(one)
    a, b = Counter(one), Counter(other)
    chance = sum(a[k] * b[k] for k in a) / n**2
    return None if chance == 1 else (sum(x == y for x, y in zip(one, other, strict=True)) / n - chance) / (1 - chance)


def main() -> None:
    """Print each rating, and the agreement."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    neutrals, ratings = read(folder / "video_phases.csv")
    results = {file: posture.analyze(folder / file, neutral=neutrals[file])._result for file in sorted({r.file for r in ratings})}
    human: list[int] = []
    found: dict[str, list[int]] = {"not seen as absent": [], "not seen as present": []}
    print(f"{'file':40} {'at s':>5} {'human':>5} {'trunk':>6}  program, not seen as absent / present (probability of the human's step)")
    for r in ratings:
        steps, deg = steps_at(results[r.file], r.time_s)
        if steps is None:
            print(f"{r.file[:40]:40} {r.time_s:5.1f} {r.step:5d}   trunk not seen")
            continue
        human.append(r.step)
        said = []
        for shares, all_found in zip((steps.least, steps.most), found.values(), strict=True):
            all_found.append(int(np.argmax(shares)) + 1)
            said.append(f"{all_found[-1]} ({shares[r.step - 1]:.2f})")
        print(f"{r.file[:40]:40} {r.time_s:5.1f} {r.step:5d} {deg:5.0f}°  {' / '.join(said)}")
    for name, program in found.items() if human else ():
        same = sum(a == b for a, b in zip(human, program, strict=True))
        near = sum(abs(a - b) <= 1 for a, b in zip(human, program, strict=True))
        kappa = cohen_kappa(human, program)
        print(
            f"{name}: {same} of {len(human)} the same ({100 * same / len(human):.0f} %), {near} within one step, "
            f"kappa {'undefined' if kappa is None else f'{kappa:.2f}'}"
        )


if __name__ == "__main__":
    main()
