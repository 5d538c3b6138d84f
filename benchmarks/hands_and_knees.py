"""How well Cat-Cow on hands and knees is counted: drawn people from the side, with known repetitions, depth and tempo.

    python -m benchmarks.hands_and_knees                    # all of it
    python -m benchmarks.hands_and_knees --held-out         # the people with whom no limit was chosen

Nobody gave a neutral: these people were never seen sitting. ``said`` counts the readings whose posture was said to be one of those that are
measured of people who sit; there should be none. The other columns are those of ``benchmarks.exercises``.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks.exercise_plays import CARDS, VIEWS, Body, Play, at_rate, readings_of, rhythm
from benchmarks.exercises import Tally, mean, tally
from posture._support import parameters
from posture._support.catalogue import movements
from posture.biomechanics import Parameters
from posture.engine import find_bouts
from posture.engine.classifier import PostureClassifier
from posture.settings import Settings
from posture.types import MEASURED

FOLDER = CARDS / "hands_and_knees"
EXERCISE = "cat_cow_floor"
HELD_OUT_FROM = 30
"""Number of the first drawn person with whom no limit was chosen and no gain was fitted."""
RIGHT, WRONG = ("cat_cow", "cat_cow_level"), ("nod", "rock", "reach", "still")
_ONE_SIDED = ("reach",)
_RATE_HZ = 7.0


def plays(body: Body, networks: Parameters, movement: str, many: int, *, live: bool = False, view: str = "side") -> Iterator[Play]:
    """Yield plays of one movement, as of ``benchmarks.exercise_plays``, of somebody without a neutral."""
    for k in range(many):
        r = np.random.default_rng([body.number, VIEWS.index(view), sum(map(ord, movement)), k])
        tempo, depth, count = r.uniform(3.0, 8.0), r.uniform(0.3, 1.0), int(r.integers(3, 8))
        hold, rest = float(r.choice([0.0, 0.0, 0.15])) * tempo, float(r.choice([0.0, 0.0, 1.0, 3.0]))
        halves = (1,) if r.random() < 0.25 else ()
        times, shares = rhythm(r, count, tempo, depth, rest_s=rest, hold_s=hold, halves=halves)
        now, share = at_rate(r, times, np.abs(shares) if movement in _ONE_SIDED else shares, _RATE_HZ)
        samples, truth = body.samples(r, view, movement, now, share)
        ends = [truth[np.abs(share - e).argmin()] for e in (float(share.max()), float(share.min()))]
        depths = {"spine": abs(float(ends[0][1] - ends[1][1]))}
        yield Play(body.number, view, movement, readings_of(samples, None, networks, live=live), count, len(halves), tempo, depth, depths)


def said(play: Play) -> int:
    """Count the readings of a play that are said to be a posture of who sits."""
    classifier = PostureClassifier(Settings().bands)
    return sum(classifier.classify(r).posture in MEASURED for r in play.readings)


def print_tables(bodies: list[Body], networks: Parameters, many: int, view: str) -> None:
    """Print two tables: the movement itself, and others in its place."""
    specs = movements(every_view=True)
    kept = {m: [p for b in bodies for p in plays(b, networks, m, many, view=view)] for m in (*RIGHT, *WRONG)}
    print("| done | plays | seen | off 1 | exact | halves exact | depth error ° | in 2 sd | tempo error s | said |")
    print("| --- | --: | --: | --: | --: | --: | --: | --: | --: | --: |")
    for movement in RIGHT:
        t, off = _tallied(kept[movement]), np.abs(_tallied(kept[movement]).off)
        cells = [t.plays, mean([t.seen / t.plays]), mean(off <= 1), mean(off == 0), mean(np.array(t.halves_off) == 0)]
        cells += [mean(t.depth_error_deg, 1), mean(t.within), mean(t.tempo_error_s, 1), sum(map(said, kept[movement]))]
        print("|", " | ".join(map(str, (movement, *cells))), "|", flush=True)
    print("\n| done | plays | seen | none counted | told, none counted | counted | found, any exercise | said |")
    print("| --- | --: | --: | --: | --: | --: | --: | --: |")
    for movement in WRONG:
        t = _tallied(kept[movement])
        none = mean([all_ == 0 for all_ in (np.array(t.off) + np.array(t.done))])
        found = sum(b.result.repetitions for p in kept[movement] for b in find_bouts(p.readings, specs.values(), neutral_known=False))
        cells = [t.plays, mean([t.seen / t.plays]), none, mean([t.told / max(1, t.seen)]), t.counted, found, sum(map(said, kept[movement]))]
        print("|", " | ".join(map(str, (movement, *cells))), "|", flush=True)


def _tallied(some: list[Play]) -> Tally:
    return tally(movements(every_view=True)[EXERCISE], some)


def cards(folder: Path = FOLDER) -> list[Body]:
    """Read the drawn people."""
    return [Body(file) for file in sorted(folder.glob("*.npz"))]


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cards", type=Path, default=FOLDER)
    parser.add_argument("--many", type=int, default=4, help="plays of each movement and body")
    parser.add_argument("--view", choices=VIEWS, default="side")
    parser.add_argument("--held-out", action="store_true", help="only people with whom no limit was chosen")
    args = parser.parse_args()
    bodies = [b for b in cards(args.cards) if b.number >= HELD_OUT_FROM or not args.held_out]
    others = [f"{b.number:03d}" for b in bodies if b.number >= HELD_OUT_FROM]
    print(f"{len(bodies)} drawn people; no limit was chosen with {', '.join(others) or 'none of them'}\n")
    print_tables(bodies, parameters.load(), args.many, args.view)


if __name__ == "__main__":
    main()
