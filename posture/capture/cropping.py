"""The part of a picture that is measured, where the rest is cut away."""

from __future__ import annotations

import math
from dataclasses import dataclass

Shares = tuple[float, float, float, float]
"""Left, top, right, bottom, each from 0 to 1 of the picture's width or height."""
_HOW = "expected X,Y,WIDTH,HEIGHT in pixels, e.g. 0,0,960,1080, or in per cent of the picture, e.g. 50%,0%,50%,100%"


@dataclass(frozen=True, slots=True)
class Crop:
    """A part of the upright picture, from its left top corner on; of every picture of a recording."""

    x: float
    """Left edge, pixels, or per cent of the picture's width."""
    y: float
    """Top edge, likewise of its height."""
    width: float
    height: float
    percent: bool = False

    @staticmethod
    def parse(text: str) -> Crop:
        """Read ``X,Y,W,H``: whole pixels, or each but 0 with ``%``.

        Raises:
            ValueError: it is neither, or nothing is left, or more than all; in plain words.
        """
        parts = [part.strip() for part in text.split(",")]
        signs = {part.endswith("%") for part in parts if part != "0"}
        try:
            x, y, width, height = (float(part.removesuffix("%")) for part in parts)
        except ValueError:
            raise ValueError(f"{text!r}: {_HOW}") from None
        percent = True in signs
        whole = all(v.is_integer() for v in (x, y, width, height) if math.isfinite(v))
        if len(signs) > 1 or not all(0.0 <= v < math.inf for v in (x, y, width, height)) or not (percent or whole):
            raise ValueError(f"{text!r}: {_HOW}")
        if min(width, height) <= 0.0:
            raise ValueError(f"{text!r}: width and height must be more than 0")
        if percent and max(x + width, y + height) > 100.0:
            raise ValueError(f"{text!r} reaches outside the picture")
        return Crop(x, y, width, height, percent)

    def fits(self, width: int, height: int) -> bool:
        """Return whether it lies in a picture of this size, pixels."""
        return self.percent or (self.x + self.width <= width and self.y + self.height <= height)

    def shares(self, width: int, height: int) -> Shares:
        """Return which part it is of a picture of this size, pixels; as far as there is one, if the picture became smaller."""
        across, down = (100.0, 100.0) if self.percent else (float(width), float(height))
        left, top = min(self.x / across, 1.0), min(self.y / down, 1.0)
        return left, top, min(left + self.width / across, 1.0), min(top + self.height / down, 1.0)

    def __str__(self) -> str:
        """Return it as `parse` reads it."""
        sign = "%" if self.percent else ""
        return ",".join(f"{v!r}".removesuffix(".0") + sign for v in (self.x, self.y, self.width, self.height))
