"""How well exercises are counted: drawn people with known repetitions, depth and tempo, from three views.

    python -m benchmarks.exercises                    # all of it
    python -m benchmarks.exercises --held-out         # the people with whom no limit was chosen
    python -m benchmarks.exercises --many 2 --bodies 4 --minutes 10

``seen`` is the share of plays in which the exercise could be judged for four fifths of the time; what follows is of those. ``off 1`` is the
share of plays whose count is off by one at most. Depth is from end to end.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from benchmarks.exercise_plays import CARDS, VIEWS, Body, Play, desk_work, plays
from posture._support import parameters
from posture._support.catalogue import movements
from posture.biomechanics import Parameters
from posture.engine import CounterState, ExerciseCounter, ExerciseResult, ExerciseSpec, Rejection, bouts_of, find_bouts

RIGHT = (
    ("cat_cow_seated", "cat_cow"),
    ("cat_cow_seated", "cat_cow_level"),
    ("pelvic_tilts_seated", "pelvic_tilt"),
    ("rotation_seated", "rotation"),
)
WRONG = (
    ("cat_cow_seated", "nod"),
    ("cat_cow_seated", "lean"),
    ("pelvic_tilts_seated", "lean"),
    ("pelvic_tilts_seated", "cat_cow"),
    ("rotation_seated", "swivel"),
)
HELD_OUT_FROM = 54
"""Number of the first drawn person with whom no limit was chosen and no gain was fitted."""
_TRUE = {"spinal_flexion": "spine", "quadruped_flexion": "spine", "pelvic_tilt": "pelvis", "axial_rotation": "axial"}
_TOLD = {Rejection.LEAN, Rejection.HEAD_ALONE, Rejection.TURNED_CHAIR, Rejection.OTHER_MOVEMENT}
_SMOOTH_S = 0.25
_SEEN_SHARE = 0.8


@dataclass(slots=True)
class Tally:
    """What came of the plays of one line of the table."""

    plays: int = 0
    seen: int = 0
    off: list[int] = field(default_factory=list)
    done: list[int] = field(default_factory=list)
    """Repetitions of each play that could be judged."""
    halves_off: list[int] = field(default_factory=list)
    depth_error_deg: list[float] = field(default_factory=list)
    within: list[bool] = field(default_factory=list)
    tempo_error_s: list[float] = field(default_factory=list)
    told: int = 0
    counted: int = 0
    repetitions: int = 0


def counted(spec: ExerciseSpec, play: Play) -> tuple[ExerciseResult, set[Rejection], float]:
    """Count a play; with the rejections, and the share of it that could be judged."""
    counter = ExerciseCounter(spec, smooth_s=_SMOOTH_S)
    judged = [counter.process(r).state not in (CounterState.UNSEEN, CounterState.WRONG_VIEW) for r in play.readings]
    return counter.finish(), {r.why for r in counter.rejections}, float(np.mean(judged))


def tally(spec: ExerciseSpec, some: Iterable[Play]) -> Tally:
    """Count plays."""
    t = Tally()
    for play in some:
        result, why, seen = counted(spec, play)
        t.plays += 1
        if seen < _SEEN_SHARE:
            continue
        t.seen += 1
        t.off.append(result.repetitions - play.repetitions)
        t.done.append(play.repetitions)
        t.halves_off.append(result.half_repetitions - play.halves)
        t.repetitions += play.repetitions
        t.counted += result.repetitions
        t.told += result.repetitions == 0 and bool(why & _TOLD)
        if result.depth_deg is not None and result.depth_sd_deg is not None and result.tempo_s is not None:
            error = result.depth_deg - play.depths_deg[_TRUE[spec.angle]]
            t.depth_error_deg.append(abs(error))
            t.within.append(abs(error) <= 2.0 * result.depth_sd_deg)
            t.tempo_error_s.append(abs(result.tempo_s - play.tempo_s))
    return t


def print_tables(bodies: list[Body], networks: Parameters, many: int) -> None:
    """Print the two tables: the movement itself, and others in its place."""
    specs = movements(every_view=True)
    done = {movement for _, movement in (*RIGHT, *WRONG)}
    kept = {(v, m): [p for b in bodies for p in plays(b, networks, v, m, many)] for v in VIEWS for m in sorted(done)}
    print("| exercise | movement | view | plays | seen | off 1 | exact | halves exact | depth error ° | in 2 sd | tempo error s |")
    print("| --- | --- | --- | --: | --: | --: | --: | --: | --: | --: | --: |")
    for exercise, movement in RIGHT:
        for view in reversed(VIEWS):
            t = tally(specs[exercise], kept[view, movement])
            off = np.abs(t.off)
            cells = [t.plays, mean([t.seen / t.plays]), mean(off <= 1), mean(off == 0), mean(np.array(t.halves_off) == 0)]
            cells += [mean(t.depth_error_deg, 1), mean(t.within), mean(t.tempo_error_s, 1)]
            print("|", " | ".join(map(str, (exercise, movement, view, *cells))), "|", flush=True)
    print("\n| asked for | done | view | plays | seen | told, none counted | counted of |")
    print("| --- | --- | --- | --: | --: | --: | --: |")
    for exercise, movement in WRONG:
        for view in reversed(VIEWS):
            t = tally(specs[exercise], kept[view, movement])
            told = mean([t.told / t.seen]) if t.seen else "-"
            print(
                f"| {exercise} | {movement} | {view} | {t.plays} | {t.seen / t.plays:.2f} | {told} | {t.counted} of {t.repetitions} |",
                flush=True,
            )


def print_desk_work(bodies: list[Body], networks: Parameters, minutes: float) -> None:
    """Print how many repetitions are found in `minutes` of desk work from each view, shared among the bodies.

    Counted as the program does, from the views that tell other movements apart: by who looks for any exercise, and by who counts each all
    the time, as if it had been asked for.
    """
    specs = {k: s for k, s in movements().items() if s.views}
    print("\n| view | minutes | found, any exercise |", " | ".join(f"{k} counted" for k in specs), "|")
    print("| --- | --: | --: |", " | ".join("--:" for _ in specs), "|")
    for view in reversed(VIEWS):
        seen = [r for b in bodies if (r := desk_work(b, networks, view, minutes / len(bodies)))]
        found = sum(b.result.repetitions for r in seen for b in find_bouts(r, specs.values(), smooth_s=_SMOOTH_S))
        alone = [sum(b.result.repetitions for r in seen for b in bouts_of(r, s, smooth_s=_SMOOTH_S)) for s in specs.values()]
        lasted_min = sum(r[-1].time_s for r in seen) / 60.0
        print(f"| {view} | {lasted_min:.0f} | {found} |", " | ".join(map(str, alone)), "|", flush=True)


def mean(values: object, digits: int = 2) -> str:
    """Return a mean in words; - of nothing."""
    some = np.asarray(values, float)
    return f"{some.mean():.{digits}f}" if some.size else "-"


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--many", type=int, default=4, help="plays of each movement, body and view")
    parser.add_argument("--bodies", type=int, help="only so many")
    parser.add_argument("--held-out", action="store_true", help="only people with whom no limit was chosen")
    parser.add_argument("--minutes", type=float, default=60.0, help="of desk work from each view")
    args = parser.parse_args()
    drawn = [Body(file) for file in sorted(CARDS.glob("*.npz"))]
    bodies = [b for b in drawn if b.number >= HELD_OUT_FROM or not args.held_out][: args.bodies]
    held_out = [f"{b.number:03d}" for b in bodies if b.number >= HELD_OUT_FROM]
    print(f"{len(bodies)} drawn people; no limit was chosen with {', '.join(held_out) or 'none of them'}\n")
    networks = parameters.load()
    print_tables(bodies, networks, args.many)
    print_desk_work(bodies, networks, args.minutes)


if __name__ == "__main__":
    main()
