"""Writing and colours in pictures of an annotated video, by OpenCV."""

from __future__ import annotations

from posture.model import ByteArray, FloatArray, Posture
from posture.opencv import load_cv2
from posture.reports.words import LOOKS, MINUS

WHITE = (245, 245, 240)


def text(out: ByteArray, words: str, at: tuple[int, int], size: float, colour: tuple[int, int, int] = WHITE, *, bold: bool = False) -> None:
    """Write `words` into `out` with their left end and baseline at `at`; `size` 1 is about 22 pixels high."""
    cv2 = load_cv2()

    cv2.putText(out, _drawable(words), at, _font(bold), size, colour, max(1, round(size)), cv2.LINE_AA)


def text_width(words: str, size: float) -> int:
    """Pixels that the words take at most."""
    cv2 = load_cv2()

    return int(cv2.getTextSize(_drawable(words), _font(True), size, max(1, round(size)))[0][0])


def point(xy: FloatArray) -> tuple[int, int]:
    """A place as OpenCV takes it."""
    return round(float(xy[0])), round(float(xy[1]))


def rgb(posture: Posture) -> tuple[int, int, int]:
    """The colour of a posture."""
    red, green, blue = bytes.fromhex(LOOKS[posture].colour[1:])
    return red, green, blue


def _font(bold: bool) -> int:
    cv2 = load_cv2()

    return int(cv2.FONT_HERSHEY_DUPLEX if bold else cv2.FONT_HERSHEY_SIMPLEX)


def _drawable(words: str) -> str:
    """Before OpenCV 5 only ASCII can be drawn."""
    cv2 = load_cv2()

    if int(cv2.__version__.split(".")[0]) >= 5:
        return words
    return words.replace("°", "").replace("±", "+/-").replace(MINUS, "-").encode("ascii", "replace").decode("ascii")
