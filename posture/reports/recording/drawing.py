"""Writing in pictures of an annotated video, by OpenCV."""

from __future__ import annotations

from posture._support import load_cv2
from posture.reports.labels import MINUS
from posture.types import ByteArray, FloatArray

WHITE, GROUND, PALE = (245, 245, 240), (24, 28, 32), (150, 158, 166)


def text(out: ByteArray, words: str, at: tuple[int, int], size: float, colour: tuple[int, int, int] = WHITE, *, bold: bool = False) -> None:
    """Write `words` into `out` with their left end and baseline at `at`; `size` 1 is about 22 pixels high."""
    cv2 = load_cv2()

    cv2.putText(out, _drawable(words), at, _font(bold), size, colour, max(1, round(size)), cv2.LINE_AA)


def text_width(words: str, size: float) -> int:
    """Return pixels that the words take at most."""
    cv2 = load_cv2()

    return int(cv2.getTextSize(_drawable(words), _font(True), size, max(1, round(size)))[0][0])


def point(xy: FloatArray) -> tuple[int, int]:
    """Return a place as OpenCV takes it."""
    return round(float(xy[0])), round(float(xy[1]))


def _font(bold: bool) -> int:
    cv2 = load_cv2()

    return int(cv2.FONT_HERSHEY_DUPLEX if bold else cv2.FONT_HERSHEY_SIMPLEX)


def _drawable(words: str) -> str:
    """Reduce words to ASCII for OpenCV before 5, which draws nothing else."""
    cv2 = load_cv2()

    if int(cv2.__version__.split(".")[0]) >= 5:
        return words
    return words.replace("°", "").replace("±", "+/-").replace(MINUS, "-").encode("ascii", "replace").decode("ascii")
