"""How well a measurement agrees with itself: run again, on a re-encoded file, and with the neutral taken from other seconds.

    python -m benchmarks.reliability [CLIP ...] [--neutral 0-0.7] [--work DIR] [--no-versions]

CLIP: the rendered clips of sample_videos/ by default. The neutral needs a truth table NAME.csv beside NAME.mp4, as
benchmarks/accuracy.py has it. It prints

    again      whether the tables of a second run, by two processes, are the same byte for byte
    sits again drawn people who were left out of the fit sit down again in their neutral (benchmarks/seated): the change that is read, less
               the true one; the typical error is its root mean square over the square root of 2 (Hopkins, Sports Medicine 2000)
    re-encoded the clip in other ways (needs ffmpeg), each with its own neutral of the same seconds: mean, sd and 95th percentile of the
               differences to the clip itself, reading by reading, beside the median sd that the readings give, and the share of readings
               with another posture. ``small`` has 480 lines, or two thirds of the clip's where it has no more
    neutral    test and retest: two neutrals from spans of 0.6 s each, in both of which the truth is within 3 degrees of the clip's
               start; what the other neutral changes, less the true difference, of all pairs; and the typical error
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np

from benchmarks.seated import score
from benchmarks.truth import NEUTRAL_END_S, Floats, Truth, read_truth
from posture._support import catalogue, parameters
from posture.cli.analyze_options import neutral_span_of
from posture.engine import RecordingResult
from posture.pose import weights
from posture.recordings import parts
from posture.recordings.analysis import analyze, analyze_measured
from posture.recordings.job import Job
from posture.recordings.measuring import task_of
from posture.recordings.merging import Measured, PartMerger
from posture.reports.recording.tables import episodes_csv, readings_csv
from posture.settings import Settings
from tools.fit_kinematics import rows

SAMPLES = Path(__file__).resolve().parents[1] / "sample_videos"
CLIPS = (
    *("side_mixed_male1", "side_tilt_female1", "side_day_male1", "diag_flexion_male1"),
    *("front_mixed_female1", "front_slump_male1", "front_day_female1"),
)
LONG, LONG_S = SAMPLES / "desk_day.mp4", 150.0
"""Cut into parts, which the processes share."""
ANGLES = {"trunk": "trunk_flexion", "spine": "spinal_flexion", "pelvis": "pelvic_tilt"}
VERSIONS = {
    "container": ["-c:v", "copy"],
    "h264 crf 23": ["-c:v", "libx264", "-preset", "medium", "-crf", "23"],
    "h264 crf 35": ["-c:v", "libx264", "-preset", "medium", "-crf", "35"],
    "hevc crf 28": ["-c:v", "libx265", "-preset", "medium", "-crf", "28", "-x265-params", "log-level=error"],
    "small": ["-vf", "scale=-2:'if(gt(ih,480),480,trunc(ih/3)*2)'", "-c:v", "libx264", "-preset", "medium", "-crf", "20"],
}
SPAN_S, NEAR_DEG, TOGETHER_S = 0.6, 3.0, 0.05


def job_of(span: tuple[float, float] | None) -> Job:
    """How a clip is measured: five times a second, every time."""
    return Job(Settings(), weights.resolve("full"), {}, catalogue.load(), neutral_span=span)


def measured(clip: Path) -> Measured:
    """What the pictures of a clip show; measured in this process."""
    merger = PartMerger(None, keep_poses=False)
    merger.add(parts.measure(task_of(clip, job_of(None))))
    return merger.finish()


def column(result: RecordingResult, name: str) -> tuple[Floats, Floats]:
    """Degrees and sds of an angle, NaN where it is unknown."""
    found = [getattr(j.reading, name) for j in result.judged]
    return np.array([np.nan if e is None else e.deg for e in found]), np.array([np.nan if e is None else e.sd_deg for e in found])


def times(result: RecordingResult) -> Floats:
    """When the readings are, seconds."""
    return np.array([j.reading.time_s for j in result.judged])


def again(clip: Path, span: tuple[float, float]) -> bool:
    """Whether a second run gives the same."""
    tables = []
    for jobs in (1, 2):
        result = analyze(clip, replace(job_of(span), jobs=jobs, end_s=LONG_S))
        tables.append((readings_csv(result), episodes_csv(result)))
    return tables[0] == tables[1]


def encoded(clip: Path, work: Path) -> Iterator[tuple[str, Path]]:
    """The clip, in other ways."""
    for name, how in VERSIONS.items():
        made = work / f"{clip.stem} {name}.mkv"
        subprocess.run(["ffmpeg", "-y", "-loglevel", "error", "-i", clip, "-an", *how, made], check=True)
        yield name, made


def against(one: RecordingResult, other: RecordingResult) -> tuple[dict[str, tuple[Floats, Floats]], Floats]:
    """Differences and sds of each angle at the same times, and whether the postures differ."""
    t, u = times(one), times(other)
    if not (len(t) and len(u)):
        return {}, np.empty(0)
    near = np.abs(u[None, :] - t[:, None]).argmin(axis=1)
    same = np.abs(u[near] - t) <= TOGETHER_S
    found = {}
    for short, name in ANGLES.items():
        (a, sd), (b, _) = column(one, name), column(other, name)
        found[short] = (b[near] - a)[same], sd[same]
    postures = np.array([j.posture for j in one.judged], object) != np.array([j.posture for j in other.judged], object)[near]
    return found, postures[same].astype(float)


def spans_of(truth: Truth) -> list[tuple[float, float]]:
    """Spans, one after the other, in which the truth is as at the clip's start."""
    away = np.max([np.abs(truth.change(name)) for name in ANGLES], axis=0)
    out: list[tuple[float, float]] = []
    start = 0.0
    while start + SPAN_S <= truth.time_s[-1]:
        inside = (truth.time_s >= start) & (truth.time_s <= start + SPAN_S)
        fits = bool(inside.any()) and bool((away[inside] <= NEAR_DEG).all())
        out += [(start, start + SPAN_S)] if fits else []
        start += SPAN_S if fits else 0.2
    return out


def retests(seen: Measured, truth: Truth) -> dict[str, list[float]]:
    """For each pair of neutrals, what the other one changes, less the true difference; of each angle, degrees."""
    found: dict[str, list[float]] = {name: [] for name in ANGLES}
    spans = spans_of(truth)
    results = [analyze_measured(seen, job_of(span)) for span in spans]
    for (a, span_a), (b, span_b) in combinations(zip(results, spans, strict=True), 2):
        for short, name in ANGLES.items():
            moved = np.nanmean(_changes(b, name) - _changes(a, name)) if _seen(a, b, name) else np.nan
            true = _mean(truth, short, span_a) - _mean(truth, short, span_b)
            found[short] += [float(moved - true)] if np.isfinite(moved) else []
    return found


def _changes(result: RecordingResult, name: str) -> Floats:
    if name == "trunk_flexion":
        return np.array([np.nan if (e := j.reading.trunk_change) is None else e.deg for j in result.judged])
    return column(result, name)[0]


def _seen(a: RecordingResult, b: RecordingResult, name: str) -> bool:
    return bool(np.isfinite(_changes(a, name) + _changes(b, name)).any())


def _mean(truth: Truth, short: str, span: tuple[float, float]) -> float:
    inside = (truth.time_s >= span[0]) & (truth.time_s <= span[1])
    return float(getattr(truth, short)[inside].mean())


def sits_again() -> None:
    """Print how well sitting down again is read as what it is, by view."""
    print("\ndrawn people who sit down again: pictures, people, root mean square of the error, typical error, degrees")
    found: dict[tuple[str, str], list[Floats]] = {}
    ours = score.ours(parameters.load())
    for s in score.stretches(rows.load(rows.ROWS)):
        read, chosen = ours(s), np.array([str(kind) == "again" for kind in s.kinds])
        for i, quantity in enumerate(score.QUANTITIES):
            error = (read[quantity][0] - s.truth[:, i])[chosen]
            key = score.true_view(s.yaw_deg), quantity
            found.setdefault(key, []).append(np.column_stack([error, np.full(len(error), s.person)])[np.isfinite(error)])
    for (view, quantity), errors in sorted(found.items()):
        error, person = np.concatenate(errors).T
        if len(error) > 20:
            rms = float(np.sqrt(np.square(error).mean()))
            print(f"{view:8} {quantity:7} {len(error):4d} {len(np.unique(person)):4d} {rms:5.2f} {rms / np.sqrt(2.0):5.2f}", flush=True)


def view_of(clip: Path) -> str:
    """The view in the name of a clip."""
    return next((word for word in ("side", "front", "diag") if word in clip.stem), "other")


def versions(clips: Mapping[Path, Measured], span: tuple[float, float], work: Path) -> None:
    """Print how re-encoded files differ, by view."""
    kept: dict[tuple[str, str, str], list[tuple[Floats, Floats]]] = {}
    postures: dict[tuple[str, str], list[Floats]] = {}
    for clip, seen in clips.items():
        first = analyze_measured(seen, job_of(span))
        for name, made in encoded(clip, work):
            found, other = against(first, analyze_measured(measured(made), job_of(span)))
            postures.setdefault((view_of(clip), name), []).append(other)
            for short, pair in found.items():
                kept.setdefault((view_of(clip), name, short), []).append(pair)
    print("\nre-encoded: difference to the clip itself, degrees (mean, sd, 95 % within; sd given), and readings with another posture")
    for (view, name), share in postures.items():
        cells = []
        for short in ANGLES:
            d, sd = (np.concatenate([pair[i] for pair in kept.get((view, name, short), [])] or [np.empty(0)]) for i in (0, 1))
            known = np.isfinite(d)
            if known.sum() < 5:
                cells.append(f"{short} unknown")
                continue
            wide = np.percentile(np.abs(d[known]), 95)
            cells.append(f"{short} {d[known].mean():+.2f} {d[known].std():.2f} {wide:.2f}; {np.nanmedian(sd):.1f}")
        print(f"{view:6} {name:12} {'   '.join(cells)}   other posture {100 * np.concatenate(share).mean():.1f} %", flush=True)


def neutrals(clips: Mapping[Path, Measured]) -> None:
    """Print what another neutral changes, by view."""
    print("\nneutral from other seconds: difference less the true one, degrees (pairs, root mean square, typical error)")
    by_view: dict[tuple[str, str], list[float]] = {}
    for clip, seen in clips.items():
        table = clip.with_suffix(".csv")
        if table.exists():
            for short, values in retests(seen, read_truth(table)).items():
                by_view.setdefault((view_of(clip), short), []).extend(values)
    for (view, short), values in by_view.items():
        if len(values) > 1:
            rms = float(np.sqrt(np.mean(np.square(values))))
            print(f"{view:6} {short:7} {len(values):4d} {rms:.2f} {rms / np.sqrt(2.0):.2f}", flush=True)


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clips", nargs="*", type=Path)
    parser.add_argument("--neutral", default=f"0-{NEUTRAL_END_S:g}")
    parser.add_argument("--work", type=Path)
    parser.add_argument("--no-versions", action="store_true")
    asked = parser.parse_args()
    if not asked.no_versions and shutil.which("ffmpeg") is None:
        parser.error("there is no ffmpeg to encode with; --no-versions goes without")
    clips = asked.clips or [SAMPLES / f"{name}.mp4" for name in CLIPS]
    span = neutral_span_of(asked.neutral, (None, None), ())
    assert span is not None
    with tempfile.TemporaryDirectory() as folder:
        work = asked.work or Path(folder)
        for clip in [clips[0], LONG] if not asked.clips else clips[:1]:
            print(f"again  {clip.name}: {'the same, byte for byte' if again(clip, span) else 'NOT the same'}", flush=True)
        if not asked.clips:
            sits_again()
        seen = {clip: measured(clip) for clip in clips}
        neutrals(seen)
        if not asked.no_versions:
            versions(seen, span, work)
    for finder in parts._finders.values():
        finder.close()


if __name__ == "__main__":
    main()
