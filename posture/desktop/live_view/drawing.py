"""What the live window shows, as a pure function: a picture in, a picture with skeleton, words and bar out.

The picture is mirrored, since people expect a mirror of a picture of themselves; words are not. Words are drawn with Pillow in
the DejaVu font that comes with Matplotlib, so that degrees, plus-minus and names in most scripts look right.
"""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from posture._support import load_cv2
from posture.biomechanics import ANKLES, POSE
from posture.desktop.live_view.skeleton import WHITE, Colour, draw_skeleton
from posture.types import ByteArray, Pose

PALE: Colour = (168, 176, 184)
_SHADE = np.array((20, 24, 28))
_COVER = 0.72
"""How much of the picture behind words is hidden: they must be readable on any wall."""
_DOTS = (POSE.nose, *POSE.ears, *POSE.shoulders, *POSE.elbows, *POSE.hips, *POSE.knees, *ANKLES)
LEAST_HEIGHT, MOST_HEIGHT = 600, 960
"""Pixels that are drawn on: a smaller picture is enlarged first, so that words are sharp, a larger one is reduced."""

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar with its words."""

    words: str
    share: float
    """0 to 1; more is shown as 1."""
    colour: Colour


@dataclass(frozen=True, slots=True)
class Panel:
    """What is written on the picture."""

    title: str = ""
    words: str = ""
    """Wrapped below the title."""
    big: str = ""
    """A number at the right, readable from two metres away."""
    lines: tuple[str, ...] = ()
    """One below the other at the lower left, each wrapped."""
    bar: Bar | None = None
    foot: str = ""
    """In small print at the very bottom."""
    colour: Colour = WHITE
    """Of the trunk's line and of the mark before the title."""


def draw(image: ByteArray, pose: Pose | None, panel: Panel, *, mirrored: bool = True) -> ByteArray:
    """Return a picture at least 600 pixels high with `pose` and `panel` drawn in.

    Args:
        image: (H, W, 3) uint8 RGB; not changed.
        pose: landmarks in pixels of the picture as the camera gives it; ``None`` if there is none.
        panel: what is written.
        mirrored: show it as a mirror does.

    Returns:
        (H', W', 3) uint8 RGB, of the same proportions.
    """
    out = _sized(image[:, ::-1] if mirrored else image)
    if pose is not None:
        thin = max(1, round(out.shape[0] / 320))
        draw_skeleton(out, pose, panel.colour, thin, 2 * thin + 1, dots=_DOTS, mirrored=mirrored)
    return _written(out, panel)


def blank(panel: Panel, size: tuple[int, int] = (800, 600)) -> ByteArray:
    """Return a dark ground with the panel on it, for when there is no picture. `size`: width and height, pixels."""
    return _written(np.full((size[1], size[0], 3), 32, np.uint8), panel)


def _sized(image: ByteArray) -> ByteArray:
    cv2 = load_cv2()

    height, width = image.shape[:2]
    scale = min(max(LEAST_HEIGHT / height, 1.0), MOST_HEIGHT / height)
    if scale == 1.0:
        return np.ascontiguousarray(image).copy()
    how = cv2.INTER_AREA if scale < 1.0 else cv2.INTER_LINEAR
    resized: ByteArray = cv2.resize(np.ascontiguousarray(image), (round(width * scale), round(height * scale)), interpolation=how)
    return resized


def _written(out: ByteArray, panel: Panel) -> ByteArray:
    height, width = out.shape[:2]
    size = max(15, round(height / 27))
    gap = size // 2
    font, small = _font(size), _font(max(13, round(size * 0.8)))
    top = [*([panel.title] if panel.title else []), *wrapped(panel.words, font, width - 2 * gap)]
    said = [*panel.lines, *([panel.bar.words] if panel.bar is not None else [])]
    low = [part for text in said for part in wrapped(text, font, width - 2 * gap)]
    step = round(size * 1.35)
    top_px = gap + len(top) * step if top else 0
    low_px = (gap + len(low) * step if low else 0) + (round(size * 0.9) if panel.bar is not None else 0) + (step if panel.foot else 0)
    _darken(out[:top_px])
    if low_px:
        _darken(out[height - low_px :])
    picture = Image.fromarray(out)
    pen = ImageDraw.Draw(picture)
    if panel.title:
        pen.rectangle((0, 0, max(4, size // 4), top_px), fill=panel.colour)
    for i, text in enumerate(top):
        title = bool(panel.title) and i == 0
        pen.text((gap + size // 4, gap // 2 + i * step), text, font=_font(size, bold=title), fill=WHITE)
    y = height - low_px + gap // 2
    for text in low:
        pen.text((gap, y), text, font=font, fill=WHITE)
        y += step
    if panel.bar is not None:
        _bar(pen, panel.bar, (gap, y, width - gap, y + round(size * 0.6)))
        y += round(size * 0.9)
    if panel.foot:
        pen.text((gap, y + gap // 4), panel.foot, font=small, fill=PALE)
    if panel.big:
        _big(pen, panel.big, (width - gap, top_px + gap), height)
    return np.asarray(picture).copy()


def _bar(pen: ImageDraw.ImageDraw, bar: Bar, box: tuple[int, int, int, int]) -> None:
    left, top, right, bottom = box
    share = min(1.0, max(0.0, bar.share))
    if share > 0.0:
        pen.rectangle((left, top, left + round(share * (right - left)), bottom), fill=bar.colour)
    pen.rectangle(box, outline=WHITE)


def _big(pen: ImageDraw.ImageDraw, text: str, corner: tuple[float, float], height: int) -> None:
    stroke = max(2, height // 120)
    pen.text(corner, text, font=_font(round(height / 5), bold=True), fill=WHITE, anchor="rt", stroke_width=stroke, stroke_fill=(20, 24, 28))


def _darken(part: ByteArray) -> None:
    part[:] = (part * (1.0 - _COVER) + _SHADE * _COVER).astype(np.uint8)


def wrapped(text: str, font: Font, width_px: int) -> list[str]:
    """Wrap `text` into lines of at most so many pixels; a longer word has a line of its own."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and font.getlength(longer) <= width_px:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


@cache
def _font(size: int, *, bold: bool = False) -> Font:
    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    spec = importlib.util.find_spec("matplotlib")  # found, not loaded
    for folder in (spec.submodule_search_locations or ()) if spec is not None else ():
        file = Path(folder) / "mpl-data" / "fonts" / "ttf" / name
        if file.is_file():
            return ImageFont.truetype(str(file), size)
    return ImageFont.load_default(size)  # a Matplotlib of a distribution keeps its fonts elsewhere
