"""The plot beside an annotated video: each angle over time, the postures below, and where the video is.

A recording of up to three minutes is shown whole, with a line that runs through it; of a longer one, the two minutes around
the moment. What lies ahead is drawn paler: it is known, because the video is drawn after the recording was measured.
"""

from __future__ import annotations

import numpy as np

from posture._support import load_cv2
from posture.engine import RecordingResult
from posture.reports.labels import STYLES, clock, degrees
from posture.reports.recording.drawing import GROUND, PALE, point, text, text_width
from posture.reports.recording.series import AngleSeries, bounds, degree_ticks, ticks, tracks
from posture.types import ByteArray, ClassifiedReading, Posture

LEAST_HEIGHT = 180
"""Pixels; beside a smaller picture nothing could be read, and there is no plot."""
_WHOLE_S, _WINDOW_S = 180.0, 120.0
_INK, _GRID = (232, 233, 228), (58, 65, 72)
_LINE, _AHEAD, _DASH = (140, 198, 232), (74, 98, 114), (242, 168, 135)
_COLUMNS = 20_000
"""So many columns keep every reading of two minutes in a recording of ten hours or less."""


class SidePlot:
    """Draws the plot for each moment of one recording.

    Args:
        analysis: what was measured.
        height: pixels; that of the picture beside it.
    """

    def __init__(self, analysis: RecordingResult, height: int) -> None:
        """Lay out what is the same in every frame."""
        self.height = height
        self.width = max(2, round(height * 0.62) // 2 * 2)
        self._scale = min(4.0, max(0.45, height / 720.0))
        self._start_s, self._end_s = bounds(analysis)
        self._tracks = tracks(analysis, _COLUMNS)
        self._left, self._right = round(50 * self._scale) + 4, self.width - round(12 * self._scale)
        self._spans = [s for s in analysis.spans if s.end_s > s.start_s]
        self._span_ends = np.array([s.end_s for s in self._spans])

    def at(self, judged: ClassifiedReading) -> ByteArray:
        """Return the plot at a reading: (height, width, 3) uint8 RGB."""
        out = np.full((self.height, self.width, 3), GROUND, np.uint8)
        low_s, high_s = self._window(judged.reading.time_s)
        row = 20 * self._scale
        foot = round(3.2 * row)
        each = (self.height - foot - row / 2) / len(self._tracks)
        for i, track in enumerate(self._tracks):
            top = round(row / 2 + i * each + 1.6 * row)
            self._panel(out, track, judged, (top, round(row / 2 + (i + 1) * each - row / 2)), (low_s, high_s))
        self._strip(out, self.height - foot, round(1.1 * row), (low_s, high_s))
        self._times(out, self.height - foot + round(1.1 * row), (low_s, high_s))
        x = self._x(judged.reading.time_s, low_s, high_s)
        out[round(row / 2) : self.height - foot + round(1.1 * row), x : x + max(1, round(self._scale))] = _INK
        return out

    def _window(self, time_s: float) -> tuple[float, float]:
        if self._end_s - self._start_s <= _WHOLE_S:
            return self._start_s, self._end_s
        low_s = min(max(self._start_s, time_s - 0.75 * _WINDOW_S), self._end_s - _WINDOW_S)
        return low_s, low_s + _WINDOW_S

    def _x(self, time_s: float, low_s: float, high_s: float) -> int:
        return round(self._left + (time_s - low_s) / (high_s - low_s) * (self._right - self._left))

    def _panel(
        self, out: ByteArray, track: AngleSeries, judged: ClassifiedReading, rows: tuple[int, int], window: tuple[float, float]
    ) -> None:
        cv2 = load_cv2()

        top, bottom = rows
        if bottom - top < 12:
            return
        size = 0.52 * self._scale

        def y(deg: float) -> int:
            share = (deg - track.low_deg) / (track.high_deg - track.low_deg)
            return round(bottom - min(1.0, max(0.0, share)) * (bottom - top))

        now = track.angle.shown(judged.reading)
        value = "not seen" if now is None else f"{degrees(now.deg)} ± {now.sd_deg:.0f}°"
        text(out, track.angle.label, (round(6 * self._scale), top - round(8 * self._scale)), size, _INK)
        text(out, value, (self._right - text_width(value, size), top - round(8 * self._scale)), size, _INK)
        most = max(2, int((bottom - top) / (26 * self._scale)))
        for deg in degree_ticks(track.low_deg, track.high_deg, most):
            cv2.line(out, (self._left, y(deg)), (self._right, y(deg)), PALE if deg == 0 else _GRID, 1)
            label = degrees(deg)
            text(out, label, (self._left - 4 - text_width(label, 0.85 * size), y(deg) + round(5 * self._scale)), 0.85 * size, PALE)
        for x in range(self._left, self._right, max(6, round(12 * self._scale))):
            cv2.line(out, (x, y(track.threshold_deg)), (min(self._right, x + round(7 * self._scale)), y(track.threshold_deg)), _DASH, 1)
        for piece in track.pieces:
            first, last = np.searchsorted(piece.time_s, window[0]), np.searchsorted(piece.time_s, window[1], "right")
            shown = list(zip(piece.time_s[first:last].tolist(), piece.deg[first:last].tolist(), strict=True))
            at = np.array([(self._x(t, *window), y(d)) for t, d in shown], np.int32)
            done = sum(t <= judged.reading.time_s for t, _ in shown)
            for part, colour in ((at[max(0, done - 1) :], _AHEAD), (at[:done], _LINE)):
                if len(part) > 1:
                    cv2.polylines(out, [part.reshape(-1, 1, 2)], False, colour, max(1, round(1.6 * self._scale)), cv2.LINE_AA)
                elif len(part) == 1 and len(at) == 1:
                    cv2.circle(out, point(part[0]), max(1, round(2 * self._scale)), colour, -1)

    def _strip(self, out: ByteArray, top: int, thick: int, window: tuple[float, float]) -> None:
        """Draw the postures as colours; away and not known have none, but a line through them."""
        out[top : top + thick, self._left : self._right] = _GRID
        for span in self._spans[int(np.searchsorted(self._span_ends, window[0])) :]:
            if span.start_s > window[1]:
                break
            a, b = self._x(max(span.start_s, window[0]), *window), self._x(min(span.end_s, window[1]), *window)
            if span.posture in (Posture.AWAY, Posture.UNKNOWN):
                out[top + thick // 2, a : max(b, a + 1)] = PALE
                if span.posture is Posture.UNKNOWN:
                    out[top : top + thick : 3, a : max(b, a + 1)] = PALE
            else:
                out[top : top + thick, a : max(b, a + 1)] = STYLES[span.posture].rgb

    def _times(self, out: ByteArray, top: int, window: tuple[float, float]) -> None:
        size = 0.44 * self._scale
        widest = text_width(clock(window[1]), size)
        marks = ticks(*window, max(1, int((self._right - self._left) / (widest * 1.7))))
        for time_s, label in marks:
            x = self._x(time_s, *window)
            out[top : top + max(2, round(5 * self._scale)), x : x + 1] = PALE
            at = min(max(0, x - text_width(label, size) // 2), self.width - text_width(label, size))
            text(out, label, (at, top + round(19 * self._scale)), size, PALE)
