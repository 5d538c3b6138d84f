"""Geometry of the timeline as SVG: coordinates only; ``templates/chart.svg.j2`` draws them, the page's style colours them.

One chart is laid out for a given width in CSS pixels, so that its letters keep their size on a phone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from posture.engine import RecordingResult, in_posture, joined
from posture.prompts import hold_words
from posture.reports.labels import IN_POSTURE, KIND_WORDS, STYLES, clock, degrees, in_posture_words, span_words
from posture.reports.recording import series
from posture.reports.recording.pictures import NO_PICTURES, Pictures, anchor, letter
from posture.reports.recording.series import AngleSeries, LinePiece
from posture.types import PromptLevel

Scale = Callable[[float], float]
_LEFT, _RIGHT = 40.0, 24.0
_LETTER = 6.3
"""Pixels that a letter of a label takes, about."""
_MARK = 20.0
"""Pixels between two marks of prompts that stand side by side."""


@dataclass(frozen=True, slots=True)
class ChartLabel:
    """Words at a place."""

    x: float
    y: float
    words: str


@dataclass(frozen=True, slots=True)
class Box:
    """A bar."""

    x: float
    y: float
    width: float
    height: float
    look: str
    """CSS class and pattern."""
    says: str
    """The tooltip."""
    link: str = ""
    """Place on the page of a picture of it."""


@dataclass(frozen=True, slots=True)
class PromptMark:
    """A prompt, numbered, or one that was held back."""

    x: float
    y: float
    number: int | None
    firm: bool
    says: str
    link: str = ""
    """Place on the page of a picture of it."""


@dataclass(frozen=True, slots=True)
class PictureMark:
    """A picture of the page."""

    x: float
    y: float
    letter: str
    says: str
    link: str


@dataclass(frozen=True, slots=True)
class AnglePanel:
    """One angle."""

    top: float
    height: float
    title: str
    about: str
    rows: list[ChartLabel]
    zero_y: float
    threshold_y: float
    threshold: str
    line: str
    """SVG path."""
    band: str
    seen: bool


@dataclass(frozen=True, slots=True)
class Chart:
    """A whole timeline."""

    name: str
    """Unique on the page; the patterns are named after it."""
    width: float
    height: float
    left: float
    right: float
    """x of the plot's right edge."""
    panels: list[AnglePanel]
    marks: list[PromptMark]
    shots: list[PictureMark]
    lanes: list[Box]
    lane_words: list[ChartLabel]
    strip: list[Box]
    strip_y: float
    strip_height: float
    times: list[ChartLabel]
    axis: str
    says: str
    """The chart in one sentence, for who cannot see it."""


def chart(analysis: RecordingResult, width: float, name: str, pictures: Pictures = NO_PICTURES) -> Chart:
    """Lay out the timeline in `width` CSS pixels, with links to the pictures of its page."""
    start, end = series.bounds(analysis)
    right = width - _RIGHT
    x = linear(start, end, _LEFT, right)
    columns = int(right - _LEFT)
    wide = width >= 600
    y, panels = 4.0, []
    for track in series.tracks(analysis, columns):
        panels.append(_panel(track, x, y + (24.0 if wide else 40.0), 118.0 if wide else 104.0, wide))
        y = panels[-1].top + panels[-1].height + 14.0
    marks, y = _marks(analysis, x, y + 10.0, pictures)
    lanes, lane_words, y = _lanes(analysis, x, y, width, pictures)
    shots, y = _shots(pictures, x, y)
    bars = [
        Box(x(b.start_s), y, max(0.6, x(b.end_s) - x(b.start_s)), 40.0, b.posture,
            f"{STYLES[b.posture].word}, {clock(b.start_s)} to {clock(b.end_s)}")
        for b in series.strip(analysis, columns)
    ]  # fmt: skip
    most = max(2, int(columns / 72))
    times = [ChartLabel(x(t), y + 58.0, words) for t, words in series.ticks(start, end, most)]
    return Chart(
        name, width, y + 84.0, _LEFT, right, panels, marks, shots, lanes, lane_words, bars, y, 40.0, times,
        series.axis_words(end, start, most), _says(analysis, start, end),
    )  # fmt: skip


def linear(low: float, high: float, to_low: float, to_high: float) -> Scale:
    """Return what maps `low` to `to_low` and `high` to `to_high`, to a tenth of a pixel."""
    return lambda value: round(to_low + (value - low) / (high - low) * (to_high - to_low), 1)


def _panel(track: AngleSeries, x: Scale, top: float, height: float, wide: bool) -> AnglePanel:
    y = linear(track.low_deg, track.high_deg, top + height, top)
    sd = f"; shaded {track.sd_words}" if track.sd_words else ""
    return AnglePanel(
        top,
        height,
        track.angle.label,
        track.angle.positive + (sd if wide else ""),
        [ChartLabel(_LEFT - 7.0, y(v), degrees(v)) for v in series.degree_ticks(track.low_deg, track.high_deg)],
        y(0.0),
        y(track.threshold_deg),
        track.threshold_words,
        " ".join(line_path(p, x, y) for p in track.pieces),
        " ".join(band_path(p, x, y) for p in track.pieces if len(p.band_s) > 1),
        bool(track.pieces),
    )


def _points(times: Sequence[float], values: Sequence[float], x: Scale, y: Scale) -> list[str]:
    return [f"{x(t):g} {y(v):g}" for t, v in zip(times, values, strict=True)]


def line_path(piece: LinePiece, x: Scale, y: Scale) -> str:
    """Return a piece of a line as an SVG path."""
    points = _points(piece.time_s.tolist(), piece.deg.tolist(), x, y)
    return "M" + "L".join(points if len(points) > 1 else points * 2)  # a single point shows as the line's round cap


def band_path(piece: LinePiece, x: Scale, y: Scale) -> str:
    """Return the band around a piece of a line as an SVG path."""
    times = piece.band_s.tolist()
    return "M" + "L".join(_points(times, piece.high.tolist(), x, y) + _points(times, piece.low.tolist(), x, y)[::-1]) + "Z"


def _rows(places: Sequence[float]) -> list[int]:
    """Return in which of three rows each mark goes, so that as few as possible lie on one another; `places`: their x, in order."""
    last, out = [float("-inf")] * 3, []
    for at in places:
        row = next((i for i, before in enumerate(last) if at - before >= _MARK), 2)
        last[row] = at
        out.append(row)
    return out


def _shots(pictures: Pictures, x: Scale, y: float) -> tuple[list[PictureMark], float]:
    """Place a lettered mark for each picture."""
    rows = _rows([x(p.time_s) for p in pictures.shown])
    marks = [
        PictureMark(x(p.time_s), y + 9.0 + row * _MARK, letter(n), f"picture {letter(n)} at {clock(p.time_s)}", anchor(n))
        for n, (p, row) in enumerate(zip(pictures.shown, rows, strict=True), 1)
    ]
    return marks, y + (max(rows) + 1) * _MARK + 4.0 if rows else y


def _marks(analysis: RecordingResult, x: Scale, y: float, pictures: Pictures) -> tuple[list[PromptMark], float]:
    """Place the numbered marks; those that would lie on one another go to a second or third row."""
    places = _rows([x(p.time_s) for p in analysis.shown])
    marks = [
        PromptMark(
            x(p.time_s),
            y + row * _MARK,
            number,
            p.step is PromptLevel.FIRM,
            f"reminder {number} at {clock(p.time_s)}",
            _link(pictures.of_prompt(number)),
        )
        for number, (p, row) in enumerate(zip(analysis.shown, places, strict=True), 1)
    ]
    rows = max((row + 1 for row in places), default=1 if analysis.held else 0)
    whys = [hold_words(h.hold, clock, own=analysis.own_day) for h in analysis.held]
    times = [h.time_s for h in analysis.held]
    held = [PromptMark(x(t), y, None, False, f"held back at {clock(t)}: {why}") for t, why in zip(times, whys, strict=True)]
    return held + marks, y + rows * _MARK - (6.0 if rows else 12.0)


def _link(number: int | None) -> str:
    return "" if number is None else anchor(number)


def _lanes(analysis: RecordingResult, x: Scale, y: float, width: float, pictures: Pictures) -> tuple[list[Box], list[ChartLabel], float]:
    """Return a lane for each kind of episode: a thin line from start to end, bars of the time in the posture, words where there is room."""
    boxes: list[Box] = []
    words: list[ChartLabel] = []
    start_s, end_s = series.bounds(analysis)
    pixel_s = (end_s - start_s) / width
    for kind, mine in series.lanes(analysis).items():
        for e in mine:
            says = f"{KIND_WORDS[kind]}, {in_posture_words(e)} {IN_POSTURE}, from {clock(e.start_s)} to {clock(e.end_s)}"
            link = _link(pictures.of_episode(e))
            boxes.append(Box(x(e.start_s), y + 20.0, max(2.0, x(e.end_s) - x(e.start_s)), 1.0, "lane-whole", says, link))
            for start, end in joined(in_posture(e, analysis.spans), pixel_s):
                boxes.append(Box(x(start), y + 17.0, max(2.0, x(end) - x(start)), 7.0, f"lane-{kind}", says, link))
        words += [ChartLabel(round(at, 1), y + 12.0, said) for at, said in series.lane_labels(series.bars_of(mine, x), _LETTER, width)]
        y += 27.0
    return boxes, words, y + 8.0


def _says(analysis: RecordingResult, start: float, end: float) -> str:
    s = analysis.summary
    parts = ", ".join(f"{STYLES[p].word} {span_words(v)}" for p, v in s.seconds.items() if v > 0)
    return (
        f"Angles and postures from {clock(start)} to {clock(end)}: {parts or 'nothing measured'}. The tables below say the same in numbers."
    )
