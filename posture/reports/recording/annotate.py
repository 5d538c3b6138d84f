"""``annotated.mp4``: the recording with what was measured drawn into it (skeleton, angles, posture, dose), and a plot beside it.

Frames keep their own times, so that the video runs as the recording did, however irregular its frames are.
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterator, Mapping
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Self, cast

import numpy as np

from posture._support import load_cv2, whole_file
from posture.biomechanics import BONES, FEET, LANDMARK_NAMES, POSE, POSTURE_ANGLES
from posture.engine import RecordingResult
from posture.errors import PostureError
from posture.reports.labels import STYLES, angle_words, clock, reason_words
from posture.reports.recording.drawing import GROUND, PALE, WHITE, text, text_width
from posture.reports.recording.side_plot import LEAST_HEIGHT, SidePlot
from posture.reports.recording.skeleton import draw_skeleton
from posture.types import ByteArray, ClassifiedReading, EpisodeKind, Frame, Pose, Posture

if TYPE_CHECKING:
    import av
    from av.video.stream import VideoStream

TIME_BASE = Fraction(1, 1000)
"""Presentation times are whole milliseconds."""
H264 = ("libx264", "h264_videotoolbox", "h264_mf", "libopenh264")
"""Encoders of H.264, best first: x264, then those of macOS, Windows and Cisco; only the first was run by us."""
_OTHERWISE = "mpeg4"
_ENCODING: dict[str, dict[str, object]] = {
    "libx264": {"preset": "veryfast", "crf": "21"},
    _OTHERWISE: {"flags": "+qscale", "global_quality": str(4 * 118)},
}
"""Options for constant quality; 118 is libav's unit of a quantiser."""
_DOTS = (*POSE.ears, *range(POSE.shoulders[0], len(LANDMARK_NAMES)))


def encoder(available: Collection[str] | None = None) -> str:
    """Return the encoder that is used: one of H.264 where there is one among `available` (by default: PyAV's), else MPEG-4 Part 2's."""
    if available is None:
        import av  # noqa: PLC0415

        available = av.codecs_available
    return next((name for name in H264 if name in available), _OTHERWISE)


def encoder_note(available: Collection[str] | None = None) -> str | None:
    """Return one line for the user if there is no encoder of H.264; ``None`` otherwise. Arguments as `encoder`."""
    if encoder(available) in H264:
        return None
    return "annotated.mp4 is MPEG-4 Part 2, as there is no H.264 encoder here: VLC and mpv can play it, browsers can't"


class AnnotatedWriter:
    """Writes the annotated video; a context manager.

    However the block ends, what was written until then becomes a whole, playable file under its name; without a single
    frame there is no file. Until then it is a temporary file beside it.
    """

    def __init__(
        self, path: Path, width: int, height: int, *, analysis: RecordingResult | None = None, available: Collection[str] | None = None
    ) -> None:
        """Prepare to write to `path`.

        Args:
            path: the video to be; an older one is replaced at the end.
            width, height: pixels of the pictures; an odd one loses its last column or row, which the encoder cannot take.
            analysis: plotted beside the pictures, if these are high enough; ``None`` for no plot.
            available: the encoders to choose from; by default those of PyAV.
        """
        self._path = path
        self._width, self._height = max(2, width - width % 2), max(2, height - height % 2)
        self._plot = SidePlot(analysis, self._height) if analysis is not None and self._height >= LEAST_HEIGHT else None
        self._available = available
        self._last_pts = -1
        self._part: Path | None = None
        self._stack = contextlib.ExitStack()
        self._container: av.container.OutputContainer | None = None
        self._stream: VideoStream | None = None

    def __enter__(self) -> Self:
        """Open the temporary file.

        Raises:
            PostureError: it cannot be written.
        """
        self._part = self._stack.enter_context(whole_file(self._path))
        try:
            with _plain_errors(self._path):
                self._open(self._part)
        except BaseException as exc:
            self._stack.__exit__(type(exc), exc, exc.__traceback__)
            raise
        return self

    def write(self, frame: Frame, pose: Pose | None, judged: ClassifiedReading, dose: Mapping[EpisodeKind, float], soft_s: float) -> None:
        """Draw on a copy of `frame` and append it.

        Args:
            frame: the picture; its time must rise from call to call.
            pose: landmarks in pixels of that picture; ``None`` where nobody was found.
            judged: what was measured and taken for.
            dose: seconds of dose by kind after this frame.
            soft_s: flexed dose at which the prompt is due; the full length of the bar.

        Raises:
            PostureError: the file cannot be written.
        """
        import av  # noqa: PLC0415

        image = draw(frame.image, pose, judged, dose, soft_s)[: self._height, : self._width]
        if image.shape[:2] != (self._height, self._width):
            cv2 = load_cv2()

            image = cv2.resize(image, (self._width, self._height))
        if self._plot is not None:
            image = np.hstack((image, self._plot.at(judged)))
        picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(image), format="rgb24")
        self._last_pts = max(round(frame.time_s / TIME_BASE), self._last_pts + 1)
        picture.pts, picture.time_base = self._last_pts, TIME_BASE
        self._encode(picture)

    def __exit__(self, *_: object) -> None:
        """Finish the file and give it its name, also after an error or Ctrl-C.

        Raises:
            PostureError: the file cannot be finished.
        """
        try:
            with _plain_errors(self._path):
                self._finish()
        except BaseException as failed:
            self._stack.__exit__(type(failed), failed, failed.__traceback__)
            raise
        if self._last_pts >= 0:
            self._stack.close()
        else:
            self._drop()

    def _open(self, part: Path) -> None:
        import av  # noqa: PLC0415

        codec = encoder(self._available)
        part.touch()  # the encoder would find out about a missing folder only at its first frame
        # The named format: the temporary file's ending says nothing.
        self._container = av.open(str(part), "w", format="mp4", options={"movflags": "+faststart"})
        stream = cast("VideoStream", self._container.add_stream(codec, rate=30))
        stream.width = self._width + (self._plot.width if self._plot else 0)
        stream.height, stream.pix_fmt = self._height, "yuv420p"
        stream.time_base = stream.codec_context.time_base = TIME_BASE
        stream.codec_context.max_b_frames = 0  # frames are then stored in the order of their times
        stream.options = dict(_ENCODING.get(codec, {}))
        if codec not in _ENCODING:  # those of the systems know no constant quality alike
            stream.bit_rate = round(4.0 * stream.width * stream.height)
        self._stream = stream

    def _finish(self) -> None:
        try:
            if self._last_pts >= 0:
                self._encode(None)
        finally:
            if self._container is not None:
                self._container.close()

    def _encode(self, picture: av.VideoFrame | None) -> None:
        if self._stream is None or self._container is None:
            raise ValueError("the writer is not open")
        with _plain_errors(self._path):
            for packet in self._stream.encode(picture):
                self._container.mux(packet)

    def _drop(self) -> None:
        if self._part is not None:
            self._part.unlink(missing_ok=True)
        self._stack.pop_all()


@contextlib.contextmanager
def _plain_errors(path: Path) -> Iterator[None]:
    import av  # noqa: PLC0415

    try:
        yield
    except (av.error.FFmpegError, OSError) as exc:
        raise PostureError(f"{path}: the annotated video cannot be written: {exc.strerror or exc}") from exc


def draw(image: ByteArray, pose: Pose | None, judged: ClassifiedReading, dose: Mapping[EpisodeKind, float], soft_s: float) -> ByteArray:
    """Return a copy of `image` ((H, W, 3) uint8 RGB) with skeleton, panel and dose bar; arguments as `AnnotatedWriter.write`."""
    out = np.ascontiguousarray(image).copy()
    scale = float(np.clip(min(out.shape[0] / 720.0, out.shape[1] / 960.0), 0.5, 4.0))
    colour = STYLES[judged.posture].rgb
    if pose is not None:
        draw_skeleton(out, pose, colour, max(1, round(2 * scale)), max(2, round(3 * scale)), dots=_DOTS, bones=(*BONES, *FEET))
    _panel(out, judged, colour, scale)
    _dose_bar(out, dose.get(EpisodeKind.FLEXED, 0.0), soft_s, scale)
    return out


def _panel(out: ByteArray, judged: ClassifiedReading, colour: tuple[int, int, int], scale: float) -> None:
    cv2 = load_cv2()

    r = judged.reading
    word = STYLES[judged.posture].word
    why = reason_words(judged.reason) if judged.reason else ""
    lines = [f"{a.label}  {angle_words(a.shown(r))}" for a in POSTURE_ANGLES]
    lines.append("  ".join(filter(None, [clock(r.time_s), f"{r.view} view" if r.view else "", why])))
    row, edge = round(27 * scale), round(14 * scale)
    width = max(text_width(word, 1.0 * scale) + row, *(text_width(s, 0.62 * scale) for s in lines)) + 2 * edge
    bottom = round(1.9 * row) + len(lines) * row + edge // 2
    _shade(out, (0, 0), (width, bottom))
    cv2.rectangle(out, (edge, edge), (edge + round(0.75 * row), edge + round(0.75 * row)), colour, -1)
    cv2.rectangle(out, (edge, edge), (edge + round(0.75 * row), edge + round(0.75 * row)), WHITE, 1)
    text(out, word, (edge + row, edge + round(0.75 * row)), 1.0 * scale, bold=True)
    for i, line in enumerate(lines):
        text(out, line, (edge, round(1.9 * row) + i * row + row // 2), 0.62 * scale)


def _dose_bar(out: ByteArray, dose_s: float, soft_s: float, scale: float) -> None:
    cv2 = load_cv2()

    height, width = out.shape[:2]
    edge, thick = round(14 * scale), max(4, round(12 * scale))
    top = max(0, height - round(58 * scale))
    _shade(out, (0, top), (width, height))
    text(out, f"bent time {clock(dose_s)}, reminder at {clock(soft_s)}", (edge, top + round(24 * scale)), 0.62 * scale)
    left, right, y = edge, width - edge, height - edge - thick
    share = min(1.0, dose_s / soft_s) if soft_s > 0 else 1.0
    cv2.rectangle(out, (left, y), (right, y + thick), PALE, 1)
    if share > 0:
        cv2.rectangle(out, (left, y), (left + round(share * (right - left)), y + thick), STYLES[Posture.FLEXED].rgb, -1)
        cv2.rectangle(out, (left, y), (left + round(share * (right - left)), y + thick), WHITE, 1)


def _shade(out: ByteArray, corner: tuple[int, int], other: tuple[int, int]) -> None:
    """Darken a part of the picture, so that writing on it can be read."""
    part = out[corner[1] : other[1], corner[0] : other[0]]
    part[:] = (part * 0.25 + np.array(GROUND) * 0.75).astype(np.uint8)
