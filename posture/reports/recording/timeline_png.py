"""``timeline.png``: angles and postures over time, made for paper: hatched, labelled, readable without colour.

Drawn with matplotlib's figure objects alone, so that no display is needed and no state of the process changes.
"""

from __future__ import annotations

import io
import textwrap
import warnings
from typing import TYPE_CHECKING

import numpy as np

from posture._support import printable
from posture.engine import RecordingResult, in_posture, joined
from posture.prompts import Catalogue
from posture.reports.labels import KIND_COLOURS, STYLES, clock, degrees, disclaimer, facts_words, share_words
from posture.reports.recording import series
from posture.reports.recording.series import AngleSeries
from posture.types import EpisodeKind, Posture, PromptLevel

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH_IN = 11.0
DPI = 150
INK, MUTED, LINE = "#1c2126", "#515b64", "#16425b"
_COLUMNS = 1400
_TICKS = 12
_LISTED = 8
_HATCH = {EpisodeKind.FLEXED: "", EpisodeKind.ANTERIOR_TILT: "xxxx", EpisodeKind.SITTING: "||||", EpisodeKind.STILLNESS: "...."}


def timeline_png(analysis: RecordingResult, catalogue: Catalogue) -> bytes:
    """Return the picture as PNG, 1650 pixels wide; its height follows what there is to show."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415

    figure = _figure(analysis, catalogue)
    out = io.BytesIO()
    canvas = FigureCanvasAgg(figure)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing")  # a file name may be written in any script; a box stands for it
        canvas.print_png(out)  # type: ignore[no-untyped-call] # matplotlib's, without types
    return out.getvalue()


def _figure(analysis: RecordingResult, catalogue: Catalogue) -> Figure:
    from matplotlib.figure import Figure  # noqa: PLC0415

    shown = series.tracks(analysis, _COLUMNS)
    kinds = len(series.lanes(analysis))
    listed = _prompt_lines(analysis, catalogue)
    # Rows in inches: head, angles, lanes of episodes and prompts, strip, legend and list.
    head, angle, lane, band, foot = 0.62, 1.55, 0.34 + 0.24 * kinds, 0.5, 1.11 + 0.17 * (len(listed) + len(_keys(analysis)))
    height = head + len(shown) * (angle + 0.3) + lane + band + foot
    figure = Figure(figsize=(WIDTH_IN, height), dpi=DPI, facecolor="white")
    start, end = series.bounds(analysis)
    left, width = 0.062, 0.92

    def axes(top_in: float, height_in: float) -> Axes:
        box = figure.add_axes((left, 1 - (top_in + height_in) / height, width, height_in / height))
        box.set_xlim(start, end)
        return box

    _head(figure, analysis, height)
    top = head
    panels = []
    for track in shown:
        panels.append(axes(top + 0.24, angle))
        _draw_track(panels[-1], track)
        top += angle + 0.3
    _draw_lanes(axes(top, lane), analysis)
    for box in panels:
        for p in analysis.shown:
            box.axvline(p.time_s, color=MUTED, lw=0.7, ls=(0, (2, 2)), zorder=1)
    below = axes(top + lane, band)
    _draw_strip(below, analysis)
    marks = series.ticks(start, end, _TICKS)
    below.set_xticks([t for t, _ in marks], [label for _, label in marks])
    below.set_xlabel(series.axis_words(end, start, _TICKS), fontsize=8.5, color=MUTED)
    _foot(figure, analysis, listed, height)
    return figure


def _head(figure: Figure, analysis: RecordingResult, height: float) -> None:
    name = textwrap.shorten(printable(analysis.video.name), 70, placeholder=" …")
    figure.text(0.018, 1 - 0.26 / height, name, fontsize=13, weight="bold", color=INK, va="center", parse_math=False)
    figure.text(0.018, 1 - 0.47 / height, " · ".join(facts_words(analysis)), fontsize=9, color=MUTED, va="center")


def _draw_track(box: Axes, track: AngleSeries) -> None:
    box.set_title(track.angle.label, loc="left", fontsize=9.5, weight="bold", color=INK, pad=4)
    sd = f" · band: {track.sd_words}" if track.sd_words else ""
    box.set_title(f"{track.angle.positive}{sd} · dashed: {track.threshold_words}", loc="right", fontsize=8, color=MUTED, pad=4)
    box.set_ylim(track.low_deg, track.high_deg)
    rows = series.degree_ticks(track.low_deg, track.high_deg)
    box.set_yticks(rows, [degrees(v) for v in rows])
    box.grid(axis="y", color="#e3e6e9", lw=0.7)
    box.axhline(0.0, color="#8b949c", lw=0.8)
    for piece in track.pieces:
        box.fill_between(piece.band_s, piece.low, piece.high, color="#b9cfdb", lw=0, zorder=2)
        if len(piece.time_s) == 1:
            box.plot(piece.time_s, piece.deg, marker=".", ms=3, color=LINE, zorder=3)
    if track.pieces:
        gap = np.array([np.nan])
        time_s = np.concatenate([np.r_[p.time_s, gap] for p in track.pieces])
        deg = np.concatenate([np.r_[p.deg, gap] for p in track.pieces])
        box.plot(time_s, deg, color=LINE, lw=0.9, zorder=3)
    else:
        box.text(0.5, 0.5, "not seen in this recording", transform=box.transAxes, ha="center", va="center", fontsize=9, color=MUTED)
    box.axhline(track.threshold_deg, color=KIND_COLOURS[EpisodeKind.FLEXED], lw=1.1, ls=(0, (6, 3)), zorder=4)
    box.tick_params(axis="both", length=0, labelsize=8, labelcolor=MUTED)
    box.set_xticks([])
    _quiet(box)


def _draw_lanes(box: Axes, analysis: RecordingResult) -> None:
    """Draw prompts as numbered marks on top, below them a lane of bars for each kind of episode."""
    found = series.lanes(analysis)
    box.set_ylim(-0.24 * len(found), 0.34)
    start, end = box.get_xlim()
    for number, p in enumerate(analysis.shown, 1):
        firm = p.step is PromptLevel.FIRM
        box.annotate(
            str(number), (p.time_s, 0.16), ha="center", va="center", fontsize=7.5, weight="bold", zorder=4,
            color="white" if not firm else INK, annotation_clip=False,
            bbox={"boxstyle": "circle,pad=0.25", "fc": INK if not firm else "white", "ec": INK, "lw": 1.0},
        )  # fmt: skip
    for h in analysis.held:
        box.plot(h.time_s, 0.16, marker="x", ms=5, mew=1.2, color=MUTED, zorder=3, clip_on=False)
    for lane, (kind, mine) in enumerate(found.items()):
        y = -0.24 * lane - 0.2
        for e in mine:
            box.plot((e.start_s, e.end_s), (y + 0.04, y + 0.04), color=KIND_COLOURS[kind], lw=0.9, solid_capstyle="butt", zorder=0.9)
            parts = joined(in_posture(e, analysis.spans), (end - start) / _COLUMNS)
            bars = [(a, max(b - a, (end - start) / 400)) for a, b in parts]
            box.broken_barh(bars, (y, 0.08), fc=KIND_COLOURS[kind] if kind is EpisodeKind.FLEXED else "white",
                            ec=KIND_COLOURS[kind], lw=0.9, hatch=_HATCH[kind])  # fmt: skip
        for at, words in series.lane_labels(series.bars_of(mine), (end - start) * 0.0066, end):
            box.text(at, y + 0.1, words, fontsize=7.5, color=INK, va="bottom")
    box.set_axis_off()


def _draw_strip(box: Axes, analysis: RecordingResult) -> None:
    box.set_ylim(0, 1)
    blocks = series.strip(analysis, _COLUMNS)
    for posture, look in STYLES.items():
        bars = [(b.start_s, b.end_s - b.start_s) for b in blocks if b.posture is posture]
        if bars:
            box.broken_barh(bars, (0, 1), fc=look.colour, ec=_hatch_ink(posture), hatch=look.hatch, lw=0.0)
    box.set_yticks([])
    box.tick_params(axis="x", length=3, labelsize=8.5, labelcolor=INK, color=MUTED)
    for side in box.spines.values():
        side.set(color=INK, lw=0.8)


def _foot(figure: Figure, analysis: RecordingResult, listed: list[str], height: float) -> None:
    from matplotlib.patches import Patch  # noqa: PLC0415

    s = analysis.summary
    handles = [
        Patch(fc=k.colour, ec=_hatch_ink(p), hatch=k.hatch, lw=0.8, label=f"{k.word} · {share_words(s.seconds.get(p, 0.0), s.total_s)}")
        for p, k in STYLES.items()
    ]
    keys = _keys(analysis)
    text_in = 0.3 + 0.17 * (len(listed) + len(keys))
    figure.legend(
        handles=handles, loc="lower left", bbox_to_anchor=(0.052, (text_in + 0.02) / height), ncols=5, frameon=False, fontsize=9,
        labelcolor=INK, handlelength=2.6, handleheight=1.5, columnspacing=1.8, borderaxespad=0,
    )  # fmt: skip
    y = text_in
    for key in keys:
        figure.text(0.062, (y - 0.1) / height, key, fontsize=8, color=MUTED, va="center")
        y -= 0.17
    for line in listed:
        figure.text(0.062, (y - 0.1) / height, line, fontsize=8, color=INK, va="center", parse_math=False)
        y -= 0.17
    figure.text(0.062, 0.13 / height, disclaimer(analysis), fontsize=7.5, color=MUTED, va="center")


def _keys(analysis: RecordingResult) -> list[str]:
    """Return what the marks mean, of those that there are."""
    marks = "Reminders:  ● first   ○ second, firmer   x held back; the dashed lines mark them"
    bars = "Postures held for long:  the bars, and the lengths, are the time in the posture; the thin lines reach from start to end"
    return [*([bars] if analysis.sustained() else []), *([marks] if analysis.shown or analysis.held else [])]


def _prompt_lines(analysis: RecordingResult, catalogue: Catalogue) -> list[str]:
    lines = []
    for number, p in enumerate(analysis.shown, 1):
        lines.append(f"{number}   {clock(p.time_s)}   {catalogue.title_of(p.prompt_id)}")
    more = len(lines) - _LISTED
    return lines if more <= 0 else [*lines[:_LISTED], f"… and {more} more, in report.html"]


def _hatch_ink(posture: Posture) -> str:
    """Return colour of the hatch: light on the dark classes, dark on the light ones."""
    return {Posture.FLEXED: "#ffd9c7", Posture.ANTERIOR_TILT: "#f0e2f5"}.get(posture, "#6b757e")


def _quiet(box: Axes) -> None:
    for side in ("top", "right", "bottom"):
        box.spines[side].set_visible(False)
    box.spines["left"].set_color("#c3c9ce")
