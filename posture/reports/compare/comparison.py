"""The comparison itself: sides, figures, differences, and what has to be known to read them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from posture.ergonomics import Difference, Drawn, Spread, difference_of, paired_difference, spread_of, undrawn, unpaired_difference
from posture.errors import PostureError
from posture.reports.archive.groups import SUBJECT
from posture.reports.compare.measures import COMPARED, ComparedMeasure, resampled
from posture.reports.labels import count_words
from posture.reports.results.folder import ResultFolder
from posture.types import MEASURED


@dataclass(frozen=True, slots=True)
class Side:
    """One recording, or a set of them."""

    label: str
    results: tuple[ResultFolder, ...]

    @property
    def subjects(self) -> int:
        """How many different subjects are named."""
        return len({r.groups[SUBJECT] for r in self.results if SUBJECT in r.groups})

    @property
    def measured_s(self) -> float:
        """Seconds in which the posture was measured."""
        return sum(float(r.summary["seconds"].get(p.value, 0.0)) for r in self.results for p in MEASURED)

    @property
    def words(self) -> str:
        """How many recordings and subjects."""
        subjects = f", {count_words(self.subjects, 'subject')}" if self.subjects else ""
        return count_words(len(self.results), "recording") + subjects


@dataclass(frozen=True, slots=True)
class Compared:
    """One figure of both sides."""

    measure: ComparedMeasure
    first: Spread | None
    """Over the units of the side: one recording, or its subjects or recordings; ``None`` where it is not known of any."""
    second: Spread | None
    difference: Difference | None
    """Second minus first; ``None`` where it is not known of both."""
    values: tuple[tuple[tuple[str, float], ...], tuple[tuple[str, float], ...]]
    """Of each side the name of each unit, and its value."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two sides, one figure below the other."""

    first: Side
    second: Side
    rows: tuple[Compared, ...]
    notes: tuple[str, ...]

    @property
    def of_two(self) -> bool:
        """Whether it is of two recordings, whose course can be shown."""
        return len(self.first.results) == len(self.second.results) == 1

    @property
    def paired(self) -> bool:
        """Whether the same subjects are compared with themselves."""
        return not self.of_two and len(_shared(self.first, self.second)) > 1


@dataclass(frozen=True, slots=True)
class _Figures:
    """Those of one recording; its readings are forgotten, as those of a study do not fit the memory."""

    result: ResultFolder
    drawn: Mapping[str, Drawn]
    view: str | None
    """The one in which most readings were taken."""


def comparison_of(first: Side, second: Side) -> Comparison:
    """Compare two sides.

    Raises:
        PostureError: they share results, no figure is known of both, or a file cannot be read.
    """
    both = {r.folder.resolve() for r in first.results} & {r.folder.resolve() for r in second.results}
    if both:
        raise PostureError(f"{min(both)}: is on both sides, and would be compared with itself")
    one = len(first.results) == len(second.results) == 1
    figures = [[_figures(r, n if one else None) for r in side.results] for n, side in enumerate((first, second))]
    rows = tuple(_of_recordings(figures[0][0], figures[1][0]) if one else _of_sets(first, second, figures))
    if all(row.difference is None for row in rows):
        raise PostureError(f"nothing was measured in both {first.label} and {second.label}")
    return Comparison(first, second, rows, tuple(_notes(first, second, [*figures[0], *figures[1]])))


def _figures(result: ResultFolder, seed: int | None) -> _Figures:
    """Return the figures of a recording, with draws if there is a seed for them."""
    read = ResultFolder(result.folder, result.summary)
    resampling = undrawn(len(read.readings["time_s"])) if seed is None else resampled(read, seed)
    found = {m.name: None if resampling is None else m.of(read, resampling) for m in COMPARED}
    views = [view for view in read.readings.get("view", ()) if view]
    drawn = {name: one for name, one in found.items() if one is not None}
    return _Figures(result, drawn, max(set(views), key=views.count) if views else None)


def _of_recordings(a: _Figures, b: _Figures) -> Iterator[Compared]:
    for measure in COMPARED:
        x, y = (one.drawn.get(measure.name) for one in (a, b))
        difference = None
        if x is not None and y is not None:
            counted = not x.method
            difference = Difference(y.value - x.value, None, None, "none: how sure it is isn't known") if counted else difference_of(x, y)
        first, second = (() if one is None else ((f.result.name, one.value),) for f, one in ((a, x), (b, y)))
        yield Compared(measure, _spread(x), _spread(y), difference, (first, second))


def _spread(drawn: Drawn | None) -> Spread | None:
    return None if drawn is None else spread_of([drawn.value])


def _of_sets(first: Side, second: Side, figures: Sequence[Sequence[_Figures]]) -> Iterator[Compared]:
    shared, named = _shared(first, second), _all_named(first, second)
    for measure in COMPARED:
        values = [[(f.result, f.drawn[measure.name].value) for f in side if measure.name in f.drawn] for side in figures]
        a, b = (_by_unit(v, by_subject=named or len(shared) > 1) for v in values)
        pairs = {name: (a[name], b[name]) for name in a if name in b and name in shared}
        difference = None
        if len(pairs) > 1:
            a, b = ({name: pair[i] for name, pair in pairs.items()} for i in (0, 1))
            difference = paired_difference(list(pairs.values()))
        elif a and b:
            difference = unpaired_difference(list(a.values()), list(b.values()), "subjects" if named else "recordings")
        yield Compared(measure, spread_of(a.values()), spread_of(b.values()), difference, (tuple(a.items()), tuple(b.items())))


def _by_unit(values: Sequence[tuple[ResultFolder, float]], *, by_subject: bool) -> dict[str, float]:
    """Return the mean of each subject's recordings, or the value of each recording."""
    found: dict[str, list[float]] = {}
    for result, value in values:
        subject = result.groups.get(SUBJECT)
        found.setdefault(subject if by_subject and subject else str(result.path), []).append(value)
    return {name: fmean(several) for name, several in found.items()}


def _shared(first: Side, second: Side) -> set[str]:
    """Return the subjects that are on both sides."""
    a, b = ({r.groups[SUBJECT] for r in side.results if SUBJECT in r.groups} for side in (first, second))
    return a & b


def _all_named(first: Side, second: Side) -> bool:
    return all(SUBJECT in r.groups for side in (first, second) for r in side.results)


def _notes(first: Side, second: Side, figures: Sequence[_Figures]) -> Iterator[str]:
    results = [f.result for f in figures]
    if len(results) > 2:
        if len(_shared(first, second)) > 1:
            left_out = {r.groups.get(SUBJECT) for r in results} - _shared(first, second)
            yield "The same subjects are compared with themselves; each weighs the same, and several recordings of one are averaged first."
            if left_out:
                yield f"Left out, as they are on one side only or without a name: {len(left_out)} of the subjects."
        else:
            yield "Each subject, or each recording where no subject is named, weighs the same, however long it is."
    for what, values in _ways(figures).items():
        if len(values) > 1:
            yield f"Not all were measured alike: {what} {' and '.join(sorted(values))}. A difference may come from that."
    if any(r.facts("neutral").get("source") == "automatic" for r in results):
        yield (
            "An upright reference was chosen automatically, so spinal flexion, pelvic tilt and leaning or slumped are against "
            "positions that may differ from recording to recording."
        )
    partial = sum(r.summary.get("partial") is not None for r in results)
    if partial:
        yield f"{count_words(partial, 'recording')} could be analysed only in part."


def _ways(figures: Sequence[_Figures]) -> Mapping[str, set[str]]:
    """Return how the recordings were measured, by what it is called."""
    found: dict[str, set[str]] = {"the view was": set(), "the pose model was": set(), "the program's version was": set(), "settings": set()}
    for f in figures:
        found["the view was"] |= {f.view} if f.view else set()
        found["the pose model was"] |= {str(f.result.facts("model").get("name"))}
        found["the program's version was"] |= {str(f.result.facts("versions").get("posture"))}
        found["settings"] |= {", ".join(f"{k} = {v}" for k, v in sorted(f.result.facts("changed_settings").items())) or "by default"}
    return found
