"""``timeline.svg``: the page's timeline as a drawing of its own, for papers and slides; its text stays text.

Colours are written out (drawing programs do not know CSS variables), for light ground alone; nothing is loaded from anywhere.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from posture.model import Posture
from posture.prompts import Catalogue
from posture.recording import Analysis
from posture.reports import words
from posture.reports.chart import chart

if TYPE_CHECKING:
    from jinja2 import Environment

WIDTH_PX = 960.0
_SIDE, _HEAD, _FOOT = 16.0, 62.0, 64.0


def timeline_svg(analysis: Analysis, _catalogue: Catalogue) -> bytes:
    """The drawing as UTF-8; its height follows what there is to show."""
    drawn = chart(analysis, WIDTH_PX - 2 * _SIDE, "t")
    s = analysis.summary
    cover = "nobody was there to measure" if s.coverage is None else f"measured {words.share_words(s.coverage, 1.0)} of the time there"
    cut = "".join(f"  ·  {word}" for word in words.partial_words(analysis))
    legend = [
        (_SIDE + i * (WIDTH_PX - 2 * _SIDE) / len(Posture), p, f"{look.word}  {words.share_words(s.seconds.get(p, 0.0), s.total_s)}")
        for i, (p, look) in enumerate(words.LOOKS.items())
    ]
    text = (
        _environment()
        .get_template("timeline.svg.j2")
        .render(
            width=WIDTH_PX,
            height=_HEAD + drawn.height + _FOOT,
            side=_SIDE,
            head=_HEAD,
            foot=_HEAD + drawn.height + 18.0,
            chart=drawn,
            name=words.printable(analysis.video.name),
            facts=f"{words.span_words(s.total_s)}  ·  {cover}{cut}",
            legend=legend,
            disclaimer=words.DISCLAIMER,
        )
    )
    return text.encode("utf-8", "replace")


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415 - only who writes a drawing pays for it

    return Environment(
        loader=PackageLoader("posture.reports"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
