"""What the pages share: the environment of their templates, drawings as data URIs, and the bar of where the time went."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from posture._support import printable
from posture.engine import Stillness
from posture.errors import PostureError
from posture.reports import labels
from posture.types import Posture

if TYPE_CHECKING:
    from jinja2 import Environment

Drawing = Callable[[str], str]
"""Gives the SVG text of a drawing by its file name; raises ``PostureError`` if there is none."""


@cache
def environment(**filters: Callable[..., Any]) -> Environment:
    """Make the environment of the templates in ``reports/templates``.

    Args:
        filters: by name, besides those for times, degrees, reasons and names, or in place of them.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415

    made = Environment(
        loader=PackageLoader("posture.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )
    shared = {
        "still": _still,
        "clock": labels.clock,
        "degrees": labels.degrees,
        "reason": labels.reason_words,
    }
    made.filters.update({**shared, **filters})
    made.globals.update(
        share=labels.share_words, count=labels.count_words, looks=labels.STYLES, dash=labels.DASH, disclaimer=labels.DISCLAIMER
    )
    return made


def _still(stillness: Stillness | None) -> str:
    words = labels.stillness_words(stillness)
    return f"{words[:1].upper()}{words[1:]}"


def _shown(value: object) -> object:
    """What a person wrote, or another program, without control characters; what a template made is as it is."""
    return printable(value, "\n\t") if type(value) is str else value


def data_uri(svg: str) -> str:
    """Wrap a drawing as a picture, not as markup: an SVG of a user's own catalogue then cannot run or load anything."""
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode("utf-8")).decode("ascii")


def spoken(svg: str) -> str:
    """Return what a drawing says of itself; empty if it says nothing."""
    if "<!" in svg:
        return ""
    try:
        root = ET.fromstring(svg)
    except ET.ParseError:
        return ""
    said = [(e.text or "").strip().rstrip(".") for part in ("title", "desc") for e in root if e.tag.endswith("}" + part)]
    return ". ".join(s for s in said if s)


def drawn(names: Sequence[str], drawing: Drawing | None) -> Iterator[tuple[int, str]]:
    """Give the SVG text of those drawings that there are, with their numbers from 1; the steps say the others in words."""
    for number, name in enumerate(names if drawing else (), 1):
        try:
            yield number, drawing(name) if drawing else ""
        except PostureError:
            continue


def bar(seconds: Mapping[Posture, float], total_s: float) -> list[tuple[Posture, float, float]]:
    """Lay out the bar that shows where the time went: posture, left edge and width in per cent."""
    out, at = [], 0.0
    for posture in Posture:
        width = 100.0 * seconds.get(posture, 0.0) / total_s if total_s > 0 else 0.0
        if width > 0:
            out.append((posture, round(at, 2), round(width, 2)))
        at += width
    return out
